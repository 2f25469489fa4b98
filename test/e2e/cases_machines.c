/* Machine sets: never fewer than two workers, unless the customer manages them. */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/e2e/e2e.h"

#define MIN_WORKERS 2

static int list_sets(struct e2e *t, json **ret, struct error **err)
{
    struct kube_list_options opt = { .label_selector =
                                         "machine.openshift.io/cluster-api-machine-role=worker" };
    return kube_list(t->kube, t->ctx, KUBE_REF(&GVR_MACHINESETS, MACHINE_NS, NULL), &opt, ret, err);
}

static int check_total(struct e2e *t, const void *arg, struct error **err)
{
    const int64_t *want = arg;
    cleanup_json json *list = NULL;
    if (list_sets(t, &list, err) < 0)
        return -1;
    int64_t total = 0;
    json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++)
        total += json_path_int(json_at(items, i), "spec.replicas", 1);
    if (total == *want)
        return 0;
    return error_set(err, ERR_INTERNAL, "%d workers are asked for, wanted %d", (int)total,
                     (int)*want);
}

/* All to zero but keep of them, each of these to one. */
static int scale_to(struct e2e *t, size_t keep, struct error **err)
{
    cleanup_json json *list = NULL;
    if (list_sets(t, &list, err) < 0)
        return -1;
    json *items = json_get(list, "items");
    for (size_t i = 0; i < json_len(items); i++) {
        const char *name = json_path_str(json_at(items, i), "metadata.name");
        if (e2e_save(t, &GVR_MACHINESETS, MACHINE_NS, name, err) < 0 ||
            e2e_patch(t, &GVR_MACHINESETS, MACHINE_NS, name,
                      json_make("{'spec':{'replicas':%d}}", i < keep ? 1 : 0), err) < 0)
            return -1;
    }
    return 0;
}

static int scale_run(struct e2e *t, struct error **err)
{
    int64_t want = MIN_WORKERS;
    if (scale_to(t, 1, err) < 0)
        return -1;
    return eventually(t, SOON_MS, check_total, &want, err);
}

/* Every set wakes the operator; together they may add no more than what is missing. */
static int all_at_once_run(struct e2e *t, struct error **err)
{
    int64_t want = MIN_WORKERS;
    if (scale_to(t, 0, err) < 0 || eventually(t, SOON_MS, check_total, &want, err) < 0)
        return -1;
    return consistently(t, 3000, check_total, &want, err);
}

/* One set that the installer did not make turns the care off. */
static int custom_run(struct e2e *t, struct error **err)
{
    cleanup_json json *list = NULL;
    int64_t want = 1; /* the custom set's own */
    if (list_sets(t, &list, err) < 0)
        return -1;
    json *model = json_path(list, "items[0]");
    json *set = json_give_copy(model);
    json_put(set, "metadata",
             json_make("{'name':'of-the-customer','namespace':%s,'labels':%j}", MACHINE_NS,
                       json_give_copy(json_path(model, "metadata.labels"))));
    json_del(set, "status");
    (void)json_path_put(set, "spec.replicas", json_new_int(1), NULL);
    if (e2e_save(t, &GVR_MACHINESETS, MACHINE_NS, "of-the-customer", err) < 0) {
        json_free(set);
        return -1;
    }
    if (e2e_create(t, set, err) < 0 || scale_to(t, 0, err) < 0)
        return -1;
    /* scale_to found the custom set, too. */
    if (e2e_patch(t, &GVR_MACHINESETS, MACHINE_NS, "of-the-customer",
                  json_make("{'spec':{'replicas':1}}"), err) < 0)
        return -1;
    return consistently(t, 5000, check_total, &want, err);
}

static const struct e2e_case cases[] = {
    { "ARO Operator should keep at least two workers",
      "Machine sets scaled down to one are scaled up again.", scale_run },
    { "ARO Operator should add no more workers than are missing",
      "All machine sets are scaled to none at once.", all_at_once_run },
    { "ARO Operator should leave workers alone that the customer manages",
      "With a machine set of the customer's nothing is scaled.", custom_run },
};
const struct e2e_table cases_machines = { cases, ARRAY_LEN(cases) };
