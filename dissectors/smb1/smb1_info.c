/* SMB1 information levels: the data of TRANSACTION2's queries, sets and finds.  MS-CIFS 2.2.8, MS-SMB 2.2.8.
 * Levels from 1000 on are the native classes (MS-FSCC 2.4, 2.5); those that say what a level says share its row. */
#include "fscc/fscc.h"
#include "smb1_trans.h"

/* What a level is read by; d is all of its data. */
struct level {
	uint16_t level, native;         /* native: 1000 + class, 0 none */
	void (*read)(struct dx *d, struct smb_msg *m);
};

/* len bytes of text in the message's encoding, without NUL but for a last one; it stands where it
 * stands, aligned or not. */
static struct span text(struct dx *d, enum field_id id, uint32_t len)
{
	uint32_t header = d->run->header;
	struct span s;
	struct dx part;

	if (!len || !d_part(d, len, &part))
		return (struct span){ 0 };
	d->run->header = part.at;
	s = dx_string(&part, id, d->run->unicode);
	d->run->header = header;
	return s;
}

static struct smb_meta four_times(struct dx *d)
{
	struct smb_meta meta = { .known = true };

	meta.created = d_get(d, smb1_create_time);
	meta.accessed = d_get(d, smb1_access_time);
	meta.modified = d_get(d, smb1_last_write_time);
	meta.changed = d_get(d, smb1_change_time);
	return meta;
}

/* The metadata of what was asked about; what was cut is not told. */
static void told(const struct dx *d, struct smb_msg *m, struct smb_entry *s)
{
	s->self = true;
	if (m->response && !(d->run->flags & (DX_MALFORMED | DX_NOT_CAPTURED)))
		smb_entry_told(d, m, s);
}

/* MS-CIFS 2.2.8.3.1: SMB_INFO_STANDARD; 2.2.8.3.2 with the size of the EAs. */
static struct smb_entry dos_part(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true, .sized = true, .meta.known = true };

	s.meta.created = smb1_date_time(d, m, smb1_create_dos);
	s.meta.accessed = smb1_date_time(d, m, smb1_access_dos);
	s.meta.modified = smb1_date_time(d, m, smb1_last_write_dos);
	s.meta.size = d_get(d, smb1_data_size);
	s.meta.allocation = d_get(d, smb1_alloc_size);
	s.meta.attributes = (uint32_t)d_get(d, smb1_file_attribute);
	return s;
}

static void standard_dos(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = dos_part(d, m);

	told(d, m, &s);
}

static void ea_size_dos(struct dx *d, struct smb_msg *m)
{
	standard_dos(d, m);
	d_get(d, smb1_ea_list_length);
}

/* Whether the level is being set, of a path or an open; the message is known to change something from then on. */
static bool sets(struct smb_msg *m)
{
	if (m->response || (m->asked.sub != 0x06 && m->asked.sub != 0x08))
		return false;
	m->op = OP_SET;
	return true;
}

/* MS-CIFS 2.2.8.3.6, 2.2.8.4.3; what follows the attributes is reserved. */
static void basic(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true };

	s.meta = four_times(d);
	s.meta.attributes = (uint32_t)d_get(d, smb1_file_attribute32);
	if (sets(m)) {
		m->u.set.meta = s.meta;
		m->u.set.meta.known = true;
		m->u.set.change = CHANGE_BASIC;
	} else {
		told(d, m, &s);
	}
	d_tail(d, padding);
}

static void standard(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .sized = true, .meta.known = true };

	s.meta.allocation = d_get(d, smb1_alloc_size64);
	s.meta.size = d_get(d, smb1_end_of_file);
	told(d, m, &s);
	d_get(d, smb1_link_count);
	d_get(d, smb1_delete_pending);
	d_get(d, smb1_is_directory);
	d_tail(d, padding);
}

static void ea(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_ea_list_length);
}

static void name(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len = (uint32_t)d_get(d, smb1_file_name_len32);

	/* Samba answers in UTF-16 even where the message's strings are OEM (tests/pcaps/smb1_lanman.pcap). */
	if (!d->run->unicode && len % 2 == 0 && d->end - d->at >= 2 && d->bytes[d->at + 1] == 0)
		d_bytes(d, smb1_file_utf16, min_u32(len, d_rest(d)));
	else
		text(d, F_smb1_file, len);
}

/* MS-CIFS 2.2.8.3.10 */
static void all(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true, .sized = true };

	s.meta = four_times(d);
	s.meta.attributes = (uint32_t)d_get(d, smb1_file_attribute32);
	d_bytes(d, padding, 4);
	s.meta.allocation = d_get(d, smb1_alloc_size64);
	s.meta.size = d_get(d, smb1_end_of_file);
	told(d, m, &s);
	d_get(d, smb1_link_count);
	d_get(d, smb1_delete_pending);
	d_get(d, smb1_is_directory);
	d_bytes(d, padding, 2);
	d_get(d, smb1_ea_list_length);
	name(d, m);
}

/* MS-CIFS 2.2.8.3.12, MS-FSCC 2.4.49: names are UTF-16 whatever the message says */
static void streams(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx list, e;

	if (!d_part(d, d_rest(d), &list))
		return;
	while (d_next(&list, smb1_stream_entry, smb1_next_entry, &e)) {
		uint32_t len = (uint32_t)d_get(&e, smb1_stream_name_len);

		d_get(&e, smb1_stream_size);
		d_get(&e, smb1_alloc_size64);
		d_bytes(&e, smb1_stream_name, min_u32(len, d_rest(&e)));
		d_tail(&e, padding);
	}
}

static void internal(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_index_number);
}

static void dispose(struct dx *d, struct smb_msg *m, bool gone)
{
	if (sets(m))
		m->u.set.change = gone ? CHANGE_DELETE : CHANGE_KEEP;
	d_tail(d, padding);
}

/* MS-CIFS 2.2.8.4.4 */
static void disposition(struct dx *d, struct smb_msg *m)
{
	dispose(d, m, d_get(d, smb1_marked) != 0);
}

/* MS-FSCC 2.4.11 */
static void disposition_native(struct dx *d, struct smb_msg *m)
{
	dispose(d, m, d_get(d, smb1_disposition) != 0);
}

static void allocation(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_alloc_size64);
}

static void end_of_file(struct dx *d, struct smb_msg *m)
{
	uint64_t size = d_get(d, smb1_end_of_file);

	if (sets(m)) {
		m->u.set.change = CHANGE_SIZE;
		m->u.set.size = size;
	}
}

/* MS-FSCC 2.4.40, 2.4.31, 2.4.3 */
static void position(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_position);
}

static void mode(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_mode);
}

static void alignment(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_alignment);
}

/* MS-CIFS 2.2.8.3.13, MS-FSCC 2.4.9 */
static void compression(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_compressed_size);
	d_get(d, smb1_compressed_format);
	d_get(d, smb1_compressed_unit);
	d_get(d, smb1_compressed_chunk);
	d_get(d, smb1_compressed_cluster);
	d_bytes(d, smb1_reserved, min_u32(3, d_rest(d)));
}

/* MS-FSCC 2.4.34 */
static void network_open(struct dx *d, struct smb_msg *m UNUSED)
{
	four_times(d);
	d_get(d, smb1_alloc_size64);
	d_get(d, smb1_end_of_file);
	d_get(d, smb1_file_attribute32);
	d_bytes(d, smb1_reserved, min_u32(4, d_rest(d)));
}

/* MS-FSCC 2.4.6 */
static void attribute_tag(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_attribute);
	d_get(d, smb1_reparse_tag);
}

/* MS-FSCC 2.4.1 */
static void access_flags(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, access_mask);
}

/* MS-FSCC 2.4.2: FileAllInformation.  Samba answers with SMB_QUERY_FILE_ALL_INFO, which has nothing between the
 * EAs' size and a name that is all of the rest (raw.qfileinfo). */
static void all_native(struct dx *d, struct smb_msg *m)
{
	enum { FIXED = 64, SHORT_HEAD = 8 };
	bool brief = d->end - d->at >= FIXED + SHORT_HEAD &&
	             dx_load(d->bytes + d->at + FIXED + 4, FT_U32) == d_rest(d) - FIXED - SHORT_HEAD;

	if (brief) {
		all(d, m);
		return;
	}
	four_times(d);
	d_get(d, smb1_file_attribute32);
	d_bytes(d, padding, 4);
	d_get(d, smb1_alloc_size64);
	d_get(d, smb1_end_of_file);
	d_get(d, smb1_link_count);
	d_get(d, smb1_delete_pending);
	d_get(d, smb1_is_directory);
	d_bytes(d, padding, 2);
	d_get(d, smb1_index_number);
	d_get(d, smb1_ea_list_length);
	d_get(d, access_mask);
	d_get(d, smb1_position);
	d_get(d, smb1_mode);
	d_get(d, smb1_alignment);
	name(d, m);
}

/* MS-CIFS 2.2.8.3.3, 2.2.8.3.4, 2.2.8.4.2 */
static void eas(struct dx *d, struct smb_msg *m UNUSED)
{
	smb1_ea_list(d, true);
}

static const struct level file_levels[] = {
	{ 0x0101, 0x03ec, basic }, { 0x0102, 0x03ed, standard }, { 0x0103, 0x03ef, ea }, { 0x0104, 0x03f1, name },
	{ 0x0107, 0, all }, { 0x0108, 0x03fd, name }, { 0x0109, 0x03fe, streams }, { 0x0001, 0, standard_dos },
	{ 0x0002, 0, ea_size_dos }, { 0x03ee, 0, internal }, { 0x0003, 0, eas }, { 0x0004, 0, eas },
	{ 0x010b, 0x0404, compression }, { 0x03f0, 0, access_flags }, { 0x03f6, 0, position }, { 0x03f8, 0, mode },
	{ 0x03f9, 0, alignment }, { 0x03fa, 0, all_native }, { 0x040a, 0, network_open }, { 0x040b, 0, attribute_tag }, { 0 }
};

/* FileRenameInformation and FileLinkInformation as SMB1 has them, MS-FSCC 2.4.42.1, 2.4.27.1: RootDirectory of 4 bytes. */
static void rename_to(struct dx *d, struct smb_msg *m)
{
	struct span new_name;
	uint32_t len;

	d_get(d, smb1_replace);
	d_bytes(d, padding, 3);
	d_get(d, smb1_root_dir);
	len = (uint32_t)d_get(d, smb1_target_len);
	new_name = text(d, F_smb1_target, len);
	if (sets(m)) {
		m->u.set.change = m->asked.level == 0x03f3 ? CHANGE_LINK : CHANGE_RENAME;
		m->u.set.to = smb1_text(d, new_name);
	}
	d_tail(d, padding);
}

/* MS-CIFS 2.2.8.4.1 */
static void set_dos(struct dx *d, struct smb_msg *m)
{
	smb1_date_time(d, m, smb1_create_dos);
	smb1_date_time(d, m, smb1_access_dos);
	smb1_date_time(d, m, smb1_last_write_dos);
	d_tail(d, padding);
}

static const struct level set_levels[] = {
	{ 0x0001, 0, set_dos }, { 0x03f2, 0x03f3, rename_to },
	{ 0x0101, 0x03ec, basic }, { 0x0102, 0, disposition }, { 0x03f5, 0, disposition_native }, { 0x0103, 0x03fb, allocation },
	{ 0x0104, 0x03fc, end_of_file }, { 0x0002, 0, eas }, { 0x03f6, 0, position }, { 0x03f8, 0, mode }, { 0 }
};

/* MS-CIFS 2.2.8.2.1 */
static void fs_allocation(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_fs_id);
	d_get(d, smb1_fs_sectors);
	d_get(d, smb1_fs_units);
	d_get(d, smb1_avail_units);
	d_get(d, smb1_fs_bytes16);
}

/* MS-CIFS 2.2.8.2.2: the label follows without alignment. */
static void fs_label(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, smb1_volume_serial);
	len = (uint32_t)d_get(d, smb1_volume_label_len8);
	text(d, F_smb1_volume_label, min_u32(len, d_rest(d)));
	d_tail(d, padding);
}

static void fs_volume(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, smb1_create_time);
	d_get(d, smb1_volume_serial);
	len = (uint32_t)d_get(d, smb1_volume_label_len);
	d_bytes(d, smb1_reserved, 2);
	text(d, F_smb1_volume_label, len);
}

static void fs_size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_alloc_units64);
	d_get(d, smb1_free_units64);
	d_get(d, smb1_fs_sectors);
	d_get(d, smb1_fs_bytes);
}

static void fs_full_size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_alloc_units64);
	d_get(d, smb1_caller_units64);
	d_get(d, smb1_actual_units64);
	d_get(d, smb1_fs_sectors);
	d_get(d, smb1_fs_bytes);
}

static void fs_device(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_device_type);
	d_get(d, smb1_device);
}

static void fs_attribute(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len;

	d_get(d, smb1_fs_attr);
	d_get(d, smb1_fs_max_name);
	len = (uint32_t)d_get(d, smb1_fs_name_len);
	text(d, F_smb1_fs_name, min_u32(len, d_rest(d)));
}

/* SMB_MAC_QUERY_FS_INFO, as Services for Macintosh has it */
static void fs_mac(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_create_time);
	d_get(d, smb1_mac_modified);
	d_get(d, smb1_mac_backup);
	d_get(d, smb1_mac_blocks);
	d_get(d, smb1_mac_block_size);
	d_get(d, smb1_mac_free);
	d_bytes(d, smb1_mac_finder, 32);
	d_get(d, smb1_mac_root_files);
	d_get(d, smb1_mac_root_dirs);
	d_get(d, smb1_mac_files);
	d_get(d, smb1_mac_dirs);
	d_get(d, smb1_mac);
}

static const struct level fs_levels[] = {
	{ 0x0001, 0, fs_allocation }, { 0x0002, 0, fs_label }, { 0x0102, 0x03e9, fs_volume }, { 0x0103, 0x03eb, fs_size },
	{ 0x0104, 0x03ec, fs_device }, { 0x0105, 0x03ed, fs_attribute }, { 0x03ef, 0, fs_full_size }, { 0x0301, 0, fs_mac },
	{ 0 }
};

/* Levels from 1000 on without a row are read as what they pass through to (MS-SMB 2.2.2.3.5). */
static void by_level(struct dx *d, struct smb_msg *m, const struct level *table, unsigned type)
{
	const struct fscc_class *class;
	fscc_fn *read;
	struct dx part;

	for (; table->read; table++)
		if (m->asked.level && (table->level == m->asked.level || table->native == m->asked.level)) {
			table->read(d, m);
			return;
		}
	class = m->asked.level > 1000 ? fscc_find(type, m->asked.level - 1000u) : NULL;
	read = !class ? NULL : m->response ? class->query : class->set;
	if (read && d_part(d, d_rest(d), &part)) {
		read(&part, m);
		d_tail(&part, padding);
	}
}

/* The name of an entry; with it the entry is complete. */
static void entry_name(struct dx *e, struct smb_msg *m, struct smb_entry *s, uint32_t len)
{
	s->name = (struct smb_text){ .bytes = text(e, F_smb1_file, len), .unicode = e->run->unicode, .there = true };
	if (s->name.bytes.len)
		smb_entry_told(e, m, s);
}

/* Entry of a level from 0x101 on: MS-CIFS 2.2.8.1.4 to 2.2.8.1.7, MS-SMB 2.2.8.1. */
static void find_entry(struct dx *e, struct smb_msg *m, uint16_t level)
{
	struct smb_entry s = { 0 };
	uint32_t len, used;

	d_get(e, smb1_next_entry);
	d_get(e, smb1_file_index);
	if (level != 0x103) {
		s.meta = four_times(e);
		s.meta.size = d_get(e, smb1_end_of_file);
		s.meta.allocation = d_get(e, smb1_alloc_size64);
		s.meta.attributes = (uint32_t)d_get(e, smb1_file_attribute32);
		s.timed = s.sized = true;
	}
	len = (uint32_t)d_get(e, smb1_file_name_len32);
	if (level == 0x102 || level >= 0x104)
		d_get(e, smb1_ea_list_length);
	if (level == 0x104 || level == 0x106) {
		d_get(e, smb1_short_name_len);
		d_bytes(e, smb1_reserved, 1);
		d_bytes(e, smb1_short_file, 24);
	}
	if (level == 0x106)
		d_bytes(e, smb1_reserved, 2);
	if (level == 0x105)
		d_bytes(e, smb1_reserved, 4);
	if (level >= 0x105)
		d_get(e, smb1_index_number);
	used = min_u32(len, d_rest(e));
	entry_name(e, m, &s, used);
	d_tail(e, padding);
}

/* The last entry's NextEntryOffset is 0, or as Samba and Windows have it, leads to the end of the data. */
static void find_entries(struct dx *d, struct smb_msg *m, uint16_t level)
{
	struct dx e;

	while (d_rest(d) >= 8 && d_more(d)) {
		uint32_t next = (uint32_t)d_peek(d, U32);

		if (next && next < 8) {
			d_note(d, NOTE_no_progress);
			return;
		}
		d_push(d, smb1_find_entry);
		if (d_part(d, next ? min_u32(next, d_rest(d)) : d_rest(d), &e))
			find_entry(&e, m, level);
		d_pop(d);
	}
}

/* MS-CIFS 2.2.8.1.1, 2.2.8.1.2, 2.2.8.1.3: resume keys stand there when they were asked for. */
static void find_dos(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s;
	uint32_t len;

	while (d_rest(d) >= 23 && d_more(d)) {
		d_push(d, smb1_find_entry);
		if (m->asked.detail & 4)
			d_get(d, smb1_resume);
		s = dos_part(d, m);
		if (m->asked.level == 2)
			d_get(d, smb1_ea_list_length);
		else if (m->asked.level == 3)
			smb1_ea_list(d, true);
		len = (uint32_t)d_get(d, smb1_file_name_len8);
		if (d->run->unicode && (d->at - d->run->header) % 2 && d_rest(d))
			d_bytes(d, padding, 1);
		len += d->run->unicode ? 2 : 1;
		entry_name(d, m, &s, min_u32(len, d_rest(d)));
		d_pop(d);
	}
}

/* SMB_INFO_QUERY_EAS_FROM_LIST: the names asked for are the request's data; SMB_QUERY_POSIX_LOCK: the lock. */
static void asked_about(struct dx *d, struct smb_msg *m)
{
	if (m->asked.level == 0x003)
		smb1_ea_list(d, false);
	else if (m->asked.level == 0x208)
		(void)smb1_unix_level(d, m, false);
}

void smb1_trans2_data(struct dx *d, struct smb_msg *m)
{
	static const struct level no_levels[] = { { 0 } };
	struct dx part;

	switch (m->asked.sub) {
	case 0x00:
	case 0x0d:
		if (!m->response)
			smb1_ea_list(d, true);
		break;
	case 0x01:
	case 0x02:
		if (!m->response)
			asked_about(d, m);
		else if (m->asked.level >= 1 && m->asked.level <= 3)
			find_dos(d, m);
		else if (m->asked.level >= 0x101 && m->asked.level <= 0x106)
			find_entries(d, m, m->asked.level);
		else if (m->asked.level == 0x202 || m->asked.level == 0x20b)
			smb1_unix_entries(d, m);
		break;
	case 0x03:
		if (m->response && !smb1_unix_level(d, m, true))
			by_level(d, m, fs_levels, FSCC_FS);
		break;
	case 0x04:
		if (!m->response && !smb1_unix_level(d, m, true))
			by_level(d, m, no_levels, FSCC_FS);
		break;
	case 0x05:
	case 0x07:
		if (!m->response)
			asked_about(d, m);
		else if (!smb1_unix_level(d, m, false))
			by_level(d, m, file_levels, FSCC_FILE);
		break;
	case 0x06:
	case 0x08:
		/* Only the answer to a POSIX open has something to say. */
		if (m->response && m->asked.level != 0x209)
			break;
		if (!smb1_unix_level(d, m, false) && !m->response)
			by_level(d, m, set_levels, FSCC_FILE);
		break;
	case 0x10:
		if (m->response && d_part(d, d_rest(d), &part))
			fscc_dfs_response(&part);
		break;
	}
}
