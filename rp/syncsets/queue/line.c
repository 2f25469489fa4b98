#include "rp/syncsets/queue/line.h"

#include <stdlib.h>

#include "pkg/base/mem.h"

void line_init(struct line *l)
{
    *l = (struct line){ 0 };
    for (size_t i = 0; i < ARRAY_LEN(l->first); i++)
        l->end[i] = &l->first[i];
}

void line_clear(struct line *l)
{
    struct sets_delivery d;
    while (line_take(l, false, &d))
        ;
}

void line_add(struct line *l, const struct sets_delivery *d)
{
    struct line_item *item = xnew(struct line_item);
    item->d = *d;
    *l->end[d->hint.slow] = item;
    l->end[d->hint.slow] = &item->next;
    l->len++;
}

bool line_take(struct line *l, bool fast_only, struct sets_delivery *ret)
{
    size_t lines = fast_only ? 1 : ARRAY_LEN(l->first);
    for (size_t i = 0; i < lines; i++) {
        struct line_item *item = l->first[i];
        if (!item)
            continue;
        l->first[i] = item->next;
        if (!item->next)
            l->end[i] = &l->first[i];
        l->len--;
        *ret = item->d;
        free(item);
        return true;
    }
    return false;
}
