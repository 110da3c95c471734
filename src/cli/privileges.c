/* Giving up privileges.  capabilities(7), prctl(2). */
#include "cli/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The number in an environment variable, -1 if it is none. */
static long number(const char *name)
{
	const char *s = getenv(name);
	char *end;
	long n;

	if (!s || !*s)
		return -1;
	n = strtol(s, &end, 10);
	return *end || n < 0 ? -1 : n;
}

int privileges_drop(const char *file, struct err *e)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };
	long uid = number("SUDO_UID"), gid = number("SUDO_GID");

	if (geteuid() == 0 && uid > 0 && gid > 0) {
		if (chown(file, (uid_t)uid, (gid_t)gid))
			return err_set(e, ERR_SYSTEM, "%s: %s", file, strerror(errno));
		if (setgroups(0, NULL) || setgid((gid_t)gid) || setuid((uid_t)uid))
			return err_set(e, ERR_SYSTEM, "cannot become user %ld: %s", uid, strerror(errno));
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_capset, &header, none))
		return err_set(e, ERR_SYSTEM, "cannot give up privileges: %s", strerror(errno));
	return 0;
}
