/* Makes a large capture of small ones: copy after copy, each with client addresses of its own and later in time,
 * so that every copy is new connections to the same servers.  Ethernet, IPv4, TCP only; checksums are kept true
 * (RFC 1624).  Writes pcap with nanoseconds (draft-ietf-opsawg-pcap). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "capture/cap.h"

/* A frame to copy: Ethernet, IPv4, TCP. */
struct kept {
	uint8_t *data;
	int64_t time_ns;           /* from the first frame of its capture */
	uint32_t caplen, origlen;
	uint32_t client;           /* where the client's address stands */
};

struct input {
	struct kept *frames;
	uint32_t n, cap;
	int64_t duration_ns;
};

static uint32_t get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static bool is_server(uint32_t port)
{
	return port == 445 || port == 139;
}

/* Where the client's address stands in a frame; 0: not one to copy. */
static uint32_t client_at(const struct frame *f)
{
	const uint8_t *p = f->data, *ip = p + 14, *tcp;

	if (f->link != 1 || f->caplen < 14 + 20 + 20 || get16(p + 12) != 0x0800 || ip[9] != 6 || get16(ip + 6) & 0x3fff)
		return 0;
	tcp = ip + 4u * (ip[0] & 15);
	if (tcp + 20 > p + f->caplen || is_server(get16(tcp)) == is_server(get16(tcp + 2)))
		return 0;
	return is_server(get16(tcp)) ? 14 + 16 : 14 + 12;
}

static int read_input(const char *path, struct input *in)
{
	struct err e = { 0 };
	struct cap_file *c = cap_file_open(path, false, &e);
	struct frame f;
	int64_t first = 0;

	while (c && cap_file_next(c, &f, &e) == CAP_FRAME) {
		uint32_t client = client_at(&f);
		struct kept *k;

		if (!client)
			continue;
		in->frames = mem_grow(in->frames, in->n, &in->cap, sizeof(*in->frames));
		k = &in->frames[in->n++];
		if (in->n == 1)
			first = f.time_ns;
		*k = (struct kept){ memcpy(xmalloc(f.caplen), f.data, f.caplen), f.time_ns - first, f.caplen, f.origlen, client };
		in->duration_ns = k->time_ns > in->duration_ns ? k->time_ns : in->duration_ns;
	}
	cap_file_close(c);
	if (!in->n)
		fprintf(stderr, "%s: %s\n", path, e.code ? e.text : "no TCP over IPv4 over Ethernet in it");
	return in->n ? 0 : -1;
}

/* A checksum after one 16-bit word under it changed. */
static void adjust(uint8_t *sum, uint32_t was, uint32_t is)
{
	uint32_t s = (~get16(sum) & 0xffff) + (~was & 0xffff) + is;

	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	put16(sum, ~s);
}

/* The client becomes 10.x.y.z of the copy's number. */
static void readdress(uint8_t *p, uint32_t at, uint32_t copy)
{
	uint8_t *ip = p + 14, *tcp = ip + 4u * (ip[0] & 15), new[4] = { 10, (uint8_t)(128 + (copy >> 14)), (uint8_t)(copy >> 6), 0 };

	new[3] = (uint8_t)((copy & 63) << 2 | (p[at + 3] & 3));
	for (uint32_t i = 0; i < 4; i += 2) {
		adjust(ip + 10, get16(p + at + i), get16(new + i));
		adjust(tcp + 16, get16(p + at + i), get16(new + i));
	}
	memcpy(p + at, new, 4);
}

static uint64_t write_copy(FILE *out, const struct input *in, uint32_t copy, int64_t start_ns)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < in->n; i++) {
		const struct kept *k = &in->frames[i];
		int64_t t = start_ns + k->time_ns;
		uint32_t record[4] = { (uint32_t)(t / 1000000000), (uint32_t)(t % 1000000000), k->caplen, k->origlen };

		readdress(k->data, k->client, copy);
		if (fwrite(record, sizeof(record), 1, out) != 1 || fwrite(k->data, k->caplen, 1, out) != 1) {
			perror("mkbench: writing");
			exit(1);
		}
		bytes += sizeof(record) + k->caplen;
	}
	return bytes;
}

int main(int argc, char **argv)
{
	const uint32_t header[6] = { 0xa1b23c4d, 2 | 4 << 16, 0, 0, 262144, 1 };
	uint64_t wanted, bytes = sizeof(header);
	int64_t now_ns = 1700000000LL * 1000000000;
	struct input *inputs;
	uint32_t n, copy = 0;
	FILE *out;

	if (argc < 4) {
		fprintf(stderr, "usage: %s OUT.pcap MEGABYTES CAPTURE...\n", argv[0]);
		return 2;
	}
	wanted = strtoull(argv[2], NULL, 10) * 1000000;
	n = (uint32_t)argc - 3;
	inputs = xcalloc(n, sizeof(*inputs));
	for (uint32_t i = 0; i < n; i++)
		if (read_input(argv[3 + i], &inputs[i]))
			return 1;
	out = fopen(argv[1], "wb");
	if (!out || fwrite(header, sizeof(header), 1, out) != 1) {
		perror(argv[1]);
		return 1;
	}
	while (bytes < wanted) {
		const struct input *in = &inputs[copy % n];

		bytes += write_copy(out, in, copy++, now_ns);
		now_ns += in->duration_ns + 1000000;
	}
	if (fclose(out) != 0) {
		perror(argv[1]);
		return 1;
	}
	for (uint32_t i = 0; i < n; i++) {
		for (uint32_t k = 0; k < inputs[i].n; k++)
			free(inputs[i].frames[k].data);
		free(inputs[i].frames);
	}
	free(inputs);
	fprintf(stderr, "%s: %u copies, %" PRIu64 " bytes\n", argv[1], copy, bytes);
	return 0;
}
