#include <string.h>

#include "pkg/azure/keyvault_impl.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PAUSE_MS 10000
#define TIMEOUT_MS (15 * 60 * 1000)

static int call_vault(struct key_vault *v, const struct opctx *ctx, const char *method,
                      const char *name, const char *more, const json *body, json **ret,
                      struct error **err)
{
    cleanup_free char *path = key_vault_give_path("certificates", name, more);
    const struct arm_call call = {
        .method = method, .path = path, .api_version = KEY_VAULT_VERSION, .body = body
    };
    return arm_send(v->rest, ctx, &call, ret, err);
}

/* ---- the wish ---- */

static json *give_policy(const struct vault_certificate_wish *w)
{
    cleanup_free char *subject = xasprintf("CN=%s", w->common_name);
    json *x509 = json_make("{'subject':%s,'ekus':['1.3.6.1.5.5.7.3.1'],"
                           "'key_usage':['digitalSignature','keyEncipherment'],"
                           "'validity_months':%d}",
                           subject, w->validity_months);
    if (w->dns_name)
        json_put(x509, "sans", json_make("{'dns_names':[%s]}", w->dns_name));
    json *policy = json_make("{'issuer':{'name':%s},"
                             "'key_props':{'exportable':true,'kty':'RSA','key_size':2048},"
                             "'secret_props':{'contentType':'application/x-pem-file'},"
                             "'x509_props':%j}",
                             w->issuer, x509);
    if (w->renew_days_before)
        json_put(policy, "lifetime_actions",
                 json_make("[{'trigger':{'days_before_expiry':%d},"
                           "'action':{'action_type':'AutoRenew'}}]",
                           w->renew_days_before));
    return policy;
}

/* ---- how far it is ---- */

enum making { NOTHING, RUNNING, DONE, FAILED };

static enum making making_of(const json *operation)
{
    const char *status = json_path_str(operation, "status");
    const char *message = json_path_str(operation, "error.message");
    if (str_eq_nocase(status, "completed"))
        return DONE;
    /* The vault tries again by itself. */
    bool goes_on = message && strstr(message, "[Status:FailedCanRetry]");
    return str_eq_nocase(status, "inProgress") || goes_on ? RUNNING : FAILED;
}

/* *ret_operation (NULL: not wanted) is the caller's. */
static int look(struct key_vault *v, const struct opctx *ctx, const char *name, enum making *ret,
                json **ret_operation, struct error **err)
{
    cleanup_json json *operation = NULL;
    struct error *e = NULL;
    if (call_vault(v, ctx, "GET", name, "pending", NULL, &operation, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e);
        *ret = NOTHING;
        return 0;
    }
    *ret = making_of(operation);
    if (ret_operation)
        *ret_operation = take(operation);
    return 0;
}

static int fail_making(const char *name, const json *operation, struct error **err)
{
    const char *code = json_path_str(operation, "error.code");
    const char *message = json_path_str(operation, "error.message");
    const char *details = json_path_str(operation, "status_details");
    const char *status = json_path_str(operation, "status");
    error_set(err, ERR_INTERNAL, "the certificate %s was not issued: %s%s%s", name,
              status ? status : "nobody asked for it", message || details ? ": " : "",
              message   ? message
              : details ? details
                        : "");
    if (code)
        error_code(err, code);
    return -1;
}

/* ---- verbs ---- */

/* A new version, which whoever wishes the same may have begun just now. */
static int create(struct key_vault *v, const struct opctx *ctx, const char *name,
                  const struct vault_certificate_wish *wish, struct error **err)
{
    cleanup_json json *body =
        json_make("{'policy':%j,'attributes':{'enabled':true}}", give_policy(wish));
    struct error *e = NULL;
    /* A conflict: it has begun, though we did not hear of it. */
    if (call_vault(v, ctx, "POST", name, "create", body, NULL, &e) < 0 &&
        error_get_status(e) != 409)
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int key_vault_begin_certificate(struct key_vault *v, const struct opctx *ctx, const char *name,
                                const struct vault_certificate_wish *wish, struct error **err)
{
    enum making making;
    if (look(v, ctx, name, &making, NULL, err) < 0)
        return -1;
    return making == RUNNING || making == DONE ? 0 : create(v, ctx, name, wish, err);
}

int key_vault_wait_certificate(struct key_vault *v, const struct opctx *ctx, const char *name,
                               struct error **err)
{
    const struct opctx limited = opctx_with_timeout_ms(ctx, TIMEOUT_MS);
    for (;;) {
        enum making making;
        cleanup_json json *operation = NULL;
        if (look(v, &limited, name, &making, &operation, err) < 0)
            return -1;
        if (making == DONE)
            return 0;
        if (making != RUNNING)
            return fail_making(name, operation, err);
        if (opctx_sleep_ms(&limited, PAUSE_MS, err) < 0)
            return error_wrap(err, "waiting for the certificate %s", name);
    }
}

/* The policy changes with the same call that begins a new version: no policy is right while its certificate is not asked for. */
int key_vault_correct_issuer(struct key_vault *v, const struct opctx *ctx, const char *name,
                             const struct vault_certificate_wish *wish, struct error **err)
{
    cleanup_json json *policy = NULL;
    struct error *e = NULL;
    if (call_vault(v, ctx, "GET", name, "policy", NULL, &policy, &e) < 0) {
        if (!error_is(e, ERR_NOT_FOUND))
            return error_move(err, &e);
        error_free(e);
        return 0;
    }
    if (str_eq(json_path_str(policy, "issuer.name"), wish->issuer))
        return 0;
    if (create(v, ctx, name, wish, err) < 0)
        return -1;
    return key_vault_wait_certificate(v, ctx, name, err);
}

int key_vault_delete_certificate(struct key_vault *v, const struct opctx *ctx, const char *name,
                                 struct error **err)
{
    struct error *e = NULL;
    if (call_vault(v, ctx, "DELETE", name, NULL, NULL, NULL, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}
