/* One line for each message, as tshark prints without options. */
#ifndef SHOW_SUMMARY_H
#define SHOW_SUMMARY_H

#include <stdio.h>

#include "base/pdu.h"
#include "show/sink.h"
#include "stream/tcp.h"

/* print_summary prints a line for each message in the tree: frame, time, addresses (flow NULL: none), protocol,
 * command, what it names, status. */
void print_summary(FILE *, const struct node *root, const struct tcp_flow *, const struct pdu *);
/* print_frame_line: "Frame 12, 2026-11-22T…Z, 10.0.0.1:50000 -> 10.0.0.2:445". */
void print_frame_line(FILE *, const struct tcp_flow *, const struct pdu *);
/* summary_text writes what a protocol node (smb, smb2, nbss) says in short: "CREATE request d1\\a.txt". */
void summary_text(char *out, size_t size, const struct node *proto);

#endif
