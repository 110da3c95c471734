#!/usr/bin/env python3
"""tests/pcaps/smb1_built.pcap: requests and answers of the SMB1 commands that no server or client here will speak any more,
each once, by the layouts of MS-CIFS 2.2.4: built.py OUT"""
import struct
import sys
from wire import Capture, Connection, Talk, OEM

pack = struct.pack
BASE = 132444736000000000
UTIME = 1600000000
DATE, TIME = (2020 - 1980) << 9 | 9 << 5 | 13, 12 << 11 | 26 << 5 | 20


class Core(Talk):
	def path(self, *names):
		return b''.join(b'\x04' + self.text(n) for n in names)

	def data(self, content, kind=1):
		return bytes([kind]) + pack('<H', len(content)) + content

	def tell(self, command, ask=b'', ask_data=b'', words=b'', data=b'', status=0):
		self.exchange(command, ask, ask_data, words, data, status)


def files(t):
	"""What core clients did to files and directories: 2.2.4.1 to 2.2.4.19."""
	t.tell(0x00, b'', t.path('\\dir'))
	t.tell(0x10, b'', t.path('\\dir'))
	t.tell(0x03, pack('<HI', 0x20, UTIME), t.path('\\dir\\a.txt'), pack('<H', 0x10))
	t.tell(0x0B, pack('<HHIH', 0x10, 12, 0, 0), t.data(b'hello, world'), pack('<H', 12))
	t.tell(0x05, pack('<H', 0x10))
	t.tell(0x12, pack('<HHi', 0x10, 2, -5), b'', pack('<I', 7))
	t.tell(0x0C, pack('<HII', 0x10, 5, 7))
	t.tell(0x14, pack('<HHIH', 0x10, 5, 7, 0), t.data(b'WORLD'), pack('<H', 5))
	t.tell(0x0C, pack('<HII', 0x10, 5, 0))
	t.tell(0x0D, pack('<HII', 0x10, 5, 0))
	t.tell(0x13, pack('<HHIH', 0x10, 5, 0, 0), b'', pack('<H8s', 5, b''), t.data(b'hello'))
	t.tell(0x04, pack('<HI', 0x10, UTIME))
	t.tell(0x02, pack('<HH', 0x42, 0x16), t.path('\\dir\\a.txt'), pack('<HHIIH', 0x11, 0x20, UTIME, 12, 2))
	t.tell(0x0A, pack('<HHIH', 0x11, 100, 0, 0), b'', pack('<H8s', 12, b''), t.data(b'hello, WORLD'))
	t.tell(0x22, pack('<HHHHHHH', 0x11, DATE, TIME, DATE, TIME, DATE, TIME))
	t.tell(0x23, pack('<H', 0x11), b'', pack('<HHHHHHIIH', DATE, TIME, DATE, TIME, DATE, TIME, 12, 4096, 0x20))
	t.tell(0x2C, pack('<HHII', 0x11, 4, 12, UTIME), b'\0tail', pack('<H', 4))
	t.tell(0x0E, pack('<HI', 0x20, UTIME), t.path('\\dir'), pack('<H', 0x12), t.path('\\dir\\TMP00001'))
	t.tell(0x2C, pack('<HHIIIII', 0x12, 3, 0, UTIME, 0, 0, 0), b'\0abc', pack('<H', 3))
	t.tell(0x0F, pack('<HI', 0x20, UTIME), t.path('\\dir\\b.txt'), pack('<H', 0x13))
	t.tell(0x31, pack('<HI', 0x13, 0xFFFFFFFF), status=0x00160001)
	t.tell(0x04, pack('<HI', 0x13, 0xFFFFFFFF))
	t.tell(0x08, b'', t.path('\\dir\\a.txt'), pack('<HII10s', 0x20, UTIME, 16, b''))
	t.tell(0x09, pack('<HI10s', 0x01, UTIME, b''), t.path('\\dir\\a.txt'))
	t.tell(0x07, pack('<H', 0x16), t.path('\\dir\\b.txt', '\\dir\\c.txt'))
	t.tell(0xA5, pack('<HHI', 0x16, 0x103, 0), t.path('\\dir\\c.txt', '\\dir\\d.txt'))
	t.tell(0x29, pack('<HHH', t.tid, 0x11, 0), t.path('\\dir\\a.txt', '\\dir\\copy.txt'), pack('<H', 1))
	t.tell(0x2A, pack('<HHH', t.tid, 0x11, 0), t.path('\\dir\\copy.txt', '\\dir\\moved.txt'), pack('<H', 1))
	t.tell(0x06, pack('<H', 0x06), t.path('\\dir\\*.txt'))
	t.tell(0x01, b'', t.path('\\dir'))
	t.tell(0x11)
	t.tell(0x80, b'', b'', pack('<HHHHH', 1000, 8, 512, 700, 0))


def search(t):
	"""SEARCH, FIND, FIND_UNIQUE, FIND_CLOSE (2.2.4.58 to 2.2.4.61)."""
	key = pack('<B11s5s4s', 0, b'A       TXT', b'\x01\x02\x03\x04\x05', b'MINE')
	entry = key + pack('<BHHI13s', 0x20, TIME, DATE, 12, b'A.TXT')
	for command in (0x81, 0x82, 0x83):
		t.tell(command, pack('<HH', 10, 0x16), t.path('\\*.*') + t.data(b'', 5), pack('<H', 1), t.data(entry, 5))
	t.tell(0x81, pack('<HH', 10, 0x16), t.path('') + t.data(key, 5), status=0x00120001)
	t.tell(0x84, pack('<HH', 0, 0x16), t.path('') + t.data(key, 5), pack('<H', 0), t.data(b'', 5))


def andx(t):
	"""OPEN_ANDX, READ_ANDX, WRITE_ANDX, LOCKING_ANDX, NT_CREATE_ANDX, and what belongs to them."""
	t.tell(0x2D, pack('<BBHHHHHIHI8s', 255, 0, 0, 1, 0x42, 0, 0, 0, 0x11, 0, b''), t.text('\\x.bin'),
	       pack('<BBHHHIIHHHHIH', 255, 0, 0, 0x21, 0x20, UTIME, 0, 2, 0, 0, 2, 0, 0))
	t.tell(0x2F, pack('<BBHHIIHHHHHI', 255, 0, 0, 0x21, 0, 0, 0, 0, 0, 8, 64, 0), b'\0contents',
	       pack('<BBHHHHH', 255, 0, 0, 8, 0, 0, 0))
	t.tell(0x2E, pack('<BBHHIHHIHI', 255, 0, 0, 0x21, 0, 100, 0, 0, 0, 0), b'',
	       pack('<BBHHHHHHH8s', 255, 0, 0, 0, 0, 0, 8, 60, 0, b''), b'\0contents')
	t.tell(0x24, pack('<BBHHBBIHH', 255, 0, 0, 0x21, 0x10, 0, 0, 1, 1),
	       pack('<HHIIII', 0x0BAD, 0, 0, 8, 0, 4) + pack('<HHIIII', 0x0BAD, 0, 0, 0, 0, 4), pack('<BBH', 255, 0, 0))
	t.ask(0xA4, b'', b'', False)
	t.tell(0x04, pack('<HI', 0x21, 0xFFFFFFFF))
	t.tell(0xA2, pack('<BBHBHIIIQIIIIIB', 255, 0, 0, 0, 6, 0, 0, 0x12019F, 0, 0x80, 3, 3, 0, 2, 3), t.text('\\y.bin'),
	       pack('<BBHBHIqqqqIQQHHB', 255, 0, 0, 0, 0x22, 2, BASE, BASE, BASE, BASE, 0x20, 0, 0, 0, 7, 0))
	t.tell(0x04, pack('<HI', 0x22, 0xFFFFFFFF))
	t.tell(0x2B, pack('<H', 1), b'are you there?', pack('<H', 1), b'are you there?')
	t.tell(0x34, pack('<H', 7))
	t.tell(0x35, pack('<H', 7), status=0x00010002)


def raw_and_mpx(t):
	"""2.2.4.22 to 2.2.4.28; MPX answers and requests may be several."""
	t.tell(0x2D, pack('<BBHHHHHIHI8s', 255, 0, 0, 1, 0x42, 0, 0, 0, 0x11, 0, b''), t.text('\\m.bin'),
	       pack('<BBHHHIIHHHHIH', 255, 0, 0, 0x23, 0x20, UTIME, 0, 2, 0, 0, 2, 0, 0))
	t.ask(0x1D, pack('<HHHIIHIHH', 0x23, 6, 0, 0, 0, 1, 0, 2, 60), b'\0ra')
	t.answer(0x1D, pack('<H', 0xFFFF))
	t.connection.send('c', b'wraw')
	t.answer(0x20, pack('<H', 6))
	t.ask(0x1A, pack('<HIHHIH', 0x23, 0, 6, 0, 0, 0))
	t.connection.send('s', b'rawraw')
	t.ask(0x1B, pack('<HIHHIH', 0x23, 0, 6, 6, 0, 0))
	for at, part in ((0, b'raw'), (3, b'raw')):
		t.answer(0x1B, pack('<IHHHHHH', at, 6, 0xFFFF, 0, 0, 3, 52), b'\0' + part)
	t.ask(0x1C, pack('<HIHHIH', 0x23, 0, 6, 6, 0, 0))
	t.answer(0x1C, status=0x00FA0002)
	for at, mask in ((0, 1), (3, 0x80000002)):
		t.ask(0x1E, pack('<HHHIIHIHH', 0x23, 6, 0, at, 0, 1, mask, 3, 60), b'\0mpx', at == 0)
	t.answer(0x1E, pack('<I', 3))
	t.ask(0x1F, pack('<HHIIHHHH', 0x23, 6, 0, 0, 0, 0, 3, 52), b'\0mpx')
	t.answer(0x1F, status=0x00FA0002)
	t.tell(0x04, pack('<HI', 0x23, 0xFFFFFFFF))


def ioctl(t):
	"""IOCTL (2.2.4.35), IOCTL_SECONDARY (2.2.4.36)."""
	t.tell(0x27, pack('<HHHHHHHIHHHHH', 0x24, 0x53, 0x60, 4, 2, 16, 32, 0, 0, 4, 64, 2, 68), b'\0parmda',
	       pack('<HHHHHHHH', 4, 4, 4, 52, 0, 4, 56, 0), b'\0parmdata')
	t.tell(0x28, pack('<HHHHHHHH', 0, 2, 0, 52, 0, 2, 52, 0), b'\0da', status=0x00010001)


def printing(t):
	"""2.2.4.67 to 2.2.4.69, and GET_PRINT_QUEUE."""
	t.tell(0xC0, pack('<HH', 0, 1), t.path('report'), pack('<H', 0x31))
	t.tell(0xC1, pack('<H', 0x31), t.data(b'a page'))
	t.tell(0xC2, pack('<H', 0x31))
	entry = pack('<HHBHIB16s', DATE, TIME, 3, 17, 6, 0, b'report')
	t.tell(0xC3, pack('<HH', 10, 0), b'', pack('<HH', 1, 1), t.data(entry))


def messenger(t):
	"""SEND_MESSAGE to SEND_TEXT_MB_MESSAGE (2.2.2.1 names the codes; the layouts are of the core protocol)."""
	text = t.data(b'the disk is full')
	t.tell(0xD0, b'', t.path('WS1', 'FS1') + text)
	t.tell(0xD1, b'', t.path('WS1', '') + text)
	t.tell(0xD2, b'', t.path('ADMIN'))
	t.tell(0xD3, b'', t.path('ADMIN'))
	t.tell(0xD4, b'', b'', b'', t.path('FS1'))
	t.tell(0xD5, b'', t.path('WS1', 'FS1'), pack('<H', 7))
	t.tell(0xD7, pack('<H', 7), text)
	t.tell(0xD6, pack('<H', 7))


def reserved(t):
	"""Codes that were never used, or no longer: answered with ERRSRV/ERRerror or ERRnosupport."""
	for command, words in ((0x21, b''), (0x30, b''), (0x7E, pack('<BBH', 255, 0, 0)), (0xD8, pack('<HI6H', *range(8))),
	                       (0xD9, pack('<HI6H', *range(8))), (0xDA, pack('<HI6H', *range(8))), (0xFE, b'')):
		t.tell(command, words, status=0x00400002)


def main(path):
	capture = Capture(path)
	talk = Core(Connection(capture, 40003), OEM).begin()
	files(talk)
	search(talk)
	andx(talk)
	raw_and_mpx(talk)
	ioctl(talk)
	talk.exchange(0x70, b'', talk.path('\\\\FS1\\PRINTER', '', 'LPT1:'), pack('<HH', 16644, 9))
	printing(talk)
	messenger(talk)
	reserved(talk)
	talk.finish()
	capture.close()


main(sys.argv[1])
