/* The interface compiler: *.idl in; lines of fields and of names, and the tables that ndr.c reads stub data by, out.
 *
 *   idlc FOLDER FILE.idl ...     writes FOLDER/NAME_fields.def and NAME_names.def for each interface, and FOLDER/tables.inc
 *
 * Fields are named as Wireshark names those it makes from IDL: prefix.Type.member, prefix.Operation.parameter,
 * prefix.Bitmap.BIT.  A pointer's or array's field is that of what it leads to. */
#include "idlc.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *out;
static const char *folder;

static void open_file(const char *base, const char *end)
{
	char *path = format("%s/%s%s", folder, base, end);

	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(1);
	}
	free(path);
}

static void close_file(void)
{
	if (fclose(out)) {
		perror("idlc");
		exit(1);
	}
}

/* "server_name" is "Server Name" on the screen. */
static char *label_of(const char *s)
{
	char *text = strdup(s), *p;
	bool start = true;

	for (p = text; p && *p; p++) {
		if (*p == '_')
			*p = ' ';
		else if (start)
			*p = (char)toupper((unsigned char)*p);
		start = *p == ' ';
	}
	return text;
}

/* The bits of every access mask (MS-DTYP 2.4.3), where Wireshark has them. */
static const struct { const char *name; unsigned long value; } rights[] = {
	{ "generic_read", 0x80000000 },    { "generic_write", 0x40000000 }, { "generic_execute", 0x20000000 },
	{ "generic_all", 0x10000000 },     { "maximum_allowed", 0x02000000 }, { "access_sacl", 0x00800000 },
	{ "synchronise", 0x00100000 },     { "write_owner", 0x00080000 },   { "write_dac", 0x00040000 },
	{ "read_control", 0x00020000 },    { "delete", 0x00010000 },
};

static void put_bits(const char *id, const struct type *t, bool own)
{
	if (t->rights)
		for (size_t i = 0; i < sizeof(rights) / sizeof(*rights); i++) {
			char *label = label_of(rights[i].name);

			fprintf(out, "FLAG (%s_%s, %s, 0x%08lx, \"nt.access_mask.%s\", \"%s\")\n", id, rights[i].name, id, rights[i].value,
			        rights[i].name, label);
			free(label);
		}
	for (unsigned i = 0; i < t->n; i++) {
		const struct constant *c = &t->constants[i];
		bool several = c->value & (c->value - 1);

		if (c->whole) {
			const char *dot = strrchr(c->name, '.') + 1;
			char *label = label_of(dot);

			fprintf(out, "%s %s_%lx, %s, 0x%08lx, %s\"%s\", \"%s\")\n", several ? "BITS (" : "FLAG (", id, c->value, id, c->value,
			        several ? "HEX, none, " : "", c->name, label);
			free(label);
			continue;
		}
		fprintf(out, "%s %s_%s, %s, 0x%08lx, %s\"%s%s.%s.%s\", \"%s\")\n", several ? "BITS (" : "FLAG (", id, c->name, id, c->value,
		        several ? "HEX, none, " : "", own || t->own ? "smbscope." : "", t->of->prefix, t->name, c->name, c->name);
	}
}

static bool is_whole(const struct member *m)
{
	return m->show && (strcmp(m->show, "text") == 0 || strcmp(m->show, "value") == 0);
}

/* The fields of an array as a whole follow that of its elements: ndr.c (tell_whole) counts on their order. */
static void put_whole(const char *id, const char *name, const char *label, const char *show)
{
	if (strcmp(show, "value") == 0)
		fprintf(out, "OWN  (%s_bytes, BYTES, NONE, none, \"smbscope.%s\", \"%s\")\n"
		             "OWN  (%s_number, UINT, DEC, none, \"smbscope.%s.number\", \"%s as a number\")\n", id, name, label, id, name, label);
	fprintf(out, "OWN  (%s_text, UTF16, STR, none, \"smbscope.%s%s\", \"%s as text\")\n", id, name, *show == 'v' ? ".text" : "", label);
}

static void put_field(const struct interface *i, const char *owner, const struct member *m, bool own)
{
	static const char *const counts[] = { "count", "offset", "actual" };
	const struct type *t = m->type->flat ? m->type->tag : m->type;
	char *id = format("%s_%s_%s", i->name, owner, m->name), *label = m->label ? strdup(m->label) : label_of(m->name);
	bool array = strpbrk(m->levels, "[VvsNnp") != NULL, octets = t->kind == K_BASE && t->width == 1 && array && m->show &&
	                     strcmp(t->ft, "BYTES") && !is_whole(m);

	own = m->own || (own && !m->wireshark);   /* a name that is given is Wireshark's */
	fprintf(out, "%s(%s, %s, %s, %s%s, \"%s", own ? "OWN  " : "FIELD", id, octets ? "NONE" : t->ft, octets ? "NONE" : t->base,
	        t->kind == K_ENUM ? t->of->name : "", t->names, own ? "smbscope." : "");
	if (m->wireshark)
		fprintf(out, "%s", m->wireshark);
	else
		fprintf(out, "%s.%s.%s", i->prefix, owner, m->name);
	fprintf(out, "\", \"%s\")\n", label);
	if (t->kind == K_BITMAP)
		put_bits(id, t, own);
	if (is_whole(m))
		put_whole(id, m->wireshark ? m->wireshark : format("%s.%s.%s", i->prefix, owner, m->name), label, m->show);
	for (unsigned k = 0; k < 3 && m->counts[k]; k++)
		fprintf(out, "FIELD(%s_%s, U32, DEC, none, \"%s\", \"%s %s\")\n", id, counts[k], m->counts[k], label, counts[k]);
	free(id);
	free(label);
}

static bool has_field(const struct member *m)
{
	return m->type && strcmp(m->type->name, "void") != 0;
}

/* What is [outer] has a field in each copy of its structure, what is beside it has one for all. */
static bool has_line(const struct type *of, const struct member *m)
{
	return has_field(m) && !m->home && !(of->outer && m->outer);
}

static void put_fields(const struct interface *i)
{
	bool decodes = false;

	open_file(i->name, "_fields.def");
	fprintf(out, "/* %s.  Made from %s. */\n", i->label, i->file);
	fprintf(out, "%s (%s_proto, \"%s%s\", \"%s\")\n", "PROTO", i->name, i->own ? "smbscope." : "", i->protocol ? i->protocol : i->prefix, i->label);
	fprintf(out, "%s(%s_opnum, U16, DEC, %s_opnum, \"%s%s.opnum\", \"Operation\")\n", i->own ? "OWN  " : "FIELD", i->name, i->name,
	        i->own ? "smbscope." : "", i->prefix);
	for (const struct operation *o = i->operations; o; o = o->next)
		decodes |= !o->opaque;
	for (const struct type *t = types; t && decodes; t = t->next)
		if (t->of == i && (t->kind == K_STRUCT || t->kind == K_UNION))
			for (unsigned k = 0; k < t->n; k++)
				if (has_line(t, &t->members[k]) && (!k || !t->members[k - 1].name || strcmp(t->members[k].name, t->members[k - 1].name)))
					put_field(i, t->name, &t->members[k], t->own || i->own);
	for (const struct operation *o = i->operations; o; o = o->next) {
		struct member result = { .name = "result", .type = o->result, .own = o->own, .wireshark = o->result_name };

		for (unsigned k = 0; k < o->n; k++)
			if (has_field(&o->params[k]))
				put_field(i, o->name, &o->params[k], o->own || i->own);
		if (!o->result)
			continue;
		if (!result.wireshark && strcmp(o->result->name, "WERROR") == 0) {
			result.wireshark = format("%s.werror", i->prefix);
			result.own = i->own;       /* it is one name for all operations */
			result.label = "Windows Error";
		} else if (!result.wireshark && strcmp(o->result->name, "NTSTATUS") == 0) {
			result.wireshark = format("%s.status", i->prefix);
			result.own = i->own;
			result.label = "NT Error";
		}
		put_field(i, o->name, &result, o->own || i->own);
	}
	close_file();
}

static void put_names(const struct interface *i)
{
	unsigned n = 0;

	open_file(i->name, "_names.def");
	fprintf(out, "/* %s.  Made from %s. */\nNAMES(%s_opnum)\n", i->label, i->file, i->name);
	for (const struct operation *o = i->operations; o; o = o->next)
		fprintf(out, "N(%u, \"%s\")\n", n++, o->label);
	fprintf(out, "NAMES_END\n");
	for (const struct type *t = types; t; t = t->next) {
		if (t->of != i || t->kind != K_ENUM)
			continue;
		fprintf(out, "NAMES(%s%s)\n", i->name, t->names);
		for (unsigned k = 0; k < t->n; k++)
			fprintf(out, "N(0x%lx, \"%s\")\n", t->constants[k].value, t->constants[k].name);
		fprintf(out, "NAMES_END\n");
	}
	close_file();
}

static unsigned align_of(const struct type *t, bool wide);

static unsigned align_of_member(const struct member *m, bool wide)
{
	unsigned pointer = wide ? 8 : 4;

	if (!m->type)
		return 1;
	for (const char *l = m->levels; *l; l++)
		if (strchr("*&#", *l))
			return pointer;
	return strpbrk(m->levels, "[Vs") && align_of(m->type, wide) < pointer ? pointer : align_of(m->type, wide);
}

static unsigned align_of(const struct type *t, bool wide)
{
	unsigned align = t->align ? t->align : 1;

	/* NDR64 writes an enumeration of 16 bits as 32 (MS-RPCE 2.2.5.3.2). */
	if (wide && t->kind == K_ENUM && align == 2)
		align = 4;
	if (t->kind != K_STRUCT && t->kind != K_UNION)
		return align;
	if (t->tag)
		align = align_of(t->tag, wide);
	for (unsigned i = 0; i < t->n; i++)
		if (align_of_member(&t->members[i], wide) > align)
			align = align_of_member(&t->members[i], wide);
	return align;
}

static unsigned n_members;

static void put_member(const struct interface *i, const char *owner, const struct member *m)
{
	static const struct { char letter; const char *level; } letters[] = {
		{ '*', "UNIQUE" }, { '&', "REF" }, { '#', "FULL" }, { '[', "CONFORMANT" }, { 'V', "BOTH" }, { 'v', "VARYING" },
		{ 's', "STRING" }, { 'N', "FIXED" }, { 'n', "FIXED_VARYING" }, { 'p', "PIPE" },
	};

	fprintf(out, "\t{ .type = %u", m->type ? m->type->index : 0);
	if (has_field(m))
		fprintf(out, ", .field = F_%s_%s_%s", i->name, m->home ? m->home->name : owner, m->name);
	if (m->levels[0])
		fprintf(out, ", .level = { ");
	for (const char *l = m->levels; *l; l++)
		for (size_t k = 0; k < sizeof(letters) / sizeof(*letters); k++)
			if (letters[k].letter == *l)
				fprintf(out, "NDR_%s%s", letters[k].level, l[1] ? ", " : " }");
	if (m->counts[0])
		fprintf(out, ", .counts = F_%s_%s_%s_count", i->name, owner, m->name);
	if (m->counts[2])
		fprintf(out, ", .all_counts = true");
	if (m->level)
		fprintf(out, ", .is_level = true");
	if (m->entries)
		fprintf(out, ", .is_entries = true");
	if (m->show)
		fprintf(out, ", .show = NDR_SHOW_%s", m->show);
	if (m->count)
		fprintf(out, ", .count = %lu", m->count);
	if (m->value)
		fprintf(out, ", .value = 0x%lx", (unsigned long)m->value & 0xffffffff);
	if (m->is_default)
		fprintf(out, ", .is_default = true");
	if (m->in || m->out)
		fprintf(out, ", .in = %d, .out = %d", m->in, m->out);
	fprintf(out, " },\n");
	n_members++;
}

static void put_members(void)
{
	fprintf(out, "static const struct ndr_member ndr_members[] = {\n");
	for (struct type *t = types; t; t = t->next) {
		if (t->kind != K_STRUCT && t->kind != K_UNION)
			continue;
		if (t->outer)
			t->n = 0;          /* only its copies are read */
		t->first = n_members;
		for (unsigned k = 0; k < t->n; k++)
			put_member(t->of, t->name, &t->members[k]);
	}
	for (struct interface *i = interfaces; i; i = i->next)
		for (struct operation *o = i->operations; o; o = o->next) {
			o->first = n_members;
			for (unsigned k = 0; k < o->n; k++)
				put_member(i, o->name, &o->params[k]);
		}
	fprintf(out, "};\n");
}

static void put_types(void)
{
	static const char *const kinds[] = { "SCALAR", "SCALAR", "SCALAR", "STRUCT", "UNION" };

	fprintf(out, "static const struct ndr_type ndr_types[] = {\n");
	for (const struct type *t = types; t; t = t->next) {
		fprintf(out, "\t{ .kind = NDR_%s, .align = %u, .align64 = %u", kinds[t->kind], align_of(t, false), align_of(t, true));
		if (t->width)
			fprintf(out, ", .width = %u, .load = FT_%s", t->width, t->ft);
		if (t->kind == K_ENUM)
			fprintf(out, ", .is_enum = true");
		if (t->conformant)
			fprintf(out, ", .conformant = true");
		if (t->flat)
			fprintf(out, ", .flat = true");
		if (t->kind == K_STRUCT || t->kind == K_UNION)
			fprintf(out, ", .first = %u, .n = %u", t->first, t->n);
		if (t->tag)
			fprintf(out, ", .tag = %u", t->tag->index);
		fprintf(out, " },\n");
	}
	fprintf(out, "};\n");
}

/* Wireshark does not describe what the operation carries. */
static bool is_ours(const struct interface *i, const struct operation *o)
{
	unsigned n = 0;

	for (unsigned k = 0; k < o->n; k++)
		n += o->params[k].own;
	return !o->opaque && (i->own || o->own || (n && n == o->n));
}

static void put_interface(const struct interface *i, const uint8_t uuid[16])
{
	fprintf(out, "\t{ .uuid = { ");
	for (unsigned k = 0; k < 16; k++)
		fprintf(out, "0x%02x, ", uuid[k]);
	fprintf(out, "}, .version = %u, .name = \"%s\",\n\t  .proto = F_%s_proto, .opnum = F_%s_opnum, .first = %u, .n = %u },\n", i->version,
	        i->prefix, i->name, i->name, i->first, i->n);
}

static void put_interfaces(void)
{
	unsigned n = 0;

	fprintf(out, "static const struct ndr_op ndr_ops[] = {\n");
	for (struct interface *i = interfaces; i; i = i->next) {
		i->first = n;
		for (const struct operation *o = i->operations; o; o = o->next, n++) {
			fprintf(out, "\t{ .name = \"%s\", .first = %u, .n = %u, .opaque = %s", o->label, o->first, o->n, o->opaque ? "true" : "false");
			if (is_ours(i, o))
				fprintf(out, ", .own = true");
			if (o->result)
				fprintf(out, ", .result_type = %u, .result_field = F_%s_%s_result", o->result->index, i->name, o->name);
			fprintf(out, " },\n");
		}
	}
	fprintf(out, "};\nstatic const struct ndr_interface ndr_interfaces[] = {\n");
	for (const struct interface *i = interfaces; i; i = i->next)
		for (unsigned k = 0; k < i->n_uuids; k++)
			put_interface(i, i->uuid[k]);
	fprintf(out, "};\n");
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: idlc FOLDER FILE.idl ...\n");
		return 2;
	}
	folder = argv[1];
	builtins();
	for (int i = 2; i < argc; i++)
		parse_file(argv[i]);
	for (struct type *t = types; t; t = t->next)
		if (t->kind == K_ENUM)
			t->names = format("_%s", t->name);
	for (const struct interface *i = interfaces; i; i = i->next) {
		put_fields(i);
		put_names(i);
	}
	open_file("tables", ".inc");
	put_members();
	put_types();
	put_interfaces();
	close_file();
	return 0;
}
