#include "rp/cluster/user_data.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/log.h"
#include "pkg/base/strv.h"
#include "rp/cluster/config_server_cert.h"
#include "rp/cluster/installer/config_server.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/names.h"

#define NAMESPACE "openshift-machine-api"
#define USER_DATA "data.userData"

/* ---- which Secrets ---- */

/* A template of machines has it deeper than a machine. */
static int add_name(void *arg, const json *object, struct error **err)
{
    struct strv *names = arg;
    const char *of_set =
        json_path_str(object, "spec.template.spec.providerSpec.value.userDataSecret.name");
    const char *of_machine = json_path_str(object, "spec.providerSpec.value.userDataSecret.name");
    const char *name = of_set ? of_set : of_machine;
    (void)err;
    if (name && !strv_has(names, name))
        strv_add(names, name);
    return 0;
}

static int find_names(const struct cluster *c, const struct opctx *ctx, struct strv *names,
                      struct error **err)
{
    static const struct gvr *const kinds[] = { &GVR_MACHINESETS, &GVR_MACHINES };
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kube_list_each(c->kube, ctx, KUBE_REF(kinds[i], NAMESPACE, NULL), NULL, add_name, names,
                           err) < 0)
            return error_wrap(err, "finding what machines are told");
    return 0;
}

/* ---- one of them ---- */

struct redirection {
    const char *domain, *api_int_ip;
};

static int redirect(json *secret, void *arg, struct error **err)
{
    const struct redirection *r = arg;
    const char *encoded = json_path_str(secret, USER_DATA);
    cleanup_secret_text char *text = NULL;
    size_t len;
    if (!encoded)
        return 0;
    if (base64_parse(encoded, strlen(encoded), &text, &len, err) < 0)
        return error_wrap(err, USER_DATA);
    cleanup_secret_text char *made = config_server_give_direct(r->domain, r->api_int_ip, text);
    if (!made)
        return 0;
    cleanup_secret_text char *made_encoded = base64_give(made, strlen(made));
    return json_set_str(secret, USER_DATA, made_encoded, err);
}

/* A machine may name a Secret that is gone. */
static int mend(const struct cluster *c, const struct opctx *ctx, const char *name,
                struct redirection *r, struct error **err)
{
    struct error *e = NULL;
    if (cluster_edit(c->kube, ctx, KUBE_REF(&GVR_SECRETS, NAMESPACE, name), redirect, r, &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

int cluster_ensure_user_data(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_strv struct strv names = STRV_INIT;
    cleanup_free char *domain = name_give_domain(c);
    struct redirection r = { domain, cluster_text_or_empty(c, "apiserverProfile.intIp") };
    bool is_served;
    if (!*r.api_int_ip)
        return 0;
    if (config_server_cert_is_for(c, ctx, r.api_int_ip, &is_served, err) < 0)
        return -1;
    if (!is_served) {
        log_warning(ctx->log,
                    "new machines are not led to %s: the machine config server's certificate is "
                    "not for that address",
                    r.api_int_ip);
        return 0;
    }
    if (find_names(c, ctx, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++)
        if (mend(c, ctx, names.v[i], &r, err) < 0)
            return -1;
    return 0;
}
