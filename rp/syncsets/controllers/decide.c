#include "rp/syncsets/controllers/decide.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/strv.h"

#define YEAR_S (366 * INT64_C(86400))

bool decide_needs(const struct attempt *last, bool full, int64_t generation, const char *hash,
                  int64_t now_s)
{
    if (full || !last->is_known || last->generation != generation || !str_eq(last->hash, hash))
        return true;
    return (last->failed || last->retry_at) && last->retry_at <= now_s;
}

int64_t decide_backoff_s(int64_t attempts, const struct rng *rng)
{
    int64_t s = 1;
    for (int64_t i = 1; i < attempts && s < DECIDE_BACKOFF_MAX_S; i++)
        s *= 2;
    if (s > DECIDE_BACKOFF_MAX_S)
        s = DECIDE_BACKOFF_MAX_S;
    int64_t spread = s / 10;
    if (spread == 0)
        return s;
    s += (int64_t)rng_below(rng, (uint64_t)(2 * spread + 1)) - spread;
    return s < DECIDE_BACKOFF_MAX_S ? s : DECIDE_BACKOFF_MAX_S;
}

bool decide_parse_interval(const char *text, int64_t *ret_s)
{
    static const struct {
        char unit;
        int64_t s;
    } units[] = { { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
    int64_t total = 0;
    size_t next_unit = 0;
    if (!text || !*text)
        return false;
    while (*text) {
        int64_t n = 0;
        size_t u = next_unit;
        if (!isdigit((unsigned char)*text))
            return false;
        for (; isdigit((unsigned char)*text); text++)
            if ((n = n * 10 + (*text - '0')) > YEAR_S)
                return false;
        while (u < ARRAY_LEN(units) && units[u].unit != *text)
            u++;
        if (u == ARRAY_LEN(units) || (total += n * units[u].s) > YEAR_S)
            return false;
        next_unit = u + 1;
        text++;
    }
    *ret_s = total;
    return true;
}

int64_t decide_interval_s(const json *cluster, int64_t reapply_s)
{
    const json *annotations = json_path(cluster, "metadata.annotations");
    int64_t s;
    if (!decide_parse_interval(json_str(json_get(annotations, ANNOTATION_INTERVAL)), &s))
        return reapply_s;
    if (s < DECIDE_INTERVAL_MIN_S)
        s = DECIDE_INTERVAL_MIN_S;
    return s < reapply_s ? s : reapply_s;
}

int64_t decide_next_full_s(int64_t now_s, int64_t interval_s, const struct rng *rng)
{
    return now_s + interval_s + (int64_t)rng_below(rng, (uint64_t)(interval_s / 10) + 1);
}

bool decide_is_full(int64_t next_full_at, int64_t now_s)
{
    return next_full_at <= now_s;
}
