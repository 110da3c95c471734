"""The SMB2 side of a built connection (MS-SMB2 2.2): requests with their answers, one after another, unsigned."""
import struct

pack = struct.pack
FILE, FS, SECURITY, QUOTA = 1, 2, 3, 4
FILE_ID = pack('<QQ', 0x11, 0x22)
OVERFLOW = 0x80000005


class Talk:
	def __init__(self, connection):
		self.connection = connection
		self.session = self.tree = 0
		self.message = -1

	def header(self, command, reply, status=0):
		return b'\xfeSMB' + pack('<HHIHHIIQIIQ16s', 64, 1, status, command, 1, 1 if reply else 0, 0, self.message, 0xFEFF,
		                         self.tree, self.session, b'')

	def ask(self, command, body):
		self.message += 1
		self.connection.send('c', self.header(command, False) + body)

	def tell(self, command, body, status=0):
		self.connection.send('s', self.header(command, True, status) + body)

	def exchange(self, command, asked, told, status=0):
		self.ask(command, asked)
		self.tell(command, told, status)

	# --- how a conversation begins and ends ---

	def begin(self, share='\\\\FS1\\DATA', name='report.txt'):
		"""NEGOTIATE to SMB 3.0.2, SESSION_SETUP without a token, TREE_CONNECT, CREATE."""
		self.exchange(0, pack('<HHHHI16sQ2H', 36, 2, 1, 0, 0, bytes(range(16)), 0, 0x0210, 0x0302),
		              pack('<HHHH16sIIIIqqHHI', 65, 1, 0x0302, 0, bytes(range(16, 32)), 0, 1 << 20, 1 << 20, 1 << 20,
		                   132444736000000000, 0, 128, 0, 0))
		self.ask(1, pack('<HBBIIHHQ', 25, 0, 1, 0, 0, 88, 0, 0))
		self.session = 0x1000000001
		self.tell(1, pack('<HHHH', 9, 0, 72, 0))
		path = share.encode('utf-16-le')
		self.ask(3, pack('<HHHH', 9, 0, 72, len(path)) + path)
		self.tree = 5
		self.tell(3, pack('<HBBIII', 16, 1, 0, 0, 0, 0x1F01FF))
		path = name.encode('utf-16-le')
		self.exchange(5, pack('<HBBIQQIIIIIHHII', 57, 0, 0, 2, 0, 0, 0x12019F, 0, 7, 1, 0, 120, len(path), 0, 0) + path,
		              pack('<HBBIqqqqQQII', 89, 0, 0, 1, *[132444736000000000] * 4, 4096, 12, 0x20, 0) + FILE_ID + pack('<II', 0, 0))
		return self

	def finish(self):
		self.exchange(6, pack('<HHI', 24, 0, 0) + FILE_ID, pack('<HHIqqqqQQI', 60, 0, 0, 0, 0, 0, 0, 0, 0, 0))
		self.exchange(4, pack('<HH', 4, 0), pack('<HH', 4, 0))
		self.exchange(2, pack('<HH', 4, 0), pack('<HH', 4, 0))
		self.connection.end()

	# --- the commands that carry structures of MS-FSCC ---

	def query(self, kind, level, data, given=b'', status=0, additional=0):
		"""MS-SMB2 2.2.37, 2.2.38"""
		asked = pack('<HBBIHHIII', 41, kind, level, 65536, 104 if given else 0, 0, len(given), additional, 0) + FILE_ID + given
		self.exchange(16, asked, pack('<HHI', 9, 72, len(data)) + data, status)

	def set(self, kind, level, data, status=0):
		"""MS-SMB2 2.2.39, 2.2.40"""
		self.exchange(17, pack('<HBBIHHI', 33, kind, level, len(data), 96, 0, 0) + FILE_ID + data, pack('<H', 2), status)

	def directory(self, level, data):
		"""MS-SMB2 2.2.33, 2.2.34"""
		name = '*'.encode('utf-16-le')
		self.exchange(14, pack('<HBBI', 33, level, 0, 0) + FILE_ID + pack('<HHI', 96, len(name), 65536) + name,
		              pack('<HHI', 9, 72, len(data)) + data)

	def notify(self, data):
		"""MS-SMB2 2.2.35, 2.2.36"""
		self.exchange(15, pack('<HHI', 32, 0, 65536) + FILE_ID + pack('<II', 0xFFF, 0), pack('<HHI', 9, 72, len(data)) + data)

	def ioctl(self, code, given, told, status=0):
		"""MS-SMB2 2.2.31, 2.2.32"""
		asked = pack('<HHI', 57, 0, code) + FILE_ID + pack('<IIIIIIII', 120 if given else 0, len(given), 0, 0, 0, 65536, 1, 0) + given
		answer = pack('<HHI', 49, 0, code) + FILE_ID + pack('<IIIIII', 112, 0, 112 if told else 0, len(told), 0, 0) + told
		self.exchange(11, asked, answer, status)
