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

uint64_t smb1_date_and_time(struct dx *d, const struct smb_msg *m, enum field_id group, enum field_id date,
                            enum field_id time, bool date_first)
{
	uint32_t dd, tt, month, day;

	dx_push(d, group);
	dd = date_first ? (uint32_t)dx_uint(d, date, FT_DOSDATE) : 0;
	tt = (uint32_t)dx_uint(d, time, FT_DOSTIME);
	if (!date_first)
		dd = (uint32_t)dx_uint(d, date, FT_DOSDATE);
	d_pop(d);
	month = dd >> 5 & 15;
	day = dd & 31;
	if (month < 1 || month > 12 || day < 1)
		return 0;
	return local(m, (uint64_t)days(1980 + (dd >> 9), month, day) * 86400 +
	             (tt >> 11) * 3600 + (tt >> 5 & 63) * 60 + (tt & 31) * 2);
}
