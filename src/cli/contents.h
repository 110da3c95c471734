/* Hashes of file contents, in a thread of its own: the bytes are read again through their slices. */
#ifndef CLI_CONTENTS_H
#define CLI_CONTENTS_H

#include "session/track.h"

enum { HASH_SHA256 = 1, HASH_SHA1 = 2, HASH_MD5 = 4 };

struct contents;
/* contents_new starts the thread; it opens the captures (paths, borrowed) itself.  hashes: HASH_*. */
struct contents *contents_new(const char *const *paths, uint32_t n_paths, unsigned hashes);
/* contents_submit is a track_content_fn: waits when too much is queued. */
void contents_submit(void *contents, const struct ev_transfer *row, struct content_piece *pieces, uint32_t n);
/* contents_take states what has been hashed since, in the order it was submitted; all: waits for all of it. */
void contents_take(struct contents *, struct track *, bool all);
void contents_free(struct contents *);

#endif
