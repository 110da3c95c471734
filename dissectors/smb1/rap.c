/* Remote Administration Protocol: calls by \PIPE\LANMAN, whose parameters and data are laid out by descriptor
 * strings that the request carries.  MS-RAP 2.5.1 to 2.5.9. */
#include "smb1_trans.h"

/* asked.detail of a call: what its answer's parameters have, and the row of its data. */
enum { HAS_COUNT = 0x80, HAS_AVAILABLE = 0x40, ROW = 0x3f };
enum { ANY = 0xffff, STRUCTURE_FIELDS = 22 };

/* Which field the words, double words, strings and byte runs of a call's parameters are, in their order. */
static const struct call {
	uint16_t function;
	enum field_id fields[4];
} calls[] = {
	{ 0, { F_rap_level } }, { 1, { F_rap_share_name, F_rap_level } }, { 2, { F_rap_share_name, F_rap_level } },
	{ 3, { F_rap_level } }, { 4, { F_rap_share_name } },
	{ 13, { F_rap_level } }, { 47, { F_rap_level } }, { 52, { F_rap_group, F_rap_level } }, { 53, { F_rap_level } },
	{ 56, { F_rap_user, F_rap_level } }, { 59, { F_rap_user, F_rap_level } }, { 63, { F_rap_level } },
	{ 69, { F_rap_level } }, { 70, { F_rap_queue_name, F_rap_level } }, { 76, { F_rap_queue_name, F_rap_level } },
	{ 77, { F_rap_job_id, F_rap_level } }, { 104, { F_rap_level, F_rap_server_type, F_rap_domain } },
	{ 115, { F_rap_user, F_rap_old_password, F_rap_new_password } },
	{ 215, { F_rap_level, F_rap_server_type, F_rap_domain, F_rap_last_entry } },
};

/* Structures by their descriptor; where two functions share one for different things, the function tells. */
static const struct structure {
	uint16_t function;
	const char *desc;
	const char *aux;                /* of what follows an entry, as often as its N says */
	enum field_id fields[STRUCTURE_FIELDS];
} structures[] = {
	{ ANY, "B13", NULL, { F_rap_share_name } },
	{ ANY, "B13BWz", NULL, { F_rap_share_name, F_padding, F_rap_share_type, F_rap_share_comment } },
	{ ANY, "B13BWzWWWzB9B", NULL, { F_rap_share_name, F_padding, F_rap_share_type, F_rap_share_comment,
	  F_rap_share_permissions, F_rap_share_max, F_rap_share_uses, F_rap_share_path, F_rap_share_password, F_padding } },
	{ ANY, "B16", NULL, { F_rap_server_name } },
	{ ANY, "B16BBDz", NULL, { F_rap_server_name, F_rap_server_major, F_rap_server_minor, F_rap_server_type,
	  F_rap_server_comment } },
	{ 47, "B21", NULL, { F_rap_group } },
	{ 59, "B21", NULL, { F_rap_group } },
	{ ANY, "B21", NULL, { F_rap_user } },
	{ 47, "B21Bz", NULL, { F_rap_group, F_padding, F_rap_comment } },
	{ ANY, "B21BB16DWzzWz", NULL, { F_rap_user, F_padding, F_rap_password, F_rap_password_age, F_rap_privilege,
	  F_rap_homedir, F_rap_comment, F_rap_user_flags, F_rap_script } },
	{ ANY, "B21Bzzz", NULL, { F_rap_user, F_padding, F_rap_comment, F_rap_user_comment, F_rap_full_name } },
	{ ANY, "B21BzzzWDDzzDDWWzWzDWb21W", NULL, { F_rap_user, F_padding, F_rap_comment, F_rap_user_comment,
	  F_rap_full_name, F_rap_privilege, F_rap_operator, F_rap_password_age, F_rap_homedir, F_rap_parameters,
	  F_rap_last_logon, F_rap_last_logoff, F_rap_bad_pw, F_rap_logons, F_rap_logon_server, F_rap_country,
	  F_rap_workstations, F_rap_max_storage, F_rap_units, F_rap_logon_hours, F_rap_code_page } },
	{ ANY, "zzzBBzz", NULL, { F_rap_computer, F_rap_user, F_rap_wksta_domain, F_rap_wksta_major, F_rap_wksta_minor,
	  F_rap_logon_domain, F_rap_other_domains } },
	{ ANY, "DDBBBBWWBBWB", NULL, { F_rap_current_time, F_rap_msecs, F_rap_hour, F_rap_minute, F_rap_second,
	  F_rap_hundredths, F_rap_tzoffset, F_rap_interval, F_rap_day, F_rap_month, F_rap_year, F_rap_weekday } },
	{ ANY, "zzWWWDDDz", NULL, { F_rap_computer, F_rap_user, F_rap_session_conns, F_rap_session_opens,
	  F_rap_session_users, F_rap_session_time, F_rap_session_idle, F_rap_session_flags, F_rap_session_client } },
	{ ANY, "B13BWWWzzzzzWW", NULL, { F_rap_queue_name, F_padding, F_rap_queue_priority, F_rap_queue_start,
	  F_rap_queue_until, F_rap_queue_separator, F_rap_queue_processor, F_rap_queue_destinations,
	  F_rap_queue_parameters, F_rap_queue_comment, F_rap_queue_status, F_rap_queue_jobs } },
	{ ANY, "B13BWWWzzzzzWN", "WB21BB16B10zWWzDDz", { F_rap_queue_name, F_padding, F_rap_queue_priority,
	  F_rap_queue_start, F_rap_queue_until, F_rap_queue_separator, F_rap_queue_processor, F_rap_queue_destinations,
	  F_rap_queue_parameters, F_rap_queue_comment, F_rap_queue_status, F_rap_aux_count } },
	{ ANY, "zWWWWzzzzWWzzl", NULL, { F_rap_queue_name, F_rap_queue_priority, F_rap_queue_start, F_rap_queue_until,
	  F_rap_word, F_rap_queue_separator, F_rap_queue_processor, F_rap_queue_parameters, F_rap_queue_comment,
	  F_rap_queue_status, F_rap_queue_jobs, F_rap_queue_printers, F_rap_queue_driver } },
	{ ANY, "WB21BB16B10zWWzDDz", NULL, { F_rap_job_id, F_rap_job_user, F_padding, F_rap_job_notify, F_rap_job_type,
	  F_rap_queue_parameters, F_rap_job_position, F_rap_job_status, F_rap_job_text, F_rap_job_submitted,
	  F_rap_job_size, F_rap_job_document } },
	{ ANY, "WWzWWDDzz", NULL, { F_rap_job_id, F_rap_queue_priority, F_rap_job_user, F_rap_job_position,
	  F_rap_job_status, F_rap_job_submitted, F_rap_job_size, F_rap_queue_comment, F_rap_job_document } },
};

static bool same(struct span s, const char *text)
{
	return span_eq(s, text, strlen(text));
}

/* Row + 1 of a descriptor; 0: none. */
static unsigned structure_of(unsigned function, struct span desc)
{
	for (unsigned i = 0; i < COUNT(structures); i++)
		if ((structures[i].function == function || structures[i].function == ANY) && same(desc, structures[i].desc))
			return i + 1;
	return 0;
}

/* The number behind a descriptor's letter, 1 where there is none; *at stands behind it. */
static uint32_t times(struct span desc, uint32_t *at)
{
	uint32_t n = 0;

	while (*at < desc.len && desc.p[*at] >= '0' && desc.p[*at] <= '9' && n < 0x10000)
		n = 10 * n + desc.p[(*at)++] - '0';
	return n ? n : 1;
}

/* n bytes as a field of whatever type: a number where the width is that, else text or bytes. */
static void item(struct dx *d, enum field_id id, enum field_id number, uint32_t n)
{
	unsigned type = fields[id].type;

	if (FT_WIDTH(type) && FT_WIDTH(type) == n)
		(void)dx_uint(d, id, type);
	else if (id && !FT_WIDTH(type))
		(void)dx_span(d, id, min_u32(n, d_rest(d)));
	else if (FT_WIDTH(fields[number].type) == n)
		(void)dx_uint(d, number, fields[number].type);
	else
		d_bytes(d, rap_bytes, min_u32(n, d_rest(d)));
}

/* The request's parameters by their descriptor (MS-RAP 2.5.1.1); letters of the answer have no bytes here. */
static void parameters(struct dx *p, struct span desc, const enum field_id *id)
{
	for (uint32_t i = 0, n; i < desc.len && d_more(p);) {
		uint8_t letter = desc.p[i++];

		n = times(desc, &i);
		switch (letter) {
		case 'W': case 'P':
			item(p, *id, F_rap_word, 2);
			break;
		case 'D':
			item(p, *id, F_rap_dword, 4);
			break;
		case 'b': case 'B':
			item(p, *id, F_rap_byte, n);
			break;
		case 'z':
			(void)dx_string(p, *id && fields[*id].type == FT_OEM ? *id : F_rap_string, false);
			break;
		case 'L':
			d_get(p, rap_recv_len);
			continue;
		case 'T':
			d_get(p, rap_send_len);
			continue;
		case 'O':               /* a null pointer stands for a parameter */
			break;
		default:
			continue;
		}
		if (*id)
			id++;
	}
}

void rap_request(struct dx *p, struct smb_msg *m)
{
	static const enum field_id unnamed[1] = { F__none };
	const enum field_id *id = unnamed;
	enum field_id ids[5] = { F__none };
	struct span params, data;
	uint32_t function = (uint32_t)d_get(p, rap_function);

	for (size_t i = 0; i < COUNT(calls); i++)
		if (calls[i].function == function) {
			memcpy(ids, calls[i].fields, sizeof(calls[i].fields));
			id = ids;
		}
	params = d_oem(p, rap_param_desc);
	data = d_oem(p, rap_ret_desc);
	m->asked.code = RAP_CALL | function;
	m->asked.detail = (uint8_t)(structure_of(function, data) & ROW);
	for (uint32_t i = 0; i < params.len; i++) {
		m->asked.detail |= params.p[i] == 'e' ? HAS_COUNT : 0;
		m->asked.detail |= params.p[i] == 'h' ? HAS_AVAILABLE : 0;
	}
	parameters(p, params, id);
	if (d_rest(p))
		(void)d_oem(p, rap_aux_desc);
}

void rap_answer(struct dx *p, struct smb_msg *m)
{
	d_get(p, rap_status);
	d_get(p, rap_convert);
	if (m->asked.detail & HAS_COUNT)
		d_get(p, rap_entry_count);
	/* Of one structure the bytes are told, of a list its entries (MS-RAP 2.5.5.1, 2.5.5.2). */
	if ((m->asked.detail & HAS_AVAILABLE) && (m->asked.detail & HAS_COUNT))
		d_get(p, rap_available_count);
	else if (m->asked.detail & HAS_AVAILABLE)
		d_get(p, rap_available_bytes);
	while (d_rest(p) >= 2 && d_more(p))
		d_get(p, rap_word);
}

/* The answer's data as what pointers lead into, and how far they led. */
struct heap {
	const struct dx *whole;
	uint32_t convert, end;
};

/* What the low half of a pointer leads to: `convert` less is the offset in the data (MS-RAP 2.5.1.2). */
static void pointed(struct dx *d, struct heap *h, enum field_id id, uint32_t n)
{
	uint32_t at = (uint32_t)d_get(d, rap_pointer) & 0xffff, len = h->whole->lim - h->whole->base;
	struct dx part;

	if (!at || at < h->convert || at - h->convert >= len ||
	    !d_sub(h->whole, at - h->convert, len - (at - h->convert), &part))
		return;
	if (n)
		(void)dx_span(&part, id, min_u32(n, d_rest(&part)));
	else
		(void)dx_string(&part, id && fields[id].type == FT_OEM ? id : F_rap_string, false);
	if (part.at > h->end)
		h->end = part.at;
}

/* One entry; returns how many auxiliary ones follow. */
static uint32_t entry(struct dx *d, struct heap *h, const struct structure *s)
{
	const struct span desc = { (const uint8_t *)s->desc, (uint32_t)strlen(s->desc) };
	const enum field_id *id = s->fields;
	uint32_t aux = 0, n;

	for (uint32_t i = 0; i < desc.len; id++) {
		uint8_t letter = desc.p[i++];

		n = times(desc, &i);
		switch (letter) {
		case 'W': item(d, *id, F_rap_word, 2); break;
		case 'D': item(d, *id, F_rap_dword, 4); break;
		case 'B': item(d, *id, F_rap_byte, n); break;
		case 'N': aux = (uint32_t)d_get(d, rap_aux_count); break;
		case 'b': pointed(d, h, *id, n); break;
		case 'z': pointed(d, h, *id, 0); break;
		case 'l': d_get(d, rap_pointer); break;
		}
	}
	return aux;
}

void rap_answer_data(struct dx *d, const struct dx *p, struct smb_msg *m)
{
	const struct structure *s, *aux = NULL;
	struct dx whole = *d;
	struct heap heap = { .whole = &whole };
	uint32_t row = m->asked.detail & ROW, n = 1, more, i;

	if (!row || row > COUNT(structures) || p->end - p->at < (m->asked.detail & HAS_COUNT ? 6 : 4)) {
		d_tail(d, rap_no_desc);
		return;
	}
	s = &structures[row - 1];
	i = s->aux ? structure_of(ANY, (struct span){ (const uint8_t *)s->aux, (uint32_t)strlen(s->aux) }) : 0;
	if (i)
		aux = &structures[i - 1];
	heap.convert = (uint32_t)dx_load(p->bytes + p->at + 2, FT_U16);
	if (m->asked.detail & HAS_COUNT)
		n = (uint32_t)dx_load(p->bytes + p->at + 4, FT_U16);
	while (n-- && d_rest(d) && d_more(d)) {
		d_push(d, rap_entry);
		more = entry(d, &heap, s);
		d_pop(d);
		while (aux && more-- && d_rest(d) && d_more(d)) {
			d_push(d, rap_aux_entry);
			(void)entry(d, &heap, aux);
			d_pop(d);
		}
	}
	/* Behind the entries lie the strings, which were read where the pointers led. */
	if (heap.end > d->at)
		(void)d_part(d, heap.end - d->at, &whole);
}
