/* A dissected value as text: what PDML's show attribute, -T fields and the lines of a tree say. */
#include "show/sink.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "dissectors/nbss/nbss.h"

enum { LABEL_BYTES = 64 };      /* bytes of a BYTES field that a label shows */

bool show_is_text(const struct fval *v)
{
	return v->type == FT_UTF16 || v->type == FT_UTF16BE || v->type == FT_OEM || v->type == FT_STR || v->type == FT_TEXT || v->type == FT_SMBSTR;
}

/* A flag's field, or v's own: whose width its digits follow. */
static unsigned width(const struct fval *v)
{
	unsigned type = v->type == FT_FLAG ? fields[fields[v->id].parent].type : v->type;
	unsigned w = FT_WIDTH(type) ? FT_WIDTH(type) : v->len;

	if (v->type == FT_FLAG && v->generated && !w)
		w = 4;
	return w > 8 ? 8 : w;
}

static void add_integer(struct text_out *o, const struct fval *v)
{
	const struct field *f = &fields[v->id];
	unsigned w = width(v);

	switch (f->base) {
	case BASE_HEX32:
		text_put(o, "0x", 2);
		text_hexn(o, v->u, 8);
		return;
	case BASE_HEX:
		text_put(o, "0x", 2);
		text_hexn(o, w && w < 8 ? v->u & (UINT64_MAX >> (64 - 8 * w)) : v->u, w ? 2 * w : 1);
		return;
	}
	if ((v->type & 0xf00) == 0x200 && (int64_t)v->u < 0) {
		text_put(o, "-", 1);
		text_dec(o, -v->u);
	} else {
		text_dec(o, v->u);
	}
}

/* Text up to the NULs that end it: the NUL of a string, the rest of a fixed array. */
static void add_text(struct text_out *o, const struct fval *v, enum text_escape how)
{
	size_t n = v->captured;

	if (v->type == FT_UTF16BE) {
		uint8_t *swapped = xmalloc(n + 1);
		struct fval other = *v;

		text_swap16(swapped, v->p, n);
		other.type = FT_UTF16;
		other.p = swapped;
		other.captured = (uint32_t)(n & ~(size_t)1);
		add_text(o, &other, how);
		free(swapped);
		return;
	}
	if (v->type == FT_UTF16) {
		while (n >= 2 && !(n & 1) && v->p[n - 1] == 0 && v->p[n - 2] == 0)
			n -= 2;
		text_add_utf16(o, v->p, n, how);
		return;
	}
	while (n && v->p[n - 1] == 0)
		n--;
	if (v->type == FT_TEXT)
		text_add_utf8(o, v->p, n, how);
	else if (v->type == FT_SMBSTR)
		text_add_oem(o, v->p + (n > 0), n - (n > 0), how);
	else
		text_add_oem(o, v->p, n, how);
}

/* The name, where it is one as NetBIOS encodes them; else its bytes. */
static void add_nbname(struct text_out *o, const struct fval *v)
{
	char name[24];

	if (v->captured > 32 && v->p[0] == 32 && nbss_name((struct span){ v->p + 1, 32 }, name))
		text_puts(o, name);
	else
		text_add_bytes(o, v->p, v->captured, ':');
}

static void add_subauthorities(struct text_out *o, const struct fval *v)
{
	for (uint32_t i = 0; i + 4 <= v->captured; i += 4) {
		uint32_t one;

		memcpy(&one, v->p + i, 4);
		if (i)
			text_put(o, "-", 1);
		text_dec(o, le32toh(one));
	}
}

static void add_uuid(struct text_out *o, const struct fval *v)
{
	for (unsigned i = 0; i < 16; i += i ? 2 : 4) {
		if (i)
			text_put(o, "-", i <= 10);
		text_add_bytes(o, v->p + i, i ? 2 : 4, 0);
	}
}

static void add_address(struct text_out *o, const struct fval *v)
{
	uint8_t b[6];

	if (v->type == FT_IPV4) {
		for (int shift = 24; shift >= 0; shift -= 8) {
			text_dec(o, v->u >> shift & 0xff);
			if (shift)
				text_put(o, ".", 1);
		}
	} else if (v->type == FT_ETHER && !v->p) {
		for (unsigned i = 0; i < 6; i++)
			b[i] = (uint8_t)(v->u >> (40 - 8 * i));
		text_add_bytes(o, b, 6, ':');
	} else if (v->type == FT_IPV6 && v->captured == 16) {
		text_add_ipv6(o, v->p);
	} else {
		text_add_bytes(o, v->p, v->captured, ':');
	}
}

static void add_time(struct text_out *o, const struct fval *v)
{
	int64_t seconds, ns = (int64_t)v->u;
	uint32_t rest = 0;

	switch (v->type) {
	case FT_FILETIME:
		/* Wireshark shows the absent time as its own zero. */
		seconds = v->u ? text_filetime_seconds(v->u, &rest) : 0;
		break;
	case FT_UTIME:
		seconds = (int64_t)v->u;
		break;
	case FT_GTIME:
		if (!text_general_time((struct span){ v->p, v->captured }, &seconds)) {
			text_add_oem(o, v->p, v->captured, TEXT_TERMINAL);
			return;
		}
		break;
	default:
		if (fields[v->id].base == BASE_DEC) {
			text_add_seconds(o, ns);
			return;
		}
		rest = (uint32_t)((ns % 1000000000 + 1000000000) % 1000000000);
		seconds = (ns - rest) / 1000000000;
		if (ns < INT64_MIN + (int64_t)rest)
			seconds = ns / 1000000000 - 1;
	}
	text_add_moment(o, seconds, rest);
}

void show_add(struct text_out *o, const struct fval *v, enum text_escape how)
{
	if (!v->p && v->captured)
		return;
	switch (v->type) {
	case FT_NONE: case FT_PROTO:
		return;
	case FT_BYTES:
		text_add_bytes(o, v->p, v->captured, ':');
		return;
	case FT_UTF16: case FT_UTF16BE: case FT_OEM: case FT_STR: case FT_TEXT: case FT_SMBSTR:
		add_text(o, v, how);
		return;
	case FT_SID:
		text_add_sid(o, (struct span){ v->p, v->captured });
		return;
	case FT_SUBAUTH:
		add_subauthorities(o, v);
		return;
	case FT_NBNAME:
		add_nbname(o, v);
		return;
	case FT_GUID: case FT_GUIDSTR: case FT_GUIDBE:
		if (v->captured == 16 && v->type == FT_GUIDBE)
			add_uuid(o, v);
		else if (v->captured == 16)
			text_add_guid(o, v->p);
		else
			text_add_bytes(o, v->p, v->captured, ':');
		return;
	case FT_OID:
		text_add_oid(o, v->p, v->captured);
		return;
	case FT_REL:
		text_add_seconds(o, (int64_t)v->u);
		return;
	case FT_MSTIME:
		if (fields[v->id].base == BASE_DEC)
			break;          /* Wireshark shows the milliseconds */
		text_add_seconds(o, (int64_t)(v->u & UINT32_MAX) * 1000000);
		return;
	case FT_FILETIME: case FT_UTIME: case FT_STAMP: case FT_GTIME:
		add_time(o, v);
		return;
	case FT_IPV4: case FT_IPV6: case FT_ETHER:
		add_address(o, v);
		return;
	case FT_BOOL8:
		text_put(o, v->u ? "1" : "0", 1);
		return;
	case FT_FLAG:
		if (fields[v->id].one_bit) {
			text_put(o, v->u ? "1" : "0", 1);
			return;
		}
		break;
	case FT_DOSDATE: case FT_DOSTIME:
		text_put(o, "0x", 2);
		text_hexn(o, v->u, 4);
		return;
	}
	add_integer(o, v);
}

size_t show_value_size(const struct fval *v)
{
	/* No encoding or escape makes more than four bytes of one: \xNN of a byte, \u{NNNN} of two. */
	return 64 + 4 * (size_t)v->captured;
}

size_t show_value(char *out, size_t size, const struct fval *v)
{
	struct text_out o = text_begin(out, size);

	show_add(&o, v, TEXT_TERMINAL);
	text_end(&o);
	return o.end;
}

/* "..1. .... = " for the bits of mask in a field of w bytes. */
static void add_bits(struct text_out *o, uint64_t mask, uint64_t value, unsigned w)
{
	value <<= mask ? __builtin_ctzll(mask) : 0;
	for (unsigned i = 8 * w; i-- > 0; ) {
		text_put(o, !(mask >> i & 1) ? "." : value >> i & 1 ? "1" : "0", 1);
		if (i && i % 4 == 0)
			text_put(o, " ", 1);
	}
	text_put(o, " = ", 3);
}

static void add_number(struct text_out *o, unsigned n, unsigned digits)
{
	char text[12];

	text_put(o, text, (size_t)snprintf(text, sizeof(text), "%0*u", (int)digits, n));
}

/* MS-CIFS 2.2.1.4.1 and 2.2.1.4.2. */
static void add_dos(struct text_out *o, const struct fval *v)
{
	unsigned u = (unsigned)v->u & 0xffff;
	bool date = v->type == FT_DOSDATE;

	add_number(o, date ? 1980 + (u >> 9) : u >> 11, date ? 4 : 2);
	text_put(o, date ? "-" : ":", 1);
	add_number(o, date ? u >> 5 & 15 : u >> 5 & 63, 2);
	text_put(o, date ? "-" : ":", 1);
	add_number(o, date ? u & 31 : (u & 31) * 2, 2);
}

/* The names of the bits that are set, behind the value of their field. */
static void add_flags(struct text_out *o, const struct fval *v)
{
	for (unsigned i = (unsigned)v->id + 1; i < F__COUNT && fields[i].type == FT_FLAG && fields[i].parent == v->id; i++)
		if (fields[i].one_bit && (v->u & fields[i].mask)) {
			text_put(o, ", ", 2);
			text_puts(o, fields[i].label);
		}
}

static bool is_number(const struct fval *v)
{
	return v->type == FT_UINT || (FT_WIDTH(v->type) && (v->type & 0xf00) <= 0x200) ||
	       (v->type == FT_FLAG && !fields[v->id].one_bit);
}

/* What follows "Label: ". */
static void add_meaning(struct text_out *o, const struct fval *v)
{
	const struct field *f = &fields[v->id];
	char octal[24];

	if (v->type == FT_FLAG && f->one_bit) {
		text_puts(o, v->u ? "Set" : "Not set");
	} else if (v->type == FT_BOOL8) {
		text_puts(o, v->u ? "True" : "False");
	} else if (v->type == FT_FILETIME && v->u == 0) {
		text_puts(o, "No time specified (0)");
	} else if (v->type == FT_FILETIME && v->u == INT64_MAX) {
		text_puts(o, "Infinity");
	} else if (v->type == FT_DOSDATE || v->type == FT_DOSTIME || (is_number(v) && f->name)) {
		const char *name = is_number(v) ? f->name(v->u) : NULL;

		if (!is_number(v))
			add_dos(o, v);
		else
			text_add_utf8(o, name ? name : "Unknown", name ? strlen(name) : 7, TEXT_TERMINAL);
		text_put(o, " (", 2);
		show_add(o, v, TEXT_TERMINAL);
		text_put(o, ")", 1);
	} else if (f->base == BASE_OCT) {        /* in labels alone, as Wireshark has it */
		text_put(o, octal, (size_t)snprintf(octal, sizeof(octal), "%#llo", (unsigned long long)v->u));
	} else if (v->type == FT_BYTES) {
		text_add_bytes(o, v->p, min_u32(v->p ? v->captured : 0, LABEL_BYTES), 0);
		if (v->captured > LABEL_BYTES)
			text_puts(o, "…");
		else if (v->captured < v->len && !v->generated)
			text_puts(o, " (not all captured)");
	} else {
		show_add(o, v, TEXT_TERMINAL);
		if (v->type == FT_MSTIME && f->base == BASE_DEC)
			text_puts(o, " ms");
		else if (v->type == FT_REL || v->type == FT_MSTIME || (v->type == FT_STAMP && f->base == BASE_DEC))
			text_puts(o, " seconds");
	}
}

size_t show_label(char *out, size_t size, const struct fval *v)
{
	struct text_out o = text_begin(out, size);
	const struct field *f = &fields[v->id];

	if (v->type == FT_FLAG)
		add_bits(&o, f->mask, v->u, width(v));
	text_puts(&o, f->label);
	if (v->type != FT_NONE && v->type != FT_PROTO) {
		text_put(&o, ": ", 2);
		add_meaning(&o, v);
		if (is_number(v) && v->type != FT_FLAG)
			add_flags(&o, v);
	}
	text_end(&o);
	return o.end;
}
