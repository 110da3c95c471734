/* Stub data: what NDR and NDR64 do, by stubs made by hand for operations that show it.  C706 14.3, MS-RPCE 2.2.5. */
#include "test_auth.h"

#include "base/limits.h"
#include "rpc/rpc.h"

enum { LSA_ENUM_PRIVS_ACCOUNT = 18, LSA_LOOKUP_SIDS = 15, LSA_FOREST_TRUST = 73, SAMR_ENUM_DOMAINS = 6, SAMR_QUERY_DOMAIN = 8,
       EPM_LOOKUP = 2, SAMR_LOOKUP_NAMES = 17 };

/* The interfaces, as a little-endian wire has them. */
static const struct rpc_ctx lsarpc = { .uuid = { 0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0, 1, 0x23, 0x45, 0x67, 0x89, 0xab },
                                       .version = 0, .known = true, .asked = true };
static const struct rpc_ctx samr = { .uuid = { 0x78, 0x57, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab, 0xef, 0, 1, 0x23, 0x45, 0x67, 0x89, 0xac },
                                     .version = 1, .known = true, .asked = true };
static const struct rpc_ctx epm = { .uuid = { 0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91, 0xa4, 8, 0, 0x2b, 0x14, 0xa0, 0xfa },
                                    .version = 3, .known = true, .asked = true };

/* One stub: what call it is of, how it is written. */
struct stub {
	const struct rpc_ctx *interface;
	unsigned opnum;
	bool response, be, ndr64;
	const char *hex;
};

/* samr EnumDomains, answered: the pointers of an array's elements lead behind the array, each text in its turn. */
static const struct stub deferred = { &samr, SAMR_ENUM_DOMAINS, true, false, false,
	"02000000" "00000200"                                     /* resume handle; what follows: */
	"02000000" "04000200"                                     /* count, entries: */
	"02000000"                                                /* so many stand here */
	"00000000" "0200" "0200" "08000200"                       /* 0, a text of 1 character */
	"01000000" "0400" "0400" "0c000200"                       /* 1, one of 2 */
	"01000000" "00000000" "01000000" "4100" "0000"            /* "A", aligned */
	"02000000" "00000000" "02000000" "4200" "4300"            /* "BC" */
	"02000000" "00000000" };                                  /* number of entries, status */
/* The same in NDR64: pointers and counts of 64 bits, structures padded to their alignment. */
static const struct stub wide = { &samr, SAMR_ENUM_DOMAINS, true, false, true,
	"02000000" "00000000" "0000020000000000"
	"02000000" "00000000" "0400020000000000"
	"0200000000000000"
	"00000000" "00000000" "0200" "0200" "00000000" "0800020000000000"
	"01000000" "00000000" "0400" "0400" "00000000" "0c00020000000000"
	"0100000000000000" "0000000000000000" "0100000000000000" "4100" "000000000000"
	"0200000000000000" "0000000000000000" "0200000000000000" "4200" "4300"
	"02000000" "00000000" };
/* lsarpc LookupSids, asked in big-endian: the SID is bytes, the counts are integers. */
static const struct stub big = { &lsarpc, LSA_LOOKUP_SIDS, false, true, false,
	"0000000000112233445566778899aabbccddeeff"                /* handle */
	"00000001" "00020000" "00000001" "00020004"               /* one SID, array, so many, SID */
	"00000002" "0102000000000005" "00000020" "00000221"       /* parts; revision, count, authority; 32, 545 */
	"00000000" "00000000" "0001" "0000" "00000000" };         /* no names, level, count */
/* lsarpc EnumPrivsAccount, answered: the count of the array at a structure's end stands before the structure. */
static const struct stub conformant = { &lsarpc, LSA_ENUM_PRIVS_ACCOUNT, true, false, false,
	"00000200" "01000000"
	"01000000" "00000000" "14000000" "00000000" "03000000"
	"00000000" };
/* lsarpc QueryForestTrustInformation, answered: a pointer to an array of pointers; an arm for every other discriminant. */
static const struct stub other_arm = { &lsarpc, LSA_FOREST_TRUST, true, false, false,
	"00000200" "01000000" "04000200" "01000000" "08000200" "00000000"
	"00000000" "0900" "0000" "0000000000000000"               /* flags, type 9, time */
	"0900" "0000" "02000000" "0c000200" "02000000" "aabb" "0000"
	"00000000" };
/* samr QueryDomainInfo, answered at level 10, which is none. */
static const struct stub no_arm = { &samr, SAMR_QUERY_DOMAIN, true, false, false, "00000200" "0a00" "0000" "11223344" "00000000" };
/* samr QueryDomainInfo: level 7 is 2 bytes, but stands where the arm of the greatest alignment would. */
static const struct stub small_arm = { &samr, SAMR_QUERY_DOMAIN, true, false, false, "00000200" "0700" "0000" "0300" "0000" "00000000" };
/* epm ept_lookup: two full pointers of one value; the second leads to what the first did, and nothing more stands there. */
static const struct stub full_twice = { &epm, EPM_LOOKUP, false, false, false,
	"00000000" "01000000" "33221100554477668899aabbccddeeff"  /* inquiry, object */
	"01000000"                                                /* interface: at the object's address */
	"01000000" "0000000000000000000000000000000000000000" "05000000" };   /* versions, handle, how many */
/* The same with two values: the second leads to an interface of its own. */
static const struct stub full_apart = { &epm, EPM_LOOKUP, false, false, false,
	"00000000" "01000000" "33221100554477668899aabbccddeeff"
	"02000000" "11111111222233334444555555555555" "0300" "0000"
	"01000000" "0000000000000000000000000000000000000000" "05000000" };

static const struct stub *const all[] = { &deferred, &wide, &big, &conformant, &other_arm, &no_arm, &small_arm, &full_twice, &full_apart };

/* Reads the first have bytes of a stub of len. */
static void read_stub(struct probe *p, const struct stub *s, const uint8_t *bytes, uint32_t have, uint32_t len)
{
	struct dx d = probe_open(p, bytes, have, len);
	struct rpc_ctx ctx = *s->interface;

	ctx.opnum = (uint16_t)s->opnum;
	ctx.ndr64 = s->ndr64;
	(void)rpc_stub(&d, &ctx, (struct rpc_form){ s->response, s->be });
	assert_int_equal(p->depth, 0);
	assert_int_equal(d.at, d.lim);
}

static void open_stub(struct probe *p, const struct stub *s)
{
	uint32_t n;
	uint8_t *bytes = probe_hex(s->hex, &n);

	read_stub(p, s, bytes, n, n);
	free(bytes);
}

static void assert_silent(const struct probe *p)
{
	assert_int_equal(p->notes, 0);
	assert_int_equal(p->run.flags, 0);
	assert_null(strstr(p->log, "undecoded"));
}

static void test_deferred(void **state UNUSED)
{
	struct probe p;

	open_stub(&p, &deferred);
	assert_silent(&p);
	assert_says(&p, "samr.samr_SamArray.count=02000000 dcerpc.referent_id=04000200 dcerpc.array.max_count=02000000");
	assert_says(&p, "dcerpc.referent_id=08000200 dcerpc.array.max_count=01000000 dcerpc.array.offset=00000000 "
	                "dcerpc.array.actual_count=01000000 samr.samr_SamEntry.name=4100");
	assert_says(&p, "dcerpc.referent_id=0c000200");
	assert_says(&p, "samr.samr_SamEntry.name=42004300");
	assert_says(&p, "samr.samr_EnumDomains.num_entries=02000000 samr.status=00000000");
	probe_close(&p);
}

static void test_wide(void **state UNUSED)
{
	struct probe p;

	open_stub(&p, &wide);
	assert_silent(&p);
	assert_says(&p, "dcerpc.referent_id64=0800020000000000 dcerpc.array.max_count=0100000000000000 "
	                "dcerpc.array.offset=0000000000000000 dcerpc.array.actual_count=0100000000000000 samr.samr_SamEntry.name=4100");
	assert_says(&p, "samr.samr_SamEntry.name=42004300");
	assert_says(&p, "samr.samr_EnumDomains.num_entries=02000000 samr.status=00000000");
	probe_close(&p);
}

static void test_big_endian(void **state UNUSED)
{
	struct probe p;

	open_stub(&p, &big);
	assert_silent(&p);
	assert_says(&p, "lsarpc.lsa_SidArray.num_sids=00000001");
	assert_says(&p, "dcerpc.nt.count=00000002 dcerpc.nt.domain_sid=01020000000000050000002000000221");
	assert_says(&p, "lsarpc.lsa_LookupSids.level=0001");
	assert_says(&p, "lsarpc.lsa_LookupSids.count=00000000");
	probe_close(&p);
}

static void test_conformant(void **state UNUSED)
{
	struct probe p;

	open_stub(&p, &conformant);
	assert_silent(&p);
	assert_says(&p, "dcerpc.array.max_count=01000000 lsarpc.lsa_PrivilegeSet.count=01000000");
	assert_says(&p, "lsarpc.lsa_LUID.low=14000000 lsarpc.lsa_LUID.high=00000000> lsarpc.lsa_LUIDAttribute.attribute=03000000");
	assert_says(&p, "lsarpc.status=00000000");
	probe_close(&p);
}

static void test_unions(void **state UNUSED)
{
	struct probe p;

	open_stub(&p, &other_arm);
	assert_silent(&p);
	assert_says(&p, "lsarpc.lsa_ForestTrustBinaryData.length=02000000");
	assert_says(&p, "lsarpc.lsa_ForestTrustBinaryData.data=aa lsarpc.lsa_ForestTrustBinaryData.data=bb");
	assert_says(&p, "lsarpc.status=00000000");
	probe_close(&p);

	open_stub(&p, &no_arm);
	assert_true(p.notes > 0);
	assert_says(&p, "smbscope.undecoded=00001122334400000000");
	assert_null(strstr(p.log, "samr.status"));
	probe_close(&p);

	open_stub(&p, &small_arm);
	assert_silent(&p);
	assert_says(&p, "samr.samr_DomInfo7.role=0300");
	assert_says(&p, "samr.status=00000000");
	probe_close(&p);
}

static void test_full_pointers(void **state UNUSED)
{
	struct probe p;

	open_stub(&p, &full_twice);
	assert_silent(&p);
	assert_says(&p, "epm.object=33221100554477668899aabbccddeeff dcerpc.referent_id=01000000 epm.ver_opt=01000000");
	assert_says(&p, "epm.max_ents=05000000");
	probe_close(&p);

	open_stub(&p, &full_apart);
	assert_silent(&p);
	assert_says(&p, "epm.if_id=11111111222233334444555555555555 epm.ver_maj=0300 epm.ver_min=0000");
	assert_says(&p, "epm.max_ents=05000000");
	probe_close(&p);
}

/* A stub that ends early, or of which less was captured, is read as far as it goes, and what is read is what stands there whole. */
static void test_cut(void **state UNUSED)
{
	for (size_t i = 0; i < COUNT(all); i++) {
		uint32_t n, told = 0;
		uint8_t *bytes = probe_hex(all[i]->hex, &n);

		for (uint32_t have = 0; have <= n; have++) {
			struct probe p;

			read_stub(&p, all[i], bytes, have, n);
			probe_close(&p);
			read_stub(&p, all[i], bytes, have, have);
			assert_true(p.values + 2 >= told);         /* what was cut in two may be told as one rest, or with padding */
			told = p.values > told ? p.values : told;
			if (have < n)
				assert_true(p.notes || p.run.flags || strstr(p.log, "undecoded") || !strstr(p.log, ".status="));
			probe_close(&p);
		}
		free(bytes);
	}
}

/* Every byte of every stub in turn is 0, 1, 0x7f and 0xff: read to its end without harm. */
static void test_changed(void **state UNUSED)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0xff };

	for (size_t i = 0; i < COUNT(all); i++) {
		uint32_t n;
		uint8_t *bytes = probe_hex(all[i]->hex, &n);

		for (uint32_t at = 0; at < n * COUNT(values); at++) {
			uint8_t was = bytes[at / COUNT(values)];
			struct probe p;

			bytes[at / COUNT(values)] = values[at % COUNT(values)];
			read_stub(&p, all[i], bytes, n, n);
			probe_close(&p);
			bytes[at / COUNT(values)] = was;
		}
		free(bytes);
	}
}

/* More domains than a call may have. */
static void test_many(void **state UNUSED)
{
	static const uint8_t head[] = { 0, 0, 2, 0, 0, 0, 4, 0, 4, 0, 2, 0, 0, 0, 4, 0 };   /* SamArray of 2^18 entries */
	struct stub s = { &samr, SAMR_ENUM_DOMAINS, true, false, false, "" };
	uint32_t n = 4 + sizeof(head) + 12 * (1u << 18);
	uint8_t *bytes = xcalloc(n, 1);
	struct probe p;

	memcpy(bytes + 4, head, sizeof(head));
	read_stub(&p, &s, bytes, n, n);
	assert_int_equal(p.notes, 1);
	assert_true(p.values < LIMIT_NDR_NODES + 100);
	assert_says(&p, "samr.samr_SamEntry.idx=00000000");
	assert_null(strstr(p.log, "samr.status"));
	probe_close(&p);
	free(bytes);
}

/* More full pointers of different values than are remembered: ept_insert with entries whose towers are empty. */
static void test_many_full(void **state UNUSED)
{
	enum { ENTRY = 16 + 4 + 4 + 4, N = LIMIT_NDR_FULL + 8 };
	struct stub s = { &epm, 0, false, false, false, "" };
	uint32_t n = 8 + ENTRY * N;
	uint8_t *bytes = xcalloc(n, 1);
	struct probe p;

	bytes[0] = bytes[4] = N & 0xff;
	bytes[1] = bytes[5] = N >> 8;
	for (uint32_t i = 0; i < N; i++) {
		uint8_t *entry = bytes + 8 + ENTRY * i + 16;

		entry[0] = (uint8_t)(i + 1);
		entry[1] = (uint8_t)((i + 1) >> 8);
	}
	read_stub(&p, &s, bytes, n, n);
	assert_int_equal(p.notes, 1);
	assert_says(&p, "dcerpc.referent_id=00100000");            /* the last that is remembered */
	probe_close(&p);
	free(bytes);
}

static void test_unknown(void **state UNUSED)
{
	struct stub s = deferred;
	struct rpc_ctx other = samr;
	struct probe p;

	other.version = 2;
	s.interface = &other;
	open_stub(&p, &s);
	assert_non_null(strstr(p.log, " dcerpc.stub_data=0200000000000200"));
	probe_close(&p);
	s = deferred;
	s.opnum = 500;
	open_stub(&p, &s);
	assert_non_null(strstr(p.log, " dcerpc.stub_data=0200000000000200"));
	probe_close(&p);
	assert_string_equal(rpc_interface_name(samr.uuid, 1), "samr");
	assert_null(rpc_interface_name(samr.uuid, 2));
	assert_string_equal(rpc_operation_name(samr.uuid, 1, SAMR_LOOKUP_NAMES), "SamrLookupNamesInDomain");
	assert_null(rpc_operation_name(samr.uuid, 1, 500));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_big_endian),
		cmocka_unit_test(test_conformant),
		cmocka_unit_test(test_unions),
		cmocka_unit_test(test_full_pointers),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_many_full),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
