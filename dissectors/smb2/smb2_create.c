/* SMB2 CREATE and its create contexts.  MS-SMB2 2.2.13, 2.2.14. */
#include "smb2.h"

/* What e reads next stands behind part. */
static void behind(struct dx *e, const struct dx *part)
{
	struct dx passed;

	d_between(part, e->at);
	if (part->lim > e->at)
		(void)d_part(e, part->lim - e->at, &passed);
}

/* SMB2_CREATE_CONTEXT, MS-SMB2 2.2.13.2; e stands after Next, its base is the context's start. */
static void create_context(struct dx *e, struct smb_msg *m)
{
	struct span tag = { 0 };
	struct dx part;
	uint32_t tag_off, tag_len, data_off, data_len;

	tag_off = (uint32_t)d_get(e, smb2_olb_offset16);
	tag_len = (uint32_t)d_get(e, create_tag_length) & 0xffff;   /* NameLength and, shown with it, Reserved */
	data_off = (uint32_t)d_get(e, smb2_olb_offset16);
	data_len = (uint32_t)d_get(e, smb2_olb_length32);
	if (d_sub(e, tag_off, tag_len, &part)) {
		behind(e, &part);
		tag = tag_len == 16 ? d_bytes(&part, create_tag_guid, 16) : d_bytes(&part, create_tag, d_rest(&part));
	}
	smb2_create_name(e, tag);
	if (d_sub(e, data_off, data_len, &part)) {
		behind(e, &part);
		d_push(&part, create_chain_data);
		smb2_create_data(&part, m, tag);
		d_pop_part(&part);
	}
	d_left(e);
}

static void create_contexts(const struct dx *d, struct smb_msg *m, uint32_t off, uint32_t len)
{
	struct dx list, entry;

	if (smb2_part(d, off, len, &list))
		while (d_next(&list, create_extrainfo, create_chain_offset, &entry))
			create_context(&entry, m);
}

/* MS-SMB2 2.2.13 */
static void request(struct dx *d, struct smb_msg *m)
{
	struct dx part;

	d_get(d, smb2_buffer_code);
	d_get(d, create_security_flags);
	d_get(d, create_oplock);
	d_get(d, create_impersonation);
	d_get(d, create_flags);
	d_bytes(d, smb2_reserved, 8);
	m->u.open_req.access      = (uint32_t)d_get(d, access_mask);
	m->u.open_req.attributes  = (uint32_t)d_get(d, smb2_file_attribute);
	m->u.open_req.share       = (uint32_t)d_get(d, share_access);
	m->u.open_req.disposition = (uint32_t)d_get(d, create_disposition);
	m->u.open_req.options     = (uint32_t)d_get(d, create_options);
	uint32_t name_off = (uint32_t)d_get(d, smb2_olb_offset16);
	uint32_t name_len = (uint32_t)d_get(d, smb2_olb_length16);
	uint32_t ctx_off  = (uint32_t)d_get(d, smb2_olb_offset32);
	uint32_t ctx_len  = (uint32_t)d_get(d, smb2_olb_length32);

	m->path = (struct smb_text){ .unicode = true, .there = true };
	if (!name_len)
		d_none(d, smb2_filename);        /* the share's root */
	else if (smb2_part(d, name_off, name_len, &part))
		m->path.bytes = d_bytes(&part, smb2_filename, d_rest(&part));
	create_contexts(d, m, ctx_off, ctx_len);
}

/* MS-SMB2 2.2.14 */
static void response(struct dx *d, struct smb_msg *m)
{
	struct smb_meta *meta = &m->u.open_res.meta;

	d_get(d, smb2_buffer_code);
	d_get(d, create_oplock);
	d_get(d, create_rep_flags);
	m->u.open_res.action = (uint32_t)d_get(d, create_action);
	meta->created    = d_get(d, smb2_create_time);
	meta->accessed   = d_get(d, smb2_last_access_time);
	meta->modified   = d_get(d, smb2_last_write_time);
	meta->changed    = d_get(d, smb2_last_change_time);
	meta->allocation = d_get(d, smb2_allocation_size);
	meta->size       = d_get(d, smb2_eof);
	meta->attributes = (uint32_t)d_get(d, smb2_file_attribute);
	d_bytes(d, smb2_reserved, 4);
	smb2_fileid(d, m);
	meta->known = m->fid.known;
	if (meta->known)
		m->u.open_res.object = meta->attributes & 0x10 ? OBJECT_DIRECTORY : OBJECT_UNKNOWN;
	uint32_t ctx_off = (uint32_t)d_get(d, smb2_olb_offset32);
	uint32_t ctx_len = (uint32_t)d_get(d, smb2_olb_length32);

	create_contexts(d, m, ctx_off, ctx_len);
}

const struct smb2_cmd smb2_create = { 57, 89, request, response, OP_OPEN };
