#include "pkg/kube/events_correlate.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/kube/events_lru.h"

#define LRU_MAX 4096
/* Spam: so many at once for one object, then one in so long. */
#define SPAM_BURST 25
#define SPAM_REFILL_NS (300 * NS_PER_S)
/* From the so many-th distinct message within that time on they are folded. */
#define SIMILAR_MAX 10
#define SIMILAR_NS (600 * NS_PER_S)
#define SIMILAR_PREFIX "(combined from similar events): "
#define DNS_NAME_MAX 253

struct spam {
    double tokens;
    int64_t at_ns;
};

struct similar {
    struct map *messages;
    int64_t at_ns;
};

/* What was written under a key. */
struct counted {
    char *name;
    int64_t count;
    char first[TIME_TEXT_MAX];
};

struct event_correlator {
    struct event_correlator_config cfg; /* strings are owned */
    struct lru *spam, *similar, *counted;
    struct series_book *series; /* NULL: events are of v1, and counted */
};

void event_input_free(struct event_input *in)
{
    if (!in)
        return;
    free(in->type);
    free(in->reason);
    free(in->message);
    free(in->kind);
    free(in->name);
    free(in->api_version);
    free(in->nspace);
    free(in->uid);
    free(in->resource_version);
    free(in);
}

void event_plan_release(struct event_plan *p)
{
    free(p->nspace);
    free(p->name);
    json_free(p->event);
    json_free(p->patch);
    free(p->key);
    *p = (struct event_plan){ 0 };
}

static void free_similar(void *p)
{
    struct similar *s = p;
    map_free(s->messages);
    free(s);
}

static void free_counted(void *p)
{
    struct counted *c = p;
    free(c->name);
    free(c);
}

struct event_correlator *event_correlator_new(const struct event_correlator_config *cfg)
{
    struct event_correlator *c = xnew(struct event_correlator);
    c->cfg = *cfg;
    c->cfg.component = xstrdup(cfg->component);
    c->cfg.host = xstrdup(cfg->host ? cfg->host : "");
    c->spam = lru_new(LRU_MAX, free);
    c->similar = lru_new(LRU_MAX, free_similar);
    c->counted = lru_new(LRU_MAX, free_counted);
    return c;
}

void event_correlator_free(struct event_correlator *c)
{
    if (!c)
        return;
    free((void *)(uintptr_t)c->cfg.component);
    free((void *)(uintptr_t)c->cfg.host);
    lru_free(c->spam);
    lru_free(c->similar);
    lru_free(c->counted);
    series_book_free(c->series);
    free(c);
}

void event_correlator_use_series(struct event_correlator *c, bool yes)
{
    if (yes == (c->series != NULL))
        return;
    series_book_free(take(c->series));
    if (yes)
        c->series = series_book_new(LRU_MAX, c->cfg.clock);
}

/* ---- keys; the separator is a byte that none of the parts has ---- */

#define SEP "\x1f"

static char *give_object_key(const struct event_input *in)
{
    return xasprintf("%s" SEP "%s" SEP "%s" SEP "%s" SEP "%s", in->api_version, in->kind,
                     in->nspace, in->name, in->uid);
}

static char *give_similar_key(const struct event_input *in)
{
    cleanup_free char *object = give_object_key(in);
    return xasprintf("%s" SEP "%s" SEP "%s", object, in->type, in->reason);
}

/* ---- spam ---- */

static bool is_spam(struct event_correlator *c, const struct event_input *in)
{
    cleanup_free char *key = give_object_key(in);
    int64_t now = clock_mono_ns(c->cfg.clock);
    struct spam *s = lru_get(c->spam, key);
    if (!s) {
        s = xnew(struct spam);
        *s = (struct spam){ .tokens = SPAM_BURST, .at_ns = now };
        lru_put(c->spam, key, s);
    }
    s->tokens += (double)(now - s->at_ns) / (double)SPAM_REFILL_NS;
    if (s->tokens > SPAM_BURST)
        s->tokens = SPAM_BURST;
    s->at_ns = now;
    if (s->tokens < 1)
        return true;
    s->tokens -= 1;
    return false;
}

/* ---- folding ---- */

static struct similar *need_similar(struct event_correlator *c, const char *key, int64_t now)
{
    struct similar *s = lru_get(c->similar, key);
    if (s && now - s->at_ns <= SIMILAR_NS)
        return s;
    s = xnew(struct similar);
    s->messages = map_new(NULL);
    lru_put(c->similar, key, s);
    return s;
}

/* Whether this one has to be folded with its likes. */
static bool is_one_of_many(struct event_correlator *c, const struct event_input *in,
                           const char *similar_key)
{
    int64_t now = clock_mono_ns(c->cfg.clock);
    struct similar *s = need_similar(c, similar_key, now);
    s->at_ns = now;
    if (!map_has(s->messages, in->message))
        map_set(s->messages, in->message, s); /* any value: a set */
    if (map_len(s->messages) < SIMILAR_MAX)
        return false;
    /* Any one makes room, so that the set does not grow. */
    struct map_iter it = { 0 };
    if (map_next(s->messages, &it))
        map_del(s->messages, it.key);
    return true;
}

/* ---- the event ---- */

static bool is_dns_name(const char *s)
{
    size_t len = strlen(s);
    if (len == 0 || len > DNS_NAME_MAX)
        return false;
    char before = '.';
    for (const char *p = s; *p; before = *p++) {
        bool alnum = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');
        /* Labels neither begin nor end with a dash, and are not empty. */
        if (!alnum && !(*p == '-' && before != '.') &&
            !(*p == '.' && before != '.' && before != '-'))
            return false;
    }
    return before != '.' && before != '-';
}

static char *give_event_name(const struct event_correlator *c, const struct event_input *in)
{
    cleanup_free char *name =
        xasprintf("%s.%llx", in->name, (unsigned long long)clock_wall_ns(c->cfg.clock));
    if (is_dns_name(name))
        return take(name);
    char id[UUID_LEN + 1];
    rng_uuid(c->cfg.rng, id);
    return xstrdup(id);
}

static void put_unless_empty(json *object, const char *key, const char *value)
{
    if (*value)
        json_put(object, key, json_new_str(value));
}

static json *give_involved(const struct event_input *in)
{
    json *involved = json_make("{'kind':%s,'name':%s}", in->kind, in->name);
    put_unless_empty(involved, "apiVersion", in->api_version);
    put_unless_empty(involved, "namespace", in->nspace);
    put_unless_empty(involved, "uid", in->uid);
    put_unless_empty(involved, "resourceVersion", in->resource_version);
    return involved;
}

static json *give_event(const struct event_correlator *c, const struct event_input *in,
                        const struct event_plan *p, const char *message,
                        const struct counted *count, const char *last)
{
    json *source = json_make("{'component':%s}", c->cfg.component);
    put_unless_empty(source, "host", c->cfg.host);
    return json_make("{'apiVersion':'v1','kind':'Event','metadata':{'name':%s,'namespace':%s},"
                     "'involvedObject':%j,'reason':%s,'message':%s,'source':%j,"
                     "'firstTimestamp':%s,'lastTimestamp':%s,'count':%ld,'type':%s,"
                     "'eventTime':null,'reportingComponent':%s,'reportingInstance':%s}",
                     p->name, p->nspace, give_involved(in), in->reason, message, source,
                     count->first, last, count->count, in->type, c->cfg.component, c->cfg.host);
}

void event_message_cut(char *text)
{
    size_t max = EVENT_MESSAGE_MAX;
    if (strlen(text) <= max)
        return;
    while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
        max--;
    text[max] = '\0';
}

/* ---- as v1 ---- */

static void plan_counted(struct event_correlator *c, const struct event_input *in,
                         const char *message, struct event_plan *p)
{
    char last[TIME_TEXT_MAX];
    time_rfc3339(in->wall_ns, last);
    struct counted count = { .count = 1 };
    memcpy(count.first, last, sizeof(count.first));
    const struct counted *before = lru_get(c->counted, p->key);
    if (before) {
        count = *before;
        count.count++;
        p->patch =
            json_make("{'count':%ld,'lastTimestamp':%s,'message':%s}", count.count, last, message);
    }
    p->gvr = &GVR_EVENTS;
    p->name = before ? xstrdup(before->name) : give_event_name(c, in);
    p->event = give_event(c, in, p, message, &count, last);
}

static void keep_counted(struct event_correlator *c, const struct event_plan *p)
{
    struct counted *count = xnew(struct counted);
    count->name = xstrdup(p->name);
    count->count = json_path_int(p->event, "count", 1);
    const char *first = json_path_str(p->event, "firstTimestamp");
    (void)snprintf(count->first, sizeof(count->first), "%s", first ? first : "");
    lru_put(c->counted, p->key, count);
}

/* ---- as events.k8s.io/v1 ---- */

/* What our events report is what was done: the reason names it. */
static json *give_noted(const struct event_correlator *c, const struct event_input *in,
                        const struct event_plan *p, const char *message)
{
    char at[TIME_TEXT_MAX];
    time_rfc3339_micro(in->wall_ns, at);
    return json_make("{'apiVersion':'events.k8s.io/v1','kind':'Event','metadata':{'name':%s,"
                     "'namespace':%s},'eventTime':%s,'reportingController':%s,"
                     "'reportingInstance':%s,'action':%s,'reason':%s,'regarding':%j,'note':%s,"
                     "'type':%s}",
                     p->name, p->nspace, at, c->cfg.component,
                     *c->cfg.host ? c->cfg.host : c->cfg.component, in->reason, in->reason,
                     give_involved(in), message, in->type);
}

static void plan_series(struct event_correlator *c, const struct event_input *in,
                        const char *message, const struct series_state *state, struct event_plan *p)
{
    p->gvr = &GVR_EVENT_SERIES;
    p->name = state->name ? xstrdup(state->name) : give_event_name(c, in);
    p->event = give_noted(c, in, p, message);
    if (state->count == 1)
        return;
    p->patch = series_give_patch(state->count, in->wall_ns);
    json_put(p->event, "series", json_ref(json_get(p->patch, "series")));
}

int64_t event_correlator_due_ns(const struct event_correlator *c)
{
    return c->series ? series_due_ns(c->series) : CLOCK_NEVER;
}

bool event_correlator_take_due(struct event_correlator *c, bool all, struct event_plan *ret)
{
    struct series_due due;
    if (!c->series || !series_take_due(c->series, all, &due))
        return false;
    *ret = (struct event_plan){
        .gvr = &GVR_EVENT_SERIES, .nspace = due.nspace, .name = due.name, .patch = due.patch
    };
    return true;
}

/* ---- both ---- */

enum event_fate event_correlator_plan(struct event_correlator *c, const struct event_input *in,
                                      struct event_plan *ret)
{
    struct series_state state = { 0 };
    if (!c->series && is_spam(c, in))
        return EVENT_SPAM;
    cleanup_free char *similar_key = give_similar_key(in);
    bool folded = is_one_of_many(c, in, similar_key);
    cleanup_free char *message = xasprintf("%s%s", folded ? SIMILAR_PREFIX : "", in->message);
    cleanup_free char *key =
        folded ? take(similar_key) : xasprintf("%s" SEP "%s", similar_key, in->message);
    if (c->series) {
        state = series_note(c->series, key, in->wall_ns);
        if (state.count > 2)
            return EVENT_COUNTED;
        if (is_spam(c, in)) /* what is only counted costs nobody anything */
            return state.count > 1 ? EVENT_COUNTED : EVENT_SPAM;
    }

    event_message_cut(message);
    *ret = (struct event_plan){ .nspace = xstrdup(*in->nspace ? in->nspace : "default"),
                                .key = take(key) };
    if (c->series)
        plan_series(c, in, message, &state, ret);
    else
        plan_counted(c, in, message, ret);
    return EVENT_WRITE;
}

void event_correlator_keep(struct event_correlator *c, const struct event_plan *p)
{
    if (!p->key)
        return;
    if (p->gvr == &GVR_EVENTS)
        keep_counted(c, p);
    else if (!c->series)
        return;
    else if (p->patch)
        series_written(c->series, p->key);
    else
        series_begin(c->series, p->key, p->nspace, p->name);
}
