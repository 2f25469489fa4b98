/*
 * config.h - how to reach a cluster: kubeconfig files, in-cluster configuration, overrides.
 *
 * Loading reads files and validates; it opens no connection. All problems of a file set are
 * reported together. A config is immutable after loading and may be shared by reading threads.
 */
#ifndef PKG_KUBE_CONFIG_H
#define PKG_KUBE_CONFIG_H

#include "pkg/base/env.h"
#include "pkg/base/json.h"
#include "pkg/base/log.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

struct kube_exec_config { /* user.exec */
    char *api_version, *command, *install_hint;
    struct strv args, env_names, env_values;
    bool provide_cluster_info;
    enum { KUBE_EXEC_NEVER, KUBE_EXEC_IF_AVAILABLE, KUBE_EXEC_ALWAYS } interactive;
    json *cluster_config; /* extension client.authentication.k8s.io/exec; may be NULL */
};

struct kube_config {
    char *server; /* scheme://host[:port][/prefix], no trailing slash */
    char *nspace; /* never NULL */
    /* TLS; PEM text. Files are kept, too, so that rotation can be watched. */
    char *ca_pem, *ca_file, *cert_pem, *cert_file, *key_file, *server_name, *proxy_url;
    struct secret *key_pem;
    bool insecure, disable_compression;
    /* credentials */
    struct secret *token;
    char *token_file;
    bool in_cluster; /* token_file is a projected service-account token */
    char *username;
    struct secret *password;
    struct kube_exec_config *exec;
    /* impersonation */
    char *as_user, *as_uid;
    struct strv as_groups, as_extra_keys, as_extra_values; /* extra: parallel vectors */
};

struct kube_config_options {
    const char *path; /* --kubeconfig; NULL: KUBECONFIG, in-cluster, ~/.kube/config in this order */
    const char *context;                                         /* NULL: current-context */
    const char *server, *server_name, *ca_file, *token, *nspace; /* overrides; NULL: none */
    const struct env *env;
    const struct log *log; /* warnings about missing files */
};
int kube_config_load(const struct kube_config_options *opt, struct kube_config **ret,
                     struct error **err);
/* From text (YAML or JSON), e.g. kept in a document store. Relative file names are refused. */
int kube_config_parse(const char *text, size_t len, const char *context, struct kube_config **ret,
                      struct error **err);
/* ERR_NOT_FOUND: not in a cluster (the environment names no API server). root is a prefix for
 * tests; "" in production. */
int kube_config_in_cluster(const struct env *env, const char *root, const struct log *log,
                           struct kube_config **ret, struct error **err);
/* Another server: a URL, or a host with or without a port, of which https is implied. A name that its certificate was
 * expected to have is dropped. ERR_INVALID: neither, or not https; c is as before then. */
int kube_config_set_server(struct kube_config *c, const char *server, struct error **err);
void kube_config_free(struct kube_config *c);

DEFINE_RELEASE(struct kube_config *, kube_config_free)
#define cleanup_kube_config CLEANUP_WITH(kube_config_free_slot)

#endif
