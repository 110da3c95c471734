/* SMB1 UNIX extensions: information levels 0x200 to 0x20b ([CIFS-UNIX], as Samba has them), and EA lists
 * (MS-CIFS 2.2.1.2.2). */
#include "dtyp/dtyp.h"
#include "smb1_trans.h"

void smb1_ea_list(struct dx *d, bool values)
{
	/* The list's length counts itself. */
	uint32_t len = (uint32_t)d_get(d, smb1_ea_list_length);
	struct dx list, name;

	if (len <= 4 || !d_part(d, min_u32(len - 4, d_rest(d)), &list))
		return;
	while (d_rest(&list) && d_more(&list)) {
		uint32_t chars, data = 0;

		d_push(&list, smb1_ea);
		if (values)
			d_get(&list, smb1_ea_flags);
		chars = (uint32_t)d_get(&list, smb1_ea_name_len);
		if (values)
			data = (uint32_t)d_get(&list, smb1_ea_data_len);
		if (d_part(&list, min_u32(chars + 1, d_rest(&list)), &name))
			(void)d_oem(&name, smb1_ea_name);
		if (data)
			d_bytes(&list, smb1_ea_data, data);
		d_pop(&list);
	}
}

/* The types that are not a file's: a directory. */
enum { UNIX_DIRECTORY = 1 };
/* What is to stay as it is has all bits set, in its low half at least. */
#define STAYS UINT32_MAX

/* UNIX_BASIC and UNIX_INFO2 as far as facts come from it. */
struct unix_basic {
	struct smb_meta meta;
	uint64_t uid, gid, perms;
	uint32_t type;
};

static struct unix_basic read_basic(struct dx *d)
{
	struct unix_basic u = { .meta.known = true };

	u.meta.size       = d_get(d, smb1_unix_size);
	u.meta.allocation = d_get(d, smb1_unix_bytes);
	u.meta.changed    = d_get(d, smb1_unix_stime);
	u.meta.accessed   = d_get(d, smb1_unix_atime);
	u.meta.modified   = d_get(d, smb1_unix_mtime);
	u.uid             = d_get(d, smb1_unix_uid);
	u.gid             = d_get(d, smb1_unix_gid);
	u.type            = (uint32_t)d_get(d, smb1_unix_type);
	d_get(d, smb1_unix_dev_major);
	d_get(d, smb1_unix_dev_minor);
	d_get(d, smb1_unix_id);
	u.perms           = d_get(d, smb1_unix_perms);
	d_get(d, smb1_unix_links);
	return u;
}

static struct unix_basic read_basic2(struct dx *d)
{
	struct unix_basic u = read_basic(d);

	u.meta.created = d_get(d, smb1_unix_crtime);
	d_get(d, smb1_unix_flags);
	d_get(d, smb1_unix_flags_mask);
	return u;
}

static bool time_set(uint64_t t)
{
	return t && t != UINT64_MAX;
}

/* One row of `changes` for what is set: times before ownership before length. */
static void set_basic(struct smb_msg *m, const struct unix_basic *u)
{
	enum { OWNER = 1, GROUP = 2, DACL = 4 };       /* MS-DTYP 2.4.7: what chown, chgrp and chmod come to */

	m->op = OP_SET;
	if (time_set(u->meta.created) || time_set(u->meta.accessed) || time_set(u->meta.modified)) {
		m->u.set.change = CHANGE_BASIC;
		m->u.set.meta = u->meta;
	} else if ((uint32_t)u->uid != STAYS || (uint32_t)u->gid != STAYS || (uint32_t)u->perms != STAYS) {
		m->u.set.change = CHANGE_SECURITY;
		m->asked.code = ((uint32_t)u->uid != STAYS ? OWNER : 0) | ((uint32_t)u->gid != STAYS ? GROUP : 0) |
		                ((uint32_t)u->perms != STAYS ? DACL : 0);
	} else if ((uint32_t)u->meta.size != STAYS) {
		m->u.set.change = CHANGE_SIZE;
		m->u.set.size = u->meta.size;
	}
}

static void use_basic(struct dx *d, struct smb_msg *m, const struct unix_basic *u)
{
	struct smb_entry e = { .meta = u->meta, .self = true, .sized = true };

	if (d->run->flags & (DX_MALFORMED | DX_NOT_CAPTURED))
		return;
	if (m->response)
		smb_entry_told(d, m, &e);
	else
		set_basic(m, u);
}

static void basic(struct dx *d, struct smb_msg *m)
{
	struct unix_basic u = read_basic(d);

	use_basic(d, m, &u);
}

static void basic2(struct dx *d, struct smb_msg *m)
{
	struct unix_basic u = read_basic2(d);

	use_basic(d, m, &u);
}

/* A symbolic link is made at the path; what it leads to is no name in the share, and may be anything. */
static void symbolic_link(struct dx *d, struct smb_msg *m)
{
	(void)d_string(d, smb1_unix_link_dest);
	if (m->response)
		return;
	m->op = OP_SET;
	m->u.set.change = CHANGE_SYMBOLIC;
}

/* Another name for a file: the path is the new one. */
static void hard_link(struct dx *d, struct smb_msg *m)
{
	struct span old = d_string(d, smb1_unix_link_dest);

	if (m->response)
		return;
	m->op = OP_SET;
	m->u.set.change = CHANGE_LINK;
	m->u.set.to = m->path;
	m->path = smb1_text(d, old);
}

static void xattr(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t name = (uint32_t)d_get(d, smb1_xattr_name_len), value = (uint32_t)d_get(d, smb1_xattr_value_len);

	d_bytes(d, smb1_xattr_name, min_u32(name, d_rest(d)));
	d_bytes(d, smb1_xattr_value, min_u32(value, d_rest(d)));
}

static void attr_flags(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_chattr_mask);
	d_get(d, smb1_chattr_mode);
}

static void ace(struct dx *d)
{
	uint32_t type;

	d_push(d, smb1_acl_ace);
	type = (uint32_t)d_get(d, smb1_acl_type);
	d_get(d, smb1_acl_perms);
	/* Whom it is about: four bytes of eight, and only where the type says somebody. */
	switch (type) {
	case 0x01: d_get(d, smb1_acl_owner_uid); break;
	case 0x02: d_get(d, smb1_acl_uid); break;
	case 0x04: d_get(d, smb1_acl_owner_gid); break;
	case 0x08: d_get(d, smb1_acl_gid); break;
	default: d_bytes(d, padding, min_u32(4, d_rest(d)));
	}
	d_bytes(d, padding, min_u32(4, d_rest(d)));
	d_pop(d);
}

static void acl(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t n, inherited;

	d_get(d, smb1_acl_version);
	n = (uint32_t)d_get(d, smb1_acl_file);
	inherited = (uint32_t)d_get(d, smb1_acl_default);
	/* all ones: that list is not set */
	n = (n == 0xffff ? 0 : n) + (inherited == 0xffff ? 0 : inherited);
	while (n-- && d_rest(d) && d_more(d))
		ace(d);
}

static void posix_lock(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_posix_lock_type);
	d_get(d, smb1_posix_lock_flags);
	d_get(d, smb1_posix_lock_pid);
	d_get(d, smb1_posix_lock_start);
	d_get(d, smb1_posix_lock_length);
}

/* PosixOpenFlags as access and disposition; a directory that is made is not opened. */
static void posix_flags(struct smb_msg *m, uint32_t flags)
{
	enum { WRITE = 0x2, READ_WRITE = 0x4, CREAT = 0x10, EXCL = 0x20, TRUNC = 0x40, DIRECTORY = 0x200 };
	enum { OVERWRITE = 2, OPEN_OR_FAIL = 1, OR_CREATE = 0x10 };    /* OpenMode, MS-CIFS 2.2.4.41.1 */

	if ((flags & CREAT) && (flags & DIRECTORY)) {
		m->op = OP_SET;
		m->u.set.change = CHANGE_MAKE;
		return;
	}
	m->op = OP_OPEN;
	smb1_access_mode(m, flags & READ_WRITE ? 2 : flags & WRITE ? 1 : 0);
	smb1_open_mode(m, (flags & CREAT ? OR_CREATE : 0) | (flags & EXCL ? 0 : flags & TRUNC ? OVERWRITE : OPEN_OR_FAIL));
	m->u.open_req.share = 7;
	m->u.open_req.options = flags & DIRECTORY ? 1 : 0;
}

static void posix_opened(struct dx *d, struct smb_msg *m)
{
	uint32_t fid, action, level;
	struct unix_basic u = { 0 };

	d_get(d, smb1_posix_oplock);
	fid = (uint32_t)d_get(d, smb1_fid);
	action = (uint32_t)d_get(d, smb1_create_action);
	level = (uint32_t)d_get(d, smb1_posix_level);
	d_bytes(d, padding, min_u32(2, d_rest(d)));
	if (level == 0x200)
		u = read_basic(d);
	else if (level == 0x20b)
		u = read_basic2(d);
	d_tail(d, padding);
	if (!fid)                    /* of a directory that was made */
		return;
	m->op = OP_OPEN;
	smb1_fid(m, fid);
	m->u.open_res.action = action;
	m->u.open_res.meta = u.meta;
	m->u.open_res.object = u.type == UNIX_DIRECTORY ? OBJECT_DIRECTORY : OBJECT_FILE;
}

static void posix_open(struct dx *d, struct smb_msg *m)
{
	if (m->response) {
		posix_opened(d, m);
		return;
	}
	d_get(d, smb1_posix_open_flags);
	posix_flags(m, (uint32_t)d_get(d, smb1_posix_flags));
	d_get(d, smb1_posix_mode);
	d_get(d, smb1_posix_level);
}

static void posix_unlink(struct dx *d, struct smb_msg *m)
{
	d_get(d, smb1_posix_unlink);
	if (m->response)
		return;
	m->op = OP_SET;
	m->u.set.change = CHANGE_REMOVE;
}

static void fs_unix(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_unix_major);
	d_get(d, smb1_unix_minor);
	d_get(d, smb1_unix_cap);
}

static void fs_posix(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_posix_transfer);
	d_get(d, smb1_posix_block);
	d_get(d, smb1_posix_blocks);
	d_get(d, smb1_posix_free);
	d_get(d, smb1_posix_user_free);
	d_get(d, smb1_posix_nodes);
	d_get(d, smb1_posix_free_nodes);
	d_get(d, smb1_posix_fsid);
}

static void who_am_i(struct dx *d, struct smb_msg *m UNUSED)
{
	uint32_t gids, sids;

	d_get(d, smb1_unix_mapflags);
	d_get(d, smb1_unix_mapmask);
	d_get(d, smb1_unix_uid);
	d_get(d, smb1_unix_gid);
	gids = (uint32_t)d_get(d, smb1_unix_num_gids);
	sids = (uint32_t)d_get(d, smb1_unix_num_sids);
	d_get(d, smb1_unix_sids_len);
	d_bytes(d, smb1_reserved, 4);
	while (d_each(d, &gids))
		d_get(d, smb1_unix_gid);
	while (d_each(d, &sids))
		dtyp_sid(d);
}

/* SMB_REQUEST_TRANSPORT_ENCRYPTION: tokens to and fro, as SESSION_SETUP's. */
static void encryption(struct dx *d, struct smb_msg *m)
{
	smb1_blob(d, m, d_rest(d));
}

struct unix_level {
	uint16_t level;
	void (*read)(struct dx *, struct smb_msg *);
};

bool smb1_unix_level(struct dx *d, struct smb_msg *m, bool fs)
{
	static const struct unix_level of_file[] = {
		{ 0x200, basic }, { 0x201, symbolic_link }, { 0x202, hard_link }, { 0x203, hard_link }, { 0x204, acl },
		{ 0x205, xattr }, { 0x206, attr_flags }, { 0x208, posix_lock }, { 0x209, posix_open }, { 0x20a, posix_unlink },
		{ 0x20b, basic2 }, { 0 }
	}, of_fs[] = {
		{ 0x200, fs_unix }, { 0x201, fs_posix }, { 0x202, who_am_i }, { 0x203, encryption }, { 0 }
	};

	for (const struct unix_level *l = fs ? of_fs : of_file; l->level; l++)
		if (l->level == m->asked.level) {
			l->read(d, m);
			return true;
		}
	return false;
}

/* SMB_FIND_FILE_UNIX's name ends with its NUL; SMB_FIND_FILE_UNIX_INFO2 tells the length of its own. */
static void entry(struct dx *e, struct smb_msg *m)
{
	struct smb_entry told = { .sized = true };
	struct span name;

	d_get(e, smb1_unix_next);
	d_get(e, smb1_unix_resume);
	if (m->asked.level == 0x20b) {
		told.meta = read_basic2(e).meta;
		d_get(e, smb1_unix_name_len);
	} else {
		told.meta = read_basic(e).meta;
	}
	name = d_string(e, smb1_unix_name);
	d_tail(e, padding);
	told.name = smb1_text(e, name);
	if (name.len && !(e->run->flags & (DX_MALFORMED | DX_NOT_CAPTURED)))
		smb_entry_told(e, m, &told);
}

void smb1_unix_entries(struct dx *d, struct smb_msg *m)
{
	while (d_rest(d) >= 8 && d_more(d)) {
		uint32_t next = (uint32_t)d_peek(d, U32);
		struct dx e;

		if (next && next < 8) {
			d_note(d, NOTE_no_progress);
			return;
		}
		d_push(d, smb1_find_entry);
		if (d_part(d, next ? min_u32(next, d_rest(d)) : d_rest(d), &e))
			entry(&e, m);
		d_pop(d);
	}
}
