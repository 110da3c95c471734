/* SMB1 commands that nobody sends any more: multiplexed reads and writes, device control, the messenger.
 * MS-CIFS 2.2.4.23, 2.2.4.26, 2.2.4.35, 2.2.4.49; SMB_COM_SEND_* and their kin: MS-MSRP 2.2.
 * Those that MS-CIFS reserves without a form (READ_MPX_SECONDARY, QUERY_SERVER, READ_BULK ...) are shown as words and bytes. */
#include "smb1.h"

/* n bytes at offset off from the header. */
static void data_at(struct smb1_body *s, uint32_t off, uint32_t n)
{
	if (!smb1_skip_to(s, off)) {
		if (n)
			d_note(&s->b, NOTE_odd_offset);
	} else if (n) {
		(void)d_payload(&s->b, smb1_file_data, n);
	}
}

/* MS-CIFS 2.2.4.23.1 */
static void read_mpx_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;

	if (s->wct != 8) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	d_get(w, smb1_offset);
	d_get(w, smb1_maxcount);
	d_get(w, smb1_mincount);
	d_get(w, smb1_timeout);
	d_bytes(w, smb1_reserved, 2);
}

/* MS-CIFS 2.2.4.23.2; as many answers as the count takes. */
static void read_mpx_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	struct dx *w = &s->w;
	uint32_t n, off;

	if (s->wct != 8) {
		smb1_other(s);
		return;
	}
	d_get(w, smb1_offset);
	d_get(w, smb1_count);
	d_get(w, smb1_remaining);
	d_get(w, smb1_dcm);
	d_bytes(w, smb1_reserved, 2);
	n = (uint32_t)d_get(w, smb1_data_len);
	off = (uint32_t)d_get(w, smb1_data_offset);
	smb1_bytes(s, smb1_reach(s, off, n));
	data_at(s, off, n);
}

/* MS-CIFS 2.2.4.26.1 */
static void write_mpx_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t n, off;

	if (s->wct != 12) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	d_get(w, smb1_total_data_len);
	d_bytes(w, smb1_reserved, 2);
	d_get(w, smb1_offset);
	d_get(w, smb1_timeout);
	d_get(w, smb1_mpx_write_mode);
	d_get(w, smb1_request_mask);
	n = (uint32_t)d_get(w, smb1_data_len);
	off = (uint32_t)d_get(w, smb1_data_offset);
	smb1_bytes(s, smb1_reach(s, off, n));
	data_at(s, off, n);
}

/* MS-CIFS 2.2.4.26.2: to the last of the requests only. */
static void write_mpx_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 2)
		smb1_other(s);
	else
		d_get(&s->w, smb1_response_mask);
}

static void ioctl_part(struct smb1_body *s, uint32_t off, uint32_t n, bool data)
{
	struct dx part;

	if (!n)
		return;
	if (!smb1_skip_to(s, off)) {
		d_note(&s->b, NOTE_odd_offset);
		return;
	}
	if (!d_part(&s->b, n, &part))
		return;
	if (data)
		d_tail(&part, smb1_trans_data);
	else
		d_tail(&part, smb1_trans_parameters);
}

/* MS-CIFS 2.2.4.35.1, 2.2.4.35.2: what parameters and data mean, each device says for itself. */
static void ioctl(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t pc, po, dc, off;

	if (s->wct != (m->response ? 8 : 14)) {
		smb1_other(s);
		return;
	}
	if (!m->response) {
		smb1_fid(m, d_get(w, smb1_fid));
		d_get(w, smb1_ioctl_category);
		d_get(w, smb1_ioctl_code);
	}
	d_get(w, smb1_tpc);
	d_get(w, smb1_tdc);
	if (!m->response) {
		d_get(w, smb1_mpc);
		d_get(w, smb1_mdc);
		d_get(w, smb1_timeout);
		d_bytes(w, smb1_reserved, 2);
	}
	pc = (uint32_t)d_get(w, smb1_pc);
	po = (uint32_t)d_get(w, smb1_po);
	if (m->response)
		d_get(w, smb1_pd);
	dc = (uint32_t)d_get(w, smb1_dc);
	off = (uint32_t)d_get(w, smb1_data_offset);
	if (m->response)
		d_get(w, smb1_data_disp);
	smb1_bytes(s, 0);
	ioctl_part(s, po, pc, false);
	ioctl_part(s, off, dc, true);
}

/* MS-CIFS 2.2.4.49 */
static void notify_close_request(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 1)
		smb1_other(s);
	else
		d_get(&s->w, smb1_monitor_handle);
}

/* --- the messenger: all its text is OEM --- */

static void names(struct smb1_body *s)
{
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	(void)d_oem(&s->b, smb1_originator);
	d_get(&s->b, smb1_buffer_format);
	(void)d_oem(&s->b, smb1_destination);
}

static void text(struct smb1_body *s)
{
	uint32_t n;

	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	n = (uint32_t)d_get(&s->b, smb1_message_len);
	d_bytes(&s->b, smb1_message, n);
}

enum { SEND_MESSAGE = 0xd0, SEND_BROADCAST, FORWARD_NAME, CANCEL_FORWARD, GET_MACHINE_NAME, SEND_START, SEND_END, SEND_TEXT };

static void messenger_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != (m->command >= SEND_END ? 1 : 0)) {
		smb1_other(s);
		return;
	}
	switch (m->command) {
	case SEND_MESSAGE:
	case SEND_BROADCAST:
		names(s);
		text(s);
		break;
	case FORWARD_NAME:
	case CANCEL_FORWARD:
		smb1_bytes(s, 0);
		d_get(&s->b, smb1_buffer_format);
		(void)d_oem(&s->b, smb1_forwarded);
		break;
	case SEND_START:
		names(s);
		break;
	case SEND_END:
		d_get(&s->w, smb1_message_group);
		break;
	case SEND_TEXT:
		d_get(&s->w, smb1_message_group);
		text(s);
		break;
	}
}

static void machine_name_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct) {
		smb1_other(s);
		return;
	}
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	(void)d_oem(&s->b, smb1_machine_name);
}

static void send_start_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 1)
		smb1_other(s);
	else
		d_get(&s->w, smb1_message_group);
}

const struct smb1_cmd smb1_read_mpx = { read_mpx_request, read_mpx_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_write_mpx = { write_mpx_request, write_mpx_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_ioctl = { ioctl, ioctl, OP_OTHER, false, false };
const struct smb1_cmd smb1_notify_close = { notify_close_request, NULL, OP_OTHER, false, true };
const struct smb1_cmd smb1_messenger = { messenger_request, NULL, OP_OTHER, false, true };
const struct smb1_cmd smb1_machine_name = { NULL, machine_name_response, OP_OTHER, false, SMB1_WORDLESS };
const struct smb1_cmd smb1_send_start = { messenger_request, send_start_response, OP_OTHER, false, false };
