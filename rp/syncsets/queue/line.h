/* line.h - deliveries that wait in this process, in two lines: those that are not slow go first. Not safe by itself. */
#ifndef RP_SYNCSETS_QUEUE_LINE_H
#define RP_SYNCSETS_QUEUE_LINE_H

#include "rp/syncsets/queue/queue.h"

struct line_item {
    struct sets_delivery d;
    struct line_item *next;
};
struct line {
    struct line_item *first[2], **end[2]; /* by hint.slow */
    size_t len;
};
void line_init(struct line *l);
void line_clear(struct line *l);
void line_add(struct line *l, const struct sets_delivery *d);
bool line_take(struct line *l, bool fast_only, struct sets_delivery *ret);

#endif
