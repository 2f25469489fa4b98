/* text.h - pieces of the Prometheus text format 0.0.4. Threads: pure. */
#ifndef PKG_METRICS_TEXT_H
#define PKG_METRICS_TEXT_H

#include "pkg/base/buf.h"

/* "# HELP" and "# TYPE" lines; backslash and newline in help are escaped. */
void metrics_text_head(struct buf *out, const char *name, const char *help, const char *type);
/* A label value with \, " and newline escaped; bytes of invalid UTF-8 become '?', because one bad
 * byte makes a scraper drop the whole page. */
void metrics_text_label_value(struct buf *out, const char *value);
/* The shortest decimal that reads back as the same double; +Inf, -Inf and NaN by name. */
void metrics_text_number(struct buf *out, double value);

#endif
