/*
 * scrub.h - messages of clusters as they are stored: without what differs each time the same thing happens, so that nothing
 * is written when nothing changed, and short.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_REMOTE_SCRUB_H
#define RP_SYNCSETS_REMOTE_SCRUB_H

#include <stddef.h>

#define SCRUB_MAX ((size_t)4096)

/* Times, durations, request ids and other UUIDs, ports of dialling sockets and addresses of memory become stand-ins; line
 * breaks become "; ". At most SCRUB_MAX bytes, cut at a character. Owned by the caller. */
char *sets_give_scrubbed(const char *text);

#endif
