/* Captures: files (own reader), sets of them in time order, live interfaces (libpcap).
 * pcap: draft-ietf-opsawg-pcap; pcapng: draft-ietf-opsawg-pcapng. */
#ifndef CAPTURE_CAP_H
#define CAPTURE_CAP_H

#include "base/err.h"
#include "base/span.h"

/* A captured packet.  data is borrowed until the next call on the same capture. */
struct frame {
	const uint8_t *data;
	uint64_t at;               /* absolute offset of data[0] in the uncompressed file */
	int64_t time_ns;           /* since 1970, UTC; 1824 to 2116, so that differences fit */
	uint32_t caplen, origlen;  /* bytes captured; bytes on the wire */
	uint32_t number;           /* from 1 in its file */
	uint16_t capture;          /* index in the set */
	uint16_t link;             /* LINKTYPE_ value */
	uint32_t interface;        /* index in its file */
};

struct cap_interface {
	char name[64];             /* "" if the file does not say */
	uint16_t link;
	uint32_t snaplen;
	int64_t tick_ns;           /* not used outside the reader where resolution is finer */
	uint64_t frames, dropped;  /* dropped: from statistics blocks; UINT64_MAX unknown */
};

enum cap_result { CAP_END = 0, CAP_FRAME = 1, CAP_WAIT = 2, CAP_ERROR = -1 };

struct cap_file;

/* cap_file_open opens a pcap or pcapng file, plain, gzip or zstd by content.  follow: the file still
 * grows (live); at its end CAP_WAIT is returned instead of CAP_END.  NULL with err. */
struct cap_file *cap_file_open(const char *path, bool follow, struct err *) MUST_CHECK;
/* cap_file_next reads the next packet.  CAP_ERROR: broken or cut here; what came before stands, a cut
 * last record is delivered as far as it goes, and later calls return CAP_END. */
enum cap_result cap_file_next(struct cap_file *, struct frame *, struct err *) MUST_CHECK;
/* cap_file_read reads len bytes at an absolute uncompressed offset (pread; through inflate points where
 * compressed).  Returns the bytes read, -1 with err.  Independent of cap_file_next. */
int64_t cap_file_read(struct cap_file *, uint64_t at, void *buf, uint32_t len, struct err *) MUST_CHECK;
/* Facts: format is "pcap", "pcapng", with " (gzip)" or " (zstd)" behind; bytes is the size on disk;
 * position how much of it has been read (progress). */
const char *cap_file_format(const struct cap_file *);
uint64_t cap_file_bytes(const struct cap_file *);
uint64_t cap_file_position(const struct cap_file *);
uint32_t cap_file_interfaces(const struct cap_file *);
const struct cap_interface *cap_file_interface(const struct cap_file *, uint32_t index);
void cap_file_close(struct cap_file *);

/* Several files as one stream in time order (ties: order given; a file's own order is kept even
 * where its clock steps back).  Files are opened one after the other where their times allow.
 * paths are borrowed. */
struct cap_set;
struct cap_set *cap_set_open(const char *const *paths, uint32_t n, bool follow, struct err *) MUST_CHECK;
/* cap_set_next: as cap_file_next; a broken file ends alone, with its err kept for cap_set_error. */
enum cap_result cap_set_next(struct cap_set *, struct frame *, struct err *) MUST_CHECK;
uint32_t cap_set_count(const struct cap_set *);
struct cap_file *cap_set_file(struct cap_set *, uint32_t index);   /* borrowed; NULL if it could not be opened */
const struct err *cap_set_error(const struct cap_set *, uint32_t index);  /* code ERR_NONE: read to its end */
void cap_set_close(struct cap_set *);

/* cap_spool copies standard input to path as it comes, so that every message can be dissected again. */
int cap_spool(int fd, const char *path, struct err *) MUST_CHECK;

/* A packet filter (BPF), usable on frames of files; one program for each link type met. */
struct cap_filter;
struct cap_filter *cap_filter_compile(const char *text, struct err *) MUST_CHECK;
bool cap_filter_match(struct cap_filter *, const struct frame *);
void cap_filter_free(struct cap_filter *);

/* Live: packets of an interface are written to a pcapng file as they come; that file is what is decoded. */
struct cap_live;
struct cap_live_options {
	const char *const *interfaces;
	uint32_t n_interfaces;
	const char *filter;        /* BPF, NULL: none */
	const char *write_path;    /* the file written, required */
	uint32_t snaplen;          /* 0: the default, 262144 */
	uint64_t max_packets, max_bytes;   /* 0: no limit */
	uint32_t max_seconds;
};
struct cap_live *cap_live_open(const struct cap_live_options *, struct err *) MUST_CHECK;
/* cap_live_run captures until cap_live_stop, a limit, or an error; call it in a thread of its own.
 * Every packet is in the file (flushed at least every 100 ms) when it returns. */
int cap_live_run(struct cap_live *, struct err *) MUST_CHECK;
void cap_live_stop(struct cap_live *);                 /* async-signal-safe, any thread */
void cap_live_counts(struct cap_live *, uint64_t *received, uint64_t *dropped);
void cap_live_close(struct cap_live *);

/* cap_devices calls fn for each capture device. */
int cap_devices(void (*fn)(void *, const char *name, const char *description, bool up), void *arg, struct err *) MUST_CHECK;
/* cap_link_name returns libpcap's name of a link type ("EN10MB"), "?" if unknown. */
const char *cap_link_name(uint16_t link);

#endif
