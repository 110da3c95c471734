/* Whether two dissections gave the same facts: all members of struct smb_msg, spans by content. */
#ifndef TESTS_PROPS_FACTS_H
#define TESTS_PROPS_FACTS_H

#include "dissectors/smb.h"

#define SAME(member)      do { if (a->member != b->member) return #member; } while (0)
#define SAME_SPAN(member) do { if (!span_same(a->member, b->member)) return #member; } while (0)
#define SAME_TEXT(member) do { if (!text_same(&a->member, &b->member)) return #member; } while (0)

static bool span_same(struct span a, struct span b)
{
	return !a.p == !b.p && span_eq(a, b.p, b.len);
}

static bool text_same(const struct smb_text *a, const struct smb_text *b)
{
	return a->unicode == b->unicode && a->there == b->there && span_same(a->bytes, b->bytes);
}

static bool meta_same(const struct smb_meta *a, const struct smb_meta *b)
{
	return a->created == b->created && a->accessed == b->accessed && a->modified == b->modified &&
	       a->changed == b->changed && a->size == b->size && a->allocation == b->allocation &&
	       a->attributes == b->attributes && a->known == b->known;
}

static const char *auth_differs(const struct smb_auth *a, const struct smb_auth *b)
{
	SAME(mech); SAME(ntlm_type); SAME(neg_state); SAME(raw); SAME(mic_there); SAME(ntlm_flags);
	SAME(version_there); SAME(timestamp); SAME(client_time);
	if (memcmp(a->version, b->version, sizeof(a->version)) != 0)
		return "version";
	SAME_SPAN(challenge); SAME_SPAN(lm_response); SAME_SPAN(nt_response); SAME_SPAN(session_key); SAME_SPAN(mic);
	SAME_SPAN(client_challenge); SAME_SPAN(realm); SAME_SPAN(spn); SAME_SPAN(mech_types);
	SAME_TEXT(target_name); SAME_TEXT(nb_computer); SAME_TEXT(nb_domain); SAME_TEXT(dns_computer);
	SAME_TEXT(dns_domain); SAME_TEXT(user); SAME_TEXT(domain); SAME_TEXT(workstation); SAME_TEXT(client_target);
	return NULL;
}

static const char *negotiate_differs(const struct smb_msg *a, const struct smb_msg *b)
{
	if (!a->response) {
		SAME_SPAN(u.negotiate_req.dialects); SAME_SPAN(u.negotiate_req.client_guid);
		SAME(u.negotiate_req.security_mode);
		return NULL;
	}
	SAME_SPAN(u.negotiate_res.server_guid); SAME_SPAN(u.negotiate_res.challenge);
	SAME_TEXT(u.negotiate_res.domain); SAME_TEXT(u.negotiate_res.server);
	SAME(u.negotiate_res.system_time); SAME(u.negotiate_res.boot_time); SAME(u.negotiate_res.capabilities);
	SAME(u.negotiate_res.max_transact); SAME(u.negotiate_res.max_read); SAME(u.negotiate_res.max_write);
	SAME(u.negotiate_res.dialect); SAME(u.negotiate_res.security_mode); SAME(u.negotiate_res.cipher);
	SAME(u.negotiate_res.signing); SAME(u.negotiate_res.compression); SAME(u.negotiate_res.time_zone);
	SAME(u.negotiate_res.extended);
	return NULL;
}

static const char *setup_differs(const struct smb_msg *a, const struct smb_msg *b)
{
	if (!a->response) {
		SAME(u.setup_req.previous_session); SAME(u.setup_req.flags);
		SAME_TEXT(u.setup_req.account); SAME_TEXT(u.setup_req.domain); SAME_TEXT(u.setup_req.native_os);
		SAME_TEXT(u.setup_req.native_lanman);
		SAME_SPAN(u.setup_req.lm_response); SAME_SPAN(u.setup_req.nt_response);
		return NULL;
	}
	SAME_TEXT(u.setup_res.native_os); SAME_TEXT(u.setup_res.native_lanman); SAME_TEXT(u.setup_res.domain);
	SAME(u.setup_res.flags);
	return NULL;
}

static const char *open_differs(const struct smb_msg *a, const struct smb_msg *b)
{
	if (!a->response) {
		SAME(u.open_req.snapshot); SAME(u.open_req.access); SAME(u.open_req.disposition);
		SAME(u.open_req.options); SAME(u.open_req.attributes); SAME(u.open_req.share);
		return NULL;
	}
	if (!meta_same(&a->u.open_res.meta, &b->u.open_res.meta))
		return "u.open_res.meta";
	SAME(u.open_res.action); SAME(u.open_res.object); SAME(u.open_res.readdir);
	return NULL;
}

static const char *union_differs(const struct smb_msg *a, const struct smb_msg *b)
{
	if (a->kind == SMB_SESSION) {
		SAME_TEXT(u.setup_req.account);
		return NULL;
	}
	switch (a->op) {
	case OP_NEGOTIATE:
		return negotiate_differs(a, b);
	case OP_SESSION_SETUP:
		return setup_differs(a, b);
	case OP_TREE_CONNECT:
		SAME_TEXT(u.tree.service); SAME_TEXT(u.tree.native_fs);
		SAME(u.tree.share_flags); SAME(u.tree.access); SAME(u.tree.share_type);
		return NULL;
	case OP_OPEN:
		return open_differs(a, b);
	case OP_CLOSE:
		if (!meta_same(&a->u.close.meta, &b->u.close.meta))
			return "u.close.meta";
		SAME(u.close.flags);
		return NULL;
	case OP_SET:
		if (a->response)
			return NULL;
		if (!meta_same(&a->u.set.meta, &b->u.set.meta))
			return "u.set.meta";
		SAME_TEXT(u.set.to); SAME(u.set.size); SAME(u.set.change);
		return NULL;
	case OP_TRANSACT:
		if (a->protocol == 2 && a->asked.code != 0x0011c017) {      /* FSCTL_PIPE_TRANSCEIVE moves bytes */
			SAME_SPAN(u.copy.key); SAME(u.copy.source.p); SAME(u.copy.source.v); SAME(u.copy.length);
			return NULL;
		}
		/* fall through */
	case OP_READ:
	case OP_WRITE:
		SAME(u.rw.offset); SAME(u.rw.length); SAME(u.rw.payload.off); SAME(u.rw.payload.len);
		return NULL;
	}
	return NULL;
}

/* facts_differ returns the name of the first member that differs, NULL if none does. */
static const char *facts_differ(const struct smb_msg *a, const struct smb_msg *b)
{
	SAME(kind); SAME(protocol); SAME(op); SAME(direction); SAME(response); SAME(has_status); SAME(dos_status);
	SAME(async); SAME(related); SAME(is_signed); SAME(last); SAME(interim); SAME(dos_class); SAME(dos_code);
	SAME(command); SAME(index); SAME(status); SAME(tree_id); SAME(flags); SAME(off); SAME(len); SAME(undecoded);
	SAME(message_id); SAME(async_id); SAME(session_id);
#define CTX(member, type, meaning) SAME(ctx.member);
#include "dissectors/ctx.def"
#undef CTX
	SAME(asked.code); SAME(asked.level); SAME(asked.sub); SAME(asked.detail); SAME(asked.known);
	SAME(fid.p); SAME(fid.v); SAME(fid.known); SAME(fid.related);
	SAME_TEXT(path); SAME_SPAN(descriptor);
	if (!a->auth != !b->auth)
		return "auth";
	if (a->auth) {
		const char *which = auth_differs(a->auth, b->auth);

		if (which)
			return which;
	}
	return union_differs(a, b);
}

#endif
