/* Shared virtual disks: the tunnel's operations, and the FSCTL that asks for them.  MS-RSVD 2.2.4. */
#include "fscc.h"

enum {                                       /* 2.2.2 */
	INITIAL_INFO = 0x02001001, SCSI = 0x02001002, SRB_STATUS = 0x02001004, DISK_INFO = 0x02001005,
	VALIDATE = 0x02001006, META_START = 0x02002101, META_PROGRESS = 0x02002002, VHDSET_QUERY = 0x02002005,
	DELETE_SNAPSHOT = 0x02002006, TRACKING_PARAMETERS = 0x02002008, TRACKING_START = 0x02002009,
	QUERY_CHANGES = 0x0200200C, QUERY_SAFE_SIZE = 0x0200200D,
};
enum { SCSI_FIXED = 16, CDB_ROOM = 16, SENSE_ROOM = 20 };      /* 2.2.1, 2.2.4.8 */
enum { RESIZE, CREATE_SNAPSHOT, OPTIMIZE, EXTRACT, CONVERT, APPLY };   /* OperationType, 2.2.4.17 */
enum { SNAPSHOT_ENTRY = 0x05, OPTIMIZE_NEEDED = 0x08 };        /* VHDSetInformationType, 2.2.4.19 */
enum { MS_MAX = INT64_MAX / 1000000 };

/* 2.2.4.14 */
static void initial_info(struct dx *d)
{
	d_get(d, rsvd_server_version);
	d_get(d, rsvd_sector_size);
	d_get(d, rsvd_physical_sector);
	d_get(d, rsvd_info_reserved);
	d_get(d, rsvd_virtual_size);
}

/* What 2.2.4.7 and 2.2.4.8 share behind their first four bytes: the lengths of the CDB, of the sense data, of the data. */
static void scsi_lengths(struct dx *d, uint32_t *cdb, uint32_t *sense, uint32_t *data)
{
	*cdb = (uint32_t)d_get(d, rsvd_cdb_length);
	*sense = (uint32_t)d_get(d, rsvd_sense_length);
	d_get(d, rsvd_data_in);
	d_get(d, rsvd_reserved2);
	d_get(d, rsvd_srb_flags);
	*data = (uint32_t)d_get(d, rsvd_transfer_length);
}

/* 2.2.4.7; the CDB has its 16 bytes whatever its length. */
static void scsi_request(struct dx *d, struct smb_msg *m)
{
	uint32_t cdb, sense, data;
	struct dx part, whole;

	d_get(d, rsvd_length);
	d_get(d, rsvd_reserved1);
	scsi_lengths(d, &cdb, &sense, &data);
	if (d_part(d, min_u32(CDB_ROOM, d_rest(d)), &part)) {
		whole = part;
		cdb = min_u32(cdb, d_rest(&part));
		d_some(&whole, rsvd_cdb, cdb);
		if (d_part(&part, cdb, &whole))
			scsi_cdb(&whole, m);
		d_tail(&part, rsvd_cdb_padding);
	}
	d_get(d, rsvd_reserved3);
	if (!d_part(d, min_u32(data, d_rest(d)), &part))
		return;
	scsi_data_out(&part, m);
	d_tail(&part, rsvd_data);
}

/* 2.2.4.8: Length says where the data begin; what the sense data leave of it means nothing. */
static void scsi_response(struct dx *d, const struct smb_msg *m)
{
	uint32_t length, cdb, sense, data, room;
	struct dx part, whole;

	length = (uint32_t)d_get(d, rsvd_length);
	d_get(d, rsvd_srb);
	d_get(d, rsvd_scsi_status);
	scsi_lengths(d, &cdb, &sense, &data);
	room = length > SCSI_FIXED && length <= SCSI_FIXED + SENSE_ROOM ? length - SCSI_FIXED : 0;
	room = min_u32(sense > room ? sense : room, d_rest(d));
	if (d_part(d, room, &part)) {
		whole = part;
		sense = min_u32(sense, d_rest(&part));
		d_some(&whole, rsvd_sense, sense);
		if (d_part(&part, sense, &whole))
			scsi_sense(&whole);
		d_tail(&part, smb2_filler);
	}
	if (!d_part(d, min_u32(data, d_rest(d)), &part))
		return;
	scsi_data_in(&part, m);
	d_tail(&part, rsvd_data);
}

/* 2.2.4.3 */
static void srb_status_request(struct dx *d)
{
	d_get(d, rsvd_status_key);
	d_bytes(d, rsvd_key_reserved, min_u32(27, d_rest(d)));
}

/* 2.2.4.4 */
static void srb_status_response(struct dx *d)
{
	uint32_t sense;
	struct dx part, whole;

	d_get(d, rsvd_status_key);
	d_get(d, rsvd_key_srb);
	d_get(d, rsvd_key_scsi);
	sense = (uint32_t)d_get(d, rsvd_key_length);
	whole = *d;
	d_some(&whole, rsvd_key_sense, min_u32(sense, d_rest(d)));
	if (d_part(d, min_u32(sense, d_rest(d)), &part))
		scsi_sense(&part);
	d_tail(d, smb2_filler);
}

/* 2.2.4.5, 2.2.4.6: what a request has instead of the type and format is one reserved field. */
static void disk_info(struct dx *d, const struct smb_msg *m)
{
	if (m->response) {
		d_get(d, rsvd_disk_type);
		d_get(d, rsvd_disk_format);
	} else {
		d_get(d, rsvd_disk_reserved1);
	}
	d_get(d, rsvd_block_size);
	d_bytes(d, rsvd_linkage, 16);
	d_get(d, rsvd_mounted);
	d_get(d, rsvd_aligned);
	d_get(d, rsvd_disk_reserved);
	d_get(d, rsvd_file_size);
	d_bytes(d, rsvd_disk_id, 16);
}

/* 2.2.4.17.4 */
static void resize(struct dx *d)
{
	d_get(d, rsvd_new_size);
	d_get(d, rsvd_expand_only);
	d_get(d, rsvd_allow_unsafe);
	d_get(d, rsvd_shrink);
	d_get(d, rsvd_meta_reserved);
}

/* 2.2.4.17.1, 2.2.4.17.1.1; LogFileNameOffset counts from CdpParameters. */
static void create_snapshot(struct dx *d)
{
	uint32_t size, off;
	struct dx part, name;

	d_get(d, rsvd_snapshot_type);
	d_get(d, rsvd_snapshot_flags);
	d_get(d, rsvd_stage1);
	d_get(d, rsvd_stage2);
	d_get(d, rsvd_stage3);
	d_get(d, rsvd_stage4);
	d_get(d, rsvd_stage5);
	d_get(d, rsvd_stage6);
	d_bytes(d, rsvd_snapshot, 16);
	size = (uint32_t)d_get(d, rsvd_payload_size);
	if (!d_part(d, min_u32(size, d_rest(d)), &part))
		return;
	off = (uint32_t)d_get(&part, rsvd_log_offset);
	d_bytes(&part, rsvd_log_id, 16);
	if (off && d_rest(&part) && d_sub(&part, off, size > off ? size - off : 1, &name))
		d_tail(&name, rsvd_log_name);
}

/* 2.2.4.17.2 */
static void extract(struct dx *d)
{
	uint32_t len;

	d_get(d, rsvd_snapshot_type);
	d_get(d, rsvd_padding);
	d_get(d, rsvd_extract_flags);
	d_bytes(d, rsvd_source, 16);
	d_bytes(d, rsvd_source_limit, 16);
	len = (uint32_t)d_get(d, rsvd_vhd_length);
	d_bytes(d, rsvd_vhd_name, len);
}

/* 2.2.4.17.3 */
static void convert(struct dx *d)
{
	uint32_t len = (uint32_t)d_get(d, rsvd_vhdset_length);

	d_bytes(d, rsvd_vhdset_name, len);
}

/* 2.2.4.17; Data may have bytes of padding behind it. */
static void meta_start(struct dx *d)
{
	uint32_t type;

	d_bytes(d, rsvd_transaction, 16);
	type = (uint32_t)d_get(d, rsvd_meta_type);
	d_get(d, rsvd_padding);
	switch (type) {
	case RESIZE: resize(d); break;
	case CREATE_SNAPSHOT: create_snapshot(d); break;
	case EXTRACT: extract(d); break;
	case CONVERT: convert(d); break;
	case APPLY:                              /* 2.2.4.36 */
		d_get(d, rsvd_snapshot_type);
		d_bytes(d, rsvd_snapshot, 16);
	}
	d_tail(d, smb2_filler);
}

/* 2.2.4.15, 2.2.4.16 */
static void meta_progress(struct dx *d, const struct smb_msg *m)
{
	if (m->response) {
		d_get(d, rsvd_progress);
		d_get(d, rsvd_complete);
	} else {
		d_bytes(d, rsvd_transaction, 16);
	}
}

/* 2.2.4.21; the time is in milliseconds since 1970, told once more as a time. */
static void snapshot_entry(struct dx *d)
{
	uint64_t created;

	d_get(d, rsvd_padding);
	created = d_get(d, rsvd_created_ms);
	if (created <= MS_MAX)
		d_gen_at(d, rsvd_created, created * 1000000, d->at - 8, 8);
	d_get(d, rsvd_snapshot_type);
	d_get(d, rsvd_valid_snapshot);
	d_bytes(d, rsvd_snapshot, 16);
	d_bytes(d, rsvd_parent, 16);
	d_bytes(d, rsvd_log_id, 16);
}

/* 2.2.4.20: the one structure with a list of snapshots, whichever of them were asked for. */
static void snapshot_list(struct dx *d)
{
	uint32_t n;

	d_get(d, rsvd_padding);
	d_get(d, rsvd_list_complete);
	d_bytes(d, rsvd_list_reserved, 3);
	n = (uint32_t)d_get(d, rsvd_list_count);
	/* ResponseComplete 0: the identifiers were left out, and n says how many there are. */
	while (d_rest(d) && d_each(d, &n))
		d_bytes(d, rsvd_snapshot, 16);
}

/* 2.2.4.19 to 2.2.4.22 */
static void vhdset_query(struct dx *d, const struct smb_msg *m)
{
	uint32_t type = (uint32_t)d_get(d, rsvd_information);

	if (!m->response) {
		d_get(d, rsvd_snapshot_type);
		d_bytes(d, rsvd_snapshot, 16);
	} else if (type == SNAPSHOT_ENTRY) {
		snapshot_entry(d);
	} else if (type == OPTIMIZE_NEEDED) {
		d_get(d, rsvd_optimize);
	} else {
		snapshot_list(d);
	}
}

/* 2.2.4.24 */
static void delete_snapshot(struct dx *d)
{
	d_bytes(d, rsvd_snapshot, 16);
	d_get(d, rsvd_persist);
	d_get(d, rsvd_snapshot_type);
}

/* 2.2.4.23; LogFileNameOffset counts from its start. */
static void tracking_start(struct dx *d)
{
	uint32_t off, len;
	struct dx part, name;

	if (!d_part(d, d_rest(d), &part))
		return;
	d_bytes(&part, rsvd_transaction, 16);
	off = (uint32_t)d_get(&part, rsvd_log_offset);
	len = (uint32_t)d_get(&part, rsvd_log_length);
	d_bytes(&part, rsvd_log_id, 16);
	d_get(&part, rsvd_log_max);
	d_get(&part, rsvd_append);
	d_get(&part, rsvd_padding);
	if (d_sub(&part, off, len, &name))
		d_tail(&name, rsvd_log_name);
}

/* 2.2.4.25 */
static void tracking_parameters(struct dx *d)
{
	d_get(d, rsvd_tracking);
	d_get(d, rsvd_padding);
	d_get(d, rsvd_log_size);
}

/* 2.2.4.37, 2.2.4.38, 2.2.4.39 */
static void query_changes(struct dx *d, const struct smb_msg *m)
{
	uint32_t n;

	if (!m->response) {
		d_bytes(d, rsvd_target, 16);
		d_bytes(d, rsvd_limit, 16);
		d_get(d, rsvd_snapshot_type);
		d_get(d, rsvd_padding);
		d_get(d, rsvd_byte_offset);
		d_get(d, rsvd_byte_length);
		return;
	}
	d_get(d, rsvd_processed);
	n = (uint32_t)d_get(d, rsvd_range_count);
	d_get(d, rsvd_padding);
	while (d_each(d, &n)) {
		d_push(d, rsvd_range);
		d_get(d, rsvd_byte_offset);
		d_get(d, rsvd_byte_length);
		d_get(d, rsvd_range_reserved);
		d_pop(d);
	}
}

/* An answer that is an error has nothing but the header (3.2.5.5). */
static void operation(struct dx *d, struct smb_msg *m, uint32_t code)
{
	bool response = m->response;

	if (code == SCSI && response)
		scsi_response(d, m);
	else if (code == SCSI)
		scsi_request(d, m);
	else if (code == INITIAL_INFO && response)
		initial_info(d);
	else if (code == SRB_STATUS && response)
		srb_status_response(d);
	else if (code == SRB_STATUS)
		srb_status_request(d);
	else if (code == DISK_INFO)
		disk_info(d, m);
	else if (code == VALIDATE && response)
		d_bytes(d, rsvd_valid_disk, 1);
	else if (code == VALIDATE)
		d_bytes(d, rsvd_validate_reserved, min_u32(56, d_rest(d)));
	else if (code == META_START && response)
		d_get(d, rsvd_tracking_error);       /* 2.2.4.18 */
	else if (code == META_START)
		meta_start(d);
	else if (code == META_PROGRESS)
		meta_progress(d, m);
	else if (code == VHDSET_QUERY)
		vhdset_query(d, m);
	else if (code == DELETE_SNAPSHOT && !response)
		delete_snapshot(d);
	else if (code == TRACKING_START && !response)
		tracking_start(d);
	else if (code == TRACKING_PARAMETERS && response)
		tracking_parameters(d);
	else if (code == QUERY_CHANGES)
		query_changes(d, m);
	else if (code == QUERY_SAFE_SIZE && response)
		d_get(d, rsvd_safe_size);            /* 2.2.4.40 */
}

/* 2.2.4.11, and what the operation has behind it */
static void tunnel(struct dx *d, struct smb_msg *m)
{
	uint32_t code;

	d_push(d, rsvd);
	code = (uint32_t)d_get(d, rsvd_operation_code);
	d_get(d, rsvd_status);
	d_get(d, rsvd_request_id);
	if (d_rest(d))
		operation(d, m, code);
	d_pop(d);
}

/* 2.2.4.2 */
static void support_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, rsvd_support);
	d_get(d, rsvd_state);
}

const struct fscc_fsctl fsctl_rsvd[] = {
	{ 0x00090300, NULL, support_out },                   /* FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT */
	{ 0x00090304, tunnel, tunnel },                      /* FSCTL_SVHDX_SYNC_TUNNEL_REQUEST */
	{ 0x00090364, tunnel, tunnel },                      /* FSCTL_SVHDX_ASYNC_TUNNEL_REQUEST */
	{ 0 },
};
