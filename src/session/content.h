/* A file's content as the capture holds it: which bytes of it moved, and where they lie.
 * Cited, not copied: entries name slices of the captures. */
#ifndef SESSION_CONTENT_H
#define SESSION_CONTENT_H

#include "base/pdu.h"

/* A run of n slices of the same length, each stride behind the one before in the capture: what a bulk transfer in full
 * segments is.  They hold bytes [off, off + n * slice.len) of the file.  slice.capture SLICE_HOLE: the bytes moved but are
 * not in the capture (n is 1). */
struct content_piece {
	uint64_t off;
	struct slice slice;        /* the first */
	uint32_t n, stride;
};

/* Pieces ascending, without overlap: of bytes that moved twice the later ones.  Zero is an empty content. */
struct content {
	struct content_piece *pieces;
	uint32_t n, cap;
	uint64_t shifted;          /* pieces moved to make room inside, against an adversary's order */
	bool limit;                /* a limit was reached: what is here is not all */
};

/* content_put puts what the slices hold at off, over what was there. */
void content_put(struct content *, uint64_t off, const struct slice *slices, uint32_t n);
/* content_truncate forgets everything from size on. */
void content_truncate(struct content *, uint64_t size);
/* content_ranges writes the ranges of [0, size) that are wanted as "from-to" (inclusive), separated by commas, to
 * out (cut with "..." at its size), and returns their bytes.  moved true: ranges that moved but were not captured;
 * false: ranges that never moved. */
uint64_t content_ranges(const struct content *, uint64_t size, bool moved, char *out, size_t out_size);
/* content_seen returns the captured bytes below size. */
uint64_t content_seen(const struct content *, uint64_t size);
/* content_pieces returns the pieces of [0, size), malloc'ed, their number in *n. */
struct content_piece *content_pieces(const struct content *, uint64_t size, uint32_t *n);
/* content_end returns where the last piece ends, 0 of an empty content. */
uint64_t content_end_of(const struct content *);
void content_free(struct content *);

/* slices_part writes the slices of [off, off + len) of a PDU that lies in the n slices given to out (room for n);
 * returns their number. */
uint32_t slices_part(const struct slice *, uint32_t n, uint32_t off, uint32_t len, struct slice *out);

#endif
