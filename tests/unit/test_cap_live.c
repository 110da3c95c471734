/* cap_filter, cap_devices, link names; cap_live on the loopback device where a raw socket may be opened. */
#include "test_cap.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>

#define PORT 44545

static void filter(void **state UNUSED)
{
	/* IPv4, TCP from port 445 to 1000, as bare IP; in front of it Ethernet or nothing. */
	static const uint8_t ethernet[14] = { [12] = 8 };
	static const uint8_t ip[40] = { 0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
					0x01, 0xbd, 0x03, 0xe8, [32] = 0x50 };
	static const struct { const char *text; bool matches; } rows[] = {
		{ "tcp port 445", true }, { "tcp", true }, { "host 10.0.0.2", true }, { "udp", false },
		{ "tcp port 139", false }, { "", true }, { "less 200", true }, { "greater 1000", false },
	};
	uint8_t framed[54];
	struct err err = { ERR_NONE, "" };

	memcpy(framed, ethernet, 14);
	memcpy(framed + 14, ip, 40);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cap_filter *f = cap_filter_compile(rows[i].text, &err);
		struct frame raw = { .data = ip, .caplen = 40, .origlen = 40, .link = 101 };
		struct frame eth = { .data = framed, .caplen = 54, .origlen = 54, .link = 1 };

		assert_non_null(f);
		assert_int_equal(err.code, ERR_NONE);
		for (int twice = 0; twice < 2; twice++) {
			assert_int_equal(cap_filter_match(f, &raw), rows[i].matches);
			assert_int_equal(cap_filter_match(f, &eth), rows[i].matches);
		}
		eth.caplen = 20;
		assert_int_equal(cap_filter_match(f, &eth), rows[i].matches && (i == 5 || i == 6));
		/* More link types than are kept: no fault. */
		for (uint16_t link = 0; link < 300; link++) {
			eth.link = link;
			cap_filter_match(f, &eth);
		}
		cap_filter_free(f);
	}
	assert_null(cap_filter_compile("tcp prt 445", &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_non_null(strstr(err.text, "tcp prt 445"));
	/* Wrong on Ethernet, right elsewhere. */
	err.code = ERR_NONE;
	cap_filter_free(cap_filter_compile("type mgt", &err));
	assert_int_equal(err.code, ERR_NONE);
}

static void link_names(void **state UNUSED)
{
	assert_string_equal(cap_link_name(1), "EN10MB");
	assert_string_equal(cap_link_name(101), "RAW");
	assert_string_equal(cap_link_name(113), "LINUX_SLL");
	assert_string_equal(cap_link_name(276), "LINUX_SLL2");
	assert_string_equal(cap_link_name(65000), "?");
}

static void count_device(void *arg, const char *name, const char *description, bool up UNUSED)
{
	assert_true(*name);
	assert_non_null(description);
	++*(int *)arg;
}

static void devices(void **state UNUSED)
{
	int n = 0;

	assert_int_equal(cap_devices(count_device, &n, NULL), 0);
	assert_true(n > 0);
}

static void send_datagrams(int n)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(PORT), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	for (int i = 0; i < n; i++)
		assert_int_equal(sendto(fd, "packet", 6, 0, (struct sockaddr *)&to, sizeof(to)), 6);
	close(fd);
}

struct run {
	struct cap_live *live;
	int result;
	struct err err;
};

static void *run(void *arg)
{
	struct run *r = arg;

	r->result = cap_live_run(r->live, &r->err);
	return NULL;
}

/* Opens a live capture on lo; skips the test where that is not allowed. */
static struct cap_live *open_live(char *path, uint64_t max_packets, uint32_t max_seconds)
{
	static const char *const lo[] = { "lo" };
	struct cap_live_options o = { .interfaces = lo, .n_interfaces = 1, .filter = "udp dst port 44545", .write_path = path,
				      .max_packets = max_packets, .max_seconds = max_seconds };
	struct err err = { ERR_NONE, "" };
	struct cap_live *l = cap_live_open(&o, &err);

	if (!l) {
		assert_non_null(strstr(err.text, "setcap cap_net_raw,cap_net_admin=eip /"));
		print_message("no right to capture here: %s\n", err.text);
		free(path);
		skip();
	}
	return l;
}

/* What is written is followed while it comes, and complete when the capture has been stopped. */
static void live(void **state UNUSED)
{
	char *path = temp_path("live");
	struct run r = { .live = open_live(path, 0, 0) };
	struct cap_file *f = cap_file_open(path, true, NULL);
	struct frame frame;
	pthread_t thread;
	uint64_t received, dropped;
	int n = 0;

	assert_non_null(f);
	assert_int_equal(cap_file_next(f, &frame, NULL), CAP_WAIT);
	assert_int_equal(pthread_create(&thread, NULL, run, &r), 0);
	usleep(50000);
	send_datagrams(100);
	for (int tries = 0; n < 100 && tries < 300; tries++) {
		enum cap_result result;

		while ((result = cap_file_next(f, &frame, NULL)) == CAP_FRAME)
			n++;
		assert_int_equal(result, CAP_WAIT);
		usleep(10000);
	}
	/* Sent and stopped at once: still in the file. */
	send_datagrams(50);
	cap_live_stop(r.live);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(r.result, 0);
	cap_live_counts(r.live, &received, &dropped);
	assert_int_equal(received, 150);
	assert_int_equal(dropped, 0);
	cap_live_close(r.live);
	cap_file_close(f);

	f = cap_file_open(path, false, NULL);
	assert_non_null(f);
	n = 0;
	while (cap_file_next(f, &frame, NULL) == CAP_FRAME) {
		n++;
		assert_int_equal(frame.link, 1);
		assert_int_equal(frame.caplen, 14 + 20 + 8 + 6);
		assert_true(frame.time_ns > INT64_C(1600000000000000000));
	}
	assert_int_equal(n, 150);
	assert_int_equal(cap_file_interfaces(f), 1);
	assert_string_equal(cap_file_interface(f, 0)->name, "lo");
	assert_int_equal(cap_file_interface(f, 0)->tick_ns, 1);
	assert_int_equal(cap_file_interface(f, 0)->dropped, 0);
	cap_file_close(f);
	unlink(path);
	free(path);
}

static void live_limits(void **state UNUSED)
{
	char *path = temp_path("limits");
	struct run r = { .live = open_live(path, 10, 0) };
	uint64_t received, dropped;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run, &r), 0);
	usleep(50000);
	send_datagrams(30);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(r.result, 0);
	cap_live_counts(r.live, &received, &dropped);
	assert_int_equal(received, 10);
	cap_live_close(r.live);

	r = (struct run){ .live = open_live(path, 0, 1) };
	run(&r);
	assert_int_equal(r.result, 0);
	cap_live_counts(r.live, &received, &dropped);
	assert_int_equal(received, 0);
	cap_live_close(r.live);
	unlink(path);
	free(path);
}

static void live_refused(void **state UNUSED)
{
	static const char *const none[] = { "no-such-device" };
	struct cap_live_options o = { .write_path = "/nowhere/at/all" };
	struct err err = { ERR_NONE, "" };

	assert_null(cap_live_open(&o, &err));
	assert_int_equal(err.code, ERR_USAGE);
	o.interfaces = none;
	o.n_interfaces = 1;
	assert_null(cap_live_open(&o, &err));
	assert_true(*err.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter), cmocka_unit_test(link_names), cmocka_unit_test(devices), cmocka_unit_test(live),
		cmocka_unit_test(live_limits), cmocka_unit_test(live_refused),
	};

	return cmocka_run_group_tests_name("cap_live", tests, NULL, NULL);
}
