/* Text: encodings, escapes, times, identifiers.  Locale-free; no function here fails or allocates.
 *
 * Every text_*(char *out, size_t size, ...) follows snprintf: it writes at most size bytes with the
 * NUL (never half a character or half an escape), and returns the length the whole text has, so that
 * a result >= size means it was cut.  out may be NULL when size is 0. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/span.h"

/* What becomes of a character on its way out. */
enum text_escape {
	TEXT_RAW,       /* as it is (still valid UTF-8: what is not becomes U+FFFD) */
	TEXT_TERMINAL,  /* controls, C1 and DEL as \xNN, bidi and invisible controls as \u{NNNN} */
	TEXT_XML,       /* for attributes and text in XML 1.0: entities; what XML cannot hold as \xNN or U+FFFD */
	TEXT_JSON,      /* inside a JSON string, without its quotes */
};

/* A text being written: the functions below append to one.  Ready after text_begin; out is
 * NUL-terminated after text_end. */
struct text_out {
	char *out;
	size_t size;
	size_t len;     /* length so far, of the whole */
	size_t end;     /* bytes in out so far; < len: it was cut, and nothing more is stored */
};
static inline struct text_out text_begin(char *out, size_t size)
{
	return (struct text_out){ out, size, 0, 0 };
}
/* text_end terminates the text; returns its whole length. */
size_t text_end(struct text_out *);
/* text_put appends n bytes, all or none. */
static inline void text_put(struct text_out *o, const char *s, size_t n)
{
	if (o->end == o->len && n < o->size && o->end < o->size - n) {
		memcpy(o->out + o->end, s, n);
		o->end += n;
	}
	o->len += n;
}
static inline void text_puts(struct text_out *o, const char *s)
{
	text_put(o, s, strlen(s));
}
/* text_dec appends a decimal number; text_hexn at least digits hex digits. */
void text_dec(struct text_out *, uint64_t);
void text_hexn(struct text_out *, uint64_t, unsigned digits);
/* text_code appends one character; a code that is none is U+FFFD. */
void text_code(struct text_out *, uint32_t code, enum text_escape);

/* Appending forms of the conversions; each returns true if something had to be replaced. */
bool text_add_utf8(struct text_out *, const void *bytes, size_t n, enum text_escape);
bool text_add_utf16(struct text_out *, const void *bytes, size_t n, enum text_escape);
bool text_add_oem(struct text_out *, const void *bytes, size_t n, enum text_escape);
/* text_swap16 copies the pairs of n bytes, each turned around: UTF-16 of the other byte order. */
void text_swap16(uint8_t *out, const uint8_t *in, size_t n);
/* separator 0: none */
void text_add_bytes(struct text_out *, const void *bytes, size_t n, char separator);
void text_add_guid(struct text_out *, const uint8_t guid[16]);
void text_add_oid(struct text_out *, const void *bytes, size_t n);
void text_add_ipv6(struct text_out *, const uint8_t address[16]);

/* text_utf8_next reads one character of s at *at (< n) and advances; UINT32_MAX for bytes that are
 * not UTF-8 (one byte is passed over). */
uint32_t text_utf8_next(const void *s, size_t n, size_t *at);

/* UTF-16LE to UTF-8: surrogates without their half, and an odd last byte, become U+FFFD;
 * *replaced (may be NULL) says whether any did. */
size_t text_utf16(char *out, size_t size, struct span, enum text_escape, bool *replaced);
/* 8-bit text: ASCII, from 0x80 on code page 437. */
size_t text_oem(char *out, size_t size, struct span, enum text_escape);
/* UTF-8, made valid and escaped. */
size_t text_escape(char *out, size_t size, const char *s, size_t n, enum text_escape);
/* A field of CSV (RFC 4180): in quotes where it needs them.  Text that a spreadsheet would take for a
 * formula (starts with = + - @ tab or CR) gets a leading '; numbers keep their sign. */
size_t text_csv(char *out, size_t size, const char *s, size_t n);

/* Lower-case hex, without separators. */
size_t text_hex(char *out, size_t size, struct span);
/* A GUID of 16 bytes in Microsoft's order (MS-DTYP 2.3.4): e702dffe-0000-0000-c510-a5ea00000000. */
size_t text_guid(char *out, size_t size, const uint8_t guid[16]);
/* A SID (MS-DTYP 2.4.2): S-1-5-21-...; what is not one: its bytes in hex. */
size_t text_sid(char *out, size_t size, struct span);
void text_add_sid(struct text_out *, struct span);
/* The content of a BER object identifier (X.690 8.19): 1.3.6.1.5.5.2; what is not one: its bytes in hex. */
size_t text_oid(char *out, size_t size, struct span);
/* RFC 5952; an IPv4 address mapped into IPv6 keeps its ::ffff:. */
size_t text_ipv6(char *out, size_t size, const uint8_t address[16]);

/* A moment in the proleptic Gregorian calendar, UTC. */
struct text_civil {
	int64_t year;
	unsigned month, day, hour, minute, second;  /* from 1, 1, 0, 0, 0 */
};
/* seconds since 1970, negative before; all that FILETIME can say (1601 to 60056) and far beyond. */
struct text_civil text_civil(int64_t seconds);
/* Days since 1970-01-01 of a date. */
int64_t text_days(int64_t year, unsigned month, unsigned day);
/* A FILETIME (100 ns since 1601) as seconds since 1970 and the nanoseconds beyond. */
int64_t text_filetime_seconds(uint64_t filetime, uint32_t *nanoseconds);

#define TEXT_TIME_SIZE 40   /* is enough for any time below, with the NUL */
/* YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ; ns since 1970, negative before. */
size_t text_time(char *out, size_t size, int64_t ns);
/* The same of a FILETIME; years from 10000 on have five digits. */
size_t text_filetime(char *out, size_t size, uint64_t filetime);
/* GeneralizedTime without a fraction (RFC 4120 5.2.3), YYYYMMDDHHMMSSZ, as seconds since 1970; false: it is none. */
bool text_general_time(struct span, int64_t *seconds);
/* As Wireshark shows a time: "Nov  2, 2026 13:29:31.634818000 UTC". */
void text_add_moment(struct text_out *, int64_t seconds, uint32_t nanoseconds);
/* Seconds with nine decimals, as Wireshark shows a duration: -0.000123000. */
void text_add_seconds(struct text_out *, int64_t ns);

/* text_time_parse reads what --from and --to take: YYYY-MM-DD[(T| )HH:MM[:SS[.fraction]]][Z|+HH:MM|-HH:MM],
 * UTC unless it says otherwise, or seconds since 1970 with or without fraction (@ before them allowed).
 * False: it is none, or cannot be said in 64 bits of nanoseconds (1677 to 2262). */
bool text_time_parse(const char *, int64_t *ns);

/* text_upcase is the upper case by which Windows compares names (MS-FSA 2.1.4.4: one character to one,
 * no locale): ASCII, Latin, Greek, Cyrillic, Armenian, fullwidth ...; others are returned as they are. */
uint32_t text_upcase(uint32_t code);
/* The same for a UTF-8 text. */
size_t text_upper(char *out, size_t size, const char *s, size_t n);

#endif
