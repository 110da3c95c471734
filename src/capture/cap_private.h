/* What the files of src/capture share: the byte source (plain, gzip RFC 1952, zstd RFC 8878)
 * and the state of a capture file between its two formats. */
#ifndef CAPTURE_CAP_PRIVATE_H
#define CAPTURE_CAP_PRIVATE_H

#include "capture/cap.h"

/* The largest record or block of a known type; longer ones are a broken file (libpcap and
 * Wireshark draw the line at the same 16 MiB for blocks). */
#define CAP_RECORD_MAX   (16u << 20)
/* Interfaces in one file: concatenated sections bring their own, some hundred bytes each. */
#define CAP_INTERFACES   65536u
/* The window on the file that frames are handed out of. */
#define CAP_WINDOW       (1u << 20)

/* Two independent readers of one source: the stream of packets, and single stretches. */
enum source_lane { SOURCE_STREAM, SOURCE_RANDOM, SOURCE_LANES };
enum source_kind { SOURCE_UNKNOWN, SOURCE_PLAIN, SOURCE_GZIP, SOURCE_ZSTD };

struct source;

/* source_open opens a regular file; what kind of compression it has shows with its first bytes.
 * follow: the file grows, its end is never an error.  NULL with err. */
struct source *source_open(const char *path, bool follow, struct err *) MUST_CHECK;
/* source_read reads up to len bytes at an absolute uncompressed offset.  Fewer only at the end of what
 * is there, or where it is damaged: then source_fault tells. */
size_t source_read(struct source *, enum source_lane, uint64_t at, void *buf, size_t len);
/* source_fault: why the lane's last read came short; NULL at a clean end. */
const struct err *source_fault(const struct source *, enum source_lane);
enum source_kind source_kind(const struct source *);
const char *source_path(const struct source *);
/* source_bytes is the size on disk (asked anew when following); source_position how many bytes of it
 * the stream lane has read. */
uint64_t source_bytes(const struct source *);
uint64_t source_position(const struct source *);
/* source_park gives the descriptor and the decoders back until the next read; points are kept. */
void source_park(struct source *);
void source_close(struct source *);

/* How one interface's time stamps count. */
struct cap_clock {
	uint64_t multiply, divide; /* ticks to ns, one of both is 1; divide 0: always 0 */
	uint8_t shift;             /* base-2 resolution: ticks * 1e9 >> shift */
	bool binary;
	int64_t offset_s;
};

struct cap_iface {
	struct cap_interface shown;
	struct cap_clock clock;
};

enum cap_format { CAP_FORMAT_UNKNOWN, CAP_FORMAT_PCAP, CAP_FORMAT_PCAPNG };

struct cap_file {
	struct source *source;
	const char *path;          /* the source's */
	bool follow, done;
	bool swapped;              /* pcap: the file; pcapng: this section: not this machine's byte order */
	enum cap_format format;
	char format_name[24];
	struct err late;           /* to be reported at the next call */

	uint8_t *window;           /* bytes [base, base + len) of the uncompressed file */
	uint64_t base;
	size_t len, room;
	size_t chunk, window_max;  /* the next read's size: doubles up to window_max */

	uint64_t pos;              /* where the next record starts */
	uint32_t number;           /* of the last frame */
	int64_t last_time;

	struct cap_iface *iface;
	uint32_t n_iface, cap_iface;
	uint32_t section_iface;    /* pcapng: index of the section's interface 0 */

	uint8_t record_header;     /* pcap: bytes before a packet's data */
	uint8_t swap_lengths;      /* pcap: 1 the two lengths are exchanged, 2 if the first is larger */
};

/* cap_file_open_window is cap_file_open with a window of at most so many bytes (grown for larger records). */
struct cap_file *cap_file_open_window(const char *path, bool follow, size_t window, struct err *) MUST_CHECK;
/* cap_file_park releases window, decoders and descriptor until the file is read again. */
void cap_file_park(struct cap_file *);
/* cap_file_again makes the data of the last frame readable again after a park.  False if it is gone. */
bool cap_file_again(struct cap_file *, struct frame *);

/* cap_look returns the bytes at an absolute offset, *got of them (at most want; fewer at the end). */
const uint8_t *cap_look(struct cap_file *, uint64_t at, size_t want, size_t *got);
/* cap_short answers for a record that is not all there: CAP_WAIT when following, CAP_END when nothing
 * of it is there, else CAP_ERROR. */
enum cap_result cap_short(struct cap_file *, size_t got, const char *what, struct err *);
/* cap_broken ends the file with an error. */
enum cap_result cap_broken(struct cap_file *, struct err *, const char *format, ...) PRINTF(3, 4);
/* cap_cut prepares the error that follows a packet cut by the end of the file. */
void cap_cut(struct cap_file *, size_t got, size_t want);
/* cap_add_interface appends a zeroed interface; NULL if there are too many. */
struct cap_iface *cap_add_interface(struct cap_file *);
/* cap_link turns the platforms' own numbers of a link type into LINKTYPE_ values; bits above 16
 * (FCS length) are ignored. */
uint16_t cap_link(uint32_t link);
/* cap_dlt is the way back: libpcap's DLT_ number on this machine. */
int cap_dlt(uint16_t link);
/* cap_clock_set: a resolution as if_tsresol has it (10^-n, or 2^-n with the top bit). */
void cap_clock_set(struct cap_clock *, uint8_t tsresol);
int64_t cap_clock_ns(const struct cap_clock *, uint64_t ticks);

/* The formats.  start reads the file header at offset 0 (CAP_FRAME: fine), next one packet. */
enum cap_result cap_pcap_start(struct cap_file *, struct err *);
enum cap_result cap_pcap_next(struct cap_file *, struct frame *, struct err *);
enum cap_result cap_pcapng_start(struct cap_file *, struct err *);
enum cap_result cap_pcapng_next(struct cap_file *, struct frame *, struct err *);
bool cap_pcap_magic(const uint8_t *);

static inline uint16_t cap_u16(const struct cap_file *f, const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return f->swapped ? __builtin_bswap16(v) : v;
}

static inline uint32_t cap_u32(const struct cap_file *f, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return f->swapped ? __builtin_bswap32(v) : v;
}

#endif
