/* SMB1 sessions and trees.  MS-CIFS 2.2.4.50, 2.2.4.51, 2.2.4.53 to 2.2.4.55; MS-SMB 2.2.4.6, 2.2.4.7. */
#include "auth/auth.h"
#include "base/mem.h"
#include "smb1.h"

void smb1_blob(struct dx *b, struct smb_msg *m, uint32_t len)
{
	struct dx inner = *b, part;

	len = min_u32(len, d_rest(b));
	if (!d_bytes(b, smb1_security_blob, len).p)
		return;
	if (d_part(&inner, len, &part))
		spnego_dissect(&part, m);
}

/* NTLMv2_RESPONSE in a password field (MS-NLMP 2.2.2.8): longer than the 24 bytes of the older answer. */
static void v2_response(const struct dx *b, struct smb_msg *m, uint32_t len)
{
	struct dx at = *b, part;

	if (len <= 24 || !d_part(&at, len, &part))
		return;
	m->auth = arena_alloc(b->run->arena, sizeof(*m->auth));
	*m->auth = (struct smb_auth){ .mech = MECH_NTLM };
	(void)ntlmssp_v2_response(&part, m->auth);
}

static void setup_names(struct dx *b, struct smb_msg *m, bool account)
{
	if (account) {
		if (d_rest(b))
			m->u.setup_req.account = smb1_text(b, d_string(b, smb1_account));
		if (d_rest(b))
			m->u.setup_req.domain = smb1_text(b, d_string(b, smb1_primary_domain));
	}
	if (d_rest(b))
		m->u.setup_req.native_os = smb1_text(b, d_string(b, smb1_native_os));
	if (d_rest(b))
		m->u.setup_req.native_lanman = smb1_text(b, d_string(b, smb1_native_lanman));
	if (!account && d_rest(b) > 1)
		m->u.setup_req.domain = smb1_text(b, d_string(b, smb1_primary_domain));
}

/* WordCount 10: LANMAN; 13: NT; 12: NT with extended security. */
static void setup_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w, *b = &s->b, v2;
	uint32_t lm = 0, nt = 0, blob = 0;

	if (s->wct != 10 && s->wct != 12 && s->wct != 13) {
		smb1_other(s);
		return;
	}
	d_get(w, smb1_max_buf);
	d_get(w, smb1_max_mpx_count);
	d_get(w, smb1_vc);
	d_get(w, smb1_session_key);
	if (s->wct == 10) {
		lm = (uint32_t)d_get(w, smb1_pwlen);
	} else if (s->wct == 12) {
		blob = (uint32_t)d_get(w, smb1_security_blob_len);
	} else {
		lm = (uint32_t)d_get(w, smb1_ansi_pwlen);
		nt = (uint32_t)d_get(w, smb1_unicode_pwlen);
	}
	d_bytes(w, smb1_reserved, 4);
	if (s->wct != 10)
		d_get(w, smb1_server_cap);
	smb1_bytes(s, 0);
	if (s->wct == 12) {
		smb1_blob(b, m, blob);
	} else if (s->wct == 13) {
		m->u.setup_req.lm_response = d_bytes(b, smb1_ansi_password, lm);
		v2 = *b;
		m->u.setup_req.nt_response = d_bytes(b, smb1_unicode_password, nt);
		if (m->u.setup_req.nt_response.p)
			v2_response(&v2, m, nt);
	} else {
		m->u.setup_req.lm_response = d_bytes(b, smb1_password, lm);
	}
	setup_names(b, m, s->wct != 12);
}

static void setup_response(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w, *b = &s->b;
	uint32_t blob = 0;

	if (s->wct != 3 && s->wct != 4) {
		smb1_other(s);
		return;
	}
	m->u.setup_res.flags = (uint16_t)d_get(w, smb1_setup_action);
	if (s->wct == 4)
		blob = (uint32_t)d_get(w, smb1_security_blob_len);
	smb1_bytes(s, 0);
	smb1_blob(b, m, blob);
	if (d_rest(b))
		m->u.setup_res.native_os = smb1_text(b, d_string(b, smb1_native_os));
	if (d_rest(b))
		m->u.setup_res.native_lanman = smb1_text(b, d_string(b, smb1_native_lanman));
	if (d_rest(b) > 1)
		m->u.setup_res.domain = smb1_text(b, d_string(b, smb1_primary_domain));
}

/* Service names, MS-CIFS 2.2.4.55.1, as SMB2's ShareType; 4 stands for COMM. */
static uint8_t share_type(struct span service)
{
	static const struct { char name[6]; uint8_t len, type; } services[] = {
		{ "A:", 2, 1 }, { "IPC", 3, 2 }, { "LPT1:", 5, 3 }, { "COMM", 4, 4 },
	};

	for (size_t i = 0; i < COUNT(services); i++)
		if (span_eq(service, services[i].name, services[i].len))
			return services[i].type;
	return 0;
}

static void service(struct dx *b, struct smb_msg *m)
{
	struct span text = d_oem(b, smb1_service);

	m->u.tree.service = (struct smb_text){ .bytes = text, .there = true };
	m->u.tree.share_type = share_type(text);
}

static void tree_request(struct smb1_body *s, struct smb_msg *m)
{
	uint32_t password;

	if (s->wct != 4) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_connect_flags);
	password = (uint32_t)d_get(&s->w, smb1_pwlen);
	smb1_bytes(s, 0);
	d_bytes(&s->b, smb1_password, password);
	m->path = smb1_text(&s->b, d_string(&s->b, smb1_path));
	if (d_rest(&s->b))
		service(&s->b, m);
}

/* WordCount 2: LANMAN; 3: NT; 7: with the rights the client asked for (MS-SMB 2.2.4.7.2). */
static void tree_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 2 && s->wct != 3 && s->wct != 7) {
		smb1_other(s);
		return;
	}
	if (s->wct != 2)
		m->u.tree.share_flags = (uint32_t)d_get(&s->w, smb1_connect_support);
	if (s->wct == 7) {
		m->u.tree.access = (uint32_t)d_get(&s->w, access_mask);
		d_get(&s->w, access_mask);
	}
	smb1_bytes(s, 0);
	if (d_rest(&s->b))
		service(&s->b, m);
	if (d_rest(&s->b))
		m->u.tree.native_fs = smb1_text(&s->b, d_string(&s->b, smb1_native_fs));
}

static void core_request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *b = &s->b;

	smb1_bytes(s, 0);
	d_get(b, smb1_buffer_format);
	m->path = smb1_text(b, d_string(b, smb1_path));
	d_get(b, smb1_buffer_format);
	(void)d_string(b, smb1_password_text);
	d_get(b, smb1_buffer_format);
	service(b, m);
}

static void core_response(struct smb1_body *s, struct smb_msg *m)
{
	if (s->wct != 2) {
		smb1_other(s);
		return;
	}
	d_get(&s->w, smb1_max_buf);
	/* The header's TID is the request's. */
	m->tree_id = (uint32_t)d_get(&s->w, smb1_tid);
}

const struct smb1_cmd smb1_session_setup = { setup_request, setup_response, OP_SESSION_SETUP, true, false };
const struct smb1_cmd smb1_logoff = { NULL, NULL, OP_LOGOFF, true, true };
const struct smb1_cmd smb1_tree_connect_andx = { tree_request, tree_response, OP_TREE_CONNECT, true, false };
const struct smb1_cmd smb1_tree_connect = { core_request, core_response, OP_TREE_CONNECT, false, false };
const struct smb1_cmd smb1_tree_disconnect = { NULL, NULL, OP_TREE_DISCONNECT, false, true };
