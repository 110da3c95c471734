/* FSCTL_REFS_STREAM_SNAPSHOT_MANAGEMENT.  MS-FSCC 2.3.65, 2.3.66. */
#include "fscc.h"

enum { OPERATION_LIST = 2, OPERATION_QUERY_DELTAS = 3 };
enum { EXTENT_PACKED = 28, EXTENT_ALIGNED = 32, ENTRY_PACKED = 46 };

/* REFS_STREAM_SNAPSHOT_MANAGEMENT_INPUT_BUFFER, MS-FSCC 2.3.65.  The answer's form follows from the operation. */
static void snapshot_in(struct dx *d, struct smb_msg *m)
{
	uint32_t name, input;
	struct dx part;

	m->asked.detail = (uint8_t)d_get(d, snap_operation);
	name = (uint32_t)d_get(d, snap_snapshot_name_length);
	input = (uint32_t)d_get(d, snap_operation_input_buffer_length);
	d_bytes(d, smb2_reserved, 16);
	d_bytes(d, snap_name, name);
	if (!input)
		return;
	d_align(d, 8);
	if (!d_part(d, input, &part))
		return;
	if (m->asked.detail == OPERATION_QUERY_DELTAS) {
		/* REFS_STREAM_SNAPSHOT_QUERY_DELTAS_INPUT_BUFFER, MS-FSCC 2.3.65.1 */
		d_get(&part, snap_starting_vcn);
		d_get(&part, snap_flags);
		d_bytes(&part, smb2_reserved, 4);
	}
	d_tail(&part, fsctl_data);
}

/* REFS_STREAM_SNAPSHOT_LIST_OUTPUT_BUFFER and its entries, MS-FSCC 2.3.66.1.  The figure has no padding in front of the time, ntifs.h
 * has two bytes: an entry that has room for them has them. */
static void list_out(struct dx *d)
{
	struct dx list, e;

	d_get(d, snap_entry_count);
	d_get(d, snap_buffer_size_required_for_query);
	d_bytes(d, smb2_reserved, 8);
	if (!d_part(d, d_rest(d), &list))
		return;
	while (d_next(&list, snap_entry, snap_next_entry_offset, &e)) {
		uint32_t whole = d_rest(&e) + 4, len = (uint32_t)d_get(&e, snap_snapshot_name_length);

		if (whole > ENTRY_PACKED + len)
			d_bytes(&e, smb2_filler, 2);
		d_get(&e, snap_snapshot_creation_time);
		d_get(&e, snap_stream_size);
		d_get(&e, snap_stream_allocation_size);
		d_bytes(&e, smb2_reserved, 16);
		d_bytes(&e, snap_name, len);
		d_tail(&e, padding);
	}
}

/* REFS_STREAM_SNAPSHOT_QUERY_DELTAS_OUTPUT_BUFFER, MS-FSCC 2.3.66.2: packed as its figure has it, or aligned as ntifs.h does. */
static void deltas_out(struct dx *d)
{
	uint32_t n = (uint32_t)d_get(d, snap_extent_count);
	bool aligned;

	d_bytes(d, smb2_reserved, 8);
	aligned = d_rest(d) >= 4 && (d_rest(d) - 4) / EXTENT_ALIGNED >= n && d_rest(d) != (uint64_t)n * EXTENT_PACKED;
	if (aligned)
		d_bytes(d, smb2_filler, 4);
	while (d_each(d, &n)) {
		d_push(d, snap_extent);
		d_get(d, snap_vcn);
		d_get(d, snap_lcn);
		d_get(d, snap_length);
		d_get(d, snap_properties);
		if (aligned)
			d_bytes(d, smb2_filler, EXTENT_ALIGNED - EXTENT_PACKED);
		d_pop(d);
	}
}

static void snapshot_out(struct dx *d, struct smb_msg *m)
{
	if (m->asked.detail == OPERATION_LIST)
		list_out(d);
	else if (m->asked.detail == OPERATION_QUERY_DELTAS)
		deltas_out(d);
}

const struct fscc_fsctl fsctl_snapshot[] = {
	{ 0x00090440, snapshot_in, snapshot_out },           /* FSCTL_REFS_STREAM_SNAPSHOT_MANAGEMENT */
	{ 0 },
};
