/* blob_rig.h - the rig with one storage account, and requests to its blobs. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_BLOB_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_BLOB_RIG_H

#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define STORAGE_ACCOUNTS \
    RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Storage/storageAccounts"
#define ACCOUNT_NAME "clusterabc12"
#define ACCOUNT_ID STORAGE_ACCOUNTS "/" ACCOUNT_NAME
#define ACCOUNT_KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define ACCOUNT_BODY \
    "{'location':'eastus','kind':'StorageV2','sku':{'name':'Standard_LRS'},'properties':{}}"
#define STORAGE_VERSION "?api-version=2021-09-01"
#define STATE_KEY \
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/net-rg/providers/" \
    "microsoft.storage/storageaccounts/" ACCOUNT_NAME

/* The account, with a known key. */
static inline void blob_rig_open(struct rig *r)
{
    rig_open(r);
    assert_int_equal(rig_call(r, "PUT", ACCOUNT_ID STORAGE_VERSION, ACCOUNT_BODY, NULL), 202);
    rig_patch(r, "{'resources':{'" STATE_KEY "':{'keys':[{'keyName':'key1','value':'" ACCOUNT_KEY
                 "'},{'keyName':'key2','value':'c2Vjb25k'}]}}}");
}

/* A signature of the permission for services of blobs, from an hour ago until the next. Owned. */
static inline char *blob_rig_sas(struct rig *r, const char *permission, const char *types)
{
    cleanup_reply struct rig_reply reply = { 0 };
    char start[TIME_TEXT_MAX], expiry[TIME_TEXT_MAX];
    int64_t now_ns = clock_wall_ns(&r->clock.base);
    time_rfc3339(now_ns - 3600 * NS_PER_S, start);
    time_rfc3339(now_ns + 3600 * NS_PER_S, expiry);
    cleanup_free char *body =
        xasprintf("{'signedServices':'b','signedResourceTypes':'%s','signedPermission':'%s',"
                  "'signedProtocol':'https','signedStart':'%s','signedExpiry':'%s'}",
                  types, permission, start, expiry);
    assert_int_equal(
        rig_call(r, "POST", ACCOUNT_ID "/ListAccountSas" STORAGE_VERSION, body, &reply), 200);
    return xstrdup(json_path_str(reply.body, "accountSasToken"));
}

/* headers: "Name: value" lines, or NULL. The bearer token of the rig is not sent. */
static inline int blob_rig_send(struct rig *r, const char *method, const char *path,
                                const char *query, const char *headers, const char *body,
                                struct http_response *ret)
{
    cleanup_free char *url =
        xasprintf("https://%s%s%s%s", r->host, path, query ? "?" : "", query ? query : "");
    cleanup_request struct http_request req = { .method = method,
                                                .url = url,
                                                .body = body,
                                                .body_len = body ? strlen(body) : 0,
                                                .timeout_ms = 60000,
                                                .fresh_connection = true };
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, headers ? headers : "", "\n", false);
    http_headers_set(&req.headers, "Host", ACCOUNT_NAME ".blob.core.windows.net");
    for (size_t i = 0; i < lines.len; i++) {
        cleanup_free char *name = xstrndup(lines.v[i], strcspn(lines.v[i], ":"));
        http_headers_set(&req.headers, name, lines.v[i] + strlen(name) + 2);
    }
    cleanup_response struct http_response own = { 0 };
    struct http_response *resp = ret ? ret : &own;
    if (ret)
        http_response_release(ret);
    *resp = (struct http_response){ 0 };
    cleanup_error struct error *err = NULL;
    if (http_send(http_peer_transport(r->peer), &r->ctx, &req, resp, &err) < 0)
        fail_msg("%s %s: %s", method, path, error_text(err));
    return resp->status;
}

/* Signed for everything; query may be NULL. */
static inline int blob_rig_call(struct rig *r, const char *method, const char *path,
                                const char *query, const char *headers, const char *body,
                                struct http_response *ret)
{
    cleanup_free char *sas = blob_rig_sas(r, "rwdlac", "sco");
    cleanup_free char *all = xasprintf("%s%s%s", query ? query : "", query ? "&" : "", sas);
    return blob_rig_send(r, method, path, all, headers, body, ret);
}

static inline void blob_rig_code(const struct http_response *r, int status, const char *code)
{
    const char *found = http_headers_get(&r->headers, "x-ms-error-code");
    cleanup_free char *tag = xasprintf("<Code>%s</Code>", code);
    assert_string_equal(found ? found : "no code", code);
    assert_int_equal(r->status, status);
    if (status != 304)
        assert_non_null(strstr(buf_str(&r->body), tag));
}

static inline void blob_rig_container(struct rig *r, const char *path)
{
    assert_int_equal(blob_rig_call(r, "PUT", path, "restype=container", NULL, "", NULL), 201);
}

static inline void blob_rig_put(struct rig *r, const char *path, const char *text)
{
    assert_int_equal(blob_rig_call(r, "PUT", path, NULL,
                                   "x-ms-blob-type: BlockBlob\nContent-Type: text/plain", text,
                                   NULL),
                     201);
}

#endif
