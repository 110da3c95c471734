/* Packet filters (BPF), capture devices and link-type names: libpcap, pcap-filter(7). */
#include "capture/cap_private.h"

#include <pcap/pcap.h>

#include "base/mem.h"

/* Link types one filter is compiled for; more in one set match nothing. */
#define PROGRAMS_MAX 64u
#define SNAPLEN      262144

struct program {
	struct bpf_program bpf;
	uint16_t link;
	bool ok;
};

struct cap_filter {
	char *text;
	struct program programs[PROGRAMS_MAX];
	uint32_t n;
};

static bool compile(struct program *p, const char *text, uint16_t link, struct err *err)
{
	pcap_t *dead = pcap_open_dead(cap_dlt(link), SNAPLEN);

	p->link = link;
	p->ok = false;
	if (!dead) {
		err_set(err, ERR_SYSTEM, "out of memory for the packet filter");
		return false;
	}
	p->ok = pcap_compile(dead, &p->bpf, text, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!p->ok)
		err_set(err, ERR_USAGE, "packet filter \"%s\": %s", text, pcap_geterr(dead));
	pcap_close(dead);
	return p->ok;
}

struct cap_filter *cap_filter_compile(const char *text, struct err *err)
{
	/* "wlan host" and the like only make sense elsewhere: a filter is wrong if it is wrong everywhere. */
	static const uint16_t tried[] = { 1, 113, 101, 127 };
	struct cap_filter *f = xcalloc(1, sizeof(*f));
	bool any = false;

	f->text = xstrdup(text);
	for (size_t i = 0; i < COUNT(tried) && !any; i++)
		any = compile(&f->programs[f->n++], text, tried[i], i == 0 ? err : NULL);
	if (any) {
		if (err)
			err->code = ERR_NONE;
		return f;
	}
	cap_filter_free(f);
	return NULL;
}

bool cap_filter_match(struct cap_filter *f, const struct frame *frame)
{
	struct program *p = NULL;
	struct pcap_pkthdr header = { .caplen = frame->caplen, .len = frame->origlen };

	for (uint32_t i = 0; i < f->n && !p; i++)
		if (f->programs[i].link == frame->link)
			p = &f->programs[i];
	if (!p) {
		if (f->n == PROGRAMS_MAX)
			return false;
		p = &f->programs[f->n++];
		compile(p, f->text, frame->link, NULL);
	}
	return p->ok && pcap_offline_filter(&p->bpf, &header, frame->data) != 0;
}

void cap_filter_free(struct cap_filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->n; i++)
		if (f->programs[i].ok)
			pcap_freecode(&f->programs[i].bpf);
	free(f->text);
	free(f);
}

int cap_devices(void (*fn)(void *, const char *name, const char *description, bool up), void *arg, struct err *err)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_if_t *all;

	if (pcap_findalldevs(&all, text) != 0)
		return err_set(err, ERR_SYSTEM, "the capture devices cannot be listed: %s", text);
	for (const pcap_if_t *d = all; d; d = d->next)
		fn(arg, d->name, d->description ? d->description : "", (d->flags & PCAP_IF_UP) != 0);
	pcap_freealldevs(all);
	return 0;
}

const char *cap_link_name(uint16_t link)
{
	const char *name = pcap_datalink_val_to_name(cap_dlt(link));

	return name ? name : "?";
}
