/* Kerberos tokens and the messages in them, as far as they are in the clear.
 * RFC 1964 1.2, RFC 4121 4.1 and 4.2, RFC 4120 5.2, 5.3, 5.5 and 5.9. */
#include "auth.h"

#include "base/text.h"
#include "der.h"

enum { AP_REQ = DER_APPLICATION(14), AP_REP = DER_APPLICATION(15), KRB_ERROR = DER_APPLICATION(30),
       TICKET = DER_APPLICATION(1) };
/* Token ids, as little-endian numbers. */
enum { TOK_GET_MIC = 0x0101, TOK_WRAP = 0x0102, TOK_CFX_GET_MIC = 0x0404, TOK_CFX_WRAP = 0x0405 };

/* An element around a single INTEGER, shown as the field id. */
#define INTEGER(outer, id) do { \
	struct dx value_; \
	if (der_open((outer), DER_INTEGER, &value_)) \
		(void)der_uint(&value_, id); \
} while (0)

/* An element around a single string of any kind. */
#define TEXT(outer, id) do { \
	struct dx value_; \
	unsigned tag_; \
	if (der_next((outer), &tag_, &value_)) \
		(void)d_some(&value_, id, d_rest(&value_)); \
} while (0)

/* Opens the SEQUENCE inside an explicitly tagged element. */
static bool sequence(struct dx *outer, struct dx *seq)
{
	return der_open(outer, DER_SEQUENCE, seq);
}

/* Room in the arena for text that n bytes of the wire become: a byte that is no UTF-8 becomes three. */
static struct text_out arena_out(struct dx_run *run, uint32_t n)
{
	return text_begin(arena_alloc(run->arena, 3 * (size_t)n + 1), 3 * (size_t)n + 1);
}

static struct span finished(struct text_out *o)
{
	uint32_t len = (uint32_t)text_end(o);

	return (struct span){ (const uint8_t *)o->out, len };
}

/* PrincipalName, RFC 4120 5.2.2, of a service; returns its parts joined by '/'. */
static struct span service_name(struct dx *outer)
{
	struct text_out name = { 0 };
	struct dx seq, part, string;
	unsigned tag;

	d_push(outer, kerberos_sname);
	if (sequence(outer, &seq)) {
		if (der_open(&seq, DER_CONTEXT(0), &part))
			INTEGER(&part, kerberos_name_type);
		if (der_open(&seq, DER_CONTEXT(1), &part) && sequence(&part, &seq)) {
			/* Each part's two octets of framing leave room for its '/'. */
			name = arena_out(outer->run, d_rest(&seq));
			d_push(&seq, kerberos_sname_string);
			while (der_next(&seq, &tag, &string)) {
				struct span s = d_some(&string, kerberos_sname_part, d_rest(&string));

				if (name.len)
					text_put(&name, "/", 1);
				text_add_utf8(&name, s.p, s.len, TEXT_RAW);
			}
			der_pop(&seq);
		}
	}
	der_pop(outer);
	return name.out ? finished(&name) : (struct span){ 0 };
}

/* PrincipalName of a client. */
static void client_name(struct dx *outer)
{
	struct dx seq, part;
	unsigned tag;

	d_push(outer, kerberos_cname);
	if (sequence(outer, &seq)) {
		if (der_open(&seq, DER_CONTEXT(0), &part))
			INTEGER(&part, kerberos_name_type);
		if (der_open(&seq, DER_CONTEXT(1), &part) && sequence(&part, &seq)) {
			d_push(&seq, kerberos_cname_string);
			while (der_next(&seq, &tag, &part))
				(void)d_some(&part, kerberos_cname_part, d_rest(&part));
			der_pop(&seq);
		}
	}
	der_pop(outer);
}

static struct span realm(struct dx *outer)
{
	struct dx string;
	struct text_out o;
	struct span s;
	unsigned tag;

	if (!der_next(outer, &tag, &string))
		return (struct span){ 0 };
	s = d_some(&string, kerberos_realm, d_rest(&string));
	o = arena_out(outer->run, s.len);
	text_add_utf8(&o, s.p, s.len, TEXT_RAW);
	return finished(&o);
}

/* EncryptedData, RFC 4120 5.2.9. */
static void encrypted(struct dx *outer)
{
	struct dx seq, field;
	unsigned tag;

	if (!sequence(outer, &seq))
		return;
	while (der_next(&seq, &tag, &field)) {
		switch (tag) {
		case DER_CONTEXT(0): INTEGER(&field, kerberos_etype); break;
		case DER_CONTEXT(1): INTEGER(&field, kerberos_kvno); break;
		case DER_CONTEXT(2): TEXT(&field, kerberos_cipher); break;
		}
	}
}

static void enc_part(struct dx *outer)
{
	d_push(outer, kerberos_enc_part);
	encrypted(outer);
	der_pop(outer);
}

/* Ticket, RFC 4120 5.3; outer is the element around it. */
static void ticket(struct dx *outer, struct smb_auth *auth)
{
	struct dx tkt, seq, field;
	unsigned tag;

	d_push(outer, kerberos_ticket);
	if (der_open(outer, TICKET, &tkt) && sequence(&tkt, &seq))
		while (der_next(&seq, &tag, &field)) {
			switch (tag) {
			case DER_CONTEXT(0): INTEGER(&field, kerberos_tkt_vno); break;
			case DER_CONTEXT(1): auth->realm = realm(&field); break;
			case DER_CONTEXT(2): auth->spn = service_name(&field); break;
			case DER_CONTEXT(3): enc_part(&field); break;
			}
		}
	der_pop(outer);
}

/* APOptions: a BIT STRING of 32 bits behind the count of unused ones. */
static void ap_options(struct dx *outer)
{
	struct dx bits;

	if (!der_open(outer, DER_BIT_STRING, &bits) || d_rest(&bits) != 5)
		return;
	d_bytes(&bits, kerberos_ap_unused, 1);
	d_get(&bits, kerberos_ap_options);
}

static void ap_req(struct dx *seq, struct smb_auth *auth)
{
	struct dx field;
	unsigned tag;

	while (der_next(seq, &tag, &field)) {
		switch (tag) {
		case DER_CONTEXT(0): INTEGER(&field, kerberos_pvno); break;
		case DER_CONTEXT(1): INTEGER(&field, kerberos_msg_type); break;
		case DER_CONTEXT(2): ap_options(&field); break;
		case DER_CONTEXT(3): ticket(&field, auth); break;
		case DER_CONTEXT(4):
			d_push(&field, kerberos_authenticator);
			encrypted(&field);
			der_pop(&field);
			break;
		}
	}
}

static void ap_rep(struct dx *seq)
{
	struct dx field;
	unsigned tag;

	while (der_next(seq, &tag, &field)) {
		switch (tag) {
		case DER_CONTEXT(0): INTEGER(&field, kerberos_pvno); break;
		case DER_CONTEXT(1): INTEGER(&field, kerberos_msg_type); break;
		case DER_CONTEXT(2): enc_part(&field); break;
		}
	}
}

/* KRB-ERROR: its realm and service are the ones the client's ticket was for. */
static void krb_error(struct dx *seq, struct smb_auth *auth)
{
	struct dx field;
	unsigned tag;

	while (der_next(seq, &tag, &field)) {
		switch (tag) {
		case DER_CONTEXT(0):  INTEGER(&field, kerberos_pvno); break;
		case DER_CONTEXT(1):  INTEGER(&field, kerberos_msg_type); break;
		case DER_CONTEXT(2):  TEXT(&field, kerberos_ctime); break;
		case DER_CONTEXT(3):  INTEGER(&field, kerberos_cusec); break;
		case DER_CONTEXT(4):  TEXT(&field, kerberos_stime); break;
		case DER_CONTEXT(5):  INTEGER(&field, kerberos_susec); break;
		case DER_CONTEXT(6):  INTEGER(&field, kerberos_error_code); break;
		case DER_CONTEXT(7):  TEXT(&field, kerberos_crealm); break;
		case DER_CONTEXT(8):  client_name(&field); break;
		case DER_CONTEXT(9):  auth->realm = realm(&field); break;
		case DER_CONTEXT(10): auth->spn = service_name(&field); break;
		case DER_CONTEXT(11): TEXT(&field, kerberos_e_text); break;
		case DER_CONTEXT(12): TEXT(&field, kerberos_e_data); break;
		}
	}
}

bool krb5_is(const struct dx *d)
{
	uint64_t tag = d_peek(d, U8);

	return tag == AP_REQ || tag == AP_REP || tag == KRB_ERROR;
}

void krb5_dissect(struct dx *d, struct smb_auth *auth)
{
	struct dx msg, seq;
	unsigned tag;

	auth->mech = MECH_KERBEROS;
	d_push(d, kerberos);
	if (der_next(d, &tag, &msg)) {
		switch (tag) {
		case AP_REQ:    d_push(&msg, kerberos_ap_req); break;
		case AP_REP:    d_push(&msg, kerberos_ap_rep); break;
		default:        d_push(&msg, kerberos_error); break;
		}
		if (sequence(&msg, &seq)) {
			switch (tag) {
			case AP_REQ:    ap_req(&seq, auth); break;
			case AP_REP:    ap_rep(&seq); break;
			case KRB_ERROR: krb_error(&seq, auth); break;
			}
		}
		der_pop(&msg);
	}
	d_pop(d);
}

/* A signature or a wrapping of RFC 1964 1.2.1 and 1.2.2. */
static void old_signature(struct dx *d, bool wrap)
{
	d_get(d, krb5_sgn_alg);
	if (wrap)
		d_get(d, krb5_seal_alg);
	d_bytes(d, krb5_filler, wrap ? 2 : 4);
	d_bytes(d, krb5_snd_seq, 8);
	d_bytes(d, krb5_sgn_cksum, 8);
	if (wrap)
		d_bytes(d, krb5_confounder, 8);
}

/* One of RFC 4121 4.2.6. */
static void new_signature(struct dx *d, bool wrap)
{
	d_get(d, krb5_cfx_flags);
	d_bytes(d, krb5_filler, wrap ? 1 : 5);
	if (wrap) {
		d_get(d, krb5_cfx_ec);
		d_get(d, krb5_cfx_rrc);
	}
	d_get(d, krb5_cfx_seq);
	d_tail(d, krb5_sgn_cksum);
}

void krb5_framed(struct dx *d, struct smb_auth *auth)
{
	unsigned id = (unsigned)d_get(d, krb5_tok_id);

	auth->mech = MECH_KERBEROS;
	switch (id) {
	case TOK_GET_MIC:
	case TOK_WRAP:
		old_signature(d, id == TOK_WRAP);
		break;
	case TOK_CFX_GET_MIC:
	case TOK_CFX_WRAP:
		new_signature(d, id == TOK_CFX_WRAP);
		break;
	default:
		if (krb5_is(d))
			krb5_dissect(d, auth);
	}
	d_tail(d, undecoded);
}

void krb5_token(struct dx *d, struct smb_auth *auth)
{
	der_show(d, krb5_blob);
	krb5_framed(d, auth);
}
