/* Unit tests: SMB1 commands that no recording has, in messages made by hand.  MS-CIFS 2.2.4.23, 2.2.4.26, 2.2.4.35,
 * 2.2.4.49, 2.2.4.58, 2.2.4.70; MS-MSRP 2.2. */
#include "dissect_helper.h"

/* A PDU of an SMB1 header, WordCount, words, ByteCount and bytes. */
static struct pdu_bytes smb1(unsigned command, bool response, const char *words, const char *bytes)
{
	struct pdu_bytes b = { .p = xcalloc(1, 37), .len = 37 };
	uint32_t from;

	memcpy(b.p + 4, "\xffSMB", 4);
	b.p[8] = (uint8_t)command;
	b.p[13] = response ? 0x80 : 0;
	b.p[15] = 0x40;
	pdu_put_hex(&b, words);
	b.p[36] = (uint8_t)((b.len - 37) / 2);
	from = b.len;
	pdu_put_hex(&b, "0000");
	pdu_put_hex(&b, bytes);
	b.p[from] = (uint8_t)(b.len - from - 2);
	pdu_put_len(&b);
	return b;
}

/* Hears it whole, without a note, then cut at every length and with other bytes. */
static void exercise(struct heard *h, struct pdu_bytes b)
{
	mutate(h, b);
	cut_everywhere(h, b, b.len, b.len);
	hear(h, b.p, b.len, b.len, true);
	assert_int_equal(h->notes, 0);
	assert_int_equal(heard_count(h, F_undecoded), 0);
	free(b.p);
}

static void text_is(const struct heard *h, enum field_id id, const char *text)
{
	const struct heard_value *v = heard_get(h, id, 0);

	assert_memory_equal(v->bytes, text, strlen(text));
}

static void test_read_mpx(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0x1b, false, "0500 00100000 4000 2000 10270000 0000", ""));
	heard_is(&h, smb1_fid, 0, 5);
	assert_int_equal(h.m[0].fid.v, 5);
	heard_is(&h, smb1_offset, 0, 0x1000);
	heard_is(&h, smb1_maxcount, 0, 0x40);
	heard_is(&h, smb1_timeout, 0, 10000);
	exercise(&h, smb1(0x1b, true, "00100000 0400 0700 0000 0000 0400 3400", "00 41424344"));
	heard_is(&h, smb1_count, 0, 4);
	heard_is(&h, smb1_remaining, 0, 7);
	heard_len(&h, smb1_file_data, 0, 4);
	heard_free(&h);
}

static void test_write_mpx(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0x1e, false, "0500 0400 0000 00100000 02000000 8000 55000000 0400 3b00", "41424344"));
	heard_is(&h, smb1_mpx_connectionless, 0, 1);
	heard_is(&h, smb1_request_mask, 0, 0x55);
	heard_len(&h, smb1_file_data, 0, 4);
	exercise(&h, smb1(0x1e, true, "55000000", ""));
	heard_is(&h, smb1_response_mask, 0, 0x55);
	heard_free(&h);
}

static void test_ioctl(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0x27, false, "0500 5300 6000 0200 0300 0200 0300 00000000 0000 0200 4000 0300 4400",
		"00 6162 0000 636465"));
	heard_is(&h, smb1_ioctl_category, 0, 0x53);
	heard_is(&h, smb1_ioctl_code, 0, 0x60);
	text_is(&h, F_smb1_trans_parameters, "ab");
	text_is(&h, F_smb1_trans_data, "cde");
	exercise(&h, smb1(0x27, true, "0000 0300 0000 0000 0000 0300 3400 0000", "00 636465"));
	text_is(&h, F_smb1_trans_data, "cde");
	heard_free(&h);
}

static void test_notify_close(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0x35, false, "0700", ""));
	heard_is(&h, smb1_monitor_handle, 0, 7);
	heard_free(&h);
}

static void test_messenger(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0xd0, false, "", "04 414c49434500 04 424f4200 01 0300 686921"));
	text_is(&h, F_smb1_originator, "ALICE");
	text_is(&h, F_smb1_destination, "BOB");
	text_is(&h, F_smb1_message, "hi!");
	exercise(&h, smb1(0xd2, false, "", "04 424f4200"));
	text_is(&h, F_smb1_forwarded, "BOB");
	exercise(&h, smb1(0xd5, false, "", "04 414c49434500 04 424f4200"));
	exercise(&h, smb1(0xd5, true, "0700", ""));
	heard_is(&h, smb1_message_group, 0, 7);
	exercise(&h, smb1(0xd7, false, "0700", "01 0300 686921"));
	heard_is(&h, smb1_message_group, 0, 7);
	text_is(&h, F_smb1_message, "hi!");
	exercise(&h, smb1(0xd6, false, "0700", ""));
	heard_is(&h, smb1_message_group, 0, 7);
	assert_string_equal(smb_command_name(1, 0xd6), "SEND_END_MB_MESSAGE");
	heard_free(&h);
}

#define JOB "615b 4275 02 0500 10000000 00 4a4f42 00000000000000000000000000"

static void test_print_queue(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0xc3, true, "0200 0100", "01 3800" JOB JOB));
	assert_int_equal(heard_count(&h, F_smb1_print_queued), 2);
	heard_is(&h, smb1_print_status, 1, 2);
	heard_is(&h, smb1_print_number, 0, 5);
	heard_is(&h, smb1_print_size, 0, 16);
	text_is(&h, F_smb1_print_name, "JOB");
	heard_free(&h);
}

static void test_resume_key(void **state UNUSED)
{
	struct heard h = { 0 };

	exercise(&h, smb1(0x81, false, "0100 1600", "04 5c2a00 05 1500 16 2a20202020202020202020 0102030405 0a0b0c0d"));
	heard_is(&h, smb1_resume_key_len, 0, 21);
	heard_len(&h, smb1_resume_server, 0, 5);
	heard_len(&h, smb1_resume_client, 0, 4);
	heard_free(&h);
}

/* Reserved commands have no form: words and bytes, and a note that says so. */
static void test_reserved(void **state UNUSED)
{
	static const uint8_t commands[] = { 0x1c, 0x1f, 0x21, 0x28, 0x30, 0xd8, 0xd9, 0xda };
	struct heard h = { 0 };

	for (size_t i = 0; i < COUNT(commands); i++) {
		struct pdu_bytes b = smb1(commands[i], false, "0100 0200", "616263");

		hear(&h, b.p, b.len, b.len, true);
		assert_int_equal(h.note_bits, 1u << NOTE_undecoded);
		heard_len(&h, smb1_word_parameters, 0, 4);
		heard_len(&h, smb1_byte_parameters, 0, 3);
		free(b.p);
	}
	heard_free(&h);
}

/* The rights of an ACE go by what the FID is: NT_TRANSACT_QUERY_SECURITY_DESC, MS-CIFS 2.2.7.6.2. */
static void test_rights(void **state UNUSED)
{
	static const char words[] = "000000 04000000 30000000 04000000 47000000 00000000 30000000 4b000000 00000000 00";
	static const char full[] = "30000000 0100 0480 00000000 00000000 00000000 14000000"
		"0200 1c00 01000000 0000 1400 ff011f00 0101 000000000001 00000000";
	struct heard h = { .asked = { .known = true, .sub = 6 } };
	struct pdu_bytes b = smb1(0xa0, true, words, full);

	h.ctx.object = OBJECT_FILE;
	hear(&h, b.p, b.len, b.len, true);
	assert_int_equal(h.notes, 0);
	heard_is(&h, nt_access_file_full_control, 0, 0x1ff);
	heard_is(&h, nt_access_file_full_append_data, 0, 1);
	h.ctx.object = OBJECT_DIRECTORY;
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, nt_access_dir_full_traverse, 0, 1);
	assert_int_equal(heard_count(&h, F_nt_access_file_full), 0);
	h.ctx.object = OBJECT_UNKNOWN;
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, nt_access_specific_0, 0, 1);
	/* Not all of them: no full control. */
	b.p[b.len - 15] = 0;
	h.ctx.object = OBJECT_DIRECTORY;
	hear(&h, b.p, b.len, b.len, true);
	heard_is(&h, nt_access_dir, 0, 0x1f00ff);
	heard_is(&h, nt_access_dir_write_attribute, 0, 0);
	assert_int_equal(heard_count(&h, F_nt_access_dir_full_control), 0);
	free(b.p);
	heard_free(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_mpx), cmocka_unit_test(test_write_mpx), cmocka_unit_test(test_ioctl),
		cmocka_unit_test(test_notify_close), cmocka_unit_test(test_messenger), cmocka_unit_test(test_print_queue),
		cmocka_unit_test(test_resume_key), cmocka_unit_test(test_reserved), cmocka_unit_test(test_rights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
