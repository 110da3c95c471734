/* Listeners of a dissection and what prints them. */
#ifndef SHOW_SINK_H
#define SHOW_SINK_H

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
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
	struct node *last;         /* the field whose bits may follow */
	uint32_t depth;            /* groups open; below TREE_DEPTH they are not nested any more */
};
enum { TREE_DEPTH = 100 };         /* dissectors nest LIMIT_DEPTH and a few; the printers recurse */
void sink_tree_init(struct sink_tree *, struct arena *, const struct dx_run *);
/* tree_end closes what is open and returns the root, whose children are the protocols. */
struct node *tree_end(struct sink_tree *);

/* show_value writes what PDML's show attribute and -T fields print; show_label the line of a tree
 * ("Label: value (0x..)").  Both escape control characters and bad text; NUL-terminated, cut to size.
 * They return the length written. */
size_t show_value(char *out, size_t size, const struct fval *);
size_t show_label(char *out, size_t size, const struct fval *);
/* show_value_size is a size that show_value's text and its NUL surely fit in. */
size_t show_value_size(const struct fval *);
/* show_add appends the same text to one being written, with another escape. */
void show_add(struct text_out *, const struct fval *, enum text_escape);
/* show_is_text: the value is text (and not a number, a time, bytes ...). */
bool show_is_text(const struct fval *);

/* Printers of a finished tree.  Values that stand at its top, outside of any protocol, are printed as
 * a protocol of their own (PDML) or as they are. */
void print_tree(FILE *, const struct node *root);                 /* indented text, as tshark -V */
void print_pdml(FILE *, const struct node *root, uint32_t pos);   /* <proto> elements; pos: added to positions in source 0 */
void print_json(FILE *, const struct node *root, bool lines);     /* a message as one JSON object, keys field names */
/* tree_join puts the nodes of another tree, in the same arena, behind those of root; the other is empty then. */
void tree_join(struct node *root, struct node *other);

/* The PDML around them: begin, then for each frame open, print_pdml any number of times, close; end. */
struct pdml_frame {
	uint32_t number;           /* from 1 in its capture */
	uint32_t len, captured;    /* on the wire; in the capture */
	int64_t time_ns;           /* since 1970 */
};
void print_pdml_begin(FILE *);
void print_pdml_packet_open(FILE *, const struct pdml_frame *);
void print_pdml_packet_close(FILE *);
void print_pdml_end(FILE *);

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
/* sink_fields_header writes the line of names (once, and only if the options want it);
 * sink_fields_print does so before its first line. */
void sink_fields_header(struct sink_fields *, FILE *, const struct fields_options *);
/* sink_fields_print writes one line of what was kept and forgets it. */
void sink_fields_print(struct sink_fields *, FILE *, const struct fields_options *);
/* sink_fields_forget drops what was kept, as a line that is not wanted. */
void sink_fields_forget(struct sink_fields *);
/* sink_fields_option reads one setting of tshark's -E: separator=, aggregator=, occurrence=, quote=, header=. */
int sink_fields_option(struct fields_options *, const char *setting, struct err *) MUST_CHECK;
bool sink_fields_any(const struct sink_fields *);
void sink_fields_free(struct sink_fields *);

#endif
