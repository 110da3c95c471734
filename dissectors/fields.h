/* Display fields: one line each in a *_fields.def, which gives the id, the wire type, the name. */
#ifndef DISSECTORS_FIELDS_H
#define DISSECTORS_FIELDS_H

#include "base/span.h"
#include "gen/fields_rpc.h"

/*
 * Lines of a *_fields.def:
 *   PROTO(id, "name", "Label")                                     a protocol layer
 *   FIELD(id, TYPE, BASE, names, "wireshark.name", "Label")        a field; names: a NAMES block or none
 *   OWN  (id, TYPE, BASE, names, "smbscope.name", "Label")         one that Wireshark lacks
 *   FLAG (id, parent, mask, "wireshark.name", "Label")             one bit of the field above
 *   BITS (id, parent, mask, BASE, names, "wireshark.name", "Label") several bits of it
 * FLAG and BITS lines follow their field directly; they are reported with it, never read.
 */

/* Wire types.  Low nibble: bytes on the wire that d_get reads; 0: the dissector says how many. */
enum field_type {
	FT_NONE   = 0x000,  /* a group */
	FT_BYTES  = 0x010,
	FT_UTF16  = 0x020,
	FT_OEM    = 0x030,  /* 8-bit text of the sender's code page (shown as CP437/Latin where ASCII ends) */
	FT_STR    = 0x040,  /* FT_UTF16 or FT_OEM, as the message says: d_string */
	FT_GUID   = 0x050,
	FT_OID    = 0x060,
	FT_PROTO  = 0x070,
	FT_TEXT   = 0x080,  /* generated UTF-8 text */
	FT_FRAME  = 0x090,  /* generated frame number */
	FT_REL    = 0x0a0,  /* generated duration, nanoseconds */
	FT_IPV6   = 0x0b0,
	FT_ETHER  = 0x0c0,
	FT_UINT   = 0x0d0,  /* big-endian number of 1 to 8 bytes, or generated */
	FT_STAMP  = 0x0e0,  /* generated time, nanoseconds since 1970 */
	FT_SID    = 0x0f0,  /* MS-DTYP 2.4.2.2, shown as S-1-... */
	FT_SUBAUTH = 0x110, /* the numbers at a SID's end */
	FT_NBNAME = 0x120,  /* a NetBIOS name, encoded (RFC 1001 14.1), shown as NAME<20> */
	FT_SMBSTR = 0x130,  /* a byte that says what follows, and 8-bit text (MS-CIFS 2.2.1.1) */
	FT_GUIDBE = 0x140,  /* a UUID in the order it is written in (C706 appendix A) */
	FT_GTIME  = 0x150,  /* GeneralizedTime, text: YYYYMMDDHHMMSSZ (RFC 4120 5.2.3) */
	FT_UTF16BE = 0x160, /* UTF16 in the order of a big-endian sender (C706 14.1): told by dx_emit_as, no line's type */
	FT_GUIDSTR = 0x170, /* FT_GUID where other values of the name are text */
	FT_U8     = 0x001,
	FT_U16    = 0x002,
	FT_U24    = 0x003,
	FT_U32    = 0x004,
	FT_U64    = 0x008,
	FT_U16BE  = 0x102,
	FT_U24BE  = 0x103,
	FT_U32BE  = 0x104,
	FT_U64BE  = 0x108,
	FT_I16    = 0x202,  /* signed: d_get returns the bits sign-extended to 64 */
	FT_I32    = 0x204,
	FT_I64    = 0x208,
	FT_BOOL8  = 0x301,
	FT_IPV4   = 0x404,  /* network order */
	FT_FILETIME = 0x508,/* 100 ns since 1601, MS-DTYP 2.3.3 */
	FT_UTIME  = 0x604,  /* seconds since 1970, MS-CIFS UTIME */
	FT_DOSDATE = 0x702, /* MS-CIFS SMB_DATE */
	FT_DOSTIME = 0x802, /* MS-CIFS SMB_TIME */
	FT_MSTIME = 0x904,  /* milliseconds, shown as a duration */
	FT_FLAG   = 0xf00,  /* bits of its parent */
};
#define FT_WIDTH(type) ((type) & 0xf)

/* HEX has the digits of the width on the wire; HEX32 eight. */
enum field_base { BASE_NONE, BASE_DEC, BASE_HEX, BASE_STR, BASE_OCT, BASE_HEX32 };

/* One id per line, and FW_<id>: its wire type as a constant. */
enum field_id {
	F__none,
#define PROTO(id, abbrev, label)                             F_##id,
#define FIELD(id, type, base, names, abbrev, label)          F_##id,
#define OWN(id, type, base, names, abbrev, label)            F_##id,
#define FLAG(id, parent, mask, abbrev, label)                F_##id,
#define BITS(id, parent, mask, base, names, abbrev, label)   F_##id,
#define SECTION(file, title)                                 F__from_##file, F__before_##file = F__from_##file - 1,
#include "gen/fields_all.def"
	F__rpc,                         /* the first of the interfaces' fields: rpc/rpc_fields.h */
	F__COUNT = F__rpc + RPC_FIELDS
};
enum {
#define PROTO(id, abbrev, label)                             FW_##id = FT_PROTO,
#define FIELD(id, type, base, names, abbrev, label)          FW_##id = FT_##type,
#define OWN(id, type, base, names, abbrev, label)            FW_##id = FT_##type,
#define FLAG(id, parent, mask, abbrev, label)                FW_##id = FT_FLAG,
#define BITS(id, parent, mask, base, names, abbrev, label)   FW_##id = FT_FLAG,
#define SECTION(file, title)
#include "gen/fields_all.def"
	FW__COUNT
};

struct field {
	const char *abbrev, *label;
	const char *(*name)(uint64_t);  /* value to name; NULL where the field has no names */
	uint64_t mask;                  /* FT_FLAG only */
	uint16_t type, parent;
	uint8_t base;
	bool own, one_bit;              /* Wireshark lacks it; a FLAG line */
};
extern const struct field fields[F__COUNT];

/* The fields of one file, in its order: those of a message, or of a part that several have. */
struct field_section {
	const char *title;
	uint16_t first;                 /* its first id; it goes to the next section's */
};
extern const struct field_section field_sections[];  /* in the order of ids; ends with title NULL and first F__COUNT */

/* field_find returns the first id of that name, F__none if there is none. */
enum field_id field_find(const char *abbrev);
/* field_next_same returns the next id after id with the same name, F__none if there is none. */
enum field_id field_next_same(enum field_id id);
/* field_bit returns the value of the FLAG or BITS line id in its parent's value. */
uint64_t field_bit(enum field_id id, uint64_t parent_value);
/* field_type_name returns a word for the type, as `smbscope fields` prints it ("UINT32", "STRING"...). */
const char *field_type_name(enum field_id id);

#endif
