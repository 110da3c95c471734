/* One line for each message. */
#include "show/summary.h"

#include "dissectors/names.h"

/* The first value of a field anywhere under a node, in order. */
static const struct node *find(const struct node *n, enum field_id id)
{
	const struct node *got;

	for (n = n->child; n; n = n->next) {
		if (!n->note && n->v.id == id)
			return n;
		if ((got = find(n, id)))
			return got;
	}
	return NULL;
}

/* Fields worth a place in the line, in the order they stand in it. */
static const enum field_id told[] = {
	F_smb2_filename, F_tree_path, F_find_pattern, F_smb1_file, F_smb1_path, F_auth_user,
};

void summary_text(char *out, size_t size, const struct node *proto)
{
	const struct node *cmd, *flags, *status, *f;
	struct text_out o = text_begin(out, size);
	bool two = proto->v.id == F_smb2, response;

	cmd = find(proto, two ? F_smb2_cmd : F_smb1_cmd);
	flags = find(proto, two ? F_smb2_flags_response : F_smb1_flags_response);
	if (!cmd) {
		text_puts(&o, fields[proto->v.id].label);
		text_end(&o);
		return;
	}
	response = flags && flags->v.u;
	text_puts(&o, (two ? name_smb2_command(cmd->v.u) : name_smb1_command(cmd->v.u))
	              ? (two ? name_smb2_command(cmd->v.u) : name_smb1_command(cmd->v.u)) : "unknown command");
	text_puts(&o, response ? " response" : " request");
	for (size_t i = 0; i < COUNT(told); i++)
		if ((f = find(proto, told[i])) && (f->v.generated || f->v.len)) {
			text_puts(&o, " ");
			show_add(&o, &f->v, TEXT_TERMINAL);
		}
	status = find(proto, two ? F_smb2_nt_status : F_smb1_nt_status);
	if (response && status && status->v.u) {
		const char *name = name_ntstatus(status->v.u);

		text_puts(&o, ", ");
		if (name)
			text_puts(&o, name);
		else
			text_hexn(&o, status->v.u, 8);
	}
	text_end(&o);
}

static void ends(struct text_out *o, const struct tcp_flow *f, const struct pdu *pdu)
{
	char a[46];

	for (int side = 0; side < 2; side++) {
		bool client = (side == 0) == (pdu->direction == FROM_CLIENT);

		addr_text(client ? &f->client : &f->server, a);
		text_puts(o, addr_is_v4(client ? &f->client : &f->server) ? "" : "[");
		text_puts(o, a);
		text_puts(o, addr_is_v4(client ? &f->client : &f->server) ? ":" : "]:");
		text_dec(o, client ? f->client_port : f->server_port);
		text_puts(o, side ? "" : " -> ");
	}
}

static void prefix(struct text_out *o, const struct tcp_flow *f, const struct pdu *pdu)
{
	char time[TEXT_TIME_SIZE];

	text_time(time, sizeof(time), pdu->last.time_ns);
	text_puts(o, time);
	if (f) {
		text_puts(o, " ");
		ends(o, f, pdu);
	}
}

void print_frame_line(FILE *out, const struct tcp_flow *f, const struct pdu *pdu)
{
	char line[256];
	struct text_out o = text_begin(line, sizeof(line));

	prefix(&o, f, pdu);
	text_end(&o);
	fprintf(out, "Frame %u, %s\n", pdu->last.frame, line);
}

void print_summary(FILE *out, const struct node *root, const struct tcp_flow *f, const struct pdu *pdu)
{
	char before[256], text[1024];
	bool alone = root->child && !root->child->next;   /* a session packet without a message */

	for (const struct node *n = root->child; n; n = n->next) {
		struct text_out o = text_begin(before, sizeof(before));
		const char *protocol = n->v.id == F_smb2 ? "SMB2" : n->v.id == F_smb1 ? "SMB" : n->v.id == F_nbss ? "NBSS" : NULL;

		if (n->note || !protocol || (n->v.id == F_nbss && !alone))
			continue;
		prefix(&o, f, pdu);
		text_end(&o);
		if (n->v.id == F_nbss) {
			const struct node *type = find(n, F_nbss_type);

			snprintf(text, sizeof(text), "%s", type && fields[F_nbss_type].name && fields[F_nbss_type].name(type->v.u)
			         ? fields[F_nbss_type].name(type->v.u) : "session packet");
		} else {
			summary_text(text, sizeof(text), n);
		}
		fprintf(out, "%6u %s %-4s %s\n", pdu->last.frame, before, protocol, text);
	}
}
