/* File system structures: the class or FSCTL is chosen by what was asked.  MS-FSCC, MS-DFSC. */
#include "fscc/fscc.h"
#include "fuzz_dissect.h"

/* Numbers that no FSCTL has choose one of the tables, which are hard to guess otherwise. */
static uint32_t code_of(uint32_t chosen)
{
	static const struct fscc_fsctl *const tables[] = { fsctl_volume, fsctl_stats, fsctl_usn, fsctl_snapshot, fsctl_local };
	uint32_t n = chosen;

	for (size_t i = 0; chosen < 256 && i < COUNT(tables); i++)
		for (const struct fscc_fsctl *f = tables[i]; f->code; f++)
			if (n-- == 0)
				return f->code;
	return chosen;
}

static void read_structure(struct dx *d, struct smb_msg *m, unsigned which)
{
	m->asked.code = code_of(m->asked.code);
	switch (which % 13) {
	case 0:
	case 1:
		fscc_info(d, m);
		break;
	case 2:
		fscc_directory(d, m, m->asked.level);
		break;
	case 3:
		fsctl_input(d, m, m->asked.code);
		break;
	case 4:
		fsctl_output(d, m, m->asked.code);
		break;
	case 5:
		fscc_query_input(d, m->asked.sub, m->asked.level);
		break;
	case 6:
		fscc_notify(d);
		break;
	case 7:
		fscc_full_ea(d);
		break;
	case 8:
		fscc_reparse(d);
		break;
	case 9:
		fscc_symlink(d, m->asked.detail & 1);
		break;
	case 10:
		fscc_dfs_request(d);
		break;
	case 11:
		fscc_dfs_request_ex(d);
		break;
	case 12:
		fscc_dfs_response(d);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	fuzz_part_twice(p, n, read_structure);
	return 0;
}
