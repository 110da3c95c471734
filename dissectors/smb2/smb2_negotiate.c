/* SMB2 NEGOTIATE and its contexts.  MS-SMB2 2.2.3, 2.2.4. */
#include "smb2.h"

/* Where the first entry of a list goes in the facts: the answer's only choice. */
enum { NOT_SENT = 0xffff };

/* MS-SMB2 2.2.3.1.1 */
static void preauth(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n = (uint32_t)d_get(d, negotiate_hash_count);
	uint32_t salt = (uint32_t)d_get(d, negotiate_salt_length);

	while (d_each(d, &n))
		d_get(d, negotiate_hash);
	d_bytes(d, negotiate_salt, salt);
}

/* MS-SMB2 2.2.3.1.2 */
static void encryption(struct dx *d, struct smb_msg *m)
{
	uint32_t n = (uint32_t)d_get(d, negotiate_cipher_count);

	while (d_each(d, &n)) {
		uint16_t id = (uint16_t)d_get(d, negotiate_cipher);

		if (m->response && m->u.negotiate_res.cipher == NOT_SENT)
			m->u.negotiate_res.cipher = id;
	}
}

/* MS-SMB2 2.2.3.1.3 */
static void compression(struct dx *d, struct smb_msg *m)
{
	uint32_t n = (uint32_t)d_get(d, negotiate_comp_count);

	d_bytes(d, smb2_filler, 2);
	d_get(d, negotiate_comp_flags);
	while (d_each(d, &n)) {
		uint16_t id = (uint16_t)d_get(d, negotiate_comp);

		if (m->response && m->u.negotiate_res.compression == NOT_SENT)
			m->u.negotiate_res.compression = id;
	}
}

/* MS-SMB2 2.2.3.1.4: no terminator */
static void netname(struct dx *d, struct smb_msg *m UNUSED)
{
	d_tail(d, negotiate_netname);
}

/* MS-SMB2 2.2.3.1.5 */
static void transport(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, negotiate_transport);
}

/* MS-SMB2 2.2.3.1.6 */
static void rdma(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n = (uint32_t)d_get(d, negotiate_rdma_count);

	d_get(d, negotiate_rdma_res1);
	d_get(d, negotiate_rdma_res2);
	while (d_each(d, &n))
		d_get(d, negotiate_rdma);
}

/* MS-SMB2 2.2.3.1.7 */
static void signing(struct dx *d, struct smb_msg *m)
{
	uint32_t n = (uint32_t)d_get(d, negotiate_signing_count);

	while (d_each(d, &n)) {
		uint16_t id = (uint16_t)d_get(d, negotiate_signing);

		if (m->response && m->u.negotiate_res.signing == NOT_SENT)
			m->u.negotiate_res.signing = id;
	}
}

/* Samba's POSIX extensions: the create context's tag, as a promise. */
static void posix(struct dx *d, struct smb_msg *m UNUSED)
{
	d_tail(d, negotiate_posix);
}

static const struct negotiate_context {
	uint16_t type;
	smb2_body_fn *read;
} contexts[] = {
	{ 0x0001, preauth }, { 0x0002, encryption }, { 0x0003, compression }, { 0x0005, netname },
	{ 0x0006, transport }, { 0x0007, rdma }, { 0x0008, signing }, { 0x0100, posix },
};

/* One context; d stands at it, and behind its data afterwards. */
static void context(struct dx *d, struct smb_msg *m)
{
	struct dx data;
	uint16_t type = (uint16_t)d_get(d, negotiate_ctx_type);
	uint32_t len = (uint32_t)d_get(d, negotiate_ctx_length);

	d_bytes(d, smb2_reserved, 4);
	if (!d_part(d, len, &data))
		return;
	for (size_t i = 0; i < COUNT(contexts); i++)
		if (contexts[i].type == type)
			contexts[i].read(&data, m);
	d_tail(&data, negotiate_ctx_data);
}

/* The list: each context on a multiple of 8 from the header, the last without padding. */
static void list(const struct dx *d, struct smb_msg *m, uint32_t off, uint32_t n)
{
	uint32_t len = d->lim - d->base;
	struct dx part;

	if (!n || !smb2_part(d, off, off < len ? len - off : 1, &part))
		return;
	while (d_each(&part, &n)) {
		d_push(&part, negotiate_context);
		context(&part, m);
		d_pop(&part);
		if (n)
			d_align(&part, 8);
	}
	d_left(&part);
}

/* MS-SMB2 2.2.3.  What is ClientStartTime before 3.1.1 leads to the contexts there; a time has bits in
 * its last 16 (since 1601 it always will), where the other form has Reserved2. */
static void request(struct dx *d, struct smb_msg *m)
{
	uint32_t off = 0, count = 0, n;
	const uint8_t *first;

	d_get(d, smb2_buffer_code);
	n = (uint32_t)d_get(d, smb2_dialect_count);
	m->u.negotiate_req.security_mode = (uint16_t)d_get(d, smb2_sec_mode);
	d_bytes(d, smb2_filler, 1);
	d_bytes(d, smb2_reserved, 2);
	d_get(d, smb2_capabilities);
	m->u.negotiate_req.client_guid = d_bytes(d, smb2_client_guid, 16);
	if (d_peek(d, U64) >> 48) {
		d_get(d, negotiate_start_time);
	} else {
		off = (uint32_t)d_get(d, negotiate_ctx_offset);
		count = (uint32_t)d_get(d, negotiate_ctx_count);
		d_bytes(d, smb2_reserved, 2);
	}
	first = d->bytes + d->at;
	while (d_each(d, &n)) {
		bool there = d->end - d->at >= 2;

		d_get(d, smb2_dialect);
		if (there)
			m->u.negotiate_req.dialects = (struct span){ first, (uint32_t)(d->bytes + d->at - first) };
	}
	list(d, m, off, count);
}

/* MS-SMB2 2.2.4 */
static void response(struct dx *d, struct smb_msg *m)
{
	uint32_t ctx_count, ctx_off, blob_off, blob_len;
	struct dx part;

	m->u.negotiate_res.cipher = m->u.negotiate_res.signing = m->u.negotiate_res.compression = NOT_SENT;
	m->u.negotiate_res.extended = true;
	d_get(d, smb2_buffer_code);
	m->u.negotiate_res.security_mode = (uint16_t)d_get(d, smb2_sec_mode);
	d_bytes(d, smb2_filler, 1);
	m->u.negotiate_res.dialect = (uint16_t)d_get(d, smb2_dialect);
	ctx_count = (uint32_t)d_get(d, negotiate_ctx_count);
	m->u.negotiate_res.server_guid = d_bytes(d, smb2_server_guid, 16);
	m->u.negotiate_res.capabilities = (uint32_t)d_get(d, smb2_capabilities);
	m->u.negotiate_res.max_transact = (uint32_t)d_get(d, negotiate_max_transact);
	m->u.negotiate_res.max_read = (uint32_t)d_get(d, negotiate_max_read);
	m->u.negotiate_res.max_write = (uint32_t)d_get(d, negotiate_max_write);
	m->u.negotiate_res.system_time = d_get(d, negotiate_system_time);
	m->u.negotiate_res.boot_time = d_get(d, negotiate_boot_time);
	blob_off = (uint32_t)d_get(d, smb2_olb_offset16);
	blob_len = (uint32_t)d_get(d, smb2_olb_length16);
	ctx_off = (uint32_t)d_get(d, negotiate_ctx_offset);

	if (smb2_part(d, blob_off, blob_len, &part))
		smb2_security(&part, m);
	if (m->u.negotiate_res.dialect == DIALECT_311)
		list(d, m, ctx_off, ctx_count);
}

const struct smb2_cmd smb2_negotiate = { 36, 65, request, response, OP_NEGOTIATE };
