/* SMB1 NEGOTIATE.  MS-CIFS 2.2.4.52, MS-SMB 2.2.4.5; WordCount 13: the LANMAN dialects ([SMB-LM1X]). */
#include "smb1.h"

#define CAP_EXTENDED_SECURITY 0x80000000u

static void request(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *b = &s->b;

	smb1_bytes(s, 0);
	m->u.negotiate_req.dialects = (struct span){ b->bytes + b->at, b->end - b->at };
	while (d_rest(b) && d_more(b)) {
		const uint8_t *nul = b->at < b->end ? memchr(b->bytes + b->at, 0, b->end - b->at) : NULL;
		struct dx whole = *b;

		/* The format byte and the name, then each. */
		if (nul)
			d_bytes(&whole, smb1_dialect, (uint32_t)(nul + 1 - (b->bytes + b->at)));
		d_get(b, smb1_buffer_format);
		(void)d_oem(b, smb1_dialect_name);
	}
}

/* The names of the response are not aligned, whatever their encoding (MS-CIFS 2.2.4.52.2). */
static struct smb_text name(struct dx *b, enum field_id id)
{
	uint32_t header = b->run->header;
	struct smb_text t;

	b->run->header = b->at;
	t = smb1_text(b, dx_string(b, id, b->run->unicode));
	b->run->header = header;
	return t;
}

static void lanman(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w;
	uint64_t time;
	uint32_t len;

	m->u.negotiate_res.security_mode = (uint16_t)d_get(w, smb1_sm16);
	m->u.negotiate_res.max_transact = (uint32_t)d_get(w, smb1_max_bufsize16);
	d_get(w, smb1_max_mpx_count);
	d_get(w, smb1_max_vcs);
	d_get(w, smb1_rm);
	d_get(w, smb1_session_key);
	time = smb1_time_date(w, m, smb1_server_date_time);
	m->u.negotiate_res.time_zone = (int16_t)d_get(w, smb1_server_timezone);
	if (time)
		m->u.negotiate_res.system_time = time + (uint64_t)((int64_t)m->u.negotiate_res.time_zone * 60 * 10000000);
	len = (uint32_t)d_get(w, smb1_challenge_length16);
	d_bytes(w, smb1_reserved, 2);
	smb1_bytes(s, 0);
	m->u.negotiate_res.challenge = d_bytes(&s->b, smb1_challenge, len);
	if (d_rest(&s->b))
		m->u.negotiate_res.domain = smb1_text(&s->b, d_string(&s->b, smb1_primary_domain));
}

static void nt(struct smb1_body *s, struct smb_msg *m)
{
	struct dx *w = &s->w, *b = &s->b;
	uint32_t len;

	m->u.negotiate_res.security_mode = (uint16_t)d_get(w, smb1_sm8);
	d_get(w, smb1_max_mpx_count);
	d_get(w, smb1_max_vcs);
	m->u.negotiate_res.max_transact = (uint32_t)d_get(w, smb1_max_bufsize);
	d_get(w, smb1_max_raw);
	d_get(w, smb1_session_key);
	m->u.negotiate_res.capabilities = (uint32_t)d_get(w, smb1_server_cap);
	m->u.negotiate_res.system_time = d_get(w, smb1_system_time);
	m->u.negotiate_res.time_zone = (int16_t)d_get(w, smb1_server_timezone);
	len = (uint32_t)d_get(w, smb1_challenge_length8);
	smb1_bytes(s, 0);
	if (m->u.negotiate_res.capabilities & CAP_EXTENDED_SECURITY) {
		m->u.negotiate_res.extended = true;
		m->u.negotiate_res.server_guid = d_bytes(b, smb1_server_guid, 16);
		smb1_blob(b, m, d_rest(b));
		return;
	}
	m->u.negotiate_res.challenge = d_bytes(b, smb1_challenge, len);
	if (d_rest(b))
		m->u.negotiate_res.domain = name(b, F_smb1_primary_domain);
	if (d_rest(b))
		m->u.negotiate_res.server = name(b, F_smb1_server);
}

static void response(struct smb1_body *s, struct smb_msg *m)
{
	m->u.negotiate_res.cipher = m->u.negotiate_res.signing = m->u.negotiate_res.compression = 0xffff;
	m->u.negotiate_res.dialect = (uint16_t)d_get(&s->w, smb1_dialect_index);
	if (s->wct == 13)
		lanman(s, m);
	else if (s->wct == 17)
		nt(s, m);
	else if (s->wct != 1)
		smb1_other(s);
}

const struct smb1_cmd smb1_negotiate = { request, response, OP_NEGOTIATE, false, false };
