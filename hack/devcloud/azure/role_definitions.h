/* role_definitions.h - roles that Azure has by itself, and those that customers made. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_ROLE_DEFINITIONS_H
#define HACK_DEVCLOUD_AZURE_ROLE_DEFINITIONS_H

#include "hack/devcloud/azure/sim.h"

/* IDs of any scope name the same role when they end in the same name. */
bool role_is_same(const char *a, const char *b);
bool role_exists(struct azure_sim *sim, const char *id);
json *role_give_one(struct azure_sim *sim, const char *id); /* owned; NULL: there is none */
json *role_give_all(struct azure_sim *sim);                 /* owned; an array */

#endif
