/* Names of values, one line each in a *_names.def:
 *   NAMES(block) N(value, "NAME") ... NAMES_END
 * Each block becomes a function from value to name (a value given twice does not compile)
 * and an array for completion and documentation. */
#ifndef DISSECTORS_NAMES_H
#define DISSECTORS_NAMES_H

#include "base/span.h"

/* name_<block> returns the name of v, NULL if it has none. */
#define NAMES(block) const char *name_##block(uint64_t v);
#define N(value, text)
#define NAMES_END
#include "gen/names_all.def"
#undef NAMES
#undef N
#undef NAMES_END

struct name_row {
	uint64_t value;
	const char *text;
};
struct name_block {
	const char *block;
	const struct name_row *rows;  /* as in the file; ends with text NULL */
};
extern const struct name_block name_blocks[];  /* ends with block NULL */

#endif
