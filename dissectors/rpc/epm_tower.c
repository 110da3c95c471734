/* Protocol towers: where an interface can be called, floor by floor.  C706 appendix I (protocol identifiers), appendix L;
 * MS-RPCE 2.2.1.2.  Lengths are little-endian whatever the call's data representation says; addresses are in network order. */
#include "rpc/parts.h"

enum {
	PROTOCOL_TCP = 0x07, PROTOCOL_UDP = 0x08, PROTOCOL_IP = 0x09, PROTOCOL_UUID = 0x0d, PROTOCOL_PIPE = 0x0f,
	PROTOCOL_LOCAL_PIPE = 0x10, PROTOCOL_NETBIOS = 0x11, PROTOCOL_HTTP = 0x1f,
	UUID_LEN = 16,
};

/* The left side: what the floor is. */
static uint8_t left_side(struct dx *floor)
{
	uint32_t n = (uint32_t)d_get(floor, epm_lhs_len);
	uint8_t protocol = 0;
	struct dx side;

	if (!d_part(floor, n, &side))
		return 0;
	protocol = (uint8_t)d_get(&side, epm_proto_id);
	if (protocol == PROTOCOL_UUID && d_rest(&side) > UUID_LEN) {
		d_bytes(&side, epm_uuid, UUID_LEN);
		d_get(&side, epm_uuid_version);
	}
	d_tail(&side, epm_protocol_data);
	return protocol;
}

/* The right side: where it is. */
static void right_side(struct dx *floor, uint8_t protocol)
{
	uint32_t n = (uint32_t)d_get(floor, epm_rhs_len);
	struct dx side;

	if (!d_part(floor, n, &side))
		return;
	switch (protocol) {
	case PROTOCOL_UUID:
		d_get(&side, epm_ver_min);
		break;
	case PROTOCOL_TCP:
		d_get(&side, epm_tcp_port);
		break;
	case PROTOCOL_UDP:
		d_get(&side, epm_udp_port);
		break;
	case PROTOCOL_HTTP:
		d_get(&side, epm_http_port);
		break;
	case PROTOCOL_IP:
		d_get(&side, epm_ip);
		break;
	case PROTOCOL_PIPE:
	case PROTOCOL_LOCAL_PIPE:
		d_tail(&side, epm_named_pipe);
		break;
	case PROTOCOL_NETBIOS:
		d_tail(&side, epm_netbios_name);
		break;
	}
	d_tail(&side, epm_address_data);
}

void epm_tower(struct dx *d)
{
	uint32_t floors = (uint32_t)d_get(d, epm_num_floors);

	while (d_each(d, &floors)) {
		uint8_t protocol;

		d_push(d, epm_floor);
		protocol = left_side(d);
		right_side(d, protocol);
		d_pop(d);
	}
}
