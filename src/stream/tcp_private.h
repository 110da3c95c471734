/* The state of a connection; shared by tcp.c (connections, flags, ends) and tcp_bytes.c (reassembly). */
#ifndef STREAM_TCP_PRIVATE_H
#define STREAM_TCP_PRIVATE_H

#include "base/list.h"
#include "base/map.h"
#include "stream/tcp.h"

/* A copy of payload that waits for what comes before it. */
struct held {
	struct held *prev, *next;  /* ascending by off, apart from each other */
	int64_t off;               /* in the direction's stream */
	int64_t need;              /* offset of the other direction that its sender had received */
	uint32_t len, captured;
	uint64_t at;
	uint64_t order;            /* when it came, as struct tcp counts segments */
	struct moment own, when;
	uint8_t bytes[];
};

/* Stream offsets count from the first byte after the SYN, or from the first byte seen; they are signed
 * because a stream joined in its middle may turn out to have begun a little before. */
struct side {
	bool started;              /* base is known */
	bool waiting;              /* joined in the middle: what came first need not be the first */
	bool syn, fin, acked_known, hinted;
	uint32_t base;             /* sequence number of offset 0 */
	uint32_t hint;             /* hinted: the next sequence number, as the other side acknowledged it */
	uint32_t n_held, waited;   /* held segments; segments since waiting began */
	uint32_t since_ack;        /* segments of the connection since the acknowledgement passed the hole */
	int64_t next;              /* offset of the next byte to deliver */
	int64_t waived;            /* what the other side needs before this is not waited for any more */
	int64_t fin_at;            /* offset of the FIN */
	int64_t acked;             /* highest offset the other side acknowledged */
	int64_t passed_ns;         /* when it passed the first held segment, or that began to wait for the other side */
	uint64_t held_bytes;       /* with what holding costs */
	uint64_t now_order;        /* of the latest segment among those delivered */
	uint64_t history;          /* last record of this side in the history, 0 none */
	struct held *first, *last;
	struct moment now, before;
};

struct flow_key {
	struct addr lo, hi;
	uint16_t lo_port, hi_port;
};

struct flow {
	struct map_node node;
	struct flow_key key;
	bool client_lo;
	struct link holding;       /* in struct tcp.holding while a side holds segments */
	struct link ended;         /* in struct tcp.ended */
	struct side side[2];
	struct tcp_flow pub;
	int64_t syn_ns, synack_ns; /* -1 not seen */
	int64_t ended_ns;
};

/* The last bytes delivered, of all connections: what a retransmission is compared with.  Records of
 * one side are chained backwards by position. */
struct history {
	uint8_t *ring;
	uint64_t head;             /* position of the next record; the place is head modulo the size */
};

struct tcp {
	struct tcp_hooks hooks;
	uint16_t *ports;
	uint32_t n_ports;
	bool any_port;
	uint32_t last_id;
	uint64_t order;            /* segments fed */
	uint64_t held_bytes, evictions;
	struct map flows;
	struct link holding;       /* by when they began to hold */
	struct link ended;         /* by when they ended */
	struct history history;
};

/* side_data takes payload of one direction: s->len bytes at offset off, told once the other direction has
 * been told up to need (NO_NEED: at once). */
void side_data(struct tcp *, struct flow *, enum direction, const struct segment *, int64_t off, int64_t need);
#define NO_NEED  INT64_MIN
/* side_release starts a stream joined in the middle with what is held. */
void side_release(struct tcp *, struct flow *, enum direction);
/* side_drain delivers what has become contiguous, and what the other side waited for it. */
void side_drain(struct tcp *, struct flow *, enum direction);
/* side_consider gives up the hole before the held segments when nothing can fill it any more. */
void side_consider(struct tcp *, struct flow *, enum direction, int64_t now_ns);
/* side_flush delivers all that is held, telling the holes, and the missing tail. */
void side_flush(struct tcp *, struct flow *, enum direction, enum hole_reason);

/* side_off places a sequence number in the stream, near what is delivered next. */
static inline int64_t side_off(const struct side *d, uint32_t seq)
{
	uint32_t ahead = seq - (d->base + (uint32_t)d->next);

	/* A window is at most 1 GiB (RFC 7323 2.3): what seems older than that is ahead, behind a loss. */
	return d->next + (ahead >= 0xc0000000u ? (int64_t)ahead - ((int64_t)1 << 32) : (int64_t)ahead);
}

/* --- tcp_history.c --- */
void history_add(struct history *, struct side *, int64_t off, const uint8_t *p, uint32_t len);
/* history_compare returns how many of the len bytes at off are known to differ from those delivered. */
uint32_t history_compare(const struct history *, const struct side *, int64_t off, const uint8_t *p, uint32_t len);
void history_free(struct history *);

#endif
