/* fields, schema, interfaces: what the program knows of itself and of the machine. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "capture/cap.h"
#include "dissectors/fields.h"
#include "store/store.h"

static int by_name(const void *a, const void *b)
{
	const struct field *x = &fields[*(const uint16_t *)a], *y = &fields[*(const uint16_t *)b];
	int order = strcmp(x->abbrev, y->abbrev);

	return order ? order : (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* "UINT16", and for parts of a field which: "BOOLEAN, bits 0x1 of smb2.flags". */
static void print_type(const struct field *f, enum field_id id)
{
	fputs(field_type_name(id), stdout);
	if (f->type == FT_FLAG)
		printf(", bits 0x%" PRIx64 " of %s", f->mask, fields[f->parent].abbrev);
	else if (f->own)
		fputs(", not in Wireshark", stdout);
}

/* The source of smbscope-fields(7): by protocol and message, each name where it is met first. */
static void manual(void)
{
	for (const struct field_section *s = field_sections; s->title; s++) {
		bool titled = false;

		for (unsigned id = s[0].first; id < s[1].first; id++) {
			const struct field *f = &fields[id];

			if (field_find(f->abbrev) != (enum field_id)id)
				continue;
			if (!titled)
				printf(".SS %s\n", s->title);
			titled = true;
			fputs(".TP\n\\fB", stdout);
			for (const char *c = f->abbrev; *c; c++)
				fputs(*c == '-' ? "\\-" : (char[2]){ *c }, stdout);
			fputs("\\fR (", stdout);
			print_type(f, (enum field_id)id);
			printf(")\n%s\n", f->label);
		}
	}
}

int cmd_fields(const struct args *a)
{
	static uint16_t ids[F__COUNT];
	uint32_t n = 0, shown = 0;

	if (a->manual) {
		manual();
		return EXIT_DONE;
	}
	for (unsigned i = 1; i < F__COUNT; i++)
		ids[n++] = (uint16_t)i;
	qsort(ids, n, sizeof(*ids), by_name);
	for (uint32_t i = 0; i < n; i++) {
		const struct field *f = &fields[ids[i]];

		if (a->n_files && !strstr(f->abbrev, a->files[0]) && !strcasestr(f->label, a->files[0]))
			continue;
		/* A name of several widths is listed once. */
		if (i && strcmp(fields[ids[i - 1]].abbrev, f->abbrev) == 0)
			continue;
		shown++;
		printf("%-48s %-13s %s\n", f->abbrev, field_type_name(ids[i]), f->label);
	}
	return shown ? EXIT_DONE : EXIT_NO;
}

int cmd_schema(const struct args *a)
{
	store_schema(stdout, a->manual);
	return EXIT_DONE;
}

static void device(void *arg UNUSED, const char *name, const char *description, bool up)
{
	printf("%-20s %-5s %s\n", name, up ? "up" : "down", description ? description : "");
}

int cmd_interfaces(const struct args *a UNUSED)
{
	struct err e = { 0 };

	return cap_devices(device, NULL, &e) ? complain(&e) : EXIT_DONE;
}
