/* The table of display fields, made from all *_fields.def. */
#include "fields.h"

#include <stdlib.h>

#include "names.h"
#include "rpc/rpc_fields.h"

#define name_none NULL

const struct field fields[F__COUNT] = {
	[F__none] = { .abbrev = "", .label = "" },
#define PROTO(id, ab, lb)                   [F_##id] = { .abbrev = ab, .label = lb, .type = FT_PROTO },
#define FIELD(id, ty, ba, names, ab, lb)    [F_##id] = { .abbrev = ab, .label = lb, .name = name_##names, \
                                                         .type = FT_##ty, .base = BASE_##ba },
#define OWN(id, ty, ba, names, ab, lb)      [F_##id] = { .abbrev = ab, .label = lb, .name = name_##names, \
                                                         .type = FT_##ty, .base = BASE_##ba, .own = true },
#define FLAG(id, pa, ma, ab, lb)            [F_##id] = { .abbrev = ab, .label = lb, .mask = (ma), .type = FT_FLAG, \
                                                         .parent = F_##pa, .one_bit = true },
#define BITS(id, pa, ma, ba, names, ab, lb) [F_##id] = { .abbrev = ab, .label = lb, .name = name_##names, .mask = (ma), \
                                                         .type = FT_FLAG, .parent = F_##pa, .base = BASE_##ba },
#define SECTION(file, title)
#include "gen/fields_both.def"
};

const struct field_section field_sections[] = {
#define PROTO(id, ab, lb)
#define FIELD(id, ty, ba, names, ab, lb)
#define OWN(id, ty, ba, names, ab, lb)
#define FLAG(id, pa, ma, ab, lb)
#define BITS(id, pa, ma, ba, names, ab, lb)
#define SECTION(file, text) { text, F__from_##file },
#include "gen/fields_both.def"
	{ NULL, F__COUNT }
};

enum field_id field_find(const char *abbrev)
{
	for (unsigned i = 1; i < F__COUNT; i++)
		if (strcmp(fields[i].abbrev, abbrev) == 0)
			return (enum field_id)i;
	return F__none;
}

enum field_id field_next_same(enum field_id id)
{
	for (unsigned i = (unsigned)id + 1; i < F__COUNT; i++)
		if (strcmp(fields[i].abbrev, fields[id].abbrev) == 0)
			return (enum field_id)i;
	return F__none;
}

uint64_t field_bit(enum field_id id, uint64_t parent_value)
{
	uint64_t mask = fields[id].mask;

	return mask ? (parent_value & mask) >> __builtin_ctzll(mask) : 0;
}

const char *field_type_name(enum field_id id)
{
	const struct field *f = &fields[id];

	switch (f->type) {
	case FT_NONE: return "GROUP";
	case FT_BYTES: return "BYTES";
	case FT_UTF16: case FT_OEM: case FT_STR: case FT_TEXT:
	case FT_SID: case FT_SUBAUTH: case FT_NBNAME: case FT_SMBSTR: case FT_GUIDSTR: return "STRING";
	case FT_GUID: case FT_GUIDBE: return "GUID";
	case FT_OID: return "OID";
	case FT_PROTO: return "PROTOCOL";
	case FT_FRAME: return "FRAMENUM";
	case FT_REL: case FT_MSTIME: return "RELATIVE_TIME";
	case FT_STAMP: case FT_FILETIME: case FT_UTIME: case FT_GTIME: return "ABSOLUTE_TIME";
	case FT_IPV4: return "IPv4";
	case FT_IPV6: return "IPv6";
	case FT_ETHER: return "ETHER";
	case FT_BOOL8: return "BOOLEAN";
	case FT_FLAG: return f->one_bit ? "BOOLEAN" : "UINT";
	case FT_I16: return "INT16";
	case FT_I32: return "INT32";
	case FT_I64: return "INT64";
	case FT_UINT: return "UINT";
	}
	switch (FT_WIDTH(f->type)) {
	case 1: return "UINT8";
	case 2: return "UINT16";
	case 3: return "UINT24";
	case 4: return "UINT32";
	}
	return "UINT64";
}
