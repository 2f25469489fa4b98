#include "operator/poolconfigs.h"

#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define PREFIX "99-"

char *poolconfig_give_pool(const struct poolconfig *kind, const char *name)
{
    size_t around = strlen(PREFIX) + strlen(kind->suffix);
    if (strlen(name) <= around || !str_starts(name, PREFIX) || !str_ends(name, kind->suffix))
        return NULL;
    return xstrndup(name + strlen(PREFIX), strlen(name) - around);
}

/* ---- one MachineConfig ---- */

/* Nothing when the pool is on its way out: its MachineConfig goes with it. */
static int make_up(struct reconcile *rc, const struct poolconfig *kind, const json *pool,
                   json *configs, struct error **err)
{
    const char *name = json_path_str(pool, "metadata.name");
    json *config;
    if (json_path_str(pool, "metadata.deletionTimestamp"))
        return 0;
    if (kind->give(rc->cluster, name, &config, err) < 0)
        return -1;
    json_put(json_get(config, "metadata"), "ownerReferences",
             json_make("[{'apiVersion':'machineconfiguration.openshift.io/v1',"
                       "'kind':'MachineConfigPool','name':%s,'uid':%s,'controller':true,"
                       "'blockOwnerDeletion':true}]",
                       name, json_path_str(pool, "metadata.uid")));
    json_append(configs, config);
    return 0;
}

static int create(struct reconcile *rc, const json *want, bool *ret_is_written, struct error **err)
{
    const struct kube_write_options opt = { .field_manager = ENSURE_FIELD_MANAGER };
    const struct kube_ref all = { .gvr = &GVR_MACHINECONFIGS };
    struct error *e = NULL;
    if (kube_create(rc->kube, rc->ctx, &all, want, &opt, NULL, &e) == 0) {
        *ret_is_written = true;
        return 0;
    }
    if (!error_is(e, ERR_EXISTS)) {
        error_move(err, &e);
        return error_wrap(err, "error creating client object");
    }
    error_free(e); /* another controller was quicker */
    return 0;
}

static int create_if_absent(struct reconcile *rc, const json *want, bool *ret_is_written,
                            struct error **err)
{
    cleanup_json json *live = NULL;
    if (reconcile_get(rc, KUBE_REF(&GVR_MACHINECONFIGS, NULL, json_path_str(want, "metadata.name")),
                      &live, err) < 0)
        return -1;
    return live ? 0 : create(rc, want, ret_is_written, err);
}

static int put(struct reconcile *rc, const json *want, bool may_change, struct error **err)
{
    bool is_written = false;
    int rcode = may_change ? ensure_object(rc->kube, rc->ctx, want, &is_written, err)
                           : create_if_absent(rc, want, &is_written, err);
    if (is_written)
        reconcile_event(rc, "MachineConfigWritten",
                        "MachineConfig %s was written for the machines of MachineConfigPool %s",
                        json_path_str(want, "metadata.name"),
                        json_path_str(want, "metadata.ownerReferences[0].name"));
    return rcode;
}

static int put_all(struct reconcile *rc, const json *configs, bool may_change, struct error **err)
{
    for (size_t i = 0; i < json_len(configs); i++)
        if (put(rc, json_at(configs, i), may_change, err) < 0)
            return -1;
    return 0;
}

/* ---- of pools ---- */

int poolconfig_ensure(struct reconcile *rc, const struct poolconfig *kind, const char *pool,
                      bool may_change, struct error **err)
{
    cleanup_json json *live = NULL;
    cleanup_json json *configs = json_new_array();
    if (reconcile_get(rc, KUBE_REF(&GVR_MACHINECONFIGPOOLS, NULL, pool), &live, err) < 0)
        return error_wrap(err, "MachineConfigPool %s", pool);
    if (!live)
        return 0;
    if (make_up(rc, kind, live, configs, err) < 0)
        return -1;
    return put_all(rc, configs, may_change, err);
}

int poolconfig_ensure_all(struct reconcile *rc, const struct poolconfig *kind, bool may_change,
                          struct error **err)
{
    cleanup_json json *list = NULL;
    cleanup_json json *configs = json_new_array();
    struct error *e = NULL;
    if (kube_list(rc->kube, rc->ctx, KUBE_REF(&GVR_MACHINECONFIGPOOLS, NULL, NULL), NULL, &list,
                  &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND)) { /* without that kind there are no pools */
        error_move(err, &e);
        return error_wrap(err, "listing the MachineConfigPools");
    }
    error_free(e);
    const json *pools = json_get(list, "items");
    for (size_t i = 0; i < json_len(pools); i++)
        if (make_up(rc, kind, json_at(pools, i), configs, err) < 0)
            return -1;
    return put_all(rc, configs, may_change, err);
}

/* ---- removal ---- */

struct removal {
    struct reconcile *rc;
    const struct poolconfig *kind;
};

static int remove_one(void *arg, const json *item, struct error **err)
{
    const struct removal *r = arg;
    const char *name = json_path_str(item, "metadata.name");
    cleanup_free char *pool = poolconfig_give_pool(r->kind, name);
    if (!pool)
        return 0;
    if (kube_delete_if_present(r->rc->kube, r->rc->ctx, KUBE_REF(&GVR_MACHINECONFIGS, NULL, name),
                               err) < 0)
        return error_wrap(err, "deleting MachineConfig %s", name);
    reconcile_event(r->rc, "MachineConfigDeleted",
                    "MachineConfig %s of MachineConfigPool %s was deleted", name, pool);
    return 0;
}

int poolconfig_delete_all(struct reconcile *rc, const struct poolconfig *kind, struct error **err)
{
    static const struct kube_list_options opt = { .metadata_only = true };
    struct removal removal = { rc, kind };
    return kube_list_each(rc->kube, rc->ctx, KUBE_REF(&GVR_MACHINECONFIGS, NULL, NULL), &opt,
                          remove_one, &removal, err);
}
