/* What is learned of each address: names, system, clock. */
#include "session/track_private.h"

#include <stdlib.h>

#include "base/limits.h"

struct host {
	struct map_node node;
	struct addr addr;          /* the key */
	struct ev_host row;
};

static void host_end(struct track *t, struct host *h)
{
	h->row.host = intern_addr(t, &h->addr);
	t->events->put(t->events, EV_HOST, &h->row, sizeof(h->row), NULL, 0);
	map_remove(&t->hosts, h);
	free(h);
}

static struct host *host_get(struct track *t, const struct addr *a)
{
	struct host *h;

	if (!t->hosts.key_len)
		map_init(&t->hosts, offsetof(struct host, addr), sizeof(struct addr));
	h = map_find(&t->hosts, a);
	if (h) {
		map_touch(&t->hosts, h);
		return h;
	}
	/* Nothing is given up by it: what is learned of the host later is a row of its own, and the view joins them. */
	if (map_count(&t->hosts) >= LIMIT_HOSTS)
		host_end(t, map_oldest(&t->hosts));
	h = xcalloc(1, sizeof(*h));
	h->addr = *a;
	h->row.skew_us = EV_NULL;
	map_insert(&t->hosts, h);
	return h;
}

void host_seen(struct track *t, const struct addr *a, int64_t time_ns, const struct ev_host *row)
{
	struct host *h;

	if (!t->events)
		return;
	h = host_get(t, a);
	if (!h->row.first_time_ns || time_ns < h->row.first_time_ns)
		h->row.first_time_ns = time_ns;
	if (time_ns > h->row.last_time_ns)
		h->row.last_time_ns = time_ns;
	if (row->netbios_name)
		h->row.netbios_name = row->netbios_name;
	if (row->dns_name)
		h->row.dns_name = row->dns_name;
	if (row->domain)
		h->row.domain = row->domain;
	if (row->os)
		h->row.os = row->os;
	if (row->guid)
		h->row.guid = row->guid;
	if (row->skew_us != EV_NULL)
		h->row.skew_us = row->skew_us;
}

int64_t clock_skew_us(int64_t told_ns, int64_t seen_ns)
{
	int64_t ns;

	/* A server may tell any 64 bits for its time. */
	return __builtin_sub_overflow(told_ns, seen_ns, &ns) ? EV_NULL : ns / 1000;
}

/* In the order of addresses: that of use would depend on how connections overlap. */
static int by_address(const void *a, const void *b)
{
	return memcmp(&(*(struct host *const *)a)->addr, &(*(struct host *const *)b)->addr, sizeof(struct addr));
}

void hosts_put(struct track *t)
{
	uint32_t n = map_count(&t->hosts), i = 0;
	struct host **all = n ? xmalloc(n * sizeof(*all)) : NULL;

	for (struct host *h = map_oldest(&t->hosts); h; h = map_newer(h))
		all[i++] = h;
	if (n)
		qsort(all, n, sizeof(*all), by_address);
	for (i = 0; i < n; i++)
		host_end(t, all[i]);
	free(all);
	map_free(&t->hosts);
}
