/* The issuer: certificates after a policy, signed by this simulator's authority, which its clients trust anyway. */
#include <string.h>

#include "hack/devcloud/azure/vault_certificate.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define PEM_TYPE "application/x-pem-file"
#define SERVER_AUTH "1.3.6.1.5.5.7.3.1"
#define CLIENT_AUTH "1.3.6.1.5.5.7.3.2"
#define NAMES_MAX 64
#define MONTH_S (INT64_C(30) * 86400)
#define COMMON_NAME_MAX 64

/* ---- policies ---- */

/* Of "CN=a, O=b". Owned by the caller; NULL: there is none. */
static char *give_common_name(const json *policy)
{
    const char *subject = json_path_str(policy, "x509_props.subject");
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, subject ? subject : "", ",", false);
    for (size_t i = 0; i < parts.len; i++) {
        cleanup_free char *part = str_give_trimmed(parts.v[i]);
        if (strncasecmp(part, "CN=", strlen("CN=")) == 0 && part[strlen("CN=")])
            return xstrdup(part + strlen("CN="));
    }
    return NULL;
}

/* What the policy leaves out is as in the service's default. */
static const char *content_type(const json *policy)
{
    const char *type = json_path_str(policy, "secret_props.contentType");
    return type ? type : PEM_TYPE;
}

bool vault_policy_is_good(struct vault_call *v, const json *policy)
{
    cleanup_free char *name = give_common_name(policy);
    const char *kty = json_path_str(policy, "key_props.kty");
    int64_t size = json_path_int(policy, "key_props.key_size", 2048);
    if (!json_path_str(policy, "issuer.name"))
        vault_refuse(v, 400, "BadParameter", NULL, "Property policy.issuer.name is missing.");
    else if (!name || strlen(name) > COMMON_NAME_MAX)
        vault_refuse(v, 400, "BadParameter", NULL,
                     "Property policy.x509_props.subject has no common name of at most 64 "
                     "characters.");
    else if (!str_eq(content_type(policy), PEM_TYPE))
        vault_refuse(v, 400, "BadParameter", NULL,
                     "Property policy.secret_props.contentType: this vault knows " PEM_TYPE
                     " alone.");
    else if (kty && str_starts(kty, "RSA") && size != 2048)
        vault_refuse(v, 400, "BadParameter", NULL,
                     "Property policy.key_props.key_size: this vault makes keys of 2048 bits.");
    else
        return true;
    return false;
}

/* ---- making one ---- */

/* Members of a list of texts, borrowed; NULL at the end. */
static size_t list_texts(const json *list, const char *texts[NAMES_MAX])
{
    size_t len = 0;
    for (size_t i = 0; i < json_len(list) && len < NAMES_MAX - 1; i++)
        if (json_str(json_at(list, i)))
            texts[len++] = json_str(json_at(list, i));
    texts[len] = NULL;
    return len;
}

static bool has_usage(const json *policy, const char *oid)
{
    const json *usages = json_path(policy, "x509_props.ekus");
    bool found = json_len(usages) == 0; /* none said: both */
    for (size_t i = 0; i < json_len(usages); i++)
        found = found || str_eq(json_str(json_at(usages, i)), oid);
    return found;
}

static int make(struct vault_call *v, const json *policy, char **ret_cert, struct secret **ret_key,
                struct error **err)
{
    const struct azure_sim *sim = v->sim->sim;
    cleanup_free char *name = give_common_name(policy);
    const char *names[NAMES_MAX], *kty = json_path_str(policy, "key_props.kty");
    size_t len = list_texts(json_path(policy, "x509_props.sans.dns_names"), names);
    int64_t now_ns = clock_wall_ns(sim->cfg.clock);
    int64_t months = json_path_int(policy, "x509_props.validity_months", 12);
    struct x509_request req = {
        .common_name = name,
        .dns_names = len ? names : NULL,
        .is_server = has_usage(policy, SERVER_AUTH),
        .is_client = has_usage(policy, CLIENT_AUTH),
        .rsa = !kty || str_starts(kty, "RSA"),
        .not_before_wall_ns = now_ns - 600 * NS_PER_S,
        .not_after_wall_ns = now_ns + months * MONTH_S * NS_PER_S,
    };
    if (!str_eq(json_path_str(policy, "issuer.name"), "Self")) {
        req.issuer_cert_pem = sim->ca_pem;
        req.issuer_key_pem = sim->ca_key_pem;
    }
    return x509_make(&req, ret_cert, ret_key, err);
}

static char *give_thumbprint(const char *der, size_t len)
{
    unsigned char digest[SHA1_LEN];
    sha1(der, len, digest);
    return base64url_give(digest, sizeof(digest));
}

static json *give_attributes(const char *der, size_t len)
{
    struct x509_facts facts = { 0 };
    (void)x509_read_der(der, len, &facts, NULL);
    json *attributes =
        json_make("{'enabled':true,'nbf':%ld,'exp':%ld}", facts.not_before_wall_ns / NS_PER_S,
                  facts.not_after_wall_ns / NS_PER_S);
    x509_facts_release(&facts);
    return attributes;
}

/* Key, certificate and who signed it: what a server needs. */
static void add_secret(struct vault_call *v, const json *certificate, const json *version,
                       const char *cert, const struct secret *key)
{
    const char *name = json_path_str(certificate, "name");
    const char *id = json_path_str(version, "version");
    bool own = str_eq(json_path_str(certificate, "policy.issuer.name"), "Self");
    size_t len;
    const char *key_text = secret_reveal(key, &len);
    cleanup_free char *value = xasprintf("%s%s%s", key_text, cert, own ? "" : v->sim->sim->ca_pem);
    cleanup_free char *kid = xasprintf("https://%s/keys/%s/%s", sim_host(v->sim), name, id);
    if (!json_get(v->secrets, v->key))
        json_put(v->secrets, v->key, json_new_array());
    json_append(json_get(v->secrets, v->key),
                json_make("{'version':%s,'value':%s,'contentType':'" PEM_TYPE "','kid':%s,"
                          "'managed':true,'attributes':%j}",
                          id, value, kid, json_give_copy(json_get(version, "attributes"))));
}

int vault_issue(struct vault_call *v, json *certificate, struct error **err)
{
    cleanup_free char *cert = NULL, *der = NULL;
    size_t len;
    cleanup_secret struct secret *key = NULL;
    unsigned char bytes[16];
    int64_t now_s = clock_wall_ns(v->sim->sim->cfg.clock) / NS_PER_S;
    if (make(v, json_get(certificate, "policy"), &cert, &key, err) < 0 ||
        pem_give_der(cert, &der, &len, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)rng_below(v->sim->sim->cfg.rng, 256);
    cleanup_free char *id = hex_give(bytes, sizeof(bytes)), *cer = base64_give(der, len);
    cleanup_free char *thumbprint = give_thumbprint(der, len);
    json *attributes = give_attributes(der, len);
    json_put(attributes, "created", json_new_int(now_s));
    json_put(attributes, "updated", json_new_int(now_s));
    json *version = json_make("{'version':%s,'cer':%s,'x5t':%s,'attributes':%j}", id, cer,
                              thumbprint, attributes);
    json *tags = json_path(certificate, "pending.tags");
    if (tags)
        json_put(version, "tags", json_give_copy(tags));
    json_append(json_get(certificate, "versions"), version);
    add_secret(v, certificate, version, cert, key);
    return 0;
}
