/* report.h - how an operation ended, as text from the process that ran it to the one that asked for it. */
#ifndef RP_BACKEND_REPORT_H
#define RP_BACKEND_REPORT_H

#include "rp/backend/operation.h"

#define REPORT_MAX_BYTES (256 * 1024)

/* e may be NULL. Owned by the caller. */
char *report_give_text(enum operation_end end, const struct error *e);
/* -1: no such text. *ret_error: NULL when there was none; else the same kind, texts and marks. */
int report_parse(const char *text, size_t len, enum operation_end *ret, struct error **ret_error,
                 struct error **err);

#endif
