#!/usr/bin/env python3
"""tests/pcaps/smb1_split.pcap: transactions in several messages (MS-CIFS 2.2.4.34, 2.2.4.47, 2.2.4.63, 3.2.4.1.5):
split.py OUT"""
import struct
import sys
from wire import Capture, Connection, Talk, UNICODE

BASE = 132444736000000000


def entries(talk, names):
	"""SMB_FIND_FILE_BOTH_DIRECTORY_INFO (MS-CIFS 2.2.8.1.7)."""
	out = b''
	for i, name in enumerate(names):
		n = talk.raw(name)
		size = 94 + len(n)
		pad = -size % 8
		more = size + pad if i + 1 < len(names) else 0
		out += struct.pack('<IIqqqqQQIIIBB24s', more, i, BASE, BASE + 1, BASE + 2, BASE + 3, 1000 + i, 4096, 0x20, len(n), 0, 0,
		                   0, b'') + n + b'\0' * (pad if more else 0)
	return out


def find(talk, order, shrink=False):
	"""FIND_FIRST2 answered in three messages, in the order given."""
	ask = struct.pack('<HHHHI', 0x16, 100, 6, 0x104, 0) + talk.text('\\docs\\*', 12)
	data = entries(talk, ['file%02d.txt' % i for i in range(24)])
	tell = struct.pack('<HHHHH', 7, 24, 1, 0, 0)
	parts = [((0, 6), (0, 1001)), ((6, 10), (1001, 2000)), ((10, 10), (2000, len(data)))]
	talk.trans_ask(0x32, struct.pack('<H', 1), ask)
	for n, i in enumerate(order):
		totals = (len(tell), len(data) + 512) if shrink and n == 0 else None
		talk.trans_tell(0x32, tell, data, p=parts[i][0], d=parts[i][1], totals=totals)


def set_path(talk, order, cut_params=False):
	"""SET_PATH_INFORMATION, SMB_SET_FILE_BASIC_INFO, whose request takes three messages."""
	params = struct.pack('<HI', 0x101, 0) + talk.text('\\docs\\a rather long name of a file.txt', 6)
	data = struct.pack('<qqqqII', BASE, BASE + 10, BASE + 20, BASE + 30, 0x22, 0)
	n = 30 if cut_params else len(params)
	talk.trans_ask(0x32, struct.pack('<H', 6), params, data, p=(0, n), d=(0, 8))
	talk.answer(0x32)
	parts = [((n, len(params)), (8, 20)), ((len(params), len(params)), (20, 40))]
	for i in order:
		talk.trans_more(0x33, params, data, *parts[i])
	talk.trans_tell(0x32, b'\0\0')


def set_security(talk, kind=0xA1):
	"""NT_TRANSACT_SET_SECURITY_DESC in two; kind 0x33: its secondary is one of TRANSACTION2, which nobody may send."""
	sid = struct.pack('<BB6sII', 1, 2, b'\0\0\0\0\0\x05', 32, 544)
	data = struct.pack('<BBHIIII', 1, 0, 0x8000, 20, 0, 0, 0) + sid
	params = struct.pack('<HHI', 0x4001, 0, 1)
	talk.nt_ask(3, b'', params, data, d=(0, 20))
	talk.answer(0xA0)
	if kind == 0xA1:
		talk.nt_more(params, data, (len(params), len(params)), (20, len(data)))
	else:
		talk.trans_more(kind, params, data, (len(params), len(params)), (20, len(data)))
	talk.nt_tell()


def rap(talk, order):
	"""NetShareEnum at \\PIPE\\LANMAN (MS-RAP 2.5.6), the answer in two messages."""
	ask = struct.pack('<H', 0) + b'WrLeh\0B13BWz\0' + struct.pack('<HH', 1, 4000)
	shares = [('DATA', 0, 'what there is'), ('PRINT', 1, 'paper'), ('IPC$', 3, 'pipes')]
	fixed, heap, n = b'', b'', 20 * len(shares)
	for name, kind, remark in shares:
		fixed += struct.pack('<13sBHHH', name.encode(), 0, kind, n + len(heap), 0)
		heap += remark.encode() + b'\0'
	data, params = fixed + heap, struct.pack('<HHHH', 0, 0, 3, 3)
	talk.trans_ask(0x25, b'', ask, b'', name='\\PIPE\\LANMAN')
	parts = [((0, 8), (0, 41)), ((8, 8), (41, len(data)))]
	for i in order:
		talk.trans_tell(0x25, params, data, p=parts[i][0], d=parts[i][1])


def pipe(talk):
	"""An RPC request and its answer through TRANS_TRANSACT_NMPIPE, each in two messages."""
	call = struct.pack('<BBBBIHHIIHH', 5, 0, 0, 3, 0x10, 24 + 40, 0, 1, 40, 0, 15) + bytes(range(40))
	told = struct.pack('<BBBBIHHIIHBB', 5, 0, 2, 3, 0x10, 24 + 60, 0, 1, 60, 0, 0, 0) + bytes(range(60))
	setup = struct.pack('<HH', 0x26, 0x4002)
	talk.trans_ask(0x25, setup, b'', call, name='\\PIPE\\', d=(0, 30))
	talk.answer(0x25)
	talk.trans_more(0x26, b'', call, (0, 0), (30, len(call)))
	talk.trans_tell(0x25, b'', told, d=(0, 50))
	talk.trans_tell(0x25, b'', told, d=(50, len(told)))


def create(talk, fid, path):
	name = talk.raw(path)
	words = struct.pack('<BBHBHIIIQIIIIIB', 0xFF, 0, 0, 0, len(name), 0, 0, 0x1F01FF, 0, 0, 7, 1, 0, 2, 0)
	told = struct.pack('<BBHBHIqqqqIQQHHB', 0xFF, 0, 0, 0, fid, 1, BASE, BASE, BASE, BASE, 0x20, 4096, 100, 0, 7, 0)
	talk.exchange(0xA2, words, b'\0' + name, told, b'')


def main(path):
	capture = Capture(path)
	talk = Talk(Connection(capture, 40001), UNICODE).begin()
	find(talk, (0, 1, 2))
	find(talk, (2, 0, 1))
	find(talk, (1, 2, 0), shrink=True)
	set_path(talk, (0, 1))
	set_path(talk, (1, 0), cut_params=True)
	create(talk, 0x4001, '\\docs\\secret.txt')
	set_security(talk)
	set_security(talk, 0x33)
	# An error ends a transaction whose request is not complete.
	talk.trans_ask(0x32, struct.pack('<H', 6), b'\1\1' + bytes(4) + talk.text('\\no', 6), bytes(40), d=(0, 8))
	talk.answer(0x32, status=0xC0000022)
	talk.connect('\\\\FS1\\IPC$', 'IPC')
	rap(talk, (0, 1))
	rap(talk, (1, 0))
	create(talk, 0x4002, '\\srvsvc')
	pipe(talk)
	talk.finish()
	capture.close()


main(sys.argv[1])
