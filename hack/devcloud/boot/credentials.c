#include "hack/devcloud/boot/credentials.h"

#include "hack/devcloud/boot/machines.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* The operator looks at every request now and then, and says when it did. */
#define SYNC_NS (120 * NS_PER_S)

struct minting {
    struct view *v;
    const json *root; /* data of the cluster's own credentials */
    int64_t wall_ns;
};

static int find(const struct view *v, const struct gvr *gvr, const char *nspace, const char *name,
                json **ret, struct error **err)
{
    struct error *e = NULL;
    *ret = NULL;
    if (kube_get(v->api.kube, v->api.ctx, KUBE_REF(gvr, nspace, name), ret, &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

/* Makes the Secret, or puts into it what differs from the root's. */
static int mint(const struct minting *m, const char *nspace, const char *name, struct error **err)
{
    cleanup_json json *secret = NULL;
    cleanup_json json *wanted = json_make("{'data':%j}", json_give_copy(m->root));
    if (find(m->v, &GVR_SECRETS, nspace, name, &secret, err) < 0)
        return -1;
    if (secret)
        return machine_patch(m->v, &GVR_SECRETS, secret, NULL, wanted, err);
    cleanup_json json *object = json_make(
        "{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,'namespace':%s,'annotations':{"
        "'cloudcredential.openshift.io/credentials-request':%s}},'type':'Opaque','data':%j}",
        name, nspace, name, json_give_copy(m->root));
    return kube_create(m->v->api.kube, m->v->api.ctx, KUBE_REF(&GVR_SECRETS, nspace, NULL), object,
                       NULL, NULL, err);
}

static bool is_current(const struct minting *m, const json *request)
{
    const char *text = json_path_str(request, "status.lastSyncTimestamp");
    int64_t last_ns;
    return text && time_parse_rfc3339(text, &last_ns) && m->wall_ns - last_ns < SYNC_NS &&
           json_path_int(request, "status.lastSyncGeneration", -1) ==
               json_path_int(request, "metadata.generation", 0);
}

static int tell(const struct minting *m, const json *request, struct error **err)
{
    char now[TIME_TEXT_MAX];
    time_rfc3339(m->wall_ns, now);
    cleanup_json json *status =
        json_make("{'status':{'provisioned':true,'lastSyncTimestamp':%s,'lastSyncGeneration':%ld}}",
                  now, json_path_int(request, "metadata.generation", 0));
    return machine_patch(m->v, &GVR_CREDENTIALSREQUESTS, request, "status", status, err);
}

static int serve(const struct minting *m, const json *request, struct error **err)
{
    const char *nspace = json_path_str(request, "spec.secretRef.namespace");
    const char *name = json_path_str(request, "spec.secretRef.name");
    cleanup_json json *home = NULL;
    if (!nspace || !name)
        return 0;
    if (find(m->v, &GVR_NAMESPACES, NULL, nspace, &home, err) < 0)
        return -1;
    if (!home || json_path(home, "metadata.deletionTimestamp"))
        return 0;
    if (mint(m, nspace, name, err) < 0)
        return -1;
    return is_current(m, request) ? 0 : tell(m, request, err);
}

int credentials_sync(struct view *v, int64_t wall_ns, struct error **err)
{
    cleanup_json json *root = NULL, *requests = NULL;
    if (find(v, &GVR_SECRETS, "kube-system", "azure-credentials", &root, err) < 0)
        return -1;
    if (!root)
        return 0;
    if (kube_list(v->api.kube, v->api.ctx, KUBE_REF(&GVR_CREDENTIALSREQUESTS, NULL, NULL), NULL,
                  &requests, err) < 0)
        return error_wrap(err, "listing CredentialsRequests");
    struct minting m = { v, json_get(root, "data"), wall_ns };
    struct error *all = NULL;
    for (size_t i = 0; i < json_len(json_get(requests, "items")); i++) {
        const json *request = json_at(json_get(requests, "items"), i);
        struct error *e = NULL;
        if (serve(&m, request, &e) < 0) {
            (void)error_wrap(&e, "CredentialsRequest %s", json_path_str(request, "metadata.name"));
            error_join(&all, &e);
        }
    }
    return all ? error_move(err, &all) : 0;
}
