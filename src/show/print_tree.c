/* A tree as indented text, as tshark -V prints it. */
#include "show/sink.h"

static void print(FILE *f, const struct node *n, unsigned depth)
{
	char line[1024];

	for (unsigned i = 0; i < depth; i++)
		fputs("    ", f);
	if (n->note) {
		fprintf(f, "[%s: %s]\n", notes[n->note].severity == NOTE_ERROR ? "Malformed" : "Note", notes[n->note].text);
		return;
	}
	fwrite(line, 1, show_label(line, sizeof(line), &n->v), f);
	if (n->v.len > n->v.captured && !n->v.generated && n->v.captured && n->v.type != FT_BYTES)
		fputs(" (not all captured)", f);
	fputc('\n', f);
	for (n = n->child; n; n = n->next)
		print(f, n, depth + 1);
}

void print_tree(FILE *f, const struct node *root)
{
	for (const struct node *n = root->child; n; n = n->next)
		print(f, n, 0);
}
