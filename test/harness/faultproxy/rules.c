#include "test/harness/faultproxy/rules.h"

#include <fnmatch.h>
#include <pthread.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct rules {
    pthread_mutex_t mu;
    json *list;            /* guarded by mu; nothing of it gets out but copies */
    struct stop *replaced; /* guarded by mu; of this list */
};

struct rules *rules_new(void)
{
    struct rules *r = xnew(struct rules);
    mutex_init(&r->mu);
    r->list = json_new_array();
    r->replaced = stop_new(NULL);
    return r;
}

void rules_free(struct rules *r)
{
    if (!r)
        return;
    pthread_mutex_destroy(&r->mu);
    json_free(r->list);
    stop_unref(r->replaced);
    free(r);
}

int rules_set(struct rules *r, const json *list, struct error **err)
{
    bool good = json_is_array(list);
    for (size_t i = 0; good && i < json_len(list); i++)
        good = json_is_object(json_at(list, i));
    if (!good)
        return error_set(err, ERR_INVALID, "rules are an array of objects");
    pthread_mutex_lock(&r->mu);
    json_free(r->list);
    r->list = json_give_copy(list);
    stop_request(r->replaced);
    stop_unref(r->replaced);
    r->replaced = stop_new(NULL);
    pthread_mutex_unlock(&r->mu);
    return 0;
}

json *rules_give(struct rules *r)
{
    pthread_mutex_lock(&r->mu);
    json *list = json_give_copy(r->list);
    pthread_mutex_unlock(&r->mu);
    return list;
}

static bool fits(const json *rule, const char *key, const char *value)
{
    const char *pattern = json_path_str(rule, key);
    return !pattern || fnmatch(pattern, value ? value : "", 0) == 0;
}

static bool rule_fits(const json *rule, const struct asked *a)
{
    return json_path_int(rule, "times", 1) != 0 && fits(rule, "method", a->method) &&
           fits(rule, "path", a->path) && fits(rule, "query", a->query) &&
           fits(rule, "agent", a->agent);
}

static struct fault fault_of(const json *rule)
{
    const json *body = json_get(rule, "body");
    const json *headers = json_get(rule, "headers");
    return (struct fault){
        .found = true,
        .stall = json_path_bool(rule, "stall", false),
        .status = (int)json_path_int(rule, "status", 0),
        .delay_ms = json_path_int(rule, "delay_ms", 0),
        .pad = json_path_int(rule, "pad", 0),
        .cut_after = json_path_int(rule, "cut_after", -1),
        .end_after = json_path_int(rule, "end_after", -1),
        .stall_after = json_path_int(rule, "stall_after", -1),
        .body = !body            ? NULL
                : json_str(body) ? xstrdup(json_str(body))
                                 : json_give_text(body),
        .headers = json_is_object(headers) ? json_give_text(headers) : NULL,
    };
}

struct fault rules_take(struct rules *r, const struct asked *asked)
{
    struct fault fault = { .cut_after = -1, .end_after = -1, .stall_after = -1 };
    pthread_mutex_lock(&r->mu);
    for (size_t i = 0; i < json_len(r->list) && !fault.found; i++) {
        json *rule = json_at(r->list, i);
        if (!rule_fits(rule, asked))
            continue;
        fault = fault_of(rule);
        fault.replaced = stop_ref(r->replaced);
        int64_t times = json_path_int(rule, "times", 1);
        if (times > 0)
            json_put(rule, "times", json_new_int(times - 1));
    }
    pthread_mutex_unlock(&r->mu);
    return fault;
}

void fault_release(struct fault *f)
{
    free(f->body);
    free(f->headers);
    f->body = f->headers = NULL;
    stop_unref(take(f->replaced));
}
