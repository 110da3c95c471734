/* SMB2 ERROR response, and the headers around encrypted and compressed messages.  MS-SMB2 2.2.2, 2.2.41, 2.2.42. */
#include "smb2.h"

#include "fscc/fscc.h"

enum { STOPPED_ON_SYMLINK = 0x8000002D, BUFFER_TOO_SMALL = 0xC0000023, INFO_LENGTH_MISMATCH = 0xC0000004 };
enum { ID_SHARE_REDIRECT = 0x72645253 };
enum { COMPRESS_NONE, COMPRESS_PATTERN = 4, COMPRESS_CHAINED = 1 };

/* MS-SMB2 2.2.2.2.1: where the link leads, and how much of the path was not walked. */
static void symlink_data(struct dx *d)
{
	d_push(d, symlink_error);
	d_get(d, symlink_length);
	d_get(d, symlink_error_tag);
	d_get(d, reparse_tag);
	d_get(d, reparse_length);
	d_get(d, symlink_unparsed);
	fscc_symlink(d, true);
	d_pop(d);
}

/* MS-SMB2 2.2.2.2.2; its offsets count from its start. */
static void redirect_data(struct dx *d)
{
	uint32_t off, len, n;
	struct dx name;

	d_push(d, redirect);
	d_get(d, redirect_size);
	d_get(d, redirect_type);
	off = (uint32_t)d_get(d, redirect_name_offset);
	len = (uint32_t)d_get(d, redirect_name_length);
	d_get(d, redirect_flags);
	d_get(d, redirect_target);
	n = (uint32_t)d_get(d, redirect_ip_count);
	d_push(d, redirect_ip_list);
	while (d_each(d, &n)) {
		uint32_t type = (uint32_t)d_get(d, redirect_ip_type);

		d_bytes(d, smb2_filler, 4);
		if (type == 1) {
			d_get(d, redirect_ipv4);
			d_bytes(d, smb2_filler, 12);
		} else {
			d_bytes(d, redirect_ipv6, 16);
		}
	}
	d_pop(d);
	if (d_sub(d, off, len, &name)) {
		d_between(&name, d->at);
		d_tail(&name, redirect_name);
		if (name.lim > d->at)
			(void)d_part(d, name.lim - d->at, &name);
	}
	d_pop(d);
}

/* What an error carries depends on the status. */
static void error_details(struct dx *d, const struct smb_msg *m, uint32_t id)
{
	if (m->status == STOPPED_ON_SYMLINK)
		symlink_data(d);
	else if (id == ID_SHARE_REDIRECT)
		redirect_data(d);
	else if ((m->status == BUFFER_TOO_SMALL || m->status == INFO_LENGTH_MISMATCH) && d_rest(d) >= 4)
		d_get(d, error_min_length);
	d_tail(d, error_context_data);
}

/* MS-SMB2 2.2.2.1: since 3.1.1, each on a multiple of 8. */
static void error_contexts(struct dx *list, const struct smb_msg *m, uint32_t n)
{
	struct dx whole, data;

	while (d_each(list, &n)) {
		uint32_t len, id;

		whole = *list;
		len = (uint32_t)d_peek(list, U32);
		if (len < d_rest(list) && d_rest(list) - len >= 8)
			d_some(&whole, error_context, len + 8);
		len = (uint32_t)d_get(list, error_context_length);
		id = (uint32_t)d_get(list, error_context_id);
		if (d_part(list, len, &data)) {
			whole = data;
			d_some(&whole, error_data, d_rest(&whole));
			error_details(&data, m, id);
		}
		if (n)
			d_align(list, 8);
	}
}

/* MS-SMB2 2.2.2; with ByteCount 0 there is one byte that means nothing, or none at all. */
void smb2_error(struct dx *d, struct smb_msg *m)
{
	uint32_t contexts, len;
	struct dx data, whole;

	d_get(d, smb2_buffer_code);
	contexts = (uint32_t)d_get(d, error_context_count);
	d_get(d, error_reserved);
	len = (uint32_t)d_get(d, error_byte_count);
	if (!len) {
		if (d_rest(d))
			d_bytes(d, error_data, 1);
		return;
	}
	if (!d_part(d, len, &data))
		return;
	whole = data;
	d_some(&whole, error_data, d_rest(&whole));
	if (contexts)
		error_contexts(&data, m, contexts);
	else
		error_details(&data, m, 0);
}

/* MS-SMB2 2.2.41 */
void smb2_transform(struct dx *d, struct smb_msg *m)
{
	d_get(d, smb2_protocol_id);
	d_bytes(d, transform_signature, 16);
	d_bytes(d, transform_nonce, 16);
	d_get(d, transform_size);
	d_bytes(d, transform_reserved, 2);
	d_get(d, transform_flags);
	m->session_id = d_get(d, smb2_sesid);
	d_some(d, transform_data, d_rest(d));
	d_note(d, NOTE_encrypted);
}

/* MS-SMB2 2.2.42.2.1 and 2.2.42.2.2; Length counts OriginalPayloadSize where there is one.  Returns how many bytes it was. */
static uint32_t compressed_payload(struct dx *d)
{
	uint32_t algorithm, len, original = 0;
	struct dx part;

	d_push(d, compress_payload);
	algorithm = (uint32_t)d_get(d, compress_algorithm);
	d_get(d, compress_flags);
	len = (uint32_t)d_get(d, compress_length);
	if (d_part(d, len, &part)) {
		if (algorithm == COMPRESS_PATTERN) {
			d_get(&part, pattern);
			d_get(&part, pattern_reserved1);
			d_get(&part, pattern_reserved2);
			original = (uint32_t)d_get(&part, pattern_repetitions);
		} else if (algorithm != COMPRESS_NONE) {
			original = (uint32_t)d_get(&part, compress_payload_size);
		}
		if (algorithm == COMPRESS_NONE) {
			original = d_rest(&part);
			d_some(&part, compress_plain, original);
		} else {
			d_some(&part, compress_data, d_rest(&part));
		}
	}
	d_pop(d);
	return original;
}

/* MS-SMB2 2.2.42: the chained form has its flag in the first payload header, where the other has Flags.  Its payloads make
 * OriginalCompressedSegmentSize together; what is missing of them is flagged. */
void smb2_compressed(struct dx *d, struct smb_msg *m UNUSED)
{
	uint64_t whole = 0;
	uint32_t size;

	d_get(d, smb2_protocol_id);
	size = (uint32_t)d_get(d, compress_size);
	if ((d_peek(d, U32) >> 16) & COMPRESS_CHAINED) {
		while (d_rest(d) && d_more(d))
			whole += compressed_payload(d);
		if (whole < size)
			d_some(d, compress_data, 1);
	} else {
		uint32_t off;

		d_get(d, compress_algorithm);
		d_get(d, compress_flags);
		off = (uint32_t)d_get(d, compress_offset);
		d_some(d, compress_plain, off);
		d_some(d, compress_data, d_rest(d));
	}
	d_note(d, NOTE_compressed);
}
