#include "rp/cluster/acr_secrets.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/pull_secret.h"

#define FIELD_MANAGER "aro-rp"
#define OPERATOR_NAMESPACE "openshift-azure-operator"
#define OPERATOR_SECRET "cluster"
#define CONFIG_NAMESPACE "openshift-config"
#define PULL_SECRET "pull-secret"
#define COPY "pull-secret-aro-copy"
#define SECRET_TYPE "kubernetes.io/dockerconfigjson"
#define DATA_KEY "data[\".dockerconfigjson\"]"
#define TRIES 10
#define PAUSE_MS 2000

/* The object's hosts; none where it has nothing that can be read, which is said. */
static json *give_content(const struct opctx *ctx, const json *object)
{
    const char *encoded = json_path_str(object, DATA_KEY);
    cleanup_secret_text char *text = NULL;
    cleanup_error struct error *e = NULL;
    size_t len = 0;
    json *content = NULL;
    if ((!encoded || base64_parse(encoded, strlen(encoded), &text, &len, &e) == 0) &&
        pull_secret_parse(text, len, &content, &e) == 0)
        return content;
    log_warning(ctx->log, "Secret %s cannot be read and is replaced: %s",
                json_path_str(object, "metadata.name"), error_text(e));
    return json_make("{'auths':{}}");
}

static json *give_object(const char *nspace, const char *name, const char *type,
                         const json *content)
{
    cleanup_secret_text char *text = json_give_text(content);
    cleanup_secret_text char *encoded = base64_give(text, strlen(text));
    json *object = json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,"
                             "'namespace':%s},'data':{'.dockerconfigjson':%s}}",
                             name, nspace, encoded);
    if (type)
        json_put(object, "type", json_new_str(type));
    return object;
}

/* What a busy API server refuses now it takes a little later. */
static int apply(struct cluster *c, const struct opctx *ctx, const char *nspace, const char *name,
                 const json *object, struct error **err)
{
    const struct kube_write_options opt = { .field_manager = FIELD_MANAGER, .force = true };
    for (int i = 1;; i++) {
        cleanup_error struct error *e = NULL;
        if (kube_apply(c->kube, ctx, KUBE_REF(&GVR_SECRETS, nspace, name), object, &opt, NULL,
                       &e) == 0)
            return 0;
        bool may_heal = error_is_retriable(e) || error_is(e, ERR_INTERNAL) ||
                        error_is(e, ERR_INVALID) || error_is(e, ERR_CONFLICT);
        if (i == TRIES || !may_heal) {
            error_move(err, &e);
            return error_wrap(err, "writing Secret %s/%s", nspace, name);
        }
        if (opctx_sleep_ms(ctx, PAUSE_MS, err) < 0)
            return -1;
    }
}

/* ---- the operator's ---- */

static int ensure_operators(struct cluster *c, const struct opctx *ctx, const json *ours,
                            struct error **err)
{
    cleanup_json_wiped json *live = NULL;
    const struct kube_ref *ref = KUBE_REF(&GVR_SECRETS, OPERATOR_NAMESPACE, OPERATOR_SECRET);
    if (cluster_get_if_present(c->kube, ctx, ref, &live, err) < 0)
        return error_wrap(err, "reading the operator's Secret");
    if (!live) /* it comes with the operator, and with this password */
        return 0;
    cleanup_json_wiped json *is = give_content(ctx, live);
    cleanup_json_wiped json *content = json_give_copy(is);
    pull_secret_merge(content, ours);
    if (json_equal(is, content))
        return 0;
    cleanup_json_wiped json *object =
        give_object(OPERATOR_NAMESPACE, OPERATOR_SECRET, NULL, content);
    return apply(c, ctx, OPERATOR_NAMESPACE, OPERATOR_SECRET, object, err);
}

/* ---- the cluster's ---- */

static bool must_be_made_anew(const json *live)
{
    return live && (!str_eq(json_path_str(live, "type"), SECRET_TYPE) ||
                    json_path_bool(live, "immutable", false));
}

static int make_copy(struct cluster *c, const struct opctx *ctx, const json *live,
                     struct error **err)
{
    cleanup_json_wiped json *content = give_content(ctx, live);
    cleanup_json_wiped json *copy = give_object(CONFIG_NAMESPACE, COPY, "Opaque", content);
    return cluster_create_once(c->kube, ctx, KUBE_REF(&GVR_SECRETS, CONFIG_NAMESPACE, COPY), copy,
                               err);
}

static int remove_secret(struct cluster *c, const struct opctx *ctx, const char *name,
                         struct error **err)
{
    return kube_delete_if_present(c->kube, ctx, KUBE_REF(&GVR_SECRETS, CONFIG_NAMESPACE, name),
                                  err);
}

static int ensure_clusters(struct cluster *c, const struct opctx *ctx, const json *ours,
                           struct error **err)
{
    cleanup_json_wiped json *live = NULL, *copy = NULL;
    const struct kube_ref *ref = KUBE_REF(&GVR_SECRETS, CONFIG_NAMESPACE, PULL_SECRET);
    const struct kube_ref *copy_ref = KUBE_REF(&GVR_SECRETS, CONFIG_NAMESPACE, COPY);
    if (cluster_get_if_present(c->kube, ctx, ref, &live, err) < 0 ||
        cluster_get_if_present(c->kube, ctx, copy_ref, &copy, err) < 0)
        return error_wrap(err, "reading the pull secret");

    cleanup_json_wiped json *content = give_content(ctx, copy);
    cleanup_json_wiped json *theirs = give_content(ctx, live);
    pull_secret_merge(content, theirs);
    pull_secret_merge(content, ours);
    bool anew = must_be_made_anew(live);
    if (anew && ((!copy && make_copy(c, ctx, live, err) < 0) ||
                 remove_secret(c, ctx, PULL_SECRET, err) < 0))
        return -1;
    if (!live || anew || !json_equal(theirs, content)) {
        cleanup_json_wiped json *object =
            give_object(CONFIG_NAMESPACE, PULL_SECRET, SECRET_TYPE, content);
        if (apply(c, ctx, CONFIG_NAMESPACE, PULL_SECRET, object, err) < 0)
            return -1;
    }
    return anew || copy ? remove_secret(c, ctx, COPY, err) : 0;
}

int acr_secrets_ensure(struct cluster *c, const struct opctx *ctx, int profile, struct error **err)
{
    cleanup_free char *name = xasprintf("registryProfiles[%d].name", profile);
    cleanup_free char *username = xasprintf("registryProfiles[%d].username", profile);
    cleanup_free char *path = xasprintf("registryProfiles[%d].password", profile);
    cleanup_secret struct secret *password = NULL;
    if (cluster_open_secret(c, ctx, path, &password, err) < 0)
        return -1;
    if (!password)
        return error_set(err, ERR_INTERNAL, "properties.%s is not there yet", path);
    cleanup_json_wiped json *ours = json_make("{'auths':{}}");
    pull_secret_put(ours, cluster_text_or_empty(c, name), cluster_text_or_empty(c, username),
                    password);
    if (ensure_operators(c, ctx, ours, err) < 0)
        return -1;
    return ensure_clusters(c, ctx, ours, err);
}
