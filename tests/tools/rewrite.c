/* rewrite IN OUT KIND[=ARGUMENT]...: writes a capture anew in another form, for tests/invariance and by hand.
 *
 * Kinds are applied in the order given.  Those that rewrite segments (rewrite/tcp.h) want packets that lie in
 * no tunnel yet; a link replaces the link before it (tags stay), a tunnel wraps what is there.  Exit status:
 * 0 written; 1 written, but a kind found nothing to change; 2 wrong usage; 3 not read, or not written. */
#include <stdio.h>

#include "rewrite/out.h"
#include "rewrite/packet.h"
#include "rewrite/tcp.h"
#include "rewrite/wrap.h"

/* What a kind returns that only says how the packets are to be written. */
#define KEPT  (UINT32_MAX - 1)

static uint32_t kind_pcapng(struct rewrite *w, const char *arg UNUSED)
{
	w->pcapng = true;
	return KEPT;
}

static uint32_t kind_nano(struct rewrite *w, const char *arg UNUSED)
{
	w->nano = true;
	return KEPT;
}

static uint32_t kind_swapped(struct rewrite *w, const char *arg UNUSED)
{
	w->swapped = true;
	return KEPT;
}

static uint32_t kind_gzip(struct rewrite *w, const char *arg UNUSED)
{
	w->gzip = true;
	return KEPT;
}

static uint32_t kind_zstd(struct rewrite *w, const char *arg UNUSED)
{
	w->zstd = true;
	return KEPT;
}

static uint32_t kind_sections(struct rewrite *w, const char *arg UNUSED)
{
	w->sections = true;
	return KEPT;
}

static uint32_t kind_taps(struct rewrite *w, const char *arg UNUSED)
{
	w->taps = true;
	return KEPT;
}

static uint32_t kind_snap(struct rewrite *w, const char *arg)
{
	w->snap = number(arg, 0);
	return w->snap ? KEPT : UINT32_MAX;
}

static uint32_t kind_split(struct rewrite *w, const char *arg)
{
	w->split = number(arg, 0);
	return w->split ? KEPT : UINT32_MAX;
}

/* interfaces: each packet on one of three, of different link types and resolutions. */
static uint32_t kind_interfaces(struct rewrite *w, const char *arg UNUSED)
{
	static wrap_fn *const links[] = { wrap_sll2, wrap_raw };
	uint32_t changed = 0;

	w->pcapng = w->interfaces = true;
	for (uint32_t i = 0; i < w->in.n; i++) {
		struct packet *p = w->in.p[i];

		if (!p->ip.len)
			continue;
		if (changed % 3) {
			p = copied(w, p);
			links[changed % 3 - 1](w, p, 1);
		}
		emit(w, p);
		changed++;
	}
	return changed;
}

/* fn, or wrap with the argument's number, n where there is none. */
static const struct kind {
	const char *name, *argument, *meaning;
	uint32_t (*fn)(struct rewrite *, const char *arg);
	wrap_fn *wrap;
	uint32_t n;
} kinds[] = {
	{ "reorder", "WINDOW[:SEED]", "packets of one direction that follow each other, in any order", kind_reorder, NULL, 0 },
	{ "mix", "WINDOW[:SEED]", "packets of both directions in any order, answers before requests", kind_mix, NULL, 0 },
	{ "duplicate", "", "each TCP packet twice", kind_duplicate, NULL, 0 },
	{ "retransmit", "N[:other]", "each segment again N packets later; with other bytes", kind_retransmit, NULL, 0 },
	{ "overlap", "equal|other[:N]", "segments begin N bytes early", kind_overlap, NULL, 0 },
	{ "cut", "N", "segments of N bytes", kind_cut, NULL, 0 },
	{ "glue", "[N]", "segments joined up to N bytes (60000)", kind_glue, NULL, 0 },
	{ "wrap", "[N]", "sequence numbers pass 2^32 after N bytes (300)", kind_wrap, NULL, 0 },
	{ "keepalive", "[N]", "keep-alives, closed windows and their probes before each Nth segment (3)", kind_keepalive, NULL, 0 },
	{ "badrst", "", "resets outside the window", kind_badrst, NULL, 0 },
	{ "midstream", "", "without the handshake", kind_midstream, NULL, 0 },
	{ "syndata", "", "the client's first data in its SYN", kind_syndata, NULL, 0 },
	{ "drop", "I", "without the Ith segment that has data", kind_drop, NULL, 0 },
	{ "drop-every", "N[:FROM]", "without each Nth segment that has data", kind_drop_every, NULL, 0 },
	{ "drop-frame", "N", "without the frame N of IN", kind_drop_frame, NULL, 0 },
	{ "client-only", "", "what the client sent", kind_client_only, NULL, 0 },
	{ "server-only", "", "what the server sent", kind_server_only, NULL, 0 },
	{ "port", "N", "the server's port is N", kind_port, NULL, 0 },
	{ "fragment", "N[:reverse|:double]", "IP fragments of N bytes; the last first; each twice", kind_fragment, NULL, 0 },
	{ "options", "", "IP options, extension headers", NULL, wrap_options, 0 },
	{ "offload", "", "IP lengths of zero", NULL, wrap_offload, 0 },
	{ "pad", "[N]", "N bytes behind the packet (6)", NULL, wrap_pad, 6 },
	{ "vlan", "[ID]", "IEEE 802.1Q", NULL, wrap_vlan, 100 },
	{ "qinq", "[ID]", "IEEE 802.1ad", NULL, wrap_qinq, 100 },
	{ "mpls", "[LABEL]", "two labels", NULL, wrap_mpls, 20 },
	{ "mplspw", "[LABEL]", "Ethernet pseudowire with control word", NULL, wrap_mplspw, 20 },
	{ "pppoe", "[SESSION]", "PPP over Ethernet", NULL, wrap_pppoe, 7 },
	{ "ppp", "", "LINKTYPE_PPP", NULL, wrap_ppp, 0 },
	{ "sll", "", "LINKTYPE_LINUX_SLL", NULL, wrap_sll, 0 },
	{ "sll2", "[INTERFACE]", "LINKTYPE_LINUX_SLL2", NULL, wrap_sll2, 2 },
	{ "raw", "", "LINKTYPE_RAW", NULL, wrap_raw, 0 },
	{ "null", "", "LINKTYPE_NULL", NULL, wrap_null, 0 },
	{ "loop", "", "LINKTYPE_LOOP", NULL, wrap_loop, 0 },
	{ "80211", "", "LINKTYPE_IEEE802_11", NULL, wrap_wlan, 0 },
	{ "radiotap", "", "LINKTYPE_IEEE802_11_RADIOTAP", NULL, wrap_radiotap, 0 },
	{ "nflog", "[GROUP]", "LINKTYPE_NFLOG", NULL, wrap_nflog, 5 },
	{ "erspan1", "", "ERSPAN type I", NULL, wrap_erspan1, 0 },
	{ "erspan2", "[ID]", "ERSPAN type II", NULL, wrap_erspan2, 1 },
	{ "erspan3", "[ID]", "ERSPAN type III", NULL, wrap_erspan3, 1 },
	{ "gre", "[KEY]", "IP in GRE", NULL, wrap_gre, 9 },
	{ "gretap", "", "Ethernet in GRE", NULL, wrap_gretap, 0 },
	{ "etherip", "", "EtherIP", NULL, wrap_etherip, 0 },
	{ "vxlan", "[VNI]", "VXLAN", NULL, wrap_vxlan, 42 },
	{ "geneve", "[VNI]", "GENEVE with an option", NULL, wrap_geneve, 42 },
	{ "gtpu", "[TEID]", "GTP-U with an extension header", NULL, wrap_gtpu, 77 },
	{ "ipip", "", "IPv4 in IPv4", kind_ipip, NULL, 0 },
	{ "6in4", "", "IPv6 in IPv4", kind_6in4, NULL, 0 },
	{ "4in6", "", "IPv4 in IPv6", kind_4in6, NULL, 0 },
	{ "6in6", "", "IPv6 in IPv6", kind_6in6, NULL, 0 },
	{ "mirror", "", "each frame twice, from two VLANs", kind_mirror, NULL, 0 },
	{ "shift", "SECONDS", "another clock", kind_shift, NULL, 0 },
	{ "snap", "N", "captured N bytes of each frame", kind_snap, NULL, 0 },
	{ "pcapng", "", "as pcapng", kind_pcapng, NULL, 0 },
	{ "sections", "", "as pcapng, of two sections in both byte orders", kind_sections, NULL, 0 },
	{ "interfaces", "", "as pcapng, of three interfaces", kind_interfaces, NULL, 0 },
	{ "nano", "", "time in nanoseconds", kind_nano, NULL, 0 },
	{ "swapped", "", "big-endian", kind_swapped, NULL, 0 },
	{ "gzip", "", "compressed", kind_gzip, NULL, 0 },
	{ "zstd", "", "compressed", kind_zstd, NULL, 0 },
	{ "split", "N", "as OUT.0, OUT.1, ... with as many frames each", kind_split, NULL, 0 },
	{ "taps", "", "as OUT.client and OUT.server", kind_taps, NULL, 0 },
};

static int usage(void)
{
	fputs("usage: rewrite IN OUT KIND[=ARGUMENT]...\n\n", stderr);
	for (size_t i = 0; i < COUNT(kinds); i++)
		fprintf(stderr, "  %-12s %-20s %s\n", kinds[i].name, kinds[i].argument, kinds[i].meaning);
	return 2;
}

static int read_capture(struct rewrite *w, const char *path)
{
	struct err err = { .code = ERR_NONE };
	struct cap_file *f = cap_file_open(path, false, &err);
	struct frame frame;
	enum cap_result got = CAP_ERROR;

	while (f && (got = cap_file_next(f, &frame, &err)) == CAP_FRAME)
		take_packet(w, &frame);
	if (f)
		cap_file_close(f);
	if (got != CAP_END)
		fprintf(stderr, "rewrite: %s\n", err.text);
	return got == CAP_END ? 0 : -1;
}

/* apply does one kind; the exit status it asks for. */
static int apply(struct rewrite *w, const char *text)
{
	size_t n = strcspn(text, "=");
	const char *arg = text[n] ? text + n + 1 : NULL;
	uint32_t changed = UINT32_MAX;
	struct list was;

	for (struct flow *f = w->newest; f; f = f->older)
		memset(f->side, 0, sizeof(f->side));
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strlen(kinds[i].name) != n || memcmp(kinds[i].name, text, n) != 0)
			continue;
		if (kinds[i].fn)
			changed = kinds[i].fn(w, arg);
		else
			changed = wrap_all(w, kinds[i].wrap, number(arg, kinds[i].n));
		break;
	}
	if (changed == UINT32_MAX) {
		fprintf(stderr, "rewrite: %s: no such kind, or a wrong argument\n", text);
		return 2;
	}
	if (changed == KEPT)
		return 0;
	if (w->out.n) {
		was = w->in;
		w->in = w->out;
		w->out = was;
		w->out.n = 0;
	} else if (changed >= w->in.n) {
		w->in.n = 0;               /* all of it is gone */
	}
	return changed ? 0 : 1;
}

/* A file for each name of a set: those packets whose number in order, or direction, is k. */
static int write_part(struct rewrite *w, const char *path, uint32_t k)
{
	char name[4096];
	struct list l = { NULL, 0, 0 };
	int result;

	if (w->taps)
		snprintf(name, sizeof(name), "%s.%s", path, k == CLIENT ? "client" : "server");
	else
		snprintf(name, sizeof(name), "%s.%u", path, k);
	for (uint32_t i = 0; i < w->in.n; i++)
		if (w->taps ? w->in.p[i]->dir == k : (uint32_t)((uint64_t)i * w->split / w->in.n) == k)
			add(&l, w->in.p[i]);
	result = write_file(w, &l, name);
	free(l.p);
	return result;
}

static int write_all(struct rewrite *w, const char *path)
{
	uint32_t parts = w->taps ? 2 : w->split;

	if (!parts)
		return write_file(w, &w->in, path);
	for (uint32_t k = 0; k < parts; k++)
		if (write_part(w, path, k) < 0)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	struct rewrite w = { .random = 1 };
	int result = 0;

	if (argc < 3)
		return usage();
	map_init(&w.flows, offsetof(struct flow, key), sizeof(struct flow_key));
	if (read_capture(&w, argv[1]) < 0)
		result = 3;
	for (int i = 3; i < argc && result < 2; i++) {
		int this = apply(&w, argv[i]);

		result = this > result ? this : result;
	}
	if (result < 2 && write_all(&w, argv[2]) < 0)
		result = 3;
	free(w.in.p);
	free(w.out.p);
	map_free(&w.flows);
	arena_free(&w.arena);
	return result;
}
