/* The progress line on standard error: bytes, share done, rate, time left. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/span.h"

struct progress {
	int64_t start_ns, shown_ns;
	bool wanted, shown;
};

/* progress_start: wanted is for a terminal only; nothing is shown in the first half second. */
void progress_start(struct progress *, bool wanted);
void progress_show(struct progress *, uint64_t done, uint64_t total, uint64_t frames);
/* progress_end removes the line. */
void progress_end(struct progress *);
/* now_ns: the monotonic clock. */
int64_t now_ns(void);

#endif
