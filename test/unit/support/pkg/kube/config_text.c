#include "test/unit/support/pkg/kube/config_text.h"

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

static void add(struct buf *b, const char *name, const char *value)
{
    if (value)
        buf_addf(b, "%s=%s\n", name, value);
}

static void add_secret(struct buf *b, const char *name, const struct secret *value)
{
    if (value)
        buf_addf(b, "%s=%s\n", name, secret_reveal(value, NULL));
}

static void add_vector(struct buf *b, const char *name, const struct strv *v)
{
    for (size_t i = 0; i < v->len; i++)
        buf_addf(b, "%s=%s\n", name, v->v[i]);
}

static void add_exec(struct buf *b, const struct kube_exec_config *x)
{
    static const char *const modes[] = { "Never", "IfAvailable", "Always" };
    add(b, "exec", x->command);
    add(b, "exec.version", x->api_version);
    add(b, "exec.hint", x->install_hint);
    add(b, "exec.mode", modes[x->interactive]);
    add(b, "exec.cluster_info", x->provide_cluster_info ? "true" : NULL);
    add_vector(b, "exec.arg", &x->args);
    for (size_t i = 0; i < x->env_names.len; i++)
        buf_addf(b, "exec.env.%s=%s\n", x->env_names.v[i], x->env_values.v[i]);
    cleanup_free char *config = x->cluster_config ? json_give_text(x->cluster_config) : NULL;
    add(b, "exec.config", config);
}

char *give_config_text(const struct kube_config *c)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    add(&b, "server", c->server);
    add(&b, "namespace", c->nspace);
    add(&b, "ca", c->ca_pem);
    add(&b, "ca_file", c->ca_file);
    add(&b, "cert", c->cert_pem);
    add(&b, "cert_file", c->cert_file);
    add_secret(&b, "key", c->key_pem);
    add(&b, "key_file", c->key_file);
    add(&b, "server_name", c->server_name);
    add(&b, "proxy", c->proxy_url);
    add(&b, "insecure", c->insecure ? "true" : NULL);
    add(&b, "disable_compression", c->disable_compression ? "true" : NULL);
    add_secret(&b, "token", c->token);
    add(&b, "token_file", c->token_file);
    add(&b, "in_cluster", c->in_cluster ? "true" : NULL);
    add(&b, "user", c->username);
    add_secret(&b, "password", c->password);
    if (c->exec)
        add_exec(&b, c->exec);
    add(&b, "as", c->as_user);
    add(&b, "as_uid", c->as_uid);
    add_vector(&b, "as_group", &c->as_groups);
    for (size_t i = 0; i < c->as_extra_keys.len; i++)
        buf_addf(&b, "as_extra.%s=%s\n", c->as_extra_keys.v[i], c->as_extra_values.v[i]);
    return xstrdup(buf_str(&b));
}
