/* Every cap in the program, with its reason.  What reaches one is counted or noted in the output. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Entries of one chain (NextCommand, NextEntryOffset, create contexts, AV pairs ...): an 8 MiB answer
 * of the smallest directory entries (64 bytes) holds 131,072; d_next counts in 16 bits. */
#define LIMIT_CHAIN            60000u
/* Levels of nested DER, SPNEGO in GSS in SPNEGO: real tokens use under ten. */
#define LIMIT_DEPTH            32u
/* Elements of one compound (MS-SMB2 3.3.5.2.7 sets none; Windows sends under ten). */
#define LIMIT_COMPOUND         10000u

/* A PDU up to this size is assembled before it is dissected; larger plain READ/WRITE are streamed. */
#define LIMIT_PDU_WHOLE        65536u
/* The largest PDU: the 24-bit length of direct TCP plus the header. */
#define LIMIT_PDU              (0xffffffu + 4)
/* All PDUs being assembled together; beyond it the least recently used one loses its tail. */
#define LIMIT_PDU_BYTES        (32u << 20)

/* TCP connections followed at once: a /16 scanned over ten minutes; 400 bytes each. */
#define LIMIT_FLOWS            65536u
/* Segments held for reordering, in one direction and in all. */
#define LIMIT_FLOW_HELD_BYTES  (4u << 20)
#define LIMIT_HELD_BYTES       (32u << 20)
/* IP datagrams being reassembled. */
#define LIMIT_FRAGMENTS        1024u
#define LIMIT_FRAGMENT_BYTES   (8u << 20)
/* Links, tags and tunnels around one IP packet. */
#define LIMIT_LAYERS           16u

/* What the tracker holds at once: sessions, trees, opens, requests without an answer. */
#define LIMIT_SESSIONS         32768u
#define LIMIT_TREES            65536u
#define LIMIT_OPENS            65536u
#define LIMIT_PENDING          65536u
#define LIMIT_HOSTS            65536u
/* Pipe bytes held until their DCE/RPC PDU (64 KiB at most) is whole, with the places of their parts: a few
 * thousand busy pipes.  Parts of one: a PDU of 64 KiB in writes of 16 bytes. */
#define LIMIT_UNIT_HELD_BYTES  (16u << 20)
#define LIMIT_UNIT_PARTS       4096u
/* What one call's stub data may be made of (64 bytes each), how deep pointers may lead, and how many full pointers (each is
 * looked for among those before it) there may be. */
#define LIMIT_NDR_NODES        (1u << 17)
#define LIMIT_NDR_DEPTH        48u
#define LIMIT_NDR_FULL         4096u
/* Stub data of one call, joined; presentation contexts and calls under way of all pipes: a few thousand busy pipes. */
#define LIMIT_STUB             (8u << 20)
#define LIMIT_PIPE_CONTEXTS    16384u
#define LIMIT_PIPE_CALLS       16384u
/* A call's arguments, or what it returned, as JSON; those of calls under way together; handles whose objects are known. */
#define LIMIT_CALL_TEXT        32768u
#define LIMIT_CALL_TEXTS       (8u << 20)
#define LIMIT_PIPE_HANDLES     16384u
/* Distinct strings (paths, users, shares) remembered to store each once. */
#define LIMIT_STRINGS          65536u
/* Distinct contexts remembered; one that comes again after it was forgotten is stated again. */
#define LIMIT_CONTEXTS         16384u
/* Files whose written content is remembered; pieces of one content (32 bytes each, a run of full segments is one); pieces
 * moved to insert others, so that an order made to hurt ends in a mark instead of in hours. */
#define LIMIT_CONTENTS         4096u
#define LIMIT_CONTENT_PIECES   (1u << 21)
#define LIMIT_CONTENT_SHIFTS   (UINT64_C(1) << 32)
/* Paths whose file has another number than the path's own, after renames. */
#define LIMIT_MOVED            16384u
/* Files whose security descriptors are kept as an answer told them; bytes of those; the longest. */
#define LIMIT_SECURED          4096u
#define LIMIT_SECURED_BYTES    (8u << 20)
#define LIMIT_SECURED_LENGTH   65536u
/* Keys that a server gave for files to be copied from. */
#define LIMIT_RESUME_KEYS      4096u
/* Slices of contents that wait for their hashes. */
#define LIMIT_CONTENT_QUEUE    (1u << 20)
/* Path, name and other text from the wire, in bytes of UTF-8; longer text is cut and marked. */
#define LIMIT_TEXT             4096u
/* Tokens of a condition in an ACE that is written as SDDL; a longer one is shown in bytes. */
#define LIMIT_CONDITION        256u
/* Captures in one set. */
#define LIMIT_CAPTURES         4096u
/* Display filters: length of one and how deep it nests; instructions of a regular expression; what it keeps of
 * the named fields of one frame (a frame of 16 MiB has one PDU, or one decompressed); pairs one comparison of
 * fields tries. */
#define LIMIT_FILTER_TEXT      65535u
#define LIMIT_FILTER_DEPTH     200u
#define LIMIT_REGEX            8192u
#define LIMIT_FILTER_VALUES    (1u << 20)
#define LIMIT_FILTER_BYTES     (64u << 20)
#define LIMIT_FILTER_PAIRS     (1u << 22)

#endif
