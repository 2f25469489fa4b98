/*
 * strategy.h - what single kinds do beyond their schema: defaults that need thought, what creation and
 * update fill in or keep, what is refused.
 *
 * Source: k8s.io/kubernetes pkg/registry and pkg/apis/.../defaults.go, validation.go (1.20).
 */
#ifndef HACK_DEVCLOUD_CLUSTER_STRATEGY_H
#define HACK_DEVCLOUD_CLUSTER_STRATEGY_H

#include "hack/devcloud/cluster/cluster_impl.h"

struct strategy {
    const char *collection;
    char *(*give_name_fault)(const char *name);
    void (*decode)(const struct op *op, json *obj);
    int (*create)(const struct op *op, json *obj, struct error **err);
    /* old is the object before; a main-resource update. */
    int (*update)(const struct op *op, json *obj, const json *old, struct error **err);
    /* old NULL: a create. */
    void (*validate)(const struct op *op, const json *obj, const json *old, struct invalid *out);
    bool keeps_status_on_create;
};

/* Never NULL. */
const struct strategy *strategy_of(const char *collection);

/* The tables that strategy_of looks through. */
extern const struct strategy strategies_core[], strategies_apps[], strategies_other[];
extern const size_t strategies_core_len, strategies_apps_len, strategies_other_len;

/* ---- shared by them ---- */
/* The pod specs inside an object of a workload; NULL when absent. */
json *strategy_pod_spec(const struct op *op, json *obj);
void strategy_decode_pod_spec(json *spec, bool of_pod);
/* "field is immutable" when the value at path differs. */
void strategy_need_same(const json *obj, const json *old, const char *path, struct invalid *out);

#endif
