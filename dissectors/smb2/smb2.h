/* SMB2 and SMB3: the frame of the command files.  MS-SMB2. */
#ifndef DISSECTORS_SMB2_H
#define DISSECTORS_SMB2_H

#include "smb.h"

/* Reads a body (d.base is the header's start, d stands after the header) and leaves its facts in m. */
typedef void smb2_body_fn(struct dx *d, struct smb_msg *m);

/* A command's row; one exported per command file. */
struct smb2_cmd {
	uint16_t req_size, res_size;   /* StructureSize as the specification gives it; 0: the function decides */
	smb2_body_fn *request, *response;
	uint8_t op;                    /* enum smb_op */
};

extern const struct smb2_cmd smb2_negotiate, smb2_session_setup, smb2_logoff, smb2_tree_connect, smb2_tree_disconnect,
	smb2_create, smb2_close, smb2_flush, smb2_read, smb2_write, smb2_lock, smb2_ioctl, smb2_cancel, smb2_echo,
	smb2_query_directory, smb2_change_notify, smb2_query_info, smb2_set_info, smb2_oplock_break, smb2_notification;

/* smb2_fileid reads a FileId (MS-SMB2 2.2.14.1) into m->fid. */
void smb2_fileid(struct dx *d, struct smb_msg *m);
/* smb2_create_name tells the name of the create context called tag, as the specification has it. */
void smb2_create_name(const struct dx *d, struct span tag);
/* smb2_create_data reads the data of the create context called tag (MS-SMB2 2.2.13.2, 2.2.14.2). */
void smb2_create_data(struct dx *d, struct smb_msg *m, struct span tag);
/* smb2_asked_kind tells with an answer to QUERY_INFO or SET_INFO, of which d is the body, what its request was about. */
void smb2_asked_kind(const struct dx *d, const struct smb_msg *m);
/* smb2_asked_listing does so for QUERY_DIRECTORY. */
void smb2_asked_listing(const struct dx *d, const struct smb_msg *m);
/* smb2_identity reads the ticket of a remoted identity, of which d is the start (MS-SMB2 2.2.9.2.1). */
void smb2_identity(struct dx *d);
/* smb2_error reads an ERROR response body (MS-SMB2 2.2.2). */
void smb2_error(struct dx *d, struct smb_msg *m);
/* smb2_transform reads an encrypted message's header (2.2.41), smb2_compressed a compressed one's (2.2.42). */
void smb2_transform(struct dx *d, struct smb_msg *m);
void smb2_compressed(struct dx *d, struct smb_msg *m);

/* smb2_empty reads a body of StructureSize 4: the size and two reserved bytes; smb2_unknown the same where
 * Wireshark calls them unknown. */
void smb2_empty(struct dx *d, struct smb_msg *m);
void smb2_unknown(struct dx *d, struct smb_msg *m);
/* smb2_part is d_sub from the header's start, for what lies behind the fixed part d has read: an offset that
 * points back before it is noted, the padding before it is told. */
bool smb2_part(const struct dx *d, uint32_t off, uint32_t len, struct dx *part);
/* smb2_security shows the security blob that part is, and reads it into m->auth. */
void smb2_security(struct dx *part, struct smb_msg *m);

#endif
