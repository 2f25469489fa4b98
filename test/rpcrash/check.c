#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/asyncoperations.h"
#include "pkg/database/billing.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "test/rpcrash/rp_crash.h"

/* The database is busy at times: then again, for as long as the run lasts. */
static bool is_passing(const struct error *e)
{
    return error_is(e, ERR_UNAVAILABLE) || error_is(e, ERR_THROTTLED) || error_is(e, ERR_CONN) ||
           error_is(e, ERR_TIMEOUT);
}

/* 0, or -1 with ERR_NOT_FOUND; anything else is a fault, and as if there were nothing. */
#define AWAIT(w, what, call) \
    for (;;) { \
        cleanup_error struct error *e = NULL; \
        struct error **err = &e; \
        if ((call) == 0) \
            return true; \
        if (!is_passing(e)) { \
            if (!error_is(e, ERR_NOT_FOUND)) \
                world_fault(w, "%s: reading it: %s", (what), error_text(e)); \
            return false; \
        } \
        world_pause(w); \
    }

bool check_read_cluster(struct world *w, const char *key, struct document *ret)
{
    AWAIT(w, strrchr(key, '/') + 1, openshiftclusters_get(w->ctx, w->db, key, ret, err))
}

static bool read_record(struct world *w, const char *id, struct document *ret)
{
    AWAIT(w, id, asyncoperations_get(w->ctx, w->db, id, ret, err))
}

static bool read_billing(struct world *w, const char *name, const char *id, struct document *ret)
{
    AWAIT(w, name, billing_get(w->ctx, w->db, id, ret, err))
}

static bool read_records(struct world *w, const struct store_query *q, struct doc_page *ret)
{
    AWAIT(w, "records", store_query(w->ctx, database_store(w->db), q, ret, err))
}

static bool count_clusters(struct world *w, int64_t *ret)
{
    const struct store_query q = { .query = QUERY_ALL, .coll = COLL_OPENSHIFT_CLUSTERS };
    AWAIT(w, "clusters", store_count(w->ctx, database_store(w->db), &q, ret, err))
}

void check_read_record(struct world *w, const char *id, struct document *ret)
{
    if (!read_record(w, id, ret))
        world_fault(w, "%s: an operation that was told of has no record", id);
}

/* ---- journals ---- */

static int position(const struct strv *v, const char *text)
{
    for (size_t i = 0; i < v->len; i++)
        if (str_eq(v->v[i], text))
            return (int)i;
    return -1;
}

struct reading {
    struct world *w;
    const char *name, *operation;
    struct strv leases; /* in the order of their coming */
    int64_t last;       /* step; -1: none */
};

/* Who lost a lease writes nothing any more, and each holder runs its steps in order. */
static void read_entry(struct reading *r, const json *entry)
{
    const char *lease = json_path_str(entry, "lease");
    int64_t step = json_path_int(entry, "step", -1);
    int at = position(&r->leases, lease);
    bool changes = at < 0 || (size_t)at + 1 != r->leases.len;
    if (changes && at >= 0)
        world_fault(r->w, "%s: in %s, lease %s wrote step %lld after it was lost", r->name,
                    r->operation, lease, (long long)step);
    if (at < 0)
        strv_add(&r->leases, lease);
    int64_t before = changes ? -1 : r->last;
    if (step != before + 1 && (changes || step != r->last))
        world_fault(r->w, "%s: in %s, step %lld came after step %lld", r->name, r->operation,
                    (long long)step, (long long)before);
    r->last = step;
}

static void check_journal(struct world *w, const char *name, const char *operation,
                          const json *record)
{
    struct reading r = { .w = w, .name = name, .operation = operation, .last = -1 };
    const json *journal = json_path(record, JOURNAL);
    for (size_t i = 0; i < json_len(journal); i++)
        if (str_eq(json_path_str(json_at(journal, i), "operation"), operation))
            read_entry(&r, json_at(journal, i));
    if (str_eq(json_path_str(record, "asyncOperation.status"), "Succeeded") && r.last != STEPS - 1)
        world_fault(w, "%s: %s succeeded after step %lld", name, operation, (long long)r.last);
    strv_release(&r.leases);
}

/* ---- one operation ---- */

static void check_free(struct world *w, const char *name, const json *cluster)
{
    static const char *const gone[] = { "leaseOwner", "asyncOperationId", "operationOutcome",
                                        "leaseExpires" };
    for (size_t i = 0; i < ARRAY_LEN(gone); i++)
        if (json_path(cluster, gone[i]))
            world_fault(w, "%s: has %s after its end", name, gone[i]);
}

void check_ended(struct world *w, const char *name, const json *cluster, const json *record,
                 const char *status)
{
    const char *began = json_path_str(record, "asyncOperation.initialStatus");
    const char *kept = json_path_str(record, "asyncOperation.status");
    const char *state = json_path_str(cluster, PROPERTIES "provisioningState");
    const char *failed = json_path_str(cluster, PROPERTIES "failedProvisioningState");
    if (!str_eq(kept, status))
        world_fault(w, "%s: its %s was told to be %s, and is recorded as %s", name,
                    began ? began : "operation", status, kept ? kept : "nothing");
    if (str_eq(began, "Deleting") && str_eq(status, "Succeeded")) {
        if (cluster)
            world_fault(w, "%s: its deletion succeeded, and it is there", name);
        return;
    }
    if (!str_eq(state, status))
        world_fault(w, "%s: is %s, and its %s was told to be %s", name, state ? state : "gone",
                    began ? began : "operation", status);
    if (str_eq(state, "Failed") && !str_eq(failed, began))
        world_fault(w, "%s: failed in %s, says %s", name, began ? began : "nothing",
                    failed ? failed : "nothing");
    if (cluster)
        check_free(w, name, cluster);
}

void check_billing(struct world *w, const char *name, const char *id, bool was_there)
{
    cleanup_document struct document d = { 0 };
    if (!read_billing(w, name, id, &d)) {
        if (was_there)
            world_fault(w, "%s: was never billed", name);
    } else if (json_path_int(d.tree, "billing.deletionTime", 0) == 0) {
        world_fault(w, "%s: is gone and still billed", name);
    }
}

/* ---- all that is left ---- */

static void check_record(struct world *w, const struct doc *d)
{
    cleanup_json json *tree = NULL;
    if (json_parse_object(d->body, d->body_len, &tree, NULL) < 0) {
        world_fault(w, "%s: a record that is no JSON", d->id);
        return;
    }
    const char *key = json_path_str(tree, "openShiftClusterKey");
    const char *slash = key ? strrchr(key, '/') : NULL;
    const char *name = slash ? slash + 1 : "nobody";
    const char *status = json_path_str(tree, "asyncOperation.status");
    if (!str_eq(status, "Succeeded") && !str_eq(status, "Failed"))
        world_fault(w, "%s: its operation %s is %s for ever", name, d->id,
                    status ? status : "none");
    check_journal(w, name, d->id, tree);
}

void check_left(struct world *w)
{
    cleanup_free char *next = NULL;
    int64_t clusters = 0;
    size_t records = 0;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        const struct store_query q = {
            .query = QUERY_ALL, .coll = COLL_ASYNC_OPERATIONS, .page = 100, .continuation = next
        };
        if (!read_records(w, &q, &page))
            break;
        for (size_t i = 0; i < page.len; i++)
            check_record(w, &page.docs[i]);
        records += page.len;
        free(next);
        next = take(page.next);
    } while (next);
    if (count_clusters(w, &clusters) && clusters != 0)
        world_fault(w, "clusters: %lld are left", (long long)clusters);
    printf("%zu records of operations, all looked at\n", records);
}
