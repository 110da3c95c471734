/* The identity that a TREE_CONNECT brings along.  MS-SMB2 2.2.9.2.1. */
#include "smb2.h"

#include "dtyp/dtyp.h"

/* BLOB_DATA, 2.2.9.2.1.1; false: it is empty. */
static bool blob(struct dx *d, struct dx *data)
{
	uint32_t len = (uint32_t)d_get(d, identity_length);

	return d_part(d, len, data);
}

/* SID_ATTR_DATA, 2.2.9.2.1.2 */
static void sid_attr(struct dx *d)
{
	struct dx data;

	d_push(d, identity_sid);
	if (blob(d, &data)) {
		dtyp_sid(&data);
		d_tail(&data, tree_ctx_data);
	}
	d_get(d, identity_attributes);
	d_pop(d);
}

/* SID_ARRAY_DATA, 2.2.9.2.1.3 */
static void sid_array(struct dx *d)
{
	uint32_t n = (uint32_t)d_get(d, identity_count);

	while (d_each(d, &n))
		sid_attr(d);
}

/* PRIVILEGE_ARRAY_DATA, 2.2.9.2.1.5, of PRIVILEGE_DATA: a blob with LUID_ATTR_DATA, 2.2.9.2.1.4 */
static void privileges(struct dx *d)
{
	uint32_t n = (uint32_t)d_get(d, identity_count);
	struct dx data;

	while (d_each(d, &n)) {
		d_push(d, identity_privilege);
		if (blob(d, &data)) {
			d_get(&data, identity_luid);
			d_get(&data, identity_luid_attributes);
			d_tail(&data, tree_ctx_data);
		}
		d_pop(d);
	}
}

static void user(struct dx *d)
{
	sid_attr(d);
}

static void user_name(struct dx *d)
{
	d_bytes(d, identity_user, dtyp_wide(d));
}

static void domain(struct dx *d)
{
	d_bytes(d, identity_domain, dtyp_wide(d));
}

static void owner(struct dx *d)
{
	struct dx data;

	if (!blob(d, &data))
		return;
	dtyp_sid(&data);
	d_tail(&data, tree_ctx_data);
}

static void dacl(struct dx *d)
{
	struct dx data;

	if (!blob(d, &data))
		return;
	dtyp_acl(&data);
	d_tail(&data, tree_ctx_data);
}

static void claims(struct dx *d)
{
	struct dx data;

	if (blob(d, &data))
		dtyp_claim(&data);
}

/* The members of the ticket in the order of their offsets' fields. */
static const struct member {
	enum field_id group;
	void (*read)(struct dx *);
} members[] = {
	{ F_identity_user_group, user }, { F_identity_name_group, user_name }, { F_identity_domain_group, domain },
	{ F_identity_groups, sid_array }, { F_identity_restricted, sid_array }, { F_identity_privileges, privileges },
	{ F_identity_primary, sid_array }, { F_identity_owner, owner }, { F_identity_dacl, dacl },
	{ F_identity_device_groups, sid_array }, { F_identity_user_claims, claims }, { F_identity_device_claims, claims },
};

void smb2_identity(struct dx *d)
{
	uint32_t off[COUNT(members)], end = d->at, len = d->lim - d->base;
	struct dx part, whole = *d;

	d_get(d, identity_type);
	d_get(d, identity_size);
	for (size_t i = 0; i < COUNT(members); i++)
		off[i] = (uint32_t)d_get(d, identity_offset);
	for (size_t i = 0; i < COUNT(members); i++) {
		/* 0: the ticket has none of it */
		if (!off[i] || !d_sub(&whole, off[i], off[i] < len ? len - off[i] : 1, &part))
			continue;
		dx_push(&part, members[i].group);
		members[i].read(&part);
		d_pop(&part);
		end = part.at > end ? part.at : end;
	}
	if (end > d->at)
		(void)d_part(d, end - d->at, &part);
}
