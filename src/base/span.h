/* Borrowed bytes with their length, and the small macros everything uses. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define UNUSED         __attribute__((unused))
#define MUST_CHECK     __attribute__((warn_unused_result))
#define PRINTF(f, a)   __attribute__((format(printf, f, a)))
#define ALWAYS_INLINE  static inline __attribute__((always_inline))
#define likely(x)      __builtin_expect(!!(x), 1)
#define unlikely(x)    __builtin_expect(!!(x), 0)

/* len bytes at p, owned by somebody else.  { NULL, 0 } is "nothing there". */
struct span {
	const uint8_t *p;
	uint32_t len;
};

/* span_eq tells whether s holds exactly the n bytes at p. */
static inline bool span_eq(struct span s, const void *p, uint32_t n)
{
	return s.len == n && (n == 0 || memcmp(s.p, p, n) == 0);
}

static inline uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

#endif
