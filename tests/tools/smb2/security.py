#!/usr/bin/env python3
"""tests/pcaps/smb2_security.pcap: security descriptors told and changed, with conditions and resource attributes (MS-DTYP
2.4.4.17, 2.4.10.1), in SMB2 and SMB1 (MS-CIFS 2.2.7.3, 2.2.7.6): security.py OUT"""
import struct
import sys
from talk import Capture, Connection, Talk, pad, sid, u, z
import wire

ADMINS, SYSTEM, WORLD = sid(5, 32, 544), sid(5, 18), sid(1, 0)


def ace(kind, mask, who, rest=b'', flags=0):
	body = struct.pack('<I', mask) + who + rest
	body = pad(body, 4)
	return struct.pack('<BBH', kind, flags, 4 + len(body)) + body


def acl(*aces):
	return struct.pack('<BBHHH', 4, 0, 8 + sum(map(len, aces)), len(aces), 0) + b''.join(aces)


def descriptor(owner=b'', group=b'', dacl=b'', sacl=b''):
	out, at, offsets = b'', 20, []
	for part in (owner, group, sacl, dacl):
		offsets.append(at + len(out) if part else 0)
		out += part
	control = 0x8000 | (4 if dacl else 0) | (0x10 if sacl else 0)
	return struct.pack('<BBHIIII', 1, 0, control, *offsets) + out


def token(code, text):
	return bytes([code]) + struct.pack('<I', len(u(text))) + u(text)


def condition():
	"""(@User.Project Any_of {"Windows", "SQL"})"""
	names = token(0x10, 'Windows') + token(0x10, 'SQL')
	return b'artx' + token(0xF9, 'Project') + b'\x50' + struct.pack('<I', len(names)) + names + b'\x88'


def claim():
	"""("Project",TS,0x0,"Windows","SQL")"""
	name, values, at, offsets = pad(z('Project'), 4), b'', 24, []
	for text in ('Windows', 'SQL'):
		offsets.append(at + len(name) + len(values))
		values += pad(z(text), 4)
	return struct.pack('<IHHIIII', at, 3, 0, 0, 2, *offsets) + name + values


FULL = acl(ace(0, 0x1F01FF, ADMINS), ace(0, 0x120089, WORLD))
CONDITIONED = acl(ace(0, 0x1F01FF, ADMINS), ace(9, 0x1200A0, WORLD, condition()))
ATTRIBUTES = acl(ace(0x12, 0, WORLD, claim()))


def story(begin, query, change, end):
	"""What was told before a change is its old value; what nobody told since the last one is not."""
	begin('plan.txt')
	query(7, descriptor(ADMINS, SYSTEM, FULL))
	change(4, descriptor(dacl=CONDITIONED))
	change(4, descriptor(dacl=FULL))                       # what stands there may be more than what was set
	query(4, descriptor(dacl=FULL))
	change(4, descriptor(dacl=CONDITIONED), 0xC0000022)    # refused: it still stands
	change(5, descriptor(WORLD, b'', CONDITIONED))         # the owner by the first answer, the rest by the second
	query(0x20, descriptor(sacl=ATTRIBUTES))
	change(8, descriptor(sacl=ATTRIBUTES))                 # of the SACL other entries were told
	change(0x22, descriptor(b'', ADMINS, b'', ATTRIBUTES)) # and those are unknown now
	query(0x21, descriptor(ADMINS, b'', b'', ATTRIBUTES))
	end()
	begin('plan.txt')
	change(0x20, descriptor(sacl=acl()))                   # through another open
	end()


def smb2(capture):
	talk = Talk(capture, 50011, 0x0210)
	talk.negotiate()
	talk.logon()
	talk.connect('\\\\FS1\\data')
	story(talk.create, lambda parts, told: talk.query(3, 0, told, parts),
	      lambda parts, data, status=0: talk.set(3, 0, data, parts, status), talk.close)
	talk.finish()


def smb1(capture):
	talk = wire.Talk(Connection(capture, 50012, 445), wire.UNICODE).begin('\\\\FS1\\old')

	def begin(name):
		ask = struct.pack('<BBHBHIIIQIIIIIB', 0xFF, 0, 0, 0, len(u(name)), 0, 0, 0x1F01FF, 0, 0x80, 7, 1, 0x40, 2, 0)
		tell = struct.pack('<BBHBHIQQQQIQQHHB', 0xFF, 0, 0, 0, 0x4001, 1, *[132444736000000000] * 4, 0x20, 4096, 4096, 0, 0, 0)
		talk.exchange(0xA2, ask, b'\0' + z(name), tell)

	def query(parts, told):
		talk.nt_ask(6, b'', struct.pack('<HHI', 0x4001, 0, parts))
		talk.nt_tell(struct.pack('<I', len(told)), told)

	def change(parts, data, status=0):
		talk.nt_ask(3, b'', struct.pack('<HHI', 0x4001, 0, parts), data)
		talk.nt_tell(status=status)

	story(begin, query, change, lambda: talk.exchange(4, struct.pack('<HI', 0x4001, 0)))
	talk.finish()


capture = Capture(sys.argv[1])
smb2(capture)
smb1(capture)
capture.close()
