/* The tracker: connections, sessions, trees, opens and exchanges, from messages to events.
 * It knows state and no bytes; dissectors know bytes and no state. */
#ifndef SESSION_TRACK_H
#define SESSION_TRACK_H

#include "base/pdu.h"
#include "dissectors/dissect.h"
#include "dissectors/rpc/dcerpc.h"
#include "session/content.h"
#include "session/event.h"
#include "stream/pdu.h"
#include "stream/tcp.h"

struct track;

/* Where ids go on in an existing case; 0: from the start. */
struct track_base {
	uint32_t text, context, connection, gap, session, logon, share, open, command, message, unit, transfer, change, listing, rpc_context,
	         call;
};

/* events take the rows; run is used for every dissection: its sink and arena are the caller's. */
struct track *track_new(struct event_sink *events, struct dx_run *run, const struct track_base *base);

/* The stream layer's news; flow->user stays the caller's, the tracker keeps its own by flow id. */
struct track_conn;
struct track_conn *track_open(struct track *, const struct tcp_flow *);
/* track_pdu dissects a PDU and follows what its messages say. */
void track_pdu(struct track *, struct track_conn *, const struct pdu *);
void track_payload(struct track *, struct track_conn *, const struct pdu *, uint32_t off, const uint8_t *p, uint32_t len);
void track_pdu_end(struct track *, struct track_conn *, const struct pdu *);
void track_gap(struct track *, struct track_conn *, enum direction, uint64_t stream_off, uint64_t len, enum hole_reason,
               const struct moment *before, const struct moment *after);
void track_skipped(struct track *, struct track_conn *, enum direction, uint64_t stream_off, uint64_t len,
                   const struct moment *);
void track_close(struct track *, struct track_conn *);

/* A content that is complete, for hashing: fn gets the row and the pieces of all its bytes in order, which it frees, and
 * states the row by track_transfer when it has its hashes.  Without fn rows are stated without. */
typedef void track_content_fn(void *arg, const struct ev_transfer *row, struct content_piece *pieces, uint32_t n);
void track_contents(struct track *, track_content_fn *, void *arg);
void track_transfer(struct track *, const struct ev_transfer *row);

/* track_flush states everything that has changed or waits, as it is now (live); nothing ends by it. */
void track_flush(struct track *);
/* track_finish ends what is open, in order of ids; call after the last track_close. */
void track_finish(struct track *);

/* Counts for the captures: SMB messages seen, things given up for the caps. */
uint64_t track_messages(const struct track *);
uint64_t track_evictions(const struct track *);
/* track_text interns text for a row the caller states itself (captures, interfaces). */
text_id track_text(struct track *, const char *);
void track_free(struct track *);

/* track_generated tells the run's listener a response's computed fields: the request's frame and the time since. */
void track_generated(struct dx_run *, unsigned protocol, uint32_t request_frame, int64_t since_ns);

/* track_named tells the run's listener what is known of whom and what the message is about.  The texts are the
 * caller's for as long as what the listener makes of them; the run's arena will do. */
void track_named(struct dx_run *, const struct smb_msg *, const struct known_names *);

/* track_preauth tells the run's listener the preauthentication integrity hash (64 bytes; NULL: not known) after the message
 * that is being dissected. */
void track_preauth(struct dx_run *, const struct smb_msg *, const uint8_t *hash);

/* track_unit dissects a unit for the run's listener: the len bytes gathered, which live in the run's arena, or, where that
 * is NULL, those at off of source 0.  Returns the first note on it (enum note_id) as for messages; the run's own flags
 * and note stay.  The message (zeroed) takes its facts. */
uint16_t track_unit(struct dx_run *, const uint8_t *gathered, uint32_t off, uint32_t len, struct rpc_msg *,
                    const struct rpc_hooks *);

#endif
