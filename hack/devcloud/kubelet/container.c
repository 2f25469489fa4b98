#include "hack/devcloud/kubelet/container.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

const char *env_lookup(const struct strv *env, const char *name, size_t name_len)
{
    for (size_t i = 0; i < env->len; i++)
        if (strncmp(env->v[i], name, name_len) == 0 && env->v[i][name_len] == '=')
            return env->v[i] + name_len + 1;
    return NULL;
}

/* ---- values ---- */

static char *give_expanded(const char *text, const struct strv *env)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = text; *p;) {
        const char *close = p[0] == '$' && p[1] == '(' ? strchr(p, ')') : NULL;
        const char *value = close ? env_lookup(env, p + 2, (size_t)(close - p - 2)) : NULL;
        if (p[0] == '$' && p[1] == '$') {
            buf_addc(&b, '$');
            p += 2;
        } else if (value) {
            buf_adds(&b, value);
            p = close + 1;
        } else {
            buf_addc(&b, *p++);
        }
    }
    return buf_give(&b);
}

static char *give_field(const json *pod, const char *path, const char *pod_ip)
{
    if (str_eq(path, "status.podIP"))
        return xstrdup(pod_ip);
    const char *value = json_path_str(pod, path);
    return xstrdup(value ? value : "");
}

/* One key of a Secret (base64) or ConfigMap (text). */
static int give_key(const struct kubelet_config *cfg, const struct opctx *ctx, const json *pod,
                    const json *selector, const struct gvr *gvr, char **ret, struct error **err)
{
    const char *nspace = json_path_str(pod, "metadata.namespace");
    const char *name = json_path_str(selector, "name");
    const char *key = json_path_str(selector, "key");
    cleanup_json json *object = NULL;
    if (!name || !key)
        return error_set(err, ERR_INVALID, "a reference without name or key");
    if (kube_get(cfg->kube, ctx, KUBE_REF(gvr, nspace, name), &object, err) < 0)
        return -1;
    const char *value = json_str(json_get(json_get(object, "data"), key));
    if (!value)
        return error_set(err, ERR_NOT_FOUND, "%s %s has no key %s", gvr->kind, name, key);
    if (gvr == &GVR_CONFIGMAPS) {
        *ret = xstrdup(value);
        return 0;
    }
    size_t len;
    return base64_parse(value, strlen(value), ret, &len, err);
}

static int give_value(const struct kubelet_config *cfg, const struct opctx *ctx, const json *pod,
                      const json *entry, const char *pod_ip, const struct strv *env, char **ret,
                      struct error **err)
{
    json *from = json_get(entry, "valueFrom");
    const char *field = json_path_str(from, "fieldRef.fieldPath");
    json *secret = json_get(from, "secretKeyRef"), *config = json_get(from, "configMapKeyRef");
    if (field) {
        *ret = give_field(pod, field, pod_ip);
        return 0;
    }
    if (!secret && !config) {
        const char *value = json_path_str(entry, "value");
        *ret = give_expanded(value ? value : "", env);
        return 0;
    }
    json *selector = secret ? secret : config;
    struct error *e = NULL;
    if (give_key(cfg, ctx, pod, selector, secret ? &GVR_SECRETS : &GVR_CONFIGMAPS, ret, &e) == 0)
        return 0;
    bool absent_is_fine = error_is(e, ERR_NOT_FOUND) && json_path_bool(selector, "optional", false);
    if (!absent_is_fine)
        return error_move(err, &e);
    error_free(e);
    *ret = NULL; /* the variable is left out */
    return 0;
}

int container_give_env(const struct kubelet_config *cfg, const struct opctx *ctx, const json *pod,
                       const json *container, const char *pod_ip, struct strv *ret,
                       struct error **err)
{
    json *entries = json_get(container, "env");
    for (size_t i = 0; i < json_len(entries); i++) {
        const char *name = json_path_str(json_at(entries, i), "name");
        cleanup_free char *value = NULL;
        if (!name || give_value(cfg, ctx, pod, json_at(entries, i), pod_ip, ret, &value, err) < 0)
            return name ? error_wrap(err, "environment variable %s", name)
                        : error_set(err, ERR_INVALID, "a variable without name");
        if (value)
            strv_addf(ret, "%s=%s", name, value);
    }
    return 0;
}

/* ---- arguments ---- */

void container_give_args(const json *container, const struct strv *env, struct strv *ret)
{
    static const char *const parts[] = { "command", "args" };
    for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
        json *list = json_get(container, parts[p]);
        for (size_t i = 0; i < json_len(list); i++)
            if (json_str(json_at(list, i)))
                strv_take(ret, give_expanded(json_str(json_at(list, i)), env));
    }
}
