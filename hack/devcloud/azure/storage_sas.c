/* Shared access signatures of an account: whoever holds one may do what it says, until it says. */
#include <string.h>

#include "hack/devcloud/azure/storage.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/url.h"

/* The service's choice: the version that its answers are known of. */
#define VERSION "2015-04-05"
/* From this version on the encryption scope is signed, too. */
#define VERSION_WITH_SCOPE "2020-12-06"

void storage_sas_release(struct storage_sas *s)
{
    char *all[] = { s->version, s->services, s->types,    s->permission, s->start,
                    s->expiry,  s->ip,       s->protocol, s->scope,      s->signature };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]);
    *s = (struct storage_sas){ 0 };
}

void storage_sas_init(const char *query, struct storage_sas *ret)
{
    *ret = (struct storage_sas){ .version = query_give(query, "sv"),
                                 .services = query_give(query, "ss"),
                                 .types = query_give(query, "srt"),
                                 .permission = query_give(query, "sp"),
                                 .start = query_give(query, "st"),
                                 .expiry = query_give(query, "se"),
                                 .ip = query_give(query, "sip"),
                                 .protocol = query_give(query, "spr"),
                                 .scope = query_give(query, "ses"),
                                 .signature = query_give(query, "sig") };
}

char *storage_sas_give_signature(const struct storage_sas *s, const char *account, const char *key)
{
    const char *const lines[] = { account,   s->permission, s->services, s->types,  s->start,
                                  s->expiry, s->ip,         s->protocol, s->version };
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        buf_addf(&text, "%s\n", lines[i] ? lines[i] : "");
    if (s->version && strcmp(s->version, VERSION_WITH_SCOPE) >= 0)
        buf_addf(&text, "%s\n", s->scope ? s->scope : "");
    cleanup_free char *bytes = NULL;
    size_t len;
    unsigned char mac[SHA256_LEN];
    if (base64_parse(key, strlen(key), &bytes, &len, NULL) < 0)
        return xstrdup("");
    hmac_sha256(bytes, len, buf_str(&text), text.len, mac);
    return base64_give(mac, sizeof(mac));
}

/* ---- making one ---- */

static int give_time(const json *parameters, const char *name, bool needed, char **ret,
                     struct error **err)
{
    const char *given = json_path_str(parameters, name);
    char text[TIME_TEXT_MAX];
    int64_t wall_ns;
    if (!given && !needed)
        return 0;
    if (!given || !time_parse_rfc3339(given, &wall_ns))
        return error_set(err, ERR_INVALID, "%s: missing or no time of RFC 3339", name);
    time_rfc3339(wall_ns, text); /* whole seconds */
    *ret = xstrdup(text);
    return 0;
}

/* Letters of the alphabet, each at most once; what is asked for in any order is signed as it came. */
static int give_letters(const json *parameters, const char *name, const char *alphabet, char **ret,
                        struct error **err)
{
    const char *given = json_path_str(parameters, name);
    if (!given || !*given || strspn(given, alphabet) != strlen(given))
        return error_set(err, ERR_INVALID, "%s: missing, or not of the letters %s", name, alphabet);
    *ret = xstrdup(given);
    return 0;
}

static int give_protocol(const json *parameters, char **ret, struct error **err)
{
    const char *given = json_path_str(parameters, "signedProtocol");
    if (given && !str_eq(given, "https") && !str_eq(given, "https,http"))
        return error_set(err, ERR_INVALID, "signedProtocol: unknown value '%s'", given);
    *ret = xstrdup(given);
    return 0;
}

static const char *find_key(const json *account, const char *name)
{
    const json *keys = json_get(account, "keys");
    for (size_t i = 0; i < json_len(keys); i++)
        if (!name || str_eq_nocase(name, json_path_str(json_at(keys, i), "keyName")))
            return json_path_str(json_at(keys, i), "value");
    return NULL;
}

static int fill(const json *parameters, struct storage_sas *s, struct error **err)
{
    if (give_letters(parameters, "signedServices", "bqtf", &s->services, err) < 0 ||
        give_letters(parameters, "signedResourceTypes", "sco", &s->types, err) < 0 ||
        give_letters(parameters, "signedPermission", "rdwlacupxyti", &s->permission, err) < 0 ||
        give_protocol(parameters, &s->protocol, err) < 0 ||
        give_time(parameters, "signedStart", false, &s->start, err) < 0 ||
        give_time(parameters, "signedExpiry", true, &s->expiry, err) < 0)
        return -1;
    s->version = xstrdup(VERSION);
    s->ip = xstrdup(json_path_str(parameters, "signedIp"));
    return 0;
}

static void add(struct buf *b, const char *name, const char *value)
{
    if (!value)
        return;
    cleanup_free char *escaped = percent_give_keeping(value, ",");
    buf_addf(b, "%s%s=%s", b->len ? "&" : "", name, escaped);
}

char *storage_give_account_sas(struct azure_sim *sim, const char *account, const json *parameters,
                               struct error **err)
{
    cleanup_free char *key = str_give_lower(account);
    size_t len = strlen(key);
    if (len > 0 && key[len - 1] == '/')
        key[len - 1] = '\0';
    const json *object = json_get(json_get(sim->state, "resources"), key);
    cleanup_sas struct storage_sas s = { 0 };
    if (!object || !json_get(object, "keys")) {
        (void)error_set(err, ERR_NOT_FOUND, "there is no storage account %s", account);
        return NULL;
    }
    const char *secret = find_key(object, json_path_str(parameters, "keyToSign"));
    if (!secret) {
        (void)error_set(err, ERR_INVALID, "keyToSign: there is no such key");
        return NULL;
    }
    if (fill(parameters, &s, err) < 0)
        return NULL;
    s.signature = storage_sas_give_signature(&s, json_path_str(object, "name"), secret);
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    add(&b, "sv", s.version);
    add(&b, "ss", s.services);
    add(&b, "srt", s.types);
    add(&b, "sp", s.permission);
    add(&b, "st", s.start);
    add(&b, "se", s.expiry);
    add(&b, "sip", s.ip);
    add(&b, "spr", s.protocol);
    add(&b, "sig", s.signature);
    return buf_give(&b);
}
