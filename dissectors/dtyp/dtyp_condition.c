/* What follows the SID in some ACEs: conditional expressions and resource attributes.  MS-DTYP 2.4.4.17, 2.4.10.1. */
#include "dtyp.h"

enum { ARTX = 0x78747261 };                  /* "artx" begins an expression, 2.4.4.17.4 */
enum { TYPE_INT64 = 1, TYPE_UINT64 = 2, TYPE_STRING = 3, TYPE_SID = 5, TYPE_BOOLEAN = 6, TYPE_OCTETS = 0x10 };

/* The value of a token, 2.4.4.17.5 and 2.4.4.17.8; operators have none.  Those in a composite are tokens, too. */
static void token(struct dx *d)
{
	unsigned code = (unsigned)d_get(d, condition_token);
	struct dx part;
	uint32_t len;

	switch (code) {
	case 0x01: d_get(d, condition_int8); break;
	case 0x02: d_get(d, condition_int16); break;
	case 0x03: d_get(d, condition_int32); break;
	case 0x04: d_get(d, condition_int64); break;
	case 0x50: d_get(d, condition_length); break;
	}
	if (code >= 0x01 && code <= 0x04) {
		d_get(d, condition_sign);
		d_get(d, condition_base);
	}
	if (code != 0x10 && code != 0x18 && code != 0x51 && (code < 0xf8 || code > 0xfb))
		return;
	len = (uint32_t)d_get(d, condition_length);
	if (!d_part(d, len, &part))
		return;
	switch (code) {
	case 0x10: d_tail(&part, condition_string); break;
	case 0x51: dtyp_sid(&part); break;
	case 0xf8: d_tail(&part, condition_local); break;
	case 0xf9: d_tail(&part, condition_user); break;
	case 0xfa: d_tail(&part, condition_resource); break;
	case 0xfb: d_tail(&part, condition_device); break;
	}
	d_tail(&part, condition_octets);
}

bool dtyp_condition(struct dx *d)
{
	if (d_peek(d, U32) != ARTX)
		return false;
	d_push(d, condition);
	d_bytes(d, condition_signature, 4);
	/* The padding to a multiple of 4 would be tokens of 0. */
	while (d_rest(d) && (d_rest(d) > 3 || d_peek(d, U8)) && d_more(d))
		token(d);
	d_tail(d, padding);
	d_pop(d);
	return true;
}

/* One of a claim's values, where its offset leads. */
static void value(struct dx *v, unsigned type)
{
	struct dx part;
	uint32_t len;

	switch (type) {
	case TYPE_INT64:
		d_get(v, claim_int64);
		return;
	case TYPE_UINT64:
		d_get(v, claim_uint64);
		return;
	case TYPE_BOOLEAN:
		d_get(v, claim_boolean);
		return;
	case TYPE_STRING:
		len = dtyp_wide(v);
		d_bytes(v, claim_string, len);
		return;
	case TYPE_SID:
	case TYPE_OCTETS:
		len = (uint32_t)d_get(v, claim_length);
		if (!d_part(v, len, &part))
			return;
		if (type == TYPE_SID)
			dtyp_sid(&part);
		d_tail(&part, claim_octets);
	}
}

void dtyp_claim(struct dx *d)
{
	uint32_t name, count, type, len = d->lim - d->base;
	struct dx part, whole = *d;

	d_push(d, claim);
	name = (uint32_t)d_get(d, claim_name_offset);
	type = (uint32_t)d_get(d, claim_type);
	d_get(d, claim_reserved);
	d_get(d, claim_flags);
	count = (uint32_t)d_get(d, claim_count);
	if (d_sub(d, name, name < len ? len - name : 1, &part))
		d_bytes(&part, claim_name, dtyp_wide(&part));
	while (d_each(d, &count)) {
		uint32_t off = (uint32_t)d_get(d, claim_value_offset);

		if (d_sub(&whole, off, off < len ? len - off : 1, &part))
			value(&part, type);
	}
	(void)d_part(d, d_rest(d), &part);      /* what is left are name and values */
	d_pop(d);
}

uint32_t dtyp_wide(const struct dx *d)
{
	uint32_t n = 0, there = d->end - d->at;

	while (n + 2 <= there && (d->bytes[d->at + n] || d->bytes[d->at + n + 1]))
		n += 2;
	return n + 2 <= there ? n + 2 : n + 2 <= d_rest(d) ? n + 2 : n;
}
