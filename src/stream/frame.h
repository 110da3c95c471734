/* Links, tunnels and IP: from a frame to the TCP segments in it. */
#ifndef STREAM_FRAME_H
#define STREAM_FRAME_H

#include "base/pdu.h"
#include "base/span.h"

/* An IPv6 address, or an IPv4 one mapped (RFC 4291 2.5.5.2): comparable as 16 bytes. */
struct addr {
	uint8_t bytes[16];
};
bool addr_is_v4(const struct addr *);
/* addr_text writes it as RFC 5952 does, mapped IPv4 as IPv4; out has room for 46. */
void addr_text(const struct addr *, char out[46]);

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/* A TCP segment.  Borrowed until the callback returns. */
struct segment {
	struct moment when;         /* frame that made it whole: of a fragmented one, the last fragment to come */
	struct moment own;          /* frame that holds this payload */
	struct addr src, dst;
	uint16_t src_port, dst_port;
	uint32_t seq, ack;          /* seq: of payload[0] where this is not the first part, else the header's */
	uint16_t window;
	uint8_t flags;              /* TCP_*; of several parts SYN stands with the first, FIN and RST with the last */
	bool first_part;            /* false: more payload of a segment whose header was told already */
	const uint8_t *payload;     /* captured bytes of it */
	uint32_t captured, len;     /* len: on the wire; the rest was cut by the snap length */
	uint64_t at;                /* absolute offset of payload[0] in its capture file */
	uint8_t eth_src[6], eth_dst[6];
	bool has_eth;
};

/* The frame as the caller has it (struct frame of the capture layer, which this layer does not know). */
struct frame_in {
	const uint8_t *data;
	uint32_t caplen, origlen;
	uint64_t at;
	uint16_t link;              /* LINKTYPE_ value */
	struct moment when;
};

struct frames;                  /* IP fragments on their way, counts */
struct frame_counts {
	uint64_t skipped;           /* link or network not understood */
	uint64_t truncated;         /* cut by the snap length */
	uint64_t bad_checksums;     /* IPv4 header or TCP; TCP only where the segment is whole */
	uint64_t fragments_dropped; /* fragments that never became a datagram, or were evicted */
};

typedef void segment_fn(void *arg, const struct segment *);

struct frames *frames_new(segment_fn *, void *arg);
/* frames_feed decodes one frame; calls back for each TCP segment found (a datagram put together
 * from fragments gives one call for each fragment, in order, first_part on the first). */
void frames_feed(struct frames *, const struct frame_in *);
const struct frame_counts *frames_counts(const struct frames *);
void frames_free(struct frames *);

#endif
