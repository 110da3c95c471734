/* NetBIOS session service packets.  RFC 1002 4.3, RFC 1001 14.1. */
#include "test_auth.h"

#include "nbss/nbss.h"

static const char called[] = "20454545444442434143414341434143414341434143414341434143414341434100";
static const char calling[] = "20464846444442434143414341434143414341434143414341434143414341414100";

/* Reads a packet of which have bytes were captured, as port 139 or 445 would. */
static unsigned packet(struct probe *p, const uint8_t *bytes, uint32_t have, uint32_t len, bool netbios)
{
	struct dx d = probe_open(p, bytes, have, len);
	unsigned type = nbss_header(&d, netbios);

	if (type != NBSS_MESSAGE)
		nbss_body(&d, type, &p->m);
	assert_int_equal(p->depth, 0);
	return type;
}

static unsigned packet_hex(struct probe *p, const char *hex, bool netbios)
{
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);
	unsigned type = packet(p, bytes, n, n, netbios);

	free(bytes);
	return type;
}

static void session_request(void **state)
{
	struct probe p;
	char hex[512];

	(void)state;
	snprintf(hex, sizeof(hex), "81000044%s%s", called, calling);
	assert_int_equal(packet_hex(&p, hex, true), NBSS_REQUEST);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "nbss.flags=00");
	assert_says(&p, "nbss.flags.e=0");
	assert_says(&p, "nbss.length=000044");
	snprintf(hex, sizeof(hex), "nbss.called_name=%s", called);
	assert_says(&p, hex);
	snprintf(hex, sizeof(hex), "nbss.calling_name=%s", calling);
	assert_says(&p, hex);
	assert_int_equal(p.m.path.bytes.len, 7);
	assert_memory_equal(p.m.path.bytes.p, "DC1<20>", 7);
	assert_memory_equal(p.m.u.setup_req.account.bytes.p, "WS1<00>", 7);
	probe_close(&p);

	/* A scope behind the name (RFC 1001 14.1), and a name that is not encoded. */
	snprintf(hex, sizeof(hex), "81000060%.66s%s%s", called, "034142430244450003464f4f00", "");
	packet_hex(&p, hex, true);
	assert_int_equal(p.run.flags, 0);
	assert_memory_equal(p.m.path.bytes.p, "DC1<20>", 7);
	assert_says(&p, "nbss.calling_name=03464f4f00");
	assert_false(p.m.u.setup_req.account.there);
	probe_close(&p);
}

static void answers(void **state)
{
	struct probe p;

	(void)state;
	assert_int_equal(packet_hex(&p, "82000000", true), NBSS_POSITIVE);
	assert_int_equal(p.values, 4);
	probe_close(&p);
	assert_int_equal(packet_hex(&p, "8300000182", true), NBSS_NEGATIVE);
	assert_says(&p, "nbss.error_code=82");
	assert_string_equal(fields[F_nbss_error_code].name(0x82), "Called name not present");
	assert_string_equal(fields[F_nbss_error_code].name(0x8f), "Unspecified error");
	probe_close(&p);
	assert_int_equal(packet_hex(&p, "840000060a620001008b", true), NBSS_RETARGET);
	assert_says(&p, "nbss.retarget_ip_address=0a620001");
	assert_says(&p, "nbss.retarget_port=008b");
	probe_close(&p);
	/* A keep-alive on port 445 has no flags; bytes it should not have are shown. */
	assert_int_equal(packet_hex(&p, "8500000101", false), NBSS_KEEP_ALIVE);
	assert_null(strstr(p.log, "nbss.flags"));
	assert_says(&p, "nbss.continuation_data=01");
	probe_close(&p);
}

static void messages(void **state)
{
	struct probe p;

	(void)state;
	/* SMB is framed alike on both ports; what else port 139 carries has flags. */
	assert_int_equal(packet_hex(&p, "00000004ff534d42", true), NBSS_MESSAGE);
	assert_null(strstr(p.log, "nbss.flags"));
	assert_says(&p, "nbss.length=000004");
	probe_close(&p);
	packet_hex(&p, "0001000401020304", true);
	assert_says(&p, "nbss.flags.e=1");
	probe_close(&p);
	packet_hex(&p, "0001000401020304", false);
	assert_null(strstr(p.log, "nbss.flags"));
	assert_says(&p, "nbss.length=010004");
	probe_close(&p);
}

static void names(void **state)
{
	uint8_t letters[32];
	char out[24];

	(void)state;
	/* "*SMBSERVER" with its blanks, type 0x20. */
	memcpy(letters, "CKFDENECFDEFFCFGEFFCCACACACACACA", 32);
	assert_true(nbss_name((struct span){ letters, 32 }, out));
	assert_string_equal(out, "*SMBSERVER<20>");
	/* The longest: 15 characters, and none of them cut. */
	memset(letters, 'E', 32);
	for (unsigned i = 1; i < 32; i += 2)
		letters[i] = 'B';
	assert_true(nbss_name((struct span){ letters, 32 }, out));
	assert_string_equal(out, "AAAAAAAAAAAAAAA<41>");
	/* Bytes that are no text, and letters that are none. */
	letters[0] = 'A';
	assert_true(nbss_name((struct span){ letters, 32 }, out));
	assert_int_equal(out[0], '.');
	letters[5] = 'Q';
	assert_false(nbss_name((struct span){ letters, 32 }, out));
	assert_string_equal(out, "");
	assert_false(nbss_name((struct span){ letters, 31 }, out));
}

static void cut_anywhere(void **state)
{
	struct probe p;
	char hex[512];
	uint32_t n;
	uint8_t *bytes;

	(void)state;
	snprintf(hex, sizeof(hex), "81000044%s%s", called, calling);
	bytes = probe_hex(hex, &n);
	for (uint32_t i = 1; i < n; i++) {
		packet(&p, bytes, i, i, true);
		assert_int_equal(p.run.flags, DX_MALFORMED);
		probe_close(&p);
		packet(&p, bytes, i, n, true);
		assert_int_equal(p.run.note, NOTE_not_captured);
		probe_close(&p);
	}
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_request), cmocka_unit_test(answers), cmocka_unit_test(messages), cmocka_unit_test(names),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
