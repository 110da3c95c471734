/* Reads interface definitions: the part of IDL that says what is on the wire.  C706 6, MS-RPCE 2.2.4, 3.3.
 *
 * What differs from MIDL: a pointer's kind is written at each pointer or is unique; size_is, length_is and switch_is name what
 * they depend on, but the wire carries counts and discriminants itself, so they are checked and say only what is conformant,
 * varying or discriminated.  name("…") is the field's name where Wireshark has another than prefix.Type.member; own: Wireshark has
 * none; show(…) has the bytes read by a dissector of another specification; show(text) and show(value) at an array of numbers tell it as
 * a whole besides.  counts("…") is the field's name of the count that stands before an array, where it is not
 * dcerpc.array.max_count, counts("…", "…", "…") those of all three.  [outer] at a member of a structure: its field's name is that
 * of the member that has this structure's type (the text of an RPC_UNICODE_STRING is called after what it is the text of).
 * [level] at a parameter: an information level or type, by which show(…) knows what bytes are; [entries]: how many they hold.
 * A [flat] union makes no group: its discriminant is told as the field of the member that has the union.
 * A [pipe] comes in pieces, each with its count, the last of which is 0.  An interface that has several UUIDs names them all.
 * uint8 in an array is a field for each byte, octet one field for all.  A bit's name in quotes is all of its field's name. */
#include "idlc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct type *types;
struct interface *interfaces;

static struct type **types_end = &types;
static unsigned n_types;
static const char *file;
static char *at, word[256];
static int line;
static enum { T_END, T_WORD, T_TEXT, T_SIGN } kind;

/* What stands in brackets before a type. */
struct attributes {
	char sizes[MAX_LEVELS + 1];       /* for each pointer or array: '[' size_is, 'v' length_is, 'V' both, ' ' neither */
	char *pointer, *name, *show, *label, *counts[3];
	struct type *tag;
	long values[64];
	unsigned n_values, bits;
	bool in, out, text, is_default, own, rights, any_switch, outer, level, entries, flat, pipe;
};

void *xalloc(unsigned long n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		abort();
	return p;
}

char *format(const char *f, ...)
{
	va_list ap;
	char *s = NULL;

	va_start(ap, f);
	if (vasprintf(&s, f, ap) < 0)
		abort();
	va_end(ap);
	return s;
}

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *f, ...)
{
	va_list ap;

	va_start(ap, f);
	fprintf(stderr, "%s:%d: ", file, line);
	vfprintf(stderr, f, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

static void next(void)
{
	size_t n = 0;

	for (;; at++) {
		if (*at == '\n')
			line++;
		if (at[0] == '/' && at[1] == '*') {
			for (at += 2; *at && !(at[0] == '*' && at[1] == '/'); at++)
				line += *at == '\n';
			if (!*at)
				fail("a comment does not end");
			at++;
		} else if (!isspace((unsigned char)*at)) {
			break;
		}
	}
	if (*at == '"') {
		for (at++; *at && *at != '"' && n < sizeof(word) - 1; at++)
			word[n++] = *at;
		at += *at == '"';
		kind = T_TEXT;
	} else if (isalnum((unsigned char)*at) || *at == '_') {
		while ((isalnum((unsigned char)*at) || *at == '_' || *at == '.' || *at == '-') && n < sizeof(word) - 1)
			word[n++] = *at++;
		kind = T_WORD;
	} else if (*at) {
		word[n++] = *at++;
		kind = T_SIGN;
	} else {
		kind = T_END;
	}
	word[n] = 0;
}

static bool is(const char *s)
{
	return kind != T_TEXT && kind != T_END && strcmp(word, s) == 0;
}

static bool accept(const char *s)
{
	if (!is(s))
		return false;
	next();
	return true;
}

static void expect(const char *s)
{
	if (!accept(s))
		fail("'%s' is expected before '%s'", s, word);
}

static char *name(void)
{
	char *s = strdup(word);

	if (kind != T_WORD || !s)
		fail("a name is expected, not '%s'", word);
	next();
	return s;
}

static char *quoted(void)
{
	char *s = strdup(word);

	if (kind != T_TEXT || !s)
		fail("a quoted text is expected, not '%s'", word);
	next();
	return s;
}

static unsigned long number(void)
{
	bool minus = accept("-");
	unsigned long v;
	char *end;

	v = strtoul(word, &end, 0);
	if (kind != T_WORD || *end)
		fail("a number is expected, not '%s'", word);
	next();
	return minus ? 0 - v : v;
}

static struct type *find(const char *s)
{
	for (struct type *t = types; t; t = t->next)
		if (strcmp(t->name, s) == 0)
			return t;
	return NULL;
}

static struct type *type_named(const char *s)
{
	struct type *t = find(s);

	if (!t)
		fail("no type is called '%s'", s);
	return t;
}

static struct type *add_type(char *s, enum kind k, struct interface *of)
{
	struct type *t = xalloc(sizeof(*t));

	if (find(s))
		fail("two types are called '%s'", s);
	*t = (struct type){ .name = s, .kind = k, .of = of, .index = n_types++, .ft = "NONE", .base = "NONE", .names = "none" };
	*types_end = t;
	types_end = &t->next;
	return t;
}

void builtins(void)
{
	static const struct { const char *name, *ft, *base, *names; unsigned width, align; } list[] = {
		{ "void", "NONE", "NONE", "none", 0, 1 },
		{ "uint8", "U8", "DEC", "none", 1, 1 },       { "int8", "U8", "DEC", "none", 1, 1 },
		{ "uint16", "U16", "DEC", "none", 2, 2 },     { "int16", "I16", "DEC", "none", 2, 2 },
		{ "uint32", "U32", "DEC", "none", 4, 4 },     { "int32", "I32", "DEC", "none", 4, 4 },
		{ "hyper", "U64", "DEC", "none", 8, 8 },      { "int64", "I64", "DEC", "none", 8, 8 },
		/* 64 bits in a structure of two times 32 (LARGE_INTEGER of MS-DTYP is a hyper; OLD_LARGE_INTEGER is this). */
		{ "udlong", "U64", "DEC", "none", 8, 4 },     { "dlong", "I64", "DEC", "none", 8, 4 },
		{ "hex8", "U8", "HEX", "none", 1, 1 },        { "hex16", "U16", "HEX", "none", 2, 2 },
		{ "hex32", "U32", "HEX", "none", 4, 4 },      { "hex64", "U64", "HEX", "none", 8, 8 },
		{ "wchar", "UTF16", "STR", "none", 2, 2 },    { "char", "OEM", "STR", "none", 1, 1 },
		{ "WERROR", "U32", "HEX", "werror", 4, 4 },   { "NTSTATUS", "U32", "HEX", "ntstatus", 4, 4 },
		{ "HRESULT", "U32", "HEX", "werror", 4, 4 },
		{ "NTTIME", "FILETIME", "NONE", "none", 8, 4 }, { "FILETIME64", "FILETIME", "NONE", "none", 8, 8 },
		{ "time_t", "UTIME", "NONE", "none", 4, 4 },
		{ "GUID", "GUID", "NONE", "none", 16, 4 },    { "policy_handle", "BYTES", "NONE", "none", 20, 4 },
		{ "ipv4", "IPV4", "NONE", "none", 4, 4 },     { "ipv6", "IPV6", "NONE", "none", 16, 2 },
		{ "octet", "BYTES", "NONE", "none", 1, 1 },
		/* UTF-16 text whose length is given in bytes */
		{ "wtext", "UTF16", "STR", "none", 1, 1 },
		/* RPC_SID, MS-DTYP 2.4.2.3 */
		{ "sid", "SID", "STR", "none", 0, 4 },
		{ "bytes8", "BYTES", "NONE", "none", 8, 1 },  { "bytes16", "BYTES", "NONE", "none", 16, 1 },
	};

	file = "built in";
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct type *t = add_type(strdup(list[i].name), K_BASE, NULL);

		t->ft = list[i].ft;
		t->base = list[i].base;
		t->names = list[i].names;
		t->width = list[i].width;
		t->align = list[i].align;
	}
}

/* size_is(a, *b): one for each pointer, an empty one where it points to no array. */
static void sizes(struct attributes *a, bool length)
{
	unsigned level = 0, depth = 1;
	bool any = false;

	for (expect("("); depth; next()) {
		if (kind == T_END || level >= MAX_LEVELS)
			fail("size_is or length_is does not end");
		depth += is("(");
		depth -= is(")");
		if (!depth || (depth == 1 && is(","))) {
			if (any)
				a->sizes[level] = a->sizes[level] ? 'V' : length ? 'v' : '[';
			any = false;
			level++;
		} else {
			any = true;
		}
	}
}

/* A name in parentheses that the reader of the file wants, and that is checked only for being there. */
static void skip_argument(void)
{
	unsigned depth = 1;

	for (expect("("); depth; next()) {
		if (kind == T_END)
			fail("an attribute does not end");
		depth += is("(");
		depth -= is(")");
	}
}

static void attribute(struct attributes *a, const char *s)
{
	if (strcmp(s, "in") == 0) {
		a->in = true;
	} else if (strcmp(s, "out") == 0) {
		a->out = true;
	} else if (strcmp(s, "string") == 0) {
		a->text = true;
	} else if (strcmp(s, "default") == 0) {
		a->is_default = true;
	} else if (strcmp(s, "own") == 0) {
		a->own = true;
	} else if (strcmp(s, "rights") == 0) {
		a->rights = true;
	} else if (strcmp(s, "outer") == 0) {
		a->outer = true;
	} else if (strcmp(s, "pipe") == 0) {
		a->pipe = true;
	} else if (strcmp(s, "flat") == 0) {
		a->flat = true;
	} else if (strcmp(s, "level") == 0) {
		a->level = true;
	} else if (strcmp(s, "entries") == 0) {
		a->entries = true;
	} else if (strcmp(s, "unique") == 0 || strcmp(s, "ref") == 0 || strcmp(s, "ptr") == 0) {
		a->pointer = strdup(s);
	} else if (strcmp(s, "size_is") == 0 || strcmp(s, "length_is") == 0) {
		sizes(a, *s == 'l');
	} else if (strcmp(s, "switch_is") == 0) {
		a->any_switch = true;
		skip_argument();
	} else if (strcmp(s, "bits") == 0) {
		expect("(");
		a->bits = (unsigned)number();
		expect(")");
	} else if (strcmp(s, "case") == 0) {
		expect("(");
		do {
			if (a->n_values == sizeof(a->values) / sizeof(*a->values))
				fail("a case has too many values");
			a->values[a->n_values++] = (long)number();
		} while (accept(","));
		expect(")");
	} else if (strcmp(s, "switch_type") == 0) {
		char *tag;

		expect("(");
		tag = name();
		a->tag = type_named(tag);
		expect(")");
	} else if (strcmp(s, "name") == 0 || strcmp(s, "label") == 0) {
		expect("(");
		*(*s == 'n' ? &a->name : &a->label) = quoted();
		expect(")");
	} else if (strcmp(s, "counts") == 0) {
		unsigned n = 0;

		expect("(");
		do {
			if (n == sizeof(a->counts) / sizeof(*a->counts))
				fail("an array has no more than three counts");
			a->counts[n++] = quoted();
		} while (accept(","));
		expect(")");
	} else if (strcmp(s, "show") == 0) {
		expect("(");
		a->show = name();
		expect(")");
	} else {
		fail("no attribute is called '%s'", s);
	}
}

static struct attributes attributes(void)
{
	struct attributes a = { 0 };

	while (accept("[")) {
		do {
			char *s = name();

			attribute(&a, s);
		} while (accept(","));
		expect("]");
	}
	return a;
}

/* *, ** and [n] become levels: the attributes say what each of them is. */
static void declarator(struct member *m, const struct attributes *a, bool array, bool fixed, unsigned stars)
{
	unsigned n = 0, given = 0;
	char size;

	for (unsigned i = 0; i < stars; i++) {
		if (n >= MAX_LEVELS - 1)
			fail("'%s' has too many pointers", m->name);
		m->levels[n++] = i || !a->pointer || *a->pointer == 'u' ? '*' : *a->pointer == 'r' ? '&' : '#';
		size = a->sizes[given++];
		if (size == '[' || size == 'v' || size == 'V')
			m->levels[n++] = a->text && i + 1 == stars && !array ? 's' : size;
		else if (a->text && i + 1 == stars && !array)
			m->levels[n++] = 's';
	}
	if (array) {
		size = a->sizes[given++];
		m->levels[n++] = fixed ? a->text || size == 'v' || size == 'V' ? 'n' : 'N' : a->text ? 's' : size ? size : '[';
	}
	if (a->pipe && !n)
		m->levels[n++] = 'p';
	if (given < MAX_LEVELS && a->sizes[given])
		fail("'%s' has fewer pointers than sizes", m->name);
	if (a->text && !n)
		fail("'%s' is a string, but no array", m->name);
}

/* A copy of the member's structure, in which what is [outer] bears the member's name, the usual one where it has no other; the
 * member itself is none of Wireshark's. */
static void adopt(struct member *m, const struct interface *i, const char *owner, bool own)
{
	char *given = m->wireshark ? m->wireshark : format("%s.%s.%s", i->prefix, owner, m->name);
	char *copy = format("%s_%s%s", m->type->name, own || m->own ? "own_" : "", given), *p;
	struct type *t = m->type, *of;

	for (p = copy; *p; p++)
		if (!isalnum((unsigned char)*p))
			*p = '_';
	of = find(copy);
	if (!of) {
		of = add_type(copy, K_STRUCT, t->of);
		of->n = t->n;
		of->own = t->own;
		of->conformant = t->conformant;
		of->members = xalloc(t->n * sizeof(*of->members));
		for (unsigned k = 0; k < t->n; k++) {
			of->members[k] = t->members[k];
			of->members[k].home = of->members[k].outer ? NULL : t;
			if (!of->members[k].outer)
				continue;
			of->members[k].wireshark = given;
			of->members[k].label = m->label;
			of->members[k].show = m->show ? m->show : t->members[k].show;
			of->members[k].own = own || m->own;
		}
	}
	m->type = of;
	m->wireshark = NULL;
	m->show = NULL;
	m->own = true;
}

static void adopt_all(struct member *list, unsigned n, const struct interface *i, const char *owner, bool own)
{
	for (unsigned k = 0; k < n; k++)
		if (list[k].type && list[k].type->outer)
			adopt(&list[k], i, owner, own || i->own);
}

static struct member member(const struct attributes *a)
{
	struct member m = { .in = a->in, .out = a->out, .wireshark = a->name, .show = a->show, .own = a->own, .label = a->label,
	                    .is_default = a->is_default, .counts = { a->counts[0], a->counts[1], a->counts[2] }, .outer = a->outer,
	                    .level = a->level, .entries = a->entries };
	bool array = false, fixed = false;
	unsigned stars = 0;
	char *type = name();

	m.type = type_named(type);
	if (strcmp(type, "sid") == 0) {
		m.show = "sid";
		m.wireshark = m.wireshark ? m.wireshark : strdup("dcerpc.nt.domain_sid");
		m.counts[0] = m.counts[0] ? m.counts[0] : strdup("dcerpc.nt.count");
	}
	while (accept("*"))
		stars++;
	m.name = name();
	if (accept("[")) {
		array = true;
		fixed = !is("]") && !is("*");
		if (fixed)
			m.count = number();
		else
			accept("*");
		expect("]");
	}
	if (a->any_switch != (m.type->kind == K_UNION && m.type->tag != NULL))
		fail("'%s' %s", m.name, a->any_switch ? "has switch_is and is no union" : "is a union without switch_is");
	declarator(&m, a, array, fixed, stars);
	return m;
}

static void add_member(struct member **list, unsigned *n, struct member m)
{
	*list = realloc(*list, (*n + 1) * sizeof(**list));
	if (!*list)
		abort();
	(*list)[(*n)++] = m;
}

static void structure(struct interface *of, const struct attributes *a)
{
	struct member *members = NULL;
	unsigned n = 0;
	struct type *t;

	expect("{");
	while (!accept("}")) {
		struct attributes of_member = attributes();

		add_member(&members, &n, member(&of_member));
		expect(";");
	}
	t = add_type(name(), K_STRUCT, of);
	t->members = members;
	t->n = n;
	t->own = a->own;
	adopt_all(members, n, of, t->name, t->own);
	for (unsigned i = 0; i < n; i++) {
		const struct member *m = &members[i];
		bool open = m->levels[0] == '[' || m->levels[0] == 'V' || m->levels[0] == 's' ||
		            (!m->levels[0] && m->type->kind == K_STRUCT && m->type->conformant);

		if (open && i + 1 < n)
			fail("'%s' is conformant, but not the last in '%s'", m->name, t->name);
		t->conformant |= open;
		t->outer |= m->outer;
	}
}

static void unite(struct interface *of, const struct attributes *a)
{
	struct member *members = NULL;
	unsigned n = 0;
	struct type *t;

	if (!a->tag)
		fail("a union needs switch_type");
	expect("{");
	while (!accept("}")) {
		struct attributes arm = attributes();
		struct member m = { .is_default = arm.is_default };

		if (!is(";"))
			m = member(&arm);
		expect(";");
		for (unsigned i = 0; i < arm.n_values; i++) {
			m.value = arm.values[i];
			m.is_default = false;
			add_member(&members, &n, m);
		}
		m.is_default = true;
		if (arm.is_default)
			add_member(&members, &n, m);
		else if (!arm.n_values)
			fail("an arm has no case");
	}
	t = add_type(name(), K_UNION, of);
	t->members = members;
	t->n = n;
	t->tag = a->tag;
	t->own = a->own;
	t->flat = a->flat;
	adopt_all(members, n, of, t->name, t->own);
}

static void values(struct interface *of, const struct attributes *a, bool bitmap)
{
	unsigned long value = 0;
	struct constant *list = NULL;
	unsigned n = 0;
	struct type *t;

	expect("{");
	while (!accept("}")) {
		list = realloc(list, (n + 1) * sizeof(*list));
		if (!list)
			abort();
		list[n].whole = kind == T_TEXT && strchr(word, '.');
		list[n].name = kind == T_TEXT ? quoted() : name();
		if (accept("="))
			value = number();
		else if (bitmap)
			fail("a bit has no value");
		list[n++].value = value++;
		if (!accept(","))
			accept(";");
	}
	t = add_type(name(), bitmap ? K_BITMAP : K_ENUM, of);
	t->constants = list;
	t->n = n;
	t->own = a->own;
	t->rights = a->rights;
	t->width = (a->bits ? a->bits : bitmap ? 32 : 16) / 8;
	t->align = t->width;
	t->ft = t->width == 1 ? "U8" : t->width == 2 ? "U16" : t->width == 4 ? "U32" : "U64";
	t->base = bitmap ? "HEX" : "DEC";
}

static void type_definition(struct interface *of)
{
	struct attributes a = attributes();

	if (accept("struct")) {
		structure(of, &a);
	} else if (accept("union")) {
		unite(of, &a);
	} else if (is("enum") || is("bitmap")) {
		bool bitmap = is("bitmap");

		next();
		values(of, &a, bitmap);
	} else {
		fail("typedef of struct, union, enum or bitmap is expected, not '%s'", word);
	}
	expect(";");
}

/* Without label(…) an operation is called as its fields are, but for the interface's name before it. */
static char *own_part(const struct interface *of, char *s)
{
	size_t n = strlen(of->name);

	return strncmp(s, of->name, n) == 0 && s[n] == '_' ? s + n + 1 : s;
}

static void operation(struct interface *of, struct operation ***end)
{
	struct attributes a = attributes();
	struct operation *o = xalloc(sizeof(*o));

	o->own = a.own;
	o->result_name = a.name;
	if (accept("opaque")) {
		o->opaque = true;
		o->name = name();
		o->label = a.label ? a.label : o->name;
	} else {
		char *result = name();

		o->result = strcmp(result, "void") ? type_named(result) : NULL;
		o->name = name();
		o->label = a.label ? a.label : own_part(of, o->name);
		expect("(");
		while (!is(")")) {
			struct attributes p = attributes();

			if (!p.in && !p.out)
				fail("a parameter of '%s' is neither in nor out", o->name);
			add_member(&o->params, &o->n, member(&p));
			if (!accept(","))
				break;
		}
		expect(")");
		adopt_all(o->params, o->n, of, o->name, o->own);
	}
	expect(";");
	**end = o;
	*end = &o->next;
	of->n++;
}

static void uuid(struct interface *i)
{
	static const int order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned n = 0;

	if (i->n_uuids == MAX_UUIDS)
		fail("'%s' is one UUID too many", word);
	for (const char *p = word; *p && n < 32; p++)
		if (isxdigit((unsigned char)*p)) {
			unsigned digit = (unsigned)(isdigit((unsigned char)*p) ? *p - '0' : (tolower((unsigned char)*p) - 'a') + 10);

			uint8_t *to = &i->uuid[i->n_uuids][order[n / 2]];

			*to = (uint8_t)(*to << 4 | digit);
			n++;
		}
	if (n != 32)
		fail("'%s' is no UUID", word);
	i->n_uuids++;
	next();
}

static void interface(void)
{
	static struct interface **end = &interfaces;
	struct interface *i = xalloc(sizeof(*i));
	struct operation **operations = &i->operations;

	i->file = file;
	expect("[");
	do {
		char *s = name();

		if (strcmp(s, "own") == 0) {
			i->own = true;
			continue;
		}
		expect("(");
		if (strcmp(s, "uuid") == 0)
			uuid(i);
		else if (strcmp(s, "version") == 0)
			i->version = (unsigned)strtoul(name(), NULL, 10);
		else if (strcmp(s, "label") == 0)
			i->label = quoted();
		else if (strcmp(s, "prefix") == 0)
			i->prefix = quoted();
		else if (strcmp(s, "protocol") == 0)
			i->protocol = quoted();
		else
			fail("no attribute of an interface is called '%s'", s);
		expect(")");
	} while (accept(","));
	expect("]");
	expect("interface");
	i->name = name();
	if (!i->prefix)
		i->prefix = i->name;
	if (!i->label)
		fail("the interface '%s' has no label", i->name);
	expect("{");
	while (!accept("}"))
		if (accept("typedef"))
			type_definition(i);
		else
			operation(i, &operations);
	*end = i;
	end = &i->next;
}

/* import "other.idl": its types are known from here on. */
static void import(const char *importer)
{
	const char *slash = strrchr(importer, '/');
	char *rest = at;
	int here = line;

	if (kind != T_TEXT)
		fail("a quoted file name is expected, not '%s'", word);
	parse_file(format("%.*s%s", slash ? (int)(slash + 1 - importer) : 0, importer, word));
	file = importer;
	at = rest;
	line = here;
	next();
	expect(";");
}

void parse_file(const char *path)
{
	static struct parsed { const char *path; struct parsed *next; } *parsed;
	struct parsed *this = xalloc(sizeof(*this));
	FILE *f = fopen(path, "r");
	char *text;
	long n;

	for (const struct parsed *p = parsed; p; p = p->next)
		if (strcmp(p->path, path) == 0)
			return;
	*this = (struct parsed){ path, parsed };
	parsed = this;
	file = path;
	line = 1;
	if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0)
		fail("cannot be read");
	rewind(f);
	text = xalloc((unsigned long)n + 1);
	if (fread(text, 1, (size_t)n, f) != (size_t)n)
		fail("cannot be read");
	fclose(f);
	at = text;
	next();
	while (accept("import"))
		import(path);
	while (kind != T_END)
		interface();
}
