/* SHA-256 of capture files. */
#include "cli/hasher.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

#define BLOCK (1 << 20)

struct hasher {
	pthread_t thread;
	const char *const *paths;
	uint32_t n;
	bool running;
	atomic_bool stop;
	char (*hex)[65];
};

static void hash_file(struct hasher *h, const char *path, char hex[65], uint8_t *block)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t sum[EVP_MAX_MD_SIZE];
	ssize_t got = -1;

	if (fd >= 0 && ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1)
		while (!atomic_load(&h->stop) && (got = read(fd, block, BLOCK)) > 0)
			EVP_DigestUpdate(ctx, block, (size_t)got);
	if (got == 0 && EVP_DigestFinal_ex(ctx, sum, NULL) == 1)
		text_hex(hex, 65, (struct span){ sum, 32 });
	EVP_MD_CTX_free(ctx);
	if (fd >= 0)
		close(fd);
}

static void *run(void *arg)
{
	struct hasher *h = arg;
	uint8_t *block = xmalloc(BLOCK);

	for (uint32_t i = 0; i < h->n; i++)
		hash_file(h, h->paths[i], h->hex[i], block);
	free(block);
	return NULL;
}

struct hasher *hasher_start(const char *const *paths, uint32_t n)
{
	struct hasher *h = xcalloc(1, sizeof(*h));

	h->paths = paths;
	h->n = n;
	h->hex = xcalloc(n, sizeof(*h->hex));
	h->running = pthread_create(&h->thread, NULL, run, h) == 0;
	if (!h->running)
		run(h);
	return h;
}

void hasher_wait(struct hasher *h)
{
	if (h->running)
		pthread_join(h->thread, NULL);
	h->running = false;
}

const char *hasher_hex(const struct hasher *h, uint32_t index)
{
	return h->hex[index][0] ? h->hex[index] : NULL;
}

void hasher_end(struct hasher *h)
{
	if (!h)
		return;
	atomic_store(&h->stop, true);
	hasher_wait(h);
	free(h->hex);
	free(h);
}
