/* SMB1 commands on paths.  MS-CIFS 2.2.4.1, 2.2.4.2, 2.2.4.7 to 2.2.4.10, 2.2.4.17, 2.2.4.30, 2.2.4.31, 2.2.4.37,
 * 2.2.4.38, 2.2.4.66. */
#include "smb1.h"

/* CREATE_DIRECTORY, DELETE_DIRECTORY, CHECK_DIRECTORY */
static void directory_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 0) {
		smb1_other(s);
		return;
	}
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_dir_name));
	if (m->command > 1)              /* CHECK_DIRECTORY */
		return;
	m->op = OP_SET;
	m->u.set.change = m->command == 0 ? CHANGE_MAKE : CHANGE_REMOVE;
}

static void file_name(struct smb1_body *s, struct smb_msg *m)
{
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_file));
}

static void delete_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_search_attribute);
	file_name(s, m);
	m->u.set.change = CHANGE_REMOVE;
}

/* Two names: the path is what they are about, the old one. */
static void two_names(struct smb1_body *s, struct smb_msg *m)
{
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_old_file));
	d_get(&s->b, smb1_buffer_format);
	m->u.set.to = smb1_text(&s->b, d_string(&s->b, smb1_file));
	m->u.set.change = CHANGE_RENAME;
}

static void rename_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_search_attribute);
	two_names(s, m);
}

static void nt_rename_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 4) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_search_attribute);
	m->asked.level = (uint16_t)d_get(&s->w, smb1_ntr_loi);
	d_get(&s->w, smb1_ntr_clu);
	two_names(s, m);
	if (m->asked.level == 0x103)     /* SMB_NT_RENAME_SET_LINK_INFO */
		m->u.set.change = CHANGE_LINK;
}

/* COPY and MOVE, of LAN Manager 1.0: MS-CIFS 2.2.4.37, 2.2.4.38. */
/* Names of COPY and MOVE: a BufferFormat before each ([XOPEN-SMB]), which not everybody sent. */
static struct span copied_name(struct dx *b, enum field_id id)
{
	if (d_peek(b, U8) == 4)
		d_get(b, smb1_buffer_format);
	return dx_string(b, id, b->run->unicode);
}

static void copy_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 3) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_tid);
	d_get(&s->w, smb1_open_function);
	if (m->command == 0x29)
		d_get(&s->w, smb1_copy_flags);
	else
		d_get(&s->w, smb1_move_flags);
	smb1_bytes(s, 0);
	m->path = smb1_text(&s->b, copied_name(&s->b, F_smb1_old_file));
	if (d_rest(&s->b))
		(void)copied_name(&s->b, F_smb1_file);
}

static void copy_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_files_moved);
	smb1_bytes(s, 0);
	if (d_rest(&s->b))
		(void)copied_name(&s->b, F_smb1_file);
}

static void query_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 0)
		smb1_other(s);
	else
		file_name(s, m);
}

static void query_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 10) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_file_attribute);
	d_get(&s->w, smb1_last_write_utime);
	d_get(&s->w, smb1_file_size);
	d_bytes(&s->w, smb1_reserved, 10);
}

static void set_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 8) {
		smb1_other(s);
		return;
	}
	m->u.set.meta.attributes = (uint32_t)d_get(&s->w, smb1_file_attribute);
	m->u.set.meta.modified = smb1_utime(m, d_get(&s->w, smb1_last_write_utime));
	m->u.set.meta.known = true;
	m->u.set.change = CHANGE_BASIC;
	d_bytes(&s->w, smb1_reserved, 10);
	file_name(s, m);
}

static struct smb_meta three_times(struct smb1_body *s, struct smb_msg *m)
{
	struct smb_meta meta = { .known = true };

	meta.created = smb1_date_time(&s->w, m, smb1_create_dos);
	meta.accessed = smb1_date_time(&s->w, m, smb1_access_dos);
	meta.modified = smb1_date_time(&s->w, m, smb1_last_write_dos);
	return meta;
}

static void query2_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
}

static void query2_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 11) {
		smb1_other(s);
		return;
	}
	three_times(s, m);
	d_get(&s->w, smb1_data_size);
	d_get(&s->w, smb1_alloc_size);
	d_get(&s->w, smb1_file_attribute);
}

static void set2_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 7) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	m->u.set.meta = three_times(s, m);
	m->u.set.change = CHANGE_BASIC;
}

const struct smb1_cmd smb1_directory = { directory_request, NULL, OP_OTHER, false, true };
const struct smb1_cmd smb1_delete = { delete_request, NULL, OP_SET, false, true };
const struct smb1_cmd smb1_rename = { rename_request, NULL, OP_SET, false, true };
const struct smb1_cmd smb1_nt_rename = { nt_rename_request, NULL, OP_SET, false, true };
const struct smb1_cmd smb1_copy = { copy_request, copy_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_query_info = { query_request, query_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_set_info = { set_request, NULL, OP_SET, false, true };
const struct smb1_cmd smb1_query_info2 = { query2_request, query2_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_set_info2 = { set2_request, NULL, OP_SET, false, true };
