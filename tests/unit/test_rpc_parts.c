/* Bytes in calls that no interface definition describes: buffers of the print system, towers, tokens of Netlogon's secure channel. */
#include "test_auth.h"

#include "rpc/parts.h"

/* Two FORM_INFO_1: each counts its offsets from its own start.  The names "A" and "BC" stand at the end. */
#define FORM(offset, width) "01000000" offset width "02000000" "00000000" "00000000" "03000000" "04000000"
static const char forms[] = FORM("46000000", "0a000000") FORM("20000000", "0b000000") "42004300" "0000" "41000000";

static struct dx open_hex(struct probe *p, const char *hex)
{
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);
	struct dx d = probe_open(p, bytes, n, n);

	free(bytes);
	return d;
}

static void structures(void **state)
{
	struct probe p;
	struct dx d = open_hex(&p, forms);

	(void)state;
	spoolss_info(&d, SPOOLSS_FORM, 1, 2);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "spoolss.form.name=41000000");
	assert_says(&p, "spoolss.relative_string=4100");
	assert_says(&p, "spoolss.form.name=420043000000");
	assert_says(&p, "spoolss.form.width=0b000000");
	probe_close(&p);
	/* More of them promised than there are bytes; a level that no specification knows. */
	d = open_hex(&p, forms);
	spoolss_info(&d, SPOOLSS_FORM, 1, UINT32_MAX);
	assert_int_equal(p.run.flags & DX_MALFORMED, DX_MALFORMED);
	probe_close(&p);
	d = open_hex(&p, forms);
	spoolss_info(&d, SPOOLSS_FORM, 77, 2);
	assert_int_equal(d.at, 0);
	probe_close(&p);
	/* An offset beyond the buffer. */
	d = open_hex(&p, FORM("00100000", "0a000000"));
	spoolss_info(&d, SPOOLSS_FORM, 1, 1);
	assert_int_equal(p.run.flags, DX_MALFORMED);
	assert_says(&p, "spoolss.form.vert=04000000");
	probe_close(&p);
}

#define ZEROS16 "00000000000000000000000000000000"
#define NAME_A "4100" "0000" "000000000000000000000000" ZEROS16 ZEROS16 ZEROS16
static void devmode(void **state)
{
	struct probe p;
	/* Two settings behind dmFields, then three bytes of the driver's. */
	struct dx d = open_hex(&p, NAME_A "0104" "0004" "5000" "0300" "03000000" "0100" "0900" "aabbcc");

	(void)state;
	spoolss_devmode(&d);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(d_rest(&d), 0);
	assert_says(&p, "spoolss.devmode.devicename=4100");
	assert_says(&p, "spoolss.devmode.paper_size=0900");
	assert_says(&p, "spoolss.devmode.driver_extra=aabbcc");
	assert_false(strstr(p.log, "devmode.paper_length="));
	probe_close(&p);
}

static void values(void **state)
{
	struct probe p;
	/* "A" is a DWORD. */
	struct dx d = open_hex(&p, "14000000" "04000000" "04000000" "18000000" "04000000" "41000000" "07000000");

	(void)state;
	spoolss_values(&d, 1);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "spoolss.enumprinterdataex.name=41000000");
	assert_says(&p, "spoolss.enumprinterdataex.val_uint=07000000");
	probe_close(&p);
}

static void towers(void **state)
{
	struct probe p;
	struct dx d = open_hex(&p, "0300" "0100" "07" "0200" "01bd" "0100" "09" "0400" "0a000001" "0100" "0f" "0500" "5c70697000");

	(void)state;
	epm_tower(&d);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(d_rest(&d), 0);
	assert_says(&p, "epm.proto.tcp_port=01bd");
	assert_says(&p, "epm.proto.ip=0a000001");
	assert_says(&p, "epm.proto.named_pipe=5c70697000");
	probe_close(&p);
	/* Floors that are not there. */
	d = open_hex(&p, "ffff" "0100" "07" "0200" "01bd");
	epm_tower(&d);
	assert_int_equal(p.run.flags & DX_MALFORMED, DX_MALFORMED);
	probe_close(&p);
}

static void secure_channel(void **state)
{
	struct probe p;
	struct dx d = open_hex(&p, "00000000" "03000000" "4c414200" "57533100");

	(void)state;
	nl_auth_message(&d);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "netlogon.secchan.nl_auth_message.nb_host=57533100");
	probe_close(&p);
	/* Signed, not sealed: no confounder. */
	d = open_hex(&p, "7700" "ffff" "ffff" "0000" "0102030405060708" "1112131415161718");
	nl_auth_signature(&d);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "netlogon.secchan.digest=1112131415161718");
	assert_false(strstr(p.log, "secchan.nonce"));
	probe_close(&p);
	d = open_hex(&p, "1300" "1a00" "ffff" "0000" "0102030405060708" "1112131415161718" "2122232425262728" "000000");
	nl_auth_signature(&d);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "netlogon.secchan.nonce=2122232425262728");
	assert_says(&p, "smbscope.netlogon.secchan_reserved=000000");
	probe_close(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(structures), cmocka_unit_test(devmode), cmocka_unit_test(values),
		cmocka_unit_test(towers), cmocka_unit_test(secure_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
