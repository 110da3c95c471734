/* The preauthentication integrity hash, which the keys of SMB 3.1.1 are derived from: SHA-512 over the exact bytes of
 * NEGOTIATE and SESSION_SETUP.  MS-SMB2 3.1.4.4.1, 3.2.5.2, 3.2.5.3, 3.3.5.4, 3.3.5.5.  A message of which a byte is
 * missing ends the chain: nobody knows the hash from there on.  It is followed in every dialect, as Wireshark shows it. */
#include "session/track_private.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { STATUS_MORE_PROCESSING_REQUIRED = 0xC0000016 };

/* The new value is the hash of the old one and the message. */
static bool append(struct track *t, uint8_t hash[PREAUTH_HASH], const uint8_t *message, uint32_t len)
{
	const EVP_MD *fresh = t->sha512 ? NULL : EVP_sha512();

	if (!t->sha512)
		t->sha512 = EVP_MD_CTX_new();
	return t->sha512 && EVP_DigestInit_ex(t->sha512, fresh, NULL) && EVP_DigestUpdate(t->sha512, hash, PREAUTH_HASH) &&
	       EVP_DigestUpdate(t->sha512, message, len) && EVP_DigestFinal_ex(t->sha512, hash, NULL);
}

void preauth_end(struct track *t)
{
	EVP_MD_CTX_free(t->sha512);
}

static void follow(struct track *t, const struct smb_msg *m, struct preauth *a)
{
	const struct source *s = &t->run->sources[m->src];

	if (a->known)
		a->known = !s->n_holes && m->off <= s->have && m->len <= s->have - m->off &&
		           append(t, a->hash, s->bytes + m->off, m->len);
}

void track_preauth(struct dx_run *run, const struct smb_msg *m, const uint8_t *hash)
{
	struct dx d;

	if (!run->sink || !hash)
		return;
	d = dx_open(run, m->src, m->off, m->len);
	d_gen_bytes_at(&d, smb2_preauth_hash, ((struct span){ hash, PREAUTH_HASH }), m->off, m->len);
}

void preauth_message(struct track *t, struct track_conn *c, const struct smb_msg *m, struct pending *p)
{
	struct preauth *a = &c->preauth;

	if (m->protocol != 2 || (m->op != OP_NEGOTIATE && m->op != OP_SESSION_SETUP))
		return;
	if (m->op == OP_SESSION_SETUP && !p->session)
		return;
	if (m->op == OP_SESSION_SETUP)
		a = &p->session->preauth;
	else if (!m->response)
		*a = (struct preauth){ .known = true };
	/* The answer that ends a logon is signed with what came of all before it. */
	if (!m->response || m->op == OP_NEGOTIATE || m->status == STATUS_MORE_PROCESSING_REQUIRED)
		follow(t, m, a);
	if (!a->known)
		return;
	if (t->events) {
		if (!p->preauth)
			p->preauth = xcalloc(1, sizeof(*p->preauth));
		memcpy(p->preauth->hash[m->response], a->hash, PREAUTH_HASH);
		p->preauth->known[m->response] = true;
	}
	track_preauth(t->run, m, a->hash);
}

void preauth_put(struct track *t, const struct pending *p)
{
	struct ev_preauth row = { .command = p->row.command };
	const struct preauth_pair *a = p->preauth;

	if (!a)
		return;
	row.known = a->known[0] | a->known[1] << 1;
	t->events->put(t->events, EV_PREAUTH, &row, sizeof(row), a->hash, sizeof(a->hash));
}
