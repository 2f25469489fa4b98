/* From merged files and overrides to one configuration, with all problems told together. */
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/config_impl.h"
#include "pkg/net/url.h"

#define EXEC_EXTENSION "client.authentication.k8s.io/exec"

int config_give_server(const char *text, bool secure, char **ret, struct error **err)
{
    cleanup_free char *url =
        strstr(text, "://") ? xstrdup(text) : xasprintf("%s://%s", secure ? "https" : "http", text);
    url[strcspn(url, "?#")] = '\0';
    cleanup_url struct url parsed = { 0 };
    if (url_parse(url, &parsed, err) < 0)
        return error_wrap(err, "the server '%s'", text);
    if (!str_eq(parsed.scheme, "https") && !str_eq(parsed.scheme, "http"))
        return error_set(err, ERR_INVALID, "the server '%s' is neither https nor http", text);
    memcpy(url, parsed.scheme, strlen(parsed.scheme)); /* in lower case, as it is compared */
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    *ret = xstrndup(url, len);
    return 0;
}

/* Userinfo is allowed here, and must not get into a message. */
static bool is_proxy_url(const char *text)
{
    cleanup_free char *copy = xstrdup(text);
    char *authority = strstr(copy, "://");
    if (!authority)
        return false;
    authority += 3;
    char *at = strrchr(authority, '@');
    if (at && at < authority + strcspn(authority, "/?#"))
        memmove(authority, at + 1, strlen(at + 1) + 1);
    cleanup_url struct url parsed = { 0 };
    if (url_parse(copy, &parsed, NULL) < 0)
        return false;
    return str_eq(parsed.scheme, "http") || str_eq(parsed.scheme, "https") ||
           str_eq(parsed.scheme, "socks5");
}

static void read_ca(const struct config_source *cluster, const char *override_file,
                    struct kube_config *c)
{
    if (override_file) {
        c->ca_file = xstrdup(override_file);
    } else {
        c->ca_pem = config_data(cluster, "certificate-authority-data");
        c->ca_file = config_path(cluster, "certificate-authority");
        if (c->ca_pem && c->ca_file)
            problem(cluster->problems,
                    "cluster '%s': certificate-authority-data and certificate-authority are both "
                    "given",
                    cluster->name);
    }
    cleanup_error struct error *e = NULL;
    size_t len;
    if (!c->ca_pem && c->ca_file && file_read(c->ca_file, CONFIG_PEM_MAX, &c->ca_pem, &len, &e) < 0)
        problem(cluster->problems, "cluster '%s': certificate-authority: %s", cluster->name,
                error_text(e));
    else if (c->ca_pem && pem_check_certs(c->ca_pem, NULL, NULL, &e) < 0)
        problem(cluster->problems, "cluster '%s': certificate authority: %s", cluster->name,
                error_text(e));
    if (c->insecure && (c->ca_pem || c->ca_file))
        problem(cluster->problems,
                "cluster '%s': a certificate authority and insecure-skip-tls-verify are both given",
                cluster->name);
}

static void read_cluster(const struct config_source *cluster, const struct kube_config_options *opt,
                         struct kube_config *c)
{
    c->insecure = config_bool(cluster, "insecure-skip-tls-verify");
    c->disable_compression = config_bool(cluster, "disable-compression");
    read_ca(cluster, opt->ca_file, c);
    /* Another server has another name: an inherited one would be checked in vain. */
    const char *name = config_str(cluster, "tls-server-name");
    c->server_name = xstrdup(opt->server_name ? opt->server_name : opt->server ? NULL : name);
    c->proxy_url = xstrdup(config_str(cluster, "proxy-url"));
    if (c->proxy_url && !is_proxy_url(c->proxy_url))
        problem(cluster->problems, "cluster '%s': proxy-url is not an http, https or socks5 URL",
                cluster->name);
}

static void read_server(const struct config_source *cluster, const char *override,
                        struct kube_config *c)
{
    const char *server = override ? override : config_str(cluster, "server");
    if (!server) {
        problem(cluster->problems, "cluster '%s': server is missing", cluster->name);
        return;
    }
    bool secure = c->ca_pem || c->ca_file || c->cert_pem || c->cert_file || c->insecure;
    cleanup_error struct error *e = NULL;
    if (config_give_server(server, secure, &c->server, &e) < 0)
        problem(cluster->problems, "cluster '%s': %s", cluster->name, error_text(e));
}

static void exec_free(struct kube_exec_config *x)
{
    if (!x)
        return;
    free(x->api_version);
    free(x->command);
    free(x->install_hint);
    strv_release(&x->args);
    strv_release(&x->env_names);
    for (size_t i = 0; i < x->env_values.len; i++)
        secret_wipe(x->env_values.v[i], strlen(x->env_values.v[i]));
    strv_release(&x->env_values);
    json_free(x->cluster_config);
    free(x);
}

/* All that identifies us, but certificates. */
static void drop_credentials(struct kube_config *c)
{
    secret_unref(take(c->token));
    free(take(c->token_file));
    free(take(c->username));
    secret_unref(take(c->password));
    exec_free(take(c->exec));
}

void kube_config_free(struct kube_config *c)
{
    if (!c)
        return;
    drop_credentials(c);
    char *const owned[] = { c->server,    c->nspace,   c->ca_pem,      c->ca_file, c->cert_pem,
                            c->cert_file, c->key_file, c->server_name, c->as_user, c->as_uid };
    for (size_t i = 0; i < ARRAY_LEN(owned); i++)
        free(owned[i]);
    if (c->proxy_url) /* it may hold a password */
        secret_wipe(c->proxy_url, strlen(c->proxy_url));
    free(c->proxy_url);
    secret_unref(c->key_pem);
    strv_release(&c->as_groups);
    strv_release(&c->as_extra_keys);
    strv_release(&c->as_extra_values);
    free(c);
}

/* ---- context, cluster and user by name ---- */

static const struct kubeconfig_entry *find(struct problems *p, const struct map *entries,
                                           const char *what, const char *name)
{
    const struct kubeconfig_entry *e = name ? map_get(entries, name) : NULL;
    if (name && !e)
        problem(p, "%s '%s' does not exist", what, name);
    return e;
}

static struct config_source source_of(struct problems *p, const struct kubeconfig_entry *e,
                                      const char *what, const char *name)
{
    return (struct config_source){ .problems = p,
                                   .body = e ? e->body : NULL,
                                   .dir = e ? e->dir : NULL,
                                   .what = what,
                                   .name = name ? name : "" };
}

static void read_namespace(const struct config_source *context, const char *override,
                           struct kube_config *c)
{
    const char *name = override ? override : config_str(context, "namespace");
    c->nspace = xstrdup(name ? name : "default");
    if (!config_is_label(c->nspace))
        problem(context->problems, "the namespace '%s' is not a DNS label", c->nspace);
}

static void read_exec_extension(const struct config_source *cluster, struct kube_config *c)
{
    const json *list = json_get(cluster->body, "extensions");
    for (size_t i = 0; c->exec && json_is_array(list) && i < json_len(list); i++) {
        const json *item = json_at(list, i);
        json *extension = json_get(item, "extension");
        if (extension && str_eq(json_path_str(item, "name"), EXEC_EXTENSION))
            c->exec->cluster_config = json_give_copy(extension);
    }
}

static void apply_token(const char *token, struct kube_config *c)
{
    if (!token)
        return;
    drop_credentials(c);
    c->token = secret_new(token, strlen(token));
}

/* A bearer token sent in the clear is anybody's. */
static void withhold_credentials(struct kube_config *c)
{
    bool tls = c->ca_pem || c->ca_file || c->cert_pem || c->cert_file || c->insecure ||
               (c->server && str_starts(c->server, "https://"));
    if (!tls)
        drop_credentials(c);
}

static void build(const struct kubeconfig *k, const struct kube_config_options *opt,
                  struct problems *p, struct kube_config *c)
{
    const char *context_name = opt->context ? opt->context : k->current_context;
    if (!context_name && !opt->server)
        problem(p, "no context is chosen");
    const struct kubeconfig_entry *e = find(p, k->contexts, "context", context_name);
    if (context_name && !e) {
        c->nspace = xstrdup("default");
        return; /* what it would name cannot be judged */
    }
    struct config_source context = source_of(p, e, "context", context_name);
    const char *cluster_name = config_str(&context, "cluster");
    const char *user_name = config_str(&context, "user");
    if (e && !cluster_name && !opt->server)
        problem(p, "context '%s': cluster is missing", context_name);

    e = find(p, k->clusters, "cluster", cluster_name);
    struct config_source cluster = source_of(p, e, "cluster", cluster_name);
    bool judge_cluster = e || opt->server;
    e = find(p, k->users, "user", user_name);
    struct config_source user = source_of(p, e, "user", user_name);

    read_namespace(&context, opt->nspace, c);
    config_read_user(&user, c);
    apply_token(opt->token, c);
    read_cluster(&cluster, opt, c);
    if (judge_cluster)
        read_server(&cluster, opt->server, c);
    read_exec_extension(&cluster, c);
    withhold_credentials(c);
}

int config_build(const struct kubeconfig *k, const struct kube_config_options *opt,
                 struct kube_config **ret, struct error **err)
{
    if (kubeconfig_is_empty(k) && !opt->server) {
        error_set(err, ERR_NOT_FOUND,
                  "no configuration has been provided: neither KUBECONFIG nor ~/.kube/config names "
                  "a cluster, "
                  "and this process does not run inside one");
        error_code(err, CONFIG_ERR_EMPTY);
        return -1;
    }
    struct problems p = { 0 };
    cleanup_kube_config struct kube_config *c = xnew(struct kube_config);
    build(k, opt, &p, c);
    if (p.all)
        return error_move(err, &p.all);
    *ret = take(c);
    return 0;
}
