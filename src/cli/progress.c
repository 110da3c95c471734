/* The progress line. */
#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define NS 1000000000

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * NS + t.tv_nsec;
}

void progress_start(struct progress *p, bool wanted)
{
	*p = (struct progress){ .start_ns = now_ns(), .wanted = wanted && isatty(STDERR_FILENO) };
	p->shown_ns = p->start_ns + NS / 4;
}

void progress_show(struct progress *p, uint64_t done, uint64_t total, uint64_t frames)
{
	int64_t now;
	double seconds, rate;

	if (!p->wanted || (now = now_ns()) - p->shown_ns < NS / 4)
		return;
	p->shown_ns = now;
	p->shown = true;
	seconds = (double)(now - p->start_ns) / NS;
	rate = (double)done / seconds;
	fprintf(stderr, "\r%.1f of %.1f MB (%d %%), %" PRIu64 " frames, %.0f MB/s, %.0f s left\033[K", (double)done / 1e6,
	        (double)total / 1e6, total ? (int)(100 * done / total) : 100, frames, rate / 1e6,
	        rate > 0 && total > done ? (double)(total - done) / rate : 0.0);
	fflush(stderr);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
