/* Text and contexts, each stated once and then named by a number. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"

struct string {
	struct map_node node;
	uint32_t hash;             /* the key */
	text_id id;
	uint32_t len;
	char text[];
};

struct context {
	struct map_node node;
	struct smb_ctx ctx;        /* the key; padding zeroed */
	uint32_t id;
};

struct rpc_context {
	struct map_node node;
	struct rpc_ctx ctx;        /* the key; padding zeroed */
	uint32_t id;
};

static text_id state_text(struct track *t, const char *text, uint32_t len)
{
	struct ev_text ev = { .text = ++t->next.text, .len = len };

	t->events->put(t->events, EV_TEXT, &ev, sizeof(ev), text, len);
	return ev.text;
}

text_id intern(struct track *t, const char *text, uint32_t len)
{
	uint32_t hash;
	struct string *s;

	if (!t->events)
		return 1;          /* nobody keeps rows: any number but NULL's will do */
	hash = map_hash(text, len);
	s = map_find(&t->strings, &hash);
	if (s && s->len == len && memcmp(s->text, text, len) == 0) {
		map_touch(&t->strings, s);
		return s->id;
	}
	/* Two texts of one hash: the second is stated each time it comes; rare, and never wrong. */
	if (s)
		return state_text(t, text, len);
	if (map_count(&t->strings) >= LIMIT_STRINGS) {
		struct string *old = map_oldest(&t->strings);

		map_remove(&t->strings, old);
		free(old);
	}
	s = xmalloc(sizeof(*s) + len);
	*s = (struct string){ .hash = hash, .id = state_text(t, text, len), .len = len };
	memcpy(s->text, text, len);
	map_insert(&t->strings, s);
	return s->id;
}

text_id intern_z(struct track *t, const char *text)
{
	return text ? intern(t, text, (uint32_t)strlen(text)) : 0;
}

uint32_t text_of(const struct smb_text *w, char *out)
{
	size_t n = w->unicode ? text_utf16(out, LIMIT_TEXT, w->bytes, TEXT_RAW, NULL)
	                      : text_oem(out, LIMIT_TEXT, w->bytes, TEXT_RAW);

	return (uint32_t)(n < LIMIT_TEXT ? n : strlen(out));
}

text_id intern_wire(struct track *t, const struct smb_text *w)
{
	char out[LIMIT_TEXT];

	return w->there && t->events ? intern(t, out, text_of(w, out)) : 0;
}

text_id intern_hex(struct track *t, struct span s)
{
	char out[2 * 1024 + 1];

	if (!s.p)
		return 0;
	s.len = min_u32(s.len, 1024);
	text_hex(out, sizeof(out), s);
	return intern_z(t, out);
}

text_id intern_guid(struct track *t, struct span s)
{
	char out[40];

	if (s.len != 16)
		return 0;
	text_guid(out, sizeof(out), s.p);
	return intern_z(t, out);
}

text_id intern_addr(struct track *t, const struct addr *a)
{
	char out[46];

	addr_text(a, out);
	return intern_z(t, out);
}

uint32_t intern_ctx(struct track *t, const struct smb_ctx *ctx)
{
	struct smb_ctx key;
	struct context *c;
	struct ev_context ev;

	if (!t->events)
		return 0;
	memset(&key, 0, sizeof(key));
#define CTX(member, type, meaning) key.member = ctx->member;
#include "ctx.def"
#undef CTX
	c = map_find(&t->contexts, &key);
	if (c) {
		map_touch(&t->contexts, c);
		return c->id;
	}
	if (map_count(&t->contexts) >= LIMIT_CONTEXTS) {
		c = map_oldest(&t->contexts);
		map_remove(&t->contexts, c);
		free(c);
	}
	c = xcalloc(1, sizeof(*c));
	memcpy(&c->ctx, &key, sizeof(key));
	c->id = ++t->next.context;
	map_insert(&t->contexts, c);
	memset(&ev, 0, sizeof(ev));
	ev.context = c->id;
	memcpy(&ev.ctx, &key, sizeof(key));
	t->events->put(t->events, EV_CONTEXT, &ev, sizeof(ev), NULL, 0);
	return c->id;
}

uint32_t intern_rpc_ctx(struct track *t, const struct rpc_ctx *ctx)
{
	struct ev_rpc_context ev;
	struct rpc_context *c;
	struct rpc_ctx key;

	if (!t->events || (!ctx->known && !ctx->asked))
		return 0;
	memset(&key, 0, sizeof(key));
	memcpy(key.uuid, ctx->uuid, sizeof(key.uuid));
	key.version = ctx->version;
	key.opnum = ctx->opnum;
	key.level = ctx->level;
	key.known = ctx->known;
	key.asked = ctx->asked;
	key.ndr64 = ctx->ndr64;
	c = map_find(&t->rpc_contexts, &key);
	if (c) {
		map_touch(&t->rpc_contexts, c);
		return c->id;
	}
	if (map_count(&t->rpc_contexts) >= LIMIT_CONTEXTS) {
		c = map_oldest(&t->rpc_contexts);
		map_remove(&t->rpc_contexts, c);
		free(c);
	}
	c = xcalloc(1, sizeof(*c));
	memcpy(&c->ctx, &key, sizeof(key));
	c->id = ++t->next.rpc_context;
	map_insert(&t->rpc_contexts, c);
	memset(&ev, 0, sizeof(ev));
	ev.rpc_context = c->id;
	memcpy(&ev.ctx, &key, sizeof(key));
	t->events->put(t->events, EV_RPC_CONTEXT, &ev, sizeof(ev), NULL, 0);
	return c->id;
}

void intern_init(struct track *t)
{
	map_init(&t->rpc_contexts, offsetof(struct rpc_context, ctx), sizeof(struct rpc_ctx));
	map_init(&t->strings, offsetof(struct string, hash), sizeof(uint32_t));
	map_init(&t->contexts, offsetof(struct context, ctx), sizeof(struct smb_ctx));
}

void intern_free(struct track *t)
{
	void *p;

	while ((p = map_oldest(&t->strings))) {
		map_remove(&t->strings, p);
		free(p);
	}
	while ((p = map_oldest(&t->contexts))) {
		map_remove(&t->contexts, p);
		free(p);
	}
	while ((p = map_oldest(&t->rpc_contexts))) {
		map_remove(&t->rpc_contexts, p);
		free(p);
	}
	map_free(&t->rpc_contexts);
	map_free(&t->strings);
	map_free(&t->contexts);
}

int64_t filetime_ns(uint64_t filetime)
{
	/* 1601 to 1970 in 100 ns; all bits set and the largest signed value mean "never" (MS-DTYP 2.3.3, MS-FSCC 2.1.1). */
	const int64_t epoch = 116444736000000000;

	if (filetime == 0 || filetime >= INT64_MAX - 1)
		return 0;
	if ((int64_t)filetime - epoch > INT64_MAX / 100 || (int64_t)filetime - epoch < INT64_MIN / 100)
		return 0;
	return ((int64_t)filetime - epoch) * 100;
}
