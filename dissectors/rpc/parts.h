/* Bytes in stub data that no interface definition describes: what show(…) of an *.idl names.  All read what fills d. */
#ifndef DISSECTORS_RPC_PARTS_H
#define DISSECTORS_RPC_PARTS_H

#include "dissect.h"

/* Types of registry values, and of printer data.  MS-RRP, MS-RPRN. */
enum { REG_SZ = 1, REG_EXPAND_SZ = 2, REG_DWORD = 4, REG_DWORD_BIG_ENDIAN = 5, REG_LINK = 6, REG_MULTI_SZ = 7, REG_QWORD = 11 };

/* epm_tower reads a protocol tower (C706 appendix L, MS-RPCE 2.2.1.2). */
void epm_tower(struct dx *d);

enum spoolss_info {
	SPOOLSS_PRINTER, SPOOLSS_JOB, SPOOLSS_DRIVER, SPOOLSS_FORM, SPOOLSS_PORT, SPOOLSS_MONITOR, SPOOLSS_PROCESSOR, SPOOLSS_DATATYPE,
};
/* spoolss_info reads that many structures of a level, and what they point to (MS-RPRN 2.2.2); spoolss_devmode a DEVMODE (2.2.2.1);
 * spoolss_data a printer's value of a registry type; spoolss_values what RpcEnumPrinterDataEx returns (PRINTER_ENUM_VALUES). */
void spoolss_info(struct dx *d, enum spoolss_info, uint32_t level, uint32_t entries);
void spoolss_devmode(struct dx *d);
void spoolss_data(struct dx *d, uint32_t type);
void spoolss_values(struct dx *d, uint32_t entries);

#endif
