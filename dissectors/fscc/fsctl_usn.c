/* FSCTL buffers of the change journal.  MS-FSCC 2.3.61, 2.3.62, 2.3.93; for what is not sent to other machines as a rule,
 * winioctl.h (MFT_ENUM_DATA, READ_USN_JOURNAL_DATA, USN_JOURNAL_DATA and their kin). */
#include "fscc.h"

enum { RECORD_MIN = 8 };                 /* USN_RECORD_COMMON_HEADER */

/* FileName by its place in the record, MS-FSCC 2.3.62.2. */
static void file_name(struct dx *d)
{
	uint32_t len, off;
	struct dx name;

	len = (uint32_t)d_get(d, usn_file_name_length);
	off = (uint32_t)d_get(d, usn_file_name_offset);
	if (!d_sub(d, off, len, &name))
		return;
	d_between(&name, d->at);
	d_tail(&name, fscc_filename);
	if (name.lim > d->at)
		(void)d_part(d, name.lim - d->at, &name);
}

/* USN_RECORD_V4 of winioctl.h: which ranges were changed, without a name. */
static void extents(struct dx *d)
{
	uint32_t n;

	d_get(d, usn_reason);
	d_get(d, usn_source_info);
	d_get(d, usn_remaining_extents);
	n = (uint32_t)d_get(d, usn_number_of_extents);
	d_get(d, usn_extent_size);
	while (d_each(d, &n)) {
		d_push(d, usn_extent);
		d_get(d, usn_extent_offset);
		d_get(d, usn_extent_length);
		d_pop(d);
	}
}

/* USN_RECORD_COMMON_HEADER, USN_RECORD_V2, USN_RECORD_V3: MS-FSCC 2.3.62.1 to 2.3.62.3 */
static void record(struct dx *d)
{
	unsigned major;

	d_push(d, usn_record);
	d_get(d, usn_record_length);
	major = (unsigned)d_get(d, usn_major_version);
	d_get(d, usn_minor_version);
	if (major == 2) {
		d_get(d, usn_file_reference_number);
		d_get(d, usn_parent_file_reference_number);
	} else if (major == 3 || major == 4) {
		d_bytes(d, usn_file_reference128, 16);
		d_bytes(d, usn_parent_reference128, 16);
	}
	if (major >= 2 && major <= 4)
		d_get(d, usn_usn);
	if (major == 4) {
		extents(d);
	} else if (major == 2 || major == 3) {
		d_get(d, usn_time_stamp);
		d_get(d, usn_reason);
		d_get(d, usn_source_info);
		d_get(d, usn_security_id);
		d_get(d, smb2_file_attribute);
		file_name(d);
	}
	d_left(d);
	d_pop(d);
}

/* Records one after the other, each as long as it says. */
static void records(struct dx *d)
{
	while (d_rest(d) && d_more(d)) {
		uint32_t len = (uint32_t)d_peek(d, U32);
		struct dx one;

		if (len < RECORD_MIN) {
			d_note(d, NOTE_no_progress);
			return;
		}
		if (!d_part(d, len, &one))
			return;
		record(&one);
	}
}

/* READ_FILE_USN_DATA, MS-FSCC 2.3.61; may be left out */
static void file_in(struct dx *d, struct smb_msg *m UNUSED)
{
	if (!d_rest(d))
		return;
	d_get(d, usn_min_major_version);
	d_get(d, usn_max_major_version);
}

/* MS-FSCC 2.3.62 */
static void file_out(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t len = (uint32_t)d_peek(d, U32);
	struct dx one;

	if (d_part(d, len >= RECORD_MIN ? len : d_rest(d), &one))
		record(&one);
}

/* MS-FSCC 2.3.93 */
static void close_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_usn);
}

/* MFT_ENUM_DATA_V0, MFT_ENUM_DATA_V1 of winioctl.h */
static void enum_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_start_file_reference);
	d_get(d, usn_low_usn);
	d_get(d, usn_high_usn);
	if (d_rest(d) >= 4) {
		d_get(d, usn_min_major_version);
		d_get(d, usn_max_major_version);
	}
	d_tail(d, smb2_filler);
}

/* Where to go on, and the records. */
static void enum_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_start_file_reference);
	records(d);
}

/* READ_USN_JOURNAL_DATA_V0, READ_USN_JOURNAL_DATA_V1 of winioctl.h */
static void read_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_start_usn);
	d_get(d, usn_reason_mask);
	d_get(d, usn_return_only_on_close);
	d_get(d, usn_timeout);
	d_get(d, usn_bytes_to_wait_for);
	d_get(d, usn_journal_id);
	if (d_rest(d) >= 4) {
		d_get(d, usn_min_major_version);
		d_get(d, usn_max_major_version);
	}
	d_tail(d, smb2_filler);
}

static void read_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_next_usn);
	records(d);
}

/* CREATE_USN_JOURNAL_DATA of winioctl.h */
static void create_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_maximum_size);
	d_get(d, usn_allocation_delta);
}

/* USN_JOURNAL_DATA_V0, V1 and V2 of winioctl.h: each is longer than the one before. */
static void query_out(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_journal_id);
	d_get(d, usn_first_usn);
	d_get(d, usn_next_usn);
	d_get(d, usn_lowest_valid_usn);
	d_get(d, usn_max_usn);
	d_get(d, usn_maximum_size);
	d_get(d, usn_allocation_delta);
	if (d_rest(d) >= 4) {
		d_get(d, usn_min_major_version);
		d_get(d, usn_max_major_version);
	}
	if (d_rest(d) >= 20) {
		d_get(d, usn_track_flags);
		d_get(d, usn_track_chunk_size);
		d_get(d, usn_track_threshold);
	}
	d_tail(d, smb2_filler);
}

/* DELETE_USN_JOURNAL_DATA of winioctl.h */
static void delete_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_journal_id);
	d_get(d, usn_delete_flags);
	d_tail(d, smb2_filler);
}

/* USN_TRACK_MODIFIED_RANGES of winioctl.h */
static void track_in(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, usn_track_flags);
	d_bytes(d, smb2_filler, 4);
	d_get(d, usn_track_chunk_size);
	d_get(d, usn_track_threshold);
}

const struct fscc_fsctl fsctl_usn[] = {
	{ 0x000900B3, enum_in, enum_out },                   /* FSCTL_ENUM_USN_DATA */
	{ 0x000940B3, enum_in, enum_out },                   /* FSCTL_ENUM_USN_DATA */
	{ 0x000900BB, read_in, read_out },                   /* FSCTL_READ_USN_JOURNAL */
	{ 0x000940BB, read_in, read_out },                   /* FSCTL_READ_USN_JOURNAL */
	{ 0x000903AB, read_in, read_out },                   /* FSCTL_READ_UNPRIVILEGED_USN_JOURNAL */
	{ 0x000900E7, create_in, NULL },                     /* FSCTL_CREATE_USN_JOURNAL */
	{ 0x000940E7, create_in, NULL },                     /* FSCTL_CREATE_USN_JOURNAL */
	{ 0x000900EB, file_in, file_out },                   /* FSCTL_READ_FILE_USN_DATA */
	{ 0x000940EB, file_in, file_out },                   /* FSCTL_READ_FILE_USN_DATA */
	{ 0x000900EF, NULL, close_out },                     /* FSCTL_WRITE_USN_CLOSE_RECORD */
	{ 0x000940EF, NULL, close_out },                     /* FSCTL_WRITE_USN_CLOSE_RECORD */
	{ 0x000900F4, NULL, query_out },                     /* FSCTL_QUERY_USN_JOURNAL */
	{ 0x000900F8, delete_in, NULL },                     /* FSCTL_DELETE_USN_JOURNAL */
	{ 0x000902F4, track_in, NULL },                      /* FSCTL_USN_TRACK_MODIFIED_RANGES */
	{ 0 },
};
