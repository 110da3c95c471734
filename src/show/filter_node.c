/* What the grammar of display filters is built of: tokens taken or missed, nodes and the classes of their values. */
#include "show/filter_parse.h"
#include "show/sink.h"

bool filter_is_sign(const struct parser *p, const char *sign)
{
	return p->t.kind == TOKEN_SIGN && strcmp(p->t.sign, sign) == 0;
}

bool filter_is_word(const struct parser *p, const char *text)
{
	return p->t.kind == TOKEN_WORD && strcmp(p->t.text, text) == 0;
}

bool filter_took(struct parser *p, const char *what)
{
	if (!filter_is_sign(p, what) && !filter_is_word(p, what))
		return false;
	filter_next(p);
	return true;
}

struct filter_node *filter_unexpected(struct parser *p, const char *wanted)
{
	if (p->t.kind == TOKEN_END)
		return filter_fail(p, p->n, "the filter ends where %s should stand", wanted);
	return filter_fail(p, p->t.at, "%s should stand here, not '%.*s'", wanted, (int)min_u32(p->t.end - p->t.at, 60), p->s + p->t.at);
}

struct filter_node *filter_new(struct parser *p, enum node_kind kind, uint32_t at)
{
	struct filter_node *n = arena_alloc(&p->f->arena, sizeof(*n));

	n->kind = (uint8_t)kind;
	n->at = at;
	n->end = p->t.at;
	return n;
}

bool filter_is_test(const struct filter_node *n)
{
	return n->kind >= NODE_AND;
}

struct filter_node *filter_no_field(struct parser *p, const struct filter_node *n)
{
	struct err e = { 0 };
	const char *name = n->text;

	if (n->quoted || (n->text[0] >= '0' && n->text[0] <= '9') || n->text[0] == '-')
		return filter_fail(p, n->at, "a field must stand here, or beside it: this is a value");
	sink_fields_free(sink_fields_new(&name, 1, &e));
	return filter_fail(p, n->at, "%s", e.text);
}

bool filter_deeper(struct parser *p)
{
	if (++p->depth < LIMIT_FILTER_DEPTH)
		return true;
	filter_fail(p, p->t.at, "too many parentheses inside each other");
	return false;
}

struct filter_node *filter_as_value(struct parser *p, struct filter_node *n)
{
	if (n && filter_is_test(n))
		return filter_fail(p, n->at, "a value should stand here, not a test");
	return n;
}

struct filter_node *filter_typed(struct parser *p, struct filter_node *n, enum filter_class cls, int slot)
{
	struct err e = { 0 };

	if (n && n->kind == NODE_LITERAL && n->cls == CLASS_NONE && !filter_literal(p->f, n, cls, slot, &e))
		return filter_fail(p, n->at, "%s", e.text);
	return n;
}

bool filter_has_bytes(enum filter_class c)
{
	return c == CLASS_TEXT || c == CLASS_BYTES || c == CLASS_PROTO || c == CLASS_ETHER || c == CLASS_OID || c == CLASS_IPV4 ||
	       c == CLASS_IPV6;
}

int filter_slot_of(const struct filter_node *n)
{
	return n->kind == NODE_FIELD ? n->slot : -1;
}

void filter_use(struct parser *p, const struct filter_node *n)
{
	if (n && n->kind == NODE_FIELD)
		p->f->slots[n->slot].values = true;
}

bool filter_comparable(enum filter_class a, enum filter_class b)
{
	bool number = a == CLASS_NUMBER || a == CLASS_BOOL, bytes = filter_has_bytes(a) && a != CLASS_IPV4 && a != CLASS_IPV6;

	return a != CLASS_NONE && (a == b || (number && (b == CLASS_NUMBER || b == CLASS_BOOL)) ||
	                           (bytes && filter_has_bytes(b) && b != CLASS_IPV4 && b != CLASS_IPV6));
}

struct filter_node *filter_both(struct parser *p, enum node_kind kind, struct filter_node *a, struct filter_node *b)
{
	struct filter_node *n;

	if (!a || !b)
		return NULL;
	n = filter_new(p, kind, a->at);
	n->a = a;
	n->b = b;
	return n;
}
