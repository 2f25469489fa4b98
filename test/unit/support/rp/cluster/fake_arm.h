/*
 * fake_arm.h - resources of Azure in memory behind an operation (cluster_rig.h), for steps whose outcome counts more than the
 * words of their requests: GET of a resource and of a collection, PUT, PATCH, DELETE. Tokens are given to everybody.
 *
 *   fake_arm_use(&a, &r);
 *   fake_arm_add(&a, RIG_GROUP "/providers/Microsoft.Network/loadBalancers/x", "{'properties':{}}");
 *   run_step(&r, cluster_do_x);
 *   fake_arm_release(&a);
 *
 * A PUT with an etag that is not the resource's is answered 412. Threads: that of the test.
 */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_FAKE_ARM_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_FAKE_ARM_H

#include "pkg/base/strv.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"

struct fake_arm {
    struct http_transport base;
    json *resources;    /* ID in lower case -> resource */
    struct strv writes; /* "METHOD NAME" of each one that was taken */
    size_t refuse;      /* so many writes are taken, then one is refused with 403; 0: none is */
    size_t lose; /* this write, from 1, is taken and answered with 403 all the same; 0: none is */
    int64_t etag;
    /* Runs once before the next write; may be NULL. */
    void (*before_write)(struct fake_arm *a);
};
void fake_arm_use(struct fake_arm *a, struct cluster_rig *r);
void fake_arm_release(struct fake_arm *a);
#define cleanup_fake_arm CLEANUP_WITH(fake_arm_release)

/* JSON with single quotes. */
void fake_arm_add(struct fake_arm *a, const char *id, const char *resource);
/* Borrowed; NULL: there is none. */
json *fake_arm_get(const struct fake_arm *a, const char *id);
/* All writes so far, in lines. Owned by the caller. */
char *fake_arm_give_writes(const struct fake_arm *a);

#endif
