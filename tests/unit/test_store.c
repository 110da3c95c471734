/* The store: synthetic events in, SQL out; cases kept, refused, continued; the plans of the promised queries. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/store.h"

/* DESIGN.md part 4, and x_time_ns beside each x_time. */
static const struct promise { const char *view, *columns; } promises[] = {
	{ "captures",
	  "capture_id set_id path sha256 bytes format frames smb_frames truncated_frames dropped_frames skipped_frames "
	  "bad_checksums evictions first_time first_time_ns last_time last_time_ns complete note tool_version options "
	  "imported_at" },
	{ "interfaces", "interface_id capture_id name link_type snaplen frames dropped" },
	{ "connections",
	  "connection_id capture_id end_capture_id client client_port server server_port community_id duplicate_of "
	  "transport called_name calling_name dialect signing cipher compression client_guid server_guid first_frame "
	  "last_frame start_time start_time_ns end_time end_time_ns ended client_bytes server_bytes client_missing "
	  "server_missing client_retransmitted server_retransmitted conflicts zero_windows rtt_us one_sided midstream "
	  "messages undecoded" },
	{ "gaps",
	  "gap_id connection_id capture_id command_id direction stream_offset bytes reason before_frame after_frame "
	  "start_time start_time_ns end_time end_time_ns" },
	{ "sessions",
	  "session_id connection_id capture_id wire_session_id client server user domain workstation mechanism "
	  "account_kind status dialect signed encrypted channels shares commands errors bytes_read bytes_written "
	  "first_frame last_frame start_time start_time_ns end_time end_time_ns" },
	{ "logons",
	  "logon_id session_id connection_id capture_id client server mechanism account_kind user domain workstation spn "
	  "realm target_name server_netbios_name server_netbios_domain server_dns_name server_dns_domain os_version "
	  "status success challenge client_challenge nt_proof mic client_time client_time_ns hashcat_mode hashcat "
	  "first_frame last_frame time time_ns" },
	{ "hosts", "host netbios_name dns_name domain os guid skew_us first_time first_time_ns last_time last_time_ns" },
	{ "shares",
	  "share_id session_id connection_id capture_id client server user path share_name share_type native_fs status "
	  "encrypted frame time time_ns end_time end_time_ns" },
	{ "files",
	  "open_id session_id share_id connection_id capture_id end_capture_id client server user share share_name path "
	  "name extension stream file_id snapshot kind action status access disposition options delete_on_close deleted "
	  "renamed_to size bytes_read bytes_written reads writes created modified accessed changed open_frame close_frame "
	  "open_time open_time_ns close_time close_time_ns" },
	{ "changes",
	  "change_id command_id open_id session_id capture_id client server user share path file_id change new_path "
	  "old_value new_value status effective request_frame response_frame time time_ns" },
	{ "transfers",
	  "transfer_id open_id session_id share_id capture_id client server user share path file_id version direction "
	  "size bytes_seen missing missing_bytes unmoved complete sha256 sha1 md5 mime_type first_frame last_frame "
	  "start_time start_time_ns end_time end_time_ns" },
	{ "listings",
	  "listing_id command_id session_id capture_id client server user share directory name file_id size created "
	  "modified accessed changed attributes frame time time_ns" },
	{ "commands",
	  "command_id connection_id session_id share_id open_id capture_id end_capture_id client server user share path "
	  "file_id protocol command info message_id request_frame response_frame pending_frame request_time "
	  "request_time_ns response_time response_time_ns latency_us pending_us transfer_us status status_code dos_error "
	  "is_error request_bytes response_bytes offset length data_bytes missing_bytes undecoded encrypted signature" },
	{ "calls",
	  "call_id command_id open_id connection_id session_id capture_id client server user pipe interface uuid version "
	  "opnum operation object arguments returned result result_code fault sealed request_frame response_frame time time_ns" },
	{ "findings", "finding_id rule severity technique title detail client server user confidence query time time_ns" },
	{ "evidence", "finding_id capture_id frame command_id" },
	{ "timeline", "time time_ns event client server user object detail status capture_id frame source source_id" },
};

static char dir[] = "/tmp/test-store-XXXXXX", path[64];
static struct err err;

static int make_dir(void **state UNUSED)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state UNUSED)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static int new_path(void **state UNUSED)
{
	static int n;

	snprintf(path, sizeof(path), "%s/case%d.db", dir, ++n);
	memset(&err, 0, sizeof(err));
	return 0;
}

#define must(call) do { if (!(call)) fail_msg("%s: %s", #call, err.text); } while (0)

/* --- writing --- */

static struct store *begin(enum store_mode mode, struct store_run *run)
{
	struct store *s = store_open(path, mode, &err);

	must(s);
	must(store_begin(s, run, &err) == 0);
	return s;
}

static void finish(struct store *s)
{
	must(store_end(s, &err) == 0);
	store_close(s);
}

#define EVENT(s, type, e) store_sink(s)->put(store_sink(s), type, &(e), sizeof(e), NULL, 0)

static text_id text(struct store *s, text_id id, const char *t)
{
	struct ev_text e = { .text = id, .len = (uint32_t)strlen(t) };

	store_sink(s)->put(store_sink(s), EV_TEXT, &e, sizeof(e), t, e.len);
	return id;
}

static struct ev_command command(uint32_t id)
{
	return (struct ev_command){ .command = id, .connection = 1, .session = 1, .code = 2 << 16 | 5,
		.request_frame = id, .request_time_ns = 1000000000000 + id * 1000, .latency_us = EV_NULL,
		.pending_us = EV_NULL, .transfer_us = EV_NULL, .status = EV_NULL, .dos_error = EV_NULL, .request_bytes = 100,
		.response_bytes = EV_NULL, .offset = EV_NULL, .length = EV_NULL, .data_bytes = EV_NULL, .missing_bytes = EV_NULL,
		.request = { .at = 1000 + id }, .has_request = true };
}

static struct ev_connection connection(uint32_t id)
{
	return (struct ev_connection){ .connection = id, .client_port = 50000, .server_port = 445, .client_bytes = EV_NULL,
		.server_bytes = EV_NULL, .client_missing = EV_NULL, .server_missing = EV_NULL, .client_retransmitted = EV_NULL,
		.server_retransmitted = EV_NULL, .conflicts = EV_NULL, .zero_windows = EV_NULL, .rtt_us = EV_NULL,
		.one_sided = EV_NULL, .midstream = EV_NULL, .messages = 0, .undecoded = EV_NULL };
}

static struct ev_session session(uint32_t id)
{
	return (struct ev_session){ .session = id, .connection = 1, .status = EV_NULL, .is_signed = EV_NULL, .encrypted = EV_NULL,
		.channels = 1, .shares = 0, .commands = 0, .errors = 0, .bytes_read = 0, .bytes_written = 0,
		.first_frame = id, .start_time_ns = id * 1000 };
}

static struct ev_open an_open(uint32_t id)
{
	return (struct ev_open){ .open = id, .session = 1, .share = 1, .connection = 1, .status = 0, .access = 0x120089,
		.disposition = 1, .options = EV_NULL, .delete_on_close = EV_NULL, .deleted = EV_NULL, .size = EV_NULL,
		.bytes_read = EV_NULL, .bytes_written = EV_NULL, .reads = EV_NULL, .writes = EV_NULL, .open_frame = id,
		.open_time_ns = id * 1000 };
}

/* --- asking --- */

/* The answer of SQL: columns joined by '|', rows by newlines, NULL as '-'. */
static const char *ask(struct store *s, const char *sql)
{
	static char out[8192];
	size_t n = 0;
	struct store_query *q = store_query(s, sql, &err);
	int rc;

	must(q);
	out[0] = '\0';
	while ((rc = store_step(q, &err)) == 1) {
		for (uint32_t i = 0; i < store_columns(q); i++)
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s", i ? "|" : n ? "\n" : "",
			                      store_is_null(q, i) ? "-" : store_text(q, i));
		assert_true(n < sizeof(out));
	}
	must(rc == 0);
	store_done(q);
	return out;
}

static const char *ask_case(const char *sql)
{
	struct store *s = store_open(path, STORE_READ, &err);
	const char *answer;

	must(s);
	answer = ask(s, sql);
	store_close(s);
	return answer;
}

static void raw(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* One of everything. */
static void small_case(void)
{
	static const char *const keys[] = { "5-abc", "6-def" };
	struct store_run run = { .keys = keys, .n_captures = 2, .options = "--any-port" };
	struct store *s = begin(STORE_CREATE, &run);
	struct ev_capture cap = { .capture = 0, .path = text(s, 1, "/tmp/a.pcap"), .bytes = 5, .frames = 7, .smb_frames = EV_NULL,
		.truncated_frames = 0, .dropped_frames = EV_NULL, .skipped_frames = 0, .bad_checksums = 0, .evictions = 0,
		.complete = 1, .first_time_ns = -1, .last_time_ns = 1700000000123456789 };
	struct ev_interface ifc = { .capture = 1, .name = text(s, 2, "eth0"), .link_type = 1, .snaplen = 65535, .frames = EV_NULL,
		.dropped = EV_NULL };
	struct ev_connection c = connection(1);
	struct ev_session ss = session(1);
	struct ev_logon l = { .logon = 1, .session = 1, .connection = 1, .status = 0xc000006d, .success = 0, .hashcat_mode = 5600,
		.client_time_ns = 1000000000, .time_ns = 2000000000 };
	struct ev_host h = { .skew_us = 12, .first_time_ns = 5, .last_time_ns = 6 };
	struct ev_share sh = { .share = 1, .session = 1, .connection = 1, .status = 0, .encrypted = 0, .frame = 3, .known_frame = 4,
		.time_ns = 3 };
	struct ev_gap g = { .gap = 1, .connection = 1, .capture = 1, .stream_offset = 0, .bytes = 10, .before_frame = 1 };
	struct ev_context x = { .context = 1, .ctx = { .dialect = 0x311, .time_zone = -60 } };
	struct ev_open o = an_open(1);
	struct ev_unit_part u = { .unit = 1, .command = 1, .part = 2, .open = 1, .off = 80, .len = 16 };

	EVENT(s, EV_CAPTURE, cap);
	EVENT(s, EV_INTERFACE, ifc);
	EVENT(s, EV_CONTEXT, x);
	c.client = text(s, 3, "10.0.0.1");
	c.server = text(s, 4, "10.0.0.2");
	c.dialect = text(s, 5, "SMB 3.1.1");
	c.end_capture = 1;
	EVENT(s, EV_CONNECTION, c);
	ss.user = text(s, 6, "j\xc3\xb6rg");
	ss.wire_session_id = 0x8000000000000001;
	ss.status = 0xc0000016;
	EVENT(s, EV_SESSION, ss);
	ss.status = 0;
	ss.end_time_ns = 1500000000;
	EVENT(s, EV_SESSION, ss);      /* again: replaces */
	EVENT(s, EV_LOGON, l);
	h.host = 3;
	EVENT(s, EV_HOST, h);
	sh.path = text(s, 7, "\\\\fs\\data");
	sh.share_name = text(s, 8, "data");
	EVENT(s, EV_SHARE, sh);
	EVENT(s, EV_GAP, g);
	o.path = text(s, 9, "dir\\A.txt");
	o.file = 77;
	o.created_ns = 1700000000000000000;
	EVENT(s, EV_OPEN, o);
	EVENT(s, EV_UNIT_PART, u);
	finish(s);
}

/* --- the tests --- */

static void views_are_the_promise(void **state UNUSED)
{
	struct store *s = store_open(path, STORE_CREATE, &err);
	char sql[128];

	must(s);
	for (unsigned i = 0; i < COUNT(promises); i++) {
		snprintf(sql, sizeof(sql), "SELECT group_concat(name, ' ') FROM pragma_table_info('%s')", promises[i].view);
		assert_string_equal(ask(s, sql), promises[i].columns);
		snprintf(sql, sizeof(sql), "SELECT * FROM %s", promises[i].view);
		assert_string_equal(ask(s, sql), "");
	}
	snprintf(sql, sizeof(sql), "%u", (unsigned)COUNT(promises));
	assert_string_equal(ask(s, "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), sql);
	store_close(s);
}

static void hot_table_is_narrow(void **state UNUSED)
{
	small_case();
	assert_true(atoi(ask_case("SELECT count(*) FROM pragma_table_info('command')")) <= 26);
	assert_string_equal(ask_case("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'command'"), "3");
}

static void rows_arrive(void **state UNUSED)
{
	small_case();
	assert_string_equal(ask_case("SELECT capture_id, set_id, path, bytes, smb_frames, truncated_frames, first_time, first_time_ns, "
	                             "last_time, complete, note, options FROM captures"),
	                    "1|1|/tmp/a.pcap|5|-|0|1969-12-31T23:59:59.999999999Z|-1|2023-11-14T22:13:20.123456789Z|1|-|--any-port");
	assert_string_equal(ask_case("SELECT tool_version IS NOT NULL, imported_at LIKE '20__-__-__T__:__:__Z' FROM captures"), "1|1");
	assert_string_equal(ask_case("SELECT * FROM interfaces"), "0|2|eth0|1|65535|-|-");
	assert_string_equal(ask_case("SELECT client, server, dialect, capture_id, end_capture_id, client_bytes, messages, start_time "
	                             "FROM connections"), "10.0.0.1|10.0.0.2|SMB 3.1.1|1|2|-|0|-");
	assert_string_equal(ask_case("SELECT session_id, wire_session_id, client, user, domain, status, dialect, signed, errors, end_time "
	                             "FROM sessions"),
	                    "1|0x8000000000000001|10.0.0.1|j\xc3\xb6rg|-|STATUS_SUCCESS|SMB 3.1.1|-|0|1970-01-01T00:00:01.500000000Z");
	assert_string_equal(ask_case("SELECT client, user, status, success, hashcat_mode, client_time_ns, time FROM logons"),
	                    "10.0.0.1|-|STATUS_LOGON_FAILURE|0|5600|1000000000|1970-01-01T00:00:02.000000000Z");
	assert_string_equal(ask_case("SELECT host, dns_name, skew_us, first_time_ns FROM hosts"), "10.0.0.1|-|12|5");
	assert_string_equal(ask_case("SELECT user, path, share_name, share_type, status, frame FROM shares"),
	                    "j\xc3\xb6rg|\\\\fs\\data|data|-|STATUS_SUCCESS|3");
	assert_string_equal(ask_case("SELECT capture_id, bytes, stream_offset, before_frame, after_frame FROM gaps"), "2|10|0|1|-");
	assert_string_equal(ask_case("SELECT client, user, share, share_name, path, extension, file_id, snapshot, status, access, "
	                             "disposition, options, created, close_time FROM files"),
	                    "10.0.0.1|j\xc3\xb6rg|\\\\fs\\data|data|dir\\A.txt|-|77|-|STATUS_SUCCESS|1179785|FILE_OPEN|-|"
	                    "2023-11-14T22:13:20.000000000Z|-");
	assert_string_equal(ask_case("SELECT unit_id, part, command_id, off, len FROM unit_part"), "1|2|1|80|16");
	assert_string_equal(ask_case("SELECT dialect, time_zone FROM context"), "785|-60");
}

static void commands_arrive(void **state UNUSED)
{
	struct store_run run = { .n_captures = 2 };
	struct store *s;
	struct ev_command c;
	struct ev_connection other = connection(2);

	small_case();
	s = begin(STORE_WRITE, &run);
	/* 1: an open's READ, answered in another capture, all rare facts */
	c = command(1);
	c.share = c.open = 1;
	c.code = 2 << 16 | 8;
	c.user = 6;
	c.flags = CMD_ENCRYPTED | CMD_SIGNATURE_UNVERIFIED;
	c.response_frame = 9;
	c.response_time_ns = 2000000000000;
	c.pending_frame = 8;
	c.pending_us = 3;
	c.latency_us = 4;
	c.transfer_us = 5;
	c.missing_bytes = 6;
	c.data_bytes = 7;
	c.status = 0;
	c.undecoded = NOTE_not_captured;
	c.has_response = true;
	c.response.capture = 1;
	EVENT(s, EV_COMMAND, c);
	/* 2: SMB1, a path command with a DOS error; zeros are known */
	c = command(2);
	c.code = 1 << 16 | 6;
	c.path = 9;
	c.file = UINT64_C(0x7000000000000001);
	c.flags = CMD_IS_ERROR | CMD_SIGNATURE_NONE;
	c.status = 0xc0000034;
	c.dos_error = 1 << 16 | 2;
	c.missing_bytes = c.transfer_us = 0;
	c.has_response = true;
	c.response_frame = 3;
	EVENT(s, EV_COMMAND, c);
	/* 3: no answer; then stated again with one */
	c = command(3);
	EVENT(s, EV_COMMAND, c);
	c.status = 0x12345678;
	c.code = 2 << 16 | 0x77;
	c.message_id = UINT64_MAX;
	EVENT(s, EV_COMMAND, c);
	/* 4: no answer at all; 5: of a duplicate */
	c = command(4);
	EVENT(s, EV_COMMAND, c);
	other.duplicate_of = 1;
	EVENT(s, EV_CONNECTION, other);
	c = command(5);
	c.connection = 2;
	EVENT(s, EV_COMMAND, c);
	finish(s);
	assert_string_equal(ask_case("SELECT command_id, capture_id, end_capture_id, user, client, share, path, file_id, protocol, command, "
	                             "message_id, pending_frame, pending_us, latency_us, transfer_us, status, status_code, dos_error, is_error, "
	                             "data_bytes, missing_bytes, undecoded, encrypted, signature FROM commands ORDER BY command_id"),
	                    "1|3|4|j\xc3\xb6rg|10.0.0.1|\\\\fs\\data|dir\\A.txt|77|SMB2|READ|0x0000000000000000|8|3|4|5|STATUS_SUCCESS|0|-|0|"
	                    "7|6|bytes of this part are not in the capture|1|unverified\n"
	                    "2|3|3|-|10.0.0.1|-|dir\\A.txt|8070450532247928833|SMB1|DELETE|0x0000000000000000|-|-|-|0|"
	                    "STATUS_OBJECT_NAME_NOT_FOUND|3221225524|ERRDOS/2|1|-|0|-|0|none\n"
	                    "3|3|-|-|10.0.0.1|-|-|-|SMB2|0x77|0xffffffffffffffff|-|-|-|-|0x12345678|305419896|-|0|-|-|-|0|-\n"
	                    "4|3|-|-|10.0.0.1|-|-|-|SMB2|CREATE|0x0000000000000000|-|-|-|-|-|-|-|-|-|-|-|0|-");
	assert_string_equal(ask_case("SELECT request_time, response_time_ns FROM commands WHERE command_id = 1"),
	                    "1970-01-01T00:16:40.000001000Z|2000000000000");
}

static void many_commands_keep_their_values(void **state UNUSED)
{
	struct store_run run = { .n_captures = 1 };
	struct store *s = begin(STORE_CREATE, &run);

	for (uint32_t i = 1; i <= 20000; i++) {
		struct ev_command c = command(i);

		EVENT(s, EV_COMMAND, c);
		if (i % 100 == 0) {
			c.status = 0;
			EVENT(s, EV_COMMAND, c);
		}
	}
	finish(s);
	assert_string_equal(ask_case("SELECT count(*), min(command_id), max(command_id), sum(request_frame = command_id), "
	                             "sum(request_time_ns = 1000000000000 + command_id * 1000), count(status), "
	                             "sum((status = 'STATUS_SUCCESS') = (command_id % 100 = 0)) FROM commands"),
	                    "20000|1|20000|20000|20000|200|200");
}

static void messages_are_found_again(void **state UNUSED)
{
	struct slice slices[] = { { .at = 100, .len = 60, .capture = 0 }, { .at = HOLE_LOST, .len = 40, .capture = SLICE_HOLE },
		{ .at = 7, .len = 20, .capture = 1 } };
	struct store_run run = { .n_captures = 2 };
	struct stored_message m;
	struct arena arena = { 0 };
	struct ev_capture cap = { .capture = 0 };
	struct ev_command c = command(1);
	struct ev_message v = { .message = 3, .connection = 1, .command = 1, .kind = SMB_PLAIN, .protocol = 2, .direction = FROM_SERVER,
		.frame = 12, .time_ns = 44, .bytes = 5, .status = 0x103, .where = { .at = 5000, .element = 2 } };
	uint8_t blob[64];
	struct store *s;

	small_case();
	s = begin(STORE_WRITE, &run);
	EVENT(s, EV_CAPTURE, cap);
	c.context = 1;
	c.has_response = true;
	c.response_frame = 20;
	c.request = (struct ev_where){ .at = 300, .element = 1 };
	c.response = (struct ev_where){ .blob_len = where_encode(slices, 3, blob, sizeof(blob)), .element = 4 };
	store_sink(s)->put(store_sink(s), EV_COMMAND, &c, sizeof(c), blob, c.response.blob_len);
	EVENT(s, EV_MESSAGE, v);
	finish(s);

	must(s = store_open(path, STORE_READ, &err));
	assert_int_equal(store_message(s, 1, false, &arena, &m, &err), 1);
	assert_int_equal(m.n_slices, 1);
	assert_true(m.slices[0].at == 300 && m.slices[0].len == 0 && m.slices[0].capture == 3);
	assert_true(m.element == 1 && m.direction == FROM_CLIENT && m.frame == 1 && !m.has_request && !m.netbios);
	assert_true(m.ctx.dialect == 0x311 && m.ctx.time_zone == -60);
	assert_int_equal(store_message(s, 1, true, &arena, &m, &err), 1);
	assert_int_equal(m.n_slices, 3);
	assert_true(m.slices[0].at == 100 && m.slices[0].len == 60 && m.slices[0].capture == 3);
	assert_true(m.slices[1].at == HOLE_LOST && m.slices[1].len == 40 && m.slices[1].capture == SLICE_HOLE);
	assert_true(m.slices[2].at == 7 && m.slices[2].len == 20 && m.slices[2].capture == 4);
	assert_true(m.element == 4 && m.direction == FROM_SERVER && m.frame == 20);
	assert_true(m.has_request && m.n_request_slices == 1 && m.request_slices[0].at == 300 && m.request_element == 1);
	assert_int_equal(store_message(s, -3, false, &arena, &m, &err), 1);
	assert_true(m.n_slices == 1 && m.slices[0].at == 5000 && m.element == 2 && m.frame == 12 && m.time_ns == 44 && m.has_request);
	assert_int_equal(store_message(s, 99, false, &arena, &m, &err), 0);
	store_close(s);
	arena_free(&arena);
}

static void ids_continue_and_sets_go(void **state UNUSED)
{
	static const char *const keys[] = { "9-new" };
	struct store_run run = { .keys = keys, .n_captures = 1 };
	struct store_ids ids;
	struct store *s;
	struct ev_capture cap = { .capture = 0, .bytes = 9 };
	struct ev_connection c;
	struct ev_command m;
	struct ev_unit_part u = { .unit = 2, .command = 9, .part = 0 };
	char before[256];

	small_case();
	must(s = store_open(path, STORE_WRITE, &err));
	store_ids(s, &ids);
	assert_true(ids.capture == 2 && ids.set == 1 && ids.text == 9 && ids.connection == 1 && ids.session == 1 && ids.logon == 1 &&
	            ids.share == 1 && ids.open == 1 && ids.command == 0 && ids.message == 0 && ids.unit == 1 && ids.context == 1);
	assert_int_equal(store_has_capture(s, "5-abc", &err), 1);
	assert_int_equal(store_has_capture(s, "9-new", &err), 0);
	must(store_begin(s, &run, &err) == 0);
	EVENT(s, EV_CAPTURE, cap);
	c = connection(2);
	EVENT(s, EV_CONNECTION, c);
	m = command(9);
	m.connection = 2;
	m.pending_frame = 1;
	EVENT(s, EV_COMMAND, m);
	EVENT(s, EV_UNIT_PART, u);
	must(store_end(s, &err) == 0);
	assert_int_equal(store_has_capture(s, "9-new", &err), 3);
	snprintf(before, sizeof(before), "%s", ask(s, "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM interface)"));
	must(store_forget(s, 3, &err) == 0);
	assert_int_equal(store_has_capture(s, "9-new", &err), 0);
	assert_string_equal(ask(s, "SELECT (SELECT count(*) FROM connection), (SELECT count(*) FROM command), "
	                        "(SELECT count(*) FROM command_more), (SELECT count(*) FROM unit_part), (SELECT count(*) FROM run), "
	                        "(SELECT count(*) FROM capture)"), "1|0|0|1|1|1");
	assert_string_equal(ask(s, "SELECT (SELECT count(*) FROM sessions), (SELECT count(*) FROM interface)"), before);
	must(store_forget(s, 1, &err) == 0);
	assert_string_equal(ask(s, "SELECT (SELECT count(*) FROM text), (SELECT count(*) FROM open), (SELECT count(*) FROM capture_set), "
	                        "(SELECT count(*) FROM host), (SELECT count(*) FROM interface), (SELECT count(*) FROM context)"),
	                    "0|0|0|0|0|0");
	assert_int_equal(store_forget(s, 1, &err), -1);
	store_close(s);
}

static void named_sets_are_joined(void **state UNUSED)
{
	struct store_run run = { .n_captures = 1, .set_name = "night" };
	struct ev_capture cap = { .bytes = 1 };
	struct store *s;

	for (int i = 0; i < 2; i++) {
		s = begin(STORE_WRITE, &run);
		EVENT(s, EV_CAPTURE, cap);
		finish(s);
	}
	assert_string_equal(ask_case("SELECT capture_id, set_id FROM captures"), "1|1\n2|1");
	must(s = store_open(path, STORE_WRITE, &err));
	must(store_forget(s, 2, &err) == 0);
	assert_string_equal(ask(s, "SELECT count(*) FROM captures"), "0");
	store_close(s);
}

static void refused(enum store_mode mode, const char *why)
{
	struct store *s = store_open(path, mode, &err);

	assert_null(s);
	if (!strstr(err.text, why) || !strstr(err.text, path))
		fail_msg("'%s' does not tell '%s' of %s", err.text, why, path);
	assert_null(strchr(err.text, '\n'));
}

static void foreign_files_are_refused(void **state UNUSED)
{
	static const enum store_mode modes[] = { STORE_READ, STORE_WRITE, STORE_CREATE };
	char bytes[1000];
	FILE *f;

	refused(STORE_READ, "No such file");
	memset(bytes, 'x', sizeof(bytes));
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, sizeof(bytes), f), sizeof(bytes));
	fclose(f);
	for (unsigned i = 0; i < COUNT(modes); i++)
		refused(modes[i], "not a database");
	new_path(NULL);
	raw("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
	for (unsigned i = 0; i < COUNT(modes); i++)
		refused(modes[i], "another program");
	new_path(NULL);
	small_case();
	raw("PRAGMA user_version = 1000");
	for (unsigned i = 0; i < COUNT(modes); i++)
		refused(modes[i], "newer");
	snprintf(path, sizeof(path), "%s/none/x.db", dir);
	refused(STORE_WRITE, "No such file");
	snprintf(path, sizeof(path), "%s", dir);
	refused(STORE_WRITE, "directory");
}

static void older_cases_are_brought_up_to_date(void **state UNUSED)
{
	small_case();
	raw("DROP VIEW connections; ALTER TABLE connection DROP COLUMN cipher; DROP TABLE unit_part; DROP INDEX command_time; "
	    "CREATE VIEW mine AS SELECT 5 AS five; UPDATE meta SET value = '1' WHERE name = 'schema'");
	assert_string_equal(ask_case("SELECT client, cipher FROM connections"), "10.0.0.1|-");
	assert_string_equal(ask_case("SELECT (SELECT count(*) FROM unit_part), five FROM mine"), "0|5");
	assert_string_equal(ask_case("SELECT count(*) FROM sqlite_schema WHERE name = 'command_time'"), "1");
}

static void create_replaces(void **state UNUSED)
{
	struct store *s;

	small_case();
	must(s = store_open(path, STORE_CREATE, &err));
	assert_string_equal(ask(s, "SELECT count(*) FROM captures"), "0");
	store_close(s);
}

static void one_file_remains(void **state UNUSED)
{
	char name[80];

	small_case();
	snprintf(name, sizeof(name), "%s-wal", path);
	assert_int_not_equal(access(name, F_OK), 0);
	assert_string_equal(ask_case("SELECT count(*) FROM captures"), "1");
	assert_int_not_equal(access(name, F_OK), 0);
}

static void readers_only_read(void **state UNUSED)
{
	static const char *const bad[] = { "DELETE FROM connection", "CREATE TABLE x (y)", "ATTACH 'x.db' AS x", "PRAGMA journal_mode = WAL",
		"CREATE TEMP TABLE x (y)", "DROP VIEW files", "SELECT load_extension('x')", "PRAGMA user_version; SELECT 1", "", " ; ",
		"SELECT nothing FROM files", "VACUUM INTO 'x.db'", "BEGIN IMMEDIATE", "REINDEX", "ANALYZE",
		"INSERT INTO sqlite_master VALUES (1, 2, 3, 4, 5)", "UPDATE text SET text = 1", "UPDATE sqlite_master SET sql = 1", "DETACH main" };
	struct store_query *q;
	struct store *s;

	small_case();
	must(s = store_open(path, STORE_READ, &err));
	for (unsigned i = 0; i < COUNT(bad); i++) {
		err.text[0] = '\0';
		q = store_query(s, bad[i], &err);
		if (q && store_step(q, &err) >= 0)
			fail_msg("allowed: %s", bad[i]);
		store_done(q);
		assert_string_not_equal(err.text, "");
	}
	assert_string_equal(ask(s, "SELECT count(*) FROM files; -- the end"), "1");
	assert_string_equal(ask(s, "SELECT value FROM json_each('[7]')"), "7");
	assert_string_equal(ask(s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT max(i) FROM n"), "9");
	store_close(s);
}

static void parameters_are_bound(void **state UNUSED)
{
	struct store_query *q;
	struct store *s;
	uint8_t five[] = { 5, 0, 5 };

	small_case();
	must(s = store_open(path, STORE_READ, &err));
	must(q = store_query(s, "SELECT :a + 1, typeof(:b), typeof(@c), x'050005' WHERE ?4 = -12", &err));
	assert_true(store_bind(q, "a", "41") && store_bind(q, "b", "4x") && store_bind(q, "c", NULL) && store_bind(q, "4", "-12"));
	assert_false(store_bind(q, "d", "1"));
	assert_false(store_bind(q, "5", "1"));
	assert_int_equal(store_step(q, &err), 1);
	assert_int_equal(store_int(q, 0), 42);
	assert_true(store_is_number(q, 0) && !store_is_number(q, 1));
	assert_string_equal(store_text(q, 1), "text");
	assert_string_equal(store_text(q, 2), "null");
	assert_true(span_eq(store_blob(q, 3), five, 3));
	assert_string_equal(store_column_name(q, 1), "typeof(:b)");
	assert_int_equal(store_step(q, &err), 0);
	store_reset(q);
	assert_int_equal(store_step(q, &err), 1);
	store_done(q);
	store_close(s);
}

/* Each promised form, a word its plan must have; none may scan the hot tables or sort what is paged. */
static void promised_queries_have_their_plans(void **state UNUSED)
{
	static const struct plan { const char *sql, *has; bool sorts; } plans[] = {
		{ "SELECT * FROM sessions ORDER BY start_time_ns, session_id LIMIT 50", "session_start", false },
		{ "SELECT * FROM sessions WHERE (start_time_ns, session_id) > (5, 5) ORDER BY start_time_ns, session_id LIMIT 50",
		  "session_start", false },
		{ "SELECT * FROM commands WHERE session_id = 1 ORDER BY command_id LIMIT 50", "command_session", false },
		{ "SELECT * FROM commands WHERE session_id = 1 AND command_id > 5 ORDER BY command_id LIMIT 50",
		  "command_session (session_id=? AND rowid>?)", false },
		{ "SELECT * FROM commands WHERE session_id = 1 AND command_id < 5 ORDER BY command_id DESC LIMIT 50",
		  "command_session (session_id=? AND rowid<?)", false },
		{ "SELECT * FROM commands WHERE (request_time_ns, command_id) > (5, 5) ORDER BY request_time_ns, command_id LIMIT 50",
		  "command_time (request_time_ns>?)", false },
		{ "SELECT * FROM commands WHERE request_time_ns BETWEEN 5 AND 9 ORDER BY request_time_ns, command_id", "command_time", false },
		{ "SELECT * FROM commands WHERE command_id = 5", "SEARCH command USING INTEGER PRIMARY KEY", false },
		{ "SELECT * FROM commands WHERE command_id > 5 ORDER BY command_id LIMIT 50", "SEARCH command USING INTEGER PRIMARY KEY", false },
		{ "SELECT * FROM commands WHERE open_id = 1 ORDER BY command_id LIMIT 50", "command_open", false },
		{ "SELECT * FROM commands WHERE session_id = 1 AND is_error = 1 ORDER BY command_id LIMIT 50",
		  "command_session", false },
		{ "SELECT * FROM files WHERE session_id = 1 ORDER BY open_id LIMIT 50", "open_session", false },
		{ "SELECT * FROM files WHERE file_id = 1", "open_file", false },
		{ "SELECT * FROM files WHERE open_id = 1", "SEARCH open USING INTEGER PRIMARY KEY", false },
		{ "SELECT * FROM connections ORDER BY start_time_ns, connection_id LIMIT 50", "connection_start", false },
		{ "SELECT * FROM shares WHERE session_id = 1 ORDER BY share_id", "share_session", false },
		{ "SELECT * FROM logons WHERE session_id = 1 ORDER BY logon_id", "logon_session", false },
		{ "SELECT c.* FROM files AS f JOIN commands AS c USING (open_id) WHERE f.file_id = 1", "command_open", false },
	};
	struct store *s;

	small_case();
	must(s = store_open(path, STORE_READ, &err));
	for (unsigned i = 0; i < COUNT(plans); i++) {
		char sql[512];
		const char *plan;

		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", plans[i].sql);
		plan = ask(s, sql);
		if (!strstr(plan, plans[i].has) || strstr(plan, "TEMP B-TREE") || strstr(plan, "SCAN command\n") ||
		    strstr(plan, "SCAN open\n"))
			fail_msg("%s:\n%s", plans[i].sql, plan);
	}
	/* The look for bad plans must be able to find one. */
	assert_non_null(strstr(ask(s, "EXPLAIN QUERY PLAN SELECT * FROM commands ORDER BY latency_us"), "TEMP B-TREE"));
	assert_non_null(strstr(ask(s, "EXPLAIN QUERY PLAN SELECT * FROM commands ORDER BY latency_us"), "SCAN command\n"));
	store_close(s);
}

/* The first error is kept and told, and putting goes on to the end. */
static void a_full_disk_is_told(void **state UNUSED)
{
	struct store_run run = { .n_captures = 1 };
	struct store *s = begin(STORE_CREATE, &run);
	struct rlimit was, low;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	low = was;
	low.rlim_cur = 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	for (uint32_t i = 1; i <= 60000; i++) {
		struct ev_command c = command(i);

		EVENT(s, EV_COMMAND, c);
	}
	assert_int_equal(store_sync(s, &err), -1);
	assert_non_null(strstr(err.text, path));
	for (uint32_t i = 1; i <= 60000; i++) {
		struct ev_command c = command(i);

		EVENT(s, EV_COMMAND, c);
	}
	err.text[0] = '\0';
	assert_int_equal(store_end(s, &err), -1);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	store_close(s);
}

static void live_rows_are_seen_soon(void **state UNUSED)
{
	struct store_run run = { .n_captures = 1, .live = true };
	struct store *s = begin(STORE_CREATE, &run), *r;
	struct ev_session e = session(1);
	int tries = 0;

	must(r = store_open(path, STORE_READ, &err));
	EVENT(s, EV_SESSION, e);
	while (strcmp(ask(r, "SELECT count(*) FROM sessions"), "1") != 0 && tries++ < 100)
		usleep(50000);
	assert_true(tries < 100);
	e.commands = 4;
	EVENT(s, EV_SESSION, e);
	must(store_sync(s, &err) == 0);
	assert_string_equal(ask(r, "SELECT commands FROM sessions"), "4");
	store_close(r);
	finish(s);
}

static void captures_are_found(void **state UNUSED)
{
	char file[80], key[96], other[96], moved[80];
	const char *keys[] = { key }, *found;
	struct store_run run = { .keys = keys, .n_captures = 1 };
	struct ev_capture cap = { .bytes = 3 };
	struct arena arena = { 0 };
	struct store *s;
	FILE *f;

	snprintf(file, sizeof(file), "%s/a.pcap", dir);
	snprintf(moved, sizeof(moved), "%s/moved", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("abc", f);
	fclose(f);
	must(store_capture_key(file, key, &err) == 0);
	/* SHA-256 of "abcabc": the first and the last MiB are the same three bytes here. */
	assert_string_equal(key, "3-bbb59da3af939f7af5f360f2ceb80a496e3bae1cd87dde426db0ae40677e1c2c");
	assert_int_equal(store_capture_key(dir, other, &err), -1);
	s = begin(STORE_CREATE, &run);
	cap.path = text(s, 1, file);
	EVENT(s, EV_CAPTURE, cap);
	finish(s);
	must(s = store_open(path, STORE_READ, &err));
	assert_int_equal(store_capture_path(s, 1, &arena, &found, &err), 1);
	assert_string_equal(found, file);
	assert_int_equal(store_capture_path(s, 2, &arena, &found, &err), 0);
	store_captures_dir(s, NULL);
	assert_int_equal(rename(file, moved), 0);
	assert_int_equal(store_capture_path(s, 1, &arena, &found, &err), -1);
	assert_non_null(strstr(err.text, "not there any more"));
	f = fopen(file, "w");
	assert_non_null(f);
	fputs("abd", f);
	fclose(f);
	assert_int_equal(store_capture_path(s, 1, &arena, &found, &err), -1);
	assert_non_null(strstr(err.text, "changed"));
	store_close(s);
	/* A live run's file has its key at the end. */
	run = (struct store_run){ .n_captures = 1, .live = true };
	s = begin(STORE_CREATE, &run);
	cap.path = text(s, 1, moved);
	EVENT(s, EV_CAPTURE, cap);
	must(store_end(s, &err) == 0);
	assert_int_equal(store_has_capture(s, key, &err), 1);
	store_close(s);
	arena_free(&arena);
}

static void the_schema_is_documented(void **state UNUSED)
{
	for (int manual = 0; manual < 2; manual++) {
		char *text_of = NULL;
		size_t n = 0;
		FILE *f = open_memstream(&text_of, &n);

		assert_non_null(f);
		store_schema(f, manual);
		fclose(f);
		for (unsigned i = 0; i < COUNT(promises); i++) {
			char head[64], columns[1024], *at, *save = NULL;

			snprintf(head, sizeof(head), manual ? ".SS %s\n" : "\n%s: one row", promises[i].view);
			at = strstr(text_of, head);
			assert_non_null(at);
			snprintf(columns, sizeof(columns), "%s", promises[i].columns);
			for (char *c = strtok_r(columns, " ", &save); c; c = strtok_r(NULL, " ", &save)) {
				at = strstr(at, c);
				if (!at)
					fail_msg("%s.%s is not documented", promises[i].view, c);
			}
		}
		free(text_of);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, new_path)
	const struct CMUnitTest tests[] = {
		TEST(views_are_the_promise), TEST(hot_table_is_narrow), TEST(rows_arrive), TEST(commands_arrive),
		TEST(many_commands_keep_their_values), TEST(messages_are_found_again), TEST(ids_continue_and_sets_go),
		TEST(named_sets_are_joined), TEST(foreign_files_are_refused), TEST(older_cases_are_brought_up_to_date),
		TEST(create_replaces), TEST(one_file_remains), TEST(readers_only_read), TEST(parameters_are_bound),
		TEST(promised_queries_have_their_plans), TEST(a_full_disk_is_told), TEST(live_rows_are_seen_soon),
		TEST(captures_are_found), TEST(the_schema_is_documented),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
