/*
 * Validates the Machines of the cluster. What it finds is told in the condition, never returned: a
 * retry would not repair a customer's machine.
 */
#include "operator/controllers/machine.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MACHINE_NAMESPACE "openshift-machine-api"
#define ROLE_LABEL "metadata.labels[\"machine.openshift.io/cluster-api-machine-role\"]"
#define MASTERS 3
#define MIN_DISK_GB 128
#define FINDINGS_MAX ((size_t)16 << 10)

static const struct watch watches[] = {
    WATCH_CLUSTER,
    { .gvr = &GVR_MACHINES, .nspace = MACHINE_NAMESPACE, .optional = true },
    { .gvr = &GVR_MACHINESETS, .nspace = MACHINE_NAMESPACE, .optional = true },
};

struct findings {
    struct buf text; /* one line each */
    int masters, workers;
};

static void find(struct findings *f, const char *name, const char *what)
{
    if (f->text.len < FINDINGS_MAX)
        buf_addf(&f->text, "%smachine %s: %s", f->text.len ? "\n" : "", name, what);
}

static void check_provider_spec(struct findings *f, const char *name, const json *spec,
                                bool is_worker)
{
    if (!json_is_object(spec)) {
        find(f, name, "provider spec missing or unreadable");
        return;
    }
    if (is_worker && json_path_int(spec, "osDisk.diskSizeGB", 0) < MIN_DISK_GB)
        find(f, name, "invalid disk size");
    if (!str_eq(json_path_str(spec, "image.publisher"), "azureopenshift") ||
        !str_eq(json_path_str(spec, "image.offer"), "aro4"))
        find(f, name, "invalid image");
    const char *identity = json_path_str(spec, "managedIdentity");
    if (identity && *identity)
        find(f, name, "invalid managedIdentity");
}

static void check_machine(struct findings *f, const json *machine)
{
    const char *name = json_path_str(machine, "metadata.name");
    const char *role = json_path_str(machine, ROLE_LABEL);
    if (!role) {
        find(f, name, "cluster-api-machine-role label not found");
        return;
    }
    bool is_master = strcmp(role, "master") == 0;
    check_provider_spec(f, name, json_path(machine, "spec.providerSpec.value"), !is_master);
    if (is_master)
        f->masters++;
    else
        f->workers++;
}

static void check_count(struct findings *f, const char *role, int64_t have, int64_t want)
{
    if (have != want && f->text.len < FINDINGS_MAX)
        buf_addf(&f->text, "%sinvalid number of %s machines %lld, expected %lld",
                 f->text.len ? "\n" : "", role, (long long)have, (long long)want);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(json_path_str(*(json *const *)a, "metadata.name"),
                  json_path_str(*(json *const *)b, "metadata.name"));
}

/* In order of name, so that the message does not flap with the order of the cache. */
static void check_machines(struct findings *f, const json *machines)
{
    size_t n = json_len(machines);
    cleanup_free json **sorted = xcalloc(n + 1, sizeof(json *));
    for (size_t i = 0; i < n; i++)
        sorted[i] = json_at(machines, i);
    qsort(sorted, n, sizeof(json *), by_name);
    for (size_t i = 0; i < n; i++)
        check_machine(f, sorted[i]);
}

static int64_t expected_workers(const json *sets)
{
    int64_t total = 0;
    for (size_t i = 0; i < json_len(sets); i++)
        total += json_path_int(json_at(sets, i), "spec.replicas", 1);
    return total;
}

static int machine_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    (void)ret;
    cleanup_json json *machines = reconcile_give_list(rc, &watches[1]);
    cleanup_json json *sets = reconcile_give_list(rc, &watches[2]);
    struct findings f = { .text = BUF_INIT(BUF_UNBOUNDED) };
    check_machines(&f, machines);
    check_count(&f, "worker", f.workers, expected_workers(sets));
    check_count(&f, "master", f.masters, MASTERS);

    bool good = f.text.len == 0;
    int rcode = reconcile_check(rc, COND_MACHINE_VALID, good ? STATUS_TRUE : STATUS_FALSE,
                                good ? "CheckDone" : "CheckFailed",
                                good ? "All machines valid" : buf_str(&f.text), err);
    buf_release(&f.text);
    return rcode;
}

const struct controller_desc machine_controller = {
    .name = "Machine",
    .doc = "Checks number, disks, images and identities of the cluster's machines.",
    .roles = ROLE_MASTER,
    .flag = FLAG_MACHINE_ENABLED,
    DESC_WATCHES(watches),
    .is_check = true,
    .checks = { COND_MACHINE_VALID },
    .periodic = true,
    .reconcile = machine_reconcile,
};
