/* api_versions.h - the API version to speak of a resource of any type with. Threads: pure. */
#ifndef RP_CLUSTER_API_VERSIONS_H
#define RP_CLUSTER_API_VERSIONS_H

/* type: "Microsoft.Compute/disks", any letter case; of nested types that of the nearest parent. NULL: unknown. */
const char *api_version_of(const char *type);

#endif
