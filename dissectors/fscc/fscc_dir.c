/* Directory entries, change records, EA lists and quotas.  MS-FSCC 2.4, 2.4.16, 2.4.41, 2.7.1. */
#include "fscc.h"

#include "dtyp/dtyp.h"

enum { ATTRIBUTE_REPARSE_POINT = 0x400 };
enum { ID_BOTH = 37 };                       /* FileIdBothDirectoryInformation, the class that Apple changes */

/* What a directory class has beyond the common part, MS-FSCC 2.4.x. */
enum { HAS_EA = 1, HAS_SHORT = 2, HAS_RESERVED2 = 4, HAS_RESERVED4 = 8, HAS_TAG = 16, HAS_ID = 32, HAS_ID128 = 64,
       HAS_TX = 128, NAME_ONLY = 256, APPLE = 512 };

static const struct directory_class {
	uint8_t level;
	uint16_t has;
} directory_classes[] = {
	{ 1, 0 },
	{ 2, HAS_EA },
	{ 3, HAS_EA | HAS_SHORT },
	{ 12, NAME_ONLY },
	{ 37, HAS_EA | HAS_SHORT | HAS_RESERVED2 | HAS_ID },
	{ 38, HAS_EA | HAS_RESERVED4 | HAS_ID },
	{ 50, HAS_ID | HAS_TX },
	{ 60, HAS_EA | HAS_TAG | HAS_ID128 },
	{ 63, HAS_EA | HAS_TAG | HAS_ID128 | HAS_SHORT },
	{ 78, HAS_EA | HAS_TAG | HAS_ID },
	{ 79, HAS_EA | HAS_TAG | HAS_ID | HAS_SHORT },
	{ 80, HAS_EA | HAS_TAG | HAS_ID | HAS_ID128 },
	{ 81, HAS_EA | HAS_TAG | HAS_ID | HAS_ID128 | HAS_SHORT },
};

/* ShortNameLength, Reserved, ShortName of 24 bytes: what the length leaves of them means nothing. */
static void short_name(struct dx *e)
{
	uint32_t len;
	struct dx field;

	len = (uint32_t)d_get(e, fscc_short_len);
	d_bytes(e, smb2_reserved, 1);
	if (!d_part(e, 24, &field))
		return;
	d_bytes(&field, fscc_shortname, min_u32(len, d_rest(&field)));
	d_tail(&field, smb2_filler);
}

/* Where the short name stands else, if Apple's READDIRATTR was agreed on: of the resource fork and the Finder. */
static void finder(struct dx *e)
{
	d_bytes(e, smb2_reserved, 2);
	d_get(e, aapl_fork_size);
	d_bytes(e, aapl_finder_info, 16);
}

/* Times, sizes and attributes, as all classes have them. */
static void common(struct dx *d, struct smb_entry *s)
{
	s->meta.created = d_get(d, smb2_create_time);
	s->meta.accessed = d_get(d, smb2_last_access_time);
	s->meta.modified = d_get(d, smb2_last_write_time);
	s->meta.changed = d_get(d, smb2_last_change_time);
	s->meta.size = d_get(d, smb2_eof);
	s->meta.allocation = d_get(d, smb2_allocation_size);
	s->meta.attributes = (uint32_t)d_get(d, smb2_file_attribute);
	s->timed = s->sized = s->meta.known = true;
}

/* The name, the last of all fields; with it the entry is complete, if its bytes are there. */
static void entry_name(struct dx *e, const struct smb_msg *m, struct smb_entry *s, uint32_t len)
{
	s->name = (struct smb_text){ .bytes = d_bytes(e, fscc_filename, len), .unicode = true, .there = true };
	if (s->name.bytes.p)
		smb_entry_told(e, m, s);
	d_tail(e, padding);
}

/* One entry; e stands behind NextEntryOffset. */
static void entry(struct dx *e, const struct smb_msg *m, unsigned has)
{
	struct smb_entry s = { 0 };
	uint32_t len, attributes;

	d_get(e, fscc_file_index);
	if (has & NAME_ONLY) {
		len = (uint32_t)d_get(e, fscc_filename_len);
		entry_name(e, m, &s, len);
		return;
	}
	common(e, &s);
	attributes = s.meta.attributes;
	len = (uint32_t)d_get(e, fscc_filename_len);
	/* The EA size of a reparse point is its tag, but where the class has both. */
	if (has & APPLE)
		d_get(e, access_mask);
	else if ((has & HAS_EA) && (attributes & ATTRIBUTE_REPARSE_POINT) && !(has & HAS_TAG))
		d_get(e, reparse_tag);
	else if (has & HAS_EA)
		d_get(e, fscc_ea_size);
	if (has & HAS_TAG)
		d_get(e, reparse_tag);
	if (has & APPLE)
		finder(e);
	else if (!(has & HAS_TAG) && (has & HAS_SHORT))
		short_name(e);
	if (has & APPLE)
		d_get(e, aapl_mode);
	else if (has & HAS_RESERVED2)
		d_bytes(e, smb2_reserved, 2);
	if (has & HAS_RESERVED4)
		d_bytes(e, smb2_reserved, 4);
	if (has & HAS_ID)
		d_get(e, fscc_file_id);
	if (has & HAS_ID128)
		d_bytes(e, fscc_file_id128, 16);
	if (has & HAS_TX) {
		d_bytes(e, fscc_lock_tx, 16);
		d_get(e, fscc_tx_flags);
	}
	if ((has & HAS_TAG) && (has & HAS_SHORT))
		short_name(e);
	entry_name(e, m, &s, len);
}

/* What Samba's POSIX information has before a name. */
static void posix_common(struct dx *d, struct smb_entry *s)
{
	common(d, s);
	d_get(d, fscc_inode);
	d_get(d, fscc_dev_id);
	d_bytes(d, smb2_filler, 4);
	d_get(d, fscc_nlinks);
	d_get(d, reparse_tag);
	d_get(d, posix_perms);
	dtyp_sid(d);
	dtyp_sid(d);
}

void fscc_posix_common(struct dx *d)
{
	struct smb_entry s = { 0 };

	posix_common(d, &s);
}

/* FilePosixInformation of Samba's POSIX extensions, as a directory entry. */
static void posix_entry(struct dx *e, const struct smb_msg *m)
{
	struct smb_entry s = { 0 };
	uint32_t len;

	d_get(e, fscc_file_index);
	posix_common(e, &s);
	len = (uint32_t)d_get(e, fscc_filename_len);
	entry_name(e, m, &s, len);
}

void fscc_directory(struct dx *d, const struct smb_msg *m, unsigned level)
{
	struct dx e;

	if (level == 100) {
		while (d_next(d, fscc_posix_entry, fscc_next_offset, &e))
			posix_entry(&e, m);
		return;
	}
	for (size_t i = 0; i < COUNT(directory_classes); i++) {
		unsigned has = directory_classes[i].has;

		if (directory_classes[i].level != level)
			continue;
		if (level == ID_BOTH && m->ctx.readdir)
			has |= APPLE;
		/* The group's name is the nearest Wireshark has. */
		if (has & HAS_SHORT)
			while (d_next(d, fscc_id_both_entry, fscc_next_offset, &e))
				entry(&e, m, has);
		else if (has & HAS_EA)
			while (d_next(d, fscc_full_entry, fscc_next_offset, &e))
				entry(&e, m, has);
		else
			while (d_next(d, fscc_dir_entry, fscc_next_offset, &e))
				entry(&e, m, has);
		return;
	}
	d_tail(d, fscc_data);
}

void fscc_notify(struct dx *d)
{
	struct dx e;

	while (d_next(d, fscc_notify_info, fscc_notify_next, &e)) {
		uint32_t len;

		d_get(&e, fscc_notify_action);
		len = (uint32_t)d_get(&e, fscc_filename_len);
		d_bytes(&e, fscc_filename, len);
		d_tail(&e, padding);
	}
}

void fscc_full_ea(struct dx *d)
{
	struct dx e;

	while (d_next(d, fscc_ea_entry, fscc_ea_next, &e)) {
		uint32_t name, data;

		d_get(&e, fscc_ea_flags);
		name = (uint32_t)d_get(&e, fscc_ea_name_len);
		data = (uint32_t)d_get(&e, fscc_ea_data_len);
		d_bytes(&e, fscc_ea_name, name);
		d_bytes(&e, smb2_filler, 1);     /* the name's NUL */
		d_bytes(&e, fscc_ea_data, data);
		d_tail(&e, padding);
	}
}

/* FILE_GET_EA_INFORMATION, MS-FSCC 2.4.16.1 */
static void get_ea(struct dx *d)
{
	struct dx e;

	while (d_next(d, fscc_get_ea, fscc_get_ea_next, &e)) {
		uint32_t len = (uint32_t)d_get(&e, fscc_ea_name_len);

		d_bytes(&e, fscc_ea_name, len);
		d_tail(&e, padding);
	}
}

/* FILE_GET_QUOTA_INFORMATION, MS-FSCC 2.4.41.1 */
static void get_quota(struct dx *d)
{
	struct dx e;

	while (d_next(d, fscc_get_quota, fscc_get_quota_next, &e)) {
		d_get(&e, fscc_quota_sid_len);
		dtyp_sid(&e);
		d_tail(&e, padding);
	}
}

/* SMB2_QUERY_QUOTA_INFO, MS-SMB2 2.2.37.1 */
static void query_quota(struct dx *d)
{
	uint32_t list, start, off;
	struct dx sids, part;

	d_push(d, fscc_query_quota);
	d_get(d, fscc_quota_single);
	d_get(d, fscc_quota_restart);
	d_bytes(d, smb2_reserved, 2);
	list = (uint32_t)d_get(d, fscc_quota_list_len);
	start = (uint32_t)d_get(d, fscc_quota_start_len);
	off = (uint32_t)d_get(d, fscc_quota_start_off);
	if (d_part(d, d_rest(d), &sids)) {
		if (list && d_sub(&sids, 0, list, &part))
			get_quota(&part);
		else if (start && d_sub(&sids, off, start, &part))
			dtyp_sid(&part);
		else
			d_tail(&sids, fscc_data);
	}
	d_pop(d);
}

void fscc_quota_list(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx e;

	while (d_next(d, fscc_quota_entry, fscc_quota_next, &e)) {
		d_get(&e, fscc_quota_sid_len);
		d_get(&e, fscc_quota_time);
		d_get(&e, fscc_quota_used);
		d_get(&e, fscc_quota_soft);
		d_get(&e, fscc_quota_hard);
		dtyp_sid(&e);
		d_tail(&e, padding);
	}
}

void fscc_query_input(struct dx *d, unsigned type, unsigned level)
{
	if (type == FSCC_QUOTA)
		query_quota(d);
	else if (type == FSCC_FILE && level == 15)
		get_ea(d);
	d_tail(d, fscc_data);
}
