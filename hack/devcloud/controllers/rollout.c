#include "hack/devcloud/controllers/rollout.h"

#include <string.h>

#include "pkg/base/strv.h"

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* A number, or a percentage of all. */
static int64_t scaled(const json *value, int64_t all, bool up, int64_t dflt)
{
    int64_t n = dflt;
    long long percent = 0;
    const char *text = json_str(value);
    cleanup_free char *digits = text ? str_give_trimmed(text) : NULL;
    size_t len = digits ? strlen(digits) : 0;
    if (len && digits[len - 1] == '%') {
        digits[len - 1] = '\0';
        if (str_to_int(digits, 0, 1000000, &percent))
            return (all * percent + (up ? 99 : 0)) / 100;
    }
    (void)json_int(value, &n);
    return n;
}

struct rollout rollout_of(const json *deployment)
{
    const json *strategy = json_path(deployment, "spec.strategy");
    struct rollout r = { .replicas = json_path_int(deployment, "spec.replicas", 1),
                         .recreate = str_eq(json_path_str(strategy, "type"), "Recreate") };
    r.max_surge = scaled(json_path(strategy, "rollingUpdate.maxSurge"), r.replicas, true, 1);
    r.max_unavailable =
        scaled(json_path(strategy, "rollingUpdate.maxUnavailable"), r.replicas, false, 0);
    if (r.max_surge == 0 && r.max_unavailable == 0)
        r.max_unavailable = 1; /* else nothing could ever move */
    return r;
}

static void recreate(const struct rollout *r, struct rollout_set *sets, size_t len)
{
    bool gone = true;
    for (size_t i = 1; i < len; i++) {
        sets[i].replicas = 0;
        gone = gone && sets[i].exist == 0;
    }
    if (gone)
        sets[0].replicas = r->replicas;
}

static void grow(const struct rollout *r, struct rollout_set *sets, size_t len)
{
    int64_t all = 0;
    for (size_t i = 0; i < len; i++)
        all += sets[i].replicas;
    int64_t room = max_of(r->replicas + r->max_surge - all, 0);
    sets[0].replicas = min_of(sets[0].replicas + room, r->replicas);
}

static void shrink(const struct rollout *r, const struct rollout_set *new_set,
                   struct rollout_set *old, size_t len)
{
    int64_t all = new_set->replicas, available = new_set->available;
    for (size_t i = 0; i < len; i++) {
        all += old[i].replicas;
        available += old[i].available;
    }
    int64_t least = r->replicas - r->max_unavailable;
    int64_t budget = all - least - max_of(new_set->replicas - new_set->available, 0);
    /* Those that serve nobody cost nothing. */
    for (size_t i = 0; i < len && budget > 0; i++) {
        int64_t n = min_of(max_of(old[i].replicas - old[i].available, 0), budget);
        old[i].replicas -= n;
        budget -= n;
    }
    budget = min_of(budget, available - least);
    for (size_t i = 0; i < len && budget > 0; i++) {
        int64_t n = min_of(old[i].replicas, budget);
        old[i].replicas -= n;
        budget -= n;
    }
}

void rollout_step(const struct rollout *r, struct rollout_set *sets, size_t len)
{
    struct rollout_set before = sets[0];
    if (r->recreate) {
        recreate(r, sets, len);
        return;
    }
    grow(r, sets, len);
    /* One thing at a time: what was asked for just now is not there yet. */
    if (sets[0].replicas == before.replicas)
        shrink(r, sets, sets + 1, len - 1);
}
