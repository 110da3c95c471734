"""A capture of one SMB2 conversation with each information class, each FSCTL that carries a structure, and each kind of reparse data:
MS-FSCC 2.1 to 2.8, and what wdm.h, ntifs.h and winioctl.h have beyond it; servers here send few of them.
fscc.py OUT"""
import os
import struct
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, '..', 'smb1')]
from fscc_talk import FILE, FS, OVERFLOW, QUOTA, SECURITY, Talk    # noqa: E402
from wire import Capture, Connection                           # noqa: E402

pack = struct.pack
BASE = 132444736000000000
TIMES = pack('<qqqq', BASE, BASE + 10, BASE + 20, BASE + 30)
SID = pack('<BB6sII', 1, 2, b'\0\0\0\0\0\x05', 32, 544)
ID128 = bytes(range(0x40, 0x50))
IDS = bytes(range(0x80, 0xC0))                  # four GUIDs
TAG = 0xA000000C


def u16(text):
	return text.encode('utf-16-le')


def counted(text):
	return pack('<I', len(u16(text))) + u16(text)


def chain(entries, step=8):
	"""Entries that begin with the distance to the next; each is given without it."""
	out = b''
	for i, e in enumerate(entries):
		last = i == len(entries) - 1
		size = (4 + len(e) + step - 1) // step * step
		out += pack('<I', 0 if last else size) + e + (b'' if last else bytes(size - 4 - len(e)))
	return out


# --- 2.4 ---

STANDARD = pack('<QQIBBH', 4096, 12, 2, 0, 0, 0)
STAT = pack('<Q', 0x1234567) + TIMES + pack('<QQIII', 4096, 12, 0x420, TAG, 2)
LINK_TARGET = pack('<Q', 0) + counted('dir\\new.txt')


def queries():
	"""(level, data of the answer)"""
	links = [pack('<QI', 0x77, 5) + u16('a.txt'), pack('<QI', 0x78, 5) + u16('b.txt')]
	full = [ID128 + pack('<I', 5) + u16('a.txt'), ID128 + pack('<I', 5) + u16('b.txt')]
	eas = [pack('<BBH', 0x80, 6, 5) + b'AUTHOR\0alice', pack('<BBH', 0, 7, 4) + b'SUBJECT\0fscc']
	streams = [pack('<IQQ', 14, 12, 4096) + u16('::$DATA'), pack('<IQQ', 22, 3, 8) + u16(':Zone:$DATA')]
	return [
		(4, TIMES + pack('<II', 0x00480020, 0)), (5, STANDARD), (6, pack('<Q', 0x1234567)), (7, pack('<I', 40)),
		(8, pack('<I', 0x12019F)), (9, counted('\\report.txt')), (13, b'\1'), (14, pack('<Q', 7)), (15, chain(eas, 4)),
		(16, pack('<I', 0x26)), (17, pack('<I', 1)),
		(18, TIMES + pack('<II', 0x20, 0) + STANDARD + pack('<QIIQII', 0x1234567, 0, 0x12019F, 5, 0, 0) + counted('\\report.txt')),
		(19, pack('<Q', 4096)), (20, pack('<Q', 12)), (21, counted('REPORT~1.TXT')), (22, chain(streams)), (23, pack('<II', 1, 0)),
		(24, pack('<10I', 1, 2, 255, 1, 4096, 0, 4096, 4096, 3, 0)), (25, pack('<QI', 5000, 1024)),
		(26, pack('<IIIIq', 424, 0, 17, 1, -1)), (28, pack('<QHBBB3s', 4096, 2, 16, 12, 12, b'')),
		(29, pack('<Q', 0x1234567) + IDS), (30, pack('<QQ', 0x44, 0x55)), (33, pack('<QI', 0x1234567, TAG)),
		(34, TIMES + pack('<QQII', 4096, 12, 0x20, 0)), (35, pack('<II', 0x420, 0x8000001B)), (41, pack('<I', 1)),
		(43, pack('<II', 2, 0)), (44, pack('<IIBB2sII', 10, 1000, 1, 0, b'', 65536, 4)), (45, pack('<III', 100, 10, 512)),
		(46, pack('<II', 80, 2) + chain(links)), (47, pack('<IIQQ', 2, 0, 4, 1234)), (48, counted('\\dir\\report.txt')),
		(49, counted('\\FS1\\DATA\\report.txt')), (51, b'\1'), (53, pack('<H', 1)), (54, pack('<IIBBH', 1, 2, 0, 0, 0)),
		(55, pack('<HHIHHHHI', 3, 116, 0x20000, 3, 0, 2, 0, 4) + bytes(32) + pack('<II', 0x7F, 0x30) + bytes(56)),
		(58, counted('\\Device\\HarddiskVolume4')), (59, pack('<Q', 0xABCDEF) + ID128), (62, pack('<II', 96, 2) + chain(full)),
		(67, pack('<II', 2, 0)), (68, STAT + pack('<I', 0x1F01FF)), (70, STAT + pack('<7I', 0x1F01FF, 0x0F, 1000, 100, 0o100644, 8, 1)),
		(71, pack('<I', 1)), (74, pack('<I', 2)), (75, pack('<I', 0)), (76, pack('<I', 2)),
		(77, STAT + pack('<IIIQ', 7, 0x20, 0, 0xABCDEF) + ID128), (99, b'no such class'),
	]


def sets():
	"""(level, data of the request)"""
	return [
		(4, TIMES + pack('<II', 0x22, 0)), (10, b'\1' + bytes(7) + LINK_TARGET), (11, bytes(8) + LINK_TARGET), (13, b'\1'),
		(14, pack('<Q', 5)), (15, chain([pack('<BBH', 0, 6, 3) + b'AUTHOR\0bob'], 4)), (16, pack('<I', 2)), (19, pack('<Q', 8192)),
		(20, pack('<Q', 100)), (23, pack('<II', 1, 1)), (25, pack('<QI', 5000, 1024)), (27, pack('<q', -5)),
		(30, pack('<QQ', 0x44, 0x55)), (31, pack('<II', 16, 0) + LINK_TARGET), (36, pack('<QI', 0x66, 20) + bytes(range(20))),
		(39, pack('<Q', 64)), (40, counted('REPORT~1.TXT')), (41, pack('<I', 3)), (42, pack('<QI', 0x7FF700000000, 4096)),
		(43, pack('<II', 0, 0)), (44, pack('<IIBB2sII', 0, 0, 0, 0, b'', 0, 0)), (56, b'\1' + bytes(7) + LINK_TARGET),
		(57, bytes(8) + LINK_TARGET), (61, pack('<QQ', 0, 0)), (64, pack('<I', 0x13)), (65, pack('<II', 0x1C3, 0) + LINK_TARGET),
		(66, pack('<II', 0x1, 0) + LINK_TARGET), (67, pack('<II', 1, 0)), (69, pack('<QII', 0x88, 1, 0)), (71, pack('<I', 1)),
		(72, pack('<II', 0x3, 0) + LINK_TARGET), (73, pack('<II', 0x1, 0) + LINK_TARGET), (74, pack('<I', 0)), (75, pack('<I', 1)),
		(76, pack('<I', 7)),
	]


def entry(before, after, name, attributes=0x20):
	"""A directory entry from FileIndex on; before: what stands between the length and the name's other parts."""
	return pack('<I', 0) + TIMES + pack('<QQI', 12, 4096, attributes) + pack('<I', len(u16(name))) + before + after + u16(name)


def directories():
	ea, both, tag = pack('<I', 0), pack('<BB24s', 16, 0, u16('LONGNA~1')), pack('<I', TAG)
	id64, id128 = pack('<Q', 0x99), ID128
	forms = [
		(1, b'', b''), (2, ea, b''), (3, ea, both), (37, ea, both + b'\0\0' + id64), (38, ea, bytes(4) + id64),
		(50, b'', id64 + IDS[:16] + pack('<I', 3)), (60, ea + tag, id128), (63, ea + tag, id128 + both), (78, ea + tag, id64),
		(79, ea + tag, id64 + both), (80, ea + tag, id64 + id128), (81, ea + tag, id64 + id128 + both),
	]
	names = [pack('<I', 0) + counted('.'), pack('<I', 0) + counted('longname.txt')]
	yield 12, chain(names)
	for level, before, after in forms:
		yield level, chain([entry(before, after, '.', 0x10), entry(before, after, 'longname.txt', 0x420)])


def informed(t):
	for level, data in queries():
		t.query(FILE, level, data, given=chain([b'\6AUTHOR\0', b'\7SUBJECT\0'], 4) if level == 15 else b'')
	for level, data in sets():
		t.set(FILE, level, data)
	for level, data in directories():
		t.directory(level, data)
	label = u16('DATA')
	control = pack('<qqqqqII', 0, 0, 0, -1, 1 << 30, 0x3FB, 0)
	for level, data in [
		(1, pack('<qIIBB', BASE, 0x1234ABCD, len(label), 0, 0) + label), (2, pack('<I', len(label)) + label),
		(3, pack('<QQII', 1000, 700, 8, 512)), (4, pack('<II', 7, 0x20)), (5, pack('<III', 0x7FFF3FFF, 255, 8) + u16('NTFS')),
		(6, control), (7, pack('<QQQII', 1000, 690, 700, 8, 512)), (8, IDS), (9, pack('<B3sI', 1, b'', 10) + u16('luafv')),
		(10, pack('<I', 4)), (11, pack('<7I', 512, 4096, 4096, 4096, 0x1B, 0, 0)), (12, pack('<I', 2)), (13, pack('<QII', 50, 8, 512)),
		(14, pack('<11QII', *range(100, 111), 8, 512)), (15, IDS[:16]),
	]:
		t.query(FS, level, data)
	for level, data in [(2, pack('<I', len(label)) + label), (6, control), (8, IDS), (10, pack('<I', 4))]:
		t.set(FS, level, data)
	descriptor = pack('<BBHIIII', 1, 0, 0x8000, 20, 0, 0, 0) + SID
	t.query(SECURITY, 0, descriptor, additional=1)
	t.set(SECURITY, 0, descriptor)
	quota = pack('<IqQqq', len(SID), BASE, 1 << 20, 1 << 28, -1) + SID
	sids = chain([pack('<I', len(SID)) + SID, pack('<I', len(SID)) + SID], 4)
	t.query(QUOTA, 0, chain([quota, quota]), given=pack('<BBHIII', 0, 1, 0, len(sids), 0, 0) + sids)
	t.query(QUOTA, 0, chain([quota]), given=pack('<BBHIII', 1, 0, 0, 0, len(SID), 0) + SID)
	t.set(QUOTA, 0, chain([quota, quota]))
	t.notify(chain([pack('<I', action) + counted('n%d.txt' % action) for action in range(1, 12)], 4))
	t.query(FILE, 18, TIMES + pack('<II', 0x20, 0) + STANDARD + pack('<QIIQIII', 1, 0, 0x12019F, 5, 0, 0, 400), status=OVERFLOW)


# --- 2.1.2 ---

def reparse(tag, data, guid=b''):
	return pack('<IHH', tag, len(data), 0) + guid + data


def two_names(flags, substitute, printed):
	a, b = u16(substitute), u16(printed)
	return pack('<HHHH', 0, len(a), len(a), len(b)) + flags + a + b


def reparse_points():
	four = '\0'.join(('Contoso.App_1x', 'Contoso.App_1x!App', 'C:\\Program Files\\app.exe', '0')) + '\0'
	yield reparse(0xA0000003, two_names(b'', '\\??\\C:\\target', 'C:\\target'))
	yield reparse(0xA000000C, two_names(pack('<I', 1), '..\\target', '..\\target'))
	yield reparse(0xA0000019, two_names(pack('<I', 0), '\\??\\pipe\\x', '\\pipe\\x'))
	for kind, data in ((0x14B4E4C, u16('/export/a')), (0x524843, pack('<II', 4, 64)), (0x4B4C42, pack('<II', 8, 1)),
	                   (0x4F464946, b''), (0x4B434F53, b'')):
		yield reparse(0x80000014, pack('<Q', kind) + data)
	yield reparse(0x80000017, pack('<IIIII', 1, 2, 1, 1, 0))
	yield reparse(0x80000017, pack('<IIIIQ', 1, 1, 2, 0, 3) + bytes(range(20)))
	yield reparse(0x80000018, pack('<II', 1, 0) + IDS[:16] + pack('<H', 18) + u16('Files\\a.x'))
	yield reparse(0x90001018, pack('<II', 1, 0) + IDS[:16] + pack('<H', 18) + u16('Files\\a.x'))
	yield reparse(0x9000201A, pack('<HH', 0x8001, 24) + b'FeRp' + bytes(20))
	yield reparse(0x8000001B, pack('<I', 3) + u16(four))
	yield reparse(0xA000001D, pack('<I', 2) + '/home/ünï'.encode())
	for tag in (0x80000023, 0x80000024, 0x80000025, 0x80000026):
		yield reparse(tag, b'')
	for tag in (0x8000000A, 0x80000012, 0xC0000004, 0x80000013):
		yield reparse(tag, b'opaque..')
	yield reparse(0x00000042, b'of another maker', IDS[16:32])


# --- 2.3, 2.8 ---

def statistics():
	common = list(range(1, 13))
	ntfs = pack('<6I', *range(1, 7)) + pack('<8H', *range(7, 14), 0) + pack('<2I', 14, 15) + pack('<8H', *range(16, 23), 0)
	ntfs += pack('<8I', *range(23, 31)) + pack('<6H', *range(31, 37)) + pack('<4I', *range(37, 41)) + pack('<8H', *range(41, 48), 0)
	ntfs += pack('<8I', *range(48, 56)) + pack('<10I', *range(56, 66))
	one = pack('<HHI12I', 1, 1, 0x280, *common) + ntfs + pack('<I', 66)
	wide = pack('<II4Q4I3I4x', *range(1, 14)) + pack('<2Q4I3I4x', *range(14, 23)) + pack('<8Q', *range(23, 31)) + pack('<7I4x', *range(31, 38))
	wide += pack('<4Q7I4x', *range(38, 49)) + pack('<8Q', *range(49, 57)) + pack('<6I4Q', *range(57, 67)) + pack('<I4x8Q3Q', *range(67, 79))
	ex = pack('<HHI12Q', 1, 1, 0x280, *common) + wide
	fat = pack('<HHI12I9I', 2, 1, 0x80, *common, *range(1, 10))
	exfat = pack('<HHI12I9I', 3, 1, 0x80, *common, *range(1, 10))
	refs = pack('<HHI12I', 4, 1, 0x40, *common)
	return {
		'ntfs': (one + bytes(0x140 - len(one))) * 2, 'ex': (ex + bytes(0x280 - len(ex))) * 2, 'fat': (fat + bytes(0x80 - len(fat))) * 2,
		'exfat': exfat + bytes(0x80 - len(exfat)), 'refs': (refs + bytes(0x40 - len(refs))) * 2, 'short': one[:0x38],
	}


def usn_record(major, name):
	ids = pack('<QQ', 0x1234567, 5) if major == 2 else ID128 + ID128
	head = 8 + len(ids) + 8 + 8 + 4 * 4 + 4
	body = pack('<HH', major, 0) + ids + pack('<QqIIIIHH', 4096, BASE, 0x80000102, 1, 256, 0x20, len(u16(name)), head) + u16(name)
	size = (4 + len(body) + 7) // 8 * 8
	return pack('<I', size) + body + bytes(size - 4 - len(body))


def usn_extents():
	body = pack('<HH', 4, 0) + ID128 + ID128 + pack('<QIIIHH', 4200, 2, 0, 0, 2, 16) + pack('<4Q', 0, 4096, 65536, 4096)
	return pack('<I', 4 + len(body)) + body


def snapshots():
	"""Input and output of FSCTL_REFS_STREAM_SNAPSHOT_MANAGEMENT."""
	def given(operation, name, data=b''):
		raw = u16(name)
		pad = bytes(-(24 + len(raw)) % 8) if data else b''
		return pack('<IHH16s', operation, len(raw), len(data), b'') + raw + pad + data
	extents = [pack('<QQQI', i, 1000 + i, 16, p) for i, p in ((1, 0x10), (17, 0x88))]
	entries = chain([pack('<HHqQQ16s', len(u16(n)), 0, BASE, 12, 4096, b'') + u16(n) for n in ('first', 'second')])
	return [
		(given(1, 'first'), b''), (given(2, '*'), pack('<II8s', 2, len(entries) + 16, b'') + entries),
		(given(3, 'first', pack('<QII', 0, 0, 0)), pack('<I8s', 2, b'') + b''.join(extents)),
		(given(3, 'first', pack('<QII', 0, 0, 0)), pack('<I12s', 2, b'') + b''.join(e + bytes(4) for e in extents)), (given(4, 'first'), b''),
	]


def fsctls():
	"""(code, input, output)"""
	vcn, extents = pack('<Q', 0), pack('<IIQ', 2, 0, 0) + pack('<4Q', 8, 1000, 16, 0xFFFFFFFFFFFFFFFF)
	token = pack('>IHH', 0xFFFF0001, 0, 16) + bytes(504)
	stat = statistics()
	volume = pack('<5Q4I5Q', 0x1234ABCD5678, 1000000, 125000, 60000, 10, 512, 4096, 1024, 0, 65536, 786432, 2, 100, 200)
	refs = pack('<4I5Q2IQ', 152, 3, 10, 4096, 0x99887766, 1000, 125, 60, 1, 512, 4096, 0) + pack('<HHI72s', 50, 40, 3, b'')
	udf = pack('<qqhh24sqq68s68s68s68s', 3, 9, 1, 2, u16('UDF'), BASE, BASE, u16('(c)'), u16('abstract'), u16('10.0'), u16('10.0'))
	sis = [u16('a.txt\0'), u16('b.txt\0')]
	oplock = pack('<HHIIIIH2s', 1, 24, 7, 3, 3, 0x12019F, 7, b'')
	driver = u16('filter')
	results = pack('<IIQQiH64sH256s', 3, 8, 0, 0, 0, len(driver), driver, 10, u16('veto!'))
	link = pack('<I', 0) + IDS[:32] + b'FS2\0'
	return [
		(0x900C0, b'', IDS), (0x900A0, b'', b''), (0x9009C, b'', IDS), (0x90098, IDS, b''), (0x98098, IDS, b''), (0x900BC, IDS[16:], b''),
		(0x980BC, IDS[16:], b''), (0x900AC, reparse(TAG, b''), b''), (0x980AC, reparse(TAG, b''), b''),
		(0x98344, pack('<QQQQQ', 0x11, 0x22, 0, 65536, 4096), b''), (0x983E8, pack('<QQQQQQII', 48, 0x11, 0x22, 0, 65536, 4096, 1, 0), b''),
		(0x90060, b'', stat['ntfs']), (0x90060, b'', stat['fat']), (0x90060, b'', stat['exfat']), (0x90060, b'', stat['refs']),
		(0x9038C, b'', stat['ex']), (0x98208, pack('<II4Q', 0, 2, 0, 4096, 8192, 4096), pack('<I', 2)),
		(0x9008F, pack('<I', 1) + SID, counted('a.txt') + b'\0\0' + counted('dir\\b.txt')), (0x9003C, b'', pack('<H', 2)),
		(0x9027C, b'', pack('<HHIII', 1, 0, 1, 4096, 65536)), (0x90064, b'', volume), (0x902D8, b'', refs), (0x9042B, vcn, pack('<I', 2)),
		(0x90073, vcn, extents), (0x903D3, vcn, pack('<IIQ', 1, 0, 0) + pack('<QQII', 8, 1000, 3, 0)), (0x9002C, counted('dir\\x.txt'), b''),
		(0x1400EC, pack('<QI', 0, len(link)) + link, b''), (0x1400EC, pack('<QI', 0, 4) + b'FS2\0', b''),
		(0x1400E8, b'', pack('<I', 0) + IDS[:16]), (0x900FC, pack('<IIQII', 1, 0, 0, 0x80, 0), b''),
		(0x94264, pack('<IIIIQQ', 32, 0, 0, 0, 0, 65536), pack('<IIQ', 528, 1, 65536) + token),
		(0x98268, pack('<IIQQQ', 544, 0, 0, 65536, 0) + token, pack('<IIQ', 16, 0, 65536)),
		(0x11400C, b'', pack('<IIII', 3, 12, 1, 12) + b'pipe content'), (0x110018, pack('<qIBB', 50, 12, 1, 0) + u16('srvsvc'), b''),
		(0x940CF, pack('<QQ', 0, 65536), pack('<4Q', 0, 4096, 32768, 4096)), (0x90058, b'', bytes(range(36))),
		(0x90284, pack('<QQII', 0, 65536, 1, 0), pack('<IIII', 0, 1, 1, 0) + pack('<QQII', 0, 12, 1, 0)), (0x90284, b'', pack('<IIII', 0, 0, 0, 0)),
		(0x9013C, b'', udf), (0x90138, b'', pack('<IB3sII', 32768, 1, b'', 64, 60)),
		(0x900EB, pack('<HH', 2, 3), usn_record(2, 'report.txt')), (0x900EB, b'', usn_record(3, 'report.txt')), (0x90117, b'', b''),
		(0x9C040, pack('<H', 1), b''), (0x98134, b'\1', b''), (0x900D7, pack('<IB3s', 2, 0, b''), b'\1'), (0x9C280, pack('<HHI', 2, 0, 1), b''),
		(0x90380, pack('<BBHIB7s', 1, 0, 0, 1, 1, b''), b''), (0x900C4, b'\1', b''), (0x980C8, pack('<QQ', 0, 4096), b''), (0x90194, b'', b''),
		(0x90100, pack('<III', len(sis[0]), len(sis[1]), 3) + sis[0] + sis[1], b''), (0x90388, pack('<III', 4, 0, 0), b''),
		(0x900EF, b'', pack('<Q', 4096)), (0x2D1400, pack('<III', 6, 0, 0), pack('<7I', 28, 28, 64, 0, 512, 4096, 0)),
		(0x560038, b'', pack('<Q', 0x3000000000000000)),
		(0x90068, pack('<Q', 5), pack('<QI', 5, 8) + b'FILE0\0\3\0'), (0x9006F, pack('<Q', 0), pack('<QQ', 0, 32) + b'\xff\x0f\0\1'),
		(0x90074, pack('<QQQII', 0x44, 0, 5000, 16, 0), b''), (0x90078, b'', pack('<I', 1)), (0x900F0, pack('<Q', 2000000), b''),
		(0x90120, pack('<IIQQ', 1, 2, 5, 6), b''), (0x90198, pack('<I', 1), pack('<I', 1)), (0x9019C, b'', pack('<I', 1)),
		(0x901B0, pack('<IIQQ', 1, 0, 0, 900000), b''), (0x901B4, pack('<I', 1), b''), (0x901F0, pack('<II', 1, 1), b''),
		(0x901FC, pack('<IIQ', 0, 1, 1000), pack('<III4x', 16, 1, 80) + chain([pack('<IQQ', 1, 0, 1000) + u16('\\a.txt\0')])),
		(0x90204, pack('<II', 1, 2) + IDS[:32], b''), (0x90230, b'', pack('<IIQQ', 2, 0, 0, 511488)), (0x90234, b'', pack('<Q', 1048576)),
		(0x90238, pack('<IIII', 1, 1, 1, 0), b''), (0x9023C, pack('<IIII', 0, 1, 1, 0), pack('<IIII', 1, 1, 1, 0)),
		(0x90240, pack('<HHII', 1, 12, 7, 1), oplock), (0x9024C, b'', b'NTFS'.ljust(9, b'\0')), (0x90270, pack('<I', 1), b''),
		(0x902D4, pack('<I', 4), b''), (0x9C2B4, pack('<IIQIIII', 32, 0, 4096, 65536, 0, 1, 1), pack('<IIQ', 16, 0, 69632)),
		(0x9030C, pack('<IIIII', 1, 2, 1, 1, 0), b''), (0x90310, b'', pack('<IIIIQ', 1, 1, 2, 0, 3) + bytes(range(20))),
		(0x90368, b'', pack('<I', 1)), (0x9040C, pack('<II16sQ', 1, TAG, b'', 0) + reparse(0xA000001D, pack('<I', 2) + b'/tmp/x'), b''),
		(0x9043C, pack('<H', 1), pack('<H', 1)), (0x90448, pack('<IIQQ', 3, 0, 0, 0), results),
		(0x90448, pack('<IIQQ', 8, 0, 0, 0), pack('<IIQQIH64s', 8, 0, 0, 0, 2, len(driver), driver)),
		(0x110030, b'ClientComputerName\0', u16('WS1')), (0x110034, b'ClientComputerName\0' + u16('WS1'), b''),
		(0x900B3, pack('<QqqHH', 0, 0, 1 << 40, 2, 4), pack('<Q', 0x99) + usn_record(2, 'a.txt') + usn_record(3, 'b.txt')),
		(0x900BB, pack('<qIIQQQHH', 0, 0xFFFFFFFF, 0, 0, 0, 0x77, 2, 4), pack('<Q', 8192) + usn_record(3, 'a.txt') + usn_extents()),
		(0x900E7, pack('<QQ', 1 << 25, 1 << 22), b''), (0x900F4, b'', pack('<QqqqqQQHHIQq', 0x77, 0, 8192, 0, 1 << 62, 1 << 25, 1 << 22, 2, 4, 1, 16384, 1 << 20)),
		(0x900F8, pack('<QII', 0x77, 3, 0), b''), (0x902F4, pack('<IIQq', 1, 0, 16384, 1 << 20), b''),
	]


def main(path):
	capture = Capture(path)
	talk = Talk(Connection(capture, 40010, 445)).begin()
	informed(talk)
	for data in reparse_points():
		talk.ioctl(0x900A8, b'', data)
		talk.ioctl(0x900A4, data, b'')
	for code, given, told in fsctls():
		talk.ioctl(code, given, told)
	for given, told in snapshots():
		talk.ioctl(0x90440, given, told)
	talk.ioctl(0x90060, b'', statistics()['short'], OVERFLOW)
	talk.finish()
	capture.close()


main(sys.argv[1])
