/* The pool: remotes by uid, and the order in which they were used last. */
#include "rp/syncsets/remote/remote.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/remote/remote_impl.h"

#define BYTES_MAX ((size_t)64 << 20)
#define QPS_DEFAULT 20
#define PARALLEL_DEFAULT 4
#define REQUEST_TIMEOUT_MS 60000
#define PROBE_ANSWER_MS 10000

int sets_remotes_new(const struct sets_remotes_config *cfg, struct sets_remotes **ret,
                     struct error **err)
{
    struct dial_rules *rules;
    if (dial_rules_new(cfg->dial_allowed, &rules, err) < 0)
        return -1;
    struct sets_remotes *all = xnew(struct sets_remotes);
    all->cfg = *cfg;
    all->cfg.dial_allowed = NULL;
    all->cfg.qps = cfg->qps ? cfg->qps : QPS_DEFAULT;
    all->cfg.parallel = cfg->parallel ? cfg->parallel : PARALLEL_DEFAULT;
    if (all->cfg.parallel > TURNSTILE_PLACES_MAX)
        all->cfg.parallel = TURNSTILE_PLACES_MAX;
    all->cfg.max_bytes = cfg->max_bytes ? cfg->max_bytes : BYTES_MAX;
    if (!cfg->request_timeout_ms)
        all->cfg.request_timeout_ms = REQUEST_TIMEOUT_MS;
    if (!cfg->probe_answer_ms)
        all->cfg.probe_answer_ms = PROBE_ANSWER_MS;
    all->rules = rules;
    remote_requests_init(&all->requests, cfg->metrics);
    all->by_uid = map_new(NULL);
    mutex_init(&all->mu);
    mutex_init(&all->parsing);
    *ret = all;
    return 0;
}

/* ---- the list, with the lock ---- */

static void unlist(struct sets_remote *r)
{
    struct sets_remotes *all = r->all;
    if (r->prev)
        r->prev->next = r->next;
    else
        all->newest = r->next;
    if (r->next)
        r->next->prev = r->prev;
    else
        all->oldest = r->prev;
    r->prev = r->next = NULL;
    r->listed = false;
    all->bytes -= r->bytes;
}

static void list(struct sets_remote *r)
{
    struct sets_remotes *all = r->all;
    r->next = all->newest;
    if (r->next)
        r->next->prev = r;
    else
        all->oldest = r;
    all->newest = r;
    r->listed = true;
    all->bytes += r->bytes;
}

static void drop(struct sets_remote *r)
{
    unlist(r);
    (void)map_del(r->all->by_uid, r->uid);
}

/* Takes one that nobody uses out of a list that is too long; NULL: there is none, or it is not. */
static struct sets_remote *take_surplus(struct sets_remotes *all)
{
    struct sets_remote *r = all->bytes > all->cfg.max_bytes ? all->oldest : NULL;
    while (r && r->users > 0)
        r = r->prev;
    if (r)
        drop(r);
    return r;
}

static void evict(struct sets_remotes *all)
{
    for (;;) {
        pthread_mutex_lock(&all->mu);
        struct sets_remote *r = take_surplus(all);
        pthread_mutex_unlock(&all->mu);
        if (!r)
            return;
        remote_free(r); /* waits for the I/O thread: not under the lock */
    }
}

void sets_remotes_free(struct sets_remotes *all)
{
    if (!all)
        return;
    while (all->newest) {
        struct sets_remote *r = all->newest;
        drop(r);
        remote_free(r);
    }
    map_free(all->by_uid);
    dial_rules_free(all->rules);
    pthread_mutex_destroy(&all->parsing);
    pthread_mutex_destroy(&all->mu);
    free(all);
}

size_t sets_remotes_bytes(struct sets_remotes *all)
{
    pthread_mutex_lock(&all->mu);
    size_t bytes = all->bytes;
    pthread_mutex_unlock(&all->mu);
    return bytes;
}

/* ---- getting and giving back ---- */

/* With the lock: the one that is known, used once more. One that was made of something else leaves the list;
 * *ret_old is that when nobody uses it any more. */
static struct sets_remote *find(struct sets_remotes *all, const char *uid,
                                const unsigned char fingerprint[FINGERPRINT_LEN],
                                struct sets_remote **ret_old)
{
    struct sets_remote *r = map_get(all->by_uid, uid);
    *ret_old = NULL;
    if (!r)
        return NULL;
    drop(r);
    if (memcmp(r->fingerprint, fingerprint, FINGERPRINT_LEN) == 0) {
        list(r);
        map_set(all->by_uid, uid, r);
        r->users++;
        return r;
    }
    if (r->users == 0)
        *ret_old = r;
    return NULL;
}

static struct sets_remote *find_or_add(struct sets_remotes *all, const char *uid,
                                       const unsigned char fingerprint[FINGERPRINT_LEN],
                                       struct sets_remote *fresh)
{
    struct sets_remote *old;
    pthread_mutex_lock(&all->mu);
    struct sets_remote *r = find(all, uid, fingerprint, &old);
    if (!r && fresh) {
        r = take(fresh);
        r->users = 1;
        list(r);
        map_set(all->by_uid, uid, r);
    }
    pthread_mutex_unlock(&all->mu);
    remote_free(old);
    remote_free(fresh);
    return r;
}

int sets_remotes_get(struct sets_remotes *all, const struct sets_target *target,
                     struct sets_remote **ret, struct error **err)
{
    unsigned char fingerprint[FINGERPRINT_LEN];
    remote_fingerprint(target, fingerprint);
    struct sets_remote *r = find_or_add(all, target->uid, fingerprint, NULL);
    if (!r) {
        struct sets_remote *fresh;
        if (remote_make(all, target, &fresh, err) < 0)
            return -1;
        r = find_or_add(all, target->uid, fingerprint, fresh);
    }
    if (r->urls_len > 1)
        atomic_store(&r->active, target->use_secondary ? 1 : 0);
    *ret = r;
    return 0;
}

static size_t measure(struct sets_remote *r)
{
    size_t bytes = r->fixed_bytes;
    for (int i = 0; i < r->urls_len; i++)
        bytes += discovery_footprint(r->urls[i].discovery);
    return bytes + remote_merge_bytes(r);
}

void sets_remote_put(struct sets_remote *r)
{
    if (!r)
        return;
    struct sets_remotes *all = r->all;
    size_t bytes = measure(r);
    pthread_mutex_lock(&all->mu);
    if (r->listed)
        all->bytes += bytes - r->bytes;
    r->bytes = bytes;
    bool gone = --r->users == 0 && !r->listed;
    pthread_mutex_unlock(&all->mu);
    if (gone)
        remote_free(r);
    evict(all);
}

/* ---- requests ---- */

bool sets_remote_is_fake(const struct sets_remote *r)
{
    return r->fake;
}

int64_t sets_remote_credential_expiry(const struct sets_remote *r)
{
    return r->expiry_wall_ns;
}

int sets_remote_begin(struct sets_remote *r, const struct opctx *ctx,
                      const struct sets_guard *guard, struct kube_client **ret, struct error **err)
{
    if (turnstile_enter(&r->gate, ctx, guard, err) < 0)
        return error_wrap(err, "waiting for other requests to the cluster");
    *ret = remote_active(r)->client;
    return 0;
}

void sets_remote_end(struct sets_remote *r)
{
    turnstile_leave(&r->gate);
}
