/* What is computed from several messages, or from a connection's addresses. */
#include "session/track_private.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/limits.h"

enum { SMB2_CREATE = 5, SMB_COM_TRANSACTION = 0x25, SMB_COM_TREE_CONNECT = 0x70, SMB_COM_TREE_CONNECT_ANDX = 0x75,
       SMB_COM_NT_CREATE_ANDX = 0xa2 };
enum { STATUS_BUFFER_OVERFLOW = 0x80000005 };
/* From the header: WordCount and 14 words stand before them. */
enum { SETUP_WORDS = 32 + 1 + 28 };

void track_generated(struct dx_run *run, unsigned protocol, uint32_t request_frame, int64_t since_ns)
{
	if (!run->sink)
		return;
	if (protocol == 2) {
		d_gen(run, smb2_response_to, request_frame);
		d_gen(run, smb2_time, (uint64_t)since_ns);
	} else {
		d_gen(run, smb1_response_to, request_frame);
		d_gen(run, smb1_time, (uint64_t)since_ns);
	}
}

static void text(struct dx_run *run, enum field_id id, const char *s)
{
	if (s)
		dx_gen_text(run, id, s);
}

/* What was asked of an open, on the bytes at off, where Wireshark has it.  In the terms of NT_CREATE_ANDX, whichever command
 * asked: what the modes of the older ones come to (smb1_open.c; MS-CIFS 2.2.4.41.1). */
static void opened(struct dx_run *run, const struct smb_msg *m, const struct known_open *o, uint32_t off)
{
	struct dx d = dx_open(run, m->src, off, 4);

	d_push(&d, smb1_opened);
	if (o->opened_in)
		d_gen(run, smb1_opened_in, o->opened_in);
	if (m->op == OP_CLOSE)
		d_gen(run, smb1_closed_in, o->asked_in);
	text(run, F_smb1_opened_file, o->file);
	d_gen_at(&d, smb1_create_flags, o->flags, off, 4);
	d_gen_at(&d, access_mask, o->access, off, 4);
	d_gen_at(&d, smb1_file_attribute32, o->attributes, off, 4);
	d_gen_at(&d, share_access, o->share, off, 4);
	d_gen_at(&d, create_options, o->options, off, 4);
	d_gen(run, smb1_create_disposition, o->disposition);
	d_pop(&d);
}

/* TRANSACTION by a pipe's FID: the pipe is a layer of its own, whose bytes are the setup words of a request (MS-CIFS
 * 2.2.4.33.1) and what the pipe answered. */
static bool of_pipe(const struct smb_msg *m)
{
	return m->command == SMB_COM_TRANSACTION && m->asked.has_fid && (!m->status || m->status == STATUS_BUFFER_OVERFLOW);
}

static uint32_t pipe_at(const struct dx_run *run, const struct smb_msg *m)
{
	if (!m->response)
		return run->header + SETUP_WORDS;
	return m->u.rw.payload.len ? m->u.rw.payload.off : run->header;
}

static void smb1_named(struct dx_run *run, const struct smb_msg *m, const struct known_names *k)
{
	struct dx d;

	text(run, F_smb1_mapped_path, k->tree);
	if (k->tcon_frame)
		d_gen(run, smb1_mapped_in, k->tcon_frame);
	/* Of a transaction in several messages the one that names the open, or completes what does. */
	if (k->open.known && (m->response || (m->fid.known && !of_pipe(m))))
		opened(run, m, &k->open, run->header);
	if (!of_pipe(m))
		return;
	d = dx_open(run, m->src, pipe_at(run, m), 4);
	d_push(&d, smb1_pipe);
	if (m->response) {
		d_gen(run, smb1_pipe_function, m->asked.sub);
		d_gen(run, smb1_fid, m->asked.fid);
	}
	if (k->open.known)
		opened(run, m, &k->open, pipe_at(run, m));
	d_pop(&d);
}

void track_named(struct dx_run *run, const struct smb_msg *m, const struct known_names *k)
{
	if (!run->sink)
		return;
	if (m->protocol == 1) {
		smb1_named(run, m, k);
		return;
	}
	text(run, F_smb2_acct, k->user);
	text(run, F_smb2_domain, k->domain);
	text(run, F_smb2_host, k->workstation);
	if (k->auth_frame)
		d_gen(run, smb2_auth_frame, k->auth_frame);
	text(run, F_smb2_tree, k->tree);
	if (k->share_type)
		d_gen(run, smb2_tree_type, k->share_type);
	if (k->tcon_frame)
		d_gen(run, smb2_tcon_frame, k->tcon_frame);
	if (k->path && *k->path)
		d_gen_text(run, smb2_path, k->path);
	if (k->open.known)
		d_gen(run, smb2_opened_in, k->open.opened_in);
	if (k->open.known && m->op == OP_CLOSE)
		d_gen(run, smb2_closed_in, k->open.asked_in);
}

static char *utf8(const struct smb_text *w)
{
	char out[LIMIT_TEXT], *copy;
	uint32_t n;

	n = w->there && w->bytes.len ? text_of(w, out) : 0;
	copy = xcalloc(1, n + 1);
	return memcpy(copy, out, n);
}

struct track_account *account_new(const struct smb_auth *named)
{
	struct track_account *a = xcalloc(1, sizeof(*a));

	a->refs = 1;
	if (!named)
		return a;
	a->user = utf8(&named->user);
	a->domain = utf8(&named->domain);
	a->workstation = utf8(&named->workstation);
	return a;
}

struct track_account *account_ref(struct track_account *a)
{
	if (a)
		a->refs++;
	return a;
}

void account_unref(struct track_account *a)
{
	if (!a || --a->refs)
		return;
	free(a->user);
	free(a->domain);
	free(a->workstation);
	free(a);
}

void asked_as(struct pending *p)
{
	p->account = p->session ? account_ref(session_main(p->session)->account) : NULL;
}

/* In the run's arena: what is told outlives the session that a LOGOFF ends. */
static const char *kept(struct track *t, const char *s)
{
	size_t n = s ? strlen(s) + 1 : 0;

	return s ? memcpy(arena_alloc(t->run->arena, n), s, n) : NULL;
}

static void account_names(struct track *t, const struct track_account *a, struct known_names *k)
{
	k->user = kept(t, a->user);
	k->domain = kept(t, a->domain);
	k->workstation = kept(t, a->workstation);
	k->auth_frame = a->frame;
}

void names_of_session(struct track *t, const struct smb_msg *m, struct track_session *s)
{
	struct known_names k = { 0 };

	if (!t->run->sink || !session_main(s)->account)
		return;
	account_names(t, session_main(s)->account, &k);
	track_named(t->run, m, &k);
}

/* What was asked of the open that a message is about: once it was answered, and to the answer itself; where that is a
 * refusal, to NT_CREATE_ANDX's, whose parameters these are.  Of SMB2 its frames alone. */
static void open_names(struct track *t, const struct smb_msg *m, const struct pending *p, struct known_open *k)
{
	const struct ev_open *o = &p->open->row;
	bool before = o->known_command && o->known_command < p->row.command;
	bool mine = m->response && o->opened_by == p->row.command && (o->known_command || p->command == SMB_COM_NT_CREATE_ANDX);

	if ((o->access == EV_NULL && m->protocol == 1) || !(before || mine))
		return;
	k->known = true;
	k->opened_in = o->known_command ? o->known_frame : 0;
	k->asked_in = p->row.request_frame;
	if (m->protocol == 2)
		return;
	if (p->open->opened)
		k->file = o->rooted ? arena_text(t->run->arena, "\\%s", p->open->opened) : kept(t, p->open->opened);
	k->flags = o->flags;
	k->access = (uint32_t)o->access;
	k->attributes = o->attributes;
	k->share = o->share_access;
	k->disposition = (uint32_t)o->disposition;
	k->options = (uint32_t)o->options;
}

/* The answer to SMB1's TREE_CONNECT and TREE_CONNECT_ANDX, which makes the share known, or not. */
static bool connects(const struct smb_msg *m)
{
	return m->response && m->protocol == 1 &&
	       (m->command == SMB_COM_TREE_CONNECT || m->command == SMB_COM_TREE_CONNECT_ANDX);
}

/* The same facts as the store's (store_known): by the numbers of commands, as times may tie and run backwards. */
void names_of(struct track *t, const struct smb_msg *m, const struct pending *p)
{
	bool response = m->response;
	const struct track_account *a = response && p->decided ? p->decided : p->account;
	struct known_names k = { 0 };

	if (!t->run->sink)
		return;
	if (a)
		account_names(t, a, &k);
	/* The answer that proves it: where the proof stood. */
	if (a && a == p->decided)
		k.auth_frame = a->user && !p->row.status ? p->row.request_frame : 0;
	if (p->tree && (connects(m) || (p->tree->row.known_command && p->tree->row.known_command < p->row.command))) {
		k.tree = kept(t, p->tree->path);
		k.share_type = p->tree->share_type;
		k.tcon_frame = p->tree->row.known_frame;
	}
	if (p->open && (response || p->command != SMB2_CREATE))
		k.path = kept(t, p->open->opened);
	if (p->open)
		open_names(t, m, p, &k.open);
	track_named(t->run, m, &k);
}

/* An address as the hash wants it: 4 or 16 bytes. */
static uint32_t put_addr(uint8_t *out, const struct addr *a)
{
	bool v4 = addr_is_v4(a);

	memcpy(out, v4 ? a->bytes + 12 : a->bytes, v4 ? 4 : 16);
	return v4 ? 4 : 16;
}

void community_id(const struct tcp_flow *f, char out[40])
{
	const struct addr *a = &f->client, *b = &f->server;
	uint16_t pa = f->client_port, pb = f->server_port, be;
	uint8_t in[64] = { 0 }, hash[EVP_MAX_MD_SIZE];
	uint32_t n = 2;          /* the seed, 0 */
	int order = memcmp(a->bytes, b->bytes, 16);

	if (order > 0 || (order == 0 && pa > pb)) {
		a = &f->server;
		b = &f->client;
		pa = f->server_port;
		pb = f->client_port;
	}
	n += put_addr(in + n, a);
	n += put_addr(in + n, b);
	in[n++] = IPPROTO_TCP;
	in[n++] = 0;
	be = htons(pa);
	memcpy(in + n, &be, 2);
	be = htons(pb);
	memcpy(in + n + 2, &be, 2);
	EVP_Digest(in, n + 4, hash, NULL, EVP_sha1(), NULL);
	memcpy(out, "1:", 2);
	EVP_EncodeBlock((uint8_t *)out + 2, hash, 20);
}
