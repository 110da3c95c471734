/* Giving up what is no longer needed, once the capture devices are open. */
#ifndef CLI_PRIVILEGES_H
#define CLI_PRIVILEGES_H

#include "base/err.h"

/* privileges_drop gives up every capability for good and, under sudo, becomes the user who called it;
 * file (owned by root, just made) is given to that user first. */
int privileges_drop(const char *file, struct err *) MUST_CHECK;

#endif
