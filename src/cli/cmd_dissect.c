/* dissect: the messages, printed. */
#include "cli/cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/pipeline.h"
#include "show/detail.h"
#include "show/filter.h"
#include "show/sink.h"
#include "show/summary.h"
#include "store/store.h"

enum form { SUMMARY, TREE, PDML, JSON, FIELDS, NDJSON };

struct printer {
	enum form form;
	bool lines;
	struct arena arena;
	struct sink_tree tree;
	struct sink_fields *fields;
	struct fields_options fo;
	struct dx_run *run;
	struct filter *filter;         /* -Y; NULL: every frame is printed */
	FILE *out;                     /* standard output; with a filter what stands in buffer until the frame ends */
	char *buffer;
	size_t buffered;
	/* the messages of one frame stand together */
	bool packet_open, any;
	struct moment packet;
	/* -T json: objects printed of frames before, and of this one; a line for each, or an array of them */
	uint64_t objects;
	uint32_t in_frame;
	bool one_line;
};

static int form_of(const char *name, struct err *e)
{
	static const char *const names[] = { "summary", "tree", "pdml", "json", "fields", "ndjson" };

	for (size_t i = 0; name && i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (int)i;
	return name ? err_set(e, ERR_USAGE, "-T %s: not one of summary, tree, pdml, json, ndjson, fields", name) : SUMMARY;
}

/* The frame is whole: now the filter can say whether it is wanted. */
static void packet_close(struct printer *p)
{
	bool wanted;

	if (!p->packet_open)
		return;
	p->packet_open = false;
	wanted = !p->filter || filter_match(p->filter);
	p->any |= wanted;
	p->objects += wanted ? p->in_frame : 0;
	p->in_frame = 0;
	if (p->form == PDML)
		print_pdml_packet_close(p->out);
	else if (p->form == FIELDS && wanted)
		sink_fields_print(p->fields, p->out, &p->fo);
	else if (p->form == FIELDS)
		sink_fields_forget(p->fields);
	if (p->buffer) {
		fflush(p->out);
		if (wanted)
			fwrite(p->buffer, 1, p->buffered, stdout);
		fseeko(p->out, 0, SEEK_SET);
	}
	if (p->lines)
		fflush(stdout);
}

static bool in_packet(const struct printer *p, const struct pdu *pdu)
{
	return p->packet_open && p->packet.frame == pdu->last.frame && p->packet.capture == pdu->last.capture;
}

static void value(struct sink *to, enum field_id id, uint64_t u, const uint8_t *bytes, uint32_t n)
{
	struct fval v = { .id = id, .type = fields[id].type, .generated = true, .u = u, .p = bytes, .captured = n };

	to->value(to, &v);
}

static void addresses(struct sink *to, const struct tcp_flow *f, bool from_client)
{
	const struct addr *src = from_client ? &f->client : &f->server, *dst = from_client ? &f->server : &f->client;
	bool v4 = addr_is_v4(&f->client);
	uint32_t w;

	to->push(to, F_eth, 0, 0);
	value(to, F_eth_src, 0, from_client ? f->eth_client : f->eth_server, 6);
	value(to, F_eth_dst, 0, from_client ? f->eth_server : f->eth_client, 6);
	to->pop(to, 0);
	to->push(to, v4 ? F_ip : F_ipv6, 0, 0);
	if (v4) {
		memcpy(&w, src->bytes + 12, 4);
		value(to, F_ip_src, be32toh(w), src->bytes + 12, 4);
		memcpy(&w, dst->bytes + 12, 4);
		value(to, F_ip_dst, be32toh(w), dst->bytes + 12, 4);
	} else {
		value(to, F_ipv6_src, 0, src->bytes, 16);
		value(to, F_ipv6_dst, 0, dst->bytes, 16);
	}
	to->pop(to, 0);
	to->push(to, F_tcp, 0, 0);
	value(to, F_tcp_stream, f->id - 1, NULL, 0);
	value(to, F_tcp_srcport, from_client ? f->client_port : f->server_port, NULL, 0);
	value(to, F_tcp_dstport, from_client ? f->server_port : f->client_port, NULL, 0);
	to->pop(to, 0);
}

static bool is_frame_of(const struct frame *now, const struct pdu *pdu)
{
	return now && now->number == pdu->last.frame && now->capture == pdu->last.capture;
}

/* What the frame says: for -T fields and -Y told once for each frame, for -T json with each message.
 * A message of a case has no flow and no frame at hand. */
static void frame_values(struct sink *to, const struct tcp_flow *f, const struct pdu *pdu, const struct frame *now)
{
	to->push(to, F_frame, 0, 0);
	value(to, F_frame_number, pdu->last.frame, NULL, 0);
	value(to, F_frame_time_epoch, (uint64_t)pdu->last.time_ns, NULL, 0);
	if (is_frame_of(now, pdu))
		value(to, F_frame_len, now->origlen, NULL, 0);
	to->pop(to, 0);
	if (f)
		addresses(to, f, pdu->direction == FROM_CLIENT);
}

static void packet_open(struct printer *p, const struct pdu *pdu, const struct frame *now)
{
	bool here = is_frame_of(now, pdu);
	struct pdml_frame f = { pdu->last.frame, here ? now->origlen : 0, here ? now->caplen : 0, pdu->last.time_ns };

	packet_close(p);
	p->packet_open = true;
	p->packet = pdu->last;
	if (p->form == PDML)
		print_pdml_packet_open(p->out, &f);
}

/* Where a PDU within one frame starts in it; 0 where it does not lie in the frame at hand. */
static uint32_t position(const struct pdu *pdu, const struct frame *now)
{
	const struct slice *s = pdu->slices;

	return pdu->n_slices == 1 && now && s->capture == now->capture && s->at >= now->at && s->at < now->at + now->caplen
	       ? (uint32_t)(s->at - now->at) : 0;
}

/* A message as an object, what its frame says first; all objects are an array, or one a line. */
static void print_object(struct printer *p, struct node *root, const struct tcp_flow *flow, const struct pdu *pdu, const struct frame *now)
{
	struct sink_tree around;

	sink_tree_init(&around, &p->arena, NULL);
	frame_values(&around.sink, flow, pdu, now);
	tree_join(&around.root, root);
	if (!p->one_line)
		fputs(p->objects + p->in_frame ? ",\n" : "\n", p->out);
	p->in_frame++;
	print_json(p->out, &around.root, p->one_line);
}

static void print(struct printer *p, struct node *root, const struct tcp_flow *flow, const struct pdu *pdu, const struct frame *now)
{
	switch (p->form) {
	case SUMMARY:
		print_summary(p->out, root, flow, pdu);
		break;
	case TREE:
		print_frame_line(p->out, flow, pdu);
		print_tree(p->out, root);
		putc('\n', p->out);
		break;
	case JSON:
		print_object(p, root, flow, pdu, now);
		break;
	default:
		print_pdml(p->out, root, position(pdu, now));
	}
	if (p->lines)
		fflush(p->out);
}

static void after(void *arg, const struct tcp_flow *flow, const struct pdu *pdu, const struct frame *now, struct dx_run *run)
{
	struct printer *p = arg;

	/* The fields of the PDU have been told already: a new frame's own come behind them. */
	if (!in_packet(p, pdu)) {
		packet_open(p, pdu, now);
		if (p->form == FIELDS)
			frame_values(run->sink, flow, pdu, now);
		else if (p->filter)
			frame_values(filter_sink(p->filter), flow, pdu, now);
		if (p->filter && is_frame_of(now, pdu))
			filter_frame(p->filter, now->data, now->caplen);
	}
	if (p->form == FIELDS)
		return;
	print(p, tree_end(&p->tree), flow, pdu, now);
	arena_reset(&p->arena);
	sink_tree_init(&p->tree, &p->arena, p->run);
}

/* Before a PDU of another frame tells its fields, the frame before is done. */
static void before(void *arg, const struct pdu *pdu)
{
	struct printer *p = arg;

	if (!in_packet(p, pdu))
		packet_close(p);
}

static int from_captures(const struct args *a, struct printer *p, struct err *e)
{
	struct pipeline_options o = {
		.paths = a->files, .n_paths = a->n_files, .filter = a->filter, .from_ns = a->from_ns, .to_ns = a->to_ns,
		.ports = a->ports, .n_ports = a->n_ports, .any_port = a->any_port, .before = before, .after = after, .arg = p,
	};
	struct pipeline *pipe;
	int result;

	o.sink = p->form == FIELDS ? sink_fields_sink(p->fields) : &p->tree.sink;
	if (p->filter)
		o.sink = filter_tee(p->filter, o.sink);
	pipe = pipeline_open(&o, e);
	if (!pipe)
		return -1;
	p->run = pipeline_run_of(pipe);
	if (p->filter)
		filter_run(p->filter, p->run);
	sink_tree_init(&p->tree, &p->arena, p->run);
	result = pipeline_run(pipe, e);
	packet_close(p);
	pipeline_close(pipe);
	return result;
}

static void fields_of_tree(struct sink *to, const struct node *n)
{
	for (; n; n = n->next) {
		if (!n->note)
			to->value(to, &n->v);
		fields_of_tree(to, n->child);
	}
}

/* A message of the case: its tree was made by detail_load. */
static void stored(struct printer *p, struct detail *d)
{
	struct pdu pdu = { .last = { .time_ns = d->stored.time_ns, .frame = d->stored.frame } };
	struct sink *listeners[] = { p->form == FIELDS ? sink_fields_sink(p->fields) : NULL, p->filter ? filter_sink(p->filter) : NULL };
	bool new;

	before(p, &pdu);
	new = !in_packet(p, &pdu);
	if (new)
		packet_open(p, &pdu, NULL);
	for (size_t i = 0; i < COUNT(listeners); i++) {
		if (!listeners[i])
			continue;
		fields_of_tree(listeners[i], d->root->child);
		if (new)
			frame_values(listeners[i], NULL, &pdu, NULL);
	}
	if (p->form != FIELDS)
		print(p, d->root, NULL, &pdu, NULL);
	arena_reset(&p->arena);
}

static int from_case(const struct args *a, struct printer *p, struct err *e)
{
	struct store *st = store_open(a->files[0], STORE_READ, e);
	struct detail_captures *caps = NULL;
	struct store_query *q = NULL;
	struct detail d = { 0 };
	char *sql;
	int got = -1;

	if (!st)
		return -1;
	if (a->captures)
		store_captures_dir(st, a->captures);
	sql = xmalloc(strlen(a->where) + 128);
	snprintf(sql, strlen(a->where) + 128, "SELECT command_id FROM commands WHERE (%s) ORDER BY command_id", a->where);
	q = store_query(st, sql, e);
	caps = detail_captures_new(st);
	while (q && (got = store_step(q, e)) > 0)
		for (int response = 0; response < 2 && got > 0; response++) {
			int loaded = detail_load(caps, store_int(q, 0), response, &d, e);

			if (loaded < 0)
				got = -1;
			else if (loaded)
				stored(p, &d);
		}
	packet_close(p);
	detail_free(&d);
	detail_captures_free(caps);
	store_done(q);
	store_close(st);
	free(sql);
	return q ? got : -1;
}

/* The message, the filter, and a caret below the place. */
static int complain_filter(const struct err *e, const char *text, uint32_t where)
{
	uint32_t column = 0;

	fprintf(stderr, "smbscope: %s\n    ", e->text);
	for (uint32_t i = 0; text[i]; i++) {
		fputc((unsigned char)text[i] < ' ' ? ' ' : text[i], stderr);
		column += i < where && (text[i] & 0xc0) != 0x80;
	}
	fprintf(stderr, "\n    %*s^\n", (int)column, "");
	return EXIT_WRONG_USAGE;
}

static void printer_free(struct printer *p)
{
	if (p->filter && filter_cut(p->filter))
		fprintf(stderr, "smbscope: %" PRIu64 " frames held more values than a filter looks at\n", filter_cut(p->filter));
	if (p->out && p->out != stdout)
		fclose(p->out);
	free(p->buffer);
	filter_free(p->filter);
	sink_fields_free(p->fields);
	arena_free(&p->arena);
}

int cmd_dissect(const struct args *a)
{
	struct printer p = { .lines = a->lines, .fo = { .separator = '\t', .aggregator = ',', .occurrence = 'a' } };
	struct err e = { 0 };
	uint32_t where = 0;
	int form = form_of(a->type, &e), result = form < 0 ? -1 : 0;

	if (!a->n_files)
		result = err_set(&e, ERR_USAGE, "dissect needs a capture, or a case with --where; see smbscope dissect --help");
	else if (a->where && a->n_files != 1)
		result = err_set(&e, ERR_USAGE, "dissect --where takes one case");
	else if ((form == FIELDS) != (a->n_fields > 0) && form >= 0)
		result = err_set(&e, ERR_USAGE, form == FIELDS ? "-T fields needs fields: -e FIELD" : "-e FIELD goes with -T fields");
	for (uint32_t i = 0; i < a->n_settings && !result; i++)
		result = sink_fields_option(&p.fo, a->settings[i], &e);
	if (!result && form == FIELDS && !(p.fields = sink_fields_new(a->fields, a->n_fields, &e)))
		result = -1;
	if (!result && a->display_filter && !(p.filter = filter_compile(a->display_filter, &e, &where))) {
		printer_free(&p);
		return complain_filter(&e, a->display_filter, where);
	}
	if (result) {
		printer_free(&p);
		return complain(&e);
	}
	p.one_line = form == NDJSON || p.lines;
	p.form = form == NDJSON ? JSON : (enum form)form;
	p.out = stdout;
	if (p.filter && p.form != FIELDS && !(p.out = open_memstream(&p.buffer, &p.buffered))) {
		perror("smbscope");
		printer_free(&p);
		return EXIT_INPUT;
	}
	fflush(p.out);
	if (form == PDML)
		print_pdml_begin(stdout);
	if (p.form == JSON && !p.one_line)
		fputc('[', stdout);
	if (form == FIELDS)
		sink_fields_header(p.fields, stdout, &p.fo);
	result = a->where ? from_case(a, &p, &e) : from_captures(a, &p, &e);
	if (form == PDML)
		print_pdml_end(stdout);
	if (p.form == JSON && !p.one_line)
		fputs("]\n", stdout);
	fflush(stdout);
	printer_free(&p);
	if (result < 0)
		return complain(&e);
	return (a->where || a->display_filter) && !p.any ? EXIT_NO : EXIT_DONE;
}
