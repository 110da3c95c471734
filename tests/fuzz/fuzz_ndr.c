/* Stub data of any operation of any interface.  C706 14, MS-RPCE 2.2.4, 2.2.5. */
#include "fuzz_dissect.h"
#include "rpc/rpc.h"

/* Before the stub data stand the interface's UUID, its version and the operation; `which` is the form. */
static void read_stub(struct dx *d, struct smb_msg *m UNUSED, unsigned which)
{
	static char json[4096];
	struct rpc_facts facts = { .json = json, .size = sizeof(json) };
	struct rpc_ctx ctx = { .known = true, .asked = true, .ndr64 = which & 4 };
	struct dx head;

	if (d_rest(d) < 20 || !d_part(d, 20, &head) || head.end != head.lim)
		return;
	for (int i = 0; i < 16; i++)
		ctx.uuid[i] = *dx_take(&head, 1);
	ctx.version = (uint16_t)d_peek(&head, U16);
	(void)dx_take(&head, 2);
	ctx.opnum = (uint16_t)d_peek(&head, U16);
	ctx.level = which >> 3;
	rpc_stub(d, &ctx, (struct rpc_form){ .response = which & 1, .be = which & 2, .facts = &facts });
	must(facts.len < sizeof(json) && memchr(facts.name, 0, sizeof(facts.name)));
	must(!facts.len || (strlen(json) == facts.len && json[0] == '{' && json[facts.len - 1] == '}'));
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_part_twice(p, n, read_stub);
	return 0;
}
