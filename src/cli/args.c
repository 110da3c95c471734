/* The option table, and the command line. */
#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

enum kind { FLAG, TEXT, LIST, TIME, PORT };

/* Every option of every command, once: -h's text and the manual come from here. */
static const struct option_row {
	const char *name;              /* as commands name it; "T" alone has no long form */
	char letter;
	const char *argument, *help;
	enum kind kind;
	size_t offset;
} rows[] = {
#define AT(member) offsetof(struct args, member)
	{ "output",    'o', "FILE",  "the case to write (default: named after the first capture, here)", TEXT, AT(output) },
	{ "filter",    'f', "BPF",   "only packets that this capture filter matches", TEXT, AT(filter) },
	{ "from",      0,   "TIME",  "only packets from this time on (2026-11-22T13:00:00Z, or seconds since 1970)", TIME, AT(from_ns) },
	{ "to",        0,   "TIME",  "only packets up to this time", TIME, AT(to_ns) },
	{ "port",      0,   "N",     "SMB is on this server port, too (may be repeated)", PORT, 0 },
	{ "any-port",  0,   NULL,    "look for SMB on every port", FLAG, AT(any_port) },
	{ "set",       0,   "NAME",  "continue the set NAME of the case; `each`: every capture is a set of its own", TEXT, AT(set) },
	{ "hashes",    0,   "LIST",  "hashes of file contents besides sha256: sha1, md5 or both, separated by commas", TEXT, AT(hashes) },
	{ "again",     0,   NULL,    "import a capture that is in the case already anew", FLAG, AT(again) },
	{ "quiet",     'q', NULL,    "no progress line", FLAG, AT(quiet) },
	{ "display-filter", 'Y', "FILTER", "only frames that this display filter matches; see smbscope-filter(7)", TEXT, AT(display_filter) },
	{ "type",      'T', "FORM",  "summary (default), tree, pdml, json (an array), ndjson (one message a line) or fields", TEXT, AT(type) },
	{ "field",     'e', "FIELD", "with -T fields: print this field (may be repeated)", LIST, AT(fields) },
	{ "setting",   'E', "K=V",   "with -T fields: separator=, aggregator=, occurrence=a|f|l, quote=d|s|n, header=y|n", LIST, AT(settings) },
	{ "lines",     'l', NULL,    "write out each line at once; with -T json: one message a line", FLAG, AT(lines) },
	{ "where",     0,   "SQL",   "of a case: the messages of these rows of `commands`", TEXT, AT(where) },
	{ "format",    0,   "FORM",  "table (default on a terminal), csv (default elsewhere), json or ndjson", TEXT, AT(format) },
	{ "file",      'f', "FILE",  "read the SQL from FILE", TEXT, AT(query_file) },
	{ "param",     0,   "K=V",   "value of the parameter :K (may be repeated)", LIST, AT(params) },
	{ "list",      0,   NULL,    "list the prepared questions", FLAG, AT(list) },
	{ "captures",  0,   "DIR",   "look for captures that were moved in DIR, too", TEXT, AT(captures) },
	{ "play",      0,   "FILE",  "press the keys in FILE, one a line (for tests)", TEXT, AT(keys_file) },
	{ "size",      0,   "WxH",   "take the screen to be so large (with --play)", TEXT, AT(size) },
	{ "interface", 'i', "IFACE", "capture on this interface (may be repeated)", LIST, AT(interfaces) },
	{ "write",     'w', "FILE",  "write the packets to FILE (pcapng)", TEXT, AT(write) },
	{ "autostop",  'a', "K:V",   "stop after duration:SECONDS, filesize:KB or packets:N", LIST, AT(stops) },
	{ "no-ui",     0,   NULL,    "no browser", FLAG, AT(no_ui) },
	{ "manual",    0,   NULL,    "as the source of a manual page", FLAG, AT(manual) },
	{ "help",      'h', NULL,    "this text", FLAG, AT(help) },
#undef AT
};

/* Whether the command takes the option: its name stands in the list as a word. */
static bool takes(const struct command *c, const char *name)
{
	size_t n = strlen(name);

	if (strcmp(name, "help") == 0)
		return true;
	for (const char *p = c->options; (p = strstr(p, name)); p += n)
		if ((p == c->options || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
			return true;
	return false;
}

/* Lists stand as pointer and count, side by side in the same order. */
static void add(struct args *a, size_t offset, const char *value)
{
	const struct { size_t list, n; } pairs[] = {
		{ offsetof(struct args, fields), offsetof(struct args, n_fields) },
		{ offsetof(struct args, settings), offsetof(struct args, n_settings) },
		{ offsetof(struct args, params), offsetof(struct args, n_params) },
		{ offsetof(struct args, interfaces), offsetof(struct args, n_interfaces) },
		{ offsetof(struct args, stops), offsetof(struct args, n_stops) },
	};

	for (size_t i = 0; i < COUNT(pairs); i++)
		if (pairs[i].list == offset) {
			const char ***list = (const char ***)(void *)((char *)a + offset);
			uint32_t *n = (uint32_t *)(void *)((char *)a + pairs[i].n);

			*list = xrealloc(*list, (*n + 1) * sizeof(**list));
			(*list)[(*n)++] = value;
		}
}

static int set_option(struct args *a, const struct option_row *row, const char *value, struct err *e)
{
	char *member = (char *)a + row->offset, *end;
	unsigned long port;

	switch (row->kind) {
	case FLAG:
		*(bool *)member = true;
		return 0;
	case TEXT:
		*(const char **)(void *)member = value;
		return 0;
	case LIST:
		add(a, row->offset, value);
		return 0;
	case TIME:
		if (!text_time_parse(value, (int64_t *)(void *)member))
			return err_set(e, ERR_USAGE, "--%s %s: not a time; write 2026-11-22T13:00:00Z or seconds since 1970", row->name, value);
		return 0;
	case PORT:
		port = strtoul(value, &end, 10);
		if (*end || !port || port > 65535 || a->n_ports == COUNT(a->ports))
			return err_set(e, ERR_USAGE, "--port %s: not a port from 1 to 65535", value);
		a->ports[a->n_ports++] = (uint16_t)port;
		return 0;
	}
	return 0;
}

int args_parse(const struct command *c, int argc, char **argv, struct args *a, struct err *e)
{
	struct option longs[COUNT(rows) + 1] = { { 0 } };
	char letters[2 * COUNT(rows) + 2] = ":";
	size_t n = 0, l = 1;
	int got;

	*a = (struct args){ .from_ns = INT64_MIN, .to_ns = INT64_MAX, .program = argv[0] };
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!takes(c, rows[i].name))
			continue;
		longs[n++] = (struct option){ rows[i].name, rows[i].argument ? required_argument : no_argument, NULL, 256 + (int)i };
		if (rows[i].letter) {
			letters[l++] = rows[i].letter;
			if (rows[i].argument)
				letters[l++] = ':';
		}
	}
	optind = 1;
	while ((got = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_row *row = NULL;

		if (got == ':')
			return err_set(e, ERR_USAGE, "%s needs a value; see smbscope %s --help", argv[optind - 1], c->name);
		if (got == '?')
			return err_set(e, ERR_USAGE, "%s takes no option %s; see smbscope %s --help", c->name, argv[optind - 1], c->name);
		for (size_t i = 0; i < COUNT(rows) && !row; i++)
			if (got == 256 + (int)i || (got == rows[i].letter && takes(c, rows[i].name)))
				row = &rows[i];
		if (row && set_option(a, row, optarg, e))
			return -1;
	}
	a->files = (const char *const *)(argv + optind);
	a->n_files = (uint32_t)(argc - optind);
	return 0;
}

void args_free(struct args *a)
{
	free(a->fields);
	free(a->settings);
	free(a->params);
	free(a->interfaces);
	free(a->stops);
}

void command_help(const struct command *c, bool manual)
{
	printf(manual ? ".SS smbscope %s\n%s.\n" : "usage: smbscope %s\n\n%s.\n", c->usage, c->summary);
	if (!manual && c->options[0])
		putchar('\n');
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct option_row *r = &rows[i];
		char left[40];

		if (!takes(c, r->name) || (manual && strcmp(r->name, "help") == 0))
			continue;
		if (manual) {
			printf(".TP\n");
			if (r->letter)
				printf("\\fB\\-%c\\fR, ", r->letter);
			printf("\\fB\\-\\-%s\\fR%s%s%s\n%s\n", r->name, r->argument ? " \\fI" : "", r->argument ? r->argument : "",
			       r->argument ? "\\fR" : "", r->help);
			continue;
		}
		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", r->letter ? '-' : ' ', r->letter ? r->letter : ' ',
		         r->letter ? "," : " ", r->name, r->argument ? " " : "", r->argument ? r->argument : "");
		printf("  %-24s %s\n", left, r->help);
	}
}

int complain(const struct err *e)
{
	fprintf(stderr, "smbscope: %s\n", e->text);
	return e->code == ERR_USAGE ? EXIT_WRONG_USAGE : EXIT_INPUT;
}
