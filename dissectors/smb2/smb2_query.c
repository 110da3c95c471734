/* SMB2 QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO.  MS-SMB2 2.2.33 to 2.2.40. */
#include "smb2.h"

#include "fscc/fscc.h"

/* MS-SMB2 2.2.33 */
static void directory_request(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part;

	d_get(d, smb2_buffer_code);
	m->asked.level = (uint16_t)d_get(d, find_level);
	m->asked.sub = FSCC_FILE;
	m->asked.detail = (uint8_t)d_get(d, find_flags);
	m->asked.known = true;
	d_get(d, find_file_index);
	smb2_fileid(d, m);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length16);
	d_get(d, output_length);
	if (smb2_part(d, off, len, &part))
		d_tail(&part, find_pattern);
}

void smb2_asked_listing(const struct dx *d, const struct smb_msg *m)
{
	if (m->asked.known)
		d_gen(d->run, find_level, m->asked.level);
}

/* MS-SMB2 2.2.34 */
static void directory_response(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part, whole;

	smb2_asked_listing(d, m);
	d_get(d, smb2_buffer_code);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length32);
	if (!smb2_part(d, off, len, &part))
		return;
	whole = part;
	d_some(&whole, find_blob, d_rest(&whole));
	if (m->asked.known)
		fscc_directory(&part, m, m->asked.level);
}

const struct smb2_cmd smb2_query_directory = { 33, 9, directory_request, directory_response, OP_OTHER };

/* MS-SMB2 2.2.35 */
static void notify_request(struct dx *d, struct smb_msg *m)
{
	d_get(d, smb2_buffer_code);
	d_get(d, notify_flags);
	d_get(d, output_length);
	smb2_fileid(d, m);
	d_get(d, notify_filter);
	d_bytes(d, smb2_reserved, 4);
}

/* MS-SMB2 2.2.36 */
static void notify_response(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t off, len;
	struct dx part;

	d_get(d, smb2_buffer_code);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length32);
	if (!smb2_part(d, off, len, &part))
		return;
	d_push(&part, notify_out);
	fscc_notify(&part);
	d_pop(&part);
}

const struct smb2_cmd smb2_change_notify = { 32, 9, notify_request, notify_response, OP_OTHER };

/* InfoType and FileInfoClass: what the class is called depends on the type. */
static void info_kind(struct dx *d, struct smb_msg *m)
{
	m->asked.sub = (uint16_t)d_get(d, info_class);
	switch (m->asked.sub) {
	case FSCC_FILE:
		m->asked.level = (uint16_t)d_get(d, info_level_file);
		break;
	case FSCC_FS:
		m->asked.level = (uint16_t)d_get(d, info_level_fs);
		break;
	case FSCC_SECURITY:
		m->asked.level = (uint16_t)d_get(d, info_level_sec);
		break;
	default:
		m->asked.level = (uint16_t)d_get(d, info_level);
	}
	m->asked.known = true;
}

/* AdditionalInformation: for security, which parts of the descriptor are meant. */
static void info_additional(struct dx *d, struct smb_msg *m)
{
	if (m->asked.sub == FSCC_SECURITY)
		m->asked.code = (uint32_t)d_get(d, info_secinfo);
	else
		m->asked.code = (uint32_t)d_get(d, info_additional);
}

/* What the request asked for, told with the answer, which does not repeat it: about its first bytes. */
void smb2_asked_kind(const struct dx *d, const struct smb_msg *m)
{
	if (!m->asked.known)
		return;
	d_gen_at(d, info_class, m->asked.sub, d->at, 1);
	switch (m->asked.sub) {
	case FSCC_FILE:
		d_gen_at(d, info_level_file, m->asked.level, d->at + 1, 1);
		break;
	case FSCC_FS:
		d_gen_at(d, info_level_fs, m->asked.level, d->at + 1, 1);
		break;
	case FSCC_SECURITY:
		d_gen_at(d, info_level_sec, m->asked.level, d->at + 1, 1);
		break;
	default:
		d_gen_at(d, info_level, m->asked.level, d->at + 1, 1);
	}
}

/* MS-SMB2 2.2.37 */
static void query_request(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part;

	d_get(d, smb2_buffer_code);
	info_kind(d, m);
	d_get(d, info_max_response);
	off = (uint32_t)d_get(d, info_input_offset);
	d_bytes(d, smb2_reserved, 2);
	len = (uint32_t)d_get(d, info_input_size);
	info_additional(d, m);
	d_get(d, getinfo_flags);
	smb2_fileid(d, m);
	if (smb2_part(d, off, len, &part))
		fscc_query_input(&part, m->asked.sub, m->asked.level);
}

/* MS-SMB2 2.2.38 */
static void query_response(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part;

	smb2_asked_kind(d, m);
	d_get(d, smb2_buffer_code);
	off = (uint32_t)d_get(d, smb2_olb_offset16);
	len = (uint32_t)d_get(d, smb2_olb_length32);
	if (smb2_part(d, off, len, &part))
		fscc_info(&part, m);
}

const struct smb2_cmd smb2_query_info = { 41, 9, query_request, query_response, OP_OTHER };

/* MS-SMB2 2.2.39 */
static void set_request(struct dx *d, struct smb_msg *m)
{
	uint32_t off, len;
	struct dx part;

	d_get(d, smb2_buffer_code);
	info_kind(d, m);
	len = (uint32_t)d_get(d, setinfo_size);
	off = (uint32_t)d_get(d, setinfo_offset);
	d_get(d, setinfo_reserved);
	info_additional(d, m);
	smb2_fileid(d, m);
	if (m->asked.sub == FSCC_SECURITY)
		m->u.set.change = CHANGE_SECURITY;
	if (smb2_part(d, off, len, &part))
		fscc_info(&part, m);
}

/* MS-SMB2 2.2.40 */
static void set_response(struct dx *d, struct smb_msg *m)
{
	smb2_asked_kind(d, m);
	d_get(d, smb2_buffer_code);
}

const struct smb2_cmd smb2_set_info = { 33, 2, set_request, set_response, OP_SET };
