/*
 * A customer whose subscriptions end: some clusters are made in each, changes of them are under way, and then Azure says that
 * the subscription is deleted. All of its clusters go, and only then is the backend done with it.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "pkg/database/subscriptions.h"
#include "test/rpcrash/rp_crash.h"

#define CLUSTERS 3

/* Again until it is acknowledged: what is put is the same each time. */
static void put_state(struct world *w, const char *subscription, const char *state)
{
    cleanup_free char *path = xasprintf("/subscriptions/%s?api-version=2.0", subscription);
    cleanup_json json *body =
        json_make("{'state':%s,'properties':{'tenantId':%s}}", state, subscription);
    cleanup_free char *text = json_give_text(body);
    for (;; world_pause(w)) {
        struct reply r = { 0 };
        client_send(w, "PUT", path, text, &r);
        enum answer answer = r.answer;
        if (answer == ANSWER_REFUSED)
            world_fault(w, "%s: to be %s was refused: %s", subscription, state, r.text);
        reply_release(&r);
        if (answer != ANSWER_UNKNOWN)
            return;
    }
}

static bool is_passing(const struct error *e)
{
    return error_is(e, ERR_UNAVAILABLE) || error_is(e, ERR_THROTTLED) || error_is(e, ERR_CONN) ||
           error_is(e, ERR_TIMEOUT);
}

/* The first read that succeeds, of the subscription and then of its clusters. */
static void await_look(struct world *w, const char *subscription, bool *ret_done, int64_t *ret_left)
{
    const struct store_query clusters = { .query = QUERY_ALL,
                                          .coll = COLL_OPENSHIFT_CLUSTERS,
                                          .partition = subscription };
    for (;; world_pause(w)) {
        cleanup_document struct document d = { 0 };
        cleanup_error struct error *e = NULL;
        if (subscriptions_get(w->ctx, w->db, subscription, &d, &e) == 0 &&
            store_count(w->ctx, database_store(w->db), &clusters, ret_left, &e) == 0) {
            *ret_done = !json_path_bool(d.tree, "deleting", false);
            return;
        }
        if (is_passing(e))
            continue;
        world_fault(w, "%s: reading it: %s", subscription, error_text(e));
        *ret_done = true;
        *ret_left = 0;
        return;
    }
}

static void await_done(struct world *w, const char *subscription)
{
    bool done = false;
    int64_t left = 0;
    for (; !done; world_pause(w))
        await_look(w, subscription, &done, &left);
    if (left)
        world_fault(w, "%s: its end is done, and %lld clusters are left", subscription,
                    (long long)left);
}

static void end_one(struct world *w)
{
    char subscription[UUID_LEN + 1];
    struct life *lives[CLUSTERS];
    rng_uuid(w->ctx->rng, subscription);
    put_state(w, subscription, "Registered");
    for (size_t i = 0; i < CLUSTERS; i++)
        lives[i] = life_begin(w, subscription);
    put_state(w, subscription, "Deleted");
    await_done(w, subscription);
    for (size_t i = 0; i < CLUSTERS; i++)
        life_end_gone(lives[i]);
    atomic_fetch_add(&w->subscriptions, 1);
}

void cascade_run(struct world *w)
{
    while (atomic_load(&w->more))
        end_one(w);
}
