/*
 * How much a caller may ask of ARM: a bucket for each application and kind of request, as the state's "budgets" say. Without
 * one there is no limit.
 */
#include <string.h>

#include "hack/devcloud/azure/sim.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Buckets are counted in thousandths. */
#define MILLI 1000

static const char *kind_of(const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return "reads";
    return strcmp(method, "DELETE") == 0 ? "deletes" : "writes";
}

/* {"milli", "at_ns"}: what was left when. Borrowed. */
static json *find_bucket(struct sim_call *c, const char *kind, int64_t size)
{
    cleanup_free char *name = xasprintf("%s/%s", c->caller_id, kind);
    if (!json_get(c->sim->buckets, name))
        json_put(
            c->sim->buckets, name,
            json_make("{'milli':%ld,'at_ns':%ld}", size * MILLI, clock_mono_ns(c->sim->cfg.clock)));
    return json_get(c->sim->buckets, name);
}

static int64_t refill(struct sim_call *c, json *bucket, int64_t size, int64_t per_s)
{
    int64_t now_ns = clock_mono_ns(c->sim->cfg.clock);
    int64_t passed_ms = (now_ns - json_path_int(bucket, "at_ns", now_ns)) / NS_PER_MS;
    int64_t milli = json_path_int(bucket, "milli", 0) + passed_ms * per_s;
    if (milli > size * MILLI)
        milli = size * MILLI;
    json_put(bucket, "at_ns", json_new_int(now_ns));
    json_put(bucket, "milli", json_new_int(milli));
    return milli;
}

static void refuse(struct sim_call *c, const char *kind, int64_t missing_milli, int64_t per_s)
{
    long long wait_s = per_s > 0 ? (missing_milli + per_s * MILLI - 1) / (per_s * MILLI) : 60;
    cleanup_free char *seconds = xasprintf("%lld", wait_s > 0 ? wait_s : 1);
    sim_set_header(c, "Retry-After", seconds);
    sim_reply_error(c, 429, "SubscriptionRequestsThrottled",
                    "Number of requests for subscription '%s' and operation '%s' exceeded the "
                    "backend storage limit. Please try again after '%s' seconds.",
                    json_path_str(c->sim->state, "subscription"), kind, seconds);
}

bool throttle_admits(struct sim_call *c)
{
    const char *kind = kind_of(c->method);
    const json *budget = json_get(json_get(c->sim->state, "budgets"), kind);
    int64_t size = json_path_int(budget, "size", 0), per_s = json_path_int(budget, "per_s", 0);
    if (!budget || !c->caller_id)
        return true;
    json *bucket = find_bucket(c, kind, size);
    int64_t milli = refill(c, bucket, size, per_s);
    if (milli < MILLI) {
        (void)snprintf(c->left, sizeof(c->left), "0");
        refuse(c, kind, MILLI - milli, per_s);
        return false;
    }
    json_put(bucket, "milli", json_new_int(milli - MILLI));
    (void)snprintf(c->left, sizeof(c->left), "%lld", (long long)(milli - MILLI) / MILLI);
    return true;
}
