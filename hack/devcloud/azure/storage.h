/*
 * storage.h - the parts of the simulated storage accounts for each other. The simulator's lock is held.
 *
 * An account is a resource of the state, "/.../microsoft.storage/storageaccounts/NAME", with members that no view shows:
 *   "keys": [{"keyName", "value", "creationTime"}],
 *   "going": {NAME: seconds since the epoch until which a deleted container's name is taken}, and
 *   "containers": {NAME: {"etag", "lastModified" (RFC 1123), "access" ("blob", "container"; absent: private), "metadata": {},
 *                         "blobs": {NAME: {"data" (base64), "size", "etag", "lastModified", "created", "headers": {of Content-*},
 *                                          "metadata": {}, "blocks": [{"id", "size"}],
 *                                          "pending": {BLOCK ID: base64}}}}},
 * so that its data goes with it. "fresh": true marks a blob of which only uncommitted blocks are there.
 */
#ifndef HACK_DEVCLOUD_AZURE_STORAGE_H
#define HACK_DEVCLOUD_AZURE_STORAGE_H

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/sim.h"

#define STORAGE_NS "Microsoft.Storage"
#define STORAGE_ACCOUNT STORAGE_NS "/storageAccounts"

/* ---- storage_account.c ---- */
/* The account of this name, which is the only one in the cloud; NULL: there is none. Borrowed. */
json *storage_find_account(const struct azure_sim *sim, const char *name);
/* An account is born with two keys, and with no containers. */
json *storage_give_key(const struct azure_sim *sim, const char *name);
/* What a GET shows of an account. Owned by the caller. */
json *storage_give_view(const json *account);

/* ---- storage_check.c: whether an account may be put so; each answers when not. ---- */
bool storage_name_is_good(const char *name); /* 3 to 24 small letters and digits */
bool storage_body_is_good(struct sim_call *c, const char *name);
bool storage_rules_are_good(struct sim_call *c, const json *properties);
void storage_check_name(struct sim_call *c);

/* ---- storage_container.c: containers as resources of ARM. true: answered. ---- */
bool storage_serve_container(struct sim_call *c, const struct arm_id *at, json *account);
/* 3 to 63 small letters, digits and single hyphens, or one of the service's own. */
bool storage_container_name_is_good(const char *name);
json *storage_give_container(const struct azure_sim *sim); /* an empty one. Owned */
/* Its name stays taken for a while after it is gone. false: there was none. */
bool storage_remove_container(const struct azure_sim *sim, json *account, const char *name);
bool storage_container_is_going(const struct azure_sim *sim, const json *account, const char *name);

/* ---- storage_sas.c: shared access signatures of an account ---- */
struct storage_sas { /* texts as they are signed; owned; NULL: not given */
    char *version, *services, *types, *permission, *start, *expiry, *ip, *protocol, *scope;
    char *signature; /* base64 */
};
void storage_sas_release(struct storage_sas *s);
static inline void storage_sas_release_slot(struct storage_sas *s)
{
    storage_sas_release(s);
}
#define cleanup_sas CLEANUP_WITH(storage_sas_release_slot)
void storage_sas_init(const char *query, struct storage_sas *ret); /* raw; NULL: none */
/* base64; key is base64, too. Owned by the caller. */
char *storage_sas_give_signature(const struct storage_sas *s, const char *account, const char *key);
/*
 * storage_give_account_sas - what listAccountSas tells: "sv=...&ss=b&srt=o&sp=r&st=...&se=...&spr=https&sig=...".
 *
 * account     the account's resource ID, any letter case, with or without a slash at its end.
 * parameters  {signedServices, signedResourceTypes, signedPermission, signedExpiry; signedProtocol, signedIp, signedStart
 *             and keyToSign may be missing}.
 * Returns     a text, owned by the caller; NULL with ERR_NOT_FOUND (no such account) or ERR_INVALID.
 * Source      Storage resource provider, StorageAccounts_ListAccountSAS; "Create an account SAS".
 */
char *storage_give_account_sas(struct azure_sim *sim, const char *account, const json *parameters,
                               struct error **err);

/* ---- blob.c: the data plane ---- */
bool blob_is_host(const char *host);

#endif
