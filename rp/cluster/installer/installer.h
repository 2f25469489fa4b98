/*
 * installer.h - from the install inputs of a cluster to its install graph.
 *
 * Two drivers. The built-in one makes everything itself, for development; the external one runs `openshift-install`.
 * Whoever uses them sees the same graph: one JSON object, whose keys are the installer's names of asset types
 * ("*tls.RootCA") and whose values are these assets, as the installer keeps them in its state file; graph.h reads it.
 *
 * A graph holds keys and passwords, and no second run gives the same one: seal and store it before its first use, and
 * reuse it whenever the cluster's installation goes on. Certificates in it are valid for a day only (those of the bootstrap
 * control plane), so a cluster has to be up within that time.
 *
 * Threads: a driver may be used by several threads at once, each with its own inputs.
 * Source: openshift/installer, pkg/asset, releases 4.3 (layout V1) and 4.10 and later (V2).
 */
#ifndef RP_CLUSTER_INSTALLER_INSTALLER_H
#define RP_CLUSTER_INSTALLER_INSTALLER_H

#include "pkg/base/env.h"
#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"
#include "rp/cluster/installer/image.h"

/* As properties.architectureVersion of the cluster's document. */
enum installer_layout { INSTALLER_V1 = 0, INSTALLER_V2 = 1 };

/* What the cluster's own controllers log in to Azure with. */
struct installer_credentials {
    const char *tenant_id, *client_id, *subscription_id;
    const struct secret *client_secret;
};

/* An image of the marketplace. */
struct installer_image {
    const char *publisher, *offer, *sku, *version;
};

/* All borrowed for the call. */
struct installer_inputs {
    enum installer_layout layout;
    const json *install_config; /* install_config.h; holds the pull secret */
    struct installer_credentials platform;
    const char *release_image; /* pull spec, by digest or tag */
    const char *document_id;   /* UUID; becomes the cluster's ID */
    const char *infra_id;
    const char *domain;           /* NAME.BASEDOMAIN */
    const char *region;           /* lower case */
    const char *resource_group;   /* the name of the cluster's own */
    struct installer_image image; /* of the machines */
    const char
        *registry; /* the service's registry, a host name, whose mirrors are used; NULL: none */
    const char *api_int_ip; /* address of the API's internal load balancer; NULL: not known yet */
    /* More manifests: an object {file name: YAML or JSON text}; NULL: none. They end up beside the installer's own, and
     * take the place of one with the same name. */
    const json *manifests;
    /* Files and units of the bootstrap machine, besides: storage.files and systemd.units of an Ignition configuration; NULL:
     * none. They take the place of those with the same path or name. */
    const json *bootstrap;
};

struct installer_ops {
    /* A new graph; release it with json_free_wiped. ERR_INVALID: the inputs are no good (all that is wrong is told
     * together). ERR_TIMEOUT, ERR_CANCELLED: the context ended, or the driver's own time. Nothing is left behind. */
    int (*generate)(void *arg, const struct opctx *ctx, const struct installer_inputs *in,
                    json **ret_graph, struct error **err);
    /* The image of the machines that belongs to the release which this driver installs. id: UUID of the cluster's document.
     * ERR_INVALID: it knows none. */
    int (*find_image)(void *arg, const struct opctx *ctx, const char *id, struct machine_image *ret,
                      struct error **err);
    void (*free)(void *arg);
};

struct installer {
    const struct installer_ops *ops;
    void *arg;
};

/* Needs nothing but the inputs. */
struct installer *installer_builtin_new(void);

struct installer_external_config { /* copied, but for env */
    const char *program;           /* a path, or a name to find on PATH */
    const char *folder;            /* where the working folders are made; NULL: TMPDIR, else /tmp */
    int64_t time_limit_ms;         /* of one run altogether; 0: ten minutes */
    const struct env *env;         /* NULL: the process's own */
    /* Passed on to the program, "NAME=value", NULL-terminated; may be NULL. Beyond these it sees PATH, the proxy
     * variables and those that name authorities. */
    const char *const *environment;
};
struct installer *installer_external_new(const struct installer_external_config *cfg);

void installer_free(struct installer *i); /* either; accepts NULL */

int installer_generate(const struct installer *i, const struct opctx *ctx,
                       const struct installer_inputs *in, json **ret_graph, struct error **err);
int installer_find_image(const struct installer *i, const struct opctx *ctx, const char *id,
                         struct machine_image *ret, struct error **err);

DEFINE_RELEASE(struct installer *, installer_free)
#define cleanup_installer CLEANUP_WITH(installer_free_slot)

#endif
