/*
 * process.h - the process_* families that every exporter offers: CPU, memory, file descriptors and
 * start time, read from procfs. What procfs does not tell is left out.
 */
#ifndef PKG_METRICS_PROCESS_H
#define PKG_METRICS_PROCESS_H

#include "pkg/base/buf.h"

/* Appends to out. proc_root is "/proc"; tests bring their own tree. Threads: safe from any. */
void process_metrics_write(const char *proc_root, struct buf *out);

#endif
