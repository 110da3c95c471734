/* What the stream hands to the dissectors: one NetBIOS/direct-TCP packet (RFC 1002 4.3,
 * MS-SMB2 2.1), where its bytes lie in the capture, and which of them are missing. */
#ifndef BASE_PDU_H
#define BASE_PDU_H

#include "base/span.h"

enum direction { FROM_CLIENT, FROM_SERVER };

enum hole_reason { HOLE_LOST = 1, HOLE_SNAPLEN, HOLE_EVICTED };

/* Bytes that were sent but are not in the capture. */
struct hole {
	uint32_t off, len;         /* in the PDU, its 4-byte header included */
	uint8_t reason;            /* enum hole_reason */
};

#define SLICE_HOLE UINT16_MAX

/* A stretch of the PDU: len bytes at absolute offset at (uncompressed) of capture file
 * number capture of the set; with capture == SLICE_HOLE nothing was captured and at is
 * the enum hole_reason.  The slices of a PDU, in order, make up its declared length,
 * or less where the stream ended before. */
struct slice {
	uint64_t at;
	uint32_t len;
	uint16_t capture;
};

/* A frame as a moment: which one, and when. */
struct moment {
	int64_t time_ns;           /* since 1970, UTC */
	uint32_t frame;            /* from 1 in its capture */
	uint16_t capture;          /* index in the set */
};

/* One packet of the session layer.  Everything is borrowed for the call it is passed to;
 * slices are complete when the PDU is (for a streamed PDU: at its end). */
struct pdu {
	const uint8_t *bytes;      /* the 4-byte header first; holes within head are zeros */
	uint32_t head;             /* bytes readable at bytes */
	uint32_t len;              /* as declared by the header, 4 included */
	const struct hole *holes;  /* ascending, within head; NULL if none */
	const struct slice *slices;
	uint32_t n_holes, n_slices;
	uint64_t stream_off;       /* where the PDU starts in its direction's byte stream */
	struct moment first, last; /* frame of the first byte; frame that made the last byte available */
	uint8_t direction;         /* enum direction */
	bool streamed;             /* head < len: the rest follows by on_payload */
	bool ended;                /* the stream ended, or was lost, before len bytes: the tail is a hole */
	bool netbios;              /* port 139: 17-bit length, session service packets expected */
};

#endif
