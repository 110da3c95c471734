/* A file's content as the capture holds it: which bytes of it moved, and where they lie.
 * Cited, not copied: entries name slices of the captures. */
#ifndef SESSION_CONTENT_H
#define SESSION_CONTENT_H

#include "base/pdu.h"

/* Bytes [off, off + slice.len) of the file.  slice.capture SLICE_HOLE: they moved but are not in the capture. */
struct content_piece {
	uint64_t off;
	struct slice slice;
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
/* content_slices returns the slices of [0, size) in order, malloc'ed, their number in *n; call it when nothing is missing. */
struct slice *content_slices(const struct content *, uint64_t size, uint32_t *n);
void content_free(struct content *);

/* slices_part writes the slices of [off, off + len) of a PDU that lies in the n slices given to out (room for n);
 * returns their number. */
uint32_t slices_part(const struct slice *, uint32_t n, uint32_t off, uint32_t len, struct slice *out);

#endif
