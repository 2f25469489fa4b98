/*
 * azure_checks.h - the frontend's questions before a create (create_checks), put to Azure as the
 * first-party application in the tenant of the cluster's subscription. Threads: safe from any.
 */
#ifndef CMD_ARO_RP_AZURE_CHECKS_H
#define CMD_ARO_RP_AZURE_CHECKS_H

#include "pkg/azure/azure.h"
#include "rp/frontend/frontend.h"

struct azure_checks_config {
    struct http_transport *transport; /* borrowed */
    const struct azure_cloud *cloud;
    const char *client_id, *location; /* copied */
    struct secret *client_secret;     /* one of the two; shared */
    const char *cert_pem;             /* leaf first; copied */
    struct secret *key_pem;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
struct azure_checks;
struct azure_checks *azure_checks_new(const struct azure_checks_config *cfg);
struct create_checks *azure_checks_base(struct azure_checks *c);
/* A newer certificate of the application, leaf first, and its key; copied. */
void azure_checks_set_cert(struct azure_checks *c, const char *cert_pem, struct secret *key_pem);
void azure_checks_free(struct azure_checks *c); /* accepts NULL */

#endif
