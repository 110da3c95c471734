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

static void basic(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_unix_size);
	d_get(d, smb1_unix_bytes);
	d_get(d, smb1_unix_stime);
	d_get(d, smb1_unix_atime);
	d_get(d, smb1_unix_mtime);
	d_get(d, smb1_unix_uid);
	d_get(d, smb1_unix_gid);
	d_get(d, smb1_unix_type);
	d_get(d, smb1_unix_dev_major);
	d_get(d, smb1_unix_dev_minor);
	d_get(d, smb1_unix_id);
	d_get(d, smb1_unix_perms);
	d_get(d, smb1_unix_links);
}

static void basic2(struct dx *d, struct smb_msg *m)
{
	basic(d, m);
	d_get(d, smb1_unix_crtime);
	d_get(d, smb1_unix_flags);
	d_get(d, smb1_unix_flags_mask);
}

static void link_name(struct dx *d, struct smb_msg *m UNUSED)
{
	(void)d_string(d, smb1_unix_link_dest);
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

static void posix_open(struct dx *d, struct smb_msg *m)
{
	if (!m->response) {
		d_get(d, smb1_posix_open_flags);
		d_get(d, smb1_posix_flags);
		d_get(d, smb1_posix_mode);
		d_get(d, smb1_posix_level);
		return;
	}
	d_get(d, smb1_posix_oplock);
	d_get(d, smb1_posix_fid);
	d_get(d, smb1_posix_action);
	if (d_get(d, smb1_posix_level) == 0x200) {
		d_bytes(d, padding, 2);
		basic(d, m);
	}
	d_tail(d, padding);
}

static void posix_unlink(struct dx *d, struct smb_msg *m UNUSED)
{
	d_get(d, smb1_posix_unlink);
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
		{ 0x200, basic }, { 0x201, link_name }, { 0x203, link_name }, { 0x204, acl }, { 0x208, posix_lock },
		{ 0x209, posix_open }, { 0x20a, posix_unlink }, { 0x20b, basic2 }, { 0 }
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

void smb1_unix_entries(struct dx *d)
{
	while (d_rest(d) >= 8 && d_more(d)) {
		uint32_t next = (uint32_t)d_peek(d, U32);
		struct dx e;

		if (next && next < 8) {
			d_note(d, NOTE_no_progress);
			return;
		}
		d_push(d, smb1_find_entry);
		if (d_part(d, next ? min_u32(next, d_rest(d)) : d_rest(d), &e)) {
			d_get(&e, smb1_unix_next);
			d_get(&e, smb1_unix_resume);
			basic(&e, NULL);
			(void)d_string(&e, smb1_unix_name);
			d_tail(&e, padding);
		}
		d_pop(d);
	}
}
