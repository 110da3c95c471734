/* Live capture with libpcap into a pcapng file (draft-ietf-opsawg-pcapng 4.1, 4.2, 4.3, 4.6). */
#include "capture/cap_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

#define SNAPLEN_DEFAULT 262144u
#define KERNEL_BUFFER   (16 << 20)  /* per interface: 100 ms at more than 1 Gbit/s */
#define READ_MS         100         /* how long the kernel may gather packets */
#define DRAIN_MS        150         /* after a stop: what the kernel still gathers is wanted */
#define BATCH           512         /* packets taken before the others and the stop flag get a look */
#define OUT_SIZE        (1u << 20)
#define INTERFACES_MAX  64u

struct device {
	pcap_t *pcap;
	const char *name;          /* in live->names */
	struct cap_live *live;
	uint32_t index;
	int fd;
	bool nano, gone;
};

struct cap_live {
	struct device *devices;
	char **names;
	uint32_t n;
	int file, wake;
	char *path, *filter;
	uint8_t *out;
	size_t n_out;
	int64_t flushed_ms;
	bool write_failed, full;
	struct err trouble;        /* of a device that went away, or of writing */
	uint32_t snaplen, max_seconds;
	uint64_t max_packets, max_bytes, written;
	atomic_bool stop;
	atomic_uint_fast64_t received, dropped;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void flush(struct cap_live *l)
{
	size_t done = 0;

	while (done < l->n_out && !l->write_failed) {
		ssize_t n = write(l->file, l->out + done, l->n_out - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			l->write_failed = true;
			err_set(&l->trouble, ERR_SYSTEM, "%s: cannot be written: %s", l->path, strerror(errno));
			break;
		}
		done += (size_t)n;
	}
	l->n_out = 0;
	l->flushed_ms = now_ms();
}

static void put(struct cap_live *l, const void *p, size_t n)
{
	const uint8_t *from = p;

	l->written += n;
	while (n > 0) {
		size_t part = OUT_SIZE - l->n_out < n ? OUT_SIZE - l->n_out : n;

		memcpy(l->out + l->n_out, from, part);
		l->n_out += part;
		from += part;
		n -= part;
		if (l->n_out == OUT_SIZE)
			flush(l);
	}
}

static void put_u32(struct cap_live *l, uint32_t v)
{
	put(l, &v, 4);
}

static void put_padding(struct cap_live *l, size_t n)
{
	static const uint8_t zero[4];

	put(l, zero, -n & 3);
}

static size_t option_size(size_t n)
{
	return 4 + ((n + 3) & ~(size_t)3);
}

static void put_option(struct cap_live *l, uint16_t code, const void *p, size_t n)
{
	uint16_t head[2] = { code, (uint16_t)n };

	put(l, head, 4);
	put(l, p, n);
	put_padding(l, n);
}

static void put_section(struct cap_live *l)
{
	static const char program[] = "smbscope";
	uint32_t size = (uint32_t)(28 + option_size(sizeof(program) - 1) + 4);
	uint16_t version[2] = { 1, 0 };

	put_u32(l, 0x0a0d0d0a);
	put_u32(l, size);
	put_u32(l, 0x1a2b3c4d);
	put(l, version, 4);
	put_u32(l, UINT32_MAX);    /* section length: not known */
	put_u32(l, UINT32_MAX);
	put_option(l, 4, program, sizeof(program) - 1);
	put_u32(l, 0);
	put_u32(l, size);
}

static void put_interface(struct cap_live *l, const struct device *d)
{
	static const uint8_t nanoseconds = 9;
	size_t n_name = strlen(d->name), n_filter = l->filter ? strlen(l->filter) : 0;
	uint16_t link[2] = { cap_link((uint32_t)pcap_datalink(d->pcap)), 0 };
	uint32_t size;

	if (n_filter > 4096)
		n_filter = 0;          /* for information only: left out rather than cut */
	size = (uint32_t)(20 + option_size(n_name) + option_size(1) + 4);
	if (n_filter)
		size += (uint32_t)option_size(n_filter + 1);
	put_u32(l, 1);
	put_u32(l, size);
	put(l, link, 4);
	put_u32(l, l->snaplen);
	put_option(l, 2, d->name, n_name);
	put_option(l, 9, &nanoseconds, 1);
	if (n_filter) {
		uint16_t head[2] = { 11, (uint16_t)(n_filter + 1) };

		put(l, head, 4);
		put(l, "", 1);         /* the filter follows as libpcap's text */
		put(l, l->filter, n_filter);
		put_padding(l, n_filter + 1);
	}
	put_u32(l, 0);
	put_u32(l, size);
}

static void put_statistics(struct cap_live *l, const struct device *d)
{
	struct pcap_stat stat;
	struct timespec t;
	uint64_t ns, received, dropped;
	uint32_t size = (uint32_t)(24 + 2 * option_size(8) + 4);

	if (pcap_stats(d->pcap, &stat) != 0)
		return;
	received = stat.ps_recv;
	dropped = stat.ps_drop;
	clock_gettime(CLOCK_REALTIME, &t);
	ns = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	put_u32(l, 5);
	put_u32(l, size);
	put_u32(l, d->index);
	put_u32(l, (uint32_t)(ns >> 32));
	put_u32(l, (uint32_t)ns);
	put_option(l, 4, &received, 8);
	put_option(l, 5, &dropped, 8);
	put_u32(l, 0);
	put_u32(l, size);
}

static void on_packet(u_char *arg, const struct pcap_pkthdr *h, const u_char *bytes)
{
	struct device *d = (struct device *)(void *)arg;
	struct cap_live *l = d->live;
	uint32_t size = 32 + ((h->caplen + 3) & ~3u);
	uint64_t ns = (uint64_t)h->ts.tv_sec * 1000000000u + (uint64_t)h->ts.tv_usec * (d->nano ? 1 : 1000);

	if (l->full)
		return;
	put_u32(l, 6);
	put_u32(l, size);
	put_u32(l, d->index);
	put_u32(l, (uint32_t)(ns >> 32));
	put_u32(l, (uint32_t)ns);
	put_u32(l, h->caplen);
	put_u32(l, h->len);
	put(l, bytes, h->caplen);
	put_padding(l, h->caplen);
	put_u32(l, size);
	atomic_fetch_add_explicit(&l->received, 1, memory_order_relaxed);
	l->full = (l->max_packets && atomic_load_explicit(&l->received, memory_order_relaxed) >= l->max_packets) ||
		  (l->max_bytes && l->written >= l->max_bytes);
}

/* What to do about a device that cannot be opened. */
static void explain(struct err *err, const char *name, int code, pcap_t *pcap)
{
	char self[256];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = '\0';
	if (code == PCAP_ERROR_PERM_DENIED || code == PCAP_ERROR_PROMISC_PERM_DENIED)
		err_set(err, ERR_SYSTEM, "no right to capture on %s; to give it: setcap cap_net_raw,cap_net_admin=eip %s", name,
			n > 0 ? self : "smbscope");
	else if (code == PCAP_ERROR_NO_SUCH_DEVICE)
		err_set(err, ERR_USAGE, "%s: there is no such interface", name);
	else if (code == PCAP_ERROR_IFACE_NOT_UP)
		err_set(err, ERR_SYSTEM, "%s: the interface is not up", name);
	else
		err_set(err, ERR_SYSTEM, "%s: %s", name, *pcap_geterr(pcap) ? pcap_geterr(pcap) : pcap_statustostr(code));
}

static int open_device(struct cap_live *l, struct device *d, struct err *err)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program program;
	int code;

	d->pcap = pcap_create(d->name, text);
	if (!d->pcap)
		return err_set(err, ERR_SYSTEM, "%s: %s", d->name, text);
	pcap_set_snaplen(d->pcap, (int)l->snaplen);
	pcap_set_promisc(d->pcap, 1);
	pcap_set_timeout(d->pcap, READ_MS);
	pcap_set_buffer_size(d->pcap, KERNEL_BUFFER);
	pcap_set_tstamp_precision(d->pcap, PCAP_TSTAMP_PRECISION_NANO);
	code = pcap_activate(d->pcap);
	if (code < 0) {
		explain(err, d->name, code, d->pcap);
		return -1;
	}
	d->nano = pcap_get_tstamp_precision(d->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	if (l->filter) {
		if (pcap_compile(d->pcap, &program, l->filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
			return err_set(err, ERR_USAGE, "packet filter \"%s\": %s", l->filter, pcap_geterr(d->pcap));
		code = pcap_setfilter(d->pcap, &program);
		pcap_freecode(&program);
		if (code != 0)
			return err_set(err, ERR_SYSTEM, "%s: %s", d->name, pcap_geterr(d->pcap));
	}
	if (pcap_setnonblock(d->pcap, 1, text) != 0)
		return err_set(err, ERR_SYSTEM, "%s: %s", d->name, text);
	d->fd = pcap_get_selectable_fd(d->pcap);
	if (d->fd < 0)
		return err_set(err, ERR_SYSTEM, "%s: packets on this interface cannot be waited for", d->name);
	return 0;
}

struct cap_live *cap_live_open(const struct cap_live_options *o, struct err *err)
{
	struct cap_live *l;

	if (o->n_interfaces == 0 || o->n_interfaces > INTERFACES_MAX) {
		err_set(err, ERR_USAGE, o->n_interfaces ? "more than %u interfaces" : "no interface given", INTERFACES_MAX);
		return NULL;
	}
	l = xcalloc(1, sizeof(*l));
	l->n = o->n_interfaces;
	l->file = -1;
	l->path = xstrdup(o->write_path);
	l->filter = o->filter && *o->filter ? xstrdup(o->filter) : NULL;
	l->snaplen = o->snaplen && o->snaplen < SNAPLEN_DEFAULT ? o->snaplen : SNAPLEN_DEFAULT;
	l->max_packets = o->max_packets;
	l->max_bytes = o->max_bytes;
	l->max_seconds = o->max_seconds;
	l->out = xmalloc(OUT_SIZE);
	l->devices = xcalloc(l->n, sizeof(*l->devices));
	l->names = xcalloc(l->n, sizeof(*l->names));
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake < 0) {
		err_set(err, ERR_SYSTEM, "no event descriptor: %s", strerror(errno));
		goto fail;
	}
	for (uint32_t i = 0; i < l->n; i++) {
		struct device *d = &l->devices[i];

		l->names[i] = xstrdup(o->interfaces[i]);
		*d = (struct device){ .name = l->names[i], .live = l, .index = i };
		if (open_device(l, d, err) < 0)
			goto fail;
	}
	/* The file last: a capture that cannot start destroys nothing. */
	l->file = open(o->write_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (l->file < 0) {
		err_set(err, ERR_SYSTEM, "%s: cannot be written: %s", o->write_path, strerror(errno));
		goto fail;
	}
	put_section(l);
	for (uint32_t i = 0; i < l->n; i++)
		put_interface(l, &l->devices[i]);
	flush(l);
	if (!l->write_failed)
		return l;
	err_set(err, l->trouble.code, "%s", l->trouble.text);
fail:
	cap_live_close(l);
	return NULL;
}

/* Takes what a device has, BATCH packets at most.  Returns how many. */
static int take(struct cap_live *l, struct device *d)
{
	int n;

	if (d->gone)
		return 0;
	n = pcap_dispatch(d->pcap, BATCH, on_packet, (u_char *)d);
	if (n >= 0)
		return n;
	d->gone = true;
	err_set(&l->trouble, ERR_SYSTEM, "%s: %s", d->name, pcap_geterr(d->pcap));
	return 0;
}

static void count_drops(struct cap_live *l)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < l->n; i++) {
		struct pcap_stat stat;

		if (pcap_stats(l->devices[i].pcap, &stat) == 0)
			sum += stat.ps_drop;
	}
	atomic_store_explicit(&l->dropped, sum, memory_order_relaxed);
}

/* Sleeps until a packet, the stop, or ms. */
static void wait_for_packets(struct cap_live *l, int ms)
{
	struct pollfd p[INTERFACES_MAX + 1];
	nfds_t n = 0;

	/* Once stopped the event stays readable and would end every sleep at once. */
	if (!atomic_load(&l->stop))
		p[n++] = (struct pollfd){ .fd = l->wake, .events = POLLIN };
	for (uint32_t i = 0; i < l->n; i++)
		if (!l->devices[i].gone)
			p[n++] = (struct pollfd){ .fd = l->devices[i].fd, .events = POLLIN };
	poll(p, n, ms);
}

static bool all_gone(const struct cap_live *l)
{
	for (uint32_t i = 0; i < l->n; i++)
		if (!l->devices[i].gone)
			return false;
	return true;
}

int cap_live_run(struct cap_live *l, struct err *err)
{
	int64_t counted = now_ms(), limit = INT64_MAX, until = INT64_MAX;

	if (l->max_seconds)
		limit = counted + (int64_t)l->max_seconds * 1000;
	for (;;) {
		int taken = 0, ms = READ_MS / 2;
		int64_t now;

		for (uint32_t i = 0; i < l->n && !l->full; i++)
			taken += take(l, &l->devices[i]);
		now = now_ms();
		if (l->n_out > 0 && (taken == 0 || now - l->flushed_ms >= READ_MS / 2))
			flush(l);
		if (l->full || l->write_failed || all_gone(l) || now >= until)
			break;
		if (until == INT64_MAX && (now >= limit || atomic_load(&l->stop)))
			until = now + DRAIN_MS;
		if (now - counted >= 1000) {
			count_drops(l);
			counted = now;
		}
		if (limit > now && limit - now < ms)
			ms = (int)(limit - now);
		if (taken == 0)
			wait_for_packets(l, ms);
	}
	count_drops(l);
	for (uint32_t i = 0; i < l->n; i++)
		put_statistics(l, &l->devices[i]);
	flush(l);
	if (l->trouble.code == ERR_NONE)
		return 0;
	return err_set(err, l->trouble.code, "%s", l->trouble.text);
}

void cap_live_stop(struct cap_live *l)
{
	static const uint64_t one = 1;
	int saved = errno;
	ssize_t n;

	atomic_store(&l->stop, true);
	n = write(l->wake, &one, sizeof(one));
	(void)n;                   /* full means: it is awake already */
	errno = saved;
}

void cap_live_counts(struct cap_live *l, uint64_t *received, uint64_t *dropped)
{
	*received = atomic_load_explicit(&l->received, memory_order_relaxed);
	*dropped = atomic_load_explicit(&l->dropped, memory_order_relaxed);
}

void cap_live_close(struct cap_live *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->n; i++) {
		if (l->devices[i].pcap)
			pcap_close(l->devices[i].pcap);
		free(l->names[i]);
	}
	if (l->file >= 0)
		close(l->file);
	if (l->wake >= 0)
		close(l->wake);
	free(l->devices);
	free(l->names);
	free(l->path);
	free(l->filter);
	free(l->out);
	free(l);
}
