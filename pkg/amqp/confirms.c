#include <string.h>

#include "pkg/amqp/impl.h"

void confirms_init(struct confirms *f)
{
    *f = (struct confirms){ .next = 1, .oldest = 1 };
}

size_t confirms_open(const struct confirms *f)
{
    return (size_t)(f->next - f->oldest);
}

void confirms_add(struct confirms *f)
{
    f->done[f->next % AMQP_WINDOW] = false;
    f->next++;
}

static void settle_one(struct confirms *f, uint64_t number, bool refused)
{
    if (f->done[number % AMQP_WINDOW])
        return;
    f->done[number % AMQP_WINDOW] = true;
    f->refused += refused;
}

void confirms_settle(struct confirms *f, uint64_t number, bool multiple, bool refused)
{
    if (number < f->oldest || number >= f->next)
        return;
    for (uint64_t n = multiple ? f->oldest : number; n <= number; n++)
        settle_one(f, n, refused);
    while (f->oldest < f->next && f->done[f->oldest % AMQP_WINDOW])
        f->oldest++;
}
