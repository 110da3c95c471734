/* One PDU of SMB1, with its AndX chain.  MS-CIFS, MS-SMB. */
#include "fuzz_dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct given g = given_read(&in);
	struct pdu pdu = pdu_of(&g, in.p, in.n);
	uint8_t *bytes = (uint8_t *)(uintptr_t)pdu.bytes;

	if (pdu.head >= 8)
		memcpy(bytes + 4, "\xffSMB", 4);
	fuzz_pdu_twice(&g, &pdu);
	free(bytes);
	return 0;
}
