/* Matching a regular expression: all states at once, one character after the other (Thompson 1968). */
#include "show/filter_regex.h"

static bool in_ranges(const struct set *s, uint32_t c)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (c >= s->r[i].low && c <= s->r[i].high)
			return true;
	return false;
}

static bool in_set(const struct regex *rx, const struct set *s, uint32_t c)
{
	bool in = in_ranges(s, c) || (rx->caseless && c >= 0x80 && !rx->bytes && in_ranges(s, text_upcase(c)));

	return in != s->not;
}

/* Around a place in the text: the characters before and behind it; UINT32_MAX: none. */
struct place {
	uint32_t before, behind;
	bool last_newline;        /* only a newline follows */
};

static bool is_word(uint32_t c)
{
	return c == '_' || (c - '0') < 10 || ((c | 32) - 'a') < 26;
}

static bool holds(enum assertion a, const struct place *p)
{
	switch (a) {
	case AT_BEGIN: return p->before == UINT32_MAX;
	case AT_END: return p->behind == UINT32_MAX || p->last_newline;
	case AT_VERY_END: return p->behind == UINT32_MAX;
	case AT_WORD: case NOT_AT_WORD: break;
	}
	return (is_word(p->before) != is_word(p->behind)) == (a == AT_WORD);
}

/* Adds the state and all that follow from it without a character; true: the end is one of them. */
static bool follow(struct regex *rx, struct list *l, uint32_t pc, const struct place *at)
{
	uint32_t n = 0;

	rx->stack[n++] = pc;
	while (n) {
		const struct instruction *i;

		pc = rx->stack[--n];
		if (rx->mark[pc] == rx->generation)
			continue;
		rx->mark[pc] = rx->generation;
		i = &rx->code[pc];
		switch (i->op) {
		case OP_MATCH:
			return true;
		case OP_JUMP:
			rx->stack[n++] = i->x;
			break;
		case OP_SPLIT:
			rx->stack[n++] = i->y;
			rx->stack[n++] = i->x;
			break;
		case OP_ASSERT:
			if (holds((enum assertion)i->x, at))
				rx->stack[n++] = pc + 1;
			break;
		default:
			l->pc[l->n++] = pc;
		}
	}
	return false;
}

static bool takes(const struct regex *rx, const struct instruction *i, uint32_t c)
{
	switch (i->op) {
	case OP_CHAR:
		return i->x == regex_folded(rx, c);
	case OP_ANY:
		return rx->dot_all || c != '\n';
	default:
		return in_set(rx, i->set, c);
	}
}

static uint32_t char_at(const struct regex *rx, const uint8_t *s, uint32_t n, size_t *at)
{
	uint32_t c;

	if (*at >= n)
		return UINT32_MAX;
	if (rx->bytes)
		return s[(*at)++];
	c = text_utf8_next(s, n, at);
	return c == UINT32_MAX ? 0xfffd : c;
}

bool regex_match(struct regex *rx, const uint8_t *s, uint32_t n)
{
	size_t next = 0;
	struct place at = { .before = UINT32_MAX };

	at.behind = char_at(rx, s, n, &next);
	rx->now.n = 0;
	memset(rx->mark, 0, rx->n * sizeof(*rx->mark));
	rx->generation = 1;
	at.last_newline = at.behind == '\n' && next == n;
	for (;;) {
		struct list swap;
		uint32_t c = at.behind;

		if (follow(rx, &rx->now, 0, &at))
			return true;
		if (c == UINT32_MAX)
			return false;
		at.before = c;
		at.behind = char_at(rx, s, n, &next);
		at.last_newline = at.behind == '\n' && next == n;
		rx->generation++;
		rx->later.n = 0;
		for (uint32_t i = 0; i < rx->now.n; i++)
			if (takes(rx, &rx->code[rx->now.pc[i]], c) && follow(rx, &rx->later, rx->now.pc[i] + 1, &at))
				return true;
		swap = rx->now;
		rx->now = rx->later;
		rx->later = swap;
	}
}
