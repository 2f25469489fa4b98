/*
 * view_rig.h - a virtual cluster without sockets that has a release's kinds, and what its parts see in a tick: boot_files.h's
 * cluster in a fake cloud. All fail the test when they cannot. Threads: one.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_VIEW_RIG_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_VIEW_RIG_H

#include "hack/devcloud/boot/view.h"
#include "hack/devcloud/cluster/cluster.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/hack/devcloud/fake_cloud.h"

struct view_rig {
    struct fake_clock clock; /* stands still */
    struct fake_rng rng;
    struct fake_env env;
    struct fake_cloud cloud;
    struct cluster *cluster;
    struct http_transport *transport;
    struct kube_config config;
    struct kube_client *kube;
    struct discovery *discovery;
    struct opctx ctx;
    struct bootstrap *boot;
    struct view view;
};
void view_rig_open(struct view_rig *r);
void view_rig_close(struct view_rig *r);
#define cleanup_view_rig CLEANUP_WITH(view_rig_close)

/* An object (loose text), with its status if it has one. */
void view_rig_make(struct view_rig *r, const struct gvr *gvr, const char *object);
void view_rig_patch(struct view_rig *r, const struct gvr *gvr, const char *nspace, const char *name,
                    const char *patch);
/* Owned by the caller; NULL: absent. */
json *view_rig_give(struct view_rig *r, const struct gvr *gvr, const char *nspace,
                    const char *name);
/* The object has what want names. */
void view_rig_expect(struct view_rig *r, const struct gvr *gvr, const char *nspace,
                     const char *name, const char *want);
json *view_rig_list(struct view_rig *r, const struct gvr *gvr); /* items of all namespaces; owned */
/* All nodes report that they are ready, as kubelets do. */
void view_rig_ready_nodes(struct view_rig *r);

#endif
