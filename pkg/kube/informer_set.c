#include "pkg/kube/informer_set.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* What a handler of the set is to one part. */
struct ear {
    struct informer_handler base;
    struct listener *listener;
    bool synced;
};

struct listener {
    struct listener *next;
    struct informer_set *set;
    struct informer_handler *handler; /* NULL: removed */
    size_t synced;                    /* of the ears */
    struct ear ears[];                /* one a part */
};

struct informer_set {
    struct informer **parts;
    size_t len;
    pthread_mutex_t mu; /* recursive: a handler may remove itself */
    struct listener *listeners;
};

struct informer_set *informer_set_new(struct informer *const *parts, size_t len)
{
    struct informer_set *s = xnew(struct informer_set);
    pthread_mutexattr_t attr;
    s->parts = xmemdup(parts, len * sizeof(*parts));
    s->len = len;
    if (pthread_mutexattr_init(&attr) != 0 ||
        pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE) != 0 ||
        pthread_mutex_init(&s->mu, &attr) != 0)
        abort(); /* these fail for lack of memory only */
    pthread_mutexattr_destroy(&attr);
    return s;
}

static void leave(struct informer_set *s, struct listener *l)
{
    for (size_t i = 0; i < s->len; i++)
        informer_remove_handler(s->parts[i], &l->ears[i].base);
    free(l);
}

void informer_set_free(struct informer_set *s)
{
    if (!s)
        return;
    for (struct listener *l = s->listeners, *next; l; l = next) {
        next = l->next;
        leave(s, l);
    }
    pthread_mutex_destroy(&s->mu);
    free(s->parts);
    free(s);
}

bool informer_set_is_of(const struct informer_set *s, struct informer *const *parts, size_t len)
{
    return s->len == len && memcmp(s->parts, parts, len * sizeof(*parts)) == 0;
}

/* ---- reading ---- */

bool informer_set_has_synced(const struct informer_set *s)
{
    for (size_t i = 0; i < s->len; i++)
        if (!informer_has_synced(s->parts[i]))
            return false;
    return true;
}

struct kube_object *informer_set_get(struct informer_set *s, const char *nspace, const char *name)
{
    for (size_t i = 0; i < s->len; i++)
        if (str_eq(s->parts[i]->nspace, nspace))
            return informer_get(s->parts[i], nspace, name);
    return NULL;
}

size_t informer_set_sum(struct informer_set *s, size_t (*of)(struct informer *part))
{
    size_t sum = 0;
    for (size_t i = 0; i < s->len; i++)
        sum += of(s->parts[i]);
    return sum;
}

void informer_set_each(struct informer_set *s, const char *nspace, informer_each_fn fn, void *arg)
{
    for (size_t i = 0; i < s->len; i++)
        if (!nspace || str_eq(s->parts[i]->nspace, nspace))
            informer_each(s->parts[i], nspace, fn, arg);
}

void informer_set_add_index(struct informer_set *s, const char *name, index_fn fn)
{
    for (size_t i = 0; i < s->len; i++)
        informer_add_index(s->parts[i], name, fn);
}

void informer_set_each_indexed(struct informer_set *s, const char *index, const char *value,
                               informer_each_fn fn, void *arg)
{
    for (size_t i = 0; i < s->len; i++)
        informer_each_indexed(s->parts[i], index, value, fn, arg);
}

/* ---- handlers ---- */

static void on_event(struct informer_handler *h, const struct informer_event *e)
{
    struct listener *l = container_of(h, struct ear, base)->listener;
    struct informer_set *s = l->set;
    pthread_mutex_lock(&s->mu);
    if (l->handler && (!e->resync || l->handler->wants_resync))
        l->handler->on_event(l->handler, e);
    pthread_mutex_unlock(&s->mu);
}

static void on_synced(struct informer_handler *h)
{
    struct ear *ear = container_of(h, struct ear, base);
    struct listener *l = ear->listener;
    struct informer_set *s = l->set;
    pthread_mutex_lock(&s->mu);
    l->synced += !ear->synced;
    bool last = !ear->synced && l->synced == s->len;
    ear->synced = true;
    if (last && l->handler && l->handler->on_synced)
        l->handler->on_synced(l->handler);
    pthread_mutex_unlock(&s->mu);
}

/* With mu held: unlinks one that was removed. */
static struct listener *unlink_removed(struct informer_set *s)
{
    struct listener **at = &s->listeners;
    while (*at && (*at)->handler)
        at = &(*at)->next;
    struct listener *l = *at;
    if (l)
        *at = l->next;
    return l;
}

static void drop_removed(struct informer_set *s)
{
    for (;;) {
        pthread_mutex_lock(&s->mu);
        struct listener *l = unlink_removed(s);
        pthread_mutex_unlock(&s->mu);
        if (!l)
            return;
        leave(s, l);
    }
}

/* With mu held. */
static struct listener *find(struct informer_set *s, const struct informer_handler *h)
{
    struct listener *l = s->listeners;
    while (l && l->handler != h)
        l = l->next;
    return l;
}

static struct listener *give_listener(struct informer_set *s, struct informer_handler *h)
{
    struct listener *l = xcalloc(1, sizeof(*l) + s->len * sizeof(l->ears[0]));
    l->set = s;
    l->handler = h;
    for (size_t i = 0; i < s->len; i++)
        l->ears[i] = (struct ear){ .base = { .on_event = on_event,
                                             .on_synced = on_synced,
                                             .wants_resync = h->wants_resync },
                                   .listener = l };
    return l;
}

void informer_set_add_handler(struct informer_set *s, struct informer_handler *h)
{
    drop_removed(s);
    pthread_mutex_lock(&s->mu);
    struct listener *l = find(s, h) ? NULL : give_listener(s, h);
    if (l) {
        l->next = s->listeners;
        s->listeners = l;
    }
    pthread_mutex_unlock(&s->mu);
    for (size_t i = 0; l && i < s->len; i++)
        informer_add_handler(s->parts[i], &l->ears[i].base);
}

void informer_set_remove_handler(struct informer_set *s, struct informer_handler *h)
{
    pthread_mutex_lock(&s->mu); /* which a running call holds */
    struct listener *l = find(s, h);
    if (l)
        l->handler = NULL;
    pthread_mutex_unlock(&s->mu);
}
