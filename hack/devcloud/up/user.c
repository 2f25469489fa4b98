#include "hack/devcloud/up/user.h"

#include <string.h>

#include "hack/devcloud/azure/azure.h"
#include "pkg/base/mem.h"

#define ATTEMPT_MS 10000

int user_ask_header(const struct cloud_user *u, const struct user_question *q, const char *header,
                    json **ret, char **ret_header, struct error **err)
{
    cleanup_request struct http_request req = { .method = q->method,
                                                .url = q->url,
                                                .body = q->body,
                                                .body_len = q->body ? strlen(q->body) : 0,
                                                .timeout_ms = ATTEMPT_MS,
                                                .ignore_proxy = true };
    cleanup_response struct http_response resp = { 0 };
    cleanup_free char *bearer = q->token ? xasprintf("Bearer %s", q->token) : NULL;
    if (bearer)
        http_headers_set(&req.headers, "Authorization", bearer);
    if (q->type)
        http_headers_set(&req.headers, "Content-Type", q->type);
    if (http_send(u->transport, u->ctx, &req, &resp, err) < 0)
        return error_wrap(err, "%s %s", q->method, q->url);
    if (resp.status / 100 != 2)
        return error_set(err, err_kind_from_http_status(resp.status), "%s %s: %d %s", q->method,
                         q->url, resp.status, buf_str(&resp.body));
    if (json_parse_object(buf_str(&resp.body), resp.body.len, ret, err) < 0)
        return -1;
    const char *value = header ? http_headers_get(&resp.headers, header) : NULL;
    if (ret_header)
        *ret_header = value ? xstrdup(value) : NULL;
    return 0;
}

int user_ask(const struct cloud_user *u, const struct user_question *q, json **ret,
             struct error **err)
{
    return user_ask_header(u, q, NULL, ret, NULL, err);
}

int user_sign_in(const struct cloud_user *u, char **ret, struct error **err)
{
    cleanup_free char *url = xasprintf("%s/" AZURE_SIM_TENANT "/oauth2/v2.0/token", u->azure_url);
    cleanup_free char *form = xasprintf("grant_type=client_credentials&client_id=" //
                                        AZURE_SIM_APPLICATION "&client_secret=%s&scope="
                                        "https%%3A%%2F%%2Fmanagement.azure.com%%2F.default",
                                        u->secret);
    const struct user_question q = { "POST", url, NULL, "application/x-www-form-urlencoded", form };
    cleanup_json json *reply = NULL;
    const char *token;
    if (user_ask(u, &q, &reply, err) < 0 || json_need_str(reply, "access_token", &token, err) < 0)
        return error_wrap(err, "signing in");
    *ret = xstrdup(token);
    return 0;
}
