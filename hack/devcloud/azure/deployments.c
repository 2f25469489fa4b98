/* Routes of deployments: put, watched, cancelled, validated. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/deployment.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define NAME_MAX_LEN 64

static json *resources(const struct azure_sim *sim)
{
    return json_get(sim->state, "resources");
}

/* ---- a new one ---- */

static bool name_is_good(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        char ch = name[i];
        bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
        if (!letter && !(ch >= '0' && ch <= '9') && !strchr("-_.()", ch))
            return false;
    }
    return len > 0 && len <= NAME_MAX_LEN;
}

/* The object without a plan yet; the name as the path has it. */
static json *give_object(struct sim_call *c, const struct arm_id *at, const char *path)
{
    const json *given = json_get(c->body, "properties");
    const char *mode = json_path_str(given, "mode"), *name = strrchr(path, '/') + 1;
    cleanup_free char *subscription = xasprintf("/subscriptions/%s", at->subscription);
    char when[TIME_TEXT_MAX], correlation[UUID_LEN + 1];
    time_rfc3339_micro(clock_wall_ns(c->sim->cfg.clock), when);
    rng_uuid(c->sim->cfg.rng, correlation);
    json *template = json_get(given, "template");
    const json *group = group_find(c->sim, path);
    cleanup_free char *id = xasprintf("%s/providers/" DEPLOYMENT_TYPE "/%s",
                                      group ? json_path_str(group, "id") : subscription, name);
    json *object = json_make(
        "{'id':%s,'name':%s,'type':%s,'properties':{'provisioningState':'Accepted','mode':%s,"
        "'correlationId':%s,'timestamp':%s,'duration':'PT0S','templateHash':'0'},"
        "'run':{'template':%j,'application':%s,'subscription':%s,'group':%s,'mode':%s,"
        "'started_ns':%ld}}",
        id, name, DEPLOYMENT_TYPE, mode ? mode : "Incremental", correlation, when,
        template ? json_give_copy(template) : json_new_object(), c->caller_id, subscription,
        at->group, mode ? mode : "Incremental", clock_mono_ns(c->sim->cfg.clock));
    if (json_path_str(c->body, "location"))
        (void)json_path_put(object, "properties.location",
                            json_new_str(json_path_str(c->body, "location")), NULL);
    return object;
}

static int fill_object(struct azure_sim *sim, const json *given, json *object, struct error **err)
{
    json *run = json_get(object, "run"), *values = NULL, *plan = NULL;
    const char *mode = json_path_str(run, "mode");
    if (json_get(given, "templateLink") || json_get(given, "parametersLink"))
        return error_set(err, ERR_INVALID, "links to templates are not followed here");
    if (!str_eq_nocase(mode, "Incremental") && !str_eq_nocase(mode, "Complete"))
        return error_set(err, ERR_INVALID, "the mode '%s' is not known", mode);
    if (template_take_parameters(json_get(run, "template"), json_get(given, "parameters"), &values,
                                 err) < 0)
        return -1;
    json_put(run, "parameters", values);
    struct template_scope s = deployment_scope(sim, object);
    if (plan_build(&s, &plan, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(plan); i++)
        json_put(json_at(plan, i), "status", json_new_str("waiting"));
    json_put(run, "plan", plan);
    s = deployment_scope(sim, object);
    json *shown = template_give_parameters(&s);
    if (!shown)
        return error_set(err, ERR_INVALID, "a parameter's default value cannot be evaluated");
    (void)json_path_put(object, "properties.parameters", shown, NULL);
    return 0;
}

/* NULL after answering. Owned. */
static json *give_deployment(struct sim_call *c, const struct arm_id *at, const char *path)
{
    cleanup_error struct error *err = NULL;
    cleanup_json json *object = NULL;
    if (!json_is_object(json_get(c->body, "properties"))) {
        sim_reply_error(c, 400, "InvalidRequestContent",
                        "The request content was invalid: 'properties' is missing.");
        return NULL;
    }
    object = give_object(c, at, path);
    if (fill_object(c->sim, json_get(c->body, "properties"), object, &err) == 0)
        return take(object);
    cleanup_free char *message =
        xasprintf("Deployment template validation failed: '%s.'.", error_text(err));
    cleanup_json json *body =
        json_make("{'error':{'code':'InvalidTemplate','message':%s,'additionalInfo':[{'type':"
                  "'TemplateViolation','info':{'lineNumber':0,'linePosition':0,'path':''}}]}}",
                  message);
    sim_reply(c, 400, body);
    return NULL;
}

static void refuse_active(struct sim_call *c, const json *old)
{
    const char *since = json_path_str(old, "properties.timestamp");
    sim_reply_error(c, 409, "DeploymentActive",
                    "Unable to edit or replace deployment '%s': previous deployment from '%s' is "
                    "still active. Please see https://aka.ms/arm-deploy for usage details.",
                    json_path_str(old, "name"), since);
}

static void put_deployment(struct sim_call *c, const struct arm_id *at, const json *old)
{
    if (!name_is_good(arm_id_name(at))) {
        sim_reply_error(c, 400, "InvalidDeploymentName",
                        "The provided deployment name '%s' is not valid.", arm_id_name(at));
        return;
    }
    if (old && deployment_is_active(old)) {
        refuse_active(c, old);
        return;
    }
    bool is_new = old == NULL;
    json *object = give_deployment(c, at, c->path);
    if (!object)
        return;
    char operation[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, operation);
    (void)json_set_str(object, "run.operation", operation, NULL);
    cleanup_free char *url = xasprintf("https://%s%s/operationStatuses/%s?api-version=%s",
                                       sim_host(c), c->path, operation, c->api_version);
    sim_set_header(c, "Azure-AsyncOperation", url);
    operation_set_retry_after(c);
    cleanup_json json *view = deployment_give_view(object);
    json_put(resources(c->sim), at->key, object);
    sim_reply(c, is_new ? 201 : 200, view);
    if (c->http) /* a nested one has its turn in the step that put it */
        (void)deployments_step(c->sim);
}

/* ---- below a deployment ---- */

static void serve_status(struct sim_call *c, const json *deployment)
{
    const char *state = json_path_str(deployment, "properties.provisioningState");
    cleanup_json json *body = json_make("{'status':%s}", state);
    if (deployment_is_active(deployment))
        operation_set_retry_after(c);
    if (json_path(deployment, "properties.error"))
        json_put(body, "error", json_give_copy(json_path(deployment, "properties.error")));
    sim_reply(c, 200, body);
}

static void validate(struct sim_call *c, const struct arm_id *at, const char *path)
{
    cleanup_json json *object = give_deployment(c, at, path);
    if (!object)
        return;
    (void)json_set_str(object, "properties.provisioningState", "Succeeded", NULL);
    cleanup_json json *view = deployment_give_view(object);
    sim_reply(c, 200, view);
}

static void cancel(struct sim_call *c, json *deployment)
{
    if (!deployment_is_active(deployment)) {
        sim_reply_error(c, 409, "DeploymentCannotBeCancelled",
                        "The deployment '%s' cannot be cancelled because it is not running.",
                        json_path_str(deployment, "name"));
        return;
    }
    deployment_end(c->sim, deployment, "Canceled");
    sim_reply(c, 204, NULL);
}

static void export_template(struct sim_call *c, const json *deployment)
{
    cleanup_json json *body =
        json_make("{'template':%j}", json_give_copy(json_path(deployment, "run.template")));
    sim_reply(c, 200, body);
}

static bool is_word(const struct arm_id *at, const char *action)
{
    cleanup_free char *type = xasprintf(DEPLOYMENT_TYPE "/%s", action);
    return arm_id_is_type(at, type);
}

static void refuse_absent(struct sim_call *c, const char *name)
{
    sim_reply_error(c, 404, "DeploymentNotFound", "Deployment '%s' could not be found.", name);
}

/* .../deployments/N/WORD[/...] */
static void serve_below(struct sim_call *c, const struct arm_id *at)
{
    cleanup_free char *parent = arm_id_give_parent(c->path), *key = str_give_lower(parent);
    json *deployment = json_get(resources(c->sim), key);
    bool get = sim_is(c, "GET"), post = sim_is(c, "POST");
    if (post && is_word(at, "validate"))
        validate(c, at, parent);
    else if (!deployment)
        refuse_absent(c, at->names.v[0]);
    else if (get && is_word(at, "operationStatuses"))
        serve_status(c, deployment);
    else if (get && is_word(at, "operations"))
        sim_reply_list(c, deployment_give_operations(deployment));
    else if (post && is_word(at, "cancel"))
        cancel(c, deployment);
    else if (post && is_word(at, "exportTemplate"))
        export_template(c, deployment);
    else
        arm_refuse_method(c);
}

/* ---- routes ---- */

static void list_deployments(struct sim_call *c, const struct arm_id *at)
{
    cleanup_free char *prefix = xasprintf("%s/", at->key);
    json *list = json_new_array();
    for (struct json_iter it = json_each(resources(c->sim)); json_next(&it);)
        if (str_starts(it.key, prefix))
            json_append(list, deployment_give_view(it.value));
    sim_reply_list(c, list);
}

static void serve_one(struct sim_call *c, const struct arm_id *at)
{
    json *deployment = json_get(resources(c->sim), at->key);
    cleanup_json json *view = deployment ? deployment_give_view(deployment) : NULL;
    if (sim_is(c, "PUT"))
        put_deployment(c, at, deployment);
    else if (sim_is(c, "HEAD"))
        sim_reply(c, deployment ? 204 : 404, NULL);
    else if (sim_is(c, "DELETE") && (!deployment || !deployment_is_active(deployment))) {
        json_del(resources(c->sim), at->key); /* history only: its resources stay */
        sim_reply(c, 204, NULL);
    } else if (sim_is(c, "DELETE"))
        refuse_active(c, deployment);
    else if (!deployment)
        refuse_absent(c, arm_id_name(at));
    else if (sim_is(c, "GET"))
        sim_reply(c, 200, view);
    else
        arm_refuse_method(c);
}

static bool serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id at = { 0 };
    if (!arm_id_init(c->path, &at) || !at.type || !at.subscription ||
        !str_matches_nocase(DEPLOYMENT_TYPE "*", at.type))
        return false;
    bool own = arm_id_is_type(&at, DEPLOYMENT_TYPE);
    if (own && !at.is_list)
        serve_one(c, &at);
    else if (own && sim_is(c, "GET"))
        list_deployments(c, &at);
    else if (own)
        arm_refuse_method(c);
    else
        serve_below(c, &at);
    return true;
}

/* The older spelling without the provider: /subscriptions/S/resourcegroups/G/deployments/N/operations. Owned. */
static char *give_full_path(const char *path)
{
    cleanup_strv struct strv s = STRV_INIT;
    strv_split(&s, path, "/", false);
    if (s.len < 6 || !str_eq_nocase(s.v[2], "resourceGroups") ||
        !str_eq_nocase(s.v[4], "deployments"))
        return NULL;
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&b, "/subscriptions/%s/%s/%s/providers/Microsoft.Resources", s.v[1], s.v[2], s.v[3]);
    for (size_t i = 4; i < s.len; i++)
        buf_addf(&b, "/%s", s.v[i]);
    return buf_give(&b);
}

bool deployments_serve(struct sim_call *c)
{
    char *asked = c->path;
    cleanup_free char *full = give_full_path(asked);
    if (full)
        c->path = full;
    bool answered = serve(c);
    c->path = asked;
    return answered;
}
