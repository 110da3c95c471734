/* What the tokens of an authentication say: who, how, and the material to test a password with.
 * MS-NLMP 2.2.1, 2.2.2, 3.3; MS-CIFS 2.2.4.53; hashcat modes 5500 and 5600. */
#include "session/track_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"

enum { NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY = 0x00080000 };

struct track_logon *logon_new(struct track *t, struct track_conn *c, struct track_session *s)
{
	struct track_logon *l = xcalloc(1, sizeof(*l));

	s->preauth = c->preauth;
	l->row = (struct ev_logon){
		.logon = ++t->next.logon, .session = session_main(s)->row.session, .connection = c->row.connection,
		.capture = t->pdu->first.capture, .status = EV_NULL, .success = EV_NULL, .hashcat_mode = EV_NULL,
		.first_frame = t->pdu->last.frame, .last_frame = t->pdu->last.frame, .time_ns = t->pdu->last.time_ns,
	};
	return l;
}

static void set(text_id *to, text_id value)
{
	if (value)
		*to = value;
}

static text_id os_version(struct track *t, const struct smb_auth *a)
{
	char out[40];

	if (!a->version_there || (!a->version[0] && !a->version[2] && !a->version[3]))
		return 0;
	snprintf(out, sizeof(out), "%u.%u.%u", a->version[0], a->version[1], a->version[2] | a->version[3] << 8);
	return intern_z(t, out);
}

static void challenge_token(struct track *t, struct track_conn *c, struct track_logon *l, const struct smb_auth *a)
{
	struct ev_host host = { .skew_us = EV_NULL };
	int64_t server_time = filetime_ns(a->timestamp);

	if (a->challenge.len == 8) {
		memcpy(l->challenge, a->challenge.p, 8);
		l->challenge_known = true;
		l->row.challenge = intern_hex(t, a->challenge);
	}
	l->flags = a->ntlm_flags;
	set(&l->row.target_name, intern_wire(t, &a->target_name));
	set(&l->row.server_netbios_name, intern_wire(t, &a->nb_computer));
	set(&l->row.server_netbios_domain, intern_wire(t, &a->nb_domain));
	set(&l->row.server_dns_name, intern_wire(t, &a->dns_computer));
	set(&l->row.server_dns_domain, intern_wire(t, &a->dns_domain));
	set(&l->row.os_version, os_version(t, a));
	host.netbios_name = l->row.server_netbios_name;
	host.dns_name = l->row.server_dns_name;
	host.domain = l->row.server_netbios_domain;
	host.os = l->row.os_version;
	if (server_time)
		host.skew_us = clock_skew_us(server_time, t->pdu->first.time_ns);
	host_seen(t, &c->server, t->pdu->last.time_ns, &host);
}

static bool all_zero(const uint8_t *p, uint32_t n)
{
	while (n)
		if (p[--n])
			return false;
	return true;
}

/* The line that hashcat takes.  user, domain: as sent; v2: proof and blob; v1: LM and NT response. */
static void hashcat_line(struct track *t, struct track_logon *l, const struct smb_text *user, const struct smb_text *domain,
                         struct span lm, struct span nt, bool v2)
{
	char u[LIMIT_TEXT], d[LIMIT_TEXT], *line;
	uint32_t ul = text_of(user, u), dl = text_of(domain, d);
	size_t size = ul + dl + 2 * ((size_t)lm.len + nt.len) + 64;
	char hex_challenge[17], *lm_hex = xcalloc(1, 2 * (size_t)lm.len + 1), *nt_hex = xcalloc(1, 2 * (size_t)nt.len + 1);

	text_hex(hex_challenge, sizeof(hex_challenge), (struct span){ l->challenge, 8 });
	text_hex(lm_hex, 2 * (size_t)lm.len + 1, lm);
	text_hex(nt_hex, 2 * (size_t)nt.len + 1, nt);
	line = xmalloc(size);
	if (v2)
		snprintf(line, size, "%.*s::%.*s:%s:%.32s:%s", (int)ul, u, (int)dl, d, hex_challenge, nt_hex, nt_hex + 32);
	else
		snprintf(line, size, "%.*s::%.*s:%s:%s:%s", (int)ul, u, (int)dl, d, lm_hex, nt_hex, hex_challenge);
	l->row.hashcat = intern_z(t, line);
	l->row.hashcat_mode = v2 ? 5600 : 5500;
	free(line);
	free(lm_hex);
	free(nt_hex);
}

/* Which NTLM it is, by the shape of the responses (MS-NLMP 2.2.2.3 to 2.2.2.8). */
static void responses(struct track *t, struct track_logon *l, const struct smb_text *user, const struct smb_text *domain,
                      struct span lm, struct span nt)
{
	bool v2 = nt.len > 24, v1 = nt.len == 24, ess;

	if (v2) {
		l->row.mechanism = intern_z(t, "NTLMv2");
		l->row.nt_proof = intern_hex(t, (struct span){ nt.p, 16 });
	} else if (v1) {
		ess = (l->flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY) && lm.len == 24 && all_zero(lm.p + 8, 16);
		l->row.mechanism = intern_z(t, ess ? "NTLMv1-ESS" : "NTLMv1");
		if (ess)
			l->row.client_challenge = intern_hex(t, (struct span){ lm.p, 8 });
	} else if (lm.len == 24) {
		l->row.mechanism = intern_z(t, "LM");
	}
	if ((v1 || v2) && l->challenge_known)
		hashcat_line(t, l, user, domain, lm, nt, v2);
}

static const char *account_kind(const struct smb_text *user, bool no_response)
{
	char name[LIMIT_TEXT];
	uint32_t n = text_of(user, name);

	if (!n && no_response)
		return "anonymous";
	return n && name[n - 1] == '$' ? "machine" : "user";
}

static void authenticate_token(struct track *t, struct track_conn *c, struct track_logon *l, const struct smb_auth *a)
{
	struct ev_host host = { .skew_us = EV_NULL };

	l->row.mechanism = intern_z(t, "NTLMv2");
	l->row.user = a->user.bytes.len ? intern_wire(t, &a->user) : 0;
	l->row.domain = a->domain.bytes.len ? intern_wire(t, &a->domain) : 0;
	l->row.workstation = a->workstation.bytes.len ? intern_wire(t, &a->workstation) : 0;
	l->row.account_kind = intern_z(t, account_kind(&a->user, a->nt_response.len == 0));
	l->row.named = true;
	if (t->run->sink) {
		account_unref(l->account);
		l->account = account_new(a);
	}
	set(&l->row.spn, intern_wire(t, &a->client_target));
	if (a->mic_there)
		l->row.mic = intern_hex(t, a->mic);
	l->row.client_time_ns = filetime_ns(a->client_time);
	if (a->client_challenge.len)
		l->row.client_challenge = intern_hex(t, a->client_challenge);
	responses(t, l, &a->user, &a->domain, a->lm_response, a->nt_response);
	host.netbios_name = l->row.workstation;
	host.os = os_version(t, a);
	host_seen(t, &c->flow->client, t->pdu->last.time_ns, &host);
}

/* SMB1 without extended security: the responses stand in the request (MS-CIFS 2.2.4.53.1). */
static void plain_setup(struct track *t, struct track_conn *c, struct track_logon *l, const struct smb_msg *m)
{
	const struct smb_text *user = &m->u.setup_req.account, *domain = &m->u.setup_req.domain;
	struct span lm = m->u.setup_req.lm_response, nt = m->u.setup_req.nt_response;

	l->row.user = user->bytes.len ? intern_wire(t, user) : 0;
	l->row.domain = domain->bytes.len ? intern_wire(t, domain) : 0;
	l->row.account_kind = intern_z(t, account_kind(user, nt.len == 0 && lm.len <= 1));
	if (c->challenge_known) {
		memcpy(l->challenge, c->challenge, 8);
		l->challenge_known = true;
		l->row.challenge = intern_hex(t, (struct span){ c->challenge, 8 });
	}
	/* SECURITY_MODE bit 1: passwords are encrypted (MS-CIFS 2.2.4.52.2). */
	if (!(c->server_security & 0x02) && c->ctx.dialect == DIALECT_SMB1 && (lm.len > 1 || nt.len > 1))
		l->row.mechanism = intern_z(t, "plaintext");
	else
		responses(t, l, user, domain, lm, nt);
}

void logon_token(struct track *t, struct track_conn *c, struct track_session *s, const struct smb_msg *m)
{
	const struct smb_auth *a = m->auth;
	struct track_logon *l = s->logon;
	struct ev_session *row = &session_main(s)->row;

	l->row.last_frame = t->pdu->last.frame;
	if (m->protocol == 1 && !m->response && m->u.setup_req.account.there)
		plain_setup(t, c, l, m);
	if (a && a->mech == MECH_KERBEROS) {
		l->row.mechanism = intern_z(t, "Kerberos");
		if (a->realm.p)
			l->row.realm = intern(t, (const char *)a->realm.p, a->realm.len);
		if (a->spn.p)
			l->row.spn = intern(t, (const char *)a->spn.p, a->spn.len);
	} else if (a && a->ntlm_type == 2) {
		challenge_token(t, c, l, a);
	} else if (a && a->ntlm_type == 3) {
		authenticate_token(t, c, l, a);
	} else if (a && a->ntlm_type == 1 && !l->row.mechanism) {
		l->row.mechanism = intern_z(t, "NTLMv2");
	}
	set(&row->user, l->row.user);
	set(&row->domain, l->row.domain);
	set(&row->workstation, l->row.workstation);
	set(&row->mechanism, l->row.mechanism);
	set(&row->account_kind, l->row.account_kind);
}

void logon_decided(struct track *t, struct track_session *s, struct pending *p, bool good)
{
	struct track_logon *l = s->logon;

	l->row.end_command = p->row.command;
	if (t->run->sink && !l->account)
		l->account = account_new(NULL);
	p->decided = account_ref(l->account);
	if (!good)
		return;
	l->row.known_command = t->next.command;
	s->known_logon = l->row.logon;
	if (!l->account)
		return;
	l->account->frame = t->pdu->last.frame;
	account_unref(s->account);
	s->account = account_ref(l->account);
}

void logon_end(struct track *t, struct track_session *s, bool answered, uint32_t status)
{
	struct track_logon *l = s->logon;

	s->logon = NULL;
	l->row.session = session_main(s)->row.session;
	if (answered) {
		l->row.status = status;
		l->row.success = status == 0;
	}
	if (answered && !status && (s->guest || s->anonymous)) {
		l->row.account_kind = intern_z(t, s->guest ? "guest" : "anonymous");
		session_main(s)->row.account_kind = l->row.account_kind;
	}
	if (t->events)
		t->events->put(t->events, EV_LOGON, &l->row, sizeof(l->row), NULL, 0);
	account_unref(l->account);
	free(l);
}
