/*
 * apply_rig_proxy.h - faults and counts of a rig whose cluster is a real one: the fault proxy stands before it
 * (test/harness/faultproxy/control.h). Private to the rig.
 *
 * All fail the test when they cannot. Threads: one.
 */
#ifndef TEST_UNIT_SUPPORT_JOINT_SYNCSETS_APPLY_RIG_PROXY_H
#define TEST_UNIT_SUPPORT_JOINT_SYNCSETS_APPLY_RIG_PROXY_H

#include "test/unit/support/joint/syncsets/apply_rig.h"

/* url: of the control interface. */
void rig_proxy_open(struct apply_rig *r, const char *url);
void rig_proxy_close(struct apply_rig *r); /* accepts one that was not opened */
void rig_proxy_clear(struct apply_rig *r); /* no faults any more */
void rig_proxy_fail(struct apply_rig *r, const char *method, const char *path, int status,
                    int times);
void rig_proxy_mark(struct apply_rig *r);
struct rig_counts rig_proxy_count(struct apply_rig *r); /* since the mark */

/* A Status as API servers reply it. Owned. */
char *rig_give_refusal(int status);

#endif
