/*
 * ensure.h - makes objects in a cluster be what we want: the one mechanism behind the deployer and
 * the controllers that own resources.
 *
 * ensure_object: GET; absent -> server-side apply (which creates by name, so that a role can be
 * limited to names); present
 * -> the wanted object with the server's own and the kind's preserved fields taken from the live
 * one; PUT with dryRun=All tells whether that differs from the live object once defaults are filled
 * in; if so PUT; conflicts are retried on a fresh read. Bindings and workloads whose immutable part
 * differs are deleted and made again. Nothing is ever written when nothing differs. Threads: any;
 * the trees belong to the caller.
 */
#ifndef OPERATOR_DEPLOY_ENSURE_H
#define OPERATOR_DEPLOY_ENSURE_H

#include "pkg/base/json.h"
#include "pkg/kube/client.h"

#define ENSURE_FIELD_MANAGER "aro-operator"

/* want is borrowed. *ret_changed (may be NULL): something was written. */
int ensure_object(struct kube_client *k, const struct opctx *ctx, const json *want,
                  bool *ret_changed, struct error **err);
/* All, in the order of ensure_sort, after ensure_annotate_hashes. objects is an array and is
 * reordered in place. */
int ensure_objects(struct kube_client *k, const struct opctx *ctx, json *objects,
                   struct error **err);

/* ---- pure parts ---- */
/* Stable order: CRD, ClusterRole, ClusterRoleBinding, SCC, Namespace, ConfigMap, Secret,
 * ServiceAccount, the rest. */
void ensure_sort(json *objects);
/* Workloads of the set that mount a ConfigMap or Secret of the set as a volume get the template
 * annotation checksum/configmap-<name> or checksum/secret-<name>, so that a change of content rolls
 * them. */
void ensure_annotate_hashes(json *objects);
/* The object to PUT: want, completed from live (identity, defaults that the server owns, what each
 * kind preserves). */
json *ensure_give_merged(const json *live, const json *want);
/* Same but for resourceVersion, generation, managedFields and, with a status subresource, status.
 */
bool ensure_same(const json *live, const json *result);
/* What differs between the two, for people: "spec.replicas: 1 -> 2; metadata.labels.a: none -> \"x\"". Long values and
 * long lists are cut; a Secret's values are not shown. Owned. */
char *ensure_give_diff(const json *live, const json *result);
/* A copy without what says nothing about the content: resourceVersion, generation, managedFields, selfLink, status. */
json *ensure_give_comparable(const json *object);

#endif
