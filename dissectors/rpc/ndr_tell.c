/* The tree of stub data, told to the listener.  C706 14, MS-RPCE 2.2.4. */
#include "auth/auth.h"
#include "dtyp/dtyp.h"
#include "ndr.h"
#include "rpc/parts.h"

/* RpcEnumPerMachineConnections returns PRINTER_INFO_4 (MS-RPRN). */
enum { CONNECTION_LEVEL = 4 };
/* Bytes of an NTLM_RESPONSE (MS-NLMP 2.2.2.6); a longer one is an NTLMv2_RESPONSE. */
enum { NTLM_RESPONSE = 24 };

static void tell(const struct ndr *n, const struct ndr_node *node);

static void tell_part(const struct ndr *n, const struct ndr_node *node)
{
	struct dx bytes = dx_open(n->d->run, n->d->src, node->off, node->len);
	bool group = fields[node->field].type == FT_NONE;

	if (!group) {              /* the bytes themselves are told too */
		dx_emit(&bytes, node->field, bytes.bytes + node->off, node->off, node->len, 0);
	} else {
		dx_push(&bytes, node->field);
	}
	switch (node->show) {
	case NDR_SHOW_sid:
		if (group)
			dtyp_sid(&bytes);
		else
			dtyp_sid_parts(&bytes);
		break;
	case NDR_SHOW_ntlm_response:
		if (node->len > NTLM_RESPONSE)
			(void)ntlmssp_v2_response(&bytes, &(struct smb_auth){ 0 });
		break;
	case NDR_SHOW_tower:
		epm_tower(&bytes);
		break;
	case NDR_SHOW_devmode:
		spoolss_devmode(&bytes);
		break;
	case NDR_SHOW_printer_data:
		spoolss_data(&bytes, n->level);
		break;
	case NDR_SHOW_printer_values:
		spoolss_values(&bytes, n->entries);
		break;
	case NDR_SHOW_connection_info:
		if (n->response)
			spoolss_info(&bytes, SPOOLSS_PRINTER, CONNECTION_LEVEL, n->entries);
		break;
	case NDR_SHOW_secdesc:
		dtyp_secdesc(&bytes);
		break;
	case NDR_SHOW_secdesc_printer:
		dtyp_secdesc_of(&bytes, RIGHTS_PRINTER);
		break;
	case NDR_SHOW_secdesc_key:
		dtyp_secdesc_of(&bytes, RIGHTS_KEY);
		break;
	default:
		/* What the request's buffer holds is left over from whatever. */
		if (node->show >= NDR_SHOW_printer_info && node->show <= NDR_SHOW_datatype_info && n->response)
			spoolss_info(&bytes, node->show - NDR_SHOW_printer_info, n->level, n->counted ? n->entries : 1);
	}
	if (!group)
		return;
	if (node->show == NDR_SHOW_sid)    /* a descriptor's parts stand where its offsets say */
		d_left(&bytes);
	d_pop_part(&bytes);
}

/* An array of numbers that is more than these: the fields follow the elements', in the order of idlc.c (put_whole). */
static void tell_whole(const struct ndr *n, const struct dx *at, const struct ndr_node *node)
{
	const uint8_t *p = at->bytes + node->off;
	unsigned type = n->level;

	if (node->show == NDR_SHOW_text) {
		dx_emit_as(at, node->field + 1, node->u ? FT_UTF16BE : FT_UTF16, p, node->off, node->len);
		return;
	}
	dx_emit_as(at, node->field + 1, FT_BYTES, p, node->off, node->len);
	if (((type == REG_DWORD || type == REG_DWORD_BIG_ENDIAN) && node->len == 4) || (type == REG_QWORD && node->len == 8))
		dx_emit(at, node->field + 2, p, node->off, node->len, ndr_load(p, node->len, type == REG_DWORD_BIG_ENDIAN));
	else if (type == REG_SZ || type == REG_EXPAND_SZ || type == REG_LINK || type == REG_MULTI_SZ)
		dx_emit_as(at, node->field + 3, FT_UTF16, p, node->off, node->len);
}

static void tell_node(const struct ndr *n, const struct ndr_node *node)
{
	struct dx at = *n->d;

	at.at = node->off;
	switch (node->what) {
	case NDR_VALUE:
		dx_emit(&at, node->field, at.bytes + node->off, node->off, node->len, node->u);
		break;
	case NDR_SPAN:
		if (node->len)
			dx_emit_as(&at, node->field, node->type, at.bytes + node->off, node->off, node->len);
		break;
	case NDR_ARRAY:
		if (node->show && node->len)
			tell_whole(n, &at, node);
		for (uint32_t i = 0; i < node->len; i += node->width)
			dx_emit(&at, node->field, at.bytes + node->off + i, node->off + i, node->width,
			        ndr_load(at.bytes + node->off + i, node->width, node->u));
		break;
	case NDR_PART:
		if (node->len)
			tell_part(n, node);
		break;
	default:
		dx_push(&at, node->field);
		tell(n, node->child);
		at.at += node->len;
		d_pop(&at);
	}
}

static void tell(const struct ndr *n, const struct ndr_node *node)
{
	for (; node; node = node->next)
		tell_node(n, node);
}

/* What is found wrong inside bytes of another specification is told, but changes nothing: without a listener they are not read. */
void ndr_tell(const struct ndr *n, const struct ndr_node *first)
{
	struct dx_run *run = n->d->run;
	const uint32_t flags = run->flags, high = run->high;
	const uint16_t note = run->note;

	tell(n, first);
	run->flags = flags;
	run->high = high;
	run->note = note;
}
