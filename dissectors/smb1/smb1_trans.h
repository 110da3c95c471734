/* SMB1 transactions: between what frames them and what they carry.  MS-CIFS 2.2.4.33, 2.2.4.46, 2.2.4.62. */
#ifndef DISSECTORS_SMB1_TRANS_H
#define DISSECTORS_SMB1_TRANS_H

#include "smb1.h"

/* Read the parameters of one message's subcommand, from their first byte on; what they leave is shown as bytes. */
void smb1_trans2_parameters(struct dx *p, struct smb_msg *m);
void smb1_nt_parameters(struct dx *p, struct smb_msg *m);
/* Reads the data of a query, set or find by m->asked; what it leaves is shown as bytes. */
void smb1_trans2_data(struct dx *d, struct smb_msg *m);

/* smb1_set_facts takes from the data of a set, by m->asked.level, what it changes. */
void smb1_set_facts(const struct dx *data, struct smb_msg *m);

#endif
