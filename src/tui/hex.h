/* The bytes of a message's sources, sixteen to a row. */
#ifndef TUI_HEX_H
#define TUI_HEX_H

#include "tui/view.h"

#define HEX_ROW   16u
#define HEX_WIDTH 75        /* columns of a row */

/* What is shown of a source: rows from top on, and which bytes are marked. */
struct hex {
	const struct source *source;       /* NULL: none */
	uint32_t top, height;              /* in rows */
	uint32_t mark, mark_len;           /* the field's bytes; len 0: none */
	uint32_t cursor;
	bool active;                       /* the cursor is seen */
};

/* hex_rows is how many rows the source has. */
uint32_t hex_rows(const struct hex *);
/* hex_show brings the byte at into view. */
void hex_show(struct hex *, uint32_t at);
void hex_draw(struct tui *, const struct hex *, int y, int x, int width);
/* hex_save writes the rows seen: a byte that is marked stands in [ ], one not captured is --. */
void hex_save(const struct hex *, FILE *);
const char *hex_source_name(const struct source *);

#endif
