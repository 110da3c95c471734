/* Makes a capture of one bulk transfer: a file of MEGABYTES read in answers of 1 MiB through one open (SMB 2.1), to
 * measure memory.  Ethernet, IPv4, TCP with true checksums; pcap (draft-ietf-opsawg-pcap). */
#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MSS    1448
#define ANSWER (1u << 20)

struct side {
	uint32_t address, seq;
	uint16_t port;
};

struct out {
	FILE *f;
	struct side side[2];
	uint64_t time_us;
};

static void put16(uint8_t *p, unsigned v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16); put16(p + 2, v & 0xffff); }
static void le(uint8_t *p, uint64_t v, int n) { while (n--) { *p++ = (uint8_t)v; v >>= 8; } }

static uint32_t sum(const uint8_t *p, uint32_t n, uint32_t s)
{
	for (; n > 1; n -= 2, p += 2)
		s += (uint32_t)p[0] << 8 | p[1];
	if (n)
		s += (uint32_t)*p << 8;
	return s;
}

static unsigned fold(uint32_t s)
{
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

static void segment(struct out *o, int from, unsigned flags, const uint8_t *data, uint32_t n)
{
	struct side *s = &o->side[from], *d = &o->side[!from];
	uint8_t b[14 + 20 + 20 + MSS] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45 }, *ip = b + 14, *tcp = ip + 20;
	uint32_t record[4] = { (uint32_t)(o->time_us / 1000000), (uint32_t)(o->time_us % 1000000), 54 + n, 54 + n };

	put16(ip + 2, 40 + n);
	ip[8] = 64;
	ip[9] = 6;
	put32(ip + 12, s->address);
	put32(ip + 16, d->address);
	put16(ip + 10, fold(sum(ip, 20, 0)));
	put16(tcp, s->port);
	put16(tcp + 2, d->port);
	put32(tcp + 4, s->seq);
	put32(tcp + 8, flags == 2 ? 0 : d->seq);
	tcp[12] = 0x50;
	tcp[13] = (uint8_t)flags;
	put16(tcp + 14, 65535);
	memcpy(tcp + 20, data, n);
	put16(tcp + 16, fold(sum(tcp, 20 + n, sum(ip + 12, 8, 6 + 20 + n))));
	s->seq += n + ((flags & 3) != 0);
	o->time_us += 2;
	fwrite(record, sizeof(record), 1, o->f);
	fwrite(b, 54 + n, 1, o->f);
}

/* A message of n bytes with its session header, in segments. */
static void send_message(struct out *o, int from, uint8_t *m, uint32_t n)
{
	put32(m, n - 4);
	for (uint32_t at = 0; at < n; at += MSS)
		segment(o, from, 0x18, m + at, n - at < MSS ? n - at : MSS);
}

/* SMB2 header (MS-SMB2 2.2.1.2) behind the 4 bytes of the session header; returns the body. */
static uint8_t *header(uint8_t *m, unsigned command, bool response, uint64_t id)
{
	memset(m, 0, 4 + 64 + 128);
	memcpy(m + 4, "\xfeSMB", 4);
	le(m + 8, 64, 2);
	le(m + 4 + 12, command, 2);
	le(m + 4 + 14, 1, 2);
	le(m + 4 + 16, response, 4);
	le(m + 4 + 24, id, 8);
	le(m + 4 + 36, 1, 4);
	le(m + 4 + 40, 0x1122334455667788, 8);
	return m + 4 + 64;
}

int main(int argc, char **argv)
{
	struct out o = { .side = { { 0x0a4d0002, 1000, 50000 }, { 0x0a4d0001, 5000, 445 } }, .time_us = 1700000000000000 };
	uint32_t global[6] = { 0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1 };
	uint32_t answers = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
	uint8_t *m = malloc(ANSWER + 256), *b;
	uint64_t id = 1;

	if (!answers || !m || !(o.f = fopen(argv[1], "wb"))) {
		fprintf(stderr, "usage: %s OUT.pcap MEGABYTES\n", argv[0]);
		return 2;
	}
	fwrite(global, sizeof(global), 1, o.f);
	segment(&o, 0, 2, m, 0);
	segment(&o, 1, 0x12, m, 0);
	segment(&o, 0, 0x10, m, 0);
	b = header(m, 5, false, id);                    /* CREATE "bulk" */
	le(b, 57, 2);
	le(b + 36, 1, 4);
	le(b + 44, 64 + 56, 2);
	le(b + 46, 8, 2);
	memcpy(b + 56, "b\0u\0l\0k\0", 8);
	send_message(&o, 0, m, 4 + 64 + 64);
	b = header(m, 5, true, id++);
	le(b, 89, 2);
	le(b + 4, 1, 4);
	le(b + 48, (uint64_t)answers * ANSWER, 8);
	le(b + 56, 0x20, 4);
	le(b + 64, 7, 8);
	le(b + 72, 7, 8);
	send_message(&o, 1, m, 4 + 64 + 88);
	for (uint32_t i = 0; i < answers; i++, id++) {
		b = header(m, 8, false, id);                /* READ */
		le(b, 49, 2);
		le(b + 4, ANSWER, 4);
		le(b + 8, (uint64_t)i * ANSWER, 8);
		le(b + 16, 7, 8);
		le(b + 24, 7, 8);
		send_message(&o, 0, m, 4 + 64 + 49);
		b = header(m, 8, true, id);
		le(b, 17, 2);
		b[2] = 64 + 16;
		le(b + 4, ANSWER, 4);
		for (uint32_t k = 0; k < ANSWER; k += 4)
			le(b + 16 + k, i * 2654435761u + k, 4);
		send_message(&o, 1, m, 4 + 64 + 16 + ANSWER);
	}
	b = header(m, 6, false, id);                    /* CLOSE */
	le(b, 24, 2);
	le(b + 8, 7, 8);
	le(b + 16, 7, 8);
	send_message(&o, 0, m, 4 + 64 + 24);
	b = header(m, 6, true, id);
	le(b, 60, 2);
	send_message(&o, 1, m, 4 + 64 + 60);
	segment(&o, 0, 0x11, m, 0);
	segment(&o, 1, 0x11, m, 0);
	segment(&o, 0, 0x10, m, 0);
	free(m);
	return fclose(o.f) ? 1 : 0;
}
