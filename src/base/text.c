/* Text: encodings, escapes, identifiers, case.  MS-DTYP 2.3.4, 2.4.2; X.690 8.19; RFC 3629, 4180, 5952. */
#include "base/text.h"

#include <endian.h>

enum { REPLACEMENT = 0xfffd };

size_t text_end(struct text_out *o)
{
	if (o->size)
		o->out[o->end] = 0;
	return o->len;
}

void text_dec(struct text_out *o, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + v % 10);
	while (v /= 10);
	text_put(o, digits + at, sizeof(digits) - at);
}

static const char hex_digits[16] = { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f' };

void text_hexn(struct text_out *o, uint64_t v, unsigned digits)
{
	char text[16];
	size_t at = sizeof(text);

	while (at > 0 && (v || digits)) {
		text[--at] = hex_digits[v & 0xf];
		v >>= 4;
		if (digits)
			digits--;
	}
	text_put(o, text + at, sizeof(text) - at);
}

/* --- characters --- */

/* What moves, hides or reorders other characters on a terminal: marks and overrides of direction, line
 * and paragraph separators, invisible operators, the byte order mark, interlinear notes, tags. */
static bool is_invisible(uint32_t c)
{
	return c == 0x061c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f);
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

static void utf8(struct text_out *o, uint32_t c)
{
	char b[4];

	if (c < 0x80) {
		b[0] = (char)c;
		text_put(o, b, 1);
	} else if (c < 0x800) {
		b[0] = (char)(0xc0 | c >> 6);
		b[1] = (char)(0x80 | (c & 0x3f));
		text_put(o, b, 2);
	} else if (c < 0x10000) {
		b[0] = (char)(0xe0 | c >> 12);
		b[1] = (char)(0x80 | (c >> 6 & 0x3f));
		b[2] = (char)(0x80 | (c & 0x3f));
		text_put(o, b, 3);
	} else {
		b[0] = (char)(0xf0 | c >> 18);
		b[1] = (char)(0x80 | (c >> 12 & 0x3f));
		b[2] = (char)(0x80 | (c >> 6 & 0x3f));
		b[3] = (char)(0x80 | (c & 0x3f));
		text_put(o, b, 4);
	}
}

/* An escape is put whole or not at all, as a character is. */
static void escape_hex(struct text_out *o, const char *before, uint32_t c, unsigned digits, const char *after)
{
	char text[16];
	struct text_out t = text_begin(text, sizeof(text));

	text_puts(&t, before);
	text_hexn(&t, c, digits);
	text_puts(&t, after);
	text_put(o, text, text_end(&t));
}

static void json_u16(struct text_out *o, uint32_t c)
{
	char text[13];
	struct text_out t = text_begin(text, sizeof(text));

	if (c >= 0x10000) {
		escape_hex(&t, "\\u", 0xd800 + ((c - 0x10000) >> 10), 4, "");
		c = 0xdc00 + ((c - 0x10000) & 0x3ff);
	}
	escape_hex(&t, "\\u", c, 4, "");
	text_put(o, text, text_end(&t));
}

/* The short escape of c, NULL if it has none. */
static const char *short_escape(uint32_t c, enum text_escape how)
{
	if (how == TEXT_XML)
		switch (c) {
		case '&': return "&amp;";
		case '<': return "&lt;";
		case '>': return "&gt;";
		case '"': return "&quot;";
		case '\'': return "&#39;";
		}
	else if (how == TEXT_JSON)
		switch (c) {
		case '"': return "\\\"";
		case '\\': return "\\\\";
		case '\b': return "\\b";
		case '\f': return "\\f";
		case '\n': return "\\n";
		case '\r': return "\\r";
		case '\t': return "\\t";
		}
	return NULL;
}

void text_code(struct text_out *o, uint32_t c, enum text_escape how)
{
	const char *s = short_escape(c, how);

	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		c = REPLACEMENT;
	if (s)
		text_puts(o, s);
	else if (how == TEXT_JSON && (is_control(c) || is_invisible(c)))
		json_u16(o, c);
	else if (how != TEXT_RAW && is_control(c))
		escape_hex(o, "\\x", c, 2, "");
	else if (how == TEXT_TERMINAL && is_invisible(c))
		escape_hex(o, "\\u{", c, 1, "}");
	else if (how == TEXT_XML && (c & 0xfffe) == 0xfffe)
		utf8(o, REPLACEMENT);
	else
		utf8(o, c);
}

/* --- encodings --- */

uint32_t text_utf8_next(const void *text, size_t n, size_t *at)
{
	/* By the number of continuation bytes: the smallest code that needs them, and the lead's bits. */
	static const struct { uint32_t least; uint8_t bits; } lead[4] = {
		{ 0, 0x7f }, { 0x80, 0x1f }, { 0x800, 0x0f }, { 0x10000, 0x07 }
	};
	const uint8_t *s = text;
	uint32_t c = s[*at];
	unsigned more = c < 0x80 ? 0 : c < 0xc0 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : 4;
	size_t i = *at + 1;

	(*at)++;
	if (more == 4 || n - i < more)
		return UINT32_MAX;
	c &= lead[more].bits;
	for (unsigned k = 0; k < more; k++, i++) {
		if ((s[i] & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < lead[more].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return UINT32_MAX;
	*at = i;
	return c;
}

/* Most text is this: nothing to convert, nothing to escape. */
static bool is_plain(uint32_t c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '&' && c != '\'' && c != '<' && c != '>' && c != '\\';
}

static void add(struct text_out *o, uint32_t c, enum text_escape how)
{
	char b = (char)c;

	if (likely(is_plain(c)))
		text_put(o, &b, 1);
	else
		text_code(o, c, how);
}

bool text_add_utf8(struct text_out *o, const void *bytes, size_t n, enum text_escape how)
{
	bool bad = false;

	for (size_t at = 0; at < n; ) {
		uint32_t c = text_utf8_next(bytes, n, &at);

		bad |= c == UINT32_MAX;
		add(o, c, how);
	}
	return bad;
}

bool text_add_utf16(struct text_out *o, const void *bytes, size_t n, enum text_escape how)
{
	const uint8_t *s = bytes;
	bool bad = false;
	size_t i;

	for (i = 0; i + 2 <= n; i += 2) {
		uint32_t c = (uint32_t)s[i] | (uint32_t)s[i + 1] << 8;

		if (unlikely((c & 0xf800) == 0xd800)) {
			uint32_t low = i + 4 <= n ? (uint32_t)s[i + 2] | (uint32_t)s[i + 3] << 8 : 0;

			if (c < 0xdc00 && (low & 0xfc00) == 0xdc00) {
				c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
				i += 2;
			} else {
				c = REPLACEMENT;
				bad = true;
			}
		}
		add(o, c, how);
	}
	if (i < n) {
		text_code(o, REPLACEMENT, how);
		bad = true;
	}
	return bad;
}

/* Code page 437 from 0x80 on. */
static const uint16_t cp437[128] = {
	0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
	0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
	0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
	0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
	0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
	0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
	0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
	0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

bool text_add_oem(struct text_out *o, const void *bytes, size_t n, enum text_escape how)
{
	const uint8_t *s = bytes;

	for (size_t i = 0; i < n; i++)
		add(o, s[i] < 0x80 ? s[i] : cp437[s[i] - 0x80], how);
	return false;
}

size_t text_utf16(char *out, size_t size, struct span s, enum text_escape how, bool *replaced)
{
	struct text_out o = text_begin(out, size);
	bool bad = text_add_utf16(&o, s.p, s.len, how);

	if (replaced)
		*replaced = bad;
	return text_end(&o);
}

size_t text_oem(char *out, size_t size, struct span s, enum text_escape how)
{
	struct text_out o = text_begin(out, size);

	text_add_oem(&o, s.p, s.len, how);
	return text_end(&o);
}

size_t text_escape(char *out, size_t size, const char *s, size_t n, enum text_escape how)
{
	struct text_out o = text_begin(out, size);

	text_add_utf8(&o, s, n, how);
	return text_end(&o);
}

/* -12, +3.5: what looks like a formula but is a number. */
static bool is_number(const char *s, size_t n)
{
	size_t i = n && (*s == '-' || *s == '+'), digits = 0, points = 0;

	for (; i < n; i++)
		if (s[i] >= '0' && s[i] <= '9')
			digits++;
		else if (s[i] != '.' || points++)
			return false;
	return digits > 0;
}

size_t text_csv(char *out, size_t size, const char *s, size_t n)
{
	struct text_out o = text_begin(out, size);
	bool formula = n && memchr("=+-@\t\r", *s, 6) && !is_number(s, n), quote = false;

	for (size_t i = 0; i < n; i++)
		quote |= s[i] == ',' || s[i] == '"' || s[i] == '\n' || s[i] == '\r';
	if (quote)
		text_put(&o, "\"", 1);
	if (formula)
		text_put(&o, "'", 1);
	for (size_t at = 0; at < n; ) {
		uint32_t c = text_utf8_next(s, n, &at);

		if (c == '"')
			text_put(&o, "\"\"", 2);
		else
			text_code(&o, c, TEXT_RAW);
	}
	if (quote)
		text_put(&o, "\"", 1);
	return text_end(&o);
}

/* --- identifiers --- */

void text_add_bytes(struct text_out *o, const void *bytes, size_t n, char separator)
{
	const uint8_t *s = bytes;

	for (size_t i = 0; i < n; i++) {
		char b[3] = { separator, hex_digits[s[i] >> 4], hex_digits[s[i] & 0xf] };
		bool first = i == 0 || !separator;

		text_put(o, b + first, 3u - first);
	}
}

size_t text_hex(char *out, size_t size, struct span s)
{
	struct text_out o = text_begin(out, size);

	text_add_bytes(&o, s.p, s.len, 0);
	return text_end(&o);
}

void text_add_guid(struct text_out *o, const uint8_t g[16])
{
	uint8_t b[10] = { g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9] };

	text_add_bytes(o, b, 4, 0);
	for (unsigned i = 4; i < 10; i += 2) {
		text_put(o, "-", 1);
		text_add_bytes(o, b + i, 2, 0);
	}
	text_put(o, "-", 1);
	text_add_bytes(o, g + 10, 6, 0);
}

size_t text_guid(char *out, size_t size, const uint8_t guid[16])
{
	struct text_out o = text_begin(out, size);

	text_add_guid(&o, guid);
	return text_end(&o);
}

void text_add_sid(struct text_out *o, struct span s)
{
	uint64_t authority = 0;
	uint32_t v;

	if (s.len < 8 || s.p[0] != 1 || s.len < 8u + 4u * s.p[1]) {
		text_add_bytes(o, s.p, s.len, 0);
		return;
	}
	for (unsigned i = 2; i < 8; i++)
		authority = authority << 8 | s.p[i];
	text_puts(o, "S-1-");
	if (authority >> 32) {          /* MS-DTYP 2.4.2.1: hexadecimal from 2^32 on */
		text_puts(o, "0x");
		text_hexn(o, authority, 12);
	} else {
		text_dec(o, authority);
	}
	for (unsigned i = 0; i < s.p[1]; i++) {
		memcpy(&v, s.p + 8 + 4 * i, 4);
		text_put(o, "-", 1);
		text_dec(o, le32toh(v));
	}
}

size_t text_sid(char *out, size_t size, struct span s)
{
	struct text_out o = text_begin(out, size);

	text_add_sid(&o, s);
	return text_end(&o);
}

void text_add_oid(struct text_out *o, const void *bytes, size_t n)
{
	const uint8_t *s = bytes;
	struct text_out start = *o;
	uint64_t arc = 0;
	bool first = true, bad = n == 0 || s[n - 1] & 0x80;

	for (size_t i = 0; i < n && !bad; i++) {
		bad = arc >> 57 || (arc == 0 && s[i] == 0x80);
		arc = arc << 7 | (s[i] & 0x7f);
		if (s[i] & 0x80)
			continue;
		if (first) {
			uint64_t root = arc < 80 ? arc / 40 : 2;

			text_dec(o, root);
			arc -= root * 40;
		}
		text_put(o, ".", 1);
		text_dec(o, arc);
		arc = 0;
		first = false;
	}
	if (bad) {
		*o = start;
		text_add_bytes(o, s, n, 0);
	}
}

size_t text_oid(char *out, size_t size, struct span s)
{
	struct text_out o = text_begin(out, size);

	text_add_oid(&o, s.p, s.len);
	return text_end(&o);
}

void text_add_ipv6(struct text_out *o, const uint8_t a[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned from = 8, run = 1;     /* the longest run of zero groups, of two at least */

	if (memcmp(a, mapped, 12) == 0) {
		text_puts(o, "::ffff");
		for (unsigned i = 12; i < 16; i++) {
			text_put(o, i == 12 ? ":" : ".", 1);
			text_dec(o, a[i]);
		}
		return;
	}
	for (unsigned i = 0, n = 0; i < 8; i++) {
		n = a[2 * i] || a[2 * i + 1] ? 0 : n + 1;
		if (n > run) {
			run = n;
			from = i + 1 - n;
		}
	}
	for (unsigned i = 0; i < 8; i++) {
		if (i == from) {
			text_put(o, "::", 2);
			i += run - 1;
			continue;
		}
		if (i && i != from + run)
			text_put(o, ":", 1);
		text_hexn(o, (uint64_t)a[2 * i] << 8 | a[2 * i + 1], 1);
	}
}

size_t text_ipv6(char *out, size_t size, const uint8_t address[16])
{
	struct text_out o = text_begin(out, size);

	text_add_ipv6(&o, address);
	return text_end(&o);
}

/* --- case --- */

/* Every step-th code from first to last, and what to add to it.  µ, ı and ſ have no upper case here,
 * as in Windows: two names that differ in them are two files. */
static const struct { uint16_t first, last; int16_t step, add; } upper[] = {
	{ 0x0061, 0x007a, 1, -32 }, { 0x00e0, 0x00f6, 1, -32 }, { 0x00f8, 0x00fe, 1, -32 },
	{ 0x00ff, 0x00ff, 1, 121 }, { 0x0101, 0x012f, 2, -1 }, { 0x0133, 0x0137, 2, -1 }, { 0x013a, 0x0148, 2, -1 },
	{ 0x014b, 0x0177, 2, -1 }, { 0x017a, 0x017e, 2, -1 }, { 0x0180, 0x0180, 1, 195 }, { 0x0183, 0x0185, 2, -1 },
	{ 0x0188, 0x0188, 1, -1 }, { 0x018c, 0x018c, 1, -1 }, { 0x0192, 0x0192, 1, -1 }, { 0x0195, 0x0195, 1, 97 },
	{ 0x0199, 0x0199, 1, -1 }, { 0x019a, 0x019a, 1, 163 }, { 0x019e, 0x019e, 1, 130 }, { 0x01a1, 0x01a5, 2, -1 },
	{ 0x01a8, 0x01a8, 1, -1 }, { 0x01ad, 0x01ad, 1, -1 }, { 0x01b0, 0x01b0, 1, -1 }, { 0x01b4, 0x01b6, 2, -1 },
	{ 0x01b9, 0x01b9, 1, -1 }, { 0x01bd, 0x01bd, 1, -1 }, { 0x01bf, 0x01bf, 1, 56 }, { 0x01c6, 0x01c6, 1, -2 },
	{ 0x01c9, 0x01c9, 1, -2 }, { 0x01cc, 0x01cc, 1, -2 }, { 0x01ce, 0x01dc, 2, -1 }, { 0x01dd, 0x01dd, 1, -79 },
	{ 0x01df, 0x01ef, 2, -1 }, { 0x01f3, 0x01f3, 1, -2 }, { 0x01f5, 0x01f5, 1, -1 }, { 0x01f9, 0x021f, 2, -1 },
	{ 0x0223, 0x0233, 2, -1 }, { 0x023c, 0x023c, 1, -1 }, { 0x0242, 0x0242, 1, -1 }, { 0x0247, 0x024f, 2, -1 },
	{ 0x0253, 0x0253, 1, -210 }, { 0x0254, 0x0254, 1, -206 }, { 0x0256, 0x0257, 1, -205 },
	{ 0x0259, 0x0259, 1, -202 }, { 0x025b, 0x025b, 1, -203 }, { 0x0260, 0x0260, 1, -205 },
	{ 0x0263, 0x0263, 1, -207 }, { 0x0268, 0x0268, 1, -209 }, { 0x0269, 0x0269, 1, -211 },
	{ 0x026f, 0x026f, 1, -211 }, { 0x0272, 0x0272, 1, -213 }, { 0x0275, 0x0275, 1, -214 },
	{ 0x0280, 0x0280, 1, -218 }, { 0x0283, 0x0283, 1, -218 }, { 0x0288, 0x0288, 1, -218 },
	{ 0x0289, 0x0289, 1, -69 }, { 0x028a, 0x028b, 1, -217 }, { 0x028c, 0x028c, 1, -71 },
	{ 0x0292, 0x0292, 1, -219 }, { 0x0371, 0x0373, 2, -1 }, { 0x0377, 0x0377, 1, -1 }, { 0x037b, 0x037d, 1, 130 },
	{ 0x03ac, 0x03ac, 1, -38 }, { 0x03ad, 0x03af, 1, -37 }, { 0x03b1, 0x03c1, 1, -32 },
	{ 0x03c2, 0x03c2, 1, -31 }, { 0x03c3, 0x03cb, 1, -32 }, { 0x03cc, 0x03cc, 1, -64 },
	{ 0x03cd, 0x03ce, 1, -63 }, { 0x03d7, 0x03d7, 1, -8 }, { 0x03d9, 0x03ef, 2, -1 }, { 0x03f3, 0x03f3, 1, -116 },
	{ 0x03f8, 0x03f8, 1, -1 }, { 0x03fb, 0x03fb, 1, -1 }, { 0x0430, 0x044f, 1, -32 }, { 0x0450, 0x045f, 1, -80 },
	{ 0x0461, 0x0481, 2, -1 }, { 0x048b, 0x04bf, 2, -1 }, { 0x04c2, 0x04ce, 2, -1 }, { 0x04cf, 0x04cf, 1, -15 },
	{ 0x04d1, 0x052f, 2, -1 }, { 0x0561, 0x0586, 1, -48 }, { 0x1e01, 0x1e95, 2, -1 }, { 0x1ea1, 0x1eff, 2, -1 },
	{ 0x1f00, 0x1f07, 1, 8 }, { 0x1f10, 0x1f15, 1, 8 }, { 0x1f20, 0x1f27, 1, 8 }, { 0x1f30, 0x1f37, 1, 8 },
	{ 0x1f40, 0x1f45, 1, 8 }, { 0x1f51, 0x1f57, 2, 8 }, { 0x1f60, 0x1f67, 1, 8 }, { 0x1f70, 0x1f71, 1, 74 },
	{ 0x1f72, 0x1f75, 1, 86 }, { 0x1f76, 0x1f77, 1, 100 }, { 0x1f78, 0x1f79, 1, 128 }, { 0x1f7a, 0x1f7b, 1, 112 },
	{ 0x1f7c, 0x1f7d, 1, 126 }, { 0x1f80, 0x1f87, 1, 8 }, { 0x1f90, 0x1f97, 1, 8 }, { 0x1fa0, 0x1fa7, 1, 8 },
	{ 0x1fb0, 0x1fb1, 1, 8 }, { 0x1fb3, 0x1fb3, 1, 9 }, { 0x1fc3, 0x1fc3, 1, 9 }, { 0x1fd0, 0x1fd1, 1, 8 },
	{ 0x1fe0, 0x1fe1, 1, 8 }, { 0x1fe5, 0x1fe5, 1, 7 }, { 0x1ff3, 0x1ff3, 1, 9 }, { 0x2170, 0x217f, 1, -16 },
	{ 0x24d0, 0x24e9, 1, -26 }, { 0x2c30, 0x2c5e, 1, -48 }, { 0xff41, 0xff5a, 1, -32 },
};

uint32_t text_upcase(uint32_t c)
{
	size_t low = 0, high = COUNT(upper);

	if (c < 0x80)
		return c >= 'a' && c <= 'z' ? c - 32 : c;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c > upper[mid].last)
			low = mid + 1;
		else if (c < upper[mid].first)
			high = mid;
		else
			return (c - upper[mid].first) % (uint32_t)upper[mid].step ? c
			       : (uint32_t)((int32_t)c + upper[mid].add);
	}
	return c;
}

size_t text_upper(char *out, size_t size, const char *s, size_t n)
{
	struct text_out o = text_begin(out, size);

	for (size_t at = 0; at < n; )
		text_code(&o, text_upcase(text_utf8_next(s, n, &at)), TEXT_RAW);
	return text_end(&o);
}

void text_swap16(uint8_t *out, const uint8_t *in, size_t n)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		out[i] = in[i + 1];
		out[i + 1] = in[i];
	}
}
