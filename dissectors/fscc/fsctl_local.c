/* FSCTL buffers that MS-FSCC does not have: they are meant for the machine itself, and clients send them all the same.
 * winioctl.h and ntifs.h, the structures' names there; MS-FSCC 2.8 for the storage IOCTLs. */
#include "fscc.h"

enum { MODES_PROVIDED = 2 };
enum { BYPASS_OP_GET_INFO = 8, DRIVER_NAME = 64, FAILURE_REASON = 256 };
enum { RECOGNITION_NAME = 9 };

/* NTFS_FILE_RECORD_INPUT_BUFFER */
static void record_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, frs_file_reference_number);
}

/* NTFS_FILE_RECORD_OUTPUT_BUFFER */
static void record_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, frs_file_reference_number);
	len = (uint32_t)d_get(d, frs_file_record_length);
	d_bytes(d, frs_record, min_u32(len, d_rest(d)));
	d_tail(d, padding);
}

/* STARTING_LCN_INPUT_BUFFER */
static void bitmap_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, bitmap_starting_lcn);
}

/* VOLUME_BITMAP_BUFFER: as many bits as the client's buffer had room for */
static void bitmap_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, bitmap_starting_lcn);
	d_get(d, bitmap_bitmap_size);
	d_tail(d, bitmap_bits);
}

/* MOVE_FILE_DATA */
static void move_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, move_file_handle);
	d_get(d, move_starting_vcn);
	d_get(d, move_starting_lcn);
	d_get(d, move_cluster_count);
	d_tail(d, smb2_filler);
}

static void dirty_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, dirty_flags);
}

static void extend_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, extend_number_of_sectors);
}

/* SHRINK_VOLUME_INFORMATION */
static void shrink_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, shrink_request_type);
	d_bytes(d, smb2_filler, 4);
	d_get(d, shrink_flags);
	d_get(d, shrink_new_number_of_sectors);
}

/* FILE_PREFETCH */
static void prefetch_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n;

	d_get(d, prefetch_type);
	n = (uint32_t)d_get(d, prefetch_count);
	while (d_each(d, &n))
		d_get(d, prefetch_file);
}

/* Flags of self-healing, for FSCTL_SET_REPAIR and FSCTL_GET_REPAIR. */
static void repair(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, repair_flags);
}

static void short_names_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, short_name_behavior);
}

/* STORAGE_QUERY_DEPENDENT_VOLUME_REQUEST */
static void depend_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, depend_request_level);
	d_get(d, depend_request_flags);
}

/* LOOKUP_STREAM_FROM_CLUSTER_INPUT */
static void lookup_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n;

	d_get(d, lookup_flags);
	n = (uint32_t)d_get(d, lookup_number_of_clusters);
	while (d_each(d, &n))
		d_get(d, lookup_cluster);
}

/* LOOKUP_STREAM_FROM_CLUSTER_OUTPUT and its entries */
static void lookup_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t off, whole = d_rest(d);
	struct dx list, e;

	off = (uint32_t)d_get(d, lookup_offset);
	d_get(d, lookup_number_of_matches);
	d_get(d, lookup_buffer_size_required);
	if (!off || off > whole || !d_sub(d, off, whole - off, &list))
		return;
	d_between(&list, d->at);
	while (d_next(&list, lookup_entry, lookup_offset_to_next, &e)) {
		d_get(&e, lookup_entry_flags);
		d_bytes(&e, smb2_reserved, 8);
		d_get(&e, lookup_cluster);
		d_tail(&e, fscc_filename);
	}
	(void)d_part(d, d_rest(d), &list);
}

/* FILE_TYPE_NOTIFICATION_INPUT */
static void file_type_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n;

	d_get(d, file_type_flags);
	n = (uint32_t)d_get(d, file_type_num_ids);
	while (d_each(d, &n))
		d_bytes(d, file_type_id, 16);
}

/* BOOT_AREA_INFO: two places, of which the count says how many there are */
static void boot_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, boot_sector_count);
	d_bytes(d, smb2_filler, 4);
	d_get(d, boot_offset);
	d_get(d, boot_offset);
}

/* RETRIEVAL_POINTER_BASE */
static void base_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, retrieval_base_file_area_offset);
}

/* FILE_FS_PERSISTENT_VOLUME_INFORMATION */
static void volume_state(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, volume_state_volume_flags);
	d_get(d, volume_state_flag_mask);
	d_get(d, volume_state_version);
	d_bytes(d, smb2_reserved, 4);
}

/* REQUEST_OPLOCK_INPUT_BUFFER */
static void oplock_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, oplock_structure_version);
	d_get(d, oplock_structure_length);
	d_get(d, oplock_requested_level);
	d_get(d, oplock_in_flags);
}

/* REQUEST_OPLOCK_OUTPUT_BUFFER */
static void oplock_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, oplock_structure_version);
	d_get(d, oplock_structure_length);
	d_get(d, oplock_original_level);
	d_get(d, oplock_new_level);
	if (d_get(d, oplock_out_flags) & MODES_PROVIDED) {
		d_get(d, access_mask);
		d_get(d, oplock_share_mode);
	}
	d_tail(d, smb2_filler);
}

/* FILE_SYSTEM_RECOGNITION_INFORMATION */
static void recognition_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, recognition_name, RECOGNITION_NAME);
	d_tail(d, smb2_filler);
}

static void purge_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, purge_flags);
}

/* CSV_CONTROL_PARAM, or its Operation alone */
static void csv_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, csv_operation);
	d_tail(d, smb2_filler);
}

/* REPAIR_COPIES_INPUT */
static void copies_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n;

	d_get(d, copies_size);
	d_get(d, copies_flags);
	d_get(d, copies_file_offset);
	d_get(d, copies_length);
	d_get(d, copies_source_copy);
	n = (uint32_t)d_get(d, copies_number_of_repair_copies);
	while (d_each(d, &n))
		d_get(d, copies_copy);
	d_tail(d, padding);
}

/* REPAIR_COPIES_OUTPUT */
static void copies_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, copies_size);
	d_get(d, copies_status);
	d_get(d, copies_resume_file_offset);
}

/* WOF_EXTERNAL_INFO and what its provider adds: WIM_PROVIDER_EXTERNAL_INFO, FILE_PROVIDER_EXTERNAL_INFO_V1 */
static void backing(struct dx *d, struct smb_msg *m UNUSED)
{
	fscc_wof(d);
}

static void wof_version_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, wof_wof_version);
}

/* REPARSE_DATA_BUFFER_EX: what is to be replaced, and the buffer of MS-FSCC 2.1.2 */
static void reparse_ex_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, reparse_ex_flags);
	d_get(d, reparse_ex_existing_reparse_tag);
	d_bytes(d, reparse_ex_guid, 16);
	d_bytes(d, smb2_reserved, 8);
	fscc_reparse(d);
}

/* SMB_SHARE_FLUSH_AND_PURGE_INPUT, SMB_SHARE_FLUSH_AND_PURGE_OUTPUT: of one form */
static void share_flush(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, share_flush_version);
}

/* FS_BPIO_INPUT */
static void bypass_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, bypass_operation);
	d_get(d, bypass_in_flags);
	d_bytes(d, smb2_reserved, 16);
}

/* A name in a field of `room` bytes, of which the length in front of it says how many mean something. */
static void bypass_text(struct dx *d, enum field_id id, uint32_t len, uint32_t room)
{
	struct dx field;

	if (!d_part(d, min_u32(room, d_rest(d)), &field))
		return;
	(void)dx_span(&field, id, min_u32(len, d_rest(&field)));
	d_tail(&field, smb2_filler);
}

/* FS_BPIO_OUTPUT with FS_BPIO_RESULTS or FS_BPIO_INFO */
static void bypass_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t operation = (uint32_t)d_get(d, bypass_operation), len;

	d_get(d, bypass_out_flags);
	d_bytes(d, smb2_reserved, 16);
	if (!d_rest(d))
		return;
	if (operation == BYPASS_OP_GET_INFO) {
		d_get(d, bypass_active_bypass_io_count);
		len = (uint32_t)d_get(d, bypass_storage_driver_name_len);
		bypass_text(d, F_bypass_storage, len, DRIVER_NAME);
	} else {
		d_get(d, bypass_op_status);
		len = (uint32_t)d_get(d, bypass_failing_driver_name_len);
		bypass_text(d, F_bypass_driver, len, DRIVER_NAME);
		len = (uint32_t)d_get(d, bypass_failure_reason_len);
		bypass_text(d, F_bypass_reason, len, FAILURE_REASON);
	}
	d_tail(d, smb2_filler);
}

/* An attribute of a pipe: its name with a NUL, and what is set. */
static void pipe_attribute_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_oem(d, pipe_attribute);
	d_tail(d, pipe_attribute_value);
}

static void pipe_attribute_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_tail(d, pipe_attribute_value);
}

/* LINK_TRACKING_INFORMATION */
static void tracking_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, tracking_type);
	d_bytes(d, tracking_volume_id, 16);
}

/* MS-FSCC 2.8.1, 2.3.91 */
static void property_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, property_property_id);
	d_get(d, property_query_type);
	d_tail(d, smb2_filler);
}

/* MS-FSCC 2.8.2 */
static void property_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, property_version);
	d_get(d, property_size);
	d_get(d, property_bytes_per_cache_line);
	d_get(d, property_bytes_offset_for_cache_alignment);
	d_get(d, property_bytes_per_logical_sector);
	d_get(d, property_bytes_per_physical_sector);
	d_get(d, property_bytes_offset_for_sector_alignment);
}

/* MS-FSCC 2.8.4 */
static void gpt_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, gpt_attributes);
}

const struct fscc_fsctl fsctl_local[] = {
	{ 0x002D1400, property_in, property_out },           /* IOCTL_STORAGE_QUERY_PROPERTY */
	{ 0x00560038, NULL, gpt_out },                       /* IOCTL_VOLUME_GET_GPT_ATTRIBUTES */
	{ 0x00090068, record_in, record_out },               /* FSCTL_GET_NTFS_FILE_RECORD */
	{ 0x0009006F, bitmap_in, bitmap_out },               /* FSCTL_GET_VOLUME_BITMAP */
	{ 0x00090074, move_in, NULL },                       /* FSCTL_MOVE_FILE */
	{ 0x00090078, NULL, dirty_out },                     /* FSCTL_IS_VOLUME_DIRTY */
	{ 0x000900F0, extend_in, NULL },                     /* FSCTL_EXTEND_VOLUME */
	{ 0x00090120, prefetch_in, NULL },                   /* FSCTL_FILE_PREFETCH */
	{ 0x00090198, repair, repair },                      /* FSCTL_SET_REPAIR */
	{ 0x0009019C, NULL, repair },                        /* FSCTL_GET_REPAIR */
	{ 0x000901B0, shrink_in, NULL },                     /* FSCTL_SHRINK_VOLUME */
	{ 0x000901B4, short_names_in, NULL },                /* FSCTL_SET_SHORT_NAME_BEHAVIOR */
	{ 0x000901F0, depend_in, NULL },                     /* FSCTL_QUERY_DEPENDENT_VOLUME */
	{ 0x000901FC, lookup_in, lookup_out },               /* FSCTL_LOOKUP_STREAM_FROM_CLUSTER */
	{ 0x00090204, file_type_in, NULL },                  /* FSCTL_FILE_TYPE_NOTIFICATION */
	{ 0x00090230, NULL, boot_out },                      /* FSCTL_GET_BOOT_AREA_INFO */
	{ 0x00090234, NULL, base_out },                      /* FSCTL_GET_RETRIEVAL_POINTER_BASE */
	{ 0x00090238, volume_state, NULL },                  /* FSCTL_SET_PERSISTENT_VOLUME_STATE */
	{ 0x0009023C, volume_state, volume_state },          /* FSCTL_QUERY_PERSISTENT_VOLUME_STATE */
	{ 0x00090240, oplock_in, oplock_out },               /* FSCTL_REQUEST_OPLOCK */
	{ 0x0009024C, NULL, recognition_out },               /* FSCTL_QUERY_FILE_SYSTEM_RECOGNITION */
	{ 0x00090270, purge_in, NULL },                      /* FSCTL_SET_PURGE_FAILURE_MODE */
	{ 0x000902D4, csv_in, NULL },                        /* FSCTL_CSV_CONTROL */
	{ 0x0009C2B4, copies_in, copies_out },               /* FSCTL_REPAIR_COPIES */
	{ 0x0009030C, backing, NULL },                       /* FSCTL_SET_EXTERNAL_BACKING */
	{ 0x00090310, NULL, backing },                       /* FSCTL_GET_EXTERNAL_BACKING */
	{ 0x00090368, NULL, wof_version_out },               /* FSCTL_GET_WOF_VERSION */
	{ 0x00090388, property_in, NULL },                   /* FSCTL_VIRTUAL_STORAGE_QUERY_PROPERTY */
	{ 0x0009040C, reparse_ex_in, NULL },                 /* FSCTL_SET_REPARSE_POINT_EX */
	{ 0x0009043C, share_flush, share_flush },            /* FSCTL_SMB_SHARE_FLUSH_AND_PURGE */
	{ 0x00090448, bypass_in, bypass_out },               /* FSCTL_MANAGE_BYPASS_IO */
	{ 0x00110028, pipe_attribute_in, pipe_attribute_out }, /* FSCTL_PIPE_GET_PIPE_ATTRIBUTE */
	{ 0x0011002C, pipe_attribute_in, NULL },             /* FSCTL_PIPE_SET_PIPE_ATTRIBUTE */
	{ 0x00110030, pipe_attribute_in, pipe_attribute_out }, /* FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE */
	{ 0x00110034, pipe_attribute_in, NULL },             /* FSCTL_PIPE_SET_CONNECTION_ATTRIBUTE */
	{ 0x00110038, pipe_attribute_in, pipe_attribute_out }, /* FSCTL_PIPE_GET_HANDLE_ATTRIBUTE */
	{ 0x0011003C, pipe_attribute_in, NULL },             /* FSCTL_PIPE_SET_HANDLE_ATTRIBUTE */
	{ 0x001400E8, NULL, tracking_out },                  /* FSCTL_LMR_GET_LINK_TRACKING_INFORMATION */
	{ 0 },
};
