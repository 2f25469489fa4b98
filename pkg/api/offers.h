/* offers.h - the fields of what can be installed: OpenShift versions, and role sets. Threads: constants. */
#ifndef PKG_API_OFFERS_H
#define PKG_API_OFFERS_H

#include "pkg/api/object.h"

extern const struct api_type openshift_version_type, role_set_type;

#endif
