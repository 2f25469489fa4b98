/*
 * env.h - how this resource provider is set up: mode, variables, features, intervals, limits.
 *
 * Every variable stands in one table with its older names, default, where it is needed and what it
 * means; the reference page is made from it. Loading reports everything that is wrong at once, by
 * the names of the variables. Secrets are kept as such and never appear in an error.
 *
 * Threads: immutable once loaded; safe from any.
 */
#ifndef RP_ENV_ENV_H
#define RP_ENV_ENV_H

#include "pkg/base/env.h"
#include "pkg/base/secret.h"
#include "rp/env/intervals.h"
#include "rp/env/variables.h"

/* RP_MODE, in any letter case; unset is production. Test is development whose surroundings (listener,
 * authorizers, keys) the caller injects, so nothing is required. */
enum rp_mode { RP_PRODUCTION, RP_DEVELOPMENT, RP_TEST };

/* X(id, name in RP_FEATURES, on in development, doc) */
#define RP_FEATURES(X) \
    X(DISABLE_DENY_ASSIGNMENTS, "DisableDenyAssignments", true, \
      "Create no deny assignment on the clusters' resource groups.") \
    X(DISABLE_SIGNED_CERTIFICATES, "DisableSignedCertificates", true, \
      "Keep the installer's self-signed certificates for API server and ingress.") \
    X(DISABLE_GATEWAY, "DisableGateway", true, \
      "Let new clusters reach what they need without the service's gateway.") \
    X(DISABLE_STORAGE_FIREWALL, "DisableStorageFirewall", true, \
      "Leave the storage accounts of clusters open to every network.") \
    X(ENABLE_DEVELOPMENT_AUTHORIZER, "EnableDevelopmentAuthorizer", false, \
      "Know ARM and administrators by common name and CA bundles in files.") \
    X(REQUIRE_D2S_WORKERS, "RequireD2sWorkers", true, \
      "Allow no workers but Standard_D2s_v3, _v4 and _v5.") \
    X(DISABLE_READINESS_DELAY, "DisableReadinessDelay", true, \
      "Be ready at once after the start, and stop without waiting for load balancers.") \
    X(USE_MOCK_MSI_RP, "UseMockMsiRp", true, \
      "Replace ARM's headers of identities by MOCK_MSI_TENANT_ID and a URL of no service.") \
    X(ENABLE_MISE, "EnableMISE", false, "Ask the token service about ARM's requests first.") \
    X(ENFORCE_MISE, "EnforceMISE", false, \
      "Let the token service alone decide: no certificate is good instead.") \
    X(ENABLE_EXPANDED_ZONES, "EnableClusterExpandedAvailabilityZones", false, \
      "Use availability zones beyond the first three.")

enum rp_feature {
#define X(id, name, in_development, doc) FEATURE_##id,
    RP_FEATURES(X)
#undef X
        FEATURES
};
struct rp_feature_info {
    const char *name, *doc;
    bool in_development;
};
const struct rp_feature_info *rp_feature_info(enum rp_feature f);

struct rp_env;

/* ERR_INVALID: one line for each thing that is wrong. */
int rp_env_load(const struct env *env, struct rp_env **ret, struct error **err);
void rp_env_free(struct rp_env *e);

bool rp_env_is_development(const struct rp_env *e); /* or test */
bool rp_env_has(const struct rp_env *e, enum rp_feature f);
/* Borrowed; NULL when unset, empty and without default. Not for secrets. */
const char *rp_env_text(const struct rp_env *e, enum rp_variable v);
/* Borrowed; NULL when unset. */
struct secret *rp_env_secret(const struct rp_env *e, enum rp_variable v);
int64_t rp_env_ms(const struct rp_env *e, enum rp_interval i);
int64_t rp_env_limit(const struct rp_env *e, enum rp_limit l);

DEFINE_RELEASE(struct rp_env *, rp_env_free)
#define cleanup_rp_env CLEANUP_WITH(rp_env_free_slot)

#endif
