/* The commands of the ':' line. */
#include <ctype.h>
#include <inttypes.h>

#include "tui/list.h"
#include "tui/view.h"

static void do_quit(struct tui *t, const char *rest UNUSED)
{
	t->quit = true;
}

static void do_sql(struct tui *t, const char *rest)
{
	if (*rest)
		tui_push(t, view_sql_open(t, rest));
	else
		tui_request(t, REQ_SQL);
}

static void do_save(struct tui *t, const char *rest)
{
	struct view *v = t->views[t->n_views - 1];
	char position[400] = "";
	FILE *f;

	if (!*rest) {
		tui_say(t, true, ":save-view FILE: a file's name is missing");
		return;
	}
	f = fopen(rest, "w");
	if (!f) {
		tui_say(t, true, "%s: cannot be written", rest);
		return;
	}
	v->ops->position(v, position, sizeof(position));
	fprintf(f, "title: %s\nposition: %s\n", v->title, position);
	if (*t->said)
		fprintf(f, "said: %s\n", t->said);
	v->ops->save(t, v, f);
	if (fclose(f))
		tui_say(t, true, "%s: cannot be written", rest);
	else
		tui_say(t, false, "written to %s", rest);
	t->said[0] = '\0';
}

/* The command of a frame, or the first one after it. */
static int64_t command_of_frame(struct tui *t, int64_t capture, int64_t frame, bool *exact)
{
	static const char *const conditions[] = {
		/* Interim answers apart: they are few, and kept elsewhere. */
		"(request_frame = :frame OR response_frame = :frame)", "pending_frame = :frame", "request_frame > :frame",
	};
	int64_t command = 0;

	for (size_t i = 0; i < COUNT(conditions) && !command; i++) {
		struct store_query *q;
		struct err err = { 0 };
		char sql[400], number[24];

		snprintf(sql, sizeof(sql), "SELECT command_id FROM commands WHERE %s%s ORDER BY command_id LIMIT 1", conditions[i],
		         capture ? " AND capture_id = :capture" : "");
		q = store_query(t->store, sql, &err);
		if (q) {
			snprintf(number, sizeof(number), "%" PRId64, frame);
			(void)store_bind(q, "frame", number);
			snprintf(number, sizeof(number), "%" PRId64, capture);
			(void)store_bind(q, "capture", number);
			if (store_step(q, &err) == 1)
				command = store_int(q, 0);
			store_done(q);
		}
		if (err.code != ERR_NONE) {
			tui_say(t, true, "%s", err.text);
			return 0;
		}
		*exact = i < 2;
	}
	return command;
}

static void do_goto(struct tui *t, const char *rest)
{
	const char *colon = strchr(rest, ':');
	int64_t capture = colon ? strtoll(rest, NULL, 10) : 0, frame = strtoll(colon ? colon + 1 : rest, NULL, 10), command;
	bool exact = false, in_detail;
	struct view *v = t->views[t->n_views - 1];

	if (frame <= 0) {
		tui_say(t, true, ":goto FRAME, or CAPTURE:FRAME where there are several captures");
		return;
	}
	tui_busy(t, "looking for the frame; Ctrl-C stops");
	command = command_of_frame(t, capture, frame, &exact);
	if (!command) {
		if (!*t->message)
			tui_say(t, true, "no command in frame %" PRId64 " or after it", frame);
		return;
	}
	in_detail = view_is_detail(v);
	if (in_detail) {
		tui_pop(t);
		v = t->views[t->n_views - 1];
	}
	if (!view_list_shows(v, list_named("commands", 8), false) || !view_list_goto(v, command)) {
		tui_request(t, REQ__LISTS + list_named("commands", 8));
		v = t->views[t->n_views - 1];
		view_list_goto(v, command);
	}
	if (in_detail)
		tui_push(t, view_detail_open(t, command));
	if (!exact)
		tui_say(t, false, "frame %" PRId64 " belongs to no command: this is the next one", frame);
}

static void do_filter(struct tui *t, const char *rest)
{
	struct view *v = t->views[t->n_views - 1];

	if (!view_list_filter(t, v, rest))
		tui_say(t, true, "only lists can be filtered");
}

static const struct {
	const char *name, *usage, *help;
	void (*run)(struct tui *, const char *rest);
} commands[] = {
	{ "q", ":q", "leave", do_quit },
	{ "goto", ":goto FRAME", "to a frame's command; CAPTURE:FRAME for several captures", do_goto },
	{ "sql", ":sql SELECT", "a question's answer; Enter opens rows with a command_id", do_sql },
	{ "filter", ":filter TEXT", "as f: only rows with a text, or for which SQL holds", do_filter },
	{ "save-view", ":save-view FILE", "write what this view shows as text", do_save },
};

bool colon_help(uint32_t i, struct help_line *line)
{
	*line = (struct help_line){ 0 };
	if (i < COUNT(commands)) {
		line->keys = commands[i].usage;
		line->meaning = commands[i].help;
		return true;
	}
	if (i == COUNT(commands)) {
		line->keys = ":sessions ...";
		line->meaning = "a list by its name, as in the titles above";
		return true;
	}
	line->keys = ":page-down ...";
	line->meaning = "whatever a key does, by its name";
	return i == COUNT(commands) + 1;
}

void colon_run(struct tui *t, const char *line)
{
	size_t len;
	uint32_t list;
	enum request request;

	line += strspn(line, " ");
	len = strcspn(line, " ");
	if (!len)
		return;
	for (size_t i = 0; i < COUNT(commands); i++) {
		if (strlen(commands[i].name) == len && !memcmp(commands[i].name, line, len)) {
			commands[i].run(t, line + len + strspn(line + len, " "));
			return;
		}
	}
	list = list_named(line, len);
	request = list != UINT32_MAX ? REQ__LISTS + list : keys_named(line, len);
	if (request != REQ_NONE && request != REQ_COMMAND)
		tui_request(t, request);
	else
		tui_say(t, true, "no such command: %.*s (? shows them)", (int)len, line);
}

/* The next candidate that begins with what is typed. */
static const char *candidate(const char *typed, size_t len, uint32_t *i)
{
	for (; *i < COUNT(commands) + n_list_specs; (*i)++) {
		const char *name = *i < COUNT(commands) ? commands[*i].name : list_specs[*i - COUNT(commands)].name;

		if (!strncmp(name, typed, len)) {
			(*i)++;
			return name;
		}
	}
	return NULL;
}

void colon_complete(char line[PROMPT_SIZE])
{
	size_t len = strlen(line), common = 0;
	uint32_t i = 0, n = 0;
	const char *name, *first = NULL;

	if (strchr(line, ' '))
		return;
	while ((name = candidate(line, len, &i))) {
		if (!first) {
			first = name;
			common = strlen(name);
		}
		n++;
		while (strncmp(first, name, common))
			common--;
	}
	if (first)
		snprintf(line, PROMPT_SIZE, "%.*s%s", (int)common, first, n == 1 ? " " : "");
}
