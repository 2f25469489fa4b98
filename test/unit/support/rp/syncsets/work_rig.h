/* work_rig.h - what tests of controllers ask of the rows of a sets_rig. */
#ifndef TEST_UNIT_SUPPORT_RP_SYNCSETS_WORK_RIG_H
#define TEST_UNIT_SUPPORT_RP_SYNCSETS_WORK_RIG_H

#include "rp/syncsets/controllers/work.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

int64_t work_rig_number(struct sets_rig *r, const char *text);
/* Of the clusters that are due, by name, comma between; owned. */
char *work_rig_give_due(struct sets_rig *r);
/* Nobody is due any more. */
void work_rig_settle(struct sets_rig *r);
/* Until the log is matched. */
void work_rig_match(struct sets_rig *r);
/* Creates a cluster n/name with these labels (single quotes); its uid, owned. */
char *work_rig_cluster(struct sets_rig *r, const char *nspace, const char *name,
                       const char *labels);

#endif
