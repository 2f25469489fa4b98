#include "rp/frontend/reply_cache.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define PLACES 512

struct place {
    char *key, *version;
    struct cached_reply reply;
};

struct reply_cache {
    pthread_mutex_t mu;
    struct place places[PLACES];
};

void cached_reply_release(struct cached_reply *r)
{
    free(r->etag);
    free(r->text);
    *r = (struct cached_reply){ 0 };
}

static void place_release(struct place *p)
{
    free(p->key);
    free(p->version);
    cached_reply_release(&p->reply);
    *p = (struct place){ 0 };
}

struct reply_cache *reply_cache_new(void)
{
    struct reply_cache *c = xnew(struct reply_cache);
    mutex_init(&c->mu);
    return c;
}

void reply_cache_free(struct reply_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < PLACES; i++)
        place_release(&c->places[i]);
    pthread_mutex_destroy(&c->mu);
    free(c);
}

/* FNV-1a. Who makes keys meet on purpose gains nothing but their replies made anew. */
static uint32_t add_hash(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (uint32_t)(((uint64_t)hash ^ (unsigned char)*text) * 16777619U);
    return hash;
}

static struct place *place_of(struct reply_cache *c, const char *key, const char *version)
{
    return &c->places[add_hash(add_hash(2166136261U, key), version) % PLACES];
}

bool reply_cache_find(struct reply_cache *c, const char *key, const char *version,
                      struct cached_reply *ret)
{
    struct place *p = place_of(c, key, version);
    pthread_mutex_lock(&c->mu);
    bool found = p->key && str_eq(p->key, key) && str_eq(p->version, version);
    if (found)
        *ret = (struct cached_reply){ xstrdup(p->reply.etag), xstrdup(p->reply.text) };
    pthread_mutex_unlock(&c->mu);
    return found;
}

void reply_cache_put(struct reply_cache *c, const char *key, const char *version, const char *etag,
                     const char *text)
{
    if (!etag || strlen(text) > REPLY_CACHE_TEXT_MAX)
        return;
    struct place fresh = { xstrdup(key), xstrdup(version), { xstrdup(etag), xstrdup(text) } };
    struct place *p = place_of(c, key, version);
    pthread_mutex_lock(&c->mu);
    struct place old = *p;
    *p = fresh;
    pthread_mutex_unlock(&c->mu);
    place_release(&old);
}
