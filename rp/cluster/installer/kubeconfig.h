/*
 * kubeconfig.h - kubeconfig files with one cluster, one user and one context.
 * Threads: pure.
 * Source: client-go, tools/clientcmd/api/v1.
 */
#ifndef RP_CLUSTER_INSTALLER_KUBECONFIG_H
#define RP_CLUSTER_INSTALLER_KUBECONFIG_H

#include "pkg/base/json.h"
#include "pkg/base/secret.h"

struct kubeconfig_parts {
    const char *cluster, *server;
    const char *ca_pem;       /* NULL: whom the machine trusts */
    const char *user;         /* also the context's name */
    const char *cert_pem;     /* both NULL: with token_file */
    const struct secret *key; /* PEM */
    const char *token_file;   /* may be NULL */
};

/* The caller's; holds the key: release it with json_free_wiped. */
json *kubeconfig_give_tree(const struct kubeconfig_parts *p);
/* As YAML. */
struct secret *kubeconfig_give_text(const json *tree);

#endif
