/* quota.h - whether a subscription has room for a cluster's machines. Threads: pure. */
#ifndef RP_VALIDATE_QUOTA_H
#define RP_VALIDATE_QUOTA_H

#include "pkg/base/json.h"

/*
 * What a new cluster needs of each quota, by its name: {"cores": 44, ...}, owned by the caller. One more machine boots the
 * masters: of their size, in the first layout of its own. ERR_INVALID, InvalidParameter: a size that nobody knows.
 */
int quota_compute_need(const json *cluster, json **ret, struct error **err);
json *quota_give_network_need(void);
/* usages: a list of usages of compute or network. A quota that it does not name has no limit.
 * ERR_INVALID, ResourceQuotaExceeded. */
int quota_check(const json *usages, const json *need, struct error **err);

#endif
