#include "pkg/azure/deployment.h"

#include <string.h>

#include "pkg/azure/arm_impl.h"
#include "pkg/azure/errors.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define VERSION "2021-04-01"
#define TIMEOUT_MS (INT64_C(60) * 60 * 1000)
#define PAUSE_MS 10000

static char *give_path(const struct arm_deployment *d)
{
    return xasprintf("/subscriptions/%s/resourcegroups/%s/providers/Microsoft.Resources/"
                     "deployments/%s",
                     d->subscription_id, d->resource_group, d->name);
}

/* ---- what went wrong, for the customer ---- */

/* Azure itself refused, rather than the way to it. */
static bool is_service_error(const struct error *e)
{
    return error_get_body(e) && error_get_code(e) && !str_starts(error_get_code(e), "AADSTS");
}

static int fail(struct error *why, struct error **err)
{
    cleanup_error struct error *e = why;
    if (!is_service_error(e) || azure_error_is_authorization(e))
        return error_move(err, &e);
    cleanup_json json *document = NULL;
    (void)json_parse(error_get_body(e), strlen(error_get_body(e)), &document, NULL);
    const json *inner = json_path(document, "error");
    cleanup_free char *text = json_give_text(inner ? inner : document);
    cleanup_json json *body =
        json_make("{'error':{'code':%s,'message':'Deployment failed.','details':[{'message':%s}]}}",
                  DEPLOYMENT_FAILED, text);
    cleanup_free char *body_text = json_give_text(body);
    error_set(err, ERR_INVALID, "Deployment failed.");
    error_code(err, DEPLOYMENT_FAILED);
    error_status(err, 400);
    error_body(err, body_text);
    return -1;
}

/* ---- one that runs already ---- */

/* *ret: whether it has ended well. */
static int judge(const json *deployment, bool *ret, struct error **err)
{
    const char *state = json_path_str(deployment, "properties.provisioningState");
    *ret = str_eq_nocase(state, "Succeeded");
    if (!str_eq_nocase(state, "Failed") && !str_eq_nocase(state, "Canceled"))
        return 0;
    json *why = json_path(deployment, "properties.error");
    cleanup_json json *document =
        why ? json_make("{'error':%j}", json_ref(why))
            : json_make("{'error':{'code':%s,'message':'The deployment ended in this state.'}}",
                        state);
    return arm_fail_with(document, 0, "the deployment failed", err);
}

static int wait_for_other(struct arm *a, const struct opctx *ctx, const char *path,
                          struct error **err)
{
    const struct arm_call call = { .method = "GET", .path = path, .api_version = VERSION };
    for (bool done = false; !done;) {
        cleanup_json json *deployment = NULL;
        if (arm_send(a, ctx, &call, &deployment, err) < 0 || judge(deployment, &done, err) < 0)
            return error_wrap(err, "GET %s", path);
        if (!done && opctx_sleep_ms(ctx, PAUSE_MS, err) < 0)
            return error_wrap(err, "waiting for %s", path);
    }
    return 0;
}

/* ---- one of ours ---- */

int arm_deploy(struct arm *a, const struct opctx *ctx, const struct arm_deployment *d,
               struct error **err)
{
    cleanup_free char *path = give_path(d);
    json *parameters = d->parameters ? json_give_copy(d->parameters) : json_new_object();
    cleanup_json json *body =
        json_make("{'properties':{'template':%j,'parameters':%j,'mode':'Incremental'}}",
                  json_give_copy(d->template), parameters);
    const struct arm_call call = {
        .method = "PUT", .path = path, .api_version = VERSION, .body = body, .wait = true
    };
    const struct opctx limited = opctx_with_timeout_ms(ctx, TIMEOUT_MS);
    struct error *why = NULL;
    int rcode = arm_send(a, &limited, &call, NULL, &why);
    if (rcode < 0 && str_eq(error_get_code(why), "DeploymentActive")) {
        error_clear(&why);
        rcode = wait_for_other(a, &limited, path, &why);
    }
    return rcode < 0 ? fail(why, err) : 0;
}
