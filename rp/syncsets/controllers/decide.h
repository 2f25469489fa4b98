/*
 * decide.h - when a set is applied, and when everything is.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_CONTROLLERS_DECIDE_H
#define RP_SYNCSETS_CONTROLLERS_DECIDE_H

#include "pkg/base/clock.h"
#include "pkg/base/json.h"

#define DECIDE_BACKOFF_MAX_S 1000
#define DECIDE_INTERVAL_MIN_S 600 /* of the annotation */
#define ANNOTATION_INTERVAL "syncsets.aro.openshift.io/reapply-interval"

/* What is remembered of a set on a cluster. */
struct attempt {
    bool is_known; /* there is a result */
    bool failed;
    int64_t generation;
    const char *hash; /* of what was sent; NULL: it could not be rendered */
    int64_t
        retry_at; /* of a failure; of a success when a full pass did not get to it: when it is applied again */
    int64_t attempts;
};
/* hash NULL: it cannot be rendered now. */
bool decide_needs(const struct attempt *last, bool full, int64_t generation, const char *hash,
                  int64_t now_s);
/* Seconds until the next try behind the attempts-th failure in a row (from 1): 1, 2, 4 ... DECIDE_BACKOFF_MAX_S, give or take
 * a tenth. */
int64_t decide_backoff_s(int64_t attempts, const struct rng *rng);
/* The interval of a cluster: reapply_s, or what its annotation asks for when that is shorter. */
int64_t decide_interval_s(const json *cluster, int64_t reapply_s);
/* Drawn once: from now, the interval and up to a tenth of it. */
int64_t decide_next_full_s(int64_t now_s, int64_t interval_s, const struct rng *rng);
bool decide_is_full(int64_t next_full_at, int64_t now_s);
/* "90s", "15m", "2h", "1h30m" in seconds; false for anything else, and for more than a year. */
bool decide_parse_interval(const char *text, int64_t *ret_s);

#endif
