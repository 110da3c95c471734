/* The values of display filters: fields and their layers, literals, slices, functions, arithmetic. */
#include <stdlib.h>

#include "show/filter_parse.h"

static bool slice_number(struct parser *p, const char **s, int32_t *v)
{
	char *end;
	long n = strtol(*s, &end, 0);

	if (end == *s || n < -(1 << 24) || n > 1 << 24) {
		filter_fail(p, (uint32_t)(*s - p->s), "parts are [from:length], [first-last], [:length], [from:] or [at]");
		return false;
	}
	*s = end;
	*v = (int32_t)n;
	return true;
}

static const char *blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* One part of a slice, at s; returns what is behind it. */
static const char *slice_part(struct parser *p, const char *s, struct filter_range *r)
{
	s = blanks(s);
	if (*s == ':') {
		s = blanks(s + 1);
		r->kind = *s == ']' || *s == ',' ? RANGE_REST : RANGE_LEN;
		return r->kind == RANGE_REST || slice_number(p, &s, &r->to) ? s : NULL;
	}
	if (!slice_number(p, &s, &r->from))
		return NULL;
	s = blanks(s);
	r->to = 1;
	r->kind = RANGE_LEN;
	if (*s == ':') {
		s = blanks(s + 1);
		if (*s == ']' || *s == ',')
			r->kind = RANGE_REST;
		else if (!slice_number(p, &s, &r->to))
			return NULL;
	} else if (*s == '-') {
		s = blanks(s + 1);
		r->kind = RANGE_LAST;
		if (!slice_number(p, &s, &r->to))
			return NULL;
	}
	if (r->kind == RANGE_LEN && r->to <= 0) {
		filter_fail(p, (uint32_t)(s - p->s) - 1, "a slice has a length of 1 or more");
		return NULL;
	}
	return s;
}

/* What stands in brackets, from s on, into n; the token behind them is at hand then. */
static bool ranges(struct parser *p, struct filter_node *n, const char *s, int32_t first)
{
	uint32_t cap = 0;

	for (;;) {
		if (n->n_ranges == cap) {
			struct filter_range *grown = arena_alloc(&p->f->arena, (cap * 2 + 4) * sizeof(*grown));

			if (cap)
				memcpy(grown, n->ranges, cap * sizeof(*grown));
			n->ranges = grown;
			cap = cap * 2 + 4;
		}
		n->ranges[n->n_ranges].from = first;
		s = slice_part(p, s, &n->ranges[n->n_ranges++]);
		if (!s)
			return false;
		s = blanks(s);
		if (*s != ',')
			break;
		s++;
	}
	p->at = (uint32_t)(s - p->s);
	if (*s != ']') {
		filter_fail(p, p->at, "']' should stand here");
		return false;
	}
	p->at++;
	filter_next(p);
	n->end = p->t.at;
	return true;
}

static struct filter_node *slice(struct parser *p, struct filter_node *of)
{
	struct filter_node *n = filter_new(p, NODE_SLICE, of->at);

	if (!filter_has_bytes((enum filter_class)of->cls))
		return filter_fail(p, of->at, "%.*s is %s: there are no bytes to take a slice of", (int)(of->end - of->at), p->s + of->at,
		            filter_class_name((enum filter_class)of->cls));
	filter_use(p, of);
	if (!ranges(p, n, p->s + p->t.end, 0))
		return NULL;
	n->a = of;
	n->cls = CLASS_BYTES;
	return n;
}

/* field#2, field#[1-2,-1]: the field in these messages of the frame; the # is at hand. */
static struct filter_node *layered(struct parser *p, struct filter_node *n)
{
	const char *s = p->s + p->t.end;
	char *end;
	long layer;

	if (n->end != p->t.at)
		return filter_fail(p, p->t.at, "# stands directly behind a field, and a layer behind it: smb2.cmd#1");
	p->f->slots[n->slot].values |= n->cls != CLASS_NONE;
	if (*s == '[')
		return ranges(p, n, s + 1, 1) ? n : NULL;
	layer = *s >= '0' && *s <= '9' ? strtol(s, &end, 10) : -1;
	if (layer < 0 || layer > UINT16_MAX)
		return filter_fail(p, p->t.end, "a layer is a number from 1 on, or a choice of them in brackets: [1-2], [-1]");
	n->ranges = arena_alloc(&p->f->arena, sizeof(*n->ranges));
	*n->ranges = (struct filter_range){ (int32_t)layer, 1, RANGE_LEN };
	n->n_ranges = 1;
	p->at = (uint32_t)(end - p->s);
	filter_next(p);
	n->end = p->t.at;
	return n;
}

static const struct {
	const char *name;
	enum call call;
} functions[] = {
	{ "lower", CALL_LOWER }, { "upper", CALL_UPPER }, { "len", CALL_LEN }, { "count", CALL_COUNT }, { "string", CALL_STRING },
	{ "abs", CALL_ABS }, { "min", CALL_MIN }, { "max", CALL_MAX },
};

/* What functions of one argument want of it; false, with the reason, for what they cannot take. */
static bool takes(struct parser *p, enum call which, const struct filter_node *a)
{
	enum filter_class c = (enum filter_class)a->cls;
	const char *wants = NULL;

	switch (which) {
	case CALL_LOWER: case CALL_UPPER:
		wants = c != CLASS_TEXT ? "text" : NULL;
		break;
	case CALL_LEN:
		wants = !filter_has_bytes(c) && c != CLASS_GUID ? "text and bytes" : NULL;
		break;
	case CALL_COUNT:
		wants = a->kind != NODE_FIELD ? "fields" : NULL;
		break;
	case CALL_STRING:
		wants = a->kind != NODE_FIELD || c == CLASS_NONE || c == CLASS_PROTO ? "fields that have a value" : NULL;
		break;
	case CALL_ABS:
		wants = c != CLASS_NUMBER && c != CLASS_DURATION ? "numbers and durations" : NULL;
		break;
	case CALL_MIN: case CALL_MAX:
		wants = c == CLASS_NONE || c == CLASS_PROTO ? "values that have an order" : NULL;
	}
	if (wants)
		filter_fail(p, a->at, "%s is for %s, and this is %s", functions[which].name, wants, filter_class_name(c));
	return !wants;
}

/* Gives the arguments of min and max one class. */
static bool one_class(struct parser *p, struct filter_node *args, const struct filter_node *field)
{
	for (struct filter_node *a = args; a; a = a->next) {
		if (!filter_typed(p, a, (enum filter_class)field->cls, filter_slot_of(field)))
			return false;
		if (!filter_comparable((enum filter_class)field->cls, (enum filter_class)a->cls)) {
			filter_fail(p, a->at, "%s and %s cannot be compared", filter_class_name((enum filter_class)field->cls),
			            filter_class_name((enum filter_class)a->cls));
			return false;
		}
		filter_use(p, a);
	}
	return true;
}

/* string(field) is the field in another form. */
static struct filter_node *as_text(struct parser *p, struct filter_node *a, uint32_t at)
{
	a->slot = (uint16_t)filter_form(p->f, a->slot, FORM_TEXT);
	a->cls = CLASS_TEXT;
	a->at = at;
	a->end = p->t.at;
	return a;
}

/* name ( value, ... ); the name has been read. */
static struct filter_node *call(struct parser *p, enum call which, uint32_t at)
{
	struct filter_node *n = filter_new(p, NODE_CALL, at), *a = NULL, **end = &n->a;
	bool many = which == CALL_MIN || which == CALL_MAX;

	if (!filter_deeper(p))
		return NULL;
	do {
		filter_next(p);
		*end = filter_as_value(p, filter_any_value(p));
		if (!*end)
			return NULL;
		if (!a || a->kind == NODE_LITERAL)
			a = *end;
		end = &(*end)->next;
	} while (many && filter_is_sign(p, ","));
	p->depth--;
	if (a->kind == NODE_LITERAL)
		return filter_no_field(p, a);
	if (!filter_took(p, ")"))
		return filter_unexpected(p, many ? "',' or ')'" : "')'");
	if (!takes(p, which, a) || (many && !one_class(p, n->a, a)))
		return NULL;
	if (which == CALL_STRING)
		return as_text(p, a, at);
	if (which != CALL_COUNT)
		filter_use(p, a);
	n->op = (uint8_t)which;
	n->cls = which == CALL_LEN || which == CALL_COUNT ? CLASS_NUMBER : a->cls;
	n->end = p->t.at;
	return n;
}

static struct filter_node *name_or_literal(struct parser *p)
{
	struct token t = p->t;
	struct filter_node *n;
	int slot;

	filter_next(p);
	if (t.kind == TOKEN_WORD && filter_is_sign(p, "("))
		for (size_t i = 0; i < COUNT(functions); i++)
			if (strcmp(functions[i].name, t.text) == 0)
				return call(p, functions[i].call, t.at);
	slot = t.kind == TOKEN_WORD ? filter_name(p->f, t.text) : -1;
	if (slot < 0 && t.kind == TOKEN_WORD && filter_is_sign(p, "("))
		return filter_fail(p, t.at, "no function is named '%.60s'; there are lower, upper, len, count, string, abs, min and max", t.text);
	n = filter_new(p, slot < 0 ? NODE_LITERAL : NODE_FIELD, t.at);
	n->end = t.end;
	n->text = t.text;
	n->text_len = t.len;
	n->quoted = t.kind == TOKEN_STRING;
	n->raw = t.raw;
	if (slot >= 0) {
		n->slot = (uint16_t)slot;
		n->cls = p->f->slots[slot].cls;
		return filter_is_sign(p, "#") ? layered(p, n) : n;
	}
	if (t.character) {
		n->value.u = (uint8_t)t.text[0];
		n->text = arena_text(&p->f->arena, "%u", (unsigned)n->value.u);
		n->text_len = (uint32_t)strlen(n->text);
	}
	return n;
}

/* @field: its bytes in the message, whatever its type; the @ is at hand. */
static struct filter_node *raw(struct parser *p)
{
	uint32_t at = p->t.at;
	struct filter_node *n;

	filter_next(p);
	if (p->t.kind != TOKEN_WORD || p->t.at != at + 1)
		return filter_unexpected(p, "a field directly behind the @");
	n = name_or_literal(p);
	if (!n || n->kind == NODE_LITERAL)
		return n ? filter_no_field(p, n) : NULL;
	if (n->kind != NODE_FIELD || n->cls == CLASS_NONE)
		return filter_fail(p, n->at, "@ is for fields that have bytes");
	n->slot = (uint16_t)filter_form(p->f, n->slot, FORM_RAW);
	n->cls = CLASS_BYTES;
	n->at = at;
	return n;
}

static struct filter_node *primary(struct parser *p)
{
	struct filter_node *n = NULL;
	uint32_t at = p->t.at;

	if (filter_is_sign(p, "(") || filter_is_sign(p, "{")) {
		bool round = filter_is_sign(p, "(");

		if (!filter_deeper(p))
			return NULL;
		filter_next(p);
		/* What stands in ( ) is a test or a value: both are read in one way. */
		n = round ? filter_any_test(p) : filter_as_value(p, filter_any_value(p));
		p->depth--;
		if (n && !filter_took(p, round ? ")" : "}"))
			return filter_unexpected(p, round ? "')'" : "'}'");
		if (n && !filter_is_test(n))
			n->at = at;
	} else if (p->t.kind == TOKEN_WORD || p->t.kind == TOKEN_STRING) {
		n = name_or_literal(p);
	} else if (filter_is_sign(p, "@")) {
		n = raw(p);
	} else if (filter_is_sign(p, "$")) {
		return filter_fail(p, at, "${...} is a field of the message that is selected in a window: none is here, write its value");
	} else {
		return filter_unexpected(p, "a field or value");
	}
	while (n && filter_is_sign(p, "["))
		n = filter_as_value(p, n) ? slice(p, n) : NULL;
	return n;
}

/* What an operator makes of its two sides: durations are added, bytes masked, all else is numbers. */
static struct filter_node *arithmetic(struct parser *p, char op, struct filter_node *a, struct filter_node *b)
{
	const struct filter_node *field = a->kind == NODE_LITERAL && a->cls == CLASS_NONE ? b : a;
	enum filter_class cls = CLASS_NUMBER;
	struct filter_node *n;

	if (field->cls == CLASS_DURATION && (op == '+' || op == '-'))
		cls = CLASS_DURATION;
	else if (op == '&' && field->cls != CLASS_TEXT && field->cls != CLASS_PROTO && filter_has_bytes((enum filter_class)field->cls))
		cls = CLASS_BYTES;
	for (unsigned i = 0; i < 2; i++) {
		struct filter_node *side = i ? b : a;

		if (!filter_as_value(p, side) || !filter_typed(p, side, cls, -1))
			return NULL;
		if (cls == CLASS_BYTES ? !filter_has_bytes((enum filter_class)side->cls) : side->cls != cls)
			return filter_fail(p, side->at, "%c is for %s, and this is %s", op,
			            cls == CLASS_NUMBER ? "numbers" : cls == CLASS_BYTES ? "bytes and bytes" : "two durations",
			            filter_class_name((enum filter_class)side->cls));
		filter_use(p, side);
	}
	n = filter_new(p, NODE_ARITHMETIC, a->at);
	n->a = a;
	n->b = b;
	n->op = (uint8_t)op;
	n->cls = (uint8_t)cls;
	return n;
}

static struct filter_node *unary(struct parser *p)
{
	uint32_t at = p->t.at;
	struct filter_node *n, *zero;

	while (filter_is_sign(p, "+")) {
		filter_next(p);
		if (p->failed)
			return NULL;
	}
	if (!filter_is_sign(p, "-"))
		return primary(p);
	if (!filter_deeper(p))
		return NULL;
	filter_next(p);
	n = unary(p);
	p->depth--;
	if (!n)
		return NULL;
	if (n->kind == NODE_LITERAL && !n->quoted && n->cls == CLASS_NONE && n->text[0] != '-') {
		n->text = arena_text(&p->f->arena, "-%s", n->text);
		n->text_len++;
		n->at = at;
		return n;
	}
	zero = filter_new(p, NODE_LITERAL, at);
	zero->text = "0";
	zero->text_len = 1;
	return arithmetic(p, '-', zero, n);
}

/* Operators of one strength, from the strongest on. */
static struct filter_node *level(struct parser *p, unsigned strength)
{
	static const char *const signs[][4] = { { "*", "/", "%" }, { "+", "-" }, { "&" } };
	struct filter_node *n = strength ? level(p, strength - 1) : unary(p);

	for (bool more = true; n && more; ) {
		more = false;
		for (unsigned i = 0; i < 4 && signs[strength][i] && n && !more; i++)
			if (filter_is_sign(p, signs[strength][i])) {
				struct filter_node *b;

				filter_next(p);
				b = strength ? level(p, strength - 1) : unary(p);
				n = b ? arithmetic(p, signs[strength][i][0], n, b) : NULL;
				more = true;
			}
	}
	return n;
}

struct filter_node *filter_any_value(struct parser *p)
{
	return level(p, 2);
}
