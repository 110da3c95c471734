/* Unit tests: SMB2 QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO, IOCTL and the structures of MS-FSCC and MS-DTYP
 * in them.  MS-SMB2 2.2.31 to 2.2.40. */
#include "dissect_helper.h"

/* tests/pcaps/smb311.pcap, frame 45 */
static const char find[] =
	"0000022afe534d4240008000000000000e00800019000000000000001000000000000000000000004bf04d79924edd2c"
	"00000000136c11b74f48a320def9972507b7ac5a09004800e20100007000000000000000cac98384857add014f2b8484"
	"857add014f2b8484857add014f2b8484857add0100000000000000000000000000000000100000000200000000000000"
	"00000000000000000000000000000000000000000000000000000000cb22a700000000002e0000000000000070000000"
	"00000000d11a8384857add01d11a8384857add01cac98384857add01cac98384857add01000000000000000000000000"
	"00000000100000000400000000000000000000000000000000000000000000000000000000000000000000001b20a700"
	"000000002e002e000000000088000000000000004f2b8484857add014f2b8484857add0128788484857add0128788484"
	"857add0170170000000000000030000000000000200000001e0000000000000000000000000000000000000000000000"
	"000000000000000000000000cd22a7000000000067007200fc00df0065002000e5652c6720003dd800de2e0074007800"
	"74000000000000000000000045018484857add0145018484857add01ff438484857add01ff438484857add0136000000"
	"000000000020000000000000200000001200000000000000000000000000000000000000000000000000000000000000"
	"00000000cc22a70000000000680065006c006c006f002e00740078007400";

/* tests/pcaps/smb2_notify_async.pcap, frame 155 */
static const char notify[] =
	"0000006cfe534d4240000100000000000f0001001100000000000000090000000000000000000000780091aae57eda07"
	"000000000000000000000000000000000000000009004800240000000000000001000000160000007300750062006400"
	"690072002d006e0061006d0065000000";

/* tests/pcaps/smb2_streams.pcap, frame 73 */
static const char streams[] =
	"000000aefe534d4240000100000000001000010011000000000000000f000000000000000000000009c9e95678460dce"
	"000000000000000000000000000000000000000009004800660000004000000022000000000000000000000000000000"
	"000000003a00530074007200650061006d004e0061006d0065003a002400440041005400410000000000000000000000"
	"0e000000000000000000000000100000000000003a003a0024004400410054004100";

/* tests/pcaps/smb2_create_contexts.pcap, frame 81 */
static const char secdesc[] =
	"000000e0fe534d4240000100000000001000010011000000000000000600000000000000000000000450f9c9483a3353"
	"000000000000000000000000000000000000000009004800980000000100048014000000300000000000000040000000"
	"0105000000000005150000005be46ccb00243345535c4634e8030000010200000000001602000000151e000002005800"
	"0300000000002400ff011f000105000000000005150000005be46ccb00243345535c4634e80300000000180089001200"
	"010200000000001602000000151e00000000140089001200010100000000000100000000";


static void test_directory(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(find);
	struct heard h = { 0 };

	h.asked = (struct smb_asked){ .level = 37, .sub = 1, .known = true };
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, 0);
	assert_int_equal(heard_count(&h, F_fscc_filename), 4);
	heard_is(&h, smb2_eof, 3, 54);
	heard_is(&h, fscc_file_id, 2, 0xa722cd);
	heard_len(&h, fscc_filename, 3, 18);
	heard_is(&h, find_level, 0, 37);
	assert_int_equal(h.entries, 4);
	assert_true(h.entry.timed && h.entry.sized && !h.entry.self);
	assert_int_equal(h.entry.meta.size, 54);
	assert_int_equal(h.entry.meta.attributes, 0x20);
	assert_int_equal(h.entry.name.bytes.len, 18);
	hear(&h, b.p, b.len - 1, b.len, true);         /* an entry whose name was cut is none */
	assert_int_equal(h.entries, 3);
	mutate(&h, b);
	h.asked.known = false;
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.entries, 0);
	assert_int_equal(heard_count(&h, F_fscc_filename), 0);
	heard_len(&h, find_blob, 0, 482);
	heard_free(&h);
	free(b.p);
}

/* Each directory class: one entry, whose name is where the class has it. */
static void test_directory_classes(void **state UNUSED)
{
	static const char common[] = "00000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000"
		"0500000000000000 0010000000000000 20000000 04000000";
	static const struct { uint8_t level; const char *more; } classes[] = {
		{ 1, "" }, { 2, "00000000" }, { 3, "00000000 02 00 410000000000000000000000000000000000000000000000" },
		{ 37, "00000000 02 00 410000000000000000000000000000000000000000000000 0000 0100000000000000" },
		{ 38, "00000000 00000000 0100000000000000" },
		{ 50, "0100000000000000 00000000000000000000000000000000 00000000" },
		{ 60, "00000000 00000000 01000000000000000000000000000000" },
		{ 63, "00000000 00000000 01000000000000000000000000000000 02 00 410000000000000000000000000000000000000000000000" },
		{ 78, "00000000 00000000 0100000000000000" },
		{ 79, "00000000 00000000 0100000000000000 02 00 410000000000000000000000000000000000000000000000" },
		{ 80, "00000000 00000000 0100000000000000 01000000000000000000000000000000" },
		{ 81, "00000000 00000000 0100000000000000 01000000000000000000000000000000"
		      "02 00 410000000000000000000000000000000000000000000000" },
	};
	struct heard h = { 0 };

	for (size_t i = 0; i < COUNT(classes); i++) {
		struct pdu_bytes b = pdu_smb2(0x0e, true, 0, "0900 4800 00000000 00000000");

		pdu_put_hex(&b, common);
		pdu_put_hex(&b, classes[i].more);
		pdu_put_hex(&b, "78007900");
		b.p[72] = (uint8_t)(b.len - 76);
		pdu_put_len(&b);
		h.asked = (struct smb_asked){ .level = classes[i].level, .sub = 1, .known = true };
		hear(&h, b.p, b.len, b.len, true);
		assert_int_equal(h.m[0].undecoded, 0);
		heard_len(&h, fscc_filename, 0, 4);
		assert_int_equal(heard_get(&h, F_fscc_filename, 0)->bytes[0], 'x');
		heard_is(&h, smb2_eof, 0, 5);
		cut_everywhere(&h, b, b.len, b.len);
		mutate(&h, b);
		free(b.p);
	}
	heard_free(&h);
}

static void test_notify(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(notify);
	struct heard h = { 0 };

	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, fscc_notify_action, 0, 1);
	heard_len(&h, fscc_filename, 0, 22);
	heard_free(&h);
	free(b.p);
}

static void test_streams(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(streams);
	struct heard h = { 0 };

	h.asked = (struct smb_asked){ .level = 22, .sub = 1, .known = true };
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, 0);
	assert_int_equal(heard_count(&h, F_fscc_stream_name), 2);
	heard_is(&h, fscc_alloc_size, 1, 4096);
	heard_len(&h, fscc_stream_name, 0, 34);
	cut_everywhere(&h, b, b.len, b.len);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

static void test_security(void **state UNUSED)
{
	struct pdu_bytes b = pdu_hex(secdesc);
	struct heard h = { 0 };

	h.asked = (struct smb_asked){ .sub = 3, .code = 7, .known = true };
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.m[0].undecoded, 0);
	heard_is(&h, secdesc_dacl_present, 0, 1);
	heard_is(&h, acl_count, 0, 3);
	assert_int_equal(heard_count(&h, F_ace_type), 3);
	heard_is(&h, nt_access_mask, 0, 0x001f01ff);
	heard_is(&h, sid_rid, 0, 1000);
	heard_len(&h, sid, 1, 16);
	assert_int_equal(heard_count(&h, F_undecoded), 0);
	mutate(&h, b);
	heard_free(&h);
	free(b.p);
}

/* Classes that are one structure: the bytes, and a field with the value it must have. */
static const struct info_case {
	uint8_t type, level;
	bool set;
	const char *data;
	enum field_id field;
	uint64_t value;
} infos[] = {
	{ 1, 4, true, "0100000000000000 0000000000000000 0000000000000000 0000000000000000 20000000 00000000", F_smb2_create_time, 1 },
	{ 1, 5, false, "0010000000000000 0700000000000000 01000000 01 00 0000", F_fscc_end_of_file, 7 },
	{ 1, 6, false, "0900000000000000", F_fscc_index_number, 9 },
	{ 1, 7, false, "0a000000", F_fscc_ea_list_length, 10 },
	{ 1, 8, false, "ff011f00", F_access_mask, 0x1f01ff },
	{ 1, 10, true, "01 00000000000000 0000000000000000 04000000 61006200", F_fscc_replace_if, 1 },
	{ 1, 11, true, "00 00000000000000 0000000000000000 04000000 61006200", F_fscc_filename_len, 4 },
	{ 1, 13, true, "01", F_fscc_delete_close, 1 },
	{ 1, 14, true, "0500000000000000", F_fscc_position_smb, 5 },
	{ 1, 15, false, "0c000000 00 01 0200 41 00 7879 00000000 00 01 0100 42 00 7a", F_fscc_ea_data_len, 2 },
	{ 1, 16, false, "02000000", F_fscc_mode_smb_through, 1 },
	{ 1, 17, false, "01000000", F_fscc_alignment_smb, 1 },
	{ 1, 18, false, "0100000000000000 0000000000000000 0000000000000000 0000000000000000 20000000 00000000"
	                "0010000000000000 0700000000000000 01000000 00 00 0000 0900000000000000 00000000 ff011f00 0000000000000000"
	                "00000000 00000000 04000000 61006200", F_fscc_nlinks, 1 },
	{ 1, 20, true, "0001000000000000", F_fscc_end_of_file, 256 },
	{ 1, 21, false, "04000000 61006200", F_fscc_file_name_len, 4 },
	{ 1, 24, false, "01000000 02000000 ffffffff 01000000 00100000 00000000 00100000 00100000 03000000 00000000", F_fscc_pipe_state, 3 },
	{ 1, 26, false, "00100000 00200000 10000000 01000000 f0d8ffffffffffff", F_fscc_mailslot_available, 1 },
	{ 1, 27, true, "f0d8ffffffffffff", F_fscc_mailslot_timeout, (uint64_t)-10000 },
	{ 1, 28, false, "0010000000000000 0200 10 0c 0c 000000", F_fscc_compressed_format, 2 },
	{ 1, 29, false, "0900000000000000 00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff"
	                "00112233445566778899aabbccddeeff 00000000000000000000000000000000", F_fscc_file_id, 9 },
	{ 1, 33, false, "0900000000000000 0c0000a0", F_reparse_tag, 0xA000000C },
	{ 1, 34, false, "0100000000000000 0000000000000000 0000000000000000 0000000000000000 0010000000000000 0700000000000000"
	                "20000000 00000000", F_fscc_end_of_file, 7 },
	{ 1, 35, false, "20040000 0c0000a0", F_fscc_tag, 0xA000000C },
	{ 1, 44, false, "01000000 e8030000 01 00 0000 00000100 02000000", F_fscc_sfio_outstanding, 2 },
	{ 1, 45, false, "01000000 e8030000 00000100", F_fscc_sfio_min_transfer, 65536 },
	{ 1, 46, false, "24000000 01000000 00000000 0900000000000000 02000000 61006200", F_fscc_links_count, 1 },
	{ 1, 59, false, "0100000000000000 000102030405060708090a0b0c0d0e0f", F_fscc_volume_serial64, 1 },
	{ 1, 64, true, "03000000", F_fscc_delete_posix, 1 },
	{ 1, 68, false, "0900000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000 0010000000000000 0c00000000000000"
	                "20000000 00000000 02000000 ff011f00", F_fscc_nlinks, 2 },
	{ 1, 71, true, "01000000", F_fscc_case_directory, 1 },
	{ 1, 65, true, "01000000 00000000 0000000000000000 04000000 61006200", F_fscc_rename_replace, 1 },
	{ 2, 1, false, "0100000000000000 2e91b1f7 04000000 0000 61006200", F_fscc_volume_serial, 0xf7b1912e },
	{ 2, 3, false, "0001000000000000 0002000000000000 08000000 00020000", F_fscc_bytes_per_sector, 512 },
	{ 2, 4, false, "07000000 20000000", F_fscc_device_mounted, 1 },
	{ 2, 5, false, "c6000401 ff000000 08000000 4e00540046005300", F_fscc_max_name, 255 },
	{ 2, 6, false, "0000000000000000 0000000000000000 0000000000000000 0100000000000000 0200000000000000 02000000 00000000",
	                F_fscc_quota_hard_default, 2 },
	{ 2, 7, false, "0001000000000000 0002000000000000 0003000000000000 08000000 00020000", F_fscc_actual_free, 768 },
	{ 2, 9, false, "01 000000 04000000 61006200", F_fscc_driver_length, 4 },
	{ 2, 11, false, "00020000 00100000 00100000 00100000 03000000 00000000 00000000", F_fscc_sector_physical, 4096 },
	{ 4, 0, false, "00000000 0c000000 0000000000000000 0900000000000000 0000000000000000 0000000000000000"
	                "0101 000000000005 12000000", F_fscc_quota_used, 9 },
};

static void test_infos(void **state UNUSED)
{
	struct heard h = { 0 };

	for (size_t i = 0; i < COUNT(infos); i++) {
		const struct info_case *c = &infos[i];
		struct pdu_bytes b = c->set ?
			pdu_smb2(0x11, false, 0, "2100 00 00 00000000 6000 0000 00000000 01000000000000000200000000000000") :
			pdu_smb2(0x10, true, 0, "0900 4800 00000000");
		uint32_t at = b.len;

		pdu_put_hex(&b, c->data);
		b.p[72] = (uint8_t)(b.len - at);
		if (c->set) {
			b.p[70] = c->type;
			b.p[71] = c->level;
		}
		pdu_put_len(&b);
		h.asked = (struct smb_asked){ .sub = c->type, .level = c->level, .known = true };
		hear(&h, b.p, b.len, b.len, true);
		assert_int_equal(h.m[0].undecoded, 0);
		assert_int_equal(heard_count(&h, F_fscc_data), 0);
		assert_int_equal(heard_get(&h, c->field, 0)->u, c->value);
		assert_int_equal(h.m[0].asked.level, c->level);
		/* A basic information may end before its reserved bytes. */
		cut_everywhere(&h, b, b.len, b.len);
		mutate(&h, b);
		free(b.p);
	}
	heard_free(&h);
}

/* FSCTLs: the code, a direction's bytes, and a field with the value it must have. */
static const struct fsctl_case {
	uint32_t code;
	bool output;
	const char *data;
	enum field_id field;
	uint64_t value;         /* of an integer; of a span its length */
} fsctls[] = {
	{ 0x00060194, false, "0400 5c006100 0000", F_dfs_max_level, 4 },
	{ 0x00060194, true, "0800 0100 0200 0000 0400 2200 0000 0400 2c010000 2200 2200 2200 00000000000000000000000000000000"
	                    "61006200 0000", F_dfs_node, 6 },
	{ 0x0009003C, true, "0200", F_fsctl_compression, 2 },
	{ 0x000900C0, true, "00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff"
	                    "00112233445566778899aabbccddeeff 00000000000000000000000000000000", F_birth_volume_id, 16 },
	{ 0x000900A8, true, "0c0000a0 1000 0000 0000 0200 0200 0200 01000000 61006200", F_symlink_print, 2 },
	{ 0x000900A8, true, "030000a0 0c00 0000 0000 0200 0200 0200 61006200", F_symlink_substitute, 2 },
	{ 0x000900A8, true, "14000080 1000 0000 4348520000000000 01000000 02000000", F_nfs_type, 0x524843 },
	{ 0x000900C4, false, "01", F_set_sparse_is, 1 },
	{ 0x000940CF, true, "0000000000000000 0010000000000000 0020000000000000 0010000000000000", F_range_length, 4096 },
	{ 0x000980C8, false, "0000000000000000 0010000000000000", F_range_beyond, 4096 },
	{ 0x0009027C, true, "0200 0000 01000000 00100000 00100000", F_integrity_enforcement, 1 },
	{ 0x00090284, true, "00000000 01000000 01000000 00000000 0000000000000000 0010000000000000 01000000 00000000", F_region_length, 4096 },
	{ 0x00090300, true, "01000000 03000000", F_rsvd_state, 3 },
	{ 0x00098344, false, "00112233445566778899aabbccddeeff 0000000000000000 0000000000000000 0010000000000000", F_extents_count, 4096 },
	{ 0x00110018, false, "ffffffffffffffff 04000000 01 00 61006200", F_pipe_wait_name, 4 },
	{ 0x0011C017, false, "05000b03", F_pipe_data, 4 },
	{ 0x00140078, true, "000102030405060708090a0b0c0d0e0f1011121314151617 00000000 00000000", F_cchunk_key, 24 },
	{ 0x001401D4, false, "10270000 00000000", F_resiliency_timeout, 10000 },
	{ 0x001401FC, true, "00000000 05000000 01000000 00000000 00e40b5402000000 0200 01bd ac104224 0000000000000000", F_sockaddr_port, 445 },
	{ 0x00140204, false, "7f000000 00112233445566778899aabbccddeeff 0100 0200 0202 1103", F_smb2_dialect, 0x202 },
	{ 0x00140204, true, "7f000000 00112233445566778899aabbccddeeff 0100 1103", F_smb2_dialect, 0x311 },
	{ 0x00144064, true, "01000000 01000000 34000000 4000470000000000", F_snapshot_name, 6 },
	{ 0x001440F2, false, "000102030405060708090a0b0c0d0e0f1011121314151617 01000000 00000000"
	                     "0000000000000000 0000000000000000 00100000 00000000", F_cchunk_length, 4096 },
	{ 0x001480F2, true, "01000000 00000000 00100000", F_cchunk_total, 4096 },
	{ 0x0009002C, false, "04000000 61006200", F_pathname_path_name, 4 },
	{ 0x00090058, true, "000000000000000000000000000000000000000000000000000000000000000000000000", F_fat_bios_parameter_block, 36 },
	{ 0x00090060, true, "0100 0100 40000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000063000000", F_stat_meta_data_disk_writes, 99 },
	{ 0x00090064, true, "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006300000000000000", F_ntfs_mft_zone_end, 99 },
	{ 0x00090073, false, "6300000000000000", F_retrieval_starting_vcn, 99 },
	{ 0x00090073, true, "01000000 00000000 0000000000000000 0100000000000000 6300000000000000", F_retrieval_lcn, 99 },
	{ 0x0009008F, false, "01000000 010100000000000512000000", F_sid, 12 },
	{ 0x0009008F, true, "02000000 6100 0000 04000000 61006200", F_fscc_filename, 2 },
	{ 0x000900BC, false, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", F_domain_id, 16 },
	{ 0x000900D7, false, "01000000 01 000000", F_encryption_private, 1 },
	{ 0x000900EB, false, "0200 0300", F_usn_max_major_version, 3 },
	{ 0x000900EB, true, "40000000 0200 0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000020000000 0200 3c00 6100 0000", F_fscc_filename, 2 },
	{ 0x000900EB, true, "50000000 0300 000000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0000000000000000000000000000000000000000000000000000000020000000 0400 4c00 61006200", F_fscc_filename, 4 },
	{ 0x000900EF, true, "6300000000000000", F_usn_usn, 99 },
	{ 0x00090100, false, "04000000 06000000 00000000 61000000 620063000000", F_sis_destination_file_name, 6 },
	{ 0x00090138, true, "00020000 01 000000 00000000 63000000", F_sparing_free_spare_blocks, 99 },
	{ 0x0009013C, true, "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000", F_on_disk_last_modifying_implementation_info, 68 },
	{ 0x000902D8, true, "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000006300000000000000 0000 0000 000000000000000000000000", F_refs_maximum_size_of_resident_file, 99 },
	{ 0x00090304, false, "01100002 00000000 0700000000000000", F_rsvd_request_id, 7 },
	{ 0x00090304, true, "01100002 00000000 0700000000000000 01000000 00020000 00100000 00000000 0000001000000000", F_rsvd_virtual_size, 0x10000000 },
	{ 0x00090304, false, "02100002 00000000 0700000000000000 2400 0000 06 14 01 00 00000000 24000000 1200000024000000000000000000000000000000", F_rsvd_cdb, 6 },
	{ 0x00090364, true, "02100002 00000000 0700000000000000 2400 01 02 06 03 01 00 00000000 24000000 7000060000000000000000000000000000000000aabb", F_rsvd_sense, 3 },
	{ 0x00090380, false, "01 00 0000 01000000 0100000000000000", F_integrity_ex_version, 1 },
	{ 0x000903D3, true, "01000000 00000000 0000000000000000 0100000000000000 6300000000000000 02000000 00000000", F_retrieval_reference_count, 2 },
	{ 0x0009042B, true, "63000000", F_retrieval_extent_count, 99 },
	{ 0x00098134, false, "01", F_defect_disable, 1 },
	{ 0x00098208, false, "00000000 01000000 0000000000000000 0010000000000000", F_range_length, 4096 },
	{ 0x00098208, true, "01000000", F_trim_num_ranges_processed, 1 },
	{ 0x000983E8, false, "300000000000000000112233445566778899aabbccddeeff000000000000000000000000000000000010000000000000 01000000 00000000", F_extents_atomic, 1 },
	{ 0x0011400C, true, "03000000 04000000 01000000 04000000 05000b03", F_pipe_peek_data, 4 },
	{ 0x001400EC, false, "0000000000000000 08000000 4653310000000000", F_tracking_netbios_name, 8 },
	{ 0x001400EC, false, "0000000000000000 28000000 0000000000112233445566778899aabbccddeeff00112233445566778899aabbccddeeff46533100", F_tracking_object_id, 16 },
	{ 0x001441BB, false, "01000000 02000000 02000000 00100000 0000000000000000", F_hash_hash_retrieval_type, 2 },
	{ 0x001441BB, true, "6300000000000000 02000000 00000000 aabb", F_hash_buffer, 2 },
	{ 0x000900FC, false, "01000000 00000000 0000000000000000 80000000 00000000", F_mark_handle_info_read_copy, 1 },
	{ 0x00090440, false, "01000000 0400 0000 00000000000000000000000000000000 61006200", F_snap_name, 4 },
	{ 0x000900A8, true, "1d0000a0 0600 0000 02000000 2f61", F_lx_symlink_target, 2 },
	{ 0x00999999, true, "010203", F_fsctl_data, 3 },
};

static void test_fsctls(void **state UNUSED)
{
	struct heard h = { 0 };

	for (size_t i = 0; i < COUNT(fsctls); i++) {
		const struct fsctl_case *c = &fsctls[i];
		struct pdu_bytes b = c->output ?
			pdu_smb2(0x0b, true, 0, "3100 0000 00000000 01000000000000000200000000000000 70000000 00000000 70000000 00000000"
				"00000000 00000000") :
			pdu_smb2(0x0b, false, 0, "3900 0000 00000000 01000000000000000200000000000000 78000000 00000000 00000000"
				"78000000 00000000 00100000 01000000 00000000");
		uint32_t at = b.len;
		const struct heard_value *v;

		pdu_put_hex(&b, c->data);
		memcpy(b.p + 72, &c->code, 4);
		b.p[68 + (c->output ? 36 : 28)] = (uint8_t)(b.len - at);
		b.p[69 + (c->output ? 36 : 28)] = (uint8_t)((b.len - at) >> 8);
		pdu_put_len(&b);
		hear(&h, b.p, b.len, b.len, true);
		assert_int_equal(h.m[0].asked.code, c->code);
		v = heard_get(&h, c->field, 0);
		if (FT_WIDTH(fields[c->field].type) || fields[c->field].type == FT_FLAG)
			assert_int_equal(v->u, c->value);
		else
			assert_int_equal(v->len, c->value);
		assert_int_equal(h.m[0].undecoded, 0);
		assert_int_equal(heard_count(&h, F_fsctl_data), c->field == F_fsctl_data);
		/* What goes through a pipe is payload, which may be missing. */
		cut_everywhere(&h, b, c->field == F_pipe_data ? at : b.len, b.len);
		mutate(&h, b);
		free(b.p);
	}
	heard_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directory), cmocka_unit_test(test_directory_classes), cmocka_unit_test(test_notify),
		cmocka_unit_test(test_streams), cmocka_unit_test(test_security), cmocka_unit_test(test_infos),
		cmocka_unit_test(test_fsctls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
