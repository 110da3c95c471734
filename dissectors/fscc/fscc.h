/* File system structures that SMB1 and SMB2 carry: information classes, directory entries, change records,
 * reparse data and FSCTL buffers.  MS-FSCC. */
#ifndef DISSECTORS_FSCC_H
#define DISSECTORS_FSCC_H

#include "smb.h"

/* InfoType, MS-SMB2 2.2.37 */
enum { FSCC_FILE = 1, FSCC_FS = 2, FSCC_SECURITY = 3, FSCC_QUOTA = 4 };

/* Reads a structure that is all of d; m->response tells a query's answer from what is set. */
typedef void fscc_fn(struct dx *d, struct smb_msg *m);

/* A class: who asks for it (type, level), and how it is read in the answer to a query and when it is set. */
struct fscc_class {
	uint8_t type;           /* FSCC_* */
	uint8_t level;          /* FileInfoClass or FsInfoClass, MS-FSCC 2.4, 2.5 */
	enum field_id group;    /* the structure as a whole; F__none */
	fscc_fn *query, *set;   /* NULL: shown as bytes */
};

/* A FSCTL, and how its input and output are read; NULL: shown as bytes.  The tables end with code 0. */
struct fscc_fsctl {
	uint32_t code;
	fscc_fn *input, *output;
};
extern const struct fscc_fsctl fsctl_volume[], fsctl_stats[], fsctl_usn[], fsctl_snapshot[], fsctl_local[], fsctl_rsvd[];

/* The tables by part, ending with type 0: MS-FSCC 2.4, what it leaves out, MS-FSCC 2.5. */
extern const struct fscc_class fscc_file_classes[], fscc_local_classes[], fscc_fs_classes[];

/* fscc_find is the row of a class; NULL: there is none.  Security and quotas have one for all levels. */
const struct fscc_class *fscc_find(unsigned type, unsigned level);
/* fscc_info reads the data of a QUERY_INFO answer or a SET_INFO request by m->asked (sub: type, level); what has
 * no function, or whose request was not seen, as bytes. */
void fscc_info(struct dx *d, struct smb_msg *m);
/* fscc_fits is how much of a text of len bytes at the end of a structure is there: all, as a rule; what the client's
 * buffer had room for, where the server says so (STATUS_BUFFER_OVERFLOW, MS-FSCC 2.4, MS-FSA 2.1.5.11). */
uint32_t fscc_fits(const struct dx *d, const struct smb_msg *m, uint32_t len);
/* fscc_query_input reads the input buffer of a query: quota and EA lists (MS-SMB2 2.2.37.1, MS-FSCC 2.4.16.1). */
void fscc_query_input(struct dx *d, unsigned type, unsigned level);
/* fscc_directory reads directory entries of a class (MS-FSCC 2.4), each told as a struct smb_entry. */
void fscc_directory(struct dx *d, const struct smb_msg *m, unsigned level);
/* fscc_notify reads FILE_NOTIFY_INFORMATION records (MS-FSCC 2.7.1). */
void fscc_notify(struct dx *d);
/* fscc_full_ea reads FILE_FULL_EA_INFORMATION entries (MS-FSCC 2.4.16). */
void fscc_full_ea(struct dx *d);
/* fscc_quota_list reads FILE_QUOTA_INFORMATION entries (MS-FSCC 2.4.41); fscc_posix_common what Samba's POSIX
 * information has before a name (no specification by Microsoft; Samba's smb311_posix). */
void fscc_quota_list(struct dx *d, struct smb_msg *m);
void fscc_posix_common(struct dx *d);
/* fscc_told tells the metadata of the file that was asked about; what was cut is not told. */
void fscc_told(const struct dx *d, const struct smb_msg *m, struct smb_entry *s);
/* fscc_reparse reads a reparse data buffer (MS-FSCC 2.1.2); fscc_wof what the overlay filter keeps, in one or by an FSCTL (ntifs.h,
 * WOF_EXTERNAL_INFO and what its provider adds); fscc_symlink what follows the length (and, in the
 * error body of SMB2, UnparsedPathLength) of a symbolic link or, without flags, a mount point. */
void fscc_reparse(struct dx *d);
void fscc_wof(struct dx *d);
void fscc_symlink(struct dx *d, bool flags);
/* fscc_dfs_request, fscc_dfs_request_ex and fscc_dfs_response read a DFS referral's (MS-DFSC 2.2.2 to 2.2.5). */
void fscc_dfs_request(struct dx *d);
void fscc_dfs_request_ex(struct dx *d);
void fscc_dfs_response(struct dx *d);

/* scsi_cdb reads the command descriptor block that is all of d (SPC-4, SBC-3) and puts what the answer's data are read by into
 * m->asked.  scsi_data_out reads what goes to the disk with it, scsi_data_in, by m->asked, what comes from there; scsi_sense
 * sense data (SPC-4 4.5).  What has no structure here stays unread. */
void scsi_cdb(struct dx *d, struct smb_msg *m);
void scsi_data_out(struct dx *d, const struct smb_msg *m);
void scsi_data_in(struct dx *d, const struct smb_msg *m);
void scsi_sense(struct dx *d);

/* fsctl_input and fsctl_output read the buffers of FSCTL `code` (MS-FSCC 2.3, MS-SMB2 2.2.31, 2.2.32). */
void fsctl_input(struct dx *d, struct smb_msg *m, uint32_t code);
void fsctl_output(struct dx *d, struct smb_msg *m, uint32_t code);

#endif
