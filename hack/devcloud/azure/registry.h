/*
 * registry.h - Microsoft.ContainerRegistry: registries, what may be done with their repositories, and tokens that may do it.
 * The simulator's lock is held.
 *
 * A token's "inside": {"password1": {"value", "creationTime", "expiry"}, "password2": ...}: values are shown once, to who made
 * them.
 */
#ifndef HACK_DEVCLOUD_AZURE_REGISTRY_H
#define HACK_DEVCLOUD_AZURE_REGISTRY_H

#include "hack/devcloud/azure/resource.h"

#define REGISTRY_NS "Microsoft.ContainerRegistry"
#define REGISTRY_TYPE REGISTRY_NS "/registries"
extern const struct resource_kind registry_kind, registry_map_kind, registry_token_kind;

/* registry_credentials.c: POST REGISTRY/generateCredentials. */
void registry_generate(struct sim_call *c, const json *registry);
/* What a GET of a token shows of its passwords. Owned. */
json *registry_give_passwords(const json *token);

#endif
