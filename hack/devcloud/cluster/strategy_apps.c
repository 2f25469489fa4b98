#include <string.h>

#include "hack/devcloud/cluster/names.h"
#include "hack/devcloud/cluster/pod.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/mem.h"

#define TEMPLATE_GENERATION "deprecated.daemonset.template.generation"
#define TEMPLATE_GENERATION_PATH "metadata.annotations[\"" TEMPLATE_GENERATION "\"]"

static void workload_decode(const struct op *op, json *obj)
{
    strategy_decode_pod_spec(strategy_pod_spec(op, obj), false);
}

/* Defaults of a rolling update stand only beside that type. */
static void fill_rolling(json *strategy, const json *defaults)
{
    if (!str_eq(json_path_str(strategy, "type"), "RollingUpdate"))
        return;
    if (!json_is_object(json_get(strategy, "rollingUpdate")))
        json_put(strategy, "rollingUpdate", json_new_object());
    json *rolling = json_get(strategy, "rollingUpdate");
    for (struct json_iter it = json_each(defaults); json_next(&it);)
        if (!json_get(rolling, it.key))
            json_put(rolling, it.key, json_give_copy(it.value));
}

static void deployment_decode(const struct op *op, json *obj)
{
    cleanup_json json *defaults = json_make("{'maxSurge':'25%%','maxUnavailable':'25%%'}");
    workload_decode(op, obj);
    fill_rolling(json_path(obj, "spec.strategy"), defaults);
}

static void daemon_set_decode(const struct op *op, json *obj)
{
    cleanup_json json *defaults = json_make("{'maxUnavailable':1}");
    workload_decode(op, obj);
    fill_rolling(json_path(obj, "spec.updateStrategy"), defaults);
    if (!json_path_str(obj, TEMPLATE_GENERATION_PATH))
        (void)json_set_str(obj, TEMPLATE_GENERATION_PATH, "1", NULL);
}

static int daemon_set_update(const struct op *op, json *obj, const json *old, struct error **err)
{
    (void)op;
    const char *was = json_path_str(old, TEMPLATE_GENERATION_PATH);
    long long n = 0;
    (void)str_to_int(was ? was : "0", 0, INT64_MAX - 1, &n);
    if (!json_equal(json_path(obj, "spec.template"), json_path(old, "spec.template")))
        n++;
    cleanup_free char *text = xasprintf("%lld", n);
    return json_set_str(obj, TEMPLATE_GENERATION_PATH, text, err);
}

static void stateful_set_decode(const struct op *op, json *obj)
{
    cleanup_json json *defaults = json_make("{'partition':0}");
    workload_decode(op, obj);
    fill_rolling(json_path(obj, "spec.updateStrategy"), defaults);
    json *claims = json_path(obj, "spec.volumeClaimTemplates");
    for (size_t i = 0; i < json_len(claims); i++) {
        json *claim = json_at(claims, i);
        json_put(claim, "apiVersion", json_new_str("v1"));
        json_put(claim, "kind", json_new_str("PersistentVolumeClaim"));
        if (!json_path_str(claim, "status.phase"))
            (void)json_set_str(claim, "status.phase", "Pending", NULL);
    }
}

/* ---- jobs ---- */

static void job_decode(const struct op *op, json *obj)
{
    json *spec = json_get(obj, "spec");
    workload_decode(op, obj);
    if (!json_get(spec, "completions") && !json_get(spec, "parallelism")) {
        json_put(spec, "completions", json_new_int(1));
        json_put(spec, "parallelism", json_new_int(1));
    } else if (!json_get(spec, "parallelism")) {
        json_put(spec, "parallelism", json_new_int(1));
    }
    if (!json_get(spec, "backoffLimit"))
        json_put(spec, "backoffLimit", json_new_int(6));
}

static int job_create(const struct op *op, json *obj, struct error **err)
{
    const char *uid = json_path_str(obj, "metadata.uid");
    const char *name = json_path_str(obj, "metadata.name");
    (void)op;
    if (json_path_bool(obj, "spec.manualSelector", false))
        return 0;
    const char *const places[] = { "metadata.labels", "spec.template.metadata.labels" };
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        cleanup_free char *of_uid = xasprintf("%s[\"controller-uid\"]", places[i]);
        cleanup_free char *of_name = xasprintf("%s[\"job-name\"]", places[i]);
        if (json_set_str(obj, of_uid, uid, err) < 0 || json_set_str(obj, of_name, name, err) < 0)
            return -1;
    }
    return json_path_put(obj, "spec.selector.matchLabels", json_make("{'controller-uid':%s}", uid),
                         err);
}

static void job_validate(const struct op *op, const json *obj, const json *old, struct invalid *out)
{
    const char *restart = json_path_str(obj, "spec.template.spec.restartPolicy");
    pod_validate_template(op, json_path(obj, "spec.template"), "spec.template", out);
    if (!str_eq(restart, "Never") && !str_eq(restart, "OnFailure"))
        invalid_unsupported(out, "spec.template.spec.restartPolicy",
                            json_path(obj, "spec.template.spec.restartPolicy"),
                            "\"OnFailure\", \"Never\"");
    if (old) {
        strategy_need_same(obj, old, "spec.selector", out);
        strategy_need_same(obj, old, "spec.completions", out);
        strategy_need_same(obj, old, "spec.template", out);
    }
}

/* ---- validation ---- */

/* Whether the labels of the template satisfy matchLabels. */
static bool selects(const json *selector, const json *labels)
{
    const json *wanted = json_get(selector, "matchLabels");
    for (struct json_iter it = json_each(wanted); json_next(&it);)
        if (!str_eq(json_str(it.value), json_str(json_get(labels, it.key))))
            return false;
    return true;
}

/* As Go prints a map: keys sorted, nil for none. */
static char *give_go_map(const json *labels)
{
    return json_is_object(labels) ? json_give_sorted(labels) : xstrdup("(nil)");
}

static void validate_spec(const struct op *op, const json *obj, struct invalid *out)
{
    const json *selector = json_path(obj, "spec.selector");
    const json *labels = json_path(obj, "spec.template.metadata.labels");
    if (!selector) {
        invalid_required(out, "spec.selector", NULL);
    } else if (!json_len(json_get(selector, "matchLabels")) &&
               !json_len(json_get(selector, "matchExpressions"))) {
        invalid_value(out, "spec.selector", selector, "empty selector is invalid for %s",
                      op->r->singular);
    }
    if (selector && !selects(selector, labels)) {
        cleanup_free char *shown = give_go_map(labels);
        cleanup_free char *text = xasprintf(
            "Invalid value: map[string]string%s: `selector` does not match template `labels`",
            shown);
        invalid_other(out, "FieldValueInvalid", "spec.template.metadata.labels", text);
    }
    int64_t replicas = json_path_int(obj, "spec.replicas", 0);
    if (replicas < 0)
        invalid_value(out, "spec.replicas", json_path(obj, "spec.replicas"),
                      "must be greater than or equal to 0");
}

static void workload_validate(const struct op *op, const json *obj, const json *old,
                              struct invalid *out)
{
    validate_spec(op, obj, out);
    pod_validate_template(op, json_path(obj, "spec.template"), "spec.template", out);
    if (old)
        strategy_need_same(obj, old, "spec.selector", out);
}

/* Its pods get claims as volumes: what they are made of is looked at when they are made. */
static void stateful_set_validate(const struct op *op, const json *obj, const json *old,
                                  struct invalid *out)
{
    validate_spec(op, obj, out);
    if (old)
        strategy_need_same(obj, old, "spec.selector", out);
}

static void deployment_validate(const struct op *op, const json *obj, const json *old,
                                struct invalid *out)
{
    const char *type = json_path_str(obj, "spec.strategy.type");
    workload_validate(op, obj, old, out);
    if (str_eq(type, "Recreate") && json_path(obj, "spec.strategy.rollingUpdate"))
        invalid_forbidden(out, "spec.strategy.rollingUpdate",
                          "may not be specified when strategy `type` is 'Recreate'");
    else if (!str_eq(type, "Recreate") && !str_eq(type, "RollingUpdate"))
        invalid_unsupported(out, "spec.strategy.type", json_path(obj, "spec.strategy.type"),
                            "\"Recreate\", \"RollingUpdate\"");
}

static void cron_job_validate(const struct op *op, const json *obj, const json *old,
                              struct invalid *out)
{
    const char *schedule = json_path_str(obj, "spec.schedule");
    (void)old;
    if (!schedule || !*schedule)
        invalid_required(out, "spec.schedule", NULL);
    pod_validate_template(op, json_path(obj, "spec.jobTemplate.spec.template"),
                          "spec.jobTemplate.spec.template", out);
}

const struct strategy strategies_apps[] = {
    { .collection = "/pods",
      .decode = pod_decode,
      .create = pod_create,
      .validate = pod_validate,
      .keeps_status_on_create = true },
    { .collection = "/podtemplates", .decode = workload_decode },
    { .collection = "/replicationcontrollers", .decode = workload_decode },
    { .collection = "apps/deployments",
      .decode = deployment_decode,
      .validate = deployment_validate },
    { .collection = "apps/daemonsets",
      .decode = daemon_set_decode,
      .update = daemon_set_update,
      .validate = workload_validate },
    { .collection = "apps/statefulsets",
      .decode = stateful_set_decode,
      .validate = stateful_set_validate },
    { .collection = "apps/replicasets", .decode = workload_decode, .validate = workload_validate },
    { .collection = "batch/jobs",
      .decode = job_decode,
      .create = job_create,
      .validate = job_validate },
    { .collection = "batch/cronjobs",
      .give_name_fault = names_give_subdomain_fault,
      .decode = workload_decode,
      .validate = cron_job_validate },
};
const size_t strategies_apps_len = ARRAY_LEN(strategies_apps);
