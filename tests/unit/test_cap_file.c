/* cap_file: pcap and pcapng in all byte orders and resolutions, cut and broken files, growing files. */
#include "test_cap.h"

/* Reads all of a file's packets; returns how many, the last result in *last. */
static uint32_t read_all(struct cap_file *f, enum cap_result *last, struct err *err)
{
	struct frame frame;
	uint32_t n = 0;

	while ((*last = cap_file_next(f, &frame, err)) == CAP_FRAME)
		n++;
	return n;
}

static void pcap_variants(void **state UNUSED)
{
	static const struct {
		uint32_t magic, frac;
		bool big;
		int64_t time_ns;
	} rows[] = {
		{ 0xa1b2c3d4, 123456, false, 1700000000123456000 },
		{ 0xa1b2c3d4, 123456, true, 1700000000123456000 },
		{ 0xa1b23c4d, 123456789, false, 1700000000123456789 },
		{ 0xa1b23c4d, 123456789, true, 1700000000123456789 },
		{ 0xa1b2cd34, 999999, false, 1700000000999999000 },
		{ 0xa1b2cd34, 999999, true, 1700000000999999000 },
	};
	char *path = temp_path("variants");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct image m = { .big = rows[i].big };
		struct err err = { ERR_NONE, "" };
		struct frame frame;
		struct cap_file *f;
		bool modified = rows[i].magic == 0xa1b2cd34;
		uint8_t back[60];

		/* FCS length bits above the link type, and raw IP by its BSD number. */
		add_pcap_header(&m, rows[i].magic, 0x24000000 | 12);
		add_int(&m, 1700000000, 4);
		add_int(&m, rows[i].frac, 4);
		add_int(&m, 60, 4);
		add_int(&m, 1514, 4);
		if (modified)
			add_int(&m, 0, 8);
		add_data(&m, 7, 60);
		save(path, m.p, m.n);
		f = cap_file_open(path, false, &err);
		assert_non_null(f);
		assert_string_equal(cap_file_format(f), "pcap");
		assert_int_equal(cap_file_next(f, &frame, &err), CAP_FRAME);
		assert_true(frame.time_ns == rows[i].time_ns);
		assert_int_equal(frame.caplen, 60);
		assert_int_equal(frame.origlen, 1514);
		assert_int_equal(frame.link, 101);
		assert_int_equal(frame.number, 1);
		assert_int_equal(frame.at, modified ? 48 : 40);
		assert_true(data_is(&frame, 7));
		assert_int_equal(cap_file_read(f, frame.at, back, sizeof(back), &err), 60);
		assert_memory_equal(back, m.p + frame.at, 60);
		assert_int_equal(cap_file_next(f, &frame, &err), CAP_END);
		assert_int_equal(cap_file_bytes(f), m.n);
		assert_int_equal(cap_file_position(f), m.n);
		assert_int_equal(cap_file_interfaces(f), 1);
		assert_int_equal(cap_file_interface(f, 0)->frames, 1);
		assert_int_equal(cap_file_interface(f, 0)->snaplen, 65535);
		assert_null(cap_file_interface(f, 1));
		cap_file_close(f);
		free(m.p);
	}
	unlink(path);
	free(path);
}

/* Old writers put the length on the wire first. */
static void pcap_swapped_lengths(void **state UNUSED)
{
	static const struct { uint16_t major, minor; uint32_t first, second; } rows[] = {
		{ 2, 2, 100, 60 }, { 2, 3, 100, 60 }, { 2, 3, 60, 100 }, { 543, 0, 100, 60 }, { 2, 4, 60, 100 },
	};
	char *path = temp_path("lengths");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct image m = { 0 };
		struct frame frame;
		struct cap_file *f;

		add_int(&m, 0xa1b2c3d4, 4);
		add_int(&m, rows[i].major, 2);
		add_int(&m, rows[i].minor, 2);
		add_int(&m, 0, 8);
		add_int(&m, 65535, 4);
		add_int(&m, 1, 4);
		add_int(&m, 5, 8);
		add_int(&m, rows[i].first, 4);
		add_int(&m, rows[i].second, 4);
		add_data(&m, 0, 60);
		save(path, m.p, m.n);
		f = cap_file_open(path, false, NULL);
		assert_non_null(f);
		assert_int_equal(cap_file_next(f, &frame, NULL), CAP_FRAME);
		assert_int_equal(frame.caplen, 60);
		assert_int_equal(frame.origlen, 100);
		assert_int_equal(cap_file_next(f, &frame, NULL), CAP_END);
		cap_file_close(f);
		free(m.p);
	}
	unlink(path);
	free(path);
}

/* Resolutions: tsresol option (-1: none), ticks, offset in seconds, the time that comes out. */
static void pcapng_times(void **state UNUSED)
{
	static const struct {
		int tsresol;
		uint64_t ticks;
		int64_t offset, time_ns;
	} rows[] = {
		{ -1, 1700000000123456, 0, 1700000000123456000 },
		{ 0, 1700000000, 0, 1700000000000000000 },
		{ 3, 1700000000123, 0, 1700000000123000000 },
		{ 6, 1700000000123456, 3600, 1700003600123456000 },
		{ 6, 1700000000123456, -1700000001, -876544000 },
		{ 9, 1700000000123456789, 0, 1700000000123456789 },
		{ 12, 1234567890123, 1700000000, 1700000001234567890 },   /* picoseconds: cut, not rounded */
		{ 28, UINT64_MAX, 7, 7000000001 },
		{ 40, UINT64_MAX, 7, 7000000000 },
		{ 127, UINT64_MAX, 7, 7000000000 },
		{ 0x80, 1700000000, 0, 1700000000000000000 },
		{ 0x80 | 10, 1700000000ull * 1024 + 512, 0, 1700000000500000000 },
		{ 0x80 | 32, (uint64_t)1700000000 << 32 | 0x40000000, 0, 1700000000250000000 },
		{ 0x80 | 63, 1ull << 62, 1, 1500000000 },
		{ 0x80 | 127, UINT64_MAX, 1, 1000000000 },
		{ 0, UINT64_MAX, 0, INT64_MAX / 2 },
		{ 6, 0, INT64_MIN, -(INT64_MAX / 2) },
	};
	char *path = temp_path("times");

	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		struct image m = { .big = i & 1 };
		struct frame frame;
		struct cap_file *f;

		add_section(&m);
		add_interface(&m, 1, 0, "eth0", rows[i / 2].tsresol, rows[i / 2].offset);
		add_enhanced(&m, 0, rows[i / 2].ticks, 33, 33, 1);
		save(path, m.p, m.n);
		f = cap_file_open(path, false, NULL);
		assert_non_null(f);
		assert_int_equal(cap_file_next(f, &frame, NULL), CAP_FRAME);
		assert_true(frame.time_ns == rows[i / 2].time_ns);
		assert_true(data_is(&frame, 1));
		assert_string_equal(cap_file_interface(f, 0)->name, "eth0");
		assert_int_equal(cap_file_next(f, &frame, NULL), CAP_END);
		cap_file_close(f);
		free(m.p);
	}
	unlink(path);
	free(path);
}

/* Statistics with drops for an interface, an obsolete packet with 3 drops, a simple packet, unknown blocks. */
static void add_others(struct image *m)
{
	struct image b = { .big = m->big };

	add_int(&b, 1, 4);
	add_int(&b, 0, 8);
	add_int(&b, 5, 2);
	add_int(&b, 8, 2);
	add_int(&b, 40, 8);
	add_int(&b, 7, 2);
	add_int(&b, 8, 2);
	add_int(&b, 2, 8);
	add_int(&b, 0, 4);
	add_block(m, 5, &b);
	b.n = 0;
	add_int(&b, 0, 2);
	add_int(&b, 3, 2);
	add_int(&b, 0, 4);
	add_int(&b, 5000000, 4);
	add_int(&b, 10, 4);
	add_int(&b, 20, 4);
	add_data(&b, 50, 10);
	add_block(m, 2, &b);
	b.n = 0;
	add_int(&b, 100, 4);
	add_data(&b, 60, 64);
	add_block(m, 3, &b);
	for (uint32_t type = 4; type < 13; type += 6) {
		b.n = 0;
		add_data(&b, 0, 40);
		add_block(m, type, &b);
	}
	free(b.p);
}

static void add_two_sections(struct image *m)
{
	for (int i = 0; i < 2; i++) {
		m->big = i;
		add_section(m);
		add_interface(m, 1, 64, "first", -1, 0);
		add_interface(m, 113, 0, "second", 9, 0);
		add_enhanced(m, 0, 4000000, 21, 21, 1);
		add_enhanced(m, 1, 4500000000, 22, 1000, 2);
		add_others(m);
	}
}

static void pcapng_sections(void **state UNUSED)
{
	static const struct {
		int64_t time_ns;
		uint32_t caplen, origlen, interface;
		uint16_t link;
		uint8_t seed;
	} rows[] = {
		{ 4000000000, 21, 21, 0, 1, 1 },
		{ 4500000000, 22, 1000, 1, 113, 2 },
		{ 5000000000, 10, 20, 0, 1, 50 },
		{ 5000000000, 64, 100, 0, 1, 60 },
		{ 4000000000, 21, 21, 2, 1, 1 },
		{ 4500000000, 22, 1000, 3, 113, 2 },
		{ 5000000000, 10, 20, 2, 1, 50 },
		{ 5000000000, 64, 100, 2, 1, 60 },
	};
	char *path = temp_path("sections");
	struct image m = { 0 };
	struct frame frame;
	struct cap_file *f;

	add_two_sections(&m);
	save(path, m.p, m.n);
	f = cap_file_open(path, false, NULL);
	assert_non_null(f);
	assert_string_equal(cap_file_format(f), "pcapng");
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(cap_file_next(f, &frame, NULL), CAP_FRAME);
		assert_int_equal(frame.number, i + 1);
		assert_true(frame.time_ns == rows[i].time_ns);
		assert_int_equal(frame.caplen, rows[i].caplen);
		assert_int_equal(frame.origlen, rows[i].origlen);
		assert_int_equal(frame.interface, rows[i].interface);
		assert_int_equal(frame.link, rows[i].link);
		assert_true(data_is(&frame, rows[i].seed));
		assert_memory_equal(m.p + frame.at, frame.data, frame.caplen);
	}
	assert_int_equal(cap_file_next(f, &frame, NULL), CAP_END);
	assert_int_equal(cap_file_next(f, &frame, NULL), CAP_END);
	assert_int_equal(cap_file_interfaces(f), 4);
	assert_int_equal(cap_file_interface(f, 0)->dropped, 3);
	assert_int_equal(cap_file_interface(f, 1)->dropped, 42);
	assert_int_equal(cap_file_interface(f, 0)->frames, 3);
	assert_string_equal(cap_file_interface(f, 3)->name, "second");
	cap_file_close(f);
	free(m.p);
	unlink(path);
	free(path);
}

/* Every prefix of a file: the packets wholly in it and perhaps a cut one come out, the rest is one error. */
static void cut_everywhere(struct image *m, const char *name)
{
	char *path = temp_path(name);
	uint64_t start[16], end[16];
	uint32_t n = 0;
	struct frame frame;
	struct cap_file *f;

	save(path, m->p, m->n);
	f = cap_file_open(path, false, NULL);
	assert_non_null(f);
	while (cap_file_next(f, &frame, NULL) == CAP_FRAME) {
		assert_true(n < COUNT(start));
		start[n] = frame.at;
		end[n++] = frame.at + frame.caplen;
	}
	cap_file_close(f);
	for (size_t cut = 0; cut < m->n; cut++) {
		struct err err = { ERR_NONE, "" };
		enum cap_result last;
		uint32_t whole = 0, begun = 0, got = 0;

		for (uint32_t i = 0; i < n; i++) {
			whole += end[i] <= cut;
			begun += start[i] < cut;
		}
		save(path, m->p, cut);
		f = cap_file_open(path, false, &err);
		if (!f) {
			assert_int_equal(err.code, ERR_INPUT);
			assert_int_equal(whole, 0);
			assert_int_equal(begun, 0);
			continue;
		}
		while ((last = cap_file_next(f, &frame, &err)) == CAP_FRAME) {
			assert_true(got < begun);
			assert_int_equal(frame.caplen, (end[got] < cut ? end[got] : cut) - start[got]);
			assert_memory_equal(frame.data, m->p + frame.at, frame.caplen);
			got++;
		}
		assert_int_equal(got, begun);
		if (last == CAP_ERROR) {
			assert_int_equal(err.code, ERR_INPUT);
			assert_non_null(strstr(err.text, path));
			assert_int_equal(cap_file_next(f, &frame, &err), CAP_END);
		} else {
			assert_int_equal(last, CAP_END);
			assert_int_equal(whole, begun);
		}
		cap_file_close(f);
	}
	unlink(path);
	free(path);
}

static void cut_files(void **state UNUSED)
{
	struct image pcap = { 0 }, ng = { 0 };

	add_pcap_header(&pcap, 0xa1b2c3d4, 1);
	for (uint8_t i = 0; i < 3; i++)
		add_pcap_packet(&pcap, i, i, 30u + i, 100, i);
	cut_everywhere(&pcap, "cut-pcap");
	add_two_sections(&ng);
	cut_everywhere(&ng, "cut-pcapng");
	free(pcap.p);
	free(ng.p);
}

/* A cut not at a record's end is always an error. */
static void cut_is_reported(void **state UNUSED)
{
	static const struct { size_t cut; enum cap_result last; uint32_t frames; } rows[] = {
		{ 24, CAP_END, 0 }, { 25, CAP_ERROR, 0 }, { 40, CAP_ERROR, 0 }, { 41, CAP_ERROR, 1 },
		{ 69, CAP_ERROR, 1 }, { 70, CAP_END, 1 }, { 71, CAP_ERROR, 1 },
	};
	char *path = temp_path("reported");
	struct image m = { 0 };

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	add_pcap_packet(&m, 1, 1, 30, 30, 0);
	add_pcap_packet(&m, 2, 1, 30, 30, 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = { ERR_NONE, "" };
		enum cap_result last;
		struct cap_file *f;

		save(path, m.p, rows[i].cut);
		f = cap_file_open(path, false, &err);
		assert_non_null(f);
		assert_int_equal(read_all(f, &last, &err), rows[i].frames);
		assert_int_equal(last, rows[i].last);
		cap_file_close(f);
	}
	free(m.p);
	unlink(path);
	free(path);
}

/* A byte order, length or number that cannot be is reported, with what came before it. */
static void broken_files(void **state UNUSED)
{
	static const struct {
		uint32_t at, value, frames;
		const char *text;
	} rows[] = {
		{ 28 + 20 + 4, 13, 0, "length" },                    /* first packet's block: another length */
		{ 28 + 20 + 4, 8, 0, "impossible length" },
		{ 28 + 20 + 4, 0xffffffff, 0, "impossible length" },
		{ 28 + 20 + 4, 0x7ffffff0, 0, "claims" },
		{ 28 + 20 + 8, 1, 0, "not described" },
		{ 28 + 20 + 20, 33, 0, "its block has" },
		{ 28 + 20 + 20, 0xffffffff, 0, "its block has" },
		{ 28 + 20 + 64 + 4, 20, 1, "two lengths" },
		{ 28 + 20 + 64 + 60, 20, 1, "two lengths" },
		{ 28 + 20 + 64, 0x0a0d0d0a, 1, "byte-order magic" },
		{ 28 + 20 + 64, 3, 2, "" },                          /* read as a simple packet: not broken */
		{ 28 + 20 + 64, 77, 1, "" },                         /* unknown: passed over */
		{ 28 + 4, 16, 0, "two lengths" },
	};
	char *path = temp_path("broken");

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct image m = { 0 };
		struct err err = { ERR_NONE, "" };
		enum cap_result last;
		struct cap_file *f;

		add_section(&m);
		add_interface(&m, 1, 0, NULL, -1, 0);
		if (m.n != 28 + 24)
			fail();
		/* The interface block ends in an end-of-options word: drop it, so that offsets are round. */
		m.n = 28;
		add_int(&m, 1, 4);
		add_int(&m, 20, 4);
		add_int(&m, 1, 8);
		add_int(&m, 20, 4);
		add_enhanced(&m, 0, 1, 32, 32, 0);
		add_enhanced(&m, 0, 2, 32, 32, 0);
		assert_int_equal(m.n, 28 + 20 + 64 + 64);
		memcpy(m.p + rows[i].at, &rows[i].value, 4);
		save(path, m.p, m.n);
		f = cap_file_open(path, false, &err);
		assert_non_null(f);
		assert_int_equal(read_all(f, &last, &err), rows[i].frames);
		assert_int_equal(last, *rows[i].text ? CAP_ERROR : CAP_END);
		assert_non_null(strstr(err.text, rows[i].text));
		cap_file_close(f);
		free(m.p);
	}
	unlink(path);
	free(path);
}

static void not_captures(void **state UNUSED)
{
	static const struct { const char *bytes; size_t n; const char *text; } rows[] = {
		{ "", 0, "empty" },
		{ "\xd4\xc3\xb2", 3, "not a capture file" },
		{ "hello, this is text, no capture", 31, "not a capture file" },
		{ "\xd4\xc3\xb2\xa1\2\0\4\0", 8, "file header" },
		{ "\x0a\x0d\x0d\x0a\x1c\0\0\0", 8, "file header" },
		{ "\x0a\x0d\x0d\x0a\x1c\0\0\0\x01\x02\x03\x04", 12, "byte-order magic" },
		{ "\x1f\x8b\x08\0\0\0\0\0\0\3", 10, "gzip data is cut" },
		{ "\x1f\x8b\x08\0\0\0\0\0\0\3\xff\xff\xff\xff\xff", 15, "gzip data is damaged" },
		{ "\x28\xb5\x2f\xfd\x24\x40", 6, "zstd data is cut" },
	};
	char *path = temp_path("none");
	struct err err;

	assert_null(cap_file_open(path, false, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(cap_file_open("/tmp", false, &err));
	assert_non_null(strstr(err.text, "is a directory"));
	assert_null(cap_file_open("/dev/null", false, &err));
	assert_non_null(strstr(err.text, "not a regular file"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		save(path, rows[i].bytes, rows[i].n);
		err.code = ERR_NONE;
		assert_null(cap_file_open(path, false, &err));
		assert_int_equal(err.code, ERR_INPUT);
		assert_non_null(strstr(err.text, rows[i].text));
	}
	unlink(path);
	free(path);
}

/* A growing file, byte by byte: CAP_WAIT until a packet is whole, and each packet once. */
static void grows(struct image *m, uint32_t expected, const char *name)
{
	char *path = temp_path(name);
	struct frame frame;
	struct cap_file *f;
	FILE *out = fopen(path, "wb");
	uint32_t n = 0;

	assert_non_null(out);
	setbuf(out, NULL);
	f = cap_file_open(path, true, NULL);
	assert_non_null(f);
	for (size_t i = 0; i < m->n; i++) {
		enum cap_result result = cap_file_next(f, &frame, NULL);

		if (result == CAP_FRAME) {
			n++;
			assert_int_equal(frame.number, n);
			assert_true(frame.at + frame.caplen <= i);
			assert_memory_equal(frame.data, m->p + frame.at, frame.caplen);
			result = cap_file_next(f, &frame, NULL);
		}
		assert_int_equal(result, CAP_WAIT);
		assert_int_equal(fwrite(m->p + i, 1, 1, out), 1);
		assert_int_equal(cap_file_bytes(f), i + 1);
	}
	while (cap_file_next(f, &frame, NULL) == CAP_FRAME)
		n++;
	assert_int_equal(n, expected);
	assert_int_equal(cap_file_interfaces(f) > 0, 1);
	cap_file_close(f);
	fclose(out);
	unlink(path);
	free(path);
}

static void growing_files(void **state UNUSED)
{
	struct image pcap = { 0 }, ng = { 0 };

	add_pcap_header(&pcap, 0xa1b23c4d, 1);
	for (uint8_t i = 0; i < 4; i++)
		add_pcap_packet(&pcap, i, i, 30u + i, 100, i);
	grows(&pcap, 4, "grow-pcap");
	add_two_sections(&ng);
	grows(&ng, 8, "grow-pcapng");
	free(pcap.p);
	free(ng.p);
}

/* Any byte changed: whatever comes out, it ends, and data stays within the file. */
static void flipped_bytes(void **state UNUSED)
{
	static const uint8_t values[] = { 0x00, 0xff, 0x80, 0x7f };
	char *path = temp_path("flip");
	struct image m = { 0 };

	add_two_sections(&m);
	for (size_t i = 0; i < m.n * COUNT(values); i++) {
		uint8_t kept = m.p[i / COUNT(values)];
		struct frame frame;
		struct cap_file *f;
		uint32_t n = 0;

		m.p[i / COUNT(values)] = values[i % COUNT(values)];
		save(path, m.p, m.n);
		f = cap_file_open(path, false, NULL);
		while (f && cap_file_next(f, &frame, NULL) == CAP_FRAME) {
			assert_true(frame.at + frame.caplen <= m.n);
			assert_memory_equal(frame.data, m.p + frame.at, frame.caplen);
			n++;
		}
		assert_true(n <= 9);
		cap_file_close(f);
		m.p[i / COUNT(values)] = kept;
	}
	free(m.p);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_variants), cmocka_unit_test(pcap_swapped_lengths), cmocka_unit_test(pcapng_times),
		cmocka_unit_test(pcapng_sections), cmocka_unit_test(cut_files), cmocka_unit_test(cut_is_reported),
		cmocka_unit_test(broken_files), cmocka_unit_test(not_captures), cmocka_unit_test(growing_files),
		cmocka_unit_test(flipped_bytes),
	};

	return cmocka_run_group_tests_name("cap_file", tests, NULL, NULL);
}
