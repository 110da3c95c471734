/* What is computed from several messages, or from a connection's addresses. */
#include "session/track_private.h"

#include <arpa/inet.h>
#include <openssl/evp.h>

void track_generated(struct dx_run *run, unsigned protocol, uint32_t request_frame, int64_t since_ns)
{
	if (!run->sink)
		return;
	if (protocol == 2) {
		d_gen(run, smb2_response_to, request_frame);
		d_gen(run, smb2_time, (uint64_t)since_ns);
	} else {
		d_gen(run, smb1_response_to, request_frame);
		d_gen(run, smb1_time, (uint64_t)since_ns);
	}
}

/* An address as the hash wants it: 4 or 16 bytes. */
static uint32_t put_addr(uint8_t *out, const struct addr *a)
{
	bool v4 = addr_is_v4(a);

	memcpy(out, v4 ? a->bytes + 12 : a->bytes, v4 ? 4 : 16);
	return v4 ? 4 : 16;
}

void community_id(const struct tcp_flow *f, char out[40])
{
	const struct addr *a = &f->client, *b = &f->server;
	uint16_t pa = f->client_port, pb = f->server_port, be;
	uint8_t in[64] = { 0 }, hash[EVP_MAX_MD_SIZE];
	uint32_t n = 2;          /* the seed, 0 */
	int order = memcmp(a->bytes, b->bytes, 16);

	if (order > 0 || (order == 0 && pa > pb)) {
		a = &f->server;
		b = &f->client;
		pa = f->server_port;
		pb = f->client_port;
	}
	n += put_addr(in + n, a);
	n += put_addr(in + n, b);
	in[n++] = IPPROTO_TCP;
	in[n++] = 0;
	be = htons(pa);
	memcpy(in + n, &be, 2);
	be = htons(pb);
	memcpy(in + n + 2, &be, 2);
	EVP_Digest(in, n + 4, hash, NULL, EVP_sha1(), NULL);
	memcpy(out, "1:", 2);
	EVP_EncodeBlock((uint8_t *)out + 2, hash, 20);
}
