/*
 * vault_certificate.h - the parts of the certificates in simulated key vaults for each other. The simulator's lock is held.
 *
 * The vault's "certificates" hold, by lower-case name:
 *   {"name", "policy", "tags", "versions": [{"version", "cer" (base64), "x5t", "attributes", "tags"}], the newest last,
 *    "pending": {"request_id", "issuer", "status" (inProgress, completed, failed, cancelled), "status_details", "left" (looks
 *                until it ends), "tags", "failure" (what it will meet), "error", "again" (it begins anew after it was seen
 *                failed), "cancellation_requested"}}
 * "deletedcertificates" hold the same with "deletedDate". Each version has a secret of the same name and version, with the key
 * and the chain, that goes with it.
 */
#ifndef HACK_DEVCLOUD_AZURE_VAULT_CERTIFICATE_H
#define HACK_DEVCLOUD_AZURE_VAULT_CERTIFICATE_H

#include "hack/devcloud/azure/vault.h"

/* vault_certificate.c */
void vault_serve_certificates(struct vault_call *v);
json *vault_certificate(const struct vault_call *v); /* the path's; borrowed; NULL: there is none */
/* What a GET shows. version NULL: the newest, or, before there is any, what is known of it. Owned. */
json *vault_give_certificate(const struct vault_call *v, const char *name, const json *certificate,
                             const json *version);

/* vault_pending.c: how certificates are made. */
void vault_create_certificate(struct vault_call *v);
void vault_serve_pending(struct vault_call *v);

/* vault_issue.c: makes the version that the pending operation is for, with its secret. ERR_INVALID: the policy cannot be met. */
int vault_issue(struct vault_call *v, json *certificate, struct error **err);
/* Whether the policy is one that can be met; answers when not. */
bool vault_policy_is_good(struct vault_call *v, const json *policy);

/* vault_certificate_deleted.c */
void vault_serve_deleted_certificates(struct vault_call *v);
void vault_delete_certificate(struct vault_call *v);

#endif
