/* Between the words of a display filter and its grammar. */
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

/* filter_next reads the next token into p->t; TOKEN_END at the end and after a failure. */
void filter_next(struct parser *);
/* filter_fail says what is wrong at a byte of the text, once; returns NULL. */
struct filter_node *filter_fail(struct parser *, uint32_t at, const char *format, ...) PRINTF(3, 4);

#endif
