/* Unit tests of the SMB1 dissector: facts and fields of real messages, AndX chains good and hostile, and the
 * properties that hold for each of them cut at every length.  MS-CIFS, MS-SMB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "smb.h"

#define MESSAGES 64

/* What one dissection told: fields as "id:value" would be long, so a hash of them in order. */
struct told {
	struct sink sink;
	struct smb_msg m[MESSAGES];
	unsigned headers, messages, fields, notes;
	int depth;
	uint64_t hash, wanted_value;
	enum field_id wanted;
	unsigned wanted_count;
	uint32_t note_bits;         /* by enum note_id */
	uint16_t skip;              /* this index is not wanted */
	struct smb_asked asked;
	uint8_t bytes[512];         /* of the field wanted */
	uint32_t len;
};

static void on_value(struct sink *s, const struct fval *v)
{
	struct told *t = (struct told *)s;

	t->fields++;
	t->hash = (t->hash ^ (uint64_t)v->id) * 1099511628211u + v->u + v->off;
	if (v->p)
		for (uint32_t i = 0; i < v->captured; i++)   /* ASan sees a span that lies */
			t->hash = t->hash * 31 + v->p[i];
	if (v->id == t->wanted) {
		t->wanted_value = v->u;
		t->wanted_count++;
		t->len = v->captured < sizeof(t->bytes) ? v->captured : sizeof(t->bytes);
		if (v->p)
			memcpy(t->bytes, v->p, t->len);
	}
}

static void on_push(struct sink *s, enum field_id id UNUSED, uint8_t src UNUSED, uint32_t off UNUSED)
{
	((struct told *)s)->depth++;
}

static void on_pop(struct sink *s, uint32_t end UNUSED)
{
	((struct told *)s)->depth--;
}

static void on_note(struct sink *s, enum note_id id, uint8_t src UNUSED, uint32_t off UNUSED)
{
	((struct told *)s)->notes++;
	((struct told *)s)->note_bits |= 1u << id;
}

static bool on_header(void *arg, struct smb_msg *m)
{
	struct told *t = arg;

	t->headers++;
	if (m->response)
		m->asked = t->asked;
	return m->index != t->skip;
}

static void on_message(void *arg, struct smb_msg *m, struct dx_run *run UNUSED)
{
	struct told *t = arg;

	assert_true(t->messages < MESSAGES);
	t->m[t->messages++] = *m;
}

static uint32_t unhex(const char *hex, uint8_t *out)
{
	uint32_t n = 0;

	for (; hex[0] && hex[1]; hex += 2) {
		char pair[3] = { hex[0], hex[1], 0 };

		out[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

/* Dissects have of len bytes in a buffer of exactly that size, so that a read beyond is found. */
static void dissect(struct told *t, const uint8_t *bytes, uint32_t have, uint32_t len, bool listen)
{
	struct arena arena = { 0 };
	struct dx_run run = { .sink = listen ? &t->sink : NULL, .arena = &arena };
	struct smb_hooks hooks = { on_header, on_message, t };
	uint8_t *copy = xmalloc(have ? have : 1);
	struct pdu pdu = { .bytes = copy, .head = have, .len = len };

	memcpy(copy, bytes, have);
	copy[0] = 0;
	pdu.direction = have > 13 && (copy[13] & 0x80) ? FROM_SERVER : FROM_CLIENT;
	t->sink = (struct sink){ on_value, on_push, on_pop, on_note };
	smb_dissect(&pdu, &run, &hooks);
	/* Spans are dead from here on; what the tests compare are numbers. */
	free(copy);
	arena_free(&arena);
	assert_int_equal(t->depth, 0);
}

static struct told told(const char *hex, enum field_id wanted, struct smb_asked asked)
{
	static uint8_t bytes[4096];
	struct told t = { .wanted = wanted, .asked = asked, .skip = UINT16_MAX };
	uint32_t n = unhex(hex, bytes);

	dissect(&t, bytes, n, n, true);
	return t;
}

/* --- messages from recordings of Samba 4.17 and its clients (tests/pcaps/README.md) --- */

static const char negotiate_request[] =
	"0000002fff534d427200000000180148000000000000000000000000ffff2f7f00000000000c00024e54204c4d20302e313200";
static const char negotiate_extended[] =
	"0000009fff534d427200000000880148000000000000000000000000ffff2f7f00000000110000033200010004410000000001003e7f0000"
	"fdf3808040c82ba0777add010000005a0066733100000000000000000000000000604806062b0601050502a03e303ca00e300c060a2b0601"
	"0401823702020aa32a3028a0261b246e6f745f646566696e65645f696e5f5246433431373840706c656173655f69676e6f7265";
static const char negotiate_lanman[] =
	"00000045ff534d4272000000008103400000000000000000000000000000feff000000000d04000300044132000100030045190000"
	"1a5d765d0000080000000800ccff83b52230fede";
static const char setup_extended[] =
	"00000088ff534d427300000000180148000000000000000000000000ffff2f7f000000000cff00000000f002000100000000004200000000"
	"0044c000804d00604006062b0601050502a0363034a00e300c060a2b06010401823702020aa22204204e544c4d5353500001000000050288"
	"a000000000000000000000000000000000556e69780053616d626100";
static const char setup_lanman[] =
	"00000066ff534d42730000000018030000000000000000000000000000004419000001000aff000000ffff02000100451900001800000000"
	"002f003a379f588a9cad65cadfb3883d27702b110e9a972a1525896c616275736572004c414200556e69780053616d626100";
static const char tree_request[] =
	"00000046ff534d427500000000180148000000000000000000000000ffff2f7f9823000004ff000000000001001b00005c5c31302e39382e"
	"302e335c746f7274757265003f3f3f3f3f00";
static const char tree_response[] =
	"0000003eff534d4275000000008803c80000000000000000000000007f50b65b62cc030007ff0000002100ff011f00000000000d00413a00"
	"4e005400460053000000";
static const char create_request[] =
	"0000005cff534d42a200000000180148000000000000000000000000de092f7f9823000018ff000000000800160000000000000000000010"
	"00000000000000008000000007000000050000004000000002000000000900686f6c655f4e543100";
/* 42 words announced, 50 sent, as MS-SMB's note tells of Windows. */
static const char create_response_42[] =
	"00000087ff534d42a200000000880348000000000000000000000000de092f7f982300002aff00000002eb0c02000000ed1a2fa0777add01"
	"ed1a2fa0777add01ed1a2fa0777add01ed1a2fa0777add012000000000000000000000000000000000000000000006000000000000000000"
	"0000000000000000000000000000000000ff011f00000000000000";
static const char write_request[] =
	"00000042ff534d422f00000000180148000000000000000000000000de092f7f982300000eff000000eb0c20a10700ff0000000800030000"
	"0003003f00000000000300454e44";
static const char write_response[] =
	"0000002fff534d422f00000000880348000000000000000000000000de092f7f9823000006ff00000003000000000000000000";
static const char read_response[] =
	"00000054ff534d422e00000000880300000000000000000000000000430e44194e0d0b000cff000000ffff0000000018003c000000000000"
	"000000000019000068656c6c6f2066726f6d207363656e6172696f206f6e650a";
static const char close_request[] =
	"00000029ff534d420400000000180300000000000000000000000000430e44194e0d0600033a1cffffffff0000";
static const char find_request[] =
	"00000058ff534d423200000000180300000000000000000000000000430e44194e0d07000f120000000a00ffff0000000000000000000012"
	"004400000058000100010017000044201600560506000100000000005c64315c2a000000";
static const char find_response[] =
	"000000a4ff534d423200000000880300000000000000000000000000430e44194e0d07000a0a00600000000a003800000060004400000000"
	"006d0000ffff0300010000003b00000000000000765d1a5d765d1a5d765d1a5d00000000000000001000012e0000000000765d1a5d765d1a"
	"5d765d1a5d00000000000000001000022e2e0000000000765d1a5d765d1a5d765d1a5d180000000010000020000968656c6c6f2e74787400";
/* Twelve LOGOFF_ANDX, one after the other (Zeek's test trace). */
static const char logoff_chain[] =
	"00000074ff534d4274000000001800000000000000000000000000000100341200000100027400270000000274002e0000000274003500"
	"00000274003c000000027400430000000274004a00000002740051000000027400580000000274005f000000027400660000000274006d"
	"00000002ff0074000000";

/* NetServerGetInfo of level 1, and its answer. */
static const char rap_server_request[] =
	"00000072ff534d4225000000000803c80000000000000000000000009502751d72b505000e130000000600ffff0000000000000000000013"
	"005c000000720000003300005c0050004900500045005c004c0041004e004d0041004e00000000000d0057724c68004231364242447a0001"
	"00ffff000000";
static const char rap_server_response[] =
	"0000006fff534d4225000000008803c80000000000000000000000009502751d72b505000a06002f0000000600380000002f004000000000"
	"00380000000000002f000000465331000000000000000000000000000601039a80001a00000053616d626120342e31372e31322d44656269"
	"616e00";
static const char rap_time_response[] =
	"00000051ff534d4225000000008803c80000000000000000000000005337751d68b104000a04001500000004003800000015003c00000000"
	"001a000000000000aad7026b000000000b350e0000001027160bea0700";
/* TRANS2_SET_FILE_INFORMATION: disposition, end of file, rename. */
static const char set_delete[] =
	"00000050ff534d4232000000000803c8000000000000000000000000fef141044f735b000f06000400020000000000000000000000000006"
	"00440004004c00010008000f00004420491a02010000000001000000";
static const char set_size[] =
	"00000054ff534d4232000000000803c8000000000000000000000000fef141044f7394000f06000800020000000000000000000000000006"
	"00440008004c000100080013000044208ae60401000000002500000000000000";
static const char set_name[] =
	"00000082ff534d4232000000000803c80000000000000000000000009d51410448e226000f06003600020000000000000000000000000006"
	"00440036004c0001000800410000442002d9f2030000000000000000000000002800000066006e0075006d005f0074006500730074005f00"
	"6e00650077005f00370039002e007400780074000000";

static const char *const all[] = {
	negotiate_request, negotiate_extended, negotiate_lanman, setup_extended, setup_lanman, tree_request, tree_response,
	create_request, create_response_42, write_request, write_response, read_response, close_request, find_request,
	find_response, logoff_chain, rap_server_request, rap_server_response, rap_time_response, set_delete, set_size, set_name,
};

static const struct smb_asked nothing;

static void test_header(void **state UNUSED)
{
	struct told t = told(create_request, F_smb1_mid, nothing);
	struct smb_msg *m = &t.m[0];

	assert_int_equal(t.messages, 1);
	assert_int_equal(m->protocol, 1);
	assert_int_equal(m->command, 0xa2);
	assert_int_equal(m->tree_id, 0x09de);
	assert_int_equal(m->session_id, 0x2398);
	assert_int_equal(m->message_id, 0x7f2f0000);
	assert_int_equal(m->flags, 0x48010018);
	assert_false(m->response);
	assert_false(m->has_status);
	assert_true(m->last);
	assert_int_equal(m->off, 4);
	assert_int_equal(m->len, 0x5c);
	assert_int_equal(t.wanted_count, 1);
}

static void test_status(void **state UNUSED)
{
	/* LOGOFF answered with ERRSRV/ERRbaduid, and with STATUS_ACCESS_DENIED. */
	struct told t = told("00000023ff534d427402005b008803880000000000000000000000000000feff0000000000000000", F_smb1_error_code_srv, nothing);

	assert_true(t.m[0].has_status && t.m[0].dos_status);
	assert_int_equal(t.m[0].dos_class, 2);
	assert_int_equal(t.m[0].dos_code, 0x5b);
	assert_int_equal(t.m[0].status, 0x005b0002);
	assert_int_equal(t.wanted_count, 1);
	t = told("00000023ff534d4274220000c08803c80000000000000000000000000000feff0000000000000000", F_smb1_nt_status, nothing);
	assert_true(t.m[0].has_status && !t.m[0].dos_status);
	assert_int_equal(t.m[0].status, 0xc0000022);
	/* No such pair: an error all the same. */
	t = told("00000023ff534d4274010099998803080000000000000000000000000000feff0000000000000000", F_smb1_error_code_dos, nothing);
	assert_int_equal(t.m[0].status, 0xc0000001);
}

static void test_negotiate(void **state UNUSED)
{
	struct told t = told(negotiate_request, F_smb1_dialect_name, nothing);

	assert_int_equal(t.m[0].op, OP_NEGOTIATE);
	assert_int_equal(t.m[0].u.negotiate_req.dialects.len, 12);
	assert_memory_equal(t.bytes, "NT LM 0.12", 11);
	t = told(negotiate_extended, F_smb1_server_guid, nothing);
	assert_true(t.m[0].u.negotiate_res.extended);
	assert_int_equal(t.m[0].u.negotiate_res.security_mode, 3);
	assert_int_equal(t.m[0].u.negotiate_res.capabilities, 0x8080f3fd);
	assert_int_equal(t.m[0].u.negotiate_res.cipher, 0xffff);
	assert_int_equal(t.m[0].u.negotiate_res.server_guid.len, 16);
	assert_int_equal(t.wanted_count, 1);
	t = told(negotiate_lanman, F_smb1_challenge, nothing);
	assert_int_equal(t.m[0].u.negotiate_res.dialect, 4);
	assert_int_equal(t.m[0].u.negotiate_res.challenge.len, 8);
	/* 2026-11-22 11:40:52 UTC, as SMB_TIME and SMB_DATE. */
	assert_int_equal(t.m[0].u.negotiate_res.system_time / 10000000 - 11644473600, 1795347652);
}

static void test_session(void **state UNUSED)
{
	struct told t = told(setup_extended, F_smb1_native_lanman, nothing);

	assert_int_equal(t.m[0].op, OP_SESSION_SETUP);
	assert_int_equal(t.m[0].u.setup_req.native_os.bytes.len, 4);
	assert_memory_equal(t.bytes, "Samba", 6);
	t = told(setup_lanman, F_smb1_account, nothing);
	assert_memory_equal(t.bytes, "labuser", 8);
	assert_int_equal(t.m[0].u.setup_req.lm_response.len, 24);
	assert_int_equal(t.m[0].u.setup_req.domain.bytes.len, 3);
}

static void test_tree(void **state UNUSED)
{
	struct told t = told(tree_request, F_smb1_path, nothing);

	assert_int_equal(t.m[0].op, OP_TREE_CONNECT);
	assert_memory_equal(t.bytes, "\\\\10.98.0.3\\torture", 20);
	assert_int_equal(t.m[0].u.tree.share_type, 0);
	t = told(tree_response, F_smb1_native_fs, nothing);
	assert_int_equal(t.m[0].u.tree.share_type, 1);
	assert_int_equal(t.m[0].u.tree.access, 0x001f01ff);
	assert_int_equal(t.m[0].u.tree.share_flags, 0x21);
	/* Service is 8-bit, the file system's name UTF-16 and aligned from the header. */
	assert_memory_equal(t.bytes, "N\0T\0F\0S\0\0", 10);
	assert_true(t.m[0].u.tree.native_fs.unicode);
}

static void test_open(void **state UNUSED)
{
	struct told t = told(create_request, F_smb1_file, nothing);

	assert_int_equal(t.m[0].op, OP_OPEN);
	assert_int_equal(t.m[0].u.open_req.access, 0x10000000);
	assert_int_equal(t.m[0].u.open_req.disposition, 5);
	assert_int_equal(t.m[0].u.open_req.options, 0x40);
	assert_int_equal(t.m[0].u.open_req.share, 7);
	assert_memory_equal(t.bytes, "hole_NT1", 9);
	t = told(create_response_42, F_smb1_file_id64, nothing);
	assert_int_equal(t.m[0].fid.v, 0x0ceb);
	assert_int_equal(t.m[0].u.open_res.action, 2);
	assert_int_equal(t.m[0].u.open_res.object, OBJECT_FILE);
	assert_int_equal(t.m[0].u.open_res.meta.attributes, 0x20);
	assert_int_equal(t.m[0].u.open_res.meta.allocation, 0);
	assert_int_equal(t.wanted_count, 1);
	assert_int_equal(t.m[0].undecoded, 0);
	assert_int_equal(t.notes, 0);
}

static void test_old_opens(void **state UNUSED)
{
	/* OPEN_ANDX: read/write, deny none, create if not there, truncate if there. */
	struct told t = told("00000045ff534d422d0000000018010000000000000000000000000001000100010001000fff0000"
	                     "00000042000600000000000000120000000000000000000000000004005c585800", F_smb1_file, nothing);

	assert_int_equal(t.m[0].op, OP_OPEN);
	assert_int_equal(t.m[0].u.open_req.access, 0x0012019f);
	assert_int_equal(t.m[0].u.open_req.share, 3);
	assert_int_equal(t.m[0].u.open_req.disposition, 5);
	assert_memory_equal(t.bytes, "\\XX", 4);
	/* CREATE's answer does not tell what it did. */
	t = told("00000025ff534d420300000000880000000000000000000000000000010001000100010001c4f10000", F_smb1_fid, nothing);
	assert_int_equal(t.m[0].u.open_res.action, UINT32_MAX);
	assert_int_equal(t.m[0].fid.v, 0xf1c4);
}

static void test_content(void **state UNUSED)
{
	struct told t = told(write_request, F_smb1_file_data, nothing);
	struct smb_asked pipe = { .known = true };

	assert_int_equal(t.m[0].op, OP_WRITE);
	assert_int_equal(t.m[0].u.rw.offset, 500000);
	assert_int_equal(t.m[0].u.rw.length, 3);
	assert_int_equal(t.m[0].u.rw.payload.off, 4 + 63);
	assert_int_equal(t.m[0].u.rw.payload.len, 3);
	assert_memory_equal(t.bytes, "END", 3);
	t = told(write_response, F_smb1_count_low, nothing);
	assert_int_equal(t.m[0].u.rw.length, 3);
	t = told(read_response, F_smb1_file_data, pipe);
	assert_int_equal(t.m[0].u.rw.payload.off, 4 + 60);
	assert_int_equal(t.m[0].u.rw.payload.len, 24);
	assert_int_equal(t.notes, 0);
	t = told(close_request, F_smb1_fid, nothing);
	assert_int_equal(t.m[0].op, OP_CLOSE);
	assert_int_equal(t.m[0].fid.v, 0x1c3a);
}

static void test_transaction(void **state UNUSED)
{
	struct smb_asked first = { .known = true, .sub = 1, .level = 1, .detail = 6 };
	struct told t = told(find_request, F_smb1_search_pattern, nothing);

	assert_int_equal(t.m[0].asked.sub, 1);
	assert_int_equal(t.m[0].asked.level, 1);
	assert_int_equal(t.m[0].asked.detail, 6);
	assert_memory_equal(t.bytes, "\\d1\\*", 6);
	t = told(find_response, F_smb1_search_count, first);
	assert_int_equal(t.wanted_value, 3);
	assert_int_equal(t.m[0].undecoded, 0);
	t = told(find_response, F_smb1_file, first);
	assert_int_equal(t.wanted_count, 3);
	assert_memory_equal(t.bytes, "hello.txt", 10);
	/* Without its request, the answer's parameters and data are bytes. */
	t = told(find_response, F_smb1_trans_parameters, nothing);
	assert_int_equal(t.len, 10);
	assert_int_equal(t.m[0].undecoded, NOTE_undecoded);
}

static void test_rap(void **state UNUSED)
{
	struct told t = told(rap_server_request, F_rap_level, nothing);
	struct smb_asked asked = t.m[0].asked, other = { .known = true, .code = 0x10000 | 91 };

	assert_int_equal(t.wanted_value, 1);
	assert_int_equal(t.m[0].undecoded, 0);
	assert_int_equal(asked.code & 0xffff, 13);
	t = told(rap_server_response, F_rap_server_comment, asked);
	assert_int_equal(t.wanted_count, 1);
	assert_memory_equal(t.bytes, "Samba 4.17.12-Debian", 20);
	assert_int_equal(t.m[0].undecoded, 0);
	t = told(rap_server_response, F_rap_available_bytes, asked);
	assert_int_equal(t.wanted_value, 47);
	/* A descriptor that no structure has leaves the data as bytes. */
	t = told(rap_time_response, F_rap_no_desc, other);
	assert_int_equal(t.len, 21);
	/* The same data by every structure there is: read to its end at most, and no further. */
	for (unsigned detail = 0; detail < 256; detail++) {
		other.detail = (uint8_t)detail;
		t = told(rap_server_response, F_rap_status, other);
		assert_int_equal(t.wanted_count, 1);
	}
}

static void test_set(void **state UNUSED)
{
	struct told t = told(set_delete, F_smb1_marked, nothing);

	assert_int_equal(t.m[0].op, OP_SET);
	assert_int_equal(t.m[0].u.set.change, CHANGE_DELETE);
	assert_true(t.m[0].fid.known);
	t = told(set_size, F_smb1_end_of_file, nothing);
	assert_int_equal(t.m[0].u.set.change, CHANGE_SIZE);
	assert_int_equal(t.m[0].u.set.size, 0x25);
	t = told(set_name, F_smb1_target, nothing);
	assert_int_equal(t.m[0].u.set.change, CHANGE_RENAME);
	assert_int_equal(t.m[0].u.set.to.bytes.len, 40);
	assert_true(t.m[0].u.set.to.unicode);
}

/* --- AndX --- */

static void test_chain(void **state UNUSED)
{
	struct told t = told(logoff_chain, F_smb1_server_component, nothing);

	assert_int_equal(t.headers, 12);
	assert_int_equal(t.messages, 12);
	assert_int_equal(t.wanted_count, 1);        /* the header is shown once */
	assert_int_equal(t.notes, 0);
	for (unsigned i = 0; i < 12; i++) {
		assert_int_equal(t.m[i].index, i);
		assert_int_equal(t.m[i].op, OP_LOGOFF);
		assert_int_equal(t.m[i].last, i == 11);
		assert_int_equal(t.m[i].len, i ? 7 : 39);
		assert_int_equal(t.m[i].off, i ? 4 + 32 + 7 * i : 4);
	}
}

/* A block that is not wanted is passed over, and the header is shown with the next. */
static void test_unwanted(void **state UNUSED)
{
	uint8_t bytes[256];
	struct told t = { .wanted = F_smb1_server_component, .skip = 0 };
	uint32_t n = unhex(logoff_chain, bytes);

	dissect(&t, bytes, n, n, true);
	assert_int_equal(t.headers, 12);
	assert_int_equal(t.messages, 11);
	assert_int_equal(t.m[0].index, 1);
	assert_int_equal(t.wanted_count, 1);
}

static void chained(struct told *t, unsigned offset)
{
	uint8_t bytes[256];
	uint32_t n = unhex(logoff_chain, bytes);

	*t = (struct told){ .skip = UINT16_MAX };
	bytes[4 + 32 + 3] = (uint8_t)offset;
	bytes[4 + 32 + 4] = (uint8_t)(offset >> 8);
	dissect(t, bytes, n, n, true);
}

static void test_hostile_chain(void **state UNUSED)
{
	struct told t;

	/* Back into the header, onto itself, one byte too early to be another block. */
	for (unsigned offset = 0; offset <= 32; offset++) {
		chained(&t, offset);
		assert_int_equal(t.messages, 1);
		assert_true(t.note_bits & 1u << NOTE_no_progress);
	}
	/* At and beyond the end. */
	for (unsigned offset = 0x74; offset < 0x10000; offset += 0x1111) {
		chained(&t, offset);
		assert_int_equal(t.messages, 1);
		assert_true(t.note_bits & 1u << NOTE_malformed);
	}
	/* Into the middle: whatever it finds there, it ends. */
	for (unsigned offset = 33; offset < 0x74; offset++) {
		chained(&t, offset);
		assert_true(t.messages >= 1 && t.messages <= 12 + 1);
	}
}

/* SESSION_SETUP and TREE_CONNECT in one message, the answer cut by an error: one block of no words. */
static void test_cut_chain(void **state UNUSED)
{
	struct told t = told("00000023ff534d42736d0000c08803c80000000000000000000000000000feff0000000000000000", F_smb1_bcc, nothing);

	assert_int_equal(t.messages, 1);
	assert_int_equal(t.m[0].op, OP_SESSION_SETUP);
	assert_int_equal(t.m[0].status, 0xc000006d);
	assert_int_equal(t.notes, 0);
}

static void test_unknown_command(void **state UNUSED)
{
	struct told t = told("00000027ff534d42ee00000000180000000000000000000000000000010001000100010001aabb0200ccdd", F_smb1_word_parameters, nothing);

	assert_int_equal(t.messages, 1);
	assert_true(t.note_bits & 1u << NOTE_unknown_command);
	assert_int_equal(t.len, 2);
	assert_int_not_equal(t.m[0].undecoded, 0);
}

/* --- properties --- */

static void test_cut_everywhere(void **state UNUSED)
{
	static uint8_t bytes[4096];

	for (size_t i = 0; i < COUNT(all); i++) {
		uint32_t n = unhex(all[i], bytes);

		for (uint32_t cut = 8; cut < n; cut++) {
			struct told seen = { .skip = UINT16_MAX }, shorter = { .skip = UINT16_MAX };

			/* The capture ends: declared length stays, the message says it was not captured whole. */
			dissect(&seen, bytes, cut, n, true);
			assert_true(seen.messages >= 1);
			/* Content at the end may be missing without a word: where it lies is told. */
			if (!(i == 9 && cut >= 4 + 63) && !(i == 11 && cut >= 4 + 60))
				assert_int_not_equal(seen.m[seen.messages - 1].undecoded, 0);
			/* The message itself is shorter: no fault. */
			dissect(&shorter, bytes, cut, cut, true);
			assert_true(shorter.messages >= 1);
		}
	}
}

/* The facts do not depend on who listens. */
static void test_facts_alone(void **state UNUSED)
{
	static uint8_t bytes[4096];

	for (size_t i = 0; i < COUNT(all); i++) {
		uint32_t n = unhex(all[i], bytes);
		struct told a = { .skip = UINT16_MAX }, b = { .skip = UINT16_MAX };

		dissect(&a, bytes, n, n, true);
		dissect(&b, bytes, n, n, false);
		assert_int_equal(a.messages, b.messages);
		for (unsigned k = 0; k < a.messages; k++) {
			assert_int_equal(a.m[k].message_id, b.m[k].message_id);
			assert_int_equal(a.m[k].fid.v, b.m[k].fid.v);
			assert_int_equal(a.m[k].op, b.m[k].op);
			assert_int_equal(a.m[k].undecoded, b.m[k].undecoded);
			assert_int_equal(a.m[k].path.bytes.len, b.m[k].path.bytes.len);
			assert_int_equal(a.m[k].asked.level, b.m[k].asked.level);
			if (a.m[k].op == OP_READ || a.m[k].op == OP_WRITE)
				assert_int_equal(a.m[k].u.rw.length, b.m[k].u.rw.length);
		}
		assert_int_equal(b.fields, 0);
		assert_true(a.fields > 20);
	}
}

static void test_payload_start(void **state UNUSED)
{
	uint8_t bytes[4096];
	uint32_t n, start = 1;

	n = unhex(read_response, bytes);
	assert_true(smb1_payload(bytes + 4, n - 4, &start));
	assert_int_equal(start, 60);
	assert_false(smb1_payload(bytes + 4, 32, &start));
	assert_false(smb1_payload(bytes + 4, 33 + 23, &start));
	assert_true(smb1_payload(bytes + 4, 33 + 24, &start));
	n = unhex(write_request, bytes);
	assert_true(smb1_payload(bytes + 4, n - 4, &start));
	assert_int_equal(start, 63);
	/* A pipe's message with its length before it is assembled whole; so is what is not last. */
	bytes[4 + 33 + 14] = 0x0c;
	assert_true(smb1_payload(bytes + 4, n - 4, &start));
	assert_int_equal(start, 0);
	bytes[4 + 33 + 14] = 0x08;
	bytes[4 + 33] = 0x04;
	assert_true(smb1_payload(bytes + 4, n - 4, &start));
	assert_int_equal(start, 0);
	n = unhex(close_request, bytes);
	assert_true(smb1_payload(bytes + 4, n - 4, &start));
	assert_int_equal(start, 0);
}

/* 70,000 bytes read: ByteCount has wrapped, DataLengthHigh tells. */
static void test_large_read(void **state UNUSED)
{
	enum { HEAD = 4 + 60, DATA = 70000 };
	uint8_t *bytes = xcalloc(1, HEAD + DATA);
	struct told t = { .skip = UINT16_MAX, .wanted = F_smb1_file_data };

	unhex(read_response, bytes);
	bytes[4 + 33 + 10] = DATA & 0xff;
	bytes[4 + 33 + 11] = DATA >> 8 & 0xff;
	bytes[4 + 33 + 14] = DATA >> 16;
	bytes[4 + 33 + 24] = (DATA + 1) & 0xff;
	bytes[4 + 33 + 25] = (DATA + 1) >> 8 & 0xff;
	dissect(&t, bytes, HEAD + DATA, HEAD + DATA, true);
	assert_int_equal(t.m[0].u.rw.length, DATA);
	assert_int_equal(t.m[0].u.rw.payload.off, HEAD);
	assert_int_equal(t.m[0].u.rw.payload.len, DATA);
	assert_int_equal(t.m[0].undecoded, 0);
	/* Streamed: only the head is there, the payload's place is known all the same. */
	t = (struct told){ .skip = UINT16_MAX };
	dissect(&t, bytes, HEAD, HEAD + DATA, true);
	assert_int_equal(t.m[0].u.rw.payload.len, DATA);
	assert_int_equal(t.m[0].undecoded, 0);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header), cmocka_unit_test(test_status), cmocka_unit_test(test_negotiate),
		cmocka_unit_test(test_session), cmocka_unit_test(test_tree), cmocka_unit_test(test_open),
		cmocka_unit_test(test_old_opens), cmocka_unit_test(test_content), cmocka_unit_test(test_transaction),
		cmocka_unit_test(test_chain), cmocka_unit_test(test_unwanted), cmocka_unit_test(test_hostile_chain),
		cmocka_unit_test(test_cut_chain), cmocka_unit_test(test_unknown_command), cmocka_unit_test(test_cut_everywhere),
		cmocka_unit_test(test_rap), cmocka_unit_test(test_set),
		cmocka_unit_test(test_facts_alone), cmocka_unit_test(test_payload_start), cmocka_unit_test(test_large_read),
	};

	return cmocka_run_group_tests_name("smb1", tests, NULL, NULL);
}
