/* What stub data says, as JSON: the arguments and results of calls (view `calls`).  RFC 8259. */
#include "dtyp/dtyp.h"
#include "ndr.h"

#include "rpc/parts.h"
#include "rpc/rpc_fields.h"

#define ALL_PARTS 0xf              /* of a descriptor, MS-DTYP 2.4.7: owner, group, DACL, SACL */

struct json {
	struct text_out *o;
	const struct ndr *n;
	uint32_t longest;
};

/* What only NDR needs has fields that are no interface's. */
static bool said(const struct ndr_node *node)
{
	if (node->what == NDR_PART)
		return node->show == NDR_SHOW_sid || node->show == NDR_SHOW_secdesc || node->show == NDR_SHOW_secdesc_printer ||
		       node->show == NDR_SHOW_secdesc_key;
	return node->field >= F__rpc;
}

static const struct ndr_node *next_said(const struct ndr_node *node)
{
	while (node && !said(node))
		node = node->next;
	return node;
}

static const char *key_of(const struct ndr_node *node)
{
	const char *dot = strrchr(fields[node->field].abbrev, '.');

	return dot ? dot + 1 : fields[node->field].abbrev;
}

static void number(const struct json *j, uint64_t u, unsigned type)
{
	bool minus = (type & 0xf00) == 0x200 && (int64_t)u < 0, text;

	if (minus)
		u = 0 - u;
	text = u >= UINT64_C(1) << 53;
	if (text)
		text_puts(j->o, "\"");
	if (minus)
		text_puts(j->o, "-");
	text_dec(j->o, u);
	if (text)
		text_puts(j->o, "\"");
}

static void value(const struct json *j, const struct ndr_node *node)
{
	const struct field *f = &fields[node->field];
	const char *name = f->name ? f->name(node->u) : NULL;
	char time[64];

	if (node->type == FT_FILETIME && !node->u) {
		text_puts(j->o, "null");
	} else if (node->type == FT_FILETIME || node->type == FT_UTIME) {
		if (node->type == FT_FILETIME)
			text_filetime(time, sizeof(time), node->u);
		else
			text_time(time, sizeof(time), (int64_t)node->u * 1000000000);
		text_puts(j->o, "\"");
		text_puts(j->o, time);
		text_puts(j->o, "\"");
	} else if (name) {
		text_puts(j->o, "\"");
		text_add_utf8(j->o, name, strlen(name), TEXT_JSON);
		text_puts(j->o, "\"");
	} else {
		number(j, node->u, node->type);
	}
}

static void text(const struct json *j, const uint8_t *p, uint32_t len, unsigned type)
{
	bool wide = type != FT_OEM, cut;
	uint8_t *swapped;

	if (type == FT_UTF16BE) {
		swapped = arena_alloc(j->n->arena, len + 1);
		text_swap16(swapped, p, len);
		p = swapped;
	}
	len &= wide ? ~1u : ~0u;
	while (len && !p[len - 1] && (!wide || !p[len - 2]))
		len -= wide ? 2 : 1;
	cut = len > j->longest << wide;
	len = cut ? j->longest << wide : len;
	text_puts(j->o, "\"");
	if (wide)
		text_add_utf16(j->o, p, len, TEXT_JSON);
	else
		text_add_oem(j->o, p, len, TEXT_JSON);
	text_puts(j->o, cut ? "…\"" : "\"");
}

static void hex(const struct json *j, const uint8_t *p, uint32_t len)
{
	bool cut = len > j->longest;

	text_puts(j->o, "\"");
	text_add_bytes(j->o, p, cut ? j->longest : len, 0);
	text_puts(j->o, cut ? "…\"" : "\"");
}

static void span(const struct json *j, const struct ndr_node *node, const uint8_t *p)
{
	if (node->type == FT_UTF16 || node->type == FT_UTF16BE || node->type == FT_OEM) {
		text(j, p, node->len, node->type);
	} else if (node->type == FT_GUID && node->len == 16) {
		text_puts(j->o, "\"");
		text_add_guid(j->o, p);
		text_puts(j->o, "\"");
	} else {
		hex(j, p, node->len);
	}
}

/* Bytes are one text; what the registry or an array says it is, that; other numbers are an array. */
static void array(const struct json *j, const struct ndr_node *node, const uint8_t *p)
{
	unsigned type = node->show == NDR_SHOW_value ? j->n->level : 0;

	if (node->show == NDR_SHOW_text || type == REG_SZ || type == REG_EXPAND_SZ || type == REG_LINK) {
		text(j, p, node->len, node->u && node->show == NDR_SHOW_text ? FT_UTF16BE : FT_UTF16);
	} else if (((type == REG_DWORD || type == REG_DWORD_BIG_ENDIAN) && node->len == 4) || (type == REG_QWORD && node->len == 8)) {
		number(j, ndr_load(p, node->len, type == REG_DWORD_BIG_ENDIAN), FT_U64);
	} else if (node->width == 1) {
		hex(j, p, node->len);
	} else {
		text_puts(j->o, "[");
		for (uint32_t i = 0; i + node->width <= node->len && i / node->width < j->longest; i += node->width) {
			if (i)
				text_puts(j->o, ",");
			number(j, ndr_load(p + i, node->width, node->u), node->type);
		}
		text_puts(j->o, "]");
	}
}

static void part(const struct json *j, const struct ndr_node *node, const uint8_t *p)
{
	struct span bytes = { p, node->len };
	char *sddl;
	size_t n;

	text_puts(j->o, "\"");
	if (node->show == NDR_SHOW_sid) {
		text_add_sid(j->o, bytes);
	} else {
		size_t room = 256 + 16 * (size_t)node->len;

		sddl = arena_alloc(j->n->arena, room);
		n = dtyp_sddl(sddl, room, bytes, ALL_PARTS);
		text_add_utf8(j->o, sddl, n < room ? n : room - 1, TEXT_JSON);
	}
	text_puts(j->o, "\"");
}

static void object(const struct json *j, const struct ndr_node *node);

static void one(const struct json *j, const struct ndr_node *node)
{
	const uint8_t *p = j->n->d->bytes + node->off;

	switch (node->what) {
	case NDR_VALUE: value(j, node); break;
	case NDR_SPAN:  span(j, node, p); break;
	case NDR_ARRAY: array(j, node, p); break;
	case NDR_PART:  part(j, node, p); break;
	default:        object(j, node->child);
	}
}

/* The elements of an array follow each other.  Returns what comes behind them. */
static const struct ndr_node *several(const struct json *j, const struct ndr_node *node)
{
	unsigned field = node->field;
	uint32_t n = 0;

	text_puts(j->o, "[");
	for (; node && node->field == field; node = next_said(node->next), n++) {
		if (n > j->longest)
			continue;
		if (n)
			text_puts(j->o, ",");
		if (n == j->longest)
			text_puts(j->o, "\"…\"");
		else
			one(j, node);
	}
	text_puts(j->o, "]");
	return node;
}

static void object(const struct json *j, const struct ndr_node *node)
{
	bool first = true;

	text_puts(j->o, "{");
	for (node = next_said(node); node; first = false) {
		text_puts(j->o, first ? "\"" : ",\"");
		text_puts(j->o, key_of(node));
		text_puts(j->o, "\":");
		if (node->element) {
			node = several(j, node);
		} else {
			one(j, node);
			node = next_said(node->next);
		}
	}
	text_puts(j->o, "}");
}

void ndr_json(struct text_out *o, const struct ndr *n, const struct ndr_node *first, uint32_t longest)
{
	object(&(struct json){ o, n, longest }, first);
}

/* The first text, SID or RID of a request. */
static bool named(const struct json *j, const struct ndr_node *node, bool rid)
{
	for (node = next_said(node); node; node = next_said(node->next)) {
		const uint8_t *p = j->n->d->bytes + node->off;

		if (node->what == NDR_GROUP) {
			if (named(j, node->child, rid))
				return true;
		} else if (rid) {
			if (node->what == NDR_VALUE && strcmp(key_of(node), "rid") == 0) {
				text_puts(j->o, "rid ");
				text_dec(j->o, node->u);
				return true;
			}
		} else if (node->what == NDR_PART && node->show == NDR_SHOW_sid) {
			text_add_sid(j->o, (struct span){ p, node->len });
			return true;
		} else if (node->what == NDR_SPAN && node->len > 2 && (node->type == FT_UTF16 || node->type == FT_OEM)) {
			uint32_t len = min_u32(node->len, 100);

			while (len && !p[len - 1])
				len--;
			if (node->type == FT_UTF16)
				text_add_utf16(j->o, p, (len + 1) & ~1u, TEXT_RAW);
			else
				text_add_oem(j->o, p, len, TEXT_RAW);
			return true;
		}
	}
	return false;
}

void ndr_named(struct text_out *o, const struct ndr *n, const struct ndr_node *first)
{
	const struct json j = { o, n, UINT32_MAX };

	if (!named(&j, first, false))
		(void)named(&j, first, true);
}

struct span ndr_handle(const struct ndr *n, const struct ndr_node *node)
{
	struct span handle = { 0 };

	for (; node; node = node->next)
		if (node->what == NDR_SPAN && node->field >= F__rpc && node->type == FT_BYTES && node->len == NDR_HANDLE) {
			handle = (struct span){ n->d->bytes + node->off, NDR_HANDLE };
			if (!n->response)
				break;
		}
	return handle;
}
