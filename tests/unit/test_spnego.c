/* Security blobs: tokens recorded from Samba 4.17, made ones, hostile ones. */
#include "test_auth.h"

static const char hints[] =
	"605e06062b0601050502a0543052a024302206092a864882f71201020206092a864886f712010202060a2b06010401823702020aa32a3028a026"
	"1b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265";
static const char init[] =
	"604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d53535000010000001582086200000000280000"
	"000000000028000000060100000000000f";
static const char resp[] =
	"a181ae3081aba0030a0101a10c060a2b06010401823702020aa281950481924e544c4d535350000200000006000600380000001582896221"
	"58ec3ec838cfef0000000000000000540054003e000000060100000000000f4c0041004200020006004c004100420001000600440043003100"
	"040010006c00610062002e007400650073007400030018006400630031002e006c00610062002e00740065007300740007000800bc679b4d76"
	"7add0100000000";
static const char final[] = "a11b3019a0030a0100a312041001000000ef7cdd53474e0d7a00000000";
static const char ap_rep[] =
	"a181b73081b4a0030a0100a10b06092a864882f712010202a2819f04819c60819906092a864886f71201020202006f8189308186a003020105"
	"a10302010fa27a3078a003020112a271046fddae58621448c5d4ad82953703810119795e36e6ef9a61743e1d986dff2e619dd2da196e7bf4da"
	"76c671b6b519ee78b2ae493e6bdba92551405c7eb385a6b86edaa75fbfa65eef3877d2eb8f1d297def22b82fa6463fca348165537bf3e8f1d3"
	"9606ac24fd435489473ad5b4c9c585";
/* AP-REQ for cifs/dc1 in LAB.TEST, ciphers of 2 and 3 bytes; KRB-ERROR of a clock that is off. */
#define AP_REQ \
	"6e683066a003020105a10302010ea20703050020000000a341613f303da003020105a10a1b084c41422e54455354a2163014a003020101a1" \
	"0d300b1b04636966731b03646331a3123010a003020112a103020102a204040201ffa40e300ca003020117a2050403010203"
#define KRB_ERROR_TOKEN \
	"7e763074a003020105a10302011ea411180f32303236313132323131343034315aa505020305d6e7a603020125a70a1b084c41422e544553" \
	"54a8123010a003020101a10930071b05616c696365a90a1b084c41422e54455354aa1d301ba003020102a11430121b066b72627467741b08" \
	"4c41422e54455354"

static void first_and_second(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, hints);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "gss-api.OID=2b0601050502");
	assert_says(&p, "spnego.MechType=2a864882f712010202");
	assert_says(&p, "spnego.MechType=2b06010401823702020a");
	assert_says(&p, "spnego.hintName=6e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265");
	assert_false(p.m.auth->raw);
	assert_int_equal(p.m.auth->mech, MECH_NONE);
	assert_span(p.m.auth->mech_types, "302206092a864882f71201020206092a864886f712010202060a2b06010401823702020a");
	probe_close(&p);

	probe_token(&p, init);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->ntlm_type, 1);
	assert_int_equal(p.m.auth->neg_state, 0);
	assert_says(&p, "ntlmssp.negotiateflags=15820862");
	probe_close(&p);

	probe_token(&p, resp);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->ntlm_type, 2);
	assert_int_equal(p.m.auth->neg_state, 2);
	assert_span(p.m.auth->challenge, "2158ec3ec838cfef");
	assert_span(p.m.auth->dns_domain.bytes, "6c00610062002e007400650073007400");
	assert_int_equal(p.m.auth->timestamp, 0x01dd7a764d9b67bc);
	assert_says(&p, "spnego.supportedMech=2b06010401823702020a");
	assert_says(&p, "spnego.negResult=01");
	probe_close(&p);

	probe_token(&p, final);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->neg_state, 1);
	assert_says(&p, "ntlmssp.verf.body=ef7cdd53474e0d7a00000000");
	probe_close(&p);
}

static void kerberos(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, ap_rep);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->mech, MECH_KERBEROS);
	assert_says(&p, "spnego.krb5_oid=2a864886f712010202");
	assert_says(&p, "spnego.krb5.tok_id=0200");
	assert_says(&p, "kerberos.etype=12");
	probe_close(&p);

	probe_token(&p, AP_REQ);
	assert_int_equal(p.run.flags, 0);
	assert_true(p.m.auth->raw);
	assert_string_equal((const char *)p.m.auth->realm.p, "LAB.TEST");
	assert_string_equal((const char *)p.m.auth->spn.p, "cifs/dc1");
	assert_int_equal(p.m.auth->spn.len, 8);
	assert_says(&p, "kerberos.APOptions.mutual.required=1");
	assert_says(&p, "kerberos.ap_options=20000000");
	assert_says(&p, "kerberos.cipher=01ff");
	assert_says(&p, "kerberos.cipher=010203");
	probe_close(&p);

	/* The same framed by GSS-API alone, with its token id. */
	probe_token(&p, "607706092a864886f7120102020100" AP_REQ);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "gss-api.OID=2a864886f712010202");
	assert_says(&p, "spnego.krb5.tok_id=0100");
	assert_string_equal((const char *)p.m.auth->spn.p, "cifs/dc1");
	probe_close(&p);

	probe_token(&p, KRB_ERROR_TOKEN);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "kerberos.error_code=25");
	assert_says(&p, "kerberos.susec=05d6e7");
	assert_says(&p, "kerberos.CNameString=616c696365");
	assert_string_equal((const char *)p.m.auth->spn.p, "krbtgt/LAB.TEST");
	probe_close(&p);
}

/* The signatures of RFC 4121 4.2.6.1 and RFC 1964 1.2.1 as mechListMIC. */
static void kerberos_signatures(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, "a1253023a0030a0100a31c041a" "040405ffffffffff" "0000000000000007" "a1a2a3a4a5a6a7a8a9aa");
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "spnego.krb5.cfx_flags=05");
	assert_says(&p, "spnego.krb5.send_by_acceptor=1");
	assert_says(&p, "spnego.krb5.sealed=0");
	assert_says(&p, "spnego.krb5.cfx_seq=0000000000000007");
	assert_says(&p, "spnego.krb5.sgn_cksum=a1a2a3a4a5a6a7a8a9aa");
	probe_close(&p);

	probe_token(&p, "a12e302ca0030a0100a3250423" "602106092a864886f712010202" "0101" "1100" "ffffffff" "0102030405060708" "a1a2a3a4");
	/* Its checksum is four bytes short. */
	assert_int_equal(p.run.flags, DX_MALFORMED);
	assert_says(&p, "spnego.krb5.sgn_alg=1100");
	assert_says(&p, "spnego.krb5.snd_seq=0102030405060708");
	probe_close(&p);
}

/* X.690 8.1.3.6: lengths that stand at the end; and NEGOEX, of which only the bytes are shown. */
static void indefinite_lengths(void **state)
{
	struct probe p;

	(void)state;
	probe_token(&p, "6080" "06062b0601050502" "a080" "3080" "a080" "3080" "060a2b06010401823702021e" "0000" "0000"
	                "a206" "0404" "4e45474f" "0000" "0000" "0000");
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "spnego.MechType=2b06010401823702021e");
	assert_says(&p, "spnego.mechToken=4e45474f");
	assert_int_equal(p.m.auth->mech, MECH_NONE);
	probe_close(&p);

	/* Long lengths with zeros in front are BER, if not DER. */
	probe_token(&p, "a1840000000b308400000005a0030a0102");
	assert_int_equal(p.m.auth->neg_state, 3);
	probe_close(&p);
}

static void hostile(void **state)
{
	struct probe p;
	uint8_t deep[4096];

	(void)state;
	/* Lengths of 4 GiB, of more octets than there are, and reserved ones. */
	probe_token(&p, "6084ffffffff06062b0601050502");
	assert_int_equal(p.run.flags, DX_MALFORMED);
	probe_close(&p);
	probe_token(&p, "60fe0102");
	assert_int_equal(p.run.flags, DX_MALFORMED);
	probe_close(&p);
	probe_token(&p, "60890102030405060708090a");
	assert_int_equal(p.run.flags, DX_MALFORMED);
	probe_close(&p);
	/* Something else. */
	probe_token(&p, "0102030405");
	assert_says(&p, "smbscope.undecoded=0102030405");
	probe_close(&p);

	/* Indefinite in indefinite, without end. */
	for (size_t i = 0; i < sizeof(deep); i++)
		deep[i] = i & 1 ? 0x80 : 0x60;
	probe_blob(&p, deep, sizeof(deep), sizeof(deep));
	assert_true(p.run.flags & DX_MALFORMED);
	probe_close(&p);

	/* SPNEGO in SPNEGO, as deep as 4096 bytes hold. */
	static const uint8_t layer[] = { 0xa1, 0x84, 0, 0, 0, 0, 0x30, 0x84, 0, 0, 0, 0, 0xa2, 0x84, 0, 0, 0, 0,
	                                 0x04, 0x84, 0, 0, 0, 0 };
	uint32_t layers = sizeof(deep) / (sizeof(layer) + 8), at = 0, inner = 0;

	for (uint32_t i = 0; i < layers; i++) {
		static const uint8_t gss[] = { 0x60, 0x84, 0, 0, 0, 0, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02 };

		if (at + sizeof(gss) + sizeof(layer) > sizeof(deep))
			break;
		memcpy(deep + at, gss, sizeof(gss));
		memcpy(deep + at + sizeof(gss), layer, sizeof(layer));
		for (uint32_t k = 0; k < sizeof(gss) + sizeof(layer); k++) {
			bool length = k == 1 || (k >= sizeof(gss) && (k - sizeof(gss)) % 6 == 1);
			uint32_t rest = sizeof(deep) - (at + k + 5);

			if (length) {
				deep[at + k + 3] = (uint8_t)(rest >> 8);
				deep[at + k + 4] = (uint8_t)rest;
			}
		}
		at += sizeof(gss) + sizeof(layer);
		inner++;
	}
	assert_true(inner > 64);
	probe_blob(&p, deep, sizeof(deep), sizeof(deep));
	assert_true(p.run.flags & DX_LIMIT);
	assert_non_null(strstr(p.log, "!limit"));
	probe_close(&p);

	probe_flips(hints);
	probe_flips(resp);
	probe_flips(AP_REQ);
	probe_flips(KRB_ERROR_TOKEN);
}

/* A service of so many parts that joining them one by one would take their square in memory. */
static void long_service_name(void **state)
{
	enum { PARTS = 5000 };
	static const uint8_t head[] = { 0x7e, 0x82, 0, 0, 0x30, 0x82, 0, 0, 0xaa, 0x82, 0, 0, 0x30, 0x82, 0, 0,
	                                0xa1, 0x82, 0, 0, 0x30, 0x82, 0, 0 };
	uint32_t n = sizeof(head) + 3 * PARTS;
	uint8_t *bytes = xmalloc(n);
	struct probe p;

	(void)state;
	memcpy(bytes, head, sizeof(head));
	for (uint32_t i = 0; i < sizeof(head); i += 4) {
		bytes[i + 2] = (uint8_t)((n - i - 4) >> 8);
		bytes[i + 3] = (uint8_t)(n - i - 4);
	}
	for (uint32_t i = 0; i < PARTS; i++)
		memcpy(bytes + sizeof(head) + 3 * i, "\x1b\x01x", 3);
	probe_blob(&p, bytes, n, n);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.m.auth->spn.len, 2 * PARTS - 1);
	assert_true(p.arena.used < 16 * n);
	probe_close(&p);
	free(bytes);
}

static void cut_anywhere(void **state)
{
	(void)state;
	probe_cuts(hints);
	probe_cuts(init);
	probe_cuts(resp);
	probe_cuts(final);
	probe_cuts(ap_rep);
	probe_cuts(AP_REQ);
	probe_cuts(KRB_ERROR_TOKEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_and_second), cmocka_unit_test(kerberos), cmocka_unit_test(kerberos_signatures),
		cmocka_unit_test(indefinite_lengths), cmocka_unit_test(hostile), cmocka_unit_test(long_service_name),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
