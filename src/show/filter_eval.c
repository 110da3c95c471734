/* Display filters: what was heard of a frame, against the nodes. */
#include "base/text.h"
#include "show/filter_private.h"

/* The values of a node.  missing: a field it is made of did not occur, which no comparison survives;
 * without any value, but not missing: all slices were out of range. */
struct values {
	const struct filter_value *v;
	uint32_t n;
	bool missing;
};

/* --- order --- */

static int order_number(const struct filter_value *a, const struct filter_value *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	return a->u < b->u ? -1 : a->u > b->u;
}

static int order_time(const struct filter_value *a, const struct filter_value *b)
{
	if (a->u != b->u)
		return (int64_t)a->u < (int64_t)b->u ? -1 : 1;
	return a->ns < b->ns ? -1 : a->ns > b->ns;
}

static int order_address(const struct filter_value *a, const struct filter_value *b)
{
	unsigned bits = a->prefix < b->prefix ? a->prefix : b->prefix, bytes = bits / 8, rest = bits % 8;
	int by = bytes ? memcmp(a->p, b->p, bytes) : 0;

	if (by || !rest)
		return by;
	return (a->p[bytes] >> (8 - rest)) - (b->p[bytes] >> (8 - rest));
}

int filter_order(const struct filter_value *a, const struct filter_value *b)
{
	uint32_t n = min_u32(a->len, b->len);
	int by;

	switch (a->cls) {
	case CLASS_NUMBER: case CLASS_BOOL:
		return order_number(a, b);
	case CLASS_TIME: case CLASS_DURATION:
		return order_time(a, b);
	case CLASS_IPV4: case CLASS_IPV6:
		return order_address(a, b);
	}
	by = n ? memcmp(a->p, b->p, n) : 0;
	/* Text goes by its letters, bytes by their number first: as Wireshark has it. */
	if (a->len == b->len || (a->cls == CLASS_TEXT && by))
		return by;
	return a->len < b->len ? -1 : 1;
}

/* --- values --- */

static struct values evaluate(struct filter *f, const struct filter_node *n);

static struct filter_value *room(struct filter *f, uint32_t n)
{
	return arena_alloc(&f->scratch, (n ? n : 1) * sizeof(struct filter_value));
}

/* Whether a layer is one of those chosen; last is the last there is, which -1 means. */
static bool chosen(const struct filter_node *field, int64_t layer, int64_t last)
{
	for (uint32_t i = 0; i < field->n_ranges; i++) {
		const struct filter_range *r = &field->ranges[i];
		int64_t from = r->from < 0 ? last + 1 + r->from : r->from, to = INT64_MAX;

		if (r->kind == RANGE_LEN)
			to = from + r->to - 1;
		else if (r->kind == RANGE_LAST)
			to = r->to < 0 ? last + 1 + r->to : r->to;
		if (layer >= from && layer <= to)
			return true;
	}
	return false;
}

/* In how many of the layers chosen the field occurred. */
static uint32_t in_layers(const struct filter *f, const struct filter_node *field)
{
	uint64_t layers = f->slots[field->slot].layers;
	int64_t last = layers ? 64 - __builtin_clzll(layers) : 0;
	uint32_t n = 0;

	for (int64_t layer = 1; layer <= last; layer++)
		n += (layers >> (layer - 1) & 1) && chosen(field, layer, last);
	return n;
}

static struct values layered(struct filter *f, const struct filter_node *field)
{
	const struct filter_slot *s = &f->slots[field->slot];
	struct filter_value *v = room(f, s->kept);
	struct values result = { v, 0, false };
	int64_t last = s->kept ? s->v[s->kept - 1].layer : 0;

	for (uint32_t i = 0; i < s->kept; i++)
		if (chosen(field, s->v[i].layer, last))
			v[result.n++] = s->v[i];
	result.missing = !result.n;
	return result;
}

/* Appends the bytes of one range to out; false: it is not inside. */
static bool cut(const struct filter_value *of, const struct filter_range *r, uint8_t *out, uint32_t *n)
{
	int64_t len = of->len, from = r->from < 0 ? len + r->from : r->from, end = len;

	if (r->kind == RANGE_LEN)
		end = from + r->to;
	else if (r->kind == RANGE_LAST)
		end = (r->to < 0 ? len + r->to : r->to) + 1;
	if (from < 0 || end > len || from >= end)
		return false;
	if (out)
		memcpy(out + *n, of->p + from, (size_t)(end - from));
	*n += (uint32_t)(end - from);
	return true;
}

static struct values sliced(struct filter *f, const struct filter_node *n, struct values of)
{
	struct filter_value *v = room(f, of.n);
	struct values result = { v, 0, of.missing };

	for (uint32_t i = 0; i < of.n; i++) {
		uint32_t len = 0;
		uint8_t *p = NULL;
		bool inside = true;

		for (uint32_t k = 0; k < n->n_ranges && inside; k++)
			inside = cut(&of.v[i], &n->ranges[k], NULL, &len) && len <= LIMIT_FILTER_BYTES;
		if (!inside)
			continue;
		if (n->n_ranges > 1) {
			p = arena_alloc(&f->scratch, len);
			len = 0;
			for (uint32_t k = 0; k < n->n_ranges; k++)
				cut(&of.v[i], &n->ranges[k], p, &len);
		} else {
			const struct filter_range *r = &n->ranges[0];

			v[result.n].p = of.v[i].p + (r->from < 0 ? (int64_t)of.v[i].len + r->from : r->from);
		}
		if (p)
			v[result.n].p = p;
		v[result.n].cls = CLASS_BYTES;
		v[result.n++].len = len;
	}
	return result;
}

/* The lower case of a letter: the one whose upper case it is.  Found by the distances Unicode's scripts have. */
static uint32_t downcase(uint32_t c)
{
	static const uint8_t distances[] = { 32, 1, 80, 48, 16, 26, 37, 38, 8 };

	if (c < 'A' || text_upcase(c) != c)
		return c;
	for (size_t i = 0; i < COUNT(distances); i++)
		if (text_upcase(c + distances[i]) == c)
			return c + distances[i];
	return c;
}

static void change_case(struct filter *f, struct filter_value *v, bool lower)
{
	struct text_out o;
	char *text;
	size_t size = (size_t)v->len * 3 + 1, at = 0;    /* a byte of two letters may become three */

	text = arena_alloc(&f->scratch, size);
	o = text_begin(text, size);
	while (at < v->len) {
		uint32_t c = text_utf8_next(v->p, v->len, &at);

		text_code(&o, lower ? downcase(c) : text_upcase(c), TEXT_RAW);
	}
	text_end(&o);
	v->p = (const uint8_t *)text;
	v->len = (uint32_t)o.end;
}

static void absolute(struct filter_value *v)
{
	if (v->cls == CLASS_NUMBER && v->negative) {
		v->u = -v->u;
		v->negative = false;
	} else if (v->cls == CLASS_DURATION && (int64_t)v->u < 0) {
		/* The nanoseconds count forward: -1.25 s is -2 s and 0.75 s. */
		v->u = -v->u - (v->ns > 0);
		v->ns = v->ns ? 1000000000 - v->ns : 0;
	}
}

/* Of all values of all arguments one; arguments that have none do not count. */
static struct values extreme(struct filter *f, const struct filter_node *n)
{
	struct values result = { .missing = true };

	for (const struct filter_node *arg = n->a; arg; arg = arg->next) {
		struct values of = evaluate(f, arg);

		for (uint32_t i = 0; i < of.n && !of.missing; i++)
			if (!result.n || (filter_order(&of.v[i], result.v) < 0) == (n->op == CALL_MIN))
				result = (struct values){ &of.v[i], 1, false };
	}
	return result;
}

static struct values counted(struct filter *f, const struct filter_node *field)
{
	struct filter_value *v = room(f, 1);

	*v = (struct filter_value){ .cls = CLASS_NUMBER, .u = f->slots[field->slot].n };
	if (field->n_ranges && f->slots[field->slot].values)
		v->u = evaluate(f, field).n;
	else if (field->n_ranges)
		v->u = in_layers(f, field);
	return (struct values){ v, 1, !v->u };
}

static struct values called(struct filter *f, const struct filter_node *n)
{
	struct values of = { 0 }, result;
	struct filter_value *v;

	if (n->op == CALL_COUNT)
		return counted(f, n->a);
	if (n->op == CALL_MIN || n->op == CALL_MAX)
		return extreme(f, n);
	of = evaluate(f, n->a);
	v = room(f, of.n);
	result = (struct values){ v, of.n, of.missing };
	for (uint32_t i = 0; i < of.n; i++) {
		v[i] = of.v[i];
		switch (n->op) {
		case CALL_LEN:
			v[i] = (struct filter_value){ .cls = CLASS_NUMBER, .u = of.v[i].len };
			break;
		case CALL_ABS:
			absolute(&v[i]);
			break;
		default:
			change_case(f, &v[i], n->op == CALL_LOWER);
		}
	}
	return result;
}

/* False: the result cannot be said, or there is none. */
static bool compute(char op, const struct filter_value *a, const struct filter_value *b, struct filter_value *out)
{
	int64_t x = (int64_t)a->u, y = (int64_t)b->u, r = 0;
	bool wide = (!a->negative && a->u > INT64_MAX) || (!b->negative && b->u > INT64_MAX);

	*out = (struct filter_value){ .cls = CLASS_NUMBER };
	if ((op == '/' || op == '%') && !b->u)
		return false;
	if (op == '&') {
		out->u = a->u & b->u;
		return true;
	}
	if (wide && (a->negative || b->negative))
		return false;
	if (wide) {
		switch (op) {
		case '+': return !__builtin_add_overflow(a->u, b->u, &out->u);
		case '-':
			out->negative = a->u < b->u;
			out->u = a->u - b->u;
			return !out->negative || out->u >> 63;
		case '*': return !__builtin_mul_overflow(a->u, b->u, &out->u);
		case '/': out->u = a->u / b->u; return true;
		default: out->u = a->u % b->u; return true;
		}
	}
	switch (op) {
	case '+':
		if (__builtin_add_overflow(x, y, &r))
			return false;
		break;
	case '-':
		if (__builtin_sub_overflow(x, y, &r))
			return false;
		break;
	case '*':
		if (__builtin_mul_overflow(x, y, &r))
			return false;
		break;
	default:
		if (x == INT64_MIN && y == -1)
			return false;
		r = op == '/' ? x / y : x % y;
	}
	out->u = (uint64_t)r;
	out->negative = r < 0;
	return true;
}

/* Durations: in nanoseconds, 292 years of them. */
static bool add(bool minus, const struct filter_value *a, const struct filter_value *b, struct filter_value *out)
{
	int64_t x, y, r, rest;

	*out = (struct filter_value){ .cls = CLASS_DURATION };
	if (__builtin_mul_overflow((int64_t)a->u, (int64_t)1000000000, &x) || __builtin_add_overflow(x, (int64_t)a->ns, &x) ||
	    __builtin_mul_overflow((int64_t)b->u, (int64_t)1000000000, &y) || __builtin_add_overflow(y, (int64_t)b->ns, &y) ||
	    (minus ? __builtin_sub_overflow(x, y, &r) : __builtin_add_overflow(x, y, &r)))
		return false;
	rest = (r % 1000000000 + 1000000000) % 1000000000;
	out->u = (uint64_t)(r / 1000000000 - (r < 0 && rest));
	out->ns = (uint32_t)rest;
	return true;
}

/* Bytes of one length. */
static bool mask(struct filter *f, const struct filter_value *a, const struct filter_value *b, struct filter_value *out)
{
	uint8_t *p;

	if (a->len != b->len || !a->len)
		return false;
	p = arena_alloc(&f->scratch, a->len);
	for (uint32_t i = 0; i < a->len; i++)
		p[i] = a->p[i] & b->p[i];
	*out = (struct filter_value){ .cls = CLASS_BYTES, .p = p, .len = a->len };
	return true;
}

static bool operate(struct filter *f, const struct filter_node *n, const struct filter_value *a, const struct filter_value *b,
                    struct filter_value *out)
{
	if (n->cls == CLASS_DURATION)
		return add(n->op == '-', a, b, out);
	return n->cls == CLASS_BYTES ? mask(f, a, b, out) : compute((char)n->op, a, b, out);
}

static struct values computed(struct filter *f, const struct filter_node *n)
{
	struct values a = evaluate(f, n->a), b = evaluate(f, n->b), result = { 0 };
	uint64_t pairs = (uint64_t)a.n * b.n;
	struct filter_value *v;

	if (pairs > LIMIT_FILTER_PAIRS / 64) {
		pairs = LIMIT_FILTER_PAIRS / 64;
		f->cut = true;
	}
	v = room(f, (uint32_t)pairs);
	result.v = v;
	result.missing = a.missing || b.missing;
	for (uint32_t i = 0; i < a.n && pairs; i++)
		for (uint32_t k = 0; k < b.n && pairs; k++, pairs--)
			result.n += operate(f, n, &a.v[i], &b.v[k], &v[result.n]);
	return result;
}

static struct values evaluate(struct filter *f, const struct filter_node *n)
{
	const struct filter_slot *s;

	switch (n->kind) {
	case NODE_FIELD:
		s = &f->slots[n->slot];
		if (n->n_ranges)
			return layered(f, n);
		return (struct values){ s->v, s->values ? s->kept : 0, !s->n };
	case NODE_LITERAL:
		return (struct values){ &n->value, 1, false };
	case NODE_SLICE:
		return sliced(f, n, evaluate(f, n->a));
	case NODE_CALL:
		return called(f, n);
	}
	return computed(f, n);
}

/* --- tests --- */

static bool holds(const struct filter_node *n, const struct filter_value *a, const struct filter_value *b)
{
	switch ((enum relation)n->op) {
	case REL_EQ: return filter_order(a, b) == 0;
	case REL_NE: return filter_order(a, b) != 0;
	case REL_GT: return filter_order(a, b) > 0;
	case REL_GE: return filter_order(a, b) >= 0;
	case REL_LT: return filter_order(a, b) < 0;
	case REL_LE: return filter_order(a, b) <= 0;
	case REL_CONTAINS:
		return !b->len || (a->len >= b->len && memmem(a->p, a->len, b->p, b->len));
	case REL_MATCHES:
		return regex_match(n->regex, a->p, a->len);
	}
	return false;
}

static bool related(struct filter *f, const struct filter_node *n)
{
	struct values a = evaluate(f, n->a), b = { 0 };
	static const struct filter_value nothing;
	uint64_t pairs = 0;

	if (n->op == REL_MATCHES)
		b = (struct values){ &nothing, 1, false };
	else
		b = evaluate(f, n->b);
	if (a.missing || b.missing)
		return false;
	for (uint32_t i = 0; i < a.n; i++)
		for (uint32_t k = 0; k < b.n; k++) {
			if (holds(n, &a.v[i], &b.v[k]) != n->all)
				return !n->all;
			if (++pairs == LIMIT_FILTER_PAIRS) {
				f->cut = true;
				return n->all;
			}
		}
	return n->all;
}

static bool is_in(struct filter *f, const struct filter_node *set, const struct filter_value *v, uint64_t *pairs)
{
	for (const struct filter_node *i = set->b; i; i = i->next) {
		struct values low = evaluate(f, i), high = { 0 };

		if (i->high)
			high = evaluate(f, i->high);
		for (uint32_t k = 0; k < low.n && *pairs < LIMIT_FILTER_PAIRS; k++, ++*pairs)
			if (!i->high ? filter_order(v, &low.v[k]) == 0
			    : high.n && filter_order(v, &low.v[k]) >= 0 && filter_order(v, &high.v[0]) <= 0)
				return true;
	}
	return false;
}

static bool member(struct filter *f, const struct filter_node *n)
{
	struct values a = evaluate(f, n->a);
	uint64_t pairs = 0;
	bool result = n->all;

	if (a.missing)
		return false;
	for (uint32_t i = 0; i < a.n && result == n->all; i++)
		result = is_in(f, n, &a.v[i], &pairs);
	f->cut |= pairs >= LIMIT_FILTER_PAIRS;
	return result;
}

static bool is_zero(const struct filter_value *v)
{
	if (v->cls != CLASS_BYTES)
		return !v->u && !v->ns;
	for (uint32_t i = 0; i < v->len; i++)
		if (v->p[i])
			return false;
	return true;
}

static bool exists(struct filter *f, const struct filter_node *n)
{
	struct values v;

	if (n->kind == NODE_FIELD)
		return n->n_ranges ? in_layers(f, n) : f->slots[n->slot].n > 0;
	v = evaluate(f, n);
	if (v.missing || (n->kind != NODE_ARITHMETIC && n->cls != CLASS_NUMBER))
		return !v.missing && v.n;
	for (uint32_t i = 0; i < v.n; i++)
		if (!is_zero(&v.v[i]))
			return true;
	return false;
}

bool filter_test(struct filter *f, const struct filter_node *n)
{
	switch (n->kind) {
	case NODE_AND:
		return filter_test(f, n->a) && filter_test(f, n->b);
	case NODE_OR:
		return filter_test(f, n->a) || filter_test(f, n->b);
	case NODE_XOR:
		return filter_test(f, n->a) != filter_test(f, n->b);
	case NODE_NOT:
		return !filter_test(f, n->a);
	case NODE_EXISTS:
		return exists(f, n->a);
	case NODE_IN:
		return member(f, n);
	}
	return related(f, n);
}
