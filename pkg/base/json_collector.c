#include "pkg/base/json_collector.h"

#define KEPT_BYTES ((size_t)16 << 10) /* between values: every watch has a collector */

void json_collector_init(struct json_collector *c, size_t max)
{
    *c = (struct json_collector){ .carry = BUF_INIT(max) };
}

void json_collector_release(struct json_collector *c)
{
    buf_release(&c->carry);
}

void json_collector_reset(struct json_collector *c)
{
    c->split = (struct json_split){ 0 };
    c->handed_over = false;
    buf_clear(&c->carry);
}

static void drop_former(struct json_collector *c)
{
    if (!c->handed_over)
        return;
    c->handed_over = false;
    if (c->carry.cap > KEPT_BYTES)
        buf_release(&c->carry);
    buf_clear(&c->carry);
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

int json_collector_feed(struct json_collector *c, const char **data, const char *end,
                        const char **ret_text, size_t *ret_len, struct error **err)
{
    drop_former(c);
    /* What is between values belongs to none, however the pieces are cut. */
    bool between = !c->carry.len && !c->split.started;
    const char *begin = between ? skip_blanks(*data, end) : *data;
    bool complete;
    size_t n = json_split_feed(&c->split, begin, (size_t)(end - begin), &complete);
    *data = begin + n;
    if (complete && !c->carry.len) {
        *ret_text = begin;
        *ret_len = n;
        return 1;
    }
    buf_add(&c->carry, begin, n);
    if (c->carry.spoiled)
        return error_set(err, ERR_TOO_LARGE, "a value of more than %zu bytes", c->carry.max);
    if (!complete)
        return 0;
    c->handed_over = true;
    *ret_text = c->carry.data;
    *ret_len = c->carry.len;
    return 1;
}
