/*
 * Each object that sets bring carries a number that its client only ever raises. So whoever writes an older one after a newer
 * one was there did so on behalf of work that others had taken over.
 *
 * Whoever begins to work on a cluster first looks whether it answers: it knocks. So a member that changes something there
 * behind another one's change, and has not knocked since, is at work that it no longer has a right to, whatever it
 * writes. Probes knock, too: then such a change may be missed, but none is wrongly blamed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/synccrash/synccrash.h"

struct object {
    char *uid;
    int64_t revision;
    long long serial;
};

static void object_free(void *arg)
{
    struct object *o = arg;
    free(o->uid);
    free(o);
}

void record_init(struct record *r, struct world *w, size_t cluster)
{
    *r = (struct record){
        .w = w, .cluster = cluster, .holder = MEMBERS_MAX, .objects = map_new(object_free)
    };
    mutex_init(&r->mu);
}

void record_release(struct record *r)
{
    for (size_t i = 0; i < r->len; i++) {
        free(r->deeds[i].method);
        free(r->deeds[i].name);
        free(r->deeds[i].uid);
        free(r->deeds[i].serial);
    }
    free(r->deeds);
    map_free(r->objects);
    (void)pthread_mutex_destroy(&r->mu);
}

/* With the lock. */
static void find_company(struct record *r, const struct deed *d)
{
    for (size_t i = r->len; i > 0 && r->under_way; i--) {
        const struct deed *other = &r->deeds[i - 1];
        if (other->status)
            continue;
        world_fault(r->w, "%s in c%zu: member %u sends %s amid member %u's %s of %s", d->name,
                    r->cluster, d->member, d->method, other->member, other->method, other->name);
        return;
    }
}

void record_knock(struct record *r, unsigned member)
{
    (void)pthread_mutex_lock(&r->mu);
    r->knocks[member] = ++r->last_knock;
    (void)pthread_mutex_unlock(&r->mu);
}

/* With the lock. Knocks of others before the one that this change belongs to were at work that has ended. */
static void judge_turn(struct record *r, const struct deed *d)
{
    uint64_t knock = r->knocks[d->member];
    if (r->holder != d->member && r->holder != MEMBERS_MAX && !knock) {
        world_fault(r->w, "%s in c%zu: member %u sends %s for work that member %u has taken over",
                    d->name, r->cluster, d->member, d->method, r->holder);
        return;
    }
    r->holder = d->member;
    for (size_t i = 0; i < MEMBERS_MAX; i++)
        if (r->knocks[i] <= knock)
            r->knocks[i] = 0;
}

size_t record_begin(struct record *r, unsigned member, const char *method, const char *name)
{
    const struct deed d = { .member = member, .method = xstrdup(method), .name = xstrdup(name) };
    (void)pthread_mutex_lock(&r->mu);
    find_company(r, &d);
    judge_turn(r, &d);
    if (r->len == r->cap)
        r->deeds = xreallocarray(r->deeds, r->cap = r->cap ? 2 * r->cap : 64, sizeof(*r->deeds));
    size_t number = r->len++;
    r->deeds[number] = d;
    r->under_way++;
    (void)pthread_mutex_unlock(&r->mu);
    return number;
}

/* With the lock. */
static void judge_kept(struct record *r, const struct deed *d, const struct object *o)
{
    if (str_eq(d->method, "DELETE"))
        world_fault(r->w, "%s in c%zu: member %u deletes it, and it was always wanted", d->name,
                    r->cluster, d->member);
    else if (d->uid && o->uid && !str_eq(d->uid, o->uid))
        world_fault(r->w, "%s in c%zu: member %u made it anew", d->name, r->cluster, d->member);
}

/* With the lock. */
static void judge_serial(struct record *r, const struct deed *d, struct object *o)
{
    long long serial;
    if (!d->serial || !str_to_int(d->serial, 0, INT64_MAX, &serial))
        return;
    if (serial < o->serial && d->revision > o->revision)
        world_fault(r->w, "%s in c%zu: member %u brings %lld back, and %lld was there", d->name,
                    r->cluster, d->member, serial, o->serial);
    if (d->revision < o->revision)
        return;
    o->revision = d->revision;
    if (serial > o->serial)
        o->serial = serial;
}

/* With the lock. */
static void note_rollout(struct record *r, const struct deed *d)
{
    long long serial;
    if (d->serial && str_to_int(d->serial, 0, INT64_MAX, &serial))
        rollout_note(r->w->rollout, r->cluster, d->name, serial);
}

void record_end(struct record *r, size_t number, int status, const json *object)
{
    long long revision = 0;
    (void)pthread_mutex_lock(&r->mu);
    struct deed *d = &r->deeds[number];
    r->under_way--;
    d->status = status;
    d->serial = xstrdup(json_path_str(object, "data." SERIAL));
    d->uid = d->serial ? xstrdup(json_path_str(object, "metadata.uid")) : NULL;
    const char *version = json_path_str(object, "metadata.resourceVersion");
    if (version && str_to_int(version, 0, INT64_MAX, &revision))
        d->revision = revision;
    struct object *o = map_get(r->objects, d->name);
    if (!o)
        map_set(r->objects, d->name, o = xnew(struct object));
    if (status / 100 == 2) {
        if (str_starts(d->name, KEPT))
            judge_kept(r, d, o);
        judge_serial(r, d, o);
        note_rollout(r, d);
        free(o->uid);
        o->uid = xstrdup(d->uid);
    }
    (void)pthread_mutex_unlock(&r->mu);
}

size_t record_len(struct record *r)
{
    (void)pthread_mutex_lock(&r->mu);
    size_t len = r->len;
    (void)pthread_mutex_unlock(&r->mu);
    return len;
}

void record_print(struct record *r, const char *name, size_t max)
{
    size_t shown = 0;
    (void)pthread_mutex_lock(&r->mu);
    for (size_t i = r->len; i > 0 && shown < max; i--) {
        const struct deed *d = &r->deeds[i - 1];
        if (!str_eq(d->name, name))
            continue;
        shown++;
        printf("      c%zu: %zu. member %u: %s %s: %d, serial %s, revision %lld\n", r->cluster, i,
               d->member, d->method, d->name, d->status, d->serial ? d->serial : "none",
               (long long)d->revision);
    }
    (void)pthread_mutex_unlock(&r->mu);
}
