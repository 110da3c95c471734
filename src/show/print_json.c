/* A tree as JSON: an object whose keys are field names.  Groups are objects, the bits of a field stand
 * beside it, what occurs several times in a group is an array. */
#include "show/sink.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"

struct member {
	const struct node *node;
	const char *key;
	uint32_t seq, first;       /* order of occurrence; of the key's first */
};

struct printer {
	FILE *f;
	char *text;
	size_t size;
	bool lines;
};

static void newline(const struct printer *p, unsigned depth)
{
	if (p->lines)
		return;
	fputc('\n', p->f);
	while (depth--)
		fputs("  ", p->f);
}

/* Numbers below 2^53 are numbers, larger ones text, as JSON's readers would round them.  Ids of 64 bits
 * are always text, not now one and now the other. */
static bool is_number(const struct fval *v)
{
	unsigned kind = v->type & 0xf00;
	int64_t i = (int64_t)v->u;

	if (v->type == FT_FRAME || v->type == FT_UINT)
		return v->u < 1ull << 53;
	if (v->type == FT_REL)
		return true;
	if (v->type == FT_FLAG)
		return !fields[v->id].one_bit && v->u < 1ull << 53;
	if (!FT_WIDTH(v->type) || kind > 0x200)
		return false;
	if (FT_WIDTH(v->type) == 8 && fields[v->id].base == BASE_HEX)
		return false;
	return kind == 0x200 ? i < INT64_C(1) << 53 && i > -(INT64_C(1) << 53) : v->u < 1ull << 53;
}

static void string(struct printer *p, const struct fval *v)
{
	struct text_out o;
	size_t size = 64 + 6 * (size_t)v->captured;   /* \u00NN of one byte */

	if (size > p->size) {
		p->size = size * 2;
		p->text = xrealloc(p->text, p->size);
	}
	o = text_begin(p->text, p->size);
	if (v->type == FT_FILETIME) {
		if (!v->u) {
			fputs("null", p->f);
			return;
		}
		fprintf(p->f, "\"%.*s\"", (int)text_filetime(p->text, p->size, v->u), p->text);
		return;
	}
	if (v->type == FT_STAMP || v->type == FT_UTIME) {
		int64_t ns = (int64_t)v->u;

		if (v->type == FT_UTIME)
			ns *= 1000000000;
		fprintf(p->f, "\"%.*s\"", (int)text_time(p->text, p->size, ns), p->text);
		return;
	}
	show_add(&o, v, TEXT_JSON);
	text_end(&o);
	fputc('"', p->f);
	fwrite(p->text, 1, o.end, p->f);
	fputc('"', p->f);
}

static void scalar(struct printer *p, const struct fval *v)
{
	char text[32];
	struct text_out o = text_begin(text, sizeof(text));

	if (v->type == FT_BOOL8 || (v->type == FT_FLAG && fields[v->id].one_bit)) {
		fputs(v->u ? "true" : "false", p->f);
	} else if (!is_number(v)) {
		string(p, v);
	} else if (v->type == FT_REL) {
		text_add_seconds(&o, (int64_t)v->u);
		text_end(&o);
		fputs(text, p->f);
	} else if ((v->type & 0xf00) == 0x200) {
		fprintf(p->f, "%" PRId64, (int64_t)v->u);
	} else {
		fprintf(p->f, "%" PRIu64, v->u);
	}
}

static int by_key(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	int order = a->key == b->key ? 0 : strcmp(a->key, b->key);

	return order ? order : a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int by_first(const void *left, const void *right)
{
	const struct member *a = left, *b = right;

	return a->first != b->first ? (a->first < b->first ? -1 : 1) : a->seq < b->seq ? -1 : a->seq > b->seq;
}

/* The members of a group, those of one key together, keys in the order of their first occurrence. */
static struct member *members(const struct node *group, uint32_t *count)
{
	struct member *m = NULL;
	uint32_t n = 0, cap = 0;

	for (const struct node *c = group->child; c; c = c->next) {
		/* A field, then its bits; the children of a group are its own. */
		for (const struct node *b = c; b; b = b == c ? (c->group ? NULL : c->child) : b->next) {
			m = mem_grow(m, n, &cap, sizeof(*m));
			m[n] = (struct member){ b, fields[b->v.id].abbrev, n, n };
			n++;
		}
	}
	if (n)
		qsort(m, n, sizeof(*m), by_key);
	for (uint32_t i = 1; i < n; i++)
		if (strcmp(m[i].key, m[i - 1].key) == 0)
			m[i].first = m[i - 1].first;
	if (n)
		qsort(m, n, sizeof(*m), by_first);
	*count = n;
	return m;
}

static void object(struct printer *p, const struct node *group, unsigned depth)
{
	uint32_t n;
	struct member *m = members(group, &n);

	fputc('{', p->f);
	for (uint32_t i = 0; i < n; i++) {
		bool starts = i == 0 || m[i].first != m[i - 1].first;
		bool ends = i + 1 == n || m[i].first != m[i + 1].first;

		if (starts) {
			newline(p, depth + 1);
			fprintf(p->f, p->lines ? "\"%s\":" : "\"%s\": ", m[i].key);
			if (!ends)
				fputc('[', p->f);
		}
		if (!(starts && ends))
			newline(p, depth + 2);
		if (m[i].node->group)
			object(p, m[i].node, depth + 1 + !(starts && ends));
		else
			scalar(p, &m[i].node->v);
		if (ends && !starts) {
			newline(p, depth + 1);
			fputc(']', p->f);
		}
		if (i + 1 < n)
			fputc(',', p->f);
	}
	if (n)
		newline(p, depth);
	fputc('}', p->f);
	free(m);
}

void print_json(FILE *f, const struct node *root, bool lines)
{
	struct printer p = { .f = f, .lines = lines };

	object(&p, root, 0);
	fputc('\n', f);
	free(p.text);
}
