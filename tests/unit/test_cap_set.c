/* cap_set: merge order, files that fail alone, rings longer than the open files allowed; cap_spool. */
#include "test_cap.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/limits.h"

#define RING 300

/* A pcap with a packet at each of the seconds given; the data starts with the file's number. */
static char *make(const char *name, uint8_t file, const uint32_t *seconds, uint32_t n)
{
	char *path = temp_path(name);
	struct image m = { 0 };

	add_pcap_header(&m, 0xa1b2c3d4, 1);
	for (uint32_t i = 0; i < n; i++)
		add_pcap_packet(&m, seconds[i], 0, 20 + i, 20 + i, file);
	save(path, m.p, m.n);
	free(m.p);
	return path;
}

static void drop(char **paths, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		unlink(paths[i]);
		free(paths[i]);
	}
}

static void merge_order(void **state UNUSED)
{
	static const uint32_t a[] = { 1, 5, 5, 9 }, b[] = { 2, 5, 3, 9, 10 }, c[] = { 5 };
	/* b's clock steps back: its order stays, 3 comes at once. */
	static const struct { uint16_t capture; uint32_t number; } rows[] = {
		{ 0, 1 }, { 1, 1 }, { 0, 2 }, { 0, 3 }, { 1, 2 }, { 1, 3 }, { 2, 1 }, { 0, 4 }, { 1, 4 }, { 1, 5 },
	};
	char *paths[] = { make("a", 10, a, COUNT(a)), make("b", 20, b, COUNT(b)), make("c", 30, c, COUNT(c)) };
	struct cap_set *s = cap_set_open((const char *const *)paths, COUNT(paths), false, NULL);
	struct frame frame;

	assert_non_null(s);
	assert_int_equal(cap_set_count(s), 3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(cap_set_next(s, &frame, NULL), CAP_FRAME);
		assert_int_equal(frame.capture, rows[i].capture);
		assert_int_equal(frame.number, rows[i].number);
		assert_true(data_is(&frame, (uint8_t)(10 * (frame.capture + 1))));
	}
	assert_int_equal(cap_set_next(s, &frame, NULL), CAP_END);
	assert_int_equal(cap_set_next(s, &frame, NULL), CAP_END);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(cap_set_error(s, i)->code, ERR_NONE);
		assert_non_null(cap_set_file(s, i));
	}
	assert_null(cap_set_file(s, 3));
	cap_set_close(s);
	drop(paths, COUNT(paths));
}

static void files_fail_alone(void **state UNUSED)
{
	static const uint32_t a[] = { 1, 2, 3 };
	char *paths[] = { temp_path("absent"), make("fine", 1, a, 3), make("cut", 2, a, 3), make("nothing", 3, a, 0),
			  temp_path("text") };
	struct cap_set *s;
	struct frame frame;
	struct err err = { ERR_NONE, "" };
	uint32_t n[COUNT(paths)] = { 0 };

	/* The third packet of the second file loses ten bytes. */
	assert_int_equal(truncate(paths[2], 24 + 3 * 16 + 20 + 21 + 12), 0);
	save(paths[4], "text, no capture", 16);
	s = cap_set_open((const char *const *)paths, COUNT(paths), false, &err);
	assert_non_null(s);
	while (cap_set_next(s, &frame, &err) == CAP_FRAME)
		n[frame.capture]++;
	assert_int_equal(n[1], 3);
	assert_int_equal(n[2], 3);
	assert_int_equal(n[0] + n[3] + n[4], 0);
	assert_int_equal(cap_set_error(s, 0)->code, ERR_INPUT);
	assert_int_equal(cap_set_error(s, 1)->code, ERR_NONE);
	assert_int_equal(cap_set_error(s, 2)->code, ERR_INPUT);
	assert_non_null(strstr(cap_set_error(s, 2)->text, "12 of the 22 bytes of packet 3"));
	assert_int_equal(cap_set_error(s, 3)->code, ERR_NONE);
	assert_int_equal(cap_set_error(s, 4)->code, ERR_INPUT);
	assert_null(cap_set_file(s, 0));
	cap_set_close(s);

	assert_null(cap_set_open((const char *const *)paths, 1, false, &err));
	assert_int_equal(err.code, ERR_INPUT);
	assert_non_null(strstr(err.text, paths[0]));
	paths[1][0] = '\1';
	assert_null(cap_set_open((const char *const *)paths, 2, false, &err));
	assert_non_null(strstr(err.text, "none of 2 captures"));
	paths[1][0] = '/';
	assert_null(cap_set_open(NULL, 0, false, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(cap_set_open((const char *const *)paths, LIMIT_CAPTURES + 1, false, &err));
	assert_int_equal(err.code, ERR_USAGE);
	drop(paths, COUNT(paths));
}

/* More files than descriptors: one after the other (a ring), and all at the same time. */
static void ring(void **state UNUSED)
{
	struct rlimit old, low;
	char *paths[RING];

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	for (int together = 0; together < 2; together++) {
		struct frame frame;
		struct cap_set *s;
		uint32_t n = 0;
		uint8_t buf[4];

		for (uint32_t i = 0; i < RING; i++) {
			uint32_t times[3];
			char name[32];

			for (uint32_t k = 0; k < 3; k++)
				times[k] = together ? k * 1000 + i : i * 3 + k;
			snprintf(name, sizeof(name), "ring-%u", i);
			/* Given in reverse: order comes from the times. */
			paths[RING - 1 - i] = make(name, (uint8_t)i, times, 3);
		}
		low = old;
		low.rlim_cur = 100;
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
		s = cap_set_open((const char *const *)paths, RING, false, NULL);
		assert_non_null(s);
		while (cap_set_next(s, &frame, NULL) == CAP_FRAME) {
			uint32_t file = together ? n % RING : n / 3, number = together ? n / RING + 1 : n % 3 + 1;

			assert_int_equal(frame.capture, RING - 1 - file);
			assert_int_equal(frame.number, number);
			assert_int_equal(frame.caplen, 19 + number);
			assert_true(data_is(&frame, (uint8_t)file));
			n++;
		}
		assert_int_equal(n, 3 * RING);
		for (uint32_t i = 0; i < RING; i++) {
			assert_int_equal(cap_set_error(s, i)->code, ERR_NONE);
			assert_int_equal(cap_file_read(cap_set_file(s, i), 40, buf, 4, NULL), 4);
			assert_int_equal(buf[0], (uint8_t)(RING - 1 - i));
		}
		cap_set_close(s);
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		drop(paths, RING);
	}
}

static void follow(void **state UNUSED)
{
	static const uint32_t seconds[] = { 1, 2, 3, 4 };
	char *paths[] = { make("follow", 5, seconds, 4) };
	struct image rest = { 0 };
	struct frame frame;
	struct cap_set *s = cap_set_open((const char *const *)paths, 1, true, NULL);
	FILE *f;

	assert_non_null(s);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(cap_set_next(s, &frame, NULL), CAP_FRAME);
	assert_int_equal(cap_set_next(s, &frame, NULL), CAP_WAIT);
	assert_int_equal(cap_set_next(s, &frame, NULL), CAP_WAIT);
	add_pcap_packet(&rest, 5, 0, 9, 9, 5);
	f = fopen(paths[0], "ab");
	assert_non_null(f);
	assert_int_equal(fwrite(rest.p, 1, rest.n, f), rest.n);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(cap_set_next(s, &frame, NULL), CAP_FRAME);
	assert_int_equal(frame.number, 5);
	assert_true(data_is(&frame, 5));
	assert_int_equal(cap_set_next(s, &frame, NULL), CAP_WAIT);
	cap_set_close(s);
	free(rest.p);
	drop(paths, 1);
}

static void spool(void **state UNUSED)
{
	static const uint32_t seconds[] = { 1, 2 };
	char *from = make("spool-from", 1, seconds, 2), *to = temp_path("spool-to");
	struct err err = { ERR_NONE, "" };
	struct frame frame;
	struct cap_file *f;
	FILE *in = fopen(from, "rb");

	assert_non_null(in);
	assert_int_equal(cap_spool(fileno(in), to, &err), 0);
	f = cap_file_open(to, false, &err);
	assert_non_null(f);
	assert_int_equal(cap_file_next(f, &frame, &err), CAP_FRAME);
	assert_int_equal(cap_file_next(f, &frame, &err), CAP_FRAME);
	assert_int_equal(cap_file_next(f, &frame, &err), CAP_END);
	cap_file_close(f);
	assert_int_equal(cap_spool(fileno(in), "/nowhere/at/all", &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_int_equal(cap_spool(-1, to, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	fclose(in);
	drop((char *[]){ from, to }, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merge_order), cmocka_unit_test(files_fail_alone), cmocka_unit_test(ring),
		cmocka_unit_test(follow), cmocka_unit_test(spool),
	};

	return cmocka_run_group_tests_name("cap_set", tests, NULL, NULL);
}
