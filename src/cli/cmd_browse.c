/* browse, and the bare smbscope CAPTURE...: the browser on a case. */
#include "cli/cli.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "gen/version.h"
#include "store/store.h"
#include "tui/tui.h"

/* browse: opens the case at path; title is what the screen calls it. */
static int browse(const struct args *a, const char *path, const char *title)
{
	struct err e = { 0 };
	struct store *st = store_open(path, STORE_READ, &e);
	struct tui_options o = { .case_path = title, .keys_path = a->keys_file };
	int result;

	if (!st)
		return complain(&e);
	if (a->captures)
		store_captures_dir(st, a->captures);
	if (a->size && sscanf(a->size, "%hux%hu", &o.columns, &o.lines) != 2) {
		store_close(st);
		err_set(&e, ERR_USAGE, "--size %s: write WIDTHxHEIGHT, as in 80x24", a->size);
		return complain(&e);
	}
	result = tui_run(st, &o, &e);
	store_close(st);
	return result ? complain(&e) : EXIT_DONE;
}

int cmd_browse(const struct args *a)
{
	struct err e = { 0 };

	if (a->n_files != 1) {
		err_set(&e, ERR_USAGE, "browse takes one case; see smbscope browse --help");
		return complain(&e);
	}
	return browse(a, a->files[0], a->files[0]);
}

/* $XDG_CACHE_HOME/smbscope or ~/.cache/smbscope, made where it is missing. */
static int cache_dir(char *out, size_t size, struct err *e)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0] == '/')
		snprintf(out, size, "%s", xdg);
	else if (home && home[0] == '/')
		snprintf(out, size, "%s/.cache", home);
	else
		return err_set(e, ERR_INPUT, "no cache directory: neither XDG_CACHE_HOME nor HOME is set; use smbscope import");
	mkdir(out, 0700);
	snprintf(out + strlen(out), size - strlen(out), "/smbscope");
	if (mkdir(out, 0700) && errno != EEXIST)
		return err_set(e, ERR_INPUT, "%s: %s", out, strerror(errno));
	return 0;
}

static void add(EVP_MD_CTX *h, const void *p, size_t n)
{
	EVP_DigestUpdate(h, p, n);
}

/* The case's name says what it was made of: paths, sizes, times of change, options and program. */
static void cache_name(const struct args *a, char hex[65])
{
	EVP_MD_CTX *h = EVP_MD_CTX_new();
	uint8_t sum[EVP_MAX_MD_SIZE];

	EVP_DigestInit_ex(h, EVP_sha256(), NULL);
	add(h, SMBSCOPE_VERSION, sizeof(SMBSCOPE_VERSION));
	for (uint32_t i = 0; i < a->n_files; i++) {
		char *real = realpath(a->files[i], NULL);
		struct stat st = { 0 };

		add(h, real ? real : a->files[i], strlen(real ? real : a->files[i]) + 1);
		if (stat(a->files[i], &st) == 0) {
			add(h, &st.st_size, sizeof(st.st_size));
			add(h, &st.st_mtim.tv_sec, sizeof(st.st_mtim.tv_sec));
			add(h, &st.st_mtim.tv_nsec, sizeof(st.st_mtim.tv_nsec));
		}
		free(real);
	}
	if (a->filter)
		add(h, a->filter, strlen(a->filter));
	add(h, &a->from_ns, sizeof(a->from_ns));
	add(h, &a->to_ns, sizeof(a->to_ns));
	add(h, a->ports, sizeof(a->ports));
	add(h, &a->any_port, sizeof(a->any_port));
	EVP_DigestFinal_ex(h, sum, NULL);
	EVP_MD_CTX_free(h);
	text_hex(hex, 65, (struct span){ sum, 32 });
}

int cmd_captures(const struct args *a)
{
	struct err e = { 0 };
	char path[4096], fresh[4160], hex[65];
	int status = EXIT_DONE;

	if (!a->n_files) {
		err_set(&e, ERR_USAGE, "no capture named; see smbscope --help");
		return complain(&e);
	}
	if (cache_dir(path, sizeof(path) - 96, &e))
		return complain(&e);
	cache_name(a, hex);
	snprintf(path + strlen(path), sizeof(path) - strlen(path), "/%.32s.db", hex);
	if (access(path, R_OK) != 0) {
		/* Made under another name first: a case that is there is whole. */
		snprintf(fresh, sizeof(fresh), "%s.%ld", path, (long)getpid());
		status = import_case(a, fresh, true, &e);
		if (status == EXIT_WRONG_USAGE || (status && access(fresh, R_OK) != 0)) {
			unlink(fresh);
			return complain(&e);
		}
		if (status)
			complain(&e);
		if (rename(fresh, path)) {
			err_set(&e, ERR_INPUT, "%s: %s", path, strerror(errno));
			return complain(&e);
		}
	}
	if (browse(a, path, a->n_files == 1 ? a->files[0] : "several captures") != EXIT_DONE)
		return EXIT_INPUT;
	return status;
}
