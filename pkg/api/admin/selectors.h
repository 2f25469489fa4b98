/* selectors.h - what the selectors of maintenance schedules compare. Threads: pure. */
#ifndef PKG_API_ADMIN_SELECTORS_H
#define PKG_API_ADMIN_SELECTORS_H

#include "pkg/base/json.h"

/*
 * An object of texts, one a key of selectors; owned by the caller.
 *
 * document            of the cluster (openshiftclusters.h)
 * subscription_state  "Registered"
 * rp_domain           of this resource provider, as "eastus.aroapp.io"; may be NULL
 */
json *selectors_give(const json *document, const char *subscription_state, const char *rp_domain);

#endif
