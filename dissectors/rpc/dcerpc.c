/* DCE/RPC connection-oriented PDUs.  C706 12.6, MS-RPCE 2.2.2. */
#include "dcerpc.h"

#include "auth/auth.h"

enum { PDU_REQUEST = 0, PDU_RESPONSE = 2, PDU_FAULT = 3, PDU_BIND = 11, PDU_BIND_ACK = 12, PDU_BIND_NAK = 13,
       PDU_ALTER = 14, PDU_ALTER_RESP = 15, PDU_AUTH3 = 16, PDU_SHUTDOWN = 17, PDU_CANCEL = 18, PDU_ORPHANED = 19,
       PDU_LAST = 20 };
enum { PFC_OBJECT_UUID = 0x80 };
enum { AUTH_TRAILER = 8, LEVEL_PRIVACY = 6 };
enum { AUTH_SPNEGO = 9, AUTH_NTLM = 10, AUTH_KERBEROS = 16 };
enum { RESULT_ACCEPTANCE = 0, RESULT_NEGOTIATE_ACK = 3 };

/* What of a PDU decides how its other parts are read. */
struct pdu_head {
	uint8_t type, flags;
	uint8_t auth_level, auth_pad;
	uint16_t auth_len;
	bool be;
};

/* The next integer, in the PDU's byte order. */
#define get(d, h, id)        ((h)->be ? d_get((d), id##_be) : d_get((d), id))
#define get_bytes(d, h, id, n) ((h)->be ? d_bytes((d), id##_be, (n)) : d_bytes((d), id, (n)))

uint32_t dcerpc_frag_len(const uint8_t *p, uint32_t have)
{
	uint32_t len;

	/* Versions 5.0 and 5.1; integers little- or big-endian, text ASCII or EBCDIC (C706 14.1). */
	if ((have > 0 && p[0] != 5) || (have > 1 && p[1] > 1) || (have > 2 && p[2] > PDU_LAST) ||
	    (have > 4 && (p[4] & ~0x11)) || (have > 5 && p[5] > 3))
		return 0;
	if (have < 10)
		return UINT32_MAX;
	len = p[4] & 0x10 ? (uint32_t)dx_load(p + 8, FT_U16) : (uint32_t)dx_load(p + 8, FT_U16BE);
	return len < DCERPC_HEADER ? 0 : len;
}

/* Data representation, C706 14.1: the first byte is byte order and character set, four bits each.  As in Wireshark
 * both are shown as that whole byte with a value of their own, which no field line can say: they are told by hand. */
static void drep(struct dx *d, struct pdu_head *h)
{
	const uint8_t *p;

	d_push(d, rpc_drep);
	p = dx_take(d, 1);
	if (p) {
		h->be = !(*p & 0xf0);
		if (d->run->sink) {
			dx_emit(d, F_rpc_byteorder, p, d->at - 1, 1, *p >> 4);
			dx_emit(d, F_rpc_character, p, d->at - 1, 1, *p & 0xf);
		}
	}
	d_get(d, rpc_float);
	d_bytes(d, rpc_reserved, 2);
	d_pop(d);
}

/* C706 12.6.3.1 */
static void header(struct dx *d, struct pdu_head *h)
{
	d_get(d, rpc_ver);
	d_get(d, rpc_ver_minor);
	h->type = (uint8_t)d_get(d, rpc_type);
	h->flags = (uint8_t)d_get(d, rpc_flags);
	drep(d, h);
	/* The bytes were gathered by this length; what is shorter was cut. */
	if ((uint32_t)get(d, h, rpc_frag_len) > d->lim - d->base && !d->run->flags) {
		d->run->flags |= DX_MALFORMED;
		d_note(d, NOTE_malformed);
	}
	h->auth_len = (uint16_t)get(d, h, rpc_auth_len);
	(void)get(d, h, rpc_call_id);
}

/* The bind time features stand in what looks like a transfer syntax (MS-RPCE 3.3.1.5.3); d is behind the UUID.  They are
 * in that part of it which is bytes, so their order is the same whatever the PDU's (rpc_bind.pcap has such binds). */
static void bind_time_features(const struct dx *d, const struct pdu_head *h, struct span uuid)
{
	static const uint8_t prefix[] = { 0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45 };
	static const uint8_t prefix_be[] = { 0x6c, 0xb7, 0x1c, 0x2c, 0x98, 0x12, 0x45, 0x40 };
	struct dx features;

	if (uuid.len != 16 || memcmp(uuid.p, h->be ? prefix_be : prefix, 8) != 0)
		return;
	if (d_sub(d, d->at - 8 - d->base, 2, &features))
		d_get(&features, rpc_btfn);
}

/* p_cont_elem_t, C706 12.6.3.1 */
static void context_item(struct dx *d, const struct pdu_head *h)
{
	uint32_t n;

	d_push(d, rpc_item);
	(void)get(d, h, rpc_ctx_id);
	n = (uint32_t)d_get(d, rpc_num_trans);
	d_bytes(d, rpc_reserved, 1);
	d_push(d, rpc_abstract);
	get_bytes(d, h, rpc_if_uuid, 16);
	(void)get(d, h, rpc_if_ver);
	(void)get(d, h, rpc_if_minor);
	d_pop(d);
	for (; n && d_rest(d); n--) {
		d_push(d, rpc_trans);
		bind_time_features(d, h, get_bytes(d, h, rpc_trans_id, 16));
		(void)get(d, h, rpc_trans_ver);
		d_pop(d);
	}
	d_pop(d);
}

/* bind and alter_context, C706 12.6.4.3, 12.6.4.1 */
static void bind(struct dx *d, const struct pdu_head *h)
{
	uint32_t n;

	(void)get(d, h, rpc_max_xmit);
	(void)get(d, h, rpc_max_recv);
	(void)get(d, h, rpc_assoc_group);
	n = (uint32_t)d_get(d, rpc_num_items);
	d_bytes(d, rpc_reserved, 3);
	for (; n && d_rest(d); n--)
		context_item(d, h);
}

/* p_result_t, C706 12.6.3.1; negotiate_ack, MS-RPCE 2.2.2.4 */
static void result(struct dx *d, const struct pdu_head *h)
{
	uint32_t outcome;

	d_push(d, rpc_result);
	outcome = (uint32_t)get(d, h, rpc_ack_result);
	if (outcome == RESULT_ACCEPTANCE)
		d_bytes(d, rpc_reserved, 2);           /* a reason has no meaning then */
	else if (outcome == RESULT_NEGOTIATE_ACK)
		(void)get(d, h, rpc_btfn);
	else
		(void)get(d, h, rpc_ack_reason);
	get_bytes(d, h, rpc_ack_id, 16);
	(void)get(d, h, rpc_ack_ver);
	d_pop(d);
}

/* bind_ack and alter_context_resp, C706 12.6.4.4, 12.6.4.2 */
static void bind_ack(struct dx *d, const struct pdu_head *h)
{
	uint32_t n;

	(void)get(d, h, rpc_max_xmit);
	(void)get(d, h, rpc_max_recv);
	(void)get(d, h, rpc_assoc_group);
	n = (uint32_t)get(d, h, rpc_sec_addr_len);
	d_bytes(d, rpc_sec_addr, n);
	d_align(d, 4);
	n = (uint32_t)d_get(d, rpc_num_results);
	d_bytes(d, rpc_reserved, 3);
	for (; n && d_rest(d); n--)
		result(d, h);
}

/* C706 12.6.4.5: the versions that the server has. */
static void bind_nak(struct dx *d, const struct pdu_head *h)
{
	uint32_t n;

	(void)get(d, h, rpc_reject);
	if (!d_rest(d))
		return;
	n = (uint32_t)d_get(d, rpc_num_protocols);
	for (; n && d_rest(d); n--) {
		d_get(d, rpc_protocol_major);
		d_get(d, rpc_protocol_minor);
	}
}

static void stub(struct dx *d, const struct pdu_head *h)
{
	if (!d_rest(d))
		return;
	if (h->auth_len && h->auth_level == LEVEL_PRIVACY) {
		d_note(d, NOTE_encrypted);
		(void)d_some(d, rpc_sealed_stub, d_rest(d));
	} else {
		(void)d_some(d, rpc_stub, d_rest(d));
	}
}

/* C706 12.6.4.9 */
static void request(struct dx *d, const struct pdu_head *h)
{
	(void)get(d, h, rpc_alloc_hint);
	(void)get(d, h, rpc_ctx_id);
	(void)get(d, h, rpc_opnum);
	if (h->flags & PFC_OBJECT_UUID)
		get_bytes(d, h, rpc_object, 16);
	stub(d, h);
}

/* C706 12.6.4.10 */
static void response(struct dx *d, const struct pdu_head *h)
{
	(void)get(d, h, rpc_alloc_hint);
	(void)get(d, h, rpc_ctx_id);
	d_get(d, rpc_cancel_count);
	d_bytes(d, rpc_reserved, 1);
	stub(d, h);
}

/* C706 12.6.4.7; the flags are MS-RPCE's (2.2.2.8, extended error information in the stub). */
static void fault(struct dx *d, const struct pdu_head *h)
{
	(void)get(d, h, rpc_alloc_hint);
	(void)get(d, h, rpc_ctx_id);
	d_get(d, rpc_cancel_count);
	d_get(d, rpc_fault_flags);
	(void)get(d, h, rpc_status);
	d_bytes(d, rpc_fault_reserved, 4);
	if (d_rest(d))
		(void)d_some(d, rpc_fault_stub, d_rest(d));
}

static void body(struct dx *d, const struct pdu_head *h)
{
	switch (h->type) {
	case PDU_REQUEST:    request(d, h); break;
	case PDU_RESPONSE:   response(d, h); break;
	case PDU_FAULT:      fault(d, h); break;
	case PDU_BIND:
	case PDU_ALTER:      bind(d, h); break;
	case PDU_BIND_ACK:
	case PDU_ALTER_RESP: bind_ack(d, h); break;
	case PDU_BIND_NAK:   bind_nak(d, h); break;
	case PDU_AUTH3:      /* four bytes that mean nothing (MS-RPCE 2.2.2.5), then the authentication */
	case PDU_SHUTDOWN:
	case PDU_CANCEL:
	case PDU_ORPHANED:
		break;
	default:
		/* Of datagrams, or of RPC over HTTP: no place in a pipe. */
		if (d_rest(d)) {
			d_note(d, NOTE_undecoded);
			(void)d_some(d, undecoded, d_rest(d));
		}
	}
	if (d_rest(d))
		(void)d_some(d, padding, d_rest(d));
}

/* A token that makes a security context, or the signature of a message in one. */
static void token(struct dx *d, const struct pdu_head *h, unsigned type)
{
	struct smb_msg facts = { 0 };
	struct smb_auth scratch = { 0 };
	bool message = h->type == PDU_REQUEST || h->type == PDU_RESPONSE || h->type == PDU_FAULT || h->type == PDU_CANCEL ||
	               h->type == PDU_ORPHANED;
	uint32_t id = (uint32_t)d_peek(d, U16BE);

	if (!message && (type == AUTH_SPNEGO || type == AUTH_NTLM || type == AUTH_KERBEROS)) {
		spnego_dissect(d, &facts);
		return;
	}
	if (message && (type == AUTH_SPNEGO || type == AUTH_NTLM)) {
		struct dx verifier = *d;

		if (ntlmssp_verifier(&verifier)) {
			*d = verifier;
			return;
		}
	}
	/* MIC and Wrap tokens, which have no framing (RFC 4121 4.2.6). */
	if (message && (type == AUTH_SPNEGO || type == AUTH_KERBEROS) && (id == 0x0404 || id == 0x0504)) {
		d_push(d, gss_api);
		krb5_token(d, &scratch);
		d_pop(d);
		return;
	}
	if (!d_rest(d))
		return;
	if (message)
		(void)d_some(d, rpc_verifier, d_rest(d));
	else
		(void)d_some(d, rpc_auth_token, d_rest(d));
}

/* sec_trailer, MS-RPCE 2.2.2.11, and auth_value; both fill d. */
static void trailer(struct dx *d, const struct pdu_head *h)
{
	unsigned type;

	d_push(d, rpc_auth);
	type = (unsigned)d_get(d, rpc_auth_type);
	d_get(d, rpc_auth_level);
	d_get(d, rpc_auth_pad_len);
	d_get(d, rpc_auth_reserved);
	(void)get(d, h, rpc_auth_ctx);
	token(d, h, type);
	if (d_rest(d))
		(void)d_some(d, undecoded, d_rest(d));
	d_pop(d);
}

/* The trailer stands at the end, and says how much before it is padding.  False: there is none, or no room for it. */
static bool find_trailer(const struct dx *d, struct pdu_head *h, struct dx *auth)
{
	uint32_t need = (uint32_t)h->auth_len + AUTH_TRAILER;
	struct dx at;

	if (!h->auth_len)
		return false;
	if (need > d_rest(d) || !d_sub(d, d->lim - need - d->base, need, auth)) {
		d->run->flags |= DX_MALFORMED;
		d_note(d, NOTE_malformed);
		return false;
	}
	if (d_sub(auth, 1, 1, &at))
		h->auth_level = (uint8_t)d_peek(&at, U8);
	if (d_sub(auth, 2, 1, &at))
		h->auth_pad = (uint8_t)d_peek(&at, U8);
	return true;
}

void dcerpc_dissect(struct dx *d)
{
	struct pdu_head h = { 0 };
	struct dx part, auth;
	uint32_t pad = 0;
	bool trailed;

	d_push(d, dcerpc);
	header(d, &h);
	trailed = find_trailer(d, &h, &auth);
	if (trailed) {
		uint32_t rest = d_rest(d) - d_rest(&auth);

		if (h.auth_pad > rest)
			d_note(&auth, NOTE_odd_offset);
		/* Sealed padding cannot be told from the stub. */
		else if (h.auth_level != LEVEL_PRIVACY || (h.type != PDU_REQUEST && h.type != PDU_RESPONSE))
			pad = h.auth_pad;
		(void)d_part(d, rest - pad, &part);
		body(&part, &h);
		if (pad)
			(void)d_some(d, rpc_auth_padding, pad);
		trailer(&auth, &h);
	} else if (d_rest(d)) {
		(void)d_part(d, d_rest(d), &part);
		body(&part, &h);
	} else if (h.type != PDU_SHUTDOWN && h.type != PDU_CANCEL && h.type != PDU_ORPHANED && h.type != PDU_AUTH3) {
		(void)dx_overrun(d, 1);
	}
	d->at = d->end = d->lim;
	d_pop(d);
}
