/* What is written in a filter, as the field beside it has it: numbers, names of values, bytes, addresses, times. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <strings.h>

#include "base/text.h"
#include "dissectors/names.h"
#include "show/filter_private.h"

static bool wrong(struct err *e, const struct filter_node *n, const char *what)
{
	char shown[80];

	text_escape(shown, sizeof(shown), n->text, n->text_len, TEXT_TERMINAL);
	err_set(e, ERR_USAGE, "'%s' is not %s", shown, what);
	return false;
}

/* --- numbers --- */

/* 12, -12, 0x0c, 014, 0b1100. */
static bool read_number(const char *s, uint64_t *v, bool *negative)
{
	uint64_t base = 10, n = 0;
	const char *p = s + (*s == '-');

	*negative = *s == '-';
	if (p[0] == '0' && p[1]) {
		base = (p[1] | 32) == 'x' ? 16 : (p[1] | 32) == 'b' ? 2 : 8;
		p += base == 8 ? 1 : 2;
	}
	if (!*p)
		return false;
	for (; *p; p++) {
		unsigned digit = *p >= '0' && *p <= '9' ? (unsigned)(*p - '0')
		                 : (*p | 32) >= 'a' && (*p | 32) <= 'f' ? (unsigned)((*p | 32) - 'a' + 10) : 16;

		if (digit >= base || __builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
			return false;
	}
	if (*negative && n > (uint64_t)INT64_MAX + 1)
		return false;
	*negative = *negative && n;
	*v = *negative ? -n : n;
	return true;
}

/* The largest value that a field of the slot can have. */
static uint64_t largest(const struct filter *f, int slot)
{
	uint64_t most = 0;

	for (unsigned id = 1; id < F__COUNT; id++)
		for (uint32_t w = f->first[id]; w; w = f->wants[w].next) {
			const struct field *field = &fields[id];
			unsigned width = field->type == FT_FLAG ? 0 : FT_WIDTH(field->type);
			uint64_t max = width && width < 8 ? (UINT64_C(1) << (8 * width)) - 1 : UINT64_MAX;

			if (f->wants[w].slot != slot)
				continue;
			if (field->type == FT_FLAG)
				max = field_bit((enum field_id)id, UINT64_MAX);
			if (max > most)
				most = max;
		}
	return most;
}

/* Whether two names are one: upper and lower case, and what stands between words, do not count. */
static bool same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '_' || *a == ' ' || *a == '-')
			a++;
		while (*b == '_' || *b == ' ' || *b == '-')
			b++;
		if (text_upcase((uint8_t)*a) != text_upcase((uint8_t)*b))
			return false;
		if (!*a)
			return true;
	}
}

/* The value that a field of the slot shows by this name. */
static bool value_named(const struct filter *f, int slot, const char *text, uint64_t *v)
{
	for (unsigned id = 1; id < F__COUNT; id++) {
		bool wanted = false;

		for (uint32_t w = f->first[id]; w; w = f->wants[w].next)
			wanted |= f->wants[w].slot == slot;
		if (!wanted || !fields[id].name)
			continue;
		for (const struct name_block *b = name_blocks; b->block; b++)
			for (const struct name_row *r = b->rows; r->text; r++) {
				const char *name = same_name(r->text, text) ? fields[id].name(r->value) : NULL;

				if (name && same_name(name, text)) {
					*v = r->value;
					return true;
				}
			}
	}
	return false;
}

static bool number(struct filter *f, struct filter_node *n, int slot, struct err *e)
{
	struct filter_value *v = &n->value;
	bool is = read_number(n->text, &v->u, &v->negative);

	if (is && !n->quoted && slot >= 0 && !v->negative && v->u > largest(f, slot)) {
		err_set(e, ERR_USAGE, "%s is too large: the largest value of %s is %llu", n->text, f->slots[slot].name,
		        (unsigned long long)largest(f, slot));
		return false;
	}
	if (is || (slot >= 0 && value_named(f, slot, n->text, &v->u)))
		return true;
	if (slot < 0)
		return wrong(e, n, "a number");
	wrong(e, n, "a number, nor");
	snprintf(e->text + strlen(e->text), sizeof(e->text) - strlen(e->text), " a name of %s's values", f->slots[slot].name);
	return false;
}

static bool boolean(struct filter_node *n, struct err *e)
{
	static const char *const words[2][3] = { { "false", "not set", "no" }, { "true", "set", "yes" } };
	bool negative;

	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < 3; k++)
			if (strcasecmp(n->text, words[i][k]) == 0) {
				n->value.u = i;
				return true;
			}
	if (!read_number(n->text, &n->value.u, &negative))
		return wrong(e, n, "true or false (1 or 0)");
	n->value.u = n->value.u != 0;
	return true;
}

/* --- bytes --- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* aa:bb:cc, aa-bb-cc, aa.bb.cc, aabbcc, 0xaabb, :aa or one digit; returns how many, 0 for what is none. */
static uint32_t read_bytes(const char *s, uint8_t *out)
{
	uint32_t n = 0;
	char separator = 0;

	if (hex_digit(s[0]) >= 0 && !s[1]) {
		out[0] = (uint8_t)hex_digit(s[0]);
		return 1;
	}
	s += s[0] == ':' ? 1 : s[0] == '0' && (s[1] | 32) == 'x' ? 2 : 0;

	while (*s) {
		if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
			return 0;
		out[n++] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
		s += 2;
		if (n == 1 && *s && strchr(":-.", *s))
			separator = *s;
		if (separator && *s && (*s++ != separator || !*s))
			return 0;
	}
	return n;
}

static bool bytes(struct filter *f, struct filter_node *n, uint32_t want, const char *what, struct err *e)
{
	uint8_t *p;

	n->value.p = (const uint8_t *)n->text;
	n->value.len = n->text_len;
	if (n->quoted && !want)
		return true;
	p = arena_alloc(&f->arena, n->text_len / 2 + 1);
	n->value.len = read_bytes(n->text, p);
	n->value.p = p;
	return n->value.len && (!want || n->value.len == want) ? true : wrong(e, n, what);
}

/* An object identifier as DER writes it, X.690 8.19. */
static bool oid(struct filter *f, struct filter_node *n, struct err *e)
{
	uint8_t *out = arena_alloc(&f->arena, n->text_len * 2 + 16);
	const char *s = n->text;
	uint64_t first = 0;
	uint32_t len = 0;

	for (unsigned i = 0; *s; i++) {
		char *end;
		uint64_t arc = strtoull(s, &end, 10);
		unsigned shift = 0;

		if (end == s || *s < '0' || *s > '9' || arc > UINT32_MAX || (*end && *end != '.') || (*end && !end[1]))
			return wrong(e, n, "an object identifier");
		s = end + (*end == '.');
		if (i == 0) {
			first = arc;
			continue;
		}
		if (i == 1)
			arc += first * 40;
		while (arc >> shift >> 7)
			shift += 7;
		for (; shift; shift -= 7)
			out[len++] = (uint8_t)(0x80 | (arc >> shift & 0x7f));
		out[len++] = arc & 0x7f;
	}
	n->value.p = out;
	n->value.len = len;
	return len ? true : wrong(e, n, "an object identifier");
}

static bool guid(struct filter *f, struct filter_node *n, struct err *e)
{
	uint8_t *out = arena_alloc(&f->arena, 16);
	const char *s = n->text;
	uint32_t len = 0;

	for (; *s && len < 16; s += 2) {
		if ((len == 4 || len == 6 || len == 8 || len == 10) && *s == '-')
			s++;
		if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
			break;
		out[len++] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
	}
	n->value.p = out;
	n->value.len = 16;
	return len == 16 && !*s && n->text_len == 36 ? true : wrong(e, n, "a GUID, as 01234567-89ab-cdef-0123-456789abcdef");
}

static bool address(struct filter *f, struct filter_node *n, bool v6, struct err *e)
{
	uint8_t *out = arena_alloc(&f->arena, 16);
	const char *slash = strchr(n->text, '/'), *what = v6 ? "an IPv6 address" : "an IPv4 address";
	size_t len = slash ? (size_t)(slash - n->text) : n->text_len;
	unsigned long bits = v6 ? 128 : 32;
	char text[64], *end;
	uint32_t w;

	if (len >= sizeof(text))
		return wrong(e, n, what);
	memcpy(text, n->text, len);
	text[len] = 0;
	if (slash) {
		unsigned long said = strtoul(slash + 1, &end, 10);

		if (slash[1] < '0' || slash[1] > '9' || *end || said > bits)
			return wrong(e, n, what);
		bits = said;
	}
	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, out) != 1)
		return wrong(e, n, what);
	n->value.prefix = (uint8_t)bits;
	n->value.p = out;
	n->value.len = v6 ? 16 : 4;
	memcpy(&w, out, 4);
	n->value.u = ntohl(w);
	return true;
}

/* --- times --- */

/* Seconds and nanoseconds of ns since or before the epoch; the nanoseconds count forward. */
static void split(struct filter_value *v, int64_t ns)
{
	int64_t rest = ns % 1000000000;

	v->u = (uint64_t)(ns / 1000000000 - (rest < 0));
	v->ns = (uint32_t)(rest < 0 ? rest + 1000000000 : rest);
}

/* "Nov 22, 2026 13:29:31.5 UTC", as times are shown, to the form text_time_parse reads. */
static bool from_shown(const char *s, char *out, size_t size)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
	char month[4] = { 0 }, clock[40] = "", zone[8] = "";
	unsigned day, year;
	const char *found;
	int got = sscanf(s, "%3[A-Za-z] %2u, %4u %39[0-9:.] %7s", month, &day, &year, clock, zone);

	for (unsigned i = 0; i < 3; i++)
		month[i] = (char)(month[i] | 32);
	found = got >= 3 ? strstr(months, month) : NULL;
	if (!found || (found - months) % 3 || (zone[0] && strcasecmp(zone, "UTC") != 0 && strcasecmp(zone, "Z") != 0))
		return false;
	snprintf(out, size, "%04u-%02u-%02u%s%s", year, (unsigned)(found - months) / 3 + 1, day, clock[0] ? "T" : "", clock);
	return true;
}

static bool moment(struct filter_node *n, struct err *e)
{
	char text[64];
	int64_t ns;

	/* Behind a time of the first form, UTC may stand, too. */
	if (n->text_len > 4 && n->text_len < sizeof(text) && strcasecmp(n->text + n->text_len - 4, " UTC") == 0) {
		memcpy(text, n->text, n->text_len - 4);
		text[n->text_len - 4] = 0;
		if (text_time_parse(text, &ns)) {
			split(&n->value, ns);
			return true;
		}
	}
	if (!text_time_parse(n->text, &ns) && !(from_shown(n->text, text, sizeof(text)) && text_time_parse(text, &ns)))
		return wrong(e, n, "a time; write \"2026-11-22 13:00:00\" (UTC), or seconds since 1970");
	split(&n->value, ns);
	return true;
}

static bool duration(struct filter_node *n, struct err *e)
{
	const char *s = n->text + (n->text[0] == '-');
	int64_t ns = 0, unit = 100000000;
	const char *from = s;
	bool fits = true;

	for (; *s >= '0' && *s <= '9' && fits; s++)
		fits = !__builtin_mul_overflow(ns, 10, &ns) && !__builtin_add_overflow(ns, *s - '0', &ns);
	fits = fits && s > from && !__builtin_mul_overflow(ns, 1000000000, &ns);
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && fits; s++, unit /= 10)
			fits = !__builtin_add_overflow(ns, (*s - '0') * unit, &ns);
	if (*s || !fits)
		return wrong(e, n, "a duration in seconds");
	split(&n->value, n->text[0] == '-' ? -ns : ns);
	return true;
}

bool filter_literal(struct filter *f, struct filter_node *n, enum filter_class cls, int slot, struct err *e)
{
	n->cls = n->value.cls = (uint8_t)cls;
	switch (cls) {
	case CLASS_NUMBER:
		return number(f, n, slot, e);
	case CLASS_BOOL:
		return boolean(n, e);
	case CLASS_TEXT:
		n->value.p = (const uint8_t *)n->text;
		n->value.len = n->text_len;
		return true;
	case CLASS_BYTES: case CLASS_PROTO:
		return bytes(f, n, 0, "bytes; write aa:bb:cc, or text in quotes", e);
	case CLASS_ETHER:
		return bytes(f, n, 6, "an Ethernet address", e);
	case CLASS_OID:
		return oid(f, n, e);
	case CLASS_GUID:
		return guid(f, n, e);
	case CLASS_IPV4: case CLASS_IPV6:
		return address(f, n, cls == CLASS_IPV6, e);
	case CLASS_TIME:
		return moment(n, e);
	case CLASS_DURATION:
		return duration(n, e);
	case CLASS_NONE:
		break;
	}
	return wrong(e, n, "a value of it: it has none");
}
