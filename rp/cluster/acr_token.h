/*
 * acr_token.h - steps: the cluster's own access to the service's registry of images, a token with a password that runs out.
 *
 * Its name is in the document before the token is made, the password as soon as it is known: who is cut off in between makes
 * another password for the same token. Nothing is done where the service has no registry (ACR_RESOURCE_ID is not set), as in
 * most development. Source: Azure/ARO-RP, pkg/util/acrtoken and pkg/cluster/acrtoken.go.
 */
#ifndef RP_CLUSTER_ACR_TOKEN_H
#define RP_CLUSTER_ACR_TOKEN_H

#include "rp/cluster/cluster.h"

/* ensureACRToken: the profile of the registry in `registryProfiles`, with a password. */
int cluster_ensure_acr_token(void *arg, const struct opctx *ctx, struct error **err);
/*
 * rotateACRTokenPassword: a new password once the old one is ACR_PASSWORD_ROTATE_DAYS old, for the document, the operator, and
 * the cluster's own pull secret. Without a profile it is made.
 */
int cluster_rotate_acr_token(void *arg, const struct opctx *ctx, struct error **err);

#define ACR_PASSWORD_ROTATE_DAYS 140

/* ---- pure parts ---- */
/* issued NULL or no time: due. */
bool acr_token_is_due(const char *issued, int64_t now_wall_ns);
/* "password1" or "password2": the one that a token lacks, else the older. token: as Azure shows it. */
const char *acr_token_password_to_renew(const json *token);

#endif
