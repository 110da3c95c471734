/* TCP streams: segments of any order become the bytes of each direction, in order, once. */
#ifndef STREAM_TCP_H
#define STREAM_TCP_H

#include "base/pdu.h"
#include "stream/frame.h"

/* One direction of a connection; [FROM_CLIENT], [FROM_SERVER]. */
struct tcp_counts {
	uint64_t bytes;             /* distinct payload bytes delivered */
	uint64_t missing;           /* bytes of gaps told */
	uint64_t retransmitted;     /* payload bytes that came again */
	uint64_t conflicts;         /* of these, bytes that differed from the first copy */
	uint64_t zero_windows;      /* segments that announced a window of 0 */
};

enum tcp_end { TCP_OPEN, TCP_ENDED_FIN, TCP_ENDED_RST, TCP_EVICTED };

/* A connection.  Owned by the tcp module; user belongs to the caller. */
struct tcp_flow {
	uint32_t id;                /* from 1, in the order of first segments */
	struct addr client, server;
	uint16_t client_port, server_port;
	struct tcp_counts side[2];
	struct moment first, last;
	int64_t rtt_ns;             /* SYN, SYN+ACK, ACK seen from the capture point; -1 unknown */
	uint64_t isn[2];            /* initial sequence number + 1 of each side, 0: no SYN seen */
	uint8_t end;                /* enum tcp_end */
	bool midstream;             /* no SYN seen */
	bool seen[2];               /* a segment of that direction was captured */
	uint8_t eth_client[6], eth_server[6];
	void *user;
};

/* Where delivered bytes come from. */
struct tcp_where {
	uint64_t at;                /* absolute offset in the capture file of the first byte */
	struct moment own;          /* frame that holds them */
	struct moment now;          /* frame that made them available: own, or the one that filled the hole */
};

struct tcp_hooks {
	void (*on_open)(void *arg, struct tcp_flow *);
	/* p is the captured frame itself when in order, else a copy; borrowed for the call. */
	void (*on_bytes)(void *arg, struct tcp_flow *, enum direction, const uint8_t *p, uint32_t len, const struct tcp_where *);
	/* len bytes of the stream will never come. before and after: the frames around the hole. */
	void (*on_gap)(void *arg, struct tcp_flow *, enum direction, uint64_t len, enum hole_reason,
	               const struct moment *before, const struct moment *after);
	/* The last call for a flow; flow->end says why. */
	void (*on_close)(void *arg, struct tcp_flow *);
	void *arg;
};

struct tcp_options {
	const uint16_t *ports;      /* server ports besides 139 and 445 */
	uint32_t n_ports;
	bool any_port;              /* follow every connection */
};

struct tcp;
struct tcp *tcp_new(const struct tcp_hooks *, const struct tcp_options *);
/* tcp_feed takes a segment of any connection; those of other ports are passed over. */
void tcp_feed(struct tcp *, const struct segment *);
/* tcp_finish tells what is held back, with its gaps, and closes every flow in order of id. */
void tcp_finish(struct tcp *);
uint64_t tcp_evictions(const struct tcp *);    /* flows and held segments given up for the caps */
void tcp_free(struct tcp *);

#endif
