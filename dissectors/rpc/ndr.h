/* The tables that the interface compiler (idl/idlc.c) makes, and what ndr.c makes of stub data by them.  C706 14, MS-RPCE 2.2.4, 2.2.5. */
#ifndef DISSECTORS_NDR_H
#define DISSECTORS_NDR_H

#include "base/text.h"
#include "dissect.h"

enum ndr_kind { NDR_SCALAR, NDR_STRUCT, NDR_UNION };
/* What stands between a member and its type, from the outside in. */
enum ndr_level {
	NDR_NONE,
	NDR_UNIQUE, NDR_REF, NDR_FULL,     /* pointers */
	NDR_CONFORMANT,                    /* arrays: how many there is room for stands before them */
	NDR_VARYING,                       /* from where on, how many there are */
	NDR_BOTH,
	NDR_STRING,                        /* as BOTH; text with its NUL */
	NDR_FIXED, NDR_FIXED_VARYING,
	NDR_PIPE,                          /* pieces, each with its count, up to one of 0 (C706 14.3.9) */
};
#define NDR_LEVELS 6

/* Bytes that another specification describes. */
enum ndr_show {
	NDR_SHOW_NONE,
	NDR_SHOW_sid,                      /* RPC_SID, MS-DTYP 2.4.2.3 */
	NDR_SHOW_ntlm_response,            /* NTLMv2_RESPONSE where it is longer than NTLM_RESPONSE, MS-NLMP 2.2.2.8, 2.2.2.6 */
	NDR_SHOW_tower,                    /* protocol tower, C706 appendix L */
	NDR_SHOW_devmode,                  /* DEVMODE, MS-RPRN 2.2.2.1 */
	NDR_SHOW_printer_data,             /* of a registry type, the call's level */
	NDR_SHOW_printer_values,           /* PRINTER_ENUM_VALUES, MS-RPRN */
	NDR_SHOW_connection_info,          /* PRINTER_INFO_4 */
	/* The structures of MS-RPRN 2.2.2 in an answer, in the order of enum spoolss_info */
	NDR_SHOW_printer_info, NDR_SHOW_job_info, NDR_SHOW_driver_info, NDR_SHOW_form_info, NDR_SHOW_port_info, NDR_SHOW_monitor_info,
	NDR_SHOW_processor_info, NDR_SHOW_datatype_info,
	NDR_SHOW_secdesc,                  /* self-relative SECURITY_DESCRIPTOR, MS-DTYP 2.4.6 */
	NDR_SHOW_secdesc_printer,          /* that of a printer, MS-RPRN */
	NDR_SHOW_secdesc_key,              /* that of a registry key, MS-RRP 2.2.3 */
	/* Told besides the array's elements. */
	NDR_SHOW_text,                     /* UTF-16 */
	NDR_SHOW_value,                    /* a registry value, its type is the call's level (MS-RRP) */
};

struct ndr_type {
	uint8_t kind, width, align, align64;
	uint16_t load;                     /* enum field_type */
	bool is_enum, conformant;
	bool flat;                         /* of a union: no group, its discriminant is told as the member's field */
	uint16_t first, n, tag;            /* members or arms; a union's discriminant's type */
};

struct ndr_member {
	uint16_t field, type;              /* enum field_id; in the table of types */
	uint8_t level[NDR_LEVELS], show;
	uint8_t in, out, is_default;       /* parameters; arms */
	uint16_t counts;                   /* enum field_id of the count before an array, 0: the usual one */
	bool all_counts;                   /* the next two ids are its offset's and its actual count's */
	bool is_level, is_entries;         /* its value says what bytes of another specification hold; how many of it */
	uint32_t count, value;             /* of a fixed array; an arm's case */
};

struct ndr_op {
	const char *name;
	uint16_t first, n;
	uint16_t result_type, result_field;   /* field 0: it returns nothing */
	bool opaque;                       /* what it carries is not described */
	bool own;                          /* Wireshark shows it as bytes */
};

struct ndr_interface {
	uint8_t uuid[16];
	uint16_t version, proto, opnum;    /* fields */
	uint16_t first, n;                 /* operations */
	const char *name;
};

enum ndr_what {
	NDR_VALUE,                         /* an integer */
	NDR_SPAN,                          /* bytes or text */
	NDR_ARRAY,                         /* of integers */
	NDR_GROUP,                         /* a structure, a union, what a pointer leads to */
	NDR_PART,                          /* bytes of another specification */
};

/* What stub data says, as a tree: a pointer's target stands below the pointer, wherever it lies. */
struct ndr_node {
	struct ndr_node *next, *child, **end;
	uint64_t u;                        /* NDR_VALUE: the value; NDR_ARRAY: 1 if big-endian */
	uint32_t off, len;
	uint16_t field, type;              /* of the field; enum field_type of how it is written */
	uint8_t what, width, show;
	bool element;                      /* of an array */
};

/* What is known while stub data is read. */
struct ndr {
	struct dx *d;
	struct arena *arena;
	struct seen *seen;         /* full pointers whose targets have come (C706 14.3.10) */
	uint64_t conformance;      /* of the array that ends the structure being read */
	uint32_t nodes, good;      /* made; position up to which all could be read */
	uint32_t full;             /* in seen */
	uint32_t level, entries;   /* of the call: what a buffer holds, how many of it */
	uint8_t depth;
	bool be, wide, bad, response;   /* wide: NDR64 */
	bool counted;              /* entries holds */
	bool conforms;             /* conformance holds */
};

/* ndr_load is the integer of width bytes at p. */
static inline uint64_t ndr_load(const uint8_t *p, unsigned width, bool be)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < width; i++)
		v |= (uint64_t)p[i] << 8 * (be ? width - 1 - i : i);
	return v;
}

/* ndr_tell tells the tree to the run's listener (ndr_tell.c). */
void ndr_tell(const struct ndr *, const struct ndr_node *first);
/* ndr_json writes what the tree says as a JSON object: keys are the last parts of the fields' names, what only NDR needs is left
 * out, as is what is not there; numbers of over 53 bits, times and bytes are text.  longest: so many characters of a text and
 * elements of an array are written, then "…" (ndr_json.c). */
void ndr_json(struct text_out *, const struct ndr *, const struct ndr_node *first, uint32_t longest);

/* ndr_named writes what a request names: its first text or SID, else its first RID.  ndr_handle is the context handle that a
 * request names first, an answer last; p NULL: none. */
#define NDR_HANDLE 20u
void ndr_named(struct text_out *, const struct ndr *, const struct ndr_node *first);
struct span ndr_handle(const struct ndr *, const struct ndr_node *first);

#endif
