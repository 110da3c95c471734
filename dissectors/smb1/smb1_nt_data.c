/* SMB1 NT_TRANSACT: what its subcommands carry as data.  MS-CIFS 2.2.7, MS-SMB 2.2.7. */
#include "dtyp/dtyp.h"
#include "fscc/fscc.h"
#include "smb1_trans.h"

enum { NT_CREATE = 1, NT_IOCTL, NT_SET_SECURITY, NT_QUERY_SECURITY = 6, NT_QUERY_QUOTA, NT_SET_QUOTA };

/* NT_TRANSACT_CREATE's: the security descriptor, whose own offsets tell nothing of its end, then the EAs
 * (MS-CIFS 2.2.7.1.1); the lengths of both stand in the parameters. */
static void create_data(struct dx *d, struct smb_msg *m)
{
	struct dx part;

	if (d_part(d, min_u32(m->asked.code, d_rest(d)), &part))
		dtyp_secdesc(&part);
	if (d_part(d, d_rest(d), &part))
		fscc_full_ea(&part);
}

/* The rights of other objects have no names of their own. */
static enum dtyp_rights rights(const struct smb_msg *m)
{
	return m->ctx.object == OBJECT_FILE ? RIGHTS_FILE : m->ctx.object == OBJECT_DIRECTORY ? RIGHTS_DIRECTORY : RIGHTS_ANY;
}

void smb1_nt_data(struct dx *d, struct smb_msg *m)
{
	struct dx part;

	switch (m->asked.sub) {
	case NT_CREATE:
		if (!m->response)
			create_data(d, m);
		break;
	case NT_IOCTL:
		if (!d_part(d, d_rest(d), &part))
			break;
		if (m->response)
			fsctl_output(&part, m, m->asked.code);
		else
			fsctl_input(&part, m, m->asked.code);
		break;
	case NT_SET_SECURITY:
		if (m->response || !d_part(d, d_rest(d), &part))
			break;
		if (part.end == part.lim)
			m->descriptor = (struct span){ part.bytes + part.at, d_rest(&part) };
		dtyp_secdesc_of(&part, rights(m));
		break;
	case NT_QUERY_SECURITY:
		if (!m->response || !d_part(d, d_rest(d), &part))
			break;
		if (part.end == part.lim)
			m->descriptor = (struct span){ part.bytes + part.at, d_rest(&part) };
		dtyp_secdesc_of(&part, rights(m));
		break;
	case NT_QUERY_QUOTA:
		if (m->response && d_part(d, d_rest(d), &part))
			fscc_quota_list(&part, m);
		break;
	case NT_SET_QUOTA:
		if (!m->response && d_part(d, d_rest(d), &part))
			fscc_quota_list(&part, m);
		break;
	}
}
