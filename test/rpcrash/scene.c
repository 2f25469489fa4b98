#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/asyncoperations.h"
#include "pkg/database/billing.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/subscriptions.h"
#include "test/rpcrash/rp_crash.h"

#define SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define PROPERTIES "openShiftCluster.properties."
#define RETRIES 200

struct cluster {
    char *name, *key, *id, *async;
    const char *state; /* in which the operation began; NULL: all is over */
    char *told;        /* the asynchronous operation, once it has ended */
    size_t operations;
};

struct scene {
    const struct opctx *ctx;
    struct database *db;
    struct cluster *clusters;
    size_t len, made;
    size_t succeeded, failed;
};

/* ---- making ---- */

/* The database is busy at times: a frontend would say so, and its client would try again. */
static bool may_retry(const struct scene *s, int *tries, const struct error *e)
{
    bool passing = error_is(e, ERR_UNAVAILABLE) || error_is(e, ERR_THROTTLED);
    return passing && ++*tries < RETRIES && opctx_sleep_ms(s->ctx, 1000, NULL) == 0;
}

#define RETRY(call, what) \
    for (int tries_ = 0;;) { \
        cleanup_error struct error *e_ = NULL; \
        struct error **err = &e_; \
        if ((call) == 0) \
            break; \
        if (!may_retry(s, &tries_, e_)) { \
            fprintf(stderr, "%s: %s\n", (what), error_text(e_)); \
            abort(); \
        } \
    }

struct scene *scene_new(const struct opctx *ctx, struct database *db)
{
    struct scene *s = xnew(struct scene);
    *s = (struct scene){ .ctx = ctx, .db = db };
    RETRY(subscriptions_create(
              ctx, db, json_make("{'id':%s,'subscription':{'state':'Registered'}}", SUBSCRIPTION),
              NULL, err),
          "creating the subscription")
    return s;
}

static void create_async(struct scene *s, struct cluster *c, const char *state)
{
    free(c->async);
    free(take(c->told));
    c->async = xasprintf("%s-%zu", c->name, ++c->operations);
    c->state = state;
    RETRY(asyncoperations_create(
              s->ctx, s->db,
              json_make("{'id':%s,'asyncOperation':{'name':%s,'status':%s,'initialStatus':%s}}",
                        c->async, c->async, state, state),
              NULL, err),
          "creating an asynchronous operation")
}

static void create(struct scene *s, struct cluster *c)
{
    static const char *const kinds[] = { "good", "good", "good", NAME_BAD, "good", NAME_POISON };
    size_t n = s->made++;
    *c = (struct cluster){ .name = xasprintf("%s%zu", kinds[n % ARRAY_LEN(kinds)], n) };
    c->key = xasprintf("/subscriptions/" SUBSCRIPTION
                       "/resourcegroups/rg/providers/microsoft.redhatopenshift/"
                       "openshiftclusters/%s",
                       c->name);
    c->id = xasprintf("id-%s", c->name);
    create_async(s, c, "Creating");
    RETRY(openshiftclusters_create(
              s->ctx, s->db,
              json_make("{'id':%s,'key':%s,'clusterResourceGroupIdKey':%s,'clientIdKey':%s,"
                        "'asyncOperationId':%s,'openShiftCluster':{'location':'here','properties':{"
                        "'provisioningState':'Creating','install':{'phase':0}}}}",
                        c->id, c->key, c->id, c->id, c->async),
              NULL, err),
          "creating a cluster")
}

static int begin(json *tree, void *arg, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_free char *last = xstrdup(json_path_str(tree, PROPERTIES "provisioningState"));
    (void)json_path_del(tree, JOURNAL);
    (void)json_del(tree, "dequeues");
    json_put(tree, "asyncOperationId", json_new_str(c->async));
    return json_set_str(tree, PROPERTIES "lastProvisioningState", last, err) < 0 ||
                   json_set_str(tree, PROPERTIES "provisioningState", c->state, err) < 0
               ? -1
               : 0;
}

static void begin_next(struct scene *s, struct cluster *c, bool succeeded)
{
    create_async(s, c, succeeded && str_eq(c->state, "Creating") ? "Updating" : "Deleting");
    RETRY(openshiftclusters_patch(s->ctx, s->db, c->key, begin, c, NULL, err),
          "beginning an operation")
}

/* ---- what has to hold ---- */

static int position(const struct strv *v, const char *text)
{
    for (size_t i = 0; i < v->len; i++)
        if (str_eq(v->v[i], text))
            return (int)i;
    return -1;
}

/* Who lost a lease writes nothing any more, and each holder ran its steps in order. */
static void check_journal(const struct cluster *c, const json *journal, bool succeeded,
                          struct strv *faults)
{
    cleanup_strv struct strv leases = STRV_INIT;
    int64_t last = -1;
    for (size_t i = 0; i < json_len(journal); i++) {
        const char *lease = json_path_str(json_at(journal, i), "lease");
        int64_t n = json_path_int(json_at(journal, i), "step", -1);
        int at = position(&leases, lease);
        bool changes = at < 0 || (size_t)at + 1 != leases.len;
        if (changes && at >= 0)
            strv_addf(faults, "%s: a step wrote after its lease was lost", c->name);
        if (at < 0)
            strv_add(&leases, lease);
        if (n != (changes ? 0 : last + 1) && n != last)
            strv_addf(faults, "%s: step %lld came after step %lld", c->name, (long long)n,
                      (long long)(changes ? -1 : last));
        last = n;
    }
    if (succeeded && last != STEPS - 1)
        strv_addf(faults, "%s: succeeded after step %lld", c->name, (long long)last);
}

/* What was told of an operation's end is never told otherwise. */
static void check_told(struct scene *s, struct cluster *c, struct document *ret,
                       struct strv *faults)
{
    RETRY(asyncoperations_get(s->ctx, s->db, c->async, ret, err), "reading an operation")
    const char *status = json_path_str(ret->tree, "asyncOperation.status");
    if (!str_eq(status, "Succeeded") && !str_eq(status, "Failed"))
        return;
    char *text = json_give_sorted(json_get(ret->tree, "asyncOperation"));
    if (c->told && !str_eq(c->told, text))
        strv_addf(faults, "%s: was told %s and then %s", c->async, c->told, text);
    free(c->told);
    c->told = text;
}

static void check_billing(struct scene *s, const struct cluster *c, struct strv *faults)
{
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;
    if (billing_get(s->ctx, s->db, c->id, &d, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND) || !strstr(c->name, NAME_POISON))
            strv_addf(faults, "%s: no billing: %s", c->name, error_text(e));
    } else if (json_path_int(d.tree, "billing.deletionTime", 0) == 0) {
        strv_addf(faults, "%s: is gone and still billed", c->name);
    }
}

static void check_ended(const struct cluster *c, const json *tree, const char *status,
                        struct strv *faults)
{
    static const char *const gone[] = { "leaseOwner", "asyncOperationId", "operationOutcome",
                                        "leaseExpires" };
    for (size_t i = 0; i < ARRAY_LEN(gone); i++)
        if (json_path(tree, gone[i]))
            strv_addf(faults, "%s: has %s after its end", c->name, gone[i]);
    const char *state = json_path_str(tree, PROPERTIES "provisioningState");
    if (!str_eq(state, status))
        strv_addf(faults, "%s: is %s, and was told to be %s", c->async, state,
                  status ? status : "at work");
    const char *failed = json_path_str(tree, PROPERTIES "failedProvisioningState");
    if (str_eq(state, "Failed") && !str_eq(failed, c->state))
        strv_addf(faults, "%s: failed in %s, says %s", c->async, c->state, failed ? failed : "");
}

/* ---- playing ---- */

/* 1: there it is, 0: it is gone. */
static bool read_cluster(struct scene *s, const struct cluster *c, struct document *ret)
{
    bool there = true;
    RETRY(openshiftclusters_get(s->ctx, s->db, c->key, ret, err) == 0 ||
                  (there = !error_is(e_, ERR_NOT_FOUND)) == false
              ? 0
              : -1,
          "reading a cluster")
    return there;
}

static void look_at(struct scene *s, struct cluster *c, struct strv *faults)
{
    cleanup_document struct document d = { 0 }, async = { 0 };
    bool there = read_cluster(s, c, &d);
    check_told(s, c, &async, faults); /* behind the cluster: it is told before */
    const char *state = json_path_str(d.tree, PROPERTIES "provisioningState");
    if (there && !str_eq(state, "Succeeded") && !str_eq(state, "Failed"))
        return;
    const char *status = c->told ? json_path_str(async.tree, "asyncOperation.status") : NULL;
    bool succeeded = str_eq(status, "Succeeded");
    check_journal(c, json_path(async.tree, JOURNAL), succeeded, faults);
    succeeded ? s->succeeded++ : s->failed++;
    if (there) {
        check_ended(c, d.tree, status, faults);
        begin_next(s, c, succeeded);
        return;
    }
    if (!succeeded || !str_eq(c->state, "Deleting"))
        strv_addf(faults, "%s: is gone, in %s", c->async, c->state);
    check_billing(s, c, faults);
    c->state = NULL;
}

static void forget(struct cluster *c)
{
    free(c->name);
    free(c->key);
    free(c->id);
    free(c->async);
    free(c->told);
    *c = (struct cluster){ 0 };
}

void scene_play(struct scene *s, size_t clusters, bool more, struct strv *faults)
{
    if (!s->clusters) {
        s->clusters = xcalloc(clusters, sizeof(*s->clusters));
        s->len = clusters;
    }
    for (size_t i = 0; i < s->len; i++) {
        struct cluster *c = &s->clusters[i];
        if (c->state) {
            look_at(s, c, faults);
        } else if (more) {
            forget(c);
            create(s, c);
        }
    }
}

bool scene_is_over(const struct scene *s)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->clusters[i].state)
            return false;
    return true;
}

void scene_list_left(const struct scene *s, struct strv *faults)
{
    for (size_t i = 0; i < s->len; i++)
        if (s->clusters[i].state)
            strv_addf(faults, "%s: is left in %s", s->clusters[i].async, s->clusters[i].state);
}

size_t scene_successes(const struct scene *s)
{
    return s->succeeded;
}

void scene_print(const struct scene *s)
{
    printf("%zu clusters; operations: %zu succeeded, %zu failed\n", s->made, s->succeeded,
           s->failed);
}

void scene_free(struct scene *s)
{
    for (size_t i = 0; i < s->len; i++)
        forget(&s->clusters[i]);
    free(s->clusters);
    free(s);
}
