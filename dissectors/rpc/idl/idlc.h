/* The interface compiler's view of an interface.  It runs when smbscope is built (see Makefile); nothing of it is in the program. */
#ifndef DISSECTORS_RPC_IDL_IDLC_H
#define DISSECTORS_RPC_IDL_IDLC_H

#include <stdbool.h>
#include <stdint.h>

#define MAX_LEVELS 6
#define MAX_UUIDS 2

enum kind { K_BASE, K_ENUM, K_BITMAP, K_STRUCT, K_UNION };

/* A name with a value: of an enumeration or a bitmap. */
struct constant {
	char *name;
	unsigned long value;
	bool whole;                       /* the name is that of the field, with prefix and all */
};

/* A member of a structure, an arm of a union, a parameter. */
struct member {
	char *name, *wireshark, *label;   /* wireshark: the field's name where it is not the usual one; NULL: it is */
	struct type *type;                /* NULL: an arm without anything */
	const struct type *home;          /* the field is this structure's; NULL: the member has its own */
	char levels[MAX_LEVELS + 1];      /* enum ndr_level of ndr.h, from the outside in, as its letters */
	char *counts[3];                  /* the names of its counts' fields (maximum, offset, actual), NULL: the usual ones */
	char *show;                       /* enum ndr_show without its prefix, NULL: none */
	unsigned long count;              /* of the fixed array */
	long value;                       /* the arm's case */
	bool is_default, own, in, out;
	bool outer, level, entries;       /* see idl_parse.c */
};

struct type {
	char *name, *label;
	struct interface *of;             /* NULL: built in */
	enum kind kind;
	unsigned index;                   /* in the table of types */
	/* K_BASE, K_ENUM, K_BITMAP: how it is written on the wire and in a *_fields.def. */
	unsigned width, align;
	const char *ft, *base, *names;
	struct constant *constants;
	/* K_STRUCT, K_UNION */
	struct member *members;
	struct type *tag;                 /* of a union: its discriminant's type */
	unsigned n, first;                /* constants or members; first of them in the table of members */
	bool conformant, own;             /* ends in a conformant array; its fields are none of Wireshark's */
	bool outer;                       /* has a member that is called as the member of this type */
	bool flat;                        /* a union that makes no group */
	bool rights;                      /* an access mask: its upper bits are those of MS-DTYP 2.4.3 */
	struct type *next;
};

struct operation {
	char *name, *label;               /* label: Microsoft's name */
	struct member *params;
	struct type *result;              /* NULL: none */
	char *result_name;                /* the field's name where it is not the usual one */
	unsigned n, first, result_field;
	bool opaque, own;
	struct operation *next;
};

struct interface {
	char *name, *label, *prefix;      /* prefix: of the names of fields */
	char *protocol;                   /* as a filter calls the interface, NULL: its prefix */
	uint8_t uuid[MAX_UUIDS][16];      /* little-endian */
	unsigned n_uuids;
	unsigned version, n, first;
	struct operation *operations;
	struct interface *next;
	const char *file;
	bool own;
};

extern struct type *types;                /* in the order of their index */
extern struct interface *interfaces;

void builtins(void);
void parse_file(const char *path);
void *xalloc(unsigned long n);
char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));

#endif
