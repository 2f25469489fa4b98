#include "hack/devcloud/cluster/eviction.h"

#include <string.h>

#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/remove.h"
#include "hack/devcloud/cluster/reply.h"
#include "pkg/base/mem.h"

#define BUDGETS "policy/poddisruptionbudgets"

static bool selects(const json *budget, const json *pod)
{
    const json *wanted = json_path(budget, "spec.selector.matchLabels");
    const json *labels = json_path(pod, "metadata.labels");
    for (struct json_iter it = json_each(wanted); json_next(&it);)
        if (!str_eq(json_str(it.value), json_str(json_get(labels, it.key))))
            return false;
    return json_len(wanted) > 0;
}

static int fail_budget(const char *budget, struct error **err)
{
    cleanup_free char *message = xasprintf("The disruption budget %s does not allow evicting pods "
                                           "currently because it has reached its limit",
                                           budget);
    return fail_with(err, 429, "TooManyRequests",
                     json_make("{'causes':[{'reason':'DisruptionBudget','message':%s}]}", message),
                     "Cannot evict pod as it would violate the pod's disruption budget.");
}

/* Takes one disruption from the budget. A lost race is told as a budget that allows none: the client
 * tries again. */
static int use_budget(const struct op *op, const struct record *r, json *budget, struct error **err)
{
    int64_t allowed = json_path_int(budget, "status.disruptionsAllowed", 0);
    cleanup_record struct record *after = NULL;
    if (allowed <= 0)
        return fail_budget(r->name, err);
    if (op->dry_run)
        return 0;
    json_put(json_get(budget, "status"), "disruptionsAllowed", json_new_int(allowed - 1));
    return state_put(op->c->state, BUDGETS, budget, r, &after, NULL) < 0 ? fail_budget(r->name, err)
                                                                         : 0;
}

static int ask_budgets(const struct op *op, const json *pod, struct error **err)
{
    cleanup_record_list struct record_list all = { 0 };
    if (state_list(op->c->state, BUDGETS, op_nspace(op), 0, &all, err) < 0)
        return -1;
    const struct record *found = NULL;
    cleanup_json json *budget = NULL;
    for (size_t i = 0; i < all.len; i++) {
        json *tree = record_give_tree(all.v[i]);
        if (!selects(tree, pod)) {
            json_free(tree);
            continue;
        }
        if (found) {
            json_free(tree);
            return fail_with(err, 500, "InternalError", NULL,
                             "This pod has more than one PodDisruptionBudget, which the eviction "
                             "subresource does not support.");
        }
        found = all.v[i];
        budget = tree;
    }
    return found ? use_budget(op, found, budget, err) : 0;
}

int eviction_serve(const struct op *op, struct error **err)
{
    cleanup_json json *body = NULL;
    struct fail_object o = op_object(op, NULL);
    cleanup_record struct record *pod =
        state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
    if (decode_body_of(op, "policy.v1beta1.Eviction", &body, err) < 0)
        return -1;
    if (!str_eq(json_path_str(body, "metadata.name"), op->rq->name))
        return fail_bad_request(err, "name in URL does not match name in Eviction object");
    if (!pod)
        return fail_not_found(err, &o);
    cleanup_json json *tree = record_give_tree(pod);
    const char *phase = json_path_str(tree, "status.phase");
    /* What does not run (yet, any more) disturbs nobody. */
    bool over = str_eq(phase, "Succeeded") || str_eq(phase, "Failed") || str_eq(phase, "Pending") ||
                json_path(tree, "metadata.deletionTimestamp");
    if (!over && ask_budgets(op, tree, err) < 0)
        return -1;
    /* The rest is a deletion with the options of the body. */
    json *wanted = json_get(body, "deleteOptions");
    if (wanted && op->dry_run)
        json_put(wanted, "dryRun", json_make("['All']"));
    cleanup_free char *options = wanted ? json_give_text(wanted) : NULL;
    struct api_request rq = *op->rq;
    struct op deletion = *op;
    rq.verb = "delete";
    rq.subresource = NULL;
    rq.body = options ? options : "";
    rq.body_len = strlen(rq.body);
    deletion.rq = &rq;
    if (remove_one(&deletion, err) < 0)
        return -1;
    cleanup_json json *status = fail_give_success(NULL);
    json_put(status, "code", json_new_int(201));
    reply_tree(op->reply, &op->media, 201, status);
    return 0;
}
