/* File system information classes, and the choice by class.  MS-FSCC 2.5. */
#include "fscc.h"

#include "dtyp/dtyp.h"

enum { STATUS_BUFFER_OVERFLOW = 0x80000005 };

uint32_t fscc_fits(const struct dx *d, const struct smb_msg *m, uint32_t len)
{
	return m->response && m->status == STATUS_BUFFER_OVERFLOW ? min_u32(len, d_rest(d)) : len;
}

/* MS-FSCC 2.5.9 */
static void volume(struct dx *d, struct smb_msg *m)
{
	uint32_t len;

	d_get(d, fscc_created);
	d_get(d, fscc_volume_serial);
	len = (uint32_t)d_get(d, fscc_label_len);
	d_bytes(d, fscc_reserved, 2);    /* SupportsObjects, Reserved */
	d_bytes(d, fscc_label, fscc_fits(d, m, len));
	d_tail(d, padding);
}

/* MS-FSCC 2.5.5 */
static void label(struct dx *d, struct smb_msg *m)
{
	uint32_t len = (uint32_t)d_get(d, fscc_label_len);

	d_bytes(d, fscc_label, fscc_fits(d, m, len));
	d_tail(d, padding);
}

/* MS-FSCC 2.5.8 */
static void size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_alloc_size);
	d_get(d, fscc_free_units);
	d_get(d, fscc_sectors_per_unit);
	d_get(d, fscc_bytes_per_sector);
}

/* MS-FSCC 2.5.10 */
static void device(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_device_type);
	d_get(d, fscc_device);
}

/* MS-FSCC 2.5.1 */
static void attribute(struct dx *d, struct smb_msg *m)
{
	uint32_t len;

	d_get(d, fscc_fs_attr);
	d_get(d, fscc_max_name);
	len = (uint32_t)d_get(d, fscc_fs_name_len);
	d_bytes(d, fscc_fs_name, fscc_fits(d, m, len));
	d_tail(d, padding);
}

/* MS-FSCC 2.5.2; FileSystemControlFlags are two fields, as Wireshark has the low byte alone */
static void control(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_control_start);
	d_get(d, fscc_control_threshold);
	d_get(d, fscc_control_stop);
	d_get(d, fscc_quota_soft_default);
	d_get(d, fscc_quota_hard_default);
	d_get(d, fscc_quota_flags);
	d_get(d, fscc_quota_state);
	d_tail(d, smb2_filler);
}

/* MS-FSCC 2.5.4 */
static void full_size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_alloc_size);
	d_get(d, fscc_caller_free);
	d_get(d, fscc_actual_free);
	d_get(d, fscc_sectors_per_unit);
	d_get(d, fscc_bytes_per_sector);
}

/* MS-FSCC 2.5.6 */
static void object_id(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, object_id, 16);
	d_tail(d, fscc_object_info);
}

/* FileFsDriverPathInformation, MS-FSCC 2.5.3 */
static void driver_path(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, fscc_driver_in_path);
	d_bytes(d, smb2_filler, 3);
	len = (uint32_t)d_get(d, fscc_driver_length);
	d_bytes(d, fscc_driver_name, len);
}

/* MS-FSCC 2.5.7 */
static void sector_size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_sector_logical);
	d_get(d, fscc_sector_physical);
	d_get(d, fscc_sector_perf);
	d_get(d, fscc_sector_effective);
	d_get(d, fscc_sector_flags);
	d_get(d, fscc_sector_align);
	d_get(d, fscc_sector_partition);
}

/* MS-FSCC 2.5 has its number; ntifs.h, FILE_FS_VOLUME_FLAGS_INFORMATION */
static void volume_flags(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_volume_flags);
}

/* ntifs.h, FILE_FS_DATA_COPY_INFORMATION */
static void data_copies(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_data_copies);
}

/* ntifs.h, FILE_FS_METADATA_SIZE_INFORMATION */
static void metadata_size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_metadata_units);
	d_get(d, fscc_sectors_per_unit);
	d_get(d, fscc_bytes_per_sector);
}

/* ntifs.h, FILE_FS_FULL_SIZE_INFORMATION_EX */
static void full_size_ex(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_ex_actual_total_allocation_units);
	d_get(d, fscc_ex_actual_available_allocation_units);
	d_get(d, fscc_ex_actual_pool_unavailable_allocation_units);
	d_get(d, fscc_ex_caller_total_allocation_units);
	d_get(d, fscc_ex_caller_available_allocation_units);
	d_get(d, fscc_ex_caller_pool_unavailable_allocation_units);
	d_get(d, fscc_ex_used_allocation_units);
	d_get(d, fscc_ex_total_reserved_allocation_units);
	d_get(d, fscc_ex_volume_storage_reserve_allocation_units);
	d_get(d, fscc_ex_available_committed_allocation_units);
	d_get(d, fscc_ex_pool_available_allocation_units);
	d_get(d, fscc_sectors_per_unit);
	d_get(d, fscc_bytes_per_sector);
}

/* ntifs.h, FILE_FS_GUID_INFORMATION */
static void fs_guid(struct dx *d, struct smb_msg *m UNUSED)
{
	d_bytes(d, fscc_fs_guid, 16);
}

/* Samba's POSIX extensions */
static void posix(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_posix_transfer);
	d_get(d, fscc_posix_block);
	d_get(d, fscc_posix_total);
	d_get(d, fscc_posix_avail);
	d_get(d, fscc_posix_user);
	d_get(d, fscc_posix_nodes);
	d_get(d, fscc_posix_free_nodes);
	d_get(d, fscc_posix_fs_id);
}

const struct fscc_class fscc_fs_classes[] = {
	{ FSCC_FS, 1, F_fscc_fs_volume, volume, NULL },
	{ FSCC_FS, 2, F_fscc_fs_label, label, label },
	{ FSCC_FS, 3, F_fscc_fs_size, size, NULL },
	{ FSCC_FS, 4, F_fscc_fs_device, device, NULL },
	{ FSCC_FS, 5, F_fscc_fs_attribute, attribute, NULL },
	{ FSCC_FS, 6, F_fscc_fs_control, control, control },
	{ FSCC_FS, 7, F_fscc_fs_full_size, full_size, NULL },
	{ FSCC_FS, 8, F_fscc_fs_objectid, object_id, object_id },
	{ FSCC_FS, 9, F_fscc_fs_driver, driver_path, NULL },
	{ FSCC_FS, 10, F_fscc_fs_flags, volume_flags, volume_flags },
	{ FSCC_FS, 11, F_fscc_fs_sector, sector_size, NULL },
	{ FSCC_FS, 12, F_fscc_fs_copies, data_copies, NULL },
	{ FSCC_FS, 13, F_fscc_fs_metadata, metadata_size, NULL },
	{ FSCC_FS, 14, F_fscc_fs_full_ex, full_size_ex, NULL },
	{ FSCC_FS, 15, F_fscc_fs_guid_info, fs_guid, NULL },
	{ FSCC_FS, 100, F_fscc_fs_posix, posix, NULL },
	{ 0 },
};

/* MS-SMB2 2.2.37: SMB2_0_INFO_SECURITY has one form only */
static void security(struct dx *d, struct smb_msg *m)
{
	struct dx descriptor;

	if (!d_part(d, d_rest(d), &descriptor))
		return;
	if (descriptor.end == descriptor.lim && (m->op == OP_SET) != m->response)
		m->descriptor = (struct span){ descriptor.bytes + descriptor.at, d_rest(&descriptor) };
	dtyp_secdesc(&descriptor);
}

static const struct fscc_class other_classes[] = {
	{ FSCC_SECURITY, 0, F_fscc_security, security, security },
	{ FSCC_QUOTA, 0, F_fscc_quota, fscc_quota_list, fscc_quota_list },
	{ 0 },
};

const struct fscc_class *fscc_find(unsigned type, unsigned level)
{
	static const struct fscc_class *const tables[] = { fscc_file_classes, fscc_fs_classes, other_classes, fscc_local_classes };

	for (size_t i = 0; i < COUNT(tables); i++)
		for (const struct fscc_class *c = tables[i]; c->type; c++)
			if (c->type == type && (c->level == level || tables[i] == other_classes))
				return c;
	return NULL;
}

void fscc_info(struct dx *d, struct smb_msg *m)
{
	const struct fscc_class *c = m->asked.known ? fscc_find(m->asked.sub, m->asked.level) : NULL;
	fscc_fn *read = !c ? NULL : m->response ? c->query : c->set;

	if (!read) {
		d_tail(d, fscc_data);
		return;
	}
	dx_push(d, c->group);
	read(d, m);
	d_tail(d, fscc_data);
	d_pop(d);
}
