/* Who asks a storage account, and whether it may: its keys, signatures made with them, tokens of the directory, nobody. */
#include <arpa/inet.h>
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "hack/devcloud/azure/directory.h"
#include "hack/devcloud/azure/rights.h"
#include "hack/devcloud/azure/role_definitions.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define KEY_PREFIX "SharedKey "
#define BEARER_PREFIX "Bearer "
#define CLOCKS_DIFFER_NS (INT64_C(900) * NS_PER_S)
#define ASSIGNMENTS "Microsoft.Authorization/roleAssignments"
#define ACTIONS STORAGE_ACCOUNT "/blobServices/containers/"

static bool keys_are_permitted(struct blob_call *b)
{
    if (json_path_bool(b->object, "properties.allowSharedKeyAccess", true))
        return true;
    blob_refuse(b, 403, "KeyBasedAuthenticationNotPermitted",
                "Key based authentication is not permitted on this storage account.");
    return false;
}

/* ---- shared access signatures ---- */

static bool is_signed(const struct blob_call *b)
{
    const json *keys = json_get(b->object, "keys");
    for (size_t i = 0; i < json_len(keys); i++) {
        const char *key = json_path_str(json_at(keys, i), "value");
        cleanup_free char *want = storage_sas_give_signature(&b->sas, b->account, key);
        if (*want && str_eq(want, b->sas.signature))
            return true;
    }
    return false;
}

/* Days, minutes, seconds: "2020-06-01", "2020-06-01T10:00Z", or a time of RFC 3339. */
static bool parse_time(const char *text, int64_t *ret_wall_ns)
{
    size_t len = strlen(text);
    cleanup_free char *full = len == strlen("2020-06-01") ? xasprintf("%sT00:00:00Z", text)
                              : len == strlen("2020-06-01T10:00Z")
                                  ? xasprintf("%.*s:00Z", (int)len - 1, text)
                                  : xstrdup(text);
    return time_parse_rfc3339(full, ret_wall_ns);
}

static bool is_in_time(struct blob_call *b)
{
    int64_t now_ns = clock_wall_ns(b->sim->cfg.clock), start_ns = 0, expiry_ns = 0;
    bool readable = parse_time(b->sas.expiry, &expiry_ns) &&
                    (!b->sas.start || parse_time(b->sas.start, &start_ns));
    char now[TIME_TEXT_MAX];
    if (readable && now_ns >= start_ns && now_ns < expiry_ns)
        return true;
    time_http(now_ns, now);
    blob_refuse_proof(b,
                      "Signature not valid in the specified time frame: Start [%s] - Expiry [%s] - "
                      "Current [%s]",
                      b->sas.start ? b->sas.start : "", b->sas.expiry, now);
    return false;
}

/* One address, or a range of them: "10.0.0.1-10.0.0.9". */
static bool is_from_there(struct blob_call *b)
{
    if (!b->sas.ip || !b->peer)
        return true;
    size_t len = strcspn(b->sas.ip, "-");
    cleanup_free char *first = xstrndup(b->sas.ip, len);
    cleanup_free char *peer = xstrndup(b->peer, strcspn(b->peer, ":"));
    const char *last = b->sas.ip[len] ? b->sas.ip + len + 1 : first;
    struct in_addr low, high, here;
    if (inet_pton(AF_INET, first, &low) == 1 && inet_pton(AF_INET, last, &high) == 1 &&
        inet_pton(AF_INET, peer, &here) == 1 && ntohl(here.s_addr) >= ntohl(low.s_addr) &&
        ntohl(here.s_addr) <= ntohl(high.s_addr))
        return true;
    blob_refuse(b, 403, "AuthorizationSourceIPMismatch",
                "This request is not authorized to perform this operation using this source IP "
                "%s.",
                peer);
    return false;
}

static bool sas_is_complete(struct blob_call *b)
{
    const struct {
        const char *name, *value;
    } needed[] = { { "sv", b->sas.version },
                   { "ss", b->sas.services },
                   { "srt", b->sas.types },
                   { "sp", b->sas.permission },
                   { "se", b->sas.expiry } };
    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!needed[i].value || !*needed[i].value) {
            blob_refuse_proof(b, "%s is mandatory. Cannot be empty", needed[i].name);
            return false;
        }
    return true;
}

static bool sas_holds(struct blob_call *b)
{
    b->caller = BLOB_SAS;
    if (!keys_are_permitted(b) || !sas_is_complete(b))
        return false;
    if (!is_signed(b)) {
        blob_refuse_proof(b, "Signature did not match. String to sign used was %s\n%s\n%s\n%s\n",
                          b->account, b->sas.permission, b->sas.services, b->sas.types);
        return false;
    }
    return is_in_time(b) && is_from_there(b);
}

/* ---- Shared Key ---- */

static bool date_is_near(struct blob_call *b)
{
    const char *text = blob_header(b, "x-ms-date");
    int64_t when_ns = 0, now_ns = clock_wall_ns(b->sim->cfg.clock);
    if (!text)
        text = blob_header(b, "Date");
    if (text && time_parse_http(text, &when_ns) && when_ns > now_ns - CLOCKS_DIFFER_NS &&
        when_ns < now_ns + CLOCKS_DIFFER_NS)
        return true;
    blob_refuse_proof(b, "Request date header too old: '%s'", text ? text : "");
    return false;
}

static bool key_holds(struct blob_call *b, const char *proof)
{
    const json *keys = json_get(b->object, "keys");
    size_t len = strcspn(proof, ":");
    bool mine = len == strlen(b->account) && strncmp(proof, b->account, len) == 0 && proof[len];
    cleanup_free char *text = blob_give_key_text(b);
    b->caller = BLOB_KEY;
    if (!keys_are_permitted(b) || !date_is_near(b))
        return false;
    for (size_t i = 0; mine && i < json_len(keys); i++) {
        const char *key = json_path_str(json_at(keys, i), "value");
        cleanup_free char *bytes = NULL;
        size_t key_len;
        unsigned char mac[SHA256_LEN];
        if (base64_parse(key, strlen(key), &bytes, &key_len, NULL) < 0)
            continue;
        hmac_sha256(bytes, key_len, text, strlen(text), mac);
        cleanup_free char *want = base64_give(mac, sizeof(mac));
        if (str_eq(want, proof + len + 1))
            return true;
    }
    blob_refuse_proof(b,
                      "The MAC signature found in the HTTP request '%s' is not the same as any "
                      "computed signature. Server used following string to sign: '%s'.",
                      proof[len] ? proof + len + 1 : "", text);
    return false;
}

/* ---- tokens ---- */

static void challenge(struct blob_call *b)
{
    cleanup_free char *text =
        xasprintf("Bearer authorization_uri=https://login.microsoftonline.com/%s/oauth2/authorize "
                  "resource_id=https://storage.azure.com",
                  json_path_str(b->sim->state, "tenant"));
    blob_set(b, "WWW-Authenticate", text);
}

static bool token_holds(struct blob_call *b, const char *token)
{
    cleanup_answer struct sim_answer answer = { 0 };
    struct sim_call c = { .sim = b->sim, .answer = &answer, .method = b->method, .host = b->host };
    const json *application = directory_check_token(&c, SERVICE_STORAGE, token);
    const char *principal = json_path_str(application, "objectId");
    free(c.caller_id);
    b->caller = BLOB_TOKEN;
    if (application && blob_header(b, "x-ms-version")) {
        free(b->principal);
        b->principal = xstrdup(principal);
        return true;
    }
    const char *message = json_path_str(answer.body, "error.message");
    if (application) {
        blob_refuse_proof(b, "Authentication scheme Bearer is not supported in this version.");
    } else {
        challenge(b);
        blob_refuse(b, 401, "InvalidAuthenticationInfo", "%s", message ? message : "");
    }
    return false;
}

bool blob_authenticate(struct blob_call *b)
{
    const char *proof = blob_header(b, "Authorization");
    storage_sas_init(b->query, &b->sas);
    if (b->sas.signature)
        return sas_holds(b);
    if (proof && str_starts(proof, KEY_PREFIX))
        return key_holds(b, proof + strlen(KEY_PREFIX));
    if (proof && str_starts(proof, BEARER_PREFIX))
        return token_holds(b, proof + strlen(BEARER_PREFIX));
    if (proof) {
        blob_refuse(b, 400, "InvalidAuthenticationInfo",
                    "Authentication information is not given in the correct format. Check the "
                    "value of Authorization header.");
        return false;
    }
    b->caller = BLOB_NOBODY;
    return true;
}

/* ---- what they may ---- */

static bool refuse_mismatch(struct blob_call *b, const char *what, const char *code)
{
    blob_refuse(b, 403, code,
                "This request is not authorized to perform this operation using this %s.", what);
    return false;
}

static bool sas_allows(struct blob_call *b, const struct blob_operation *op)
{
    if (!strchr(b->sas.services, 'b'))
        return refuse_mismatch(b, "service", "AuthorizationServiceMismatch");
    if (!strchr(b->sas.types, op->level))
        return refuse_mismatch(b, "resource type", "AuthorizationResourceTypeMismatch");
    if (!strpbrk(b->sas.permission, op->permission))
        return refuse_mismatch(b, "permission", "AuthorizationPermissionMismatch");
    return true;
}

bool blob_may_overwrite(struct blob_call *b)
{
    return b->caller != BLOB_SAS || strchr(b->sas.permission, 'w') ||
           refuse_mismatch(b, "permission", "AuthorizationPermissionMismatch");
}

static bool lists(const json *permission, const char *member, const char *action)
{
    const json *patterns = json_get(permission, member);
    for (size_t i = 0; i < json_len(patterns); i++)
        if (json_str(json_at(patterns, i)) &&
            str_matches_nocase(json_str(json_at(patterns, i)), action))
            return true;
    return false;
}

static bool role_allows(struct azure_sim *sim, const char *role_id, const char *action, bool data)
{
    cleanup_json json *role = role_id ? role_give_one(sim, role_id) : NULL;
    const json *permissions = json_path(role, "properties.permissions");
    for (size_t i = 0; i < json_len(permissions); i++) {
        const json *p = json_at(permissions, i);
        if (lists(p, data ? "dataActions" : "actions", action) &&
            !lists(p, data ? "notDataActions" : "notActions", action))
            return true;
    }
    return false;
}

static bool has_role(const struct blob_call *b, const char *action, bool data)
{
    cleanup_free char *id =
        xasprintf("%s/blobServices/default/containers/%s", json_path_str(b->object, "id"),
                  b->container ? b->container : "");
    cleanup_free char *key = str_give_lower(id);
    for (struct json_iter it = json_each(json_get(b->sim->state, "resources")); json_next(&it);)
        if (str_eq_nocase(json_path_str(it.value, "type"), ASSIGNMENTS) && b->principal &&
            str_eq(json_path_str(it.value, "properties.principalId"), b->principal) &&
            rights_reach(json_path_str(it.value, "properties.scope"), key) &&
            rights_are_known(b->sim, json_path_str(it.value, "properties.createdOn")) &&
            role_allows(b->sim, json_path_str(it.value, "properties.roleDefinitionId"), action,
                        data))
            return true;
    return false;
}

static bool token_allows(struct blob_call *b, const struct blob_operation *op)
{
    bool read = strcmp(op->method, "GET") == 0 || strcmp(op->method, "HEAD") == 0;
    bool data = op->level == 'o' || (op->level == 'c' && str_eq(op->comp, "list"));
    const char *verb = read ? "read" : strcmp(op->method, "DELETE") == 0 ? "delete" : "write";
    cleanup_free char *action = xasprintf(ACTIONS "%s%s", data ? "blobs/" : "", verb);
    return has_role(b, action, data) ||
           refuse_mismatch(b, "permission", "AuthorizationPermissionMismatch");
}

static bool nobody_may(struct blob_call *b, const struct blob_operation *op)
{
    const char *access = json_path_str(b->in, "access");
    bool read = strcmp(op->method, "GET") == 0 || strcmp(op->method, "HEAD") == 0;
    if (access && read && json_path_bool(b->object, "properties.allowBlobPublicAccess", true) &&
        (op->level == 'o' || (op->level == 'c' && str_eq(access, "container") && *op->permission)))
        return true;
    challenge(b);
    blob_refuse(b, 401, "NoAuthenticationInformation",
                "Server failed to authenticate the request. Please refer to the information in the "
                "www-authenticate header.");
    return false;
}

bool blob_authorize(struct blob_call *b, const struct blob_operation *op)
{
    switch (b->caller) {
    case BLOB_KEY:
        return true;
    case BLOB_SAS:
        return sas_allows(b, op);
    case BLOB_TOKEN:
        return token_allows(b, op);
    case BLOB_NOBODY:
        break;
    }
    return nobody_may(b, op);
}
