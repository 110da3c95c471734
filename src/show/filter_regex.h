/* A compiled regular expression: what its compiler makes and its matcher follows. */
#ifndef SHOW_FILTER_REGEX_H
#define SHOW_FILTER_REGEX_H

#include "base/text.h"
#include "show/filter_private.h"

enum op { OP_CHAR, OP_ANY, OP_SET, OP_ASSERT, OP_SPLIT, OP_JUMP, OP_MATCH };
enum assertion { AT_BEGIN, AT_END, AT_VERY_END, AT_WORD, NOT_AT_WORD };

struct range {
	uint32_t low, high;
};
struct set {
	struct range *r;
	uint32_t n, cap;
	bool not;
};

struct instruction {
	enum op op;
	uint32_t x, y;
	const struct set *set;
};

struct list {
	uint32_t *pc, n;
};
struct regex {
	struct instruction *code;
	uint32_t n;
	bool bytes, caseless, dot_all;
	/* while matching */
	struct list now, later;
	uint32_t *stack, *mark, generation;
};

/* regex_folded: as characters are compared. */
static inline uint32_t regex_folded(const struct regex *rx, uint32_t c)
{
	return rx->caseless && (c < 0x80 || !rx->bytes) ? text_upcase(c) : c;
}

#endif
