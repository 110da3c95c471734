/* What the parts of the display filter share: values, nodes, the filter itself. */
#ifndef SHOW_FILTER_PRIVATE_H
#define SHOW_FILTER_PRIVATE_H

#include "base/limits.h"
#include "base/mem.h"
#include "show/filter.h"

/* What can be compared with what. */
enum filter_class {
	CLASS_NONE,      /* a group: only its presence; of a literal: not known yet */
	CLASS_NUMBER,
	CLASS_BOOL,
	CLASS_TEXT,      /* UTF-8 */
	CLASS_BYTES,
	CLASS_PROTO,     /* a protocol: presence and bytes */
	CLASS_ETHER,
	CLASS_OID,
	CLASS_GUID,      /* 16 bytes in the order they are written in */
	CLASS_IPV4,
	CLASS_IPV6,
	CLASS_TIME,
	CLASS_DURATION,
};

struct filter_value {
	uint64_t u;           /* numbers, IPv4; times: seconds, signed */
	const uint8_t *p;     /* all others: the bytes */
	uint32_t len;
	uint32_t ns;          /* times: nanoseconds beyond u */
	uint8_t cls;
	uint16_t layer;       /* of a field: the message of the frame it stands in, from 1 */
	uint8_t prefix;       /* addresses: bits that count, 32 or 128 unless a literal says less */
	bool negative;        /* numbers: u is below zero, in two's complement */
};

/* How a field is asked for: by its value; string(name), whatever it is, as text; @name, its bytes. */
enum filter_form { FORM_VALUE, FORM_TEXT, FORM_RAW };

/* A name of the filter, and what was heard of it in this frame. */
struct filter_slot {
	const char *name;
	uint8_t cls;
	bool values;          /* false: only its presence is asked for */
	bool outer;           /* of the frame, or around the messages: its layer is 1 */
	uint8_t form;         /* enum filter_form */
	uint64_t layers;      /* in which it occurred: bit 0 for the first, bit 63 for all from the 64th on */
	struct filter_value *v;
	uint32_t n;           /* how often it occurred */
	uint32_t kept, cap;   /* values in v */
};

enum node_kind {
	/* values */
	NODE_FIELD, NODE_LITERAL, NODE_SLICE, NODE_CALL, NODE_ARITHMETIC,
	/* tests */
	NODE_AND, NODE_OR, NODE_XOR, NODE_NOT, NODE_EXISTS, NODE_RELATION, NODE_IN,
};
enum relation { REL_EQ, REL_NE, REL_GT, REL_GE, REL_LT, REL_LE, REL_CONTAINS, REL_MATCHES };
enum call { CALL_LOWER, CALL_UPPER, CALL_LEN, CALL_COUNT, CALL_STRING, CALL_ABS, CALL_MIN, CALL_MAX };

/* Part of a slice, or of a choice of layers: [from, from+len), or up to the end; negative from counts from the end.  to_last:
 * to is the last byte and may be negative. */
struct filter_range {
	int32_t from, to;
	enum { RANGE_LEN, RANGE_LAST, RANGE_REST } kind;
};

struct regex;
struct filter_node {
	uint8_t kind, cls;
	uint8_t op;                       /* enum relation, enum call, or + - * / % & */
	bool all;                         /* relations: every pair, not any */
	bool quoted, raw;                 /* literals: how they were written */
	uint32_t at, end;                 /* bytes of the filter's text */
	struct filter_node *a, *b, *next; /* operands; next: of the set behind IN, of arguments */
	struct filter_node *high;         /* of a range in a set: its end */
	uint16_t slot;                    /* fields */
	struct filter_value value;        /* literals */
	const char *text;                 /* literals, as written (quotes and escapes resolved); fields: the name */
	uint32_t text_len;
	struct filter_range *ranges;      /* of slices; of fields: layers, none for all */
	uint32_t n_ranges;
	struct regex *regex;
};

struct filter_want {
	uint16_t slot, next;              /* next want of the same id; 0 ends */
};

struct filter {
	struct sink sink, tee;            /* sink stands first: the callbacks get their filter from it */
	struct sink *also;
	const struct dx_run *run;
	uint16_t first[F__COUNT];         /* the first want of an id; 0: not wanted */
	struct filter_want *wants;        /* from 1 on */
	uint32_t n_wants, cap_wants;
	struct filter_slot *slots;
	uint32_t n_slots, cap_slots;
	struct filter_node *root;
	struct arena arena;               /* of the compiled filter */
	struct arena heard, scratch;      /* bytes of the frame's values; of one evaluation */
	/* Groups open now.  A message ends where the furthest of its parts does: far. */
	struct { enum field_id id; uint8_t src; uint32_t off, far; } open[LIMIT_FILTER_DEPTH];
	uint32_t depth;
	uint16_t layer;                   /* messages that began in this frame */
	bool spans;                       /* the bytes of a protocol are asked for */
	uint32_t n_values;
	bool cut;
	uint64_t n_cut;
};

/* filter_parse makes f->root of text. */
bool filter_parse(struct filter *, const char *text, struct err *, uint32_t *where) MUST_CHECK;

/* filter_name finds the slot of a field or alias, making it if needed; -1: there is none of that name. */
int filter_name(struct filter *, const char *name);
/* filter_form is the slot of the same fields in another form. */
int filter_form(struct filter *, int slot, enum filter_form);
/* filter_class_name: "a number", "text" ... */
const char *filter_class_name(enum filter_class);
/* filter_literal gives the literal node n the class cls as the values of slot (-1: no field's) have it;
 * false with the reason in e. */
bool filter_literal(struct filter *, struct filter_node *n, enum filter_class cls, int slot, struct err *e) MUST_CHECK;

/* filter_order compares two values of comparable classes: < 0, 0, > 0.  An address is equal to a literal
 * whose prefix it begins with. */
int filter_order(const struct filter_value *, const struct filter_value *);
/* filter_test evaluates a test on what was heard. */
bool filter_test(struct filter *, const struct filter_node *);

/* A regular expression without references: a match takes time linear in the text, whatever text and pattern.
 * regex_compile: characters of UTF-8, or of bytes; regardless of case unless (?-i) stands first; NULL with
 * err, and *where in the pattern.  It lives in the arena. */
struct regex *regex_compile(struct arena *, const char *pattern, uint32_t n, bool bytes, struct err *, uint32_t *where) MUST_CHECK;
bool regex_match(struct regex *, const uint8_t *, uint32_t n);

#endif
