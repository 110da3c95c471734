/* Unit tests of base/text: hostile text, dates at the edges, identifiers, case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

#define BYTES(s) ((struct span){ (const uint8_t *)(s), sizeof(s) - 1 })

static void test_utf16(void **state UNUSED)
{
	static const struct {
		struct span in;
		enum text_escape how;
		const char *out;
		bool replaced;
	} rows[] = {
		{ BYTES("a\0b\0"), TEXT_RAW, "ab", false },
		{ BYTES(""), TEXT_RAW, "", false },
		{ BYTES("\xe9\0\xac\x20"), TEXT_RAW, "\xc3\xa9\xe2\x82\xac", false },
		{ BYTES("\x3d\xd8\x00\xde"), TEXT_RAW, "\xf0\x9f\x98\x80", false },
		{ BYTES("\x3d\xd8"), TEXT_RAW, "\xef\xbf\xbd", true },
		{ BYTES("\x3d\xd8z\0"), TEXT_RAW, "\xef\xbf\xbdz", true },
		{ BYTES("\x3d\xd8\x3d\xd8\x00\xde"), TEXT_RAW, "\xef\xbf\xbd\xf0\x9f\x98\x80", true },
		{ BYTES("\x00\xdez\0"), TEXT_RAW, "\xef\xbf\xbdz", true },
		{ BYTES("a\0b"), TEXT_RAW, "a\xef\xbf\xbd", true },
		{ BYTES("\x1b\0[\0" "2\0J\0"), TEXT_TERMINAL, "\\x1b[2J", false },
		{ BYTES("a\0\0\0b\0"), TEXT_TERMINAL, "a\\x00b", false },
		{ BYTES("\x9b\0\x85\0"), TEXT_TERMINAL, "\\x9b\\x85", false },
		{ BYTES("\x2e\x20g\0"), TEXT_TERMINAL, "\\u{202e}g", false },
		{ BYTES("\x67\x20\x0e\x20\x1c\x06\xff\xfe"), TEXT_TERMINAL, "\\u{2067}\\u{200e}\\u{61c}\\u{feff}", false },
		{ BYTES("\x40\xdb\x01\xdc"), TEXT_TERMINAL, "\\u{e0001}", false },
		{ BYTES("\xff\xff\xfe\xff<\0"), TEXT_XML, "\xef\xbf\xbd\xef\xbf\xbd&lt;", false },
		{ BYTES("\x2e\x20\"\0"), TEXT_JSON, "\\u202e\\\"", false },
		{ BYTES("\x40\xdb\x01\xdc"), TEXT_JSON, "\\udb40\\udc01", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[64];
		bool replaced = !rows[i].replaced;
		size_t n = text_utf16(out, sizeof(out), rows[i].in, rows[i].how, &replaced);

		assert_string_equal(out, rows[i].out);
		assert_int_equal(n, strlen(rows[i].out));
		assert_int_equal(replaced, rows[i].replaced);
	}
}

static void test_escape(void **state UNUSED)
{
	static const struct {
		struct span in;
		enum text_escape how;
		const char *out;
	} rows[] = {
		{ BYTES("\\\\srv\\share"), TEXT_TERMINAL, "\\\\srv\\share" },
		{ BYTES("\x1b]0;owned\x07"), TEXT_TERMINAL, "\\x1b]0;owned\\x07" },
		{ BYTES("a\tb\r\n"), TEXT_TERMINAL, "a\\x09b\\x0d\\x0a" },
		{ BYTES("\x7f"), TEXT_TERMINAL, "\\x7f" },
		{ BYTES("\xc2\x9b" "31m"), TEXT_TERMINAL, "\\x9b31m" },
		{ BYTES("\xe2\x80\xae"), TEXT_TERMINAL, "\\u{202e}" },
		{ BYTES("caf\xc3\xa9"), TEXT_TERMINAL, "caf\xc3\xa9" },
		{ BYTES("\xff\xfe"), TEXT_RAW, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ BYTES("\xc0\x80"), TEXT_RAW, "\xef\xbf\xbd\xef\xbf\xbd" },           /* overlong */
		{ BYTES("\xe0\x80\xaf"), TEXT_RAW, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ BYTES("\xed\xa0\x80"), TEXT_RAW, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },  /* a surrogate */
		{ BYTES("\xf4\x90\x80\x80"), TEXT_RAW, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ BYTES("\xf4\x8f\xbf\xbf"), TEXT_RAW, "\xf4\x8f\xbf\xbf" },
		{ BYTES("\xe2\x82"), TEXT_RAW, "\xef\xbf\xbd\xef\xbf\xbd" },            /* cut */
		{ BYTES("]]>"), TEXT_XML, "]]&gt;" },
		{ BYTES("<a b='c' d=\"e\">&"), TEXT_XML, "&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;" },
		{ BYTES("a\0b\x1b\n"), TEXT_XML, "a\\x00b\\x1b\\x0a" },
		{ BYTES("\xef\xbf\xbf\xef\xbf\xbe"), TEXT_XML, "\xef\xbf\xbd\xef\xbf\xbd" },
		{ BYTES("a\"\\/\b\f\n\r\t\0\x1f\x7f"), TEXT_JSON, "a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\\u007f" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[96];

		assert_int_equal(text_escape(out, sizeof(out), (const char *)rows[i].in.p, rows[i].in.len, rows[i].how),
		                 strlen(rows[i].out));
		assert_string_equal(out, rows[i].out);
	}
}

/* Cut at every size: always terminated, never within a character or an escape, the length is the whole's. */
static void test_cut(void **state UNUSED)
{
	static const char in[] = "a\xc3\xa9\x1b\xe2\x80\xae\xf0\x9f\x98\x80z";
	char whole[64], out[64];
	size_t n = text_escape(whole, sizeof(whole), in, sizeof(in) - 1, TEXT_TERMINAL);

	assert_string_equal(whole, "a\xc3\xa9\\x1b\\u{202e}\xf0\x9f\x98\x80z");
	for (size_t size = 1; size <= n + 1; size++) {
		static const size_t stops[] = { 0, 1, 3, 7, 15, 19, 20 };
		size_t stop = 0;

		for (size_t i = 0; i < COUNT(stops); i++)
			if (stops[i] < size)
				stop = stops[i];
		memset(out, 'x', sizeof(out));
		assert_int_equal(text_escape(out, size, in, sizeof(in) - 1, TEXT_TERMINAL), n);
		assert_int_equal(strlen(out), stop);
		assert_memory_equal(out, whole, stop);
		assert_int_equal(out[size], 'x');
	}
	assert_int_equal(text_escape(NULL, 0, in, sizeof(in) - 1, TEXT_TERMINAL), n);
}

static void test_oem(void **state UNUSED)
{
	char out[64];

	text_oem(out, sizeof(out), BYTES("A:\\\x81\x80\xe1\xff\x1b"), TEXT_TERMINAL);
	assert_string_equal(out, "A:\\\xc3\xbc\xc3\x87\xc3\x9f\xc2\xa0\\x1b");
}

static void test_csv(void **state UNUSED)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "plain", "plain" }, { "", "" }, { "a,b", "\"a,b\"" }, { "say \"x\"", "\"say \"\"x\"\"\"" },
		{ "two\nlines", "\"two\nlines\"" }, { "=1+1", "'=1+1" }, { "@SUM(A1)", "'@SUM(A1)" }, { "-cmd|'x'", "'-cmd|'x'" },
		{ "+a", "'+a" }, { "\tx", "'\tx" }, { "-12", "-12" }, { "+3.5", "+3.5" }, { "-1.2.3", "'-1.2.3" }, { "-", "'-" },
		{ "=a,b", "\"'=a,b\"" }, { "\rx", "\"'\rx\"" }, { "bad\xff", "bad\xef\xbf\xbd" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[64];

		assert_int_equal(text_csv(out, sizeof(out), rows[i].in, strlen(rows[i].in)), strlen(rows[i].out));
		assert_string_equal(out, rows[i].out);
	}
}

static void test_identifiers(void **state UNUSED)
{
	static const uint8_t guid[16] = { 0xfe, 0xdf, 0x02, 0xe7, 0, 0, 0, 0, 0xc5, 0x10, 0xa5, 0xea };
	static const struct { const char *in, *out; } v6[] = {
		{ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "::" },
		{ "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "::1" },
		{ "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "fe80::" },
		{ "\x20\x01\x0d\xb8\0\0\0\0\0\1\0\0\0\0\0\1", "2001:db8::1:0:0:1" },
		{ "\x20\x01\x0d\xb8\0\0\0\1\0\1\0\1\0\1\0\1", "2001:db8:0:1:1:1:1:1" },
		{ "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", "::ffff:192.0.2.1" },
	};
	static const struct { struct span in; const char *out; } sids[] = {
		{ BYTES("\1\1\0\0\0\0\0\1\0\0\0\0"), "S-1-1-0" },
		{ BYTES("\1\2\0\0\0\0\0\5\x20\0\0\0\x20\2\0\0"), "S-1-5-32-544" },
		{ BYTES("\1\1\1\0\0\0\0\5\xff\xff\xff\xff"), "S-1-0x010000000005-4294967295" },
		{ BYTES("\1\2\0\0\0\0\0\5\x20\0\0\0"), "010200000000000520000000" },
		{ BYTES("\1"), "01" }, { BYTES(""), "" },
	}, oids[] = {
		{ BYTES("\x2b\6\1\5\5\2"), "1.3.6.1.5.5.2" },
		{ BYTES("\x2b\6\1\4\1\x82\x37\2\2\x0a"), "1.3.6.1.4.1.311.2.2.10" },
		{ BYTES("\x88\x37\3"), "2.999.3" },
		{ BYTES("\x2b\x86"), "2b86" },             /* ends within an arc */
		{ BYTES("\x2b\x80\1"), "2b8001" },         /* padded */
		{ BYTES("\x2b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), "2bffffffffffffffffffff7f" },
		{ BYTES(""), "" },
	};
	char out[64];

	assert_int_equal(text_guid(out, sizeof(out), guid), 36);
	assert_string_equal(out, "e702dffe-0000-0000-c510-a5ea00000000");
	text_hex(out, sizeof(out), BYTES("\0\xff\x1a"));
	assert_string_equal(out, "00ff1a");
	for (size_t i = 0; i < COUNT(v6); i++) {
		text_ipv6(out, sizeof(out), (const uint8_t *)v6[i].in);
		assert_string_equal(out, v6[i].out);
	}
	for (size_t i = 0; i < COUNT(sids); i++) {
		text_sid(out, sizeof(out), sids[i].in);
		assert_string_equal(out, sids[i].out);
	}
	for (size_t i = 0; i < COUNT(oids); i++) {
		text_oid(out, sizeof(out), oids[i].in);
		assert_string_equal(out, oids[i].out);
	}
}

static void test_time(void **state UNUSED)
{
	static const struct { int64_t ns; const char *out; } rows[] = {
		{ 0, "1970-01-01T00:00:00.000000000Z" },
		{ -1, "1969-12-31T23:59:59.999999999Z" },
		{ 1795354171634818000, "2026-11-22T13:29:31.634818000Z" },
		{ 951782400000000000, "2000-02-29T00:00:00.000000000Z" },
		{ 951868800000000001, "2000-03-01T00:00:00.000000001Z" },
		{ 4107542400000000000, "2100-03-01T00:00:00.000000000Z" },
		{ 4107542399999999999, "2100-02-28T23:59:59.999999999Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" },
	};
	static const struct { uint64_t filetime; const char *out; } filetimes[] = {
		{ 0, "1601-01-01T00:00:00.000000000Z" },
		{ 1, "1601-01-01T00:00:00.000000100Z" },
		{ 116444736000000000, "1970-01-01T00:00:00.000000000Z" },
		{ INT64_MAX, "30828-09-14T02:48:05.477580700Z" },
		{ UINT64_MAX, "60056-05-28T05:36:10.955161500Z" },
	};
	char out[TEXT_TIME_SIZE];

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t back = 1;

		text_time(out, sizeof(out), rows[i].ns);
		assert_string_equal(out, rows[i].out);
		assert_true(text_time_parse(out, &back));
		assert_true(back == rows[i].ns);
	}
	for (size_t i = 0; i < COUNT(filetimes); i++) {
		text_filetime(out, sizeof(out), filetimes[i].filetime);
		assert_string_equal(out, filetimes[i].out);
	}
}

/* Day by day over 800 years and the far end: the calendar counts as one counts on fingers. */
static void test_calendar(void **state UNUSED)
{
	static const unsigned lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	static const int64_t starts[] = { 1600, 1970, 30000, 60000 };

	for (size_t i = 0; i < COUNT(starts); i++) {
		int64_t year = starts[i], day_number = text_days(year, 1, 1);
		unsigned month = 1, day = 1;

		while (year < starts[i] + 450) {
			bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
			struct text_civil c = text_civil(day_number * 86400 + 86399);

			assert_true(c.year == year && c.month == month && c.day == day && c.hour == 23 && c.second == 59);
			assert_true(text_days(year, month, day) == day_number);
			day_number++;
			if (++day > lengths[month - 1] + (month == 2 && leap)) {
				day = 1;
				month = month % 12 + 1;
				year += month == 1;
			}
		}
	}
	assert_true(text_days(1970, 1, 1) == 0);
	assert_true(text_days(1601, 1, 1) == -134774);
}

static void test_time_parse(void **state UNUSED)
{
	static const struct { const char *in; bool good; int64_t ns; } rows[] = {
		{ "1970-01-02", true, 86400000000000 },
		{ "2026-11-22 13:29", true, 1795354140000000000 },
		{ "2026-11-22T13:29:31", true, 1795354171000000000 },
		{ "2026-11-22T13:29:31.6", true, 1795354171600000000 },
		{ "2026-11-22T14:29:31.634818+01:00", true, 1795354171634818000 },
		{ "2026-11-22T13:29:31.6348180001239Z", true, 1795354171634818000 },
		{ "2026-11-22T12:59:31-0030", true, 1795354171000000000 },
		{ "1970-01-01T00:00:00+00:01", true, -60000000000 },
		{ "1969-12-31T23:59:59.5Z", true, -500000000 },
		{ "1795354171", true, 1795354171000000000 }, { "@1795354171.25", true, 1795354171250000000 },
		{ "-1.5", true, -1500000000 }, { "0", true, 0 },
		{ "", false, 0 }, { "yesterday", false, 0 }, { "2026-13-01", false, 0 }, { "2026-00-01", false, 0 },
		{ "2026-02-30", false, 0 }, { "2023-02-29", false, 0 }, { "2026-11-22T24:00", false, 0 },
		{ "2026-11-22T13", false, 0 }, { "2026-11-22T13:29:31.", false, 0 }, { "2026-11-22T13:29Zx", false, 0 },
		{ "2026-11-22T13:29+1", false, 0 }, { "1.", false, 0 }, { "12x", false, 0 }, { "2500-01-01", false, 0 },
		{ "1600-01-01", false, 0 }, { "99999999999999999999", false, 0 }, { "9223372037", false, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ns = 42;

		assert_int_equal(text_time_parse(rows[i].in, &ns), rows[i].good);
		if (rows[i].good)
			assert_true(ns == rows[i].ns);
	}
}

static void test_upcase(void **state UNUSED)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "Desktop.INI", "DESKTOP.INI" },
		{ "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xbf\xc3\xb7", "\xc3\x84\xc3\x96\xc3\x9c\xc3\x9f\xc5\xb8\xc3\xb7" },
		{ "\xc5\x82\xc4\xb1\xc5\xbe", "\xc5\x81\xc4\xb1\xc5\xbd" },
		{ "\xce\xb1\xcf\x82\xcf\x83\xce\xac", "\xce\x91\xce\xa3\xce\xa3\xce\x86" },
		{ "\xd0\xb6\xd1\x91\xd1\x9f", "\xd0\x96\xd0\x81\xd0\x8f" },
		{ "\xef\xbd\x81", "\xef\xbc\xa1" },
		{ "\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x82\xac\xf0\x9f\x98\x80" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char out[64], again[64];
		size_t n = text_upper(out, sizeof(out), rows[i].in, strlen(rows[i].in));

		assert_string_equal(out, rows[i].out);
		text_upper(again, sizeof(again), out, n);
		assert_string_equal(again, out);
	}
	/* Upper case is its own upper case: or comparing would depend on how often. */
	for (uint32_t c = 0; c < 0x10000; c++)
		assert_int_equal(text_upcase(text_upcase(c)), text_upcase(c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf16), cmocka_unit_test(test_escape), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_oem), cmocka_unit_test(test_csv), cmocka_unit_test(test_identifiers),
		cmocka_unit_test(test_time), cmocka_unit_test(test_calendar), cmocka_unit_test(test_time_parse),
		cmocka_unit_test(test_upcase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
