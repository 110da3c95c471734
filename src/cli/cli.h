/* The commands: one table of them, one table of options; help is made from both. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/err.h"

/* Exit status, DESIGN.md part 2. */
enum { EXIT_DONE = 0, EXIT_NO = 1, EXIT_WRONG_USAGE = 2, EXIT_INPUT = 3 };

/* What the command line said; options not given are 0, NULL, or the value named here. */
struct args {
	const char *const *files;
	uint32_t n_files;
	const char *program;           /* argv[0] */
	const char *output, *filter, *set, *where, *format, *query_file, *keys_file, *size, *write, *hashes;
	const char *type;              /* -T */
	const char *display_filter;    /* -Y */
	const char **fields, **settings, **params, **interfaces, **stops;
	uint32_t n_fields, n_settings, n_params, n_interfaces, n_stops;
	int64_t from_ns, to_ns;        /* INT64_MIN, INT64_MAX */
	uint16_t ports[64];
	uint32_t n_ports;
	bool any_port, again, quiet, lines, list, no_ui, manual, help;
	const char *captures;
};

struct command {
	const char *name, *usage, *summary;
	const char *options;           /* names of its options in the option table, separated by blanks */
	int (*run)(const struct args *);
};

extern const struct command commands[];        /* ends with name NULL */
const struct command *command_find(const char *name);

/* args_parse fills args from the words behind the command's name; -1 with err for wrong usage. */
int args_parse(const struct command *, int argc, char **argv, struct args *, struct err *) MUST_CHECK;
void args_free(struct args *);
/* command_help prints a command's usage and options. */
void command_help(const struct command *, bool manual);

/* complain prints "smbscope: TEXT" and returns the exit status that goes with the error. */
int complain(const struct err *);

int cmd_import(const struct args *);
int cmd_dissect(const struct args *);
int cmd_query(const struct args *);
int cmd_browse(const struct args *);
int cmd_live(const struct args *);
int cmd_fields(const struct args *);
int cmd_schema(const struct args *);
int cmd_interfaces(const struct args *);
int cmd_captures(const struct args *);         /* the bare smbscope CAPTURE... */

/* import_case imports captures into the case at path, as args say; an exit status.  Shared by import and
 * the bare command. */
int import_case(const struct args *, const char *path, bool replace, struct err *);

#endif
