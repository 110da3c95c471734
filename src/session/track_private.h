/* What the tracker's files share: its objects and their life.
 *
 * How it works.  A request makes a `pending` with its row half filled; its response completes the
 * row, acts on the objects (session, tree, open) and puts the row.  Objects are counted: each
 * pending that uses one, and the table that finds it by its wire id, hold a reference.  The row of
 * an object is put when it ends, and whole again whenever track_flush asks.  Ids are given at the
 * request, so they follow the order of the capture whatever the order of the rows; lists of objects
 * are in order of ids, and what ends together ends in that order. */
#ifndef SESSION_TRACK_PRIVATE_H
#define SESSION_TRACK_PRIVATE_H

#include "base/list.h"
#include "base/map.h"
#include "dissectors/names.h"
#include "dissectors/rpc/dcerpc.h"
#include "dissectors/smb.h"
#include "session/content.h"
#include "session/track.h"
#include "session/unit.h"

enum { PREAUTH_HASH = 64 };                /* SHA-512 */

/* The preauthentication integrity hash after the last message of it; known: all its messages were captured whole. */
struct preauth {
	uint8_t hash[PREAUTH_HASH];
	bool known;
};

/* The same after a request, and after its answer. */
struct preauth_pair {
	uint8_t hash[2][PREAUTH_HASH];
	bool known[2];
};

/* A TCP connection. */
struct track_conn {
	const struct tcp_flow *flow;
	struct link link;                      /* in conns */
	struct link sessions, pendings;        /* of this connection */
	struct ev_connection row;
	struct smb_ctx ctx;                    /* dialect, extended, time zone as negotiated */
	struct addr server;
	text_id offered[32];                   /* SMB1 dialects of the NEGOTIATE request */
	uint32_t n_offered;
	uint8_t challenge[8];                  /* SMB1 without extended security */
	bool challenge_known;
	uint16_t server_security, client_security;
	struct preauth preauth;                /* over the NEGOTIATE messages: where a session's begins */
	struct pending *streaming[2];          /* exchange whose PDU is being streamed, by direction */
	struct pending *raw[2];                /* SMB1: whose content comes next without a header, by direction; borrowed */
	/* One-sided captures: the newest SESSION_SETUP, TREE_CONNECT and CREATE without an answer, to which the next id that
	 * nobody knows is taken to belong.  Borrowed; NULL none. */
	struct pending *unbound[3];
	/* What the compound element before used; borrowed, of the PDU being dissected only. */
	struct track_open *related_open;
	struct track_tree *related_tree;
	struct track_session *related_session;
};

/* Whom a logon, and once it has ended well a session, is of; only where somebody listens to the run. */
struct track_account {
	char *user, *domain, *workstation;     /* owned; NULL: not named */
	uint32_t refs, frame;                  /* frame: of the answer */
};

/* An authentication exchange on its way. */
struct track_logon {
	struct ev_logon row;
	struct track_account *account;         /* made by the first token that names one; counted */
	uint8_t challenge[8];
	bool challenge_known;
	uint32_t flags;                        /* NegotiateFlags of the challenge */
};

struct session_key {
	uint64_t wire;
	uint32_t conn, zero;
};
struct track_session {
	struct map_node node;                  /* in sessions */
	struct session_key key;
	struct link link;                      /* of its connection */
	struct link trees, opens;
	struct ev_session row;
	struct track_logon *logon;             /* NULL when none is under way */
	struct track_account *account;         /* counted; NULL when none is known */
	struct preauth preauth;                /* of the last logon, on this channel */
	uint32_t known_logon;                  /* the last that ended well, 0 none */
	struct track_session *primary;         /* of a bound channel: the session it belongs to, counted */
	uint32_t refs;
	bool in_map, dirty, anonymous, guest;
};

/* When a transfer began and ended. */
struct track_moved {
	struct moment first, last;     /* first.frame 0: nothing moved */
};

struct tcon_key {
	uint32_t session, wire;
	uint32_t conn, zero;
};
struct track_tree {
	struct map_node node;
	struct tcon_key key;
	struct link link;                      /* of its session */
	struct ev_share row;
	uint8_t share_type;                    /* 1 disk, 2 pipe, 3 print, 4 comm, 0 unknown */
	uint32_t refs;
	bool in_map, readdir;                  /* readdir: as in the context */
	char *path;                            /* as sent; owned, NULL where nobody listens */
	char *server_share;                    /* server address and upcased share name, for file ids; owned, may be NULL */
	text_id names;                         /* the same, interned */
	/* SMB1: directories being searched, the last ones; owned. */
	struct {
		uint16_t sid;
		char *directory;
	} finds[4];
	uint8_t n_finds;                       /* where the next one goes */
};

struct open_key {
	uint64_t p, v;
	uint32_t session, conn;
};
struct track_open {
	struct map_node node;
	struct open_key key;
	struct link link;                      /* of its session */
	struct ev_open row;
	struct track_session *session;         /* borrowed; NULL when the session is gone or unknown */
	uint32_t refs;
	struct unit_stream *units[2];          /* of a pipe, by direction; NULL: nothing went there yet */
	struct pipe *pipe;                     /* calls through it; owned, NULL: no PDU yet */
	struct units *held;                    /* what the streams are counted in; borrowed of the tracker */
	uint32_t tree_id;                      /* wire id of its tree */
	uint8_t object;                        /* enum smb_object */
	bool in_map, dirty;
	char *opened;                          /* the row's path; owned, NULL where nobody listens */
	uint64_t at;                           /* number of the path it is at, after renames */
	char *path;                            /* the path it is at; owned, NULL: not known */
	uint32_t attributes;                   /* last told; 0: not known */
	/* Who asked for the deletion on close, as of then. */
	struct {
		uint32_t command, request_frame, response_frame;
		int64_t time_ns;
	} doomed;
	bool size_known;                       /* row.size is the end of file as the server told it, or as it was set */
	bool versioned;                        /* its writes have begun a version of the file */
	struct content content;                /* what was read through it */
	struct track_moved moved[2];           /* written, read: by direction of the data */
	bool whole;                            /* its opening was seen: what goes through it first is the start */
};

/* A transaction's request or answer on its way (track_trans.c). */
struct track_trans;

struct pending_key {
	uint64_t message_id;
	uint32_t conn, index;
};
struct pending {
	struct map_node node;
	struct pending_key key;
	struct link link;                      /* of its connection */
	struct ev_command row;
	struct smb_asked asked;
	struct smb_ctx ctx;
	uint16_t command;                      /* wire code */
	uint8_t op;
	bool in_map;
	uint32_t payload_missing;
	uint8_t change;                        /* enum smb_change, of a SET_INFO */
	uint64_t new_size;
	char *new_path;                        /* owned; of SMB1's searches the directory, of its queries the path */
	uint64_t at;                           /* number of the path that row.path is */
	struct smb_meta meta;                  /* CHANGE_BASIC */
	text_id old_text, new_text;            /* CHANGE_COPY: the path copied from; CHANGE_SECURITY: what is set */
	struct extent payload;                 /* of the READ response or WRITE request, in its PDU */
	struct slice *slices;                  /* where a WRITE's payload lies, until the answer; owned */
	uint32_t n_slices;
	struct track_moved wrote;
	struct track_conn *conn;
	struct pending *same;                  /* SMB1: asked later under the same id, answered after this one */
	uint64_t server_missing;               /* of the connection when it was asked */
	struct moment asked_at;                /* the request's last byte */
	struct track_trans *trans[2];          /* SMB1: request, answer in several messages; owned, NULL: in one */
	int64_t interim_ns;                    /* when the first interim answer came, 0 none */
	uint8_t *request_blob, *response_blob; /* where_encode()d, owned */
	struct track_session *session;         /* counted, may be NULL; likewise the next two */
	struct track_tree *tree;
	struct track_open *open;
	struct track_open *search;             /* FIND_FIRST2: the directory, as an open */
	uint16_t sid;                          /* FIND_NEXT2, FIND_CLOSE2: which search */
	struct track_account *account;         /* of the session when it was asked; counted, may be NULL */
	struct preauth_pair *preauth;          /* NEGOTIATE, SESSION_SETUP: owned, NULL where nobody knows */
	struct track_account *decided;         /* SESSION_SETUP: the one its answer is about; counted, may be NULL */
};

/* The numbers of paths asked for lately: SHA-256 costs more than the rest of an open. */
#define PATH_NUMBERS 4096
struct path_number {
	text_id names, path;
	uint64_t number;
};

struct track {
	struct event_sink *events;             /* NULL: nobody wants rows */
	struct dx_run *run;
	struct track_base next;                /* the last id given of each kind */
	struct map sessions, trees, opens, waiting, strings, contexts, hosts, files, moved, resumes, secured;
	track_content_fn *on_content;
	void *on_content_arg;
	struct link conns;
	size_t secured_bytes;                  /* of descriptors that are kept */
	struct units units, trans_held;        /* held by pipes; by transactions in several messages */
	struct map pipe_contexts, pipe_calls, pipe_handles, rpc_contexts;
	uint64_t call_texts;       /* bytes of arguments that calls under way hold */
	struct units stubs;                    /* held by calls in several PDUs */
	uint64_t messages, evictions;
	uint32_t n_pending;
	/* Found last, while in their tables: most messages use what the one before did. */
	struct track_session *last_session;
	struct track_tree *last_tree;
	struct pending *spare;                 /* released ones, by `same`, to be used again */
	/* of the PDU being dissected */
	struct track_conn *conn;
	const struct pdu *pdu;
	struct pending *current;               /* the exchange the current response ends */
	uint8_t *blob;                         /* scratch of where_encode */
	uint32_t blob_cap;
	struct evp_md_ctx_st *sha512;          /* of preauth.c; NULL until it is wanted */
	struct path_number numbers[PATH_NUMBERS];
};

/* --- intern.c: text, contexts; 0 where there is nothing to name --- */
void intern_init(struct track *);
void intern_free(struct track *);
text_id intern(struct track *, const char *text, uint32_t len);
text_id intern_z(struct track *, const char *text);
text_id intern_wire(struct track *, const struct smb_text *);
text_id intern_hex(struct track *, struct span);
text_id intern_guid(struct track *, struct span);
text_id intern_addr(struct track *, const struct addr *);
uint32_t intern_ctx(struct track *, const struct smb_ctx *);
uint32_t intern_rpc_ctx(struct track *, const struct rpc_ctx *);
/* FILETIME to nanoseconds since 1970; values that mean "none" and "never" give 0. */
int64_t filetime_ns(uint64_t filetime);
/* text_of writes a wire text as UTF-8 to out (size LIMIT_TEXT), returns its length. */
uint32_t text_of(const struct smb_text *, char *out);

/* --- track_auth.c: sessions and logons --- */
struct track_session *session_find(struct track *, const struct track_conn *, uint64_t wire);
struct track_session *session_new(struct track *, struct track_conn *, uint64_t wire);
void session_ref(struct track_session *);
void session_unref(struct track_session *);
void session_seen(struct track *, struct track_session *);     /* a message of it: last frame and time */
void session_end(struct track *, struct track_session *);      /* with its trees and opens; row put */
void session_put(struct track *, struct track_session *);
/* The session whose row counts: the one a bound channel belongs to, or itself. */
struct track_session *session_main(struct track_session *);
/* The number that trees and opens of a session are found by: its id. */
uint32_t session_number(const struct track_session *);
void setup_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void setup_response(struct track *, struct track_conn *, struct smb_msg *, struct pending *);

/* --- logon.c: what the tokens of an authentication say --- */
struct track_logon *logon_new(struct track *, struct track_conn *, struct track_session *);
void logon_token(struct track *, struct track_conn *, struct track_session *, const struct smb_msg *);
/* logon_decided: p's answer ends the session's logon; call before logon_end.  good: it tells whose the session is from
 * now on; not so for its further channels. */
void logon_decided(struct track *, struct track_session *, struct pending *p, bool good);
void logon_end(struct track *, struct track_session *, bool answered, uint32_t status);

/* --- preauth.c: what the keys of SMB 3.1.1 are derived from --- */
/* preauth_message takes a NEGOTIATE or SESSION_SETUP message into the hash of its connection or session, and tells it. */
void preauth_message(struct track *, struct track_conn *, const struct smb_msg *, struct pending *);
void preauth_put(struct track *, const struct pending *);
void preauth_end(struct track *);

/* --- track_gen.c: what messages before tell of one --- */
/* NULL: one that no token has named. */
struct track_account *account_new(const struct smb_auth *);
struct track_account *account_ref(struct track_account *);
void account_unref(struct track_account *);
/* asked_as keeps whose command it is, for itself and its answer. */
void asked_as(struct pending *);
/* names_of_session tells the run's listener whose message it is that belongs to a session and to no exchange. */
void names_of_session(struct track *, const struct smb_msg *, struct track_session *);
/* names_of tells the run's listener what is known of the exchange's message. */
void names_of(struct track *, const struct smb_msg *, const struct pending *);

/* --- hosts.c --- */
/* host_seen merges what row tells (0, EV_NULL: nothing) into the host's facts. */
void host_seen(struct track *, const struct addr *, int64_t time_ns, const struct ev_host *row);
void hosts_put(struct track *);
/* clock_skew_us: how far a host's clock is ahead of the capture's; EV_NULL where that cannot be said in 64 bits. */
int64_t clock_skew_us(int64_t told_ns, int64_t seen_ns);

/* --- track_file.c: trees and opens --- */
enum { UNBOUND_SESSION, UNBOUND_TREE, UNBOUND_OPEN };
/* unbound_set remembers an unanswered request where the server's side is not captured; unbound_take forgets and returns it. */
void unbound_set(struct track_conn *, int kind, struct pending *);
struct pending *unbound_take(struct track_conn *, int kind);
/* tcon_bind gives an unknown TreeId to the TREE_CONNECT that must have made it; NULL where none waits. */
struct track_tree *tcon_bind(struct track *, struct track_conn *, struct track_session *, uint32_t wire);
void tcon_put(struct track *, struct track_tree *);
struct track_tree *tcon_find(struct track *, const struct track_conn *, const struct track_session *, uint32_t wire);
void tcon_unref(struct track_tree *);
void tcon_end(struct track *, struct track_tree *, int64_t time_ns);
void tcon_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void tcon_response(struct track *, struct smb_msg *, struct pending *);
void open_unref(struct track_open *);
void open_end(struct track *, struct track_open *);
void open_put(struct track *, struct track_open *);
void open_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void open_response(struct track *, struct smb_msg *, struct pending *);
/* SMB1 opens a directory without a FID: to search it (by the search's id, from FIND_FIRST2 to FIND_CLOSE2), and as it is made.
 * directory_request returns the open, with one reference; it ends by directory_close, or as others do. */
struct track_open *directory_request(struct track *, struct track_conn *, struct pending *, const char *path, bool make);
void directory_response(struct track *, struct track_open *, const struct smb_msg *, const char *action);
void directory_keep(struct track *, struct track_conn *, struct track_open *, uint16_t sid);
struct track_open *directory_find(struct track *, const struct track_conn *, uint32_t tree_id, uint16_t sid);
void directory_close(struct track *, struct track_open *);
/* open_of_request finds the open a request names by its id (or that the element before used). */
void open_of_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
/* open_object puts what the open is that m->fid names into m->ctx.object. */
void open_object(void *track, struct smb_msg *m);
/* path_of_request keeps the path of a command that names one without an open. */
void path_of_request(struct track *, struct smb_msg *, struct pending *);
/* path_relative skips the leading backslashes and, under DFS, server and share (MS-SMB2 2.2.13) of a path in m. */
char *path_relative(const struct smb_msg *m, char *path, bool dfs);
void close_response(struct track *, struct smb_msg *, struct pending *);
void read_response(struct track *, struct smb_msg *, struct pending *);
void write_response(struct track *, struct smb_msg *, struct pending *);

/* open_named is the open of the exchange's session that fid names; NULL: not known. */
struct track_open *open_named(struct track *, const struct track_conn *, const struct pending *, const struct smb_fid *fid);

/* --- track_copy.c: copies that the server makes --- */
void copy_init(struct track *);
void copy_end(struct track *);
void copy_request(struct track *, struct track_conn *, const struct smb_msg *, struct pending *);
void copy_response(struct track *, const struct smb_msg *, const struct pending *);

/* --- track_unit.c: what goes through pipes --- */
/* track_units takes the pipe bytes of a message, dissects the PDUs they complete into the same run, states their parts.
 * here names the message. */
void track_units(struct track *, struct smb_msg *, struct pending *, const struct unit_part *here);
/* captured_bytes returns the bytes of the PDU at hand that lie there, NULL when some of them are missing. */
const uint8_t *captured_bytes(const struct track *, struct extent);

/* --- pipe.c: presentation contexts and calls --- */
struct pipe;
struct pipe_call;
struct stub;
/* A PDU that is being dissected: what its hooks get. */
struct pipe_pdu {
	struct track *t;
	struct pipe *pipe;
	const struct pending *p;               /* the exchange at hand */
	const struct unit *unit;
	const struct unit_stream *stream;
	struct unit_part here;                 /* names the message at hand */
	struct pipe_call *call;                /* that it is of; set by the hook, as are the next two */
	struct stub *whole;                    /* that it completes; NULL: none, or the PDU has all of it */
	struct rpc_facts *facts;               /* what its stub says; NULL: nobody asked */
	bool ends;                             /* the call is answered by it */
};
void pipes_init(struct track *);
void pipes_end(struct track *);
/* pipes_flush states the calls under way. */
void pipes_flush(struct track *);
struct pipe *pipe_new(struct track *, uint32_t open);
/* pipe_free states what was not answered; accepts NULL. */
void pipe_free(struct pipe *);
/* The hooks of dcerpc_dissect; arg is a struct pipe_pdu. */
bool pipe_call(void *arg, const struct rpc_msg *, struct rpc_known *);
void pipe_item(void *arg, const struct rpc_msg *, const struct rpc_item *);
/* pipe_done follows the PDU, once dissected: completes the row of its unit, states the unit of the stub it completes. */
void pipe_done(struct pipe_pdu *, const struct rpc_msg *, struct ev_unit_part *row);

/* --- track.c --- */
/* request_facts acts on what a request asks for, once all of it is there. */
void request_facts(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
/* response ends the exchange t->current, or that of an answer alone. */
void response(struct track *, struct track_conn *, struct smb_msg *);
/* generated tells what is computed of an answer: in the run, and for each message alone. */
void generated(struct track *, const struct smb_msg *, const struct pending *);
/* holes_in returns how many of the bytes there are missing. */
uint32_t holes_in(const struct pdu *, struct extent);

/* --- track_smb1.c: SMB1 exchanges that are more than a request and its answer --- */
/* A secondary request is more of a transaction's request, under the same id. */
bool track_is_secondary(const struct smb_msg *);
void track_secondary(struct track *, struct track_conn *, struct smb_msg *);
/* track_asked notes what comes next without a header; smb1_primary takes a transaction's request of which more is to come. */
void track_asked(struct track_conn *, const struct smb_msg *, struct pending *);
void track_primary(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
/* track_make: a directory is made by its path; for the tracker it is opened, and closed again. */
void track_make(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
/* track_goes_on takes an answer that is not the (whole) answer yet; false: m is, and tells all of it. */
bool track_goes_on(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
/* track_raw takes file content without a header: an answer, or more of a WRITE_RAW. */
void track_raw(struct track *, struct track_conn *, struct smb_msg *);

/* --- track_trans.c: SMB1 transactions in several messages --- */
/* trans_add takes what m holds (m->split) into *slot, making it if need be; true: the whole is there.  trans_place then says
 * where what m held lies (unit_part).  trans_free accepts NULL. */
bool trans_add(struct track *, struct track_trans **slot, const struct smb_msg *m);
bool trans_complete(const struct track_trans *);
void trans_place(struct track_trans *, int64_t command, bool response);
void trans_free(struct track *, struct track_trans *);
/* trans_first is the moment its first message began, trans_bytes the length of its messages. */
const struct moment *trans_first(const struct track_trans *);
uint32_t trans_bytes(const struct track_trans *);
/* trans_tell has the whole dissected into m, which completes it (last names it), and states its parts. */
void trans_tell(struct track *, const struct track_trans *, struct smb_msg *m, struct pending *, const struct unit_part *last);
/* trans_feed gives the whole's data to a pipe's stream. */
void trans_feed(struct track *, const struct track_trans *, struct unit_stream *, unit_done_fn *, void *arg);

/* --- track_set.c: identities of files, and what SET_INFO does to them --- */
/* The number of the file at a path (without leading backslash): the same in every run, following renames; 0 unknown.
 * at (may be NULL): that of the path itself. */
uint64_t file_of_path(struct track *, const struct track_tree *, const char *path, uint64_t *at);
/* The same, of a path seldom asked for: nothing is remembered of it. */
uint64_t file_of_entry(struct track *, const struct track_tree *, const char *path);
void set_init(struct track *);
void set_end(struct track *);
void set_request(struct track *, struct smb_msg *, struct pending *);
void set_response(struct track *, struct pending *);

/* --- track_security.c: the security descriptors of files, as answers told them --- */
void security_init(struct track *);
void security_end(struct track *);
/* An answer told m->descriptor. */
void security_told(struct track *, const struct smb_msg *, const struct pending *);
/* What is known of the parts that a CHANGE_SECURITY sets, as SDDL; 0: nothing.  security_changed: they are other ones now. */
text_id security_old(struct track *, const struct pending *);
void security_changed(struct track *, const struct pending *);
/* The file is gone, or another one. */
void security_forget(struct track *, uint64_t file);

/* --- track_change.c: rows of `changes` --- */
/* changes_put states what an exchange tried to change, when its answer is known (p->row) and before it is acted upon; or
 * that no answer came.  Creations: change_created; deletions on close: change_deleted. */
void changes_put(struct track *, struct pending *);
/* action: MS-SMB2 CreateAction, of a successful answer. */
void change_created(struct track *, struct pending *, uint32_t action);
/* The end of an open that was to delete its file; close: the CLOSE that was answered, NULL: none was seen. */
void change_deleted(struct track *, struct track_open *, const struct pending *close);
/* An open that is to delete its file from now on, or not. */
void change_doomed(struct track_open *, const struct pending *);

/* --- track_list.c: rows of `listings` --- */
/* listing_request and listing_answer follow SMB1's searches: each is an open of its directory, and has a name for what
 * FIND_NEXT2 goes on with. */
void listing_request(struct track *, struct track_conn *, struct smb_msg *, struct pending *);
void listing_answer(struct track *, struct track_conn *, const struct smb_msg *, struct pending *);
void listing_free(struct track_tree *);
void listing_entry(void *track, const struct smb_msg *, const struct smb_entry *);

/* --- track_content.c: what moved of files --- */
void content_init(struct track *);
void content_end(struct track *);
void content_read(struct track *, struct pending *, const struct pdu *);
void content_write_asked(struct track *, struct pending *, const struct pdu *);
void content_sized(struct track *, struct track_open *, uint64_t size);
/* content_write_more adds the content at e of the PDU at hand to what a WRITE_RAW wants written. */
void content_write_more(struct track *, struct pending *, struct extent e);
void content_written(struct track *, struct pending *, uint32_t count);
/* action: MS-SMB2 CreateAction. */
void content_opened(struct track *, struct track_open *, uint32_t action);
void content_closed(struct track *, struct track_open *);

/* --- track_pair.c: requests and their answers --- */
struct pending *pending_new(struct track *, struct track_conn *, struct smb_msg *);
struct pending *pending_find(struct track *, const struct track_conn *, const struct smb_msg *);
/* pending_primary finds the transaction that a secondary request is more of, whatever its kind. */
struct pending *pending_primary(struct track *, const struct track_conn *, const struct smb_msg *);
/* pending_wait makes pending_find find an exchange that pending_orphan made; false: another one has its place. */
bool pending_wait(struct track *, struct pending *);
/* pending_orphan makes the exchange of a response whose request was not seen. */
struct pending *pending_orphan(struct track *, struct track_conn *, struct smb_msg *);
/* pending_answer takes the response's side into the row. */
void pending_answer(struct track *, struct smb_msg *, struct pending *);
/* pending_streamed completes the side whose PDU has just ended. */
void pending_streamed(struct track *, struct pending *, const struct pdu *);
void pending_put(struct track *, struct pending *);
/* pending_done puts the row and lets everything go. */
void pending_done(struct track *, struct pending *);
/* message_put states a message that is no row of `commands`, and returns its id.  s: the session of an encrypted one, may
 * be NULL. */
uint32_t message_put(struct track *, struct track_conn *, const struct smb_msg *, uint32_t command, struct track_session *s);

/* community_id, github.com/corelight/community-id-spec version 1, seed 0: "1:" and base64, in out. */
void community_id(const struct tcp_flow *, char out[40]);

#endif
