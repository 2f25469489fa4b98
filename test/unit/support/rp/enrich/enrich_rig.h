/* enrich_rig.h - a cluster in memory, as enrichment asks it, and a database that seals. Texts are JSON with single quotes. */
#ifndef TEST_UNIT_SUPPORT_RP_ENRICH_ENRICH_RIG_H
#define TEST_UNIT_SUPPORT_RP_ENRICH_ENRICH_RIG_H

#include <pthread.h>

#include "rp/enrich/task.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/pkg/database/database_rig.h"

#define ENRICH_ID \
    "/subscriptions/s1/resourceGroups/g/providers/Microsoft.RedHatOpenShift/openShiftClusters/c"

struct enrich_rig {
    struct http_transport transport; /* to inside, from any thread */
    pthread_mutex_t mu;
    struct database_rig db;
    struct fake_cluster inside;
    struct enrich_config cfg;
    json *cluster;
};
void enrich_rig_open(struct enrich_rig *r, const char *properties);
void enrich_rig_close(struct enrich_rig *r);
#define cleanup_enrich_rig CLEANUP_WITH(enrich_rig_close)

/* One task, on the calling thread. */
int enrich_rig_run(struct enrich_rig *r, const struct enrich_task *task, struct error **err);
/* Fails the test unless the member of `properties` is that. */
void enrich_rig_is(const struct enrich_rig *r, const char *path, const char *want);

#endif
