/* The name tables, made from all *_names.def. */
#include "names.h"

#define NAMES(block) const char *name_##block(uint64_t v) { switch (v) {
#define N(value, text) case value: return text;
#define NAMES_END default: return NULL; } }
#include "gen/names_all.def"
#undef NAMES
#undef N
#undef NAMES_END

#define NAMES(block) static const struct name_row rows_##block[] = {
#define N(value, text) { value, text },
#define NAMES_END { 0, NULL } };
#include "gen/names_all.def"
#undef NAMES
#undef N
#undef NAMES_END

const struct name_block name_blocks[] = {
#define NAMES(block) { #block, rows_##block },
#define N(value, text)
#define NAMES_END
#include "gen/names_all.def"
#undef NAMES
#undef N
#undef NAMES_END
	{ NULL, NULL }
};
