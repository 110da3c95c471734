/* Extent maps, against a file of single bytes that remembers where each came from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "session/content.h"

#define SIZE 600

/* Where byte i of the file lies: 0 never moved, 1 moved and lost, else its offset in the capture. */
struct model {
	uint64_t at[SIZE];
};

static uint32_t seed = 1;

static uint32_t any(uint32_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static void model_put(struct model *m, uint64_t off, const struct slice *s)
{
	for (uint32_t i = 0; i < s->len; i++)
		m->at[off + i] = s->capture == SLICE_HOLE ? 1 : s->at + i;
}

static void check(const struct content *c, const struct model *m)
{
	struct model got = { { 0 } };
	uint64_t end = 0, lost = 0, unmoved = 0, seen = 0;
	struct content_piece *pieces;
	char text[4096];
	uint32_t n;

	pieces = content_pieces(c, SIZE, &n);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(pieces[i].off >= end && pieces[i].n > 0 && pieces[i].slice.len > 0);
		for (uint32_t k = 0; k < pieces[i].n; k++) {
			struct slice s = pieces[i].slice;

			s.at += s.capture == SLICE_HOLE ? 0 : (uint64_t)k * pieces[i].stride;
			model_put(&got, pieces[i].off + (uint64_t)k * s.len, &s);
		}
		end = pieces[i].off + (uint64_t)pieces[i].n * pieces[i].slice.len;
	}
	free(pieces);
	assert_memory_equal(&got, m, sizeof(got));
	for (uint32_t i = 0; i < SIZE; i++) {
		lost += m->at[i] == 1;
		unmoved += m->at[i] == 0;
		seen += m->at[i] > 1;
	}
	assert_int_equal(content_ranges(c, SIZE, true, text, sizeof(text)), lost);
	assert_int_equal(content_ranges(c, SIZE, false, text, sizeof(text)), unmoved);
	assert_int_equal(content_seen(c, SIZE), seen);
}

/* Random writes, in runs as segments make them, over and into each other; truncations between. */
static void test_random(void **state)
{
	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct content c = { 0 };
		struct model m = { { 0 } };

		for (int step = 0; step < 12; step++) {
			uint32_t off = any(SIZE - 200), len = 1 + any(20), stride = len + any(2) * any(30), n = 1 + any(8);
			uint64_t at = 1000 + any(100000);

			if (any(10) == 0) {
				uint32_t size = any(SIZE);

				content_truncate(&c, size);
				memset(&m.at[size], 0, (SIZE - size) * sizeof(m.at[0]));
				continue;
			}
			for (uint32_t i = 0; i < n; i++) {
				struct slice s = { at + (uint64_t)i * stride, len, any(12) ? 0 : SLICE_HOLE };

				if (s.capture == SLICE_HOLE)
					s.at = HOLE_LOST;
				content_put(&c, off + i * len, &s, 1);
				model_put(&m, off + i * len, &s);
			}
		}
		check(&c, &m);
		content_free(&c);
	}
}

/* A bulk transfer in full segments, and its tails, takes one piece for each answer. */
static void test_runs(void **state)
{
	struct content c = { 0 };
	uint64_t off = 0, at = 24;

	(void)state;
	for (int answer = 0; answer < 10; answer++)
		for (int i = 0; i < 725; i++) {
			struct slice s = { at, i < 724 ? 1448 : 224, 0 };

			content_put(&c, off, &s, 1);
			off += s.len;
			at += s.len + 70;
		}
	assert_int_equal(content_end_of(&c), off);
	assert_true(c.n <= 21);
	content_free(&c);
}

static void test_ranges(void **state)
{
	struct content c = { 0 };
	struct slice read = { 100, 10, 0 }, lost = { HOLE_LOST, 10, SLICE_HOLE };
	char text[64];

	(void)state;
	content_put(&c, 0, &read, 1);
	content_put(&c, 20, &lost, 1);
	content_put(&c, 30, &lost, 1);
	assert_int_equal(content_ranges(&c, 60, true, text, sizeof(text)), 20);
	assert_string_equal(text, "20-39");
	assert_int_equal(content_ranges(&c, 60, false, text, sizeof(text)), 30);
	assert_string_equal(text, "10-19,40-59");
	assert_int_equal(content_ranges(&c, 25, true, text, sizeof(text)), 5);
	assert_string_equal(text, "20-24");
	/* Too little room: cut, and the sum is right. */
	assert_int_equal(content_ranges(&c, 60, false, text, 12), 30);
	assert_string_equal(text, "10-19,...");
	content_free(&c);
}

/* Offsets at the end of what a file can have, and an order made to hurt. */
static void test_hostile(void **state)
{
	struct content c = { 0 };
	struct slice s = { 100, 10, 0 };

	(void)state;
	content_put(&c, UINT64_MAX - 3, &s, 1);
	assert_true(c.limit);
	content_free(&c);
	for (uint64_t off = 200000; off > 0; off -= 20)
		content_put(&c, off, &s, 1);
	assert_false(c.limit);
	assert_int_equal(content_seen(&c, 1000000), 100000);
	content_free(&c);
}

static void test_part(void **state)
{
	const struct slice pdu[] = { { 1000, 100, 0 }, { HOLE_LOST, 50, SLICE_HOLE }, { 5000, 100, 0 } };
	struct slice out[3];

	(void)state;
	assert_int_equal(slices_part(pdu, 3, 90, 100, out), 3);
	assert_int_equal(out[0].at, 1090);
	assert_int_equal(out[0].len, 10);
	assert_int_equal(out[1].capture, SLICE_HOLE);
	assert_int_equal(out[1].len, 50);
	assert_int_equal(out[2].at, 5000);
	assert_int_equal(out[2].len, 40);
	assert_int_equal(slices_part(pdu, 3, 240, 100, out), 1);
	assert_int_equal(out[0].len, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_runs), cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
