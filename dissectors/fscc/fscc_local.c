/* File information classes that MS-FSCC 2.4 gives a number at most: a server refuses most of them, and clients ask all the same.
 * wdm.h, FILE_INFORMATION_CLASS; ntifs.h and ntddk.h, the structures' names there; handles and pointers as 64-bit Windows has them. */
#include "fscc.h"

/* FILE_COMPLETION_INFORMATION: of the classes 30 and 61 */
static void completion(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_completion_port);
	d_get(d, fscc_completion_key);
}

/* FILE_MOVE_CLUSTER_INFORMATION */
static void move_cluster(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, fscc_cluster_count);
	d_bytes(d, smb2_filler, 4);
	d_bytes(d, fscc_root_directory, 8);
	len = (uint32_t)d_get(d, fscc_filename_len);
	d_bytes(d, fscc_filename, len);
	d_tail(d, padding);
}

/* FILE_TRACKING_INFORMATION */
static void tracking(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, fscc_tracking_destination);
	len = (uint32_t)d_get(d, fscc_tracking_length);
	d_bytes(d, fscc_tracking_object, len);
	d_tail(d, padding);
}

/* FILE_IO_COMPLETION_NOTIFICATION_INFORMATION */
static void notification(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_completion_flags);
}

/* FILE_IOSTATUSBLOCK_RANGE_INFORMATION */
static void status_range(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_status_range);
	d_get(d, fscc_status_length);
	d_tail(d, smb2_filler);
}

/* FILE_IO_PRIORITY_HINT_INFORMATION */
static void priority(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_priority_hint);
	d_tail(d, smb2_filler);
}

/* FILE_PROCESS_IDS_USING_FILE_INFORMATION */
static void processes(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n = (uint32_t)d_get(d, fscc_process_count);

	d_bytes(d, smb2_filler, 4);
	while (d_each(d, &n))
		d_get(d, fscc_process_id);
}

/* FILE_NETWORK_PHYSICAL_NAME_INFORMATION, FILE_VOLUME_NAME_INFORMATION: a length and a name */
static void name(struct dx *d, struct smb_msg *m)
{
	uint32_t len = (uint32_t)d_get(d, fscc_file_name_len);

	d_bytes(d, fscc_file_name, fscc_fits(d, m, len));
	d_tail(d, padding);
}

/* FILE_IS_REMOTE_DEVICE_INFORMATION */
static void is_remote(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_is_remote);
}

/* FILE_NUMA_NODE_INFORMATION */
static void numa(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_numa_node);
}

/* FILE_REMOTE_PROTOCOL_INFORMATION */
static void remote_protocol(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_remote_version);
	d_get(d, fscc_remote_size);
	d_get(d, fscc_remote_protocol);
	d_get(d, fscc_remote_major);
	d_get(d, fscc_remote_minor);
	d_get(d, fscc_remote_revision);
	d_bytes(d, smb2_reserved, 2);
	d_get(d, fscc_remote_flags);
	d_bytes(d, smb2_reserved, 32);
	d_tail(d, fscc_remote_specific);
}

/* FILE_LINKS_FULL_ID_INFORMATION: as MS-FSCC 2.4.17, with wider file IDs */
static void hard_links_full(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx list, e;

	d_get(d, fscc_links_bytes);
	d_get(d, fscc_links_count);
	if (!d_part(d, d_rest(d), &list))
		return;
	while (d_next(&list, fscc_link_entry, fscc_next_offset, &e)) {
		uint32_t chars;

		d_bytes(&e, fscc_file_id128, 16);
		chars = (uint32_t)d_get(&e, fscc_link_chars);
		d_bytes(&e, fscc_filename, chars < d_rest(&e) ? chars * 2 : d_rest(&e));
		d_tail(&e, padding);
	}
}

/* FILE_DESIRED_STORAGE_CLASS_INFORMATION */
static void storage_class(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_storage_class);
	d_get(d, fscc_storage_class_flags);
}

/* What FILE_STAT_INFORMATION and its kin have in common; the metadata is told. */
static void stat_part(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true, .sized = true, .meta.known = true };

	d_get(d, fscc_file_id);
	s.meta.created = d_get(d, smb2_create_time);
	s.meta.accessed = d_get(d, smb2_last_access_time);
	s.meta.modified = d_get(d, smb2_last_write_time);
	s.meta.changed = d_get(d, smb2_last_change_time);
	s.meta.allocation = d_get(d, smb2_allocation_size);
	s.meta.size = d_get(d, smb2_eof);
	s.meta.attributes = (uint32_t)d_get(d, smb2_file_attribute);
	d_get(d, reparse_tag);
	d_get(d, fscc_nlinks);
	if (m->response)
		fscc_told(d, m, &s);
}

/* FILE_STAT_INFORMATION */
static void stat_info(struct dx *d, struct smb_msg *m)
{
	stat_part(d, m);
	d_get(d, access_mask);
}

/* FILE_MEMORY_PARTITION_INFORMATION */
static void memory_partition(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_partition_owner);
	d_get(d, fscc_partition_flags);
	d_tail(d, smb2_filler);
}

/* FILE_STAT_LX_INFORMATION: what the Windows Subsystem for Linux keeps in extended attributes */
static void stat_lx(struct dx *d, struct smb_msg *m)
{
	stat_part(d, m);
	d_get(d, access_mask);
	d_get(d, fscc_lx_flags);
	d_get(d, fscc_lx_uid);
	d_get(d, fscc_lx_gid);
	d_get(d, fscc_lx_mode);
	d_get(d, fscc_lx_major);
	d_get(d, fscc_lx_minor);
}

/* FILE_CASE_SENSITIVE_INFORMATION: of two classes */
static void case_sensitive(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_case_flags);
}

/* FILE_STORAGE_RESERVE_ID_INFORMATION */
static void storage_reserve(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_storage_reserve);
}

/* FILE_KNOWN_FOLDER_INFORMATION */
static void known_folder(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_known_folder_type);
}

/* FILE_STAT_BASIC_INFORMATION */
static void stat_basic(struct dx *d, struct smb_msg *m)
{
	stat_part(d, m);
	d_get(d, fscc_device_type);
	d_get(d, fscc_device);
	d_bytes(d, smb2_reserved, 4);
	d_get(d, fscc_volume_serial64);
	d_bytes(d, fscc_file_id128, 16);
}

const struct fscc_class fscc_local_classes[] = {
	{ FSCC_FILE, 30, F_fscc_completion, completion, completion },
	{ FSCC_FILE, 31, F_fscc_move_cluster, NULL, move_cluster },
	{ FSCC_FILE, 36, F_fscc_tracking, NULL, tracking },
	{ FSCC_FILE, 41, F_fscc_notification, notification, notification },
	{ FSCC_FILE, 42, F_fscc_status_block, NULL, status_range },
	{ FSCC_FILE, 43, F_fscc_priority, priority, priority },
	{ FSCC_FILE, 47, F_fscc_processes, processes, NULL },
	{ FSCC_FILE, 49, F_fscc_physical_name, name, NULL },
	{ FSCC_FILE, 51, F_fscc_remote_device, is_remote, NULL },
	{ FSCC_FILE, 53, F_fscc_numa, numa, NULL },
	{ FSCC_FILE, 55, F_fscc_remote, remote_protocol, NULL },
	{ FSCC_FILE, 58, F_fscc_volume_name, name, NULL },
	{ FSCC_FILE, 61, F_fscc_completion, NULL, completion },
	{ FSCC_FILE, 62, F_fscc_hard_link_full, hard_links_full, NULL },
	{ FSCC_FILE, 67, F_fscc_storage_class_info, storage_class, storage_class },
	{ FSCC_FILE, 68, F_fscc_stat, stat_info, NULL },
	{ FSCC_FILE, 69, F_fscc_partition, NULL, memory_partition },
	{ FSCC_FILE, 70, F_fscc_stat_lx, stat_lx, NULL },
	{ FSCC_FILE, 71, F_fscc_case, case_sensitive, case_sensitive },
	{ FSCC_FILE, 74, F_fscc_reserve, storage_reserve, storage_reserve },
	{ FSCC_FILE, 75, F_fscc_case, case_sensitive, case_sensitive },
	{ FSCC_FILE, 76, F_fscc_known_folder, known_folder, known_folder },
	{ FSCC_FILE, 77, F_fscc_stat_basic, stat_basic, NULL },
	{ 0 },
};
