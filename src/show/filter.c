/* Display filters: compiled, told what a frame holds, asked whether it matches. */
#include "show/filter.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "show/filter_private.h"
#include "show/sink.h"

/* --- names --- */

/* Names that stand for several fields, or for one of another name; Wireshark has them, too. */
static const struct alias {
	const char *name;
	enum field_id ids[2];
} aliases[] = {
	{ "eth.addr", { F_eth_src, F_eth_dst } },
	{ "frame.time", { F_frame_time_epoch, F__none } },
	{ "ip.addr", { F_ip_src, F_ip_dst } },
	{ "ipv6.addr", { F_ipv6_src, F_ipv6_dst } },
	{ "tcp.port", { F_tcp_srcport, F_tcp_dstport } },
};

const char *filter_class_name(enum filter_class c)
{
	static const char *const names[] = { "something without a value", "a number", "true or false", "text", "bytes", "a protocol",
	                                     "an Ethernet address", "an object identifier", "a GUID", "an IPv4 address",
	                                     "an IPv6 address", "a time", "a duration" };

	return names[c];
}

static enum filter_class class_of(enum field_id id)
{
	const struct field *f = &fields[id];

	switch (f->type) {
	case FT_NONE: return CLASS_NONE;
	/* Of protocols below SMB there is no more to know than that they are there, but for the frame's bytes. */
	case FT_PROTO: return id == F_eth || id == F_ip || id == F_ipv6 || id == F_tcp ? CLASS_NONE : CLASS_PROTO;
	case FT_BYTES: return CLASS_BYTES;
	case FT_UTF16: case FT_OEM: case FT_STR: case FT_TEXT:
	case FT_SID: case FT_SUBAUTH: case FT_NBNAME: case FT_SMBSTR: case FT_GUIDSTR: return CLASS_TEXT;
	case FT_GUID: case FT_GUIDBE: return CLASS_GUID;
	case FT_OID: return CLASS_OID;
	case FT_IPV4: return CLASS_IPV4;
	case FT_IPV6: return CLASS_IPV6;
	case FT_ETHER: return CLASS_ETHER;
	case FT_FILETIME: case FT_UTIME: case FT_STAMP: case FT_GTIME: return CLASS_TIME;
	case FT_REL: return CLASS_DURATION;
	case FT_MSTIME: return f->base == BASE_DEC ? CLASS_NUMBER : CLASS_DURATION;
	case FT_BOOL8: return CLASS_BOOL;
	case FT_FLAG: return f->one_bit ? CLASS_BOOL : CLASS_NUMBER;
	}
	return CLASS_NUMBER;
}

static void want(struct filter *f, enum field_id id, uint32_t slot)
{
	f->wants = mem_grow(f->wants, f->n_wants, &f->cap_wants, sizeof(*f->wants));
	f->wants[f->n_wants] = (struct filter_want){ .slot = (uint16_t)slot, .next = f->first[id] };
	f->first[id] = (uint16_t)f->n_wants++;
}

/* Around the messages of a frame there is one layer of each protocol. */
static bool is_outer(const char *name)
{
	static const char *const protocols[] = { "frame", "eth", "ip", "ipv6", "tcp", "nbss" };

	for (size_t i = 0; i < COUNT(protocols); i++) {
		size_t n = strlen(protocols[i]);

		if (strncmp(name, protocols[i], n) == 0 && (!name[n] || name[n] == '.'))
			return true;
	}
	return false;
}

/* A slot of that name; -1 when there are too many. */
static int add_slot(struct filter *f, const char *name, enum filter_class cls)
{
	if (f->n_slots >= UINT16_MAX / 8 || f->n_wants >= UINT16_MAX - F__COUNT)
		return -1;
	f->slots = mem_grow(f->slots, f->n_slots, &f->cap_slots, sizeof(*f->slots));
	f->slots[f->n_slots] = (struct filter_slot){ .name = name, .cls = (uint8_t)cls, .outer = is_outer(name) };
	return (int)f->n_slots++;
}

int filter_name(struct filter *f, const char *name)
{
	enum field_id id;
	enum filter_class cls;
	int slot;

	for (uint32_t i = 0; i < f->n_slots; i++)
		if (f->slots[i].form == FORM_VALUE && strcmp(f->slots[i].name, name) == 0)
			return (int)i;
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (strcmp(aliases[i].name, name) == 0) {
			slot = add_slot(f, aliases[i].name, class_of(aliases[i].ids[0]));
			for (unsigned k = 0; slot >= 0 && k < 2 && aliases[i].ids[k]; k++)
				want(f, aliases[i].ids[k], (uint32_t)slot);
			return slot;
		}
	id = field_find(name);
	if (id == F__none)
		return -1;
	cls = class_of(id);
	/* Of several of one name, one may be a group above the values; those count. */
	for (enum field_id same = field_next_same(id); same && cls == CLASS_NONE; same = field_next_same(same))
		cls = class_of(same);
	slot = add_slot(f, fields[id].abbrev, cls);
	for (; slot >= 0 && id; id = field_next_same(id))
		want(f, id, (uint32_t)slot);
	return slot;
}

int filter_form(struct filter *f, int of, enum filter_form form)
{
	enum filter_class cls = form == FORM_TEXT ? CLASS_TEXT : CLASS_BYTES;
	int slot;

	if (f->slots[of].cls == CLASS_TEXT && form == FORM_TEXT) {
		f->slots[of].values = true;
		return of;
	}
	for (uint32_t i = 0; i < f->n_slots; i++)
		if (f->slots[i].form == form && f->slots[i].name == f->slots[of].name)
			return (int)i;
	slot = add_slot(f, f->slots[of].name, cls);
	if (slot < 0)
		return of;
	f->slots[slot].form = (uint8_t)form;
	f->slots[slot].values = true;
	for (unsigned id = 1; id < F__COUNT; id++)
		for (uint32_t w = f->first[id]; w; w = f->wants[w].next)
			if (f->wants[w].slot == of) {
				want(f, (enum field_id)id, (uint32_t)slot);
				break;
			}
	return slot;
}

/* --- hearing --- */

static const uint8_t *keep(struct filter *f, const void *bytes, uint32_t n)
{
	if (f->heard.used + n > LIMIT_FILTER_BYTES) {
		f->cut = true;
		return NULL;
	}
	return memcpy(arena_alloc(&f->heard, n ? n : 1), bytes, n);
}

static bool keep_text(struct filter *f, struct filter_value *v, const struct fval *from)
{
	struct text_out o = text_begin(NULL, 0);
	size_t n;
	char *text;

	show_add(&o, from, TEXT_RAW);
	n = o.len;
	if (f->heard.used + n > LIMIT_FILTER_BYTES) {
		f->cut = true;
		return false;
	}
	text = arena_alloc(&f->heard, n + 1);
	o = text_begin(text, n + 1);
	show_add(&o, from, TEXT_RAW);
	text_end(&o);
	v->p = (const uint8_t *)text;
	v->len = (uint32_t)n;
	return true;
}

/* MS-DTYP 2.3.4: the first three parts are little-endian on the wire. */
static bool keep_guid(struct filter *f, struct filter_value *v, const struct fval *from)
{
	static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	uint8_t guid[16];

	if (from->captured != 16 || !from->p)
		return false;
	for (unsigned i = 0; i < 16; i++)
		guid[i] = from->p[from->type == FT_GUID ? order[i] : i];
	v->p = keep(f, guid, v->len = 16);
	return v->p;
}

static bool keep_bytes(struct filter *f, struct filter_value *v, const struct fval *from)
{
	uint8_t mac[6];

	if (v->cls == CLASS_ETHER && !from->p) {
		for (unsigned i = 0; i < 6; i++)
			mac[i] = (uint8_t)(from->u >> (40 - 8 * i));
		v->p = keep(f, mac, v->len = 6);
	} else if (from->p || !from->captured) {
		v->len = from->captured;
		v->p = keep(f, from->p ? from->p : (const uint8_t *)"", v->len);
	}
	return v->p;
}

/* string() of a number: decimal, whatever base it is shown in. */
static bool keep_decimal(struct filter *f, struct filter_value *v, const struct fval *from)
{
	bool negative = (from->type & 0xf00) == 0x200 && (int64_t)from->u < 0;
	char text[24];

	v->len = (uint32_t)snprintf(text, sizeof(text), "%s%" PRIu64, negative ? "-" : "", negative ? -from->u : from->u);
	v->p = keep(f, text, v->len);
	return v->p;
}

static bool keep_address(struct filter *f, struct filter_value *v, const struct fval *from)
{
	uint32_t w = htobe32((uint32_t)from->u);

	v->prefix = v->cls == CLASS_IPV4 ? 32 : 128;
	v->u = from->u;
	if (v->cls == CLASS_IPV4)
		v->p = keep(f, &w, v->len = 4);
	else if (from->p && from->captured == 16)
		v->p = keep(f, from->p, v->len = 16);
	return v->p;
}

static void time_of(struct filter_value *v, const struct fval *from)
{
	int64_t ns = (int64_t)from->u, rest = ns % 1000000000;

	if (from->type == FT_GTIME) {
		if (text_general_time((struct span){ from->p, from->captured }, &ns))
			v->u = (uint64_t)ns;
		return;
	}
	if (from->type == FT_FILETIME) {
		/* Wireshark shows the absent time as its own zero. */
		v->u = from->u ? (uint64_t)text_filetime_seconds(from->u, &v->ns) : 0;
		return;
	}
	if (from->type == FT_UTIME) {
		v->u = from->u;
		return;
	}
	if (from->type == FT_MSTIME) {
		v->u = (from->u & UINT32_MAX) / 1000;
		v->ns = (uint32_t)(from->u & UINT32_MAX) % 1000 * 1000000;
		return;
	}
	v->u = (uint64_t)(ns / 1000000000 - (rest < 0));
	v->ns = (uint32_t)(rest < 0 ? rest + 1000000000 : rest);
}

/* What a value is by its own type; false: nothing that the slot's class compares. */
static bool value_of(struct filter *f, const struct filter_slot *s, const struct fval *from, struct filter_value *v)
{
	enum filter_class cls = class_of(from->id);
	bool number = cls == CLASS_NUMBER || cls == CLASS_BOOL;

	v->cls = s->cls;
	if (s->form == FORM_RAW)
		return !from->generated && keep_bytes(f, v, from);
	if (s->form == FORM_TEXT && number)
		return keep_decimal(f, v, from);
	switch (s->cls) {
	case CLASS_NUMBER: case CLASS_BOOL:
		v->u = from->u;
		v->negative = (from->type & 0xf00) == 0x200 && (int64_t)from->u < 0;
		if (s->cls == CLASS_BOOL)
			v->u = v->u != 0;
		return number;
	case CLASS_TIME: case CLASS_DURATION:
		time_of(v, from);
		return cls == CLASS_TIME || cls == CLASS_DURATION;
	case CLASS_IPV4: case CLASS_IPV6:
		return cls == s->cls && keep_address(f, v, from);
	case CLASS_TEXT:
		if (s->form != FORM_TEXT && cls == CLASS_BYTES)
			return keep_bytes(f, v, from);
		return (s->form == FORM_TEXT || cls == CLASS_TEXT) && keep_text(f, v, from);
	case CLASS_GUID:
		return (cls == CLASS_GUID || cls == CLASS_BYTES) && keep_guid(f, v, from);
	case CLASS_NONE:
		return false;
	}
	if (cls == CLASS_TEXT)
		return keep_text(f, v, from);
	return !number && cls != CLASS_NONE && keep_bytes(f, v, from);
}

static uint16_t layer_of(const struct filter *f, const struct filter_slot *s)
{
	return s->outer || !f->layer ? 1 : f->layer;
}

/* It occurred once more. */
static void occurred(const struct filter *f, struct filter_slot *s)
{
	s->n++;
	s->layers |= UINT64_C(1) << (min_u32(layer_of(f, s), 64) - 1);
}

static struct filter_value *new_value(struct filter *f, struct filter_slot *s)
{
	if (f->n_values == LIMIT_FILTER_VALUES) {
		f->cut = true;
		return NULL;
	}
	s->v = mem_grow(s->v, s->kept, &s->cap, sizeof(*s->v));
	s->v[s->kept] = (struct filter_value){ .layer = layer_of(f, s) };
	return &s->v[s->kept];
}

/* What lies in a group, lies in the groups around it. */
static void reach(struct filter *f, uint8_t src, uint32_t end)
{
	if (f->depth && f->depth <= COUNT(f->open) && f->open[f->depth - 1].src == src && f->open[f->depth - 1].far < end)
		f->open[f->depth - 1].far = end;
}

static void value(struct sink *sink, const struct fval *v)
{
	struct filter *f = (struct filter *)sink;

	if (unlikely(f->spans) && !v->generated)
		reach(f, v->src, v->off + v->len);
	for (uint32_t w = f->first[v->id]; unlikely(w != 0); w = f->wants[w].next) {
		struct filter_slot *s = &f->slots[f->wants[w].slot];
		struct filter_value *new = s->values ? new_value(f, s) : NULL;

		occurred(f, s);
		if (new && value_of(f, s, v, new)) {
			s->kept++;
			f->n_values++;
		}
	}
}

/* A protocol whose bytes are asked for is kept when it ends. */
static void push(struct sink *sink, enum field_id id, uint8_t src, uint32_t off)
{
	struct filter *f = (struct filter *)sink;

	if (id == F_nbss && f->layer < UINT16_MAX)
		f->layer++;
	if (f->depth < COUNT(f->open)) {
		f->open[f->depth].id = id;
		f->open[f->depth].src = src;
		f->open[f->depth].off = f->open[f->depth].far = off;
	}
	f->depth++;
	for (uint32_t w = f->first[id]; unlikely(w != 0); w = f->wants[w].next)
		occurred(f, &f->slots[f->wants[w].slot]);
}

static void pop(struct sink *sink, uint32_t end)
{
	struct filter *f = (struct filter *)sink;
	const struct source *src;
	struct fval v;

	if (!f->depth || --f->depth >= COUNT(f->open))
		return;
	v = (struct fval){ .id = f->open[f->depth].id, .type = FT_PROTO, .off = f->open[f->depth].off };
	if (end < f->open[f->depth].far)
		end = f->open[f->depth].far;
	reach(f, f->open[f->depth].src, end);
	if (likely(!f->first[v.id]) || !f->run || f->open[f->depth].src >= f->run->n_sources || end <= v.off)
		return;
	src = &f->run->sources[f->open[f->depth].src];
	if (!src->bytes || v.off >= src->have)
		return;
	v.p = src->bytes + v.off;
	v.captured = min_u32(end - v.off, src->have - v.off);
	for (uint32_t w = f->first[v.id]; w; w = f->wants[w].next) {
		struct filter_slot *s = &f->slots[f->wants[w].slot];
		struct filter_value *new = s->values && s->cls == CLASS_PROTO ? new_value(f, s) : NULL;

		if (new && value_of(f, s, &v, new)) {
			s->kept++;
			f->n_values++;
		}
	}
}

static void note(struct sink *sink, enum note_id id, uint8_t src UNUSED, uint32_t off UNUSED)
{
	struct fval v = { .id = F_note_text, .type = FT_TEXT, .generated = true, .p = (const uint8_t *)notes[id].text,
	                  .captured = (uint32_t)strlen(notes[id].text) };

	value(sink, &v);
}

/* --- the tee: the filter hears first --- */

static struct filter *of_tee(struct sink *tee)
{
	return (struct filter *)(void *)((char *)tee - offsetof(struct filter, tee));
}

static void tee_value(struct sink *tee, const struct fval *v)
{
	struct filter *f = of_tee(tee);

	value(&f->sink, v);
	f->also->value(f->also, v);
}

static void tee_push(struct sink *tee, enum field_id id, uint8_t src, uint32_t off)
{
	struct filter *f = of_tee(tee);

	push(&f->sink, id, src, off);
	f->also->push(f->also, id, src, off);
}

static void tee_pop(struct sink *tee, uint32_t end)
{
	struct filter *f = of_tee(tee);

	pop(&f->sink, end);
	f->also->pop(f->also, end);
}

static void tee_note(struct sink *tee, enum note_id id, uint8_t src, uint32_t off)
{
	struct filter *f = of_tee(tee);

	note(&f->sink, id, src, off);
	f->also->note(f->also, id, src, off);
}

struct sink *filter_sink(struct filter *f)
{
	return &f->sink;
}

struct sink *filter_tee(struct filter *f, struct sink *also)
{
	f->also = also;
	return &f->tee;
}

void filter_run(struct filter *f, const struct dx_run *run)
{
	f->run = run;
}

/* --- the filter --- */

struct filter *filter_compile(const char *text, struct err *e, uint32_t *where)
{
	struct filter *f = xcalloc(1, sizeof(*f));
	struct err own = { 0 };

	f->sink = (struct sink){ value, push, pop, note };
	f->tee = (struct sink){ tee_value, tee_push, tee_pop, tee_note };
	f->n_wants = 1;
	f->wants = mem_grow(NULL, 0, &f->cap_wants, sizeof(*f->wants));
	if (filter_parse(f, text, e ? e : &own, where)) {
		for (uint32_t i = 0; i < f->n_slots; i++)
			f->spans |= f->slots[i].cls == CLASS_PROTO && f->slots[i].values;
		return f;
	}
	filter_free(f);
	return NULL;
}

void filter_frame(struct filter *f, const uint8_t *bytes, uint32_t len)
{
	for (uint32_t w = f->first[F_frame]; w; w = f->wants[w].next) {
		struct filter_slot *s = &f->slots[f->wants[w].slot];
		struct filter_value *new = s->values ? new_value(f, s) : NULL;

		if (!new)
			continue;
		new->cls = CLASS_PROTO;
		new->len = len;
		new->p = keep(f, bytes, len);
		s->kept += new->p != NULL;
		f->n_values += new->p != NULL;
	}
}

bool filter_match(struct filter *f)
{
	bool result = filter_test(f, f->root);

	arena_reset(&f->scratch);
	arena_reset(&f->heard);
	for (uint32_t i = 0; i < f->n_slots; i++) {
		f->slots[i].n = f->slots[i].kept = 0;
		f->slots[i].layers = 0;
	}
	f->depth = f->n_values = 0;
	f->layer = 0;
	f->n_cut += f->cut;
	f->cut = false;
	return result;
}

uint64_t filter_cut(const struct filter *f)
{
	return f->n_cut;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->n_slots; i++)
		free(f->slots[i].v);
	free(f->slots);
	free(f->wants);
	arena_free(&f->arena);
	arena_free(&f->heard);
	arena_free(&f->scratch);
	free(f);
}

/* --- completion --- */

/* Puts name into the sorted list; what falls off its end is forgotten. */
static uint32_t insert(char out[][FILTER_NAME], uint32_t n, uint32_t max, const char *name)
{
	uint32_t at = n;

	while (at > 0 && strcmp(out[at - 1], name) > 0)
		at--;
	if (at == max || (at && strcmp(out[at - 1], name) == 0) || strlen(name) >= FILTER_NAME)
		return n;
	if (n == max)
		n--;
	memmove(out[at + 1], out[at], (n - at) * FILTER_NAME);
	snprintf(out[at], FILTER_NAME, "%s", name);
	return n + 1;
}

uint32_t filter_complete(const char *prefix, char out[][FILTER_NAME], uint32_t max)
{
	size_t len = strlen(prefix);
	uint32_t n = 0;

	for (unsigned id = 1; id < F__COUNT; id++)
		if (strncmp(fields[id].abbrev, prefix, len) == 0)
			n = insert(out, n, max, fields[id].abbrev);
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (strncmp(aliases[i].name, prefix, len) == 0)
			n = insert(out, n, max, aliases[i].name);
	return n;
}
