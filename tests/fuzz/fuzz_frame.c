/* Frames of any link: tags, tunnels, IP and its fragments, down to TCP segments.
 * Input: link type (2 bytes); then for each frame its length (2), what the snap length took (1), its bytes. */
#include "fuzz.h"
#include "stream/frame.h"

struct target {
	const uint8_t *file;       /* the input: the frames' offsets are places in it */
	size_t n;
	struct frames *frames;
	uint32_t frame;
};

static void on_segment(void *arg, const struct segment *s)
{
	struct target *t = arg;
	char text[46];

	must(s->captured <= s->len && s->len <= 0x20000);
	if (s->captured) {
		must(s->at <= t->n && s->captured <= t->n - s->at);
		must(memcmp(s->payload, t->file + s->at, s->captured) == 0);
	}
	must(s->own.frame >= 1 && s->own.frame <= t->frame && s->when.frame == t->frame);
	addr_text(&s->src, text);
	must(strlen(text) >= 2 && strlen(text) < sizeof(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct target t = { .file = p, .n = n };
	uint16_t link = (uint16_t)input_uint(&in, 2);
	const struct frame_counts *c;

	t.frames = frames_new(on_segment, &t);
	while (in.n >= 3) {
		uint32_t len = (uint32_t)input_uint(&in, 2), cut = (uint32_t)input_uint(&in, 1);
		struct span data = input_span(&in, len);
		uint8_t *bytes = input_copy(data);
		struct frame_in f = { .data = bytes, .caplen = data.len, .origlen = data.len + cut * (cut > 127 ? 256 : 1),
		                      .at = (uint64_t)(data.p - p), .link = link,
		                      .when = { 1000000000 + (int64_t)t.frame * 1000, t.frame + 1, 0 } };

		t.frame++;
		frames_feed(t.frames, &f);
		free(bytes);
	}
	c = frames_counts(t.frames);
	must(c->skipped <= t.frame);
	frames_free(t.frames);
	return 0;
}
