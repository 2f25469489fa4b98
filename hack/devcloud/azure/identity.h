/*
 * identity.h - Microsoft.ManagedIdentity: identities, each a principal of the directory, and whose tokens they trust. The
 * simulator's lock is held.
 *
 * An identity has an application in the state, under its client ID, with the "federated" of its credentials: a workload that
 * shows a token of the issuer signs in as the identity.
 */
#ifndef HACK_DEVCLOUD_AZURE_IDENTITY_H
#define HACK_DEVCLOUD_AZURE_IDENTITY_H

#include "hack/devcloud/azure/resource.h"

#define IDENTITY_TYPE "Microsoft.ManagedIdentity/userAssignedIdentities"
extern const struct resource_kind identity_kind, identity_credential_kind;

#endif
