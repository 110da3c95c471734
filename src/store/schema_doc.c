/* The documentation of the schema: smbscope schema, smbscope-schema(5). */
#include "store/store_private.h"

static bool shown(const struct column *c)
{
	return c->role == ROLE_COL || c->role == ROLE_VIA || c->role == ROLE_CALC || c->role == ROLE_CALC_TIME;
}

static const char *type_of(const struct column *c)
{
	if (c->role == ROLE_CALC)
		return "";
	switch (c->kind) {
	case KIND_ID: return "number, the row's key";
	case KIND_REF: return "number";
	case KIND_INT:
	case KIND_INT0:
	case KIND_FILE_ID: return "integer";
	case KIND_TIME:
	case KIND_WHEN: return "time";
	case KIND_HEX:
	case KIND_HEX0: return "0x and 16 digits";
	case KIND_PLACE: return "integer or blob";
	default: return "text";
	}
}

/* Text in a manual page: a backslash starts a request of roff, and so does a dot or quote in front. */
static void roff(FILE *f, const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", f);
	for (; *s; s++) {
		if (*s == '\\')
			fputs("\\e", f);
		else if (*s == '-')
			fputs("\\-", f);
		else
			fputc(*s, f);
	}
}

static void column_doc(FILE *f, const struct column *c, bool manual)
{
	const char *type = type_of(c);

	if (!manual) {
		fprintf(f, "  %-22s %s%s%s%s\n", c->name, c->meaning, *type ? " (" : "", type, *type ? ")" : "");
		if (c->kind == KIND_TIME && c->role != ROLE_CALC)
			fprintf(f, "  %s_ns%*s the same in nanoseconds since 1970 (integer)\n", c->name, (int)(19 - strlen(c->name)), "");
		return;
	}
	fputs(".TP\n.B ", f);
	roff(f, c->name);
	if (c->kind == KIND_TIME && c->role != ROLE_CALC)
		fprintf(f, ", %s_ns", c->name);
	fputc('\n', f);
	roff(f, c->meaning);
	fprintf(f, "%s%s%s\n", *type ? " (" : "", type, *type ? ")" : "");
}

static void view_doc(FILE *f, const struct table *t, bool manual)
{
	if (manual)
		fprintf(f, ".SS %s\nOne row for each ", t->view);
	else
		fprintf(f, "\n%s: one row for each ", t->view);
	if (manual)
		roff(f, t->meaning);
	else
		fputs(t->meaning, f);
	fputs(manual ? ".\n" : "\n", f);
	for (uint32_t i = 0; i < t->n_columns; i++)
		if (shown(&t->columns[i]))
			column_doc(f, &t->columns[i], manual);
}

static void table_doc(FILE *f, const struct table *t, bool manual)
{
	const char *comma = "";
	char name[64];

	if (manual) {
		fprintf(f, ".TP\n.B %s\nOne row for each ", t->name);
		roff(f, t->meaning);
		fputs(".\n", f);
	} else {
		fprintf(f, "%-16s %s\n                 ", t->name, t->meaning);
	}
	for (uint32_t i = 0; i < t->n_columns; i++) {
		if (!table_stored(&t->columns[i]))
			continue;
		fprintf(f, "%s%s", comma, table_column_name(&t->columns[i], name));
		comma = manual ? ",\n" : ", ";
	}
	fputs(manual ? ".\n" : "\n", f);
}

void store_schema(FILE *f, bool manual)
{
	if (manual)
		fputs(".\\\" Made by smbscope schema --manual from src/store/tables.def.\n"
		      ".TH SMBSCOPE-SCHEMA 5\n.SH NAME\nsmbscope\\-schema \\- the database of a case\n.SH DESCRIPTION\n"
		      "A case is an SQLite database.\nThe views are what to rely on: their names, columns and meaning stay.\n"
		      "The tables behind them may change from one version to the next.\n.PP\n"
		      "Unknown is NULL.\nTimes are UTC, as text and, where a column with _ns is named, as nanoseconds since 1970;\n"
		      "indexes serve the latter.\nNames ending in _us are microseconds.\nFrames count from 1 in each capture.\n"
		      ".SH VIEWS\n", f);
	else
		fputs("Views: what to rely on.  Unknown is NULL; times are UTC; _us are microseconds; frames count from 1.\n", f);
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		if (*tables[i].view)
			view_doc(f, &tables[i], manual);
	fputs(manual ? ".SH TABLES\nThey hold integers; texts and names stand once in the tables text and name.\n"
	      : "\nTables: they may change from one version to the next.\n\n", f);
	for (unsigned i = 0; i < TABLE__COUNT; i++)
		table_doc(f, &tables[i], manual);
	if (manual)
		fputs(".SH SEE ALSO\n.BR smbscope (1),\n.BR sqlite3 (1)\n", f);
}
