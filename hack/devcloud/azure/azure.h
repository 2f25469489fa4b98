/*
 * azure.h - a simulated Azure on loopback: sign-in, resource groups, permissions, networks, key vaults, and Azure Resource
 * Manager in front of a resource provider, over HTTPS, for development and tests.
 *
 * It answers for every host name that its certificate covers; product binaries reach it by ARO_CONNECT_TO and trust it by
 * SSL_CERT_FILE. What it simulates is written down in the Azure REST API references; clients that Microsoft wrote drive it
 * in its tests.
 *
 * Rights are enforced as rights.h tells: of applications that the state marks with "by_roles" or gives permissions.
 *
 * The state is one JSON document, which tests read and change while it runs:
 *   GET   /_devcloud/state                 the whole
 *   PATCH /_devcloud/state                 a JSON merge patch
 *   GET   /_devcloud/requests              what was asked so far: [{method, host, path, query, status}]
 *   PUT   /_devcloud/faults                [FAULT, ...]
 *   GET   /_devcloud/faults                the same, "times" and "skip" being what is left of them
 * A request meets the first fault that matches it and whose time it is:
 *   "method", "host", "path": patterns with *; "inside": true: of what the simulator asks itself, as deployments do: these have
 *     no "delay_ms", "hang", "abort", "headers", "truncate"
 *   "times": 1, how often; "skip": how many requests pass before; "probability": of each; "after_ms", "for_ms": since the
 *     faults were set, how long (then as often as it likes, unless "times" says otherwise)
 *   "delay_ms": before anything else; "hang": true: no answer, then the connection is cut
 *   "status", "headers", "body": the answer; "abort": true: the connection is cut instead; "late": true: either only after the
 *     request has taken effect
 *   "truncate": N: of the real answer's body only so many bytes arrive
 *   "operation": {"stuck": true}, {"error": {"code", "message"}} or {"canceled": true}: what becomes of the one that the request
 *     begins
 *   "foreign": a merge patch of the resource of the path, which somebody else writes just before
 *   "stale": true: a GET shows the resource of the path as it was before its latest write (since faults with stale were set)
 *
 * state: {
 *   "tenant": ID, "subscription": ID, "location": L,
 *   "applications": { APPID: { "objectId", "secret", "secretExpired", "disabled", "graphRoles": [], "certificates": [PEM],
 *                              "federated": [{"issuer", "subject", "audience"}],
 *                              "id", "displayName", "passwords": [Graph's, with secretText],
 *                              "known_from_ms": when its principal is known to role assignments (Unix time),
 *                              "of_machine": true, if it is a managed identity of the machines that the simulator's clients run on,
 *                              "by_roles": true, if its rights are its role assignments',
 *                              "permissions": as below, for this caller alone } },
 *   "permissions": { "default": [{"actions", "notActions"}], LOWER-CASE RESOURCE ID: [...] },
 *   "resources": { LOWER-CASE RESOURCE ID: ARM object; subnets are objects of their own, not parts of their network;
 *                  resource groups are objects, too; storage accounts hold their data, see storage.h },
 *   "registrations": { LOWER-CASE NAMESPACE: "Registered", ... }, "features": { LOWER-CASE NS/F: {"name", "state"} },
 *   "rp": {"url": origin of the provider of Microsoft.RedHatOpenShift, "ca": PEM that its certificate is checked against;
 *          without, it is not checked}; without "rp" its namespace answers 502,
 *   "cosmos": {"endpoint", "key"}, if there: where accounts made from now on lead, and their first key; requests to
 *          ACCOUNT.documents.azure.com go on there, those with a token of the directory when its application has a role
 *          (sqlRoleAssignments) on the account,
 *   "vaults": {NAME: {"secrets": {LOWER-CASE NAME: [versions, see vault.h]}, "deletedsecrets": {...},
 *          "certificates": {...}, "deletedcertificates": {...}}}; NAME: a key vault's, or the address that was dialled instead of
 *          one,
 *   "certificates": {"looks": how many looks at one that is being made find it so, 0; "error": {"code", "message"}, if there:
 *          what those asked for from now on meet then; with "[Status:FailedCanRetry]" in the message it passes},
 *   "role_delay_ms": how long a role assignment, or managing a group, takes until services know it,
 *   "principal_delay_ms": how long a new identity takes until the directory knows its principal,
 *   "budgets": {"reads", "writes", "deletes": {"size", "per_s"}}: requests that an application has, and gets back, in ARM; beyond
 *          them it is told to wait; absent: no limit,
 *   "clock_ahead_ms": how far the simulator's time is ahead of its clock's,
 *   "skus": {SIZE: merge patch}, "usages": {NAME: merge patch}: of what the lists of sizes and quotas say,
 *   "page_size": entries of a list on one page, 0: all,
 *   "operation_ms": how long a write takes, "retry_after_s": what its answers ask for,
 *   "operation_error": {"code", "message"}, if there: how writes begun from now on fail in the end,
 *   "public_addresses": range of the public addresses, of loopback so that they can be dialled ("127.128.0.0/9"),
 *   "machine_failures": [{"name": pattern with *, "times": 1, "code": "AllocationFailed", "message"}]: virtual machines whose
 *   first operation fails, as often as it says }
 * A PATCH that would break this shape is refused.
 */
#ifndef HACK_DEVCLOUD_AZURE_AZURE_H
#define HACK_DEVCLOUD_AZURE_AZURE_H

#include <stdint.h>

#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"

struct azure_sim;
struct azure_sim_config {
    const char *bind_address; /* NULL = 127.0.0.1 */
    uint16_t port;            /* 0 = a free one */
    json *state;              /* consumed, even on failure; NULL: azure_sim_give_default_state */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
int azure_sim_start(const struct azure_sim_config *cfg, struct azure_sim **ret, struct error **err);
void azure_sim_stop(struct azure_sim *a); /* accepts NULL */
uint16_t azure_sim_port(const struct azure_sim *a);
const char *azure_sim_ca_pem(const struct azure_sim *a); /* borrowed: what clients have to trust */
/* Lines for ARO_CONNECT_TO: every simulated host to this server. Owned by the caller. */
char *azure_sim_give_connect_to(const struct azure_sim *a);
/* A tenant with one application, the network of one cluster, all permissions. Deterministic. */
#define AZURE_SIM_TENANT "22222222-2222-2222-2222-222222222222"
#define AZURE_SIM_SUBSCRIPTION "00000000-0000-0000-0000-000000000000"
#define AZURE_SIM_APPLICATION "11111111-1111-1111-1111-111111111111"
/* The provider of Microsoft.RedHatOpenShift, in the tenant of every customer. */
#define AZURE_SIM_PROVIDER "f1dd0a37-89c6-4e07-bcd1-ffd3d43d8875"
#define AZURE_SIM_PROVIDER_OBJECT "44444444-4444-4444-4444-444444444444"
json *azure_sim_give_default_state(void);
/* What a resource provider has in its subscription: the network of its private endpoints (rp-pe-vnet-001, in whose subnet
 * rp-pe-subnet they get addresses of loopback that can be dialled), that of itself (rp-vnet), and the zone of its domain. */
struct azure_sim_service {
    const char *group, *domain_group, *domain;
    const char *endpoints;        /* the subnet's prefix; NULL: 127.64.0.0/10 */
    const char *public_addresses; /* of the whole simulator; NULL: as it was */
};
void azure_sim_put_service(json *state, const struct azure_sim_service *s);
/* A principal (object ID) has a role (its definition's name) at a scope, one for each role and scope. */
#define AZURE_SIM_CONTRIBUTOR "b24988ac-6180-42a0-ab88-20f7382dd24c"
#define AZURE_SIM_NETWORK_CONTRIBUTOR "4d97b98b-1d4f-4787-a291-c67834d212e7"
void azure_sim_put_role(json *state, const char *scope, const char *role, const char *principal);

#endif
