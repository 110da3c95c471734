/* DCE/RPC connection-oriented PDUs.  C706 12.6, MS-RPCE 2.2.2. */
#include "dcerpc.h"

#include "auth/auth.h"

enum { AUTH_TRAILER = 8, LEVEL_PRIVACY = 6 };
enum { AUTH_SPNEGO = 9, AUTH_NTLM = 10, AUTH_KERBEROS = 16, AUTH_NETLOGON = 68 };
enum { RESULT_ACCEPTANCE = 0, RESULT_NEGOTIATE_ACK = 3, RESULT_BYTES = 24 };

/* What of a PDU decides how its other parts are read. */
struct pdu_head {
	struct rpc_msg *m;
	const struct rpc_hooks *hooks;
	uint32_t start;            /* of the PDU, in its source */
	uint8_t auth_pad;
	uint16_t auth_len;
};

/* The next integer, in the PDU's byte order. */
#define get(d, h, id)        ((h)->m->be ? d_get((d), id##_be) : d_get((d), id))
#define get_bytes(d, h, id, n) ((h)->m->be ? d_bytes((d), id##_be, (n)) : d_bytes((d), id, (n)))

uint32_t dcerpc_frag_len(const uint8_t *p, uint32_t have)
{
	uint32_t len;

	/* Versions 5.0 and 5.1; integers little- or big-endian, text ASCII or EBCDIC (C706 14.1). */
	if ((have > 0 && p[0] != 5) || (have > 1 && p[1] > 1) || (have > 2 && p[2] > RPC_RTS) ||
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
		h->m->be = !(*p & 0xf0);
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
	h->m->type = (uint8_t)d_get(d, rpc_type);
	h->m->flags = (uint8_t)d_get(d, rpc_flags);
	drep(d, h);
	/* The bytes were gathered by this length; what is shorter was cut. */
	if ((uint32_t)get(d, h, rpc_frag_len) > d->lim - d->base && !d->run->flags) {
		d->run->flags |= DX_MALFORMED;
		d_note(d, NOTE_malformed);
	}
	h->auth_len = (uint16_t)get(d, h, rpc_auth_len);
	h->m->call = (uint32_t)get(d, h, rpc_call_id);
}

/* The bind time features stand in what looks like a transfer syntax (MS-RPCE 3.3.1.5.3); d is behind the UUID.  They are
 * in that part of it which is bytes, so their order is the same whatever the PDU's (rpc_bind.pcap has such binds). */
static void bind_time_features(const struct dx *d, const struct pdu_head *h, struct span uuid)
{
	static const uint8_t prefix[] = { 0x2c, 0x1c, 0xb7, 0x6c, 0x12, 0x98, 0x40, 0x45 };
	static const uint8_t prefix_be[] = { 0x6c, 0xb7, 0x1c, 0x2c, 0x98, 0x12, 0x45, 0x40 };
	struct dx features;

	if (uuid.len != 16 || memcmp(uuid.p, h->m->be ? prefix_be : prefix, 8) != 0)
		return;
	if (d_sub(d, d->at - 8 - d->base, 2, &features))
		d_get(&features, rpc_btfn);
}

/* A UUID in little-endian order, whatever the PDU's. */
static void uuid_le(const struct pdu_head *h, struct span from, uint8_t out[16])
{
	static const uint8_t swapped[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

	for (unsigned i = 0; i < 16 && from.len == 16; i++)
		out[i] = from.p[h->m->be ? swapped[i] : i];
}

/* NDR's UUID (C706 14), version 2; NDR64's (MS-RPCE 2.2.5), version 1.  Bind time features count as another syntax: nobody
 * agrees on them. */
static uint8_t syntax(const struct pdu_head *h, struct span id, uint32_t version)
{
	static const uint8_t ndr[16] = { 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11, 0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60 };
	static const uint8_t ndr64[16] = { 0x33, 0x05, 0x71, 0x71, 0xba, 0xbe, 0x37, 0x49, 0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36 };
	uint8_t uuid[16] = { 0 };

	uuid_le(h, id, uuid);
	if (memcmp(uuid, ndr, 16) == 0 && version == 2)
		return RPC_NDR;
	return memcmp(uuid, ndr64, 16) == 0 && version == 1 ? RPC_NDR64 : RPC_OTHER_SYNTAX;
}

static void tell_item(const struct pdu_head *h, const struct rpc_item *item)
{
	if (h->hooks && h->hooks->on_item)
		h->hooks->on_item(h->hooks->arg, h->m, item);
}

static void interface_name(struct dx_run *run, const uint8_t uuid[16], unsigned version)
{
	const char *name = NULL;

	if (run->sink)
		name = rpc_interface_name(uuid, version);
	if (name)
		d_gen_text(run, rpc_interface, name);
}

/* p_cont_elem_t, C706 12.6.3.1 */
static void context_item(struct dx *d, const struct pdu_head *h, uint16_t index)
{
	struct rpc_item item = { .index = index };
	struct span uuid;
	uint32_t n;

	d_push(d, rpc_item);
	item.context = (uint16_t)get(d, h, rpc_ctx_id);
	n = (uint32_t)d_get(d, rpc_num_trans);
	d_bytes(d, rpc_reserved, 1);
	d_push(d, rpc_abstract);
	uuid = get_bytes(d, h, rpc_if_uuid, 16);
	uuid_le(h, uuid, item.uuid);
	if (h->m->be)               /* one number of 32 bits, the minor version above the major one (C706 12.6.3.1) */
		item.minor = (uint16_t)get(d, h, rpc_if_minor);
	item.version = (uint16_t)get(d, h, rpc_if_ver);
	if (!h->m->be)
		item.minor = (uint16_t)get(d, h, rpc_if_minor);
	interface_name(d->run, item.uuid, item.version);
	d_pop(d);
	for (; n && d_rest(d); n--) {
		struct span id;

		d_push(d, rpc_trans);
		id = get_bytes(d, h, rpc_trans_id, 16);
		bind_time_features(d, h, id);
		item.syntaxes |= syntax(h, id, (uint32_t)get(d, h, rpc_trans_ver));
		d_pop(d);
	}
	d_pop(d);
	if (uuid.len == 16)
		tell_item(h, &item);
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
	for (uint16_t i = 0; i < n && d_rest(d); i++)
		context_item(d, h, i);
}

/* p_result_t, C706 12.6.3.1; negotiate_ack, MS-RPCE 2.2.2.4 */
static void result(struct dx *d, const struct pdu_head *h, uint16_t index)
{
	struct rpc_item item = { .index = index };
	bool whole = d->end - d->at >= RESULT_BYTES;
	uint32_t outcome;
	struct span id;

	d_push(d, rpc_result);
	outcome = (uint32_t)get(d, h, rpc_ack_result);
	if (outcome == RESULT_ACCEPTANCE)
		d_bytes(d, rpc_reserved, 2);           /* a reason has no meaning then */
	else if (outcome == RESULT_NEGOTIATE_ACK)
		(void)get(d, h, rpc_btfn);
	else
		(void)get(d, h, rpc_ack_reason);
	id = get_bytes(d, h, rpc_ack_id, 16);
	item.syntaxes = syntax(h, id, (uint32_t)get(d, h, rpc_ack_ver));
	d_pop(d);
	item.accepted = outcome == RESULT_ACCEPTANCE;
	if (whole)
		tell_item(h, &item);
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
	for (uint16_t i = 0; i < n && d_rest(d); i++)
		result(d, h, i);
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

/* What is computed of a call, as Wireshark has it in the header's part. */
static void computed(struct dx_run *run, const struct rpc_msg *m, const struct rpc_known *k)
{
	if (!run->sink)
		return;
	if (m->type != RPC_REQUEST && k->ctx.asked)
		d_gen(run, rpc_opnum, k->ctx.opnum);
	if (k->request_frame) {
		d_gen(run, rpc_request_in, k->request_frame);
		d_gen(run, rpc_time, (uint64_t)k->since_ns);
	}
	if (k->ctx.known) {
		interface_name(run, k->ctx.uuid, k->ctx.version);
		if (!rpc_interface_name(k->ctx.uuid, k->ctx.version))
			d_gen(run, rpc_unknown_if, true);
	}
}

/* The stub that the PDUs of a call make together becomes a source of its own. */
static struct dx joined(struct dx *d, const struct rpc_whole *w)
{
	struct dx whole = dx_open(d->run, dx_source(d->run, d->src, SOURCE_REASSEMBLED, w->bytes, w->len), 0, w->len);
	uint32_t at = 0;

	if (d_rest(d))
		(void)d_some(d, rpc_fragment_data, d_rest(d));
	d_push(&whole, rpc_fragments);
	for (uint32_t i = 0; i < w->n; at += w->fragments[i++].len)
		d_gen_at(&whole, rpc_fragment, w->fragments[i].frame, at, w->fragments[i].len);
	d_gen(d->run, rpc_fragment_count, w->n);
	d_gen(d->run, rpc_joined_len, w->len);
	d_pop_part(&whole);
	return whole;
}

/* The stub of a call, all of it, which fills d. */
static void whole_stub(struct dx *d, const struct pdu_head *h, const struct rpc_known *k)
{
	const struct rpc_form form = { .response = h->m->type == RPC_RESPONSE, .be = h->m->be, .facts = k->facts };
	uint32_t n = form.response ? d_rest(d) : rpc_trailer_at(d);
	struct dx part = dx_open(d->run, d->src, d->at, 0);

	if (n)
		(void)d_part(d, n, &part);
	h->m->level = rpc_stub(&part, &k->ctx, form);
	if (d_rest(d))
		rpc_trailer(d);
}

/* Wireshark has the link once more with what the interface's own dissector shows. */
static void linked_again(struct dx_run *run, const struct rpc_known *k)
{
	if (!run->sink)
		return;
	if (k->request_frame && k->ctx.known && rpc_interface_name(k->ctx.uuid, k->ctx.version))
		d_gen(run, rpc_request_in, k->request_frame);
}

static void stub(struct dx *d, const struct pdu_head *h)
{
	struct rpc_known k = { 0 };
	bool whole = false;

	h->m->stub = (struct extent){ d->at - h->start, d_rest(d) };
	h->m->sealed = h->auth_len && h->m->auth_level == LEVEL_PRIVACY;
	if (h->hooks)
		whole = h->hooks->on_call(h->hooks->arg, h->m, &k);
	computed(d->run, h->m, &k);
	if (h->m->sealed) {
		if (d_rest(d)) {
			d_note(d, NOTE_encrypted);
			(void)d_some(d, rpc_sealed_stub, d_rest(d));
		}
	} else if (whole && k.whole.bytes && d->run->n_sources < DX_SOURCES) {
		struct dx all = joined(d, &k.whole);

		whole_stub(&all, h, &k);
	} else if (whole && !k.whole.bytes && d->end == d->lim) {
		whole_stub(d, h, &k);
	} else {
		whole = false;
		if (d_rest(d))
			(void)d_some(d, rpc_stub, d_rest(d));
	}
	if (whole || h->m->sealed)
		linked_again(d->run, &k);
}

/* C706 12.6.4.9 */
static void request(struct dx *d, const struct pdu_head *h)
{
	(void)get(d, h, rpc_alloc_hint);
	h->m->context = (uint16_t)get(d, h, rpc_ctx_id);
	h->m->opnum = (uint16_t)get(d, h, rpc_opnum);
	if (h->m->flags & RPC_OBJECT)
		get_bytes(d, h, rpc_object, 16);
	stub(d, h);
}

/* C706 12.6.4.10 */
static void response(struct dx *d, const struct pdu_head *h)
{
	(void)get(d, h, rpc_alloc_hint);
	h->m->context = (uint16_t)get(d, h, rpc_ctx_id);
	d_get(d, rpc_cancel_count);
	d_bytes(d, rpc_reserved, 1);
	stub(d, h);
}

/* C706 12.6.4.7; the flags are MS-RPCE's (2.2.2.8, extended error information in the stub). */
static void fault(struct dx *d, const struct pdu_head *h)
{
	struct rpc_known k = { 0 };

	(void)get(d, h, rpc_alloc_hint);
	h->m->context = (uint16_t)get(d, h, rpc_ctx_id);
	d_get(d, rpc_cancel_count);
	d_get(d, rpc_fault_flags);
	h->m->status = (uint32_t)get(d, h, rpc_status);
	d_bytes(d, rpc_fault_reserved, 4);
	h->m->stub = (struct extent){ d->at - h->start, d_rest(d) };
	if (h->hooks)
		(void)h->hooks->on_call(h->hooks->arg, h->m, &k);
	computed(d->run, h->m, &k);
	if (d_rest(d))
		(void)d_some(d, rpc_fault_stub, d_rest(d));
}

static void body(struct dx *d, const struct pdu_head *h)
{
	switch (h->m->type) {
	case RPC_REQUEST:    request(d, h); break;
	case RPC_RESPONSE:   response(d, h); break;
	case RPC_FAULT:      fault(d, h); break;
	case RPC_BIND:
	case RPC_ALTER:      bind(d, h); break;
	case RPC_BIND_ACK:
	case RPC_ALTER_RESP: bind_ack(d, h); break;
	case RPC_BIND_NAK:   bind_nak(d, h); break;
	case RPC_AUTH3:      /* four bytes that mean nothing (MS-RPCE 2.2.2.5), then the authentication */
	case RPC_SHUTDOWN:
	case RPC_CANCEL:
	case RPC_ORPHANED:
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
	bool message = h->m->type == RPC_REQUEST || h->m->type == RPC_RESPONSE || h->m->type == RPC_FAULT || h->m->type == RPC_CANCEL ||
	               h->m->type == RPC_ORPHANED;
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
	if (type == AUTH_NETLOGON && message)
		nl_auth_signature(d);
	else if (type == AUTH_NETLOGON)
		nl_auth_message(d);
	else if (message)
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
	h->m->auth_type = (uint8_t)d_peek(auth, U8);
	if (d_sub(auth, 1, 1, &at))
		h->m->auth_level = (uint8_t)d_peek(&at, U8);
	if (d_sub(auth, 2, 1, &at))
		h->auth_pad = (uint8_t)d_peek(&at, U8);
	return true;
}

void dcerpc_dissect(struct dx *d, struct rpc_msg *m, const struct rpc_hooks *hooks)
{
	struct pdu_head h = { .m = m, .hooks = hooks, .start = d->at };
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
		else if (m->auth_level != LEVEL_PRIVACY || (m->type != RPC_REQUEST && m->type != RPC_RESPONSE))
			pad = h.auth_pad;
		(void)d_part(d, rest - pad, &part);
		body(&part, &h);
		if (pad)
			(void)d_some(d, rpc_auth_padding, pad);
		trailer(&auth, &h);
	} else if (d_rest(d)) {
		(void)d_part(d, d_rest(d), &part);
		body(&part, &h);
	} else if (m->type != RPC_SHUTDOWN && m->type != RPC_CANCEL && m->type != RPC_ORPHANED && m->type != RPC_AUTH3) {
		(void)dx_overrun(d, 1);
	}
	d->at = d->end = d->lim;
	d_pop(d);
}
