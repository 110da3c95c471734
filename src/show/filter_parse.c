/* The language of display filters: text to nodes.
 *
 *	test     := and-or-xor-not of relations, in rising order: || xor && !
 *	relation := [any|all] value (op value)*  |  value [not] in { item, ... }  |  value
 *	value    := & over + - over * / % over unary - over (slices of) names, functions, literals, { value }
 *
 * A word that names a field is one; any other word is a literal, whose class comes from what it is
 * compared with. */
#include "show/filter_parse.h"

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
		if (filter_is_sign(p, relations[i].sign) || filter_is_word(p, relations[i].sign))
			return &relations[i];
	return NULL;
}

static bool matches(struct parser *p, struct filter_node *n)
{
	struct err e = { 0 };
	uint32_t where = 0;

	if (!filter_has_bytes((enum filter_class)n->a->cls))
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
		return filter_no_field(p, n->a);
	filter_use(p, n->a);
	filter_use(p, n->b);
	if (cls == CLASS_NONE)
		return filter_fail(p, field->at, "%.*s has no value: it is there or not", (int)(field->end - field->at), p->s + field->at);
	if (n->op == REL_MATCHES)
		return matches(p, n);
	if (n->op == REL_CONTAINS) {
		if (!filter_has_bytes(cls))
			return filter_fail(p, field->at, "contains is for text and bytes, and this is %s", filter_class_name(cls));
		if (cls == CLASS_ETHER || cls == CLASS_OID || cls == CLASS_IPV4 || cls == CLASS_IPV6)
			cls = CLASS_BYTES;
	}
	if (!filter_typed(p, other, cls, filter_slot_of(field)))
		return false;
	if (!filter_comparable(cls, (enum filter_class)other->cls))
		return filter_fail(p, other->at, "%s and %s cannot be compared", filter_class_name((enum filter_class)n->a->cls),
		            filter_class_name((enum filter_class)n->b->cls));
	return true;
}

static struct filter_node *item(struct parser *p, struct filter_node *left)
{
	struct filter_node *n = filter_as_value(p, filter_any_value(p)), *high = NULL;

	if (n && filter_took(p, ".."))
		high = filter_as_value(p, filter_any_value(p));
	if (!n || p->failed)
		return NULL;
	if (n->kind > NODE_LITERAL || (high && high->kind > NODE_LITERAL))
		return filter_fail(p, n->at, "a set holds values and fields, nothing computed");
	if (!filter_typed(p, n, (enum filter_class)left->cls, filter_slot_of(left)) || (high && !filter_typed(p, high, (enum filter_class)left->cls, filter_slot_of(left))))
		return NULL;
	if (!filter_comparable((enum filter_class)left->cls, (enum filter_class)n->cls) ||
	    (high && !filter_comparable((enum filter_class)left->cls, (enum filter_class)high->cls)))
		return filter_fail(p, n->at, "%s and %s cannot be compared", filter_class_name((enum filter_class)left->cls),
		            filter_class_name((enum filter_class)n->cls));
	filter_use(p, n);
	filter_use(p, high);
	n->high = high;
	return n;
}

/* value in { item, ... }; `in` has been read. */
static struct filter_node *set(struct parser *p, struct filter_node *left)
{
	struct filter_node *n = filter_new(p, NODE_IN, left->at), **end = &n->b;

	if (left->kind == NODE_LITERAL && left->cls == CLASS_NONE)
		return filter_no_field(p, left);
	if (left->cls == CLASS_NONE)
		return filter_fail(p, left->at, "%.*s has no value: it is there or not", (int)(left->end - left->at), p->s + left->at);
	filter_use(p, left);
	n->a = left;
	if (!filter_took(p, "{"))
		return filter_unexpected(p, "'{'");
	do {
		*end = item(p, left);
		if (!*end)
			return NULL;
		end = &(*end)->next;
	} while (filter_took(p, ","));
	return filter_took(p, "}") ? n : filter_unexpected(p, "',' or '}'");
}

/* a op b op c: a op b and b op c. */
static struct filter_node *chain(struct parser *p, struct filter_node *left, int quantifier)
{
	const struct relation_row *r;
	struct filter_node *result = NULL;

	while (left && (r = relation_here(p))) {
		struct filter_node *n, *right;

		filter_next(p);
		right = filter_as_value(p, filter_any_value(p));
		n = filter_as_value(p, left) ? filter_both(p, NODE_RELATION, left, right) : NULL;
		if (!n)
			return NULL;
		n->op = r->op;
		n->all = quantifier ? quantifier == 'l' : r->all;
		if (!settle(p, n))
			return NULL;
		result = result ? filter_both(p, NODE_AND, result, n) : n;
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

	if (filter_is_word(p, "any") || filter_is_word(p, "all")) {
		quantifier = filter_is_word(p, "any") ? 'y' : 'l';
		filter_next(p);
	}
	n = filter_any_value(p);
	if (!n)
		return NULL;
	if (relation_here(p))
		return chain(p, n, quantifier);
	if (filter_is_word(p, "not")) {
		not = true;
		filter_next(p);
	}
	if (filter_took(p, "in")) {
		n = filter_as_value(p, n) ? set(p, n) : NULL;
		if (!n)
			return NULL;
		n->all = quantifier == 'l';
		return not ? filter_both(p, NODE_NOT, n, n) : n;
	}
	if (not)
		return filter_unexpected(p, "'in'");
	if (quantifier)
		return filter_fail(p, at, "any and all stand before a comparison");
	return n;
}

/* --- tests --- */

/* A value as a test: it is there; a computed number: it is not 0. */
static struct filter_node *as_test(struct parser *p, struct filter_node *n)
{
	struct filter_node *test;

	if (!n || filter_is_test(n))
		return n;
	if (n->kind == NODE_LITERAL)
		return filter_no_field(p, n);
	test = filter_new(p, NODE_EXISTS, n->at);
	test->a = n;
	return test;
}

static struct filter_node *negation(struct parser *p)
{
	struct filter_node *n;

	if (!filter_is_sign(p, "!") && !filter_is_word(p, "not"))
		return relation(p);
	if (!filter_deeper(p))
		return NULL;
	filter_next(p);
	n = as_test(p, negation(p));
	p->depth--;
	return filter_both(p, NODE_NOT, n, n);
}

static struct filter_node *binary(struct parser *p, unsigned strength)
{
	static const struct { const char *sign, *word; enum node_kind kind; } rows[] = {
		{ "&&", "and", NODE_AND }, { "^^", "xor", NODE_XOR }, { "||", "or", NODE_OR },
	};
	struct filter_node *n = strength ? binary(p, strength - 1) : negation(p);

	while (n && (filter_is_sign(p, rows[strength].sign) || filter_is_word(p, rows[strength].word))) {
		struct filter_node *b;

		filter_next(p);
		b = strength ? binary(p, strength - 1) : negation(p);
		n = filter_both(p, rows[strength].kind, as_test(p, n), as_test(p, b));
	}
	return n;
}

struct filter_node *filter_any_test(struct parser *p)
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
		f->root = as_test(&p, filter_any_test(&p));
		if (f->root && p.t.kind != TOKEN_END)
			filter_unexpected(&p, "the end, or && or ||");
	}
	if (where)
		*where = p.where;
	return !p.failed;
}
