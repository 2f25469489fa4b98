/* The configuration of a pod: environment, projected token, authority and namespace. */
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/config_impl.h"

#define ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount/"
#define TOKEN_MAX ((size_t)1 << 20)

static int read_token(struct kube_config *c, struct error **err)
{
    cleanup_error struct error *e = NULL;
    cleanup_free char *text = NULL;
    size_t len;
    /* Another kind than "not in a cluster": here something is broken. */
    if (file_read(c->token_file, TOKEN_MAX, &text, &len, &e) < 0)
        return error_set(err, ERR_IO, "the service account's token: %s", error_text(e));
    cleanup_free char *trimmed = str_give_trimmed(text);
    secret_wipe(text, len);
    if (!*trimmed)
        return error_set(err, ERR_IO, "the service account's token: %s is empty", c->token_file);
    c->token = secret_new(trimmed, strlen(trimmed));
    secret_wipe(trimmed, strlen(trimmed));
    return 0;
}

/* Without it, the system's roots have to do. */
static void read_authority(struct kube_config *c, char *path, const struct log *log)
{
    cleanup_error struct error *e = NULL;
    size_t len;
    if (file_read(path, CONFIG_PEM_MAX, &c->ca_pem, &len, &e) == 0 &&
        pem_check_certs(c->ca_pem, NULL, NULL, &e) == 0) {
        c->ca_file = path;
        return;
    }
    log_warning(log, "the service account's certificate authority is not used: %s", error_text(e));
    free(take(c->ca_pem));
    free(path);
}

static void read_namespace(struct kube_config *c, const struct env *env, const char *path)
{
    const char *given = env_get(env, "POD_NAMESPACE");
    cleanup_free char *text = NULL;
    cleanup_free char *trimmed = NULL;
    size_t len;
    if ((!given || !*given) && file_read(path, 4096, &text, &len, NULL) == 0) {
        trimmed = str_give_trimmed(text);
        given = trimmed;
    }
    c->nspace = xstrdup(given && *given ? given : "default");
}

int kube_config_in_cluster(const struct env *env, const char *root, const struct log *log,
                           struct kube_config **ret, struct error **err)
{
    const char *host = env_get(env, "KUBERNETES_SERVICE_HOST");
    const char *port = env_get(env, "KUBERNETES_SERVICE_PORT");
    if (!host || !*host || !port || !*port)
        return error_set(err, ERR_NOT_FOUND,
                         "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT "
                         "must be set");
    cleanup_kube_config struct kube_config *c = xnew(struct kube_config);
    bool brackets = strchr(host, ':') && *host != '[';
    cleanup_free char *server =
        xasprintf("https://%s%s%s:%s", brackets ? "[" : "", host, brackets ? "]" : "", port);
    if (config_give_server(server, true, &c->server, err) < 0)
        return -1;
    c->in_cluster = true;
    c->token_file = xasprintf("%s" ACCOUNT_DIR "token", root);
    if (read_token(c, err) < 0)
        return -1;
    read_authority(c, xasprintf("%s" ACCOUNT_DIR "ca.crt", root), log);
    cleanup_free char *namespace_file = xasprintf("%s" ACCOUNT_DIR "namespace", root);
    read_namespace(c, env, namespace_file);
    *ret = take(c);
    return 0;
}
