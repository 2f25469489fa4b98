#include "pkg/amqp/address.h"

#include <amqp.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"

void amqp_address_free(struct amqp_address *a)
{
    if (!a)
        return;
    free(a->user);
    free(a->host);
    free(a->vhost);
    secret_unref(a->password);
    free(a->ca_file);
    free(a->cert_file);
    free(a->key_file);
    free(a->text);
    free(a);
}

static int check_parameters(const char *query, bool tls, struct error **err)
{
    static const char *const known[] = { "cacertfile", "certfile", "keyfile" };
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, query ? query : "", "&", false);
    for (size_t i = 0; i < parts.len; i++) {
        size_t len = strcspn(parts.v[i], "=");
        bool found = false;
        for (size_t k = 0; k < ARRAY_LEN(known) && !found; k++)
            found = len == strlen(known[k]) && strncmp(parts.v[i], known[k], len) == 0;
        if (!found || !tls)
            return error_set(err, ERR_INVALID,
                             "its query may hold cacertfile, certfile and keyfile, for amqps only");
    }
    return 0;
}

static int read_parameters(const char *query, const struct env *env, struct amqp_address *a,
                           struct error **err)
{
    if (check_parameters(query, a->tls, err) < 0)
        return -1;
    a->ca_file = query_give(query, "cacertfile");
    a->cert_file = query_give(query, "certfile");
    a->key_file = query_give(query, "keyfile");
    if (!a->ca_file)
        a->ca_file = xstrdup(env_get_or(env, "SSL_CERT_FILE", BUNDLE));
    if (!a->cert_file != !a->key_file)
        return error_set(err, ERR_INVALID, "certfile and keyfile belong together: one is missing");
    return 0;
}

/* text: a copy, which the library decodes in place. */
static int read_url(char *text, const struct env *env, struct amqp_address *a, struct error **err)
{
    struct amqp_connection_info info;
    char *query = strchr(text, '?');
    if (query)
        *query++ = 0;
    if (amqp_parse_url(text, &info) != AMQP_STATUS_OK || !info.host[0])
        return error_set(err, ERR_INVALID, "it is not like amqp://user:password@host:5672/vhost");
    a->tls = info.ssl;
    a->user = xstrdup(info.user);
    a->host = xstrdup(info.host);
    a->vhost = xstrdup(info.vhost);
    a->port = (uint16_t)info.port;
    a->password = secret_new(info.password, strlen(info.password));
    a->text = xasprintf("%s:%d, vhost %s", info.host, info.port, info.vhost);
    return read_parameters(query, env, a, err);
}

int amqp_address_parse(const char *url, const struct env *env, struct amqp_address **ret,
                       struct error **err)
{
    cleanup_amqp_address struct amqp_address *a = xnew(struct amqp_address);
    cleanup_secret_text char *text = xstrdup(url);
    size_t len = strlen(text);
    int status = read_url(text, env, a, err);
    secret_wipe(text, len); /* decoded in place: ends lie within */
    if (status < 0)
        return -1;
    *ret = take(a);
    return 0;
}
