/* SMB1 commands on an open file but for reads and writes: CLOSE, FLUSH, SEEK, locks.  MS-CIFS 2.2.4.5, 2.2.4.6,
 * 2.2.4.13, 2.2.4.14, 2.2.4.19, 2.2.4.32, 2.2.4.45, 2.2.4.48. */
#include "smb1.h"

enum { LOCK_OPLOCK_RELEASE = 0x02, LOCK_LARGE_FILES = 0x10 };

static void close_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 3) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	d_get(&s->w, smb1_last_write_utime);
}

/* FLUSH, CLOSE_PRINT_FILE, QUERY_INFORMATION2: nothing but the FID. */
static void fid_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 1) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
}

static void seek_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 4) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	d_get(&s->w, smb1_seek_mode);
	d_get(&s->w, smb1_offset_signed);
}

static void seek_response(struct smb1_body *s, struct smb_msg *m UNUSED)
{
	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_offset);
}

static void byte_range_request(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 5) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(&s->w, smb1_fid));
	d_get(&s->w, smb1_count32);
	d_get(&s->w, smb1_offset);
}

/* A 64-bit number whose halves stand the high one first, each little-endian (MS-CIFS 2.2.4.32.1). */
static void swapped(struct dx *b, enum field_id id)
{
	const uint8_t *p = dx_take(b, 8);

	if (p && b->run->sink)
		dx_emit(b, id, p, b->at - 8, 8, dx_load(p, FT_U32) << 32 | dx_load(p + 4, FT_U32));
}

static void ranges(struct dx *b, uint32_t n, bool large, enum field_id group)
{
	while (n-- && d_rest(b) && d_more(b)) {
		dx_push(b, group);
		d_get(b, smb1_pid);
		if (large) {
			d_bytes(b, smb1_reserved, 2);
			swapped(b, F_smb1_lock_offset);
			swapped(b, F_smb1_lock_length);
		} else {
			d_get(b, smb1_offset);
			d_get(b, smb1_count32);
		}
		d_pop(b);
	}
}

/* MS-CIFS 2.2.4.32.1; from the server, with OPLOCK_RELEASE: an oplock break (3.3.4.2). */
static void locking_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint32_t type, unlocks, locks;

	if (s->wct != 8) {
		smb1_other(s);
		return;
	}
	smb1_fid(m, d_get(w, smb1_fid));
	type = (uint32_t)d_get(w, smb1_lock_type);
	d_get(w, smb1_locking_oplock);
	d_get(w, smb1_timeout);
	unlocks = (uint32_t)d_get(w, smb1_num_unlocks);
	locks = (uint32_t)d_get(w, smb1_num_locks);
	if (type & LOCK_OPLOCK_RELEASE)
		m->op = OP_BREAK;
	smb1_bytes(s, 0);
	ranges(&s->b, unlocks, type & LOCK_LARGE_FILES, F_smb1_unlock_range);
	ranges(&s->b, locks, type & LOCK_LARGE_FILES, F_smb1_lock_range);
}

const struct smb1_cmd smb1_close = { close_request, NULL, OP_CLOSE, false, true };
const struct smb1_cmd smb1_flush = { fid_request, NULL, OP_FLUSH, false, true };
const struct smb1_cmd smb1_close_print = { fid_request, NULL, OP_CLOSE, false, true };
const struct smb1_cmd smb1_seek = { seek_request, seek_response, OP_OTHER, false, false };
const struct smb1_cmd smb1_byte_range = { byte_range_request, NULL, OP_OTHER, false, true };
const struct smb1_cmd smb1_locking = { locking_request, NULL, OP_OTHER, true, true };
