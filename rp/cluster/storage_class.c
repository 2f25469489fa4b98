#include "rp/cluster/storage_class.h"

#include "rp/cluster/cluster_version.h"
#include "rp/cluster/kube.h"

#define IS_DEFAULT "metadata.annotations[\"storageclass.kubernetes.io/is-default-class\"]"
#define FILE_DRIVER "file.csi.azure.com"
#define FILE_CLASS "azurefile-csi"
#define CSI_MINOR 11

struct driver {
    const char *plain, *encrypted, *provisioner;
};
static const struct driver in_tree = { "managed-premium", "managed-premium-encrypted-cmk",
                                       "kubernetes.io/azure-disk" };
static const struct driver csi = { "managed-csi", "managed-csi-encrypted-cmk",
                                   "disk.csi.azure.com" };

static json *give_encrypted_class(const struct driver *d, const char *encryption_set)
{
    return json_make("{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass',"
                     "'metadata':{'name':%s,'annotations':{"
                     "'storageclass.kubernetes.io/is-default-class':'true'}},'provisioner':%s,"
                     "'parameters':{'kind':'Managed','storageaccounttype':'Premium_LRS',"
                     "'diskEncryptionSetID':%s},'reclaimPolicy':'Delete',"
                     "'allowVolumeExpansion':true,'volumeBindingMode':'WaitForFirstConsumer'}",
                     d->encrypted, d->provisioner, encryption_set);
}

static int set_not_default(json *class, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(class, IS_DEFAULT, "false", err);
}

/* Workers are described by the document as it was asked for, or as the cluster has them. */
static const char *encryption_set_of(const struct cluster *c)
{
    const char *live = cluster_text(c, "workerProfilesStatus[0].diskEncryptionSetId");
    return live ? live : cluster_text(c, "workerProfiles[0].diskEncryptionSetId");
}

/* The new default comes before the old one goes: in between there are two, of which the newer counts, and never none. */
static int exchange_default(const struct cluster *c, const struct opctx *ctx,
                            const struct driver *d, const char *encryption_set, struct error **err)
{
    const struct kube_ref all = { .gvr = &GVR_STORAGECLASSES };
    cleanup_json json *class = give_encrypted_class(d, encryption_set);
    cleanup_json json *old = NULL;
    if (cluster_create_once(c->kube, ctx, &all, class, err) < 0 ||
        cluster_get_if_present(c->kube, ctx, KUBE_REF(&GVR_STORAGECLASSES, NULL, d->plain), &old,
                               err) < 0)
        return -1;
    return old ? cluster_edit(c->kube, ctx, KUBE_REF(&GVR_STORAGECLASSES, NULL, d->plain),
                              set_not_default, NULL, err)
               : 0;
}

int cluster_configure_default_storage_class(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    const char *encryption_set = encryption_set_of(c);
    bool has_csi;
    if (!encryption_set || !*encryption_set)
        return 0;
    if (cluster_runs_minor(c, ctx, CSI_MINOR, &has_csi, err) < 0)
        return -1;
    return exchange_default(c, ctx, has_csi ? &csi : &in_tree, encryption_set, err);
}

static int set_removed(json *driver, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(driver, "spec.storageClassState", "Removed", err);
}

int cluster_remove_azure_file_storage_class(void *arg, const struct opctx *ctx, struct error **err)
{
    const struct cluster *c = arg;
    const struct kube_ref *driver = KUBE_REF(&GVR_CLUSTERCSIDRIVERS, NULL, FILE_DRIVER);
    cleanup_json json *live = NULL;
    /* First the operator is told, or it would make the class again. */
    if (cluster_get_if_present(c->kube, ctx, driver, &live, err) < 0 ||
        (live && cluster_edit(c->kube, ctx, driver, set_removed, NULL, err) < 0) ||
        kube_delete_if_present(c->kube, ctx, KUBE_REF(&GVR_STORAGECLASSES, NULL, FILE_CLASS), err) <
            0)
        return error_wrap(err, "removing the storage class of Azure Files");
    return 0;
}
