#include "pkg/kube/plugin_reply.h"

#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

void plugin_reply_release(struct plugin_reply *r)
{
    secret_unref(r->token);
    secret_unref(r->key_pem);
    free(r->cert_pem);
    *r = (struct plugin_reply){ 0 };
}

static int check_head(const json *reply, const char *api_version, struct error **err)
{
    const char *kind = json_path_str(reply, "kind");
    if (!str_eq(kind, "ExecCredential"))
        return error_set(err, ERR_INVALID, "kind is '%s', not ExecCredential", kind ? kind : "");
    const char *version = json_path_str(reply, "apiVersion");
    if (!str_eq(version, api_version))
        return error_set(err, ERR_INVALID, "apiVersion is '%s', but %s was asked for",
                         version ? version : "", api_version);
    if (!json_is_object(json_path(reply, "status")))
        return error_set(err, ERR_INVALID, "there is no status");
    return 0;
}

static const char *set_text(const json *status, const char *key)
{
    const char *text = json_str(json_get(status, key));
    return text && *text ? text : NULL;
}

static int read_expiry(const json *status, int64_t *ret, struct error **err)
{
    const char *text = json_str(json_get(status, "expirationTimestamp"));
    *ret = INT64_MAX;
    if (!json_get(status, "expirationTimestamp"))
        return 0;
    if (!text || !time_parse_rfc3339(text, ret))
        return error_set(err, ERR_INVALID, "expirationTimestamp is not an RFC 3339 time");
    return 0;
}

static int check_pair(const struct plugin_reply *r, struct error **err)
{
    if (!r->cert_pem)
        return 0;
    if (pem_check_certs(r->cert_pem, NULL, NULL, err) < 0)
        return error_wrap(err, "clientCertificateData");
    if (pem_check_key_matches(r->cert_pem, r->key_pem, err) < 0)
        return error_wrap(err, "clientKeyData");
    return 0;
}

int plugin_reply_parse(const char *text, size_t len, const char *api_version,
                       struct plugin_reply *ret, struct error **err)
{
    cleanup_json json *reply = NULL;
    /* The parser's own message may quote the text: say less. */
    if (json_parse_object(text, len, &reply, NULL) < 0)
        return error_set(err, ERR_INVALID, "it is not a JSON object");
    if (check_head(reply, api_version, err) < 0)
        return -1;
    const json *status = json_path(reply, "status");
    const char *token = set_text(status, "token");
    const char *cert = set_text(status, "clientCertificateData");
    const char *key = set_text(status, "clientKeyData");
    if (!token && !cert && !key)
        return error_set(err, ERR_INVALID, "it holds neither a token nor a certificate and key");
    if (!cert != !key)
        return error_set(err, ERR_INVALID, "it holds half of a certificate and key");
    int64_t expires;
    if (read_expiry(status, &expires, err) < 0)
        return -1;
    struct plugin_reply r = {
        .token = token ? secret_new(token, strlen(token)) : NULL,
        .cert_pem = xstrdup(cert),
        .key_pem = key ? secret_new(key, strlen(key)) : NULL,
        .expires_wall_ns = expires,
    };
    if (check_pair(&r, err) < 0) {
        plugin_reply_release(&r);
        return -1;
    }
    *ret = r;
    return 0;
}
