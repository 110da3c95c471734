/* DFS referrals, for FSCTL_DFS_GET_REFERRALS and TRANS2_GET_DFS_REFERRAL.  MS-DFSC 2.2. */
#include "fscc.h"

enum { NAME_LIST_REFERRAL = 0x0002 };

/* REQ_GET_DFS_REFERRAL, MS-DFSC 2.2.2 */
void fscc_dfs_request(struct dx *d)
{
	d_get(d, dfs_max_level);
	d_string(d, dfs_request_name);
	d_tail(d, fsctl_data);
}

/* REQ_GET_DFS_REFERRAL_EX, MS-DFSC 2.2.3 */
void fscc_dfs_request_ex(struct dx *d)
{
	uint32_t len;

	d_get(d, dfs_max_level);
	d_get(d, dfs_ex_flags);
	d_get(d, dfs_ex_length);
	len = (uint32_t)d_get(d, dfs_ex_name_len);
	d_bytes(d, dfs_ex_name, len);
	if (d_rest(d) >= 2) {
		len = (uint32_t)d_get(d, dfs_ex_site_len);
		d_bytes(d, dfs_ex_site, len);
	}
	d_tail(d, fsctl_data);
}

/* A string somewhere behind the entries, counted from the entry's start; it ends with NUL. */
static bool text_at(const struct dx *entry, uint32_t off, struct dx *part)
{
	uint32_t len = entry->lim - entry->base;

	return off && d_sub(entry, off, off < len ? len - off : 1, part);
}

/* DFS_REFERRAL_V3 and V4, MS-DFSC 2.2.5.3, 2.2.5.4 */
static void referral_v3(struct dx *e, const struct dx *whole, uint32_t flags)
{
	uint32_t a, b, c, n;
	struct dx part;

	d_get(e, dfs_ttl);
	if (flags & NAME_LIST_REFERRAL) {
		a = (uint32_t)d_get(e, dfs_domain_offset);
		n = (uint32_t)d_get(e, dfs_expanded_count);
		b = (uint32_t)d_get(e, dfs_expanded_offset);
		if (text_at(whole, a, &part))
			d_string(&part, dfs_domain);
		if (n && text_at(whole, b, &part))
			while (d_each(&part, &n))
				d_string(&part, dfs_expanded);
		d_tail(e, smb2_filler);
		return;
	}
	a = (uint32_t)d_get(e, dfs_path_offset);
	b = (uint32_t)d_get(e, dfs_alt_offset);
	c = (uint32_t)d_get(e, dfs_node_offset);
	if (d_rest(e) >= 16)
		d_bytes(e, dfs_server_guid, 16);
	if (text_at(whole, a, &part))
		d_string(&part, dfs_path);
	if (text_at(whole, b, &part))
		d_string(&part, dfs_alt_path);
	if (text_at(whole, c, &part))
		d_string(&part, dfs_node);
}

/* DFS_REFERRAL_V2, MS-DFSC 2.2.5.2 */
static void referral_v2(struct dx *e, const struct dx *whole)
{
	uint32_t a, b, c;
	struct dx part;

	d_get(e, dfs_proximity);
	d_get(e, dfs_ttl);
	a = (uint32_t)d_get(e, dfs_path_offset);
	b = (uint32_t)d_get(e, dfs_alt_offset);
	c = (uint32_t)d_get(e, dfs_node_offset);
	if (text_at(whole, a, &part))
		d_string(&part, dfs_path);
	if (text_at(whole, b, &part))
		d_string(&part, dfs_alt_path);
	if (text_at(whole, c, &part))
		d_string(&part, dfs_node);
}

/* RESP_GET_DFS_REFERRAL, MS-DFSC 2.2.4 */
void fscc_dfs_response(struct dx *d)
{
	uint32_t n;

	d_get(d, dfs_consumed);
	n = (uint32_t)d_get(d, dfs_count);
	d_get(d, dfs_flags);
	d_bytes(d, dfs_padding, 2);
	while (d_each(d, &n)) {
		uint32_t version = (uint32_t)d_peek(d, U16), size = (uint32_t)d_peek(d, U32) >> 16, flags;
		struct dx whole = *d, e;

		if (size < 8) {
			d_note(d, NOTE_no_progress);
			break;
		}
		whole.base = d->at;
		d_push(d, dfs_referral);
		if (d_part(d, size, &e)) {
			d_get(&e, dfs_version);
			d_get(&e, dfs_size);
			d_get(&e, dfs_server_type);
			flags = (uint32_t)d_get(&e, dfs_referral_flags);
			if (version == 1)
				d_string(&e, dfs_node);
			else if (version == 2)
				referral_v2(&e, &whole);
			else if (version == 3 || version == 4)
				referral_v3(&e, &whole, flags);
			d_tail(&e, fsctl_data);
		}
		d_pop(d);
	}
}
