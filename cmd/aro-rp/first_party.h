/*
 * first_party.h - the application that acts in customers' tenants, and in that of the diagnostics service: by a certificate,
 * in development by the secret of its own. Threads: safe from any.
 */
#ifndef CMD_ARO_RP_FIRST_PARTY_H
#define CMD_ARO_RP_FIRST_PARTY_H

#include "pkg/azure/azure.h"

struct first_party;
/* client_secret NULL: by certificate, to be set before the first credential is asked for. */
struct first_party *first_party_new(const char *client_id, struct secret *client_secret);
void first_party_free(struct first_party *f); /* accepts NULL */
/* Leaf first, and its key: from now on. Copied. */
void first_party_set_cert(struct first_party *f, const char *cert_pem, struct secret *key_pem);
/* As of now, in a tenant. The caller's. */
struct azure_credential *first_party_give_credential(struct first_party *f, const char *tenant_id);

#endif
