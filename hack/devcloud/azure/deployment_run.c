/*
 * Running deployments: in steps, whenever time has passed. Resources that wait for nothing start, those behind them when
 * they have ended well; others go on when one fails, and what waits for it is never started.
 */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/deployment.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

bool deployment_is_active(const json *deployment)
{
    const char *state = json_path_str(deployment, "properties.provisioningState");
    return json_path_has(deployment, "run.plan") &&
           (str_eq(state, "Accepted") || str_eq(state, "Running"));
}

struct template_scope deployment_scope(struct azure_sim *sim, const json *deployment)
{
    const json *run = json_get(deployment, "run");
    return (struct template_scope){
        .sim = sim,
        .application = json_path_str(run, "application"),
        .template = json_get(run, "template"),
        .parameters = json_get(run, "parameters"),
        .subscription = json_path_str(run, "subscription"),
        .group = json_path_str(run, "group"),
        .deployment = json_path_str(deployment, "name"),
        .plan = json_get(run, "plan"),
    };
}

/* ---- resources ---- */

static bool has_status(const json *item, const char *status)
{
    return str_eq(json_path_str(item, "status"), status);
}

static bool may_start(const json *plan, const json *item)
{
    const json *after = json_get(item, "after");
    for (size_t i = 0; i < json_len(after); i++) {
        int64_t index = 0;
        (void)json_int(json_at(after, i), &index);
        const json *other = json_at(plan, (size_t)index);
        if (!has_status(other, "succeeded") && !json_path_bool(other, "skipped", false))
            return false;
    }
    return true;
}

static bool step_items(struct azure_sim *sim, json *deployment)
{
    json *plan = json_path(deployment, "run.plan");
    bool changed = false;
    for (size_t i = 0; i < json_len(plan); i++) {
        json *item = json_at(plan, i);
        if (json_path_bool(item, "skipped", false))
            continue;
        if (has_status(item, "running"))
            changed = deployment_item_ended(sim, deployment, item) || changed;
        else if (has_status(item, "waiting") && may_start(plan, item))
            changed = deployment_item_start(sim, deployment, item) || changed;
    }
    return changed;
}

/* ---- the end ---- */

void deployment_end(struct azure_sim *sim, json *deployment, const char *state)
{
    int64_t now_ns = clock_mono_ns(sim->cfg.clock);
    int64_t ms = (now_ns - json_path_int(deployment, "run.started_ns", now_ns)) / NS_PER_MS;
    char when[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(sim->cfg.clock), when);
    cleanup_free char *duration =
        xasprintf("PT%lld.%03lldS", (long long)(ms / 1000), (long long)(ms % 1000));
    (void)json_set_str(deployment, "properties.provisioningState", state, NULL);
    (void)json_set_str(deployment, "properties.timestamp", when, NULL);
    (void)json_set_str(deployment, "properties.duration", duration, NULL);
}

static int evaluate_output(const struct template_scope *s, const char *name, const json *output,
                           json *out, struct error **err)
{
    cleanup_json json *wanted = NULL;
    json *value = NULL;
    if (template_evaluate(s, json_get(output, "condition"), &wanted, err) < 0)
        return -1;
    if (wanted && !json_bool(wanted, true))
        return 0;
    if (template_evaluate(s, json_get(output, "value"), &value, err) < 0)
        return -1;
    const char *type = json_path_str(output, "type");
    json_put(out, name, json_make("{'type':%s,'value':%j}", type ? type : "String", value));
    return 0;
}

static int give_outputs(struct azure_sim *sim, const json *deployment, json **ret,
                        struct error **err)
{
    struct template_scope s = deployment_scope(sim, deployment);
    s.runtime = true;
    cleanup_json json *out = json_new_object();
    for (struct json_iter it = json_each(json_path(deployment, "run.template.outputs"));
         json_next(&it);)
        if (evaluate_output(&s, it.key, it.value, out, err) < 0)
            return error_wrap(err, "Unable to evaluate template outputs: '%s'", it.key);
    *ret = take(out);
    return 0;
}

/* Complete mode: what the group holds and the template does not goes. */
static void remove_others(struct azure_sim *sim, const json *deployment)
{
    const char *group = json_path_str(deployment, "run.group");
    const json *plan = json_path(deployment, "run.plan");
    struct template_scope s = deployment_scope(sim, deployment);
    cleanup_strv struct strv gone = STRV_INIT;
    if (!group || !str_eq_nocase(json_path_str(deployment, "run.mode"), "Complete"))
        return;
    cleanup_free char *place = xasprintf("%s/resourceGroups/%s/", s.subscription, group);
    cleanup_free char *prefix = str_give_lower(place);
    for (struct json_iter it = json_each(resources(sim)); json_next(&it);) {
        const json *item = plan_find(plan, json_path_str(it.value, "id"));
        bool kept = item && !json_path_bool(item, "skipped", false);
        if (str_starts(it.key, prefix) && json_path_str(it.value, "location") && !kept)
            strv_add(&gone, json_path_str(it.value, "id"));
    }
    for (size_t i = 0; i < gone.len; i++) {
        cleanup_answer struct sim_answer answer = { 0 };
        arm_ask(sim, s.application, "DELETE", gone.v[i], "2020-08-01", NULL, &answer);
    }
}

static void fail(struct azure_sim *sim, json *deployment, json *error)
{
    (void)json_path_put(deployment, "properties.error", error, NULL);
    deployment_end(sim, deployment, "Failed");
}

static void finish(struct azure_sim *sim, json *deployment)
{
    json *outputs = NULL;
    cleanup_error struct error *err = NULL;
    json *error = deployment_give_error(deployment);
    if (error) {
        fail(sim, deployment, error);
        return;
    }
    if (give_outputs(sim, deployment, &outputs, &err) < 0) {
        fail(sim, deployment,
             json_make("{'code':'DeploymentOutputEvaluationFailed','message':%s,'details':[]}",
                       error_text(err)));
        return;
    }
    (void)json_path_put(deployment, "properties.outputs", outputs, NULL);
    remove_others(sim, deployment);
    deployment_end(sim, deployment, "Succeeded");
}

static bool is_at_rest(const json *deployment)
{
    const json *plan = json_path(deployment, "run.plan");
    for (size_t i = 0; i < json_len(plan); i++) {
        const json *item = json_at(plan, i);
        bool skipped = json_path_bool(item, "skipped", false);
        if (has_status(item, "running") ||
            (has_status(item, "waiting") && !skipped && may_start(plan, item)))
            return false;
    }
    return true;
}

static bool step(struct azure_sim *sim, json *deployment)
{
    if (str_eq(json_path_str(deployment, "properties.provisioningState"), "Accepted"))
        (void)json_set_str(deployment, "properties.provisioningState", "Running", NULL);
    bool changed = step_items(sim, deployment);
    if (is_at_rest(deployment)) {
        finish(sim, deployment);
        changed = true;
    }
    return changed;
}

bool deployments_step(struct azure_sim *sim)
{
    cleanup_strv struct strv active = STRV_INIT; /* a step changes the table */
    for (struct json_iter it = json_each(resources(sim)); json_next(&it);)
        if (deployment_is_active(it.value))
            strv_add(&active, it.key);
    bool changed = false;
    for (size_t i = 0; i < active.len; i++) {
        json *deployment = json_get(resources(sim), active.v[i]);
        json *held = json_ref(deployment); /* a nested one may take its place */
        if (deployment)
            changed = step(sim, held) || changed;
        json_free(held);
    }
    return changed;
}
