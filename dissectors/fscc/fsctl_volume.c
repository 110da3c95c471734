/* FSCTL buffers of volumes, extents and hashes.  MS-FSCC 2.3, MS-SMB2 2.2.31.2, 2.2.32.4. */
#include "dtyp/dtyp.h"
#include "fscc.h"

enum { HASH_FILE_BASED = 2 };                /* HashRetrievalType */

/* NTFS_VOLUME_DATA_BUFFER, MS-FSCC 2.3.22 */
static void ntfs_volume(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, ntfs_volume_serial_number);
	d_get(d, ntfs_number_sectors);
	d_get(d, ntfs_total_clusters);
	d_get(d, ntfs_free_clusters);
	d_get(d, ntfs_total_reserved);
	d_get(d, ntfs_bytes_per_sector);
	d_get(d, ntfs_bytes_per_cluster);
	d_get(d, ntfs_bytes_per_file_record_segment);
	d_get(d, ntfs_clusters_per_file_record_segment);
	d_get(d, ntfs_mft_valid_data_length);
	d_get(d, ntfs_mft_start_lcn);
	d_get(d, ntfs_mft2_start_lcn);
	d_get(d, ntfs_mft_zone_start);
	d_get(d, ntfs_mft_zone_end);
}

/* REFS_VOLUME_DATA_BUFFER, MS-FSCC 2.3.24; winioctl.h names some of what is reserved there. */
static void refs_volume(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, refs_byte_count);
	d_get(d, refs_major_version);
	d_get(d, refs_minor_version);
	d_get(d, refs_bytes_per_physical_sector);
	d_get(d, refs_volume_serial_number);
	d_get(d, refs_number_sectors);
	d_get(d, refs_total_clusters);
	d_get(d, refs_free_clusters);
	d_get(d, refs_total_reserved);
	d_get(d, refs_bytes_per_sector);
	d_get(d, refs_bytes_per_cluster);
	d_get(d, refs_maximum_size_of_resident_file);
	if (d_rest(d) < 8)
		return;
	d_get(d, refs_fast_tier_data_fill_ratio);
	d_get(d, refs_slow_tier_data_fill_ratio);
	d_get(d, refs_destages_fast_tier_to_slow_tier_rate);
	d_tail(d, smb2_filler);
}

/* STARTING_VCN_INPUT_BUFFER, MS-FSCC 2.3.29, 2.3.31, 2.3.33 */
static void retrieval_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, retrieval_starting_vcn);
}

/* RETRIEVAL_POINTERS_BUFFER, MS-FSCC 2.3.32 */
static void retrieval_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n = (uint32_t)d_get(d, retrieval_extent_count);

	d_bytes(d, smb2_filler, 4);
	d_get(d, retrieval_starting_vcn);
	while (d_each(d, &n)) {
		d_push(d, retrieval_extent);
		d_get(d, retrieval_next_vcn);
		d_get(d, retrieval_lcn);
		d_pop(d);
	}
}

/* RETRIEVAL_POINTERS_AND_REFCOUNT_BUFFER, MS-FSCC 2.3.34 */
static void refcount_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n = (uint32_t)d_get(d, retrieval_extent_count);

	d_bytes(d, smb2_filler, 4);
	d_get(d, retrieval_starting_vcn);
	while (d_each(d, &n)) {
		d_push(d, retrieval_extent);
		d_get(d, retrieval_next_vcn);
		d_get(d, retrieval_lcn);
		d_get(d, retrieval_reference_count);
		d_bytes(d, smb2_filler, 4);
		d_pop(d);
	}
}

/* RETRIEVAL_POINTER_COUNT, MS-FSCC 2.3.30 */
static void retrieval_count(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, retrieval_extent_count);
}

/* MS-FSCC 2.3.58 */
static void on_disk(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, on_disk_directory_count);
	d_get(d, on_disk_file_count);
	d_get(d, on_disk_fs_format_maj_version);
	d_get(d, on_disk_fs_format_min_version);
	d_bytes(d, on_disk_fs_format_name, 24);
	d_get(d, on_disk_format_time);
	d_get(d, on_disk_last_update_time);
	d_bytes(d, on_disk_copyright_info, 68);
	d_bytes(d, on_disk_abstract_info, 68);
	d_bytes(d, on_disk_formatting_implementation_info, 68);
	d_bytes(d, on_disk_last_modifying_implementation_info, 68);
}

/* MS-FSCC 2.3.60 */
static void sparing(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, sparing_sparing_unit_bytes);
	d_get(d, sparing_software_sparing);
	d_bytes(d, smb2_filler, 3);
	d_get(d, sparing_total_spare_blocks);
	d_get(d, sparing_free_spare_blocks);
}

/* MS-FSCC 2.3.54: the first 36 bytes of the volume */
static void fat_bpb(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, fat_bios_parameter_block, 36);
}

/* FIND_BY_SID_DATA, MS-FSCC 2.3.15 */
static void by_sid_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, by_sid_restart);
	dtyp_sid(d);
}

/* An array of FILE_NAME_INFORMATION, each on 8 bytes: MS-FSCC 2.3.16, 2.1.7 */
static void by_sid_out(struct dx *d, struct smb_msg *m UNUSED)
{
	while (d_rest(d) && d_more(d)) {
		uint32_t len;

		d_push(d, by_sid_entry);
		len = (uint32_t)d_get(d, fscc_filename_len);
		d_bytes(d, fscc_filename, len);
		d_pop(d);
		d_align(d, 8);
	}
}

/* FILE_LEVEL_TRIM, MS-FSCC 2.3.13 */
static void trim_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n;

	d_get(d, trim_key);
	n = (uint32_t)d_get(d, trim_num_ranges);
	while (d_each(d, &n)) {
		d_push(d, fsctl_range);
		d_get(d, range_offset);
		d_get(d, range_length);
		d_pop(d);
	}
}

/* FILE_LEVEL_TRIM_OUTPUT, MS-FSCC 2.3.14 */
static void trim_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, trim_num_ranges_processed);
}

/* ENCRYPTION_BUFFER, MS-FSCC 2.3.71 */
static void encryption_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, encryption_encryption_operation);
	d_get(d, encryption_private);
	d_tail(d, smb2_filler);
}

/* DECRYPTION_STATUS_BUFFER, MS-FSCC 2.3.72.1 */
static void encryption_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, encryption_no_encrypted_streams);
}

/* MARK_HANDLE_INFO, MS-FSCC 2.3.39 */
static void mark_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, mark_copy_number);
	d_bytes(d, smb2_filler, 4);
	d_get(d, mark_volume_handle);
	d_get(d, mark_handle_info);
	d_tail(d, smb2_reserved);
}

/* FSCTL_SET_INTEGRITY_INFORMATION_BUFFER_EX, MS-FSCC 2.3.75 */
static void integrity_ex_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, integrity_ex_enable_integrity);
	d_get(d, integrity_ex_keep_integrity_state_unchanged);
	d_bytes(d, smb2_filler, 2);
	d_get(d, integrity_ex_flags);
	d_get(d, integrity_ex_version);
	d_tail(d, smb2_filler);
}

/* EXTENDED_INFO, MS-FSCC 2.3.79: whatever an application likes; link tracking has these in it (MS-DLTW 3.1.6) */
static void objectid_ext_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, birth_volume_id, 16);
	d_bytes(d, birth_object_id, 16);
	d_bytes(d, domain_id, 16);
}

/* SI_COPYFILE, MS-FSCC 2.3.89 */
static void sis_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t from, to;

	from = (uint32_t)d_get(d, sis_source_file_name_length);
	to = (uint32_t)d_get(d, sis_destination_file_name_length);
	d_get(d, sis_flags);
	d_bytes(d, sis_source_file_name, from);
	d_bytes(d, sis_destination_file_name, to);
}

/* MS-FSCC 2.3.35 */
static void pathname_in(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len = (uint32_t)d_get(d, pathname_path_name_length);

	d_bytes(d, pathname_path_name, len);
}

/* FILE_SET_DEFECT_MGMT_BUFFER, MS-FSCC 2.3.69 */
static void defect_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, defect_disable);
}

/* REMOTE_LINK_TRACKING_INFORMATION32 in SMB1, SMB2_REMOTE_LINK_TRACKING_INFORMATION with a wider TargetFileObject: MS-FSCC 2.3.37.1,
 * 2.3.37.2; the buffer has a volume and an object where it is long enough, 2.3.37.3. */
static void tracking_in(struct dx *d, struct smb_msg *m)
{
	uint32_t len;

	if (m->protocol == 1)
		d_get(d, tracking_target_file_object);
	else
		d_get(d, tracking_target_file_object64);
	len = (uint32_t)d_get(d, tracking_target_link_tracking_information_length);
	if (len >= 36) {
		d_get(d, tracking_type);
		d_bytes(d, tracking_volume_id, 16);
		d_bytes(d, tracking_object_id, 16);
	}
	d_tail(d, tracking_netbios_name);
}

/* MS-FSCC 2.3.46 */
static void pipe_peek_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, pipe_peek_named_pipe_state);
	d_get(d, pipe_peek_read_data_available);
	d_get(d, pipe_peek_number_of_messages);
	d_get(d, pipe_peek_message_length);
	d_tail(d, pipe_peek_data);
}

/* SRV_READ_HASH, MS-SMB2 2.2.31.2 */
static void hash_in(struct dx *d, struct smb_msg *m)
{
	d_get(d, hash_hash_type);
	d_get(d, hash_hash_version);
	m->asked.detail = (uint8_t)d_get(d, hash_hash_retrieval_type);
	d_get(d, hash_length);
	d_get(d, hash_offset);
}

/* SRV_HASH_RETRIEVE_HASH_BASED and _FILE_BASED, MS-SMB2 2.2.32.4.2, 2.2.32.4.3: the request decides */
static void hash_out(struct dx *d, struct smb_msg *m)
{
	uint32_t len;

	if (m->asked.detail == HASH_FILE_BASED) {
		d_get(d, hash_file_data_offset);
		d_get(d, hash_file_data_length);
	} else {
		d_get(d, hash_offset);
	}
	len = (uint32_t)d_get(d, hash_buffer_length);
	d_bytes(d, smb2_filler, 4);
	d_bytes(d, hash_buffer, len);
}

const struct fscc_fsctl fsctl_volume[] = {
	{ 0x0009002C, pathname_in, NULL },                   /* FSCTL_IS_PATHNAME_VALID */
	{ 0x00090058, NULL, fat_bpb },                       /* FSCTL_QUERY_FAT_BPB */
	{ 0x00090064, NULL, ntfs_volume },                   /* FSCTL_GET_NTFS_VOLUME_DATA */
	{ 0x00090073, retrieval_in, retrieval_out },         /* FSCTL_GET_RETRIEVAL_POINTERS */
	{ 0x0009008F, by_sid_in, by_sid_out },               /* FSCTL_FIND_FILES_BY_SID */
	{ 0x000900BC, objectid_ext_in, NULL },               /* FSCTL_SET_OBJECT_ID_EXTENDED */
	{ 0x000980BC, objectid_ext_in, NULL },               /* FSCTL_SET_OBJECT_ID_EXTENDED */
	{ 0x000900D7, encryption_in, encryption_out },       /* FSCTL_SET_ENCRYPTION */
	{ 0x000900FC, mark_in, NULL },                       /* FSCTL_MARK_HANDLE */
	{ 0x00090100, sis_in, NULL },                        /* FSCTL_SIS_COPYFILE */
	{ 0x00090138, NULL, sparing },                       /* FSCTL_QUERY_SPARING_INFO */
	{ 0x0009013C, NULL, on_disk },                       /* FSCTL_QUERY_ON_DISK_VOLUME_INFO */
	{ 0x000902D8, NULL, refs_volume },                   /* FSCTL_GET_REFS_VOLUME_DATA */
	{ 0x00090380, integrity_ex_in, NULL },               /* FSCTL_SET_INTEGRITY_INFORMATION_EX */
	{ 0x000903D3, retrieval_in, refcount_out },          /* FSCTL_GET_RETRIEVAL_POINTERS_AND_REFCOUNT */
	{ 0x0009042B, retrieval_in, retrieval_count },       /* FSCTL_GET_RETRIEVAL_POINTER_COUNT */
	{ 0x00098134, defect_in, NULL },                     /* FSCTL_SET_DEFECT_MANAGEMENT */
	{ 0x00098208, trim_in, trim_out },                   /* FSCTL_FILE_LEVEL_TRIM */
	{ 0x0011400C, NULL, pipe_peek_out },                 /* FSCTL_PIPE_PEEK */
	{ 0x001400EC, tracking_in, NULL },                   /* FSCTL_LMR_SET_LINK_TRACKING_INFORMATION */
	{ 0x001441BB, hash_in, hash_out },                   /* FSCTL_SRV_READ_HASH */
	{ 0 },
};
