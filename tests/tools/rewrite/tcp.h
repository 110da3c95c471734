/* Kinds that rewrite segments: the bytes of each direction stay the same ones in the same order (drop and
 * the halves apart).  RFC 9293, RFC 2018 (selective acknowledgements), RFC 7413 (data in SYN).
 *
 * A kind reads w->in, writes w->out and returns how many packets it changed; UINT32_MAX: a wrong argument. */
#ifndef REWRITE_TCP_H
#define REWRITE_TCP_H

#include "packet.h"

static inline uint32_t number(const char *arg, uint32_t otherwise)
{
	return arg && *arg >= '0' && *arg <= '9' ? (uint32_t)strtoul(arg, NULL, 0) : otherwise;
}

/* after returns what follows the first colon of an argument; NULL: there is none. */
static inline const char *after(const char *arg)
{
	const char *colon = arg ? strchr(arg, ':') : NULL;

	return colon ? colon + 1 : NULL;
}

static inline uint32_t next_random(struct rewrite *w)
{
	w->random = w->random * 1664525u + 1013904223u;
	return w->random >> 8;
}

static inline uint32_t seq_end(const struct packet *p)
{
	return p->seq + p->payload.len + !!(p->flags & SYN) + !!(p->flags & FIN);
}

static inline bool movable(const struct packet *p)
{
	return p->flow && !(p->flags & (SYN | RST));
}

/* A packet is late by microseconds, not by seconds. */
#define LATE_NS  100000000

/* reordered: within up to WINDOW packets of a connection that follow each other, of one direction or of both, any order. */
static inline uint32_t reordered(struct rewrite *w, const char *arg, bool both)
{
	uint32_t window = number(arg, 4), changed = 0;
	struct list *in = &w->in;

	w->random = number(after(arg), 1);
	for (uint32_t i = 0, j; i < in->n; i = j) {
		struct packet *mixed[64];
		uint32_t n = 0;

		for (j = i; j < in->n && n < window && n < COUNT(mixed); j++) {
			if (j > i && (!movable(in->p[i]) || !movable(in->p[j]) || in->p[j]->flow != in->p[i]->flow ||
			              in->p[j]->time_ns - in->p[i]->time_ns > LATE_NS ||
			              (!both && in->p[j]->dir != in->p[i]->dir)))
				break;
			mixed[n++] = copied(w, in->p[j]);
		}
		for (uint32_t k = n; k > 1; k--) {
			uint32_t other = next_random(w) % k;
			struct packet *swap = mixed[k - 1];

			mixed[k - 1] = mixed[other];
			mixed[other] = swap;
		}
		for (uint32_t k = 0; k < n; k++) {
			changed += mixed[k]->number != in->p[i + k]->number || mixed[k]->seq != in->p[i + k]->seq;
			mixed[k]->time_ns = in->p[i + k]->time_ns;
			emit(w, mixed[k]);
		}
	}
	return changed;
}

/* reorder=WINDOW[:SEED]: of one direction. */
static inline uint32_t kind_reorder(struct rewrite *w, const char *arg)
{
	return reordered(w, arg, false);
}

/* mix=WINDOW[:SEED]: of both, as a card with several queues delivers them; answers before requests. */
static inline uint32_t kind_mix(struct rewrite *w, const char *arg)
{
	return reordered(w, arg, true);
}

static inline uint32_t kind_duplicate(struct rewrite *w, const char *arg UNUSED)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		emit(w, w->in.p[i]);
		if (w->in.p[i]->flow) {
			emit(w, w->in.p[i]);
			changed++;
		}
	}
	return changed;
}

static inline struct span inverted(struct rewrite *w, struct span s)
{
	uint8_t *p = room(w, s.len);

	for (uint32_t i = 0; i < s.len; i++)
		p[i] = (uint8_t)~s.p[i];
	return (struct span){ p, s.len };
}

/* retransmit=N[:other]: each segment with data comes again N packets later. */
static inline uint32_t kind_retransmit(struct rewrite *w, const char *arg)
{
	uint32_t later = number(arg, 3), changed = 0;
	bool other = after(arg) && strcmp(after(arg), "other") == 0;

	for (uint32_t i = 0; i < w->in.n + later; i++) {
		struct packet *p, *c;

		if (i < w->in.n)
			emit(w, w->in.p[i]);
		if (i < later)
			continue;
		p = w->in.p[i - later];
		if (!movable(p) || !p->payload.len)
			continue;
		c = segment(w, p, p->seq, p->ack, p->flags & ~FIN, other ? inverted(w, p->payload) : p->payload);
		c->time_ns = w->in.p[i < w->in.n ? i : w->in.n - 1]->time_ns;
		emit(w, c);
		changed++;
	}
	return changed;
}

/* overlap=equal|other[:BYTES]: a segment begins in the one before it, with its bytes or with others. */
static inline uint32_t kind_overlap(struct rewrite *w, const char *arg)
{
	uint32_t n = number(after(arg), 16), changed = 0;
	bool other = arg && strncmp(arg, "other", 5) == 0;

	if (!other && (!arg || strncmp(arg, "equal", 5) != 0))
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i], *last;
		struct span again;

		if (!p->flow || !p->payload.len) {
			emit(w, p);
			continue;
		}
		last = p->flow->side[p->dir].last;
		p->flow->side[p->dir].last = p;
		if (!last || last->seq + last->payload.len != p->seq || !movable(last) || !movable(p) ||
		    p->ip.len + n > 65535) {
			emit(w, p);
			continue;
		}
		again = part(last->payload, last->payload.len - min_u32(n, last->payload.len), min_u32(n, last->payload.len));
		if (other)
			again = inverted(w, again);
		emit(w, segment(w, p, p->seq - again.len, p->ack, p->flags, joined(w, again, p->payload, NOTHING)));
		changed++;
	}
	return changed;
}

static inline uint32_t kind_cut(struct rewrite *w, const char *arg)
{
	uint32_t n = number(arg, 0), changed = 0;

	if (!n)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (!movable(p) || p->payload.len <= n) {
			emit(w, p);
			continue;
		}
		for (uint32_t at = 0; at < p->payload.len; at += n) {
			bool last = at + n >= p->payload.len;
			uint8_t flags = last ? p->flags : p->flags & ~(FIN | PSH);

			emit(w, segment(w, p, p->seq + at, p->ack, flags, part(p->payload, at, min_u32(n, p->payload.len - at))));
		}
		changed++;
	}
	return changed;
}

/* glue[=BYTES]: what one side sends without hearing more than acknowledgements becomes one segment. */
static inline uint32_t kind_glue(struct rewrite *w, const char *arg)
{
	uint32_t most = number(arg, 60000), changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i], *q;
		struct side *mine, *theirs;

		if (!p->flow) {
			emit(w, p);
			continue;
		}
		mine = &p->flow->side[p->dir];
		theirs = &p->flow->side[!p->dir];
		if (p->payload.len || (p->flags & (SYN | FIN | RST)))
			theirs->last = NULL;
		q = mine->last;
		if (p->payload.len && q && !(p->flags & (SYN | RST)) && seq_end(q) == p->seq &&
		    q->payload.len + p->payload.len <= most) {
			p = segment(w, q, q->seq, q->ack, q->flags | p->flags, joined(w, q->payload, p->payload, NOTHING));
			w->out.p[mine->open] = p;
			mine->last = p->flags & FIN ? NULL : p;
			changed++;
			continue;
		}
		if (p->payload.len || (p->flags & (SYN | FIN | RST))) {
			mine->last = p->payload.len && !(p->flags & (SYN | FIN | RST)) ? p : NULL;
			mine->open = w->out.n;
		}
		emit(w, p);
	}
	return changed;
}

/* drop=I: the Ith segment with data, from 1, is missing; drop-frame=N: the frame N of IN is. */
static inline uint32_t kind_drop(struct rewrite *w, const char *arg)
{
	uint32_t which = number(arg, 0), seen = 0, changed = 0;

	if (!which)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (p->flow && p->payload.len && ++seen == which)
			changed++;
		else
			emit(w, p);
	}
	return changed;
}

static inline uint32_t kind_drop_frame(struct rewrite *w, const char *arg)
{
	uint32_t which = number(arg, 0), changed = 0;

	if (!which)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		if (w->in.p[i]->number == which)
			changed++;
		else
			emit(w, w->in.p[i]);
	}
	return changed;
}

/* drop-every=N[:FIRST]: each Nth segment with data is missing. */
static inline uint32_t kind_drop_every(struct rewrite *w, const char *arg)
{
	uint32_t every = number(arg, 0), seen = number(after(arg), 0), changed = 0;

	if (!every)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (p->flow && p->payload.len && ++seen % every == 0)
			changed++;
		else
			emit(w, p);
	}
	return changed;
}

static inline void shift_sacks(struct packet *p, uint32_t delta)
{
	uint8_t *t = (uint8_t *)(uintptr_t)p->ip.p + p->tcp_at;
	uint32_t end = (uint32_t)(t[12] >> 4) * 4;

	for (uint32_t at = 20; at + 1 < end && t[at] != 0; ) {
		uint32_t n = t[at] == 1 ? 1 : t[at + 1];

		if (!n || at + n > end)
			break;
		for (uint32_t k = at + 2; t[at] == 5 && k + 4 <= at + n; k += 4)
			put32(t + k, get32(t + k) + delta);
		at += n;
	}
	finish_tcp((uint8_t *)(uintptr_t)p->ip.p, p->tcp_at, p->ip.len);
}

/* wrap[=BYTES]: sequence numbers pass 2^32 so many bytes into each direction. */
static inline uint32_t kind_wrap(struct rewrite *w, const char *arg)
{
	uint32_t start = 0u - number(arg, 300), changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i], *c;
		struct side *mine, *theirs;

		if (!p->flow) {
			emit(w, p);
			continue;
		}
		mine = &p->flow->side[p->dir];
		theirs = &p->flow->side[!p->dir];
		if (!mine->known) {
			mine->known = true;
			mine->delta = start - p->seq;
		}
		if ((p->flags & ACK) && !theirs->known) {
			theirs->known = true;
			theirs->delta = start - p->ack;
		}
		c = segment(w, p, p->seq + mine->delta, p->flags & ACK ? p->ack + theirs->delta : p->ack, p->flags, p->payload);
		if (p->flags & ACK)
			shift_sacks(c, theirs->delta);
		emit(w, c);
		changed++;
	}
	return changed;
}

static inline struct packet *with_window(struct packet *p, uint32_t window)
{
	uint8_t *ip = (uint8_t *)(uintptr_t)p->ip.p;

	put16(ip + p->tcp_at + 14, window);
	finish_tcp(ip, p->tcp_at, p->ip.len);
	return p;
}

/* Before the segment p: a keep-alive and its answer, a closed window, a probe of it, the window opened. */
static inline void probes(struct rewrite *w, struct packet *p, bool with_byte)
{
	struct side *mine = &p->flow->side[p->dir], *theirs = &p->flow->side[!p->dir];
	static const uint8_t garbage[1] = { 0xff };
	uint32_t first = w->out.n;

	emit(w, segment(w, p, p->seq - 1, p->ack, ACK, (struct span){ garbage, with_byte }));
	emit(w, with_window(segment(w, theirs->last, theirs->next, p->seq, ACK, NOTHING), 0));
	emit(w, segment(w, p, p->seq, p->ack, ACK, part(p->payload, 0, 1)));
	emit(w, with_window(segment(w, theirs->last, theirs->next, p->seq, ACK, NOTHING), 0));
	emit(w, segment(w, theirs->last, theirs->next, p->seq, ACK, NOTHING));
	for (uint32_t i = first; i < w->out.n; i++)
		w->out.p[i]->time_ns = p->time_ns;
	mine->count++;
}

static inline uint32_t kind_keepalive(struct rewrite *w, const char *arg)
{
	uint32_t every = number(arg, 3), changed = 0;

	if (!every)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];
		struct side *mine, *theirs;

		if (!p->flow) {
			emit(w, p);
			continue;
		}
		mine = &p->flow->side[p->dir];
		theirs = &p->flow->side[!p->dir];
		/* theirs->delta: the highest number the other side acknowledged. */
		if (movable(p) && p->payload.len && mine->known && mine->next == p->seq && theirs->known &&
		    theirs->delta == p->seq && ++mine->open % every == 0) {
			probes(w, p, mine->count & 1);
			changed++;
		}
		mine->known = true;
		mine->last = p;
		if (p->flags & ACK)
			mine->delta = p->ack;
		mine->next = seq_end(p);
		emit(w, p);
	}
	return changed;
}

/* badrst: resets out of the window, as those try who do not see the connection. */
static inline uint32_t kind_badrst(struct rewrite *w, const char *arg UNUSED)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		emit(w, p);
		if (!movable(p) || !p->payload.len)
			continue;
		emit(w, segment(w, p, seq_end(p) + 0x20000000, p->ack, RST, NOTHING));
		emit(w, segment(w, p, p->seq - 0x10000000, p->ack, RST | ACK, NOTHING));
		changed++;
	}
	return changed;
}

/* midstream: the handshake was not captured.  syndata: the client's first bytes come with its SYN. */
static inline uint32_t kind_midstream(struct rewrite *w, const char *arg UNUSED)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		if (w->in.p[i]->flow && (w->in.p[i]->flags & SYN))
			changed++;
		else
			emit(w, w->in.p[i]);
	}
	return changed;
}

static inline uint32_t kind_syndata(struct rewrite *w, const char *arg UNUSED)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (p->flow && p->payload.len && !p->flow->side[p->dir].first_data)
			p->flow->side[p->dir].first_data = p;
	}
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i], *data = p->flow ? p->flow->side[p->dir].first_data : NULL;

		if (data && p->dir == CLIENT && (p->flags & SYN) && p->seq + 1 == data->seq && !(data->flags & FIN)) {
			emit(w, segment(w, p, p->seq, p->ack, p->flags, data->payload));
			p->flow->side[CLIENT].known = true;
			changed++;
		} else if (data != p || p->dir != CLIENT || !p->flow->side[CLIENT].known) {
			emit(w, p);
		}
	}
	return changed;
}

static inline uint32_t one_side(struct rewrite *w, uint8_t dir)
{
	uint32_t changed = 0;

	for (uint32_t i = 0; i < w->in.n; i++) {
		if (w->in.p[i]->flow && w->in.p[i]->dir == dir)
			emit(w, w->in.p[i]);
		else
			changed++;
	}
	return changed;
}

static inline uint32_t kind_client_only(struct rewrite *w, const char *arg UNUSED)
{
	return one_side(w, CLIENT);
}

static inline uint32_t kind_server_only(struct rewrite *w, const char *arg UNUSED)
{
	return one_side(w, SERVER);
}

static inline uint32_t kind_port(struct rewrite *w, const char *arg)
{
	uint32_t port = number(arg, 0), changed = 0;

	if (!port || port > 65535)
		return UINT32_MAX;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (p->flow) {
			uint8_t *ip;

			p = segment(w, p, p->seq, p->ack, p->flags, p->payload);
			ip = (uint8_t *)(uintptr_t)p->ip.p;
			put16(ip + p->tcp_at + (p->dir == CLIENT ? 2 : 0), port);
			finish_tcp(ip, p->tcp_at, p->ip.len);
			changed++;
		}
		emit(w, p);
	}
	return changed;
}

#endif
