/* Security blobs: GSS-API framing, SPNEGO and what it carries.
 * RFC 2743 3.1, RFC 4178 4.2, MS-SPNG 2.2, MS-NEGOEX. */
#include "auth.h"
#include "base/limits.h"
#include "der.h"

enum { GSS_TOKEN = DER_APPLICATION(0), NEG_TOKEN_INIT = DER_CONTEXT(0), NEG_TOKEN_RESP = DER_CONTEXT(1) };

static const uint8_t oid_spnego[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };              /* 1.3.6.1.5.5.2 */
/* Kerberos: 1.2.840.113554.1.2.2, with .3 for user to user, and 1.2.840.48018.1.2.2 as Windows 2000 had it. */
static const uint8_t oid_krb5[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02 };
static const uint8_t oid_krb5_u2u[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03 };
static const uint8_t oid_iakerb[] = { 0x2b, 0x06, 0x01, 0x05, 0x02, 0x05 };              /* 1.3.6.1.5.2.5 */
static const uint8_t oid_krb5_ms[] = { 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02 };

static void blob(struct dx *d, struct smb_auth *auth, unsigned depth);

static bool is_krb5(struct span oid)
{
	return span_eq(oid, oid_krb5, sizeof(oid_krb5)) || span_eq(oid, oid_krb5_ms, sizeof(oid_krb5_ms)) ||
	       span_eq(oid, oid_krb5_u2u, sizeof(oid_krb5_u2u)) || span_eq(oid, oid_iakerb, sizeof(oid_iakerb));
}

/* The mechanism of a GSS-API token that starts at d: looked at, not read. */
static struct span framed_mech(const struct dx *d)
{
	struct dx look = *d, token, oid;
	struct dx_run *run = d->run;
	const uint32_t flags = run->flags;
	struct sink *sink = run->sink;
	const uint16_t note = run->note;
	struct span mech = { 0 };

	run->sink = NULL;
	if (der_open(&look, GSS_TOKEN, &token) && der_open(&token, DER_OID, &oid) && oid.end == oid.lim)
		mech = (struct span){ oid.bytes + oid.at, d_rest(&oid) };
	run->sink = sink;
	run->flags = flags;
	run->note = note;
	return mech;
}

/* A Kerberos token as Wireshark shows those inside SPNEGO. */
static void krb5_blob(struct dx *d, struct smb_auth *auth)
{
	struct dx token, oid;

	if (d_peek(d, U8) != GSS_TOKEN) {
		krb5_token(d, auth);
		return;
	}
	der_show(d, krb5_blob);
	if (!der_open(d, GSS_TOKEN, &token))
		return;
	if (der_open(&token, DER_OID, &oid))
		d_tail(&oid, krb5_oid);
	krb5_framed(&token, auth);
}

/* Whether d starts with a per-message token id of RFC 4121 4.2.6. */
static bool is_cfx(const struct dx *d)
{
	uint64_t id = d_peek(d, U16);

	return id == 0x0404 || id == 0x0405;
}

/* A mechanism's token inside SPNEGO.  Which mechanism it is of was agreed in messages before, but
 * each kind can be told by its start; those of others (NEGOEX) have been shown as bytes. */
static void mech_token(struct dx *d, struct smb_auth *auth, unsigned depth)
{
	if (ntlmssp_is(d) && d_rest(d) >= 8)
		ntlmssp_dissect(d, auth);
	else if (is_krb5(framed_mech(d)) || is_cfx(d))
		krb5_blob(d, auth);
	else if (d_peek(d, U8) == GSS_TOKEN || krb5_is(d))
		blob(d, auth, depth + 1);
}

/* mechListMIC: a signature made by the mechanism that was chosen. */
static void mech_list_mic(struct dx *outer, struct smb_auth *auth)
{
	struct dx mic;

	if (!der_open(outer, DER_OCTET_STRING, &mic))
		return;
	der_show(&mic, spnego_mic);
	if (ntlmssp_verifier(&mic))
		return;
	if (is_krb5(framed_mech(&mic)) || is_cfx(&mic))
		krb5_blob(&mic, auth);
}

/* MechTypeList, RFC 4178 4.1. */
static void mech_types(struct dx *outer, struct smb_auth *auth)
{
	const uint32_t start = outer->at;
	struct dx list, oid;
	unsigned tag;

	if (!der_open(outer, DER_SEQUENCE, &list))
		return;
	if (list.end == list.lim)
		auth->mech_types = (struct span){ list.bytes + start, list.lim - start };
	d_push(&list, spnego_mech_types);
	while (der_next(&list, &tag, &oid))
		if (tag == DER_OID)
			d_tail(&oid, spnego_mech_type);
	der_pop(&list);
}

/* NegHints, MS-SPNG 2.2.1. */
static void neg_hints(struct dx *hints)
{
	struct dx field, value;
	unsigned tag, kind;

	d_push(hints, spnego_neg_hints);
	while (der_next(hints, &tag, &field)) {
		if (!der_next(&field, &kind, &value))
			continue;
		if (tag == DER_CONTEXT(0))
			(void)d_some(&value, spnego_hint_name, d_rest(&value));
		else if (tag == DER_CONTEXT(1))
			(void)d_some(&value, spnego_hint_address, d_rest(&value));
	}
	der_pop(hints);
}

/* ContextFlags, a BIT STRING. */
static void req_flags(struct dx *outer)
{
	struct dx bits;

	if (der_open(outer, DER_BIT_STRING, &bits))
		d_tail(&bits, spnego_req_flags);
}

/* NegTokenInit (RFC 4178 4.2.1) and NegTokenInit2 (MS-SPNG 2.2.1), which has its hints where the
 * other has the MIC. */
static void neg_token_init(struct dx *d, struct smb_auth *auth, unsigned depth)
{
	struct dx seq, field, inner;
	unsigned tag;

	d_push(d, spnego_init);
	if (der_open(d, DER_SEQUENCE, &seq))
		while (der_next(&seq, &tag, &field)) {
			switch (tag) {
			case DER_CONTEXT(0):
				mech_types(&field, auth);
				break;
			case DER_CONTEXT(1):
				req_flags(&field);
				break;
			case DER_CONTEXT(2):
				if (!der_open(&field, DER_OCTET_STRING, &inner))
					break;
				der_show(&inner, spnego_mech_token);
				mech_token(&inner, auth, depth);
				break;
			case DER_CONTEXT(3):
				if (der_open(&field, DER_SEQUENCE, &inner))
					neg_hints(&inner);
				else
					mech_list_mic(&field, auth);
				break;
			case DER_CONTEXT(4):
				mech_list_mic(&field, auth);
				break;
			}
			d_tail(&field, undecoded);
		}
	der_pop(d);
}

/* NegTokenResp, RFC 4178 4.2.2; the RFC before it, and Wireshark, call it negTokenTarg. */
static void neg_token_resp(struct dx *d, struct smb_auth *auth, unsigned depth)
{
	struct dx seq, field, inner;
	unsigned tag;

	d_push(d, spnego_targ);
	if (der_open(d, DER_SEQUENCE, &seq))
		while (der_next(&seq, &tag, &field)) {
			switch (tag) {
			case DER_CONTEXT(0):
				if (der_open(&field, DER_ENUMERATED, &inner))
					auth->neg_state = (uint8_t)(der_uint(&inner, spnego_neg_result) + 1);
				break;
			case DER_CONTEXT(1):
				if (der_open(&field, DER_OID, &inner))
					d_tail(&inner, spnego_supported_mech);
				break;
			case DER_CONTEXT(2):
				if (!der_open(&field, DER_OCTET_STRING, &inner))
					break;
				der_show(&inner, spnego_response_token);
				mech_token(&inner, auth, depth);
				break;
			case DER_CONTEXT(3):
				mech_list_mic(&field, auth);
				break;
			}
			d_tail(&field, undecoded);
		}
	der_pop(d);
}

/* NegotiationToken, RFC 4178 4.2. */
static void negotiation_token(struct dx *d, struct smb_auth *auth, unsigned depth)
{
	struct dx token;
	unsigned tag;

	d_push(d, spnego);
	auth->raw = false;
	if (der_next(d, &tag, &token)) {
		if (tag == NEG_TOKEN_INIT)
			neg_token_init(&token, auth, depth);
		else if (tag == NEG_TOKEN_RESP)
			neg_token_resp(&token, auth, depth);
		else
			d_tail(&token, undecoded);
	}
	d_tail(d, undecoded);
	d_pop(d);
}

/* InitialContextToken, RFC 2743 3.1. */
static void gss_token(struct dx *d, struct smb_auth *auth, unsigned depth)
{
	struct dx token, oid;
	struct span mech = { 0 };

	d_push(d, gss_api);
	if (der_open(d, GSS_TOKEN, &token)) {
		if (der_open(&token, DER_OID, &oid))
			mech = d_some(&oid, gss_api_oid, d_rest(&oid));
		if (span_eq(mech, oid_spnego, sizeof(oid_spnego)))
			negotiation_token(&token, auth, depth);
		else if (is_krb5(mech))
			krb5_blob(&token, auth);
		d_tail(&token, undecoded);
	}
	d_pop(d);
}

static void blob(struct dx *d, struct smb_auth *auth, unsigned depth)
{
	if (depth > LIMIT_DEPTH) {
		d->run->flags |= DX_LIMIT;
		d_note(d, NOTE_limit);
	} else if (ntlmssp_is(d)) {
		ntlmssp_dissect(d, auth);
	} else {
		switch (d_peek(d, U8)) {
		case GSS_TOKEN:
			gss_token(d, auth, depth);
			break;
		case NEG_TOKEN_INIT:
		case NEG_TOKEN_RESP:
			d_push(d, gss_api);
			negotiation_token(d, auth, depth);
			d_pop(d);
			break;
		default:
			if (krb5_is(d))
				krb5_dissect(d, auth);
		}
	}
}

void spnego_dissect(struct dx *d, struct smb_msg *m)
{
	if (!d_rest(d))
		return;
	if (!m->auth)
		m->auth = arena_alloc(d->run->arena, sizeof(*m->auth));
	m->auth->raw = true;
	blob(d, m->auth, 0);
	if (d_rest(d))
		(void)d_some(d, undecoded, d_rest(d));
}
