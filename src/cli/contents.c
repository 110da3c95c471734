/* Hashes of file contents. */
#include "cli/contents.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "capture/cap.h"

#define BLOCK 65536
#define N_HASHES 3

struct job {
	struct job *next;
	struct ev_transfer row;
	struct content_piece *pieces;
	uint32_t n;
	bool done, read;               /* read: all bytes could be */
	char hex[N_HASHES][2 * EVP_MAX_MD_SIZE + 1];
};

struct contents {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *first, *last, *next;   /* in order of submission; next: to be hashed */
	uint64_t waiting;                  /* pieces of the jobs in the list */
	bool stop, running;
	unsigned hashes;
	const char *const *paths;
	uint32_t n_paths;
	struct cap_file **files;           /* the thread's own */
	uint8_t block[BLOCK];
};

static const EVP_MD *method(int i)
{
	return i == 0 ? EVP_sha256() : i == 1 ? EVP_sha1() : EVP_md5();
}

static bool slice_bytes(struct contents *c, const struct slice *s, EVP_MD_CTX **ctx)
{
	struct err e = { 0 };

	if (s->capture >= c->n_paths)
		return false;
	if (!c->files[s->capture])
		c->files[s->capture] = cap_file_open(c->paths[s->capture], false, &e);
	if (!c->files[s->capture])
		return false;
	for (uint32_t off = 0; off < s->len;) {
		uint32_t n = min_u32(s->len - off, BLOCK);

		if (cap_file_read(c->files[s->capture], s->at + off, c->block, n, &e) != (int64_t)n)
			return false;
		for (int i = 0; i < N_HASHES; i++)
			if (ctx[i])
				EVP_DigestUpdate(ctx[i], c->block, n);
		off += n;
	}
	return true;
}

static void hash(struct contents *c, struct job *j)
{
	EVP_MD_CTX *ctx[N_HASHES] = { NULL };
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned len;

	j->read = true;
	for (int i = 0; i < N_HASHES; i++)
		if (c->hashes & (1u << i)) {
			ctx[i] = EVP_MD_CTX_new();
			EVP_DigestInit_ex(ctx[i], method(i), NULL);
		}
	for (uint32_t k = 0; k < j->n && j->read; k++) {
		struct slice s = j->pieces[k].slice;

		for (uint32_t i = 0; i < j->pieces[k].n && j->read; i++, s.at += j->pieces[k].stride)
			j->read = slice_bytes(c, &s, ctx);
	}
	for (int i = 0; i < N_HASHES; i++) {
		if (!ctx[i])
			continue;
		if (j->read && EVP_DigestFinal_ex(ctx[i], sum, &len) == 1)
			text_hex(j->hex[i], sizeof(j->hex[i]), (struct span){ sum, len });
		EVP_MD_CTX_free(ctx[i]);
	}
}

static void *run(void *arg)
{
	struct contents *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		struct job *j = c->next;

		if (!j) {
			pthread_cond_wait(&c->changed, &c->lock);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		hash(c, j);
		pthread_mutex_lock(&c->lock);
		j->done = true;
		c->next = j->next;
		pthread_cond_broadcast(&c->changed);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct contents *contents_new(const char *const *paths, uint32_t n_paths, unsigned hashes)
{
	struct contents *c = xcalloc(1, sizeof(*c));

	c->paths = paths;
	c->n_paths = n_paths;
	c->hashes = hashes;
	c->files = xcalloc(n_paths, sizeof(struct cap_file *));
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	return c;
}

void contents_submit(void *arg, const struct ev_transfer *row, struct content_piece *pieces, uint32_t n)
{
	struct contents *c = arg;
	struct job *j = xcalloc(1, sizeof(*j));

	j->row = *row;
	j->pieces = pieces;
	j->n = n;
	if (!c->running) {
		hash(c, j);
		j->done = true;
	}
	pthread_mutex_lock(&c->lock);
	while (c->running && c->waiting > LIMIT_CONTENT_QUEUE && c->next)
		pthread_cond_wait(&c->changed, &c->lock);
	c->waiting += n;
	if (c->last)
		c->last->next = j;
	else
		c->first = j;
	c->last = j;
	if (!c->next && !j->done)
		c->next = j;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static void job_free(struct job *j)
{
	free(j->pieces);
	free(j);
}

static void state(struct track *t, struct job *j)
{
	text_id *const ids[N_HASHES] = { &j->row.sha256, &j->row.sha1, &j->row.md5 };

	/* A capture that can no longer be read gives no hash: then it is not claimed. */
	for (int i = 0; i < N_HASHES; i++)
		if (j->hex[i][0])
			*ids[i] = track_text(t, j->hex[i]);
	track_transfer(t, &j->row);
}

void contents_take(struct contents *c, struct track *t, bool all)
{
	pthread_mutex_lock(&c->lock);
	for (;;) {
		struct job *j = c->first;

		if (j && !j->done && all) {
			pthread_cond_wait(&c->changed, &c->lock);
			continue;
		}
		if (!j || !j->done || (c->next == j))
			break;
		c->first = j->next;
		if (!c->first)
			c->last = NULL;
		c->waiting -= j->n;
		pthread_mutex_unlock(&c->lock);
		state(t, j);
		job_free(j);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
}

void contents_free(struct contents *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	if (c->running)
		pthread_join(c->thread, NULL);
	while (c->first) {
		struct job *j = c->first;

		c->first = j->next;
		job_free(j);
	}
	for (uint32_t i = 0; i < c->n_paths; i++)
		if (c->files[i])
			cap_file_close(c->files[i]);
	free(c->files);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}
