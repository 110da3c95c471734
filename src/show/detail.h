/* One message again, from the capture: its bytes through the stored slices, dissected with the
 * stored context, alone.  The result equals what the run showed (a test holds this). */
#ifndef SHOW_DETAIL_H
#define SHOW_DETAIL_H

#include "base/err.h"
#include "base/mem.h"
#include "show/sink.h"
#include "store/store.h"

/* The captures of a case, opened when first needed, a few at a time. */
struct detail_captures;
struct detail_captures *detail_captures_new(struct store *);
void detail_captures_free(struct detail_captures *);

/* A message as shown.  Everything lives in the arena. */
struct detail {
	struct arena arena;
	struct dx_run run;         /* its sources are the hex pane's bytes: run.sources[0..n_sources) */
	struct node *root;         /* protocols; positions are offsets in source v.src */
	struct stored_message stored;
};

/* detail_load fills d (zeroed, or loaded before: it is reset) with one side of the exchange id (or, id
 * negative, of table message).  1, 0 no such message (or side), -1 with err: e.g. the capture is gone. */
int detail_load(struct detail_captures *, int64_t id, bool response, struct detail *d, struct err *) MUST_CHECK;
void detail_free(struct detail *);

#endif
