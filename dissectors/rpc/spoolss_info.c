/* What the buffers hold that the print system's Get... and Enum... calls return: structures of a level, one behind the other, with the
 * texts that they point to.  MS-RPRN 2.2.2 (custom-marshaled structures); all little-endian. */
#include "rpc/parts.h"

#include "dtyp/dtyp.h"

enum how {
	END,
	VALUE,                  /* an integer or a time */
	STRING, STRINGS, ANSI,  /* an offset to text; to several, the last of them empty; to 8-bit text */
	DEVMODE, SECDESC,       /* an offset to those */
	TIME,                   /* a SYSTEMTIME, MS-DTYP 2.3.13 */
};
struct item {
	uint8_t how;
	uint16_t field;
};
enum { LEVELS = 10, NAME = 64 };

static const struct item printer_0[] = {
	{ STRING, F_spl_printername }, { STRING, F_spl_servername }, { VALUE, F_spl_cjobs }, { VALUE, F_spl_total_jobs },
	{ VALUE, F_spl_total_bytes }, { TIME, F_spl_job_submitted }, { VALUE, F_spl_global_counter }, { VALUE, F_spl_total_pages },
	{ VALUE, F_spl_major_version }, { VALUE, F_spl_build_version }, { VALUE, F_spl_free_build }, { VALUE, F_spl_spooling },
	{ VALUE, F_spl_max_spooling }, { VALUE, F_spl_session_ctr }, { VALUE, F_spl_out_of_paper }, { VALUE, F_spl_not_ready },
	{ VALUE, F_spl_job_errors }, { VALUE, F_spl_processors }, { VALUE, F_spl_processor_type }, { VALUE, F_spl_high_bytes },
	{ VALUE, F_spl_change_id }, { VALUE, F_spl_last_error }, { VALUE, F_spl_printer_status }, { VALUE, F_spl_enumerations },
	{ VALUE, F_spl_added }, { VALUE, F_spl_architecture }, { VALUE, F_spl_cpu_level }, { VALUE, F_spl_ref_ic },
	{ VALUE, F_spl_reserved }, { VALUE, F_spl_reserved },
	{ END, 0 }
};
static const struct item printer_1[] = {
	{ VALUE, F_spl_printer_flags }, { STRING, F_spl_description }, { STRING, F_spl_printername }, { STRING, F_spl_comment },
	{ END, 0 }
};
static const struct item printer_2[] = {
	{ STRING, F_spl_servername }, { STRING, F_spl_printername }, { STRING, F_spl_sharename }, { STRING, F_spl_portname },
	{ STRING, F_spl_drivername }, { STRING, F_spl_comment }, { STRING, F_spl_location }, { DEVMODE, F_spl_devmode },
	{ STRING, F_spl_sepfile }, { STRING, F_spl_processor }, { STRING, F_spl_datatype }, { STRING, F_spl_parameters },
	{ SECDESC, F_spl_info }, { VALUE, F_spl_attributes }, { VALUE, F_spl_priority }, { VALUE, F_spl_default_priority },
	{ VALUE, F_spl_start_time }, { VALUE, F_spl_end_time }, { VALUE, F_spl_printer_status }, { VALUE, F_spl_jobs },
	{ VALUE, F_spl_averageppm },
	{ END, 0 }
};
static const struct item printer_3[] = {
	{ SECDESC, F_spl_info },
	{ END, 0 }
};
static const struct item printer_4[] = {
	{ STRING, F_spl_printername }, { STRING, F_spl_servername }, { VALUE, F_spl_attributes },
	{ END, 0 }
};
static const struct item printer_5[] = {
	{ STRING, F_spl_printername }, { STRING, F_spl_portname }, { VALUE, F_spl_attributes }, { VALUE, F_spl_select_timeout },
	{ VALUE, F_spl_retry_timeout },
	{ END, 0 }
};
static const struct item printer_6[] = {
	{ VALUE, F_spl_printer_status },
	{ END, 0 }
};
static const struct item printer_7[] = {
	{ STRING, F_spl_guid }, { VALUE, F_spl_action },
	{ END, 0 }
};
static const struct item printer_8[] = {
	{ DEVMODE, F_spl_devmode },
	{ END, 0 }
};
static const struct item job_1[] = {
	{ VALUE, F_spl_job_id }, { STRING, F_spl_printername }, { STRING, F_spl_machinename }, { STRING, F_spl_username },
	{ STRING, F_spl_document }, { STRING, F_spl_datatype }, { STRING, F_spl_textstatus }, { VALUE, F_spl_job_status },
	{ VALUE, F_spl_job_priority }, { VALUE, F_spl_job_position }, { VALUE, F_spl_job_totalpages }, { VALUE, F_spl_job_pages },
	{ TIME, F_spl_job_submitted },
	{ END, 0 }
};
static const struct item job_2[] = {
	{ VALUE, F_spl_job_id }, { STRING, F_spl_printername }, { STRING, F_spl_machinename }, { STRING, F_spl_username },
	{ STRING, F_spl_document }, { STRING, F_spl_notifyname }, { STRING, F_spl_datatype }, { STRING, F_spl_processor },
	{ STRING, F_spl_parameters }, { STRING, F_spl_drivername }, { DEVMODE, F_spl_devmode }, { STRING, F_spl_textstatus },
	{ SECDESC, F_spl_info }, { VALUE, F_spl_job_status }, { VALUE, F_spl_job_priority }, { VALUE, F_spl_job_position },
	{ VALUE, F_spl_start_time }, { VALUE, F_spl_end_time }, { VALUE, F_spl_job_totalpages }, { VALUE, F_spl_job_size },
	{ TIME, F_spl_job_submitted }, { VALUE, F_spl_elapsed }, { VALUE, F_spl_job_pages },
	{ END, 0 }
};
static const struct item job_3[] = {
	{ VALUE, F_spl_job_id }, { VALUE, F_spl_next_job }, { VALUE, F_spl_reserved },
	{ END, 0 }
};
static const struct item job_4[] = {
	{ VALUE, F_spl_job_id }, { STRING, F_spl_printername }, { STRING, F_spl_machinename }, { STRING, F_spl_username },
	{ STRING, F_spl_document }, { STRING, F_spl_notifyname }, { STRING, F_spl_datatype }, { STRING, F_spl_processor },
	{ STRING, F_spl_parameters }, { STRING, F_spl_drivername }, { DEVMODE, F_spl_devmode }, { STRING, F_spl_textstatus },
	{ SECDESC, F_spl_info }, { VALUE, F_spl_job_status }, { VALUE, F_spl_job_priority }, { VALUE, F_spl_job_position },
	{ VALUE, F_spl_start_time }, { VALUE, F_spl_end_time }, { VALUE, F_spl_job_totalpages }, { VALUE, F_spl_job_size },
	{ TIME, F_spl_job_submitted }, { VALUE, F_spl_elapsed }, { VALUE, F_spl_job_pages }, { VALUE, F_spl_size_high },
	{ END, 0 }
};
static const struct item driver_1[] = {
	{ STRING, F_spl_drivername },
	{ END, 0 }
};
static const struct item driver_2[] = {
	{ VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_environment }, { STRING, F_spl_driverpath },
	{ STRING, F_spl_datafile }, { STRING, F_spl_configfile },
	{ END, 0 }
};
static const struct item driver_3[] = {
	{ VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_environment }, { STRING, F_spl_driverpath },
	{ STRING, F_spl_datafile }, { STRING, F_spl_configfile }, { STRING, F_spl_helpfile }, { STRINGS, F_spl_dependentfiles },
	{ STRING, F_spl_monitorname }, { STRING, F_spl_defaultdatatype },
	{ END, 0 }
};
static const struct item driver_4[] = {
	{ VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_environment }, { STRING, F_spl_driverpath },
	{ STRING, F_spl_datafile }, { STRING, F_spl_configfile }, { STRING, F_spl_helpfile }, { STRINGS, F_spl_dependentfiles },
	{ STRING, F_spl_monitorname }, { STRING, F_spl_defaultdatatype }, { STRINGS, F_spl_previousnames },
	{ END, 0 }
};
static const struct item driver_5[] = {
	{ VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_environment }, { STRING, F_spl_driverpath },
	{ STRING, F_spl_datafile }, { STRING, F_spl_configfile }, { VALUE, F_spl_driver_attributes }, { VALUE, F_spl_config_version },
	{ VALUE, F_spl_driver_version32 },
	{ END, 0 }
};
static const struct item driver_6[] = {
	{ VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_environment }, { STRING, F_spl_driverpath },
	{ STRING, F_spl_datafile }, { STRING, F_spl_configfile }, { STRING, F_spl_helpfile }, { STRINGS, F_spl_dependentfiles },
	{ STRING, F_spl_monitorname }, { STRING, F_spl_defaultdatatype }, { STRINGS, F_spl_previousnames }, { VALUE, F_spl_driverdate },
	{ VALUE, F_spl_driverversion }, { STRING, F_spl_mfgname }, { STRING, F_spl_oemurl }, { STRING, F_spl_hardwareid },
	{ STRING, F_spl_provider },
	{ END, 0 }
};
static const struct item driver_7[] = {
	{ VALUE, F_spl_info_size }, { VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_infpath },
	{ STRING, F_spl_installsource },
	{ END, 0 }
};
static const struct item driver_8[] = {
	{ VALUE, F_spl_cversion }, { STRING, F_spl_drivername }, { STRING, F_spl_environment }, { STRING, F_spl_driverpath },
	{ STRING, F_spl_datafile }, { STRING, F_spl_configfile }, { STRING, F_spl_helpfile }, { STRINGS, F_spl_dependentfiles },
	{ STRING, F_spl_monitorname }, { STRING, F_spl_defaultdatatype }, { STRINGS, F_spl_previousnames }, { VALUE, F_spl_driverdate },
	{ VALUE, F_spl_driverversion }, { STRING, F_spl_mfgname }, { STRING, F_spl_oemurl }, { STRING, F_spl_hardwareid },
	{ STRING, F_spl_provider }, { STRING, F_spl_processor }, { STRING, F_spl_vendorsetup }, { STRINGS, F_spl_colorprofiles },
	{ STRING, F_spl_infpath }, { VALUE, F_spl_driver_attributes }, { STRINGS, F_spl_coredependencies }, { VALUE, F_spl_mininboxdate },
	{ VALUE, F_spl_mininboxversion },
	{ END, 0 }
};
static const struct item form_1[] = {
	{ VALUE, F_spl_form_flags }, { STRING, F_spl_formname }, { VALUE, F_spl_form_width }, { VALUE, F_spl_form_height },
	{ VALUE, F_spl_form_left }, { VALUE, F_spl_form_top }, { VALUE, F_spl_form_right }, { VALUE, F_spl_form_bottom },
	{ END, 0 }
};
static const struct item form_2[] = {
	{ VALUE, F_spl_form_flags }, { STRING, F_spl_formname }, { VALUE, F_spl_form_width }, { VALUE, F_spl_form_height },
	{ VALUE, F_spl_form_left }, { VALUE, F_spl_form_top }, { VALUE, F_spl_form_right }, { VALUE, F_spl_form_bottom },
	{ ANSI, F_spl_keyword }, { VALUE, F_spl_string_type }, { STRING, F_spl_muidll }, { VALUE, F_spl_resource_id },
	{ STRING, F_spl_displayname }, { VALUE, F_spl_language }, { VALUE, F_spl_pad16 },
	{ END, 0 }
};
static const struct item port_1[] = {
	{ STRING, F_spl_portname },
	{ END, 0 }
};
static const struct item port_2[] = {
	{ STRING, F_spl_portname }, { STRING, F_spl_monitorname }, { STRING, F_spl_portdescription }, { VALUE, F_spl_port_type },
	{ VALUE, F_spl_reserved },
	{ END, 0 }
};
static const struct item monitor_1[] = {
	{ STRING, F_spl_monitorname },
	{ END, 0 }
};
static const struct item monitor_2[] = {
	{ STRING, F_spl_monitorname }, { STRING, F_spl_environment }, { STRING, F_spl_dllname },
	{ END, 0 }
};
static const struct item processor_1[] = {
	{ STRING, F_spl_processor },
	{ END, 0 }
};
static const struct item datatype_1[] = {
	{ STRING, F_spl_datatype },
	{ END, 0 }
};
static const struct item *const layouts[][LEVELS] = {
	[SPOOLSS_PRINTER] = { [0] = printer_0, [1] = printer_1, [2] = printer_2, [3] = printer_3, [4] = printer_4, [5] = printer_5, [6] = printer_6, [7] = printer_7, [8] = printer_8, [9] = printer_8 },
	[SPOOLSS_JOB] = { [1] = job_1, [2] = job_2, [3] = job_3, [4] = job_4 },
	[SPOOLSS_DRIVER] = { [1] = driver_1, [2] = driver_2, [3] = driver_3, [4] = driver_4, [5] = driver_5, [6] = driver_6, [7] = driver_7, [8] = driver_8 },
	[SPOOLSS_FORM] = { [1] = form_1, [2] = form_2 },
	[SPOOLSS_PORT] = { [1] = port_1, [2] = port_2 },
	[SPOOLSS_MONITOR] = { [1] = monitor_1, [2] = monitor_2 },
	[SPOOLSS_PROCESSOR] = { [1] = processor_1 },
	[SPOOLSS_DATATYPE] = { [1] = datatype_1 },
};

/* Text ended by an empty one: all of it, as far as it goes. */
static uint32_t strings_len(const struct dx *d)
{
	struct dx rest = *d;
	uint32_t n;

	do {
		n = dtyp_wide(&rest);
		rest.at += n;
	} while (n > 2 && rest.at < rest.end);
	return rest.at - d->at;
}

/* What lies at an offset, up to the buffer's end. */
static bool target(const struct dx *d, uint32_t off, struct dx *part)
{
	uint32_t all = d->lim - d->base;

	return off && d_sub(d, off, off < all ? all - off : 1, part);
}

static void text(struct dx *d, const struct item *item)
{
	struct dx part, again;
	uint32_t n;

	if (!target(d, (uint32_t)d_get(d, spl_offset), &part))
		return;
	if (item->how == ANSI) {
		(void)dx_string(&part, item->field, false);
		return;
	}
	again = part;
	n = item->how == STRINGS ? strings_len(&part) : dtyp_wide(&part);
	(void)dx_span(&part, item->field, n);
	if (item->how == STRING && n > 2)
		d_bytes(&again, spl_relative_string, n - 2);
}

static void system_time(struct dx *d)
{
	d_push(d, spl_job_submitted);
	d_get(d, spl_year);
	d_get(d, spl_month);
	d_get(d, spl_weekday);
	d_get(d, spl_day);
	d_get(d, spl_hour);
	d_get(d, spl_minute);
	d_get(d, spl_second);
	d_get(d, spl_millisecond);
	d_pop(d);
}

/* A value whose width only the field's line says. */
static void value(struct dx *d, uint16_t field)
{
	(void)dx_uint(d, field, fields[field].type);
}

/* Offsets count from the structure's start. */
static void entry(struct dx *d, const struct item *item)
{
	struct dx part;

	d->base = d->at;
	d_push(d, spl_info);
	for (; item->how != END; item++)
		switch (item->how) {
		case VALUE:
			value(d, item->field);
			break;
		case DEVMODE:
			if (target(d, (uint32_t)d_get(d, spl_offset), &part))
				spoolss_devmode(&part);
			break;
		case SECDESC:
			if (target(d, (uint32_t)d_get(d, spl_offset), &part))
				dtyp_secdesc_of(&part, RIGHTS_PRINTER);
			break;
		case TIME:
			system_time(d);
			break;
		default:
			text(d, item);
		}
	d_pop(d);
}

void spoolss_info(struct dx *d, enum spoolss_info kind, uint32_t level, uint32_t entries)
{
	const struct item *layout = level < LEVELS ? layouts[kind][level] : NULL;

	while (layout && entries && d_rest(d) && d_more(d)) {
		entry(d, layout);
		entries--;
	}
}

/* A name in an array of 32 characters: text up to its NUL, and what is left. */
#define name_of(d, id) \
	do { \
		struct dx part; \
		uint32_t n; \
		if (d_part((d), NAME, &part)) { \
			n = dtyp_wide(&part); \
			d_bytes(&part, id, n > 2 && n < NAME ? n - 2 : n); \
			d_tail(&part, spl_padding); \
		} \
	} while (0)

static const uint16_t before_form[] = {
	F_spl_dm_orientation, F_spl_dm_paper_size, F_spl_dm_paper_length, F_spl_dm_paper_width, F_spl_dm_scale, F_spl_dm_copies,
	F_spl_dm_default_source, F_spl_dm_print_quality, F_spl_dm_color, F_spl_dm_duplex, F_spl_dm_y_resolution, F_spl_dm_tt_option,
	F_spl_dm_collate,
};
static const uint16_t behind_form[] = {
	F_spl_dm_log_pixels, F_spl_dm_bits_per_pel, F_spl_dm_pels_width, F_spl_dm_pels_height, F_spl_dm_display_flags,
	F_spl_dm_display_freq, F_spl_dm_icm_method, F_spl_dm_icm_intent, F_spl_dm_media_type, F_spl_dm_dither_type, F_spl_dm_reserved1,
	F_spl_dm_reserved2, F_spl_dm_panning_width, F_spl_dm_panning_height,
};

/* Of a truncated one only the first are there (MS-RPRN 2.2.2.1). */
static void settings(struct dx *d, const uint16_t *list, size_t n)
{
	for (size_t i = 0; i < n && d_rest(d) >= FT_WIDTH(fields[list[i]].type); i++)
		value(d, list[i]);
}

void spoolss_devmode(struct dx *d)
{
	uint32_t size, extra, start = d->at;
	struct dx public;

	d_push(d, spl_devmode);
	name_of(d, spl_dm_device);
	d_get(d, spl_dm_spec);
	d_get(d, spl_dm_driver);
	size = (uint32_t)d_get(d, spl_dm_size);
	extra = (uint32_t)d_get(d, spl_dm_extra_len);
	d_get(d, spl_dm_fields);
	if (size > d->at - start && d_part(d, size - (d->at - start), &public)) {
		settings(&public, before_form, COUNT(before_form));
		if (d_rest(&public) >= NAME)
			name_of(&public, spl_dm_form);
		settings(&public, behind_form, COUNT(behind_form));
		d_tail(&public, spl_padding);
	}
	if (extra)
		d_bytes(d, spl_dm_extra, extra);
	d_pop(d);
}

void spoolss_data(struct dx *d, uint32_t type)
{
	if (type == REG_SZ || type == REG_EXPAND_SZ)
		d_tail(d, spl_data_sz);
	else if (type == REG_DWORD && d_rest(d) >= 4)
		d_get(d, spl_data_dword);
}

/* PRINTER_ENUM_VALUES: offsets count from the entry. */
static void printer_value(struct dx *d)
{
	uint32_t off, len, type;
	struct dx part, from = *d;

	from.base = d->at;
	d_push(d, spl_printer_value);
	off = (uint32_t)d_get(d, spl_name_offset);
	len = (uint32_t)d_get(d, spl_name_len);
	if (len && d_sub(&from, off, len, &part))
		d_tail(&part, spl_name);
	type = (uint32_t)d_get(d, spl_data_type);
	off = (uint32_t)d_get(d, spl_value_offset);
	len = (uint32_t)d_get(d, spl_value_len);
	if (!len || !d_sub(&from, off, len, &part)) {
		d_pop(d);
		return;
	}
	if (type == REG_SZ || type == REG_EXPAND_SZ) {
		uint32_t n = dtyp_wide(&part);

		d_bytes(&part, spl_value_string, n > 2 ? n - 2 : n);
		d_tail(&part, spl_padding);
	} else if (type == REG_DWORD && len == 4) {
		d_get(&part, spl_value_uint);
	} else if (type == REG_MULTI_SZ) {
		d_tail(&part, spl_value_multi);
	} else {
		d_tail(&part, spl_value_binary);
	}
	d_pop(d);
}

void spoolss_values(struct dx *d, uint32_t entries)
{
	for (; entries && d_rest(d) && d_more(d); entries--)
		printer_value(d);
}
