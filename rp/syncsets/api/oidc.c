#include "rp/syncsets/api/oidc.h"

#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define KEYS_MAX ((size_t)1 << 20)
#define FETCH_MS 10000
#define LEEWAY_S 60 /* by which clocks may differ */
#define NAME_MAX_BYTES 256

int oidc_check(const json *oidc, struct error **err)
{
    const char *file = json_path_str(oidc, "keysFile"), *url = json_path_str(oidc, "keysURL");
    if (!oidc)
        return 0;
    if (!json_path_str(oidc, "issuer") || !json_path_str(oidc, "audience") || !file == !url)
        return error_set(err, ERR_INVALID,
                         "oidc: issuer, audience, and one of keysFile and keysURL are needed");
    if (url && !str_starts(url, "https://"))
        return error_set(err, ERR_INVALID, "oidc.keysURL: it must begin with https://");
    return 0;
}

static int fetch(const char *url, struct http_transport *transport, const struct opctx *ctx,
                 struct jwks **ret, struct error **err)
{
    cleanup_request struct http_request req = {
        .method = "GET", .url = url, .max_body = KEYS_MAX, .timeout_ms = FETCH_MS, .gzip = true
    };
    cleanup_response struct http_response r = { 0 };
    http_headers_set(&req.headers, "Accept", "application/json");
    if (!transport)
        return error_set(err, ERR_UNSUPPORTED, "it cannot be asked from here");
    if (http_send(transport, ctx, &req, &r, err) < 0)
        return -1;
    if (r.status != 200)
        return error_set(err, err_kind_from_http_status(r.status), "it answered %d", r.status);
    return jwks_parse(buf_str(&r.body), r.body.len, ret, err);
}

int oidc_read_keys(const json *oidc, struct http_transport *transport, const struct opctx *ctx,
                   struct jwks **ret, struct error **err)
{
    const char *path = json_path_str(oidc, "keysFile"), *url = json_path_str(oidc, "keysURL");
    cleanup_free char *text = NULL;
    size_t len;
    if (url)
        return fetch(url, transport, ctx, ret, err) < 0 ? error_wrap(err, "oidc.keysURL %s", url)
                                                        : 0;
    if (file_read(path, KEYS_MAX, &text, &len, err) < 0)
        return error_wrap(err, "oidc.keysFile");
    return jwks_parse(text, len, ret, err) < 0 ? error_wrap(err, "oidc.keysFile %s", path) : 0;
}

bool oidc_may_be_token(const char *token)
{
    const char *dot = strchr(token, '.');
    return str_starts(token, "ey") && dot && strchr(dot + 1, '.');
}

static bool is_for(const json *audience, const char *wanted)
{
    if (str_eq(json_str(audience), wanted))
        return true;
    for (size_t i = 0; json_is_array(audience) && i < json_len(audience); i++)
        if (str_eq(json_str(json_at(audience, i)), wanted))
            return true;
    return false;
}

static int check_claims(const json *oidc, const json *claims, int64_t now_s, struct error **err)
{
    int64_t end, begin;
    if (!str_eq(json_path_str(claims, "iss"), json_path_str(oidc, "issuer")))
        return error_set(err, ERR_UNAUTHORIZED, "the token is of another issuer");
    if (!is_for(json_get(claims, "aud"), json_path_str(oidc, "audience")))
        return error_set(err, ERR_UNAUTHORIZED, "the token is for another audience");
    if (!json_int(json_get(claims, "exp"), &end) || end < now_s - LEEWAY_S)
        return error_set(err, ERR_UNAUTHORIZED, "the token has expired");
    if (json_int(json_get(claims, "nbf"), &begin) && begin > now_s + LEEWAY_S)
        return error_set(err, ERR_UNAUTHORIZED, "the token is not valid yet");
    return 0;
}

int oidc_identify(const json *oidc, const struct jwks *keys, const char *token, int64_t wall_ns,
                  char **ret, struct error **err)
{
    cleanup_json json *claims = NULL;
    cleanup_error struct error *why = NULL;
    if (!keys)
        return error_set(err, ERR_UNAUTHORIZED, "the issuer's keys are not known yet");
    if (jwks_verify(keys, token, &claims, &why) < 0)
        return error_set(err, ERR_UNAUTHORIZED, "%s", error_text(why));
    if (check_claims(oidc, claims, wall_ns / NS_PER_S, err) < 0)
        return -1;
    const char *claim = json_path_str(oidc, "nameClaim"),
               *prefix = json_path_str(oidc, "namePrefix");
    const char *name = json_str(json_get(claims, claim ? claim : "sub"));
    if (!name || !*name || strlen(name) > NAME_MAX_BYTES)
        return error_set(err, ERR_UNAUTHORIZED, "the token does not say who shows it");
    *ret = xasprintf("%s%s", prefix ? prefix : "oidc:", name);
    return 0;
}
