/* SMB1's older times.  MS-CIFS 2.2.1.4: SMB_DATE, SMB_TIME, UTIME, all in the server's local time. */
#include "smb1.h"

#define TICKS 10000000ull                    /* FILETIME units in a second */
#define EPOCH_1970 11644473600ull            /* seconds from 1601 to 1970 */

static uint64_t local(const struct smb_msg *m, uint64_t seconds)
{
	return (uint64_t)((int64_t)(seconds + EPOCH_1970) + m->ctx.time_zone * 60) * TICKS;
}

uint64_t smb1_utime(const struct smb_msg *m, uint64_t seconds)
{
	/* 0 and -1: not told. */
	return seconds == 0 || (uint32_t)seconds == UINT32_MAX ? 0 : local(m, (uint32_t)seconds);
}

/* Days from 1970-01-01 to a date from 1980 to 2107. */
static uint32_t days(uint32_t year, uint32_t month, uint32_t day)
{
	static const uint16_t before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	uint32_t leap = (year - 1969) / 4 - (year > 2100);

	if (month > 2 && year % 4 == 0 && year != 2100)
		leap++;
	return (year - 1970) * 365 + leap + before[month - 1] + day - 1;
}

static uint64_t dos_time(const struct smb_msg *m, uint32_t date, uint32_t time)
{
	uint32_t month = date >> 5 & 15, day = date & 31;

	if (month < 1 || month > 12 || day < 1)
		return 0;
	return local(m, (uint64_t)days(1980 + (date >> 9), month, day) * 86400 +
	             (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2);
}

uint64_t smb1_date_and_time(struct dx *d, const struct smb_msg *m, enum field_id both, enum field_id date,
                            enum field_id time, bool date_first)
{
	uint32_t word = (uint32_t)d_peek(d, U32), dd, tt;
	uint64_t at = 0;

	dd = date_first ? word & 0xffff : word >> 16;
	tt = date_first ? word >> 16 : word & 0xffff;
	if (d->end - d->at >= 4) {
		at = dos_time(m, dd, tt);
		if (d->run->sink)
			dx_emit(d, both, d->bytes + d->at, d->at, 4, at ? (at - EPOCH_1970 * TICKS) * 100 : 0);
	}
	(void)dx_uint(d, date_first ? date : time, date_first ? FT_DOSDATE : FT_DOSTIME);
	(void)dx_uint(d, date_first ? time : date, date_first ? FT_DOSTIME : FT_DOSDATE);
	return at;
}
