/* SMB1 opens: NT_CREATE_ANDX, OPEN_ANDX, and the core protocol's.  MS-CIFS 2.2.4.3, 2.2.4.4, 2.2.4.15,
 * 2.2.4.16, 2.2.4.41, 2.2.4.64; MS-SMB 2.2.4.1, 2.2.4.9.
 * The facts are SMB2's: access masks, dispositions and actions of the older commands are mapped. */
#include "smb1.h"

enum { FILE_OPEN = 1, FILE_CREATE, FILE_OPEN_IF, FILE_OVERWRITE, FILE_OVERWRITE_IF };
enum { ATTRIBUTE_DIRECTORY = 0x10 };

/* AccessMode, MS-CIFS 2.2.4.3.1, as an access mask and a share access. */
void smb1_access_mode(struct smb_msg *m, uint32_t mode)
{
	static const uint32_t access[8] = { 0x00120089, 0x00120116, 0x0012019f, 0x001200a9,
	                                    0x0012019f, 0x0012019f, 0x0012019f, 0x0012019f };
	static const uint8_t share[8] = { 3, 0, 1, 2, 3, 3, 3, 3 };

	m->u.open_req.access = access[mode & 7];
	m->u.open_req.share = share[mode >> 4 & 7];
}

/* OpenMode, MS-CIFS 2.2.4.41.1, as a CreateDisposition. */
void smb1_open_mode(struct smb_msg *m, uint32_t mode)
{
	static const uint8_t disposition[2][4] = {
		{ FILE_OPEN, FILE_OPEN, FILE_OVERWRITE, FILE_OPEN },
		{ FILE_CREATE, FILE_OPEN_IF, FILE_OVERWRITE_IF, FILE_OPEN_IF },
	};

	m->u.open_req.disposition = disposition[mode >> 4 & 1][mode & 3];
}

void smb1_object(struct smb_msg *m, uint32_t file_type, bool directory)
{
	static const uint8_t objects[] = { OBJECT_FILE, OBJECT_PIPE, OBJECT_PIPE, OBJECT_PRINTER };

	if (file_type < COUNT(objects))
		m->u.open_res.object = file_type == 0 && directory ? OBJECT_DIRECTORY : objects[file_type];
}

/* MS-CIFS 2.2.4.64.1 */
static void create_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;

	if (s->wct != 24) {
		smb1_other(s);
		return;
	}
	d_bytes(w, smb1_reserved, 1);
	d_get(w, smb1_file_name_len);
	m->u.open_req.flags       = (uint32_t)d_get(w, smb1_create_flags);
	d_get(w, smb1_rfid);
	m->u.open_req.access      = (uint32_t)d_get(w, access_mask);
	d_get(w, smb1_alloc_size64);
	m->u.open_req.attributes  = (uint32_t)d_get(w, smb1_file_attribute32);
	m->u.open_req.share       = (uint32_t)d_get(w, share_access);
	m->u.open_req.disposition = (uint32_t)d_get(w, smb1_create_disposition);
	m->u.open_req.options     = (uint32_t)d_get(w, create_options);
	d_get(w, smb1_impersonation);
	d_get(w, smb1_security_flags);
	smb1_bytes(s, 0);
	/* NameLength leaves the alignment out, and some clients their NUL: the NUL or the end decides. */
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_file));
}

void smb1_create_times(struct dx *w, struct smb_msg *m)
{
	struct smb_meta *meta = &m->u.open_res.meta;
	uint32_t type;

	meta->created    = d_get(w, smb1_create_time);
	meta->accessed   = d_get(w, smb1_access_time);
	meta->modified   = d_get(w, smb1_last_write_time);
	meta->changed    = d_get(w, smb1_change_time);
	meta->attributes = (uint32_t)d_get(w, smb1_file_attribute32);
	meta->allocation = d_get(w, smb1_alloc_size64);
	meta->size       = d_get(w, smb1_end_of_file);
	type = (uint32_t)d_get(w, smb1_file_type);
	d_get(w, smb1_ipc_state);
	meta->known = m->fid.known;
	smb1_object(m, type, d_get(w, smb1_is_directory) & 0xff);
}

/* Servers send 50 words and say 42 (MS-SMB 2.2.4.9.2 and its note); one that means 42 ends there. */
static void lying_words(struct smb1_body *s)
{
	struct dx *d = &s->d;
	uint32_t base = d->base;

	if (s->wct != 42 || d_rest(d) < 16 + 2)
		return;
	s->w = dx_open(d->run, d->src, s->w.at, s->w.lim + 16 - s->w.at);
	s->w.base = base;
	*d = dx_open(d->run, d->src, d->at + 16, d->lim - d->at - 16);
	d->base = base;
}

/* MS-CIFS 2.2.4.64.2, MS-SMB 2.2.4.9.2 */
static void create_response(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;

	if (s->wct != 34 && s->wct != 42 && s->wct != 50) {
		smb1_other(s);
		return;
	}
	d_get(w, smb1_oplock_level);
	smb1_fid(m, d_get(w, smb1_fid));
	m->u.open_res.action = (uint32_t)d_get(w, smb1_create_action);
	smb1_create_times(w, m);
	if (s->wct == 34)
		return;
	lying_words(s);
	d_bytes(w, smb1_volume_guid, 16);
	if (!d_rest(w))
		return;
	d_get(w, smb1_file_id64);
	d_get(w, access_mask);
	d_get(w, access_mask);
}

enum { OPLOCK = 0x2, OPBATCH = 0x4 };

/* The core commands ask for an oplock in the header, MS-CIFS 2.2.3.1. */
static uint32_t header_oplock(const struct smb_msg *m)
{
	return (m->flags & 0x20 ? OPLOCK : 0) | (m->flags & 0x40 ? OPBATCH : 0);
}

/* MS-CIFS 2.2.4.41.1 */
static void open_andx_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;

	if (s->wct != 15) {
		smb1_other(s);
		return;
	}
	/* The oplock bits are NT_CREATE_ANDX's. */
	m->u.open_req.flags = (uint32_t)d_get(w, smb1_open_flags) & (OPLOCK | OPBATCH);
	smb1_access_mode(m, (uint32_t)d_get(w, smb1_desired_access));
	d_get(w, smb1_search_attribute);
	m->u.open_req.attributes = (uint32_t)d_get(w, smb1_file_attribute);
	d_get(w, smb1_create_utime);
	smb1_open_mode(m, (uint32_t)d_get(w, smb1_open_function));
	d_get(w, smb1_alloc_size);
	d_get(w, smb1_timeout);
	d_bytes(w, smb1_reserved, 4);
	smb1_bytes(s, 0);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_file));
}

/* MS-CIFS 2.2.4.41.2; 19 words with the rights (MS-SMB 2.2.4.1.2). */
static void open_andx_response(struct smb1_body *s, struct smb_msg *m)
{
	struct smb_meta *meta = &m->u.open_res.meta;
	struct dx *w = &s->w;
	uint32_t type;

	if (s->wct != 15 && s->wct != 19) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	meta->attributes = (uint32_t)d_get(w, smb1_file_attribute);
	meta->modified = smb1_utime(m, d_get(w, smb1_last_write_utime));
	meta->size = d_get(w, smb1_file_size);
	meta->known = true;
	d_get(w, smb1_granted_access);
	type = (uint32_t)d_get(w, smb1_file_type);
	d_get(w, smb1_ipc_state);
	m->u.open_res.action = (uint32_t)d_get(w, smb1_open_action) & 3;
	d_get(w, smb1_server_fid);
	d_bytes(w, smb1_reserved, 2);
	if (s->wct == 19) {
		d_get(w, access_mask);
		d_get(w, access_mask);
	}
	smb1_object(m, type, meta->attributes & ATTRIBUTE_DIRECTORY);
}

static void path_after_format(struct smb1_body *s, struct smb_msg *m)
{
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_file));
}

/* MS-CIFS 2.2.4.3 */
static void open_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	smb1_access_mode(m, (uint32_t)d_get(&s->w, smb1_desired_access));
	d_get(&s->w, smb1_search_attribute);
	m->u.open_req.disposition = FILE_OPEN;
	m->u.open_req.flags = header_oplock(m);
	path_after_format(s, m);
}

static void open_response(struct smb1_body *s, struct smb_msg *m)
{
	struct smb_meta *meta = &m->u.open_res.meta;
	struct dx *w = &s->w;

	if (s->wct != 7) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	meta->attributes = (uint32_t)d_get(w, smb1_file_attribute);
	meta->modified = smb1_utime(m, d_get(w, smb1_last_write_utime));
	meta->size = d_get(w, smb1_file_size);
	meta->known = true;
	d_get(w, smb1_granted_access);
	m->u.open_res.action = 1;
	if (meta->attributes & ATTRIBUTE_DIRECTORY)
		m->u.open_res.object = OBJECT_DIRECTORY;
}

/* CREATE and CREATE_NEW, MS-CIFS 2.2.4.4, 2.2.4.16: they open for reading and writing. */
static void make_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 3) {
		smb1_other(s);
		return;
	}
	m->u.open_req.attributes = (uint32_t)d_get(&s->w, smb1_file_attribute);
	d_get(&s->w, smb1_create_utime);
	smb1_access_mode(m, 2);
	m->u.open_req.disposition = m->command == 0x03 ? FILE_OVERWRITE_IF : FILE_CREATE;
	m->u.open_req.flags = header_oplock(m);
	path_after_format(s, m);
}

/* The answer does not tell whether CREATE made the file or emptied it. */
static void make_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	m->u.open_res.action = m->command == 0x03 ? SMB1_ACTION_UNTOLD : 2;
	m->u.open_res.object = OBJECT_FILE;
}

/* CREATE_TEMPORARY, MS-CIFS 2.2.4.15: the directory is asked, the server names the file. */
static void temporary_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 3) {
		smb1_other(s);
		return;
	}
	d_bytes(&s->w, smb1_reserved, 2);
	d_get(&s->w, smb1_create_utime);
	smb1_access_mode(m, 2);
	m->u.open_req.disposition = FILE_CREATE;
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_dir_name));
}

static void temporary_response(struct smb1_body *s, struct smb_msg *m)
{
	make_response(s, m);
	if (s->in_bytes)
		return;
	smb1_bytes(s, 0);
	/* MS-CIFS has a format byte before the name; Samba leaves it out. */
	if (d_peek(&s->b, U8) == 4)
		d_get(&s->b, smb1_buffer_format);
	m->path = (struct smb_text){ .bytes = d_oem(&s->b, smb1_file_oem), .there = true };
}

const struct smb1_cmd smb1_nt_create = { create_request, create_response, OP_OPEN, true, false };
const struct smb1_cmd smb1_open_andx = { open_andx_request, open_andx_response, OP_OPEN, true, false };
const struct smb1_cmd smb1_open = { open_request, open_response, OP_OPEN, false, false };
const struct smb1_cmd smb1_create = { make_request, make_response, OP_OPEN, false, false };
const struct smb1_cmd smb1_create_temporary = { temporary_request, temporary_response, OP_OPEN, false, false };
