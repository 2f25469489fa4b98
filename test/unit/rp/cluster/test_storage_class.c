#include "rp/cluster/storage_class.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define DES "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/d"
#define ENCRYPTED "{'workerProfiles':[{'name':'worker','diskEncryptionSetId':'" DES "'}]}"
#define VERSION(v) \
    "{'apiVersion':'config.openshift.io/" \
    "v1','kind':'ClusterVersion','metadata':{'name':'version'}," \
    "'status':{'history':[{'state':'Completed','version':'" v "'}]}}"
#define CLASS(name) \
    "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'" name \
    "','annotations':{'storageclass.kubernetes.io/is-default-class':'true','other':'x'}}," \
    "'provisioner':'p'}"
#define IS_DEFAULT "metadata.annotations[\"storageclass.kubernetes.io/is-default-class\"]"

static const char *text(struct inside_rig *r, const char *class, const char *path)
{
    return inside_rig_text(r, &GVR_STORAGECLASSES, NULL, class, path);
}

static void workers_without_own_key_change_nothing(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'workerProfiles':[{'name':'worker'}]}");

    inside_rig_must(&r, cluster_configure_default_storage_class);

    fake_cluster_must_not_write(&r.inside);
}

static void volumes_are_encrypted_with_the_workers_key(void **state)
{
    (void)state;
    static const struct {
        const char *version, *old, *encrypted, *provisioner;
    } cases[] = {
        { VERSION("4.14.1"), "managed-csi", "managed-csi-encrypted-cmk", "disk.csi.azure.com" },
        { VERSION("4.11.0"), "managed-csi", "managed-csi-encrypted-cmk", "disk.csi.azure.com" },
        { VERSION("4.10.9"), "managed-premium", "managed-premium-encrypted-cmk",
          "kubernetes.io/azure-disk" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_inside_rig struct inside_rig r;
        inside_rig_open(&r, ENCRYPTED);
        fake_cluster_add(&r.inside, cases[i].version);
        fake_cluster_add(&r.inside, CLASS("managed-csi"));
        fake_cluster_add(&r.inside, CLASS("managed-premium"));

        inside_rig_must(&r, cluster_configure_default_storage_class);
        inside_rig_must(&r, cluster_configure_default_storage_class);

        assert_string_equal(text(&r, cases[i].encrypted, IS_DEFAULT), "true");
        assert_string_equal(text(&r, cases[i].encrypted, "parameters.diskEncryptionSetID"), DES);
        assert_string_equal(text(&r, cases[i].encrypted, "provisioner"), cases[i].provisioner);
        assert_string_equal(text(&r, cases[i].old, IS_DEFAULT), "false");
        assert_string_equal(text(&r, cases[i].old, "metadata.annotations.other"), "x");
        assert_int_equal(fake_cluster_writes(&r.inside, "PUT"), 1);
    }
}

static void a_default_that_is_not_there_needs_no_change(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, ENCRYPTED);
    fake_cluster_add(&r.inside, VERSION("4.14.1"));

    inside_rig_must(&r, cluster_configure_default_storage_class);

    assert_string_equal(text(&r, "managed-csi-encrypted-cmk", IS_DEFAULT), "true");
}

static void the_class_of_files_goes_for_good(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    fake_cluster_add(&r.inside,
                     "{'apiVersion':'operator.openshift.io/v1','kind':'ClusterCSIDriver',"
                     "'metadata':{'name':'file.csi.azure.com'},'spec':{'logLevel':'Normal'}}");
    fake_cluster_add(&r.inside, CLASS("azurefile-csi"));

    inside_rig_must(&r, cluster_remove_azure_file_storage_class);
    inside_rig_must(&r, cluster_remove_azure_file_storage_class);

    assert_string_equal(inside_rig_text(&r, &GVR_CLUSTERCSIDRIVERS, NULL, "file.csi.azure.com",
                                        "spec.storageClassState"),
                        "Removed");
    assert_null(fake_cluster_get(&r.inside, &GVR_STORAGECLASSES, NULL, "azurefile-csi"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("workers without a key of their own change nothing",
             workers_without_own_key_change_nothing),
        CASE("volumes are encrypted with the workers' key",
             volumes_are_encrypted_with_the_workers_key),
        CASE("a default that is not there needs no change",
             a_default_that_is_not_there_needs_no_change),
        CASE("the class of files goes for good", the_class_of_files_goes_for_good),
    };
    return RUN_CASES("storage_class", tests);
}
