/* child_rig.h - a dequeued cluster in a database file, for children to work on, by the real clock. */
#ifndef TEST_UNIT_SUPPORT_RP_BACKEND_CHILD_RIG_H
#define TEST_UNIT_SUPPORT_RP_BACKEND_CHILD_RIG_H

#include "rp/backend/heartbeat.h"
#include "test/unit/support/rp/backend/backend_rig.h"

struct child_rig {
    struct opctx ctx;
    char *dir, *dsn, *token;
    struct database *db;
    struct document cluster;
};
void child_rig_open(struct child_rig *r);
void child_rig_close(struct child_rig *r);
#define cleanup_child_rig CLEANUP_WITH(child_rig_close)

#endif
