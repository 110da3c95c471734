/* Between the words of a display filter, its values and its tests. */
#ifndef SHOW_FILTER_PARSE_H
#define SHOW_FILTER_PARSE_H

#include "show/filter_private.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_SIGN };

struct token {
	enum token_kind kind;
	char sign[4];             /* of signs */
	bool raw, character;      /* strings: r"...", '...' */
	uint32_t at, end;
	char *text;               /* words and strings, in the arena; escapes resolved */
	uint32_t len;
};

struct parser {
	struct filter *f;
	const char *s;
	uint32_t n, at;           /* at: behind the token at hand */
	struct token t;
	struct err *e;
	uint32_t where;
	uint32_t depth;
	bool failed;
};

/* filter_any_value reads a value, filter_any_test a test or value; NULL after a failure. */
struct filter_node *filter_any_value(struct parser *);
struct filter_node *filter_any_test(struct parser *);

/* --- filter_node.c --- */

/* The token at hand: is it this sign, this word; filter_took: either, and then the next token is read. */
bool filter_is_sign(const struct parser *, const char *sign);
bool filter_is_word(const struct parser *, const char *text);
bool filter_took(struct parser *, const char *what);
/* filter_unexpected fails: the token at hand is not what should stand here. */
struct filter_node *filter_unexpected(struct parser *, const char *wanted);
/* filter_no_field fails: a literal stands where a field is wanted; it says which fields have such a name. */
struct filter_node *filter_no_field(struct parser *, const struct filter_node *);

/* filter_new makes a node that begins at a byte of the text and ends before the token at hand. */
struct filter_node *filter_new(struct parser *, enum node_kind, uint32_t at);
/* filter_both makes a node over two; NULL if one is. */
struct filter_node *filter_both(struct parser *, enum node_kind, struct filter_node *a, struct filter_node *b);
bool filter_is_test(const struct filter_node *);
/* filter_as_value returns n if it is a value, else fails; NULL stays NULL. */
struct filter_node *filter_as_value(struct parser *, struct filter_node *n);
/* filter_typed gives a literal that has no class yet this one, as the values of slot (-1: none) have it. */
struct filter_node *filter_typed(struct parser *, struct filter_node *, enum filter_class, int slot);
/* filter_deeper counts a parenthesis; p->depth-- ends it. */
bool filter_deeper(struct parser *);
/* filter_use asks for the values of a field, not its presence alone. */
void filter_use(struct parser *, const struct filter_node *);
/* filter_slot_of is the field whose values a node has, for the names and size of its literals; -1: computed. */
int filter_slot_of(const struct filter_node *);
bool filter_has_bytes(enum filter_class);
bool filter_comparable(enum filter_class, enum filter_class);

/* --- filter_token.c --- */

/* filter_next reads the next token into p->t; TOKEN_END at the end and after a failure. */
void filter_next(struct parser *);
/* filter_fail says what is wrong at a byte of the text, once; returns NULL. */
struct filter_node *filter_fail(struct parser *, uint32_t at, const char *format, ...) PRINTF(3, 4);

#endif
