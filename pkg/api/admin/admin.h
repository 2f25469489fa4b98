/*
 * admin.h - the resources of support engineers, beside the cluster: their fields, and what may be written.
 *
 * External forms are those of the API version `admin`. Errors are for clients: InvalidParameter with a target. Threads: pure.
 * Source: Azure/ARO-RP, pkg/api/admin.
 */
#ifndef PKG_API_ADMIN_ADMIN_H
#define PKG_API_ADMIN_ADMIN_H

#include "pkg/api/object.h"

/* The members of documents that hold them: maintenanceManifest, maintenanceSchedule; billing is the whole document. id and
 * clusterResourceID are members of the documents themselves. */
extern const struct api_type manifest_type, schedule_type, billing_type;

int manifest_validate(const json *ext, struct error **err);
/* current: the stored one, or NULL; PropertyChangeNotAllowed. */
int schedule_validate(const json *ext, const json *current, struct error **err);

#endif
