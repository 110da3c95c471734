/* query: SQL over a case, read-only. */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/questions.h"
#include "store/store.h"

enum form { TABLE, CSV, JSON, NDJSON };

/* A table on a terminal is as wide as its first rows need; later, wider cells push their line. */
#define MEASURED_ROWS 1000
#define WIDEST_CELL   60

static int form_of(const char *name, struct err *e)
{
	static const char *const names[] = { "table", "csv", "json", "ndjson" };

	if (!name)
		return isatty(STDOUT_FILENO) ? TABLE : CSV;
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return err_set(e, ERR_USAGE, "--format %s: not one of table, csv, json, ndjson", name);
}

static void print_csv_cell(const char *s)
{
	size_t size = 2 * strlen(s) + 8;
	char *out = xmalloc(size);

	text_csv(out, size, s, strlen(s));
	fputs(out, stdout);
	free(out);
}

static void print_json_text(const char *s)
{
	size_t size = 6 * strlen(s) + 8;
	char *out = xmalloc(size);

	text_escape(out, size, s, strlen(s), TEXT_JSON);
	printf("\"%s\"", out);
	free(out);
}

static void print_csv_row(struct store_query *q)
{
	for (uint32_t i = 0; i < store_columns(q); i++) {
		if (i)
			putchar(',');
		if (!store_is_null(q, i))
			print_csv_cell(store_text(q, i));
	}
	putchar('\n');
}

static void print_json_row(struct store_query *q)
{
	putchar('{');
	for (uint32_t i = 0; i < store_columns(q); i++) {
		if (i)
			putchar(',');
		print_json_text(store_column_name(q, i));
		putchar(':');
		if (store_is_null(q, i))
			fputs("null", stdout);
		else if (store_is_number(q, i))
			fputs(store_text(q, i), stdout);
		else
			print_json_text(store_text(q, i));
	}
	putchar('}');
}

/* --- tables --- */

struct table {
	uint32_t columns, rows;
	uint32_t *width;
	bool *number;
	char **cells;          /* the measured rows' */
};

static char *cell_text(struct store_query *q, uint32_t i)
{
	const char *s = store_is_null(q, i) ? "" : store_text(q, i);
	size_t size = 8 * strlen(s) + 1;
	char *out = xmalloc(size);

	text_escape(out, size, s, strlen(s), TEXT_TERMINAL);
	return out;
}

/* Characters, not bytes: escapes have left nothing that takes no or two columns but wide letters. */
static uint32_t width_of(const char *s)
{
	uint32_t n = 0;

	for (; *s; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

static void print_cell(const struct table *t, uint32_t i, const char *s)
{
	int pad = (int)t->width[i] - (int)width_of(s);

	if (i)
		fputs("  ", stdout);
	if (t->number[i])
		printf("%*s%s", pad > 0 ? pad : 0, "", s);
	else
		printf("%s%*s", s, pad > 0 && i + 1 < t->columns ? pad : 0, "");
}

static void print_head(const struct table *t, struct store_query *q)
{
	for (uint32_t i = 0; i < t->columns; i++)
		print_cell(t, i, store_column_name(q, i));
	putchar('\n');
	for (uint32_t i = 0; i < t->columns; i++) {
		printf("%s", i ? "  " : "");
		for (uint32_t k = 0; k < t->width[i]; k++)
			putchar('-');
	}
	putchar('\n');
}

static void print_measured(struct table *t, struct store_query *q)
{
	print_head(t, q);
	for (uint32_t r = 0; r < t->rows; r++) {
		for (uint32_t i = 0; i < t->columns; i++) {
			print_cell(t, i, t->cells[r * t->columns + i]);
			free(t->cells[r * t->columns + i]);
		}
		putchar('\n');
	}
	free(t->cells);
	t->cells = NULL;
}

static void measure_row(struct table *t, struct store_query *q)
{
	t->cells = xrealloc(t->cells, (size_t)(t->rows + 1) * t->columns * sizeof(*t->cells));
	for (uint32_t i = 0; i < t->columns; i++) {
		char *s = cell_text(q, i);
		uint32_t w = min_u32(width_of(s), WIDEST_CELL);

		if (w > t->width[i])
			t->width[i] = w;
		if (!store_is_null(q, i) && !store_is_number(q, i))
			t->number[i] = false;
		t->cells[t->rows * t->columns + i] = s;
	}
	t->rows++;
}

static void print_table_row(const struct table *t, struct store_query *q)
{
	for (uint32_t i = 0; i < t->columns; i++) {
		char *s = cell_text(q, i);

		print_cell(t, i, s);
		free(s);
	}
	putchar('\n');
}

/* --- running --- */

/* Prints the rows; their number, or -1 with err. */
static int64_t print_rows(struct store_query *q, enum form form, struct err *e)
{
	struct table t = { .columns = store_columns(q) };
	int64_t n = 0;
	int got;

	t.width = xcalloc(t.columns, sizeof(*t.width));
	t.number = xcalloc(t.columns, sizeof(*t.number));
	for (uint32_t i = 0; i < t.columns; i++) {
		t.width[i] = width_of(store_column_name(q, i));
		t.number[i] = true;
		if (form == CSV) {
			if (i)
				putchar(',');
			print_csv_cell(store_column_name(q, i));
		}
	}
	if (form == CSV)
		putchar('\n');
	if (form == JSON)
		putchar('[');
	while ((got = store_step(q, e)) > 0) {
		if (form == JSON && n)
			fputs(",\n ", stdout);
		if (form == JSON || form == NDJSON)
			print_json_row(q);
		else if (form == CSV)
			print_csv_row(q);
		else if (n < MEASURED_ROWS)
			measure_row(&t, q);
		else {
			if (n == MEASURED_ROWS)
				print_measured(&t, q);
			print_table_row(&t, q);
		}
		if (form == NDJSON)
			putchar('\n');
		n++;
	}
	if (form == TABLE && n <= MEASURED_ROWS)
		print_measured(&t, q);
	if (form == JSON)
		fputs("]\n", stdout);
	free(t.width);
	free(t.number);
	return got < 0 ? -1 : n;
}

static int bind_params(struct store_query *q, const struct args *a, struct err *e)
{
	for (uint32_t i = 0; i < a->n_params; i++) {
		const char *eq = strchr(a->params[i], '=');
		char *name;
		bool ok;

		if (!eq)
			return err_set(e, ERR_USAGE, "--param %s: write NAME=VALUE", a->params[i]);
		name = xstrdup(a->params[i]);
		name[eq - a->params[i]] = '\0';
		ok = store_bind(q, name, eq + 1);
		free(name);
		if (!ok)
			return err_set(e, ERR_USAGE, "--param %s: the SQL has no parameter of that name", a->params[i]);
	}
	return 0;
}

static int run_sql(struct store *st, const char *sql, enum form form, const struct args *a)
{
	struct err e = { 0 };
	struct store_query *q = store_query(st, sql, &e);
	int64_t n;

	if (!q || bind_params(q, a, &e)) {
		store_done(q);
		if (e.code != ERR_INPUT)
			e.code = ERR_USAGE;
		return complain(&e);
	}
	n = print_rows(q, form, &e);
	store_done(q);
	if (n < 0)
		return complain(&e);
	return n ? EXIT_DONE : EXIT_NO;
}

static char *read_all(FILE *f)
{
	size_t n = 0, cap = 4096;
	char *s = xmalloc(cap);

	for (size_t got; (got = fread(s + n, 1, cap - n - 1, f)) > 0;) {
		n += got;
		if (cap - n - 1 == 0)
			s = xrealloc(s, cap *= 2);
	}
	s[n] = '\0';
	return s;
}

/* The prompt: a statement a line (or several lines up to a semicolon), until the end of input. */
static int prompt(struct store *st, enum form form, const struct args *a)
{
	char *line = NULL, *sql = xstrdup("");
	size_t cap = 0;
	bool terminal = isatty(STDIN_FILENO);
	int status = EXIT_DONE;

	for (;;) {
		ssize_t n;
		size_t have = strlen(sql), used;

		if (terminal)
			fputs(have ? "   ...> " : "smbscope> ", stderr);
		n = getline(&line, &cap, stdin);
		if (n < 0)
			break;
		sql = xrealloc(sql, have + (size_t)n + 1);
		memcpy(sql + have, line, (size_t)n + 1);
		used = strlen(sql);
		while (used && (sql[used - 1] == '\n' || sql[used - 1] == ' '))
			used--;
		if (used && (sql[used - 1] == ';' || sql[0] == '@')) {
			const char *question = sql[0] == '@' ? (sql[used] = '\0', question_sql(sql + 1)) : sql;

			if (question)
				status = run_sql(st, question, form, a);
			else
				fprintf(stderr, "smbscope: %s: no such question; --list shows them\n", sql);
			sql[0] = '\0';
		}
	}
	if (sql[0] && strspn(sql, " \n\t") != strlen(sql))
		status = run_sql(st, sql, form, a);
	free(line);
	free(sql);
	return status;
}

/* The SQL the command line asks for: NULL for the prompt; *text is to be freed. */
static const char *chosen_sql(const struct args *a, char **text, struct err *e)
{
	FILE *f;

	if (a->query_file) {
		f = strcmp(a->query_file, "-") == 0 ? stdin : fopen(a->query_file, "re");
		if (!f) {
			err_set(e, ERR_USAGE, "%s: %s", a->query_file, strerror(errno));
			return NULL;
		}
		*text = read_all(f);
		if (f != stdin)
			fclose(f);
		return *text;
	}
	if (a->n_files > 1 && a->files[1][0] == '@') {
		const char *sql = question_sql(a->files[1] + 1);

		if (!sql)
			err_set(e, ERR_USAGE, "%s: no such question; smbscope query --list shows them", a->files[1]);
		return sql;
	}
	return a->n_files > 1 ? a->files[1] : NULL;
}

int cmd_query(const struct args *a)
{
	struct err e = { 0 };
	int form = form_of(a->format, &e), status;
	char *text = NULL;
	const char *sql;
	struct store *st;

	if (form < 0)
		return complain(&e);
	if (a->list) {
		questions_list(stdout);
		return EXIT_DONE;
	}
	if (!a->n_files || a->n_files > 2) {
		err_set(&e, ERR_USAGE, a->n_files ? "query takes one case and one SQL statement (in quotes)"
		                                  : "query needs a case; see smbscope query --help");
		return complain(&e);
	}
	sql = chosen_sql(a, &text, &e);
	if (e.code)
		return complain(&e);
	st = store_open(a->files[0], STORE_READ, &e);
	if (!st) {
		free(text);
		return complain(&e);
	}
	status = sql ? run_sql(st, sql, (enum form)form, a) : prompt(st, (enum form)form, a);
	store_close(st);
	free(text);
	return status;
}
