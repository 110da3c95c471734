/* FSCTL_FILESYSTEM_GET_STATISTICS and its wider form.  MS-FSCC 2.3.12; winioctl.h, FILESYSTEM_STATISTICS_EX, NTFS_STATISTICS_EX. */
#include "fscc.h"

enum { TYPE_NTFS = 1, TYPE_FAT = 2, TYPE_EXFAT = 3 };
/* A processor's statistics, rounded up to 64 bytes: FILESYSTEM_STATISTICS and what the file system adds. */
enum { SIZE_NTFS = 0xD4, SIZE_NTFS_EX = 0x190, SIZE_FAT = 0x24 };
enum { ENTRY_NTFS = 0x140, ENTRY_FAT = 0x80, ENTRY_PLAIN = 0x40 };
enum { EX_ALL_TRIMS = 8 * 8, EX_FILL_STAT = 3 * 8 };

/* MS-FSCC 2.3.12.2; padded up to 216 bytes since Windows 8.1 counts one thing more. */
static void ntfs(struct dx *d)
{
	d_get(d, stat_log_file_full_exceptions);
	d_get(d, stat_other_exceptions);
	d_get(d, stat_mft_reads);
	d_get(d, stat_mft_read_bytes);
	d_get(d, stat_mft_writes);
	d_get(d, stat_mft_write_bytes);
	d_get(d, stat_mft_writes_user_level_write);
	d_get(d, stat_mft_writes_user_level_create);
	d_get(d, stat_mft_writes_user_level_set_info);
	d_get(d, stat_mft_writes_user_level_flush);
	d_get(d, stat_mft_writes_flush_for_log_file_full);
	d_get(d, stat_mft_writes_lazy_writer);
	d_get(d, stat_mft_writes_user_request);
	d_bytes(d, smb2_filler, 2);
	d_get(d, stat_mft2_writes);
	d_get(d, stat_mft2_write_bytes);
	d_get(d, stat_mft2_writes_user_level_write);
	d_get(d, stat_mft2_writes_user_level_create);
	d_get(d, stat_mft2_writes_user_level_set_info);
	d_get(d, stat_mft2_writes_user_level_flush);
	d_get(d, stat_mft2_writes_flush_for_log_file_full);
	d_get(d, stat_mft2_writes_lazy_writer);
	d_get(d, stat_mft2_writes_user_request);
	d_bytes(d, smb2_filler, 2);
	d_get(d, stat_root_index_reads);
	d_get(d, stat_root_index_read_bytes);
	d_get(d, stat_root_index_writes);
	d_get(d, stat_root_index_write_bytes);
	d_get(d, stat_bitmap_reads);
	d_get(d, stat_bitmap_read_bytes);
	d_get(d, stat_bitmap_writes);
	d_get(d, stat_bitmap_write_bytes);
	d_get(d, stat_bitmap_writes_flush_for_log_file_full);
	d_get(d, stat_bitmap_writes_lazy_writer);
	d_get(d, stat_bitmap_writes_user_request);
	d_get(d, stat_bitmap_writes_user_level_write);
	d_get(d, stat_bitmap_writes_user_level_create);
	d_get(d, stat_bitmap_writes_user_level_set_info);
	d_get(d, stat_mft_bitmap_reads);
	d_get(d, stat_mft_bitmap_read_bytes);
	d_get(d, stat_mft_bitmap_writes);
	d_get(d, stat_mft_bitmap_write_bytes);
	d_get(d, stat_mft_bitmap_writes_flush_for_log_file_full);
	d_get(d, stat_mft_bitmap_writes_lazy_writer);
	d_get(d, stat_mft_bitmap_writes_user_request);
	d_get(d, stat_mft_bitmap_writes_user_level_write);
	d_get(d, stat_mft_bitmap_writes_user_level_create);
	d_get(d, stat_mft_bitmap_writes_user_level_set_info);
	d_get(d, stat_mft_bitmap_writes_user_level_flush);
	d_bytes(d, smb2_filler, 2);
	d_get(d, stat_user_index_reads);
	d_get(d, stat_user_index_read_bytes);
	d_get(d, stat_user_index_writes);
	d_get(d, stat_user_index_write_bytes);
	d_get(d, stat_log_file_reads);
	d_get(d, stat_log_file_read_bytes);
	d_get(d, stat_log_file_writes);
	d_get(d, stat_log_file_write_bytes);
	d_get(d, stat_allocate_calls);
	d_get(d, stat_allocate_clusters);
	d_get(d, stat_allocate_hints);
	d_get(d, stat_allocate_runs_returned);
	d_get(d, stat_allocate_hints_honored);
	d_get(d, stat_allocate_hints_clusters);
	d_get(d, stat_allocate_cache);
	d_get(d, stat_allocate_cache_clusters);
	d_get(d, stat_allocate_cache_miss);
	d_get(d, stat_allocate_cache_miss_clusters);
	if (d_rest(d) >= 4)
		d_get(d, stat_disk_resources_exhausted);
}

/* NTFS_STATISTICS_EX of winioctl.h; what came with later versions stands where an earlier one has padding. */
static void ntfs_ex(struct dx *d)
{
	d_get(d, statx_log_file_full_exceptions);
	d_get(d, statx_other_exceptions);
	d_get(d, statx_mft_reads);
	d_get(d, statx_mft_read_bytes);
	d_get(d, statx_mft_writes);
	d_get(d, statx_mft_write_bytes);
	d_get(d, statx_mft_writes_user_level_write);
	d_get(d, statx_mft_writes_user_level_create);
	d_get(d, statx_mft_writes_user_level_set_info);
	d_get(d, statx_mft_writes_user_level_flush);
	d_get(d, statx_mft_writes_flush_for_log_file_full);
	d_get(d, statx_mft_writes_lazy_writer);
	d_get(d, statx_mft_writes_user_request);
	d_bytes(d, smb2_filler, 4);
	d_get(d, statx_mft2_writes);
	d_get(d, statx_mft2_write_bytes);
	d_get(d, statx_mft2_writes_user_level_write);
	d_get(d, statx_mft2_writes_user_level_create);
	d_get(d, statx_mft2_writes_user_level_set_info);
	d_get(d, statx_mft2_writes_user_level_flush);
	d_get(d, statx_mft2_writes_flush_for_log_file_full);
	d_get(d, statx_mft2_writes_lazy_writer);
	d_get(d, statx_mft2_writes_user_request);
	d_bytes(d, smb2_filler, 4);
	d_get(d, statx_root_index_reads);
	d_get(d, statx_root_index_read_bytes);
	d_get(d, statx_root_index_writes);
	d_get(d, statx_root_index_write_bytes);
	d_get(d, statx_bitmap_reads);
	d_get(d, statx_bitmap_read_bytes);
	d_get(d, statx_bitmap_writes);
	d_get(d, statx_bitmap_write_bytes);
	d_get(d, statx_bitmap_writes_flush_for_log_file_full);
	d_get(d, statx_bitmap_writes_lazy_writer);
	d_get(d, statx_bitmap_writes_user_request);
	d_get(d, statx_bitmap_writes_user_level_write);
	d_get(d, statx_bitmap_writes_user_level_create);
	d_get(d, statx_bitmap_writes_user_level_set_info);
	d_get(d, statx_bitmap_writes_user_level_flush);
	d_bytes(d, smb2_filler, 4);
	d_get(d, statx_mft_bitmap_reads);
	d_get(d, statx_mft_bitmap_read_bytes);
	d_get(d, statx_mft_bitmap_writes);
	d_get(d, statx_mft_bitmap_write_bytes);
	d_get(d, statx_mft_bitmap_writes_flush_for_log_file_full);
	d_get(d, statx_mft_bitmap_writes_lazy_writer);
	d_get(d, statx_mft_bitmap_writes_user_request);
	d_get(d, statx_mft_bitmap_writes_user_level_write);
	d_get(d, statx_mft_bitmap_writes_user_level_create);
	d_get(d, statx_mft_bitmap_writes_user_level_set_info);
	d_get(d, statx_mft_bitmap_writes_user_level_flush);
	d_bytes(d, smb2_filler, 4);
	d_get(d, statx_user_index_reads);
	d_get(d, statx_user_index_read_bytes);
	d_get(d, statx_user_index_writes);
	d_get(d, statx_user_index_write_bytes);
	d_get(d, statx_log_file_reads);
	d_get(d, statx_log_file_read_bytes);
	d_get(d, statx_log_file_writes);
	d_get(d, statx_log_file_write_bytes);
	d_get(d, statx_allocate_calls);
	d_get(d, statx_allocate_runs_returned);
	d_get(d, statx_allocate_hints);
	d_get(d, statx_allocate_hints_honored);
	d_get(d, statx_allocate_cache);
	d_get(d, statx_allocate_cache_miss);
	d_get(d, statx_allocate_clusters);
	d_get(d, statx_allocate_hints_clusters);
	d_get(d, statx_allocate_cache_clusters);
	d_get(d, statx_allocate_cache_miss_clusters);
	if (d_rest(d) < 8 + EX_ALL_TRIMS)
		return;
	d_get(d, stat_disk_resources_exhausted);
	d_bytes(d, smb2_filler, 4);
	d_get(d, statx_volume_trim_count);
	d_get(d, statx_volume_trim_time);
	d_get(d, statx_volume_trim_byte_count);
	d_get(d, statx_file_level_trim_count);
	d_get(d, statx_file_level_trim_time);
	d_get(d, statx_file_level_trim_byte_count);
	d_get(d, statx_volume_trim_skipped_count);
	d_get(d, statx_volume_trim_skipped_byte_count);
	if (d_rest(d) < EX_FILL_STAT)
		return;
	d_get(d, statx_fill_stat_info_called_count);
	d_get(d, statx_fill_stat_info_attribute_list_count);
	d_get(d, statx_fill_stat_info_non_res_reparse_point_count);
}

/* MS-FSCC 2.3.12.3, 2.3.12.4: of one form */
static void fat(struct dx *d)
{
	d_get(d, stat_create_hits);
	d_get(d, stat_successful_creates);
	d_get(d, stat_failed_creates);
	d_get(d, stat_non_cached_reads);
	d_get(d, stat_non_cached_read_bytes);
	d_get(d, stat_non_cached_writes);
	d_get(d, stat_non_cached_write_bytes);
	d_get(d, stat_non_cached_disk_reads);
	d_get(d, stat_non_cached_disk_writes);
}

/* What the file system itself counts, directly behind what all do. */
static void own_part(struct dx *d, unsigned type, bool ex)
{
	uint32_t size = type == TYPE_NTFS ? (ex ? SIZE_NTFS_EX : SIZE_NTFS) : type == TYPE_FAT || type == TYPE_EXFAT ? SIZE_FAT : 0;

	if (d_rest(d) < size) {          /* STATUS_BUFFER_OVERFLOW: it was cut where the client's buffer ended */
		d_tail(d, fsctl_data);
		return;
	}
	switch (type) {
	case TYPE_NTFS:
		dx_push(d, ex ? F_statx_ntfs : F_stat_ntfs);
		if (ex)
			ntfs_ex(d);
		else
			ntfs(d);
		d_pop(d);
		break;
	case TYPE_FAT:
	case TYPE_EXFAT:
		dx_push(d, type == TYPE_FAT ? F_stat_fat : F_stat_exfat);
		fat(d);
		d_pop(d);
		break;
	}
	d_tail(d, smb2_filler);
}

/* MS-FSCC 2.3.12.1 */
static void common(struct dx *d)
{
	d_get(d, stat_user_file_reads);
	d_get(d, stat_user_file_read_bytes);
	d_get(d, stat_user_disk_reads);
	d_get(d, stat_user_file_writes);
	d_get(d, stat_user_file_write_bytes);
	d_get(d, stat_user_disk_writes);
	d_get(d, stat_meta_data_reads);
	d_get(d, stat_meta_data_read_bytes);
	d_get(d, stat_meta_data_disk_reads);
	d_get(d, stat_meta_data_writes);
	d_get(d, stat_meta_data_write_bytes);
	d_get(d, stat_meta_data_disk_writes);
}

static void common_ex(struct dx *d)
{
	d_get(d, statx_user_file_reads);
	d_get(d, statx_user_file_read_bytes);
	d_get(d, statx_user_disk_reads);
	d_get(d, statx_user_file_writes);
	d_get(d, statx_user_file_write_bytes);
	d_get(d, statx_user_disk_writes);
	d_get(d, statx_meta_data_reads);
	d_get(d, statx_meta_data_read_bytes);
	d_get(d, statx_meta_data_disk_reads);
	d_get(d, statx_meta_data_writes);
	d_get(d, statx_meta_data_write_bytes);
	d_get(d, statx_meta_data_disk_writes);
}

/* How long an entry is.  SizeOfCompleteStructure is that of all of them by MS-FSCC, of one by winioctl.h: sure are the
 * types whose size never changed. */
static uint32_t stride(unsigned type, uint32_t size, uint32_t rest, bool ex)
{
	if (!ex && type == TYPE_NTFS)
		return min_u32(ENTRY_NTFS, rest);
	if (!ex && (type == TYPE_FAT || type == TYPE_EXFAT))
		return min_u32(ENTRY_FAT, rest);
	if (!ex)
		return min_u32(ENTRY_PLAIN, rest);
	return size && size % 64 == 0 && size < rest ? size : rest;
}

/* One entry for each processor. */
static void entries(struct dx *d, bool ex)
{
	while (d_rest(d) && d_more(d)) {
		unsigned type = (unsigned)d_peek(d, U16);
		uint32_t size = (uint32_t)(d_peek(d, U64) >> 32);
		struct dx e;

		if (!d_part(d, stride(type, size, d_rest(d), ex), &e))
			return;
		d_push(&e, stat_entry);
		d_get(&e, stat_file_system_type);
		d_get(&e, stat_version);
		d_get(&e, stat_size);
		if (ex)
			common_ex(&e);
		else
			common(&e);
		own_part(&e, type, ex);
		d_pop(&e);
	}
}

/* MS-FSCC 2.3.12 */
static void statistics(struct dx *d, struct smb_msg *m UNUSED)
{
	entries(d, false);
}

/* winioctl.h, FILESYSTEM_STATISTICS_EX */
static void statistics_ex(struct dx *d, struct smb_msg *m UNUSED)
{
	entries(d, true);
}

const struct fscc_fsctl fsctl_stats[] = {
	{ 0x00090060, NULL, statistics },                    /* FSCTL_FILESYSTEM_GET_STATISTICS */
	{ 0x0009038C, NULL, statistics_ex },                 /* FSCTL_FILESYSTEM_GET_STATISTICS_EX */
	{ 0 },
};
