/* SMB2 CLOSE, FLUSH, READ, WRITE, LOCK, OPLOCK_BREAK and notifications.  MS-SMB2 2.2.15 to 2.2.27, 2.2.44. */
#include "smb2.h"

#include "base/limits.h"

enum { CLOSE_POSTQUERY_ATTRIB = 0x0001 };
enum { CHANNEL_NONE, CHANNEL_RDMA_V1, CHANNEL_RDMA_INVALIDATE, CHANNEL_RDMA_TRANSFORM };
enum { READFLAG_RESPONSE_RDMA_TRANSFORM = 1 };

/* MS-SMB2 2.2.15 */
static void close_request(struct dx *d, struct smb_msg *m)
{
	d_get(d, smb2_buffer_code);
	m->u.close.flags = (uint16_t)d_get(d, close_flags);
	d_bytes(d, smb2_filler, 4);
	smb2_fileid(d, m);
}

/* MS-SMB2 2.2.16; without the flag the rest is zero, and no fact. */
static void close_response(struct dx *d, struct smb_msg *m)
{
	struct smb_meta meta = { 0 };

	d_get(d, smb2_buffer_code);
	m->u.close.flags = (uint16_t)d_get(d, close_flags);
	d_bytes(d, smb2_reserved, 4);
	meta.created    = d_get(d, smb2_create_time);
	meta.accessed   = d_get(d, smb2_last_access_time);
	meta.modified   = d_get(d, smb2_last_write_time);
	meta.changed    = d_get(d, smb2_last_change_time);
	meta.allocation = d_get(d, smb2_allocation_size);
	meta.size       = d_get(d, smb2_eof);
	meta.known      = d_rest(d) >= 4 && (m->u.close.flags & CLOSE_POSTQUERY_ATTRIB);
	meta.attributes = (uint32_t)d_get(d, smb2_file_attribute);
	if (meta.known)
		m->u.close.meta = meta;
}

const struct smb2_cmd smb2_close = { 24, 60, close_request, close_response, OP_CLOSE };

/* MS-SMB2 2.2.17 */
static void flush_request(struct dx *d, struct smb_msg *m)
{
	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_unknown, 6);
	smb2_fileid(d, m);
}

const struct smb2_cmd smb2_flush = { 24, 4, flush_request, smb2_unknown, OP_FLUSH };

/* SMB2_BUFFER_DESCRIPTOR_V1 list, MS-SMBD 2.2.3.1 */
static void descriptors(struct dx *d)
{
	while (d_rest(d) >= 16 && d_more(d)) {
		d_get(d, smb2_rdma_offset);
		d_get(d, smb2_rdma_token);
		d_get(d, smb2_rdma_length);
	}
	d_tail(d, smb2_channel_data);
}

/* SMB2_RDMA_TRANSFORM, MS-SMB2 2.2.43, with its SMB2_RDMA_CRYPTO_TRANSFORMs, 2.2.43.1; the descriptors lie behind them.
 * Offsets count from its start, each transform stands on a multiple of 8. */
static void rdma_transform(struct dx *d)
{
	uint32_t off, len, channel, n;
	struct dx part;

	off = (uint32_t)d_get(d, rdma_descriptor_offset);
	len = (uint32_t)d_get(d, rdma_descriptor_length);
	channel = (uint32_t)d_get(d, smb2_channel);
	n = (uint32_t)d_get(d, rdma_transform_count);
	d_bytes(d, smb2_filler, 6);
	while (d_each(d, &n)) {
		uint32_t signature, nonce;

		d_push(d, rdma_transform);
		d_get(d, rdma_transform_type);
		signature = (uint32_t)d_get(d, rdma_signature_length);
		nonce = (uint32_t)d_get(d, rdma_nonce_length);
		d_bytes(d, smb2_filler, 2);
		d_bytes(d, rdma_signature, signature);
		d_bytes(d, rdma_nonce, nonce);
		d_pop(d);
		d_align(d, 8);
	}
	if (!d_sub(d, off, len, &part))
		return;
	d_between(&part, d->at);
	if (channel == CHANNEL_RDMA_V1 || channel == CHANNEL_RDMA_INVALIDATE)
		descriptors(&part);
	d_tail(&part, smb2_channel_data);
	if (part.lim > d->at)
		(void)d_part(d, part.lim - d->at, &part);
}

static void channel_info(const struct dx *d, uint32_t channel, uint32_t off, uint32_t len)
{
	struct dx part;

	if (!smb2_part(d, off, len, &part))
		return;
	d_push(&part, smb2_channel_info);
	if (channel == CHANNEL_RDMA_V1 || channel == CHANNEL_RDMA_INVALIDATE)
		descriptors(&part);
	else if (channel == CHANNEL_RDMA_TRANSFORM)
		rdma_transform(&part);
	d_tail(&part, smb2_channel_data);
	d_pop(&part);
}

/* File content, or what goes through a pipe. */
static struct extent payload(const struct dx *d, const struct smb_msg *m, uint32_t off, uint32_t len)
{
	struct dx part;

	if (!smb2_part(d, off, len, &part))
		return (struct extent){ 0 };
	if (m->response)
		return d_payload(&part, read_blob, d_rest(&part));
	if (m->ctx.object == OBJECT_PIPE)
		return d_payload(&part, pipe_data, d_rest(&part));
	return d_payload(&part, write_data, d_rest(&part));
}

/* MS-SMB2 2.2.19 */
static void read_request(struct dx *d, struct smb_msg *m)
{
	uint32_t channel, off, len;

	d_get(d, smb2_buffer_code);
	d_get(d, read_padding);
	d_get(d, read_flags);
	m->u.rw.length = (uint32_t)d_get(d, read_length);
	m->u.rw.offset = d_get(d, file_offset);
	smb2_fileid(d, m);
	d_get(d, read_min_count);
	channel = (uint32_t)d_get(d, smb2_channel);
	d_get(d, remaining_bytes);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length16);
	if (len)
		channel_info(d, channel, off, len);
	else if (d_rest(d))
		d_bytes(d, smb2_filler, 1);       /* Buffer has one byte at least, and it means nothing */
}

/* MS-SMB2 2.2.20 */
static void read_response(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;

	d_get(d, smb2_buffer_code);
	off = (uint32_t)d_get(d, read_data_offset);
	d_bytes(d, smb2_reserved, 1);
	len = (uint32_t)d_get(d, smb2_olb_length32);
	d_get(d, read_remaining);
	/* Flags since 3.1.1; before, and without a flag set, reserved. */
	if (d_peek(d, U32) == READFLAG_RESPONSE_RDMA_TRANSFORM && len <= LIMIT_PDU_WHOLE) {
		d_get(d, read_response_flags);
		channel_info(d, CHANNEL_RDMA_TRANSFORM, off, len);
		return;
	}
	d_bytes(d, smb2_reserved, 4);
	m->u.rw.length = len;
	m->u.rw.payload = payload(d, m, off, len);
}

const struct smb2_cmd smb2_read = { 49, 17, read_request, read_response, OP_READ };

/* MS-SMB2 2.2.21 */
static void write_request(struct dx *d, struct smb_msg *m)
{
	uint32_t data_off, data_len, channel, off, len;

	d_get(d, smb2_buffer_code);
	data_off = (uint32_t)d_get(d, write_data_offset);
	data_len = (uint32_t)d_get(d, write_length);
	m->u.rw.length = data_len;
	m->u.rw.offset = d_get(d, file_offset);
	smb2_fileid(d, m);
	channel = (uint32_t)d_get(d, smb2_channel);
	d_get(d, remaining_bytes);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length16);
	d_get(d, write_flags);
	if (len)
		channel_info(d, channel, off, len);
	m->u.rw.payload = payload(d, m, data_off, data_len);
}

/* MS-SMB2 2.2.22 */
static void write_response(struct dx *d, struct smb_msg *m)
{
	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_reserved, 2);
	m->u.rw.length = (uint32_t)d_get(d, write_count);
	d_get(d, write_remaining);
	d_get(d, write_info_offset);
	d_get(d, write_info_length);
}

const struct smb2_cmd smb2_write = { 49, 17, write_request, write_response, OP_WRITE };

/* MS-SMB2 2.2.26 */
static void lock_request(struct dx *d, struct smb_msg *m)
{
	uint32_t n;

	d_get(d, smb2_buffer_code);
	n = (uint32_t)d_get(d, lock_count);
	d_bytes(d, lock_sequence, 4);
	smb2_fileid(d, m);
	while (d_each(d, &n)) {
		d_push(d, lock_info);
		d_get(d, file_offset);
		d_get(d, lock_length);
		d_get(d, lock_flags);
		d_bytes(d, smb2_reserved, 4);
		d_pop(d);
	}
}

const struct smb2_cmd smb2_lock = { 48, 4, lock_request, smb2_unknown, OP_OTHER };

/* MS-SMB2 2.2.23.1, 2.2.24.1, 2.2.25.1: three times the same */
static void oplock(struct dx *d, struct smb_msg *m)
{
	d_get(d, create_oplock);
	d_bytes(d, smb2_reserved, 1);
	d_bytes(d, smb2_reserved, 4);
	smb2_fileid(d, m);
}

/* MS-SMB2 2.2.23.2 */
static void lease_notification(struct dx *d)
{
	d_get(d, smb2_lease_epoch);
	d_get(d, smb2_lease_flags);
	d_bytes(d, smb2_lease_key, 16);
	d_get(d, smb2_lease_state);      /* now */
	d_get(d, smb2_lease_state);      /* asked for */
	d_get(d, break_reason);
	d_get(d, break_access_hint);
	d_get(d, break_share_hint);
}

/* MS-SMB2 2.2.24.2, 2.2.25.2 */
static void lease_answer(struct dx *d)
{
	d_bytes(d, smb2_reserved, 2);
	d_get(d, smb2_lease_flags);
	d_bytes(d, smb2_lease_key, 16);
	d_get(d, smb2_lease_state);
	d_get(d, smb2_lease_duration);
}

/* Which of the forms it is stands in StructureSize alone. */
static void oplock_break(struct dx *d, struct smb_msg *m)
{
	unsigned size = (unsigned)d_get(d, smb2_buffer_code);

	switch (size) {
	case 24:
		oplock(d, m);
		break;
	case 36:
		lease_answer(d);
		break;
	case 44:
		lease_notification(d);
		break;
	default:
		d_note(d, NOTE_structure_size);
	}
}

const struct smb2_cmd smb2_oplock_break = { 0, 0, oplock_break, oplock_break, OP_BREAK };

/* MS-SMB2 2.2.44 */
static void notification(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_filler, 2);
	d_get(d, notification_type);
	d_tail(d, notification_data);
}

const struct smb2_cmd smb2_notification = { 0, 4, NULL, notification, OP_OTHER };
