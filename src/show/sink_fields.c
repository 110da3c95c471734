/* A listener that keeps the values of some fields as text, for -T fields.  It runs for every value of
 * every message: one table lookup for what is not wanted, no allocation once its buffers have grown. */
#include "show/sink.h"

#include <stdlib.h>

#include "base/text.h"

/* The values of one wanted name in the current line, each with its NUL, one after the other. */
struct column {
	char *text;
	size_t len, size;
	size_t last;               /* where the last value begins */
	uint32_t n;
};

struct sink_fields {
	struct sink sink;
	uint16_t slot[F__COUNT];   /* column of an id plus 1; 0: not wanted */
	struct column *columns;    /* distinct names */
	const char **names;        /* of the columns, the table's own */
	uint32_t n_columns;
	uint16_t *order;           /* column of each name asked for: one may be asked for twice */
	uint32_t n_order;
	bool any, header_done;
};

static struct column *start(struct sink_fields *s, enum field_id id, size_t room)
{
	struct column *c = &s->columns[s->slot[id] - 1];

	if (unlikely(c->size - c->len < room)) {
		c->size = (c->len + room) * 2;
		c->text = xrealloc(c->text, c->size);
	}
	c->last = c->len;
	c->n++;
	s->any = true;
	return c;
}

static void keep(struct sink_fields *s, enum field_id id, const char *text, size_t n)
{
	struct column *c = start(s, id, n + 1);

	memcpy(c->text + c->len, text, n);
	c->text[c->len + n] = 0;
	c->len += n + 1;
}

static void value(struct sink *sink, const struct fval *v)
{
	struct sink_fields *s = (struct sink_fields *)sink;
	struct column *c;

	if (likely(!s->slot[v->id]))
		return;
	c = start(s, v->id, show_value_size(v));
	if (v->type == FT_BYTES) {
		/* Without colons, which PDML's show has: as tshark. */
		c->len += text_hex(c->text + c->len, c->size - c->len, (struct span){ v->p, v->p ? v->captured : 0 }) + 1;
		return;
	}
	c->len += show_value(c->text + c->len, c->size - c->len, v) + 1;
}

/* A group or protocol has no value: its label says that it is there. */
static void push(struct sink *sink, enum field_id id, uint8_t src UNUSED, uint32_t off UNUSED)
{
	struct sink_fields *s = (struct sink_fields *)sink;

	if (unlikely(s->slot[id]))
		keep(s, id, fields[id].label, strlen(fields[id].label));
}

static void pop(struct sink *sink UNUSED, uint32_t end UNUSED)
{
}

static void note(struct sink *sink, enum note_id id, uint8_t src UNUSED, uint32_t off UNUSED)
{
	struct sink_fields *s = (struct sink_fields *)sink;

	if (s->slot[F_note_text])
		keep(s, F_note_text, notes[id].text, strlen(notes[id].text));
}

/* --- names --- */

enum { NAME_MAX_LEN = 80, SUGGESTIONS = 3 };

/* How many letters must be put in, left out or changed to make b of a; upper and lower case are one. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_MAX_LEN + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > NAME_MAX_LEN || nb > NAME_MAX_LEN)
		return UINT32_MAX;
	for (unsigned j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 0; i < na; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i + 1;
		for (size_t j = 0; j < nb; j++) {
			unsigned change = corner + (text_upcase((uint8_t)a[i]) != text_upcase((uint8_t)b[j]));

			corner = row[j + 1];
			row[j + 1] = min_u32(min_u32(row[j], corner) + 1, change);
		}
	}
	return row[nb];
}

/* Names near the one that does not exist; err says them. */
static int unknown(const char *name, struct err *err)
{
	struct { unsigned far; const char *name; } near[SUGGESTIONS] = { { 0, NULL } };
	char shown[128], list[3 * NAME_MAX_LEN + 16] = "";
	struct text_out o = text_begin(list, sizeof(list));
	unsigned limit = (unsigned)min_u32((uint32_t)strlen(name) / 3 + 1, 6);

	for (unsigned i = 1; i < F__COUNT; i++) {
		unsigned far = distance(name, fields[i].abbrev);
		unsigned at;

		if (far > limit || field_find(fields[i].abbrev) != (enum field_id)i)
			continue;
		for (at = SUGGESTIONS; at > 0 && (!near[at - 1].name || far < near[at - 1].far); at--)
			if (at < SUGGESTIONS)
				near[at] = near[at - 1];
		if (at < SUGGESTIONS) {
			near[at].far = far;
			near[at].name = fields[i].abbrev;
		}
	}
	for (unsigned i = 0; i < SUGGESTIONS && near[i].name; i++) {
		text_puts(&o, i ? ", " : "; near it: ");
		text_puts(&o, near[i].name);
	}
	text_end(&o);
	text_escape(shown, sizeof(shown), name, strlen(name), TEXT_TERMINAL);
	return err_set(err, ERR_USAGE, "no field is named '%s'%s", shown, *list ? list : "; smbscope fields lists them all");
}

struct sink_fields *sink_fields_new(const char *const *names, uint32_t n, struct err *err)
{
	struct sink_fields *s = xcalloc(1, sizeof(*s));

	s->sink = (struct sink){ value, push, pop, note };
	s->columns = xcalloc(n, sizeof(*s->columns));
	s->names = xcalloc(n, sizeof(*s->names));
	s->order = xcalloc(n, sizeof(*s->order));
	for (uint32_t i = 0; i < n; i++) {
		enum field_id id = field_find(names[i]);

		if (id == F__none || i >= UINT16_MAX) {
			unknown(names[i], err);
			sink_fields_free(s);
			return NULL;
		}
		if (!s->slot[id]) {
			s->names[s->n_columns++] = fields[id].abbrev;
			for (enum field_id same = id; same != F__none; same = field_next_same(same))
				s->slot[same] = (uint16_t)s->n_columns;
		}
		s->order[s->n_order++] = s->slot[id] - 1;
	}
	return s;
}

struct sink *sink_fields_sink(struct sink_fields *s)
{
	return &s->sink;
}

bool sink_fields_any(const struct sink_fields *s)
{
	return s->any;
}

void sink_fields_free(struct sink_fields *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->n_columns; i++)
		free(s->columns[i].text);
	free(s->columns);
	free(s->names);
	free(s->order);
	free(s);
}

/* --- lines --- */

/* In quotes, a quote of the text is doubled, as RFC 4180 has it. */
static void put(FILE *f, const char *text, size_t n, char quote)
{
	for (size_t i = 0; quote && i < n; i++)
		if (text[i] == quote) {
			fwrite_unlocked(text, 1, i + 1, f);
			putc_unlocked(quote, f);
			text += i + 1;
			n -= i + 1;
			i = (size_t)-1;
		}
	fwrite_unlocked(text, 1, n, f);
}

void sink_fields_header(struct sink_fields *s, FILE *f, const struct fields_options *o)
{
	if (s->header_done)
		return;
	s->header_done = true;
	if (!o->header)
		return;
	for (uint32_t i = 0; i < s->n_order; i++) {
		if (i)
			putc_unlocked(o->separator, f);
		fputs(s->names[s->order[i]], f);
	}
	putc_unlocked('\n', f);
}

static void put_column(const struct column *c, FILE *f, const struct fields_options *o)
{
	const char *p = c->text, *end = p + c->len;

	if (o->quote)
		putc_unlocked(o->quote, f);
	if (o->occurrence == 'l')
		p += c->last;
	while (p < end) {
		size_t n = strlen(p);

		put(f, p, n, o->quote);
		p += n + 1;
		if (o->occurrence != 'a')
			break;
		if (p < end)
			putc_unlocked(o->aggregator, f);
	}
	if (o->quote)
		putc_unlocked(o->quote, f);
}

void sink_fields_print(struct sink_fields *s, FILE *f, const struct fields_options *o)
{
	sink_fields_header(s, f, o);
	for (uint32_t i = 0; i < s->n_order; i++) {
		const struct column *c = &s->columns[s->order[i]];

		if (i)
			putc_unlocked(o->separator, f);
		if (c->n)
			put_column(c, f, o);
	}
	putc_unlocked('\n', f);
	sink_fields_forget(s);
}

void sink_fields_forget(struct sink_fields *s)
{
	for (uint32_t i = 0; i < s->n_columns; i++) {
		s->columns[i].len = s->columns[i].last = 0;
		s->columns[i].n = 0;
	}
	s->any = false;
}

/* One character, or tshark's /t and /s. */
static bool one_char(const char *s, char *c)
{
	if (strcmp(s, "/t") == 0)
		*c = '\t';
	else if (strcmp(s, "/s") == 0)
		*c = ' ';
	else if (s[0] > 0 && !s[1])
		*c = s[0];
	else
		return false;
	return true;
}

int sink_fields_option(struct fields_options *o, const char *setting, struct err *err)
{
	const char *v = strchr(setting, '=');
	size_t n = v ? (size_t)(v++ - setting) : 0;
	bool one = v && v[0] && !v[1];

	if (n == 9 && memcmp(setting, "separator", n) == 0 && one_char(v, &o->separator))
		return 0;
	if (n == 10 && memcmp(setting, "aggregator", n) == 0 && one_char(v, &o->aggregator))
		return 0;
	if (n == 10 && memcmp(setting, "occurrence", n) == 0 && one && strchr("afl", *v)) {
		o->occurrence = *v;
		return 0;
	}
	if (n == 5 && memcmp(setting, "quote", n) == 0 && one && strchr("dsn", *v)) {
		o->quote = *v == 'd' ? '"' : *v == 's' ? '\'' : 0;
		return 0;
	}
	if (n == 6 && memcmp(setting, "header", n) == 0 && one && strchr("yn", *v)) {
		o->header = *v == 'y';
		return 0;
	}
	return err_set(err, ERR_USAGE, "-E takes separator=C, aggregator=C, occurrence=a|f|l, quote=d|s|n or header=y|n, not '%.80s'",
	               setting);
}
