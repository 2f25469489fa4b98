/*
 * admin_rig.h - the whole frontend with the administrators' routes, on a database in memory. Bodies are JSON with single
 * quotes for double ones. Threads: the test's own.
 */
#ifndef TEST_UNIT_SUPPORT_RP_FRONTEND_ADMIN_ADMIN_RIG_H
#define TEST_UNIT_SUPPORT_RP_FRONTEND_ADMIN_ADMIN_RIG_H

#include "test/unit/support/rp/frontend/cluster_rig.h"

#define ADMIN_CLUSTER "/admin" FRONT_CLUSTER

/* As clusters_init. */
void admin_rig_init(struct clusters *c);
/* The same in two steps, as clusters_begin and clusters_serve. */
void admin_rig_begin(struct clusters *c);
void admin_rig_serve(struct clusters *c);

/* A reply's body; fails the test unless it has that status. Owned. */
json *admin_rig_ask(struct clusters *c, const char *method, const char *target, const char *body,
                    int status);
/* As front_give_error. */
char *admin_rig_error(struct clusters *c, const char *method, const char *target, const char *body);
/* Fails the test unless the request is refused so. */
void admin_rig_refused(struct clusters *c, const char *method, const char *target, const char *body,
                       const char *want);
/* Fails the test unless the tree is what the text says. */
void admin_rig_is(const json *got, const char *want);

#endif
