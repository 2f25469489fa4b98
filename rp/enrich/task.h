/* task.h - one question to a cluster: asked on any thread, answered into the cluster on the caller's. */
#ifndef RP_ENRICH_TASK_H
#define RP_ENRICH_TASK_H

#include "pkg/kube/client.h"
#include "rp/enrich/enrich.h"

struct enrich_task {
    const char *name;                      /* in metrics and logs */
    bool (*concerns)(const json *cluster); /* NULL: every one */
    /* *ret: what apply needs, the caller's. */
    int (*fetch)(struct kube_client *k, const struct opctx *ctx, json **ret, struct error **err);
    /* cluster: edited only when all of it can be. */
    int (*apply)(const struct enrich_config *cfg, const struct opctx *ctx, json *cluster,
                 const json *found, struct error **err);
};

#define ENRICH_TASKS 4
extern const struct enrich_task enrich_version, enrich_ingress, enrich_workers, enrich_principal;

#endif
