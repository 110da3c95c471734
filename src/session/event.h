/* The events: all that the store ever learns.  Plain records without SQL and without pointers.
 *
 * A record states a whole row; stating the same id again replaces it (the object has changed
 * since).  Text is interned: EV_TEXT gives a number its text once, before its first use; 0 is
 * NULL.  Of numbers, ids, frames and times 0 is NULL; of all others EV_NULL is.
 * Ids are given at the first byte of the thing, from 1, in the order of the capture set, so the
 * same captures always give the same ids. */
#ifndef SESSION_EVENT_H
#define SESSION_EVENT_H

#include "base/pdu.h"
#include "base/span.h"
#include "dissectors/rpc/rpc.h"
#include "dissectors/smb.h"

#define EV_NULL INT64_MIN

enum event_type {
	EV_TEXT, EV_CONTEXT, EV_CONNECTION, EV_GAP, EV_SESSION, EV_LOGON, EV_HOST, EV_SHARE, EV_OPEN,
	EV_COMMAND, EV_MESSAGE, EV_TRANSFER, EV_CHANGE, EV_LISTING, EV_CAPTURE, EV_INTERFACE, EV_UNIT_PART, EV_PREAUTH,
	EV_RPC_CONTEXT, EV_CALL,
	EV__COUNT
};

typedef uint32_t text_id;      /* of an interned text; 0: NULL */

struct ev_text {
	text_id text;
	uint32_t len;              /* bytes of UTF-8 that follow the record */
};

struct ev_context {
	uint32_t context;
	struct smb_ctx ctx;
};

/* Where a message's PDU lies.  One slice of a capture: at is its absolute offset and blob_len 0
 * (its length stands in its own header).  Else blob_len bytes of where_encode() follow the record. */
struct ev_where {
	uint64_t at;
	uint32_t blob_len;
	uint16_t capture;          /* index in the set; the row's capture */
	uint16_t element;          /* of the PDU: compound or AndX position, from 0 */
};

struct ev_connection {
	uint32_t connection, duplicate_of;
	uint16_t capture, end_capture;
	text_id client, server, community_id, transport, called_name, calling_name, signing, cipher, compression,
		client_guid, server_guid, ended, dialect;
	int64_t client_port, server_port;
	uint64_t isn;                      /* both initial sequence numbers; 0: not both seen */
	uint32_t first_frame, last_frame;
	int64_t start_time_ns, end_time_ns;
	int64_t client_bytes, server_bytes, client_missing, server_missing, client_retransmitted, server_retransmitted,
		conflicts, zero_windows, rtt_us, one_sided, midstream, messages, undecoded;
};

struct ev_gap {
	uint32_t gap, connection, command;
	uint16_t capture;
	text_id direction, reason;
	int64_t stream_offset, bytes;
	uint32_t before_frame, after_frame;
	int64_t start_time_ns, end_time_ns;
};

struct ev_session {
	uint32_t session, connection;
	uint16_t capture;
	uint64_t wire_session_id;
	text_id user, domain, workstation, mechanism, account_kind;
	int64_t status, is_signed, encrypted, channels, shares, commands, errors, bytes_read, bytes_written;
	uint32_t first_frame, last_frame, auth_frame;
	int64_t start_time_ns, end_time_ns;
};

struct ev_logon {
	uint32_t logon, session, connection;
	uint16_t capture;
	text_id mechanism, account_kind, user, domain, workstation, spn, realm, target_name, server_netbios_name,
		server_netbios_domain, server_dns_name, server_dns_domain, os_version, challenge, client_challenge,
		nt_proof, mic, hashcat;
	int64_t status, success, hashcat_mode, client_time_ns;
	uint32_t first_frame, last_frame;
	int64_t time_ns;
	uint32_t end_command, known_command;     /* that ended it; if well, the last one asked by then */
	bool named;                              /* an account was named, be it the empty one */
};

struct ev_host {
	text_id host, netbios_name, dns_name, domain, os, guid;
	int64_t skew_us, first_time_ns, last_time_ns;
};

struct ev_share {
	uint32_t share, session, connection;
	uint16_t capture;
	text_id path, share_name, share_type, native_fs;
	int64_t status, encrypted;
	uint32_t frame, known_frame;       /* request; answer */
	uint32_t known_command;            /* the last one asked when it was answered well */
	int64_t time_ns, end_time_ns;
};

/* What is known of whom and what a message is about, from messages before it; NULL and 0 where it is not.  What a
 * response names is what its request names, so that both ways to a message, in the run and alone, know the same. */
struct known_names {
	const char *user, *domain, *workstation;
	const char *tree;          /* path of the share */
	const char *path;          /* of the open, in the share */
	uint32_t auth_frame, tcon_frame;
	uint8_t share_type;        /* 1 disk, 2 pipe, 3 print */
	const uint8_t *preauth;    /* preauthentication integrity hash after this message: 64 bytes */
	struct known_open {        /* what was asked of the open; of SMB2 its frames */
		bool known;
		uint32_t opened_in;    /* frame of the answer; 0: it was refused */
		uint32_t asked_in;     /* of the message's request */
		const char *file;      /* as it was asked for */
		/* In the terms of NT_CREATE_ANDX, MS-CIFS 2.2.4.64.1 */
		uint32_t flags, access, attributes, share, disposition, options;
	} open;
};

/* A row of `files`. */
struct ev_open {
	uint32_t open, session, share, connection;
	uint16_t capture, end_capture;
	text_id path, name, extension, stream, kind, action, renamed_to;
	uint64_t file;                     /* hash of server, share name and upcased path; 0: NULL */
	int64_t snapshot_ns, status, access, disposition, options, delete_on_close, deleted, size, bytes_read,
		bytes_written, reads, writes, created_ns, modified_ns, accessed_ns, changed_ns;
	uint32_t open_frame, known_frame, close_frame;   /* request; answer; CLOSE */
	uint32_t opened_by, known_command; /* its command; the last one asked when it was answered well */
	uint32_t flags, attributes, share_access;
	bool rooted;                       /* SMB1: the path asked for began with a backslash */
	int64_t open_time_ns, close_time_ns;
};

enum { CMD_ENCRYPTED = 1, CMD_IS_ERROR = 2, CMD_RESPONSE_ONLY = 4,
       CMD_SIGNATURE_NONE = 8, CMD_SIGNATURE_UNVERIFIED = 16 };

/* A row of `commands`.  Followed by the request's, then the response's blob. */
struct ev_command {
	uint32_t command, connection, session, share, open;
	text_id path, user, info;          /* path: of commands that name one without an open */
	uint64_t file;
	uint32_t code;                     /* protocol << 16 | wire command */
	uint32_t flags;                    /* CMD_* */
	uint32_t context;
	uint64_t message_id;
	uint32_t request_frame, response_frame, pending_frame;
	int64_t request_time_ns, response_time_ns;
	int64_t latency_us, pending_us, transfer_us;
	int64_t status, dos_error, request_bytes, response_bytes, offset, length, data_bytes, missing_bytes;
	uint32_t undecoded;                /* enum note_id */
	struct ev_where request, response;
	bool has_request, has_response;
};

/* What is not a row of `commands`: interim answers, secondaries, unsolicited, undecodable messages. */
struct ev_message {
	uint32_t message, connection, command;   /* command: the exchange it belongs to, 0 none */
	uint32_t logon;                          /* of an encrypted one: the logon its session is of, 0 none */
	uint8_t kind, protocol, direction;       /* enum smb_kind */
	uint32_t code, context, undecoded, frame;
	int64_t time_ns, bytes, status;
	uint64_t message_id, wire_session_id;
	struct ev_where where;
};

/* A row of `transfers`: a content, as it was when the open ended. */
struct ev_transfer {
	uint32_t transfer, open, session, share, connection;
	uint16_t capture;
	text_id path, direction, missing, unmoved, sha256, sha1, md5;
	uint64_t file;
	uint32_t version, first_frame, last_frame;
	int64_t size, bytes_seen, missing_bytes, complete;
	int64_t start_time_ns, end_time_ns;
};

/* A row of `changes`. */
struct ev_change {
	uint32_t change, command, open, session, share, connection;
	uint16_t capture;
	text_id path, kind, new_path, old_value, new_value;
	uint64_t file;
	int64_t status, effective;
	uint32_t request_frame, response_frame;
	int64_t time_ns;
};

/* A row of `listings`. */
struct ev_listing {
	uint32_t listing, command, session, share, connection;
	uint16_t capture;
	text_id directory, name;
	uint64_t file;
	int64_t size, created_ns, modified_ns, accessed_ns, changed_ns, attributes;
	uint32_t frame;
	int64_t time_ns;
};

/* A capture file; stated at the start and again, whole, at the end. */
struct ev_capture {
	uint16_t capture;
	text_id path, sha256, format, note;
	int64_t bytes, frames, smb_frames, truncated_frames, dropped_frames, skipped_frames, bad_checksums, evictions,
		complete;
	int64_t first_time_ns, last_time_ns;
};

struct ev_interface {
	uint32_t interface;                /* index in its capture */
	uint16_t capture;
	text_id name;
	int64_t link_type, snaplen, frames, dropped;
};

/* Of an SMB1 transaction in several messages the whole is two units, of which either may be empty.  The stub of a call in
 * several PDUs is stated before the PDU that completes it (UNIT_DCERPC); a part of which more is in the next one, as its PDU
 * took several messages, is a UNIT_STUB_MORE. */
enum unit_kind { UNIT_DCERPC = 1, UNIT_PARAMETERS, UNIT_DATA, UNIT_STUB, UNIT_STUB_MORE };

/* A part of a unit: bytes gathered from several messages (DESIGN.md part 5, decision 4).  The last part lies in the message
 * that completes the unit; where none of its bytes come last, that part has no bytes. */
struct ev_unit_part {
	int64_t command;                   /* whose request (response) the part lies in; negative: -message_id */
	uint32_t unit, part;
	uint32_t open;
	uint8_t direction, kind;           /* 0 in the request, 1 in the answer; enum unit_kind */
	uint32_t off, len;                 /* in that message's PDU, session header included */
	/* With the first part of a UNIT_DCERPC that is of a call: what it needs from before. */
	uint32_t rpc_context;
	uint32_t request_frame;            /* of an answer: where its request began */
	int64_t request_time_ns;
};

struct ev_rpc_context {
	uint32_t rpc_context;
	struct rpc_ctx ctx;
};

/* A row of `calls`. */
struct ev_call {
	uint32_t call, open, session, connection;
	int64_t command;                   /* that carried the request's first PDU, or the answer's; negative: -message_id */
	uint16_t capture;
	text_id interface, uuid, version, operation, object, result, fault;
	int64_t opnum, result_code, sealed;
	uint32_t arguments_len, returned_len;     /* of the texts that follow the record, in this order; 0: not known */
	uint32_t request_frame, response_frame;   /* request: its first PDU, answer: its last */
	int64_t time_ns;
};

/* The preauthentication integrity hash (MS-SMB2 3.1.4.4.1), for showing and for deriving keys later.  Followed by 64 bytes:
 * after the request, and 64: after its answer. */
struct ev_preauth {
	uint32_t command;
	uint32_t known;                    /* bits: 1 the first is, 2 the second is */
};

/* Where events go.  put copies: record is sizeof(struct ev_...) bytes, followed by tail_len more. */
struct event_sink {
	void (*put)(struct event_sink *, enum event_type, const void *record, uint32_t len, const void *tail, uint32_t tail_len);
};

/* where_encode writes slices as varints (capture, offset as a difference, length) to out, at most
 * max bytes; returns their number, 0 if they do not fit.  where_decode reads them back; returns the
 * number of slices, -1 if the bytes are not such a list or there are more than max. */
uint32_t where_encode(const struct slice *, uint32_t n, uint8_t *out, uint32_t max);
int where_decode(struct span blob, struct slice *out, uint32_t max);

#endif
