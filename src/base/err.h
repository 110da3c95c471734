/* Errors of the environment: files, devices, the database.  Bad packet bytes are never one. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/span.h"

enum err_code {
	ERR_NONE = 0,
	ERR_USAGE = 2,   /* the user asked for something that cannot be */
	ERR_INPUT = 3,   /* an input could not be read, or only in part */
	ERR_SYSTEM = 4,  /* memory, disk, database, device */
};

/* The caller's place for what went wrong; text is one line without a full stop. */
struct err {
	enum err_code code;
	char text[480];
};

/* err_set fills e (NULL is allowed) and returns -1, so that a caller can return it. */
int err_set(struct err *e, enum err_code code, const char *format, ...) PRINTF(3, 4);

#endif
