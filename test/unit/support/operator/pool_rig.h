/*
 * pool_rig.h - a fake cluster with what controllers of MachineConfigs look at: pools, a ClusterVersion, addresses and flags.
 */
#ifndef TEST_UNIT_SUPPORT_OPERATOR_POOL_RIG_H
#define TEST_UNIT_SUPPORT_OPERATOR_POOL_RIG_H

#include "test/unit/support/operator/fake_cluster.h"

/* A Cluster with addresses, pools "master" and "worker", and a ClusterVersion whose newest entry has that state; NULL: there is
 * no ClusterVersion. */
void pool_rig_start(struct fake_cluster *f, const char *state);
void pool_rig_set_flag(struct fake_cluster *f, const char *flag, const char *value);
void pool_rig_set_spec(struct fake_cluster *f, const char *field, const char *value);
void pool_rig_add_pool(struct fake_cluster *f, const char *name);
/* It is being deleted. */
void pool_rig_doom_pool(struct fake_cluster *f, const char *name);

/* Borrowed; NULL when absent. */
json *pool_rig_config(struct fake_cluster *f, const char *name);
/* Somebody has emptied it. */
void pool_rig_spoil(struct fake_cluster *f, const char *name);
bool pool_rig_is_spoilt(struct fake_cluster *f, const char *name);
/* The text of a file in a MachineConfig; the caller's. Fails the test when it is missing. */
char *pool_rig_give_file(const json *config, const char *path);
/* One run with that key, which must succeed, or fail with an error that contains text. */
void pool_rig_must(struct fake_cluster *f, const struct controller_desc *desc, const char *key);
void pool_rig_must_fail(struct fake_cluster *f, const struct controller_desc *desc, const char *key,
                        const char *text);

#endif
