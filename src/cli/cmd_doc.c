/* fields, schema, interfaces: what the program knows of itself and of the machine. */
#include "cli/cli.h"

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

int cmd_fields(const struct args *a)
{
	static uint16_t ids[F__COUNT];
	uint32_t n = 0, shown = 0;

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
		if (a->manual)
			printf(".TP\n\\fB%s\\fR (%s)\n%s\n", f->abbrev, field_type_name(ids[i]), f->label);
		else
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
