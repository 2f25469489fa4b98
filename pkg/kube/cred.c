#include "pkg/kube/cred.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/kube/plugin.h"
#include "pkg/kube/token_file.h"

struct kube_cred {
    const struct kube_config *cfg;
    const struct clock *clock;
    struct token_file *file; /* NULL: none */
    struct plugin *plugin;   /* NULL: none */
};

static bool has_own_cert(const struct kube_config *cfg)
{
    return cfg->cert_pem || cfg->cert_file;
}

struct kube_cred *kube_cred_new(const struct kube_cred_config *cfg)
{
    struct kube_cred *c = xnew(struct kube_cred);
    c->cfg = cfg->cfg;
    c->clock = cfg->clock;
    bool basic = c->cfg->username != NULL;
    if (c->cfg->token_file)
        c->file = token_file_new(c->cfg->token_file, c->cfg->token, cfg->clock, cfg->log);
    else if (c->cfg->exec && !c->cfg->token && !basic && !has_own_cert(c->cfg))
        c->plugin = plugin_new(
            &(struct plugin_config){ .cfg = c->cfg, .clock = cfg->clock, .log = cfg->log });
    return c;
}

void kube_cred_free(struct kube_cred *c)
{
    if (!c)
        return;
    token_file_free(c->file);
    plugin_free(c->plugin);
    free(c);
}

static void add_basic(struct http_headers *headers, const char *user, const struct secret *password)
{
    cleanup_free char *pair =
        xasprintf("%s:%s", user, password ? secret_reveal(password, NULL) : "");
    cleanup_free char *encoded = base64_give(pair, strlen(pair));
    cleanup_free char *value = xasprintf("Basic %s", encoded);
    http_headers_add(headers, "Authorization", value);
    secret_wipe(pair, strlen(pair));
    secret_wipe(encoded, strlen(encoded));
    secret_wipe(value, strlen(value));
}

/* Lower case, and everything but header-name characters escaped; a percent sign, too, so that the
 * server gets back what was meant. */
static char *give_extra_name(const char *key)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "Impersonate-Extra-");
    for (const char *p = key; *p; p++) {
        char c = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
        bool plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("!#$&'*+-.^_`|~", c);
        if (plain)
            buf_addc(&b, c);
        else
            buf_addf(&b, "%%%02X", (unsigned char)c);
    }
    return buf_give(&b);
}

static void add_impersonation(struct http_headers *headers, const struct kube_config *cfg)
{
    if (!cfg->as_user || http_headers_get(headers, "Impersonate-User"))
        return;
    http_headers_add(headers, "Impersonate-User", cfg->as_user);
    if (cfg->as_uid)
        http_headers_add(headers, "Impersonate-Uid", cfg->as_uid);
    for (size_t i = 0; i < cfg->as_groups.len; i++)
        http_headers_add(headers, "Impersonate-Group", cfg->as_groups.v[i]);
    for (size_t i = 0; i < cfg->as_extra_keys.len; i++) {
        cleanup_free char *name = give_extra_name(cfg->as_extra_keys.v[i]);
        http_headers_add(headers, name, cfg->as_extra_values.v[i]);
    }
}

static int add_authorization(struct kube_cred *c, const struct opctx *ctx,
                             struct http_headers *headers, struct kube_cred_stamp *stamp,
                             struct error **err)
{
    cleanup_secret struct secret *token = NULL;
    if (c->file) {
        if (token_file_give(c->file, &token, err) < 0)
            return error_wrap(err, "reading the bearer token");
    } else if (c->plugin) {
        if (plugin_give_token(c->plugin, ctx, &token, &stamp->generation, err) < 0)
            return error_wrap(err, "getting credentials");
    } else if (c->cfg->token) {
        token = secret_ref(c->cfg->token);
    } else if (c->cfg->username) {
        add_basic(headers, c->cfg->username, c->cfg->password);
    }
    if (token)
        http_headers_set_bearer(headers, token);
    return 0;
}

int kube_cred_authorize(struct kube_cred *c, const struct opctx *ctx, struct http_headers *headers,
                        struct kube_cred_stamp *ret, struct error **err)
{
    *ret = (struct kube_cred_stamp){ .started_ns = clock_mono_ns(c->clock) };
    if (!http_headers_get(headers, "Authorization") &&
        add_authorization(c, ctx, headers, ret, err) < 0)
        return -1;
    add_impersonation(headers, c->cfg);
    return 0;
}

void kube_cred_reject(struct kube_cred *c, const struct kube_cred_stamp *stamp)
{
    if (c->file)
        token_file_expire(c->file, stamp->started_ns);
    if (c->plugin && stamp->generation)
        plugin_reject(c->plugin, stamp->generation);
}

int kube_cred_give_cert(struct kube_cred *c, const struct opctx *ctx, char **ret_cert,
                        struct secret **ret_key, struct error **err)
{
    *ret_cert = NULL;
    *ret_key = NULL;
    return c->plugin ? plugin_give_cert(c->plugin, ctx, ret_cert, ret_key, err) : 0;
}
