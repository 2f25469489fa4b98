/* The lifecycle of clusters: what the backend opens for an operation, and the steps that it then runs. */
#include "rp/cluster/manager.h"

#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/cluster/cluster_impl.h"
#include "rp/cluster/failure_log.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/names.h"
#include "rp/cluster/outcome.h"
#include "rp/cluster/progress.h"
#include "rp/cluster/tables.h"

const char *const cluster_operation_words[CLUSTER_OPERATIONS] = {
    [CLUSTER_INSTALL] = "install",
    [CLUSTER_UPDATE] = "update",
    [CLUSTER_ADMIN_UPDATE] = "adminUpdate",
    [CLUSTER_DELETE] = "delete",
};

/* Those rows that are for this cluster, with the pauses that the environment sets. */
static void choose_steps(struct cluster *c, const struct cluster_table *table)
{
    unsigned holds = cluster_whens(c);
    c->steps = xcalloc(table->len + 1, sizeof(*c->steps));
    for (size_t i = 0; i < table->len; i++) {
        const struct cluster_step *row = &table->v[i];
        if ((row->when & holds) != row->when)
            continue;
        struct step *s = &c->steps[c->steps_len++];
        *s = row->step;
        if (s->poll_ms == 0 && s->kind != STEP_ACTION)
            s->poll_ms = rp_env_ms(c->cfg->env, s->kind == STEP_CONDITION ? INTERVAL_STEP_POLL
                                                                          : INTERVAL_STEP_RETRY);
    }
}

static void close_cluster(void *manager)
{
    struct cluster *c = manager;
    progress_finish(c);
    cluster_release_kubernetes_clients(c);
    cluster_release_azure(c);
    json_free(c->ended_steps);
    json_free(c->doc);
    free(c->steps);
    free(c);
}

static int check_installer(const struct cluster_config *cfg, const struct cluster_job *job,
                           struct error **err)
{
    if (job->operation != CLUSTER_INSTALL || cfg->installer)
        return 0;
    (void)error_set(err, ERR_UNSUPPORTED,
                    "This resource provider has no installer and cannot create clusters. Nothing "
                    "was changed in Azure. Set ARO_RP_INSTALLER, then delete the cluster and "
                    "create it again.");
    error_code(err, CLUSTER_NO_INSTALLER);
    return -1;
}

static int open_cluster(void *arg, const struct opctx *ctx, const struct cluster_job *job,
                        void **ret, struct error **err)
{
    const struct cluster_table *table;
    if (check_installer(arg, job, err) < 0)
        return -1;
    struct cluster *c = xnew(struct cluster);
    *c = (struct cluster){ .cfg = arg, .job = *job, .ctx = ctx };
    c->doc = json_give_copy(job->cluster);
    if (cluster_find_table(c, &table, err) < 0) {
        close_cluster(c);
        return -1;
    }
    choose_steps(c, table);
    *ret = c;
    return 0;
}

static int give_steps(void *manager, const struct step **ret, size_t *ret_len, struct error **err)
{
    const struct cluster *c = manager;
    (void)err;
    *ret = c->steps;
    *ret_len = c->steps_len;
    return 0;
}

static bool may_heal(void *manager, const struct error *e)
{
    (void)manager;
    return outcome_may_heal(e);
}

/* Roles that were just given count for new tokens only. */
static int refresh(void *manager, const struct opctx *ctx, struct error **err)
{
    (void)ctx;
    (void)err;
    cluster_drop_tokens(manager);
    return 0;
}

static int64_t waited_ms(void *manager, const struct step *s)
{
    return progress_waited_ms(manager, s);
}

static void on_begin(void *manager, const struct step *s)
{
    progress_begin(manager, s);
}

static void on_end(void *manager, const struct step *s, int64_t took_ms, const struct error *e)
{
    struct cluster *c = manager;
    if (error_is(e, ERR_CANCELLED))
        return; /* handed over, or lost: the step has not failed */
    progress_end(manager, s, took_ms, e);
    if (e && opctx_check(c->ctx, NULL) == 0)
        failure_log_write(c, c->ctx);
}

static void judge(void *manager, const struct step *s, struct error **e)
{
    const struct cluster *c = manager;
    static const enum rp_variable names[] = { ENV_RESOURCE_GROUP, ENV_DOMAIN_RESOURCE_GROUP,
                                              ENV_GATEWAY_RESOURCE_GROUP };
    const char *service[ARRAY_LEN(names) + 1] = { NULL };
    cleanup_free char *managed = name_give_group(c);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (rp_env_text(c->cfg->env, names[i]))
            service[n++] = rp_env_text(c->cfg->env, names[i]);
    const struct outcome_place place = { managed, service, s->kind == STEP_RETRYING };
    outcome_judge(&place, e);
}

const struct cluster_manager_ops cluster_manager = {
    .open = open_cluster,
    .steps = give_steps,
    .close = close_cluster,
    .may_heal = may_heal,
    .refresh = refresh,
    .waited_ms = waited_ms,
    .on_begin = on_begin,
    .on_end = on_end,
    .judge = judge,
};
