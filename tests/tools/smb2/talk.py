"""The SMB2 side of a built connection (MS-SMB2 2.2.1.2 and what a conversation begins with); the TCP below is that of
tests/tools/smb1/wire.py."""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'smb1'))
from wire import Capture, Connection    # noqa: E402,F401

NEGOTIATE, SESSION_SETUP, LOGOFF, TREE_CONNECT, TREE_DISCONNECT, CREATE, CLOSE, FLUSH, READ, WRITE, LOCK, IOCTL = range(12)
QUERY_INFO, SET_INFO = 16, 17
TIME = 132444736000000000
PENDING = 0x103


def u(text):
	return text.encode('utf-16-le')


def z(text):
	return u(text + '\0')


def guid(n):
	"""A GUID of the bytes n, n+1, ... n+15."""
	return bytes((n + i) & 0xFF for i in range(16))


def sid(*numbers):
	"""S-1-first-rest (MS-DTYP 2.4.2.2)."""
	return bytes([1, len(numbers) - 1]) + numbers[0].to_bytes(6, 'big') + b''.join(struct.pack('<I', n) for n in numbers[1:])


def pad(data, n):
	return data + b'\0' * (-len(data) % n)


def context(name, data, more):
	"""A create context, 2.2.13.2: Next, NameOffset, NameLength, Reserved, DataOffset, DataLength; each on 8 bytes."""
	start = 16 + len(pad(name, 8)) if data else 0
	out = struct.pack('<HHHHI', 16, len(name), 0, start, len(data)) + (pad(name, 8) if data else name) + data
	size = (4 + len(out) + 7) & ~7
	return struct.pack('<I', size) + out.ljust(size - 4, b'\0') if more else b'\0\0\0\0' + out


def contexts(items):
	return b''.join(context(n, d, i + 1 < len(items)) for i, (n, d) in enumerate(items))


class Talk:
	"""One request after another; the ids are those of the session, tree and open at work."""

	def __init__(self, capture, port, dialect=0x0311):
		self.connection = Connection(capture, port, 445)
		self.dialect, self.mid, self.session, self.tree, self.fid = dialect, 0, 0, 0, b'\xff' * 16
		self.files = 0

	def header(self, command, reply, status=0, mid=None, pending=None, tree=None):
		flags = (1 if reply else 0) | (2 if pending else 0)
		ids = struct.pack('<Q', pending) if pending else struct.pack('<II', 0xFEFF, self.tree if tree is None else tree)
		return b'\xfeSMB' + struct.pack('<HHIHHIIQ', 64, 1, status, command, 1, flags, 0, self.mid if mid is None else mid) + \
			ids + struct.pack('<Q16s', self.session, b'')

	def ask(self, command, body):
		self.connection.send('c', self.header(command, False) + body)

	def answer(self, command, body, status=0, **header):
		self.connection.send('s', self.header(command, True, status, **header) + body)
		self.mid += header.get('pending') is None

	def exchange(self, command, ask, answer, status=0):
		self.ask(command, ask)
		self.answer(command, answer, status)

	def error(self, command, ask, status, data=b'\0', count=0):
		"""2.2.2; data: ErrorData, or the contexts of count."""
		self.ask(command, ask)
		n = 0 if data == b'\0' and not count else len(data)
		self.answer(command, struct.pack('<HBBI', 9, count, 0, n) + data, status)

	# --- how a conversation begins ---

	def negotiate(self, asked=(), told=()):
		"""2.2.3, 2.2.4; asked and told: (type, data) of the contexts, with 3.1.1."""
		def lay(items):
			out = b''
			for kind, data in items:
				out = pad(out, 8) + struct.pack('<HHI', kind, len(data), 0) + data
			return out
		dialects = struct.pack('<H', self.dialect)
		at = (64 + 36 + len(dialects) + 7) & ~7
		body = struct.pack('<HHHHI', 36, 1, 1, 0, 0x7F) + guid(0x10)
		body += struct.pack('<IHH', at, len(asked), 0) if self.dialect == 0x0311 else b'\0' * 8
		body = (body + dialects).ljust(at - 64, b'\0') + lay(asked) if asked else body + dialects
		tell = struct.pack('<HHHH', 65, 1, self.dialect, len(told)) + guid(0x20)
		tell += struct.pack('<IIIIQQHHI', 0x7F, 8388608, 8388608, 8388608, TIME, 0, 128, 0, 128 if told else 0) + lay(told)
		self.exchange(NEGOTIATE, body, tell)

	def logon(self):
		"""An anonymous session: no token either way (2.2.5, 2.2.6)."""
		self.ask(SESSION_SETUP, struct.pack('<HBBIIHHQ', 25, 0, 1, 1, 0, 88, 0, 0))
		self.session = 0x1122334455667788
		self.answer(SESSION_SETUP, struct.pack('<HHHH', 9, 2, 72, 0))

	def connect(self, share, extension=None):
		"""2.2.9, 2.2.10; extension: what stands behind the path's fields with SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT."""
		path = u(share)
		if extension is None:
			self.ask(TREE_CONNECT, struct.pack('<HHHH', 9, 0, 72, len(path)) + path)
		else:
			self.ask(TREE_CONNECT, struct.pack('<HHHH', 9, 4, 88, len(path)) + extension(88, path))
		self.tree = 5
		self.answer(TREE_CONNECT, struct.pack('<HBBIII', 16, 1, 0, 0, 0x30, 0x1F01FF))

	def create_ask(self, name, asked=()):
		name, ctx = u(name), contexts(asked)
		at = (64 + 56 + len(name) + 7) & ~7
		body = struct.pack('<HBBIQQIIIIIHHII', 57, 0, 0, 2, 0, 0, 0x1F01FF, 0x80, 7, 1, 0x40, 120, len(name), at if ctx else 0, len(ctx))
		return (body + name).ljust(at - 64, b'\0') + ctx if ctx else body + (name or b'\0')

	def create(self, name, asked=(), told=()):
		"""2.2.13, 2.2.14, with create contexts both ways."""
		self.ask(CREATE, self.create_ask(name, asked))
		self.files += 1
		self.fid = struct.pack('<QQ', self.files, 0x100 + self.files)
		ctx = contexts(told)
		self.answer(CREATE, struct.pack('<HBBIQQQQQQII', 89, 0, 0, 1, TIME, TIME, TIME, TIME, 4096, 4096, 0x20, 0) + self.fid +
		            struct.pack('<II', 152 if ctx else 0, len(ctx)) + (ctx or b''))

	def close(self):
		self.exchange(CLOSE, struct.pack('<HHI', 24, 0, 0) + self.fid, struct.pack('<HHI52s', 60, 0, 0, b''))

	def ioctl(self, code, data=b'', told=b'', status=0, room=65536, pending=None):
		"""2.2.31, 2.2.32."""
		self.ask(IOCTL, struct.pack('<HHI', 57, 0, code) + self.fid +
		         struct.pack('<IIIIIIII', 120 if data else 0, len(data), 0, 0, 0, room, 1, 0) + data)
		if pending:
			self.answer(IOCTL, struct.pack('<HBBI', 9, 0, 0, 0) + b'\0', PENDING, pending=pending)
		self.answer(IOCTL, struct.pack('<HHI', 49, 0, code) + self.fid +
		            struct.pack('<IIIIII', 112, 0, 112, len(told), 0, 0) + told, status)

	def query(self, kind, level, told, additional=0, data=b'', status=0):
		"""2.2.37, 2.2.38."""
		self.ask(QUERY_INFO, struct.pack('<HBBIHHIII', 41, kind, level, 65536, 104 if data else 0, 0, len(data), additional, 0) +
		         self.fid + data)
		self.answer(QUERY_INFO, struct.pack('<HHI', 9, 72, len(told)) + told, status)

	def set(self, kind, level, data, additional=0, status=0):
		"""2.2.39, 2.2.40."""
		self.exchange(SET_INFO, struct.pack('<HBBIHHI', 33, kind, level, len(data), 96, 0, additional) + self.fid + data,
		              struct.pack('<H', 2) if not status else struct.pack('<HBBI', 9, 0, 0, 0) + b'\0', status)

	def finish(self):
		self.exchange(TREE_DISCONNECT, struct.pack('<HH', 4, 0), struct.pack('<HH', 4, 0))
		self.exchange(LOGOFF, struct.pack('<HH', 4, 0), struct.pack('<HH', 4, 0))
		self.connection.end()
