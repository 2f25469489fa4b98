/*
 * openshiftcluster.h - the work on one cluster, from its dequeue to its end.
 *
 *   state          steps          they succeeded                                    they failed
 *   Creating       install        Succeeded; while `install` is there: handed over  Failed
 *   Updating       update         Succeeded                                         Failed
 *   AdminUpdating  admin update   the state before, maintenanceState None           the state before
 *   Deleting       delete         the document goes                                 Failed
 *   other                         nothing: the lease runs out
 *
 * An outcome that somebody else left is finished without a step. A document that was taken up too often has failed.
 * Source: Azure/ARO-RP, pkg/backend/openshiftcluster.go.
 */
#ifndef RP_BACKEND_OPENSHIFTCLUSTER_H
#define RP_BACKEND_OPENSHIFTCLUSTER_H

#include "rp/backend/work.h"

/* Logs whatever happens: nobody else could do anything about it. */
void openshiftcluster_work(const struct work *w);

#endif
