#include "test/unit/support/hack/devcloud/view_rig.h"

#include <string.h>

#include "hack/devcloud/boot/release.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"
#include "test/unit/support/hack/devcloud/trees.h"

static void must(int rcode, struct error *err)
{
    if (rcode < 0)
        fail_msg("%s", error_text(err));
}

static void make_kinds(struct view_rig *r)
{
    cleanup_json json *kinds = release_give_kinds();
    cleanup_json json *spaces = json_make(
        "[{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'openshift-machine-api'}},"
        "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'openshift-ingress'}}]");
    size_t left;
    struct error *err = NULL;
    must(apply_objects(&r->view.api, kinds, &left, &err), err);
    must(apply_objects(&r->view.api, spaces, &left, &err), err);
    discovery_forget(r->discovery);
}

void view_rig_open(struct view_rig *r)
{
    static char server[] = "https://api.inside", nspace[] = "default";
    static const char *const masters[] = { "system:masters", NULL };
    *r = (struct view_rig){ 0 };
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 7);
    fake_env_init(&r->env);
    fake_cloud_init(&r->cloud);
    struct cluster_config cfg = { .clock = &r->clock.base, .rng = &r->rng.base };
    struct error *err = NULL;
    must(cluster_new(&cfg, &r->cluster, &err), err);
    r->transport = cluster_transport_new(r->cluster, "root", masters);
    r->config = (struct kube_config){ .server = server, .nspace = nspace };
    struct kube_client_options options = {
        .qps = -1, .clock = &r->clock.base, .rng = &r->rng.base, .env = &r->env.base
    };
    must(kube_client_new_over(r->transport, &r->config, &options, &r->kube, &err), err);
    r->discovery = discovery_new(r->kube, &r->clock.base);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, NULL, NULL);
    cleanup_boot_files struct boot_files files;
    boot_files_init(&files);
    r->boot = boot_files_give_bootstrap(&files);
    r->view = (struct view){ .api = { r->kube, r->discovery, &r->ctx },
                             .cloud = &r->cloud.base,
                             .boot = r->boot,
                             .group_id = BOOT_GROUP };
    make_kinds(r);
}

void view_rig_close(struct view_rig *r)
{
    bootstrap_free(r->boot);
    discovery_free(r->discovery);
    kube_client_free(r->kube);
    cluster_transport_free(r->transport);
    cluster_free(r->cluster);
    fake_cloud_release(&r->cloud);
    fake_env_release(&r->env);
    fake_clock_release(&r->clock);
}

void view_rig_make(struct view_rig *r, const struct gvr *gvr, const char *object)
{
    cleanup_json json *tree = loose_tree(object);
    cleanup_free char *api_version = gvr_give_api_version(gvr);
    const char *nspace = json_path_str(tree, "metadata.namespace");
    const char *name = json_path_str(tree, "metadata.name");
    json_put(tree, "apiVersion", json_new_str(api_version));
    json_put(tree, "kind", json_new_str(gvr->kind));
    struct error *err = NULL;
    must(kube_create(r->kube, &r->ctx, KUBE_REF(gvr, nspace, NULL), tree, NULL, NULL, &err), err);
    if (!json_get(tree, "status"))
        return;
    cleanup_json json *patch = json_make("{'status':%j}", json_give_copy(json_get(tree, "status")));
    must(kube_patch(r->kube, &r->ctx, KUBE_STATUS(gvr, nspace, name), KUBE_PATCH_MERGE, patch, NULL,
                    NULL, &err),
         err);
}

void view_rig_patch(struct view_rig *r, const struct gvr *gvr, const char *nspace, const char *name,
                    const char *patch)
{
    cleanup_json json *tree = loose_tree(patch);
    struct error *err = NULL;
    must(kube_patch(r->kube, &r->ctx, KUBE_REF(gvr, nspace, name), KUBE_PATCH_MERGE, tree, NULL,
                    NULL, &err),
         err);
}

json *view_rig_give(struct view_rig *r, const struct gvr *gvr, const char *nspace, const char *name)
{
    json *object = NULL;
    struct error *err = NULL;
    if (kube_get(r->kube, &r->ctx, KUBE_REF(gvr, nspace, name), &object, &err) < 0)
        assert_true(error_is(err, ERR_NOT_FOUND));
    error_free(err);
    return object;
}

void view_rig_expect(struct view_rig *r, const struct gvr *gvr, const char *nspace,
                     const char *name, const char *want)
{
    cleanup_json json *object = view_rig_give(r, gvr, nspace, name);
    if (!object)
        fail_msg("%s %s is absent", gvr->kind, name);
    assert_contains(object, want);
}

json *view_rig_list(struct view_rig *r, const struct gvr *gvr)
{
    cleanup_json json *all = NULL;
    struct error *err = NULL;
    must(kube_list(r->kube, &r->ctx, KUBE_REF(gvr, NULL, NULL), NULL, &all, &err), err);
    return json_ref(json_get(all, "items"));
}

void view_rig_ready_nodes(struct view_rig *r)
{
    cleanup_json json *nodes = view_rig_list(r, &GVR_NODES);
    cleanup_json json *ready =
        json_make("{'status':{'conditions':[{'type':'Ready','status':'True'}]}}");
    for (size_t i = 0; i < json_len(nodes); i++) {
        struct error *err = NULL;
        must(kube_patch(
                 r->kube, &r->ctx,
                 KUBE_STATUS(&GVR_NODES, NULL, json_path_str(json_at(nodes, i), "metadata.name")),
                 KUBE_PATCH_MERGE, ready, NULL, NULL, &err),
             err);
    }
}
