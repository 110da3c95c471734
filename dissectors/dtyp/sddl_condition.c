/* Conditions and resource attributes of ACEs as SDDL.  MS-DTYP 2.4.4.17, 2.4.10.1, 2.5.1.1.
 * On the wire an expression is in postfix form; a walk from its end with a stack of what is still to be written gives the
 * infix form, with parentheses where an operand of && or || is the other of them, or stands on the right. */
#include "base/limits.h"
#include "names.h"
#include "sddl.h"

enum { INT8 = 0x01, INT64 = 0x04, STRING = 0x10, OCTETS = 0x18, COMPOSITE = 0x50, SID = 0x51 };
enum { EXISTS = 0x87, MEMBER_OF = 0x89, MEMBER_OF_LAST = 0x8c, NOT_EXISTS = 0x8d, NOT_MEMBER_OF = 0x90, NOT_MEMBER_LAST = 0x93,
       AND = 0xa0, OR = 0xa1, NOT = 0xa2, LOCAL = 0xf8, USER = 0xf9, RESOURCE = 0xfa, DEVICE = 0xfb };
enum { SIGN_MINUS = 2, SIGN_PLUS = 1, BASE_8 = 1, BASE_16 = 3 };
enum { CLAIM_INT64 = 1, CLAIM_UINT64 = 2, CLAIM_STRING = 3, CLAIM_SID = 5, CLAIM_BOOLEAN = 6, CLAIM_OCTETS = 0x10 };

static uint32_t load32(const uint8_t *p)
{
	return (uint32_t)dx_load(p, FT_U32);
}

/* --- values --- */

/* Text between quotes; the grammar has no quote within. */
static bool quoted(struct text_out *o, struct span s)
{
	for (uint32_t i = 0; i + 2 <= s.len; i += 2)
		if (s.p[i] == '"' && !s.p[i + 1])
			return false;
	text_puts(o, "\"");
	text_add_utf16(o, s.p, s.len, TEXT_RAW);
	text_puts(o, "\"");
	return true;
}

/* A name; the characters that the expressions are made of are %XXXX in it (attr-char2). */
static void attribute(struct text_out *o, struct span s)
{
	for (uint32_t i = 0; i + 2 <= s.len; i += 2) {
		unsigned c = s.p[i] | (unsigned)s.p[i + 1] << 8;

		if (c > ' ' && c < 0x7f && !strchr("!\"%&(),<=>|", (int)c)) {
			text_code(o, c, TEXT_RAW);
		} else if (c <= 0x7f) {
			text_puts(o, "%");
			text_hexn(o, c, 4);
		} else {
			uint32_t n = (c & 0xfc00) == 0xd800 && i + 4 <= s.len ? 4 : 2;

			text_add_utf16(o, s.p + i, n, TEXT_RAW);
			i += n - 2;
		}
	}
}

static void octal(struct text_out *o, uint64_t v)
{
	unsigned shift = 63;

	while (shift && !(v >> shift & 7))
		shift -= 3;
	for (;; shift -= 3) {
		text_code(o, '0' + (unsigned)(v >> shift & 7), TEXT_RAW);
		if (!shift)
			return;
	}
}

static void number(struct text_out *o, uint64_t v, unsigned sign, unsigned base)
{
	bool negative = (int64_t)v < 0;

	if (sign == SIGN_MINUS || negative)
		text_puts(o, "-");
	else if (sign == SIGN_PLUS)
		text_puts(o, "+");
	v = negative ? 0 - v : v;
	if (base == BASE_16) {
		text_puts(o, "0x");
		text_hexn(o, v, 1);
	} else if (base == BASE_8) {
		text_puts(o, "0");
		octal(o, v);
	} else {
		text_dec(o, v);
	}
}

static void octets(struct text_out *o, struct span s)
{
	text_puts(o, "#");
	text_add_bytes(o, s.p, s.len, 0);
}

static bool literal_sid(struct text_out *o, struct span s)
{
	if (!sddl_sid_length(s))
		return false;
	text_puts(o, "SID(");
	sddl_sid(o, s);
	text_puts(o, ")");
	return true;
}

/* --- tokens --- */

struct token {
	uint8_t code;
	uint16_t first;        /* index of the first token of its expression */
	struct span data;      /* behind code and length */
};

static bool is_unary(unsigned code)
{
	return code == NOT || code == EXISTS || code == NOT_EXISTS || (code >= MEMBER_OF && code <= MEMBER_OF_LAST) ||
	       (code >= NOT_MEMBER_OF && code <= NOT_MEMBER_LAST);
}

static bool is_operator(unsigned code)
{
	return (code >= 0x80 && code <= NOT_MEMBER_LAST) || (code >= AND && code <= NOT);
}

/* The token at the start of *s, which is moved behind it; false: there is none. */
static bool take(struct span *s, struct token *t)
{
	uint32_t len;

	*t = (struct token){ .code = s->p[0] };
	*s = (struct span){ s->p + 1, s->len - 1 };
	if (is_operator(t->code))
		return true;
	if (t->code >= INT8 && t->code <= INT64) {
		len = 10;
	} else if (t->code == STRING || t->code == OCTETS || t->code == COMPOSITE || t->code == SID || t->code >= LOCAL) {
		if (s->len < 4 || t->code > DEVICE)
			return false;
		len = load32(s->p);
		*s = (struct span){ s->p + 4, s->len - 4 };
	} else {
		return false;
	}
	if (len > s->len)
		return false;
	t->data = (struct span){ s->p, len };
	*s = (struct span){ s->p + len, s->len - len };
	return true;
}

/* A value or a name; a composite is written by its caller. */
static bool leaf(struct text_out *o, const struct token *t)
{
	static const char *const of[] = { "", "@User.", "@Resource.", "@Device." };

	switch (t->code) {
	case STRING:
		return quoted(o, t->data);
	case OCTETS:
		octets(o, t->data);
		return true;
	case SID:
		return literal_sid(o, t->data);
	case LOCAL:
	case USER:
	case RESOURCE:
	case DEVICE:
		text_puts(o, of[t->code - LOCAL]);
		attribute(o, t->data);
		return t->data.len != 0;
	}
	if (t->code > INT64)
		return false;
	number(o, dx_load(t->data.p, FT_U64), t->data.p[8], t->data.p[9]);
	return true;
}

static bool operand(struct text_out *o, const struct token *t)
{
	struct span rest = t->data;
	struct token one;
	const char *comma = "";

	if (t->code != COMPOSITE)
		return leaf(o, t);
	text_puts(o, "{");
	while (rest.len) {
		if (!take(&rest, &one) || is_operator(one.code))
			return false;
		text_puts(o, comma);
		if (!leaf(o, &one))
			return false;
		comma = ", ";
	}
	text_puts(o, "}");
	return true;
}

/* Reads the tokens and finds where each expression begins; 0: they do not make one. */
static unsigned read_tokens(struct span s, struct token *t)
{
	unsigned n = 0, depth = 0, starts[LIMIT_CONDITION];

	/* What is left of the padding to a multiple of 4. */
	while (s.len && s.p[0]) {
		if (n == LIMIT_CONDITION || !take(&s, &t[n]))
			return 0;
		if (!is_operator(t[n].code)) {
			starts[depth++] = n;
		} else if (is_unary(t[n].code)) {
			if (!depth)
				return 0;
		} else {
			if (depth < 2)
				return 0;
			depth--;
		}
		t[n].first = (uint16_t)starts[depth - 1];
		n++;
	}
	if (s.len > 3)
		return 0;
	return depth == 1 ? n : 0;
}

/* --- the expression --- */

/* What is still to be written: an expression by its last token, or a text. */
struct todo {
	const char *text;
	uint16_t token;
};

/* An operator leaves six at most behind while its left operand is written, and takes two tokens with its right one. */
struct walk {
	const struct token *t;
	struct todo todo[4 * LIMIT_CONDITION];
	unsigned n;
};

static void later(struct walk *w, const char *text, unsigned token)
{
	w->todo[w->n++] = (struct todo){ text, (uint16_t)token };
}

/* An operand, in parentheses if it holds looser than what it is an operand of. */
static void later_operand(struct walk *w, unsigned token, bool parentheses)
{
	if (parentheses)
		later(w, ")", 0);
	later(w, NULL, token);
	if (parentheses)
		later(w, "(", 0);
}

static bool is_logical(unsigned code)
{
	return code == AND || code == OR;
}

static bool needs(unsigned outer, unsigned inner, bool right)
{
	if (outer == NOT)
		return true;                         /* the grammar has no other form */
	if (!is_logical(outer))
		return is_operator(inner);
	return is_logical(inner) && (right || inner != outer);
}

static bool expression(struct text_out *o, struct walk *w, unsigned at)
{
	const struct token *t = &w->t[at];
	unsigned right = at - 1, left;

	if (!is_operator(t->code))
		return operand(o, t);
	if (is_unary(t->code)) {
		text_puts(o, name_condition_token(t->code));
		if (t->code != NOT)
			text_puts(o, " ");
		later_operand(w, right, needs(t->code, w->t[right].code, true));
		return true;
	}
	left = (unsigned)w->t[right].first - 1;
	later_operand(w, right, needs(t->code, w->t[right].code, true));
	later(w, " ", 0);
	later(w, name_condition_token(t->code), 0);
	later(w, " ", 0);
	later_operand(w, left, needs(t->code, w->t[left].code, false));
	return true;
}

bool sddl_condition(struct text_out *o, struct span s)
{
	struct token tokens[LIMIT_CONDITION];
	struct text_out before = *o;
	struct walk w = { .t = tokens };
	unsigned n;

	if (s.len < 5 || memcmp(s.p, "artx", 4) != 0)
		return false;
	n = read_tokens((struct span){ s.p + 4, s.len - 4 }, tokens);
	if (!n)
		return false;
	text_puts(o, "(");
	later(&w, NULL, n - 1);
	while (w.n) {
		struct todo next = w.todo[--w.n];

		if (next.text) {
			text_puts(o, next.text);
		} else if (!expression(o, &w, next.token)) {
			*o = before;
			return false;
		}
	}
	text_puts(o, ")");
	return true;
}

/* --- resource attributes --- */

/* The text that begins at an offset, without its NUL; false: it has no end. */
static bool text_at(struct span s, uint32_t off, struct span *text)
{
	for (uint32_t i = off; off < s.len && i + 2 <= s.len; i += 2)
		if (!s.p[i] && !s.p[i + 1]) {
			*text = (struct span){ s.p + off, i - off };
			return true;
		}
	return false;
}

/* Bytes with their length before them, at an offset. */
static bool bytes_at(struct span s, uint32_t off, struct span *bytes)
{
	if (off > s.len || s.len - off < 4 || load32(s.p + off) > s.len - off - 4)
		return false;
	*bytes = (struct span){ s.p + off + 4, load32(s.p + off) };
	return true;
}

static bool claim_value(struct text_out *o, struct span s, unsigned type, uint32_t off)
{
	struct span part;
	uint64_t v = off <= s.len && s.len - off >= 8 ? dx_load(s.p + off, FT_U64) : 0;

	switch (type) {
	case CLAIM_STRING:
		return text_at(s, off, &part) && quoted(o, part);
	case CLAIM_SID:
		if (!bytes_at(s, off, &part) || !sddl_sid_length(part))
			return false;
		sddl_sid(o, part);
		return true;
	case CLAIM_OCTETS:
		if (!bytes_at(s, off, &part))
			return false;
		octets(o, part);
		return true;
	}
	if (off > s.len || s.len - off < 8)
		return false;
	if (type == CLAIM_INT64)
		number(o, v, 0, 0);
	else
		text_dec(o, v);
	return type != CLAIM_BOOLEAN || v < 2;
}

static bool claim(struct text_out *o, struct span s)
{
	static const struct { uint16_t type; char letters[3]; } types[] = {
		{ CLAIM_INT64, "TI" }, { CLAIM_UINT64, "TU" }, { CLAIM_STRING, "TS" }, { CLAIM_SID, "TD" }, { CLAIM_BOOLEAN, "TB" },
		{ CLAIM_OCTETS, "TX" },
	};
	const char *letters = NULL;
	struct span name;
	uint32_t type, count;

	if (s.len < 16 || !text_at(s, load32(s.p), &name) || !name.len)
		return false;
	type = (uint32_t)dx_load(s.p + 4, FT_U16);
	count = load32(s.p + 12);
	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i].type == type)
			letters = types[i].letters;
	if (!letters || count > (s.len - 16) / 4)
		return false;
	text_puts(o, "(\"");
	attribute(o, name);
	text_puts(o, "\",");
	text_puts(o, letters);
	text_puts(o, ",0x");
	text_hexn(o, load32(s.p + 8), 1);
	for (uint32_t i = 0; i < count; i++) {
		text_puts(o, ",");
		if (!claim_value(o, s, type, load32(s.p + 16 + 4 * i)))
			return false;
	}
	text_puts(o, ")");
	return true;
}

bool sddl_claim(struct text_out *o, struct span s)
{
	struct text_out before = *o;

	if (claim(o, s))
		return true;
	*o = before;
	return false;
}
