/* How a command is called, and which of its kinds it is: what the `command` and `info` columns say. */
#include "smb.h"

#include "names.h"
#include "smb1/smb1_trans.h"

enum { TRANSACTION = 0x25, TRANSACTION2 = 0x32, NT_TRANSACT = 0xa0 };
enum { SMB2_IOCTL = 11, SMB2_QUERY_DIRECTORY = 14, SMB2_QUERY_INFO = 16, SMB2_SET_INFO = 17 };
enum { INFO_FILE = 1, INFO_FILESYSTEM = 2, INFO_SECURITY = 3, INFO_QUOTA = 4 };

uint16_t smb_command_code(const struct smb_msg *m)
{
	if (m->protocol == 1 && m->asked.known && m->asked.sub < 0xff &&
	    (m->command == TRANSACTION || m->command == TRANSACTION2 || m->command == NT_TRANSACT))
		return (uint16_t)((m->asked.sub + 1) << 8 | m->command);
	return m->command;
}

const char *smb_command_name(unsigned protocol, unsigned code)
{
	unsigned sub = code >> 8, command = code & 0xff;
	const char *name = NULL;

	if (protocol == 2)
		return name_smb2_command(code);
	if (sub && command == TRANSACTION2)
		name = name_smb1_trans2(sub - 1);
	else if (sub && command == NT_TRANSACT)
		name = name_smb1_nt_function(sub - 1);
	else if (sub && command == TRANSACTION && sub - 1 == MAILSLOT_WRITE)
		name = "TRANS_MAILSLOT_WRITE";
	else if (sub && command == TRANSACTION)
		name = name_smb1_pipe_function(sub - 1);
	return name ? name : name_smb1_command(command);
}

static const char *smb2_info(const struct smb_msg *m)
{
	switch (m->command) {
	case SMB2_IOCTL:
		return name_fsctl(m->asked.code);
	case SMB2_QUERY_DIRECTORY:
		return name_find_class(m->asked.level);
	case SMB2_QUERY_INFO:
	case SMB2_SET_INFO:
		switch (m->asked.sub) {
		case INFO_FILE:
			return name_file_class(m->asked.level);
		case INFO_FILESYSTEM:
			return name_fs_class(m->asked.level);
		case INFO_SECURITY:
			return "SecurityInformation";
		case INFO_QUOTA:
			return "FileQuotaInformation";
		}
	}
	return NULL;
}

/* Levels from 1000 on that SMB1 has no name of its own for are the native classes (MS-SMB 2.2.2.3.5). */
static const char *trans2_info(const struct smb_msg *m)
{
	unsigned level = m->asked.level, native = level > 1000 ? level - 1000 : 0;
	const char *name = NULL;

	switch (m->asked.sub) {
	case 0x01: case 0x02:
		return name_smb1_find_level(level);
	case 0x03:
		name = name_smb1_qfs_level(level);
		return name ? name : name_fs_class(native);
	case 0x04:
		name = name_smb1_sfs_level(level);
		return name ? name : name_fs_class(native);
	case 0x05: case 0x07:
		name = name_smb1_query_level(level);
		return name ? name : name_file_class(native);
	case 0x06: case 0x08:
		name = name_smb1_set_level(level);
		return name ? name : name_file_class(native);
	}
	return NULL;
}

const char *smb_info_name(const struct smb_msg *m)
{
	if (!m->asked.known)
		return NULL;
	if (m->protocol == 2)
		return smb2_info(m);
	if (m->command == TRANSACTION2)
		return trans2_info(m);
	if (m->command == TRANSACTION && (m->asked.code & RAP_CALL))
		return name_rap_function(m->asked.code & 0xffff);
	return m->command == NT_TRANSACT && m->asked.sub == 2 ? name_fsctl(m->asked.code) : NULL;   /* NT_TRANSACT_IOCTL */
}
