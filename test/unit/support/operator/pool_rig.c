#include "test/unit/support/operator/pool_rig.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static json *spec_of(struct fake_cluster *f)
{
    return json_get(fake_cluster_get(f, &GVR_CLUSTERS, NULL, CLUSTER_NAME), "spec");
}

void pool_rig_set_spec(struct fake_cluster *f, const char *field, const char *value)
{
    json_put(spec_of(f), field, json_new_str(value));
}

void pool_rig_set_flag(struct fake_cluster *f, const char *flag, const char *value)
{
    json_put(json_get(spec_of(f), "operatorflags"), flag, json_new_str(value));
}

void pool_rig_add_pool(struct fake_cluster *f, const char *name)
{
    fake_cluster_put(f, json_make("{'apiVersion':'machineconfiguration.openshift.io/v1',"
                                  "'kind':'MachineConfigPool','metadata':{'name':%s}}",
                                  name));
}

void pool_rig_doom_pool(struct fake_cluster *f, const char *name)
{
    json *pool = fake_cluster_get(f, &GVR_MACHINECONFIGPOOLS, NULL, name);
    json_put(json_get(pool, "metadata"), "deletionTimestamp", json_new_str("2024-02-03T04:05:06Z"));
}

void pool_rig_start(struct fake_cluster *f, const char *state)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    pool_rig_set_spec(f, "apiIntIP", "10.0.0.4");
    pool_rig_set_spec(f, "ingressIP", "10.0.1.254");
    pool_rig_add_pool(f, "master");
    pool_rig_add_pool(f, "worker");
    if (state)
        fake_cluster_put(f,
                         json_make("{'apiVersion':'config.openshift.io/v1','kind':'ClusterVersion',"
                                   "'metadata':{'name':'version'},'status':{'history':["
                                   "{'state':%s,'version':'4.16.1'},"
                                   "{'state':'Completed','version':'4.16.0'}]}}",
                                   state));
}

json *pool_rig_config(struct fake_cluster *f, const char *name)
{
    return fake_cluster_get(f, &GVR_MACHINECONFIGS, NULL, name);
}

void pool_rig_spoil(struct fake_cluster *f, const char *name)
{
    fake_cluster_put(f, json_make("{'apiVersion':'machineconfiguration.openshift.io/v1',"
                                  "'kind':'MachineConfig','metadata':{'name':%s},'spec':{}}",
                                  name));
}

bool pool_rig_is_spoilt(struct fake_cluster *f, const char *name)
{
    return !json_path(pool_rig_config(f, name), "spec.config");
}

char *pool_rig_give_file(const json *config, const char *path)
{
    const json *files = json_path(config, "spec.config.storage.files");
    for (size_t i = 0; i < json_len(files); i++) {
        const char *url = json_path_str(json_at(files, i), "contents.source");
        const char *comma = strchr(url, ',');
        char *text = NULL;
        size_t len;
        if (!str_eq(json_path_str(json_at(files, i), "path"), path))
            continue;
        assert_int_equal(base64_parse(comma + 1, strlen(comma + 1), &text, &len, NULL), 0);
        return text;
    }
    fail_msg("no file %s", path);
    return NULL;
}

void pool_rig_must(struct fake_cluster *f, const struct controller_desc *desc, const char *key)
{
    struct error *err = NULL;
    if (fake_cluster_reconcile(f, desc, key, NULL, &err) < 0)
        fail_msg("%s: %s", desc->name, error_text(err));
}

void pool_rig_must_fail(struct fake_cluster *f, const struct controller_desc *desc, const char *key,
                        const char *text)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *degraded = xasprintf("%sControllerDegraded", desc->name);

    assert_int_equal(fake_cluster_reconcile(f, desc, key, NULL, &err), -1);

    assert_non_null(strstr(error_text(err), text));
    assert_string_equal(fake_cluster_condition(f, degraded), "True");
    assert_string_equal(fake_cluster_message(f, degraded), error_text(err));
}
