/* Unit tests of display filters: language, errors and their places, semantics over made-up frames, caps, regular expressions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "show/filter.h"
#include "show/filter_private.h"

static void emit(struct sink *s, enum field_id id, uint64_t u, const void *p, uint32_t n)
{
	struct fval v = { .id = id, .type = fields[id].type, .len = n, .captured = p ? n : 0, .u = u, .p = p };

	s->value(s, &v);
}

static void text(struct sink *s, enum field_id id, const char *value)
{
	struct fval v = { .id = id, .type = FT_TEXT, .p = (const uint8_t *)value };

	v.len = v.captured = (uint32_t)strlen(value);
	s->value(s, &v);
}

/* A frame of two messages: a CREATE of "Dir\Ünter.txt" (request 5) and its CLOSE (6), with this and that. */
static void frame(struct sink *s)
{
	static const uint8_t guid[16] = { 0xfe, 0xdf, 0x02, 0xe7, 0, 0, 0, 0, 0xc5, 0x10, 0xa5, 0xea };
	static const uint8_t signature[16] = { 0, 1, 2, 3, 0xff };
	static const uint8_t ntlm[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a };
	static const uint8_t sid[] = { 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0 };
	static const uint8_t v6[16] = { 0xfe, 0x80, [15] = 1 }, mac[6] = { 2, 0, 0, 0, 0, 9 };

	s->push(s, F_nbss, 0, 0);
	s->pop(s, 4);
	s->push(s, F_smb2, 0, 4);
	emit(s, F_smb2_cmd, 5, NULL, 2);
	emit(s, F_smb2_flags_response, 0, NULL, 4);
	text(s, F_smb2_filename, "Dir\\\xc3\x9cnter.txt");
	emit(s, F_smb2_fid, 0, guid, 16);
	emit(s, F_smb2_signature, 0, signature, 16);
	emit(s, F_smb2_create_time, 0x01dd7a8581b3dafc, NULL, 8);     /* 2026-11-22 13:29:31.626982 */
	s->note(s, NOTE_unknown_command, 0, 0);
	s->pop(s, 100);
	s->push(s, F_nbss, 0, 100);
	s->pop(s, 104);
	emit(s, F_smb2_cmd, 6, NULL, 2);
	emit(s, F_smb2_nt_status, 0xc0000022, NULL, 4);
	emit(s, F_smb2_time, (uint64_t)-1500000, NULL, 0);
	emit(s, F_smb2_msg_id, UINT64_MAX, NULL, 8);
	emit(s, F_spnego_mech_type, 0, ntlm, sizeof(ntlm));
	emit(s, F_sid, 0, sid, sizeof(sid));
	for (unsigned i = 0; i < 4; i++) {
		s->push(s, (enum field_id[]){ F_frame, F_ip, F_ipv6, F_tcp }[i], 0, 0);
		s->pop(s, 0);
	}
	emit(s, F_frame_number, 7, NULL, 0);
	emit(s, F_ip_src, 0x0a010203, NULL, 4);
	emit(s, F_ip_dst, 0x0a010204, NULL, 4);
	emit(s, F_ipv6_src, 0, v6, 16);
	emit(s, F_eth_src, 0, mac, 6);
	emit(s, F_tcp_stream, 0, NULL, 0);
	emit(s, F_tcp_srcport, 50000, NULL, 0);
	emit(s, F_tcp_dstport, 445, NULL, 0);
}

static const uint8_t bytes[104] = { [4] = 0xfe, 'S', 'M', 'B', [99] = 0x77 };

static bool matches(const char *filter)
{
	struct dx_run run = { .sources = { { .bytes = bytes, .have = sizeof(bytes), .len = sizeof(bytes) } }, .n_sources = 1 };
	struct err e = { 0 };
	uint32_t where = 0;
	struct filter *f = filter_compile(filter, &e, &where);
	bool first, second, none;

	if (!f)
		fail_msg("%s: %s (at %u)", filter, e.text, where);
	filter_run(f, &run);
	frame(filter_sink(f));
	first = filter_match(f);
	/* What was heard is forgotten: an empty frame, then the same again. */
	none = filter_match(f);
	frame(filter_sink(f));
	second = filter_match(f);
	filter_free(f);
	if (first != second)
		fail_msg("%s: the second time it is another answer", filter);
	if (first && none && filter[0] != '!' && !strstr(filter, "not "))
		fail_msg("%s: an empty frame matches, too", filter);
	return first;
}

static void test_language(void **state UNUSED)
{
	static const char *const yes[] = {
		"smb2", "smb2.cmd", "smb2.cmd == 5", "smb2.cmd==6", "smb2.cmd eq 0x5", "smb2.cmd == 05", "smb2.cmd == 0b110",
		"smb2.cmd == CREATE", "smb2.cmd == \"close\"", "smb2.cmd == '\\006'", "5 == smb2.cmd",
		"smb2.cmd != 7", "smb2.cmd ~= 5", "smb2.cmd !== 5", "any smb2.cmd != 5", "all smb2.cmd > 4", "smb2.cmd any_ne 6",
		"smb2.cmd in {1, 3..5}", "smb2.cmd in {CLOSE}", "all smb2.cmd in {5 .. 6}", "smb2.cmd not in {0..4}", "smb2.cmd in {tcp.port, smb2.cmd}",
		"4 < smb2.cmd < 6", "count(smb2.cmd) == 2", "smb2.cmd & 4", "smb2.cmd & 4 == 4", "smb2.cmd + 1 == 7", "-smb2.cmd < -4",
		"(smb2.cmd + 1) * 2 == 12", "{smb2.cmd + 1} * 2 == 12", "smb2.cmd - 6 == -1", "smb2.cmd % 4 / 2 == 1", "smb2.cmd == 2 + 3",
		"smb2.nt_status == STATUS_ACCESS_DENIED", "smb2.nt_status >= 0xc0000000", "string(smb2.nt_status) == \"3221225506\"",
		"smb2.msg_id == 18446744073709551615", "smb2.msg_id == 0xffffffffffffffff", "smb2.msg_id > smb2.cmd",
		"smb2.flags.response == 0", "smb2.flags.response == false", "smb2.flags.response == \"Not set\"", "smb2.flags.response",
		"smb2.filename contains \"nter\"", "smb2.filename contains nter", "smb2.filename contains \"\\\\\"", "smb2.filename contains r\"r\\\xc3\x9c\"",
		"smb2.filename contains \"\\u00dcn\"", "smb2.filename contains \"\\x2etxt\"", "smb2.filename contains \"\\056txt\"",
		"smb2.filename matches \"^dir\"", "smb2.filename matches r\"\\\\\\w+\\.TXT$\" || smb2.filename ~ \"\xc3\xbcnter\"", "smb2.filename ~ \"\xc3\xbcn\"",
		"smb2.filename > \"Dir\"", "smb2.filename <= \"E\"", "smb2.filename[0:3] == \"Dir\"", "smb2.filename[0-2] == 44:69:72",
		"smb2.filename[-4:] == \".txt\"", "smb2.filename[:2,-1] == \"Dit\"", "smb2.filename[-3--1] == \"txt\"", "smb2.filename[0] == 44",
		"smb2.filename[0:200] != \"x\"", "len(smb2.filename) == 14", "lower(smb2.filename) == \"dir\\\\\xc3\xbcnter.txt\"",
		"upper(smb2.filename) contains \"\xc3\x9cNTER\"", "lower(smb2.filename)[0] == 64",
		"smb2.signature[1:2] == 01:02", "smb2.signature contains 0203", "smb2.signature contains 02-03-ff" " || smb2", "smb2.signature > ff",
		"smb2.signature == 00:01:02:03:ff:00:00:00:00:00:00:00:00:00:00:00", "smb2.signature matches \"\\x03\\xff\"", "len(smb2.signature) == 16",
		"smb2.fid == e702dffe-0000-0000-c510-a5ea00000000", "smb2.fid < ffffffff-0000-0000-0000-000000000000",
		"smb2.create.time > \"2026-11-22 13:00:00\"", "smb2.create.time < 2026-11-22T13:29:31.626982001Z", "smb2.create.time > 1700000000.5",
		"smb2.create.time > \"Nov 22, 2026 13:29:31.626981999 UTC\"", "smb2.create.time == \"2026-11-22T14:29:31.626982+01:00\"",
		"smb2.time < 0", "smb2.time == -0.0015", "smb2.time > -1", "spnego.MechType == 1.3.6.1.4.1.311.2.2.10", "spnego.MechType contains 82:37",
		"nt.sid == S-1-5-32-544", "nt.sid matches \"-544$\"", "smbscope.note",
		"ip.addr == 10.0.0.0/8", "ip.src == 10.1.2.3", "ip.addr != 10.1.3.0/24", "ip.src < ip.dst", "ip.src in {10.1.2.0 .. 10.1.2.9}", "ip && tcp && frame",
		"ipv6.addr == fe80::/10", "ipv6.src == fe80::1", "ipv6.src[15] == 01", "ipv6", "eth.addr == 02:00:00:00:00:09", "eth.src[0:3] == 02:00:00",
		"tcp.port == 445", "tcp.port in {139, 445}", "frame.number == 7", "tcp.srcport > tcp.dstport",
		"smb2[0:4] == fe:53:4d:42", "smb2 contains \"SMB\"", "smb2[-1] == 77", "len(smb2) == 96",
		"smb2.cmd == 5 and smb2.cmd == 6", "smb2.cmd == 9 or smb2.cmd == 6", "not smb2.cmd == 9", "!(smb2.cmd == 9)", "!smb.cmd",
		"smb2.cmd == 5 xor smb2.cmd == 9", "smb2.cmd == 5 ^^ smb.cmd", "smb.cmd && smb2 || smb2",
		"smb2.cmd#1 == 5", "smb2.cmd#2 == 6", "smb2.cmd#[-1] == 6", "smb2.cmd#[1-2] == 6", "smb2.cmd#[1,2] == 5", "smb2.cmd#[2:]", "smb2#1", "nbss#1",
		"count(smb2.cmd#2) == 1", "min(smb2.cmd) == 5", "max(smb2.cmd) == 6", "max(smb2.cmd, 4) == 6", "min(smb2.cmd, smb.cmd, 8) == 5",
		"abs(smb2.time) == 0.0015", "abs(smb2.cmd - 9) == 4", "max(smb2.filename) > \"Dir\"", "smb2.time + 1 == 0.9985", "smb2.time - smb2.time == 0",
		"-smb2.time > 0", "smb2.time + 0.0015 == 0 && !(smb2.time + 0.0016 == 0)", "@smb2.signature[4] == ff", "smb2.signature[4] & 0f == 0f",
		"smb2.signature[0] == 0", "smb2.signature[1] == :01", "smb2.signature[:] contains ff", "smb2.signature[4] & ff", "ip.src[0] == 0a", "+smb2.cmd == +5",
		"smb2.create.time < \"2026-11-22 14:00:00 UTC\"", "smb2.nt_status == \"Status Access-Denied\"", "len(ip.src) == 4", "smb2 || smb && smb", "((((smb2))))",
	};
	static const char *const no[] = {
		"smb.cmd", "smb2.cmd == 9", "smb2.cmd != 5", "smb2.cmd ne 6", "smb2.cmd === 5", "all smb2.cmd == 5", "smb2.cmd all_ne 5", "!smb2", "not smb2.cmd",
		"smb2.cmd in {0..4}", "all smb2.cmd in {5}", "smb2.cmd not in {5}", "smb.cmd == 5", "smb.cmd != 5", "smb.cmd in {5}", "count(smb.cmd) == 0",
		"6 < smb2.cmd < 5", "smb2.cmd & 8", "smb2.cmd - 9223372036854775807 - 9 == 1", "smb2.cmd / 0 == 1", "smb2.cmd % 0", "smb2.cmd == -5",
		"smb2.filename == \"dir\"", "smb2.filename contains \"NTER\"", "smb2.filename matches \"(?-i)^dir\"", "smb2.filename matches \"^nter\"",
		"smb2.filename[0:200] == \"x\"", "smb2.filename[0:200]", "smb2.filename[14]", "smb2.filename[-15:1]", "smb2.filename[3-1]",
		"smb2.signature == 00", "smb2.signature < ff", "smb2.flags.response == 1", "smb2.flags.response == TRUE",
		"ip.addr == 10.1.3.0/24", "ip.src == 10.1.2.4", "ip.src == ip.dst", "ipv6.addr == fec0::/10", "tcp.port != 445", "smb2.time > 0", "smb2.create.time < 2026-01-01",
		"smb2.cmd == 5 xor smb2.cmd == 6", "smb2.cmd == 5 and smb2.cmd == 9", "smb2[0:4] == ff:53:4d:42", "smb2 contains 77:00", "nt.sid == S-1-5-32",
		"smb2.cmd#1 == 6", "smb2.cmd#2 == 5", "smb2.cmd#3", "smb2.cmd#0", "smb2.cmd#[3:]", "smb2#2", "nbss#2", "min(smb2.cmd) == 6", "max(smb.cmd) == 5",
		"smb2.signature[0] & ff", "smb2.signature[0:2] & 01 == 01", "smb2.signature & 01", "@smb2.flags.response == 1", "smb2.time + 1 == 1",
	};

	for (size_t i = 0; i < COUNT(yes); i++)
		if (!matches(yes[i]))
			fail_msg("%s: does not match", yes[i]);
	for (size_t i = 0; i < COUNT(no); i++)
		if (matches(no[i]))
			fail_msg("%s: matches", no[i]);
}

static void test_errors(void **state UNUSED)
{
	static const struct { const char *filter; uint32_t where; const char *part; } rows[] = {
		{ "", 0, "the filter ends where a field or value should stand" },
		{ "smb2.cmd ==", 11, "the filter ends" },
		{ "smb2.cnd == 5", 0, "near it: smb2.cmd" },
		{ "smb2.cmd == 5 && smb2.filenam", 17, "near it: smb2.filename" },
		{ "5", 0, "this is a value" },
		{ "\"a\" == \"a\"", 0, "this is a value" },
		{ "smb2.cmd == xyz", 12, "'xyz' is not a number, nor a name of smb2.cmd's values" },
		{ "smb2.cmd == 70000", 12, "the largest value of smb2.cmd is 65535" },
		{ "smb2.cmd == 5 5", 14, "the end, or && or || should stand here, not '5'" },
		{ "(smb2.cmd == 5", 14, "')' should stand" },
		{ "smb2.cmd == 5)", 13, "not ')'" },
		{ "smb2.cmd in {1 2}", 15, "',' or '}'" },
		{ "smb2.cmd in 5", 12, "'{' should stand here" },
		{ "smb2.cmd in {}", 13, "a field or value" },
		{ "smb2.cmd contains 5", 0, "contains is for text and bytes, and this is a number" },
		{ "smb2.cmd matches \"5\"", 0, "matches is for text and bytes" },
		{ "smb2.filename matches smb2.filename", 22, "a regular expression should stand here" },
		{ "smb2.filename matches \"a(b\"", 24, "')' is missing" },
		{ "smb2.filename matches r\"a[b\"", 25, "']' is missing" },
		{ "smb2.filename matches \"*a\"", 23, "nothing to repeat" },
		{ "smb2.filename matches r\"(a)\\1\"", 28, "no references" },
		{ "smb2.filename matches \"(?=a)\"", 23, "only (?: is known" },
		{ "smb2.filename matches \"((a{1000}){1000}){1000}\"", 23, "too long" },
		{ "smb2.filename == \"a", 17, "the quote is not closed" },
		{ "smb2.filename == 'ab'", 17, "one character" },
		{ "smb2.filename == \"\\xzz\"", 18, "hex digits" },
		{ "smb2.filename[", 14, "parts are" },
		{ "smb2.filename[1:", 16, "parts are" },
		{ "smb2.filename[0:0]", 16, "length of 1 or more" },
		{ "smb2.filename[1 2]", 16, "']' should stand here" },
		{ "smb2.cmd[0]", 0, "no bytes to take a slice of" },
		{ "smb2.cmd > smb2.filename", 11, "a number and text cannot be compared" },
		{ "smb2.filename + 1 == 2", 0, "+ is for numbers, and this is text" },
		{ "lower(smb2.cmd) == \"a\"", 6, "lower is for text" },
		{ "len(smb2.cmd) == 2", 4, "len is for text and bytes" },
		{ "count(smb2.cmd", 14, "')' should stand" },
		{ "size(smb2.cmd) == 1", 0, "no function is named 'size'" },
		{ "ip == 1.2.3.4", 0, "ip has no value" },
		{ "ip.src == 1.2.3", 10, "not an IPv4 address" },
		{ "ip.src == 1.2.3.4/33", 10, "not an IPv4 address" },
		{ "ipv6.src == 1.2.3.4", 12, "not an IPv6 address" },
		{ "eth.src == 02:00", 11, "not an Ethernet address" },
		{ "smb2.fid == 12", 12, "not a GUID" },
		{ "smb2.signature == 0:1", 18, "not bytes" },
		{ "smb2.signature == aa:bb-cc", 18, "not bytes" },
		{ "smb2.create.time > yesterday", 19, "not a time" },
		{ "smb2.time > 1s", 12, "not a duration" },
		{ "smb2.flags.response == maybe", 23, "not true or false" },
		{ "spnego.MechType == 1.x", 19, "not an object identifier" },
		{ "(smb2.cmd == 5) + 1 == 2", 1, "a value should stand here, not a test" },
		{ "all smb2", 0, "any and all stand before a comparison" },
		{ "smb2.cmd not 5", 13, "'in' should stand here" },
		{ "smb2.cmd == 5 ?", 14, "no meaning" },
		{ "${smb2.cmd} == 5", 0, "a field of the message that is selected" },
		{ "smb2.cmd # 1 == 5", 9, "# stands directly behind a field" },
		{ "smb2.cmd#x == 5", 9, "a layer is a number" },
		{ "smb2.cmd#[1 == 5", 12, "']' should stand here" },
		{ "@ smb2.cmd == 5", 2, "directly behind the @" },
		{ "@smb2.cnd == 5", 1, "near it: smb2.cmd" },
		{ "abs(smb2.filename) == 1", 4, "abs is for numbers and durations, and this is text" },
		{ "min(5) == 5", 4, "this is a value" },
		{ "min(smb2.cmd, smb2.filename) == 5", 14, "a number and text cannot be compared" },
		{ "max(smb2.cmd, 70000) == 5", 14, "the largest value of smb2.cmd" },
		{ "smb2.time * 2 > 1", 0, "* is for numbers, and this is a duration" },
		{ "smb2.signature[0] & smb2.cmd", 20, "& is for bytes and bytes" },
		{ "smb2.cmd in {smb2.cmd + 1}", 13, "nothing computed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = { 0 };
		uint32_t where = 999;
		struct filter *f = filter_compile(rows[i].filter, &e, &where);

		if (f)
			fail_msg("%s: is taken", rows[i].filter);
		if (e.code != ERR_USAGE || !strstr(e.text, rows[i].part) || where != rows[i].where)
			fail_msg("%s: '%s' at %u, wanted '%s' at %u", rows[i].filter, e.text, where, rows[i].part, rows[i].where);
	}
}

/* Every beginning of a filter, and a filter with any byte in any place, is taken or refused in peace. */
static void test_hostile_filters(void **state UNUSED)
{
	static const char good[] = "(smb2.cmd in {1, 3..5} && lower(smb2.filename)[0:2,-1] ~ r\"a(b|[^c-d]){2,3}\\.\") || !\"\\x41\" == smb2.filename";
	static const char any[] = "a5.-\\\"'()[]{}<=!&|,: \x01\xff";
	char copy[sizeof(good)];
	uint32_t taken = 0, where;
	struct err e;

	for (size_t n = 0; n < sizeof(good) - 1; n++)
		for (const char *c = any; c < any + sizeof(any); c++) {
			struct filter *f;

			memcpy(copy, good, sizeof(copy));
			copy[n] = *c;
			f = filter_compile(copy, &e, &where);
			if (f) {
				frame(filter_sink(f));
				filter_match(f);
				taken++;
			} else {
				assert_true(where <= strlen(copy));
			}
			filter_free(f);
		}
	assert_in_range(taken, 100, sizeof(good) * sizeof(any));
}

static void nested(const char *left, unsigned n, const char *middle, const char *right, bool good)
{
	size_t l = strlen(left), r = strlen(right), m = strlen(middle);
	char *s = malloc(n * (l + r) + m + 1), *p = s;
	struct err e = { 0 };
	struct filter *f;

	for (unsigned i = 0; i < n; i++, p += l)
		memcpy(p, left, l);
	memcpy(p, middle, m);
	p += m;
	for (unsigned i = 0; i < n; i++, p += r)
		memcpy(p, right, r);
	*p = 0;
	f = filter_compile(s, &e, NULL);
	assert_int_equal(f != NULL, good);
	filter_free(f);
	free(s);
}

static void test_nesting(void **state UNUSED)
{
	nested("(", 150, "smb2", ")", true);
	nested("(", 5000, "smb2", ")", false);
	nested("!", 150, "smb2", "", true);
	nested("!", 60000, "smb2", "", false);
	nested("-", 60000, "smb2.cmd", "", false);
	nested("{", 5000, "smb2.cmd", "}", false);
	nested("smb2&&", 10000, "smb2", "", true);
	nested("lower(", 5000, "smb2.filename", ")", false);
	nested("smb2&&", 12000, "smb2", "", false);     /* longer than LIMIT_FILTER_TEXT */
}

/* Cross products of hostile size end. */
static void test_many_values(void **state UNUSED)
{
	static const char *const filters[] = { "smb2.cmd == smb2.msg_id", "smb2.cmd + smb2.msg_id == 1", "smb2.cmd in {smb2.msg_id}" };

	for (size_t i = 0; i < COUNT(filters); i++) {
		struct filter *f = filter_compile(filters[i], NULL, NULL);

		assert_non_null(f);
		for (unsigned k = 0; k < 60000; k++) {
			emit(filter_sink(f), F_smb2_cmd, k, NULL, 2);
			emit(filter_sink(f), F_smb2_msg_id, 1000000 + k, NULL, 8);
		}
		assert_false(filter_match(f));
		assert_int_equal(filter_cut(f), 1);
		emit(filter_sink(f), F_smb2_cmd, 1, NULL, 2);
		emit(filter_sink(f), F_smb2_msg_id, i == 1 ? 0 : 1, NULL, 8);
		assert_true(filter_match(f));
		assert_int_equal(filter_cut(f), 1);
		filter_free(f);
	}
}

static void test_many_bytes(void **state UNUSED)
{
	struct filter *f = filter_compile("smbscope.undecoded contains \"needle\" || count(smbscope.undecoded) == 5", NULL, NULL);
	uint32_t n = 20u << 20;
	uint8_t *p = calloc(1, n);

	assert_non_null(f);
	memcpy(p + n - 6, "needle", 6);
	for (unsigned i = 0; i < 4; i++)
		emit(filter_sink(f), F_undecoded, 0, p, i < 3 ? n - 1 : n);
	assert_false(filter_match(f));
	assert_int_equal(filter_cut(f), 1);
	emit(filter_sink(f), F_undecoded, 0, p, n);
	assert_true(filter_match(f));
	assert_int_equal(filter_cut(f), 1);
	filter_free(f);
	free(p);
}

static bool regex(const char *pattern, const char *s, bool raw)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	uint32_t where;
	struct regex *rx = regex_compile(&a, pattern, (uint32_t)strlen(pattern), raw, &e, &where);
	bool result;

	if (!rx)
		fail_msg("%s: %s", pattern, e.text);
	result = regex_match(rx, (const uint8_t *)s, (uint32_t)strlen(s));
	arena_free(&a);
	return result;
}

static void test_regex(void **state UNUSED)
{
	static const struct { const char *pattern, *yes, *no; } rows[] = {
		{ "abc", "xxABCx", "abxc" }, { "^abc$", "abc\n", "abcd" }, { "\\Aabc\\z", "abc", "abc\n" }, { "a|b|cd", "cd", "c" },
		{ "(a|b)*c", "ababc", "abab" }, { "a(b|c|d)e", "ade", "ae" }, { "^(a|)b$", "b", "aab" }, { "^a?b+c*$", "bb", "aab" },
		{ "^a{2,3}$", "aaa", "aaaa" }, { "^a{2}$", "aa", "a" }, { "^a{2,}$", "aaaaa", "a" }, { "^(ab){0,2}$", "abab", "ababab" }, { "a{,2}", "a{,2}", "aa" },
		{ "^[a-c]+$", "ABC", "d" }, { "^[^a-c]+$", "d", "A" }, { "^[]a]+$", "]a", "[" }, { "^[a\\]-]+$", "-]a", "b" }, { "[[:digit:]]", "a1", "a" },
		{ "^\\d+\\s\\w+$", "12 a_1", "12-a" }, { "\\D", "1a", "11" }, { "^[\\W]+$", "-.", "-a" }, { "^[^\\d]+$", "ab", "a1" }, { "\\bfoo\\b", "a foo.", "afoo" }, { "\\Bfoo", "afoo", "foo" },
		{ "a.c", "abc", "a\nc" }, { "(?s)a.c", "a\nc", "ac" }, { "(?-i)Abc", "Abc", "abc" }, { "\\x41\\x{42}", "ab", "b" }, { "\\.txt$", "a.txt", "atxt" },
		{ "\xc3\xa9t\xc3\xa9", "\xc3\x89T\xc3\x89", "ete" }, { "^.{3}$", "\xe2\x82\xac\xc3\xa9x", "xx" }, { "[\xd0\xb0-\xd1\x8f]", "\xd0\xaf", "z" },
		{ "[\xd0\x90-\xd0\xaf]", "\xd1\x8f", "z" }, { "(?:ab)+?c", "ababc", "ac" }, { "^(a*)*$", "aaaa", "b" }, { "()", "", NULL }, { "((){1000}){1000}x", "x", "" }, { "^(a{0}){1000}$", "", "a" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!regex(rows[i].pattern, rows[i].yes, false))
			fail_msg("%s: not in '%s'", rows[i].pattern, rows[i].yes);
		if (rows[i].no && regex(rows[i].pattern, rows[i].no, false))
			fail_msg("%s: in '%s'", rows[i].pattern, rows[i].no);
	}
	assert_true(regex("^.{2}$", "\xc3\xa9", true));
	assert_true(regex("\xe9", "\xe9", true));
	assert_false(regex("\xe9", "\xc9", true));
}

/* What makes a matcher that goes back take forever. */
static void test_regex_is_linear(void **state UNUSED)
{
	char s[20001];

	memset(s, 'a', 20000);
	s[20000] = 0;
	assert_false(regex("^(a+)+$b", s, false));
	assert_false(regex("(a|a)*(a|aa)*(a|b)*x", s, false));
	assert_false(regex("a{0,30}a{0,30}a{0,30}x", s, false));
}

static unsigned heard;
static void also_value(struct sink *s UNUSED, const struct fval *v UNUSED) { heard += 1; }
static void also_push(struct sink *s UNUSED, enum field_id id UNUSED, uint8_t src UNUSED, uint32_t off UNUSED) { heard += 100; }
static void also_pop(struct sink *s UNUSED, uint32_t end UNUSED) { heard += 10000; }
static void also_note(struct sink *s UNUSED, enum note_id id UNUSED, uint8_t src UNUSED, uint32_t off UNUSED) { heard += 1000000; }

static void test_tee(void **state UNUSED)
{
	struct sink also = { also_value, also_push, also_pop, also_note };
	struct filter *f = filter_compile("smb2.cmd == 6 && smbscope.note && smb2", NULL, NULL);

	heard = 0;
	assert_non_null(f);
	frame(filter_tee(f, &also));
	assert_int_equal(heard, 1070720);
	assert_true(filter_match(f));
	filter_free(f);
}

static void test_complete(void **state UNUSED)
{
	char out[4][FILTER_NAME], one[1][FILTER_NAME];
	uint32_t n = filter_complete("ip.", out, 4);

	assert_int_equal(n, 3);
	assert_string_equal(out[0], "ip.addr");
	assert_string_equal(out[1], "ip.dst");
	assert_string_equal(out[2], "ip.src");
	/* As many as there is room for, the first in order, each once. */
	assert_int_equal(filter_complete("smb2.", out, 4), 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_memory_equal(out[i], "smb2.", 5);
		assert_true(i == 0 || strcmp(out[i - 1], out[i]) < 0);
		assert_int_not_equal(field_find(out[i]), F__none);
	}
	assert_int_equal(filter_complete("smb2.", one, 1), 1);
	assert_string_equal(one[0], out[0]);
	assert_int_equal(filter_complete("no.such", out, 4), 0);
	assert_int_equal(filter_complete("smb2.", out, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_language), cmocka_unit_test(test_errors), cmocka_unit_test(test_hostile_filters),
		cmocka_unit_test(test_nesting), cmocka_unit_test(test_many_values), cmocka_unit_test(test_many_bytes),
		cmocka_unit_test(test_regex), cmocka_unit_test(test_regex_is_linear), cmocka_unit_test(test_tee), cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
