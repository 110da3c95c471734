/* Properties of the whole way, over every capture (style.md 3(e)):
 *   4  the same streams in TCP segments of 1, 2, 3, 7, 1000 bytes give the same views (frame numbers aside);
 *   5  a message dissected alone from the database prints the same tree as in the run: for every message, from
 *      the capture as it is, and as pcapng, as gzip, and through standard input. */
#include "common.h"
#include "convert.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "show/detail.h"
#include "show/sink.h"

/* Bytes of a capture above which segments of fewer than 7 bytes are not tried: one such capture, cut to single
 * bytes, costs as much as all others together and holds no other commands. */
enum { TINY_UP_TO = 300000 };

static char folder[] = "/tmp/smbscope-props-XXXXXX";

static const char *in_folder(char out[512], const char *name)
{
	snprintf(out, 512, "%s/%s", folder, name);
	return out;
}

static void empty_folder(void)
{
	struct dirent *d;
	DIR *dir = opendir(folder);
	char path[512];

	while (dir && (d = readdir(dir)))
		if (d->d_name[0] != '.')
			unlink(in_folder(path, d->d_name));
	if (dir)
		closedir(dir);
}

static int import(const char *capture, const char *db)
{
	struct args a = { .files = &capture, .n_files = 1, .from_ns = INT64_MIN, .to_ns = INT64_MAX, .quiet = true };
	struct err e = { 0 };
	int status = import_case(&a, db, true, &e);

	if (status)
		printf("%s: %s\n", capture, e.text);
	return status;
}

/* --- 4: segments --- */

/* What may differ: numbers of frames, and how many segments told a window of zero. */
static bool compared(const char *column)
{
	return !strstr(column, "frame") && strcmp(column, "zero_windows") != 0;
}

static void dump_view(struct store *st, const char *view, FILE *to)
{
	struct err e = { 0 };
	char sql[256];
	struct store_query *q;

	snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY 1, 2", view);
	q = store_query(st, sql, &e);
	must(q != NULL, view);
	while (store_step(q, &e) > 0) {
		fputs(view, to);
		for (uint32_t i = 0; i < store_columns(q); i++)
			if (compared(store_column_name(q, i)))
				fprintf(to, " %s=%s", store_column_name(q, i), store_is_null(q, i) ? "NULL" : store_text(q, i));
		fputc('\n', to);
	}
	store_done(q);
}

/* All views as text; what is about the capture files themselves left out. */
static char *dump(const char *db)
{
	struct err e = { 0 };
	struct store *st = store_open(db, STORE_READ, &e);
	struct store_query *q;
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	must(st && to, db);
	q = store_query(st, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name", &e);
	must(q != NULL, e.text);
	while (store_step(q, &e) > 0) {
		const char *view = store_text(q, 0);

		if (strcmp(view, "captures") != 0 && strcmp(view, "interfaces") != 0)
			dump_view(st, view, to);
	}
	store_done(q);
	store_close(st);
	fclose(to);
	return text;
}

static uint32_t lines_of(const char *text)
{
	uint32_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* The first line that differs, of b; for the message. */
static const char *first_difference(const char *a, const char *b)
{
	const char *line = b;

	for (; *a && *a == *b; a++, b++)
		if (*b == '\n')
			line = b + 1;
	return line;
}

static void segments(struct checks *c, const char *path, off_t size)
{
	static const uint32_t sizes[] = { 1000, 7, 3, 2, 1 };
	char db[512], cut[512];
	char *whole, *again;

	in_folder(db, "a.db");
	in_folder(cut, "cut.pcap");
	check(c, import(path, db) == 0, "%s: import failed", base_name(path));
	whole = dump(db);
	check(c, strstr(whole, "\ncommands ") != NULL || strstr(whole, "\nconnections ") != NULL, "%s: no row", base_name(path));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		if (size > TINY_UP_TO && sizes[i] < 7)
			continue;
		write_recut(path, cut, sizes[i]);
		check(c, import(cut, db) == 0, "%s in segments of %u: import failed", base_name(path), sizes[i]);
		again = dump(db);
		check(c, strcmp(whole, again) == 0, "%s in segments of %u: %u rows, not %u, or another\n    whole: %.700s\n    cut:   %.700s",
		      base_name(path), sizes[i], lines_of(again), lines_of(whole), first_difference(again, whole),
		      first_difference(whole, again));
		free(again);
	}
	free(whole);
	empty_folder();
}

/* --- 5: alone = in the run --- */

/* A message's tree, and what finds it in the case. */
struct shown {
	uint64_t at;               /* of its PDU's first captured byte */
	uint32_t frame;
	uint16_t element;
	uint8_t direction;
	bool met;
	char *text;
};

struct shown_set {
	struct shown *list;
	uint32_t n, cap;
	struct arena arena;
	struct sink_tree tree;
	struct dx_run *run;
};

static char *text_of(const struct node *root)
{
	char *text = NULL;
	size_t n;
	FILE *to = open_memstream(&text, &n);

	must(to != NULL, "memory");
	print_tree(to, root);
	fclose(to);
	return text;
}

static uint64_t start_of(const struct slice *s, uint32_t n)
{
	for (; n; s++, n--)
		if (s->capture != SLICE_HOLE)
			return s->at;
	return 0;
}

/* One element as it looks alone: the session layer, then itself.  The header of an SMB1 chain stands in the first
 * block's group only; each block alone has it. */
static struct node alone(struct arena *a, const struct node *session, const struct node *first, const struct node *element)
{
	struct node *s = arena_alloc(a, sizeof(*s)), *g = arena_alloc(a, sizeof(*g)), root = { .child = s };
	struct node **last = &g->child;

	*s = *session;
	s->next = NULL;
	if (!element)
		return root;
	*g = *element;
	g->next = NULL;
	s->next = g;
	if (first == element || strcmp(fields[element->v.id].abbrev, "smb") != 0)
		return root;
	*g = *first;
	g->next = NULL;
	for (const struct node *n = first->child; n && strcmp(fields[n->v.id].abbrev, "smb.wct") != 0; n = n->next) {
		*last = arena_alloc(a, sizeof(**last));
		**last = *n;
		last = &(*last)->next;
	}
	*last = element->child;
	return root;
}

static void keep_shown(void *arg, const struct tcp_flow *flow UNUSED, const struct pdu *pdu, const struct frame *now UNUSED,
                       struct dx_run *run UNUSED)
{
	struct shown_set *set = arg;
	const struct node *root = tree_end(&set->tree), *session = root->child, *first = NULL, *n = session ? session->next : NULL;
	uint16_t element = 0;

	while (n && n->note)
		n = n->next;
	first = n;
	do {
		struct node one;

		if (!session)
			break;
		one = alone(&set->arena, session, first, n);
		set->list = mem_grow(set->list, set->n, &set->cap, sizeof(*set->list));
		set->list[set->n++] = (struct shown){ start_of(pdu->slices, pdu->n_slices), pdu->last.frame, element++,
		                                      pdu->direction, false, text_of(&one) };
		n = n ? n->next : NULL;
		/* A chain that leads nowhere is noted behind its last element. */
		while (n && n->note)
			n = n->next;
	} while (n);
	arena_reset(&set->arena);
	sink_tree_init(&set->tree, &set->arena, set->run);
}

static void show_run(const char *path, struct shown_set *set)
{
	const char *paths[] = { path };
	struct pipeline_options o = { .paths = paths, .n_paths = 1, .from_ns = INT64_MIN, .to_ns = INT64_MAX,
	                              .sink = &set->tree.sink, .after = keep_shown, .arg = set };
	struct err e = { 0 };
	struct pipeline *p = pipeline_open(&o, &e);

	must(p != NULL, path);
	set->run = pipeline_run_of(p);
	sink_tree_init(&set->tree, &set->arena, set->run);
	if (pipeline_run(p, &e))
		printf("%s: %s\n", path, e.text);
	pipeline_close(p);
}

static void shown_free(struct shown_set *set)
{
	for (uint32_t i = 0; i < set->n; i++)
		free(set->list[i].text);
	free(set->list);
	arena_free(&set->arena);
	*set = (struct shown_set){ 0 };
}

/* Frames ascend in the run but for what a closing connection gives late, so the search is a plain one. */
static struct shown *find_shown(struct shown_set *set, const struct detail *d)
{
	uint64_t at = start_of(d->stored.slices, d->stored.n_slices);

	for (uint32_t i = 0; i < set->n; i++) {
		struct shown *s = &set->list[i];

		if (s->frame == d->stored.frame && s->element == d->stored.element && s->at == at &&
		    s->direction == d->stored.direction)
			return s;
	}
	return NULL;
}

static void one_side(struct checks *c, struct detail_captures *caps, struct shown_set *set, const char *what, int64_t id,
                     bool response, struct detail *d)
{
	struct err e = { 0 };
	int got = detail_load(caps, id, response, d, &e);
	struct shown *s;
	char *text;

	if (!check(c, got >= 0, "%s: message %" PRId64 ": %s", what, id, e.text) || !got)
		return;
	s = find_shown(set, d);
	if (!check(c, s != NULL, "%s: message %" PRId64 " (frame %u, element %u) was not in the run", what, id, d->stored.frame,
	           d->stored.element))
		return;
	s->met = true;
	text = text_of(d->root);
	check(c, strcmp(text, s->text) == 0, "%s: message %" PRId64 " %s (frame %u, element %u)\n    alone: %.300s\n    run:   %.300s",
	      what, id, response ? "response" : "request", s->frame, s->element, first_difference(s->text, text),
	      first_difference(text, s->text));
	free(text);
}

static void each_message(struct checks *c, const char *db, struct shown_set *set, const char *what)
{
	static const char *const ids[] = { "SELECT command_id FROM commands", "SELECT -message_id FROM message" };
	struct err e = { 0 };
	struct store *st = store_open(db, STORE_READ, &e);
	struct detail_captures *caps;
	struct detail d = { 0 };
	uint32_t missed = 0, frame = 0;

	must(st != NULL, e.text);
	caps = detail_captures_new(st);
	for (size_t i = 0; i < COUNT(ids); i++) {
		struct store_query *q = store_query(st, ids[i], &e);

		must(q != NULL, e.text);
		while (store_step(q, &e) > 0)
			for (int response = 0; response < 2; response++)
				one_side(c, caps, set, what, store_int(q, 0), response, &d);
		store_done(q);
	}
	for (uint32_t i = 0; i < set->n; i++)
		if (!set->list[i].met) {
			frame = missed++ ? frame : set->list[i].frame;
		}
	check(c, set->n && !missed, "%s: %u of %u messages of the run are not in the case, the first in frame %u", what, missed,
	      set->n, frame);
	detail_free(&d);
	detail_captures_free(caps);
	store_close(st);
}

static bool same_texts(const struct shown_set *a, const struct shown_set *b)
{
	for (uint32_t i = 0; i < a->n && i < b->n; i++)
		if (strcmp(a->list[i].text, b->list[i].text) != 0)
			return false;
	return a->n == b->n;
}

/* Imports a capture, by its name or through standard input, and holds each message against the run over it. */
static void container(struct checks *c, const char *path, bool through_stdin, const struct shown_set *plain, const char *what)
{
	char db[512], spool[512];
	struct shown_set set = { 0 };
	int saved = -1, in = -1, status;

	in_folder(db, "case.db");
	if (through_stdin) {
		saved = dup(STDIN_FILENO);
		in = open(path, O_RDONLY);
		must(saved >= 0 && in >= 0 && dup2(in, STDIN_FILENO) >= 0, path);
	}
	status = import(through_stdin ? "-" : path, db);
	if (through_stdin) {
		must(dup2(saved, STDIN_FILENO) >= 0, "standard input");
		close(saved);
		close(in);
		path = in_folder(spool, "case.pcapng");
	}
	check(c, status == 0, "%s: import ended with %d", what, status);
	show_run(path, &set);
	check(c, same_texts(&set, plain), "%s: the run shows other messages than that over the capture as it was", what);
	each_message(c, db, &set, what);
	shown_free(&set);
}

static void containers(struct checks *c, const char *path)
{
	char other[512], what[256];
	struct shown_set plain = { 0 };

	show_run(path, &plain);
	snprintf(what, sizeof(what), "%s", base_name(path));
	container(c, path, false, &plain, what);
	snprintf(what, sizeof(what), "%s as pcapng", base_name(path));
	write_pcapng(path, in_folder(other, "other.pcapng"));
	container(c, other, false, &plain, what);
	snprintf(what, sizeof(what), "%s as gzip", base_name(path));
	write_gzip(path, in_folder(other, "other.gz"));
	container(c, other, false, &plain, what);
	snprintf(what, sizeof(what), "%s through standard input", base_name(path));
	container(c, path, true, &plain, what);
	shown_free(&plain);
	empty_folder();
}

int main(int argc, char **argv)
{
	struct checks cut = { .name = "props-segments" }, again = { .name = "props-alone" };
	char **paths;
	uint32_t n;

	if (argc != 2) {
		fprintf(stderr, "usage: %s CAPTURES\n", argv[0]);
		return 2;
	}
	must(mkdtemp(folder) != NULL, folder);
	n = captures_of(argv[1], &paths);
	for (uint32_t i = 0; i < n; i++) {
		struct stat sb;

		must(stat(paths[i], &sb) == 0, paths[i]);
		segments(&cut, paths[i], sb.st_size);
		containers(&again, paths[i]);
	}
	captures_free(paths, n);
	rmdir(folder);
	checks_print(&cut);
	checks_print(&again);
	return cut.failed || again.failed;
}
