/* smbscope: the commands. */
#include "cli/cli.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gen/version.h"
#include "tui/tui.h"

const struct command commands[] = {
	{ "import", "import [-o CASE.db] [options] CAPTURE...", "Reads captures (pcap, pcapng, gzip, zstd, - for standard input) into a case",
	  "output filter from to port any-port set hashes again quiet", cmd_import },
	{ "browse", "browse CASE.db", "Opens the browser on a case", "captures play size", cmd_browse },
	{ "live", "live -i IFACE [-i IFACE]... [options]", "Captures, writes the packets, and shows the case as it grows",
	  "interface filter write output autostop port any-port no-ui quiet", cmd_live },
	{ "dissect", "dissect [-Y FILTER] [-T FORM] [-e FIELD]... CAPTURE... | CASE.db --where SQL", "Prints the messages, as tshark would",
	  "display-filter type field setting lines where filter from to port any-port captures", cmd_dissect },
	{ "query", "query CASE.db [SQL | @NAME] [--format FORM]", "Asks the case in SQL, read-only",
	  "format file param list", cmd_query },
	{ "fields", "fields [PATTERN]", "Lists the display fields", "manual", cmd_fields },
	{ "schema", "schema", "Prints the views and tables of a case, documented", "manual", cmd_schema },
	{ "interfaces", "interfaces", "Lists the capture devices", "", cmd_interfaces },
	{ NULL, NULL, NULL, NULL, NULL },
};

/* smbscope CAPTURE...: not in the list, it has no name. */
static const struct command bare = {
	"", "CAPTURE...", "Opens the browser on the captures, through a case in the cache directory",
	"filter from to port any-port quiet play size", cmd_captures,
};

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static void usage(FILE *to)
{
	fputs("usage: smbscope CAPTURE...        browse captures\n       smbscope COMMAND ...      one of:\n\n", to);
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-11s %s\n", c->name, c->summary);
	fputs("\nsmbscope COMMAND --help tells more, as does man smbscope.\n", to);
}

/* smbscope help --manual commands|keys|fields: the generated parts of smbscope(1) and smbscope-fields(7). */
static int manual(const char *part)
{
	if (strcmp(part, "keys") == 0) {
		tui_keys(stdout, true);
		return EXIT_DONE;
	}
	if (strcmp(part, "fields") == 0)
		return cmd_fields(&(struct args){ .manual = true });
	command_help(&bare, true);
	for (const struct command *c = commands; c->name; c++)
		command_help(c, true);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	const struct command *c;
	struct args args;
	struct err e = { 0 };
	int status;

	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_DFL);
	if (argc < 2) {
		usage(stderr);
		return EXIT_WRONG_USAGE;
	}
	if (argc == 4 && strcmp(argv[1], "help") == 0 && strcmp(argv[2], "--manual") == 0)
		return manual(argv[3]);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		usage(stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("smbscope " SMBSCOPE_VERSION);
		return EXIT_DONE;
	}
	c = command_find(argv[1]);
	if (c) {
		argc--;
		argv++;
	} else {
		c = &bare;
		if (argv[1][0] != '-' && access(argv[1], F_OK) != 0 && !strchr(argv[1], '/') && !strchr(argv[1], '.')) {
			fprintf(stderr, "smbscope: %s: no such command and no such file; see smbscope --help\n", argv[1]);
			return EXIT_WRONG_USAGE;
		}
	}
	if (args_parse(c, argc, argv, &args, &e)) {
		args_free(&args);
		return complain(&e);
	}
	if (args.help) {
		command_help(c, false);
		status = EXIT_DONE;
	} else {
		status = c->run(&args);
	}
	args_free(&args);
	if (fflush(stdout) != 0 && status == EXIT_DONE) {
		perror("smbscope: standard output");
		status = EXIT_INPUT;
	}
	return status;
}
