/* vault.h - the parts of the simulated key vaults for each other. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_VAULT_H
#define HACK_DEVCLOUD_AZURE_VAULT_H

#include "hack/devcloud/azure/sim.h"

/* One request to a vault. A secret is an array of its versions, the newest last:
 * {"version", "value", "contentType", "tags", "attributes": {"enabled", "created", "updated", "nbf", "exp"}}; that of a
 * certificate has "kid" and "managed", too. */
struct vault_call {
    struct sim_call *sim;
    json *secrets, *deleted;                   /* by lower-case name; borrowed */
    json *certificates, *deleted_certificates; /* vault_certificate.h; borrowed */
    const char *name;                          /* of the path, as asked; NULL: the list */
    char *key;                                 /* the same in lower case */
    const char *more;                          /* what the path has behind it; NULL: nothing */
};

/* Answers with an error of a vault; inner may be NULL. */
void vault_refuse(struct vault_call *v, int status, const char *code, const char *inner,
                  const char *fmt, ...) PRINTF_LIKE(5, 6);
/* A version as it is shown. id_version: whether its id names the version. Owned by the caller. */
json *vault_give_view(const struct vault_call *v, const char *name, const json *version,
                      bool id_version);
/* vault_deleted.c: /deletedsecrets[/NAME[/recover]], and what a deletion leaves there. */
void vault_serve_deleted(struct vault_call *v);
void vault_delete_secret(struct vault_call *v);

#endif
