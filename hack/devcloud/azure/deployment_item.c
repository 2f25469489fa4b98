/* One resource of a deployment: its body is evaluated when its turn comes, and put to its provider. */
#include <string.h>

#include "hack/devcloud/azure/deployment.h"
#include "hack/devcloud/azure/forward.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ARM's own words; everything else is the resource. */
static const char *const own_words[] = {
    "type",  "apiVersion",    "name",           "dependsOn", "condition", "copy",
    "scope", "resourceGroup", "subscriptionId", "resources", "comments",
};

static bool is_own_word(const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(own_words); i++)
        if (strcmp(key, own_words[i]) == 0)
            return true;
    return false;
}

/* A nested template of inner scope is evaluated by its own deployment. */
static int evaluate_nested(const struct template_scope *s, const json *properties, json **ret,
                           struct error **err)
{
    cleanup_json json *outer = json_give_copy(properties);
    json_del(outer, "template");
    json_del(outer, "expressionEvaluationOptions");
    if (template_evaluate(s, outer, ret, err) < 0)
        return -1;
    json_put(*ret, "template", json_give_copy(json_get(properties, "template")));
    return 0;
}

static int give_body(const struct template_scope *s, const json *item, json **ret,
                     struct error **err)
{
    const json *source = json_get(item, "source");
    bool nested =
        str_eq_nocase(json_path_str(item, "type"), DEPLOYMENT_TYPE) &&
        str_eq_nocase(json_path_str(source, "properties.expressionEvaluationOptions.scope"),
                      "inner");
    cleanup_json json *body = json_new_object();
    for (struct json_iter it = json_each(source); json_next(&it);) {
        json *value = NULL;
        if (is_own_word(it.key))
            continue;
        int rcode = nested && strcmp(it.key, "properties") == 0
                        ? evaluate_nested(s, it.value, &value, err)
                        : template_evaluate(s, it.value, &value, err);
        if (rcode < 0)
            return error_wrap(err,
                              "Unable to process template language expressions for resource '%s'",
                              json_path_str(item, "id"));
        json_put(body, it.key, value);
    }
    *ret = take(body);
    return 0;
}

/* ---- its end ---- */

void deployment_item_fail(json *item, int status, const char *code, const char *message)
{
    json_put(item, "status", json_new_str("failed"));
    json_put(item, "statusCode", json_new_int(status));
    json_put(item, "error", json_make("{'code':%s,'message':%s}", code, message));
}

static const char *reason_of(int status)
{
    static const struct {
        int status;
        const char *name;
    } rows[] = {
        { 400, "BadRequest" },         { 401, "Unauthorized" },     { 403, "Forbidden" },
        { 404, "NotFound" },           { 405, "MethodNotAllowed" }, { 409, "Conflict" },
        { 412, "PreconditionFailed" }, { 429, "TooManyRequests" },  { 502, "BadGateway" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].status == status)
            return rows[i].name;
    return "InternalServerError";
}

/* A refusal: the reason as code, and the provider's own reply as text. */
static void take_refusal(json *item, const struct sim_answer *answer)
{
    cleanup_free char *text = answer->body ? json_give_text(answer->body) : xstrdup("");
    deployment_item_fail(item, answer->status, reason_of(answer->status), text);
}

static void succeed(json *item)
{
    json_put(item, "status", json_new_str("succeeded"));
    json_put(item, "statusCode", json_new_int(200));
}

static bool is_one_of(const char *text, const char *const *words, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq_nocase(text, words[i]))
            return true;
    return false;
}

/* A resource without an operation tells by its state. */
static bool read_state(json *item, const json *resource)
{
    static const char *const bad[] = { "Failed", "Canceled" };
    const char *state = json_path_str(resource, "properties.provisioningState");
    const char *code = json_path_str(resource, "properties.error.code");
    const char *message = json_path_str(resource, "properties.error.message");
    if (!state || str_eq_nocase(state, "Succeeded"))
        succeed(item);
    else if (is_one_of(state, bad, ARRAY_LEN(bad)))
        deployment_item_fail(item, 409, code ? code : "ResourceDeploymentFailure",
                             message ? message
                                     : "The resource operation completed with terminal "
                                       "provisioning state 'Failed'.");
    return !str_eq(json_path_str(item, "status"), "running");
}

static bool read_operation(json *item, const json *operation)
{
    const char *status = json_path_str(operation, "status");
    const char *code = json_path_str(operation, "error.code");
    const char *message = json_path_str(operation, "error.message");
    if (str_eq(status, "InProgress"))
        return false;
    if (!operation || str_eq(status, "Succeeded"))
        succeed(item);
    else
        deployment_item_fail(item, 409, code ? code : "InternalServerError",
                             message ? message : "");
    return true;
}

bool deployment_item_ended(struct azure_sim *sim, const json *deployment, json *item)
{
    const char *operation = json_path_str(item, "operation");
    if (operation)
        return read_operation(item, json_get(sim->operations, operation));
    struct template_scope s = deployment_scope(sim, deployment);
    cleanup_answer struct sim_answer answer = { 0 };
    arm_ask(sim, s.application, "GET", json_path_str(item, "id"), json_path_str(item, "version"),
            NULL, &answer);
    if (answer.status == FORWARD_NOT_YET)
        return false;
    if (answer.status == 200)
        return read_state(item, answer.body);
    take_refusal(item, &answer);
    return true;
}

bool deployment_item_start(struct azure_sim *sim, const json *deployment, json *item)
{
    struct template_scope s = deployment_scope(sim, deployment);
    cleanup_json json *body = NULL;
    cleanup_error struct error *err = NULL;
    s.runtime = true;
    s.copies = json_get(item, "copies");
    if (give_body(&s, item, &body, &err) < 0) {
        const char *code = error_get_code(err);
        deployment_item_fail(item, 400, code ? code : "InvalidTemplate", error_text(err));
        return true;
    }
    cleanup_answer struct sim_answer answer = { 0 };
    arm_ask(sim, s.application, "PUT", json_path_str(item, "id"), json_path_str(item, "version"),
            body, &answer);
    if (answer.status == FORWARD_NOT_YET)
        return false;
    if (answer.status / 100 != 2) {
        take_refusal(item, &answer);
        return true;
    }
    json_put(item, "status", json_new_str("running"));
    if (*answer.operation)
        json_put(item, "operation", json_new_str(answer.operation));
    (void)deployment_item_ended(sim, deployment, item);
    return true;
}
