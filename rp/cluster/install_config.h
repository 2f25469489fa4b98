/*
 * install_config.h - what the installer is asked for: the install-config of a cluster, made from its document.
 *
 * Threads: pure.
 * Source: openshift/installer, pkg/types; Azure/ARO-RP, pkg/cluster.
 */
#ifndef RP_CLUSTER_INSTALL_CONFIG_H
#define RP_CLUSTER_INSTALL_CONFIG_H

#include "pkg/base/json.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/installer.h"

struct install_config_inputs {
    enum installer_layout layout;
    const json *cluster;              /* the openShiftCluster of the document, internal form */
    const char *domain;               /* NAME.BASEDOMAIN */
    const struct strv *master_zones;  /* empty: no zones */
    const struct strv *worker_zones;  /* likewise */
    const struct secret *pull_secret; /* {"auths":{...}} */
    const char *ssh_key;              /* public: "ssh-rsa AAAA..." */
    struct installer_image image;     /* of the machines */
    const char *registry;             /* host with mirrors of the release's images; NULL: none */
    const char *cloud_name;           /* as ARO_RP's AZURE_ENVIRONMENT: AzurePublicCloud */
};

/* A new tree; it holds the pull secret: release it with json_free_wiped. ERR_INVALID: the document lacks something. */
int install_config_make(const struct install_config_inputs *in, json **ret, struct error **err);

/* What the installer would refuse, all in one error (ERR_INVALID), a line for each. */
int install_config_check(const json *config, struct error **err);

#endif
