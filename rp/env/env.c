#include "rp/env/env.h"

#include <string.h>

#include "pkg/api/resource_id.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct rp_env {
    enum rp_mode mode;
    bool features[FEATURES];
    char *texts[ENV_VARIABLES];
    struct secret *secrets[ENV_VARIABLES];
    int64_t intervals[INTERVALS], limits[LIMITS];
};

static const struct rp_feature_info features[FEATURES] = {
#define X(id, name, in_development, doc) [FEATURE_##id] = { name, doc, in_development },
    RP_FEATURES(X)
#undef X
};

const struct rp_feature_info *rp_feature_info(enum rp_feature f)
{
    return &features[f];
}

static const struct {
    const char *word;
    enum rp_mode mode;
} modes[] = {
    { "", RP_PRODUCTION },
    { "production", RP_PRODUCTION },
    { "int", RP_PRODUCTION }, /* a second production with a first-party application of its own */
    { "development", RP_DEVELOPMENT },
    { "test", RP_TEST },
};

/* ---- one variable ---- */

/* The older names that count in this mode. */
static const char *aliases_of(const struct rp_env *e, const struct rp_variable_info *v)
{
    return e->mode == RP_PRODUCTION && (v->need & OLDER_NOT_PROD) ? "" : v->aliases;
}

/* Borrowed from env; NULL when no name of it is set. ret_name: which one was. */
static const char *find_value(const struct rp_env *e, const struct env *env,
                              const struct rp_variable_info *v, char **ret_name)
{
    cleanup_strv struct strv names = STRV_INIT;
    strv_add(&names, v->name);
    strv_split(&names, aliases_of(e, v), ",", false);
    for (size_t i = 0; i < names.len; i++) {
        const char *value = env_get(env, names.v[i]);
        if (value && *value) {
            *ret_name = xstrdup(names.v[i]);
            return value;
        }
    }
    return NULL;
}

static bool is_name(const char *s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_.";
    return s[strspn(s, allowed)] == '\0';
}

static int check_value(const struct rp_variable_info *v, const char *name, const char *value,
                       struct error **err)
{
    if (v->type == VAR_UUID && !uuid_is_valid(value))
        return error_set(err, ERR_INVALID, "%s: '%s' is not a UUID", name, value);
    if (v->type == VAR_NAME && !is_name(value))
        return error_set(err, ERR_INVALID,
                         "%s: '%s' may hold letters, digits, '-', '_' and '.' only", name, value);
    return 0;
}

/* What the Cluster resource of a cluster allows (staticresources/operator/crds): told at the start, and not by the first cluster
 * half an hour later. */
static const struct {
    enum rp_variable variable;
    const char *words;
} choices[] = {
    { ENV_CLUSTER_MDSD_ACCOUNT, "AROClusterLogsINT AROClusterLogsPROD AROClusterLogs" },
    { ENV_CLUSTER_MDSD_NAMESPACE, "AROClusterLogsINT AROClusterLogsPROD AROClusterLogs" },
    { ENV_MDSD_ENVIRONMENT, "DiagnosticsProd Test CaFairfax" },
};

static int check_choice(enum rp_variable id, const char *name, const char *value,
                        struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        cleanup_strv struct strv words = STRV_INIT;
        if (choices[i].variable != id)
            continue;
        strv_split(&words, choices[i].words, " ", false);
        if (!strv_has(&words, value))
            return error_set(err, ERR_INVALID, "%s: '%s' is none of %s", name, value,
                             choices[i].words);
    }
    return 0;
}

static int check_need(const struct rp_env *e, const struct rp_variable_info *v, bool is_set,
                      struct error **err)
{
    unsigned needed = e->mode == RP_PRODUCTION    ? NEED_PROD
                      : e->mode == RP_DEVELOPMENT ? NEED_DEV
                                                  : 0;
    if (!is_set && (v->need & needed)) {
        const char *mode = e->mode == RP_PRODUCTION ? "production" : "development";
        const char *aliases = aliases_of(e, v);
        return error_set(err, ERR_INVALID, "%s%s%s is not set, and %s mode needs it: %s", v->name,
                         *aliases ? " or " : "", aliases, mode, v->doc);
    }
    if (is_set && e->mode == RP_PRODUCTION && (v->need & NOT_PROD))
        return error_set(err, ERR_INVALID, "%s must not be set in production mode", v->name);
    return 0;
}

static int load_variable(struct rp_env *e, const struct env *env, enum rp_variable id,
                         struct error **err)
{
    const struct rp_variable_info *v = &rp_variables[id];
    cleanup_free char *name = NULL;
    const char *value = find_value(e, env, v, &name);

    if (check_need(e, v, value != NULL, err) < 0 ||
        (value && (check_value(v, name, value, err) < 0 || check_choice(id, name, value, err) < 0)))
        return -1;
    if (!value && e->mode != RP_PRODUCTION && *v->dflt_development)
        value = v->dflt_development;
    if (!value && *v->dflt)
        value = v->dflt;
    if (!value)
        return 0;
    if (v->type == VAR_SECRET)
        e->secrets[id] = secret_new(value, strlen(value));
    else
        e->texts[id] = xstrdup(value);
    return 0;
}

/* ---- the whole ---- */

static int load_mode(struct rp_env *e, const struct env *env, struct error **err)
{
    const char *word = env_get_or(env, rp_variables[ENV_RP_MODE].name, "");
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_eq_nocase(modes[i].word, word)) {
            e->mode = modes[i].mode;
            return 0;
        }
    return error_set(err, ERR_INVALID, "RP_MODE: '%s' is none of production, development, test",
                     word);
}

/* "Name" turns a feature on, "-Name" off. */
static int set_feature(struct rp_env *e, const char *word, struct error **err)
{
    bool on = word[0] != '-';
    const char *name = on ? word : word + 1;
    for (int f = 0; f < FEATURES; f++)
        if (str_eq(features[f].name, name)) {
            e->features[f] = on;
            return 0;
        }
    return error_set(err, ERR_INVALID, "RP_FEATURES: '%s' is no feature", name);
}

static int load_features(struct rp_env *e, const struct env *env, struct error **err)
{
    cleanup_strv struct strv words = STRV_INIT;
    int result = 0;

    for (int f = 0; f < FEATURES; f++)
        e->features[f] = e->mode != RP_PRODUCTION && features[f].in_development;
    strv_split(&words, env_get_or(env, rp_variables[ENV_RP_FEATURES].name, ""), ", ", false);
    for (size_t i = 0; i < words.len; i++) {
        struct error *unknown = NULL;
        if (set_feature(e, words.v[i], &unknown) == 0)
            continue;
        result = -1;
        error_join(err, &unknown);
    }
    return result;
}

/* The server counts leases in whole seconds. */
static const struct {
    enum rp_interval shorter, longer;
    int64_t by_ms;
} orders[] = {
    { INTERVAL_BACKEND_LEASE_TRUST, INTERVAL_LEASE, 1000 },
    { INTERVAL_BACKEND_HEARTBEAT, INTERVAL_BACKEND_LEASE_TRUST, 1 },
    { INTERVAL_BACKEND_RESEAL_PAUSE, INTERVAL_LEASE, 1 },
};

static int check_orders(const struct rp_env *e, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(orders); i++)
        if (e->intervals[orders[i].shorter] + orders[i].by_ms > e->intervals[orders[i].longer])
            return error_set(err, ERR_INVALID, "%s is not shorter than %s%s",
                             rp_intervals[orders[i].shorter].env_name,
                             rp_intervals[orders[i].longer].env_name,
                             orders[i].by_ms == 1000 ? " by a second" : "");
    return 0;
}

/* What one variable demands of another. */
static int check_together(const struct rp_env *e, struct error **err)
{
    bool mise = e->features[FEATURE_ENABLE_MISE] || e->features[FEATURE_ENFORCE_MISE];
    if (mise && !e->texts[ENV_MISE_ADDRESS])
        return error_set(err, ERR_INVALID,
                         "MISE_ADDRESS is not set, and the token service is to be "
                         "asked (EnableMISE or EnforceMISE in RP_FEATURES)");
    if (e->mode == RP_PRODUCTION && e->features[FEATURE_ENABLE_DEVELOPMENT_AUTHORIZER] &&
        !e->texts[ENV_ARM_COMMON_NAME])
        return error_set(err, ERR_INVALID,
                         "ARM_API_CLIENT_CERT_COMMON_NAME is not set, and "
                         "EnableDevelopmentAuthorizer in RP_FEATURES needs it");
    if (!e->features[FEATURE_DISABLE_GATEWAY] && !e->texts[ENV_GATEWAY_RESOURCE_GROUP])
        return error_set(err, ERR_INVALID,
                         "GATEWAY_RESOURCEGROUP is not set, and clusters without DisableGateway in "
                         "RP_FEATURES need it");
    if (e->mode == RP_PRODUCTION && !e->texts[ENV_DATABASE] && !e->texts[ENV_COSMOS_ACCOUNT])
        return error_set(err, ERR_INVALID,
                         "neither ARO_RP_DATABASE nor DATABASE_ACCOUNT_NAME is set");
    if (e->texts[ENV_DIAGNOSTICS_URL] &&
        (!e->texts[ENV_DIAGNOSTICS_SCOPE] || !e->texts[ENV_DIAGNOSTICS_TENANT_ID]))
        return error_set(err, ERR_INVALID,
                         "ARO_RP_DIAGNOSTICS_URL needs ARO_RP_DIAGNOSTICS_SCOPE and "
                         "ARO_RP_DIAGNOSTICS_TENANT_ID");
    if (e->mode == RP_PRODUCTION && !e->texts[ENV_SECRETS_DIR] && !e->texts[ENV_KEYVAULT_PREFIX])
        return error_set(err, ERR_INVALID, "neither KEYVAULT_PREFIX nor ARO_RP_SECRETS_DIR is set");
    return check_orders(e, err);
}

int rp_env_load(const struct env *env, struct rp_env **ret, struct error **err)
{
    cleanup_rp_env struct rp_env *e = xnew(struct rp_env);
    struct error *all = NULL, *one = NULL;

    if (load_mode(e, env, err) < 0)
        return -1;
    if (load_features(e, env, &one) < 0)
        error_join(&all, &one);
    for (int v = 0; v < ENV_VARIABLES; v++)
        if (load_variable(e, env, (enum rp_variable)v, &one) < 0)
            error_join(&all, &one);
    if (settings_load(rp_intervals, INTERVALS, env, e->intervals, &one) < 0)
        error_join(&all, &one);
    if (settings_load(rp_limits, LIMITS, env, e->limits, &one) < 0)
        error_join(&all, &one);
    if (!all && check_together(e, &one) < 0)
        error_join(&all, &one);
    if (all)
        return error_move(err, &all);
    *ret = take(e);
    return 0;
}

void rp_env_free(struct rp_env *e)
{
    if (!e)
        return;
    for (int v = 0; v < ENV_VARIABLES; v++) {
        free(e->texts[v]);
        secret_unref(e->secrets[v]);
    }
    free(e);
}

bool rp_env_is_development(const struct rp_env *e)
{
    return e->mode != RP_PRODUCTION;
}

bool rp_env_has(const struct rp_env *e, enum rp_feature f)
{
    return e->features[f];
}

const char *rp_env_text(const struct rp_env *e, enum rp_variable v)
{
    return e->texts[v];
}

struct secret *rp_env_secret(const struct rp_env *e, enum rp_variable v)
{
    return e->secrets[v];
}

int64_t rp_env_ms(const struct rp_env *e, enum rp_interval i)
{
    return e->intervals[i];
}

int64_t rp_env_limit(const struct rp_env *e, enum rp_limit l)
{
    return e->limits[l];
}
