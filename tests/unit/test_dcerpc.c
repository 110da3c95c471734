/* DCE/RPC PDUs: recorded from Samba 4.17, made big-endian ones, hostile ones. */
#include "test_auth.h"

#include "names.h"
#include "rpc/dcerpc.h"

#define ID(type, flags, frag, auth) "0500" type flags "10000000" frag auth "01000000"
static const char bind[] =
	"05000b03100000007400000001000000b810b810000000000200000000000100785734123412cdabef000123456789ab00000000045d888aeb1c"
	"c9119fe808002b1048600200000001000100785734123412cdabef000123456789ab000000002c1cb76c12984045030000000000000001000000";
static const char bind_ack[] =
	"05000c03100000005c00000001000000b810b810436500000c005c706970655c6c736173730000000200000000000000045d888aeb1cc9119fe8"
	"08002b10486002000000030003000000000000000000000000000000000000000000";
static const char rejected[] =
	"05000f03100000003800000002000000b810b810d10c00000000000001000000020001000000000000000000000000000000000000000000";
static const char nak[] = "05000d031000000018000000010000000000010500000000";
static const char signed_request[] =
	"0500000310000000b0001000030000007400000000002c00000002000200000000000000020000005c0000000000000000000000000000000000"
	"000000000000040002000000000002000100000000028ae3137102f43671010004000100000002402800785734123412cdabef00012345678"
	"9ab00000000045d888aeb1cc9119fe808002b104860020000000000000000000000000000000a050c0001000000010000001ca32745f7e3729"
	"900000000";
static const char fault[] = "0500030310000000200000000500000018000000000000001a00001c00000000";
static const char sealed_krb5[] =
	"0500000310000000bc004c0003000000440000000000000079bc1309fa0faf13a25b429f7442963855f184bc7c8b175af0dcbd2ace6846baa7fe"
	"139503c22433abd47cdc3cca5a395c18bbaf7d98f4e1336c234417e58adfb047f05d9dc771f479f4a6a14e8e444f10060c0001000000050406ff"
	"0010001c00000000071991f05a0a015452141b4bd1209e56f89544a18e6602e3d2bc98124f1cccb9d40a05861e15ee90a6e6245b65e7cdbc9bbb"
	"069871a48590efed6d71f8f96513";
static const char spnego_bind[] =
	"05000b0710000000c6004a0001000000b810b810000000000200000000000100785734123412cdabef000123456789ab00000000045d888aeb1c"
	"c9119fe808002b1048600200000001000100785734123412cdabef000123456789ab000000002c1cb76c129840450300000000000000010000000"
	"906000001000000604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a04284e544c4d53535000010000003582086200"
	"000000280000000000000028000000060100000000000f";
/* Big-endian: the bind of one interface, and a request with an object. */
static const char bind_be[] =
	"05000b0300000000005c000000000007" "16d016d000001234" "01000000" "0005" "0200" "12345778" "1234" "abcd" "ef00"
	"0123456789ab" "0002" "0001" "8a885d04" "1ceb" "11c9" "9fe8" "08002b104860" "00000002"
	"6cb71c2c" "9812" "4540" "0300" "000000000000" "00000001";
static const char request_be[] =
	"05000083000000000030000000000008" "00000008" "0005" "002c" "00112233445566778899aabbccddeeff" "0102030405060708";

static void dissect(struct probe *p, const uint8_t *bytes, uint32_t have, uint32_t len)
{
	struct dx d = probe_open(p, bytes, have, len);

	dcerpc_dissect(&d, &(struct rpc_msg){ 0 }, NULL);
	assert_int_equal(p->depth, 0);
	assert_int_equal(d.at, d.lim);
}

static void dissect_hex(struct probe *p, const char *hex)
{
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);

	assert_int_equal(dcerpc_frag_len(bytes, n), n);
	dissect(p, bytes, n, n);
	free(bytes);
}

static void assert_silent(const struct probe *p, const char *name)
{
	if (strstr(p->log, name))
		fail_msg("%s in:%s", name, p->log);
}

static void binding(void **state)
{
	struct probe p;

	(void)state;
	dissect_hex(&p, bind);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.notes, 0);
	assert_says(&p, "dcerpc.pkt_type=0b");
	assert_says(&p, "dcerpc.drep.byteorder=10");
	assert_says(&p, "dcerpc.drep.character=10");
	assert_says(&p, "dcerpc.drep.fp=00");
	assert_says(&p, "dcerpc.cn_flags.last_frag=1");
	assert_says(&p, "dcerpc.cn_flags.object=0");
	assert_says(&p, "dcerpc.cn_frag_len=7400");
	assert_says(&p, "dcerpc.cn_max_xmit=b810");
	assert_says(&p, "dcerpc.cn_num_ctx_items=02");
	assert_says(&p, "dcerpc.cn_ctx_id=0100");
	assert_says(&p, "dcerpc.cn_bind_to_uuid=785734123412cdabef000123456789ab");
	assert_says(&p, "dcerpc.cn_bind_trans_id=2c1cb76c129840450300000000000000");
	assert_says(&p, "dcerpc.cn_bind_trans_btfn=0300");
	assert_says(&p, "dcerpc.cn_bind_trans_btfn.02=1");
	assert_says(&p, "dcerpc.cn_bind_trans_ver=01000000");
	probe_close(&p);

	dissect_hex(&p, bind_ack);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "dcerpc.cn_sec_addr=5c706970655c6c7361737300");
	assert_says(&p, "dcerpc.cn_num_results=02");
	assert_says(&p, "dcerpc.cn_ack_result=0000");
	assert_says(&p, "dcerpc.cn_ack_trans_ver=02000000");
	assert_says(&p, "dcerpc.cn_ack_result=0300");
	assert_says(&p, "dcerpc.cn_bind_trans_btfn=0300");
	assert_silent(&p, "dcerpc.cn_ack_reason");
	probe_close(&p);

	dissect_hex(&p, rejected);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "dcerpc.cn_sec_addr_len=0000");
	assert_says(&p, "dcerpc.cn_ack_result=0200");
	assert_says(&p, "dcerpc.cn_ack_reason=0100");
	probe_close(&p);

	dissect_hex(&p, nak);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "dcerpc.cn_reject_reason=0000");
	assert_says(&p, "dcerpc.cn_protocol_ver_major=05");
	assert_says(&p, "smbscope.padding=000000");
	probe_close(&p);
}

static void calls(void **state)
{
	struct probe p;

	(void)state;
	dissect_hex(&p, signed_request);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.notes, 0);
	assert_says(&p, "dcerpc.opnum=2c00");
	assert_says(&p, "dcerpc.auth_level=05");
	assert_says(&p, "dcerpc.auth_padding=000000000000000000000000");
	assert_says(&p, "ntlmssp.verf.body=1ca32745f7e3729900000000");
	/* The verification trailer ends the stub; the padding is not in it. */
	assert_non_null(strstr(p.log, "eb1cc9119fe808002b10486002000000 dcerpc.auth_padding="));
	probe_close(&p);

	dissect_hex(&p, fault);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "dcerpc.cn_fault_flags=00");
	assert_says(&p, "dcerpc.cn_status=1a00001c");
	assert_says(&p, "dcerpc.reserved=00000000");
	assert_string_equal(name_rpc_status(0x1c00001a), "nca_s_fault_context_mismatch");
	probe_close(&p);

	dissect_hex(&p, sealed_krb5);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.run.note, NOTE_encrypted);
	assert_non_null(strstr(p.log, "dcerpc.encrypted_stub_data=79bc1309"));
	assert_silent(&p, "dcerpc.stub_data");
	assert_silent(&p, "dcerpc.auth_padding");
	assert_says(&p, "dcerpc.auth_type=10");
	assert_says(&p, "spnego.krb5.tok_id=0504");
	probe_close(&p);

	dissect_hex(&p, spnego_bind);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "dcerpc.auth_type=09");
	assert_says(&p, "ntlmssp.messagetype=01000000");
	assert_says(&p, "dcerpc.cn_flags.cancel_pending=1");
	probe_close(&p);
}

static void big_endian(void **state)
{
	struct probe p;

	(void)state;
	dissect_hex(&p, bind_be);
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.notes, 0);
	assert_says(&p, "dcerpc.drep.byteorder=00");
	assert_says(&p, "dcerpc.cn_frag_len=005c");
	assert_says(&p, "dcerpc.cn_bind_to_uuid=123457781234abcdef000123456789ab");
	assert_says(&p, "dcerpc.cn_bind_if_ver_minor=0002");
	assert_says(&p, "dcerpc.cn_bind_trans_ver=00000002");
	assert_says(&p, "dcerpc.cn_bind_trans_btfn=0300");
	assert_says(&p, "dcerpc.cn_bind_trans_btfn.01=1");
	probe_close(&p);
	dissect_hex(&p, request_be);
	assert_int_equal(p.run.flags, 0);
	assert_says(&p, "dcerpc.cn_ctx_id=0005");
	assert_says(&p, "dcerpc.obj_id=00112233445566778899aabbccddeeff");
	assert_says(&p, "dcerpc.stub_data=0102030405060708");
	probe_close(&p);
}

/* A field's value, not its bytes: what filters see. */
static uint64_t wanted_value;
static enum field_id wanted;

static void note_value(struct sink *sink, const struct fval *v)
{
	(void)sink;
	if (v->id == wanted)
		wanted_value = v->u;
}

static uint64_t value_of(const char *hex, enum field_id id)
{
	struct probe p;
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);
	struct dx d = probe_open(&p, bytes, n, n);

	wanted = id;
	wanted_value = UINT64_MAX;
	p.sink.value = note_value;
	dcerpc_dissect(&d, &(struct rpc_msg){ 0 }, NULL);
	probe_close(&p);
	free(bytes);
	return wanted_value;
}

static void values(void **state)
{
	(void)state;
	assert_int_equal(value_of(bind, F_rpc_byteorder), 1);
	assert_int_equal(value_of(bind, F_rpc_character), 0);
	assert_int_equal(value_of(bind_be, F_rpc_byteorder), 0);
	assert_int_equal(value_of(bind, F_rpc_frag_len), 0x74);
	assert_int_equal(value_of(bind_be, F_rpc_frag_len_be), 0x5c);
	assert_int_equal(value_of(request_be, F_rpc_opnum_be), 0x2c);
	assert_int_equal(value_of(fault, F_rpc_status), 0x1c00001a);
}

static void without_a_body(void **state)
{
	static const char *const pdus[] = { ID("11", "03", "1000", "0000"), ID("12", "03", "1000", "0000"), ID("13", "03", "1000", "0000") };
	struct probe p;

	(void)state;
	for (size_t i = 0; i < COUNT(pdus); i++) {
		dissect_hex(&p, pdus[i]);
		assert_int_equal(p.run.flags, 0);
		probe_close(&p);
	}
	/* A request cannot do without one. */
	dissect_hex(&p, ID("00", "03", "1000", "0000"));
	assert_int_equal(p.run.flags, DX_MALFORMED);
	probe_close(&p);
	/* Of datagrams. */
	dissect_hex(&p, ID("01", "03", "1400", "0000") "01020304");
	assert_int_equal(p.run.flags, 0);
	assert_int_equal(p.run.note, NOTE_undecoded);
	assert_says(&p, "smbscope.undecoded=01020304");
	probe_close(&p);
}

static void hostile(void **state)
{
	struct probe p;

	(void)state;
	/* Authentication longer than the PDU: the body is read all the same. */
	dissect_hex(&p, ID("00", "03", "1c00", "ff00") "08000000" "0000" "0100" "aabbccdd");
	assert_int_equal(p.run.flags, DX_MALFORMED);
	assert_says(&p, "dcerpc.opnum=0100");
	assert_says(&p, "dcerpc.stub_data=aabbccdd");
	probe_close(&p);
	/* More padding than there is before the trailer. */
	dissect_hex(&p, ID("00", "03", "2800", "0400") "08000000" "0000" "0100" "aabbccdd" "6305ff00" "00000000" "11223344");
	assert_int_equal(p.run.flags, 0);
	assert_non_null(strstr(p.log, "!odd_offset"));
	assert_says(&p, "dcerpc.stub_data=aabbccdd");
	assert_says(&p, "dcerpc.authentication_verifier=11223344");
	probe_close(&p);
	/* 255 items, and a secondary address, of which nothing is there. */
	dissect_hex(&p, ID("0b", "03", "1c00", "0000") "b810b810" "00000000" "ff000000");
	assert_silent(&p, "dcerpc.cn_ctx_item");
	probe_close(&p);
	dissect_hex(&p, ID("0c", "03", "1c00", "0000") "b810b810" "00000000" "ffff0000");
	assert_int_equal(p.run.flags, DX_MALFORMED);
	probe_close(&p);
}

static void lengths(void **state)
{
	uint8_t p[16] = { 5, 1, 0, 3, 0x11, 3, 0, 0, 0x34, 0x12 };

	(void)state;
	assert_int_equal(dcerpc_frag_len(p, 16), 0x1234);
	assert_int_equal(dcerpc_frag_len(p, 10), 0x1234);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(dcerpc_frag_len(p, i), UINT32_MAX);
	p[4] = 0x01;
	assert_int_equal(dcerpc_frag_len(p, 16), 0x3412);
	p[8] = 0;
	p[9] = 15;
	assert_int_equal(dcerpc_frag_len(p, 16), 0);
	p[9] = 16;
	assert_int_equal(dcerpc_frag_len(p, 16), 16);
	p[0] = 4;
	assert_int_equal(dcerpc_frag_len(p, 1), 0);
}

/* Cut at every length, as captured in part and as sent short; every byte set to awkward values. */
static void cut_and_flipped(void **state)
{
	static const char *const all[] = { bind, bind_ack, rejected, nak, signed_request, fault, sealed_krb5, spnego_bind, bind_be,
	                                   request_be };
	static const uint8_t awkward[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct probe p;
	uint32_t heard = 0;

	(void)state;
	for (size_t k = 0; k < COUNT(all); k++) {
		uint32_t n;
		uint8_t *bytes = probe_hex(all[k], &n);

		for (uint32_t i = 1; i < n; i++) {
			dissect(&p, bytes, i, i);
			assert_true(p.run.flags & DX_MALFORMED);
			probe_close(&p);
			dissect(&p, bytes, i, n);
			assert_true(p.run.flags & DX_NOT_CAPTURED);
			probe_close(&p);
		}
		for (uint32_t i = 0; i < n; i++) {
			uint8_t was = bytes[i];

			for (size_t v = 0; v < COUNT(awkward); v++) {
				bytes[i] = awkward[v];
				dissect(&p, bytes, n, n);
				heard += p.values;
				probe_close(&p);
			}
			bytes[i] = was;
		}
		free(bytes);
	}
	assert_true(heard > 10000);
}

/* --- with what is known from before --- */

/* What the hooks give, and what they got. */
struct told {
	struct rpc_known known;
	bool is_whole;
	struct rpc_msg msg;
	char items[512];
};

static bool on_call(void *arg, const struct rpc_msg *m, struct rpc_known *k)
{
	struct told *t = arg;

	t->msg = *m;
	*k = t->known;
	return t->is_whole;
}

static void on_item(void *arg, const struct rpc_msg *m, const struct rpc_item *i)
{
	struct told *t = arg;
	size_t at = strlen(t->items);

	if (m->type == RPC_BIND || m->type == RPC_ALTER)
		snprintf(t->items + at, sizeof(t->items) - at, "[%u: %u %02x%02x%02x%02x-%02x%02x v%u.%u syntaxes %u]", i->index, i->context,
		         i->uuid[0], i->uuid[1], i->uuid[2], i->uuid[3], i->uuid[4], i->uuid[5], i->version, i->minor, i->syntaxes);
	else
		snprintf(t->items + at, sizeof(t->items) - at, "[%u: %s %u]", i->index, i->accepted ? "yes" : "no", i->syntaxes);
}

static void dissect_told(struct probe *p, struct told *t, const char *hex)
{
	const struct rpc_hooks hooks = { on_call, on_item, t };
	uint32_t n;
	uint8_t *bytes = probe_hex(hex, &n);
	struct dx d = probe_open(p, bytes, n, n);
	struct rpc_msg m = { 0 };

	dcerpc_dissect(&d, &m, &hooks);
	assert_int_equal(p->depth, 0);
	assert_int_equal(p->run.flags, 0);
	free(bytes);
}

static void facts(void **state)
{
	struct told t = { 0 };
	struct probe p;

	(void)state;
	dissect_told(&p, &t, bind);
	probe_close(&p);
	dissect_told(&p, &t, bind_ack);
	probe_close(&p);
	dissect_told(&p, &t, bind_be);
	probe_close(&p);
	/* Facts are in one byte order; bind time features count as another syntax. */
	assert_string_equal(t.items, "[0: 0 78573412-3412 v0.0 syntaxes 1][1: 1 78573412-3412 v0.0 syntaxes 4][0: yes 1][1: no 4]"
	                             "[0: 5 78573412-3412 v1.2 syntaxes 5]");
	dissect_told(&p, &t, request_be);
	probe_close(&p);
	assert_true(t.msg.be && !t.msg.sealed && t.msg.type == RPC_REQUEST);
	assert_int_equal(t.msg.call, 8);
	assert_int_equal(t.msg.context, 5);
	assert_int_equal(t.msg.opnum, 0x2c);
	assert_int_equal(t.msg.stub.off, 40);
	assert_int_equal(t.msg.stub.len, 8);
	dissect_told(&p, &t, sealed_krb5);
	probe_close(&p);
	assert_true(t.msg.sealed && t.msg.auth_type == 16 && t.msg.auth_level == 6);
	dissect_told(&p, &t, fault);
	probe_close(&p);
	assert_int_equal(t.msg.status, 0x1c00001a);
}

static void computed(void **state)
{
	struct told t = { .known = { .ctx = { .asked = true, .opnum = 44, .known = true, .uuid = { 1 } }, .request_frame = 7, .since_ns = 5 } };
	struct probe p;

	(void)state;
	dissect_told(&p, &t, fault);
	assert_says(&p, "dcerpc.request_in=");
	assert_says(&p, "dcerpc.time=");
	assert_says(&p, "dcerpc.opnum=");
	assert_says(&p, "dcerpc.unknown_if_id=");     /* no interface has this UUID */
	probe_close(&p);
	t.known = (struct rpc_known){ 0 };
	dissect_told(&p, &t, fault);
	assert_silent(&p, "dcerpc.request_in");
	assert_silent(&p, "dcerpc.opnum");
	assert_silent(&p, "dcerpc.unknown_if_id");
	probe_close(&p);
}

/* The trailer is no part of the stub; of a fragment nobody can tell. */
static void verification_trailer(void **state)
{
	struct told t = { .is_whole = true };
	struct probe p;

	(void)state;
	dissect_told(&p, &t, signed_request);
	assert_says(&p, "dcerpc.stub_data=0000020002000000000000000200000" "05c000000" "00000000000000000000000000000000000000000400020000000000020001000000" "0002");
	assert_says(&p, "dcerpc.rpc_sec_vt.signature=8ae3137102f43671");
	assert_says(&p, "dcerpc.rpc_sec_vt.command=0100");
	assert_says(&p, "dcerpc.rpc_sec_vt.command.cmd=1");
	assert_says(&p, "dcerpc.rpc_sec_vt.bitmask=01000000");
	assert_says(&p, "dcerpc.rpc_sec_vt.command=0240");
	assert_says(&p, "dcerpc.rpc_sec_vt.pcontext.interface.uuid=785734123412cdabef000123456789ab");
	assert_says(&p, "dcerpc.rpc_sec_vt.pcontext.interface.ver=02000000");
	assert_int_equal(t.msg.stub.len, 116);
	probe_close(&p);
	t.is_whole = false;
	dissect_told(&p, &t, signed_request);
	assert_silent(&p, "sec_vt");
	probe_close(&p);
}

/* Where it begins: HEX is stub data. */
static uint32_t trailer_at(const char *hex)
{
	struct probe p;
	uint32_t n, at;
	uint8_t *bytes = probe_hex(hex, &n);
	struct dx d = probe_open(&p, bytes, n, n);

	at = rpc_trailer_at(&d);
	probe_close(&p);
	free(bytes);
	return at;
}

#define SIGNATURE "8ae3137102f43671"
static void trailers(void **state)
{
	(void)state;
	assert_int_equal(trailer_at(SIGNATURE "0140040001000000"), 0);
	assert_int_equal(trailer_at("00000000" SIGNATURE "0140040001000000"), 4);
	/* The bytes in the data, and then a trailer. */
	assert_int_equal(trailer_at(SIGNATURE "11111111" SIGNATURE "0140040001000000"), 12);
	assert_int_equal(trailer_at("0000" SIGNATURE "0140040001000000"), 18);       /* not aligned */
	assert_int_equal(trailer_at(SIGNATURE "0100040001000000"), 16);               /* no end */
	assert_int_equal(trailer_at(SIGNATURE "0140050001000000"), 16);               /* longer than the data */
	assert_int_equal(trailer_at(SIGNATURE "014004000100000000000000"), 20);       /* something behind it */
	assert_int_equal(trailer_at(SIGNATURE), 8);
	assert_int_equal(trailer_at(SIGNATURE "0140"), 10);
}

/* The whole of a stub in several PDUs is a source of its own. */
static void joined(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7 };
	static const struct rpc_fragment fragments[] = { { 3, 3 }, { 9, 4 } };
	struct told t = { .is_whole = true, .known.whole = { bytes, 7, 2, fragments } };
	struct probe p;

	(void)state;
	dissect_told(&p, &t, ID("02", "02", "1c00", "0000") "04000000" "0000" "0000" "04050607");
	assert_int_equal(p.run.n_sources, 2);
	assert_int_equal(p.run.sources[1].kind, SOURCE_REASSEMBLED);
	assert_says(&p, "smbscope.dcerpc.fragment_data=04050607");
	assert_says(&p, "<dcerpc.fragments");
	assert_says(&p, "dcerpc.fragment.count=");
	assert_says(&p, "dcerpc.stub_data=01020304050607");
	probe_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binding), cmocka_unit_test(calls), cmocka_unit_test(big_endian), cmocka_unit_test(values),
		cmocka_unit_test(without_a_body), cmocka_unit_test(hostile), cmocka_unit_test(lengths),
		cmocka_unit_test(cut_and_flipped), cmocka_unit_test(facts), cmocka_unit_test(computed),
		cmocka_unit_test(verification_trailer), cmocka_unit_test(trailers), cmocka_unit_test(joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
