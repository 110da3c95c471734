/* Unit tests of show: values as text, the tree, and its printers, over a made-up message with hostile text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show/sink.h"

static void emit(struct sink *s, enum field_id id, uint32_t off, uint32_t len, uint64_t u, const void *p)
{
	struct fval v = { .id = id, .type = fields[id].type, .off = off, .len = len, .u = u, .p = p, .captured = p ? len : 0 };

	s->value(s, &v);
	for (unsigned i = (unsigned)id + 1; i < F__COUNT && fields[i].type == FT_FLAG && fields[i].parent == id; i++) {
		v.id = (enum field_id)i;
		v.type = FT_FLAG;
		v.u = field_bit(v.id, u);
		s->value(s, &v);
	}
}

static void generated(struct sink *s, enum field_id id, uint64_t u, const char *text)
{
	struct fval v = { .id = id, .type = text ? FT_TEXT : fields[id].type, .generated = true, .u = u,
	                  .p = (const uint8_t *)text, .captured = text ? (uint32_t)strlen(text) : 0 };

	s->value(s, &v);
}

static struct fval value_of(enum field_id id, const void *p, uint32_t len, uint64_t u)
{
	return (struct fval){ .id = id, .type = fields[id].type, .len = len, .captured = len, .p = p, .u = u };
}

static void test_values(void **state UNUSED)
{
	static const uint8_t guid[16] = { 0xfe, 0xdf, 0x02, 0xe7, 0, 0, 0, 0, 0xc5, 0x10, 0xa5, 0xea };
	static const struct { struct fval v; const char *value, *label; } rows[] = {
		{ { .id = F_smb2_cmd, .type = FT_U16, .len = 2, .u = 5 }, "5", "Command: CREATE (5)" },
		{ { .id = F_smb2_cmd, .type = FT_U16, .len = 2, .u = 999 }, "999", "Command: Unknown (999)" },
		{ { .id = F_smb2_nt_status, .type = FT_U32, .len = 4, .u = 0xc0000022 }, "0xc0000022",
		  "NT Status: STATUS_ACCESS_DENIED (0xc0000022)" },
		{ { .id = F_smb2_sesid, .type = FT_U64, .len = 8, .u = 0xcbccc009 }, "0x00000000cbccc009",
		  "Session Id: 0x00000000cbccc009" },
		{ { .id = F_smb2_msg_id, .type = FT_U64, .len = 8, .u = UINT64_MAX }, "18446744073709551615",
		  "Message ID: 18446744073709551615" },
		{ { .id = F_smb2_flags, .type = FT_U32, .len = 4, .u = 9 }, "0x00000009", "Flags: 0x00000009, Response, Signing" },
		{ { .id = F_smb2_flags_signature, .type = FT_FLAG, .len = 4, .u = 1 }, "1",
		  ".... .... .... .... .... .... .... 1... = Signing: Set" },
		{ { .id = F_smb2_flags_response, .type = FT_FLAG, .len = 4, .u = 0 }, "0",
		  ".... .... .... .... .... .... .... ...0 = Response: Not set" },
		{ { .id = F_smb2_flags_priority, .type = FT_FLAG, .len = 4, .u = 5 }, "5",
		  ".... .... .... .... .... .... .101 .... = Priority: 5" },
		{ { .id = F_smb2_reserved, .type = FT_BYTES, .len = 4, .captured = 3, .p = guid }, "fe:df:02",
		  "Reserved: fedf02 (not all captured)" },
		{ { .id = F_smb2_fid, .type = FT_GUID, .len = 16, .captured = 16, .p = guid },
		  "e702dffe-0000-0000-c510-a5ea00000000", "File Id: e702dffe-0000-0000-c510-a5ea00000000" },
		{ { .id = F_sid, .type = FT_SID, .len = 16, .captured = 16, .p = (const uint8_t *)"\1\2\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0" },
		  "S-1-5-32-544", "SID: S-1-5-32-544" },
		{ { .id = F_sid, .type = FT_SID, .len = 3, .captured = 3, .p = (const uint8_t *)"\1\2\0" }, "010200", "SID: 010200" },
		{ { .id = F_sid_subauth, .type = FT_SUBAUTH, .len = 8, .captured = 8, .p = (const uint8_t *)"\x20\0\0\0\x20\2\0\0" },
		  "32-544", "Subauthorities: 32-544" },
		{ { .id = F_rpc_if_uuid_be, .type = FT_GUIDBE, .len = 16, .captured = 16, .p = guid },
		  "fedf02e7-0000-0000-c510-a5ea00000000", "Interface UUID: fedf02e7-0000-0000-c510-a5ea00000000" },
		{ { .id = F_kerberos_ctime, .type = FT_GTIME, .len = 15, .captured = 15, .p = (const uint8_t *)"20261122163000Z" },
		  "Nov 22, 2026 16:30:00.000000000 UTC", "ctime: Nov 22, 2026 16:30:00.000000000 UTC" },
		{ { .id = F_kerberos_ctime, .type = FT_GTIME, .len = 15, .captured = 15, .p = (const uint8_t *)"20261322163000Z" },
		  "20261322163000Z", "ctime: 20261322163000Z" },
		{ { .id = F_smb1_dialect, .type = FT_SMBSTR, .len = 12, .captured = 12, .p = (const uint8_t *)"\2NT LM 0.12" },
		  "NT LM 0.12", "Dialect: NT LM 0.12" },
		{ { .id = F_nbss_called_name, .type = FT_NBNAME, .len = 34, .captured = 34,
		    .p = (const uint8_t *)" EGFDDBCACACACACACACACACACACACACA" }, "FS1<20>", "Called name: FS1<20>" },
		{ { .id = F_smb2_olb_offset16, .type = FT_U16, .len = 2, .u = 72 }, "0x00000048", "Blob Offset: 0x00000048" },
		{ { .id = F_smb2_create_time, .type = FT_FILETIME, .len = 8, .u = 0x01dd7a8581b3dafc },
		  "Nov 22, 2026 13:29:31.626982000 UTC", "Create: Nov 22, 2026 13:29:31.626982000 UTC" },
		{ { .id = F_smb2_create_time, .type = FT_FILETIME, .len = 8, .u = 0 },
		  "Jan  1, 1970 00:00:00.000000000 UTC", "Create: No time specified (0)" },
		{ { .id = F_smb2_create_time, .type = FT_FILETIME, .len = 8, .u = INT64_MAX },
		  "Sep 14, 30828 02:48:05.477580700 UTC", "Create: Infinity" },
		{ { .id = F_smb2_time, .type = FT_REL, .generated = true, .u = 123456 }, "0.000123456",
		  "Time from request: 0.000123456 seconds" },
		{ { .id = F_smb2_time, .type = FT_REL, .generated = true, .u = (uint64_t)-1500000000 }, "-1.500000000",
		  "Time from request: -1.500000000 seconds" },
		{ { .id = F_smb2_response_to, .type = FT_FRAME, .generated = true, .u = 7 }, "7", "Response to: 7" },
		{ { .id = F_frame_time_epoch, .type = FT_STAMP, .generated = true, .u = 1795354171634818000 },
		  "1795354171.634818000", "Epoch Time: 1795354171.634818000 seconds" },
		{ { .id = F_ip_src, .type = FT_IPV4, .generated = true, .u = 0xc0000201 }, "192.0.2.1", "Source Address: 192.0.2.1" },
		{ { .id = F_eth_src, .type = FT_ETHER, .generated = true, .u = 0x027700000002 }, "02:77:00:00:00:02",
		  "Source: 02:77:00:00:00:02" },
		{ { .id = F_ipv6_src, .type = FT_IPV6, .generated = true, .p = guid, .captured = 16 }, "fedf:2e7::c510:a5ea:0:0",
		  "Source Address: fedf:2e7::c510:a5ea:0:0" },
		{ { .id = F_tcp_srcport, .type = FT_UINT, .generated = true, .u = 445 }, "445", "Source Port: 445" },
		{ { .id = F_create_extrainfo, .type = FT_NONE, .len = 4 }, "", "ExtraInfo" },
		{ { .id = F_smb2_filename, .type = FT_UTF16, .len = 12, .captured = 12,
		    .p = (const uint8_t *)"\x1b\0c\0\0\0\x2e\x20\x3d\xd8\0\0" }, "\\x1bc\\x00\\u{202e}\xef\xbf\xbd",
		  "Filename: \\x1bc\\x00\\u{202e}\xef\xbf\xbd" },
		{ { .id = F_create_tag, .type = FT_OEM, .len = 4, .captured = 4, .p = (const uint8_t *)"M\x81\0\0" },
		  "M\xc3\xbc", "Tag: M\xc3\xbc" },
		{ { .id = F_smb2_filename, .type = FT_UTF16 }, "", "Filename: " },
		/* Bytes that a hole took: nothing to show, and nothing read. */
		{ { .id = F_smb2_fid, .type = FT_GUID, .len = 16 }, "", "File Id: " },
		{ { .id = F_smb2_reserved, .type = FT_BYTES, .len = 16 }, "", "Reserved:  (not all captured)" },
	};
	char out[256];

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = show_value(out, sizeof(out), &rows[i].v);

		assert_string_equal(out, rows[i].value);
		assert_int_equal(n, strlen(out));
		assert_true(n < show_value_size(&rows[i].v));
		assert_int_equal(show_label(out, sizeof(out), &rows[i].v), strlen(rows[i].label));
		assert_string_equal(out, rows[i].label);
		for (size_t size = 1; size < 40; size++) {
			memset(out, 'x', sizeof(out));
			n = show_label(out, size, &rows[i].v);
			assert_true(n < size && strlen(out) == n && out[size] == 'x');
		}
	}
}

/* Whatever the bytes: what show_value writes fits in what show_value_size says. */
static void test_value_size(void **state UNUSED)
{
	static const char *const worst[] = { "\x2e\x20\x2e\x20\x2e\x20", "\x1b\0\x1b\0\x1b\0", "\x00\xd8\x00\xd8\x00\xd8",
	                                     "\x40\xdb\x01\xdc\x40\xdb", "\xff\xff\xff\xff\xff\xff", "\x7f\x7f\x7f\x7f\x7f\x7f" };
	static const enum field_id ids[] = { F_smb2_filename, F_create_tag, F_smb2_reserved };
	static char out[8192];
	uint8_t bytes[1200];

	for (size_t w = 0; w < COUNT(worst); w++)
		for (size_t i = 0; i < COUNT(ids); i++) {
			struct fval v = value_of(ids[i], bytes, sizeof(bytes), 0);
			size_t whole;

			for (size_t at = 0; at < sizeof(bytes); at++)
				bytes[at] = (uint8_t)worst[w][at % 6];
			whole = show_value(out, sizeof(out), &v);
			assert_true(whole < show_value_size(&v));
			assert_int_equal(show_value(out, show_value_size(&v), &v), whole);
		}
}

/* The message: two protocols, a group, flags, hostile text, notes, computed values. */
static const uint8_t message[32] = {
	0x00, 0x00, 0x00, 0x1c, 0x09, 0x00, 0x00, 0x00, '<', 0, '&', 0, 0x1b, 0, ']', 0,
	']', 0, '>', 0, 0x00, 0xd8, 0xff, 0xff, 0xaa, 0xbb, 0xcc, 0xdd, 0x05, 0x00, 0, 0,
};

struct made {
	struct arena arena;
	struct dx_run run;
	struct sink_tree tree;
	struct node *root;
};

static void tell(struct sink *s)
{
	char lent[] = "DOM\"\\\x01user";

	s->push(s, F_smb2, 0, 4);
	emit(s, F_smb2_buffer_code, 28, 2, 0x0039, message + 28);
	emit(s, F_smb2_filename, 8, 16, 0, message + 8);
	s->push(s, F_create_extrainfo, 0, 24);
	emit(s, F_smb2_reserved, 24, 2, 0, message + 24);
	emit(s, F_smb2_reserved, 26, 2, 0, message + 26);
	s->pop(s, 28);
	emit(s, F_smb2_sesid, 4, 8, 9, message + 4);
	emit(s, F_smb2_msg_id, 4, 8, 1ull << 53, message + 4);
	s->note(s, NOTE_malformed, 0, 30);
	s->note(s, NOTE_undecoded, 0, 31);
	generated(s, F_note_text, 0, lent);
	generated(s, F_smb2_response_to, 3, NULL);
	generated(s, F_smb2_time, 1500, NULL);
	s->pop(s, 32);
	memset(lent, 'x', sizeof(lent));   /* what was lent for the call is gone after it */
}

static void make(struct made *m)
{
	memset(m, 0, sizeof(*m));
	m->run.n_sources = 1;
	m->run.sources[0] = (struct source){ .bytes = message, .have = sizeof(message), .len = sizeof(message) };
	sink_tree_init(&m->tree, &m->arena, &m->run);
	tell(&m->tree.sink);
	m->root = tree_end(&m->tree);
}

/* What a printer wrote. */
static char *printed(void (*print)(FILE *, const struct node *), const struct node *root)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	print(f, root);
	fclose(f);
	return text;
}

static void pdml(FILE *f, const struct node *root)
{
	print_pdml(f, root, 100);
}

static void json_line(FILE *f, const struct node *root)
{
	print_json(f, root, true);
}

static void json_pretty(FILE *f, const struct node *root)
{
	print_json(f, root, false);
}

static void check(const struct node *root, void (*print)(FILE *, const struct node *), const char *expected)
{
	char *text = printed(print, root);

	assert_string_equal(text, expected);
	free(text);
}

static void test_tree(void **state UNUSED)
{
	struct made m;
	const struct node *smb2, *n;

	make(&m);
	smb2 = m.root->child;
	assert_true(smb2->group && smb2->v.id == F_smb2 && !smb2->next);
	assert_int_equal(smb2->v.len, 28);
	assert_ptr_equal(smb2->v.p, message + 4);
	n = smb2->child;
	assert_int_equal(n->v.id, F_smb2_buffer_code);
	assert_int_equal(n->child->v.id, F_smb2_buffer_code_length);
	assert_int_equal(n->child->next->v.id, F_smb2_buffer_code_dynamic);
	assert_ptr_equal(n->child->parent, n);
	n = n->next->next;
	assert_true(n->group && n->v.len == 4 && n->child && n->child->next == n->last_child);
	check(m.root, print_tree,
	      "SMB2 (Server Message Block Protocol version 2)\n"
	      "    StructureSize: 0x0039, Dynamic Part\n"
	      "        0000 0000 0011 100. = Fixed Part Length: 28\n"
	      "        .... .... .... ...1 = Dynamic Part: Set\n"
	      "    Filename: <&\\x1b]]>\xef\xbf\xbd\xef\xbf\xbf\n"
	      "    ExtraInfo\n"
	      "        Reserved: aabb\n"
	      "        Reserved: ccdd\n"
	      "    Session Id: 0x0000000000000009\n"
	      "    Message ID: 9007199254740992\n"
	      "    [Malformed: the message ends before its structure does, or an offset leads outside it]\n"
	      "    [Note: the body is shown as bytes]\n"
	      "    Note: DOM\"\\\\x01user\n"
	      "    Response to: 3\n"
	      "    Time from request: 0.000001500 seconds\n");
	arena_free(&m.arena);
}

static void test_pdml(void **state UNUSED)
{
	struct made m;

	make(&m);
	check(m.root, pdml,
	      "  <proto name=\"smb2\" showname=\"SMB2 (Server Message Block Protocol version 2)\" size=\"28\" pos=\"104\">\n"
	      "    <field name=\"smb2.buffer_code\" showname=\"StructureSize: 0x0039, Dynamic Part\" size=\"2\" pos=\"128\" show=\"0x0039\" value=\"0500\">\n"
	      "      <field name=\"smb2.buffer_code.length\" showname=\"0000 0000 0011 100. = Fixed Part Length: 28\" size=\"2\" pos=\"128\" show=\"28\" value=\"1C\" unmaskedvalue=\"0500\"/>\n"
	      "      <field name=\"smb2.buffer_code.dynamic\" showname=\".... .... .... ...1 = Dynamic Part: Set\" size=\"2\" pos=\"128\" show=\"1\" value=\"1\" unmaskedvalue=\"0500\"/>\n"
	      "    </field>\n"
	      "    <field name=\"smb2.filename\" showname=\"Filename: &lt;&amp;\\x1b]]&gt;\xef\xbf\xbd\xef\xbf\xbd\" size=\"16\" pos=\"108\""
	      " show=\"&lt;&amp;\\x1b]]&gt;\xef\xbf\xbd\xef\xbf\xbd\" value=\"3c0026001b005d005d003e0000d8ffff\"/>\n"
	      "    <field name=\"smb2.create.extrainfo\" showname=\"ExtraInfo\" size=\"4\" pos=\"124\" show=\"\" value=\"\">\n"
	      "      <field name=\"smb2.reserved\" showname=\"Reserved: aabb\" size=\"2\" pos=\"124\" show=\"aa:bb\" value=\"aabb\"/>\n"
	      "      <field name=\"smb2.reserved\" showname=\"Reserved: ccdd\" size=\"2\" pos=\"126\" show=\"cc:dd\" value=\"ccdd\"/>\n"
	      "    </field>\n"
	      "    <field name=\"smb2.sesid\" showname=\"Session Id: 0x0000000000000009\" size=\"8\" pos=\"104\" show=\"0x0000000000000009\" value=\"090000003c002600\"/>\n"
	      "    <field name=\"smb2.msg_id\" showname=\"Message ID: 9007199254740992\" size=\"8\" pos=\"104\" show=\"9007199254740992\" value=\"090000003c002600\"/>\n"
	      "    <field name=\"_ws.malformed\" showname=\"[Malformed: the message ends before its structure does, or an offset leads outside it]\""
	      " size=\"0\" pos=\"130\" show=\"malformed\"/>\n"
	      "    <field name=\"smbscope.note\" showname=\"the body is shown as bytes\" size=\"0\" pos=\"131\" show=\"undecoded\"/>\n"
	      "    <field name=\"smbscope.note\" showname=\"Note: DOM&quot;\\\\x01user\" size=\"0\" pos=\"0\" show=\"DOM&quot;\\\\x01user\"/>\n"
	      "    <field name=\"smb2.response_to\" showname=\"Response to: 3\" size=\"0\" pos=\"0\" show=\"3\"/>\n"
	      "    <field name=\"smb2.time\" showname=\"Time from request: 0.000001500 seconds\" size=\"0\" pos=\"0\" show=\"0.000001500\"/>\n"
	      "  </proto>\n");
	arena_free(&m.arena);
}

static void packet(FILE *f, const struct node *root UNUSED)
{
	struct pdml_frame frame = { .number = 24, .len = 194, .captured = 96, .time_ns = 1795354171634818000 };

	print_pdml_packet_open(f, &frame);
	print_pdml_packet_close(f);
}

static void test_pdml_packet(void **state UNUSED)
{
	check(NULL, packet,
	      "<packet>\n"
	      "  <proto name=\"geninfo\" pos=\"0\" showname=\"General information\" size=\"96\">\n"
	      "    <field name=\"num\" pos=\"0\" show=\"24\" showname=\"Number\" value=\"18\" size=\"96\"/>\n"
	      "    <field name=\"len\" pos=\"0\" show=\"194\" showname=\"Frame Length\" value=\"c2\" size=\"96\"/>\n"
	      "    <field name=\"caplen\" pos=\"0\" show=\"96\" showname=\"Captured Length\" value=\"60\" size=\"96\"/>\n"
	      "    <field name=\"timestamp\" pos=\"0\" show=\"Nov 22, 2026 13:29:31.634818000 UTC\" showname=\"Captured Time\" value=\"1795354171.634818000\" size=\"96\"/>\n"
	      "  </proto>\n"
	      "  <proto name=\"frame\" showname=\"Frame 24: 194 bytes on wire, 96 bytes captured\" size=\"96\" pos=\"0\">\n"
	      "    <field name=\"frame.time_epoch\" showname=\"Epoch Time: 1795354171.634818000 seconds\" size=\"0\" pos=\"0\" show=\"1795354171.634818000\"/>\n"
	      "    <field name=\"frame.number\" showname=\"Frame Number: 24\" size=\"0\" pos=\"0\" show=\"24\"/>\n"
	      "    <field name=\"frame.len\" showname=\"Frame Length: 194\" size=\"0\" pos=\"0\" show=\"194\"/>\n"
	      "  </proto>\n"
	      "</packet>\n\n");
}

static void test_json(void **state UNUSED)
{
	struct made m;
	struct sink_tree two;
	struct arena arena = { 0 };

	make(&m);
	check(m.root, json_line,
	      "{\"smb2\":{\"smb2.buffer_code\":57,\"smb2.buffer_code.length\":28,\"smb2.buffer_code.dynamic\":true,"
	      "\"smb2.filename\":\"<&\\u001b]]>\xef\xbf\xbd\xef\xbf\xbf\",\"smb2.create.extrainfo\":{\"smb2.reserved\":[\"aa:bb\",\"cc:dd\"]},"
	      "\"smb2.sesid\":\"0x0000000000000009\",\"smb2.msg_id\":\"9007199254740992\","
	      "\"smbscope.note\":[\"the message ends before its structure does, or an offset leads outside it\","
	      "\"the body is shown as bytes\",\"DOM\\\"\\\\\\u0001user\"],\"smb2.response_to\":3,\"smb2.time\":0.000001500}}\n");
	arena_free(&m.arena);

	sink_tree_init(&two, &arena, NULL);
	check(tree_end(&two), json_line, "{}\n");
	check(tree_end(&two), json_pretty, "{}\n");
	generated(&two.sink, F_frame_number, 4, NULL);
	for (int i = 0; i < 2; i++) {
		two.sink.push(&two.sink, F_smb2, 0, 0);
		emit(&two.sink, F_smb2_cmd, 0, 2, (uint64_t)i, NULL);
		two.sink.pop(&two.sink, 2);
	}
	check(tree_end(&two), json_pretty,
	      "{\n  \"frame.number\": 4,\n  \"smb2\": [\n    {\n      \"smb2.cmd\": 0\n    },\n    {\n      \"smb2.cmd\": 1\n    }\n  ]\n}\n");
	arena_free(&arena);
}

/* Groups that are never closed, closed too often, and nested without end. */
static void test_tree_unbalanced(void **state UNUSED)
{
	struct sink_tree t;
	struct arena arena = { 0 };
	struct node *root, *n;
	unsigned depth = 0;

	sink_tree_init(&t, &arena, NULL);
	t.sink.pop(&t.sink, 5);
	for (unsigned i = 0; i < 100000; i++)
		t.sink.push(&t.sink, F_create_extrainfo, 0, i);
	emit(&t.sink, F_smb2_cmd, 100000, 2, 1, NULL);
	t.sink.pop(&t.sink, 100002);
	root = tree_end(&t);
	for (n = root->child; n; n = n->child)
		depth++;
	assert_int_equal(depth, TREE_DEPTH + 1);
	assert_ptr_equal(t.open, root);
	arena_free(&arena);
}

static void expect_line(struct sink_fields *s, const struct fields_options *o, const char *expected)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	assert_non_null(f);
	sink_fields_print(s, f, o);
	fclose(f);
	assert_string_equal(text, expected);
	free(text);
}

static void test_fields(void **state UNUSED)
{
	static const char *const names[] = { "smb2.reserved", "smb2.filename", "smb2.flags.response", "smb2.buffer_code.length",
	                                     "smb2.reserved", "smb2", "smb2.olb.length" };
	struct fields_options o = { '\t', ',', 0, 'a', true };
	struct err err = { 0 };
	struct sink_fields *s = sink_fields_new(names, COUNT(names), &err);

	assert_non_null(s);
	assert_false(sink_fields_any(s));
	tell(sink_fields_sink(s));
	/* One name, two ids. */
	emit(sink_fields_sink(s), F_smb2_olb_length16, 0, 2, 7, message);
	emit(sink_fields_sink(s), F_smb2_olb_length32, 0, 4, 8, message);
	assert_true(sink_fields_any(s));
	expect_line(s, &o, "smb2.reserved\tsmb2.filename\tsmb2.flags.response\tsmb2.buffer_code.length\tsmb2.reserved\tsmb2\tsmb2.olb.length\n"
	            "aabb,ccdd\t<&\\x1b]]>\xef\xbf\xbd\xef\xbf\xbf\t\t28\taabb,ccdd\tSMB2 (Server Message Block Protocol version 2)\t7,8\n");
	assert_false(sink_fields_any(s));
	expect_line(s, &o, "\t\t\t\t\t\t\n");

	assert_int_equal(sink_fields_option(&o, "separator=/s", &err), 0);
	assert_int_equal(sink_fields_option(&o, "aggregator=;", &err), 0);
	assert_int_equal(sink_fields_option(&o, "quote=d", &err), 0);
	tell(sink_fields_sink(s));
	emit(sink_fields_sink(s), F_smb2_filename, 0, 2, 0, "\"");
	expect_line(s, &o, "\"aabb;ccdd\" \"<&\\x1b]]>\xef\xbf\xbd\xef\xbf\xbf;\"\"\"  \"28\" \"aabb;ccdd\""
	            " \"SMB2 (Server Message Block Protocol version 2)\" \n");
	assert_int_equal(sink_fields_option(&o, "quote=n", &err), 0);
	assert_int_equal(sink_fields_option(&o, "occurrence=f", &err), 0);
	tell(sink_fields_sink(s));
	expect_line(s, &o, "aabb <&\\x1b]]>\xef\xbf\xbd\xef\xbf\xbf  28 aabb SMB2 (Server Message Block Protocol version 2) \n");
	assert_int_equal(sink_fields_option(&o, "occurrence=l", &err), 0);
	tell(sink_fields_sink(s));
	expect_line(s, &o, "ccdd <&\\x1b]]>\xef\xbf\xbd\xef\xbf\xbf  28 ccdd SMB2 (Server Message Block Protocol version 2) \n");
	sink_fields_free(s);
	sink_fields_free(NULL);
}

static void test_fields_wrong(void **state UNUSED)
{
	static const char *const options[] = { "", "separator", "separator=", "separator=ab", "occurrence=x", "quote=", "header=1",
	                                       "colour=red", "header=yy" };
	struct fields_options o = { '\t', ',', 0, 'a', false };
	const char *name = "smb2.filenam";
	struct err err = { 0 };

	assert_null(sink_fields_new(&name, 1, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "no field is named 'smb2.filenam'; near it: smb2.filename"));
	name = "\x1b[2Jnothing like any of the fields there are";
	assert_null(sink_fields_new(&name, 1, &err));
	assert_string_equal(err.text, "no field is named '\\x1b[2Jnothing like any of the fields there are'; smbscope fields lists them all");
	for (size_t i = 0; i < COUNT(options); i++) {
		err.code = ERR_NONE;
		assert_int_equal(sink_fields_option(&o, options[i], &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
	assert_true(o.separator == '\t' && o.aggregator == ',' && !o.quote && o.occurrence == 'a' && !o.header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_value_size), cmocka_unit_test(test_tree),
		cmocka_unit_test(test_pdml), cmocka_unit_test(test_pdml_packet), cmocka_unit_test(test_json),
		cmocka_unit_test(test_tree_unbalanced), cmocka_unit_test(test_fields), cmocka_unit_test(test_fields_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
