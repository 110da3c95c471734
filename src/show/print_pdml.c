/* A tree as PDML, Wireshark's XML of a dissection (doc/README.xml-output of Wireshark names the parts). */
#include "show/sink.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "gen/version.h"

/* A group's bytes, and text's, are repeated in their parts or readable in show: their hex is cut here,
 * or groups in groups would print a large message many times over.  File content is not. */
enum { VALUE_CUT = 65536 };

/* Room for one attribute, grown to the largest there is. */
struct printer {
	FILE *f;
	char *text;
	size_t size;
	uint32_t pos;
};

static void room(struct printer *p, size_t size)
{
	if (size > p->size) {
		p->size = size * 2;
		p->text = xrealloc(p->text, p->size);
	}
}

static void indent(FILE *f, unsigned depth)
{
	while (depth--)
		fputs("  ", f);
}

/* UTF-8 with what XML reserves or cannot hold replaced. */
static void escaped(FILE *f, const char *s, size_t n)
{
	char buffer[1024];
	size_t from = 0;

	for (size_t i = 0; i <= n; i++) {
		size_t at;

		if (i < n && s[i] >= 0x20 && s[i] < 0x7f && !memchr("&<>\"'", s[i], 5))
			continue;
		fwrite(s + from, 1, i - from, f);
		if (i == n)
			break;
		at = i;
		(void)text_utf8_next(s, n, &at);
		fwrite(buffer, 1, text_escape(buffer, sizeof(buffer), s + i, at - i, TEXT_XML), f);
		from = at;
		i = at - 1;
	}
}

static void attribute(FILE *f, const char *name, const char *s, size_t n)
{
	fprintf(f, " %s=\"", name);
	escaped(f, s, n);
	fputc('"', f);
}

/* name="hex of the n bytes" without an escape, as nothing needs one. */
static void bytes(struct printer *p, const char *name, const struct fval *v, char separator, uint32_t cut)
{
	char buffer[3 * 512 + 1];
	uint32_t n = v->p ? min_u32(v->captured, cut) : 0;

	fprintf(p->f, " %s=\"", name);
	for (uint32_t i = 0; i < n; i += 512) {
		struct text_out o = text_begin(buffer, sizeof(buffer));

		text_add_bytes(&o, v->p + i, min_u32(n - i, 512), separator);
		if (i && separator)
			fputc(separator, p->f);
		fwrite(buffer, 1, text_end(&o), p->f);
	}
	fputc('"', p->f);
}

static void show(struct printer *p, const struct fval *v)
{
	if (v->type == FT_BYTES) {
		bytes(p, "show", v, ':', UINT32_MAX);
		return;
	}
	if (v->type == FT_NONE) {
		fputs(" show=\"\"", p->f);
		return;
	}
	room(p, show_value_size(v));
	attribute(p->f, "show", p->text, show_value(p->text, p->size, v));
}

static void value(struct printer *p, const struct fval *v)
{
	uint32_t cut = v->type == FT_BYTES ? UINT32_MAX : VALUE_CUT;

	if (v->type == FT_FLAG) {
		fprintf(p->f, " value=\"%" PRIX64 "\"", v->u);
		bytes(p, "unmaskedvalue", v, 0, cut);
	} else if (v->type == FT_NONE) {
		fputs(" value=\"\"", p->f);      /* a group has parts, no value, as in Wireshark */
	} else {
		bytes(p, "value", v, 0, cut);
	}
}

/* What is odd: Wireshark's name for what could not be read, ours for the rest. */
static void print_note(struct printer *p, const struct node *n, unsigned depth)
{
	const struct note *note = &notes[n->note];
	bool bad = note->severity == NOTE_ERROR;

	indent(p->f, depth);
	fprintf(p->f, "<field name=\"%s\" showname=\"", bad ? "_ws.malformed" : "smbscope.note");
	if (bad)
		fputs("[Malformed: ", p->f);
	escaped(p->f, note->text, strlen(note->text));
	fprintf(p->f, "%s\" size=\"0\" pos=\"%" PRIu32 "\" show=\"%s\"/>\n", bad ? "]" : "",
	        n->v.off + (n->v.src == 0 ? p->pos : 0), note->name);
}

static void print(struct printer *p, const struct node *n, unsigned depth)
{
	const struct fval *v = &n->v;
	bool proto = v->type == FT_PROTO, placed = !v->generated || v->len;
	char label[1024];

	if (n->note) {
		print_note(p, n, depth);
		return;
	}
	indent(p->f, depth);
	fprintf(p->f, "<%s name=\"%s\"", proto ? "proto" : "field", fields[v->id].abbrev);
	attribute(p->f, "showname", label, show_label(label, sizeof(label), v));
	fprintf(p->f, " size=\"%" PRIu32 "\" pos=\"%" PRIu32 "\"", v->len,
	        placed ? v->off + (v->src == 0 ? p->pos : 0) : 0);
	if (!proto) {
		struct fval at = *v;

		if (v->about) {
			at.p = v->about;
			at.captured = v->len;
		}
		show(p, v);
		if (placed)
			value(p, &at);
	}
	if (!n->child) {
		fputs("/>\n", p->f);
		return;
	}
	fputs(">\n", p->f);
	for (const struct node *c = n->child; c; c = c->next)
		print(p, c, depth + 1);
	indent(p->f, depth);
	fprintf(p->f, "</%s>\n", proto ? "proto" : "field");
}

void print_pdml(FILE *f, const struct node *root, uint32_t pos)
{
	struct printer p = { .f = f, .pos = pos };
	bool wrapped = false;

	/* A packet holds protocols; fields outside of one get one. */
	for (const struct node *n = root->child; n; n = n->next) {
		bool proto = n->v.type == FT_PROTO && !n->note;

		if (!proto && !wrapped)
			fputs("  <proto name=\"smbscope\" showname=\"smbscope\" size=\"0\" pos=\"0\">\n", f);
		else if (proto && wrapped)
			fputs("  </proto>\n", f);
		wrapped = !proto;
		print(&p, n, proto ? 1 : 2);
	}
	if (wrapped)
		fputs("  </proto>\n", f);
	free(p.text);
}

void print_pdml_begin(FILE *f)
{
	fputs("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<pdml version=\"0\" creator=\"smbscope/" SMBSCOPE_VERSION "\">\n", f);
}

/* A line of geninfo: Wireshark gives the value in hex, not the bytes. */
static void geninfo(FILE *f, const char *name, const char *label, uint32_t v, uint32_t size)
{
	fprintf(f, "    <field name=\"%s\" pos=\"0\" show=\"%" PRIu32 "\" showname=\"%s\" value=\"%" PRIx32 "\" size=\"%" PRIu32 "\"/>\n",
	        name, v, label, v, size);
}

static void computed(FILE *f, enum field_id id, uint64_t u)
{
	struct fval v = { .id = id, .type = fields[id].type, .u = u, .generated = true };
	struct printer p = { .f = f };

	print(&p, &(struct node){ .v = v }, 2);
	free(p.text);
}

void print_pdml_packet_open(FILE *f, const struct pdml_frame *frame)
{
	char moment[64], epoch[32];
	struct text_out m = text_begin(moment, sizeof(moment)), e = text_begin(epoch, sizeof(epoch));
	struct fval v = { .id = F__none, .type = FT_STAMP, .u = (uint64_t)frame->time_ns };   /* no base: as a date */

	text_add_seconds(&e, frame->time_ns);
	text_end(&e);
	show_add(&m, &v, TEXT_XML);
	text_end(&m);
	fprintf(f, "<packet>\n  <proto name=\"geninfo\" pos=\"0\" showname=\"General information\" size=\"%" PRIu32 "\">\n", frame->captured);
	geninfo(f, "num", "Number", frame->number, frame->captured);
	geninfo(f, "len", "Frame Length", frame->len, frame->captured);
	geninfo(f, "caplen", "Captured Length", frame->captured, frame->captured);
	fprintf(f, "    <field name=\"timestamp\" pos=\"0\" show=\"%s\" showname=\"Captured Time\" value=\"%s\" size=\"%" PRIu32 "\"/>\n  </proto>\n",
	        moment, epoch, frame->captured);
	fprintf(f, "  <proto name=\"frame\" showname=\"Frame %" PRIu32 ": %" PRIu32 " bytes on wire, %" PRIu32 " bytes captured\" size=\"%" PRIu32 "\" pos=\"0\">\n",
	        frame->number, frame->len, frame->captured, frame->captured);
	computed(f, F_frame_time_epoch, (uint64_t)frame->time_ns);
	computed(f, F_frame_number, frame->number);
	computed(f, F_frame_len, frame->len);
	fputs("  </proto>\n", f);
}

void print_pdml_packet_close(FILE *f)
{
	fputs("</packet>\n\n", f);
}

void print_pdml_end(FILE *f)
{
	fputs("</pdml>\n", f);
}
