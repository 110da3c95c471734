/* A connection's bytes in pieces and gaps, framed into PDUs.  RFC 1002 4.3, MS-SMB2 2.1.
 * Input: choices (1), then pieces: kind and direction (1), length (2), and the bytes where the kind has some.
 * Without gaps the PDUs do not depend on where the pieces were cut. */
#include "base/limits.h"
#include "dissectors/smb.h"
#include "fuzz.h"
#include "stream/pdu.h"

enum { BYTES = 1 << 18, SMALL = 1 << 13, PIECES = 512, TOLD = 256 };
enum kind { LITERAL, ZEROS, GAP, LONG_GAP };

struct piece {
	uint8_t *bytes;            /* owned; NULL: a gap */
	uint64_t len;
	uint8_t direction, reason;
};

/* A PDU as far as it does not depend on how it was told. */
struct told {
	uint64_t stream_off;
	uint32_t len, hash, seen;  /* seen: bytes hashed; of those not there, zeros */
	uint8_t direction;
	bool ended;
};

struct target {
	struct told told[TOLD];
	uint32_t n;
	struct told streamed[2];   /* the one under way; len 0: none */
	uint64_t end[2];           /* where the direction's last PDU or skipped stretch ends */
	uint64_t fed[2];           /* bytes and gaps fed */
	uint64_t skipped;
};

static uint32_t hash_on(uint32_t hash, const uint8_t *p, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		hash = (hash ^ (p ? p[i] : 0)) * 16777619u;
	return hash;
}

static void check_places(const struct pdu *pdu)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < pdu->n_slices; i++) {
		must(pdu->slices[i].len > 0);
		sum += pdu->slices[i].len;
	}
	must(sum == pdu->len || (sum < pdu->len && (pdu->ended || pdu->streamed)));
}

static void keep(struct target *t, const struct told *told)
{
	if (t->n < TOLD)
		t->told[t->n] = *told;
	t->n++;
}

static void on_pdu(void *arg, struct tcp_flow *flow UNUSED, const struct pdu *pdu)
{
	struct target *t = arg;
	struct told told = { .stream_off = pdu->stream_off, .len = pdu->len, .direction = pdu->direction, .ended = pdu->ended };
	uint32_t last = 0;

	must(pdu->len >= 4 && pdu->len <= LIMIT_PDU && pdu->head <= pdu->len);
	must(pdu->head == pdu->len || pdu->streamed || pdu->ended);
	must(pdu->stream_off >= t->end[pdu->direction]);
	must(!t->streamed[pdu->direction].len);
	for (uint32_t i = 0; i < pdu->n_holes; i++) {
		const struct hole *h = &pdu->holes[i];

		must(h->len && h->off >= last && h->off + h->len <= pdu->head);
		last = h->off + h->len;
		for (uint32_t k = h->off; k < last; k++)
			must(pdu->bytes[k] == 0);
	}
	told.hash = hash_on(2166136261u, pdu->bytes, pdu->head);
	told.seen = pdu->head;
	t->end[pdu->direction] = pdu->stream_off + pdu->head;
	if (pdu->streamed) {
		must(pdu->len > LIMIT_PDU_WHOLE);
		t->streamed[pdu->direction] = told;
	} else {
		check_places(pdu);
		keep(t, &told);
	}
}

static void on_payload(void *arg, struct tcp_flow *flow UNUSED, const struct pdu *pdu, uint32_t off, const uint8_t *p,
                       uint32_t len)
{
	struct target *t = arg;
	struct told *s = &t->streamed[pdu->direction];

	must(pdu->streamed && s->len == pdu->len && s->stream_off == pdu->stream_off);
	must(off == s->seen && len > 0 && len <= pdu->len - off);
	s->hash = hash_on(s->hash, p, len);
	s->seen += len;
	t->end[pdu->direction] = pdu->stream_off + s->seen;
}

static void on_end(void *arg, struct tcp_flow *flow UNUSED, const struct pdu *pdu)
{
	struct target *t = arg;
	struct told *s = &t->streamed[pdu->direction];

	must(pdu->streamed && s->len == pdu->len && s->stream_off == pdu->stream_off);
	must(s->seen == pdu->len || pdu->ended);
	check_places(pdu);
	s->ended = pdu->ended;
	keep(t, s);
	s->len = 0;
}

static void on_skipped(void *arg, struct tcp_flow *flow UNUSED, enum direction dir, uint64_t off, uint64_t len,
                       const struct moment *when)
{
	struct target *t = arg;

	must(len > 0 && off >= t->end[dir] && when->frame);
	must(off + len <= t->fed[dir]);
	t->end[dir] = off + len;
	t->skipped++;
}

/* Feeds all pieces, cut into at most so many bytes. */
static void feed(struct target *t, unsigned choices, const struct piece *pieces, uint32_t n, uint32_t most)
{
	struct tcp_flow flow = { .id = 1, .server_port = choices & 1 ? 139 : 445, .midstream = choices & 2,
	                         .first = { 1, 1, 0 }, .last = { 1, 1, 0 } };
	const struct pdu_hooks hooks = { on_pdu, on_payload, on_end, on_skipped, smb_payload_start, smb_plausible, t, choices & 4 };
	struct pdus *all = pdus_new(&hooks);
	struct pdu_stream *s = pdu_open(all, &flow);
	const struct moment when = { 1, 1, 0 };

	*t = (struct target){ .n = 0 };
	for (uint32_t i = 0; i < n; i++) {
		const struct piece *x = &pieces[i];

		if (!x->bytes) {
			t->fed[x->direction] += x->len;
			pdu_gap(s, (enum direction)x->direction, x->len, (enum hole_reason)x->reason, &when);
			continue;
		}
		for (uint32_t at = 0; at < x->len; at += most) {
			uint32_t len = min_u32(most, (uint32_t)x->len - at);
			struct tcp_where w = { t->fed[x->direction], when, when };
			uint8_t *bytes = input_copy((struct span){ x->bytes + at, len });

			t->fed[x->direction] += len;
			pdu_bytes(s, (enum direction)x->direction, bytes, len, &w);
			free(bytes);
		}
	}
	pdu_close(s);
	must(!t->streamed[0].len && !t->streamed[1].len);
	pdus_free(all);
}

static uint32_t read_pieces(struct input *in, struct piece *pieces, bool *gaps, uint64_t *sum)
{
	uint32_t n = 0;
	uint64_t bytes = 0;

	while (in->n >= 3 && n < PIECES && bytes < BYTES) {
		unsigned op = (unsigned)input_uint(in, 1);
		uint32_t len = (uint32_t)input_uint(in, 2);
		struct piece *x = &pieces[n];
		struct span s;

		*x = (struct piece){ .direction = op & 1, .reason = (uint8_t)(1 + (op >> 3) % 3), .len = len };
		switch ((enum kind)(op >> 1 & 3)) {
		case LITERAL:
			s = input_span(in, len);
			x->bytes = input_copy(s);
			x->len = s.len;
			break;
		case ZEROS:
			x->len = len * 4;
			x->bytes = xcalloc(1, len * 4 + 1);
			break;
		case LONG_GAP:
			x->len = (uint64_t)len << (op >> 3 & 31);
			*gaps = true;
			break;
		case GAP:
			*gaps = true;
			break;
		}
		if (x->bytes)
			bytes += x->len;
		n++;
	}
	*sum = bytes;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static const uint32_t sizes[] = { 1, 7, 1460, 70000 };      /* the first two for few bytes only */
	static struct target whole, cut;
	struct input in = { p, n };
	struct piece pieces[PIECES];
	unsigned choices = (unsigned)input_uint(&in, 1);
	bool gaps = false;
	uint64_t bytes;
	uint32_t count = read_pieces(&in, pieces, &gaps, &bytes);

	feed(&whole, choices, pieces, count, UINT32_MAX);
	feed(&cut, choices, pieces, count, sizes[(choices >> 3 & 3) | (bytes > SMALL ? 2 : 0)]);
	/* Looking for a start, how far one can look ahead matters. */
	if (!gaps && !whole.skipped && !cut.skipped && !(choices & 2)) {
		must(whole.n == cut.n);
		for (uint32_t i = 0; i < whole.n && i < TOLD; i++) {
			const struct told *a = &whole.told[i], *b = &cut.told[i];

			must(a->stream_off == b->stream_off && a->len == b->len && a->hash == b->hash && a->seen == b->seen);
			must(a->direction == b->direction && a->ended == b->ended);
		}
	}
	for (uint32_t i = 0; i < count; i++)
		free(pieces[i].bytes);
	return 0;
}
