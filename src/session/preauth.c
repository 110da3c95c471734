/* The preauthentication integrity hash, which the keys of SMB 3.1.1 are derived from: SHA-512 over the exact bytes of
 * NEGOTIATE and SESSION_SETUP.  MS-SMB2 3.1.4.4.1, 3.2.5.2, 3.2.5.3, 3.3.5.4, 3.3.5.5.  A message of which a byte is
 * missing ends the chain: nobody knows the hash from there on.  It is followed in every dialect, as Wireshark shows it. */
#include "session/track_private.h"

#include <openssl/evp.h>

#include "base/text.h"

enum { STATUS_MORE_PROCESSING_REQUIRED = 0xC0000016 };

/* The new value is the hash of the old one and the message. */
static bool append(uint8_t hash[PREAUTH_HASH], const uint8_t *message, uint32_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha512(), NULL) && EVP_DigestUpdate(ctx, hash, PREAUTH_HASH) &&
	          EVP_DigestUpdate(ctx, message, len) && EVP_DigestFinal_ex(ctx, hash, NULL);

	EVP_MD_CTX_free(ctx);
	return ok;
}

static void follow(struct track *t, const struct smb_msg *m, struct preauth *a)
{
	const struct source *s = &t->run->sources[m->src];

	if (a->known)
		a->known = !s->n_holes && m->off <= s->have && m->len <= s->have - m->off &&
		           append(a->hash, s->bytes + m->off, m->len);
}

void track_preauth(struct dx_run *run, const struct smb_msg *m, const uint8_t *hash)
{
	struct dx d;

	if (!run->sink || !hash)
		return;
	d = dx_open(run, m->src, m->off, m->len);
	d_gen_bytes_at(&d, smb2_preauth_hash, ((struct span){ hash, PREAUTH_HASH }), m->off, m->len);
}

static void put(struct track *t, const struct smb_msg *m, const struct pending *p, const struct preauth *a)
{
	struct ev_preauth row = { .command = p->row.command, .response = m->response };
	char hex[2 * PREAUTH_HASH + 1];

	if (!a->known)
		return;
	if (t->events) {
		row.len = (uint32_t)text_hex(hex, sizeof(hex), (struct span){ a->hash, PREAUTH_HASH });
		t->events->put(t->events, EV_PREAUTH, &row, sizeof(row), hex, row.len);
	}
	track_preauth(t->run, m, a->hash);
}

void preauth_message(struct track *t, struct track_conn *c, const struct smb_msg *m, const struct pending *p)
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
	put(t, m, p, a);
}
