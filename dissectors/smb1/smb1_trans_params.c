/* SMB1 transactions: the parameters of their subcommands.  MS-CIFS 2.2.6, 2.2.7; MS-SMB 2.2.6, 2.2.7. */
#include "smb1_trans.h"

enum { TRANS2_OPEN2, TRANS2_FIND_FIRST2, TRANS2_FIND_NEXT2, TRANS2_QUERY_FS, TRANS2_SET_FS, TRANS2_QUERY_PATH,
       TRANS2_SET_PATH, TRANS2_QUERY_FILE, TRANS2_SET_FILE, TRANS2_CREATE_DIRECTORY = 0xd, TRANS2_GET_DFS = 0x10 };
enum { NT_CREATE = 1, NT_IOCTL, NT_SET_SECURITY, NT_NOTIFY, NT_QUERY_SECURITY = 6, NT_QUERY_QUOTA,
       NT_SET_QUOTA };
enum { ATTRIBUTE_DIRECTORY = 0x10 };

static void path(struct dx *p, struct smb_msg *m)
{
	m->path = smb1_text(p, d_string(p, smb1_file));
}

/* MS-CIFS 2.2.6.1.1: opens a file as OPEN_ANDX does. */
static void open2(struct dx *p, struct smb_msg *m)
{
	m->op = OP_OPEN;
	d_get(p, smb1_open2_flags);
	smb1_access_mode(m, (uint32_t)d_get(p, smb1_desired_access));
	d_get(p, smb1_search_attribute);
	m->u.open_req.attributes = (uint32_t)d_get(p, smb1_file_attribute);
	d_get(p, smb1_create_utime);
	smb1_open_mode(m, (uint32_t)d_get(p, smb1_open_function));
	d_get(p, smb1_alloc_size);
	d_bytes(p, smb1_reserved, 10);
	path(p, m);
}

/* MS-CIFS 2.2.6.1.2 */
static void open2_answer(struct dx *p, struct smb_msg *m)
{
	struct smb_meta *meta = &m->u.open_res.meta;
	uint32_t type;

	m->op = OP_OPEN;
	smb1_fid(m, d_get(p, smb1_fid));
	meta->attributes = (uint32_t)d_get(p, smb1_file_attribute);
	meta->created = smb1_utime(m, d_get(p, smb1_create_utime));
	meta->size = d_get(p, smb1_data_size);
	meta->known = true;
	d_get(p, smb1_granted_access);
	type = (uint32_t)d_get(p, smb1_file_type);
	d_get(p, smb1_ipc_state);
	m->u.open_res.action = (uint32_t)d_get(p, smb1_open_action) & 3;
	d_get(p, smb1_file_id32);
	d_get(p, smb1_ea_error);
	d_get(p, smb1_ea_list_length);
	smb1_object(m, type, meta->attributes & ATTRIBUTE_DIRECTORY);
}

/* MS-CIFS 2.2.6.2.1 */
static void find_first(struct dx *p, struct smb_msg *m)
{
	d_get(p, smb1_search_attribute);
	d_get(p, smb1_search_count);
	m->asked.detail = (uint8_t)d_get(p, smb1_ff2_flags);
	m->asked.level = (uint16_t)d_get(p, smb1_ff2_loi);
	d_get(p, smb1_storage_type);
	m->path = smb1_text(p, d_string(p, smb1_search_pattern));
}

/* MS-CIFS 2.2.6.3.1 */
static void find_next(struct dx *p, struct smb_msg *m)
{
	m->u.find.sid = (uint16_t)d_get(p, smb1_search_id);
	d_get(p, smb1_search_count);
	m->asked.level = (uint16_t)d_get(p, smb1_ff2_loi);
	d_get(p, smb1_resume);
	m->asked.detail = (uint8_t)d_get(p, smb1_ff2_flags);
	(void)d_string(p, smb1_file);
}

static void trans2_request(struct dx *p, struct smb_msg *m)
{
	switch (m->asked.sub) {
	case TRANS2_OPEN2:
		open2(p, m);
		break;
	case TRANS2_FIND_FIRST2:
		find_first(p, m);
		break;
	case TRANS2_FIND_NEXT2:
		find_next(p, m);
		break;
	case TRANS2_QUERY_FS:
		m->asked.level = (uint16_t)d_get(p, smb1_qfsi_loi);
		break;
	case TRANS2_SET_FS:
		/* The FID stands first (MS-SMB 2.2.6.4.1). */
		d_bytes(p, smb1_reserved, 2);
		m->asked.level = (uint16_t)d_get(p, smb1_sfsi_loi);
		break;
	case TRANS2_QUERY_PATH:
		m->asked.level = (uint16_t)d_get(p, smb1_qpi_loi);
		d_bytes(p, smb1_reserved, 4);
		path(p, m);
		break;
	case TRANS2_SET_PATH:
		m->asked.level = (uint16_t)d_get(p, smb1_spi_loi);
		d_bytes(p, smb1_reserved, 4);
		path(p, m);
		break;
	case TRANS2_QUERY_FILE:
		smb1_fid(m, d_get(p, smb1_fid));
		m->asked.level = (uint16_t)d_get(p, smb1_qpi_loi);
		break;
	case TRANS2_SET_FILE:
		/* What is set changes an open, as SMB2's SET_INFO does. */
		m->op = OP_SET;
		smb1_fid(m, d_get(p, smb1_fid));
		m->asked.level = (uint16_t)d_get(p, smb1_spi_loi);
		d_bytes(p, smb1_reserved, min_u32(2, d_rest(p)));
		break;
	case TRANS2_CREATE_DIRECTORY:
		d_bytes(p, smb1_reserved, 4);
		m->path = smb1_text(p, d_string(p, smb1_dir_name));
		m->op = OP_SET;
		m->u.set.change = CHANGE_MAKE;
		break;
	case TRANS2_GET_DFS:
		d_get(p, smb1_max_referral);
		path(p, m);
		break;
	}
}

static void trans2_response(struct dx *p, struct smb_msg *m)
{
	switch (m->asked.sub) {
	case TRANS2_OPEN2:
		open2_answer(p, m);
		break;
	case TRANS2_FIND_FIRST2:
		m->u.find.sid = (uint16_t)d_get(p, smb1_search_id);
		/* fall through */
	case TRANS2_FIND_NEXT2:
		d_get(p, smb1_search_count);
		m->u.find.end = d_get(p, smb1_end_of_search) != 0;
		d_get(p, smb1_ea_error);
		d_get(p, smb1_last_name_offset);
		break;
	case TRANS2_SET_FILE:
		m->op = OP_SET;
		/* fall through */
	case TRANS2_QUERY_PATH:
	case TRANS2_SET_PATH:
	case TRANS2_QUERY_FILE:
	case TRANS2_CREATE_DIRECTORY:
		d_get(p, smb1_ea_error);
		break;
	}
}

void smb1_trans2_parameters(struct dx *p, struct smb_msg *m)
{
	if (m->response)
		trans2_response(p, m);
	else
		trans2_request(p, m);
}

/* MS-CIFS 2.2.7.1.1: NT_CREATE_ANDX's request, with a security descriptor and attributes as data. */
static void nt_create(struct dx *p, struct smb_msg *m)
{
	struct dx name;
	uint32_t len;

	m->op = OP_OPEN;
	m->u.open_req.flags       = (uint32_t)d_get(p, smb1_create_flags);
	d_get(p, smb1_rfid);
	m->u.open_req.access      = (uint32_t)d_get(p, access_mask);
	d_get(p, smb1_alloc_size64);
	m->u.open_req.attributes  = (uint32_t)d_get(p, smb1_file_attribute32);
	m->u.open_req.share       = (uint32_t)d_get(p, share_access);
	m->u.open_req.disposition = (uint32_t)d_get(p, smb1_create_disposition);
	m->u.open_req.options     = (uint32_t)d_get(p, create_options);
	m->asked.code = (uint32_t)d_get(p, smb1_sd_length);
	d_get(p, smb1_ea_list_length);
	len = (uint32_t)d_get(p, smb1_file_name_len32);
	d_get(p, smb1_impersonation);
	d_get(p, smb1_security_flags);
	m->path = (struct smb_text){ .unicode = p->run->unicode, .there = true };
	if (p->run->unicode && (p->at - p->run->header) % 2 && d_rest(p))
		d_bytes(p, smb1_padding, 1);
	if (d_part(p, min_u32(len, d_rest(p)), &name))
		m->path.bytes = d_string(&name, smb1_file);
}

/* MS-CIFS 2.2.7.1.2, MS-SMB 2.2.7.1.2 */
static void nt_create_answer(struct dx *p, struct smb_msg *m)
{
	bool extended;

	m->op = OP_OPEN;
	d_get(p, smb1_oplock_level);
	extended = d_get(p, smb1_response_type) == 1;
	smb1_fid(m, d_get(p, smb1_fid));
	m->u.open_res.action = (uint32_t)d_get(p, smb1_create_action);
	d_get(p, smb1_ea_error32);
	smb1_create_times(p, m);
	/* Samba sends zeros in the place of the extension it has not announced. */
	if (!extended)
		return;
	d_bytes(p, smb1_volume_guid, 16);
	d_get(p, smb1_file_id64);
	d_get(p, access_mask);
	d_get(p, access_mask);
}

/* NT_TRANSACT_QUERY_QUOTA, MS-SMB 2.2.7.3.1 */
static void query_quota(struct dx *p, struct smb_msg *m)
{
	smb1_fid(m, d_get(p, smb1_fid));
	d_get(p, smb1_quota_single);
	d_get(p, smb1_quota_restart);
	d_get(p, smb1_quota_list_len);
	d_get(p, smb1_quota_start_len);
	d_get(p, smb1_quota_start_off);
}

/* FILE_NOTIFY_INFORMATION, MS-CIFS 2.2.7.4.2: always UTF-16, without NUL. */
static void notify_answer(struct dx *p)
{
	struct dx list, e, name;

	if (!d_part(p, d_rest(p), &list))
		return;
	while (d_next(&list, smb1_notify_entry, smb1_next_entry, &e)) {
		uint32_t len;

		d_get(&e, smb1_notify_action);
		len = (uint32_t)d_get(&e, smb1_file_name_len32);
		if (d_part(&e, len, &name))
			(void)d_bytes(&name, smb1_file_utf16, d_rest(&name));
	}
}

void smb1_nt_parameters(struct dx *p, struct smb_msg *m)
{
	switch (m->asked.sub) {
	case NT_CREATE:
		if (m->response)
			nt_create_answer(p, m);
		else
			nt_create(p, m);
		break;
	case NT_NOTIFY:
		if (m->response)
			notify_answer(p);
		break;
	case NT_SET_SECURITY:
	case NT_QUERY_SECURITY:
		if (m->response) {
			if (m->asked.sub == NT_QUERY_SECURITY)
				d_get(p, smb1_sec_desc_len);
			break;
		}
		smb1_fid(m, d_get(p, smb1_fid));
		if (p->run->on_fid)
			p->run->on_fid(p->run->fid_arg, m);
		d_bytes(p, smb1_reserved, 2);
		m->asked.code = (uint32_t)d_get(p, smb1_security_info);
		if (m->asked.sub == NT_SET_SECURITY) {
			m->op = OP_SET;
			m->u.set.change = CHANGE_SECURITY;
		}
		break;
	case NT_QUERY_QUOTA:
		if (m->response)
			d_get(p, smb1_quota_size);
		else
			query_quota(p, m);
		break;
	case NT_SET_QUOTA:
		if (!m->response)
			smb1_fid(m, d_get(p, smb1_fid));
		break;
	}
}
