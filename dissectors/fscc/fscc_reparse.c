/* Reparse data buffers.  MS-FSCC 2.1.2. */
#include "fscc.h"

enum { TAG_MOUNT_POINT = 0xA0000003, TAG_SYMLINK = 0xA000000C, TAG_NFS = 0x80000014, TAG_MICROSOFT = 0x80000000 };
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
	if (tag == TAG_SYMLINK)
		fscc_symlink(&data, true);
	else if (tag == TAG_MOUNT_POINT)
		fscc_symlink(&data, false);
	else if (tag == TAG_NFS)
		nfs(&data);
	d_tail(&data, reparse_bytes);
	d_pop(&data);
}
