/* Regular expressions for `matches`: the part of PCRE's syntax that needs no backtracking.
 *
 * The text comes from the wire, so the matcher must not be one that a text can make slow: all states are
 * followed at once (Thompson), which costs the length of the text times that of the pattern at most.
 * References and looking around are not regular and are refused. */
#include <stdlib.h>

#include "base/text.h"
#include "show/filter_private.h"
#include "show/filter_regex.h"

enum { REPEAT_MAX = 1000, NEST_MAX = 60 };

/* Pattern as a tree: a sequence by next; ALT and REP have children. */
struct part {
	enum { PART_CHAR, PART_ANY, PART_SET, PART_ASSERT, PART_GROUP, PART_ALT, PART_REP } kind;
	struct part *next, *a, *b;
	uint32_t c;               /* character, assertion; least repetitions */
	uint32_t max;             /* UINT32_MAX: no end */
	struct set *set;
};

struct compiler {
	struct arena *arena;
	struct regex *rx;
	const char *s;
	size_t n, at;
	unsigned depth;
	struct err *e;
	uint32_t where;
	bool failed;
};

static void *fail(struct compiler *c, size_t at, const char *why)
{
	if (!c->failed) {
		err_set(c->e, ERR_USAGE, "regular expression: %s", why);
		c->where = (uint32_t)at;
	}
	c->failed = true;
	c->at = c->n;
	return NULL;
}

/* --- sets --- */

static void set_add(struct compiler *c, struct set *s, uint32_t low, uint32_t high)
{
	if (s->n == s->cap) {
		struct range *grown = arena_alloc(c->arena, (s->cap * 2 + 4) * sizeof(*grown));

		if (s->n)
			memcpy(grown, s->r, s->n * sizeof(*grown));
		s->r = grown;
		s->cap = s->cap * 2 + 4;
	}
	s->r[s->n++] = (struct range){ low, high };
}

/* A range in either case: the character looked up is tried as it is and in upper case. */
static void set_range(struct compiler *c, struct set *s, uint32_t low, uint32_t high)
{
	uint32_t from = low > 'A' ? low : 'A', to = high < 'Z' ? high : 'Z';

	set_add(c, s, low, high);
	if (!c->rx->caseless)
		return;
	if (from <= to)
		set_add(c, s, from + 32, to + 32);
	from = low > 'a' ? low : 'a';
	to = high < 'z' ? high : 'z';
	if (from <= to)
		set_add(c, s, from - 32, to - 32);
	if (low >= 0x80 && !c->rx->bytes && text_upcase(high) - text_upcase(low) == high - low)
		set_add(c, s, text_upcase(low), text_upcase(high));
}

/* Negated ones inside brackets stand as the ranges between. */
static void set_class(struct compiler *c, struct set *s, const char *ranges, bool not)
{
	uint32_t low = 0;

	for (; *ranges; ranges += 2) {
		uint32_t a = (uint8_t)ranges[0], b = (uint8_t)ranges[1];

		if (not && a > low)
			set_add(c, s, low, a - 1);
		else if (!not)
			set_add(c, s, a, b);
		low = b + 1;
	}
	if (not)
		set_add(c, s, low, UINT32_MAX);
}

/* Pairs of first and last, ascending. */
static const char *class_of(char letter)
{
	switch (letter | 32) {
	case 'd': return "09";
	case 'w': return "09AZ__az";
	case 's': return "\t\r  ";
	}
	return NULL;
}

static const char *posix_class(const char *name, size_t n)
{
	static const struct { const char *name, *ranges; } rows[] = {
		{ "alpha", "AZaz" }, { "digit", "09" }, { "alnum", "09AZaz" }, { "upper", "AZ" }, { "lower", "az" },
		{ "space", "\t\r  " }, { "blank", "\t\t  " }, { "punct", "!/:@[`{~" }, { "xdigit", "09AFaf" },
		{ "word", "09AZ__az" }, { "print", " ~" }, { "graph", "!~" }, { "cntrl", "\1\x1f\x7f\x7f" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (strlen(rows[i].name) == n && memcmp(rows[i].name, name, n) == 0)
			return rows[i].ranges;
	return NULL;
}

/* --- the pattern --- */

static uint32_t next_char(struct compiler *c)
{
	uint32_t code;

	if (c->rx->bytes)
		return (uint8_t)c->s[c->at++];
	code = text_utf8_next(c->s, c->n, &c->at);
	return code == UINT32_MAX ? 0xfffd : code;
}

static bool peek(const struct compiler *c, char want)
{
	return c->at < c->n && c->s[c->at] == want;
}

static bool took(struct compiler *c, char want)
{
	if (!peek(c, want))
		return false;
	c->at++;
	return true;
}

static unsigned hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return (unsigned)(ch - '0');
	ch |= 32;
	return ch >= 'a' && ch <= 'f' ? (unsigned)(ch - 'a' + 10) : 16;
}

/* \xHH or \x{H...}; the x has been read. */
static uint32_t hex_escape(struct compiler *c)
{
	bool braces = took(c, '{');
	uint32_t v = 0;
	unsigned digits = 0;

	while (c->at < c->n && hex_digit(c->s[c->at]) < 16 && digits < (braces ? 6 : 2)) {
		v = v << 4 | hex_digit(c->s[c->at++]);
		digits++;
	}
	if (braces && !took(c, '}'))
		fail(c, c->at, "'}' is missing");
	return v;
}

/* A character behind a backslash that stands for one character. */
static uint32_t escape(struct compiler *c)
{
	static const char from[] = "nrtfvae0", to[] = "\n\r\t\f\v\a\x1b";
	size_t at = c->at;
	char ch = c->s[at];
	const char *found = ch ? strchr(from, ch) : NULL;

	if (found) {
		c->at++;
		return (uint8_t)to[found - from];
	}
	if (ch == 'x') {
		c->at++;
		return hex_escape(c);
	}
	if (ch >= '1' && ch <= '9')
		fail(c, at, "no references to groups");
	else if ((ch | 32) >= 'a' && (ch | 32) <= 'z')
		fail(c, at, "no such escape");
	return c->failed ? 0 : next_char(c);
}

static void bracket_item(struct compiler *c, struct set *s)
{
	size_t at = c->at;
	uint32_t low, high;

	if (c->s[at] == '[' && at + 1 < c->n && c->s[at + 1] == ':') {
		const char *end = memmem(c->s + at, c->n - at, ":]", 2);
		const char *ranges = end ? posix_class(c->s + at + 2, (size_t)(end - c->s) - at - 2) : NULL;

		if (!ranges) {
			fail(c, at, "no such class of characters");
			return;
		}
		if (c->rx->caseless && (strcmp(ranges, "AZ") == 0 || strcmp(ranges, "az") == 0))
			ranges = "AZaz";
		set_class(c, s, ranges, false);
		c->at = (size_t)(end - c->s) + 2;
		return;
	}
	if (took(c, '\\')) {
		if (c->at < c->n && class_of(c->s[c->at])) {
			set_class(c, s, class_of(c->s[c->at]), !(c->s[c->at] & 32));
			c->at++;
			return;
		}
		if (c->at == c->n)
			return;
		low = peek(c, 'b') ? (c->at++, '\b') : escape(c);
	} else {
		low = next_char(c);
	}
	high = low;
	if (c->at + 1 < c->n && c->s[c->at] == '-' && c->s[c->at + 1] != ']') {
		c->at++;
		if (!took(c, '\\'))
			high = next_char(c);
		else if (c->at < c->n)
			high = escape(c);
		else
			return;
	}
	if (high < low)
		fail(c, at, "a range runs backwards");
	else
		set_range(c, s, low, high);
}

static struct part *part_new(struct compiler *c, int kind)
{
	struct part *p = arena_alloc(c->arena, sizeof(*p));

	p->kind = kind;
	return p;
}

static struct part *bracket(struct compiler *c, size_t at)
{
	struct part *p = part_new(c, PART_SET);
	bool first = true;

	p->set = arena_alloc(c->arena, sizeof(*p->set));
	p->set->not = took(c, '^');
	while (c->at < c->n && (first || !peek(c, ']'))) {
		bracket_item(c, p->set);
		first = false;
	}
	if (!took(c, ']'))
		return fail(c, at, "']' is missing");
	return p;
}

static struct part *backslash(struct compiler *c, size_t at)
{
	static const char letters[] = "AzZbB";
	static const uint8_t kinds[] = { AT_BEGIN, AT_VERY_END, AT_END, AT_WORD, NOT_AT_WORD };
	struct part *p;
	const char *found;

	if (c->at == c->n)
		return fail(c, at, "nothing follows the backslash");
	found = c->s[c->at] ? strchr(letters, c->s[c->at]) : NULL;
	if (found) {
		p = part_new(c, PART_ASSERT);
		p->c = kinds[found - letters];
		c->at++;
	} else if (class_of(c->s[c->at])) {
		p = part_new(c, PART_SET);
		p->set = arena_alloc(c->arena, sizeof(*p->set));
		set_class(c, p->set, class_of(c->s[c->at]), !(c->s[c->at] & 32));
		c->at++;
	} else {
		p = part_new(c, PART_CHAR);
		p->c = escape(c);
	}
	return p;
}

static struct part *alternatives(struct compiler *c);

static struct part *group(struct compiler *c, size_t at)
{
	struct part *p = part_new(c, PART_GROUP);

	if (took(c, '?') && !took(c, ':'))
		return fail(c, at, "of groups with (? only (?: is known, and (?i) (?-i) (?s) in front");
	if (++c->depth > NEST_MAX)
		return fail(c, at, "too many groups inside each other");
	p->a = alternatives(c);
	c->depth--;
	if (!c->failed && !took(c, ')'))
		return fail(c, at, "')' is missing");
	return p;
}

static struct part *atom(struct compiler *c)
{
	size_t at = c->at;
	struct part *p;

	switch (c->s[c->at++]) {
	case '(':
		return group(c, at);
	case '[':
		return bracket(c, at);
	case '\\':
		return backslash(c, at);
	case '.':
		return part_new(c, PART_ANY);
	case '^': case '$':
		p = part_new(c, PART_ASSERT);
		p->c = c->s[at] == '^' ? AT_BEGIN : AT_END;
		return p;
	case '*': case '+': case '?':
		return fail(c, at, "nothing to repeat");
	}
	c->at = at;
	p = part_new(c, PART_CHAR);
	p->c = next_char(c);
	return p;
}

static bool number(struct compiler *c, uint32_t *v)
{
	size_t from = c->at;

	*v = 0;
	for (; c->at < c->n && c->s[c->at] >= '0' && c->s[c->at] <= '9'; c->at++)
		if (*v <= REPEAT_MAX)
			*v = *v * 10 + (uint32_t)(c->s[c->at] - '0');
	return c->at > from;
}

/* {m}, {m,}, {m,n}; anything else in braces is text, as in PCRE. */
static bool counts(struct compiler *c, uint32_t *min, uint32_t *max)
{
	size_t at = c->at;

	if (!took(c, '{'))
		return false;
	if (number(c, min)) {
		*max = *min;
		if (took(c, ',') && !number(c, max))
			*max = UINT32_MAX;
		if (took(c, '}')) {
			if (*min > REPEAT_MAX || (*max > REPEAT_MAX && *max != UINT32_MAX) || *max < *min)
				fail(c, at, "repetitions are 0 to 1000, and ascend");
			return true;
		}
	}
	c->at = at;
	return false;
}

static struct part *repeated(struct compiler *c)
{
	struct part *p = atom(c);
	uint32_t min, max;

	for (unsigned n = 0; p && !c->failed; n++) {
		size_t at = c->at;
		struct part *rep;

		if (took(c, '*'))
			min = 0, max = UINT32_MAX;
		else if (took(c, '+'))
			min = 1, max = UINT32_MAX;
		else if (took(c, '?'))
			min = 0, max = 1;
		else if (!counts(c, &min, &max))
			return p;
		if (n)
			return fail(c, at, "a repetition is repeated");
		took(c, '?');          /* how much it takes does not change whether it matches */
		rep = part_new(c, PART_REP);
		rep->a = p;
		rep->c = min;
		rep->max = max;
		p = rep;
	}
	return p;
}

static struct part *alternatives(struct compiler *c)
{
	struct part *result = part_new(c, PART_GROUP), **end = &result->a;

	while (c->at < c->n && !c->failed && !peek(c, ')')) {
		if (took(c, '|')) {
			struct part *alt = part_new(c, PART_ALT), *outer = part_new(c, PART_GROUP), *right = part_new(c, PART_GROUP);

			alt->a = result;
			alt->b = right;
			outer->a = alt;
			/* What follows goes to the right side until the next bar: there all of it is the left one. */
			result = outer;
			end = &right->a;
			continue;
		}
		*end = repeated(c);
		if (*end)
			end = &(*end)->next;
	}
	return result;
}

/* --- the program --- */

static uint32_t put(struct compiler *c, struct instruction i)
{
	if (c->rx->n == LIMIT_REGEX) {
		fail(c, 0, "too long");
		return 0;
	}
	c->rx->code[c->rx->n] = i;
	return c->rx->n++;
}

static void emit(struct compiler *c, const struct part *p);

static void emit_repeat(struct compiler *c, const struct part *p)
{
	uint32_t split, first = 0;

	for (uint32_t i = 0; i < p->c && !c->failed; i++) {
		uint32_t before = c->rx->n;

		emit(c, p->a);
		if (c->rx->n == before)
			break;         /* nothing, however often */
	}
	if (p->max == UINT32_MAX) {
		split = put(c, (struct instruction){ .op = OP_SPLIT });
		emit(c, p->a);
		put(c, (struct instruction){ .op = OP_JUMP, .x = split });
		c->rx->code[split].x = split + 1;
		c->rx->code[split].y = c->rx->n;
		return;
	}
	/* Each optional one leads to the end when it is left out; the exits are chained by y meanwhile. */
	for (uint32_t i = p->c; i < p->max && !c->failed; i++) {
		split = put(c, (struct instruction){ .op = OP_SPLIT, .x = c->rx->n + 1, .y = first });
		first = split + 1;
		emit(c, p->a);
	}
	while (first && !c->failed) {
		split = first - 1;
		first = c->rx->code[split].y;
		c->rx->code[split].y = c->rx->n;
	}
}

static void emit(struct compiler *c, const struct part *p)
{
	uint32_t split, jump;

	if (c->failed)
		return;
	switch (p->kind) {
	case PART_CHAR:
		put(c, (struct instruction){ .op = OP_CHAR, .x = regex_folded(c->rx, p->c) });
		return;
	case PART_ANY:
		put(c, (struct instruction){ .op = OP_ANY });
		return;
	case PART_SET:
		put(c, (struct instruction){ .op = OP_SET, .set = p->set });
		return;
	case PART_ASSERT:
		put(c, (struct instruction){ .op = OP_ASSERT, .x = p->c });
		return;
	case PART_GROUP:
		for (const struct part *one = p->a; one; one = one->next)
			emit(c, one);
		return;
	case PART_ALT:
		split = put(c, (struct instruction){ .op = OP_SPLIT });
		emit(c, p->a);
		jump = put(c, (struct instruction){ .op = OP_JUMP });
		c->rx->code[split].x = split + 1;
		c->rx->code[split].y = c->rx->n;
		emit(c, p->b);
		c->rx->code[jump].x = c->rx->n;
		return;
	case PART_REP:
		emit_repeat(c, p);
	}
}

/* (?i), (?-i), (?s) and such in front of all. */
static void options(struct compiler *c)
{
	while (c->n - c->at >= 4 && memcmp(c->s + c->at, "(?", 2) == 0) {
		size_t at = c->at + 2;
		bool on = true, caseless = c->rx->caseless, dot_all = c->rx->dot_all;

		for (; at < c->n && strchr("-is", c->s[at]) && c->s[at]; at++) {
			if (c->s[at] == '-')
				on = false;
			else if (c->s[at] == 'i')
				caseless = on;
			else
				dot_all = on;
		}
		if (at == c->n || c->s[at] != ')' || at == c->at + 2)
			return;
		c->rx->caseless = caseless;
		c->rx->dot_all = dot_all;
		c->at = at + 1;
	}
}

struct regex *regex_compile(struct arena *arena, const char *pattern, uint32_t n, bool bytes, struct err *e, uint32_t *where)
{
	struct regex *rx = arena_alloc(arena, sizeof(*rx));
	struct compiler c = { .arena = arena, .rx = rx, .s = pattern, .n = n, .e = e };
	struct instruction *code = xcalloc(LIMIT_REGEX, sizeof(*code));
	struct part *all;

	rx->code = code;
	rx->bytes = bytes;
	rx->caseless = true;
	options(&c);
	all = alternatives(&c);
	if (!c.failed && c.at < c.n)
		fail(&c, c.at, "')' without its '('");
	emit(&c, all);
	put(&c, (struct instruction){ .op = OP_MATCH });
	rx->code = arena_alloc(arena, rx->n * sizeof(*code));
	memcpy(rx->code, code, rx->n * sizeof(*code));
	free(code);
	rx->now.pc = arena_alloc(arena, rx->n * sizeof(uint32_t));
	rx->later.pc = arena_alloc(arena, rx->n * sizeof(uint32_t));
	rx->stack = arena_alloc(arena, (2 * rx->n + 2) * sizeof(uint32_t));
	rx->mark = arena_alloc(arena, rx->n * sizeof(uint32_t));
	*where = c.where;
	return c.failed ? NULL : rx;
}
