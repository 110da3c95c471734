/* SHA-256 of capture files, in a thread of its own beside the decoder. */
#ifndef CLI_HASHER_H
#define CLI_HASHER_H

#include "base/span.h"

struct hasher;
/* hasher_start begins to hash the n files, one after the other; paths are borrowed until hasher_end. */
struct hasher *hasher_start(const char *const *paths, uint32_t n);
/* hasher_wait waits for all; then hasher_hex gives a file's hash, NULL if it could not be read. */
void hasher_wait(struct hasher *);
const char *hasher_hex(const struct hasher *, uint32_t index);
void hasher_end(struct hasher *);

#endif
