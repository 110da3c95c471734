#!/usr/bin/env python3
"""tests/pcaps/smb2_rsvd.pcap: shared virtual disks, each structure of MS-RSVD 2.2.4 in each direction: rsvd.py OUT"""
import struct
import sys
from talk import Capture, Talk, guid, u, z

SYNC, ASYNC, SUPPORT = 0x00090304, 0x00090364, 0x00090300
OPEN_DEVICE = b'\x9C\xCB\xCF\x9E\x04\xC1\xE6\x43\x98\x0E\x15\x8D\xA1\xF6\xEC\x83'
VM, CDP, WRITEABLE = 1, 3, 4


def device(version, told=False):
	"""2.2.4.12, 2.2.4.31; 2.2.4.32, 2.2.4.33."""
	host = u('HOST-SUT01')
	out = struct.pack('<I?3s16sIIQH126s', version, True, b'', guid(0x68), 0, 1, 0x550916A700000000, len(host), host)
	if version == 2:
		out += struct.pack('<IIIIQ', 1, 2, 512, 4096, 42 << 30) if told else struct.pack('<IIIIQ', 0, 0, 0, 0, 0)
	return out


class Disk:
	"""Tunnel operations (2.2.4.11 and what follows it), one RequestId each."""

	def __init__(self, talk):
		self.talk, self.request = talk, 0x550916A700000000

	def do(self, code, ask=b'', tell=b'', status=0, fsctl=SYNC, pending=None):
		self.request += 1
		head = struct.pack('<I', code), struct.pack('<Q', self.request)
		self.talk.ioctl(fsctl, head[0] + b'\0\0\0\0' + head[1] + ask, head[0] + struct.pack('<I', status) + head[1] + tell,
		                pending=pending)

	def scsi(self, cdb, out=b'', into=b'', scsi=0, srb=1, sense=b'', auto=False):
		"""2.2.4.7, 2.2.4.8; out goes to the disk, into comes from it."""
		way, flags = (0, 0x80) if out else (1, 0x40) if into else (2, 0)
		n = len(out) or len(into)
		ask = struct.pack('<HHBBBBII16sI', 36, 0, len(cdb), 20, way, 0, flags, n, cdb, 0) + out
		tell = struct.pack('<HBBBBBBII', 36, srb | (0x80 if auto else 0), scsi, len(cdb), len(sense), way, 0, flags, len(into))
		self.do(0x02001002, ask, tell + sense.ljust(20, b'\0') + into, fsctl=ASYNC)

	def start(self, kind, data=b'', tell=b'', pending=None):
		"""2.2.4.17"""
		self.do(0x02002101, guid(0x30 + kind) + struct.pack('<II', kind, 0) + data, tell, fsctl=ASYNC, pending=pending)


def cdbs():
	"""A CDB of each form (SPC-4, SBC-3), what it sends, what it gets."""
	block = bytes(range(64)) * 8
	yield bytes([0x00, 0, 0, 0, 0, 0]), b'', b''
	yield bytes([0x12, 0, 0, 0, 36, 0]), b'', struct.pack('>BBBBBBBB8s16s4s', 0, 0, 6, 2, 31, 0, 0, 2, b'Msft    ', b'Virtual Disk    ', b'1.0 ')
	yield bytes([0x12, 1, 0x83, 0, 252, 0]), b'', struct.pack('>BBHBBBB16s', 0, 0x83, 20, 1, 3, 0, 16, guid(0x60))
	yield bytes([0x1A, 8, 0x08, 0, 192, 0]), b'', bytes([3, 0, 0, 0])
	yield bytes([0x5A, 0, 0x3F, 0, 0, 0, 0, 0, 192, 0]), b'', bytes(8)
	yield bytes([0x03, 0, 0, 0, 18, 0]), b'', bytes([0x70, 0, 0, 0, 0, 0, 0, 10]) + bytes(10)
	yield bytes([0x1B, 1, 0, 0, 1, 0]), b'', b''
	yield bytes([0x25]) + bytes(9), b'', struct.pack('>II', 88080383, 512)
	yield bytes([0x9E, 0x10]) + bytes(8) + struct.pack('>IBB', 32, 0, 0), b'', struct.pack('>QI20s', 88080383, 512, b'')
	yield bytes([0x9E, 0x12]) + struct.pack('>QIBB', 0x1000, 24, 0, 0), b'', struct.pack('>IIQII', 20, 0, 0x1000, 8, 0)
	yield bytes([0xA0, 0, 0, 0, 0, 0]) + struct.pack('>IBB', 16, 0, 0), b'', struct.pack('>IIQ', 8, 0, 0)
	yield bytes([0x08, 0x01, 0x02, 0x03, 1, 0]), b'', block
	yield bytes([0x0A, 0x01, 0x02, 0x03, 1, 0]), block, b''
	yield bytes([0x28, 0x18]) + struct.pack('>IBHB', 0x00102030, 0, 1, 0), b'', block
	yield bytes([0x2A, 0x08]) + struct.pack('>IBHB', 0x00102030, 0, 1, 0), block, b''
	yield bytes([0xA8, 0x00]) + struct.pack('>IIBB', 0x00102030, 1, 0, 0), b'', block
	yield bytes([0xAA, 0x00]) + struct.pack('>IIBB', 0x00102030, 1, 0, 0), block, b''
	yield bytes([0x88, 0x00]) + struct.pack('>QIBB', 0x0000000102030405, 1, 0, 0), b'', block
	yield bytes([0x8A, 0x08]) + struct.pack('>QIBB', 0x0000000102030405, 1, 0, 0), block, b''
	yield bytes([0x2F, 0x02]) + struct.pack('>IBHB', 0x00102030, 0, 1, 0), block, b''
	yield bytes([0x35, 0x02]) + struct.pack('>IBHB', 0, 0, 0, 0), b'', b''
	yield bytes([0x41, 0x08]) + struct.pack('>IBHB', 0x1000, 0, 8, 0), block, b''
	yield bytes([0x93, 0x08]) + struct.pack('>QIBB', 0x1000, 8, 0, 0), block, b''
	yield bytes([0x89, 0x00]) + struct.pack('>QBBBBBB', 0x1000, 0, 0, 0, 1, 0, 0), block, b''
	yield bytes([0x42, 0x00]) + struct.pack('>IBHB', 0, 0, 24, 0), struct.pack('>HHIQII', 22, 16, 0, 0x2000, 8, 0), b''
	yield bytes([0x5E, 0x00]) + struct.pack('>5sHB', b'', 264, 0), b'', struct.pack('>IIQ', 7, 8, 0x1111)
	yield bytes([0x5E, 0x01]) + struct.pack('>5sHB', b'', 264, 0), b'', struct.pack('>IIQIBBH', 7, 16, 0x1111, 0, 0, 5, 0)
	yield bytes([0x5F, 0x06, 0x00]) + struct.pack('>HIB', 0, 24, 0), struct.pack('>QQIBBH', 0, 0x1111, 0, 1, 0, 0), b''
	yield bytes([0x5F, 0x01, 0x05]) + struct.pack('>HIB', 0, 24, 0), struct.pack('>QQIBBH', 0x1111, 0, 0, 0, 0, 0), b''


def version1(capture):
	talk = Talk(capture, 50001, 0x0302)
	talk.negotiate()
	talk.logon()
	talk.connect('\\\\FS1\\vhds')
	talk.create('disk.vhdx:SharedVirtualDisk', [(OPEN_DEVICE, device(1))], [(OPEN_DEVICE, device(1, True))])
	talk.ioctl(SUPPORT, b'', struct.pack('<II', 7, 3))
	disk = Disk(talk)
	disk.do(0x02001001, b'', struct.pack('<IIIIQ', 1, 512, 4096, 0, 42 << 30))
	disk.do(0x02001003, b'', b'')
	disk.do(0x02001005, struct.pack('<QI16sBBHQ16s', 0, 0, b'', 0, 0, 0, 0, b''),
	        struct.pack('<III16sBBHQ16s', 3, 4, 1 << 21, guid(0x40), 1, 1, 0, 5 << 30, guid(0x50)))
	disk.do(0x02001006, bytes(56), b'\1')
	for cdb, out, into in cdbs():
		disk.scsi(cdb, out, into)
	fixed = bytes([0x70, 0, 0x05, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0x00, 0, 0xC8, 0, 1])
	disk.scsi(bytes([0x28, 0]) + struct.pack('>IBHB', 0xFFFFFFF0, 0, 1, 0), b'', b'', 2, 4, fixed, True)
	described = bytes([0x72, 0x06, 0x2A, 0x09, 0, 0, 0, 12, 0, 10, 0x80, 0]) + struct.pack('>Q', 0x1234)
	disk.scsi(bytes([0x00, 0, 0, 0, 0, 0]), b'', b'', 2, 4, described, True)
	disk.do(0x02001002, struct.pack('<HHBBBBII16sI', 36, 0, 6, 20, 2, 0, 0, 0, b'', 0), b'', 0xC05C0042, ASYNC)
	disk.do(0x02001004, struct.pack('<B27s', 0x42, b''), struct.pack('<BBBB20s', 0x42, 0x84, 2, 18, fixed))
	talk.close()
	talk.finish()


def version2(capture):
	talk = Talk(capture, 50002, 0x0311)
	talk.negotiate([(1, struct.pack('<HHH4s', 1, 4, 1, b'salt'))], [(1, struct.pack('<HHH4s', 1, 4, 1, b'salt'))])
	talk.logon()
	talk.connect('\\\\FS1\\vhds')
	talk.create('set.vhds:SharedVirtualDisk', [(OPEN_DEVICE, device(2))], [(OPEN_DEVICE, device(2, True))])
	disk = Disk(talk)
	name = z('diff.vhdx')
	stages = struct.pack('<6I', 1, 2, 3, 4, 5, 0)
	disk.start(0, struct.pack('<Q??BB4s', 64 << 30, True, False, 0, 0, b''), pending=0x77)
	disk.start(1, struct.pack('<II', VM, 1) + stages + guid(0x80) + struct.pack('<I24s', 0, b''))
	log = z('log.rct')
	disk.start(1, struct.pack('<II', CDP, 0) + stages + guid(0x81) + struct.pack('<I', 20 + len(log)) + struct.pack('<I', 20) +
	           guid(0x90) + log, struct.pack('<I', 0xC03A0020))
	disk.start(2)
	disk.start(3, struct.pack('<III', VM, 0, 1) + guid(0x80) + guid(0) + struct.pack('<I', len(name)) + name)
	disk.start(4, struct.pack('<I', len(z('set.vhds'))) + z('set.vhds'))
	disk.start(5, struct.pack('<I', VM) + guid(0x80))
	disk.do(0x02002002, guid(0x30), struct.pack('<QQ', 30, 100))
	for kind, data in ((2, struct.pack('<IIB3sI', 2, 0, 1, b'', 2) + guid(0x80) + guid(0x81)),
	                   (5, struct.pack('<IIQII', 5, 0, 1600000000123, VM, 1) + guid(0x80) + guid(0) + guid(0x90)),
	                   (8, struct.pack('<II', 8, 1)),
	                   (9, struct.pack('<IIB3sI', 9, 0, 1, b'', 1) + guid(0x81)),
	                   (10, struct.pack('<IIB3sI', 10, 0, 1, b'', 1) + guid(0x81)),
	                   (12, struct.pack('<IIB3sI', 12, 0, 0, b'', 0))):
		disk.do(0x02002005, struct.pack('<II', kind, VM if kind in (2, 5) else 0) + guid(0x80 if kind == 5 else 0), data)
	disk.do(0x02002006, guid(0x80) + struct.pack('<II', 0, VM))
	disk.do(0x02002009, guid(0x39) + struct.pack('<II', 56, len(log)) + guid(0x90) + struct.pack('<QII', 1 << 30, 0, 0) + log)
	disk.do(0x02002008, b'', struct.pack('<IIQ', 0, 0, 65536))
	disk.do(0x0200200A)
	disk.do(0x0200200C, guid(0x80) + guid(0) + struct.pack('<IIQQ', VM, 0, 0, 1 << 30),
	        struct.pack('<QII', 1 << 30, 2, 0) + struct.pack('<QQQQQQ', 0, 65536, 0, 1 << 20, 4096, 0))
	disk.do(0x0200200D, b'', struct.pack('<Q', 12 << 30))
	disk.do(0x0200200F, b'', b'', 0xC000000D)
	talk.close()
	talk.finish()


capture = Capture(sys.argv[1])
version1(capture)
version2(capture)
capture.close()
