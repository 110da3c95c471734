/* SCSI commands to a disk, some of their data, and sense data, as shared virtual disks carry them (MS-RSVD 2.2.4.7, 2.2.4.8).
 * SPC-4, SBC-3. */
#include "fscc.h"

enum {
	REQUEST_SENSE = 0x03, READ6 = 0x08, WRITE6 = 0x0a, INQUIRY = 0x12, MODE_SELECT6 = 0x15, MODE_SENSE6 = 0x1a, START_STOP = 0x1b,
	READ_CAPACITY = 0x25, UNMAP = 0x42, MODE_SELECT10 = 0x55, MODE_SENSE10 = 0x5a, RESERVE_IN = 0x5e, RESERVE_OUT = 0x5f,
	COMPARE_AND_WRITE = 0x89, SERVICE_IN = 0x9e, REPORT_LUNS = 0xa0,
};
enum { READ_CAPACITY16 = 0x10, GET_LBA_STATUS = 0x12 };        /* service actions of SERVICE_IN */
enum { READ_KEYS = 0, READ_RESERVATION = 1 };                  /* of RESERVE_IN */

/* What stands in the second byte of the commands that name blocks, by their operation code without its group (SBC-3 4.2). */
enum kind { KIND_NONE, KIND_READ, KIND_WRITE, KIND_WRITE_VERIFY, KIND_VERIFY, KIND_FETCH, KIND_SYNC, KIND_SAME };

static enum kind kind_of(unsigned op)
{
	switch (op) {
	case 0x28: case 0x88: case 0xa8:
		return KIND_READ;
	case 0x2a: case 0x8a: case 0xaa: case 0x8b: case 0x89: case 0x9c:
		return KIND_WRITE;
	case 0x2e: case 0x8e: case 0xae:
		return KIND_WRITE_VERIFY;
	case 0x2f: case 0x8f: case 0xaf:
		return KIND_VERIFY;
	case 0x34: case 0x90:
		return KIND_FETCH;
	case 0x35: case 0x91:
		return KIND_SYNC;
	case 0x41: case 0x93:
		return KIND_SAME;
	}
	return KIND_NONE;
}

static void block_flags(struct dx *d, enum kind kind)
{
	switch (kind) {
	case KIND_READ: d_get(d, scsi_read_flags); break;
	case KIND_WRITE: d_get(d, scsi_write_flags); break;
	case KIND_WRITE_VERIFY: d_get(d, scsi_wrverify_flags); break;
	case KIND_VERIFY: d_get(d, scsi_verify_flags); break;
	case KIND_FETCH: d_get(d, scsi_fetch_flags); break;
	case KIND_SYNC: d_get(d, scsi_sync_flags); break;
	default: d_get(d, scsi_same_flags);
	}
}

/* Flags, address, length, group: the operation code's upper three bits tell how wide (SPC-4 4.3.4.1). */
static void blocks(struct dx *d, unsigned op, enum kind kind)
{
	block_flags(d, kind);
	switch (op >> 5) {
	case 4:
		d_get(d, scsi_lba64);
		if (op == COMPARE_AND_WRITE) {
			d_bytes(d, scsi_reserved, 3);
			d_get(d, scsi_blocks);
		} else {
			d_get(d, scsi_transfer12);
		}
		d_get(d, scsi_group_byte);
		break;
	case 5:
		d_get(d, scsi_lba);
		d_get(d, scsi_transfer12);
		d_get(d, scsi_group_byte);
		break;
	default:
		d_get(d, scsi_lba);
		d_get(d, scsi_group_byte);
		d_get(d, scsi_transfer10);
	}
}

/* SPC-4 6.11, 6.12, 6.8, 6.9 */
static void mode(struct dx *d, unsigned op)
{
	bool sense = op == MODE_SENSE6 || op == MODE_SENSE10, six = op == MODE_SENSE6 || op == MODE_SELECT6;

	d_get(d, scsi_mode_flags);
	if (sense) {
		d_get(d, scsi_mode_page_byte);
		d_get(d, scsi_mode_subpage);
	} else {
		d_bytes(d, scsi_reserved, 2);
	}
	if (!six)
		d_bytes(d, scsi_reserved, 3);
	if (sense && six)
		d_get(d, scsi_alloc8);
	else if (sense)
		d_get(d, scsi_alloc16);
	else if (six)
		d_get(d, scsi_param8);
	else
		d_get(d, scsi_param16);
}

/* SBC-3 5.16, 5.9 */
static void service_in(struct dx *d, struct smb_msg *m)
{
	m->asked.sub = d_get(d, scsi_action_byte) & 0x1f;
	if (m->asked.sub != READ_CAPACITY16 && m->asked.sub != GET_LBA_STATUS)
		return;
	d_get(d, scsi_lba64);
	d_get(d, scsi_alloc32);
	d_bytes(d, scsi_reserved, 1);
}

/* What comes between the operation code and CONTROL. */
static void command(struct dx *d, struct smb_msg *m, unsigned op)
{
	enum kind kind = kind_of(op);

	if (kind) {
		blocks(d, op, kind);
		return;
	}
	switch (op) {
	case READ6:
	case WRITE6:
		d_get(d, scsi_lba6_word);
		d_get(d, scsi_transfer6);
		break;
	case INQUIRY:
		m->asked.sub = d_get(d, scsi_inquiry_flags) & 1;
		d_get(d, scsi_vpd_page);
		d_get(d, scsi_alloc16);
		break;
	case REQUEST_SENSE:
		d_get(d, scsi_sense_desc);
		d_bytes(d, scsi_reserved, 2);
		d_get(d, scsi_alloc8);
		break;
	case MODE_SENSE6:
	case MODE_SENSE10:
	case MODE_SELECT6:
	case MODE_SELECT10:
		mode(d, op);
		break;
	case START_STOP:
		d_get(d, scsi_ssu_immed);
		d_bytes(d, scsi_reserved, 2);
		d_get(d, scsi_ssu_flags);
		break;
	case READ_CAPACITY:
		d_bytes(d, scsi_reserved, 1);
		d_get(d, scsi_lba);
		d_bytes(d, scsi_reserved, 3);
		break;
	case SERVICE_IN:
		service_in(d, m);
		break;
	case UNMAP:
		d_get(d, scsi_unmap_flags);
		d_bytes(d, scsi_reserved, 4);
		d_get(d, scsi_group_byte);
		d_get(d, scsi_param16);
		break;
	case RESERVE_IN:
		m->asked.sub = d_get(d, scsi_prin_byte) & 0x1f;
		d_bytes(d, scsi_reserved, 5);
		d_get(d, scsi_alloc16);
		break;
	case RESERVE_OUT:
		d_get(d, scsi_prout_byte);
		d_get(d, scsi_pr_scope_type);
		d_bytes(d, scsi_reserved, 2);
		d_get(d, scsi_param32);
		break;
	case REPORT_LUNS:
		d_bytes(d, scsi_reserved, 1);
		d_get(d, scsi_select_report);
		d_bytes(d, scsi_reserved, 3);
		d_get(d, scsi_alloc32);
		d_bytes(d, scsi_reserved, 1);
		break;
	}
}

void scsi_cdb(struct dx *d, struct smb_msg *m)
{
	struct dx body;
	unsigned op;

	d_push(d, scsi);
	op = (unsigned)d_get(d, scsi_opcode);
	m->asked.detail = (uint8_t)op;
	if (d_rest(d) > 1 && d_part(d, d_rest(d) - 1, &body)) {
		command(&body, m, op);
		d_tail(&body, scsi_cdb_rest);
	}
	if (d_rest(d))
		d_get(d, scsi_control);
	d_pop(d);
}

/* The parameter list of PERSISTENT RESERVE OUT, SPC-4 6.16.3. */
static void reserve_out(struct dx *d)
{
	d_bytes(d, scsi_pr_key, 8);
	d_bytes(d, scsi_pr_action_key, 8);
	d_bytes(d, scsi_reserved, 4);
	d_get(d, scsi_pr_flags);
	d_bytes(d, scsi_reserved, 3);
}

/* The parameter list of UNMAP, SBC-3 5.28.2. */
static void unmap(struct dx *d)
{
	uint32_t n;
	struct dx list;

	d_get(d, scsi_unmap_length);
	n = (uint32_t)d_get(d, scsi_unmap_blocks_length);
	d_bytes(d, scsi_reserved, 4);
	if (!d_part(d, min_u32(n, d_rest(d)), &list))
		return;
	while (d_rest(&list) >= 16 && d_more(&list)) {
		d_push(&list, scsi_extent);
		d_get(&list, scsi_extent_lba);
		d_get(&list, scsi_extent_blocks);
		d_bytes(&list, scsi_reserved, 4);
		d_pop(&list);
	}
	d_tail(&list, scsi_reserved);
}

void scsi_data_out(struct dx *d, const struct smb_msg *m)
{
	if (m->asked.detail == RESERVE_OUT)
		reserve_out(d);
	else if (m->asked.detail == UNMAP)
		unmap(d);
}

/* Standard INQUIRY data, SPC-4 6.6.2. */
static void inquiry_data(struct dx *d)
{
	d_get(d, scsi_peripheral);
	d_get(d, scsi_rmb);
	d_get(d, scsi_inquiry_version);
	d_get(d, scsi_aca);
	d_get(d, scsi_inquiry_more);
	/* The client may have had room for the beginning alone. */
	if (d_rest(d) < 31)
		return;
	d_get(d, scsi_sccs);
	d_get(d, scsi_bque);
	d_get(d, scsi_reladr);
	d_bytes(d, scsi_vendor, 8);
	d_bytes(d, scsi_product, 16);
	d_bytes(d, scsi_revision, 4);
}

/* Data of PERSISTENT RESERVE IN, SPC-4 6.15.2, 6.15.3. */
static void reserve_data(struct dx *d, unsigned action)
{
	uint32_t len;
	struct dx list;

	d_get(d, scsi_pr_generation);
	len = (uint32_t)d_get(d, scsi_pr_length);
	/* The length is that of all there is, whatever room the client had. */
	if (!d_part(d, min_u32(len, d_rest(d)), &list))
		return;
	if (action == READ_RESERVATION) {
		d_bytes(&list, scsi_pr_key, 8);
		d_bytes(&list, scsi_reserved, 5);
		d_get(&list, scsi_pr_scope_type);
		d_bytes(&list, scsi_reserved, 2);
	}
	while (action == READ_KEYS && d_rest(&list) >= 8 && d_more(&list))
		d_bytes(&list, scsi_pr_key, 8);
	d_tail(&list, rsvd_data);
}

static void lun_list(struct dx *d)
{
	d_get(d, scsi_lun_length);
	d_bytes(d, scsi_reserved, 4);
	while (d_rest(d) >= 8 && d_more(d))
		d_get(d, scsi_lun);
}

void scsi_data_in(struct dx *d, const struct smb_msg *m)
{
	if (!m->asked.known)
		return;
	switch (m->asked.detail) {
	case INQUIRY:
		if (!m->asked.sub) {
			inquiry_data(d);
		} else {
			d_get(d, scsi_peripheral);
			d_get(d, scsi_vpd_page);
			d_get(d, scsi_vpd_length);
		}
		break;
	case REQUEST_SENSE:
		scsi_sense(d);
		break;
	case READ_CAPACITY:
		d_get(d, scsi_returned_lba);
		d_get(d, scsi_block_size);
		break;
	case SERVICE_IN:
		if (m->asked.sub != READ_CAPACITY16)
			break;
		d_get(d, scsi_returned_lba64);
		d_get(d, scsi_block_size);
		break;
	case RESERVE_IN:
		if (m->asked.sub == READ_KEYS || m->asked.sub == READ_RESERVATION)
			reserve_data(d, m->asked.sub);
		break;
	case REPORT_LUNS:
		lun_list(d);
	}
}

/* SPC-4 4.5.3 */
static void fixed_sense(struct dx *d)
{
	d_get(d, scsi_sense_segment);
	d_get(d, scsi_sense_key_byte);
	/* As with all data, as much as there was room for. */
	if (d_rest(d) >= 15) {
		d_get(d, scsi_sense_info);
		d_get(d, scsi_sense_more);
		d_get(d, scsi_sense_command);
		d_get(d, scsi_sense_code);
		d_get(d, scsi_sense_fru);
		d_get(d, scsi_sense_specific);
	}
	d_tail(d, scsi_sense_rest);
}

/* SPC-4 4.5.2; the information is the one descriptor that all commands have. */
static void described_sense(struct dx *d)
{
	uint32_t len;
	struct dx part;

	d_get(d, scsi_sense_key_byte);
	if (d_rest(d) >= 6) {
		d_get(d, scsi_sense_code);
		d_bytes(d, scsi_reserved, 3);
		d_get(d, scsi_sense_more);
	}
	while (d_rest(d) >= 2 && d_more(d)) {
		unsigned type;

		d_push(d, scsi_sense_part);
		type = (unsigned)d_get(d, scsi_sense_part_type);
		len = (uint32_t)d_get(d, scsi_sense_part_length);
		if (d_part(d, min_u32(len, d_rest(d)), &part)) {
			if (type == 0 && len == 10) {
				d_bytes(&part, scsi_reserved, 2);
				d_get(&part, scsi_sense_info64);
			}
			d_tail(&part, scsi_sense_rest);
		}
		d_pop(d);
	}
	d_tail(d, scsi_reserved);
}

void scsi_sense(struct dx *d)
{
	unsigned code;

	d_push(d, scsi_sense_group);
	code = (unsigned)d_get(d, scsi_sense_type) & 0x7f;
	if (d_rest(d) && (code == 0x70 || code == 0x71))
		fixed_sense(d);
	else if (d_rest(d) && (code == 0x72 || code == 0x73))
		described_sense(d);
	else
		d_tail(d, scsi_sense_rest);
	d_pop(d);
}
