/*
 * subscription.h - the work on one subscription that was deleted: its clusters are deleted with it.
 *
 * Each round sets every cluster whose operation has ended to Deleting, with its tries counted anew, and leaves those alone
 * that are at work. The subscription is done when no cluster is left; until then it sleeps ten minutes between rounds. A
 * round that fails is repeated at once, and from the sixth time on after ten minutes. A subscription that is not Deleted
 * any more is left with its clusters.
 * Source: Azure/ARO-RP, pkg/backend/subscriptions.go.
 */
#ifndef RP_BACKEND_SUBSCRIPTION_H
#define RP_BACKEND_SUBSCRIPTION_H

#include "rp/backend/work.h"

/* w->key: its id. Logs whatever happens. */
void subscription_work(const struct work *w);

#endif
