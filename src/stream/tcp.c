/* TCP connections: which there are, who is the client, how they begin and end.  RFC 9293 3.5, 3.6, 3.10. */
#include "stream/tcp_private.h"
#include "base/limits.h"
#include "base/mem.h"

/* How long an ended connection still takes late segments, in capture time. */
#define LINGER_NS    ((int64_t)15 * 1000000000)
/* How far from what is known a sequence number may be and still belong to the connection: larger than
 * windows in use, smaller than what two random initial numbers are apart. */
#define NEAR         (64 << 20)
#define SYN_NEAR     (64 << 10)
#define JOIN_NEAR    (1u << 20)

struct tcp *tcp_new(const struct tcp_hooks *hooks, const struct tcp_options *o)
{
	struct tcp *t = xcalloc(1, sizeof(*t));

	t->hooks = *hooks;
	if (o) {
		t->any_port = o->any_port;
		t->n_ports = o->n_ports;
		t->ports = xmalloc(o->n_ports * sizeof(*t->ports));
		if (o->n_ports)
			memcpy(t->ports, o->ports, o->n_ports * sizeof(*t->ports));
	}
	map_init(&t->flows, offsetof(struct flow, key), sizeof(struct flow_key));
	list_init(&t->holding);
	list_init(&t->ended);
	return t;
}

static bool known_port(const struct tcp *t, uint16_t port)
{
	if (port == 445 || port == 139)
		return true;
	for (uint32_t i = 0; i < t->n_ports; i++)
		if (t->ports[i] == port)
			return true;
	return false;
}

/* The end that sorts first is lo, so that both directions have one key.  True: src is lo. */
static bool key_of(const struct segment *s, struct flow_key *key)
{
	int order = memcmp(s->src.bytes, s->dst.bytes, sizeof(s->src.bytes));
	bool lo = order < 0 || (order == 0 && s->src_port < s->dst_port);

	if (lo)
		*key = (struct flow_key){ s->src, s->dst, s->src_port, s->dst_port };
	else
		*key = (struct flow_key){ s->dst, s->src, s->dst_port, s->src_port };
	return lo;
}

static void flow_close(struct tcp *t, struct flow *f)
{
	bool fin = true;

	for (int i = 0; i < 2; i++)
		if (f->pub.seen[i] && !f->side[i].fin)
			fin = false;
	if (f->pub.end == TCP_OPEN && fin)
		f->pub.end = TCP_ENDED_FIN;
	side_flush(t, f, FROM_CLIENT, f->pub.end == TCP_EVICTED ? HOLE_EVICTED : HOLE_LOST);
	side_flush(t, f, FROM_SERVER, f->pub.end == TCP_EVICTED ? HOLE_EVICTED : HOLE_LOST);
	t->hooks.on_close(t->hooks.arg, &f->pub);
	list_remove(&f->holding);
	list_remove(&f->ended);
	map_remove(&t->flows, f);
	free(f);
}

static void make_room(struct tcp *t)
{
	while (map_count(&t->flows) >= LIMIT_FLOWS) {
		struct flow *f;

		if (!list_empty(&t->ended)) {
			f = list_item(t->ended.next, struct flow, ended);
		} else {
			f = map_oldest(&t->flows);
			f->pub.end = TCP_EVICTED;
			t->evictions++;
		}
		flow_close(t, f);
	}
}

/* The sender of a SYN is the client, that of a SYN with ACK the server; else the known port is the
 * server's, else the lower one. */
static bool src_is_client(const struct tcp *t, const struct segment *s)
{
	if (s->flags & TCP_SYN)
		return !(s->flags & TCP_ACK);
	if (known_port(t, s->dst_port) != known_port(t, s->src_port))
		return known_port(t, s->dst_port);
	return s->dst_port <= s->src_port;
}

static struct flow *flow_open(struct tcp *t, const struct flow_key *key, bool lo, const struct segment *s)
{
	bool client = src_is_client(t, s);
	struct flow *f;

	make_room(t);
	f = xcalloc(1, sizeof(*f));
	f->key = *key;
	f->client_lo = lo == client;
	f->syn_ns = f->synack_ns = -1;
	f->pub.id = ++t->last_id;
	f->pub.client = client ? s->src : s->dst;
	f->pub.server = client ? s->dst : s->src;
	f->pub.client_port = client ? s->src_port : s->dst_port;
	f->pub.server_port = client ? s->dst_port : s->src_port;
	f->pub.first = f->pub.last = s->when;
	f->pub.rtt_ns = -1;
	f->pub.midstream = !(s->flags & TCP_SYN);
	f->pub.seen[client ? FROM_CLIENT : FROM_SERVER] = true;
	if (s->has_eth) {
		memcpy(f->pub.eth_client, client ? s->eth_src : s->eth_dst, 6);
		memcpy(f->pub.eth_server, client ? s->eth_dst : s->eth_src, 6);
	}
	map_insert(&t->flows, f);
	t->hooks.on_open(t->hooks.arg, &f->pub);
	return f;
}

/* Tells whether a SYN belongs to the connection we have, or begins another one on the same ports. */
static bool syn_belongs(const struct flow *f, enum direction dir, const struct segment *s)
{
	const struct side *d = &f->side[dir];
	int64_t off;

	if (!d->started)
		return f->pub.end == TCP_OPEN || (s->flags & TCP_ACK);
	if (d->syn && s->seq + 1 == d->base)
		return true;
	off = side_off(d, s->seq + 1) - d->next;
	if (!d->syn && off <= 0 && off > -(int64_t)JOIN_NEAR)
		return true;
	return f->pub.end == TCP_OPEN && off < SYN_NEAR && off > -SYN_NEAR;
}

static void take_syn(struct tcp *t, struct flow *f, enum direction dir, const struct segment *s)
{
	struct side *d = &f->side[dir];

	if (dir == FROM_CLIENT && f->synack_ns < 0)
		f->syn_ns = s->when.time_ns;
	else if (dir == FROM_SERVER && (s->flags & TCP_ACK) && f->pub.rtt_ns < 0)
		f->synack_ns = s->when.time_ns;
	if (d->syn)
		return;
	if (!d->started) {
		d->started = d->syn = true;
		d->base = s->seq + 1;
	} else if (d->waiting) {
		int64_t off = side_off(d, s->seq + 1);

		/* Data came before its SYN: now the beginning is known. */
		if (d->first && off > d->first->off)
			return;
		d->syn = true;
		d->waiting = false;
		d->next = off;
		d->base = s->seq + 1 - (uint32_t)off;
		side_drain(t, f, dir);
	} else if (side_off(d, s->seq + 1) <= d->next) {
		d->syn = true;
	}
	if (d->syn)
		f->pub.isn[dir] = (uint64_t)s->seq + 1;
	if (d->syn && f->side[!dir].syn)
		f->pub.midstream = false;
	else if (d->syn && dir == FROM_CLIENT)
		f->pub.midstream = false;
}

/* The furthest offset of a side that anything is known of. */
static int64_t furthest(const struct side *d)
{
	int64_t end = d->next;

	if (d->last && d->last->off + d->last->len > end)
		end = d->last->off + d->last->len;
	return end;
}

static void take_ack(struct tcp *t, struct flow *f, enum direction dir, const struct segment *s)
{
	struct side *o = &f->side[!dir];
	int64_t off;

	if (dir == FROM_CLIENT && f->pub.rtt_ns < 0 && f->syn_ns >= 0 && f->synack_ns >= 0 && !(s->flags & TCP_SYN) &&
	    o->syn && s->ack == o->base && s->when.time_ns >= f->syn_ns)
		f->pub.rtt_ns = s->when.time_ns - f->syn_ns;
	if (!o->started) {
		o->hinted = true;
		o->hint = s->ack;
		return;
	}
	off = side_off(o, s->ack);
	if (off > furthest(o) + NEAR || (o->acked_known && off <= o->acked))
		return;
	o->acked_known = true;
	o->acked = off;
	if (o->waiting && o->first && off >= o->first->off + o->first->len)
		side_release(t, f, (enum direction)!dir);
}

/* How much of the other direction the sender of s had, as the segment acknowledges. */
static int64_t needed(const struct flow *f, enum direction dir, const struct segment *s)
{
	const struct side *o = &f->side[!dir];
	int64_t off;

	if (!(s->flags & TCP_ACK) || !o->started || o->waiting)
		return NO_NEED;
	off = side_off(o, s->ack);
	return off > furthest(o) + NEAR ? NO_NEED : off;
}

static void start_in_the_middle(struct side *d, const struct segment *s)
{
	d->started = true;
	if (d->hinted && s->seq - d->hint <= JOIN_NEAR) {
		d->base = d->hint;
		return;
	}
	d->base = s->seq;
	d->waiting = true;
}

static void flow_end(struct tcp *t, struct flow *f, enum tcp_end end, int64_t now_ns)
{
	if (f->pub.end != TCP_OPEN)
		return;
	f->pub.end = (uint8_t)end;
	f->ended_ns = now_ns;
	list_append(&t->ended, &f->ended);
}

/* A reset counts when it lies where the receiver would accept it (RFC 9293 3.10.7.4), seen generously. */
static bool reset_counts(const struct side *d, const struct segment *s)
{
	int64_t off, from;

	if (!d->started)
		return true;
	off = side_off(d, s->seq);
	from = d->acked_known && d->acked < d->next ? d->acked : d->next;
	return off >= from - 1 && off <= furthest(d) + JOIN_NEAR;
}

static void flow_segment(struct tcp *t, struct flow *f, enum direction dir, const struct segment *s)
{
	struct side *d = &f->side[dir];
	int64_t off;

	f->pub.seen[dir] = true;
	f->pub.last = s->when;
	if (s->first_part) {
		if (s->window == 0 && !(s->flags & TCP_RST))
			f->pub.side[dir].zero_windows++;
		if (unlikely(s->flags & TCP_SYN))
			take_syn(t, f, dir, s);
		if (likely(s->flags & TCP_ACK))
			take_ack(t, f, dir, s);
	}
	if (unlikely(s->flags & TCP_RST)) {    /* what it carries is a text for people, RFC 1122 4.2.2.12 */
		if (reset_counts(d, s))
			flow_end(t, f, TCP_ENDED_RST, s->when.time_ns);
		return;
	}
	if (!d->started) {
		if (!s->len && !(s->flags & TCP_FIN))
			return;
		start_in_the_middle(d, s);
	}
	off = side_off(d, s->flags & TCP_SYN ? s->seq + 1 : s->seq);
	if (s->len)
		side_data(t, f, dir, s, off, needed(f, dir, s));
	if (unlikely(s->flags & TCP_FIN) && !d->fin && off + s->len >= d->next && off < furthest(d) + NEAR) {
		d->fin = true;
		d->fin_at = off + s->len;
		side_drain(t, f, (enum direction)!dir);
		if (f->side[!dir].fin)
			flow_end(t, f, TCP_ENDED_FIN, s->when.time_ns);
	}
	side_consider(t, f, FROM_CLIENT, s->when.time_ns);
	side_consider(t, f, FROM_SERVER, s->when.time_ns);
}

void tcp_feed(struct tcp *t, const struct segment *s)
{
	struct flow_key key;
	struct flow *f;
	enum direction dir;
	bool lo;

	if (!t->any_port && !known_port(t, s->dst_port) && !known_port(t, s->src_port))
		return;
	t->order++;
	while (!list_empty(&t->ended)) {
		f = list_item(t->ended.next, struct flow, ended);
		if (s->when.time_ns - f->ended_ns <= LINGER_NS)
			break;
		flow_close(t, f);
	}
	lo = key_of(s, &key);
	f = map_find(&t->flows, &key);
	if (f && unlikely(s->flags & TCP_SYN) &&
	    !syn_belongs(f, lo == f->client_lo ? FROM_CLIENT : FROM_SERVER, s)) {
		flow_close(t, f);
		f = NULL;
	}
	if (!f) {
		/* Acknowledgements, resets and ends without any data tell of no SMB. */
		if ((!s->len && !(s->flags & TCP_SYN)) || (s->flags & TCP_RST))
			return;
		f = flow_open(t, &key, lo, s);
	}
	map_touch(&t->flows, f);
	dir = lo == f->client_lo ? FROM_CLIENT : FROM_SERVER;
	flow_segment(t, f, dir, s);
}

static int by_id(const void *a, const void *b)
{
	const struct flow *x = *(struct flow *const *)a, *y = *(struct flow *const *)b;

	return x->pub.id < y->pub.id ? -1 : x->pub.id > y->pub.id;
}

void tcp_finish(struct tcp *t)
{
	uint32_t n = 0, count = map_count(&t->flows);
	struct flow **all = xmalloc(count * sizeof(struct flow *));

	for (struct flow *f = map_oldest(&t->flows); f; f = map_newer(f))
		all[n++] = f;
	qsort(all, n, sizeof(struct flow *), by_id);
	for (uint32_t i = 0; i < n; i++)
		flow_close(t, all[i]);
	free(all);
}

uint64_t tcp_evictions(const struct tcp *t)
{
	return t->evictions;
}

static void held_free(struct side *d)
{
	for (struct held *h = d->first, *next; h; h = next) {
		next = h->next;
		free(h);
	}
}

void tcp_free(struct tcp *t)
{
	struct flow *f;

	if (!t)
		return;
	while ((f = map_oldest(&t->flows))) {
		map_remove(&t->flows, f);
		held_free(&f->side[0]);
		held_free(&f->side[1]);
		free(f);
	}
	map_free(&t->flows);
	history_free(&t->history);
	free(t->ports);
	free(t);
}
