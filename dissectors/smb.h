/* The one entry to all SMB dissectors, and the facts they give.
 *
 * Dissectors know bytes and specifications, no state.  For each message (an element of an SMB2
 * compound, a block of an SMB1 AndX chain, a packet of the session service) the order is:
 * header read, on_header called for the context, body read, on_message called with the facts. */
#ifndef DISSECTORS_SMB_H
#define DISSECTORS_SMB_H

#include "base/pdu.h"
#include "base/span.h"
#include "dissect.h"

enum smb_kind {
	SMB_PLAIN,         /* a message with a header that could be read */
	SMB_SESSION,       /* NetBIOS session packet other than a message (RFC 1002 4.3) */
	SMB_ENCRYPTED,     /* SMB2 TRANSFORM_HEADER, MS-SMB2 2.2.41: no key */
	SMB_COMPRESSED,    /* SMB2 COMPRESSION_TRANSFORM_HEADER, MS-SMB2 2.2.42: not expanded */
	SMB_RAW,           /* file content without a header: what READ_RAW asked for, or the rest of a WRITE_RAW */
	SMB_UNKNOWN,       /* none of the four magics, or no header at all */
};

/* What the command does, whatever the protocol calls it: what the tracker acts on. */
enum smb_op {
	OP_OTHER, OP_NEGOTIATE, OP_SESSION_SETUP, OP_LOGOFF, OP_TREE_CONNECT, OP_TREE_DISCONNECT,
	OP_OPEN, OP_CLOSE, OP_SET, OP_FLUSH, OP_READ, OP_WRITE, OP_CANCEL, OP_BREAK, OP_TRANSACT,
};

enum smb_object { OBJECT_UNKNOWN, OBJECT_FILE, OBJECT_DIRECTORY, OBJECT_PIPE, OBJECT_PRINTER };

enum { DIALECT_UNKNOWN = 0, DIALECT_SMB1 = 0x0100, DIALECT_202 = 0x0202, DIALECT_210 = 0x0210, DIALECT_2FF = 0x02ff,
       DIALECT_300 = 0x0300, DIALECT_302 = 0x0302, DIALECT_311 = 0x0311 };

struct smb_ctx {
#define CTX(member, type, meaning) type member;
#include "ctx.def"
#undef CTX
};

/* What a request asked, as far as its response cannot be read without it. */
struct smb_asked {
	uint32_t code;         /* FSCTL code; AdditionalInformation */
	uint16_t level;        /* information class or level */
	uint16_t sub;          /* InfoType; TRANS2 or NT_TRANSACT function; pipe function */
	uint8_t detail;        /* e.g. flags of FIND */
	uint8_t command;       /* SMB1: the request's command, where more of it or its answer may come under another, or none */
	bool known;            /* the request was seen */
	bool has_fid;          /* SMB1: it named an open */
	uint16_t fid;          /* that one */
};

/* The parameters or the data of an SMB1 transaction, or as much of them as one message holds (MS-CIFS 2.2.4.33 ff). */
struct smb_block {
	uint32_t total;        /* how much there is of it in all, as this message has it */
	uint32_t from;         /* where in the whole it belongs */
	struct extent here;    /* where it lies in source 0 */
};

/* A message that holds part of a transaction. */
struct smb_split {
	struct smb_block parameters, data;
};

/* An open's wire name: SMB2 FileId, or SMB1 FID in v. */
struct smb_fid {
	uint64_t p, v;
	bool known;
	bool related;          /* SMB2: all FF, the one of the element before */
};

/* A string of the message, in its encoding; dead with the PDU. */
struct smb_text {
	struct span bytes;
	bool unicode;
	bool there;            /* the field was in the message, if only empty */
};

/* What a request wants changed of its open. */
enum smb_change {
	CHANGE_NONE, CHANGE_RENAME, CHANGE_LINK, CHANGE_DELETE, CHANGE_KEEP, CHANGE_SIZE,
	CHANGE_BASIC,          /* attributes, times */
	CHANGE_SECURITY,       /* the parts of the descriptor that asked.code names (MS-DTYP 2.4.7) */
	CHANGE_COPY,           /* bytes of another file are copied into it, by the server */
	CHANGE_REMOVE,         /* a path command: what is at the path goes now */
	CHANGE_MAKE,           /* a path command: a directory is made */
	CHANGE_SYMBOLIC,       /* a path command: a symbolic link is made */
};

/* File attributes and times as far as a message told them; 0: not told. */
struct smb_meta {
	uint64_t created, accessed, modified, changed;   /* FILETIME */
	uint64_t size, allocation;
	uint32_t attributes;
	bool known;
};

/* A directory entry, or the metadata of the file itself, in an answer. */
struct smb_entry {
	struct smb_text name;              /* of a directory entry */
	struct smb_meta meta;
	bool self;                         /* no entry: what the request's open or path is about */
	bool timed, sized;                 /* meta has times and attributes; size */
};

enum { MECH_NONE, MECH_NTLM, MECH_KERBEROS, MECH_PLAINTEXT };

/* What an authentication token told.  Spans point into the message. */
struct smb_auth {
	uint8_t mech;                      /* MECH_* of the token that was found */
	uint8_t ntlm_type;                 /* NTLMSSP MessageType 1, 2, 3; 0 none */
	uint8_t neg_state;                 /* SPNEGO negState + 1; 0 none */
	bool raw;                          /* without SPNEGO around it */
	bool mic_there;                    /* AUTHENTICATE_MESSAGE carries a MIC */
	uint32_t ntlm_flags;               /* NegotiateFlags */
	uint8_t version[8];                /* VERSION, MS-NLMP 2.2.2.10: major, minor, build LE ... */
	bool version_there;
	struct span challenge;             /* type 2: 8 bytes */
	struct smb_text target_name;
	struct smb_text nb_computer, nb_domain, dns_computer, dns_domain;   /* type 2 TargetInfo */
	uint64_t timestamp;                /* type 2 MsvAvTimestamp */
	struct smb_text user, domain, workstation;                          /* type 3 */
	struct span lm_response, nt_response, session_key, mic;             /* type 3 */
	struct span client_challenge;      /* NTLMv2: 8 bytes of the blob */
	uint64_t client_time;              /* NTLMv2 blob */
	struct smb_text client_target;     /* MsvAvTargetName of the NTLMv2 blob: the SPN */
	struct span realm, spn;            /* Kerberos ticket: realm, sname joined by '/' (arena text) */
	struct span mech_types;            /* SPNEGO mechTypes as DER, NULL if none */
};

struct smb_msg {
	uint8_t kind, protocol;            /* enum smb_kind; 1 or 2, 0 unknown */
	uint8_t op;                        /* enum smb_op */
	uint8_t direction;                 /* of the PDU */
	uint8_t src;                       /* source that its offsets count in, 0: as captured */
	bool response;
	bool has_status;                   /* status is one (responses) */
	bool dos_status;                   /* it came as a DOS class and code: dos_class, dos_code */
	bool async, related, is_signed, last, interim;
	bool bare;                         /* SMB1: WordCount 0 */
	uint8_t dos_class;
	uint16_t dos_code;
	uint16_t command;                  /* wire code; SMB_SESSION: the packet type */
	uint16_t index;                    /* element of the PDU, from 0 */
	uint32_t status;                   /* NTSTATUS, mapped where it was a DOS error */
	uint32_t tree_id;
	uint32_t flags;                    /* SMB2 Flags; SMB1 Flags | Flags2 << 16 */
	uint32_t off, len;                 /* header's start in its source, bytes up to the next element or end */
	uint32_t undecoded;                /* enum note_id: why the body could not be (wholly) read, 0: it was */
	uint64_t message_id;               /* SMB1: PIDHigh|PIDLow << 16 | MID */
	uint64_t async_id, session_id;     /* SMB1: UID */
	struct smb_ctx ctx;                /* set by on_header */
	struct smb_asked asked;            /* request: what it asks; response: its request's, set by on_header */
	struct smb_fid fid;                /* the open it is about */
	struct smb_text path;              /* path it names: CREATE, TREE_CONNECT, path commands; the new name of a rename or link */
	/* Self-relative (MS-DTYP 2.4.6): what a CHANGE_SECURITY sets, what an answer tells of the parts that its request asked
	 * for (asked.code, 2.4.7); NULL: none, or not wholly captured. */
	struct span descriptor;
	struct smb_auth *auth;             /* token carried, in the arena; NULL none */
	const struct smb_split *split;     /* SMB1: the transaction lies in several messages; in the arena, NULL: no */
	union {
		struct {
			struct span dialects;      /* SMB1: the dialect blocks; SMB2: 16-bit LE values */
			struct span client_guid;
			uint16_t security_mode;
		} negotiate_req;
		struct {
			struct span server_guid, challenge;
			struct smb_text domain, server;
			uint64_t system_time, boot_time;
			uint32_t capabilities, max_transact, max_read, max_write;
			uint16_t dialect;          /* SMB2 DialectRevision, SMB1 index */
			uint16_t security_mode;
			uint16_t cipher, signing, compression;   /* of the contexts; 0xffff: none sent */
			int16_t time_zone;
			bool extended;
		} negotiate_res;
		struct {
			uint64_t previous_session;
			struct smb_text account, domain, native_os, native_lanman;
			struct span lm_response, nt_response;   /* SMB1 without extended security */
			uint8_t flags;
		} setup_req;
		struct {
			struct smb_text native_os, native_lanman, domain;
			uint16_t flags;            /* SMB2 SessionFlags; SMB1 Action */
		} setup_res;
		struct {
			struct smb_text service, native_fs;
			uint32_t share_flags, access;
			uint8_t share_type;        /* SMB2 ShareType: 1 disk, 2 pipe, 3 print; SMB1 mapped; 4 comm */
		} tree;
		struct {
			uint64_t snapshot;         /* TWrp, FILETIME */
			uint32_t access, disposition, options, attributes, share;
			uint32_t flags;            /* SMB1: Flags of NT_CREATE_ANDX */
		} open_req;
		struct {
			struct smb_meta meta;
			uint32_t action;           /* MS-SMB2 CreateAction: 0 superseded 1 opened 2 created 3 overwritten */
			uint8_t object;            /* enum smb_object, OBJECT_UNKNOWN if not told */
			bool readdir;              /* the server agrees to Apple's READDIRATTR (create context AAPL) */
		} open_res;
		struct {
			struct smb_meta meta;
			uint16_t flags;
		} close;
		struct {
			uint64_t size;             /* CHANGE_SIZE: the new end of file */
			struct smb_text to;        /* new name, where path is the old one (path commands) */
			struct smb_meta meta;      /* CHANGE_BASIC: 0 and values no time has leave things as they are */
			uint8_t change;            /* enum smb_change; CHANGE_KEEP takes back a CHANGE_DELETE */
		} set;
		struct {
			uint16_t sid;              /* SMB1 FIND_FIRST2 answers, FIND_NEXT2 and FIND_CLOSE2 ask: the search */
			bool end;                  /* answers: it has nothing more */
		} find;
		struct {
			uint64_t offset;           /* in the file */
			uint32_t length;           /* asked (requests), moved (responses) */
			struct extent payload;     /* where the file bytes lie in the message's source */
		} rw;
		struct {
			struct span key;           /* of the file copied from (MS-SMB2 2.2.31.1), or as the server gives it (2.2.32.3) */
			struct smb_fid source;     /* or its open */
			uint64_t length;           /* bytes to be copied */
		} copy;
	} u;
};

struct smb_hooks {
	/* The header is read: fill m->ctx and m->asked.  False: this element is not wanted; its
	 * body is passed over and nothing of it is told. */
	bool (*on_header)(void *arg, struct smb_msg *m);
	/* The body is read.  m and what it points to live until the return. */
	void (*on_message)(void *arg, struct smb_msg *m, struct dx_run *run);
	void *arg;
};

/* smb_whole reads the whole of a transaction that lay in several messages, whose last one m is: `parameters` bytes, then
 * `data` bytes, which live in the run's arena.  m->asked is its request's, as far as that is known; what the whole tells
 * goes into m as if m had held all of it.  Returns the first note on it (enum note_id), 0: it could be read. */
uint16_t smb_whole(struct dx_run *, struct smb_msg *m, const uint8_t *bytes, uint32_t parameters, uint32_t data);

/* smb_msg.asked.detail of WRITE_RAW, MS-CIFS 2.2.4.25.1 WriteMode: WRITE_COMPLETE answers it when all has come. */
#define SMB1_WRITE_THROUGH 0x01

/* smb_dissect reads a whole PDU, or a streamed one's head.  run is begun here. */
void smb_dissect(const struct pdu *pdu, struct dx_run *run, const struct smb_hooks *hooks);

/* smb_payload_start tells how much of a large PDU has to be assembled before its file content:
 * have bytes of it (4-byte header included) are at p, len is declared.  Returns the offset of the
 * payload for a plain READ response or WRITE request that ends in its payload; len when the
 * whole must be assembled; 0 when have is too little to tell. */
uint32_t smb_payload_start(const uint8_t *p, uint32_t have, uint32_t len);

/* smb_plausible tells whether p may be the first bytes of a PDU (at least 8 of them), for finding
 * the next one after a gap: type, length and magic fit together. */
bool smb_plausible(const uint8_t *p, uint32_t have);

/* smb_command_code is the command with, for SMB1 transactions, what they carry: (subcommand + 1) << 8 | command.
 * smb_command_name returns Microsoft's name of such a code ("CREATE", "NT_CREATE_ANDX", "TRANS2_FIND_FIRST2");
 * NULL if it has none. */
uint16_t smb_command_code(const struct smb_msg *);
const char *smb_command_name(unsigned protocol, unsigned code);
/* smb_info_name names the class, level or FSCTL that a request asks for; NULL where there is none. */
const char *smb_info_name(const struct smb_msg *);

/* --- between the dissectors --- */

struct smb_walk {
	struct dx_run *run;
	const struct smb_hooks *hooks;
	const struct pdu *pdu;
};

void smb1_dissect(struct smb_walk *, struct dx d);          /* d: from the magic to the PDU's end */
void smb2_dissect(struct smb_walk *, struct dx d);
/* smb1_raw reads a packet without a header and tells m, if m->asked is that of READ_RAW or WRITE_RAW; false: it is not. */
bool smb1_raw(struct smb_walk *, struct dx *d, struct smb_msg *m);
bool smb1_payload(const uint8_t *p, uint32_t have, uint32_t *start);
void smb_message_end(struct smb_walk *, struct smb_msg *);  /* sets undecoded, calls on_message */

/* smb_entry_told hands an entry to whoever wants it. */
static inline void smb_entry_told(const struct dx *d, const struct smb_msg *m, const struct smb_entry *e)
{
	if (d->run->on_entry)
		d->run->on_entry(d->run->entry_arg, m, e);
}

/* spnego_dissect reads a security blob: SPNEGO, raw NTLMSSP or raw Kerberos, and leaves in
 * m->auth what it found (MS-SPNG, RFC 4178, MS-NLMP, RFC 4121). d is the blob. */
void spnego_dissect(struct dx *d, struct smb_msg *m);

#endif
