/* SMB1: the frame of the command files.  MS-CIFS, MS-SMB. */
#ifndef DISSECTORS_SMB1_H
#define DISSECTORS_SMB1_H

#include "smb.h"

/* One command's block: WordCount words, ByteCount bytes (MS-CIFS 2.2.3.2, 2.2.3.3). */
struct smb1_body {
	struct dx d;            /* from this block to the PDU's end; its base is the header: offsets count from there */
	struct dx w;            /* the words, an AndX header already read */
	struct dx b;            /* the bytes, once smb1_bytes was called */
	uint16_t bcc;           /* ByteCount as it stands; 16 bits, so it wraps for large reads and writes */
	uint8_t wct;            /* WordCount, the AndX words included */
	bool in_bytes;          /* smb1_bytes was called */
};

/* Reads the words, calls smb1_bytes, reads the bytes, and leaves its facts in m. */
typedef void smb1_body_fn(struct smb1_body *s, struct smb_msg *m);

/* A command's row.  A response of WordCount 0 carries nothing (an error, or plain success) and is
 * not given to the function; where a function is NULL the frame shows words and bytes. */
struct smb1_cmd {
	smb1_body_fn *request, *response;
	uint8_t op;             /* enum smb_op */
	bool andx;              /* begins with AndXCommand, AndXOffset */
	uint8_t empty;          /* 1: neither words nor bytes mean anything but the counts, where a function is NULL */
};
/* smb1_cmd.empty, as 1, and the answer has bytes without words, as others have only where they tell of an error. */
#define SMB1_WORDLESS 2

/* smb1_bytes ends the words (what is unread of them is shown as such), reads ByteCount and opens
 * s->b over that many bytes.  at_least is the length the words give where it can be more than 16 bits
 * hold, else 0. */
void smb1_bytes(struct smb1_body *s, uint32_t at_least);
/* smb1_other shows words and bytes as they are, with a note: a WordCount nobody specified. */
void smb1_other(struct smb1_body *s);
/* smb1_skip_to reads what lies in s->b before offset off (from the header) as padding; false: off lies
 * before what was read, or outside. */
bool smb1_skip_to(struct smb1_body *s, uint32_t off);
/* smb1_fid takes the value of a FID just read into m->fid. */
void smb1_fid(struct smb_msg *m, uint64_t fid);
/* smb1_text takes a string just read. */
static inline struct smb_text smb1_text(const struct dx *d, struct span s)
{
	return (struct smb_text){ .bytes = s, .unicode = d->run->unicode, .there = true };
}
/* smb1_content reads n bytes of what is in a file or goes through a pipe, smb1_content_at those at offset off from the
 * header. */
void smb1_content(struct dx *, struct smb_msg *m, uint32_t n);
void smb1_content_at(struct smb1_body *s, struct smb_msg *m, uint32_t off, uint32_t n);
/* smb1_time reads SMB_DATE and SMB_TIME (MS-CIFS 2.2.1.4) as the time `id`, then the two in the order they
 * stand.  Returns FILETIME (UTC by the server's time zone), 0 where nothing was told. */
#define smb1_date_time(d, m, id) smb1_date_and_time((d), (m), F_##id, F_##id##_date, F_##id##_time, true)
#define smb1_time_date(d, m, id) smb1_date_and_time((d), (m), F_##id, F_##id##_date, F_##id##_time, false)
uint64_t smb1_date_and_time(struct dx *d, const struct smb_msg *m, enum field_id both, enum field_id date,
                            enum field_id time, bool date_first);
/* smb1_utime makes a FILETIME of a UTIME (MS-CIFS 2.2.1.4.3: seconds since 1970, server's local time). */
uint64_t smb1_utime(const struct smb_msg *m, uint64_t seconds);

/* smb1_blob reads len bytes as a security blob and hands them to spnego_dissect. */
void smb1_blob(struct dx *b, struct smb_msg *m, uint32_t len);

/* smb1_reach returns how many of the bytes behind ByteCount n bytes at offset off from the header need. */
uint32_t smb1_reach(const struct smb1_body *s, uint32_t off, uint32_t n);

/* open_res.action where the answer does not tell it. */
#define SMB1_ACTION_UNTOLD UINT32_MAX

/* smb1_access_mode and smb1_open_mode put an AccessMode and an OpenMode (MS-CIFS 2.2.4.3.1, 2.2.4.41.1) into
 * m->u.open_req as an access mask, a share access and a CreateDisposition. */
void smb1_access_mode(struct smb_msg *m, uint32_t mode);
void smb1_open_mode(struct smb_msg *m, uint32_t mode);
/* smb1_object sets m->u.open_res.object by a FileType (MS-CIFS 2.2.4.64.2). */
void smb1_object(struct smb_msg *m, uint32_t file_type, bool directory);
/* smb1_create_times reads what the answers of NT_CREATE_ANDX and NT_TRANSACT_CREATE share, from CreationTime
 * to Directory (MS-CIFS 2.2.4.64.2, 2.2.7.1.2), into m->u.open_res. */
void smb1_create_times(struct dx *d, struct smb_msg *m);

extern const struct smb1_cmd smb1_negotiate, smb1_session_setup, smb1_logoff, smb1_tree_connect_andx,
	smb1_tree_connect, smb1_tree_disconnect, smb1_nt_create, smb1_open_andx, smb1_open, smb1_create,
	smb1_create_temporary, smb1_read_andx, smb1_write_andx, smb1_read, smb1_write, smb1_write_and_close,
	smb1_read_raw, smb1_write_raw, smb1_write_complete, smb1_close, smb1_flush, smb1_close_print, smb1_seek,
	smb1_byte_range, smb1_locking, smb1_directory, smb1_delete, smb1_rename, smb1_nt_rename, smb1_copy,
	smb1_query_info, smb1_set_info, smb1_query_info2, smb1_set_info2, smb1_query_disk, smb1_search, smb1_echo,
	smb1_find_close2, smb1_empty, smb1_cancel, smb1_open_print, smb1_write_print, smb1_print_queue, smb1_transaction,
	smb1_transaction2, smb1_nt_transact, smb1_secondary, smb1_nt_secondary, smb1_read_mpx, smb1_write_mpx, smb1_ioctl,
	smb1_notify_close, smb1_messenger, smb1_machine_name, smb1_send_start;

#endif
