#include "rp/syncsets/api/access.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"
#include "rp/syncsets/api/oidc.h"

#define FILE_MAX ((size_t)4 << 20)
#define RATE_DEFAULT 50.0
#define BURST_DEFAULT 100
#define LIMITS_MAX 10000
#define EVERYWHERE "*"
#define KEYS_NS (60 * NS_PER_S) /* as often an issuer's keys are read anew */

struct limit {
    double tokens;
    int64_t at_ns;
};
struct sets_access {
    char *path;
    struct http_transport *transport;
    double rate;
    int burst;
    const struct clock *clock;
    pthread_mutex_t mu;
    char *client_ca;    /* under mu */
    json *config;       /* under mu */
    struct jwks *keys;  /* of the issuer in config; NULL: not read yet; under mu */
    int64_t keys_ns;    /* when they were, under mu */
    struct stat read;   /* the file that config was read from */
    struct map *limits; /* identity -> struct limit, under mu */
};

static const char *const role_words[] = {
    [ROLE_VIEWER] = "viewer", [ROLE_EDITOR] = "editor", [ROLE_ADMIN] = "admin"
};

static enum sets_role role_of(const char *word)
{
    for (size_t i = ROLE_VIEWER; i < ARRAY_LEN(role_words); i++)
        if (str_eq(word, role_words[i]))
            return (enum sets_role)i;
    return ROLE_NONE;
}

/* ---- the file ---- */

static int check_config(const json *config, struct error **err)
{
    const json *identities = json_get(config, "identities"),
               *bindings = json_get(config, "bindings");
    if (oidc_check(json_get(config, "oidc"), err) < 0)
        return -1;
    for (size_t i = 0; json_is_array(identities) && i < json_len(identities); i++) {
        const json *one = json_at(identities, i);
        const char *token = json_path_str(one, "tokenSHA256");
        if (!json_path_str(one, "name") || (!token && !json_path_str(one, "certificateCommonName")))
            return error_set(
                err, ERR_INVALID,
                "identities[%zu]: name, and tokenSHA256 or certificateCommonName, are needed", i);
        if (token && strlen(token) != (size_t)2 * SHA256_LEN)
            return error_set(err, ERR_INVALID,
                             "identities[%zu].tokenSHA256: %d hexadecimal digits are needed", i,
                             2 * SHA256_LEN);
    }
    for (size_t i = 0; json_is_array(bindings) && i < json_len(bindings); i++) {
        const json *one = json_at(bindings, i);
        if (!json_path_str(one, "identity") || !json_path_str(one, "namespace") ||
            role_of(json_path_str(one, "role")) == ROLE_NONE)
            return error_set(
                err, ERR_INVALID,
                "bindings[%zu]: identity, namespace and role (viewer, editor or admin) are needed",
                i);
    }
    return 0;
}

/* Times alone do not tell: two versions may be written within one tick of the file system's clock. */
static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int sets_access_refresh(struct sets_access *a, struct error **err)
{
    struct stat st;
    if (stat(a->path, &st) < 0)
        return error_set(err, ERR_NOT_FOUND, "%s: cannot be found", a->path);
    pthread_mutex_lock(&a->mu);
    bool same = a->config && is_same_file(&st, &a->read);
    pthread_mutex_unlock(&a->mu);
    if (same)
        return 0;
    cleanup_free char *text = NULL;
    cleanup_json json *config = NULL;
    size_t len;
    if (file_read(a->path, FILE_MAX, &text, &len, err) < 0)
        return -1;
    if (json_parse_object(text, len, &config, err) < 0 || check_config(config, err) < 0)
        return error_wrap(err, "%s", a->path);
    pthread_mutex_lock(&a->mu);
    json *old = a->config;
    /* What another issuer signs must never count as this one's. */
    if (!json_equal(json_get(old, "oidc"), json_get(config, "oidc")))
        jwks_unref(take(a->keys));
    a->config = take(config);
    a->read = st;
    json_free(old);
    pthread_mutex_unlock(&a->mu);
    return 0;
}

/* With the lock held: a copy of what says who the issuer is, when its keys are to be read; else NULL. */
static json *give_due_issuer(const struct sets_access *a)
{
    const json *oidc = json_get(a->config, "oidc");
    bool due = oidc && (!a->keys || clock_mono_ns(a->clock) - a->keys_ns >= KEYS_NS);
    return due ? json_give_copy(oidc) : NULL;
}

int sets_access_refresh_keys(struct sets_access *a, const struct opctx *ctx, struct error **err)
{
    cleanup_jwks struct jwks *keys = NULL;
    pthread_mutex_lock(&a->mu);
    cleanup_json json *oidc = give_due_issuer(a);
    pthread_mutex_unlock(&a->mu);
    if (!oidc)
        return 0;
    if (oidc_read_keys(oidc, a->transport, ctx, &keys, err) < 0)
        return -1;
    pthread_mutex_lock(&a->mu);
    if (json_equal(oidc, json_get(a->config, "oidc"))) {
        struct jwks *old = a->keys;
        a->keys = take(keys);
        a->keys_ns = clock_mono_ns(a->clock);
        keys = old;
    }
    pthread_mutex_unlock(&a->mu);
    return 0;
}

int sets_access_open(const struct sets_access_config *cfg, struct sets_access **ret,
                     struct error **err)
{
    struct sets_access *a = xnew(struct sets_access);
    a->path = xstrdup(cfg->path);
    a->client_ca = xstrdup(cfg->client_ca);
    a->rate = cfg->rate > 0 ? cfg->rate : RATE_DEFAULT;
    a->burst = cfg->burst ? cfg->burst : BURST_DEFAULT;
    a->clock = cfg->clock;
    a->transport = cfg->transport;
    a->limits = map_new(free);
    mutex_init(&a->mu);
    if (sets_access_refresh(a, err) < 0) {
        sets_access_free(a);
        return -1;
    }
    *ret = a;
    return 0;
}

void sets_access_set_client_ca(struct sets_access *a, const char *client_ca)
{
    pthread_mutex_lock(&a->mu);
    free(a->client_ca);
    a->client_ca = xstrdup(client_ca);
    pthread_mutex_unlock(&a->mu);
}

void sets_access_free(struct sets_access *a)
{
    if (!a)
        return;
    json_free(a->config);
    jwks_unref(a->keys);
    map_free(a->limits);
    pthread_mutex_destroy(&a->mu);
    free(a->path);
    free(a->client_ca);
    free(a);
}

/* ---- who ---- */

/* With the lock held. Borrowed until it is given up. Digits of a digest have no case, names have. */
static const char *find_identity(const struct sets_access *a, const char *key, const char *value,
                                 bool (*is_same)(const char *a, const char *b))
{
    const json *list = json_get(a->config, "identities");
    for (size_t i = 0; value && json_is_array(list) && i < json_len(list); i++)
        if (is_same(json_path_str(json_at(list, i), key), value))
            return json_path_str(json_at(list, i), "name");
    return NULL;
}

/* Borrowed; NULL: none is shown. */
static const char *find_token(const struct http_call *call)
{
    static const char bearer[] = "Bearer ";
    const char *header = http_call_header(call, "Authorization");
    if (!header || strncasecmp(header, bearer, strlen(bearer)) != 0)
        return NULL;
    return header + strlen(bearer);
}

static char *give_digest(const char *token)
{
    unsigned char digest[SHA256_LEN];
    sha256(token, strlen(token), digest);
    return hex_give(digest, sizeof(digest));
}

/* The common name of a certificate that an authority of ours vouches for. */
static char *give_common_name(struct sets_access *a, const struct http_call *call)
{
    size_t len;
    const void *der = http_call_client_cert(call, &len);
    pthread_mutex_lock(&a->mu);
    cleanup_free char *client_ca = xstrdup(a->client_ca);
    pthread_mutex_unlock(&a->mu);
    if (!der || !client_ca)
        return NULL;
    size_t n = http_call_client_chain_len(call);
    cleanup_free struct x509_der *chain = xcalloc(n + 1, sizeof(*chain));
    for (size_t i = 0; i < n; i++)
        chain[i].der = http_call_client_chain(call, i, &chain[i].len);
    struct x509_facts facts = { 0 };
    if (x509_verify_client_chain(der, len, chain, n, client_ca, clock_wall_ns(a->clock), NULL) <
            0 ||
        x509_read_der(der, len, &facts, NULL) < 0)
        return NULL;
    char *name = xstrdup(facts.common_name);
    x509_facts_release(&facts);
    return name;
}

/* With the lock held. */
static int take_turn(struct sets_access *a, const char *who, struct error **err)
{
    int64_t now = clock_mono_ns(a->clock);
    struct limit *l = map_get(a->limits, who);
    if (!l) {
        if (map_len(a->limits) >= LIMITS_MAX)
            map_clear(a->limits);
        l = xnew(struct limit);
        *l = (struct limit){ a->burst, now };
        map_set(a->limits, who, l);
    }
    l->tokens += (double)(now - l->at_ns) / (double)NS_PER_S * a->rate;
    l->at_ns = now;
    if (l->tokens > a->burst)
        l->tokens = a->burst;
    if (l->tokens < 1) {
        (void)error_set(err, ERR_THROTTLED, "%s sends more than %.0f requests a second", who,
                        a->rate);
        error_retry_after(err, 1000);
        return -1;
    }
    l->tokens -= 1;
    return 0;
}

/* Whom the file knows. NULL: nobody; then *ret_oidc and *ret_keys are those of the issuer that may, NULL where none may. All
 * owned. */
static char *find_who(struct sets_access *a, const char *token, const char *common_name,
                      json **ret_oidc, struct jwks **ret_keys)
{
    cleanup_free char *digest = token ? give_digest(token) : NULL;
    pthread_mutex_lock(&a->mu);
    char *who = xstrdup(digest ? find_identity(a, "tokenSHA256", digest, str_eq_nocase)
                               : find_identity(a, "certificateCommonName", common_name, str_eq));
    bool may_be = !who && token && oidc_may_be_token(token);
    const json *oidc = may_be ? json_get(a->config, "oidc") : NULL;
    *ret_oidc = oidc ? json_give_copy(oidc) : NULL;
    *ret_keys = oidc ? jwks_ref(a->keys) : NULL;
    pthread_mutex_unlock(&a->mu);
    return who;
}

/* Signatures are verified without the lock: whoever shows tokens, whatever they are, keeps nobody else waiting. */
static int name_caller(struct sets_access *a, const struct http_call *call, char **ret,
                       struct error **err)
{
    const char *token = find_token(call);
    cleanup_free char *common_name = token ? NULL : give_common_name(a, call);
    cleanup_json json *oidc = NULL;
    cleanup_jwks struct jwks *keys = NULL;
    *ret = find_who(a, token, common_name, &oidc, &keys);
    if (*ret)
        return 0;
    if (oidc)
        return oidc_identify(oidc, keys, token, clock_wall_ns(a->clock), ret, err);
    return error_set(err, ERR_UNAUTHORIZED, "a known bearer token or client certificate is needed");
}

int sets_access_identify(struct sets_access *a, const struct http_call *call, char **ret,
                         struct error **err)
{
    if (!a) {
        *ret = xstrdup("anonymous");
        return 0;
    }
    cleanup_free char *who = NULL;
    if (name_caller(a, call, &who, err) < 0)
        return -1;
    pthread_mutex_lock(&a->mu);
    int status = take_turn(a, who, err);
    pthread_mutex_unlock(&a->mu);
    if (status == 0)
        *ret = take(who);
    return status;
}

/* ---- what ---- */

static bool covers(const char *bound, const char *nspace)
{
    return str_eq(bound, EVERYWHERE) || (nspace && str_eq(bound, nspace));
}

enum sets_role sets_access_role(struct sets_access *a, const char *who, const char *nspace)
{
    if (!a)
        return ROLE_ADMIN;
    enum sets_role role = ROLE_NONE;
    pthread_mutex_lock(&a->mu);
    const json *list = json_get(a->config, "bindings");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *one = json_at(list, i);
        enum sets_role r = role_of(json_path_str(one, "role"));
        if (str_eq(json_path_str(one, "identity"), who) &&
            covers(json_path_str(one, "namespace"), nspace) && r > role)
            role = r;
    }
    pthread_mutex_unlock(&a->mu);
    return role;
}

bool sets_access_namespaces(struct sets_access *a, const char *who, struct strv *ret)
{
    if (!a || sets_access_role(a, who, NULL) != ROLE_NONE)
        return false;
    pthread_mutex_lock(&a->mu);
    const json *list = json_get(a->config, "bindings");
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "identity"), who))
            strv_add_unique(ret, json_path_str(json_at(list, i), "namespace"));
    pthread_mutex_unlock(&a->mu);
    return true;
}
