/* NTLMSSP messages: the examples of MS-NLMP 4.2, old forms, hostile ones. */
#include "test_auth.h"

#define SIGNATURE "4e544c4d53535000"
#define VERSION_70_6000 "060070170000000f"
#define DOMAIN "44006f006d00610069006e00"
#define USER "5500730065007200"
#define COMPUTER "43004f004d0050005500540045005200"
#define SERVER "530065007200760065007200"

/* MS-NLMP 4.2.2.3 */
static const char v1_challenge[] =
	SIGNATURE "02000000" "0c000c0038000000" "338202e2" "0123456789abcdef" "0000000000000000" "0000000000000000"
	VERSION_70_6000 SERVER;
static const char v1_authenticate[] =
	SIGNATURE "03000000" "180018006c000000" "1800180084000000" "0c000c0048000000" "0800080054000000" "100010005c000000"
	"100010009c000000" "358280e2" "0501280a0000000f" DOMAIN USER COMPUTER
	"98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13" "67c43011f30298a2ad35ece64f16331c44bdbed927841f94"
	"518822b1b3f350c8958682ecbb3e3cb7";
/* MS-NLMP 4.2.4.3 */
#define V2_PAIRS "02000c00" DOMAIN "01000c00" SERVER "00000000"
static const char v2_challenge[] =
	SIGNATURE "02000000" "0c000c0038000000" "33828ae2" "0123456789abcdef" "0000000000000000" "2400240044000000"
	VERSION_70_6000 SERVER V2_PAIRS;
#define V2_BLOB "0101000000000000" "0000000000000000" "aaaaaaaaaaaaaaaa" "00000000" V2_PAIRS "00000000"
#define V2_RESPONSE "68cd0ab851e51c96aabc927bebef6a1c" V2_BLOB
static const char v2_authenticate[] =
	SIGNATURE "03000000" "180018006c000000" "5400540084000000" "0c000c0048000000" "0800080054000000" "100010005c000000"
	"10001000d8000000" "358288e2" "0501280a0000000f" DOMAIN USER COMPUTER
	"86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa" V2_RESPONSE "c5dad2544fc9799094ce1ce90bc9d03e";
/* A client's first, with both names, in OEM. */
static const char oem_negotiate[] =
	SIGNATURE "01000000" "07b20800" "0600060028000000" "030003002e000000" "0501280a0000000f"
	"444f4d41494e" "575331";

static void examples_of_version_1(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, v1_challenge);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.notes, 0);
	assert_true(p.m.auth->raw);
	assert_int_equal(p.m.auth->mech, MECH_NTLM);
	assert_int_equal(p.m.auth->ntlm_type, 2);
	assert_int_equal(p.m.auth->ntlm_flags, 0xe2028233);
	assert_span(p.m.auth->challenge, "0123456789abcdef");
	assert_span(p.m.auth->target_name.bytes, SERVER);
	assert_true(p.m.auth->target_name.unicode);
	assert_int_equal(p.m.auth->version[0], 6);
	assert_says(&p, "ntlmssp.version.build_number=7017");
	assert_says(&p, "ntlmssp.negotiatekeyexch=1");
	assert_says(&p, "ntlmssp.negotiatetargetinfo=0");
	probe_close(&p);

	probe_token(&p, v1_authenticate);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->ntlm_type, 3);
	assert_span(p.m.auth->user.bytes, USER);
	assert_span(p.m.auth->domain.bytes, DOMAIN);
	assert_span(p.m.auth->workstation.bytes, COMPUTER);
	assert_span(p.m.auth->lm_response, "98def7b87f88aa5dafe2df779688a172def11c7d5ccdef13");
	assert_span(p.m.auth->nt_response, "67c43011f30298a2ad35ece64f16331c44bdbed927841f94");
	assert_span(p.m.auth->session_key, "518822b1b3f350c8958682ecbb3e3cb7");
	assert_false(p.m.auth->mic_there);
	assert_null(p.m.auth->client_challenge.p);
	assert_null(strstr(p.log, "ntlmv2_response"));
	assert_null(strstr(p.log, "ntlmclientchallenge"));
	probe_close(&p);
}

static void examples_of_version_2(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, v2_challenge);
	assert_int_equal(p.run.flags, 0);
	assert_span(p.m.auth->nb_computer.bytes, SERVER);
	assert_span(p.m.auth->nb_domain.bytes, DOMAIN);
	assert_false(p.m.auth->dns_computer.there);
	assert_says(&p, "ntlmssp.challenge.target_info.item.type=0000");
	probe_close(&p);

	probe_token(&p, v2_authenticate);
	assert_int_equal(p.run.flags, 0);
	assert_span(p.m.auth->nt_response, V2_RESPONSE);
	assert_span(p.m.auth->client_challenge, "aaaaaaaaaaaaaaaa");
	assert_int_equal(p.m.auth->client_time, 0);
	assert_says(&p, "ntlmssp.ntlmv2_response.ntproofstr=68cd0ab851e51c96aabc927bebef6a1c");
	assert_says(&p, "ntlmssp.ntlmv2_response.pad=00000000");
	assert_false(p.m.auth->mic_there);
	probe_close(&p);
}

static void oem_names(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, oem_negotiate);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->ntlm_type, 1);
	assert_says(&p, "ntlmssp.negotiate.domain=444f4d41494e");
	assert_says(&p, "ntlmssp.negotiate.callingworkstation=575331");
	/* No VERSION flag: the eight bytes are not one. */
	assert_false(p.m.auth->version_there);
	probe_close(&p);

	probe_token(&p, SIGNATURE "02000000" "0300030030000000" "02820000" "0102030405060708" "0000000000000000"
	                "0000000030000000" "444f4d");
	assert_int_equal(p.run.flags, 0);
	assert_span(p.m.auth->target_name.bytes, "444f4d");
	assert_false(p.m.auth->target_name.unicode);
	assert_true(p.run.unicode);
	probe_close(&p);
}

/* Extended session security: the client challenge stands in the LM response.  A MIC is one only
 * where AvFlags say so, wherever the data begins. */
static void responses_and_mic(void **state)
{
	static const char head[] = SIGNATURE "03000000" "1800180058000000";
	static const char mic[] = "00112233445566778899aabbccddeeff";
	struct probe p;
	char token[2048];

	(void)state;
	snprintf(token, sizeof(token), "%s" "1800180070000000" "0000000058000000" "0000000058000000" "0000000058000000"
	         "0000000058000000" "358288e2" "0501280a0000000f" "%s" "b1b2b3b4b5b6b7b8" "00000000000000000000000000000000"
	         "67c43011f30298a2ad35ece64f16331c44bdbed927841f94", head, mic);
	probe_token(&p, token);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "ntlmssp.ntlmclientchallenge=b1b2b3b4b5b6b7b8");
	assert_says(&p, "ntlmssp.auth.username=0000000058000000");
	assert_int_equal(p.m.auth->user.bytes.len, 0);
	assert_true(p.m.auth->user.there);
	assert_false(p.m.auth->mic_there);
	assert_span(p.m.auth->mic, mic);
	probe_close(&p);

	snprintf(token, sizeof(token), "%s" "3800380070000000" "0000000058000000" "0000000058000000" "0000000058000000"
	         "0000000058000000" "358288e2" "0501280a0000000f" "%s" "000000000000000000000000000000000000000000000000"
	         "68cd0ab851e51c96aabc927bebef6a1c" "0101000000000000" "bc679b4d767add01" "aaaaaaaaaaaaaaaa" "00000000"
	         "0600040002000000" "00000000", head, mic);
	probe_token(&p, token);
	assert_int_equal(p.run.flags, 0);
	assert_true(p.m.auth->mic_there);
	assert_span(p.m.auth->mic, mic);
	assert_int_equal(p.m.auth->client_time, 0x01dd7a764d9b67bc);
	probe_close(&p);
}

/* Before Windows 2000 the message ended behind the five descriptors; strings come in any order. */
static void old_authenticate(void **state)
{
	static const char token[] =
		SIGNATURE "03000000" "010001003e000000" "0000000000000000" "040004003a000000" "0600060034000000" "00000000ffffffff"
		"410042004300" "44004500" "00";
	struct probe p;

	(void)state;
	probe_token(&p, token);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->ntlm_flags, 0);
	assert_span(p.m.auth->user.bytes, "410042004300");
	assert_span(p.m.auth->domain.bytes, "44004500");
	assert_span(p.m.auth->lm_response, "00");
	probe_close(&p);
}

static void every_pair(void **state)
{
	static const char token[] =
		SIGNATURE "02000000" "0000000030000000" "33828ae2" "0123456789abcdef" "0000000000000000" "6c006c0038000000"
		VERSION_70_6000
		"01000200" "6100" "02000200" "6200" "03000200" "6300" "04000200" "6400" "05000200" "6500" "06000400" "02000000"
		"07000800" "bc679b4d767add01" "0800040001020304" "09000400" "63006900" "0a001000" "000102030405060708090a0b0c0d0e0f"
		"63000100" "77" "07000400" "01020304" "00000000" "000000";
	struct probe p;

	(void)state;
	probe_token(&p, token);
	/* A timestamp of four bytes is none. */
	assert_int_equal(p.run.flags, DX_MALFORMED);
	assert_span(p.m.auth->nb_computer.bytes, "6100");
	assert_span(p.m.auth->nb_domain.bytes, "6200");
	assert_span(p.m.auth->dns_computer.bytes, "6300");
	assert_span(p.m.auth->dns_domain.bytes, "6400");
	assert_says(&p, "ntlmssp.challenge.target_info.dns_tree_name=6500");
	assert_says(&p, "ntlmssp.challenge.target_info.flags=02000000");
	assert_says(&p, "ntlmssp.challenge.target_info.timestamp=bc679b4d767add01");
	assert_says(&p, "ntlmssp.challenge.target_info.restrictions=01020304");
	assert_says(&p, "ntlmssp.challenge.target_info.target_name=63006900");
	assert_says(&p, "ntlmssp.challenge.target_info.channel_bindings=000102030405060708090a0b0c0d0e0f");
	assert_says(&p, "smbscope.undecoded=77");
	probe_close(&p);
}

static void hostile(void **state)
{
	struct probe p;

	(void)state;
	/* Offsets beyond the message, at 4 GiB, and into the header: the last is odd, but readable. */
	probe_token(&p, SIGNATURE "02000000" "08000800ffffffff" "33828ae2" "0123456789abcdef" "0000000000000000" "ffffffff00000000");
	assert_int_equal(p.run.flags, DX_MALFORMED);
	assert_null(p.m.auth->target_name.bytes.p);
	probe_close(&p);
	/* A type that is none. */
	probe_token(&p, SIGNATURE "09000000" "0102");
	assert_int_equal(p.m.auth->ntlm_type, 0);
	assert_says(&p, "smbscope.undecoded=0102");
	probe_close(&p);
	probe_flips(v2_challenge);
	probe_flips(v2_authenticate);
	probe_flips(oem_negotiate);
}

static void cut_anywhere(void **state)
{
	(void)state;
	probe_cuts(v1_challenge);
	probe_cuts(v1_authenticate);
	probe_cuts(v2_challenge);
	probe_cuts(v2_authenticate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_version_1), cmocka_unit_test(examples_of_version_2), cmocka_unit_test(oem_names),
		cmocka_unit_test(responses_and_mic), cmocka_unit_test(old_authenticate), cmocka_unit_test(every_pair),
		cmocka_unit_test(hostile), cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
