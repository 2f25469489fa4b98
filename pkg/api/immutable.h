/*
 * immutable.h - what an update may not change, by the field table.
 *
 * Both are external clusters of the version. Fields are compared in the order of the model, and the first
 * that changed is told: PropertyChangeNotAllowed with its path as target. A read-only field must be
 * empty in ext, whatever base says. Entries of lists are named by their name, as
 * workerProfiles['worker'], others by their place. Threads: pure.
 */
#ifndef PKG_API_IMMUTABLE_H
#define PKG_API_IMMUTABLE_H

#include "pkg/api/api.h"

int api_immutable_check(const struct api_version *v, const json *ext, const json *base,
                        struct error **err);

#endif
