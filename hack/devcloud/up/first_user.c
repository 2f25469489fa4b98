#include "hack/devcloud/up/first_user.h"

#include <string.h>

#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/up/variables.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ATTEMPT_MS 10000
#define SUBSCRIPTION "/subscriptions/" AZURE_SIM_SUBSCRIPTION
#define GROUP(name) SUBSCRIPTION "/resourceGroups/" name, "2021-04-01", GROUP_BODY, GROUP_STATE
#define GROUP_BODY "{\"location\":\"" VARIABLES_LOCATION "\"}"
#define GROUP_STATE "properties.provisioningState", "Succeeded"
#define SUBNET(name, prefix) \
    "{\"name\":\"" name "\",\"properties\":{\"addressPrefix\":\"" prefix "\"}}"

static const struct wish {
    const char *path, *api_version;
    const char *body;        /* of a PUT; NULL: POST path/register */
    const char *state, *end; /* what is said where, once it is done */
} wishes[] = {
    { GROUP(VARIABLES_NETWORK_GROUP) },
    { GROUP(VARIABLES_CLUSTER) },
    { GROUP(VARIABLES_RP_GROUP) },
    { GROUP(VARIABLES_DOMAIN_GROUP) },
    { SUBSCRIPTION "/resourceGroups/" VARIABLES_NETWORK_GROUP
                   "/providers/Microsoft.Network/virtualNetworks/vnet",
      "2022-07-01",
      "{\"location\":\"" VARIABLES_LOCATION
      "\",\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/22\"]},"
      "\"subnets\":[" SUBNET("master", "10.0.0.0/23") "," SUBNET("worker", "10.0.2.0/23") "]}}",
      "properties.provisioningState", "Succeeded" },
    { SUBSCRIPTION "/providers/Microsoft.RedHatOpenShift", "2021-04-01", NULL, "registrationState",
      "Registered" },
};

struct question {
    const char *method, *url, *token, *type, *body; /* token, type and body: NULL: none */
};

/* *ret: the reply, which has to be an object. */
static int ask(const struct first_user *u, const struct question *q, json **ret, struct error **err)
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
    return json_parse_object(buf_str(&resp.body), resp.body.len, ret, err);
}

static int sign_in(const struct first_user *u, char **ret, struct error **err)
{
    cleanup_free char *url = xasprintf("%s/" AZURE_SIM_TENANT "/oauth2/v2.0/token", u->azure_url);
    cleanup_free char *form = xasprintf("grant_type=client_credentials&client_id=" //
                                        AZURE_SIM_APPLICATION "&client_secret=%s&scope="
                                        "https%%3A%%2F%%2Fmanagement.azure.com%%2F.default",
                                        u->secret);
    const struct question q = { "POST", url, NULL, "application/x-www-form-urlencoded", form };
    cleanup_json json *reply = NULL;
    const char *token;
    if (ask(u, &q, &reply, err) < 0 || json_need_str(reply, "access_token", &token, err) < 0)
        return error_wrap(err, "signing in");
    *ret = xstrdup(token);
    return 0;
}

/* Writes take their time; what is read then tells when it is over. */
static int await(const struct first_user *u, const struct wish *w, const struct question *read,
                 struct error **err)
{
    for (;;) {
        cleanup_json json *found = NULL;
        if (ask(u, read, &found, err) < 0)
            return -1;
        if (str_eq(json_path_str(found, w->state), w->end))
            return 0;
        if (u->pause(u->arg, err) < 0)
            return error_wrap(err, "waiting for %s", w->path);
    }
}

static int fulfil(const struct first_user *u, const struct wish *w, const char *token,
                  struct error **err)
{
    cleanup_free char *url = xasprintf("%s%s%s?api-version=%s", u->azure_url, w->path,
                                       w->body ? "" : "/register", w->api_version);
    cleanup_free char *there =
        xasprintf("%s%s?api-version=%s", u->azure_url, w->path, w->api_version);
    const struct question write = { w->body ? "PUT" : "POST", url, token, "application/json",
                                    w->body };
    const struct question read = { "GET", there, token, NULL, NULL };
    cleanup_json json *reply = NULL;
    if (ask(u, &write, &reply, err) < 0)
        return -1;
    return await(u, w, &read, err);
}

int first_user_prepare(const struct first_user *u, struct error **err)
{
    cleanup_free char *token = NULL;
    if (sign_in(u, &token, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
        if (fulfil(u, &wishes[i], token, err) < 0)
            return -1;
    return 0;
}
