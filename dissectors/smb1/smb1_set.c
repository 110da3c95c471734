/* What TRANS2_SET_PATH_INFORMATION and TRANS2_SET_FILE_INFORMATION change: the facts of their data.
 * MS-CIFS 2.2.8.4, MS-FSCC 2.4.7, 2.4.11, 2.4.14, 2.4.42.1. */
#include "smb1_trans.h"

static uint64_t next64(struct dx *d)
{
	const uint8_t *p = dx_take(d, 8);

	return p ? dx_load(p, FT_U64) : 0;
}

static uint32_t next32(struct dx *d)
{
	const uint8_t *p = dx_take(d, 4);

	return p ? (uint32_t)dx_load(p, FT_U32) : 0;
}

static void basic(struct dx *d, struct smb_msg *m)
{
	struct smb_meta *meta = &m->u.set.meta;

	meta->created = next64(d);
	meta->accessed = next64(d);
	meta->modified = next64(d);
	meta->changed = next64(d);
	meta->attributes = next32(d);
	meta->known = true;
	m->u.set.change = CHANGE_BASIC;
}

/* ReplaceIfExists and three bytes, RootDirectory of 4 bytes, the name's length and the name. */
static void new_name(struct dx *d, struct smb_msg *m)
{
	uint32_t len;

	(void)next64(d);
	len = min_u32(next32(d), d->end - d->at);
	m->u.set.to = smb1_text(d, (struct span){ d->bytes + d->at, len });
	m->u.set.change = CHANGE_RENAME;
}

void smb1_set_facts(const struct dx *data, struct smb_msg *m)
{
	struct dx d = *data;
	uint32_t need;

	switch (m->asked.level) {
	case 0x0101: case 0x03ec: need = 36; break;
	case 0x0102: case 0x03f5: need = 1; break;
	case 0x0104: case 0x03fc: need = 8; break;
	case 0x03f2: case 0x03f3: need = 12; break;
	default: return;
	}
	if (d.end - d.at < need)
		return;
	memset(&m->u.set, 0, sizeof(m->u.set));
	m->op = OP_SET;
	switch (need) {
	case 36:
		basic(&d, m);
		break;
	case 1:
		m->u.set.change = d.bytes[d.at] ? CHANGE_DELETE : CHANGE_KEEP;
		break;
	case 8:
		m->u.set.size = next64(&d);
		m->u.set.change = CHANGE_SIZE;
		break;
	case 12:
		new_name(&d, m);
		break;
	}
}
