/* From captures to messages: the rooms of the house, connected. */
#ifndef CLI_PIPELINE_H
#define CLI_PIPELINE_H

#include "base/err.h"
#include "capture/cap.h"
#include "session/track.h"
#include "stream/frame.h"

struct pipeline_options {
	const char *const *paths;
	uint32_t n_paths;
	const char *filter;             /* BPF, NULL none */
	int64_t from_ns, to_ns;         /* frames outside are passed over; INT64_MIN, INT64_MAX: none */
	const uint16_t *ports;          /* besides 139 and 445 */
	uint32_t n_ports;
	bool any_port;
	bool follow;                    /* the (one) file still grows; stop tells when it ends */
	bool hash;                      /* state the captures' SHA-256 */
	unsigned content_hashes;        /* HASH_* of cli/contents.h; 0: contents are not hashed */
	bool progress;                  /* a progress line on standard error */
	struct event_sink *events;      /* NULL: nobody wants rows; or by pipeline_events */
	struct track_base base;
	struct sink *sink;              /* NULL: nobody listens to fields */
	/* Before a PDU is dissected; after it, before its bytes go.  now: the frame being read.  NULL: not called. */
	void (*before)(void *arg, const struct pdu *);
	void (*after)(void *arg, const struct tcp_flow *, const struct pdu *, const struct frame *now, struct dx_run *);
	/* When following and there is nothing to read now: returns true to end. */
	bool (*idle)(void *arg, struct track *);
	void *arg;
};

struct pipeline;
/* pipeline_open opens the captures; NULL with err when none can be read. */
struct pipeline *pipeline_open(const struct pipeline_options *, struct err *) MUST_CHECK;
/* pipeline_events names who wants the rows; before pipeline_run. */
void pipeline_events(struct pipeline *, struct event_sink *);
struct dx_run *pipeline_run_of(struct pipeline *);
/* pipeline_run reads all; 0, or -1 with the first err when an input could be read only in part. */
int pipeline_run(struct pipeline *, struct err *) MUST_CHECK;
/* pipeline_frames returns the frames read so far; nanoseconds spent in dissecting and tracking (make bench). */
uint64_t pipeline_frames(const struct pipeline *);
void pipeline_close(struct pipeline *);

#endif
