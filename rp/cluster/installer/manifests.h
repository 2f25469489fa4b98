/*
 * manifests.h - the objects that a cluster begins with, beside those of its machines. Private to this folder.
 * Threads: pure.
 * Source: openshift/installer, pkg/asset/manifests.
 */
#ifndef RP_CLUSTER_INSTALLER_MANIFESTS_H
#define RP_CLUSTER_INSTALLER_MANIFESTS_H

#include "rp/cluster/installer/installer.h"

#define ASSET_MANIFESTS "*manifests.Manifests"
#define ASSET_OPENSHIFT "*manifests.Openshift"
#define ASSET_MASTER_MACHINES "*machines.Master"
#define ASSET_WORKER_MACHINES "*machines.Worker"

/* Adds these assets, with their files "manifests/NAME" and "openshift/NAME", to a graph that has the certificates, the
 * pointers and the password already. */
int manifests_make_assets(const struct installer_inputs *in, json *graph, struct error **err);

/* ---- parts, each an object of Kubernetes; the caller's ---- (manifests_cloud.c) */
/* The credentials by which operators get their own: kube-system/azure-credentials. */
json *manifests_give_credentials(const struct installer_inputs *in);
/* What the cloud provider logs in with: kube-system/azure-cloud-provider. */
json *manifests_give_cloud_provider_secret(const struct installer_inputs *in);
/* And where it works: openshift-config/cloud-provider-config. */
json *manifests_give_cloud_provider_config(const struct installer_inputs *in);
/* A Secret with one text; type may be NULL. */
json *manifests_give_secret(const char *nspace, const char *name, const char *type, const char *key,
                            const char *data, size_t len);

#endif
