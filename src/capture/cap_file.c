/* Capture files: window, ends, interfaces, time (draft-ietf-opsawg-pcap, -pcapng, -pcaplinktype). */
#include "capture/cap_private.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

#define FIRST_CHUNK  (16u << 10)
#define NOT_A_CAPTURE "not a capture file (pcap or pcapng, plain or compressed with gzip or zstd)"

const uint8_t *cap_look(struct cap_file *f, uint64_t at, size_t want, size_t *got)
{
	size_t keep = 0, target;

	if (likely(at >= f->base && at - f->base <= f->len && f->len - (size_t)(at - f->base) >= want)) {
		*got = want;
		return f->window + (at - f->base);
	}
	if (at >= f->base && at - f->base < f->len) {
		keep = f->len - (size_t)(at - f->base);
		memmove(f->window, f->window + (at - f->base), keep);
	}
	f->base = at;
	f->len = keep;
	target = want > f->chunk ? want : f->chunk;
	if (target > f->room) {
		f->window = xrealloc(f->window, target);
		f->room = target;
	}
	if (f->chunk < f->window_max)
		f->chunk *= 2;
	/* While following, the source may come short now and have more the next time. */
	f->len += source_read(f->source, SOURCE_STREAM, at + keep, f->window + keep, target - keep);
	*got = f->len < want ? f->len : want;
	return f->window;
}

/* The reason why bytes are missing, if it is another than the end of the file. */
static const char *fault_text(const struct cap_file *f)
{
	const struct err *fault = source_fault(f->source, SOURCE_STREAM);

	return fault ? fault->text : NULL;
}

enum cap_result cap_broken(struct cap_file *f, struct err *err, const char *format, ...)
{
	char text[256];
	const char *fault = fault_text(f);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	f->done = true;
	/* A decoder gives some wrong bytes before it sees that its input is damaged. */
	if (fault && strcmp(fault, text) != 0)
		err_set(err, ERR_INPUT, "%s: %s; %s", f->path, text, fault);
	else
		err_set(err, ERR_INPUT, "%s: %s", f->path, text);
	return CAP_ERROR;
}

enum cap_result cap_short(struct cap_file *f, size_t got, const char *what, struct err *err)
{
	const char *fault = fault_text(f);

	if (f->follow && !fault)
		return CAP_WAIT;
	f->done = true;
	if (fault) {
		err_set(err, ERR_INPUT, "%s: %s, after %u packets", f->path, fault, f->number);
		return CAP_ERROR;
	}
	if (got == 0)
		return CAP_END;
	if (f->format == CAP_FORMAT_UNKNOWN)
		return cap_broken(f, err, "cut within its file header");
	err_set(err, ERR_INPUT, "%s: cut at its end, within %s %u at offset %llu (%zu bytes of it are there)",
		f->path, what, f->number + 1, (unsigned long long)f->pos, got);
	return CAP_ERROR;
}

void cap_cut(struct cap_file *f, size_t got, size_t want)
{
	const char *fault = fault_text(f);

	if (fault)
		err_set(&f->late, ERR_INPUT, "%s: %s, within packet %u", f->path, fault, f->number + 1);
	else
		err_set(&f->late, ERR_INPUT, "%s: cut at its end, %zu of the %zu bytes of packet %u are there",
			f->path, got, want, f->number + 1);
}

struct cap_iface *cap_add_interface(struct cap_file *f)
{
	struct cap_iface *iface;

	if (f->n_iface >= CAP_INTERFACES)
		return NULL;
	f->iface = mem_grow(f->iface, f->n_iface, &f->cap_iface, sizeof(*f->iface));
	iface = &f->iface[f->n_iface++];
	memset(iface, 0, sizeof(*iface));
	iface->shown.dropped = UINT64_MAX;
	return iface;
}

/* Numbers that mean different things on different systems' files, and never anything else. */
static const struct { uint16_t file; uint16_t link; int dlt; } link_map[] = {
	{ 12, 101, 12 },   /* raw IP as most systems number it (first: the way back takes this one) */
	{ 14, 101, 12 },   /* raw IP on OpenBSD */
	{ 11, 100, 11 },   /* RFC 1483 ATM */
	{ 19, 106, 19 },   /* Linux classical IP over ATM */
};

uint16_t cap_link(uint32_t link)
{
	uint16_t v = (uint16_t)link;

	for (size_t i = 0; i < COUNT(link_map); i++)
		if (link_map[i].file == v)
			return link_map[i].link;
	return v;
}

int cap_dlt(uint16_t link)
{
	for (size_t i = 0; i < COUNT(link_map); i++)
		if (link_map[i].link == link)
			return link_map[i].dlt;
	return link;
}

void cap_clock_set(struct cap_clock *clock, uint8_t tsresol)
{
	uint8_t n = tsresol & 0x7f;

	clock->binary = tsresol & 0x80;
	clock->shift = n;
	clock->multiply = clock->divide = 1;
	if (clock->binary)
		return;
	for (uint8_t i = n; i < 9; i++)
		clock->multiply *= 10;
	if (n > 9 + 19)
		clock->divide = 0;
	else
		for (uint8_t i = 9; i < n; i++)
			clock->divide *= 10;
}

int64_t cap_clock_ns(const struct cap_clock *clock, uint64_t ticks)
{
	__int128 ns;

	if (clock->binary)
		ns = clock->shift < 94 ? (__int128)(((unsigned __int128)ticks * 1000000000u) >> clock->shift) : 0;
	else
		ns = clock->divide ? (__int128)((unsigned __int128)ticks * clock->multiply / clock->divide) : 0;
	ns += (__int128)clock->offset_s * 1000000000;
	return ns > INT64_MAX ? INT64_MAX : ns < INT64_MIN ? INT64_MIN : (int64_t)ns;
}

/* Finds the format out.  CAP_FRAME when it is known and its header is read. */
static enum cap_result start(struct cap_file *f, struct err *err)
{
	static const uint8_t section[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
	static const char *const behind[] = { "", "", " (gzip)", " (zstd)" };
	size_t got;
	const uint8_t *p = cap_look(f, 0, 4, &got);
	enum cap_format format;
	enum cap_result result;

	if (got < 4) {
		const char *fault = fault_text(f);

		if (f->follow && !fault)
			return CAP_WAIT;
		return cap_broken(f, err, "%s", fault ? fault : got == 0 ? "empty, there is nothing to read" : NOT_A_CAPTURE);
	}
	if (memcmp(p, section, 4) == 0)
		format = CAP_FORMAT_PCAPNG;
	else if (cap_pcap_magic(p))
		format = CAP_FORMAT_PCAP;
	else
		return cap_broken(f, err, NOT_A_CAPTURE);
	result = format == CAP_FORMAT_PCAP ? cap_pcap_start(f, err) : cap_pcapng_start(f, err);
	if (result != CAP_FRAME)
		return result;
	f->format = format;
	snprintf(f->format_name, sizeof(f->format_name), "%s%s", format == CAP_FORMAT_PCAP ? "pcap" : "pcapng",
		 behind[source_kind(f->source)]);
	return CAP_FRAME;
}

struct cap_file *cap_file_open_window(const char *path, bool follow, size_t window, struct err *err)
{
	struct cap_file *f;
	struct source *source = source_open(path, follow, err);

	if (!source)
		return NULL;
	f = xcalloc(1, sizeof(*f));
	f->source = source;
	f->path = source_path(source);
	f->follow = follow;
	f->chunk = FIRST_CHUNK;
	f->window_max = window;
	if (start(f, err) == CAP_ERROR) {
		cap_file_close(f);
		return NULL;
	}
	return f;
}

struct cap_file *cap_file_open(const char *path, bool follow, struct err *err)
{
	return cap_file_open_window(path, follow, CAP_WINDOW, err);
}

enum cap_result cap_file_next(struct cap_file *f, struct frame *frame, struct err *err)
{
	enum cap_result result;

	if (unlikely(f->done || f->late.code != ERR_NONE)) {
		if (f->late.code == ERR_NONE)
			return CAP_END;
		if (err)
			*err = f->late;
		f->late.code = ERR_NONE;
		f->done = true;
		return CAP_ERROR;
	}
	if (unlikely(f->format == CAP_FORMAT_UNKNOWN)) {
		result = start(f, err);
		if (result != CAP_FRAME)
			return result;
	}
	memset(frame, 0, sizeof(*frame));
	result = f->format == CAP_FORMAT_PCAP ? cap_pcap_next(f, frame, err) : cap_pcapng_next(f, frame, err);
	if (result != CAP_FRAME)
		return result;
	frame->number = ++f->number;
	f->last_time = frame->time_ns;
	f->iface[frame->interface].shown.frames++;
	return CAP_FRAME;
}

int64_t cap_file_read(struct cap_file *f, uint64_t at, void *buf, uint32_t len, struct err *err)
{
	size_t got = source_read(f->source, SOURCE_RANDOM, at, buf, len);
	const struct err *fault = source_fault(f->source, SOURCE_RANDOM);

	if (got == 0 && len > 0 && fault)
		return err_set(err, fault->code, "%s: %s", f->path, fault->text);
	return (int64_t)got;
}

void cap_file_park(struct cap_file *f)
{
	free(f->window);
	f->window = NULL;
	f->room = f->len = 0;
	f->base = f->pos;
	source_park(f->source);
}

bool cap_file_again(struct cap_file *f, struct frame *frame)
{
	size_t got;

	frame->data = cap_look(f, frame->at, frame->caplen, &got);
	return got == frame->caplen;
}

const char *cap_file_format(const struct cap_file *f)
{
	return f->format_name;
}

uint64_t cap_file_bytes(const struct cap_file *f)
{
	return source_bytes(f->source);
}

uint64_t cap_file_position(const struct cap_file *f)
{
	uint64_t bytes = source_bytes(f->source);

	if (source_kind(f->source) != SOURCE_PLAIN)
		return source_position(f->source);
	return f->pos < bytes ? f->pos : bytes;      /* a record that is cut would end beyond */
}

uint32_t cap_file_interfaces(const struct cap_file *f)
{
	return f->n_iface;
}

const struct cap_interface *cap_file_interface(const struct cap_file *f, uint32_t index)
{
	return index < f->n_iface ? &f->iface[index].shown : NULL;
}

void cap_file_close(struct cap_file *f)
{
	if (!f)
		return;
	source_close(f->source);
	free(f->window);
	free(f->iface);
	free(f);
}
