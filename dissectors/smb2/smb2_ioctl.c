/* SMB2 IOCTL.  MS-SMB2 2.2.31, 2.2.32; what goes in and out: fscc/fsctl.c. */
#include "smb2.h"

#include "fscc/fscc.h"

static void buffer_in(const struct dx *d, struct smb_msg *m, uint32_t off, uint32_t len)
{
	struct dx part;

	if (!smb2_part(d, off, len, &part))
		return;
	d_push(&part, ioctl_in);
	fsctl_input(&part, m, m->asked.code);
	d_pop(&part);
}

static void buffer_out(const struct dx *d, struct smb_msg *m, uint32_t off, uint32_t len)
{
	struct dx part;

	if (!smb2_part(d, off, len, &part))
		return;
	d_push(&part, ioctl_out);
	fsctl_output(&part, m, m->asked.code);
	d_pop(&part);
}

/* MS-SMB2 2.2.31 */
static void request(struct dx *d, struct smb_msg *m)
{
	uint32_t in_off, in_len, out_off, out_len;

	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_reserved, 2);
	m->asked.code = (uint32_t)d_get(d, ioctl_function);
	m->asked.known = true;
	smb2_fileid(d, m);
	in_off = (uint32_t)d_get(d, smb2_olb_offset32);
	in_len = (uint32_t)d_get(d, smb2_olb_length32);
	d_get(d, ioctl_max_in);
	out_off = (uint32_t)d_get(d, smb2_olb_offset32);
	out_len = (uint32_t)d_get(d, smb2_olb_length32);
	d_get(d, ioctl_max_out);
	d_get(d, ioctl_flags);
	d_bytes(d, smb2_reserved, 4);
	buffer_in(d, m, in_off, in_len);
	buffer_out(d, m, out_off, out_len);
}

/* MS-SMB2 2.2.32: the function is in the answer, too, so an answer alone can be read. */
static void response(struct dx *d, struct smb_msg *m)
{
	uint32_t in_off, in_len, out_off, out_len;

	d_get(d, smb2_buffer_code);
	d_bytes(d, smb2_reserved, 2);
	m->asked.code = (uint32_t)d_get(d, ioctl_function);
	smb2_fileid(d, m);
	in_off = (uint32_t)d_get(d, smb2_olb_offset32);
	in_len = (uint32_t)d_get(d, smb2_olb_length32);
	out_off = (uint32_t)d_get(d, smb2_olb_offset32);
	out_len = (uint32_t)d_get(d, smb2_olb_length32);
	d_get(d, ioctl_res_flags);
	d_bytes(d, smb2_reserved, 4);
	buffer_in(d, m, in_off, in_len);
	buffer_out(d, m, out_off, out_len);
}

const struct smb2_cmd smb2_ioctl = { 57, 49, request, response, OP_TRANSACT };
