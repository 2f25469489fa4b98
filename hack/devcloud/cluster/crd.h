/*
 * crd.h - CustomResourceDefinitions: what they must look like, the kinds that they define, their
 * conditions. Threads: pure.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_CRD_H
#define HACK_DEVCLOUD_CLUSTER_CRD_H

#include "hack/devcloud/cluster/fail.h"
#include "hack/devcloud/cluster/kinds.h"

#define CRD_COLLECTION "apiextensions.k8s.io/customresourcedefinitions"
#define CRD_FINALIZER "customresourcecleanup.apiextensions.k8s.io"

void crd_fill(json *crd); /* singular, listKind */
/* before NULL: a create. */
void crd_validate(const json *crd, const json *before, struct invalid *out);
/* The kinds of its served versions; none while it is not established or is being deleted. */
struct crd_kinds *crd_give_kinds(const json *crd, const struct catalog *catalog);
/*
 * Accepts the names (unless another definition of the group has taken them: others is an array of
 * definitions) and establishes; also storedVersions. now is RFC 3339 text. True when the status changed.
 */
bool crd_settle(json *crd, const json *others, const char *now);
/* Sets a condition; true when it changed. */
bool crd_set_condition(json *crd, const char *type, const char *status, const char *reason,
                       const char *message, const char *now);
char *crd_give_collection(const json *crd);
const char *crd_storage_version(const json *crd); /* borrowed; NULL when there is none */

#endif
