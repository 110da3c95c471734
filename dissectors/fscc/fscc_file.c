/* File information classes.  MS-FSCC 2.4. */
#include "fscc.h"

void fscc_told(const struct dx *d, const struct smb_msg *m, struct smb_entry *s)
{
	s->self = true;
	if (!(d->run->flags & (DX_MALFORMED | DX_NOT_CAPTURED)))
		smb_entry_told(d, m, s);
}

static void basic_part(struct dx *d, struct smb_meta *meta)
{
	meta->created = d_get(d, smb2_create_time);
	meta->accessed = d_get(d, smb2_last_access_time);
	meta->modified = d_get(d, smb2_last_write_time);
	meta->changed = d_get(d, smb2_last_change_time);
	meta->attributes = (uint32_t)d_get(d, smb2_file_attribute);
	meta->known = true;
	if (d_rest(d))                   /* Samba's and some clients' end here */
		d_bytes(d, smb2_unknown, 4);
}

/* MS-FSCC 2.4.7 */
static void basic(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true };

	basic_part(d, &s.meta);
	if (m->response) {
		fscc_told(d, m, &s);
	} else if (m->op == OP_SET) {
		m->u.set.change = CHANGE_BASIC;
		m->u.set.meta = s.meta;
	}
}

/* MS-FSCC 2.4.47 */
static void standard(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .sized = true, .meta.known = true };

	s.meta.allocation = d_get(d, fscc_alloc_size);
	s.meta.size = d_get(d, fscc_end_of_file);
	d_get(d, fscc_link_count);
	d_get(d, fscc_delete_pending);
	d_get(d, fscc_is_directory);
	if (m->response)
		fscc_told(d, m, &s);
	d_tail(d, smb2_filler);
}

/* MS-FSCC 2.4.27 */
static void internal(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_index_number);
}

/* MS-FSCC 2.4.13 */
static void ea_size(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_ea_list_length);
}

/* MS-FSCC 2.4.1 */
static void access_flags(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, access_mask);
}

/* MS-FSCC 2.4.40 */
static void position(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_position_smb);
}

/* MS-FSCC 2.4.31 */
static void mode(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_mode_smb);
}

/* MS-FSCC 2.4.3 */
static void alignment(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_alignment_smb);
}

/* MS-FSCC 2.4.2: eight classes in one */
static void all(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true, .sized = true };
	uint32_t len;

	basic_part(d, &s.meta);
	s.meta.allocation = d_get(d, smb2_allocation_size);
	s.meta.size = d_get(d, smb2_eof);
	fscc_told(d, m, &s);
	d_get(d, fscc_nlinks);
	d_get(d, fscc_delete_pending2);
	d_get(d, fscc_is_directory2);
	d_bytes(d, smb2_filler, 2);
	d_get(d, fscc_file_id);
	d_get(d, fscc_ea_size);
	d_get(d, access_mask);
	d_get(d, fscc_position2);
	d_get(d, fscc_mode2);
	d_get(d, fscc_alignment2);
	len = (uint32_t)d_get(d, fscc_filename_len);
	d_bytes(d, fscc_filename, fscc_fits(d, m, len));
	d_tail(d, padding);
}

/* MS-FSCC 2.4.4 */
static void allocation(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_alloc_size);
}

/* MS-FSCC 2.4.14 */
static void end_of_file(struct dx *d, struct smb_msg *m)
{
	uint64_t size = d_get(d, fscc_end_of_file);

	if (m->op == OP_SET && !m->response) {
		m->u.set.change = CHANGE_SIZE;
		m->u.set.size = size;
	}
}

/* MS-FSCC 2.1.7, FILE_NAME_INFORMATION: of three classes */
static void name(struct dx *d, struct smb_msg *m)
{
	uint32_t len = (uint32_t)d_get(d, fscc_file_name_len);

	d_bytes(d, fscc_file_name, fscc_fits(d, m, len));
	d_tail(d, padding);
}

/* The new name of a rename or link: RootDirectory is 8 bytes in SMB2 (MS-FSCC 2.4.28.2, 2.4.42.2). */
static void target(struct dx *d, struct smb_msg *m)
{
	uint32_t len;

	d_bytes(d, fscc_root_directory, 8);
	len = (uint32_t)d_get(d, fscc_filename_len);
	m->path = (struct smb_text){ .bytes = d_bytes(d, fscc_filename, len), .unicode = true, .there = true };
	if (m->op == OP_SET)
		m->u.set.change = m->asked.level == 11 || m->asked.level == 57 || m->asked.level == 72 || m->asked.level == 73 ?
			CHANGE_LINK : CHANGE_RENAME;
	d_tail(d, padding);
}

/* MS-FSCC 2.4.42, 2.4.28 */
static void rename_info(struct dx *d, struct smb_msg *m)
{
	d_get(d, fscc_replace);
	d_bytes(d, fscc_reserved_random, 7);
	target(d, m);
}

/* MS-FSCC 2.4.43; ntifs.h, FILE_LINK_INFORMATION: flags where the other has ReplaceIfExists */
static void rename_ex(struct dx *d, struct smb_msg *m)
{
	d_get(d, fscc_rename_flags);
	d_bytes(d, smb2_filler, 4);
	target(d, m);
}

/* MS-FSCC 2.4.11 */
static void disposition(struct dx *d, struct smb_msg *m)
{
	bool gone = d_get(d, fscc_delete) != 0;

	if (m->op == OP_SET && !m->response)
		m->u.set.change = gone ? CHANGE_DELETE : CHANGE_KEEP;
}

/* MS-FSCC 2.4.12 */
static void disposition_ex(struct dx *d, struct smb_msg *m)
{
	bool gone = d_get(d, fscc_delete_flags) & 1;

	if (m->op == OP_SET)
		m->u.set.change = gone ? CHANGE_DELETE : CHANGE_KEEP;
}

/* MS-FSCC 2.4.16 */
static void full_ea(struct dx *d, struct smb_msg *m UNUSED)
{
	fscc_full_ea(d);
}

/* MS-FSCC 2.4.49 */
static void streams(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx e;

	while (d_next(d, fscc_stream_entry, fscc_stream_next, &e)) {
		uint32_t len = (uint32_t)d_get(&e, fscc_stream_name_len);

		d_get(&e, fscc_stream_size);
		d_get(&e, fscc_alloc_size);
		d_bytes(&e, fscc_stream_name, len);
		d_tail(&e, padding);
	}
}

/* MS-FSCC 2.4.37 */
static void pipe_info(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_read_mode);
	d_get(d, fscc_completion_mode);
}

/* MS-FSCC 2.4.38 */
static void pipe_local(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_pipe_type);
	d_get(d, fscc_pipe_config);
	d_get(d, fscc_pipe_max);
	d_get(d, fscc_pipe_current);
	d_get(d, fscc_pipe_in_quota);
	d_get(d, fscc_pipe_in_avail);
	d_get(d, fscc_pipe_out_quota);
	d_get(d, fscc_pipe_out_avail);
	d_get(d, fscc_pipe_state);
	d_get(d, fscc_pipe_end);
}

/* MS-FSCC 2.4.39 */
static void pipe_remote(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_collect_time);
	d_get(d, fscc_collect_max);
}

/* MS-FSCC 2.4.9 */
static void compression(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_compressed_size);
	d_get(d, fscc_compressed_format);
	d_get(d, fscc_unit_shift);
	d_get(d, fscc_chunk_shift);
	d_get(d, fscc_cluster_shift);
	d_tail(d, fscc_reserved);
}

/* MS-FSCC 2.4.34 */
static void network_open(struct dx *d, struct smb_msg *m)
{
	struct smb_entry s = { .timed = true, .sized = true, .meta.known = true };

	s.meta.created = d_get(d, fscc_created);
	s.meta.accessed = d_get(d, fscc_accessed);
	s.meta.modified = d_get(d, fscc_written);
	s.meta.changed = d_get(d, fscc_changed);
	s.meta.allocation = d_get(d, fscc_alloc_size);
	s.meta.size = d_get(d, fscc_end_of_file);
	s.meta.attributes = (uint32_t)d_get(d, fscc_file_attributes);
	d_bytes(d, fscc_reserved, 4);
	fscc_told(d, m, &s);
}

/* MS-FSCC 2.4.6 */
static void attribute_tag(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_tag_attributes);
	d_get(d, fscc_tag);
}

/* MS-FSCC 2.4.26 */
static void file_id(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_volume_serial64);
	d_bytes(d, fscc_file_id128, 16);
}

/* MS-FSCC 2.4.50 */
static void valid_length(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_valid_data);
}

/* MS-FSCC 2.4.29 */
static void mailslot(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_mailslot_max);
	d_get(d, fscc_mailslot_quota);
	d_get(d, fscc_mailslot_next);
	d_get(d, fscc_mailslot_available);
	d_get(d, fscc_mailslot_timeout);
}

/* MS-FSCC 2.4.30 */
static void mailslot_set(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_mailslot_timeout);
}

/* MS-FSCC 2.4.36 */
static void object_id_info(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_file_id);
	d_bytes(d, object_id, 16);
	d_bytes(d, birth_volume_id, 16);
	d_bytes(d, birth_object_id, 16);
	d_bytes(d, domain_id, 16);
}

/* MS-FSCC 2.4.44 */
static void reparse_point(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_file_id);
	d_get(d, reparse_tag);
	d_tail(d, smb2_filler);
}

/* MS-FSCC 2.4.45 */
static void sfio_reserve(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_sfio_requests);
	d_get(d, fscc_sfio_period);
	d_get(d, fscc_sfio_retry);
	d_get(d, fscc_sfio_discardable);
	d_bytes(d, smb2_filler, 2);
	d_get(d, fscc_sfio_size);
	d_get(d, fscc_sfio_outstanding);
}

/* FileSfioVolumeInformation: MS-FSCC 2.4 has its number, ntifs.h FILE_SFIO_VOLUME_INFORMATION */
static void sfio_volume(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_sfio_max_requests);
	d_get(d, fscc_sfio_min_period);
	d_get(d, fscc_sfio_min_transfer);
}

/* MS-FSCC 2.4.17 */
static void hard_links(struct dx *d, struct smb_msg *m UNUSED)
{
	struct dx list, e;

	d_get(d, fscc_links_bytes);
	d_get(d, fscc_links_count);
	if (!d_part(d, d_rest(d), &list))
		return;
	while (d_next(&list, fscc_link_entry, fscc_next_offset, &e)) {
		uint32_t chars;

		d_get(&e, fscc_file_id);
		chars = (uint32_t)d_get(&e, fscc_link_chars);
		d_bytes(&e, fscc_filename, chars < d_rest(&e) ? chars * 2 : d_rest(&e));
		d_tail(&e, padding);
	}
}

/* MS-FSCC 2.4.48 */
static void standard_link(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, fscc_nlinks);
	d_get(d, fscc_total_links);
	d_get(d, fscc_delete_pending2);
	d_get(d, fscc_is_directory2);
	d_tail(d, smb2_filler);
}

/* Samba's POSIX extensions */
static void posix(struct dx *d, struct smb_msg *m UNUSED)
{
	fscc_posix_common(d);
}

const struct fscc_class fscc_file_classes[] = {
	{ FSCC_FILE, 4, F_fscc_basic, basic, basic },
	{ FSCC_FILE, 5, F_fscc_standard, standard, standard },
	{ FSCC_FILE, 6, F_fscc_internal, internal, NULL },
	{ FSCC_FILE, 7, F_fscc_ea, ea_size, NULL },
	{ FSCC_FILE, 8, F_fscc_access, access_flags, NULL },
	{ FSCC_FILE, 9, F_fscc_name_info, name, NULL },
	{ FSCC_FILE, 10, F_fscc_rename, NULL, rename_info },
	{ FSCC_FILE, 11, F_fscc_link, NULL, rename_info },
	{ FSCC_FILE, 13, F_fscc_disposition, disposition, disposition },
	{ FSCC_FILE, 14, F_fscc_position, position, position },
	{ FSCC_FILE, 15, F_fscc_full_ea_info, full_ea, full_ea },
	{ FSCC_FILE, 16, F_fscc_mode, mode, mode },
	{ FSCC_FILE, 17, F_fscc_alignment, alignment, NULL },
	{ FSCC_FILE, 18, F_fscc_all, all, NULL },
	{ FSCC_FILE, 19, F_fscc_allocation, allocation, allocation },
	{ FSCC_FILE, 20, F_fscc_endoffile, end_of_file, end_of_file },
	{ FSCC_FILE, 21, F_fscc_alternate_name, name, NULL },
	{ FSCC_FILE, 22, F_fscc_stream, streams, NULL },
	{ FSCC_FILE, 23, F_fscc_pipe, pipe_info, pipe_info },
	{ FSCC_FILE, 24, F_fscc_pipe_local, pipe_local, NULL },
	{ FSCC_FILE, 25, F_fscc_pipe_remote, pipe_remote, pipe_remote },
	{ FSCC_FILE, 26, F_fscc_mailslot, mailslot, NULL },
	{ FSCC_FILE, 27, F_fscc_mailslot, NULL, mailslot_set },
	{ FSCC_FILE, 28, F_fscc_compression, compression, NULL },
	{ FSCC_FILE, 29, F_fscc_object_id, object_id_info, NULL },
	{ FSCC_FILE, 33, F_fscc_reparse_point, reparse_point, NULL },
	{ FSCC_FILE, 34, F_fscc_network_open, network_open, NULL },
	{ FSCC_FILE, 35, F_fscc_attribute_tag, attribute_tag, NULL },
	{ FSCC_FILE, 39, F_fscc_valid_length, NULL, valid_length },
	{ FSCC_FILE, 40, F_fscc_name_info, NULL, name },
	{ FSCC_FILE, 44, F_fscc_sfio_reserve, sfio_reserve, sfio_reserve },
	{ FSCC_FILE, 45, F_fscc_sfio_volume, sfio_volume, NULL },
	{ FSCC_FILE, 46, F_fscc_hard_link, hard_links, NULL },
	{ FSCC_FILE, 48, F_fscc_normalized_name, name, NULL },
	{ FSCC_FILE, 54, F_fscc_standard_link, standard_link, NULL },
	{ FSCC_FILE, 56, F_fscc_rename, NULL, rename_info },
	{ FSCC_FILE, 57, F_fscc_link, NULL, rename_info },
	{ FSCC_FILE, 59, F_fscc_id_info, file_id, NULL },
	{ FSCC_FILE, 64, F_fscc_disposition, NULL, disposition_ex },
	{ FSCC_FILE, 65, F_fscc_rename, NULL, rename_ex },
	{ FSCC_FILE, 66, F_fscc_rename, NULL, rename_ex },
	{ FSCC_FILE, 72, F_fscc_link, NULL, rename_ex },
	{ FSCC_FILE, 73, F_fscc_link, NULL, rename_ex },
	{ FSCC_FILE, 100, F_fscc_posix, posix, NULL },
	{ 0 },
};
