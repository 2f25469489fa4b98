/*
 * release.h - what the payload of a release brings to every cluster, beside the installer's manifests: OpenShift's kinds,
 * namespaces, operators with the status that they reach, machine configuration.
 *
 * The content is that of the fixture cluster, with the names of this one. Trees are owned by the caller. Threads: pure.
 */
#ifndef HACK_DEVCLOUD_BOOT_RELEASE_H
#define HACK_DEVCLOUD_BOOT_RELEASE_H

#include "hack/devcloud/boot/bootstrap.h"

/* CustomResourceDefinitions, an array. */
json *release_give_kinds(void);
/* Objects, an array in the order in which they can be made; where an operator reports, its status is the one in the end. */
json *release_give_objects(const struct bootstrap *b);
/*
 * The installer's manifests and what the release adds to them: an object that is in both is the installer's, with the
 * release's status where it has none.
 */
json *release_give_all(const struct bootstrap *b);

#endif
