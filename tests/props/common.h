/* What the property programs share: counting checks, the captures of a folder, the PDUs of a capture with
 * the context each of their messages needs.  Included by one .c file each; everything is static. */
#ifndef TESTS_PROPS_COMMON_H
#define TESTS_PROPS_COMMON_H

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cli/pipeline.h"
#include "dissectors/smb.h"
#include "session/track.h"

/* --- counting --- */

enum { SHOW_FAILURES = 12 };

struct checks {
	const char *name;
	uint64_t passed, failed;
};

PRINTF(3, 4) static UNUSED bool check(struct checks *c, bool ok, const char *format, ...)
{
	va_list ap;

	if (ok) {
		c->passed++;
		return true;
	}
	if (c->failed++ < SHOW_FAILURES) {
		printf("FAILED %s: ", c->name);
		va_start(ap, format);
		vprintf(format, ap);
		va_end(ap);
		putchar('\n');
	}
	return false;
}

static void checks_print(const struct checks *c)
{
	printf("%s: %" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", c->name, c->passed, c->failed);
}

/* --- the captures of a folder, in order of their names --- */

static int is_capture(const struct dirent *d)
{
	const char *p = strstr(d->d_name, ".pcap");

	return p != NULL && p != d->d_name;
}

/* captures_of lists them; paths are the caller's to free, or to leave to the end of the program. */
static uint32_t captures_of(const char *dir, char ***paths)
{
	struct dirent **found;
	int n = scandir(dir, &found, is_capture, alphasort);

	if (n <= 0) {
		fprintf(stderr, "%s: no captures there\n", dir);
		exit(2);
	}
	*paths = xcalloc((size_t)n, sizeof(**paths));
	for (int i = 0; i < n; i++) {
		size_t size = strlen(dir) + strlen(found[i]->d_name) + 2;

		(*paths)[i] = xmalloc(size);
		snprintf((*paths)[i], size, "%s/%s", dir, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	return (uint32_t)n;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void captures_free(char **paths, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		free(paths[i]);
	free(paths);
}

#endif
