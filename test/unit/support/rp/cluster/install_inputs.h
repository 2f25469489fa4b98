/* install_inputs.h - the inputs of a cluster to be installed: three masters, three workers, in three zones. */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_INSTALL_INPUTS_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_INSTALL_INPUTS_H

#include "rp/cluster/installer/installer.h"

#define SAMPLE_DOMAIN "short.aro.example"
#define SAMPLE_INFRA_ID "aro-cluster-x7kq2"
#define SAMPLE_ID "0d7c9e2e-6a8e-4b6e-9a3b-1c3a6a0f7e51"
#define SAMPLE_API_INT_IP "10.0.0.4" /* in the second layout */
#define SAMPLE_CLIENT_SECRET "hush~client"
#define SAMPLE_PULL_AUTH "aHVzaDpwdWxs" /* hush:pull */
#define SAMPLE_SSH_KEY \
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEyo0ZQJTDvxKzTzdZpDhF3XKHJtxT8VWp3Io7Kb2wCj"
/* One more manifest, extra.yaml. */
#define SAMPLE_MANIFEST \
    "kind: ConfigMap\napiVersion: v1\nmetadata: {name: extra, namespace: default}\n"

struct install_inputs {
    struct installer_inputs in; /* a test may change it, and the tree config */
    json *config, *manifests;
    json *bootstrap; /* one more file, /etc/extra, and one more unit, extra.service */
    struct secret *client_secret;
};
void install_inputs_init(struct install_inputs *s, enum installer_layout layout);
void install_inputs_release(struct install_inputs *s);

#endif
