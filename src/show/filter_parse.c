/* The language of display filters: text to nodes.
 *
 *	test     := and-or-xor-not of relations, in rising order: || xor && !
 *	relation := [any|all] value (op value)*  |  value [not] in { item, ... }  |  value
 *	value    := & over + - over * / % over unary - over (slices of) names, functions, literals, { value }
 *
 * A word that names a field is one; any other word is a literal, whose class comes from what it is
 * compared with. */
#include "show/filter_parse.h"
#include "show/sink.h"

static bool is_sign(const struct parser *p, const char *sign)
{
	return p->t.kind == TOKEN_SIGN && strcmp(p->t.sign, sign) == 0;
}

static bool is_word(const struct parser *p, const char *text)
{
	return p->t.kind == TOKEN_WORD && strcmp(p->t.text, text) == 0;
}

static bool took(struct parser *p, const char *what)
{
	if (!is_sign(p, what) && !is_word(p, what))
		return false;
	filter_next(p);
	return true;
}

static struct filter_node *unexpected(struct parser *p, const char *wanted)
{
	if (p->t.kind == TOKEN_END)
		return filter_fail(p, p->n, "the filter ends where %s should stand", wanted);
	return filter_fail(p, p->t.at, "%s should stand here, not '%.*s'", wanted, (int)min_u32(p->t.end - p->t.at, 60), p->s + p->t.at);
}

/* --- nodes --- */

static struct filter_node *node(struct parser *p, enum node_kind kind, uint32_t at)
{
	struct filter_node *n = arena_alloc(&p->f->arena, sizeof(*n));

	n->kind = (uint8_t)kind;
	n->at = at;
	n->end = p->t.at;
	return n;
}

static bool is_test(const struct filter_node *n)
{
	return n->kind >= NODE_AND;
}

/* What a name in the filter that is none looks like, told with the names near it. */
static struct filter_node *no_field(struct parser *p, const struct filter_node *n)
{
	struct err e = { 0 };
	const char *name = n->text;

	if (n->quoted || (n->text[0] >= '0' && n->text[0] <= '9') || n->text[0] == '-')
		return filter_fail(p, n->at, "a field must stand here, or beside it: this is a value");
	sink_fields_free(sink_fields_new(&name, 1, &e));
	return filter_fail(p, n->at, "%s", e.text);
}

static struct filter_node *any_test(struct parser *p);
static struct filter_node *any_value(struct parser *p);

static bool deeper(struct parser *p)
{
	if (++p->depth < LIMIT_FILTER_DEPTH)
		return true;
	filter_fail(p, p->t.at, "too many parentheses inside each other");
	return false;
}

/* Takes a value out of what has been read; a test is none. */
static struct filter_node *as_value(struct parser *p, struct filter_node *n)
{
	if (n && is_test(n))
		return filter_fail(p, n->at, "a value should stand here, not a test");
	return n;
}

/* The literal as a value of its own: nothing beside it says its class. */
static struct filter_node *typed(struct parser *p, struct filter_node *n, enum filter_class cls, int slot)
{
	struct err e = { 0 };

	if (n && n->kind == NODE_LITERAL && n->cls == CLASS_NONE && !filter_literal(p->f, n, cls, slot, &e))
		return filter_fail(p, n->at, "%s", e.text);
	return n;
}

static bool has_bytes(enum filter_class c)
{
	return c == CLASS_TEXT || c == CLASS_BYTES || c == CLASS_PROTO || c == CLASS_ETHER || c == CLASS_OID || c == CLASS_IPV6;
}

/* The field whose values a value node has, for the names and size of its literals; -1: computed. */
static int slot_of(const struct filter_node *n)
{
	return n->kind == NODE_FIELD ? n->slot : -1;
}

static void use(struct parser *p, const struct filter_node *n)
{
	if (n && n->kind == NODE_FIELD)
		p->f->slots[n->slot].values = true;
}

/* --- values --- */

static bool slice_number(struct parser *p, const char **s, int32_t *v)
{
	char *end;
	long n = strtol(*s, &end, 0);

	if (end == *s || n < -(1 << 24) || n > 1 << 24) {
		filter_fail(p, (uint32_t)(*s - p->s), "a slice is [from:length], [first-last], [:length], [from:] or [at]");
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
		r->kind = RANGE_LEN;
		return slice_number(p, &s, &r->to) ? s : NULL;
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

static struct filter_node *slice(struct parser *p, struct filter_node *of)
{
	struct filter_node *n = node(p, NODE_SLICE, of->at);
	const char *s = p->s + p->t.end;
	uint32_t cap = 0;

	if (!has_bytes((enum filter_class)of->cls))
		return filter_fail(p, of->at, "%.*s is %s: there are no bytes to take a slice of", (int)(of->end - of->at), p->s + of->at,
		            filter_class_name((enum filter_class)of->cls));
	use(p, of);
	for (;;) {
		if (n->n_ranges == cap) {
			struct filter_range *grown = arena_alloc(&p->f->arena, (cap * 2 + 4) * sizeof(*grown));

			if (cap)
				memcpy(grown, n->ranges, cap * sizeof(*grown));
			n->ranges = grown;
			cap = cap * 2 + 4;
		}
		s = slice_part(p, s, &n->ranges[n->n_ranges++]);
		if (!s)
			return NULL;
		s = blanks(s);
		if (*s != ',')
			break;
		s++;
	}
	p->at = (uint32_t)(s - p->s);
	if (*s != ']')
		return filter_fail(p, p->at, "']' should stand here");
	p->at++;
	filter_next(p);
	n->a = of;
	n->cls = CLASS_BYTES;
	n->end = p->t.at;
	return n;
}

static const struct {
	const char *name;
	enum call call;
} functions[] = {
	{ "lower", CALL_LOWER }, { "upper", CALL_UPPER }, { "len", CALL_LEN }, { "count", CALL_COUNT }, { "string", CALL_STRING },
};

/* name ( value ); the name has been read. */
static struct filter_node *call(struct parser *p, enum call which, uint32_t at)
{
	struct filter_node *n = node(p, NODE_CALL, at), *a;

	if (!deeper(p))
		return NULL;
	filter_next(p);
	a = as_value(p, any_value(p));
	p->depth--;
	if (!a)
		return NULL;
	if (a->kind == NODE_LITERAL)
		return no_field(p, a);
	if (!took(p, ")"))
		return unexpected(p, "')'");
	if (which != CALL_COUNT && which != CALL_STRING)
		use(p, a);
	if ((which == CALL_LOWER || which == CALL_UPPER) && a->cls != CLASS_TEXT)
		return filter_fail(p, a->at, "%s is for text, and this is %s", functions[which].name, filter_class_name((enum filter_class)a->cls));
	if (which == CALL_COUNT && a->kind != NODE_FIELD)
		return filter_fail(p, a->at, "count is for fields");
	if (which == CALL_LEN && !has_bytes((enum filter_class)a->cls) && a->cls != CLASS_GUID)
		return filter_fail(p, a->at, "len is for text and bytes, and this is %s", filter_class_name((enum filter_class)a->cls));
	if (which == CALL_STRING && (a->kind != NODE_FIELD || a->cls == CLASS_NONE || a->cls == CLASS_PROTO))
		return filter_fail(p, a->at, "string is for fields that have a value");
	if (which == CALL_STRING) {
		a->slot = (uint16_t)filter_shown(p->f, a->slot);
		a->cls = CLASS_TEXT;
		a->at = at;
		a->end = p->t.at;
		return a;
	}
	n->a = a;
	n->op = (uint8_t)which;
	n->cls = which == CALL_LEN || which == CALL_COUNT ? CLASS_NUMBER : CLASS_TEXT;
	n->end = p->t.at;
	return n;
}

static struct filter_node *name_or_literal(struct parser *p)
{
	struct token t = p->t;
	struct filter_node *n;
	int slot;

	filter_next(p);
	if (t.kind == TOKEN_WORD && is_sign(p, "("))
		for (size_t i = 0; i < COUNT(functions); i++)
			if (strcmp(functions[i].name, t.text) == 0)
				return call(p, functions[i].call, t.at);
	slot = t.kind == TOKEN_WORD ? filter_name(p->f, t.text) : -1;
	if (slot < 0 && t.kind == TOKEN_WORD && is_sign(p, "("))
		return filter_fail(p, t.at, "no function is named '%.60s'; there are lower, upper, len, count and string", t.text);
	n = node(p, slot < 0 ? NODE_LITERAL : NODE_FIELD, t.at);
	n->end = t.end;
	n->text = t.text;
	n->text_len = t.len;
	n->quoted = t.kind == TOKEN_STRING;
	n->raw = t.raw;
	if (slot >= 0) {
		n->slot = (uint16_t)slot;
		n->cls = p->f->slots[slot].cls;
	} else if (t.character) {
		n->value.u = (uint8_t)t.text[0];
		n->text = arena_text(&p->f->arena, "%u", (unsigned)n->value.u);
		n->text_len = (uint32_t)strlen(n->text);
	}
	return n;
}

static struct filter_node *primary(struct parser *p)
{
	struct filter_node *n = NULL;
	uint32_t at = p->t.at;

	if (is_sign(p, "(") || is_sign(p, "{")) {
		bool round = is_sign(p, "(");

		if (!deeper(p))
			return NULL;
		filter_next(p);
		/* What stands in ( ) is a test or a value: both are read in one way. */
		n = round ? any_test(p) : as_value(p, any_value(p));
		p->depth--;
		if (n && !took(p, round ? ")" : "}"))
			return unexpected(p, round ? "')'" : "'}'");
		if (n && !is_test(n))
			n->at = at;
	} else if (p->t.kind == TOKEN_WORD || p->t.kind == TOKEN_STRING) {
		n = name_or_literal(p);
	} else {
		return unexpected(p, "a field or value");
	}
	while (n && is_sign(p, "["))
		n = as_value(p, n) ? slice(p, n) : NULL;
	return n;
}

static struct filter_node *arithmetic(struct parser *p, char op, struct filter_node *a, struct filter_node *b)
{
	struct filter_node *n;

	for (unsigned i = 0; i < 2; i++) {
		struct filter_node *side = i ? b : a;

		if (!as_value(p, side) || !typed(p, side, CLASS_NUMBER, -1))
			return NULL;
		if (side->cls != CLASS_NUMBER)
			return filter_fail(p, side->at, "%c is for numbers, and this is %s", op, filter_class_name((enum filter_class)side->cls));
		use(p, side);
	}
	n = node(p, NODE_ARITHMETIC, a->at);
	n->a = a;
	n->b = b;
	n->op = (uint8_t)op;
	n->cls = CLASS_NUMBER;
	return n;
}

static struct filter_node *unary(struct parser *p)
{
	uint32_t at = p->t.at;
	struct filter_node *n, *zero;

	if (!is_sign(p, "-"))
		return primary(p);
	if (!deeper(p))
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
	zero = node(p, NODE_LITERAL, at);
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
			if (is_sign(p, signs[strength][i])) {
				struct filter_node *b;

				filter_next(p);
				b = strength ? level(p, strength - 1) : unary(p);
				n = b ? arithmetic(p, signs[strength][i][0], n, b) : NULL;
				more = true;
			}
	}
	return n;
}

static struct filter_node *any_value(struct parser *p)
{
	return level(p, 2);
}

/* --- relations --- */

static const struct relation_row {
	const char *sign;
	uint8_t op;
	bool all;
} relations[] = {
	{ "==", REL_EQ, false }, { "eq", REL_EQ, false }, { "any_eq", REL_EQ, false }, { "===", REL_EQ, true }, { "all_eq", REL_EQ, true },
	{ "!=", REL_NE, true }, { "ne", REL_NE, true }, { "all_ne", REL_NE, true },
	{ "~=", REL_NE, false }, { "!==", REL_NE, false }, { "any_ne", REL_NE, false },
	{ ">", REL_GT, false }, { "gt", REL_GT, false }, { ">=", REL_GE, false }, { "ge", REL_GE, false },
	{ "<", REL_LT, false }, { "lt", REL_LT, false }, { "<=", REL_LE, false }, { "le", REL_LE, false },
	{ "contains", REL_CONTAINS, false }, { "matches", REL_MATCHES, false }, { "~", REL_MATCHES, false },
};

static const struct relation_row *relation_here(const struct parser *p)
{
	for (size_t i = 0; i < COUNT(relations); i++)
		if (is_sign(p, relations[i].sign) || is_word(p, relations[i].sign))
			return &relations[i];
	return NULL;
}

static bool comparable(enum filter_class a, enum filter_class b)
{
	bool number = a == CLASS_NUMBER || a == CLASS_BOOL, bytes = has_bytes(a) && a != CLASS_IPV6;

	return a != CLASS_NONE && (a == b || (number && (b == CLASS_NUMBER || b == CLASS_BOOL)) ||
	                           (bytes && has_bytes(b) && b != CLASS_IPV6));
}

static bool matches(struct parser *p, struct filter_node *n)
{
	struct err e = { 0 };
	uint32_t where = 0;

	if (!has_bytes((enum filter_class)n->a->cls))
		return filter_fail(p, n->a->at, "matches is for text and bytes, and this is %s", filter_class_name((enum filter_class)n->a->cls));
	if (n->b->kind != NODE_LITERAL)
		return filter_fail(p, n->b->at, "a regular expression should stand here, in quotes");
	n->regex = regex_compile(&p->f->arena, n->b->text, n->b->text_len, n->a->cls != CLASS_TEXT, &e, &where);
	if (n->regex)
		return true;
	/* Its place is known where nothing was written as an escape. */
	if (n->b->raw || (n->b->quoted && n->b->end - n->b->at == n->b->text_len + 2))
		where += 1 + n->b->raw;
	else
		where = 0;
	return filter_fail(p, n->b->at + where, "%s", e.text);
}

/* Checks the two sides of a relation, and gives literals their class. */
static bool settle(struct parser *p, struct filter_node *n)
{
	struct filter_node *field = n->a->kind == NODE_LITERAL ? n->b : n->a, *other = field == n->a ? n->b : n->a;
	enum filter_class cls = (enum filter_class)field->cls;

	if (field->kind == NODE_LITERAL && field->cls == CLASS_NONE)
		return no_field(p, n->a);
	use(p, n->a);
	use(p, n->b);
	if (cls == CLASS_NONE)
		return filter_fail(p, field->at, "%.*s has no value: it is there or not", (int)(field->end - field->at), p->s + field->at);
	if (n->op == REL_MATCHES)
		return matches(p, n);
	if (n->op == REL_CONTAINS) {
		if (!has_bytes(cls))
			return filter_fail(p, field->at, "contains is for text and bytes, and this is %s", filter_class_name(cls));
		if (cls == CLASS_ETHER || cls == CLASS_OID || cls == CLASS_IPV6)
			cls = CLASS_BYTES;
	}
	if (!typed(p, other, cls, slot_of(field)))
		return false;
	if (!comparable(cls, (enum filter_class)other->cls))
		return filter_fail(p, other->at, "%s and %s cannot be compared", filter_class_name((enum filter_class)n->a->cls),
		            filter_class_name((enum filter_class)n->b->cls));
	return true;
}

static struct filter_node *item(struct parser *p, struct filter_node *left)
{
	struct filter_node *n = as_value(p, any_value(p)), *high = NULL;

	if (n && took(p, ".."))
		high = as_value(p, any_value(p));
	if (!n || p->failed)
		return NULL;
	if (n->kind > NODE_LITERAL || (high && high->kind > NODE_LITERAL))
		return filter_fail(p, n->at, "a set holds values and fields, nothing computed");
	if (!typed(p, n, (enum filter_class)left->cls, slot_of(left)) || (high && !typed(p, high, (enum filter_class)left->cls, slot_of(left))))
		return NULL;
	if (!comparable((enum filter_class)left->cls, (enum filter_class)n->cls) ||
	    (high && !comparable((enum filter_class)left->cls, (enum filter_class)high->cls)))
		return filter_fail(p, n->at, "%s and %s cannot be compared", filter_class_name((enum filter_class)left->cls),
		            filter_class_name((enum filter_class)n->cls));
	use(p, n);
	use(p, high);
	n->high = high;
	return n;
}

/* value in { item, ... }; `in` has been read. */
static struct filter_node *set(struct parser *p, struct filter_node *left)
{
	struct filter_node *n = node(p, NODE_IN, left->at), **end = &n->b;

	if (left->kind == NODE_LITERAL && left->cls == CLASS_NONE)
		return no_field(p, left);
	if (left->cls == CLASS_NONE)
		return filter_fail(p, left->at, "%.*s has no value: it is there or not", (int)(left->end - left->at), p->s + left->at);
	use(p, left);
	n->a = left;
	if (!took(p, "{"))
		return unexpected(p, "'{'");
	do {
		*end = item(p, left);
		if (!*end)
			return NULL;
		end = &(*end)->next;
	} while (took(p, ","));
	return took(p, "}") ? n : unexpected(p, "',' or '}'");
}

static struct filter_node *both(struct parser *p, enum node_kind kind, struct filter_node *a, struct filter_node *b)
{
	struct filter_node *n;

	if (!a || !b)
		return NULL;
	n = node(p, kind, a->at);
	n->a = a;
	n->b = b;
	return n;
}

/* a op b op c: a op b and b op c. */
static struct filter_node *chain(struct parser *p, struct filter_node *left, int quantifier)
{
	const struct relation_row *r;
	struct filter_node *result = NULL;

	while (left && (r = relation_here(p))) {
		struct filter_node *n, *right;

		filter_next(p);
		right = as_value(p, any_value(p));
		n = as_value(p, left) ? both(p, NODE_RELATION, left, right) : NULL;
		if (!n)
			return NULL;
		n->op = r->op;
		n->all = quantifier ? quantifier == 'l' : r->all;
		if (!settle(p, n))
			return NULL;
		result = result ? both(p, NODE_AND, result, n) : n;
		left = right;
	}
	return result;
}

static struct filter_node *relation(struct parser *p)
{
	struct filter_node *n;
	int quantifier = 0;
	bool not = false;
	uint32_t at = p->t.at;

	if (is_word(p, "any") || is_word(p, "all")) {
		quantifier = is_word(p, "any") ? 'y' : 'l';
		filter_next(p);
	}
	n = any_value(p);
	if (!n)
		return NULL;
	if (relation_here(p))
		return chain(p, n, quantifier);
	if (is_word(p, "not")) {
		not = true;
		filter_next(p);
	}
	if (took(p, "in")) {
		n = as_value(p, n) ? set(p, n) : NULL;
		if (!n)
			return NULL;
		n->all = quantifier == 'l';
		return not ? both(p, NODE_NOT, n, n) : n;
	}
	if (not)
		return unexpected(p, "'in'");
	if (quantifier)
		return filter_fail(p, at, "any and all stand before a comparison");
	return n;
}

/* --- tests --- */

/* A value as a test: it is there; a computed number: it is not 0. */
static struct filter_node *as_test(struct parser *p, struct filter_node *n)
{
	struct filter_node *test;

	if (!n || is_test(n))
		return n;
	if (n->kind == NODE_LITERAL)
		return no_field(p, n);
	test = node(p, NODE_EXISTS, n->at);
	test->a = n;
	return test;
}

static struct filter_node *negation(struct parser *p)
{
	struct filter_node *n;

	if (!is_sign(p, "!") && !is_word(p, "not"))
		return relation(p);
	if (!deeper(p))
		return NULL;
	filter_next(p);
	n = as_test(p, negation(p));
	p->depth--;
	return both(p, NODE_NOT, n, n);
}

static struct filter_node *binary(struct parser *p, unsigned strength)
{
	static const struct { const char *sign, *word; enum node_kind kind; } rows[] = {
		{ "&&", "and", NODE_AND }, { "^^", "xor", NODE_XOR }, { "||", "or", NODE_OR },
	};
	struct filter_node *n = strength ? binary(p, strength - 1) : negation(p);

	while (n && (is_sign(p, rows[strength].sign) || is_word(p, rows[strength].word))) {
		struct filter_node *b;

		filter_next(p);
		b = strength ? binary(p, strength - 1) : negation(p);
		n = both(p, rows[strength].kind, as_test(p, n), as_test(p, b));
	}
	return n;
}

static struct filter_node *any_test(struct parser *p)
{
	return binary(p, 2);
}

bool filter_parse(struct filter *f, const char *text, struct err *e, uint32_t *where)
{
	struct parser p = { .f = f, .s = text, .n = (uint32_t)strnlen(text, LIMIT_FILTER_TEXT + 1), .e = e };

	if (p.n > LIMIT_FILTER_TEXT) {
		filter_fail(&p, 0, "a filter has at most %u bytes", LIMIT_FILTER_TEXT);
	} else {
		filter_next(&p);
		f->root = as_test(&p, any_test(&p));
		if (f->root && p.t.kind != TOKEN_END)
			unexpected(&p, "the end, or && or ||");
	}
	if (where)
		*where = p.where;
	return !p.failed;
}
