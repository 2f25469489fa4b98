/* Clusters and their leases, on this store as on the others. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/openshiftclusters.h"
#include "test/cosmoscheck/check.h"

#define KEY "/subscriptions/s/resourcegroups/g/providers/p/openshiftclusters/"
#define THREADS 8
#define CLUSTERS 24

static int create_cluster(struct check *c, const char *name, const char *identity,
                          struct document *ret, struct error **err)
{
    cleanup_free char *text =
        xasprintf("{'key':'" KEY "%s','clusterResourceGroupIdKey':'rg-%s','clientIdKey':'%s',"
                  "'openShiftCluster':{'new':{'x':0},'properties':{'provisioningState':"
                  "'Creating'}}}",
                  name, name, identity);
    return openshiftclusters_create(&c->ctx, c->db, check_tree(text), ret, err);
}

static int run_unique(struct check *c, struct error **err)
{
    cleanup_error struct error *name = NULL, *identity = NULL;
    cleanup_document struct document d = { 0 };
    if (create_cluster(c, "one", "c-one", &d, err) < 0)
        return -1;
    int by_name = create_cluster(c, "one", "c-other", NULL, &name);
    int by_identity = create_cluster(c, "other", "c-one", NULL, &identity);
    if (expect_kind(by_name, &name, ERR_PRECONDITION, "a name twice", err) < 0 ||
        expect_kind(by_identity, &identity, ERR_PRECONDITION, "an identity twice", err) < 0)
        return -1;
    return openshiftclusters_delete(&c->ctx, c->db, &d, err);
}

static int run_operation(struct check *c, struct error **err)
{
    static const struct cluster_end end = { "Succeeded", "", NULL };
    cleanup_document struct document taken = { 0 }, none = { 0 }, d = { 0 };
    cleanup_free char *lease = NULL, *second = NULL;
    if (create_cluster(c, "op", "c-op", NULL, err) < 0 ||
        openshiftclusters_dequeue(&c->ctx, c->db, &lease, &taken, err) < 0 ||
        expect(taken.tree != NULL, "the cluster is dequeued", err) < 0 ||
        openshiftclusters_dequeue(&c->ctx, c->db, &second, &none, err) < 0 ||
        expect(!none.tree, "it is dequeued once", err) < 0 ||
        openshiftclusters_lease(&c->ctx, c->db, KEY "op", lease, NULL, err) < 0 ||
        openshiftclusters_end_lease(&c->ctx, c->db, KEY "op", lease, &end, &d, err) < 0 ||
        expect(json_path_has(d.tree, "openShiftCluster.new.x"), "unknown members stay", err) < 0 ||
        expect(!json_path_has(d.tree, "leaseOwner"), "the lease has ended", err) < 0)
        return -1;
    return openshiftclusters_delete(&c->ctx, c->db, &d, err);
}

struct backend {
    pthread_t thread;
    struct check *check;
    size_t taken;
    struct error *err;
};

static void take_all(void *arg)
{
    struct backend *b = arg;
    for (;;) {
        cleanup_document struct document d = { 0 };
        cleanup_free char *lease = NULL;
        if (openshiftclusters_dequeue(&b->check->ctx, b->check->db, &lease, &d, &b->err) < 0 ||
            !d.tree)
            return;
        b->taken++;
    }
}

static int remove_all(struct check *c, struct error **err)
{
    cleanup_document_page struct document_page p = { 0 };
    if (openshiftclusters_list(&c->ctx, c->db, "/subscriptions/s/", 0, NULL, &p, err) < 0)
        return -1;
    for (size_t i = 0; i < p.len; i++)
        if (openshiftclusters_delete(&c->ctx, c->db, &p.docs[i], err) < 0)
            return -1;
    return 0;
}

static int run_backends(struct check *c, struct error **err)
{
    struct backend backends[THREADS] = { 0 };
    size_t taken = 0;
    for (int i = 0; i < CLUSTERS; i++) {
        cleanup_free char *name = xasprintf("n%02d", i);
        if (create_cluster(c, name, name, NULL, err) < 0)
            return -1;
    }
    size_t started = 0;
    for (; started < THREADS; started++) {
        backends[started].check = c;
        if (thread_start(&backends[started].thread, "backend", take_all, &backends[started], err) <
            0)
            break;
    }
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(backends[i].thread, NULL);
        taken += backends[i].taken;
        if (backends[i].err)
            (void)error_move(err, &backends[i].err);
    }
    if (started < THREADS || (err && *err) ||
        expect(taken == CLUSTERS, "each cluster is taken once", err) < 0)
        return -1;
    return remove_all(c, err);
}

static int increment(json *tree, void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    json_put(tree, "n", json_new_int(json_path_int(tree, "n", 0) + 1));
    return 0;
}

struct counter {
    pthread_t thread;
    struct check *check;
    int rcode;
};

static void count_up(void *arg)
{
    struct counter *k = arg;
    k->rcode = openshiftclusters_patch(&k->check->ctx, k->check->db, KEY "sum", increment, NULL,
                                       NULL, NULL);
}

static int run_patches(struct check *c, struct error **err)
{
    struct counter counters[THREADS] = { 0 };
    cleanup_document struct document d = { 0 };
    int64_t good = 0;
    size_t started = 0;
    if (create_cluster(c, "sum", "c-sum", NULL, err) < 0)
        return -1;
    for (; started < THREADS; started++) {
        counters[started].check = c;
        if (thread_start(&counters[started].thread, "counter", count_up, &counters[started], err) <
            0)
            break;
    }
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(counters[i].thread, NULL);
        good += counters[i].rcode == 0;
    }
    if (started < THREADS || openshiftclusters_get(&c->ctx, c->db, KEY "sum", &d, err) < 0 ||
        expect(json_path_int(d.tree, "n", 0) == good && good > 0, "the sum is what was told", err) <
            0)
        return -1;
    return openshiftclusters_delete(&c->ctx, c->db, &d, err);
}

const struct check_case document_cases[] = {
    { "names and identities are unique in a subscription", run_unique },
    { "an operation is dequeued, leased and ended", run_operation },
    { "each cluster has one runner among many backends", run_backends },
    { "patches that race add up", run_patches },
    { NULL, NULL },
};
