/* A display filter, compiled and asked about one PDU.  Input: the text's length (2) and the text; then as fuzz_smb2's.
 * What is refused says why and where; what is not gives the same answer each time. */
#include "fuzz_dissect.h"
#include "show/filter.h"

static bool ask(struct filter *f, const struct given *g, const struct pdu *pdu)
{
	static struct outcome told;
	struct arena arena = { 0 };
	struct dx_run run = { .arena = &arena };
	bool yes;

	told.given = g;
	told.n = told.flags = 0;
	filter_run(f, &run);
	run.sink = filter_sink(f);
	smb_dissect(pdu, &run, &(struct smb_hooks){ outcome_header, outcome_message, &told });
	yes = filter_match(f);
	arena_free(&arena);
	return yes;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct span s = input_span(&in, input_uint(&in, 2));
	struct given g = given_read(&in);
	char *text = xmalloc(s.len + 1);
	struct err e = { 0 };
	uint32_t where = 0;
	struct filter *f;

	if (s.len)
		memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	f = filter_compile(text, &e, &where);
	if (f) {
		struct pdu pdu = pdu_of(&g, in.p, in.n);
		bool first = ask(f, &g, &pdu);

		must(ask(f, &g, &pdu) == first);
		free((void *)(uintptr_t)pdu.bytes);
	} else {
		must(e.code != ERR_NONE && e.text[0]);
		must(where <= strlen(text));
	}
	filter_free(f);
	free(text);
	return 0;
}
