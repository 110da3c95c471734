/* Unit tests: SMB2 CLOSE, READ, WRITE, LOCK and OPLOCK_BREAK.  MS-SMB2 2.2.15 to 2.2.27, 2.2.44. */
#include "dissect_helper.h"

/* tests/pcaps/smb311.pcap, frame 23 */
static const char close_res[] =
	"0000007cfe534d4240000100000000000600010019000000000000000800000000000000000000004bf04d79924edd2c"
	"000000006736fc3bc0d75c2f2a028daa8928d1113c000000000000000000000000000000000000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000";

/* tests/pcaps/smb311.pcap, frame 60 */
static const char read_req[] =
	"00000071fe534d4240000100000000000800010018000000000000001601000000000000000000004bf04d79924edd2c"
	"00000000b0ec20199188e5c7911e41ccc08b1b3931000000360000000000000000000000dfaf8dc60000000055900a0c"
	"000000000000000000000000000000000000000000";

/* tests/pcaps/smb2_notify_async.pcap, frame 268 */
static const char write_req[] =
	"00000138fe534d4240000100000000000900010010000000000000000700000000000000000000003044ad5ba46e1df6"
	"000000000000000000000000000000000000000031007000c8000000000000000000000059d9dabd00000000dfe204d1"
	"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	"00000000000000000000000000000000000000000000000000000000";

/* tests/pcaps/smb2_durable.pcap, frame 138 */
static const char lock_req[] =
	"00000070fe534d4240000100000000000a000100000000000000000007000000000000000000000074a90f2acc99b55b"
	"00000000000000000000000000000000000000003000010000000000a6733acb00000000b29a1e4e0000000000000000"
	"0000000001000000000000000200000000000000";

/* tests/pcaps/smb2_lease_oplock.pcap, frame 165 */
static const char break_lease[] =
	"0000006cfe534d424000000000000000120000000100000000000000ffffffffffffffff000000000000000000000000"
	"00000000000000000000000000000000000000002c000000010000000df0dde0fe0fdcbaf20f221f01f0234505000000"
	"01000000000000000000000000000000";


static void test_close(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(close_res);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].op, OP_CLOSE);
	assert_int_equal(h.m[0].u.close.meta.known, h.m[0].u.close.flags & 1);
	cut_everywhere(&h, b, b.len, b.len);
	free(b.p);
	b = pdu_smb2(6, true, 0, "3c00 0100 00000000 0100000000000000 0200000000000000 0300000000000000 0400000000000000"
		"0010000000000000 0700000000000000 20000000");
	hear(&h, b.p, b.len, b.len, true);
	assert_true(h.m[0].u.close.meta.known);
	assert_int_equal(h.m[0].u.close.meta.size, 7);
	assert_int_equal(h.m[0].u.close.meta.changed, 4);
	assert_int_equal(h.m[0].u.close.meta.attributes, 0x20);
	heard_free(&h);
	free(b.p);
}

static void test_read(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(read_req);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].u.rw.length, 54);
	assert_int_equal(h.m[0].fid.p, 0xc68dafdf);
	assert_int_equal(heard_count(&h, F_undecoded), 0);
	cut_everywhere(&h, b, b.len, b.len - 1);
	free(b.p);
	b = pdu_smb2(8, true, 0, "1100 50 00 05000000 00000000 00000000 68656c6c6f");
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].u.rw.payload.off, 4 + 0x50);
	assert_int_equal(h.m[0].u.rw.payload.len, 5);
	assert_int_equal(heard_get(&h, F_read_blob, 0)->bytes[0], 'h');
	/* Payload that was not captured is no fault of the message. */
	cut_everywhere(&h, b, b.len - 5, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

static void test_write(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(write_req);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].u.rw.length, 200);
	assert_int_equal(h.m[0].u.rw.payload.off, 4 + 0x70);
	assert_int_equal(h.m[0].u.rw.payload.len, 200);
	heard_len(&h, write_data, 0, 200);
	cut_everywhere(&h, b, 4 + 0x70, b.len);
	h.ctx.object = OBJECT_PIPE;
	hear(&h, b.p, b.len, b.len, true);
	heard_len(&h, pipe_data, 0, 200);
	h.ctx.object = OBJECT_UNKNOWN;
	free(b.p);
	/* RDMA: the data is elsewhere, two descriptors say where. */
	b = pdu_smb2(9, false, 0, "3100 0000 00000000 0000000000000000 01000000000000000200000000000000 01000000 00200000"
		"7000 2000 00000000 0001000000000000 aa000000 00100000 0002000000000000 bb000000 00100000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, smb2_rdma_token, 1, 0xbb);
	assert_int_equal(h.m[0].u.rw.payload.len, 0);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* SMB2_RDMA_TRANSFORM before the descriptors of a WRITE, and in a READ's answer. */
static void test_rdma_transform(void **state UNUSED)
{
	struct pdu_bytes b = pdu_smb2(9, false, 0, "3100 0000 00000000 0000000000000000 01000000000000000200000000000000 03000000 00200000"
		"7000 4800 00000000 3800 1000 01000000 0100 000000000000"
		"0100 1000 0b00 0000 000102030405060708090a0b0c0d0e0f 000102030405060708090a 0000000000"
		"0001000000000000 aa000000 00100000");
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, 0);
	heard_is(&h, rdma_transform_type, 0, 1);
	heard_len(&h, rdma_signature, 0, 16);
	heard_len(&h, rdma_nonce, 0, 11);
	heard_is(&h, smb2_rdma_token, 0, 0xaa);
	assert_int_equal(heard_count(&h, F_smb2_channel_data), 0);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	free(b.p);
	b = pdu_smb2(8, true, 0, "1100 5000 30000000 00200000 01000000 0000 0000 00000000 0100 000000000000"
		"0200 1000 0000 0000 000102030405060708090a0b0c0d0e0f 0000000000000000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, read_response_transform, 0, 1);
	heard_is(&h, rdma_transform_type, 0, 2);
	assert_int_equal(h.m[0].u.rw.payload.len, 0);
	heard_free(&h);
	free(b.p);
}

static void test_lock(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(lock_req);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, lock_length, 0, 1);
	heard_is(&h, lock_flags_exclusive, 0, 1);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* StructureSize alone tells the forms of OPLOCK_BREAK apart. */
static void test_break(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(break_lease);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].op, OP_BREAK);
	assert_int_equal(heard_count(&h, F_smb2_lease_state), 2);
	cut_everywhere(&h, b, b.len, b.len);
	free(b.p);
	b = pdu_smb2(0x12, false, 0, "1800 01 00 00000000 01000000000000000200000000000000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, create_oplock, 0, 1);
	assert_int_equal(h.m[0].fid.v, 2);
	free(b.p);
	b = pdu_smb2(0x12, true, 0, "2400 0000 00000000 00112233445566778899aabbccddeeff 01000000 0000000000000000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, smb2_lease_read, 0, 1);
	free(b.p);
	b = pdu_smb2(0x12, true, 0, "2500 0000 00000000");
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, NOTE_structure_size);
	free(b.p);
	b = pdu_smb2(0x13, true, 0, "0400 0000 00000000 00000000");
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, notification_type, 0, 0);
	heard_free(&h);
	free(b.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close), cmocka_unit_test(test_read), cmocka_unit_test(test_write),
		cmocka_unit_test(test_rdma_transform), cmocka_unit_test(test_lock), cmocka_unit_test(test_break),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
