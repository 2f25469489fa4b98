#include "pkg/metrics/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"

static void add_escaped(struct buf *out, const char *text, bool quotes, bool ascii_only)
{
    for (const char *p = text; *p; p++) {
        if (*p == '\\')
            buf_adds(out, "\\\\");
        else if (*p == '\n')
            buf_adds(out, "\\n");
        else if (*p == '"' && quotes)
            buf_adds(out, "\\\"");
        else if (ascii_only && (unsigned char)*p >= 0x80)
            buf_addc(out, '?');
        else
            buf_addc(out, *p);
    }
}

void metrics_text_head(struct buf *out, const char *name, const char *help, const char *type)
{
    buf_addf(out, "# HELP %s ", name);
    add_escaped(out, help ? help : "", false, false);
    buf_addf(out, "\n# TYPE %s %s\n", name, type);
}

void metrics_text_label_value(struct buf *out, const char *value)
{
    add_escaped(out, value, true, !utf8_is_valid(value, strlen(value)));
}

void metrics_text_number(struct buf *out, double value)
{
    char text[40];

    if (isnan(value)) {
        buf_adds(out, "NaN");
        return;
    }
    if (isinf(value)) {
        buf_adds(out, value > 0 ? "+Inf" : "-Inf");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*g", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_adds(out, text);
}
