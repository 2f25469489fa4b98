/*
 * validate_rig.h - one validation of a cluster, with Azure behind a scripted transport and a clock whose waits jump.
 *
 * Requests to Azure Resource Manager carry no token, but a User-Agent that says who asks: "cluster" or "provider".
 */
#ifndef TEST_UNIT_SUPPORT_RP_VALIDATE_VALIDATE_RIG_H
#define TEST_UNIT_SUPPORT_RP_VALIDATE_VALIDATE_RIG_H

#include "rp/validate/dynamic_impl.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

#define ARM "https://management.azure.com"
#define GROUP "/subscriptions/s/resourceGroups/aro"
#define VNET "/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v"
#define MASTERS VNET "/subnets/m"
#define WORKERS VNET "/subnets/w"
#define ASKS(who, path) \
    "GET " ARM path "\nAccept: application/json\nUser-Agent: " who "\n@gzip: true\n"
#define PERMISSIONS(who, id) \
    ASKS(who, id "/providers/Microsoft.Authorization/permissions?api-version=2015-07-01")
#define NETWORK(who, id) ASKS(who, id "?api-version=2020-08-01")
#define ALLOWS(actions) "{\"value\":[{\"actions\":[" actions "],\"notActions\":[]}]}"
#define ALL "\"*\""
#define REFUSES(http_status, code) \
    .status = (http_status), .reply = "{\"error\":{\"code\":\"" code "\",\"message\":\"no\"}}"

/* A network in the cluster's region whose two subnets, 10.0.0.0/24 and 10.0.1.0/24, have these further properties. */
#define SUBNET(id, prefix, more) \
    "{\"id\":\"" id \
    "\",\"properties\":{\"provisioningState\":\"Succeeded\",\"addressPrefix\":\"" prefix "\"" more \
    "}}"
#define VNET_REPLY(masters, workers) \
    "{\"id\":\"" VNET "\",\"location\":\"eastus\",\"properties\":{\"subnets\":[" SUBNET( \
        MASTERS, "10.0.0.0/24", masters) "," SUBNET(WORKERS, "10.0.1.0/24", workers) "]}}"

struct validate_rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct scripted_transport transport;
    struct secret *secret;
    struct azure_credential
        credentials[WHO_COUNT]; /* their strings are constants: never released */
    struct azure_tokens *tokens[WHO_COUNT];
    struct arm *arms[WHO_COUNT];
    struct opctx ctx;
    json *cluster;
    struct dynamic_validation cfg;
    struct validation v;
};

/* properties: members over those that every cluster has (Creating, layout V2, both subnets, ranges beside them), JSON with
 * single quotes for double ones. Fails the test when it cannot. */
void validate_rig_open(struct validate_rig *r, const char *properties,
                       const struct script_step *script, size_t len);
void validate_rig_close(struct validate_rig *r); /* checks the script */
#define cleanup_validate_rig CLEANUP_WITH(validate_rig_close)

/* What a check has to come to: passes when code is NULL and text is, too. */
struct refusal {
    const char *code, *target, *text;
};
void validate_rig_assert(int result, const struct error *err, const struct refusal *want);

#endif
