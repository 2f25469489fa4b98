/*
 * azure_checks.h - what the frontend asks of Azure as the first-party application in the tenant of the cluster's
 * subscription: its questions before a create (create_checks), and the work of administrators (admin_azure). Threads:
 * safe from any.
 */
#ifndef CMD_ARO_RP_AZURE_CHECKS_H
#define CMD_ARO_RP_AZURE_CHECKS_H

#include "cmd/aro-rp/first_party.h"
#include "rp/frontend/admin/admin.h"
#include "rp/frontend/frontend.h"

struct azure_checks_config {
    struct http_transport *transport; /* borrowed, as the next two */
    const struct azure_cloud *cloud;
    struct first_party *first_party;
    const char *location; /* copied */
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
struct azure_checks;
struct azure_checks *azure_checks_new(const struct azure_checks_config *cfg);
struct create_checks *azure_checks_base(struct azure_checks *c);
struct admin_azure *azure_checks_admin(struct azure_checks *c);
/* As azure_roles_check (rp/validate/azure_roles.h). */
int azure_checks_roles(struct azure_checks *c, const struct opctx *ctx, const char *client_id,
                       const char *subscription_id, const char *tenant_id, struct error **err);
void azure_checks_free(struct azure_checks *c); /* accepts NULL */

#endif
