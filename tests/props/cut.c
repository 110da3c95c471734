/* Properties of the dissectors, over every PDU of every capture (style.md 3(e)):
 *   1  cut at each length, "not captured" and "declared short": no fault (run it under a sanitizer), a flag
 *      set, and the right one;
 *   2  facts with a listener = facts without, of whole PDUs and of cut ones;
 *   3  every byte is told by a field, or counted as a gap: numbers in coverage.golden that may only fall. */
#include "common.h"
#include "facts.h"
#include "saved.h"

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
	struct checks cut, blame, facts, shape, cover;
	struct arena arena;
	struct outcome quiet, told;
	const char *capture;
	uint16_t *map;             /* field by byte of the whole PDU */
	uint32_t whole_flags;      /* what the whole PDU was flagged with */
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

/* File content and pipe messages: read by d_payload, which flags no hole.  The tracker counts what is missing. */
static bool is_content(enum field_id id)
{
	static const char *const names[] = { "smb2.write_data", "smb2.read.blob", "smb.file_data",
	                                     "smbscope.smb2.pipe_data", "smbscope.smb.pipe_data" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(fields[id].abbrev, names[i]) == 0)
			return true;
	return false;
}

/* Whether the byte at, of the `left` bytes that were cut off, may be left out of a message that is complete without
 * them.  told is by what fields the whole PDU was read; m is the last message of what is left. */
static bool is_optional(const uint16_t *told, uint32_t at, uint32_t left, const struct smb_msg *m)
{
	enum field_id id = (enum field_id)told[at];
	bool single = told[at - 1] != id && told[at + 1] != id;

	/* Padding, and what no part of the message points to. */
	if (id == F_padding || id == F_undecoded)
		return true;
	/* The one byte for which StructureSize is odd though the variable part is empty: of error answers
	 * (MS-SMB2 2.2.2, ByteCount 0) and READ requests (2.2.19, ReadChannelInfoLength 0).  Many senders leave it out. */
	if (single && m->protocol == 2 && (strcmp(fields[id].abbrev, "smb2.error.data") == 0 ||
	    (m->op == OP_READ && strcmp(fields[id].abbrev, "smbscope.smb2.reserved") == 0)))
		return true;
	/* What is compressed as a whole goes to the message's end, however long it is (MS-SMB2 2.2.42.1). */
	if (strcmp(fields[id].abbrev, "smb2.header.comp_transform.data") == 0)
		return true;
	/* Extended answers to NT_CREATE_ANDX say 42 words and have 50 (MS-SMB 2.2.4.9.2, note): whether the last
	 * eight and ByteCount are there, only the length of the message tells. */
	return m->protocol == 1 && m->command == 0xa2 && m->response && left <= 18;
}

/* Whether a PDU that ends at c may look complete: every byte from there on is of such a kind.  Bytes that no
 * field reads cannot be missed either; property 3 counts those. */
static bool may_look_whole(const struct bench *b, uint32_t c, uint32_t len, bool declared)
{
	const struct smb_msg *last = &b->quiet.msgs[min_u32(b->quiet.n_msgs, MAX_MSGS) - 1];

	for (uint32_t i = c; i < len; i++) {
		enum field_id id = (enum field_id)b->map[i];

		if (id && !(declared ? is_optional(b->map, i, len - c, last) : is_content(id)))
			return false;
	}
	return b->quiet.n_msgs > 0;
}

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
	check(&b->cut, b->quiet.flagged || may_look_whole(b, c, s->pdu.len, declared),
	      "%s frame %u, %s at %u of %u (in %s): nothing tells it", b->capture, p.last.frame,
	      declared ? "declared short" : "not captured", c, s->pdu.len,
	      b->map[c] ? fields[b->map[c]].abbrev : "no field");
	/* Each kind has its own flag: missing bytes are not the sender's fault, a short message is not the capture's. */
	check(&b->blame, !(b->quiet.flags & (declared ? DX_NOT_CAPTURED : DX_MALFORMED) & ~b->whole_flags),
	      "%s frame %u, %s at %u of %u: flags %x", b->capture, p.last.frame, declared ? "declared short" : "not captured",
	      c, s->pdu.len, b->quiet.flags);
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
		b->whole_flags = b->quiet.flags;
		for (uint32_t k = 0; k < s->pdu.head; k++) {
			c.gaps += b->map[k] == 0;
			c.undecoded += b->map[k] == F_undecoded;
		}
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
	static struct bench b = { .cut = { .name = "props-cut" }, .blame = { .name = "props-blame" },
	                          .facts = { .name = "props-facts" }, .shape = { .name = "props-listener" },
	                          .cover = { .name = "props-coverage" } };
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
	captures_free(paths, n);
	free(have);
	arena_free(&b.arena);
	checks_print(&b.cut);
	checks_print(&b.blame);
	checks_print(&b.facts);
	checks_print(&b.shape);
	checks_print(&b.cover);
	return b.cut.failed || b.blame.failed || b.facts.failed || b.shape.failed || b.cover.failed;
}
