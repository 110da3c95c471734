/* Times as text and back, without the C library: its calendar is the locale's and the zone's.  MS-DTYP 2.3.3; ISO 8601. */
#include "base/text.h"

/* n digits at least, decimal. */
static void decn(struct text_out *o, uint64_t v, unsigned n)
{
	for (uint64_t limit = 10; n > 1; n--, limit *= 10)
		if (v < limit) {
			while (--n)
				text_put(o, "0", 1);
			break;
		}
	text_dec(o, v);
}

/* Years are counted from March, so that the leap day is a year's last; 400 of them have 146097 days. */
enum { DAYS_400_YEARS = 146097, DAYS_TO_1970 = 719468 };  /* from 0000-03-01 */

/* Days before month m, counted from March as 0. */
static unsigned days_before(unsigned m)
{
	return (153 * m + 2) / 5;
}

int64_t text_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t in_era = y - era * 400;

	return era * DAYS_400_YEARS + in_era * 365 + in_era / 4 - in_era / 100 +
	       days_before(month > 2 ? month - 3 : month + 9) + day - 1 - DAYS_TO_1970;
}

struct text_civil text_civil(int64_t seconds)
{
	int64_t days = seconds / 86400, rest = seconds % 86400;
	struct text_civil c;
	int64_t era, year;
	unsigned m;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	days += DAYS_TO_1970;
	era = (days >= 0 ? days : days - (DAYS_400_YEARS - 1)) / DAYS_400_YEARS;
	days -= era * DAYS_400_YEARS;
	/* 1460, 36524: without the leap days of 4 and 100 years, days map to years evenly. */
	year = (days - days / 1460 + days / 36524 - days / (DAYS_400_YEARS - 1)) / 365;
	days -= year * 365 + year / 4 - year / 100;
	m = (unsigned)(5 * days + 2) / 153;
	c.day = (unsigned)days - days_before(m) + 1;
	c.month = m < 10 ? m + 3 : m - 9;
	c.year = year + era * 400 + (c.month <= 2);
	c.hour = (unsigned)(rest / 3600);
	c.minute = (unsigned)(rest / 60 % 60);
	c.second = (unsigned)(rest % 60);
	return c;
}

int64_t text_filetime_seconds(uint64_t filetime, uint32_t *nanoseconds)
{
	*nanoseconds = (uint32_t)(filetime % 10000000 * 100);
	return (int64_t)(filetime / 10000000) - 11644473600;
}

/* ns to whole seconds and a positive rest. */
static int64_t split(int64_t ns, uint32_t *nanoseconds)
{
	int64_t s = ns / 1000000000, rest = ns % 1000000000;

	if (rest < 0) {
		rest += 1000000000;
		s--;
	}
	*nanoseconds = (uint32_t)rest;
	return s;
}

static void add_clock(struct text_out *o, const struct text_civil *c, uint32_t nanoseconds)
{
	decn(o, c->hour, 2);
	text_put(o, ":", 1);
	decn(o, c->minute, 2);
	text_put(o, ":", 1);
	decn(o, c->second, 2);
	text_put(o, ".", 1);
	decn(o, nanoseconds, 9);
}

static size_t time_text(char *out, size_t size, int64_t seconds, uint32_t nanoseconds)
{
	struct text_out o = text_begin(out, size);
	struct text_civil c = text_civil(seconds);

	decn(&o, (uint64_t)c.year, 4);
	text_put(&o, "-", 1);
	decn(&o, c.month, 2);
	text_put(&o, "-", 1);
	decn(&o, c.day, 2);
	text_put(&o, "T", 1);
	add_clock(&o, &c, nanoseconds);
	text_put(&o, "Z", 1);
	return text_end(&o);
}

size_t text_time(char *out, size_t size, int64_t ns)
{
	uint32_t rest;
	int64_t seconds = split(ns, &rest);

	return time_text(out, size, seconds, rest);
}

size_t text_filetime(char *out, size_t size, uint64_t filetime)
{
	uint32_t rest;
	int64_t seconds = text_filetime_seconds(filetime, &rest);

	return time_text(out, size, seconds, rest);
}

void text_add_moment(struct text_out *o, int64_t seconds, uint32_t nanoseconds)
{
	static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
	struct text_civil c = text_civil(seconds);

	text_put(o, months + 4 * (c.month - 1), 4);
	if (c.day < 10)
		text_put(o, " ", 1);
	text_dec(o, c.day);
	text_put(o, ", ", 2);
	text_dec(o, (uint64_t)c.year);
	text_put(o, " ", 1);
	add_clock(o, &c, nanoseconds);
	text_put(o, " UTC", 4);
}

void text_add_seconds(struct text_out *o, int64_t ns)
{
	uint64_t u = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		text_put(o, "-", 1);
	text_dec(o, u / 1000000000);
	text_put(o, ".", 1);
	decn(o, u % 1000000000, 9);
}

/* Exactly n digits at *s, as a number up to max. */
static bool digits(const char **s, unsigned n, unsigned max, unsigned *v)
{
	*v = 0;
	for (; n; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*v = *v * 10 + (unsigned)(**s - '0');
	}
	return *v <= max;
}

bool text_general_time(struct span s, int64_t *seconds)
{
	unsigned year, month, day, hour, minute, second;
	char text[16] = "";
	const char *p = text;

	if (s.len != 15 || !s.p)
		return false;
	memcpy(text, s.p, s.len);
	if (!digits(&p, 4, 9999, &year) || !digits(&p, 2, 12, &month) || !month || !digits(&p, 2, 31, &day) || !day ||
	    !digits(&p, 2, 23, &hour) || !digits(&p, 2, 59, &minute) || !digits(&p, 2, 60, &second) || *p != 'Z')
		return false;
	*seconds = text_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

/* A fraction of a second behind a point; digits beyond nanoseconds count for nothing. */
static bool fraction(const char **s, uint32_t *ns)
{
	uint32_t unit = 100000000;

	*ns = 0;
	if (**s != '.')
		return true;
	if (*++*s < '0' || **s > '9')
		return false;
	for (; **s >= '0' && **s <= '9'; (*s)++, unit /= 10)
		*ns += unit * (uint32_t)(**s - '0');
	return true;
}

static bool to_ns(int64_t seconds, uint32_t rest, int64_t *ns)
{
	int64_t whole;

	/* -9223372037.x begins before the smallest number of nanoseconds but may end after it. */
	if (seconds < 0 && rest) {
		seconds++;
		if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &whole))
			return false;
		return !__builtin_sub_overflow(whole, (int64_t)(1000000000 - rest), ns);
	}
	return !__builtin_mul_overflow(seconds, (int64_t)1000000000, &whole) &&
	       !__builtin_add_overflow(whole, (int64_t)rest, ns);
}

static bool parse_epoch(const char *s, int64_t *ns)
{
	bool negative;
	int64_t v = 0;
	uint32_t rest;

	if (*s == '@')
		s++;
	negative = *s == '-';
	s += negative;
	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, (int64_t)10, &v) || __builtin_add_overflow(v, (int64_t)(*s - '0'), &v))
			return false;
	if (!fraction(&s, &rest) || *s || !to_ns(v, rest, ns))
		return false;
	if (negative)
		*ns = -*ns;
	return true;
}

/* Z, +HH:MM, -HHMM or nothing, to the end of the text; in seconds east of UTC. */
static bool parse_zone(const char *s, int *east)
{
	unsigned hours, minutes;
	int sign = *s == '-' ? -1 : 1;

	*east = 0;
	if (*s == 'Z' || *s == 'z')
		return s[1] == 0;
	if (*s != '+' && *s != '-')
		return *s == 0;
	s++;
	if (!digits(&s, 2, 23, &hours))
		return false;
	if (*s == ':')
		s++;
	if (!digits(&s, 2, 59, &minutes))
		return false;
	*east = sign * (int)(hours * 3600 + minutes * 60);
	return *s == 0;
}

bool text_time_parse(const char *s, int64_t *ns)
{
	unsigned year, month, day, hour = 0, minute = 0, second = 0;
	const char *p = s;
	uint32_t rest = 0;
	int east = 0;

	if (!digits(&p, 4, 9999, &year) || *p++ != '-')
		return parse_epoch(s, ns);
	if (!digits(&p, 2, 12, &month) || !month || *p++ != '-' || !digits(&p, 2, 31, &day) || !day ||
	    text_civil(text_days(year, month, day) * 86400).day != day)
		return false;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		p++;
		if (!digits(&p, 2, 23, &hour) || *p++ != ':' || !digits(&p, 2, 59, &minute))
			return false;
		if (*p == ':') {
			p++;
			if (!digits(&p, 2, 60, &second) || !fraction(&p, &rest))
				return false;
		}
	}
	if (!parse_zone(p, &east))
		return false;
	return to_ns(text_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - east, rest, ns);
}
