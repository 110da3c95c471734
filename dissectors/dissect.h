/* The dissector interface: reading is describing.  Nothing in here knows SMB.
 *
 * The only way to get bytes is d_get(d, FIELD) and its relatives; it returns the value and,
 * if somebody listens, tells them field, position and value.  Width, byte order, name and
 * bits stand in the field's one line (fields.h).
 *
 * Positions are offsets in the source (the PDU, or what was decrypted from it), not
 * pointers: a payload that is streamed lies beyond the readable bytes, and a pointer there
 * would not be C.
 *
 * Decided here, of style.md's open points: (1) .def lines with token pasting stay; they gave
 * readable errors in practice.  (3) d_string looks at run->unicode and aligns from run->header.
 * (4) the compile time of the field include is bounded by one enum per file, see make bench.
 * Point (2), NDR64, is a flag of the NDR engine's reader, not of this one.
 */
#ifndef DISSECTORS_DISSECT_H
#define DISSECTORS_DISSECT_H

#include <endian.h>

#include "base/mem.h"
#include "base/pdu.h"
#include "base/span.h"
#include "fields.h"

enum note_id {
	NOTE_none,
#define NOTE(id, severity, text) NOTE_##id,
#include "note.def"
#undef NOTE
	NOTE__COUNT
};
enum note_severity { NOTE_CHAT, NOTE_NOTE, NOTE_WARN, NOTE_ERROR };
struct note {
	const char *name, *text;
	enum note_severity severity;
};
extern const struct note notes[NOTE__COUNT];

/* What a dissected value looks like to whoever listens. */
struct fval {
	enum field_id id;
	uint16_t type;          /* enum field_type; FT_STR resolved to FT_UTF16 or FT_OEM */
	uint8_t src;            /* index of its source in the run */
	bool generated;         /* computed: len is 0, or off and len tell the bytes that it is about, not its own */
	uint32_t off, len;      /* where in that source */
	uint64_t u;             /* integers, times and flags; FT_FLAG: masked and shifted */
	const uint8_t *p;       /* the bytes (text if generated), borrowed until the callback returns; NULL: none */
	const uint8_t *about;   /* computed, len not 0: those bytes, in their source */
	uint32_t captured;      /* of the len bytes at p, how many may be read: less for payload with holes */
};

/* A listener.  All callbacks are required. */
struct sink {
	void (*value)(struct sink *, const struct fval *);
	/* push opens a group; its length is known at pop, which gives where the group ends. */
	void (*push)(struct sink *, enum field_id, uint8_t src, uint32_t off);
	void (*pop)(struct sink *, uint32_t end);
	void (*note)(struct sink *, enum note_id, uint8_t src, uint32_t off);
};

enum source_kind { SOURCE_CAPTURED, SOURCE_DECRYPTED, SOURCE_DECOMPRESSED, SOURCE_REASSEMBLED };

/* Bytes that fields lie in.  bytes[0..have) may be read, except the holes (zeros there);
 * len is the declared length, and everything from have on is a hole. */
struct source {
	const uint8_t *bytes;
	uint32_t have, len;
	const struct hole *holes;
	uint32_t n_holes;
	uint8_t kind, parent;   /* enum source_kind; index of the source it was made from */
};

/* Where a payload lies in its source. */
struct extent {
	uint32_t off, len;
};

#define DX_SOURCES 8

struct smb_msg;
struct smb_entry;

enum { DX_MALFORMED = 1, DX_NOT_CAPTURED = 2, DX_LIMIT = 4 };

/* One dissection: shared by all readers of a message.  The caller zeroes it, sets sink and
 * arena, and keeps it for as many PDUs as it likes; dx_begin starts each. */
struct dx_run {
	struct sink *sink;      /* NULL: nobody listens, only facts are wanted */
	struct arena *arena;    /* reset by the caller after each PDU */
	/* Gets each directory entry and each file's metadata in an answer as it is read, before the message is told; it lives
	 * until the return.  NULL: nobody wants them. */
	void (*on_entry)(void *arg, const struct smb_msg *, const struct smb_entry *);
	void *entry_arg;
	/* Puts what the open that m->fid names is into m->ctx.object, where a request can only be read by it.  NULL: that
	 * stands there from the start, as in a message dissected alone. */
	void (*on_fid)(void *arg, struct smb_msg *m);
	void *fid_arg;
	struct source sources[DX_SOURCES];
	uint32_t header;        /* offset of the current message's header: what strings align to */
	uint32_t flags;         /* DX_* of the current message; only ever set */
	uint32_t high;          /* end of the furthest part opened by d_sub in the current message */
	uint16_t note;          /* first enum note_id of severity WARN or more, or 'undecoded' */
	uint8_t n_sources;
	bool unicode;           /* d_string reads UTF-16 */
};

/* A reader over one message, or one part of it.  Plain value: copy it, keep it on the stack. */
struct dx {
	struct dx_run *run;
	const uint8_t *bytes;   /* of its source */
	uint32_t at;            /* next unread byte */
	uint32_t end;           /* end of the bytes that can be read from at on; at <= end <= lim */
	uint32_t lim;           /* end of this part as declared */
	uint32_t base;          /* what offsets found in the data are relative to */
	uint16_t n;             /* entries taken so far by d_next */
	uint8_t src;
	bool lost;              /* given up: bytes of it were not captured, and that has been told */
};

/* --- what dissectors call --- */

/* d_get reads the next integer; width and byte order come from the field's line.  Past the
 * end it returns 0, flags the message and puts the reader at its end: no test is needed. */
#define d_get(d, id)      dx_uint((d), F_##id, FW_##id + 0 * sizeof(char[FT_WIDTH(FW_##id) ? 1 : -1]))
/* d_bytes reads n bytes as the span-typed field id (BYTES, UTF16, OEM, STR, GUID ...). */
#define d_bytes(d, id, n) dx_span((d), F_##id + 0 * sizeof(char[FT_WIDTH(FW_##id) ? -1 : 1]), (n))
/* d_none tells that the span-typed field id is there, of no bytes, at d's next byte; nothing where a read came up short. */
#define d_none(d, id)     dx_none((d), F_##id + 0 * sizeof(char[FT_WIDTH(FW_##id) ? -1 : 1]))
/* d_peek looks at the next integer of the width of type without reading it; dispatch only.  0 if short. */
#define d_peek(d, type)   dx_peek((d), FT_##type)
/* d_rest is what this part has left by its own declaration. */
#define d_rest(d)         ((uint32_t)((d)->lim - (d)->at))
/* d_tail reads all that is left as id, if anything is. */
#define d_tail(d, id)     do { if (d_rest(d)) (void)d_bytes((d), id, d_rest(d)); } while (0)
/* d_left reads all that is left and that nothing points to: padding where it is 8 bytes at most, else undecoded. */
void d_left(struct dx *d);
/* d_some reads up to n bytes as id, as many of them as were captured; flags what is missing. */
#define d_some(d, id, n)  dx_some((d), F_##id + 0 * sizeof(char[FT_WIDTH(FW_##id) ? -1 : 1]), (n))
/* d_payload passes over n bytes of file content: the only read that may cross holes and the
 * end of the readable bytes.  Returns where they lie (clipped to the part, which is flagged);
 * flags nothing for holes. */
#define d_payload(d, id, n) dx_payload((d), F_##id + 0 * sizeof(char[FT_WIDTH(FW_##id) ? -1 : 1]), (n))
/* d_string reads text up to and with its NUL (or the part's end) in the message's encoding,
 * aligned from the header if UTF-16; the span leaves the NUL out.  d_oem: always 8-bit. */
#define d_string(d, id)   dx_string((d), F_##id + 0 * sizeof(char[(int)FW_##id == (int)FT_STR ? 1 : -1]), (d)->run->unicode)
#define d_oem(d, id)      dx_string((d), F_##id + 0 * sizeof(char[(int)FW_##id == (int)FT_OEM ? 1 : -1]), false)
/* d_align reads the padding up to the next multiple of n from the base as smbscope.padding. */
#define d_align(d, n)     dx_align((d), (d)->base, (n))
/* d_push and d_pop open and close a group; d_group is the span of a known length as a group. */
#define d_push(d, id)     dx_push((d), F_##id)
void d_pop(const struct dx *);
/* d_pop_part closes a group that goes to the end of d's part, wherever d stands. */
void d_pop_part(const struct dx *);

/* d_sub opens the part [off, off+len) from d's base for reading, clipped to d; what does not fit
 * is flagged.  False: nothing there (len 0 or outside). */
bool d_sub(const struct dx *d, uint32_t off, uint32_t len, struct dx *part);
/* d_part takes the next len bytes of d as a part of their own (its base is its start). */
bool d_part(struct dx *d, uint32_t len, struct dx *part);
/* d_between reads the bytes from `from` on up to part's start as padding, if they are as few as padding is
 * (8 at most): nothing points to them.  More may be another part's. */
#define d_between(part, from) \
	do { if ((from) < (part)->base) dx_between((part), (from)); } while (0)
/* d_next steps through a list whose entries start with a u32 distance to the next (0: last).
 * Each entry is a group in the output and the base of its own offsets.  Run it until false. */
#define d_next(list, group, id, entry) dx_next((list), F_##group, F_##id, (entry))
/* d_note tells what is odd about this place. */
void d_note(const struct dx *, enum note_id);
/* d_more counts an iteration of a loop over d; false (with a note) when there were too many. */
bool d_more(struct dx *d);
/* d_each counts down the *n entries that d was said to hold; false at the end.  Entries promised where
 * nothing is left are flagged. */
bool d_each(struct dx *d, uint32_t *n);

/* Generated fields: computed, without bytes. */
#define d_gen(run, id, value)      dx_gen((run), F_##id, (value))
#define d_gen_text(run, id, text)  dx_gen_text((run), F_##id, (text))
/* d_gen_at computes one about the n bytes at `at` of d's source, where Wireshark has it; d_gen_bytes_at one whose
 * value are the bytes of a span. */
#define d_gen_at(d, id, value, at, n) \
	do { if (unlikely((d)->run->sink != NULL)) dx_gen_at((d), F_##id, (value), (struct span){ 0 }, (at), (n)); } while (0)
#define d_gen_bytes_at(d, id, s, at, n) \
	do { if (unlikely((d)->run->sink != NULL)) dx_gen_at((d), F_##id, 0, (s), (at), (n)); } while (0)

/* --- what the rest of the house calls --- */

/* dx_begin starts a PDU: source 0 is the PDU as captured. */
void dx_begin(struct dx_run *, const struct pdu *);
/* dx_source adds a source (decrypted, decompressed, reassembled); bytes live in the arena or
 * outlast the run.  Returns its index; the last one when there are too many. */
uint8_t dx_source(struct dx_run *, uint8_t parent, enum source_kind, const uint8_t *bytes, uint32_t len);
/* dx_open gives a reader over [off, off+len) of a source. */
struct dx dx_open(struct dx_run *, uint8_t src, uint32_t off, uint32_t len);

/* --- the macros' other halves; dissectors never name these --- */

const uint8_t *dx_overrun(struct dx *, uint32_t n);
void dx_emit(const struct dx *, enum field_id, const uint8_t *, uint32_t off, uint32_t len, uint64_t);
/* dx_emit_as tells bytes that are written otherwise than the field's line says. */
void dx_emit_as(const struct dx *, enum field_id, enum field_type, const uint8_t *, uint32_t off, uint32_t len);
void dx_push(const struct dx *, enum field_id);
bool dx_next(struct dx *list, enum field_id group, enum field_id id, struct dx *entry);
struct extent dx_payload(struct dx *, enum field_id, uint32_t n);
struct span dx_some(struct dx *, enum field_id, uint32_t n);
struct span dx_string(struct dx *, enum field_id, bool unicode);
void dx_align(struct dx *, uint32_t from, uint32_t n);
void dx_between(const struct dx *part, uint32_t from);
void dx_gen(struct dx_run *, enum field_id, uint64_t);
void dx_gen_text(struct dx_run *, enum field_id, const char *);
void dx_gen_at(const struct dx *, enum field_id, uint64_t, struct span, uint32_t at, uint32_t n);

ALWAYS_INLINE const uint8_t *dx_take(struct dx *d, uint32_t n)
{
	const uint8_t *p;

	if (unlikely(d->end - d->at < n))
		return dx_overrun(d, n);
	p = d->bytes + d->at;
	d->at += n;
	return p;
}

ALWAYS_INLINE uint64_t dx_load(const uint8_t *p, unsigned type)
{
	uint16_t h;
	uint32_t w;
	uint64_t q;

	switch (FT_WIDTH(type)) {
	case 1:
		return *p;
	case 2:
		memcpy(&h, p, 2);
		h = (type & 0xf00) == 0x100 ? be16toh(h) : le16toh(h);
		return type == FT_I16 ? (uint64_t)(int64_t)(int16_t)h : h;
	case 3:
		return type == FT_U24BE ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2]
		                        : (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
	case 4:
		memcpy(&w, p, 4);
		w = (type & 0xf00) == 0x100 || type == FT_IPV4 ? be32toh(w) : le32toh(w);
		return type == FT_I32 ? (uint64_t)(int64_t)(int32_t)w : w;
	case 8:
		memcpy(&q, p, 8);
		return (type & 0xf00) == 0x100 ? be64toh(q) : le64toh(q);
	}
	return 0;
}

ALWAYS_INLINE uint64_t dx_uint(struct dx *d, enum field_id id, unsigned type)
{
	const uint8_t *p = dx_take(d, FT_WIDTH(type));
	uint64_t v;

	if (unlikely(!p))
		return 0;
	v = dx_load(p, type);
	if (unlikely(d->run->sink != NULL))
		dx_emit(d, id, p, d->at - FT_WIDTH(type), FT_WIDTH(type), v);
	return v;
}

ALWAYS_INLINE uint64_t dx_peek(const struct dx *d, unsigned type)
{
	return d->end - d->at < FT_WIDTH(type) ? 0 : dx_load(d->bytes + d->at, type);
}

static inline struct span dx_span(struct dx *d, enum field_id id, uint32_t n)
{
	const uint8_t *p = n ? dx_take(d, n) : NULL;

	if (!p)
		return (struct span){ 0 };
	if (unlikely(d->run->sink != NULL))
		dx_emit(d, id, p, d->at - n, n, 0);
	return (struct span){ p, n };
}

static inline void dx_none(struct dx *d, enum field_id id)
{
	if (unlikely(d->run->sink != NULL) && !(d->run->flags & (DX_MALFORMED | DX_NOT_CAPTURED)))
		dx_emit(d, id, d->bytes + d->at, d->at, 0, 0);
}

#endif
