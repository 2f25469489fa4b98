/*
 * azure_rig.h - the administrators' routes, a cluster, and a scripted Azure Resource Manager behind it. Threads: the test's own.
 */
#ifndef TEST_UNIT_SUPPORT_RP_FRONTEND_ADMIN_AZURE_RIG_H
#define TEST_UNIT_SUPPORT_RP_FRONTEND_ADMIN_AZURE_RIG_H

#include "pkg/azure/azure.h"
#include "rp/frontend/admin/admin.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"

struct azure_rig {
    struct clusters c;
    struct scripted_transport server;
    struct arm *arm;
    struct admin_azure azure;
    struct admin_clients clients;
    bool other_tenant; /* some work was to be done in another tenant than the subscription's */
};
void azure_rig_init(struct azure_rig *r, const struct script_step *steps, size_t len);
void azure_rig_release(struct azure_rig *r);
/* Fails the test unless Azure was asked for this: a line for each request, "METHOD /path?query". */
void azure_rig_asked(struct azure_rig *r, const char *want);

#endif
