/* Which capture is which: the key of a file's content, and where the file is now. */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES (1 << 20)

/* Hashes up to KEY_BYTES from at on.  -1: errno tells. */
static int hash_part(EVP_MD_CTX *ctx, int fd, off_t at, uint8_t *buf)
{
	size_t have = 0;

	while (have < KEY_BYTES) {
		ssize_t n = pread(fd, buf + have, KEY_BYTES - have, at + (off_t)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return EVP_DigestUpdate(ctx, buf, have) == 1 ? 0 : -1;
}

static int key_of(int fd, char out[96])
{
	uint8_t *buf = xmalloc(KEY_BYTES), digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n = 0;
	int rc = -1;
	struct stat st;

	if (fstat(fd, &st) == 0 && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && hash_part(ctx, fd, 0, buf) == 0 &&
	    hash_part(ctx, fd, st.st_size > KEY_BYTES ? st.st_size - KEY_BYTES : 0, buf) == 0 &&
	    EVP_DigestFinal_ex(ctx, digest, &n) == 1) {
		int at = snprintf(out, 96, "%lld-", (long long)st.st_size);

		for (unsigned i = 0; i < n && i < 32; i++)
			snprintf(out + at + 2 * i, 96 - (size_t)at - 2 * i, "%02x", digest[i]);
		rc = 0;
	}
	EVP_MD_CTX_free(ctx);
	free(buf);
	return rc;
}

int store_capture_key(const char *path, char out[96], struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc, why;
	struct stat st;

	if (fd < 0)
		return err_set(err, ERR_INPUT, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, ERR_INPUT, "%s is not a regular file", path);
	}
	errno = 0;
	rc = key_of(fd, out);
	why = errno;
	close(fd);
	return rc ? err_set(err, ERR_INPUT, "cannot read %s: %s", path, why ? strerror(why) : "hashing failed") : 0;
}

/* --- where captures are --- */

struct found {
	struct found *next;
	int64_t capture_id;
	char *path;
};

void found_free(struct found *f)
{
	while (f) {
		struct found *next = f->next;

		free(f->path);
		free(f);
		f = next;
	}
}

void store_captures_dir(struct store *s, const char *dir)
{
	free(s->captures_dir);
	s->captures_dir = dir ? xstrdup(dir) : NULL;
	found_free(s->found);
	s->found = NULL;
}

enum fit { FIT_NONE, FIT_CHANGED, FIT_SAME };

/* A file is the capture when its content key is; without a key (a live run cut short) when it is there. */
static enum fit fits(const char *path, const char *key)
{
	struct err ignored;
	char now[96];

	if (access(path, R_OK) != 0)
		return FIT_NONE;
	if (!key)
		return FIT_SAME;
	if (store_capture_key(path, now, &ignored))
		return FIT_NONE;
	return strcmp(now, key) == 0 ? FIT_SAME : FIT_CHANGED;
}

/* The path as it was, then that name in the folder named with --captures, then beside the case. */
static const char *search(struct store *s, const char *path, const char *key, struct arena *arena, bool *changed)
{
	const char *name = strrchr(path, '/'), *slash = strrchr(s->path, '/');
	const char *tries[3] = { path, NULL, NULL };

	name = name ? name + 1 : path;
	if (s->captures_dir)
		tries[1] = arena_text(arena, "%s/%s", s->captures_dir, name);
	tries[2] = slash ? arena_text(arena, "%.*s/%s", (int)(slash - s->path), s->path, name) : name;
	for (unsigned i = 0; i < COUNT(tries); i++) {
		enum fit fit = tries[i] ? fits(tries[i], key) : FIT_NONE;

		if (fit == FIT_SAME)
			return tries[i];
		*changed |= fit == FIT_CHANGED;
	}
	return NULL;
}

int store_capture_path(struct store *s, int64_t capture_id, struct arena *arena, const char **path, struct err *err)
{
	const char *was, *now;
	bool changed = false;
	struct found *f;
	sqlite3_stmt *st;
	int rc;

	for (f = s->found; f; f = f->next)
		if (f->capture_id == capture_id) {
			*path = arena_text(arena, "%s", f->path);
			return 1;
		}
	if (sqlite3_prepare_v2(s->db, "SELECT text.text, content_key FROM capture LEFT JOIN text ON text_id = path WHERE capture_id = ?",
	                       -1, &st, NULL) != SQLITE_OK)
		return db_error(s->db, err, "cannot read");
	sqlite3_bind_int64(st, 1, capture_id);
	rc = sqlite3_step(st);
	if (rc != SQLITE_ROW) {
		rc = rc == SQLITE_DONE ? 0 : db_error(s->db, err, "cannot read");
		sqlite3_finalize(st);
		return rc;
	}
	was = (const char *)sqlite3_column_text(st, 0);
	now = was ? search(s, was, (const char *)sqlite3_column_text(st, 1), arena, &changed) : NULL;
	if (!now) {
		rc = err_set(err, ERR_INPUT, changed ? "the capture %s has changed since it was read" :
		             "the capture %s is not there any more (--captures DIR tells where it is)", was ? was : "without a name");
	} else {
		f = xcalloc(1, sizeof(*f));
		*f = (struct found){ .next = s->found, .capture_id = capture_id, .path = xstrdup(now) };
		s->found = f;
		*path = arena_text(arena, "%s", now);
		rc = 1;
	}
	sqlite3_finalize(st);
	return rc;
}
