/* Unit tests: what stands in security descriptors beyond plain ACEs, and their text.  MS-DTYP 2.4.4, 2.4.10, 2.5.1. */
#include "dissect_helper.h"

#include "dtyp/dtyp.h"

/* An answer to QUERY_INFO with a descriptor whose DACL has the one ACE given. */
static struct pdu_bytes with_ace(const char *ace)
{
	struct pdu_bytes a = { 0 }, b;
	char head[200];

	pdu_put_hex(&a, ace);
	snprintf(head, sizeof(head), "0900 4800 %02x000000 0100 0480 00000000 00000000 00000000 14000000 0200 %02x00 0100 0000",
	         a.len + 28, a.len + 8);
	free(a.p);
	b = pdu_smb2(0x10, true, 0, head);
	pdu_put_hex(&b, ace);
	pdu_put_len(&b);
	return b;
}

static void listen(struct heard *h, struct pdu_bytes b)
{
	h->asked = (struct smb_asked){ .sub = 3, .level = 0, .code = 4, .known = true };
	hear(h, b.p, b.len, b.len, true);
	assert_int_equal(h->m[0].undecoded, 0);
	assert_int_equal(heard_count(h, F_undecoded), 0);
}

/* (XA;;FX;;;WD;(@User.Title == "PM" && Member_of {SID(BA)} && 5 > -1)), as MS-DTYP 2.4.4.17 has it on the wire */
static void test_condition(void **state UNUSED)
{
	struct pdu_bytes b = with_ace("09 00 6800 a0001200 010100000000000100000000 61727478"
		"f9 0a000000 5400690074006c006500 10 04000000 50004d00 80"
		"50 15000000 51 10000000 01020000000000052000000020020000 89 a0"
		"01 0500000000000000 03 02 04 ffffffffffffffff 02 02 84 a0 000000");
	struct heard h = { 0 };

	listen(&h, b);
	assert_int_equal(heard_count(&h, F_condition_token), 11);
	heard_len(&h, condition_user, 0, 10);
	heard_len(&h, condition_string, 0, 4);
	heard_is(&h, condition_token, 2, 0x80);
	assert_int_equal(heard_count(&h, F_sid), 2);
	heard_is(&h, condition_int8, 0, 5);
	heard_is(&h, condition_int64, 0, UINT64_MAX);
	assert_int_equal(heard_count(&h, F_ace_data), 0);
	heard_len(&h, padding, 0, 3);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

static void test_claim(void **state UNUSED)
{
	struct pdu_bytes b = with_ace("12 00 3c00 00000000 010100000000000100000000"
		"18000000 0300 0000 02000000 02000000 1c000000 22000000 5000 0000 48006900 0000 4c006f00 0000");
	struct heard h = { 0 };

	listen(&h, b);
	heard_len(&h, claim_name, 0, 4);
	assert_int_equal(heard_count(&h, F_claim_string), 2);
	heard_len(&h, claim_string, 1, 6);
	heard_is(&h, claim_case_sensitive, 0, 1);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* The text of a descriptor's parts; what was damaged ends early, and nothing is read beyond. */
static void test_sddl(void **state UNUSED)
{
	static const struct { uint32_t information; const char *text; } parts[] = {
		{ 0x0f, "O:BAG:SYD:PAI(A;OICI;FA;;;BA)(OA;;0x100;00112233-4455-6677-8899-aabbccddeeff;;AU)"
		        "(XA;;GR;;;S-1-5-21-1-2-3-500;#61727478)S:(ML;;NW;;;HI)" },
		{ 0x01, "O:BA" }, { 0x04, "D:PAI(A;OICI;FA;;;BA)(OA;;0x100;00112233-4455-6677-8899-aabbccddeeff;;AU)"
		        "(XA;;GR;;;S-1-5-21-1-2-3-500;#61727478)" }, { 0x10, "S:(ML;;NW;;;HI)" }, { 0, "" },
	};
	struct pdu_bytes b = pdu_hex("0100 1494 14000000 24000000 30000000 4c000000"
		"01020000000000052000000020020000 010100000000000512000000"
		"0200 1c00 0100 0000 1100 1400 01000000 010100000000001000300000"
		"0400 7800 0300 0000 0003 1800 ff011f00 01020000000000052000000020020000"
		"0500 2800 00010000 01000000 33221100554477668899aabbccddeeff 01010000000000050b000000"
		"0900 2800 00000080 010500000000000515000000010000000200000003000000f4010000 61727478");
	char text[600];

	for (size_t i = 0; i < COUNT(parts); i++) {
		assert_int_equal(dtyp_sddl(text, sizeof(text), (struct span){ b.p, b.len }, parts[i].information), strlen(parts[i].text));
		assert_string_equal(text, parts[i].text);
	}
	assert_true(dtyp_sddl(text, 20, (struct span){ b.p, b.len }, 0x0f) < 20);
	for (uint32_t n = 0; n < b.len; n++) {
		uint8_t *cut = xmalloc(n ? n : 1);

		memcpy(cut, b.p, n);
		assert_true(dtyp_sddl(text, sizeof(text), (struct span){ cut, n }, 0xff) < strlen(parts[0].text));
		free(cut);
	}
	for (uint32_t n = 0; n < b.len; n++) {
		b.p[n] ^= 0xff;
		dtyp_sddl(text, sizeof(text), (struct span){ b.p, b.len }, 0xff);
		b.p[n] ^= 0xff;
	}
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_condition), cmocka_unit_test(test_claim), cmocka_unit_test(test_sddl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
