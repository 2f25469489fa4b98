/*
 * bootstrap.h - what a bootstrap machine knows when it has read its Ignition configuration: the cluster's names, the
 * certificates of its API server, whom that trusts, and the manifests to apply.
 *
 * All of it comes from the files that the installer writes below /opt/openshift; what is missing, malformed, expired, or
 * does not belong together keeps the cluster from coming up. Threads: pure.
 * Source: openshift/installer, pkg/asset/ignition/bootstrap, pkg/asset/tls, pkg/asset/manifests.
 */
#ifndef HACK_DEVCLOUD_BOOT_BOOTSTRAP_H
#define HACK_DEVCLOUD_BOOT_BOOTSTRAP_H

#include "hack/devcloud/boot/ignition.h"
#include "pkg/base/json.h"
#include "pkg/base/secret.h"

struct bootstrap_pair { /* a certificate and its key */
    char *cert_pem;
    struct secret *key_pem;
};

struct bootstrap {
    char *infra, *domain; /* "demo-x7k2p", "demo.example.com" */
    char *resource_group, *region;
    char *ignition_version;        /* that its machines read: "3.2.0" */
    char *version;                 /* of the release: "4.16.30" */
    struct bootstrap_pair serving; /* of api.DOMAIN and api-int.DOMAIN */
    struct bootstrap_pair mcs;     /* of the machine config server; cert_pem NULL: none came,
                                    * and machines need none */
    char *serving_ca_pem;          /* whom clients of the API server have to trust */
    char *client_ca_pem;           /* whose certificates it takes */
    struct strv core_keys;         /* of whom user core's SSH server lets in */
    json *manifests;               /* in the order in which they are applied */
};

/* wall_ns: now; certificates must be valid then. */
int bootstrap_read(const struct ignition *i, int64_t wall_ns, struct bootstrap **ret,
                   struct error **err);
void bootstrap_free(struct bootstrap *b);
DEFINE_RELEASE(struct bootstrap *, bootstrap_free)
#define cleanup_bootstrap CLEANUP_WITH(bootstrap_free_slot)

/* The first manifest of that kind and name; NULL: there is none. Borrowed. name NULL: any. */
json *bootstrap_find(const struct bootstrap *b, const char *kind, const char *name);

#endif
