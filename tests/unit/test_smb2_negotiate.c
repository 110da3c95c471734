/* Unit tests: SMB2 NEGOTIATE with its contexts, TREE_CONNECT, error bodies, and the headers around encrypted and
 * compressed messages.  MS-SMB2 2.2.2 to 2.2.10, 2.2.41, 2.2.42. */
#include "dissect_helper.h"

/* tests/pcaps/smb311.pcap, frame 4 */
static const char neg_req[] =
	"000000dafe534d42400000000000000000001f0000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000024000100030000007f000000d218adb9c89ac946976203072e62ed25"
	"680000000400000011030000010026000000000001002000010099383c9ec09419ec6a0706d1a1c809a6f3351d5cc046"
	"dac3aa3f047d3aa0633a000002000a000000000004000200010004000300000000000000080008000000000003000200"
	"010000000500120000000000310030002e00370037002e0030002e003100";

/* tests/pcaps/smb311.pcap, frame 6 */
static const char neg_res[] =
	"0000011cfe534d4240000000000000000000010001000000000000000000000000000000000000000000000000000000"
	"00000000000000000000000000000000000000004100010011030300667331000000000000000000000000000f000000"
	"000080000000800000008000eef98184857add01000000000000000080004a00d0000000604806062b0601050502a03e"
	"303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f745f646566696e65645f696e5f52464334313738"
	"40706c656173655f69676e6f7265000000000000010026000000000001002000010016d6a909d934f2ab54b1317ce5ed"
	"e344b208160fb3f9ec1728ce8a72c09d1215000002000400000000000100020000000000080004000000000001000200";

/* tests/pcaps/smb311.pcap, frame 12 */
static const char tree_req[] =
	"00000068fe534d42400001000000000003000100180000000000000003000000000000000000000000000000924edd2c"
	"00000000f2aae4c6aa7f4ef1a90f99918117252a09000000480020005c005c00310030002e00370037002e0030002e00"
	"31005c004900500043002400";

/* tests/pcaps/smb311.pcap, frame 13 */
static const char tree_res[] =
	"00000050fe534d424000010000000000030001001900000000000000030000000000000000000000d2c73d71924edd2c"
	"000000009f825f7968b1a8bba43f8b8d837b598b100002000000000000000000a9001f00";

/* tests/pcaps/smb311_encrypted.pcap, frame 12 */
static const char transform[] =
	"0000009cfd534d42de529caadde34e6580c4bc7c826dbb5d0100000000000000f7fab2fb000000006800000000000100"
	"9b3b58190000000058e073cf6ef1509dfa4fe69ab9bef46bc446635cf7feece1d9cb70c47639fa1ab75b0f09f3977aa1"
	"8594cfad5fdfe8f0c2f5439c71beadaf89352e0f7313e048ca47ab5adc7ad90801e25aaa2a1937d29f8ceac33353e705"
	"16a66f21ae71511176746a6ed961fec6";


static void test_negotiate_request(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(neg_req);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.messages, 1);
	assert_int_equal(h.m[0].op, OP_NEGOTIATE);
	assert_int_equal(h.m[0].undecoded, 0);
	assert_int_equal(h.m[0].u.negotiate_req.client_guid.len, 16);
	assert_int_equal(h.m[0].u.negotiate_req.dialects.len, 2 * heard_get(&h, F_smb2_dialect_count, 0)->u);
	assert_int_equal(heard_count(&h, F_smb2_dialect), heard_get(&h, F_smb2_dialect_count, 0)->u);
	assert_int_equal(heard_count(&h, F_negotiate_ctx_type), heard_get(&h, F_negotiate_ctx_count, 0)->u);
	heard_is(&h, negotiate_hash, 0, 1);
	heard_len(&h, negotiate_salt, 0, 32);
	assert_int_equal(heard_count(&h, F_undecoded), 0);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

static void test_negotiate_response(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(neg_res);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].u.negotiate_res.dialect, DIALECT_311);
	assert_int_equal(h.m[0].u.negotiate_res.max_read, 8388608);
	assert_int_equal(h.m[0].u.negotiate_res.cipher, heard_get(&h, F_negotiate_cipher, 0)->u);
	assert_int_equal(h.m[0].u.negotiate_res.compression, 0xffff);
	assert_true(h.m[0].u.negotiate_res.extended);
	heard_len(&h, smb2_security_blob, 0, 74);
	assert_int_equal(heard_count(&h, F_undecoded), 0);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* Before 3.1.1 the eight bytes are a time; with every context the list is read to its end. */
static void test_negotiate_forms(void **state UNUSED)
{
	struct pdu_bytes b = pdu_smb2(0, false, 0, "2400 0100 0100 0000 00000000 000102030405060708090a0b0c0d0e0f"
		"0080bf7d21a8d201 0202");
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, negotiate_start_time, 0, 0x01d2a8217dbf8000);
	assert_int_equal(heard_count(&h, F_negotiate_ctx_count), 0);
	free(b.p);

	b = pdu_smb2(0, false, 0, "2400 0100 0100 0000 7f000000 000102030405060708090a0b0c0d0e0f 68000000 0500 0000 1103 0000"
		"0300 0c00 00000000 0200 0000 01000000 0400 0500 00000000"
		"0500 0400 00000000 78007900 00000000"
		"0600 0400 00000000 01000000 00000000"
		"0700 0a00 00000000 0100 0000 00000000 0100 000000000000"
		"0001 1000 00000000 93ad25509cb411e7b42383de968bcd7c");
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, 0);
	assert_int_equal(heard_count(&h, F_negotiate_ctx_type), 5);
	heard_is(&h, negotiate_comp_chained, 0, 1);
	heard_is(&h, negotiate_comp, 1, 5);
	heard_len(&h, negotiate_netname, 0, 4);
	heard_is(&h, negotiate_transport, 0, 1);
	heard_is(&h, negotiate_rdma, 0, 1);
	heard_len(&h, negotiate_posix, 0, 16);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

static void test_tree_connect(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(tree_req);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_true(h.m[0].path.there);
	assert_int_equal(h.m[0].path.bytes.len, heard_get(&h, F_smb2_olb_length16, 0)->u);
	assert_int_equal(heard_get(&h, F_tree_path, 0)->bytes[0], '\\');
	cut_everywhere(&h, b, b.len, b.len);
	free(b.p);
	b = pdu_hex(tree_res);
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].u.tree.share_type, heard_get(&h, F_tree_share_type, 0)->u);
	assert_int_equal(h.m[0].u.tree.access, heard_get(&h, F_access_mask, 0)->u);
	cut_everywhere(&h, b, b.len, b.len);
	free(b.p);
	/* The extension: the path is 88 bytes from the header, the contexts 32 from the body (MS-SMB2 2.2.9.1); a context that
	 * nobody knows, and an identity with most of what it can hold (2.2.9.2.1). */
	b = pdu_smb2(3, false, 0, "0900 0400 5800 0400 20000000 0200 00000000000000000000 5c005c00 00000000"
		"0200 0300 00000000 aabbcc 0000000000"
		"0100 9600 00000000 0100 9600 1c00 2e00 3400 3800 0000 4c00 0000 5c00 6a00 0000 7400 0000"
		"0c00 010100000000000512000000 07000000 61006c000000 44000000"
		"0100 0c00 010100000000000512000000 07000000 0100 0c00 1400000000000000 03000000"
		"0c00 010100000000000512000000 0800 0200 0800 00000000"
		"2000 14000000 0100 0000 02000000 01000000 18000000 63000000 2a00000000000000");
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, 0);
	heard_len(&h, tree_path, 0, 4);
	heard_is(&h, tree_ctx_type, 1, 1);
	heard_len(&h, tree_ctx_data, 0, 3);
	assert_int_equal(heard_count(&h, F_tree_ctx_data), 1);
	assert_int_equal(heard_count(&h, F_undecoded), 0);
	heard_len(&h, identity_user, 0, 6);
	heard_len(&h, identity_domain, 0, 4);
	assert_int_equal(heard_count(&h, F_sid), 3);
	heard_is(&h, identity_luid, 0, 0x14);
	heard_is(&h, acl_size, 0, 8);
	heard_len(&h, claim_name, 0, 4);
	heard_is(&h, claim_int64, 0, 42);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* STATUS_STOPPED_ON_SYMLINK, bare and in a context; a status that is no error keeps its own body. */
static void test_errors(void **state UNUSED)
{
	static const char *const bodies[] = {
		"0900 0000 20000000 1c000000 53594d4c 0c0000a0 1000 0400 0000 0200 0200 0200 01000000 61006200",
		"0900 0100 28000000 20000000 00000000 1c000000 53594d4c 0c0000a0 1000 0400 0000 0200 0200 0200 01000000 61006200",
	};
	struct heard h = { 0 };
	struct pdu_bytes b;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		b = pdu_smb2(5, true, 0x8000002D, bodies[i]);
		hear(&h, b.p, b.len, b.len, true);
		assert_int_equal(h.m[0].undecoded, 0);
		heard_is(&h, symlink_unparsed, 0, 4);
		heard_is(&h, symlink_flags, 0, 1);
		heard_len(&h, symlink_substitute, 0, 2);
		assert_int_equal(heard_get(&h, F_symlink_substitute, 0)->bytes[0], 'a');
		assert_int_equal(heard_get(&h, F_symlink_print, 0)->bytes[0], 'b');
		cut_everywhere(&h, b, b.len, b.len);
		mutate(&h, b);
		free(b.p);
	}
	b = pdu_smb2(0x10, true, 0xC0000023, "0900 0000 04000000 34120000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, error_min_length, 0, 0x1234);
	free(b.p);
	/* STATUS_NOTIFY_ENUM_DIR: CHANGE_NOTIFY's own body, without records (MS-SMB2 3.3.4.4) */
	b = pdu_smb2(0x0f, true, 0x0000010C, "0900 4800 00000000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, smb2_olb_offset16, 0, 0x48);
	assert_int_equal(heard_count(&h, F_error_byte_count), 0);
	heard_free(&h);
	free(b.p);
}

static void test_wrapped(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(transform);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].kind, SMB_ENCRYPTED);
	assert_int_equal(h.m[0].undecoded, NOTE_encrypted);
	heard_len(&h, transform_nonce, 0, 16);
	heard_len(&h, transform_data, 0, b.len - 4 - 52);
	assert_int_equal(heard_get(&h, F_transform_size, 0)->u, b.len - 4 - 52);
	free(b.p);

	b = pdu_hex("00000000 fc534d42 64000000 0200 0000 04000000 01020304 a1a2a3");
	pdu_put_len(&b);
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].kind, SMB_COMPRESSED);
	heard_len(&h, compress_plain, 0, 4);
	heard_len(&h, compress_data, 0, 3);
	free(b.p);

	b = pdu_hex("00000000 fc534d42 64000000 0000 0100 04000000 01020304 0400 0000 08000000 41 00 0000 60000000");
	pdu_put_len(&b);
	hear(&h, b.p, b.len, b.len, true);
	heard_len(&h, compress_plain, 0, 4);
	heard_is(&h, pattern, 0, 'A');
	heard_is(&h, pattern_repetitions, 0, 0x60);
	heard_free(&h);
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_negotiate_request), cmocka_unit_test(test_negotiate_response),
		cmocka_unit_test(test_negotiate_forms), cmocka_unit_test(test_tree_connect),
		cmocka_unit_test(test_errors), cmocka_unit_test(test_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
