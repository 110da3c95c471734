/* Places of messages, as the database keeps them: any bytes decode or are refused; what decodes encodes again. */
#include "fuzz.h"
#include "session/event.h"

enum { SLICES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	uint32_t max = (uint32_t)input_uint(&in, 1) % (SLICES + 1);
	struct span blob = input_span(&in, 4096);
	struct slice *slices = xmalloc(max * sizeof(*slices)), again[SLICES];
	uint8_t *bytes = input_copy(blob), out[SLICES * 30];
	int got = where_decode((struct span){ bytes, blob.len }, slices, max);

	must(got >= -1 && got <= (int)max);
	if (got > 0) {
		uint32_t len = where_encode(slices, (uint32_t)got, out, sizeof(out));

		must(len > 0 && len <= blob.len);
		must(where_decode((struct span){ out, len }, again, SLICES) == got);
		for (int i = 0; i < got; i++)
			must(slices[i].at == again[i].at && slices[i].len == again[i].len &&
			     slices[i].capture == again[i].capture);
		must(where_encode(slices, (uint32_t)got, out, len - 1) == 0);
		must(where_encode(slices, (uint32_t)got, out, len) == len);
	}
	free(bytes);
	free(slices);
	return 0;
}
