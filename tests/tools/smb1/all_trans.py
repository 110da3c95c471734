#!/usr/bin/env python3
"""tests/pcaps/smb1_levels.pcap: every subcommand of TRANSACTION, TRANSACTION2 and NT_TRANSACT, every information level in each
of its uses, every function of RAP, by the layouts of MS-CIFS 2.2.5 to 2.2.8, MS-SMB 2.2.6 to 2.2.8, MS-RAP 2.5:
all_trans.py OUT"""
import struct
import sys
import levels
from wire import Capture, Connection, Talk, UNICODE

pack = struct.pack
BASE = levels.BASE
NAME = '\\dir\\a.txt'


def trans2(t, sub, params=b'', data=b'', tell=b'', told=b'', status=0):
	t.trans_ask(0x32, pack('<H', sub), params, data)
	if status:
		t.answer(0x32, status=status)
	else:
		t.trans_tell(0x32, tell, told)


def opened(t, fid, path=NAME):
	name = t.raw(path)
	t.exchange(0xA2, pack('<BBHBHIIIQIIIIIB', 255, 0, 0, 0, len(name), 0, 0, 0x1F01FF, 0, 0, 7, 1, 0, 2, 0), b'\0' + name,
	           pack('<BBHBHIqqqqIQQHHB', 255, 0, 0, 0, fid, 1, BASE, BASE, BASE, BASE, 0x20, 4096, 12, 0, 7, 0), b'')


def closed(t, fid):
	t.exchange(0x04, pack('<HI', fid, 0xFFFFFFFF))


def all_levels(t):
	path = pack('<I', 0) + t.text(NAME, 6)
	for level, ask, told in levels.queries(t):
		status = 0xC0000148 if told is None else 0
		trans2(t, 5, pack('<H', level) + path, ask, b'\0\0', told, status)
		trans2(t, 7, pack('<HH', 0x51, level), ask, b'\0\0', told, status)
	for level, data in levels.sets(t):
		told = posix_opened(level, 0x60)
		trans2(t, 6, pack('<H', level) + path, data, b'\0\0', told)
		if told:
			closed(t, 0x60)
		trans2(t, 8, pack('<HHH', 0x51, level, 0), data, b'\0\0', posix_opened(level, 0x61))
		if told:
			closed(t, 0x61)
	for level, told in levels.file_systems(t):
		trans2(t, 3, pack('<H', level), b'', b'', told)
	for level, data in levels.set_file_systems():
		trans2(t, 4, pack('<HH', 0, level), data)
	for level, ask, told in levels.finds(t):
		ends = pack('<HHHH', 1, 0, 0, 0)
		trans2(t, 1, pack('<HHHHI', 0x16, 10, 4, level, 0) + t.text('\\dir\\*', 12), ask, pack('<H', 9) + ends, told)
		trans2(t, 2, pack('<HHHIH', 9, 10, level, 1, 4) + t.text('a.txt', 12), ask, ends, told)


def posix_opened(level, fid):
	"""What SMB_POSIX_PATH_OPEN tells: no oplock, the FID, created, SMB_QUERY_FILE_UNIX_BASIC."""
	return pack('<HHIHH', 0, fid, 2, 0x200, 0) + levels.unix_basic(0) if level == 0x209 else b''


def subcommands(t):
	trans2(t, 0, pack('<HHHHIHI10s', 1, 0x42, 0, 0x20, 0, 0x11, 0, b'') + t.text(NAME, 28), levels.EAS,
	       pack('<HHIIHHHHIHI', 0x52, 0x20, 1600000000, 12, 2, 0, 0, 2, 0, 0, 0))
	closed(t, 0x52)
	for sub in (0x09, 0x0A, 0x0B, 0x0C, 0x0E, 0x11):      # never used, or no more
		trans2(t, sub, pack('<H', 0x51), b'', status=0xC0000002)
	trans2(t, 0x0D, pack('<I', 0) + t.text('\\dir\\new', 4), levels.EAS, b'\0\0')
	node = '\\FS1\\DATA'.encode('utf-16-le') + b'\0\0'
	referral = pack('<HHHHIHHH', 3, 34, 0, 0, 300, 34, 34, 34) + bytes(16)
	trans2(t, 0x10, pack('<H', 3) + t.text('\\FS1\\DATA', 2), b'', b'', pack('<HHI', 18, 1, 3) + referral + node)


def nt_transact(t):
	name = t.raw('\\dir\\n.txt')
	sd = levels.SECURITY
	eas = levels.full_ea(b'AUTHOR', b'alice')
	params = pack('<IIIQIIIIIIIIB', 0, 0, 0x1F01FF, 0, 0x80, 7, 3, 0, len(sd), len(eas), len(name), 2, 3)
	told = pack('<BBHIIqqqqIQQHHB', 0, 0, 0x53, 2, 0, BASE, BASE, BASE, BASE, 0x20, 0, 0, 0, 7, 0)
	t.nt_ask(1, b'', params + (b'\0' if len(params) % 2 else b'') + name, sd + eas)
	t.nt_tell(told)
	t.nt_ask(2, pack('<IHBB', 0x00090064, 0x53, 1, 0))
	t.nt_tell(b'', bytes(range(16)), pack('<H', 0))
	t.nt_ask(3, b'', pack('<HHI', 0x53, 0, 1), sd)
	t.nt_tell()
	t.nt_ask(4, pack('<IHBB', 0x17, 0x53, 1, 0))
	changed = 'a.txt'.encode('utf-16-le')
	t.nt_tell(pack('<III', 0, 1, len(changed)) + changed)
	t.nt_ask(5, b'', pack('<HH', 0x53, 0) + t.text('\\dir\\o.txt', 4))
	t.answer(0xA0, status=0xC0000002)
	t.nt_ask(6, b'', pack('<HHI', 0x53, 0, 1))
	t.nt_tell(pack('<I', len(sd)), sd)
	quota = pack('<IIqQQQ', 0, len(levels.SID), BASE, 12, 1000, 2000) + levels.SID
	t.nt_ask(7, b'', pack('<HBBIII', 0x53, 0, 1, 0, 0, 0))
	t.nt_tell(pack('<I', len(quota)), quota)
	t.nt_ask(8, b'', pack('<H', 0x53), quota)
	t.nt_tell()
	closed(t, 0x53)


def pipes(t):
	opened(t, 0x70, '\\echo')

	def call(sub, ask=b'', data=b'', tell=b'', told=b'', second=0x70, name='\\PIPE\\'):
		t.trans_ask(0x25, pack('<HH', sub, second), ask, data, name=name)
		t.trans_tell(0x25, tell, told)
	call(0x01, pack('<H', 0x0100))
	call(0x11, told=b'raw bytes')
	call(0x21, tell=pack('<H', 0x05FF))
	call(0x22, pack('<H', 1), told=pack('<HHBBB', 4280, 4280, 0xFF, 1, 10) + t.text('\\PIPE\\echo', 7))
	call(0x23, tell=pack('<HHH', 4, 4, 3), told=b'peek')
	call(0x26, data=b'ping', told=b'pong')
	call(0x31, data=b'raw bytes', tell=pack('<H', 9))
	call(0x36, told=b'read')
	call(0x37, data=b'write', tell=pack('<H', 5))
	call(0x53, second=0, name='\\PIPE\\echo')
	call(0x54, data=b'ping', told=b'pong', second=0, name='\\PIPE\\echo')
	closed(t, 0x70)
	announcement = pack('<BBI16sBBIBBH', 1, 2, 60000, b'FS1', 4, 9, 0x9003, 15, 1, 0xAA55) + b'files\0'
	t.trans_ask(0x25, pack('<HHH', 1, 1, 2), b'', announcement, name='\\MAILSLOT\\BROWSE')
	t.trans_tell(0x25, pack('<H', 0))


RAP = [   # function, parameter and data descriptors, parameters, parameters and data of the answer behind status and convert
	(0, 'WrLeh', 'B13BWz', pack('<HH', 1, 4000), pack('<HH', 1, 1), pack('<13sBHHH', b'DATA', 0, 0, 20, 0) + b'files\0'),
	(1, 'zWrLh', 'B13', b'DATA\0' + pack('<HH', 0, 4000), pack('<H', 13), b'DATA'.ljust(13, b'\0')),
	(2, 'zWsTP', 'B13BWz', b'DATA\0' + pack('<HHH', 1, 26, 0), b'', b''),
	(3, 'WsT', 'B13BWz', pack('<HH', 2, 26), b'', b''),
	(4, 'zW', '', b'DATA\0' + pack('<H', 0), b'', b''),
	(5, 'zh', '', b'DATA\0', pack('<H', 0), b''),
	(6, 'WrLeh', 'zzWWWDDDz', pack('<HH', 2, 4000), pack('<HH', 1, 1),
	 pack('<HHHHHHHIIIHH', 34, 0, 38, 0, 1, 2, 1, 60, 5, 0, 44, 0) + b'WS1\0alice\0DOS LAN\0'),
	(7, 'zWrLh', 'zzWWWDDDz', b'\\\\WS1\0' + pack('<HH', 2, 4000), pack('<H', 34),
	 pack('<HHHHHHHIIIHH', 34, 0, 38, 0, 1, 2, 1, 60, 5, 0, 44, 0) + b'WS1\0alice\0DOS LAN\0'),
	(8, 'zW', '', b'\\\\WS1\0' + pack('<H', 0), b'', b''),
	(9, 'zWrLeh', 'W', b'DATA\0' + pack('<HH', 0, 4000), pack('<HH', 1, 1), pack('<H', 3)),
	(10, 'zzWrLeh', 'W', b'\0\0' + pack('<HH', 2, 4000), pack('<HH', 1, 1), pack('<H', 7)),
	(11, 'WWrLh', 'W', pack('<HHH', 7, 2, 4000), pack('<H', 2), pack('<H', 7)),
	(12, 'W', '', pack('<H', 7), b'', b''),
	(13, 'WrLh', 'B16BBDz', pack('<HH', 1, 4000), pack('<H', 30), pack('<16sBBIHH', b'FS1', 4, 9, 0x9003, 26, 0) + b'lab\0'),
	(47, 'WrLeh', 'B21', pack('<HH', 0, 4000), pack('<HH', 1, 1), b'users'.ljust(21, b'\0')),
	(48, 'WsT', 'B21', pack('<HH', 0, 21), b'', b''),
	(49, 'z', '', b'users\0', b'', b''),
	(50, 'zz', '', b'users\0alice\0', b'', b''),
	(51, 'zz', '', b'users\0alice\0', b'', b''),
	(52, 'zWrLeh', 'B21', b'users\0' + pack('<HH', 0, 4000), pack('<HH', 1, 1), b'alice'.ljust(21, b'\0')),
	(53, 'WrLeh', 'B21', pack('<HH', 0, 4000), pack('<HH', 1, 1), b'alice'.ljust(21, b'\0')),
	(54, 'WsT', 'B21BB16DWzzWz', pack('<HH', 1, 60), b'', b''),
	(55, 'z', '', b'alice\0', b'', b''),
	(56, 'zWrLh', 'B21Bzzz', b'alice\0' + pack('<HH', 10, 4000), pack('<H', 40),
	 pack('<21sB6H', b'alice', 0, 34, 0, 34, 0, 35, 0) + b'\0Alice\0'),
	(57, 'zWsTP', 'B21', b'alice\0' + pack('<HHH', 1, 21, 0), b'', b''),
	(59, 'zWrLeh', 'B21', b'alice\0' + pack('<HH', 0, 4000), pack('<HH', 1, 1), b'users'.ljust(21, b'\0')),
	(63, 'WrLh', 'zzzBBzz', pack('<HH', 10, 4000), pack('<H', 40),
	 pack('<HHHHHHBBHHHH', 22, 0, 26, 0, 32, 0, 4, 9, 32, 0, 36, 0) + b'FS1\0alice\0LAB\0\0'),
	(69, 'WrLeh', 'B13', pack('<HH', 0, 4000), pack('<HH', 1, 1), b'lp'.ljust(13, b'\0')),
	(70, 'zWrLh', 'B13', b'lp\0' + pack('<HH', 0, 4000), pack('<H', 13), b'lp'.ljust(13, b'\0')),
	(74, 'z', '', b'lp\0', b'', b''),
	(75, 'z', '', b'lp\0', b'', b''),
	(76, 'zWrLeh', 'WWzWWDDzz', b'lp\0' + pack('<HH', 2, 4000), pack('<HH', 1, 1),
	 pack('<HHHHHHIIHHHH', 17, 5, 28, 0, 1, 0, 1600000000, 6, 34, 0, 34, 0) + b'alice\0report\0'),
	(77, 'WWrLh', 'WWzWWDDzz', pack('<HHH', 17, 2, 4000), pack('<H', 41),
	 pack('<HHHHHHIIHHHH', 17, 5, 28, 0, 1, 0, 1600000000, 6, 34, 0, 34, 0) + b'alice\0report\0'),
	(81, 'W', '', pack('<H', 17), b'', b''),
	(82, 'W', '', pack('<H', 17), b'', b''),
	(83, 'W', '', pack('<H', 17), b'', b''),
	(91, 'rL', 'DDBBBBWWBBWB', pack('<H', 4000), b'',
	 pack('<IIBBBBHHBBHB', 1600000000, 5, 12, 26, 40, 0, 0, 310, 13, 9, 2020, 0)),
	(103, 'z', '', b'lp\0', b'', b''),
	(104, 'WrLehDz', 'B16', pack('<HHI', 0, 4000, 0xFFFFFFFF) + b'LAB\0', pack('<HH', 1, 1), b'FS1'.ljust(16, b'\0')),
	(115, 'zb16b16WW', '', b'alice\0' + bytes(32) + pack('<HH', 0, 8), b'', b''),
	(132, 'OOWb54WrLh', 'WB21BWDWWDDDDDDDzzzD', pack('<H21s33sHH', 1, b'alice', b'', 54, 4000), pack('<H', 0), b''),
	(133, 'zzWb38WrLh', 'WDW', b'\0\0' + pack('<H', 1) + bytes(38) + pack('<HH', 1, 4000), pack('<H', 0), b''),
	(147, 'WWsTP', 'WWzWWDDzz', pack('<HHHH', 17, 2, 28, 6), b'', b''),
	(214, 'zsT', 'B516B16', b'alice\0' + pack('<H', 532), b'', b''),
	(215, 'WrLehDzz', 'B16', pack('<HHI', 0, 4000, 0xFFFFFFFF) + b'LAB\0FS1\0', pack('<HH', 1, 1), b'FS1'.ljust(16, b'\0')),
]


def rap(t):
	for function, ask, data, params, told, content in RAP:
		head = pack('<H', function) + ask.encode() + b'\0' + data.encode() + b'\0'
		t.trans_ask(0x25, b'', head + params, b'', name='\\PIPE\\LANMAN')
		t.trans_tell(0x25, pack('<HH', 0, 0) + told, content)


def main(path):
	capture = Capture(path)
	talk = Talk(Connection(capture, 40004), UNICODE).begin()
	opened(talk, 0x51)
	all_levels(talk)
	subcommands(talk)
	nt_transact(talk)
	closed(talk, 0x51)
	talk.connect('\\\\FS1\\IPC$', 'IPC')
	pipes(talk)
	rap(talk)
	talk.finish()
	capture.close()


main(sys.argv[1])
