/* Unit tests: SMB2 CREATE and every create context, both ways.  MS-SMB2 2.2.13, 2.2.14. */
#include "dissect_helper.h"

/* tests/pcaps/smb2_durable.pcap, frame 264 */
static const char create_req[] =
	"00000140fe534d424000010000000000050001001000000000000000050000000000000000000000cc308e1f32e0e1e6"
	"0000000000000000000000000000000000000000390000ff0200000000000000000000000000000000000000ff011f00"
	"8000000007000000030000006400200078005600d000000070000000640075007200610062006c0065005f0076003200"
	"5f006f00700065006e005f00720065006f00700065006e00310061005f006c0065006100730065005f00580041004700"
	"4d0036005a00640066002e006400610074000000380000001000040000001800200000004448325100000000ffffffff"
	"000000000000000000000000555d909e95c82b4f8db0d94ed54d2a3c0000000010000400000018002000000052714c73"
	"0000000034fe087700000000cb01f788ffffffff07000000000000000000000000000000";

/* tests/pcaps/smb2_durable.pcap, frame 187 */
static const char create_res[] =
	"000000b8fe534d424000010000000000050001001100000000000000050000000000000000000000bfa837095cdc0769"
	"00000000000000000000000000000000000000005900090002000000e8a084a1857add01e8a084a1857add01e8a084a1"
	"857add01e8a084a1857add01001000000000000000000000000000002000000000000000d8b2db3b000000005450c948"
	"000000009800000020000000000000001000040000001800080000004448325100000000e093040000000000";


static void test_request(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(create_req);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].op, OP_OPEN);
	assert_int_equal(h.m[0].undecoded, 0);
	assert_int_equal(h.m[0].path.bytes.len, 86);
	assert_int_equal(h.m[0].u.open_req.access, 0x001f01ff);
	assert_int_equal(h.m[0].u.open_req.disposition, 3);
	assert_int_equal(h.m[0].u.open_req.options, 0x00200064);
	heard_is(&h, dh2x_timeout, 0, 0xffffffff);
	heard_len(&h, dh2x_guid, 0, 16);
	heard_is(&h, smb2_lease_state, 0, 7);
	heard_is(&h, smb2_lease_write, 0, 1);
	assert_int_equal(heard_count(&h, F_create_tag), 2);
	assert_int_equal(heard_count(&h, F_undecoded), 0);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

static void test_response(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(create_res);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].u.open_res.action, 2);
	assert_true(h.m[0].fid.known);
	assert_int_equal(h.m[0].fid.p, 0x3bdbb2d8);
	assert_true(h.m[0].u.open_res.meta.known);
	assert_int_equal(h.m[0].u.open_res.meta.allocation, 4096);
	heard_is(&h, dh2x_timeout, 0, 300000);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* One context at a time: its tag and data, and a field with the value it must have. */
static const struct context_case {
	const char *tag, *data;
	bool response;
	enum field_id field;
	uint64_t value;         /* of an integer; of a span its length */
} cases[] = {
	{ "45787441", "00000000 00 01 0200 41 00 7879", false, F_fscc_ea_data, 2 },
	{ "53656344", "0100 0480 14000000 00000000 00000000 00000000 0101 000000000005 12000000", false, F_sid, 12 },
	{ "44486e51", "00000000000000000000000000000000", false, F_dhnq_request, 16 },
	{ "44486e51", "0000000000000000", true, F_dhnq_response, 0 },
	{ "44486e43", "00112233445566778899aabbccddeeff", false, F_dhnc_fid, 16 },
	{ "44483251", "10270000 02000000 0000000000000000 00112233445566778899aabbccddeeff", false, F_dh2x_persistent, 1 },
	{ "44483251", "60ea0000 02000000", true, F_dh2x_timeout, 60000 },
	{ "44483243", "00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff 00000000", false, F_dh2x_guid, 16 },
	{ "416c5369", "0010000000000000", false, F_smb2_allocation_size, 4096 },
	{ "4d784163", "0080bf7d21a8d201", false, F_mxac_timestamp, 0x01d2a8217dbf8000 },
	{ "4d784163", "00000000 ff011f00", true, F_access_mask, 0x001f01ff },
	{ "54577270", "0080bf7d21a8d201", false, F_twrp_timestamp, 0x01d2a8217dbf8000 },
	{ "51466964", "0102030405060708090a0b0c0d0e0f1000000000000000000000000000000000", true, F_qfid_id, 32 },
	{ "52714c73", "00112233445566778899aabbccddeeff 03000000 00000000 0000000000000000", false, F_smb2_lease_state, 3 },
	{ "52714c73", "00112233445566778899aabbccddeeff 03000000 04000000 0000000000000000 00112233445566778899aabbccddeeff"
	              "0900 0000", true, F_smb2_lease_epoch, 9 },
	{ "4141504c", "01000000 00000000 0700000000000000 0300000000000000", false, F_aapl_caps, 3 },
	{ "4141504c", "02000000 00000000 0807060504030201", false, F_fscc_file_id, 0x0102030405060708 },
	{ "4141504c", "01000000 00000000 0700000000000000 0300000000000000 0200000000000000 00000000 04000000 4d006100", true,
	              F_aapl_model, 4 },
	{ "45bca66aefa7f74a9008fa462e144d74", "1400 0000 00112233445566778899aabbccddeeff", false, F_app_guid, 16 },
	{ "b982d0b73b56074fa07b524a8116a010", "1800 0000 00000000 0100000000000000 0200000000000000", false, F_app_version_low, 2 },
	{ "9ccbcf9e04c1e643980e158da1f6ec83", "01000000 01 000000 00112233445566778899aabbccddeeff 00000000 01000000"
	              "0700000000000000 0400 61006200", false, F_svhdx_request_id, 7 },
	{ "93ad25509cb411e7b42383de968bcd7c", "a4010000", false, F_posix_perms, 0644 },
	{ "93ad25509cb411e7b42383de968bcd7c", "02000000 00000000 a4010000 0101 000000000005 12000000 0101 000000000005 12000000",
	              true, F_posix_perms, 0644 },
	{ "58787878", "0102030405", false, F_create_context_data, 5 },
};

static void test_contexts(void **state UNUSED)
{
	struct heard h = { 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct context_case *c = &cases[i];
		struct pdu_bytes b, data = { 0 }, tag = { 0 };
		uint32_t at, data_off;
		const struct heard_value *v;

		pdu_put_hex(&tag, c->tag);
		pdu_put_hex(&data, c->data);
		b = pdu_smb2(5, c->response, 0, c->response ?
			"5900 00 00 01000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
			"0000000000000000 0000000000000000 80000000 00000000 01000000000000000200000000000000 98000000 00000000" :
			"3900 00 00 02000000 0000000000000000 0000000000000000 89001200 00000000 07000000 01000000 40000000"
			"7800 0000 78000000 00000000");
		at = b.len;
		assert_int_equal(at - 4, c->response ? 0x98 : 0x78);
		data_off = 16 + (tag.len + 7) / 8 * 8;
		b.p[at - 4] = (uint8_t)(data_off + data.len);
		b.p[at - 3] = (uint8_t)((data_off + data.len) >> 8);
		b.p = xrealloc(b.p, at + data_off + data.len);
		memset(b.p + at, 0, data_off);
		b.p[at + 4] = 16;
		b.p[at + 6] = (uint8_t)tag.len;
		b.p[at + 10] = (uint8_t)data_off;
		b.p[at + 12] = (uint8_t)data.len;
		memcpy(b.p + at + 16, tag.p, tag.len);
		memcpy(b.p + at + data_off, data.p, data.len);
		b.len = at + data_off + data.len;
		pdu_put_len(&b);

		hear(&h, b.p, b.len, b.len, true);
		v = heard_get(&h, c->field, 0);
		if (FT_WIDTH(fields[c->field].type) || fields[c->field].type == FT_FLAG)
			assert_int_equal(v->u, c->value);
		else
			assert_int_equal(v->len, c->value);
		/* Whole, and without a complaint, but for the two that end where an older form does. */
		if (c->field != F_svhdx_request_id)
			assert_int_equal(h.m[0].undecoded, 0);
		cut_everywhere(&h, b, b.len, b.len);
		mutate(&h, b);
		free(b.p);
		free(data.p);
		free(tag.p);
	}
	heard_free(&h);
}

/* A chain that points back, or beyond, is told and left. */
static void test_hostile_chain(void **state UNUSED)
{
	struct pdu_bytes b = pdu_smb2(5, false, 0, "3900 00 00 02000000 0000000000000000 0000000000000000 89001200 00000000"
		"07000000 01000000 40000000 7800 0000 78000000 20000000"
		"02000000 1000 0400 0000 0000 00000000 4d784163 00000000 0000000000000000");
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_true(h.note_bits & 1u << NOTE_no_progress);
	assert_int_not_equal(h.m[0].undecoded, 0);
	b.p[4 + 0x78] = 0xf8;
	hear(&h, b.p, b.len, b.len, true);
	assert_true(h.note_bits & 1u << NOTE_malformed);
	heard_free(&h);
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request), cmocka_unit_test(test_response),
		cmocka_unit_test(test_contexts), cmocka_unit_test(test_hostile_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
