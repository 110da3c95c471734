/* SMB2 SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT, ECHO, CANCEL.  MS-SMB2 2.2.5 to 2.2.12, 2.2.28 to 2.2.30. */
#include "smb2.h"

enum { EXTENSION_PRESENT = 0x0004, REMOTED_IDENTITY = 0x0001 };
enum { CACHING = 0x30 };                     /* bits of ShareFlags that are a number together, MS-SMB2 2.2.10 */

void smb2_security(struct dx *part, struct smb_msg *m)
{
	struct dx whole = *part;

	d_tail(&whole, smb2_security_blob);
	spnego_dissect(part, m);
}

/* MS-SMB2 2.2.5 */
static void setup_request(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part;

	d_get(d, smb2_buffer_code);
	m->u.setup_req.flags = (uint8_t)d_get(d, setup_flags);
	d_get(d, smb2_sec_mode);
	d_get(d, smb2_capabilities);
	d_get(d, smb2_channel);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length16);
	m->u.setup_req.previous_session = d_get(d, setup_previous);
	if (smb2_part(d, off, len, &part))
		smb2_security(&part, m);
}

/* MS-SMB2 2.2.6 */
static void setup_response(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part;

	d_get(d, smb2_buffer_code);
	m->u.setup_res.flags = (uint16_t)d_get(d, setup_session_flags);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length16);
	if (smb2_part(d, off, len, &part))
		smb2_security(&part, m);
}

const struct smb2_cmd smb2_session_setup = { 25, 9, setup_request, setup_response, OP_SESSION_SETUP };

/* MS-SMB2 2.2.7 */
static void logoff_request(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_filler, 2);
}

const struct smb2_cmd smb2_logoff = { 4, 4, logoff_request, smb2_empty, OP_LOGOFF };

static void tree_path(const struct dx *d, struct smb_msg *m, uint32_t off, uint32_t len)
{
	struct dx part;

	m->path = (struct smb_text){ .unicode = true, .there = true };
	if (smb2_part(d, off, len, &part))
		m->path.bytes = d_bytes(&part, tree_path, d_rest(&part));
}

/* SMB2_TREE_CONNECT_CONTEXT, MS-SMB2 2.2.9.2. */
static void tree_contexts(const struct dx *body, uint32_t off, uint32_t n)
{
	uint32_t len = body->lim - body->base;
	struct dx list, data;

	if (!n || !d_sub(body, off, off < len ? len - off : 1, &list))
		return;
	while (d_each(&list, &n)) {
		uint32_t type, size;

		d_push(&list, tree_context);
		type = (uint32_t)d_get(&list, tree_ctx_type);
		size = (uint32_t)d_get(&list, tree_ctx_length);
		d_bytes(&list, smb2_filler, 4);
		if (d_part(&list, size, &data)) {
			if (type == REMOTED_IDENTITY)
				smb2_identity(&data);
			d_tail(&data, tree_ctx_data);
		}
		d_pop(&list);
		if (n)
			d_align(&list, 8);
	}
	d_left(&list);
}

/* MS-SMB2 2.2.9 and, with the extension, 2.2.9.1: the contexts' offset counts from the body, PathOffset
 * from the header as ever. */
static void tree_request(struct dx *d, struct smb_msg *m)
{
	uint32_t flags, off, len, ctx_off, ctx_count;
	struct dx from_here = *d, body = *d;

	(void)d_part(&from_here, d_rest(&from_here), &body);
	d_get(d, smb2_buffer_code);
	flags = (uint32_t)d_get(d, tree_flags);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length16);
	tree_path(d, m, off, len);
	if (flags & EXTENSION_PRESENT) {
		ctx_off = (uint32_t)d_get(d, tree_ctx_offset);
		ctx_count = (uint32_t)d_get(d, tree_ctx_count);
		d_bytes(d, smb2_filler, 10);
		tree_contexts(&body, ctx_off, ctx_count);
	}
}

/* MS-SMB2 2.2.10 */
static void tree_response(struct dx *d, struct smb_msg *m)
{
	uint32_t at;

	d_get(d, smb2_buffer_code);
	m->u.tree.share_type = (uint8_t)d_get(d, tree_share_type);
	d_bytes(d, smb2_reserved, 1);
	at = d->at;
	m->u.tree.share_flags = (uint32_t)d_get(d, tree_share_flags);
	d_gen_at(d, tree_share_caching, m->u.tree.share_flags & CACHING, at, 4);
	d_get(d, tree_share_caps);
	m->u.tree.access = (uint32_t)d_get(d, access_mask);
}

const struct smb2_cmd smb2_tree_connect = { 9, 16, tree_request, tree_response, OP_TREE_CONNECT };
const struct smb2_cmd smb2_tree_disconnect = { 4, 4, smb2_empty, smb2_empty, OP_TREE_DISCONNECT };

void smb2_unknown(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_unknown, 2);
}

const struct smb2_cmd smb2_cancel = { 4, 0, smb2_unknown, NULL, OP_CANCEL };
const struct smb2_cmd smb2_echo = { 4, 4, smb2_unknown, smb2_unknown, OP_OTHER };
