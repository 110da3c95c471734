/* A capture file: pcap, pcapng, plain or compressed.  Frames read in order are read again at their offsets. */
#include <sys/mman.h>
#include <unistd.h>

#include "capture/cap.h"
#include "fuzz.h"

/* Compressed, a short input may hold a great many frames. */
enum { FRAMES = 20000, AGAIN = 64 };

/* What of a frame has to come back from its offset. */
struct seen {
	uint64_t at;
	uint32_t caplen;
	uint8_t first[16];
};

/* last: the number of the frame before; journal entries count as frames, and are none. */
static void check_frame(const struct cap_file *c, const struct frame *f, uint32_t last)
{
	must(f->number > last && f->caplen <= 16u << 20);
	must(f->interface < cap_file_interfaces(c));
	input_touch(f->data, f->caplen);
}

static void read_again(struct cap_file *c, const struct seen *s)
{
	struct err e = { 0 };
	uint8_t bytes[sizeof(s->first)];
	uint32_t n = min_u32(s->caplen, sizeof(bytes));

	must(cap_file_read(c, s->at, bytes, n, &e) == n);
	must(memcmp(bytes, s->first, n) == 0);
}

/* Returns the frames read. */
static uint32_t read_file(const char *path, bool follow)
{
	struct err e = { 0 };
	struct cap_file *c = cap_file_open(path, follow, &e);
	enum cap_result got = CAP_END;
	struct seen seen[AGAIN];
	struct frame f;
	uint32_t n = 0, last = 0;

	if (!c) {
		must(e.code != ERR_NONE && e.text[0]);
		return 0;
	}
	while (n < FRAMES && (got = cap_file_next(c, &f, &e)) == CAP_FRAME) {
		check_frame(c, &f, last);
		last = f.number;
		if (++n > AGAIN)
			continue;
		seen[n - 1] = (struct seen){ .at = f.at, .caplen = f.caplen };
		if (f.caplen)
			memcpy(seen[n - 1].first, f.data, min_u32(f.caplen, sizeof(seen->first)));
	}
	must(got != CAP_ERROR || e.text[0]);
	must(got != CAP_WAIT || follow);
	if (got == CAP_ERROR)
		must(cap_file_next(c, &f, &e) == CAP_END);
	for (uint32_t i = 0; i < n && i < AGAIN; i++)
		read_again(c, &seen[i]);
	must(strncmp(cap_file_format(c), "pcap", 4) == 0 || !n);
	for (uint32_t i = 0; i < cap_file_interfaces(c); i++)
		must(memchr(cap_file_interface(c, i)->name, 0, sizeof(cap_file_interface(c, i)->name)));
	must(cap_file_position(c) <= cap_file_bytes(c));
	cap_file_close(c);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char path[64];
	int fd = memfd_create("capture", MFD_CLOEXEC);
	uint32_t whole;

	must(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	whole = read_file(path, false);
	/* A file that grows may have the last record's rest to come; all others are the same. */
	must(read_file(path, true) <= whole);
	close(fd);
	return 0;
}
