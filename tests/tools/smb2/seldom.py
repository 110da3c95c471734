#!/usr/bin/env python3
"""tests/pcaps/smb2_seldom.pcap: structures of MS-SMB2 that hardly any traffic shows: RDMA channels and transforms, an identity
that is brought along, redirects, notifications, quota, instances, POSIX contexts, compression: seldom.py OUT"""
import struct
import sys
from talk import (Capture, Talk, CREATE, READ, TREE_CONNECT, WRITE, TIME, guid, pad, sid, u, z)

NOTIFICATION = 19
POSIX = b'\x93\xAD\x25\x50\x9C\xB4\x11\xE7\xB4\x23\x83\xDE\x96\x8B\xCD\x7C'
INSTANCE = b'\x45\xBC\xA6\x6A\xEF\xA7\xF7\x4A\x90\x08\xFA\x46\x2E\x14\x4D\x74'
VERSION = b'\xB9\x82\xD0\xB7\x3B\x56\x07\x4F\xA0\x7B\x52\x4A\x81\x16\xA0\x10'
ALICE, USERS, ADMINS = sid(5, 21, 1, 2, 3, 1103), sid(5, 32, 545), sid(5, 32, 544)
NONE, LZNT1, LZ77, HUFFMAN, PATTERN, LZ4 = range(6)


# --- 2.2.9.2.1 ---

def blob(data):
	return struct.pack('<H', len(data)) + data


def sid_attr(who, attributes):
	return blob(who) + struct.pack('<I', attributes)


def array(items):
	return struct.pack('<H', len(items)) + b''.join(items)


def claim(name, values):
	text, data, offsets = pad(z(name), 4), b'', []
	head = 16 + 4 * len(values)
	for v in values:
		offsets.append(head + len(text) + len(data))
		data += pad(z(v), 4)
	return struct.pack('<IHHII', head, 3, 0, 0, len(values)) + struct.pack('<%dI' % len(values), *offsets) + text + data


def identity():
	acl = struct.pack('<BBHHH', 2, 0, 8 + 20 + 4, 1, 0) + struct.pack('<BBHI', 0, 0, 24, 0x1F01FF) + ADMINS
	parts = [
		sid_attr(ALICE, 7), z('alice'), z('LAB'), array([sid_attr(USERS, 7), sid_attr(ADMINS, 0x0F)]),
		array([sid_attr(USERS, 7)]), array([blob(struct.pack('<QI', 23, 3)), blob(struct.pack('<QI', 8, 0))]),
		array([sid_attr(USERS, 7)]), blob(ALICE), blob(acl), array([sid_attr(USERS, 7)]), blob(claim('Project', ['SQL', 'Windows'])),
		blob(claim('Site', ['Lab'])),
	]
	at, offsets, info = 4 + 2 * len(parts), [], b''
	for p in parts:
		offsets.append(at + len(info))
		info += p
	return struct.pack('<HH', 1, at + len(info)) + struct.pack('<12H', *offsets) + info


def extension(at, path):
	"""2.2.9.1: the contexts' offset counts from the request, behind the header."""
	data = identity()
	start = (at - 64 + len(path) + 7) & ~7
	head = struct.pack('<IH10s', start, 1, b'')
	return (head + path).ljust(start - 8, b'\0') + struct.pack('<HHI', 1, len(data), 0) + data


# --- 2.2.2.2 ---

def redirect():
	name = u('\\\\FS2\\data')
	moves = struct.pack('<II4s12s', 1, 0, bytes([10, 77, 1, 3]), b'') + struct.pack('<II', 2, 0) + bytes.fromhex('fd77') + bytes(13) + b'\3'
	return struct.pack('<IIIIHHI', 24 + len(moves) + len(name), 3, 24 + len(moves), len(name), 0, 0, 2) + moves + name


def symlink():
	target, shown = u('\\??\\C:\\target'), u('C:\\target')
	body = struct.pack('<IIHHHHHHI', 0x4C4D5953, 0xA000000C, 12 + len(target + shown), len(u('rest\\of')), 0, len(target), len(target),
	                   len(shown), 0) + target + shown
	return struct.pack('<I', len(body)) + body


def error_context(ident, data):
	return struct.pack('<II', len(data), ident) + data


# --- 2.2.19 to 2.2.22, 2.2.43 ---

def descriptors(*lengths):
	return b''.join(struct.pack('<QII', 0x10000 * i, 0xC0DE0000 + i, n) for i, n in enumerate(lengths))


def transform(ways, lengths):
	"""2.2.43: ways are (type, signature, nonce)."""
	body = b''
	for kind, signature, nonce in ways:
		body += pad(struct.pack('<HHHH', kind, len(signature), len(nonce), 0) + signature + nonce, 8)
	what = descriptors(*lengths)
	return struct.pack('<HHIHHI', 16 + len(body), len(what), 1, len(ways), 0, 0) + body + what


ENCRYPTED, SIGNED = (1, guid(0x70), guid(0x80)[:12]), (2, guid(0x90), b'')


def rdma_read(t, channel, info, response=None):
	t.ask(READ, struct.pack('<HBBIQ', 49, 80, 0, 65536, 0) + t.fid + struct.pack('<IIIHH', 0, channel, 0, 112, len(info)) + info)
	data = response or b''
	t.answer(READ, struct.pack('<HBBIII', 17, 80, 0, len(data), 65536, 1 if data else 0) + data)


def rdma_write(t, channel, info):
	t.ask(WRITE, struct.pack('<HHIQ', 49, 0, 0, 0) + t.fid + struct.pack('<IIHHI', channel, 65536, 112, len(info), 0) + info)
	t.answer(WRITE, struct.pack('<HHIIHH', 17, 0, 65536, 0, 0, 0))


def rdma(t):
	t.create('rdma.bin')
	rdma_read(t, 1, descriptors(65536))
	rdma_read(t, 2, descriptors(32768, 32768))
	rdma_read(t, 3, transform([ENCRYPTED], [65536]), transform([ENCRYPTED], []))
	rdma_write(t, 1, descriptors(65536))
	rdma_write(t, 2, descriptors(65536))
	rdma_write(t, 3, transform([ENCRYPTED, SIGNED], [32768, 32768]))
	t.close()


# --- 2.2.42 ---

def huffman(data):
	"""MS-XCA 2.1.4.2: the end is symbol 256, of two bits; bytes have eight, from 0x80 on nine; a
	reader is a word ahead."""
	bits = ''.join('{:08b}'.format(0x40 + b) if b < 0x80 else '{:09b}'.format(0x180 + b - 0x80) for b in data) + '00'
	bits += '0' * (-len(bits) % 16)
	words = [int(bits[i:i + 16], 2) for i in range(0, len(bits), 16)]
	return b'\x88' * 64 + b'\x99' * 64 + b'\x02' + bytes(127) + struct.pack('<%dH' % len(words), *words) + bytes(2)


def literal(way, data):
	"""Data as a stream of literals (MS-XCA 2.1, 2.3, 2.5; LZ4 block format), so that nothing has to be compressed."""
	if way == LZNT1:
		return struct.pack('<H', 0x3000 | (len(data) - 1)) + data
	if way == LZ77:
		return b''.join(b'\0\0\0\0' + data[i:i + 32] for i in range(0, len(data), 32)) + b'\xff\xff\xff\xff'
	if way == HUFFMAN:
		return huffman(data)
	return bytes([0xF0, len(data) - 15]) + data


def compressed(t):
	t.create('packed.bin')
	parts = [bytes((17 * way + i) & 0xFF for i in range(64)) for way in (LZNT1, LZ77, HUFFMAN, LZ4)]
	data = b''.join(parts) + b'A' * 64
	head = t.header(WRITE, False) + struct.pack('<HHIQ', 49, 112, len(data), 0) + t.fid + struct.pack('<IIHHI', 0, 0, 0, 0, 0)
	chain = [(NONE, head)] + [(w, struct.pack('<I', 64) + literal(w, p)) for w, p in zip((LZNT1, LZ77, HUFFMAN, LZ4), parts)]
	chain.append((PATTERN, struct.pack('<BBHI', 0x41, 0, 0, 64)))
	out = b'\xfcSMB' + struct.pack('<I', len(head + data))
	for i, (way, payload) in enumerate(chain):
		out += struct.pack('<HHI', way, 0 if i else 1, len(payload)) + payload
	t.connection.send('c', out)
	t.answer(WRITE, struct.pack('<HHIIHH', 17, 0, len(data), 0, 0, 0))
	for way, part in zip((LZNT1, LZ77, HUFFMAN, LZ4), parts):
		head = t.header(WRITE, False) + struct.pack('<HHIQ', 49, 112, 64, 0) + t.fid + struct.pack('<IIHHI', 0, 0, 0, 0, 0)
		t.connection.send('c', b'\xfcSMB' + struct.pack('<IHHI', 64, way, 0, len(head)) + head + literal(way, part))
		t.answer(WRITE, struct.pack('<HHIIHH', 17, 0, 64, 0, 0, 0))
	t.close()


# --- the conversation ---

def negotiate(t):
	asked = [
		(1, struct.pack('<HHH4s', 1, 4, 1, b'salt')), (2, struct.pack('<HHHHH', 4, 4, 3, 2, 1)),
		(3, struct.pack('<HHIHHHHH', 5, 0, 1, LZNT1, LZ77, HUFFMAN, PATTERN, LZ4)), (5, u('fs1.lab.test')),
		(6, struct.pack('<I', 1)), (7, struct.pack('<HHIHH', 2, 0, 0, 1, 2)), (8, struct.pack('<HHHH', 3, 2, 1, 0)), (0x100, POSIX),
	]
	told = [
		(1, struct.pack('<HHH4s', 1, 4, 1, b'tlas')), (3, struct.pack('<HHIHHHHH', 5, 0, 1, LZNT1, LZ77, HUFFMAN, PATTERN, LZ4)),
		(6, struct.pack('<I', 1)), (7, struct.pack('<HHIHH', 2, 0, 0, 1, 2)), (8, struct.pack('<HH', 1, 2)), (0x100, POSIX),
	]
	t.negotiate(asked, told)


def quota(t):
	"""2.2.37.1, MS-FSCC 2.4.33"""
	who = struct.pack('<II', 0, len(ALICE)) + ALICE
	ask = struct.pack('<BBHIII', 1, 1, 0, len(who), 0, 0) + who
	entry = struct.pack('<IIQQQQ', 0, len(ALICE), TIME, 1000, 900000, 1000000) + ALICE
	t.query(4, 0, entry, 0, ask)
	start = struct.pack('<BBHIII', 0, 0, 0, 0, len(USERS), 0) + USERS
	first = struct.pack('<IIQQQQ', 40 + len(USERS), len(USERS), TIME, 5, 6, 7) + USERS
	t.query(4, 0, first + entry, 0, start)


def main(path):
	capture = Capture(path)
	t = Talk(capture, 50021)
	negotiate(t)
	t.logon()
	t.error(TREE_CONNECT, struct.pack('<HHHH', 9, 2, 72, len(u('\\\\FS1\\moved'))) + u('\\\\FS1\\moved'), 0xC00000CC,
	        error_context(0x72645253, redirect()), 1)
	t.connect('\\\\FS1\\data', extension)
	t.error(CREATE, t.create_ask('link\\rest\\of'), 0x8000002D, error_context(0, symlink()), 1)
	t.create('app.bin', [(INSTANCE, struct.pack('<HH', 20, 0) + guid(0x50)), (VERSION, struct.pack('<HHIQQ', 24, 0, 0, 2, 7)),
	                     (POSIX, struct.pack('<I', 0o644))],
	         [(POSIX, struct.pack('<III', 1, 0, 0o100644) + sid(22, 1, 1000) + sid(22, 2, 1000))])
	quota(t)
	t.close()
	rdma(t)
	compressed(t)
	notification(t)
	capture.close()


def notification(t):
	"""2.2.44: SmbNotifySessionClosed, which nobody asked for."""
	t.connection.send('s', t.header(NOTIFICATION, True, mid=0xFFFFFFFFFFFFFFFF, tree=0) + struct.pack('<HHI', 4, 0, 0))
	t.connection.end()


main(sys.argv[1])
