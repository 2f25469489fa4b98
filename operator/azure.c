#include "operator/azure.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

void azure_session_free(struct azure_session *s)
{
    if (!s)
        return;
    arm_free(s->arm);
    azure_tokens_free(s->tokens);
    azure_credential_free(s->credential);
    free(s);
}

/* ---- from the environment ---- */

static int need_env(const struct services *sv, const char *name, char **ret, struct error **err)
{
    const char *value = env_get_or(sv->env, name, NULL);
    if (!value)
        return error_set(err, ERR_INVALID, "environment variable %s is not set", name);
    *ret = xstrdup(value);
    return 0;
}

static int from_environment(const struct services *sv, bool federated, struct azure_credential *c,
                            struct error **err)
{
    c->type = federated ? AZURE_FEDERATED_TOKEN : AZURE_CLIENT_SECRET;
    if (need_env(sv, "AZURE_CLIENT_ID", &c->client_id, err) < 0 ||
        need_env(sv, "AZURE_TENANT_ID", &c->tenant_id, err) < 0)
        return -1;
    if (federated)
        return need_env(sv, "AZURE_FEDERATED_TOKEN_FILE", &c->federated_token_file, err);
    const char *secret = env_get_or(sv->env, "AZURE_CLIENT_SECRET", NULL);
    if (!secret)
        return error_set(err, ERR_INVALID, "environment variable AZURE_CLIENT_SECRET is not set");
    c->client_secret = secret_new(secret, strlen(secret));
    return 0;
}

/* ---- from the cluster ---- */

static int need_key(const json *object, const char *key, char **ret, size_t *ret_len,
                    struct error **err)
{
    const char *encoded = json_str(json_get(json_get(object, "data"), key));
    if (!encoded)
        return error_set(err, ERR_INVALID, "%s does not exist in the secret", key);
    if (base64_parse(encoded, strlen(encoded), ret, ret_len, err) < 0)
        return error_wrap(err, "decoding %s", key);
    return 0;
}

static int from_secret(struct services *sv, const struct opctx *ctx, struct azure_credential *c,
                       struct error **err)
{
    cleanup_json json *object = NULL;
    if (kube_get(sv->kube, ctx, KUBE_REF(&GVR_SECRETS, AZURE_SECRET_NAMESPACE, AZURE_SECRET),
                 &object, err) < 0)
        return -1;
    c->type = AZURE_CLIENT_SECRET;
    cleanup_free char *secret = NULL;
    size_t len, secret_len;
    if (need_key(object, "azure_client_id", &c->client_id, &len, err) < 0 ||
        need_key(object, "azure_client_secret", &secret, &secret_len, err) < 0 ||
        need_key(object, "azure_tenant_id", &c->tenant_id, &len, err) < 0)
        return error_wrap(err, "reading Secret " AZURE_SECRET_NAMESPACE "/" AZURE_SECRET);
    c->client_secret = secret_new(secret, secret_len);
    secret_wipe(secret, secret_len);
    return 0;
}

static int load_credential(struct services *sv, const struct opctx *ctx, struct azure_credential *c,
                           struct error **err)
{
    const char *kind = env_get_or(sv->env, "AZURE_TOKEN_CREDENTIALS", NULL);
    if (!kind)
        return from_secret(sv, ctx, c, err);
    if (str_eq_nocase(kind, "EnvironmentCredential"))
        return from_environment(sv, false, c, err);
    if (str_eq_nocase(kind, "WorkloadIdentityCredential"))
        return from_environment(sv, true, c, err);
    return error_set(
        err, ERR_INVALID,
        "environment variable AZURE_TOKEN_CREDENTIALS is '%s': use EnvironmentCredential or "
        "WorkloadIdentityCredential",
        kind);
}

/* ---- session ---- */

static int find_cloud(const json *cluster, const struct azure_cloud **ret, struct error **err)
{
    const char *name;
    if (json_need_str(cluster, "spec.azEnvironment", &name, err) < 0)
        return error_wrap(err, "reading Cluster " CLUSTER_NAME);
    *ret = azure_cloud_find(name);
    if (!*ret)
        return error_set(err, ERR_INVALID, "cloud environment \"%s\" is unsupported by ARO", name);
    return 0;
}

int azure_session_open(struct services *sv, const struct opctx *ctx, const json *cluster,
                       struct azure_session **ret, struct error **err)
{
    cleanup_azure_session struct azure_session *s = xnew(struct azure_session);
    if (find_cloud(cluster, &s->cloud, err) < 0)
        return -1;
    s->credential = xnew(struct azure_credential);
    if (load_credential(sv, ctx, s->credential, err) < 0)
        return -1;
    struct azure_tokens_config tokens = { sv->azure, s->cloud, s->credential, sv->clock, sv->rng };
    s->tokens = azure_tokens_new(&tokens);
    struct arm_config arm = {
        .transport = sv->azure,
        .tokens = s->tokens,
        .cloud = s->cloud,
        .user_agent = "aro-operator",
        .clock = sv->clock,
        .rng = sv->rng,
        .log = ctx->log,
        .before_write = sv->before_write,
        .before_write_arg = sv->before_write_arg,
    };
    s->arm = arm_new(&arm);
    *ret = take(s);
    return 0;
}
