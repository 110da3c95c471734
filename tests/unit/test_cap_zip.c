/* cap_file over gzip and zstd: same packets as plain, every byte reachable again, damage reported. */
#include "test_cap.h"

#include <zlib.h>
#include <zstd.h>

/* Two inflate points' worth, and a bit. */
#define BIG_BYTES ((uint32_t)36 << 20)

/* A capture that compresses, but not into one block: random bytes among repetitions. */
static void add_big(struct image *m)
{
	uint32_t seed = 1, n = 0;

	add_pcap_header(m, 0xa1b2c3d4, 1);
	while (m->n < BIG_BYTES) {
		uint8_t data[4096];

		for (uint32_t i = 0; i < sizeof(data); i++) {
			seed = seed * 1103515245u + 12345u;
			data[i] = i % 8 ? (uint8_t)i : (uint8_t)(seed >> 16);
		}
		add_int(m, n / 1000, 4);
		add_int(m, n % 1000, 4);
		add_int(m, sizeof(data), 4);
		add_int(m, sizeof(data), 4);
		add(m, data, sizeof(data));
		n++;
	}
}

/* Appends one gzip member. */
static void add_gzip(struct image *out, const uint8_t *p, size_t n)
{
	z_stream z = { 0 };
	uint8_t *buf;
	size_t room = n + n / 100 + 1024;

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	buf = xmalloc(room);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = buf;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	add(out, buf, room - z.avail_out);
	deflateEnd(&z);
	free(buf);
}

/* Appends one zstd frame. */
static void add_zstd(struct image *out, const uint8_t *p, size_t n)
{
	size_t room = ZSTD_compressBound(n), got;
	uint8_t *buf = xmalloc(room);

	got = ZSTD_compress(buf, room, p, n, 1);
	assert_false(ZSTD_isError(got));
	add(out, buf, got);
	free(buf);
}

/* Compresses m in parts of so many bytes. */
static void add_parts(struct image *out, const struct image *m, size_t part, bool zstd)
{
	for (size_t i = 0; i < m->n; i += part) {
		size_t n = m->n - i < part ? m->n - i : part;

		if (zstd)
			add_zstd(out, m->p + i, n);
		else
			add_gzip(out, m->p + i, n);
	}
}

static void check_read(struct cap_file *f, const struct image *m, uint64_t at, uint32_t len)
{
	static uint8_t buf[100000];
	uint64_t expected = at >= m->n ? 0 : m->n - at < len ? m->n - at : len;

	assert_true(len <= sizeof(buf));
	assert_int_equal(cap_file_read(f, at, buf, len, NULL), expected);
	assert_memory_equal(buf, m->p + at, expected);
}

/* Reads at places up and down the file. */
static void check_random(struct cap_file *f, const struct image *m)
{
	uint32_t seed = 7;

	check_read(f, m, m->n - 10, 100);
	check_read(f, m, 0, 100);
	check_read(f, m, m->n, 100);
	check_read(f, m, m->n + 1000000, 100);
	check_read(f, m, 1, 100000);
	for (int i = 0; i < 12; i++) {
		seed = seed * 1103515245u + 12345u;
		check_read(f, m, (uint64_t)(seed >> 4) % m->n, 1 + seed % 90000);
	}
}

static void same_as_plain(void **state UNUSED)
{
	static const struct { size_t part; bool zstd; const char *format; } rows[] = {
		{ SIZE_MAX, false, "pcap (gzip)" },      /* one member: points within it */
		{ 9000001, false, "pcap (gzip)" },
		{ SIZE_MAX, true, "pcap (zstd)" },       /* one frame: only its start is a way in */
		{ 3000001, true, "pcap (zstd)" },
	};
	struct image m = { 0 };
	char *path = temp_path("zip");

	add_big(&m);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct image out = { 0 };
		struct frame frame;
		struct err err = { ERR_NONE, "" };
		struct cap_file *f;
		uint32_t n = 0;
		enum cap_result last;

		add_parts(&out, &m, rows[i].part, rows[i].zstd);
		save(path, out.p, out.n);
		f = cap_file_open(path, false, &err);
		assert_non_null(f);
		assert_string_equal(cap_file_format(f), rows[i].format);
		assert_int_equal(cap_file_bytes(f), out.n);
		while ((last = cap_file_next(f, &frame, &err)) == CAP_FRAME) {
			assert_int_equal(frame.at, 24 + (uint64_t)n * (16 + 4096) + 16);
			assert_memory_equal(frame.data, m.p + frame.at, frame.caplen);
			/* Between two packets another place is looked at: neither disturbs the other. */
			if (n % 5000 == 0)
				check_read(f, &m, frame.at / 2, 1000);
			n++;
		}
		assert_int_equal(last, CAP_END);
		assert_int_equal(n, (m.n - 24) / (16 + 4096));
		assert_int_equal(cap_file_position(f), out.n);
		check_random(f, &m);
		cap_file_close(f);
		/* Opened anew: no points yet, the reads make them. */
		f = cap_file_open(path, false, &err);
		assert_non_null(f);
		check_random(f, &m);
		cap_file_close(f);
		free(out.p);
	}
	free(m.p);
	unlink(path);
	free(path);
}

/* Every prefix of a compressed file: no fault, packets are the right ones, and a cut is said. */
static void cut_everywhere(void **state UNUSED)
{
	struct image m = { 0 };
	char *path = temp_path("zip-cut");

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	for (uint8_t i = 0; i < 20; i++)
		add_pcap_packet(&m, i, i, 50, 50, (uint8_t)(i * 11));
	for (int zstd = 0; zstd < 2; zstd++) {
		struct image out = { 0 };

		add_parts(&out, &m, 400, zstd);
		for (size_t cut = 0; cut <= out.n; cut++) {
			struct err err = { ERR_NONE, "" };
			struct frame frame;
			struct cap_file *f;
			uint32_t n = 0;
			enum cap_result last;

			save(path, out.p, cut);
			f = cap_file_open(path, false, &err);
			if (!f) {
				assert_int_equal(err.code, ERR_INPUT);
				continue;
			}
			while ((last = cap_file_next(f, &frame, &err)) == CAP_FRAME) {
				assert_memory_equal(frame.data, m.p + frame.at, frame.caplen);
				n++;
			}
			assert_true(n <= 20);
			if (cut == out.n)
				assert_int_equal(last, CAP_END);
			if (last == CAP_END)
				assert_true(cut == out.n || n < 20);
			else
				assert_non_null(strstr(err.text, "cut at its end"));
			cap_file_close(f);
		}
		free(out.p);
	}
	free(m.p);
	unlink(path);
	free(path);
}

static void damaged(void **state UNUSED)
{
	struct image m = { 0 };
	char *path = temp_path("zip-bad");

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < 2000; i++)
		add_pcap_packet(&m, i, i * 77 % 1000, 50, 50, (uint8_t)(i * i));
	for (int zstd = 0; zstd < 2; zstd++) {
		struct image half = { .p = m.p, .n = m.n / 2 }, out = { 0 };
		struct err err = { ERR_NONE, "" };
		struct frame frame;
		struct cap_file *f;
		enum cap_result last;
		uint8_t buf[100];
		uint32_t n = 0;
		size_t second;

		/* The second part loses the start of its first block: its type is none there is. */
		add_parts(&out, &half, SIZE_MAX, zstd);
		second = out.n;
		add_parts(&out, &m, SIZE_MAX, zstd);
		memset(out.p + second + (zstd ? 4 : 10), 0xff, 40);
		save(path, out.p, out.n);
		f = cap_file_open(path, false, &err);
		assert_non_null(f);
		while ((last = cap_file_next(f, &frame, &err)) == CAP_FRAME)
			n++;
		assert_int_equal(last, CAP_ERROR);
		assert_int_equal(err.code, ERR_INPUT);
		assert_non_null(strstr(err.text, zstd ? "zstd data is damaged" : "gzip data is damaged"));
		assert_int_equal(n, 1000);   /* 999 and a cut one */
		assert_int_equal(cap_file_next(f, &frame, &err), CAP_END);
		/* What is before the damage can still be read, what is behind it is an error. */
		assert_int_equal(cap_file_read(f, 1000, buf, sizeof(buf), &err), sizeof(buf));
		assert_memory_equal(buf, m.p + 1000, sizeof(buf));
		assert_int_equal(cap_file_read(f, m.n - 100, buf, sizeof(buf), &err), -1);
		cap_file_close(f);
		free(out.p);
	}
	free(m.p);
	unlink(path);
	free(path);
}

/* A wrong checksum is only seen when all packets are out. */
static void wrong_checksum(void **state UNUSED)
{
	struct image m = { 0 }, out = { 0 };
	struct err err = { ERR_NONE, "" };
	struct frame frame;
	struct cap_file *f;
	char *path = temp_path("zip-crc");

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	add_pcap_packet(&m, 1, 1, 50, 50, 1);
	add_gzip(&out, m.p, m.n);
	out.p[out.n - 7] ^= 1;
	save(path, out.p, out.n);
	f = cap_file_open(path, false, &err);
	assert_non_null(f);
	assert_int_equal(cap_file_next(f, &frame, &err), CAP_FRAME);
	assert_true(data_is(&frame, 1));
	assert_int_equal(cap_file_next(f, &frame, &err), CAP_ERROR);
	assert_non_null(strstr(err.text, "after 1 packets"));
	assert_int_equal(cap_file_next(f, &frame, &err), CAP_END);
	cap_file_close(f);
	free(m.p);
	free(out.p);
	unlink(path);
	free(path);
}

/* gzip(1) allows padding behind the last member. */
static void padding(void **state UNUSED)
{
	static const uint8_t zeros[600];
	struct image m = { 0 }, out = { 0 };
	struct frame frame;
	struct cap_file *f;
	char *path = temp_path("zip-pad");

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	add_pcap_packet(&m, 1, 1, 50, 50, 1);
	add_gzip(&out, m.p, m.n);
	add(&out, zeros, sizeof(zeros));
	save(path, out.p, out.n);
	f = cap_file_open(path, false, NULL);
	assert_non_null(f);
	assert_int_equal(cap_file_next(f, &frame, NULL), CAP_FRAME);
	assert_int_equal(cap_file_next(f, &frame, NULL), CAP_END);
	cap_file_close(f);
	free(m.p);
	free(out.p);
	unlink(path);
	free(path);
}

/* A compressed file that grows: CAP_WAIT until the decoder can give the next packet. */
static void growing(void **state UNUSED)
{
	struct image m = { 0 };
	char *path = temp_path("zip-grow");

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	for (uint8_t i = 0; i < 20; i++)
		add_pcap_packet(&m, i, i, 50, 50, i);
	for (int zstd = 0; zstd < 2; zstd++) {
		struct image out = { 0 };
		struct frame frame;
		struct cap_file *f;
		FILE *file = fopen(path, "wb");
		uint32_t n = 0;

		assert_non_null(file);
		setbuf(file, NULL);
		add_parts(&out, &m, 500, zstd);
		f = cap_file_open(path, true, NULL);
		assert_non_null(f);
		for (size_t i = 0; i <= out.n; i++) {
			enum cap_result result;

			while ((result = cap_file_next(f, &frame, NULL)) == CAP_FRAME) {
				n++;
				assert_int_equal(frame.number, n);
				assert_memory_equal(frame.data, m.p + frame.at, frame.caplen);
			}
			assert_int_equal(result, CAP_WAIT);
			if (i < out.n)
				assert_int_equal(fwrite(out.p + i, 1, 1, file), 1);
		}
		assert_int_equal(n, 20);
		cap_file_close(f);
		fclose(file);
		free(out.p);
	}
	free(m.p);
	unlink(path);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_as_plain), cmocka_unit_test(cut_everywhere), cmocka_unit_test(damaged),
		cmocka_unit_test(wrong_checksum),
		cmocka_unit_test(padding), cmocka_unit_test(growing),
	};

	return cmocka_run_group_tests_name("cap_zip", tests, NULL, NULL);
}
