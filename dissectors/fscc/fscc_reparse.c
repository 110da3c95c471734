/* Reparse data buffers.  MS-FSCC 2.1.2; what owners of tags have made public of theirs: ntifs.h for the overlay filter, hcsshim for
 * container isolation, kwsys and libuv for application links, Windows' cloud filter as it is known. */
#include "fscc.h"

enum { TAG_MICROSOFT = 0x80000000 };
enum { WOF_WIM = 1, WOF_FILE = 2 };
enum { STRINGS_MAX = 64 };               /* of an application link; four, as a rule */
enum { NFS_LINK = 0x14B4E4C, NFS_CHAR = 0x524843, NFS_BLOCK = 0x4B4C42 };

/* MS-FSCC 2.1.2.4, 2.1.2.5: both names by their place in PathBuffer. */
void fscc_symlink(struct dx *d, bool flags)
{
	uint32_t sub_off, sub_len, print_off, print_len;
	struct dx buffer, name;

	sub_off = (uint32_t)d_get(d, smb2_olb_offset16);
	sub_len = (uint32_t)d_get(d, smb2_olb_length16);
	print_off = (uint32_t)d_get(d, smb2_olb_offset16);
	print_len = (uint32_t)d_get(d, smb2_olb_length16);
	if (flags)
		d_get(d, symlink_flags);
	if (!d_part(d, d_rest(d), &buffer))
		return;
	if (d_sub(&buffer, sub_off, sub_len, &name))
		d_tail(&name, symlink_substitute);
	if (d_sub(&buffer, print_off, print_len, &name))
		d_tail(&name, symlink_print);
}

/* MS-FSCC 2.1.2.6 */
static void nfs(struct dx *d)
{
	switch (d_get(d, nfs_type)) {
	case NFS_LINK:
		d_tail(d, nfs_target);
		break;
	case NFS_CHAR:
		d_get(d, nfs_char_major);
		d_get(d, nfs_char_minor);
		break;
	case NFS_BLOCK:
		d_get(d, nfs_block_major);
		d_get(d, nfs_block_minor);
		break;
	}
}

/* MS-FSCC 2.1.2.4; IO_REPARSE_TAG_GLOBAL_REPARSE is of the same form. */
static void symlink_data(struct dx *d)
{
	fscc_symlink(d, true);
}

/* MS-FSCC 2.1.2.5 */
static void mount_point(struct dx *d)
{
	fscc_symlink(d, false);
}

/* MS-FSCC 2.1.2.7: the target is UTF-8, as version 2 says. */
static void lx_symlink(struct dx *d)
{
	d_get(d, lx_symlink_version);
	d_tail(d, lx_symlink_target);
}

void fscc_wof(struct dx *d)
{
	uint32_t provider;

	d_get(d, wof_version);
	provider = (uint32_t)d_get(d, wof_provider);
	if (provider == WOF_WIM) {               /* WIM_PROVIDER_EXTERNAL_INFO */
		d_get(d, wof_provider_version);
		d_get(d, wof_flags);
		d_get(d, wof_data_source);
		d_bytes(d, wof_hash, 20);
	} else if (provider == WOF_FILE) {       /* FILE_PROVIDER_EXTERNAL_INFO_V0 ends before Flags, _V1 behind it */
		d_get(d, wof_provider_version);
		d_get(d, wof_algorithm);
		if (d_rest(d) >= 4)
			d_get(d, wof_flags);
	}
}

/* Container isolation: where the file is in which layer. */
static void wci(struct dx *d)
{
	uint32_t len;

	d_get(d, wci_version);
	d_get(d, wci_flags);
	d_bytes(d, wci_layer, 16);
	len = (uint32_t)d_get(d, wci_name_len);
	d_bytes(d, wci_name, len);
}

/* An application link: a version, and strings with a NUL each: package, entry point, program, kind. */
static void app_exec_link(struct dx *d)
{
	static const enum field_id ids[] = { F_appexec_package, F_appexec_entry, F_appexec_target, F_appexec_kind };

	d_get(d, appexec_version);
	for (unsigned i = 0; i < STRINGS_MAX && d_rest(d) >= 2; i++)
		(void)dx_string(d, i < COUNT(ids) ? ids[i] : F_appexec_string, true);
}

/* The cloud filter: flags, the length of the data once they are expanded, and the data. */
static void cloud(struct dx *d)
{
	d_get(d, cloud_flags);
	d_get(d, cloud_length);
	d_tail(d, cloud_data);
}

/* A tag's data; what has no row is opaque: to all but its owner (MS-FSCC 2.1.2.1). */
static const struct reparse_kind {
	uint32_t tag, mask;
	void (*read)(struct dx *);
} kinds[] = {
	{ 0xA0000003, 0xFFFFFFFF, mount_point },   /* IO_REPARSE_TAG_MOUNT_POINT */
	{ 0xA000000C, 0xFFFFFFFF, symlink_data },  /* IO_REPARSE_TAG_SYMLINK */
	{ 0x80000014, 0xFFFFFFFF, nfs },           /* IO_REPARSE_TAG_NFS */
	{ 0x80000017, 0xFFFFFFFF, fscc_wof },      /* IO_REPARSE_TAG_WOF */
	{ 0x80000018, 0xFFFFFFFF, wci },           /* IO_REPARSE_TAG_WCI */
	{ 0x90001018, 0xFFFFFFFF, wci },           /* IO_REPARSE_TAG_WCI_1 */
	{ 0xA0000027, 0xFFFFFFFF, wci },           /* IO_REPARSE_TAG_WCI_LINK */
	{ 0xA0001027, 0xFFFFFFFF, wci },           /* IO_REPARSE_TAG_WCI_LINK_1 */
	{ 0xA0000019, 0xFFFFFFFF, symlink_data },  /* IO_REPARSE_TAG_GLOBAL_REPARSE */
	{ 0x9000001A, 0xFFFF0FFF, cloud },         /* IO_REPARSE_TAG_CLOUD, _1 to _F */
	{ 0x8000001B, 0xFFFFFFFF, app_exec_link }, /* IO_REPARSE_TAG_APPEXECLINK */
	{ 0xA000001D, 0xFFFFFFFF, lx_symlink },    /* IO_REPARSE_TAG_LX_SYMLINK */
};

/* MS-FSCC 2.1.2.2, 2.1.2.3 */
void fscc_reparse(struct dx *d)
{
	uint32_t tag, len;
	struct dx data;

	tag = (uint32_t)d_get(d, reparse_tag);
	len = (uint32_t)d_get(d, reparse_length);
	d_bytes(d, smb2_reserved, 2);
	if (!(tag & TAG_MICROSOFT))
		d_bytes(d, reparse_guid, 16);
	if (!d_part(d, len, &data))
		return;
	d_push(&data, reparse_data);
	for (size_t i = 0; i < COUNT(kinds); i++)
		if ((tag & kinds[i].mask) == kinds[i].tag) {
			kinds[i].read(&data);
			break;
		}
	d_tail(&data, reparse_bytes);
	d_pop(&data);
}
