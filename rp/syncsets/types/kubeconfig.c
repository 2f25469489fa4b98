#include "rp/syncsets/types/kubeconfig.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/crypt.h"

/* ---- what is never kept ---- */

static const struct {
    const char *list, *entry, *field, *why;
} forbidden[] = {
    { "users", "user", "exec", "would run a program on the server" },
    { "users", "user", "auth-provider", "would run code of a provider on the server" },
    { "users", "user", "client-certificate",
      "would read a file of the server: give the data inline" },
    { "users", "user", "client-key", "would read a file of the server: give the data inline" },
    { "users", "user", "tokenFile", "would read a file of the server: give the token inline" },
    { "clusters", "cluster", "certificate-authority",
      "would read a file of the server: give the data inline" },
};

static void check_forbidden(const json *config, const char *path, struct api_causes *causes)
{
    for (size_t i = 0; i < ARRAY_LEN(forbidden); i++) {
        const json *list = json_get(config, forbidden[i].list);
        for (size_t k = 0; json_is_array(list) && k < json_len(list); k++) {
            const json *entry = json_get(json_at(list, k), forbidden[i].entry);
            const json *value = json_get(entry, forbidden[i].field);
            if (!value || (json_str(value) && json_str_len(value) == 0))
                continue;
            cleanup_free char *at = xasprintf("%s: %s[%zu].%s.%s", path, forbidden[i].list, k,
                                              forbidden[i].entry, forbidden[i].field);
            api_cause_add(causes, CAUSE_FORBIDDEN, at, "%s", forbidden[i].why);
        }
    }
}

/* ---- whether it can be used ---- */

/* The one of that name in a list of {"name", PART}; NULL unless there is exactly one. */
static const json *find_named(const json *list, const char *name, const char *part)
{
    const json *found = NULL;
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *entry = json_at(list, i);
        if (!str_eq(json_path_str(entry, "name"), name))
            continue;
        if (found)
            return NULL;
        found = json_get(entry, part);
    }
    return found;
}

static char *give_decoded(const json *object, const char *key)
{
    const char *text = json_path_str(object, key);
    char *data = NULL;
    size_t len;
    if (!text || base64_parse(text, strlen(text), &data, &len, NULL) < 0)
        return NULL;
    return data;
}

static char *server_flaw(const json *cluster)
{
    const char *server = json_path_str(cluster, "server");
    if (!server || !str_starts(server, "https://"))
        return xstrdup("the cluster's server must be an https URL");
    if (json_path_bool(cluster, "[\"insecure-skip-tls-verify\"]", false))
        return xstrdup(KUBECONFIG_WHY_INSECURE);
    const char *proxy = json_path_str(cluster, "[\"proxy-url\"]");
    if (proxy && *proxy)
        return xstrdup("proxy-url is not allowed: clusters are dialled directly");
    cleanup_free char *ca = give_decoded(cluster, "[\"certificate-authority-data\"]");
    if (!ca)
        return xstrdup("the cluster has no certificate-authority-data");
    if (pem_check_certs(ca, NULL, NULL, NULL) < 0)
        return xstrdup("certificate-authority-data holds no certificate");
    return NULL;
}

static char *user_flaw(const json *user)
{
    const char *token = json_path_str(user, "token");
    if (token && *token)
        return NULL;
    cleanup_free char *cert = give_decoded(user, "[\"client-certificate-data\"]");
    cleanup_secret_text char *key_text = give_decoded(user, "[\"client-key-data\"]");
    if (!cert || !key_text)
        return xstrdup(
            "the user has neither a token nor client-certificate-data and client-key-data");
    cleanup_secret struct secret *key = secret_new(key_text, strlen(key_text));
    if (pem_check_certs(cert, NULL, NULL, NULL) < 0)
        return xstrdup("client-certificate-data holds no certificate");
    if (pem_check_key_matches(cert, key, NULL) < 0)
        return xstrdup("client-key-data is not the key of client-certificate-data");
    return NULL;
}

static char *flaw(const json *config)
{
    if (!json_is_object(config))
        return xstrdup("it is no kubeconfig: no YAML or JSON object");
    const char *current = json_path_str(config, "[\"current-context\"]");
    if (!current || !*current)
        return xstrdup("it names no current-context");
    const json *context = find_named(json_get(config, "contexts"), current, "context");
    if (!context)
        return xstrdup("its current-context is not among its contexts, or not alone");
    const json *cluster =
        find_named(json_get(config, "clusters"), json_path_str(context, "cluster"), "cluster");
    const json *user =
        find_named(json_get(config, "users"), json_path_str(context, "user"), "user");
    if (!cluster || !user)
        return xstrdup("its current-context must name one cluster and one user of it");
    char *why = server_flaw(cluster);
    return why ? why : user_flaw(user);
}

bool kubeconfig_check(const char *text, size_t len, const char *path, struct api_causes *causes,
                      char **ret_why)
{
    cleanup_json_wiped json *config = NULL;
    *ret_why = NULL;
    if (len > KUBECONFIG_MAX) {
        api_cause_add(causes, CAUSE_TOO_LONG, path, "must have at most %zu bytes", KUBECONFIG_MAX);
        *ret_why = xstrdup("it is too large");
        return false;
    }
    /* The parser's own words would repeat pieces of the text. */
    if (yaml_parse(text, len, &config, NULL) < 0) {
        *ret_why = xstrdup("it is neither YAML nor JSON");
        return false;
    }
    check_forbidden(config, path, causes);
    *ret_why = flaw(config);
    return *ret_why == NULL;
}
