/* import: captures into a case. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/contents.h"
#include "cli/pipeline.h"
#include "store/store.h"

/* FIRST.db in the working directory, after captures/FIRST.pcap.gz. */
static void default_name(char *out, size_t size, const char *capture)
{
	static const char *const endings[] = { ".gz", ".zst", ".pcap", ".pcapng", ".cap", ".ntar" };
	const char *slash = strrchr(capture, '/');
	char base[512];

	snprintf(base, sizeof(base), "%s", strcmp(capture, "-") == 0 ? "smbscope" : slash ? slash + 1 : capture);
	for (size_t i = 0; i < COUNT(endings); i++) {
		size_t n = strlen(base), m = strlen(endings[i]);

		if (n > m && strcmp(base + n - m, endings[i]) == 0)
			base[n - m] = '\0';
	}
	snprintf(out, size, "%s.db", base);
}

/* CASE.pcapng beside CASE.db: what comes from standard input is kept there. */
static char *spool_path(const char *case_path)
{
	size_t n = strlen(case_path);
	char *out = xmalloc(n + 8);

	if (n > 3 && strcmp(case_path + n - 3, ".db") == 0)
		n -= 3;
	snprintf(out, n + 8, "%.*s.pcapng", (int)n, case_path);
	return out;
}

/* The options that change the rows, as captures.options keeps them. */
static void options_text(const struct args *a, char *out, size_t size)
{
	int n = snprintf(out, size, "%s%s%s", a->filter ? "-f '" : "", a->filter ? a->filter : "", a->filter ? "' " : "");

	if (a->from_ns != INT64_MIN && (size_t)n < size)
		n += snprintf(out + n, size - (size_t)n, "--from @%" PRId64 ".%09" PRId64 " ", a->from_ns / 1000000000, a->from_ns % 1000000000);
	if (a->to_ns != INT64_MAX && (size_t)n < size)
		n += snprintf(out + n, size - (size_t)n, "--to @%" PRId64 ".%09" PRId64 " ", a->to_ns / 1000000000, a->to_ns % 1000000000);
	for (uint32_t i = 0; i < a->n_ports && (size_t)n < size; i++)
		n += snprintf(out + n, size - (size_t)n, "--port %u ", a->ports[i]);
	if (a->hashes && (size_t)n < size)
		n += snprintf(out + n, size - (size_t)n, "--hashes %s ", a->hashes);
	if (a->any_port && (size_t)n < size)
		n += snprintf(out + n, size - (size_t)n, "--any-port ");
	if (n > 0 && (size_t)n < size)
		out[n - 1] = '\0';
}

/* --hashes sha1,md5. */
static int hashes_of(const char *list, unsigned *hashes, struct err *e)
{
	static const char *const names[] = { "sha256", "sha1", "md5" };

	*hashes = HASH_SHA256;
	while (list && *list) {
		size_t n = strcspn(list, ","), i = 0;

		while (i < COUNT(names) && (strlen(names[i]) != n || strncmp(names[i], list, n) != 0))
			i++;
		if (i == COUNT(names))
			return err_set(e, ERR_USAGE, "--hashes %.*s: not sha256, sha1 or md5", (int)n, list);
		*hashes |= 1u << i;
		list += n + (list[n] == ',');
	}
	return 0;
}

/* A capture that is in the case is refused, or with --again taken out first. */
static int check_known(struct store *st, const struct args *a, const char *path, const char *key, struct err *e)
{
	int64_t id = store_has_capture(st, key, e);

	if (id < 0)
		return -1;
	if (!id)
		return 0;
	if (!a->again)
		return err_set(e, ERR_USAGE, "%s: is in the case already (capture %" PRId64 "); --again imports it anew", path, id);
	return store_forget(st, id, e);
}

/* One set: its captures as one stream in time order.  -1 with err when nothing, or not all, could be read. */
static int import_set(struct store *st, const struct args *a, const char *const *paths, uint32_t n, const char *set_name,
                      bool *partly, struct err *e)
{
	const char **keys = xcalloc(n, sizeof(*keys));
	char (*text)[96] = xcalloc(n, sizeof(*text)), options[1024] = "";
	struct store_ids ids;
	struct pipeline *p = NULL;
	struct pipeline_options o = {
		.paths = paths, .n_paths = n, .filter = a->filter, .from_ns = a->from_ns, .to_ns = a->to_ns, .ports = a->ports,
		.n_ports = a->n_ports, .any_port = a->any_port, .progress = !a->quiet,
	};
	struct err broken = { 0 };
	int result = -1;

	if (hashes_of(a->hashes, &o.content_hashes, e))
		goto out;
	options_text(a, options, sizeof(options));
	for (uint32_t i = 0; i < n; i++) {
		if (access(paths[i], R_OK) == 0 &&
		    (store_capture_key(paths[i], text[i], e) || check_known(st, a, paths[i], text[i], e)))
			goto out;
		keys[i] = text[i];
	}
	store_ids(st, &ids);
	o.base = (struct track_base){ ids.text, ids.context, ids.connection, ids.gap, ids.session, ids.logon, ids.share,
	                              ids.open, ids.command, ids.message, ids.unit, ids.transfer, ids.change,
	                              ids.listing, ids.rpc_context, ids.call };
	o.hash = true;
	p = pipeline_open(&o, e);
	if (!p)
		goto out;
	if (store_begin(st, &(struct store_run){ keys, n, set_name, options, false }, e))
		goto out;
	pipeline_events(p, store_sink(st));
	if (pipeline_run(p, &broken))
		*partly = true;
	result = store_end(st, e);
	if (!result && *partly)
		*e = broken;
out:
	pipeline_close(p);
	free(text);
	free(keys);
	return result;
}

int import_case(const struct args *a, const char *path, bool replace, struct err *e)
{
	bool was_there = access(path, F_OK) == 0;
	struct store *st = store_open(path, replace ? STORE_CREATE : STORE_WRITE, e);
	const char **paths = xcalloc(a->n_files, sizeof(*paths));
	char *spool = NULL;
	bool each = a->set && strcmp(a->set, "each") == 0, partly = false;
	int result = st ? 0 : -1;

	for (uint32_t i = 0; i < a->n_files && !result; i++) {
		paths[i] = a->files[i];
		if (strcmp(paths[i], "-") != 0)
			continue;
		if (spool) {
			result = err_set(e, ERR_USAGE, "standard input can be read only once");
			break;
		}
		spool = spool_path(path);
		paths[i] = spool;
		result = cap_spool(STDIN_FILENO, spool, e);
	}
	for (uint32_t i = 0; i < a->n_files && !result; i += each ? 1 : a->n_files)
		result = import_set(st, a, paths + i, each ? 1 : a->n_files, each ? NULL : a->set, &partly, e);
	store_close(st);
	free(spool);
	free(paths);
	if (result && st && !was_there)
		unlink(path);              /* nothing came of it */
	if (result)
		return e->code == ERR_USAGE ? EXIT_WRONG_USAGE : EXIT_INPUT;
	return partly ? EXIT_INPUT : EXIT_DONE;
}

int cmd_import(const struct args *a)
{
	char name[600];
	struct err e = { 0 };
	int status;

	if (!a->n_files) {
		err_set(&e, ERR_USAGE, "import needs a capture; see smbscope import --help");
		return complain(&e);
	}
	default_name(name, sizeof(name), a->files[0]);
	status = import_case(a, a->output ? a->output : name, false, &e);
	if (status)
		complain(&e);
	return status;
}
