/* NTLMSSP messages.  MS-NLMP 2.2.1, 2.2.2. */
#include "auth.h"
#include "der.h"

enum { NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3 };
enum { UNICODE = 0x00000001, VERSION = 0x02000000 };
/* Where NegotiateFlags stands in each message, and the fixed part up to and with it. */
enum { CHALLENGE_FLAGS = 20, AUTHENTICATE_FLAGS = 60, AUTHENTICATE_FIXED = 64 };
enum { VERSION_BYTES = 8, MIC_BYTES = 16, PROOF_BYTES = 16, NTLM1_RESPONSE = 24, DESCRIPTOR = 8 };
enum { AV_END, AV_NB_COMPUTER, AV_NB_DOMAIN, AV_DNS_COMPUTER, AV_DNS_DOMAIN, AV_DNS_TREE, AV_FLAGS, AV_TIMESTAMP,
       AV_RESTRICTIONS, AV_TARGET_NAME, AV_BINDINGS };
enum { AVFLAG_MIC = 0x2 };

static const uint8_t signature[8] = "NTLMSSP";

bool ntlmssp_is(const struct dx *d)
{
	uint32_t there = min_u32(d->end - d->at, sizeof(signature));

	/* Less than the signature is one only if that is all the message has, or all that was captured. */
	return there > 0 && memcmp(d->bytes + d->at, signature, there) == 0;
}

bool ntlmssp_verifier(struct dx *d)
{
	if (d_rest(d) != 16 || d_peek(d, U32) != 1)
		return false;
	d_push(d, ntlmssp_verf);
	d_get(d, ntlmssp_verf_version);
	d_bytes(d, ntlmssp_verf_body, 12);
	d_pop(d);
	return true;
}

/* The first 8 of 24 bytes are a client challenge where zeros follow (extended session security). */
static bool lm_has_client_challenge(struct span lm)
{
	static const uint8_t zeros[16];

	return lm.len == 24 && memcmp(lm.p + 8, zeros, sizeof(zeros)) == 0;
}

/* A descriptor: length, allocated length, offset from the message's start.  *fixed becomes the
 * lowest offset of any data, which is where the fixed part ends at the latest. */
static bool locate(const struct dx *d, uint32_t len, uint32_t off, uint32_t *fixed, struct dx *part)
{
	if (!len)
		return false;
	*fixed = min_u32(*fixed, off);
	return d_sub(d, off, len, part);
}

static bool string(struct dx *d, uint32_t *fixed, struct dx *part)
{
	uint32_t len = (uint32_t)d_get(d, ntlmssp_string_len);
	d_get(d, ntlmssp_string_max);
	uint32_t off = (uint32_t)d_get(d, ntlmssp_string_off);

	return locate(d, len, off, fixed, part);
}

static bool blob(struct dx *d, uint32_t *fixed, struct dx *part)
{
	uint32_t len = (uint32_t)d_get(d, ntlmssp_blob_len);
	d_get(d, ntlmssp_blob_max);
	uint32_t off = (uint32_t)d_get(d, ntlmssp_blob_off);

	return locate(d, len, off, fixed, part);
}

/* Reads a descriptor and what it points to, as the field id, or as id_empty if that is nothing. */
#define STRING(d, fixed, id, bytes_) do { \
	struct dx part_; \
	if (d_peek((d), U16) == 0) \
		(void)d_bytes((d), id##_empty, DESCRIPTOR); \
	else if (string((d), (fixed), &part_)) \
		(bytes_) = d_some(&part_, id, d_rest(&part_)); \
} while (0)

/* MS-NLMP 2.2.2.10 */
static void version(struct dx *d, struct smb_auth *auth)
{
	if (d->end - d->at >= VERSION_BYTES) {
		memcpy(auth->version, d->bytes + d->at, VERSION_BYTES);
		auth->version_there = true;
	}
	d_push(d, ntlmssp_version);
	d_get(d, ntlmssp_version_major);
	d_get(d, ntlmssp_version_minor);
	d_get(d, ntlmssp_version_build);
	d_bytes(d, ntlmssp_version_reserved, 3);
	d_get(d, ntlmssp_version_rev);
	d_pop(d);
}

static struct smb_text utf16(struct span bytes)
{
	return (struct smb_text){ .bytes = bytes, .unicode = true, .there = true };
}

/* AV_PAIRs of a CHALLENGE_MESSAGE, MS-NLMP 2.2.2.1. */
static void target_info(struct dx *list, struct smb_auth *auth)
{
	unsigned type = AV_END + 1;
	struct dx av;

	while (type != AV_END && d_rest(list) && d_more(list)) {
		d_push(list, av_pair);
		type = (unsigned)d_get(list, ti_type);
		(void)d_part(list, (uint32_t)d_get(list, ti_len), &av);
		switch (d_rest(&av) ? type : AV_END) {
		case AV_NB_COMPUTER:  auth->nb_computer = utf16(d_bytes(&av, ti_nb_computer, d_rest(&av))); break;
		case AV_NB_DOMAIN:    auth->nb_domain = utf16(d_bytes(&av, ti_nb_domain, d_rest(&av))); break;
		case AV_DNS_COMPUTER: auth->dns_computer = utf16(d_bytes(&av, ti_dns_computer, d_rest(&av))); break;
		case AV_DNS_DOMAIN:   auth->dns_domain = utf16(d_bytes(&av, ti_dns_domain, d_rest(&av))); break;
		case AV_DNS_TREE:     d_tail(&av, ti_dns_tree); break;
		case AV_FLAGS:        d_get(&av, ti_flags); break;
		case AV_TIMESTAMP:    auth->timestamp = d_get(&av, ti_timestamp); break;
		case AV_RESTRICTIONS: d_tail(&av, ti_restrictions); break;
		case AV_TARGET_NAME:  d_tail(&av, ti_target_name); break;
		case AV_BINDINGS:     d_tail(&av, ti_bindings); break;
		}
		d_tail(&av, undecoded);
		d_pop(list);
	}
	d_tail(list, undecoded);
}

/* AV_PAIRs of an NTLMv2_CLIENT_CHALLENGE; returns AvFlags. */
static uint32_t client_info(struct dx *list, struct smb_auth *auth)
{
	unsigned type = AV_END + 1;
	uint32_t flags = 0;
	struct dx av;

	while (type != AV_END && d_rest(list) && d_more(list)) {
		d_push(list, av_pair);
		type = (unsigned)d_get(list, v2_av_type);
		(void)d_part(list, (uint32_t)d_get(list, v2_av_len), &av);
		switch (d_rest(&av) ? type : AV_END) {
		case AV_NB_COMPUTER:  d_tail(&av, v2_nb_computer); break;
		case AV_NB_DOMAIN:    d_tail(&av, v2_nb_domain); break;
		case AV_DNS_COMPUTER: d_tail(&av, v2_dns_computer); break;
		case AV_DNS_DOMAIN:   d_tail(&av, v2_dns_domain); break;
		case AV_DNS_TREE:     d_tail(&av, v2_dns_tree); break;
		case AV_FLAGS:        flags = (uint32_t)d_get(&av, v2_flags); break;
		case AV_TIMESTAMP:    d_get(&av, v2_timestamp); break;
		case AV_RESTRICTIONS: d_tail(&av, v2_restrictions); break;
		case AV_TARGET_NAME:  auth->client_target = utf16(d_bytes(&av, v2_target_name, d_rest(&av))); break;
		case AV_BINDINGS:     d_tail(&av, v2_bindings); break;
		}
		d_tail(&av, undecoded);
		d_pop(list);
	}
	return flags;
}

uint32_t ntlmssp_v2_response(struct dx *d, struct smb_auth *auth)
{
	uint32_t flags;

	der_show(d, v2_response);
	d_bytes(d, v2_proof, PROOF_BYTES);
	d_get(d, v2_version);
	d_get(d, v2_hi_version);
	d_bytes(d, v2_z, 6);
	auth->client_time = d_get(d, v2_time);
	auth->client_challenge = d_bytes(d, v2_challenge, 8);
	d_bytes(d, v2_z, 4);
	flags = client_info(d, auth);
	d_tail(d, v2_pad);
	return flags;
}

/* What is left of the fixed part: up to the first data, or the message's end. */
static uint32_t room(const struct dx *d, uint32_t fixed)
{
	uint32_t at = d->at - d->base, end = min_u32(fixed, d->lim - d->base);

	return end > at ? end - at : 0;
}

/* Version, or what stands in its place where none was negotiated. */
static void version_or_zeros(struct dx *d, struct smb_auth *auth, uint32_t fixed)
{
	if (auth->ntlm_flags & VERSION && room(d, fixed))
		version(d, auth);
	else if (room(d, fixed) >= VERSION_BYTES)
		d_bytes(d, ntlmssp_version_reserved, VERSION_BYTES);
}

/* MS-NLMP 2.2.1.1; both names are in the client's OEM code page, whatever the flags say. */
static void negotiate(struct dx *d, struct smb_auth *auth)
{
	struct span domain UNUSED, workstation UNUSED;
	uint32_t fixed = UINT32_MAX;

	auth->ntlm_flags = (uint32_t)d_get(d, ntlmssp_flags);
	/* The oldest clients end here (MS-NLMP leaves the names out where their flags are not set). */
	if (!d_rest(d))
		return;
	STRING(d, &fixed, neg_domain, domain);
	STRING(d, &fixed, neg_workstation, workstation);
	version_or_zeros(d, auth, fixed);
}

/* MS-NLMP 2.2.1.2 */
static void challenge(struct dx *d, struct smb_auth *auth)
{
	uint32_t fixed = UINT32_MAX;
	struct dx part;

	auth->target_name = (struct smb_text){ .unicode = d->run->unicode, .there = true };
	STRING(d, &fixed, chal_target_name, auth->target_name.bytes);
	auth->ntlm_flags = (uint32_t)d_get(d, ntlmssp_flags);
	auth->challenge = d_bytes(d, chal_challenge, 8);
	/* The oldest servers end here, or behind the reserved bytes. */
	if (!room(d, fixed))
		return;
	d_bytes(d, ntlmssp_reserved, 8);
	if (!room(d, fixed))
		return;
	d_push(d, chal_info);
	uint32_t len = (uint32_t)d_get(d, chal_info_len);
	d_get(d, chal_info_max);
	uint32_t off = (uint32_t)d_get(d, chal_info_off);
	if (locate(d, len, off, &fixed, &part))
		target_info(&part, auth);
	d_pop(d);
	version_or_zeros(d, auth, fixed);
}

/* LM_RESPONSE, LMv2_RESPONSE or the client challenge of extended session security,
 * MS-NLMP 2.2.2.3, 2.2.2.4 and 3.3.1. */
static void lm_response(struct dx *d, struct smb_auth *auth)
{
	struct dx whole = *d;

	auth->lm_response = d_some(&whole, auth_lm, d_rest(&whole));
	if (lm_has_client_challenge(auth->lm_response))
		d_bytes(d, auth_client_challenge, 8);
}

static uint32_t nt_response(struct dx *d, struct smb_auth *auth)
{
	struct dx whole = *d;

	auth->nt_response = d_some(&whole, auth_nt, d_rest(&whole));
	return d_rest(d) > NTLM1_RESPONSE ? ntlmssp_v2_response(d, auth) : 0;
}

/* What stands between NegotiateFlags and the first data: Version and MIC.  Clients that negotiated
 * no version leave zeros in its place, or nothing at all (MS-NLMP 2.2.1.3); av_flags alone promise
 * that the MIC is one (3.1.5.1.2). */
static void version_and_mic(struct dx *d, struct smb_auth *auth, uint32_t fixed, uint32_t av_flags)
{
	if (auth->ntlm_flags & VERSION || room(d, fixed) != MIC_BYTES)
		version_or_zeros(d, auth, fixed);
	if (room(d, fixed) < MIC_BYTES)
		return;
	auth->mic = d_bytes(d, auth_mic, MIC_BYTES);
	auth->mic_there = auth->mic.p && av_flags & AVFLAG_MIC;
}

/* MS-NLMP 2.2.1.3 */
static void authenticate(struct dx *d, struct smb_auth *auth)
{
	uint32_t fixed = UINT32_MAX, av_flags = 0;
	struct dx part;
	const struct smb_text there = { .unicode = d->run->unicode, .there = true };

	auth->domain = auth->user = auth->workstation = there;
	if (d_peek(d, U16) == 0)
		d_bytes(d, auth_lm, DESCRIPTOR);
	else if (blob(d, &fixed, &part))
		lm_response(&part, auth);
	if (d_peek(d, U16) == 0)
		d_bytes(d, auth_nt, DESCRIPTOR);
	else if (blob(d, &fixed, &part))
		av_flags = nt_response(&part, auth);
	STRING(d, &fixed, auth_domain, auth->domain.bytes);
	STRING(d, &fixed, auth_user, auth->user.bytes);
	STRING(d, &fixed, auth_host, auth->workstation.bytes);
	/* The oldest clients end here. */
	if (!room(d, fixed))
		return;
	if (d_peek(d, U16) == 0)
		d_bytes(d, auth_session_key, DESCRIPTOR);
	else if (blob(d, &fixed, &part))
		auth->session_key = d_some(&part, auth_session_key, d_rest(&part));
	if (!room(d, fixed))
		return;
	auth->ntlm_flags = (uint32_t)d_get(d, ntlmssp_flags);
	version_and_mic(d, auth, fixed, av_flags);
}

/* The lowest offset in the five descriptors that every AUTHENTICATE_MESSAGE has. */
static uint32_t first_data(const struct dx *d)
{
	uint32_t first = UINT32_MAX;

	for (uint32_t at = d->base + 12; at < d->base + 52 && at + DESCRIPTOR <= d->end; at += DESCRIPTOR)
		if (dx_load(d->bytes + at, FT_U16))
			first = min_u32(first, (uint32_t)dx_load(d->bytes + at + 4, FT_U32));
	return first;
}

/* Whether the message's strings are Unicode: its flags stand behind the first of them.  A message
 * that is too old to have flags follows the message around it.  d stands at the signature. */
static bool is_unicode(const struct dx *d, unsigned type)
{
	uint32_t at = d->base + (type == CHALLENGE ? CHALLENGE_FLAGS : AUTHENTICATE_FLAGS);

	if (d->end < at + 4 || (type == AUTHENTICATE && first_data(d) < AUTHENTICATE_FIXED))
		return d->run->unicode;
	return dx_load(d->bytes + at, FT_U32) & UNICODE;
}

void ntlmssp_dissect(struct dx *d, struct smb_auth *auth)
{
	struct dx_run *run = d->run;
	const bool unicode = run->unicode;
	struct dx msg, start;

	/* Offsets count from the signature. */
	(void)d_part(d, d_rest(d), &msg);
	start = msg;
	d_push(&msg, ntlmssp);
	d_bytes(&msg, ntlmssp_identifier, sizeof(signature));
	unsigned type = (unsigned)d_get(&msg, ntlmssp_type);
	auth->mech = MECH_NTLM;
	auth->ntlm_type = type >= NEGOTIATE && type <= AUTHENTICATE ? (uint8_t)type : 0;
	run->unicode = is_unicode(&start, type);
	switch (type) {
	case NEGOTIATE:    negotiate(&msg, auth); break;
	case CHALLENGE:    challenge(&msg, auth); break;
	case AUTHENTICATE: authenticate(&msg, auth); break;
	default:           d_tail(&msg, undecoded);
	}
	run->unicode = unicode;
	der_pop(&msg);
}
