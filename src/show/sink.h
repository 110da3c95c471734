/* Listeners of a dissection and what prints them. */
#ifndef SHOW_SINK_H
#define SHOW_SINK_H

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "dissectors/dissect.h"

/* A field as a node of the tree: groups, protocols and fields with bits have children. */
struct node {
	struct node *parent, *child, *last_child, *next;
	struct fval v;             /* of a group: off and len are its span, p its bytes where captured */
	uint16_t note;             /* enum note_id: the node is a note; 0: a field */
	bool group;
};

/* sink_tree collects everything into a tree, in an arena; the nodes live as long as the arena and,
 * for their bytes, as the sources.  Groups left open are closed by tree_end. */
struct sink_tree {
	struct sink sink;          /* pass &tree.sink to the run */
	struct arena *arena;
	const struct dx_run *run;  /* for the bytes of groups */
	struct node root;
	struct node *open;
};
void sink_tree_init(struct sink_tree *, struct arena *, const struct dx_run *);
/* tree_end closes what is open and returns the root, whose children are the protocols. */
struct node *tree_end(struct sink_tree *);

/* show_value writes what PDML's show attribute and -T fields print; show_label the line of a tree
 * ("Label: value (0x..)").  Both escape control characters and bad text; NUL-terminated, cut to size.
 * They return the length written. */
size_t show_value(char *out, size_t size, const struct fval *);
size_t show_label(char *out, size_t size, const struct fval *);

/* Printers of a finished tree. */
void print_tree(FILE *, const struct node *root);                 /* indented text, as tshark -V */
void print_pdml(FILE *, const struct node *root, uint32_t pos);   /* <proto> elements; pos: added to positions in source 0 */
void print_json(FILE *, const struct node *root, bool lines);     /* a message as one JSON object, keys field names */

/* How -T fields writes a line, as tshark's -E. */
struct fields_options {
	char separator, aggregator, quote;   /* '\t', ',', 0 none */
	char occurrence;                     /* 'a' all, 'f' first, 'l' last */
	bool header;
};

/* sink_fields keeps the values of wanted ids only, as text, for -T fields; several values of one
 * field are joined by the aggregator. */
struct sink_fields;
struct sink_fields *sink_fields_new(const char *const *names, uint32_t n, struct err *) MUST_CHECK;
struct sink *sink_fields_sink(struct sink_fields *);
/* sink_fields_print writes one line of what was kept and forgets it. */
void sink_fields_print(struct sink_fields *, FILE *, const struct fields_options *);
bool sink_fields_any(const struct sink_fields *);
void sink_fields_free(struct sink_fields *);

#endif
