/*
 * image.h - the image that a release's machines boot from: Red Hat Enterprise Linux CoreOS, as the marketplace has it.
 *
 * An offer has a SKU for each minor release of OpenShift ("aro_417") and in it a version for each build that was published
 * ("417.94.20240905"), which is how the release's own build begins (417.94.202409051434-0).
 *
 * Threads: pure. Source: openshift/installer, pkg/rhcos; coreos/stream-metadata-go.
 */
#ifndef RP_CLUSTER_INSTALLER_IMAGE_H
#define RP_CLUSTER_INSTALLER_IMAGE_H

#include "pkg/base/json.h"

#define MACHINE_IMAGE_PUBLISHER "azureopenshift"
#define MACHINE_IMAGE_OFFER "aro4"

struct machine_image { /* owned */
    char *sku, *version;
};
void machine_image_release(struct machine_image *i);
#define cleanup_machine_image CLEANUP_WITH(machine_image_release)

/* From the address of a disk: ".../rhcos-417.94.202409051434-0-azure.x86_64.vhd". ERR_INVALID: it is called otherwise. */
int machine_image_parse(const char *url, struct machine_image *ret, struct error **err);
/* From the stream metadata of a release. ERR_INVALID: it has no such disk. */
int machine_image_find(const json *stream, struct machine_image *ret, struct error **err);

#endif
