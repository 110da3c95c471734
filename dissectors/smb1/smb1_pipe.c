/* SMB1 TRANSACTION on named pipes and mailslots: parameters and data of its subcommands.  MS-CIFS 2.2.5; MS-MAIL 2.2.1. */
#include "smb1_trans.h"

enum { SET_STATE = 0x01, RAW_READ = 0x11, QUERY_STATE = 0x21, QUERY_INFO = 0x22, PEEK = 0x23, RAW_WRITE = 0x31, READ = 0x36,
       WRITE = 0x37, CALL = 0x54 };

bool smb1_pipe_sub(unsigned sub)
{
	switch (sub) {
	case SET_STATE: case RAW_READ: case QUERY_STATE: case QUERY_INFO: case PEEK: case RAW_WRITE: case READ: case WRITE:
	case CALL:
		return true;
	}
	return false;
}

void smb1_pipe_parameters(struct dx *p, struct smb_msg *m)
{
	if (!d_rest(p))
		return;
	switch (m->asked.sub) {
	case SET_STATE:                      /* MS-CIFS 2.2.5.1.1 */
		if (!m->response)
			d_get(p, smb1_ipc_state);
		break;
	case QUERY_STATE:                    /* 2.2.5.3.2 */
		if (m->response)
			d_get(p, smb1_ipc_state);
		break;
	case QUERY_INFO:                     /* 2.2.5.4.1 */
		if (!m->response)
			d_get(p, smb1_pipe_level);
		break;
	case PEEK:                           /* 2.2.5.5.2 */
		if (!m->response)
			break;
		d_get(p, smb1_peek_available);
		d_get(p, smb1_peek_remaining);
		d_get(p, smb1_peek_status);
		break;
	case RAW_WRITE:                      /* 2.2.5.7.2 */
	case WRITE:                          /* 2.2.5.9.2 */
		if (m->response)
			d_get(p, smb1_pipe_written);
		break;
	}
}

/* MS-CIFS 2.2.5.4.2 */
static void pipe_info(struct dx *d)
{
	struct dx name;
	uint32_t len;

	d_get(d, smb1_pipe_out_size);
	d_get(d, smb1_pipe_in_size);
	d_get(d, smb1_pipe_max);
	d_get(d, smb1_pipe_current);
	len = (uint32_t)d_get(d, smb1_pipe_name_len);
	/* The length does not count the byte that aligns a name in UTF-16. */
	if (d->run->unicode && (d->at - d->run->header) % 2 && d_rest(d) > len)
		d_bytes(d, padding, 1);
	if (d_part(d, min_u32(len, d_rest(d)), &name)) {
		name.run->header = name.at;
		(void)d_string(&name, smb1_pipe_name);
	}
	d_tail(d, padding);
}

void smb1_pipe_content(struct dx *d, struct smb_msg *m)
{
	if (m->asked.sub == QUERY_INFO && m->response)
		pipe_info(d);
	else if (m->asked.sub == RAW_READ || m->asked.sub == RAW_WRITE)
		d_tail(d, smb1_file_data);
	else
		d_tail(d, smb1_pipe_data);
}
