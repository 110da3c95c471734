/* Security identifiers, access control lists and security descriptors.  MS-DTYP 2.4.2.2, 2.4.4, 2.4.5, 2.4.6. */
#include "dtyp.h"

enum { SID_BUILTIN = 32, SID_DOMAIN = 21 };
enum { OBJECT_TYPE_PRESENT = 0x1, INHERITED_OBJECT_TYPE_PRESENT = 0x2 };
enum { ACCESS_ALLOWED_CALLBACK = 0x09, SYSTEM_ALARM_CALLBACK_OBJECT = 0x10, SYSTEM_RESOURCE_ATTRIBUTE = 0x12 };
enum { ACE_HEADER = 4, SPECIFIC_RIGHTS = 0x1ff };

void dtyp_sid(struct dx *d)
{
	uint32_t n = (uint32_t)d_peek(d, U16) >> 8;
	struct dx whole = *d;

	d_some(&whole, sid, min_u32(8 + 4 * n, d_rest(&whole)));
	dtyp_sid_parts(d);
}

void dtyp_sid_parts(struct dx *d)
{
	uint32_t n = (uint32_t)d_peek(d, U16) >> 8, first;
	struct dx sub, last;

	d_get(d, sid_revision);
	d_get(d, sid_count);
	d_bytes(d, sid_authority, 6);
	if (!n || !d_part(d, 4 * n, &sub))
		return;
	first = (uint32_t)d_peek(&sub, U32);
	last = sub;
	d_bytes(&sub, sid_subauth, 4 * n);
	/* Of accounts and groups the last number counts in their domain. */
	if ((first == SID_DOMAIN && n == 5) || (first == SID_BUILTIN && n == 2)) {
		struct dx rid;

		if (d_sub(&last, 4 * (n - 1), 4, &rid))
			d_get(&rid, sid_rid);
	}
}

/* What an ACE has behind its SID: of the callback types data of the application, or an expression (MS-DTYP 2.4.4.6 on). */
static void after_sid(struct dx *d, unsigned type)
{
	if (type == SYSTEM_RESOURCE_ATTRIBUTE)
		dtyp_claim(d);
	else if (type >= ACCESS_ALLOWED_CALLBACK && type <= SYSTEM_ALARM_CALLBACK_OBJECT)
		dtyp_condition(d);
	d_tail(d, ace_data);
}

static void access_mask(struct dx *d, enum dtyp_rights rights)
{
	bool full = (d_peek(d, U32) & SPECIFIC_RIGHTS) == SPECIFIC_RIGHTS;

	switch (rights) {
	case RIGHTS_FILE:
		if (full)
			d_get(d, nt_access_file_full);
		else
			d_get(d, nt_access_file);
		break;
	case RIGHTS_DIRECTORY:
		if (full)
			d_get(d, nt_access_dir_full);
		else
			d_get(d, nt_access_dir);
		break;
	case RIGHTS_KEY:
		d_get(d, nt_access_key);
		break;
	case RIGHTS_PRINTER:
		d_get(d, nt_access_printer);
		break;
	default:
		d_get(d, nt_access_mask);
	}
}

/* MS-DTYP 2.4.4.2 to 2.4.4.17; d is the ACE by its AceSize. */
static void read_ace(struct dx *d, enum dtyp_rights rights)
{
	unsigned type = (unsigned)d_get(d, ace_type);
	struct dx rest;

	d_get(d, ace_flags);
	d_get(d, ace_size);
	if (type <= 0x13 && type != 0x04) {
		access_mask(d, rights);
		if (dtyp_is_object_ace(type)) {
			uint32_t flags = (uint32_t)d_get(d, ace_object_flags);

			if (flags & OBJECT_TYPE_PRESENT)
				d_bytes(d, ace_guid, 16);
			if (flags & INHERITED_OBJECT_TYPE_PRESENT)
				d_bytes(d, ace_inherited_guid, 16);
		}
		dtyp_sid(d);
		if (d_rest(d) && d_part(d, d_rest(d), &rest))
			after_sid(&rest, type);
	}
	d_tail(d, ace_data);
}

/* MS-DTYP 2.4.5; AceCount has two bytes of zeros after it. */
static void read_acl(struct dx *d, enum dtyp_rights rights)
{
	uint32_t n;

	d_get(d, acl_revision);
	d_get(d, acl_size);
	n = (uint32_t)d_get(d, acl_count);
	while (d_each(d, &n)) {
		uint32_t size = (uint32_t)d_peek(d, U32) >> 16;
		struct dx part;

		if (size < ACE_HEADER) {
			d_note(d, NOTE_no_progress);
			d_tail(d, ace_data);
			return;
		}
		d_push(d, ace);
		if (d_part(d, size, &part))
			read_ace(&part, rights);
		d_pop(d);
	}
}

void dtyp_acl(struct dx *d)
{
	read_acl(d, RIGHTS_ANY);
}

/* Where an ACL or SID lies; its length is its own. */
static bool find(const struct dx *d, uint32_t off, struct dx *part)
{
	uint32_t len = d->lim - d->base;

	return off && d_sub(d, off, off < len ? len - off : 1, part);
}

void dtyp_secdesc_of(struct dx *d, enum dtyp_rights rights)
{
	uint32_t owner, group, sacl, dacl;
	struct dx part;

	d_push(d, secdesc);
	d_get(d, secdesc_revision);
	d_get(d, secdesc_type);
	owner = (uint32_t)d_get(d, secdesc_owner_off);
	group = (uint32_t)d_get(d, secdesc_group_off);
	sacl = (uint32_t)d_get(d, secdesc_sacl_off);
	dacl = (uint32_t)d_get(d, secdesc_dacl_off);
	if (find(d, owner, &part)) {
		d_push(&part, secdesc_owner);
		dtyp_sid(&part);
		d_pop(&part);
	}
	if (find(d, group, &part)) {
		d_push(&part, secdesc_group);
		dtyp_sid(&part);
		d_pop(&part);
	}
	if (find(d, sacl, &part)) {
		d_push(&part, secdesc_sacl);
		read_acl(&part, rights);
		d_pop(&part);
	}
	if (find(d, dacl, &part)) {
		d_push(&part, secdesc_dacl);
		read_acl(&part, rights);
		d_pop(&part);
	}
	/* The parts were read by their offsets; what d has left is theirs. */
	d_part(d, d_rest(d), &part);
	d_pop(d);
}
