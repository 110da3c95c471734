/* Display filters: Wireshark's language over the fields of a frame (smbscope-filter(7)).
 *
 * A filter is compiled once.  It listens to a dissection, keeps the values of the fields it names and
 * nothing else, and is asked at the end of each frame.
 *
 *	f = filter_compile("smb2.cmd == 5 && smb2.filename contains \"secret\"", &e, &where);
 *	filter_run(f, run);
 *	run->sink = filter_sink(f);           // or filter_tee(f, other)
 *	...                                   // any number of messages
 *	if (filter_match(f))
 *		...
 */
#ifndef SHOW_FILTER_H
#define SHOW_FILTER_H

#include "base/err.h"
#include "dissectors/dissect.h"

struct filter;

/* filter_compile returns the filter, NULL for text that is none: then e says what is wrong and *where
 * (may be NULL) is the byte of text that it is about, at most strlen(text).  text is not kept. */
struct filter *filter_compile(const char *text, struct err *e, uint32_t *where) MUST_CHECK;
void filter_free(struct filter *);

/* filter_run names the run that the sink listens to, for the bytes of protocols ("smb2 contains ...");
 * borrowed.  Without one a protocol has no bytes, and only its presence is known. */
void filter_run(struct filter *, const struct dx_run *);
/* filter_sink listens; it belongs to the filter.  filter_tee tells another listener (borrowed), too. */
struct sink *filter_sink(struct filter *);
struct sink *filter_tee(struct filter *, struct sink *also);

/* filter_frame tells the bytes of the frame at hand, for `frame contains ...`; borrowed for the call. */
void filter_frame(struct filter *, const uint8_t *bytes, uint32_t len);

/* filter_match tells whether what was heard since the last call matches, and forgets it. */
bool filter_match(struct filter *);
/* filter_cut counts the frames that held more than LIMIT_FILTER_VALUES or _BYTES: what was more was not seen. */
uint64_t filter_cut(const struct filter *);

/* filter_complete writes the field names that start with prefix, in order, at most max; returns how many. */
enum { FILTER_NAME = 64 };
uint32_t filter_complete(const char *prefix, char out[][FILTER_NAME], uint32_t max);

#endif
