/* The words of display filters: names, numbers, text in quotes, signs; and where the reading fails. */
#include <stdarg.h>

#include "base/text.h"
#include "show/filter_parse.h"

struct filter_node *filter_fail(struct parser *p, uint32_t at, const char *format, ...)
{
	char text[400];
	va_list ap;

	if (p->failed)
		return NULL;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	err_set(p->e, ERR_USAGE, "%s", text);
	p->failed = true;
	p->where = at;
	p->t.kind = TOKEN_END;
	return NULL;
}

static bool word_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c && strchr("_.:-/", c)) || (uint8_t)c >= 0x80;
}

static unsigned digits(struct parser *p, unsigned base, unsigned most, uint32_t *v)
{
	unsigned n = 0;

	for (*v = 0; n < most && p->at < p->n; n++, p->at++) {
		char c = p->s[p->at];
		unsigned d = c >= '0' && c <= '9' ? (unsigned)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10) : 99;

		if (d >= base)
			break;
		*v = *v * base + d;
	}
	return n;
}

/* An escape in quotes; one that is none stays as it is, for regular expressions. */
static void escaped(struct parser *p, struct text_out *o)
{
	static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
	char c = p->s[p->at], byte;
	const char *found = c ? strchr(from, c) : NULL;
	uint32_t v;

	if (found) {
		text_put(o, &to[found - from], 1);
		p->at++;
	} else if (c >= '0' && c <= '7') {
		digits(p, 8, 3, &v);
		byte = (char)v;
		text_put(o, &byte, 1);
	} else if (c == 'x') {
		p->at++;
		if (!digits(p, 16, 2, &v))
			filter_fail(p, p->at - 2, "\\x needs one or two hex digits");
		byte = (char)v;
		text_put(o, &byte, 1);
	} else if (c == 'u' || c == 'U') {
		unsigned want = c == 'u' ? 4 : 8;

		p->at++;
		if (digits(p, 16, want, &v) != want)
			filter_fail(p, p->at - 2, "\\%c needs %u hex digits", c, want);
		text_code(o, v, TEXT_RAW);
	} else {
		text_put(o, "\\", 1);
	}
}

static void string(struct parser *p, char quote)
{
	struct token *t = &p->t;
	struct text_out o;

	t->kind = TOKEN_STRING;
	t->character = quote == '\'';
	t->text = arena_alloc(&p->f->arena, p->n - t->at + 1);
	o = text_begin(t->text, p->n - t->at + 1);
	p->at++;
	while (p->at < p->n && p->s[p->at] != quote) {
		char c = p->s[p->at++];

		if (c == '\\' && !t->raw && p->at < p->n) {
			escaped(p, &o);
			continue;
		}
		text_put(&o, &c, 1);
		/* In a raw string a backslash keeps the quote behind it from ending it, and stays. */
		if (c == '\\' && p->at < p->n && p->s[p->at] == quote) {
			text_put(&o, &quote, 1);
			p->at++;
		}
	}
	text_end(&o);
	t->len = (uint32_t)o.end;
	if (p->at == p->n)
		filter_fail(p, t->at, "the quote is not closed");
	else
		p->at++;
	if (t->character && !p->failed && t->len != 1)
		filter_fail(p, t->at, "single quotes hold one character; text stands in double quotes");
}

static void word(struct parser *p)
{
	struct token *t = &p->t;

	while (p->at < p->n && word_char(p->s[p->at]) && !(p->s[p->at] == '.' && p->at + 1 < p->n && p->s[p->at + 1] == '.'))
		p->at++;
	t->kind = TOKEN_WORD;
	t->len = p->at - t->at;
	t->text = arena_alloc(&p->f->arena, t->len + 1);
	memcpy(t->text, p->s + t->at, t->len);
}

void filter_next(struct parser *p)
{
	static const char signs[][4] = { "===", "!==", "==", "!=", "~=", ">=", "<=", "&&", "||", "^^", "..", ">", "<", "~", "&",
	                                 "!", "(", ")", "{", "}", "[", ",", "+", "-", "*", "/", "%", "#", "@", "$" };
	char c;

	if (p->failed)
		return;
	while (p->at < p->n && strchr(" \t\r\n", p->s[p->at]))
		p->at++;
	p->t = (struct token){ .at = p->at, .end = p->at };
	if (p->at == p->n)
		return;
	c = p->s[p->at];
	if (c == '"' || c == '\'') {
		string(p, c);
	} else if ((c == 'r' || c == 'R') && p->at + 1 < p->n && p->s[p->at + 1] == '"') {
		p->t.raw = true;
		p->at++;
		string(p, '"');
	} else if (word_char(c) && c != '-' && c != '/' && strncmp(p->s + p->at, "..", 2) != 0) {
		word(p);
	} else {
		for (size_t i = 0; i < COUNT(signs) && !p->t.kind; i++)
			if (strncmp(p->s + p->at, signs[i], strlen(signs[i])) == 0) {
				p->t.kind = TOKEN_SIGN;
				memcpy(p->t.sign, signs[i], sizeof(p->t.sign));
				p->at += (uint32_t)strlen(signs[i]);
			}
		if (!p->t.kind)
			filter_fail(p, p->at, "this character has no meaning here");
	}
	p->t.end = p->at;
}
