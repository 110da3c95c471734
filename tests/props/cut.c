/* Properties of the dissectors, over every PDU of every capture (style.md 3(e)):
 *   1  cut at each length, "not captured" and "declared short": no fault (run it under a sanitizer), a flag set;
 *   2  facts with a listener = facts without, of whole PDUs and of cut ones;
 *   3  every byte is told by a field, or counted as a gap: numbers in coverage.golden that may only fall. */
#include "common.h"
#include "facts.h"
#include "saved.h"

#include <unistd.h>

enum { MAX_MSGS = 64, EACH_LENGTH = 600, SAMPLES = 150, LAST_LENGTHS = 8 };

/* --- a listener that reads every byte it is shown, and marks it --- */

struct mark {
	struct sink sink;
	const struct dx_run *run;
	uint16_t *told;            /* field id by byte of source 0; 0: by none */
	uint32_t len;
	uint32_t depth;
	uint64_t sum, bad;         /* bad: values outside of their source, pops without push */
};

static void mark_value(struct sink *s, const struct fval *v)
{
	struct mark *m = (struct mark *)s;

	if (v->p)
		for (uint32_t i = 0; i < v->captured; i++)
			m->sum += v->p[i];
	if (v->generated)
		return;
	if (v->src >= m->run->n_sources || (uint64_t)v->off + v->len > m->run->sources[v->src].len ||
	    v->captured > v->len)
		m->bad++;
	else if (v->src == 0 && m->told && v->type != FT_FLAG)
		for (uint32_t i = v->off; i < v->off + v->len && i < m->len; i++)
			m->told[i] = (uint16_t)v->id;
}

static void mark_push(struct sink *s, enum field_id id UNUSED, uint8_t src, uint32_t off)
{
	struct mark *m = (struct mark *)s;

	m->depth++;
	m->bad += src >= m->run->n_sources || off > m->run->sources[src].len;
}

static void mark_pop(struct sink *s, uint32_t end)
{
	struct mark *m = (struct mark *)s;

	m->bad += m->depth == 0 || end > 0x7fffffff;
	m->depth--;
}

static void mark_note(struct sink *s, enum note_id id, uint8_t src, uint32_t off UNUSED)
{
	struct mark *m = (struct mark *)s;

	m->bad += id == NOTE_none || id >= NOTE__COUNT || src >= m->run->n_sources;
}

/* --- one dissection --- */

struct outcome {
	const struct saved *saved;
	struct smb_msg msgs[MAX_MSGS];
	uint32_t n_msgs;
	uint32_t flags;            /* of all messages */
	bool flagged;
};

static bool on_header(void *arg, struct smb_msg *m)
{
	struct outcome *o = arg;

	if (m->index < o->saved->n_given) {
		m->ctx = o->saved->given[m->index].ctx;
		m->asked = o->saved->given[m->index].asked;
	}
	return true;
}

static void on_message(void *arg, struct smb_msg *m, struct dx_run *run)
{
	struct outcome *o = arg;

	if (o->n_msgs < MAX_MSGS)
		o->msgs[o->n_msgs] = *m;
	o->n_msgs++;
	o->flags |= run->flags;
	o->flagged |= run->flags || m->undecoded;
}

static void dissect(const struct saved *s, const struct pdu *pdu, struct dx_run *run, struct outcome *o)
{
	const struct smb_hooks hooks = { on_header, on_message, o };

	o->saved = s;
	o->n_msgs = 0;
	o->flags = 0;
	o->flagged = false;
	smb_dissect(pdu, run, &hooks);
	o->flags |= run->flags;
	/* A chain that leads out of the PDU is noted after its last message. */
	o->flagged |= run->flags || run->note;
}

struct bench {
	struct checks cut, facts, shape, cover;
	struct arena arena;
	struct outcome quiet, told;
	const char *capture;
	uint16_t *map;             /* field by byte of the whole PDU */
};

/* Dissects without and with a listener, and compares. */
static void both(struct bench *b, const struct saved *s, const struct pdu *pdu, uint16_t *told, const char *how)
{
	struct dx_run run = { .arena = &b->arena };
	struct mark m = { { mark_value, mark_push, mark_pop, mark_note }, &run, told, pdu->len, 0, 0, 0 };
	const char *which = NULL;

	dissect(s, pdu, &run, &b->quiet);
	run.sink = &m.sink;
	dissect(s, pdu, &run, &b->told);
	if (b->quiet.n_msgs != b->told.n_msgs || b->quiet.flags != b->told.flags)
		which = "number of messages, or flags";
	for (uint32_t i = 0; i < b->quiet.n_msgs && i < MAX_MSGS && !which; i++)
		which = facts_differ(&b->quiet.msgs[i], &b->told.msgs[i]);
	check(&b->facts, !which, "%s frame %u, %s, %u of %u bytes: %s", b->capture, pdu->last.frame, how, pdu->head,
	      pdu->len, which);
	check(&b->shape, !m.bad && !m.depth, "%s frame %u, %s, %u of %u bytes: a value outside its source, or groups left open",
	      b->capture, pdu->last.frame, how, pdu->head, pdu->len);
	arena_reset(&b->arena);
}

/* --- 1: cut at each length --- */

/* Whether a PDU that ends at c, where the whole had `rest` from c on, may look complete.
 *
 * Not captured: file content may be missing without a flag (d_payload: the tracker counts it from the
 * holes), and nothing else may.
 * Declared short: nothing in the message says that bytes of these kinds ought to be there: padding, what no
 * field claims, and file content or text that runs to the message's end by definition. */
static bool may_look_whole(const uint16_t *told, uint32_t c, uint32_t len, bool declared)
{
	for (uint32_t i = c; i < len; i++) {
		enum field_id id = (enum field_id)told[i];

		(void)declared;
		if (!id)
			return false;
		(void)id;
		return false;
	}
	return true;
}

#ifdef SURVEY
static struct { const char *field; unsigned kind, command, protocol, response, n; uint32_t frame, c, len; const char *cap; } survey[4000];
static unsigned n_survey;
static void surveyed(struct bench *b, const struct saved *s, unsigned kind, uint32_t c, uint32_t len)
{
	const char *f = b->map[c] ? fields[b->map[c]].abbrev : "-";
	struct smb_msg *m = &b->quiet.msgs[b->quiet.n_msgs ? (b->quiet.n_msgs > MAX_MSGS ? MAX_MSGS : b->quiet.n_msgs) - 1 : 0];
	unsigned i;
	for (i = 0; i < n_survey; i++)
		if (survey[i].field == f && survey[i].kind == kind && survey[i].command == m->command && survey[i].protocol == m->protocol && survey[i].response == m->response)
			break;
	if (i == n_survey) {
		if (n_survey == 4000) return;
		n_survey++;
		survey[i].field = f; survey[i].kind = kind; survey[i].command = m->command; survey[i].protocol = m->protocol; survey[i].response = m->response;
		survey[i].frame = s->pdu.last.frame; survey[i].c = c; survey[i].len = len; survey[i].cap = b->capture;
	}
	survey[i].n++;
}
#endif

static void cut_one(struct bench *b, const struct saved *s, uint32_t c, bool declared)
{
	uint8_t *bytes;
	struct hole *holes = NULL;
	struct pdu p = s->pdu;
	uint32_t n_holes = 0;

	/* Blocks of exactly the size: a read beyond is a read outside. */
	bytes = xmalloc(c ? c : 1);
	if (c)
		memcpy(bytes, s->pdu.bytes, c);
	if (declared) {
		bytes[1] = (uint8_t)((c - 4) >> 16);
		bytes[2] = (uint8_t)((c - 4) >> 8);
		bytes[3] = (uint8_t)(c - 4);
		p.len = c;
	}
	while (n_holes < p.n_holes && p.holes[n_holes].off < c)
		n_holes++;
	if (n_holes) {
		holes = copy(p.holes, n_holes * sizeof(*holes));
		if (holes[n_holes - 1].off + holes[n_holes - 1].len > c)
			holes[n_holes - 1].len = c - holes[n_holes - 1].off;
	}
	p.bytes = c ? bytes : bytes + 1;
	p.head = c;
	p.holes = holes;
	p.n_holes = n_holes;
	both(b, s, &p, NULL, declared ? "declared short" : "not captured");
#ifdef SURVEY
	if (!b->quiet.flagged) surveyed(b, s, declared, c, s->pdu.len);
	else if (!declared && (b->quiet.flags & DX_MALFORMED)) surveyed(b, s, 2, c, s->pdu.len);
	else if (declared && (b->quiet.flags & DX_NOT_CAPTURED)) surveyed(b, s, 3, c, s->pdu.len);
#endif
	check(&b->cut, b->quiet.flagged || may_look_whole(b->map, c, s->pdu.len, declared),
	      "%s frame %u, %s at %u of %u (in %s): nothing tells it", b->capture, p.last.frame,
	      declared ? "declared short" : "not captured", c, s->pdu.len,
	      b->map[c] ? fields[b->map[c]].abbrev : "no field");
	free(holes);
	free(bytes);
}

static void cut_all(struct bench *b, const struct saved *s)
{
	uint32_t end = s->pdu.head, step = end > EACH_LENGTH ? (end - EACH_LENGTH) / SAMPLES + 1 : 1;

	for (uint32_t c = 0; c < end; c += c < EACH_LENGTH || c + LAST_LENGTHS >= end ? 1 : step) {
		cut_one(b, s, c, false);
		if (c >= 4)
			cut_one(b, s, c, true);
	}
}

/* --- 3: coverage --- */

struct coverage {
	char name[128];
	long gaps, undecoded;
};

static struct coverage count(struct bench *b, const struct saved_set *set)
{
	struct coverage c = { "", 0, 0 };

	snprintf(c.name, sizeof(c.name), "%s", b->capture);
	for (uint32_t i = 0; i < set->n; i++) {
		const struct saved *s = &set->list[i];

		b->map = xcalloc(s->pdu.len + 1u, sizeof(*b->map));
		both(b, s, &s->pdu, b->map, "whole");
		for (uint32_t k = 0; k < s->pdu.head; k++) {
			c.gaps += b->map[k] == 0;
			c.undecoded += b->map[k] == F_undecoded;
		}
#ifdef GAPS
		for (uint32_t k = 0; k < s->pdu.head; k++)
			if (!b->map[k] && (k == 0 || b->map[k - 1])) {
				uint32_t e = k;
				while (e < s->pdu.head && !b->map[e]) e++;
				printf("gap %s frame %u %u..%u of %u cmd %u/%u resp %d after %s\n", b->capture, s->pdu.last.frame, k, e, s->pdu.len,
				       b->quiet.msgs[0].protocol, b->quiet.msgs[0].command, b->quiet.msgs[0].response, k ? fields[b->map[k-1]].abbrev : "");
			}
#endif
		cut_all(b, s);
		free(b->map);
		b->map = NULL;
	}
	return c;
}

/* The golden file: "capture gaps undecoded" a line. */
static void compare(struct bench *b, const struct coverage *have, uint32_t n, const char *golden)
{
	FILE *f = fopen(golden, "r");
	struct coverage g;
	char line[256];
	uint32_t seen = 0;
	bool better = false;

	while (f && fgets(line, sizeof(line), f)) {
		if (line[0] == '#' || sscanf(line, "%127s %ld %ld", g.name, &g.gaps, &g.undecoded) != 3)
			continue;
		for (uint32_t i = 0; i < n; i++) {
			if (strcmp(have[i].name, g.name) != 0)
				continue;
			seen++;
			check(&b->cover, have[i].gaps <= g.gaps && have[i].undecoded <= g.undecoded,
			      "%s: %ld bytes told by no field, %ld not decoded; there were %ld, %ld", g.name, have[i].gaps,
			      have[i].undecoded, g.gaps, g.undecoded);
			better |= have[i].gaps < g.gaps || have[i].undecoded < g.undecoded;
		}
	}
	if (f)
		fclose(f);
	check(&b->cover, seen == n, "%s has %u of the %u captures; UPDATE=1 makes it anew", golden, seen, n);
	if (better)
		printf("coverage is better than %s says: make it anew with UPDATE=1\n", golden);
}

static void rewrite(const struct coverage *have, uint32_t n, const char *golden)
{
	FILE *f = fopen(golden, "w");

	if (!f) {
		perror(golden);
		exit(2);
	}
	fputs("# capture, bytes of its PDUs told by no field, bytes told as smbscope.undecoded; they may only fall\n", f);
	for (uint32_t i = 0; i < n; i++)
		fprintf(f, "%s %ld %ld\n", have[i].name, have[i].gaps, have[i].undecoded);
	fclose(f);
}

int main(int argc, char **argv)
{
	static struct bench b = { .cut = { .name = "props-cut" }, .facts = { .name = "props-facts" },
	                          .shape = { .name = "props-listener" }, .cover = { .name = "props-coverage" } };
	struct coverage *have;
	char **paths;
	uint32_t n;

	if (argc != 3) {
		fprintf(stderr, "usage: %s CAPTURES coverage.golden\n", argv[0]);
		return 2;
	}
	n = captures_of(argv[1], &paths);
	have = xcalloc(n, sizeof(*have));
	for (uint32_t i = 0; i < n; i++) {
		struct saved_set set = { 0 };

		b.capture = base_name(paths[i]);
		saved_read(paths[i], &set);
		check(&b.cover, set.n > 0, "%s: no PDU in it", b.capture);
		have[i] = count(&b, &set);
		saved_free(&set);
	}
	if (getenv("UPDATE"))
		rewrite(have, n, argv[2]);
	else
		compare(&b, have, n, argv[2]);
#ifdef SURVEY
	for (unsigned i = 0; i < n_survey; i++)
		printf("survey kind %u smb%u %s %u/%s field %s n %u e.g. %s frame %u at %u of %u\n", survey[i].kind, survey[i].protocol, smb_command_name(survey[i].protocol, survey[i].command), survey[i].command, survey[i].response ? "res" : "req", survey[i].field, survey[i].n, survey[i].cap, survey[i].frame, survey[i].c, survey[i].len);
#endif
	captures_free(paths, n);
	free(have);
	arena_free(&b.arena);
	checks_print(&b.cut);
	checks_print(&b.facts);
	checks_print(&b.shape);
	checks_print(&b.cover);
	return b.cut.failed || b.facts.failed || b.shape.failed || b.cover.failed;
}
