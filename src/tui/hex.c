/* The bytes of a message's sources, sixteen to a row. */
#include "tui/hex.h"

uint32_t hex_rows(const struct hex *h)
{
	return h->source ? h->source->len / HEX_ROW + (h->source->len % HEX_ROW != 0) : 0;
}

void hex_show(struct hex *h, uint32_t at)
{
	uint32_t row = at / HEX_ROW, rows = hex_rows(h), height = h->height ? h->height : 1;

	/* A row of what stands before is left in view, and as much of what follows as there is room. */
	if (row < h->top)
		h->top = row ? row - 1 : 0;
	if (row >= h->top + height)
		h->top = row - height + 1;
	if (rows <= height)
		h->top = 0;
	else if (h->top > rows - height)
		h->top = rows - height;
}

static bool there(const struct source *s, uint32_t at)
{
	if (at >= s->have || !s->bytes)
		return false;
	for (uint32_t i = 0; i < s->n_holes && s->holes[i].off <= at; i++) {
		if (at - s->holes[i].off < s->holes[i].len)
			return false;
	}
	return true;
}

static bool marked(const struct hex *h, uint32_t at)
{
	return at >= h->mark && at - h->mark < h->mark_len;
}

static enum look byte_look(const struct hex *h, uint32_t at)
{
	if (h->active && at == h->cursor)
		return LOOK_CURSOR;
	return marked(h, at) ? LOOK_MARK : there(h->source, at) ? LOOK_TEXT : LOOK_DIM;
}

static int byte_x(uint32_t i)
{
	return 8 + 3 * (int)i + (i >= HEX_ROW / 2);
}

static void draw_row(struct tui *t, const struct hex *h, uint32_t row, int y, int x, int width)
{
	struct screen *s = &t->screen;
	char text[16];

	snprintf(text, sizeof(text), "%06x", row * HEX_ROW);
	screen_put(s, y, x, 7, LOOK_DIM, text);
	for (uint32_t i = 0; i < HEX_ROW; i++) {
		uint32_t at = row * HEX_ROW + i;
		int ascii = byte_x(HEX_ROW) + 1 + (int)i;
		bool here;

		if (at >= h->source->len)
			break;
		here = there(h->source, at);
		snprintf(text, sizeof(text), here ? "%02x" : "--", here ? h->source->bytes[at] : 0);
		if (byte_x(i) + 2 <= width)
			screen_put(s, y, x + byte_x(i), 2, byte_look(h, at), text);
		/* The gap between two marked bytes is marked, so that a field is one stretch. */
		if (marked(h, at) && marked(h, at + 1) && i + 1 < HEX_ROW && byte_x(i + 1) <= width)
			screen_put(s, y, x + byte_x(i) + 2, byte_x(i + 1) - byte_x(i) - 2, LOOK_MARK, "");
		snprintf(text, sizeof(text), "%c",
		         !here ? ' ' : h->source->bytes[at] >= 0x20 && h->source->bytes[at] < 0x7f ? h->source->bytes[at] : '.');
		if (ascii < width)
			screen_put(s, y, x + ascii, 1, byte_look(h, at), text);
	}
}

void hex_draw(struct tui *t, const struct hex *h, int y, int x, int width)
{
	for (uint32_t i = 0; i < h->height && h->top + i < hex_rows(h); i++)
		draw_row(t, h, h->top + i, y + (int)i, x, width);
}

void hex_save(const struct hex *h, FILE *f)
{
	for (uint32_t row = h->top; row < h->top + h->height && row < hex_rows(h); row++) {
		bool open = false;

		fprintf(f, "%06x ", row * HEX_ROW);
		for (uint32_t i = 0; i < HEX_ROW; i++) {
			uint32_t at = row * HEX_ROW + i;
			bool in = at < h->source->len && marked(h, at);

			fputc(in && !open ? '[' : !in && open ? ']' : ' ', f);
			open = in;
			if (at >= h->source->len)
				fputs("  ", f);
			else if (there(h->source, at))
				fprintf(f, "%02x", h->source->bytes[at]);
			else
				fputs("--", f);
		}
		fputs(open ? "] " : "  ", f);
		for (uint32_t i = 0; i < HEX_ROW && row * HEX_ROW + i < h->source->len; i++) {
			uint32_t at = row * HEX_ROW + i;
			uint8_t c = there(h->source, at) ? h->source->bytes[at] : ' ';

			fputc(c >= 0x20 && c < 0x7f ? c : '.', f);
		}
		fputc('\n', f);
	}
}

const char *hex_source_name(const struct source *s)
{
	static const char *const names[] = {
		[SOURCE_CAPTURED] = "captured", [SOURCE_DECRYPTED] = "decrypted", [SOURCE_DECOMPRESSED] = "expanded",
		[SOURCE_REASSEMBLED] = "gathered from several messages",
	};

	return s->kind < COUNT(names) ? names[s->kind] : "bytes";
}
