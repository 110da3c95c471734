"""The data of SMB1 information levels, for each use: MS-CIFS 2.2.8, MS-SMB 2.2.8, MS-FSCC 2.4 and 2.5 (from 1000 on), and the
UNIX extensions as Samba has them (0x200 to 0x20b)."""
import struct

pack = struct.pack
BASE = 132444736000000000
TIMES = pack('<qqqq', BASE, BASE + 10, BASE + 20, BASE + 30)
DATE, TIME = (2020 - 1980) << 9 | 9 << 5 | 13, 12 << 11 | 26 << 5 | 20
DOS = pack('<6H', DATE, TIME, DATE, TIME, DATE, TIME)
SID = pack('<BB6sII', 1, 2, b'\0\0\0\0\0\x05', 32, 544)
SECURITY = pack('<BBHIIII', 1, 0, 0x8000, 20, 0, 0, 0) + SID


def ea_list(*pairs):
	body = b''.join(pack('<BBH', 0, len(n), len(v)) + n + b'\0' + v for n, v in pairs)
	return pack('<I', 4 + len(body)) + body


def gea_list(*names):
	body = b''.join(pack('<B', len(n)) + n + b'\0' for n in names)
	return pack('<I', 4 + len(body)) + body


def full_ea(name, value):
	return pack('<IBBH', 0, 0, len(name), len(value)) + name + b'\0' + value


EAS = ea_list((b'AUTHOR', b'alice'), (b'SUBJECT', b'levels'))


def unix_basic(size=12, kind=0, perms=0o644):
	return pack('<QQqqqQQIQQQQQ', size, 4096, BASE + 30, BASE + 10, BASE + 20, 1000, 100, kind, 8, 1, 4711, perms, 1)


def unix_info2(size=12):
	return unix_basic(size) + pack('<qII', BASE, 0x10, 0xFF)


def counted(talk, name):
	return pack('<I', len(talk.raw(name))) + talk.raw(name)


LOCK = pack('<HHIQQ', 1, 0, 4242, 0, 100)
ACL = pack('<HHH', 1, 4, 1) + b''.join(pack('<BBQ', kind, perms, who) for kind, perms, who in (
	(1, 6, 1000), (4, 4, 100), (0x10, 7, 0xFFFFFFFFFFFFFFFF), (0x20, 4, 0xFFFFFFFFFFFFFFFF), (2, 6, 1001)))
XATTR = pack('<II', 9, 5) + b'user.noteabcde'
STANDARD = pack('<QQIBBH', 4096, 12, 1, 0, 0, 0)


def queries(talk):
	"""(level, data of the request, data of the answer, None: there is no such level) of QUERY_PATH_INFORMATION and QUERY_FILE_INFORMATION."""
	name, alt = counted(talk, '\\dir\\a.txt'), counted(talk, 'A.TXT')
	streams = pack('<IIQQ', 0, 14, 12, 4096) + '::$DATA'.encode('utf-16-le')
	everything = TIMES + pack('<II', 0x20, 0) + STANDARD
	return [
		(0x0001, b'', DOS + pack('<IIH', 12, 4096, 0x20)), (0x0002, b'', DOS + pack('<IIHI', 12, 4096, 0x20, len(EAS))),
		(0x0003, gea_list(b'AUTHOR'), ea_list((b'AUTHOR', b'alice'))), (0x0004, b'', EAS), (0x0006, b'', b''),
		(0x0101, b'', TIMES + pack('<II', 0x20, 0)), (0x0102, b'', STANDARD), (0x0103, b'', pack('<I', 0)), (0x0104, b'', name),
		(0x0107, b'', everything + pack('<I', 0) + name), (0x0108, b'', alt), (0x0109, b'', streams),
		(0x010B, b'', pack('<QHBBB3s', 12, 2, 16, 12, 12, b'')),
		(0x0200, b'', unix_basic()), (0x0201, b'', talk.text('target')), (0x0202, b'', talk.text('\\dir\\a.txt')),
		(0x0204, b'', ACL), (0x0205, b'', XATTR), (0x0206, b'', pack('<QQ', 0xFF, 0x10)), (0x0207, b'', None),
		(0x0208, LOCK, pack('<HHIQQ', 2, 0, 0, 0, 100)), (0x020B, b'', unix_info2()),
		(0x03EC, b'', TIMES + pack('<II', 0x20, 0)), (0x03ED, b'', STANDARD), (0x03EE, b'', pack('<Q', 4711)),
		(0x03EF, b'', pack('<I', 0)), (0x03F0, b'', pack('<I', 0x12019F)), (0x03F1, b'', name), (0x03F6, b'', pack('<Q', 5)),
		(0x03F8, b'', pack('<I', 0)), (0x03F9, b'', pack('<I', 0)),
		(0x03FA, b'', everything + pack('<QIIQII', 4711, 0, 0x12019F, 5, 0, 0) + name), (0x03FD, b'', alt), (0x03FE, b'', streams),
		(0x0404, b'', pack('<QHBBB3s', 12, 2, 16, 12, 12, b'')), (0x040A, b'', TIMES + pack('<QQII', 4096, 12, 0x20, 0)),
		(0x040B, b'', pack('<II', 0x420, 0xA000000C)),
	]


def sets(talk):
	"""(level, data) of SET_PATH_INFORMATION and SET_FILE_INFORMATION."""
	rename = pack('<B3sI', 1, b'', 0) + counted(talk, 'b.txt')
	keep = pack('<QQqqqQQIQQQQQ', 0xFFFFFFFFFFFFFFFF, 0, -1, -1, -1, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 0, 0o600, 0)
	return [
		(0x0001, DOS + bytes(10)), (0x0002, EAS), (0x0101, TIMES + pack('<II', 0x22, 0)), (0x0102, b'\1'),
		(0x0103, pack('<Q', 8192)), (0x0104, pack('<Q', 100)), (0x0200, keep), (0x0201, talk.text('target')),
		(0x0203, talk.text('\\dir\\a.txt')), (0x0204, ACL), (0x0205, XATTR), (0x0206, pack('<QQ', 0xFF, 0x10)), (0x0208, LOCK),
		(0x0209, pack('<IIQH', 0, 0x34, 0o644, 0x200)), (0x020A, pack('<H', 0)), (0x020B, unix_info2()),
		(0x03EC, TIMES + pack('<II', 0x22, 0)), (0x03F2, rename), (0x03F3, rename), (0x03F5, b'\1'), (0x03F6, pack('<Q', 5)),
		(0x03F8, pack('<I', 2)), (0x03FB, pack('<Q', 8192)), (0x03FC, pack('<Q', 100)),
	]


def file_systems(talk):
	"""(level, data of the answer) of QUERY_FS_INFORMATION."""
	label, ntfs = talk.raw('DATA'), talk.raw('NTFS')
	control = pack('<qqqqqII', 0, 0, 0, -1, -1, 2, 0)
	return [
		(0x0001, pack('<IIIIH', 1, 8, 1000, 700, 512)), (0x0002, pack('<IB', 0x1234ABCD, len(label)) + label),
		(0x0102, pack('<qIIH', BASE, 0x1234ABCD, len(label), 0) + label), (0x0103, pack('<QQII', 1000, 700, 8, 512)),
		(0x0104, pack('<II', 7, 0x20)), (0x0105, pack('<III', 0x4000F, 255, len(ntfs)) + ntfs),
		(0x0200, pack('<HHQ', 1, 0, 0x3F)), (0x0201, pack('<IIQQQQQQ', 65536, 4096, 1000, 700, 690, 500, 400, 0xABCD)),
		(0x0202, pack('<IIQQIIII', 0, 1, 1000, 100, 2, 1, len(SID), 0) + pack('<QQ', 100, 27) + SID),
		(0x0301, pack('<qqqIII32sIIIII', BASE, BASE, BASE, 1000, 4096, 700, b'', 3, 1, 20, 4, 0x3F)),
		(0x03E9, pack('<qIIBB', BASE, 0x1234ABCD, len(label), 0, 0) + label), (0x03EB, pack('<QQII', 1000, 700, 8, 512)),
		(0x03EC, pack('<II', 7, 0x20)), (0x03ED, pack('<III', 0x4000F, 255, len(ntfs)) + ntfs), (0x03EE, control),
		(0x03EF, pack('<QQQII', 1000, 690, 700, 8, 512)), (0x03F0, bytes(range(16)) + bytes(48)),
	]


def set_file_systems():
	"""(level, data) of SET_FS_INFORMATION."""
	return [(0x0200, pack('<HHQ', 1, 0, 0x3F)), (0x0203, b'NTLMSSP\0' + pack('<IIHHIHHI', 1, 0x60080215, 0, 0, 32, 0, 0, 32)),
	        (0x03EE, pack('<qqqqqII', 0, 0, 0, -1, -1, 2, 0))]


def finds(talk):
	"""(level, data of the request, data of the answer) of FIND_FIRST2 and FIND_NEXT2, one entry each."""
	name = talk.raw('a.txt')
	wide = bool(talk.flags2 & 0x8000)
	full = TIMES + pack('<QQI', 12, 4096, 0x20)
	last = name + (b'\0\0' if wide else b'\0')
	short = pack('<BB24s', 0, 0, b'')
	dos = DOS + pack('<IIH', 12, 4096, 0x20)
	return [
		(0x0001, b'', pack('<I', 1) + dos + bytes([len(name)]) + (b'\0' if wide else b'') + last),
		(0x0002, b'', pack('<I', 1) + dos + pack('<IB', 4, len(name)) + last),
		(0x0003, gea_list(b'AUTHOR'), pack('<I', 1) + dos + ea_list((b'AUTHOR', b'alice')) + bytes([len(name)]) + (b'\0' if wide else b'') + last),
		(0x0101, b'', pack('<II', 0, 1) + full + pack('<I', len(name)) + name),
		(0x0102, b'', pack('<II', 0, 1) + full + pack('<II', len(name), 0) + name),
		(0x0103, b'', pack('<III', 0, 1, len(name)) + name),
		(0x0104, b'', pack('<II', 0, 1) + full + pack('<II', len(name), 0) + short + name),
		(0x0105, b'', pack('<II', 0, 1) + full + pack('<IIIQ', len(name), 0, 0, 4711) + name),
		(0x0106, b'', pack('<II', 0, 1) + full + pack('<II', len(name), 0) + short + pack('<HQ', 0, 4711) + name),
		(0x0202, b'', pack('<II', 0, 1) + unix_basic() + last),
		(0x020B, b'', pack('<II', 0, 1) + unix_info2() + pack('<I', len(last)) + last),
	]
