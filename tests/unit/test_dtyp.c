/* Unit tests: what stands in security descriptors beyond plain ACEs, and their text.  MS-DTYP 2.4.4, 2.4.10, 2.5.1. */
#include "dissect_helper.h"

#include "base/limits.h"
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

/* What stands behind an ACE's SID, as the grammar has it (2.5.1.1): the examples of 2.5.1.2, parentheses, each kind of
 * value and of attribute; what is no expression, or has no form, in bytes. */
static const struct { unsigned type; const char *hex, *text; } behind_sid[] = {
	{ 0x09, "61727478f90a0000005400690074006c006500100400000050004d0080f9100000004400690076006900730069006f006e00100e000000460069006e0061006e006300650080f9100000004400690076006900730069006f006e00100a000000530061006c006500730080a1a0000000",
	  "(@User.Title == \"PM\" && (@User.Division == \"Finance\" || @User.Division == \"Sales\"))" },
	{ 0x09, "61727478f90e000000500072006f006a00650063007400fa0e000000500072006f006a006500630074008800",
	  "(@User.Project Any_of @Resource.Project)" },
	{ 0x09, "61727478502e0000005110000000010200000000000520000000270200005114000000010300000000000501000000010000000100000089fb120000004200690074006c006f0063006b0065007200a0",
	  "(Member_of {SID(BO), SID(S-1-5-1-1-1)} && @Device.Bitlocker)" },
	{ 0x09, "61727478f8020000006100010100000000000000030280f802000000620004feffffffffffffff020284a0f8020000006300041f00000000000000030383a000",
	  "(a == 1 && b > -2 && c <= 0x1f)" },
	{ 0x09, "61727478f8020000006100040800000000000000010182f80200000062001802000000010281f802000000630087a0a1",
	  "(a < +010 || (b != #0102 && Exists c))" },
	{ 0x09, "61727478f8020000006100f8020000006200a1a2f90200000078008da0000000",
	  "(!(a || b) && Not_Exists @User.x)" },
	{ 0x09, "61727478f8020000006100f8020000006200f8020000006300a1a100",
	  "(a || (b || c))" },
	{ 0x09, "61727478fa12000000640065007000740020006d0065006e00740050120000001002000000410004050000000000000003028600",
	  "(@Resource.dept%0020ment Contains {\"A\", 5})" },
	{ 0x09, "61727478f902000000700050000000008f000000",
	  "(@User.p Not_Any_of {})" },
	{ 0x12, "180000000300000000000000020000002800000038000000500072006f006a006500630074000000570069006e0064006f00770073000000530051004c000000",
	  "(\"Project\",TS,0x0,\"Windows\",\"SQL\")" },
	{ 0x12, "1400000002000000020001000100000024000000530065006300720065006300790000000300000000000000",
	  "(\"Secrecy\",TU,0x10002,3)" },
	{ 0x12, "180000000100000020000000020000001c000000240000006e000000f9ffffffffffffff0800000000000000",
	  "(\"n\",TI,0x20,-7,8)" },
	{ 0x12, "1400000005000000000000000100000018000000730000001000000001020000000000052000000020020000",
	  "(\"s\",TD,0x0,BA)" },
	{ 0x12, "1400000006000000010000000100000018000000620000000100000000000000",
	  "(\"b\",TB,0x1,1)" },
	{ 0x12, "14000000100000000000000001000000180000006f00000002000000abcd0000",
	  "(\"o\",TX,0x0,#abcd)" },
	{ 0x09, "61727478a0000000",
	  "#61727478a0000000" },
	{ 0x09, "61727478f802000000610099",
	  "#61727478f802000000610099" },
	{ 0x09, "61727478f8020000006100100200000022008000",
	  "#61727478f8020000006100100200000022008000" },
	{ 0x09, "61727478f8020000006100f80200000062000000",
	  "#61727478f8020000006100f80200000062000000" },
	{ 0x09, "61727478f8ff000000610000",
	  "#61727478f8ff000000610000" },
	{ 0x12, "14000000070000000000000001000000180000006f00000002000000abcd0000",
	  "#14000000070000000000000001000000180000006f00000002000000abcd0000" },
};

static struct pdu_bytes descriptor_with(unsigned type, const char *hex)
{
	struct pdu_bytes b = { 0 };
	char head[120];
	unsigned size = 20 + (unsigned)strlen(hex) / 2;

	snprintf(head, sizeof(head), "01000480 00000000 00000000 00000000 14000000 0400 %02x%02x 0100 0000 %02x00 %02x%02x 00000000 010100000000000100000000",
	         (size + 8) & 0xff, (size + 8) >> 8, type, size & 0xff, size >> 8);
	pdu_put_hex(&b, head);
	pdu_put_hex(&b, hex);
	return b;
}

static void test_sddl_behind_sid(void **state UNUSED)
{
	char text[600], expected[600];

	for (size_t i = 0; i < COUNT(behind_sid); i++) {
		struct pdu_bytes b = descriptor_with(behind_sid[i].type, behind_sid[i].hex);

		snprintf(expected, sizeof(expected), "D:(%s;;%s;;;WD;%s)", behind_sid[i].type == 9 ? "XA" : "RA",
		         behind_sid[i].type == 9 ? "0x0" : "", behind_sid[i].text);
		dtyp_sddl(text, sizeof(text), (struct span){ b.p, b.len }, 4);
		assert_string_equal(text, expected);
		for (uint32_t n = 48; n < b.len; n++)
			for (unsigned bit = 0; bit < 8; bit++) {
				b.p[n] ^= (uint8_t)(1u << bit);
				dtyp_sddl(text, sizeof(text), (struct span){ b.p, b.len }, 4);
				b.p[n] ^= (uint8_t)(1u << bit);
			}
		free(b.p);
	}
}

/* As many tokens as are written, in the shapes that keep most of them waiting; one more is shown in bytes. */
static void test_sddl_longest(void **state UNUSED)
{
	static const char leaf[] = "f8020000006100", name[] = "a";
	char hex[8192], text[LIMIT_TEXT];

	for (unsigned shape = 0; shape < 4; shape++) {
		unsigned leaves = shape == 3 ? 1 : shape == 2 ? LIMIT_CONDITION / 2 + 1 : LIMIT_CONDITION / 2;
		size_t n = (size_t)snprintf(hex, sizeof(hex), "61727478");
		struct pdu_bytes b;

		for (unsigned i = 0; i < leaves; i++) {
			n += (size_t)snprintf(hex + n, sizeof(hex) - n, "%s", leaf);
			if (shape != 1 && i)
				n += (size_t)snprintf(hex + n, sizeof(hex) - n, "a0");
		}
		for (unsigned i = 1; shape == 1 && i < leaves; i++)
			n += (size_t)snprintf(hex + n, sizeof(hex) - n, i & 1 ? "a1" : "a0");
		for (unsigned i = 1; shape == 3 && i < LIMIT_CONDITION; i++)
			n += (size_t)snprintf(hex + n, sizeof(hex) - n, "a2");
		b = descriptor_with(9, hex);
		dtyp_sddl(text, sizeof(text), (struct span){ b.p, b.len }, 4);
		assert_true(strncmp(text, shape == 2 ? "D:(XA;;0x0;;;WD;#6172" : shape == 3 ? "D:(XA;;0x0;;;WD;(!(!(" : "D:(XA;;0x0;;;WD;(a ", 19) == 0);
		if (shape < 2)
			assert_int_equal(text[strlen(text) - 3 - (shape ? LIMIT_CONDITION / 2 - 2 : 0)], name[0]);
		free(b.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_condition), cmocka_unit_test(test_claim), cmocka_unit_test(test_sddl),
		cmocka_unit_test(test_sddl_behind_sid), cmocka_unit_test(test_sddl_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
