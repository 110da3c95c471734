#!/usr/bin/env python3
"""tests/pcaps/smb1_raw.pcap: READ_RAW and WRITE_RAW, whose content comes without a header (MS-CIFS 2.2.4.22, 2.2.4.25,
2.2.4.28): raw.py OUT"""
import struct
import sys
from wire import Capture, Connection, Talk, OEM


def content(n, salt):
	return bytes((i * salt + (i >> 8)) & 0xFF for i in range(n))


def opened(talk, fid, path, size, create=False):
	"""OPEN_ANDX (2.2.4.41)."""
	words = struct.pack('<BBHHHHHIHI8s', 0xFF, 0, 0, 1, 0x42, 0, 0, 0, 0x11 if create else 1, 0, b'')
	told = struct.pack('<BBHHHIIHHHHIH', 0xFF, 0, 0, fid, 0x20, 0, size, 2, 0, 0, 2 if create else 1, 0, 0)
	talk.exchange(0x2D, words, talk.text(path, 32 + 33), told, b'')


def read_raw(talk, fid, offset, data, want=None, high=None):
	words = struct.pack('<HIHHIH', fid, offset & 0xFFFFFFFF, want or len(data), 0, 0, 0)
	talk.ask(0x1A, words + (b'' if high is None else struct.pack('<I', high)))
	talk.connection.send('s', data)


def write_raw(talk, fid, offset, data, here, through, status=0):
	"""here: how many bytes the request itself carries."""
	at = 32 + 1 + 24 + 2
	pad = -at % 4
	words = struct.pack('<HHHIIHIHH', fid, len(data), 0, offset, 0, 1 if through else 0, 0, here, at + pad)
	talk.ask(0x1D, words, b'\0' * pad + data[:here])
	if status:
		talk.answer(0x20, status=status)
		return
	talk.answer(0x1D, struct.pack('<H', 0xFFFF))
	talk.connection.send('c', data[here:])
	if through:
		talk.answer(0x20, struct.pack('<H', len(data)))


def closed(talk, fid):
	talk.exchange(0x04, struct.pack('<HI', fid, 0xFFFFFFFF))


def main(path):
	capture = Capture(path)
	talk = Talk(Connection(capture, 40002), OEM).begin()
	opened(talk, 0x11, '\\old.bin', 5000)
	data = content(5000, 7)
	read_raw(talk, 0x11, 0, data[:4000])
	read_raw(talk, 0x11, 4000, data[4000:], want=4000, high=0)
	read_raw(talk, 0x11, 5000, b'', want=4000)
	closed(talk, 0x11)
	opened(talk, 0x12, '\\new.bin', 0, create=True)
	data = content(6000, 11)
	write_raw(talk, 0x12, 0, data[:3000], 1000, through=True)
	write_raw(talk, 0x12, 3000, data[3000:], 0, through=False)
	write_raw(talk, 0x12, 6000, data[:100], 50, through=True, status=0x00700001)
	closed(talk, 0x12)
	talk.finish()
	capture.close()


main(sys.argv[1])
