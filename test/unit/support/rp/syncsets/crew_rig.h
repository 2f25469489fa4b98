/* crew_rig.h - controllers over a sets_rig, with clusters that are fake: all succeeds there without a request. */
#ifndef TEST_UNIT_SUPPORT_RP_SYNCSETS_CREW_RIG_H
#define TEST_UNIT_SUPPORT_RP_SYNCSETS_CREW_RIG_H

#include "rp/syncsets/controllers/impl.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/rp/syncsets/work_rig.h"

struct crew_rig {
    struct sets_rig r;
    struct fake_env env;
    struct http_client *http;
    struct sets_remotes *remotes;
    struct sets_queue *queue;
    struct metrics *metrics;
    struct sets_controllers_config cfg;
    struct sets_controllers *k; /* without threads but its keeper's */
};
void crew_rig_init(struct crew_rig *c);
void crew_rig_release(struct crew_rig *c);

/* A fake cluster n/name with labels {'env':'prod'}; its uid, owned. */
char *crew_rig_cluster(struct crew_rig *c, const char *name);
/* A SelectorSyncSet for env=prod with one ConfigMap of that name. */
void crew_rig_set(struct crew_rig *c, const char *name, const char *mode, const char *object);
void crew_rig_drop(struct crew_rig *c, enum api_type_id type, const char *nspace, const char *name);
/* Matches what happened, and works on the cluster as a worker would. */
void crew_rig_work(struct crew_rig *c, const char *uid);
/* The status of a cluster, or of its ClusterSync; owned. */
json *crew_rig_status(struct crew_rig *c, enum api_type_id type, const char *name);
/* One of the thread functions, until the statement counts something. */
void crew_rig_run_until(struct crew_rig *c, void (*fn)(void *controllers), const char *text);
/* The prober, until n/name has the condition with that word. */
void crew_rig_look_until(struct crew_rig *c, const char *name, const char *type, const char *word);

#endif
