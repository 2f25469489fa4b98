/* client_lines.h - looks for lines in generated text. */
#ifndef TEST_UNIT_HACK_GENERATE_CLIENT_LINES_H
#define TEST_UNIT_HACK_GENERATE_CLIENT_LINES_H

#include <string.h>

#include "hack/generate/client.h"
#include "test/unit/support/test.h"

struct line_case {
    const char *name;
    void (*add)(struct buf *out);
    const char *want, *never; /* texts; NULL: none */
};

static inline void check_lines(void **state)
{
    const struct line_case *c = *state;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    c->add(&out);
    if (c->want && !strstr(buf_str(&out), c->want))
        fail_msg("is missing: %s", c->want);
    if (c->never && strstr(buf_str(&out), c->never))
        fail_msg("is there: %s", c->never);
}

#endif
