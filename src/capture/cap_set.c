/* Several captures merged in time order, with descriptors and buffers only for those being read. */
#include "capture/cap_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

/* Files with a window at once: sensors that ran at the same time, not the files of a ring. */
#define ACTIVE_MAX    64u
/* The window of each; a single file gets CAP_WINDOW. */
#define SET_WINDOW    (256u << 10)
#define SPOOL_BUFFER  (1u << 20)

struct member {
	struct cap_file *file;     /* NULL: could not be opened */
	struct err err;
	struct frame head;         /* the next frame, while in the heap */
	uint64_t used;             /* when it was last read, for eviction */
	bool active;               /* has a window */
	bool parked;               /* head's data went with the window */
	bool waiting;              /* at the end of a growing file */
};

struct cap_set {
	struct member *members;
	uint32_t *heap;            /* indices of members with a head, the earliest first */
	uint32_t n, n_heap, n_active, n_waiting;
	uint32_t current;          /* whose frame the caller holds; n: nobody's */
	uint64_t turn;
};

static bool earlier(const struct cap_set *s, uint32_t a, uint32_t b)
{
	int64_t ta = s->members[a].head.time_ns, tb = s->members[b].head.time_ns;

	return ta != tb ? ta < tb : a < b;
}

static void heap_down(struct cap_set *s, uint32_t i)
{
	uint32_t moved = s->heap[i];

	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child >= s->n_heap)
			break;
		if (child + 1 < s->n_heap && earlier(s, s->heap[child + 1], s->heap[child]))
			child++;
		if (!earlier(s, s->heap[child], moved))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = moved;
}

static void heap_push(struct cap_set *s, uint32_t index)
{
	uint32_t i = s->n_heap++;

	while (i > 0 && earlier(s, index, s->heap[(i - 1) / 2])) {
		s->heap[i] = s->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	s->heap[i] = index;
}

static void park(struct cap_set *s, struct member *m)
{
	if (!m->active)
		return;
	cap_file_park(m->file);
	m->active = false;
	m->parked = true;
	s->n_active--;
}

/* Counts m among those with a window, at the cost of the one not read for longest; never of
 * the one whose frame the caller holds. */
static void activate(struct cap_set *s, struct member *m)
{
	m->used = ++s->turn;
	if (m->active)
		return;
	if (s->n_active >= ACTIVE_MAX) {
		struct member *oldest = NULL;

		for (uint32_t i = 0; i < s->n; i++)
			if (s->members[i].active && i != s->current && (!oldest || s->members[i].used < oldest->used))
				oldest = &s->members[i];
		park(s, oldest);
	}
	m->active = true;
	s->n_active++;
}

/* Reads a member's next frame into its head; its end or break gives its buffers back. */
static enum cap_result advance(struct cap_set *s, uint32_t index)
{
	struct member *m = &s->members[index];
	enum cap_result result;

	activate(s, m);
	m->parked = false;
	result = cap_file_next(m->file, &m->head, &m->err);
	if (m->waiting)
		s->n_waiting--;
	m->waiting = result == CAP_WAIT;
	if (m->waiting)
		s->n_waiting++;
	else if (result != CAP_FRAME)
		park(s, m);
	return result;
}

struct cap_set *cap_set_open(const char *const *paths, uint32_t n, bool follow, struct err *err)
{
	struct cap_set *s;
	uint32_t opened = 0;

	if (n == 0 || n > LIMIT_CAPTURES) {
		err_set(err, ERR_USAGE, n ? "more than %u captures in one set" : "no capture given", LIMIT_CAPTURES);
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	s->members = xcalloc(n, sizeof(*s->members));
	s->heap = xcalloc(n, sizeof(*s->heap));
	s->n = s->current = n;
	for (uint32_t i = 0; i < n; i++) {
		struct member *m = &s->members[i];

		m->file = cap_file_open_window(paths[i], follow, n == 1 ? CAP_WINDOW : SET_WINDOW, &m->err);
		if (!m->file)
			continue;
		opened++;
		if (advance(s, i) == CAP_FRAME)
			heap_push(s, i);
		/* The first time places it; it is opened again when its turn comes. */
		if (n > ACTIVE_MAX)
			park(s, m);
	}
	if (opened > 0)
		return s;
	if (n == 1)
		err_set(err, s->members[0].err.code, "%s", s->members[0].err.text);
	else
		err_set(err, ERR_INPUT, "none of %u captures can be read; %s", n, s->members[0].err.text);
	cap_set_close(s);
	return NULL;
}

/* Growing files that had nothing are asked again. */
static void ask_waiting(struct cap_set *s)
{
	for (uint32_t i = 0; s->n_waiting > 0 && i < s->n; i++)
		if (s->members[i].waiting && advance(s, i) == CAP_FRAME)
			heap_push(s, i);
}

enum cap_result cap_set_next(struct cap_set *s, struct frame *frame, struct err *err)
{
	if (s->current < s->n) {
		/* The member last handed out is still on top: its next frame takes the place. */
		if (advance(s, s->current) != CAP_FRAME)
			s->heap[0] = s->heap[--s->n_heap];
		if (s->n_heap > 0)
			heap_down(s, 0);
		s->current = s->n;
	}
	if (unlikely(s->n_waiting > 0))
		ask_waiting(s);
	while (s->n_heap > 0) {
		uint32_t index = s->heap[0];
		struct member *m = &s->members[index];

		activate(s, m);
		if (likely(!m->parked) || cap_file_again(m->file, &m->head)) {
			m->parked = false;
			*frame = m->head;
			frame->capture = (uint16_t)index;
			s->current = index;
			return CAP_FRAME;
		}
		err_set(&m->err, ERR_INPUT, "%s: packet %u is gone: the file changed while it was read", m->file->path,
			m->head.number);
		park(s, m);
		s->heap[0] = s->heap[--s->n_heap];
		if (s->n_heap > 0)
			heap_down(s, 0);
	}
	if (err)
		err->code = ERR_NONE;
	return s->n_waiting > 0 ? CAP_WAIT : CAP_END;
}

uint32_t cap_set_count(const struct cap_set *s)
{
	return s->n;
}

struct cap_file *cap_set_file(struct cap_set *s, uint32_t index)
{
	if (index >= s->n || !s->members[index].file)
		return NULL;
	/* It may be about to be read at random: that descriptor counts too. */
	activate(s, &s->members[index]);
	return s->members[index].file;
}

const struct err *cap_set_error(const struct cap_set *s, uint32_t index)
{
	static const struct err none = { ERR_USAGE, "no such capture in the set" };

	return index < s->n ? &s->members[index].err : &none;
}

void cap_set_close(struct cap_set *s)
{
	if (!s)
		return;
	for (uint32_t i = 0; i < s->n; i++)
		cap_file_close(s->members[i].file);
	free(s->members);
	free(s->heap);
	free(s);
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

int cap_spool(int fd, const char *path, struct err *err)
{
	uint8_t *buf;
	ssize_t n;
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), result = 0;

	if (out < 0)
		return err_set(err, ERR_SYSTEM, "%s: cannot be written: %s", path, strerror(errno));
	buf = xmalloc(SPOOL_BUFFER);
	while ((n = read(fd, buf, SPOOL_BUFFER)) != 0 && result == 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			result = err_set(err, ERR_INPUT, "standard input cannot be read: %s", strerror(errno));
		else if (!write_all(out, buf, (size_t)n))
			result = err_set(err, ERR_SYSTEM, "%s: cannot be written: %s", path, strerror(errno));
	}
	free(buf);
	if (close(out) < 0 && result == 0)
		result = err_set(err, ERR_SYSTEM, "%s: cannot be written: %s", path, strerror(errno));
	return result;
}
