/* change_admin.h - what an administrator's PATCH (api-version=admin) does to a cluster's states. */
#ifndef RP_FRONTEND_CHANGE_ADMIN_H
#define RP_FRONTEND_CHANGE_ADMIN_H

#include "pkg/base/json.h"

/* Tasks that are only signals to the cluster's owner: sets the maintenance state and drops the task. true
 * when it was one (look at *err, too: it may have failed). */
bool change_admin_signal(json *cluster, struct error **err);
/* Tasks that are work. */
int change_admin_begin(json *cluster, struct error **err);

#endif
