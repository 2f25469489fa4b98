#include "rp/cluster/samples.h"

#include "pkg/base/strv.h"
#include "rp/cluster/kube.h"
#include "rp/cluster/pull_secret.h"

static const struct kube_ref samples_ref = { .gvr = &GVR_SAMPLES_CONFIGS, .name = "cluster" };

static bool lacks_pull_secret(const struct cluster *c)
{
    return rp_env_is_development(c->cfg->env) || !cluster_has_pull_secret(c);
}

/* ---- samples ---- */

static int set_removed(json *config, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(config, "spec.managementState", "Removed", err);
}

int cluster_disable_samples(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    cleanup_json json *live = NULL;
    if (!lacks_pull_secret(c))
        return 0;
    if (cluster_get_if_present(c->kube, ctx, &samples_ref, &live, err) < 0)
        return error_wrap(err, "disabling the samples");
    if (!live) { /* the samples operator has not made it yet, and then takes ours */
        cleanup_json json *config =
            json_make("{'apiVersion':'samples.operator.openshift.io/v1','kind':'Config',"
                      "'metadata':{'name':'cluster'},'spec':{'managementState':'Removed'}}");
        const struct kube_ref all = { .gvr = &GVR_SAMPLES_CONFIGS };
        if (cluster_create_once(c->kube, ctx, &all, config, err) < 0)
            return -1;
    }
    return cluster_edit(c->kube, ctx, &samples_ref, set_removed, NULL, err);
}

/* ---- sources of operators ---- */

static const struct {
    const char *name;
    enum cluster_layout since;
} sources[] = {
    { "certified-operators", LAYOUT_V1 },
    { "redhat-operators", LAYOUT_V1 },
    { "community-operators", LAYOUT_V2 },
    { "redhat-marketplace", LAYOUT_V2 },
};

static json *find_source(json *all, const char *name)
{
    for (size_t i = 0; i < json_len(all); i++)
        if (str_eq(json_path_str(json_at(all, i), "name"), name))
            return json_at(all, i);
    return NULL;
}

static int disable_sources(json *hub, void *arg, struct error **err)
{
    const struct cluster *c = arg;
    if (!json_is_array(json_path(hub, "spec.sources")) &&
        json_path_put(hub, "spec.sources", json_new_array(), err) < 0)
        return -1;
    json *all = json_path(hub, "spec.sources");
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        if (sources[i].since > cluster_layout(c))
            continue;
        json *source = find_source(all, sources[i].name);
        if (source)
            json_put(source, "disabled", json_new_bool(true));
        else
            json_append(all, json_make("{'name':%s,'disabled':true}", sources[i].name));
    }
    return 0;
}

int cluster_disable_operator_hub_sources(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    if (!lacks_pull_secret(c))
        return 0;
    return cluster_edit(c->kube, ctx, KUBE_REF(&GVR_OPERATORHUBS, NULL, "cluster"), disable_sources,
                        c, err);
}
