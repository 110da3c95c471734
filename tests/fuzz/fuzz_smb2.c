/* One PDU of SMB2 or SMB3: plain, compound, encrypted, compressed.  MS-SMB2. */
#include "fuzz_dissect.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct input in = { p, n };
	struct given g = given_read(&in);
	struct pdu pdu = pdu_of(&g, in.p, in.n);
	uint8_t *bytes = (uint8_t *)(uintptr_t)pdu.bytes;

	if (pdu.head >= 8 && (bytes[4] < 0xfc || bytes[4] > 0xfe))
		bytes[4] = 0xfe;
	if (pdu.head >= 8)
		memcpy(bytes + 5, "SMB", 3);
	fuzz_pdu_twice(&g, &pdu);
	free(bytes);
	return 0;
}
