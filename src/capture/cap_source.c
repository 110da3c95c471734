/* The bytes of a capture file, plain, gzip (RFC 1951, 1952) or zstd (RFC 8878), reachable at any offset:
 * gzip keeps a 32 KiB window every 16 MiB, zstd the starts of its frames. */
#include "capture/cap_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"

#define POINT_SPAN    (16u << 20)  /* uncompressed bytes between inflate points */
#define FRAME_SPAN    (1u << 20)   /* between remembered zstd frames: they cost no window */
#define INPUT_SIZE    (128u << 10)
#define DEFLATE_WINDOW 32768u

/* A place where decompression can begin. */
struct point {
	uint64_t in, out;          /* offsets in the compressed and the uncompressed bytes */
	uint8_t *window;           /* gzip: the have bytes before it */
	uint16_t have;
	uint8_t bits;              /* gzip: of the byte before in that belong to what follows */
};

enum phase { PHASE_MEMBER, PHASE_RAW, PHASE_TRAILER, PHASE_BETWEEN };

/* A decoder and where it stands. */
struct lane {
	z_stream z;
	ZSTD_DStream *zstd;
	uint8_t *input;            /* INPUT_SIZE bytes, then as many for what a seek throws away */
	size_t in_pos, in_len;
	uint64_t in_at;            /* offset of input[0] in the file */
	uint64_t out;              /* offset of the next uncompressed byte */
	bool open, z_open, ended, inside;
	enum phase phase;
	uint8_t trailer;           /* bytes of a gzip trailer still to pass over */
	struct err fault;
};

struct source {
	char *path;
	int fd;
	bool follow;
	enum source_kind kind;
	uint64_t bytes;
	dev_t dev;
	ino_t ino;
	struct point *points;
	uint32_t n_points, cap_points;
	struct lane lanes[SOURCE_LANES];
};

/* Opens the file, checking that it is still the one of the first time. */
static bool reopen(struct source *s, struct err *err)
{
	struct stat st;

	if (s->fd >= 0)
		return true;
	if (stat(s->path, &st) < 0) {
		err_set(err, ERR_INPUT, "%s", strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_INPUT, S_ISDIR(st.st_mode) ? "is a directory" : "is not a regular file");
		return false;
	}
	s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st) < 0) {
		err_set(err, ERR_INPUT, "%s", strerror(errno));
		return false;
	}
	if (s->ino && (s->ino != st.st_ino || s->dev != st.st_dev)) {
		err_set(err, ERR_INPUT, "was replaced by another file while it was read");
		close(s->fd);
		s->fd = -1;
		return false;
	}
	s->ino = st.st_ino;
	s->dev = st.st_dev;
	s->bytes = (uint64_t)st.st_size;
	return true;
}

/* pread until len bytes or the end; what fails goes to err. */
static size_t read_disk(struct source *s, uint64_t at, void *buf, size_t len, struct err *err)
{
	size_t done = 0;

	if (at > INT64_MAX - len || !reopen(s, err))
		return 0;
	while (done < len) {
		ssize_t n = pread(s->fd, (uint8_t *)buf + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err_set(err, ERR_INPUT, "cannot be read at offset %llu: %s", (unsigned long long)(at + done),
				strerror(errno));
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

static bool fill(struct source *s, struct lane *l)
{
	if (l->in_pos < l->in_len)
		return true;
	l->in_at += l->in_len;
	l->in_pos = 0;
	l->in_len = read_disk(s, l->in_at, l->input, INPUT_SIZE, &l->fault);
	return l->in_len > 0;
}

static struct point *add_point(struct source *s, uint64_t in, uint64_t out, uint32_t span)
{
	struct point *p;

	if (s->n_points > 0 ? out < s->points[s->n_points - 1].out + span : out < span)
		return NULL;
	s->points = mem_grow(s->points, s->n_points, &s->cap_points, sizeof(*s->points));
	p = &s->points[s->n_points++];
	*p = (struct point){ .in = in, .out = out };
	return p;
}

static void gzip_point(struct source *s, struct lane *l)
{
	uint8_t window[DEFLATE_WINDOW];
	uInt have = sizeof(window);
	struct point *p = add_point(s, l->in_at + l->in_pos, l->out, POINT_SPAN);

	if (!p)
		return;
	if (inflateGetDictionary(&l->z, window, &have) != Z_OK) {
		s->n_points--;
		return;
	}
	p->bits = (uint8_t)(l->z.data_type & 7);
	p->have = (uint16_t)have;
	p->window = xmalloc(have ? have : 1);
	memcpy(p->window, window, have);
}

/* Passes over a member's trailer in raw mode, and finds out whether another member follows.
 * False: nothing (more) to decode now. */
static bool gzip_between(struct source *s, struct lane *l)
{
	while (l->phase == PHASE_TRAILER) {
		if (!fill(s, l))
			return false;
		l->in_pos++;
		if (--l->trailer == 0)
			l->phase = PHASE_BETWEEN;
	}
	if (l->phase == PHASE_BETWEEN) {
		if (!fill(s, l))
			return false;
		if (l->input[l->in_pos] != 0x1f) {
			l->ended = true;   /* padding behind the last member, as gzip(1) allows */
			return false;
		}
		inflateReset2(&l->z, 15 + 16);
		l->phase = PHASE_MEMBER;
	}
	return true;
}

static size_t gzip_produce(struct source *s, struct lane *l, uint8_t *buf, size_t len)
{
	size_t done = 0;

	while (done < len && !l->ended && l->fault.code == ERR_NONE && gzip_between(s, l)) {
		size_t in, out, room = len - done < POINT_SPAN ? len - done : POINT_SPAN;
		int result;

		l->z.next_in = l->input + l->in_pos;
		l->z.avail_in = (uInt)(l->in_len - l->in_pos);
		l->z.next_out = buf + done;
		l->z.avail_out = (uInt)room;
		result = inflate(&l->z, Z_BLOCK);
		in = l->in_len - l->in_pos - l->z.avail_in;
		out = room - l->z.avail_out;
		l->in_pos += in;
		l->out += out;
		done += out;
		if (result == Z_STREAM_END) {
			l->trailer = 8;
			l->phase = l->phase == PHASE_RAW ? PHASE_TRAILER : PHASE_BETWEEN;
		} else if (result != Z_OK && result != Z_BUF_ERROR) {
			err_set(&l->fault, ERR_INPUT, "gzip data is damaged at offset %llu (%s)",
				(unsigned long long)(l->in_at + l->in_pos), l->z.msg ? l->z.msg : "cannot be decoded");
		} else if ((l->z.data_type & 128) && !(l->z.data_type & 64)) {
			gzip_point(s, l);
		} else if (in == 0 && out == 0 && !fill(s, l)) {
			break;
		}
	}
	l->inside = l->phase != PHASE_BETWEEN;
	return done;
}

static size_t zstd_produce(struct source *s, struct lane *l, uint8_t *buf, size_t len)
{
	size_t done = 0;

	while (done < len && l->fault.code == ERR_NONE) {
		ZSTD_inBuffer in = { l->input, l->in_len, l->in_pos };
		ZSTD_outBuffer out = { buf, len, done };
		size_t result;
		bool moved;

		if (!l->inside && !fill(s, l))
			break;
		in.size = l->in_len;
		in.pos = l->in_pos;
		if (!l->inside)
			add_point(s, l->in_at + l->in_pos, l->out, FRAME_SPAN);
		result = ZSTD_decompressStream(l->zstd, &out, &in);
		if (ZSTD_isError(result)) {
			err_set(&l->fault, ERR_INPUT, "zstd data is damaged at offset %llu (%s)",
				(unsigned long long)(l->in_at + l->in_pos), ZSTD_getErrorName(result));
			break;
		}
		l->inside = result != 0;
		moved = in.pos > l->in_pos || out.pos > done;
		l->in_pos = in.pos;
		l->out += out.pos - done;
		done = out.pos;
		if (!moved && !fill(s, l))
			break;
	}
	return done;
}

static size_t produce(struct source *s, struct lane *l, uint8_t *buf, size_t len)
{
	size_t done = s->kind == SOURCE_GZIP ? gzip_produce(s, l, buf, len) : zstd_produce(s, l, buf, len);

	if (done < len && l->inside && !s->follow && !l->ended && l->fault.code == ERR_NONE)
		err_set(&l->fault, ERR_INPUT, "%s data is cut at its end", s->kind == SOURCE_GZIP ? "gzip" : "zstd");
	return done;
}

static void lane_close(struct lane *l)
{
	if (l->z_open)
		inflateEnd(&l->z);
	ZSTD_freeDStream(l->zstd);
	free(l->input);
	memset(l, 0, sizeof(*l));
}

/* Makes the decoder stand at a point, or at the start of the file (NULL). */
static void lane_start(struct source *s, struct lane *l, const struct point *p)
{
	lane_close(l);
	l->open = true;
	l->input = xmalloc(2 * INPUT_SIZE);
	if (p) {
		l->in_at = p->in;
		l->out = p->out;
	}
	if (s->kind == SOURCE_ZSTD) {
		l->zstd = ZSTD_createDStream();
		if (!l->zstd)
			err_set(&l->fault, ERR_SYSTEM, "out of memory for zstd");
		return;
	}
	l->phase = p ? PHASE_RAW : PHASE_MEMBER;
	if (inflateInit2(&l->z, p ? -15 : 15 + 16) != Z_OK) {
		err_set(&l->fault, ERR_SYSTEM, "out of memory for gzip");
		return;
	}
	l->z_open = true;
	if (p && p->bits) {
		uint8_t byte;

		if (read_disk(s, p->in - 1, &byte, 1, &l->fault) == 1)
			inflatePrime(&l->z, p->bits, byte >> (8 - p->bits));
	}
	if (p && p->have)
		inflateSetDictionary(&l->z, p->window, p->have);
}

static const struct point *point_before(const struct source *s, uint64_t at)
{
	uint32_t lo = 0, hi = s->n_points;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (s->points[mid].out <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 ? &s->points[lo - 1] : NULL;
}

/* Brings the lane to an offset: on from where it stands, or from the nearest point before.
 * False if the data ends before. */
static bool lane_seek(struct source *s, struct lane *l, uint64_t at)
{
	const struct point *p = point_before(s, at);

	if (!l->open || at < l->out || (p && p->out > l->out))
		lane_start(s, l, p);
	while (l->out < at) {
		uint64_t left = at - l->out;

		if (produce(s, l, l->input + INPUT_SIZE, left < INPUT_SIZE ? (size_t)left : INPUT_SIZE) == 0)
			return false;
	}
	return true;
}

static void find_kind(struct source *s, struct err *err)
{
	uint8_t p[4];
	uint32_t magic;

	if (read_disk(s, 0, p, sizeof(p), err) < sizeof(p)) {
		/* Too short for anything; while it grows that is not the last word. */
		if (!s->follow)
			s->kind = SOURCE_PLAIN;
		return;
	}
	magic = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	if (p[0] == 0x1f && p[1] == 0x8b)
		s->kind = SOURCE_GZIP;
	else if (magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
		s->kind = SOURCE_ZSTD;
	else
		s->kind = SOURCE_PLAIN;
}

struct source *source_open(const char *path, bool follow, struct err *err)
{
	struct source *s = xcalloc(1, sizeof(*s));
	struct err why = { ERR_NONE, "" };

	s->path = xstrdup(path);
	s->fd = -1;
	s->follow = follow;
	if (reopen(s, &why))
		find_kind(s, &why);
	if (why.code == ERR_NONE)
		return s;
	err_set(err, ERR_INPUT, "%s: %s", path, why.text);
	source_close(s);
	return NULL;
}

size_t source_read(struct source *s, enum source_lane lane, uint64_t at, void *buf, size_t len)
{
	struct lane *l = &s->lanes[lane];

	if (s->kind == SOURCE_UNKNOWN)
		find_kind(s, &l->fault);
	if (s->kind == SOURCE_UNKNOWN)
		return 0;
	if (s->kind == SOURCE_PLAIN) {
		l->fault.code = ERR_NONE;
		return read_disk(s, at, buf, len, &l->fault);
	}
	return lane_seek(s, l, at) ? produce(s, l, buf, len) : 0;
}

const struct err *source_fault(const struct source *s, enum source_lane lane)
{
	return s->lanes[lane].fault.code != ERR_NONE ? &s->lanes[lane].fault : NULL;
}

enum source_kind source_kind(const struct source *s)
{
	return s->kind;
}

const char *source_path(const struct source *s)
{
	return s->path;
}

uint64_t source_bytes(const struct source *s)
{
	struct stat st;

	if (s->follow && s->fd >= 0 && fstat(s->fd, &st) == 0)
		return (uint64_t)st.st_size;
	return s->bytes;
}

uint64_t source_position(const struct source *s)
{
	const struct lane *l = &s->lanes[SOURCE_STREAM];

	return l->in_at + l->in_pos;
}

void source_park(struct source *s)
{
	for (int i = 0; i < SOURCE_LANES; i++) {
		struct err fault = s->lanes[i].fault;

		lane_close(&s->lanes[i]);
		s->lanes[i].fault = fault;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	source_park(s);
	for (uint32_t i = 0; i < s->n_points; i++)
		free(s->points[i].window);
	free(s->points);
	free(s->path);
	free(s);
}
