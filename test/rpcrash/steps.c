/* Steps that write what they do into the cluster, under their lease. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/cluster/billing.h"
#include "test/rpcrash/rp_crash.h"

#define INSTALL PROPERTIES "install"
#define STEP_MAX_MS 300

struct manager {
    struct cluster_job job;
    char *key, *lease;
    json *cluster;
};

struct entry {
    const char *lease;
    int64_t step;
    bool installs;
};

static size_t count_entries(const json *journal, const char *operation)
{
    size_t n = 0;
    for (size_t i = 0; i < json_len(journal); i++)
        n += str_eq(json_path_str(json_at(journal, i), "operation"), operation);
    return n;
}

/* An install has two phases, and whoever ended the first one hands over. */
static int go_through_phases(json *tree, bool begins, bool ends, struct error **err)
{
    if (begins && json_path_put(tree, INSTALL, json_make("{'phase':0}"), err) < 0)
        return -1;
    if (!ends || !json_path(tree, INSTALL))
        return 0;
    if (json_path_int(tree, INSTALL ".phase", 0) == 0)
        return json_path_put(tree, INSTALL ".phase", json_new_int(1), err);
    (void)json_path_del(tree, INSTALL);
    return 0;
}

static int write_entry(json *tree, void *arg, struct error **err)
{
    const struct entry *e = arg;
    const char *operation = json_path_str(tree, "asyncOperationId");
    if (!json_is_array(json_path(tree, JOURNAL)) &&
        json_path_put(tree, JOURNAL, json_new_array(), err) < 0)
        return -1;
    json *journal = json_path(tree, JOURNAL);
    bool begins = count_entries(journal, operation) == 0;
    json_append(journal, json_make("{'operation':%s,'lease':%s,'step':%ld}",
                                   operation ? operation : "", e->lease, e->step));
    return e->installs ? go_through_phases(tree, begins, e->step == STEPS - 1, err) : 0;
}

static int step(const struct manager *m, int64_t i, const struct opctx *ctx, struct error **err)
{
    bool installs = m->job.operation == CLUSTER_INSTALL, second = i == 1;
    struct entry e = { m->lease, i, installs };
    /* Deaf to a lost lease: nothing but the database keeps a late writer out. */
    const struct opctx deaf = opctx_root(ctx->clock, ctx->rng, NULL, ctx->log);
    if (installs && i == 0 && cluster_billing_ensure(ctx, m->job.db, m->cluster, "tenant", err) < 0)
        return -1;
    if (opctx_sleep_ms(&deaf, (int64_t)rng_below(ctx->rng, STEP_MAX_MS), err) < 0 ||
        openshiftclusters_patch_with_lease(&deaf, m->job.db, m->key, m->lease, write_entry, &e,
                                           NULL, err) < 0)
        return -1;
    if (second && installs && strstr(m->key, "/" NAME_POISON))
        abort();
    if (second && m->job.operation == CLUSTER_UPDATE && strstr(m->key, "/" NAME_BAD)) {
        (void)error_set(err, ERR_INVALID, "The subnet is too small.");
        error_code(err, "InvalidLinkedVNet");
        return -1;
    }
    return 0;
}

static int step_0(void *arg, const struct opctx *ctx, struct error **err)
{
    return step(arg, 0, ctx, err);
}
static int step_1(void *arg, const struct opctx *ctx, struct error **err)
{
    return step(arg, 1, ctx, err);
}
static int step_2(void *arg, const struct opctx *ctx, struct error **err)
{
    return step(arg, 2, ctx, err);
}

static const struct step steps[STEPS] = {
    { .kind = STEP_RETRYING, .name = "zero", .act = step_0 },
    { .kind = STEP_RETRYING, .name = "one", .act = step_1 },
    { .kind = STEP_RETRYING, .name = "two", .act = step_2 },
};

static int open_manager(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                        void **ret, struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    struct manager *m = xnew(struct manager);
    *m = (struct manager){ *job, xstrdup(job->key), xstrdup(job->lease),
                           json_give_copy(job->cluster) };
    *ret = m;
    return 0;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    (void)manager;
    (void)err;
    *ret = steps;
    *ret_len = STEPS;
    return 0;
}

static void close_manager(void *manager)
{
    struct manager *m = manager;
    json_free(m->cluster);
    free(m->key);
    free(m->lease);
    free(m);
}

const struct cluster_manager_ops rp_crash_steps = { .open = open_manager,
                                                    .steps = give_steps,
                                                    .close = close_manager };
