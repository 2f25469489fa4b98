#include "pkg/kube/outage.h"

#include <stdlib.h>

#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define TELL_AGAIN_NS (60 * NS_PER_S)

#define NOT_TOLD INT64_MIN

static const char *const words[] = {
    [OUTAGE_UNREACHABLE] = "cannot be reached",
    [OUTAGE_UNAVAILABLE] = "is not available",
    [OUTAGE_UNAUTHORIZED] = "refuses our credentials",
};

void outage_init(struct outage *o, const char *server, const struct clock *clock,
                 const struct log *log, void (*on_over)(void *arg), void *on_over_arg)
{
    *o = (struct outage){
        .server = server, .clock = clock, .log = log, .on_over = on_over, .on_over_arg = on_over_arg
    };
    atomic_init(&o->kind, OUTAGE_NONE);
    atomic_init(&o->answered_ns, INT64_MIN);
    mutex_init(&o->mu);
}

void outage_release(struct outage *o)
{
    pthread_mutex_destroy(&o->mu);
}

/* With mu held. */
static void tell(struct outage *o, enum outage_kind kind, const struct error *e)
{
    int64_t now_ns = clock_mono_ns(o->clock);
    enum outage_kind before = atomic_load(&o->kind);
    if (before == OUTAGE_NONE) {
        o->since_ns = now_ns;
        o->since_wall_ns = clock_wall_ns(o->clock);
        for (size_t i = 0; i < OUTAGE_KINDS; i++)
            o->told_ns[i] = NOT_TOLD;
    }
    atomic_store(&o->kind, kind);
    if (o->told_ns[kind] == NOT_TOLD) {
        log_warning(o->log, "the API server %s %s: %s", o->server, words[kind], error_text(e));
    } else if (now_ns - o->told_ns[kind] >= TELL_AGAIN_NS) {
        char since[TIME_TEXT_MAX];
        time_rfc3339(o->since_wall_ns, since);
        log_warning(o->log, "the API server %s still %s, since %s (%lld s): %s", o->server,
                    words[kind], since, (long long)((now_ns - o->since_ns) / NS_PER_S),
                    error_text(e));
    } else {
        return;
    }
    o->told_ns[kind] = now_ns;
}

static void note(struct outage *o, int64_t began_ns, enum outage_kind kind, const struct error *e)
{
    pthread_mutex_lock(&o->mu);
    if (atomic_load(&o->answered_ns) <= began_ns)
        tell(o, kind, e);
    pthread_mutex_unlock(&o->mu);
}

static void note_presence(struct outage *o)
{
    atomic_store(&o->answered_ns, clock_mono_ns(o->clock));
    if (atomic_load(&o->kind) == OUTAGE_NONE)
        return;
    int64_t lasted_ns = 0;
    pthread_mutex_lock(&o->mu);
    if (atomic_exchange(&o->kind, OUTAGE_NONE) != OUTAGE_NONE) {
        lasted_ns = clock_mono_ns(o->clock) - o->since_ns;
        log_info(o->log, "the API server %s answers again, after %lld s", o->server,
                 (long long)(lasted_ns / NS_PER_S));
    }
    pthread_mutex_unlock(&o->mu);
    if (lasted_ns >= OUTAGE_LONG_NS && o->on_over)
        o->on_over(o->on_over_arg);
}

/* 502 and 503 are a balancer's unless a Status comes with them: the API server says the same of a
 * single kind whose own server is away. */
static enum outage_kind kind_of_answer(const struct http_response *r)
{
    const char *type = http_headers_get(&r->headers, "Content-Type");
    if (r->status == 401)
        return OUTAGE_UNAUTHORIZED;
    if ((r->status == 502 || r->status == 503) && !(type && str_starts(type, "application/")))
        return OUTAGE_UNAVAILABLE;
    return OUTAGE_NONE;
}

void outage_note_silence(struct outage *o, int64_t began_ns, const struct error *e)
{
    note(o, began_ns, OUTAGE_UNREACHABLE, e);
}

void outage_note_answer(struct outage *o, int64_t began_ns, const struct http_response *r,
                        const struct error *e)
{
    enum outage_kind kind = kind_of_answer(r);
    if (kind == OUTAGE_NONE)
        note_presence(o);
    else
        note(o, began_ns, kind, e);
}

bool outage_explains(const struct outage *o, const struct error *e)
{
    switch ((enum outage_kind)atomic_load(&o->kind)) {
    case OUTAGE_NONE:
    case OUTAGE_KINDS:
        break;
    case OUTAGE_UNREACHABLE:
        return error_is(e, ERR_CONN) || error_is(e, ERR_TIMEOUT);
    case OUTAGE_UNAVAILABLE:
        return error_is(e, ERR_UNAVAILABLE);
    case OUTAGE_UNAUTHORIZED:
        return error_is(e, ERR_UNAUTHORIZED);
    }
    return false;
}
