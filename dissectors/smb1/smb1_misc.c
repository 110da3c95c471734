/* SMB1 searches, printing and the small commands.  MS-CIFS 2.2.4.18, 2.2.4.39, 2.2.4.48, 2.2.4.57 to 2.2.4.61,
 * 2.2.4.65, 2.2.4.67 to 2.2.4.70. */
#include "smb1.h"

/* SMB_Resume_Key, MS-CIFS 2.2.4.58.1: 21 bytes. Of ServerState, servers use the first 11 for the name they looked for. */
static void resume_key(struct dx *b)
{
	d_bytes(b, smb1_reserved, 1);
	d_bytes(b, smb1_file_oem, 11);
	d_bytes(b, smb1_resume_server, 5);
	d_bytes(b, smb1_resume_client, 4);
}

static void search_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *b = &s->b;

	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_maxcount);
	d_get(&s->w, smb1_search_attribute);
	smb1_bytes(s, 0);
	d_get(b, smb1_buffer_format);
	m->path = smb1_text(b, d_string(b, smb1_file));
	d_get(b, smb1_buffer_format);
	if (d_get(b, smb1_resume_key_len) == 21)
		resume_key(b);
}

/* Entries of 43 bytes, MS-CIFS 2.2.4.58.2. */
static void search_response(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *b = &s->b;

	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	if (m->command == 0x84) {
		d_bytes(&s->w, smb1_reserved, 2);
		return;
	}
	d_get(&s->w, smb1_count);
	smb1_bytes(s, 0);
	d_get(b, smb1_buffer_format);
	d_get(b, smb1_data_len);
	while (d_rest(b) >= 43 && d_more(b)) {
		d_push(b, smb1_search_entry);
		resume_key(b);
		d_get(b, smb1_file_attribute8);
		smb1_time_date(b, m, smb1_last_write_dos);
		d_get(b, smb1_file_size);
		d_bytes(b, smb1_file_oem, 13);
		d_pop(b);
	}
}

static void disk_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 5) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_units);
	d_get(&s->w, smb1_bpu);
	d_get(&s->w, smb1_blocksize);
	d_get(&s->w, smb1_free_units);
	d_bytes(&s->w, smb1_reserved, 2);
}

static void echo(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	if (m->response)
		d_get(&s->w, smb1_echo_seq_num);
	else
		d_get(&s->w, smb1_echo_count);
	smb1_bytes(s, 0);
	d_tail(&s->b, smb1_echo_data);
}

static void find_close2_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1)
		smb1_other(s);
	else
		m->u.find.sid = (uint16_t)d_get(&s->w, smb1_search_id);
}

static void open_print_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_print_setup_len);
	d_get(&s->w, smb1_print_mode);
	m->u.open_req.access = 0x00120116;
	m->u.open_req.disposition = 2;
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_print_identifier));
}

static void open_print_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	m->u.open_res.action = 2;
	m->u.open_res.object = OBJECT_PRINTER;
}

static void write_print_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	m->u.rw.length = (uint32_t)d_get(&s->b, smb1_data_len);
	m->u.rw.payload = d_payload(&s->b, smb1_file_data, m->u.rw.length);
}

static void queue_request(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_maxcount);
	d_get(&s->w, smb1_print_start);
}

/* Entries of 28 bytes, as the core protocol has them (MS-CIFS 2.2.4.70 leaves them out). */
static void queue_response(struct smb1_body *s, struct smb_msg *m)
{
	uint32_t n;

	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_count);
	d_get(&s->w, smb1_print_restart);
	smb1_bytes(s, 0);
	d_get(&s->b, smb1_buffer_format);
	n = (uint32_t)d_get(&s->b, smb1_data_len) / 28;
	while (d_each(&s->b, &n)) {
		d_push(&s->b, smb1_print_entry);
		smb1_date_time(&s->b, m, smb1_print_queued);
		d_get(&s->b, smb1_print_status);
		d_get(&s->b, smb1_print_number);
		d_get(&s->b, smb1_print_size);
		d_bytes(&s->b, smb1_reserved, 1);
		d_bytes(&s->b, smb1_print_name, 16);
		d_pop(&s->b);
	}
}

const struct smb1_cmd smb1_search = { search_request, search_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_query_disk = { NULL, disk_response, OP_OTHER, false, true };
const struct smb1_cmd smb1_echo = { echo, echo, OP_OTHER, false, false };
const struct smb1_cmd smb1_find_close2 = { find_close2_request, NULL, OP_OTHER, false, true };
const struct smb1_cmd smb1_empty = { NULL, NULL, OP_OTHER, false, true };
const struct smb1_cmd smb1_cancel = { NULL, NULL, OP_CANCEL, false, true };
const struct smb1_cmd smb1_open_print = { open_print_request, open_print_response, OP_OPEN, false, false };
const struct smb1_cmd smb1_write_print = { write_print_request, NULL, OP_WRITE, false, true };
const struct smb1_cmd smb1_print_queue = { queue_request, queue_response, OP_OTHER, false, false };
