/*
 * Token Secrets of service accounts. Before Kubernetes 1.24 each account has one, and no pod starts without it; later only
 * Secrets that somebody made for it are filled. The token itself is asked from the API server, for as long as it allows.
 * Source: k8s.io/kubernetes pkg/controller/serviceaccount (tokens_controller.go).
 */
#include <string.h>

#include "hack/devcloud/controllers/behaviours.h"
#include "hack/devcloud/controllers/owned.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define TYPE "kubernetes.io/service-account-token"
#define NAME_ANNOTATION "kubernetes.io/service-account.name"
#define UID_ANNOTATION "kubernetes.io/service-account.uid"
#define ANNOTATION_PATH(name_) "metadata.annotations[\"" name_ "\"]"
#define LIFETIME_S (INT64_C(10) * 365 * 24 * 3600)

static json *encoded(const char *text)
{
    cleanup_free char *base64 = base64_give(text, strlen(text));
    return json_new_str(base64);
}

/* ---- a Secret's content ---- */

static int fill(struct control *c, const struct opctx *ctx, const json *account, json *secret,
                struct error **err)
{
    const char *nspace = json_path_str(account, "metadata.namespace");
    const char *name = json_path_str(account, "metadata.name");
    const char *token;
    cleanup_json json *reply = NULL;
    if (kube_request_token(c->kube, ctx, nspace, name, NULL, LIFETIME_S, &reply, err) < 0 ||
        json_need_str(reply, "status.token", &token, err) < 0)
        return error_wrap(err, "asking for a token");
    json_put(secret, "data",
             json_make("{'token':%j,'ca.crt':%j,'namespace':%j}", encoded(token),
                       encoded(c->ca_pem ? c->ca_pem : ""), encoded(nspace)));
    return json_set_str(secret, ANNOTATION_PATH(UID_ANNOTATION),
                        json_path_str(account, "metadata.uid"), err);
}

static int fill_existing(struct control *c, const struct opctx *ctx, const json *account,
                         const char *nspace, struct error **err)
{
    const char *account_name = json_path_str(account, "metadata.name");
    struct kube_list_options opt = { .field_selector = "type=" TYPE };
    cleanup_json json *list = NULL;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_SECRETS, nspace, NULL), &opt, &list, err) < 0)
        return -1;
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        json *secret = json_at(items, i);
        const char *name = json_path_str(secret, "metadata.name");
        if (!str_eq(json_path_str(secret, ANNOTATION_PATH(NAME_ANNOTATION)), account_name) ||
            json_path(secret, "data.token"))
            continue;
        if (fill(c, ctx, account, secret, err) < 0 ||
            kube_update(c->kube, ctx, KUBE_REF(&GVR_SECRETS, nspace, name), secret, NULL, NULL,
                        err) < 0)
            return error_wrap(err, "filling Secret %s", name);
    }
    return 0;
}

/* ---- an account's own Secret ---- */

static int make_secret(struct control *c, const struct opctx *ctx, json *account,
                       struct error **err)
{
    const char *nspace = json_path_str(account, "metadata.namespace");
    const char *name = json_path_str(account, "metadata.name");
    char hash[OWNED_HASH_MAX];
    owned_hash(json_path(account, "metadata.uid"), hash);
    cleanup_free char *secret_name = xasprintf("%s-token-%.5s", name, hash);
    cleanup_json json *secret =
        json_make("{'apiVersion':'v1','kind':'Secret','type':"
                  "'" TYPE "'"
                  ",'metadata':{'name':%s,"
                  "'namespace':%s,'annotations':{%s:%s},'ownerReferences':%j}}",
                  secret_name, nspace, NAME_ANNOTATION, name, owned_give_references(account));
    struct error *e = NULL;
    if (fill(c, ctx, account, secret, err) < 0)
        return -1;
    if (kube_create(c->kube, ctx, KUBE_REF(&GVR_SECRETS, nspace, NULL), secret, NULL, NULL, &e) <
            0 &&
        !error_is(e, ERR_EXISTS))
        return error_move(err, &e);
    error_free(e);
    if (!json_get(account, "secrets"))
        json_put(account, "secrets", json_new_array());
    json_append(json_get(account, "secrets"), json_make("{'name':%s}", secret_name));
    return kube_update(c->kube, ctx, KUBE_REF(&GVR_SERVICEACCOUNTS, nspace, name), account, NULL,
                       NULL, err);
}

/* Whether one of the Secrets that the account names is a token of its. */
static int has_secret(struct control *c, const struct opctx *ctx, const json *account, bool *ret,
                      struct error **err)
{
    const json *list = json_get(account, "secrets");
    *ret = false;
    for (size_t i = 0; i < json_len(list) && !*ret; i++) {
        const char *name = json_path_str(json_at(list, i), "name");
        cleanup_json json *secret = NULL;
        if (!name || owned_find(c, ctx, &GVR_SECRETS, json_path_str(account, "metadata.namespace"),
                                name, &secret, err) < 0)
            return -1;
        *ret = str_eq(json_path_str(secret, "type"), TYPE);
    }
    return 0;
}

static int reconcile(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err)
{
    cleanup_json json *list = NULL;
    struct error *all = NULL;
    (void)source;
    (void)ret;
    if (kube_list(c->kube, ctx, KUBE_REF(&GVR_SERVICEACCOUNTS, key, NULL), NULL, &list, err) < 0)
        return -1;
    const json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        json *account = json_at(items, i);
        struct error *e = NULL;
        bool has = !c->account_secrets || owned_is_deleting(account);
        if ((!has && has_secret(c, ctx, account, &has, &e) < 0) ||
            (!has && make_secret(c, ctx, account, &e) < 0) ||
            fill_existing(c, ctx, account, key, &e) < 0) {
            error_wrap(&e, "service account %s", json_path_str(account, "metadata.name"));
            error_join(&all, &e);
        }
    }
    return all ? error_move(err, &all) : 0;
}

static const struct behaviour_watch watches[] = {
    { .gvr = &GVR_SERVICEACCOUNTS, .map = WATCH_NAMESPACE },
    { .gvr = &GVR_SECRETS, .map = WATCH_NAMESPACE, .field_selector = "type=" TYPE },
};

const struct behaviour account_secrets_behaviour = {
    .name = "account-secrets",
    .doc = "Puts tokens of service accounts into Secrets, as servers before Kubernetes 1.24 need "
           "them.",
    BEHAVIOUR_WATCHES(watches),
    .reconcile = reconcile,
};
