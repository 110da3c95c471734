/* What the tracker's files share: its objects and their life.
 *
 * How it works.  A request makes a `pending` with its row half filled; its response completes the
 * row, acts on the objects (session, tree, open) and puts the row.  Objects are counted: each
 * pending that uses one, and the table that finds it by its wire id, hold a reference; the row of
 * an object is put when it ends, and whole again whenever track_flush asks.  Ids are given at the
 * request, so they follow the order of the capture whatever the order of the rows. */
#ifndef SESSION_TRACK_PRIVATE_H
#define SESSION_TRACK_PRIVATE_H

#include "base/map.h"
#include "dissectors/smb.h"
#include "session/track.h"

struct track_session;

/* A TCP connection. */
struct track_conn {
	const struct tcp_flow *flow;
	struct track_conn *prev, *next;        /* list of open ones, by id */
	struct ev_connection row;
	struct smb_ctx ctx;                    /* dialect, extended, time zone as negotiated */
	struct track_session *last_session;    /* the one found last, borrowed from the table */
	uint64_t last_wire;
	struct addr server;
	struct smb_text_list { text_id names[32]; uint8_t n; } offered;   /* SMB1 dialects of the NEGOTIATE request */
	uint8_t challenge[8];                  /* SMB1 without extended security */
	bool challenge_known;
	uint16_t server_security, client_security;
	struct pending *streaming[2];          /* exchange whose PDU is being streamed, by direction */
	uint32_t streaming_missing[2];
	struct track_open *related_open[2];    /* what the element before used, in this PDU */
	struct track_session *related_session;
	struct track_tree *related_tree;
	uint8_t now_direction;
};

/* An authentication exchange on its way. */
struct track_logon {
	struct ev_logon row;
	uint8_t challenge[8];
	bool challenge_known;
	uint32_t ntlm_flags;
};

struct session_key { uint32_t conn; uint32_t zero; uint64_t wire; };
struct track_session {
	struct map_node node;                  /* in sessions, by key */
	struct session_key key;
	struct ev_session row;
	struct track_logon *logon;             /* NULL when none is under way */
	uint32_t refs;
	bool dirty, ended, established;
};

struct tree_key { uint32_t owner, wire; };     /* session id (SMB2), connection id | top bit (SMB1); TreeId */
struct track_tree {
	struct map_node node;
	struct tree_key key;
	struct ev_share row;
	struct track_session *session;         /* counted; may be NULL */
	uint8_t share_type;
	uint32_t refs;
	bool ended;
};

struct open_key { uint64_t owner, p, v; };
struct track_open {
	struct map_node node;
	struct open_key key;
	struct ev_open row;
	struct track_session *session;         /* counted; may be NULL */
	struct track_tree *tree;               /* counted; may be NULL */
	uint8_t object;                        /* enum smb_object */
	uint32_t refs;
	bool ended, delete_pending;
};

struct pending_key { uint64_t message_id; uint32_t conn, index; };
struct pending {
	struct map_node node;
	struct pending_key key;
	struct ev_command row;
	struct smb_asked asked;
	struct smb_ctx ctx;
	uint8_t op, protocol;
	uint32_t rw_length;
	uint64_t wire_session;
	uint32_t wire_tree;
	struct moment asked_at;                /* of the request's last byte */
	int64_t first_interim_ns;
	uint8_t *request_blob, *response_blob; /* where_encode()d, owned */
	struct track_session *session;         /* counted, may be NULL; likewise the next two */
	struct track_tree *tree;
	struct track_open *open;
	bool late;                             /* stated early by track_flush */
};

struct track {
	struct event_sink *events;
	struct dx_run *run;
	struct track_base next;                /* the last id given of each kind */
	struct map sessions, trees, opens, waiting, strings, contexts, hosts;
	struct track_conn *conns, *last_conn;
	uint64_t messages, evictions;
	/* of the PDU being dissected */
	struct track_conn *conn;
	const struct pdu *pdu;
	struct pending *current;               /* the exchange of the current message, set by on_header */
	uint8_t *blob;                         /* scratch of where_encode */
	uint32_t blob_cap;
};

/* --- intern.c --- */
text_id intern(struct track *, const char *text, uint32_t len);
text_id intern_z(struct track *, const char *text);
text_id intern_wire(struct track *, const struct smb_text *);   /* 0 when not there */
text_id intern_hex(struct track *, const uint8_t *p, uint32_t len);
text_id intern_guid(struct track *, struct span);
text_id intern_addr(struct track *, const struct addr *);
uint32_t intern_ctx(struct track *, const struct smb_ctx *);
void intern_free(struct track *);
/* FILETIME to nanoseconds since 1970; 0 and "never" values give 0. */
int64_t filetime_ns(uint64_t filetime);

/* --- track_auth.c --- */
struct track_session *session_find(struct track *, struct track_conn *, uint64_t wire);
struct track_session *session_new(struct track *, struct track_conn *, uint64_t wire);
void session_unref(struct track *, struct track_session *);
void session_end(struct track *, struct track_session *);      /* out of the table, row put */
void session_put(struct track *, struct track_session *);
void setup_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void setup_response(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void sessions_close(struct track *, struct track_conn *);
void hosts_put(struct track *);
void host_seen(struct track *, const struct addr *, int64_t time_ns, text_id netbios, text_id dns, text_id domain,
               text_id os, text_id guid, int64_t skew_us);

/* --- track_file.c --- */
struct track_tree *tree_find(struct track *, const struct track_conn *, const struct track_session *, unsigned protocol,
                             uint32_t wire);
struct track_open *open_find(struct track *, const struct track_conn *, const struct track_session *, unsigned protocol,
                             const struct smb_fid *);
struct track_open *open_implicit(struct track *, struct track_conn *, struct pending *, unsigned protocol,
                                 const struct smb_fid *);
void tree_unref(struct track *, struct track_tree *);
void tree_end(struct track *, struct track_tree *, int64_t time_ns);
void open_unref(struct track *, struct track_open *);
void open_end(struct track *, struct track_open *);
void open_put(struct track *, struct track_open *);
void tree_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void tree_response(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void open_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void open_response(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void close_response(struct track *, struct smb_msg *, struct pending *);
void read_response(struct track *, struct smb_msg *, struct pending *);
void write_response(struct track *, struct smb_msg *, struct pending *);
void trees_close(struct track *, const struct track_session *, int64_t time_ns);
void opens_close(struct track *, const struct track_session *, const struct track_tree *);

/* --- track_pair.c --- */
struct pending *pending_new(struct track *, struct track_conn *, const struct smb_msg *);
struct pending *pending_find(struct track *, const struct track_conn *, const struct smb_msg *);
/* pending_done puts the row and lets everything go. */
void pending_done(struct track *, struct pending *);
void pending_put(struct track *, struct pending *);
void where_of(struct track *, const struct pdu *, uint16_t element, struct ev_where *, uint8_t **blob);
void message_put(struct track *, struct track_conn *, const struct smb_msg *, uint32_t command);
void pendings_close(struct track *, const struct track_conn *);

/* --- track_gen.c --- */
/* Computed fields of a response, told to the run's listener: the request's frame and the time since. */
void track_generated(struct dx_run *, unsigned protocol, uint32_t request_frame, int64_t since_ns);

#endif
