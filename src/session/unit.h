/* Units: bytes of one direction of a pipe, gathered from several messages into DCE/RPC PDUs.
 * C706 12.6.3.1 (frag_length), MS-RPCE 2.1.1.2 (named pipes); DESIGN.md part 5, decision 4.
 *
 * How it works.  A pipe's borders and RPC's have nothing to do with each other: one WRITE may hold several PDUs,
 * one PDU may take several WRITEs.  A stream is fed the payload of each message in order.  A PDU that lies within
 * one payload is given out as it lies there; one that does not is copied until it is whole.  What does not begin
 * like a PDU makes the stream one that is not RPC, for good; after bytes were lost, a payload that begins like a
 * PDU is where it goes on. */
#ifndef SESSION_UNIT_H
#define SESSION_UNIT_H

#include "base/list.h"
#include "base/span.h"

/* Where a part of a unit lies. */
struct unit_part {
	int64_t command;           /* the exchange; negative: the message that is none's, -message_id */
	uint32_t off, len;         /* in the PDU of its request or answer, session header included */
	bool response;             /* in the answer */
};

/* A complete one.  Borrowed for the call it is passed to. */
struct unit {
	const struct unit_part *parts;
	uint32_t n_parts;
	struct span bytes;         /* of all parts */
};

enum unit_state { UNIT_START, UNIT_RPC, UNIT_LOST, UNIT_OTHER };

/* One direction of a pipe. */
struct unit_stream {
	struct link link;          /* in units.holding, while it holds bytes */
	uint8_t *bytes;            /* what is there of the unit under way, owned */
	struct unit_part *parts;   /* owned */
	uint32_t n, cap, n_parts, cap_parts;
	uint32_t need;             /* length of that unit; 0: not known yet */
	uint32_t losses;           /* times that bytes were missing, or were none of a PDU */
	uint8_t state;             /* enum unit_state */
};

/* All streams together, for the cap.  Zero-initialised but for holding, which unit_init makes. */
struct units {
	struct link holding;       /* streams that hold bytes, the least recently fed first */
	uint64_t held;             /* bytes, and parts by their size */
	uint64_t evictions;        /* units given up for the caps */
};

typedef void unit_done_fn(void *arg, const struct unit *);

void unit_init(struct units *);
/* unit_open returns a stream; from_start: its first byte is the pipe's first.  unit_close accepts NULL. */
struct unit_stream *unit_open(bool from_start);
void unit_close(struct units *, struct unit_stream *);
/* unit_feed takes the part->len bytes at bytes, and calls done for each unit they complete, in order. */
void unit_feed(struct units *, struct unit_stream *, const struct unit_part *part, const uint8_t *bytes, unit_done_fn *done,
               void *arg);
/* unit_gap: bytes are missing here.  The unit under way is given up. */
void unit_gap(struct units *, struct unit_stream *);

#endif
