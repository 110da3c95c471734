"""A capture of one SMB1 conversation, built byte by byte: pcap, Ethernet, IPv4, TCP (RFC 791, 9293), session packets
(RFC 1002 4.3.1), SMB1 messages and transactions (MS-CIFS 2.2.3, 2.2.4.33, 2.2.4.46, 2.2.4.62)."""
import struct

REPLY, OEM, UNICODE = 0x80, 0x0001, 0xC001     # Flags; Flags2: long names; with NT status, UTF-16


def checksum(data):
	if len(data) % 2:
		data += b'\0'
	total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
	while total >> 16:
		total = (total & 0xFFFF) + (total >> 16)
	return ~total & 0xFFFF


class Capture:
	"""A pcap file with microseconds; each frame comes 250 us after the one before."""

	def __init__(self, path):
		self.file = open(path, 'wb')
		self.file.write(struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
		self.now = 1600000000 * 1000000

	def frame(self, data):
		self.now += 250
		self.file.write(struct.pack('<IIII', self.now // 1000000, self.now % 1000000, len(data), len(data)) + data)

	def close(self):
		self.file.close()


class Connection:
	"""A TCP connection; c is the client's way, s the server's."""
	MSS = 1460

	def __init__(self, capture, client_port, port=139, client='10.77.1.2', server='10.77.1.1'):
		self.capture, self.ident = capture, 1
		self.ports = {'c': (client_port, port), 's': (port, client_port)}
		addresses = [bytes(int(x) for x in a.split('.')) for a in (client, server)]
		self.addresses = {'c': addresses[0] + addresses[1], 's': addresses[1] + addresses[0]}
		self.seq = {'c': 1000, 's': 5000}
		self.segment('c', 0x02, b'')
		self.segment('s', 0x12, b'')
		self.segment('c', 0x10, b'')
		if port == 139:
			self.session_request()

	def segment(self, way, flags, data):
		other = 's' if way == 'c' else 'c'
		ack = self.seq[other] if flags & 0x10 else 0
		head = struct.pack('>HHIIBBHHH', *self.ports[way], self.seq[way], ack, 0x50, flags, 65535, 0, 0)
		pseudo = self.addresses[way] + struct.pack('>BBH', 0, 6, len(head) + len(data))
		head = head[:16] + struct.pack('>H', checksum(pseudo + head + data)) + head[18:]
		ip = struct.pack('>BBHHHBBH', 0x45, 0, 40 + len(data), self.ident, 0x4000, 64, 6, 0) + self.addresses[way]
		ip = ip[:10] + struct.pack('>H', checksum(ip)) + ip[12:]
		macs = b'\x02\0\0\0\0\1\x02\0\0\0\0\2' if way == 's' else b'\x02\0\0\0\0\2\x02\0\0\0\0\1'
		self.capture.frame(macs + b'\x08\0' + ip + head + data)
		self.ident += 1
		self.seq[way] += len(data) + (1 if flags & 3 else 0)

	def send(self, way, payload, kind=0):
		data = struct.pack('>BBH', kind, len(payload) >> 16, len(payload) & 0xFFFF) + payload
		for at in range(0, len(data), self.MSS):
			self.segment(way, 0x18, data[at:at + self.MSS])

	def session_request(self):
		"""RFC 1002 4.3.2: called FS1, calling WS1, letters in half bytes (RFC 1001 14.1)."""
		def name(text, suffix):
			raw = text.ljust(15).encode() + bytes([suffix])
			return b'\x20' + b''.join(bytes([0x41 + (b >> 4), 0x41 + (b & 15)]) for b in raw) + b'\0'
		self.send('c', name('FS1', 0x20) + name('WS1', 0), 0x81)
		self.send('s', b'', 0x82)

	def end(self):
		self.segment('c', 0x11, b'')
		self.segment('s', 0x11, b'')
		self.segment('c', 0x10, b'')


class Talk:
	"""The SMB1 side of a connection: ids, and one request after another.  flags2 decides the strings' encoding."""

	def __init__(self, connection, flags2):
		self.connection, self.flags2 = connection, flags2
		self.uid = self.tid = 0
		self.pid, self.mid = 0x0BAD, 0

	def text(self, s, at=0):
		"""A string with its NUL; at: where it stands, counted from the header, for the alignment of UTF-16."""
		if self.flags2 & 0x8000:
			return b'\0' * (at % 2) + (s + '\0').encode('utf-16-le')
		return (s + '\0').encode('cp437')

	def raw(self, s):
		return s.encode('utf-16-le' if self.flags2 & 0x8000 else 'cp437')

	def header(self, command, reply, status=0, mid=None):
		return b'\xffSMB' + struct.pack('<BIBHH8sHHHHH', command, status, 0x18 | (REPLY if reply else 0), self.flags2, 0,
		                                b'', 0, self.tid, self.pid, self.uid, self.mid if mid is None else mid)

	@staticmethod
	def block(words, data):
		assert len(words) % 2 == 0, 'words of an odd length'
		return bytes([len(words) // 2]) + words + struct.pack('<H', len(data) & 0xFFFF) + data

	def ask(self, command, words=b'', data=b'', new=True):
		self.mid += new
		self.connection.send('c', self.header(command, False) + self.block(words, data))

	def answer(self, command, words=b'', data=b'', status=0):
		self.connection.send('s', self.header(command, True, status) + self.block(words, data))

	def exchange(self, command, ask_words=b'', ask_data=b'', words=b'', data=b'', status=0):
		self.ask(command, ask_words, ask_data)
		self.answer(command, words, data, status)

	@staticmethod
	def lay(start, params, data):
		"""Parameters and data behind byte `start` of the message, each on four bytes; offsets and the bytes."""
		po = (start + 3) & ~3
		do = (po + len(params) + 3) & ~3
		return po, do, b'\0' * (po - start) + params + (b'\0' * (do - po - len(params)) + data if data else b'')

	# --- transactions: part is (from, to) of parameters, of data, None all of it ---

	@staticmethod
	def cut(whole, part):
		return whole if part is None else whole[part[0]:part[1]]

	def trans_ask(self, command, setup, params=b'', data=b'', name=None, p=None, d=None, totals=None, new=True):
		tp, td = totals or (len(params), len(data))
		pp, dd = self.cut(params, p), self.cut(data, d)
		at = 32 + 1 + 28 + len(setup) + 2
		label = self.text(name, at) if name is not None else b'\0\0\0'
		po, do, tail = self.lay(at + len(label), pp, dd)
		words = struct.pack('<HHHHBBHIHHHHHBB', tp, td, 64, 4000, 10, 0, 0, 0, 0, len(pp), po, len(dd), do, len(setup) // 2, 0)
		self.ask(command, words + setup, label + tail, new)

	def trans_more(self, command, params, data, p, d, totals=None, fid=0xFFFF):
		"""TRANSACTION_SECONDARY, TRANSACTION2_SECONDARY (which has a FID); p and d are (from, to)."""
		tp, td = totals or (len(params), len(data))
		pp, dd = self.cut(params, p), self.cut(data, d)
		last = struct.pack('<H', fid) if command == 0x33 else b''
		po, do, tail = self.lay(32 + 1 + 16 + len(last) + 2, pp, dd)
		self.ask(command, struct.pack('<8H', tp, td, len(pp), po, p[0], len(dd), do, d[0]) + last, tail, False)

	def trans_tell(self, command, params=b'', data=b'', setup=b'', p=None, d=None, totals=None, status=0):
		tp, td = totals or (len(params), len(data))
		pp, dd = self.cut(params, p), self.cut(data, d)
		po, do, tail = self.lay(32 + 1 + 20 + len(setup) + 2, pp, dd)
		words = struct.pack('<HHHHHHHHHBB', tp, td, 0, len(pp), po, p[0] if p else 0, len(dd), do, d[0] if d else 0,
		                    len(setup) // 2, 0)
		self.answer(command, words + setup, tail, status)

	def nt_ask(self, function, setup=b'', params=b'', data=b'', p=None, d=None, totals=None):
		tp, td = totals or (len(params), len(data))
		pp, dd = self.cut(params, p), self.cut(data, d)
		po, do, tail = self.lay(32 + 1 + 38 + len(setup) + 2, pp, dd)
		words = struct.pack('<BHIIIIIIIIBH', 4, 0, tp, td, 64, 65000, len(pp), po, len(dd), do, len(setup) // 2, function)
		self.ask(0xA0, words + setup, tail)

	def nt_more(self, params, data, p, d, totals=None):
		tp, td = totals or (len(params), len(data))
		pp, dd = self.cut(params, p), self.cut(data, d)
		po, do, tail = self.lay(32 + 1 + 36 + 2, pp, dd)
		self.ask(0xA1, struct.pack('<3sIIIIIIIIB', b'', tp, td, len(pp), po, p[0], len(dd), do, d[0], 0), tail, False)

	def nt_tell(self, params=b'', data=b'', setup=b'', p=None, d=None, totals=None, status=0):
		tp, td = totals or (len(params), len(data))
		pp, dd = self.cut(params, p), self.cut(data, d)
		po, do, tail = self.lay(32 + 1 + 36 + len(setup) + 2, pp, dd)
		words = struct.pack('<3sIIIIIIIIB', b'', tp, td, len(pp), po, p[0] if p else 0, len(dd), do, d[0] if d else 0,
		                    len(setup) // 2)
		self.answer(0xA0, words + setup, tail, status)

	# --- how a conversation begins ---

	def begin(self, share='\\\\FS1\\DATA', service='A:'):
		"""NEGOTIATE to NT LM 0.12 without extended security, SESSION_SETUP_ANDX, TREE_CONNECT_ANDX."""
		dialects = b''.join(b'\x02' + d + b'\0' for d in (b'PC NETWORK PROGRAM 1.0', b'LANMAN1.0', b'NT LM 0.12'))
		words = struct.pack('<HBHHIIIIqhB', 2, 3, 50, 1, 16644, 65536, 0, 0x8000F3FD if self.flags2 & 0x8000 else 0xC3E9,
		                    132444736000000000, 0, 8)
		flags2, self.flags2 = self.flags2, self.flags2 & ~0x8000
		self.exchange(0x72, b'', dialects, words, b'\x11\x22\x33\x44\x55\x66\x77\x88' + b'L\0A\0B\0\0\0F\0S\x001\0\0\0')
		self.flags2 = flags2
		at = 32 + 1 + 26 + 2 + 24 + 24
		names = b''.join((self.text('alice', at), self.text('LAB'), self.text('Unix'), self.text('smb1.py')))
		words = struct.pack('<BBHHHHIHHII', 0xFF, 0, 0, 16644, 50, 1, 0, 24, 24, 0, 0xD4)
		told = self.text('Unix', 32 + 1 + 6 + 2) + self.text('Samba') + self.text('LAB')
		self.ask(0x73, words, bytes(range(24)) + bytes(range(24, 48)) + names)
		self.uid = 100
		self.answer(0x73, struct.pack('<BBHH', 0xFF, 0, 0, 0), told)
		return self.connect(share, service)

	def connect(self, share, service):
		self.ask(0x75, struct.pack('<BBHHH', 0xFF, 0, 0, 0, 1), b'\0' + self.text(share, 32 + 1 + 8 + 2 + 1) + b'?????\0')
		self.tid = 2 + self.tid
		tell = service.encode() + b'\0'
		self.answer(0x75, struct.pack('<BBHH', 0xFF, 0, 0, 1), tell + self.text('NTFS', 32 + 1 + 6 + 2 + len(tell)))
		return self

	def finish(self):
		self.exchange(0x71)
		self.exchange(0x74, struct.pack('<BBH', 0xFF, 0, 0), b'', struct.pack('<BBH', 0xFF, 0, 0), b'')
		self.connection.end()
