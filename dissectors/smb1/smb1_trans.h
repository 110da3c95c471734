/* SMB1 transactions: between what frames them and what they carry.  MS-CIFS 2.2.4.33, 2.2.4.46, 2.2.4.62. */
#ifndef DISSECTORS_SMB1_TRANS_H
#define DISSECTORS_SMB1_TRANS_H

#include "smb1.h"

/* Read the parameters of one message's subcommand, from their first byte on; what they leave is shown as bytes. */
void smb1_trans2_parameters(struct dx *p, struct smb_msg *m);
void smb1_nt_parameters(struct dx *p, struct smb_msg *m);
/* Reads the data of a query, set or find by m->asked; what it leaves is shown as bytes. */
void smb1_trans2_data(struct dx *d, struct smb_msg *m);
/* Reads the data of NT_TRANSACT (MS-CIFS 2.2.7); what it leaves is shown as bytes. */
void smb1_nt_data(struct dx *d, struct smb_msg *m);

/* Subcommands of TRANSACTION on a pipe but TRANS_TRANSACT_NMPIPE (MS-CIFS 2.2.5): their parameters and their data. */
bool smb1_pipe_sub(unsigned sub);
void smb1_pipe_parameters(struct dx *p, struct smb_msg *m);
void smb1_pipe_content(struct dx *d, struct smb_msg *m);
/* asked.sub of a mailslot's write, whose opcode 1 is a pipe's TRANS_SET_NMPIPE_STATE, too. */
#define MAILSLOT_WRITE 0xf1

/* EA lists, MS-CIFS 2.2.1.2.2: SMB_FEA_LIST, and SMB_GEA_LIST, which has names only. */
void smb1_ea_list(struct dx *d, bool values);

/* smb1_unix_level reads a level of the UNIX extensions ([CIFS-UNIX]; 0x200 to 0x20b) of a query (path or file), a
 * set, or where fs is true of the file system; false: it has no such level, and nothing was read. */
bool smb1_unix_level(struct dx *d, struct smb_msg *m, bool fs);
/* smb1_unix_entries reads SMB_FIND_FILE_UNIX (0x202) and SMB_FIND_FILE_UNIX_INFO2 (0x20b) entries. */
void smb1_unix_entries(struct dx *d, struct smb_msg *m);

/* RAP, MS-RAP 2.5.1: parameters of a call and of its answer, and the answer's data, for which p stands at the
 * answer's parameters.  A call is known by RAP_CALL in m->asked.code, which has the function below it. */
#define RAP_CALL 0x10000u
void rap_request(struct dx *p, struct smb_msg *m);
void rap_answer(struct dx *p, struct smb_msg *m);
void rap_answer_data(struct dx *d, const struct dx *p, struct smb_msg *m);


#endif
