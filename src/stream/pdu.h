/* Session-layer packets from the bytes of a direction.  RFC 1002 4.3, MS-SMB2 2.1.
 *
 * PDUs up to LIMIT_PDU_WHOLE, and all whose payload is not last, are assembled; a larger plain
 * READ or WRITE is told as its head, then on_payload for the rest, then on_end. */
#ifndef STREAM_PDU_H
#define STREAM_PDU_H

#include "base/pdu.h"
#include "stream/tcp.h"

struct pdu_hooks {
	/* A PDU is complete, or (pdu->streamed) its head is. */
	void (*on_pdu)(void *arg, struct tcp_flow *, const struct pdu *);
	/* More of the streamed PDU: len bytes at offset off of it; p NULL where they are missing. */
	void (*on_payload)(void *arg, struct tcp_flow *, const struct pdu *, uint32_t off, const uint8_t *p, uint32_t len);
	/* The streamed PDU is complete; its slices, last and ended are final. */
	void (*on_end)(void *arg, struct tcp_flow *, const struct pdu *);
	/* Bytes of a direction that belong to no PDU: skipped while looking for the next one. */
	void (*on_skipped)(void *arg, struct tcp_flow *, enum direction, uint64_t stream_off, uint64_t len,
	                   const struct moment *);
	/* See smb_payload_start and smb_plausible: this layer knows no SMB. */
	uint32_t (*payload_start)(const uint8_t *p, uint32_t have, uint32_t len);
	bool (*plausible)(const uint8_t *p, uint32_t have);
	void *arg;
	bool whole;                /* never stream: somebody listens to every field */
};

struct pdus;                   /* all framers, sharing LIMIT_PDU_BYTES */
struct pdus *pdus_new(const struct pdu_hooks *);
uint64_t pdus_evictions(const struct pdus *);
void pdus_free(struct pdus *);

struct pdu_stream;             /* one connection's two directions */
struct pdu_stream *pdu_open(struct pdus *, struct tcp_flow *);
void pdu_bytes(struct pdu_stream *, enum direction, const uint8_t *p, uint32_t len, const struct tcp_where *);
void pdu_gap(struct pdu_stream *, enum direction, uint64_t len, enum hole_reason, const struct moment *after);
/* pdu_close tells unfinished PDUs (ended) and releases the stream. */
void pdu_close(struct pdu_stream *);

#endif
