/*
 * api.h - what clients of the resource provider see: API versions, the cluster in each of them, and
 * the smaller resources.
 *
 * Three shapes of a cluster, all JSON trees:
 *   internal  the member `openShiftCluster` of the database document; secrets in it are sealed.
 *   external  what one API version shows and takes. Empty text and zero are the same as absent.
 *             Value objects (`properties`, `properties.clusterProfile`, ...) are always there, but
 *             in 2025-07-25, which leaves out what is empty.
 *   base      an external cluster with secrets in plain: what requests are decoded over and
 *             compared with. Never a reply. It, and what was decoded over it, is released with
 *             cleanup_json_wiped.
 *
 * The life of a PUT or PATCH of an existing cluster (of a new one: base is NULL in validate and
 * to_internal, and what is decoded over comes from the fresh document):
 *
 *   api_cluster_to_external(v, enriched_copy, sealer, &base, err);
 *   ext = PUT ? api_cluster_give_skeleton(v, base) : json_give_copy(base);
 *   api_cluster_drop_read_only(v, ext);
 *   api_cluster_decode(v, body, len, ext, err);           InvalidRequestContent
 *   api_cluster_validate(v, ext, base, &rules, err);      InvalidParameter, PropertyChangeNotAllowed
 *   api_cluster_to_internal(v, ext, base, document, sealer, err);
 *   api_cluster_match_role_sets(document, ...);           clusters with workload identities
 *   api_cluster_set_defaults(document);
 *
 * Errors for clients have the kind ERR_INVALID and carry code and target (error.h); the text is the
 * CloudError's message. Secrets are never in one. Everything here is pure and may be called from any
 * thread; trees belong to the caller. Source: the public REST API of Azure Red Hat OpenShift.
 */
#ifndef PKG_API_API_H
#define PKG_API_API_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/json.h"
#include "pkg/base/secret.h"

#define API_NAMESPACE "Microsoft.RedHatOpenShift"
#define API_CLUSTER_TYPE "openShiftClusters"

/* ---- versions ---- */

enum api_feature {
    API_FEATURE_LIST_ADMIN_CREDENTIALS, /* since 2021-09-01-preview */
    API_FEATURE_LIST_CREDENTIALS,       /* all but admin */
    API_FEATURE_OPENSHIFT_VERSIONS,     /* the list, since 2022-09-04 */
    API_FEATURE_OPENSHIFT_VERSION_GET,  /* one by name, since 2022-09-04 */
    API_FEATURE_ROLE_SETS,              /* since 2024-08-12-preview */
    API_FEATURE_FLAT_FORM,              /* 2019-12-31-preview: see api_cluster_expand_flat */
};

struct api_version; /* constant */

/* "2019-12-31-preview" ... "2025-07-25", "admin", exactly so (whoever decides that a caller may use
 * admin compares exactly, too); NULL when there is no such version. */
const struct api_version *api_version_find(const char *name);
/* Oldest first, admin last; NULL beyond the end. */
const struct api_version *api_version_at(size_t i);
const char *api_version_name(const struct api_version *v);
bool api_version_has(const struct api_version *v, enum api_feature feature);
bool api_version_is_admin(const struct api_version *v);

/* ---- clusters ---- */

/* Opens and seals the values that the database keeps sealed. Callbacks may fail (keys). */
struct api_sealer {
    int (*open)(void *arg, const char *sealed, struct secret **ret, struct error **err);
    int (*seal)(void *arg, const struct secret *plain, char **ret, struct error **err);
    void *arg;
};

/*
 * The cluster as the version shows it; *ret is owned by the caller.
 * sealer NULL      a reply: no secrets; workers of versions before 2023-09-04 are the live ones
 *                  (`workerProfilesStatus`), where the internal cluster has them.
 * sealer not NULL  a base: secrets opened; in 2019-12-31-preview, which can scale, the stored worker
 *                  profiles. Fails only as the sealer fails.
 */
int api_cluster_to_external(const struct api_version *v, const json *internal,
                            const struct api_sealer *sealer, json **ret, struct error **err);

/* What a PUT is decoded over: of the base only id, name, type, systemData, provisioningState, the
 * secrets, the OpenShift version, outboundType and preconfiguredNSG (which have defaults and never
 * change), so that a PUT replaces all but those. Owned by the caller. */
json *api_cluster_give_skeleton(const struct api_version *v, const json *base);

/* Takes out what clients of this version may not write, so that a supplied value is noticed. */
void api_cluster_drop_read_only(const struct api_version *v, json *ext);

/*
 * Merges a request body into an external cluster: absent members stay, `null` clears what is
 * optional, arrays merge by position, unknown members are ignored. A non-empty
 * `identity.userAssignedIdentities` replaces the map. In admin, `operatorFlagsMergeStrategy` is
 * obeyed. On failure (code InvalidRequestContent) *onto is in an unspecified but valid state.
 */
int api_cluster_decode(const struct api_version *v, const char *body, size_t len, json *onto,
                       struct error **err);

/* Facts that requests are checked against; all borrowed. */
struct api_rules {
    const char *location;     /* of this resource provider, as "eastus" */
    const char *domain;       /* of this resource provider, as "eastus.aroapp.io" */
    const char *resource_id;  /* from the URL, in its letter case */
    bool require_d2s_workers; /* development: small workers only */
    int architecture_version; /* of the cluster; for a new one, of new clusters. 0 = V1, 1 = V2 */
};

/* Static validation, and immutability against base; base NULL: a create. The first failure is told,
 * in the order of the fields. `admin` is only for updates and checks no more than immutability, its
 * enumerations and the identities. */
int api_cluster_validate(const struct api_version *v, const json *ext, const json *base,
                         const struct api_rules *rules, struct error **err);

/*
 * Writes what the request changed (ext against base; base NULL: everything) into the internal
 * cluster. Fields that the version does not know or that are read-only there keep their value; what
 * enrichment put into base is not written back. A secret is sealed anew only when it changed; sealer
 * may be NULL when the trees hold no secrets. Fails only as the sealer fails.
 */
int api_cluster_to_internal(const struct api_version *v, const json *ext, const json *base,
                            json *internal, const struct api_sealer *sealer, struct error **err);

/* What every write sets when it is absent. */
void api_cluster_set_defaults(json *internal);

/*
 * The form of November 2019, for 2019-12-31-preview in development: `properties.pullSecret` in base64,
 * and defaults for everything that a create leaves out. Call after api_cluster_decode with the same
 * body. A body without that member is left alone. base NULL: a create; otherwise what is left out comes
 * from base. The defaults are those of that time: 10.128.0.0/14 and 172.30.0.0/16, masters of
 * Standard_D8s_v3, three workers of Standard_D2s_v3 with 128 GB; and subnets NAME-master and NAME-worker of
 * the network dev-vnet (10.0.0.0/16) in the cluster's own group. Bad base64: InvalidParameter.
 */
struct api_flat {
    const char *resource_id;            /* from the URL: group and name make the other names */
    const char *client_id;              /* service principal of development; may be NULL */
    const struct secret *client_secret; /* may be NULL */
};
int api_cluster_expand_flat(const struct api_flat *flat, const char *body, size_t len,
                            const json *base, json *ext, struct error **err);

/* Finds the role set of a minor version as "4.14": its internal form, borrowed, or NULL. */
typedef const json *(*api_role_set_find)(void *arg, const char *minor);
/* The operator identities of an internal cluster are those that the role sets ask for. Clusters
 * without workload identities pass. InvalidParameter, PlatformWorkloadIdentityMismatch. */
int api_cluster_match_role_sets(const json *internal, api_role_set_find find, void *arg,
                                struct error **err);

/* ---- smaller resources ---- (results are owned by the caller) */

/* `asyncOperation` of a document as clients see it. is_running: the cluster still carries this
 * operation: its first status, and neither end nor error. */
json *api_async_operation_to_external(const json *internal, bool is_running);
/* Path of an operation; kind "operationsstatus" or "operationresults". */
char *api_async_operation_give_path(const char *subscription_id, const char *location,
                                    const char *kind, const char *id);

/* `openShiftVersion` and `platformWorkloadIdentityRoleSet` of documents. Lists take an array of
 * them and give {"value": [...]}, sorted by version. */
json *api_openshift_version_to_external(const struct api_version *v, const json *internal);
json *api_openshift_version_give_list(const struct api_version *v, const json *internals);
json *api_role_set_to_external(const struct api_version *v, const json *internal);
json *api_role_set_give_list(const struct api_version *v, const json *internals);

/* What support engineers write, in admin's form. current: the stored one, or NULL. A role set's error
 * names every member that is missing. InvalidParameter, PropertyChangeNotAllowed. */
int api_openshift_version_validate(const json *ext, const json *current, struct error **err);
int api_role_set_validate(const json *ext, struct error **err);

/* The reply of GET /providers/Microsoft.RedHatOpenShift/operations, the same in all versions. */
json *api_operations_list(void);

/* A subscription that ARM puts; current: the stored one or NULL. InvalidParameter,
 * InvalidSubscriptionState. api_subscription_blank_owner takes the owner's address out, which is
 * not stored. */
int api_subscription_validate(const json *subscription, const json *current, struct error **err);
void api_subscription_blank_owner(json *subscription);

/* ---- preflight ---- */

/* The array `resources` of the body; InvalidRequestContent. */
int api_preflight_parse(const char *body, size_t len, json **ret, struct error **err);
/* Only clusters are looked at. */
bool api_preflight_is_cluster(const json *resource);
/* The cluster of one entry, decoded over an empty one in the entry's own apiVersion; an unknown
 * version is InvalidParameter. */
int api_preflight_decode(const json *resource, const struct api_version **ret_version,
                         json **ret_ext, struct error **err);
/* {"status":"Succeeded"}, or "Failed" with the error's code and text form. */
json *api_preflight_give_reply(const struct error *failure);
/* "400: InvalidParameter: properties.x: The provided ..." */
char *api_error_give_text(const struct error *e);

#endif
