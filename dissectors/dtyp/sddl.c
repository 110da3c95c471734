/* Security descriptors as text, in the definition language.  MS-DTYP 2.5.1.  Rights that have no two letters as a whole are
 * a number; what stands behind an ACE's SID and is neither a condition nor a resource attribute is in hex behind '#'. */
#include "sddl.h"

enum { OWNER = 0x01, GROUP = 0x02, DACL = 0x04, SACL = 0x08 | 0x10 | 0x20 | 0x40 };   /* SECURITY_INFORMATION, 2.4.7 */
enum { CONTROL_DACL_PRESENT = 0x0004, CONTROL_SACL_PRESENT = 0x0010 };

static const struct {
	const char letters[3], *sid;
} sids[] = {
	{ "WD", "S-1-1-0" }, { "CO", "S-1-3-0" }, { "CG", "S-1-3-1" }, { "OW", "S-1-3-4" }, { "NU", "S-1-5-2" },
	{ "IU", "S-1-5-4" }, { "SU", "S-1-5-6" }, { "AN", "S-1-5-7" }, { "ED", "S-1-5-9" }, { "PS", "S-1-5-10" },
	{ "AU", "S-1-5-11" }, { "RC", "S-1-5-12" }, { "SY", "S-1-5-18" }, { "LS", "S-1-5-19" }, { "NS", "S-1-5-20" },
	{ "BA", "S-1-5-32-544" }, { "BU", "S-1-5-32-545" }, { "BG", "S-1-5-32-546" }, { "PU", "S-1-5-32-547" },
	{ "AO", "S-1-5-32-548" }, { "SO", "S-1-5-32-549" }, { "PO", "S-1-5-32-550" }, { "BO", "S-1-5-32-551" },
	{ "RE", "S-1-5-32-552" }, { "RU", "S-1-5-32-554" }, { "RD", "S-1-5-32-555" }, { "NO", "S-1-5-32-556" },
	{ "MU", "S-1-5-32-558" }, { "LU", "S-1-5-32-559" }, { "IS", "S-1-5-32-568" }, { "CY", "S-1-5-32-569" },
	{ "ER", "S-1-5-32-573" }, { "CD", "S-1-5-32-574" }, { "RA", "S-1-5-32-575" }, { "ES", "S-1-5-32-576" }, { "MS", "S-1-5-32-577" },
	{ "HA", "S-1-5-32-578" }, { "AA", "S-1-5-32-579" }, { "RM", "S-1-5-32-580" }, { "WR", "S-1-5-33" },
	{ "UD", "S-1-5-84-0-0-0-0-0" }, { "AS", "S-1-18-1" }, { "SS", "S-1-18-2" }, { "AC", "S-1-15-2-1" }, { "LW", "S-1-16-4096" },
	{ "ME", "S-1-16-8192" }, { "MP", "S-1-16-8448" }, { "HI", "S-1-16-12288" }, { "SI", "S-1-16-16384" },
};

static const struct {
	uint32_t mask;
	char letters[3];
} rights[] = {
	{ 0x001f01ff, "FA" }, { 0x00120089, "FR" }, { 0x00120116, "FW" }, { 0x001200a0, "FX" }, { 0x10000000, "GA" },
	{ 0x80000000, "GR" }, { 0x40000000, "GW" }, { 0x20000000, "GX" }, { 0x00020000, "RC" }, { 0x00010000, "SD" },
	{ 0x00040000, "WD" }, { 0x00080000, "WO" },
};

static const char types[][3] = { "A", "D", "AU", "AL", "", "OA", "OD", "OU", "OL", "XA", "XD", "ZA", "", "XU", "", "", "",
                                 "ML", "RA", "SP", "TL", "FL" };
enum { MANDATORY_LABEL = 0x11, RESOURCE_ATTRIBUTE = 0x12, SCOPED_POLICY = 0x13 };

static uint32_t load(const uint8_t *p, unsigned width)
{
	return (uint32_t)dx_load(p, width == 2 ? FT_U16 : FT_U32);
}

uint32_t sddl_sid_length(struct span s)
{
	return s.len >= 8 && s.p[0] == 1 && s.p[1] <= 15 && s.len >= 8 + 4u * s.p[1] ? 8 + 4u * s.p[1] : 0;
}

void sddl_sid(struct text_out *o, struct span s)
{
	char text[192];

	s.len = sddl_sid_length(s);
	if (!s.len)
		return;
	text_sid(text, sizeof(text), s);
	for (size_t i = 0; i < COUNT(sids); i++)
		if (strcmp(sids[i].sid, text) == 0) {
			text_puts(o, sids[i].letters);
			return;
		}
	text_puts(o, text);
}

static void put_flags(struct text_out *o, unsigned flags)
{
	static const struct { uint8_t bit; char letters[3]; } names[] = {
		{ 0x01, "OI" }, { 0x02, "CI" }, { 0x04, "NP" }, { 0x08, "IO" }, { 0x10, "ID" }, { 0x40, "SA" }, { 0x80, "FA" },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (flags & names[i].bit)
			text_puts(o, names[i].letters);
}

static void put_rights(struct text_out *o, uint32_t mask, unsigned type)
{
	static const char label[][3] = { "NW", "NR", "NX" };      /* SYSTEM_MANDATORY_LABEL_ACE, 2.4.4.13 */

	/* The grammar has no rights where they mean nothing. */
	if ((type == RESOURCE_ATTRIBUTE || type == SCOPED_POLICY) && !mask)
		return;
	if (type == MANDATORY_LABEL && mask && mask < 8) {
		for (unsigned i = 0; i < 3; i++)
			if (mask >> i & 1)
				text_puts(o, label[i]);
		return;
	}
	for (size_t i = 0; i < COUNT(rights); i++)
		if (rights[i].mask == mask) {
			text_puts(o, rights[i].letters);
			return;
		}
	text_puts(o, "0x");
	text_hexn(o, mask, 1);
}

/* The GUIDs of an object ACE, each if its flag says so (2.4.4.3); returns how many bytes they and the flags take. */
static uint32_t put_guids(struct text_out *o, struct span a)
{
	uint32_t flags = a.len >= 4 ? load(a.p, 4) : 0, at = 4;

	for (unsigned i = 0; i < 2; i++) {
		text_puts(o, ";");
		if (!(flags >> i & 1) || a.len < at + 16)
			continue;
		text_add_guid(o, a.p + at);
		at += 16;
	}
	return min_u32(at, a.len);
}

/* What an ACE has behind its SID. */
static void put_rest(struct text_out *o, struct span s, unsigned type)
{
	text_puts(o, ";");
	if (type == RESOURCE_ATTRIBUTE ? sddl_claim(o, s) : sddl_condition(o, s))
		return;
	text_puts(o, "#");
	text_add_bytes(o, s.p, s.len, 0);
}

/* An ACE by its AceSize (2.4.4.1): (type;flags;rights;object;inherited object;SID). */
static void put_ace(struct text_out *o, struct span a)
{
	unsigned type = a.p[0];
	bool object = dtyp_is_object_ace(type);
	uint32_t at = 8, skip;

	text_puts(o, "(");
	if (type < COUNT(types) && types[type][0]) {
		text_puts(o, types[type]);
	} else {
		text_puts(o, "0x");
		text_hexn(o, type, 2);
	}
	text_puts(o, ";");
	put_flags(o, a.p[1]);
	text_puts(o, ";");
	if (a.len >= 8)
		put_rights(o, load(a.p + 4, 4), type);
	at = min_u32(at, a.len);
	if (object)
		at += put_guids(o, (struct span){ a.p + at, a.len - at });
	else
		text_puts(o, ";;");
	text_puts(o, ";");
	sddl_sid(o, (struct span){ a.p + at, a.len - at });
	skip = sddl_sid_length((struct span){ a.p + at, a.len - at });
	if (skip && a.len - at > skip)
		put_rest(o, (struct span){ a.p + at + skip, a.len - at - skip }, type);
	text_puts(o, ")");
}

static void put_acl(struct text_out *o, struct span acl, unsigned control, const char *letter, unsigned shift)
{
	uint32_t n, at = 8;

	text_puts(o, letter);
	/* Protected, auto-inherit required, auto-inherited (2.4.6, Control). */
	if (control & 0x1000u << shift)
		text_puts(o, "P");
	if (control & 0x0100u << shift)
		text_puts(o, "AR");
	if (control & 0x0400u << shift)
		text_puts(o, "AI");
	if (acl.len < 8) {
		text_puts(o, "NO_ACCESS_CONTROL");
		return;
	}
	n = load(acl.p + 4, 2);
	for (; n && acl.len - at >= 4; n--) {
		uint32_t size = load(acl.p + at + 2, 2);

		if (size < 4 || size > acl.len - at)
			return;
		put_ace(o, (struct span){ acl.p + at, size });
		at += size;
	}
}

/* What begins at the offset that stands at `field` of the descriptor; 0: nothing. */
static struct span part(struct span d, uint32_t field)
{
	uint32_t off = load(d.p + field, 4);

	return off && off < d.len ? (struct span){ d.p + off, d.len - off } : (struct span){ 0 };
}

size_t dtyp_sddl(char *out, size_t size, struct span d, uint32_t information)
{
	struct text_out o = text_begin(out, size);
	unsigned control;

	if (d.len >= 20) {
		control = load(d.p + 2, 2);
		if ((information & OWNER) && part(d, 4).len) {
			text_puts(&o, "O:");
			sddl_sid(&o, part(d, 4));
		}
		if ((information & GROUP) && part(d, 8).len) {
			text_puts(&o, "G:");
			sddl_sid(&o, part(d, 8));
		}
		if ((information & DACL) && (control & CONTROL_DACL_PRESENT))
			put_acl(&o, part(d, 16), control, "D:", 0);
		if ((information & SACL) && (control & CONTROL_SACL_PRESENT))
			put_acl(&o, part(d, 12), control, "S:", 1);
	}
	text_end(&o);
	return o.end;
}
