/*
 * inside_rig.h - an operation (cluster_rig.h) on a cluster whose API is a fake in memory (fake_cluster.h).
 *
 *   inside_rig_open(&r, "{'infraId':'a-12345'}");
 *   fake_cluster_add(&r.inside, "{'apiVersion':'v1', ...}");
 *   assert_int_equal(cluster_ensure_x(r.c, r.ctx, NULL), 0);
 *   inside_rig_close(&r);
 */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_INSIDE_RIG_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_INSIDE_RIG_H

#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"

struct inside_rig {
    struct cluster_rig outer;
    struct fake_cluster inside;
    struct cluster *c; /* has a client of inside */
    const struct opctx *ctx;
};
void inside_rig_open(struct inside_rig *r, const char *properties);
/* env, script: as cluster_rig_open_env. */
void inside_rig_open_env(struct inside_rig *r, const char *properties, const char *const *env,
                         const struct script_step *script, size_t len);
void inside_rig_close(struct inside_rig *r);
#define cleanup_inside_rig CLEANUP_WITH(inside_rig_close)
/* As another process would begin. */
void inside_rig_reopen(struct inside_rig *r);

/* A step that must succeed. */
void inside_rig_must(struct inside_rig *r,
                     int (*step)(void *arg, const struct opctx *ctx, struct error **err));
/* One look of a condition, which must be possible. */
bool inside_rig_look(struct inside_rig *r, int (*holds)(void *arg, const struct opctx *ctx,
                                                        bool *ret, struct error **err));

/* All that a production service has to be told. */
extern const char *const inside_rig_production[];
/* Text of an object of the fake, or NULL. Borrowed. */
const char *inside_rig_text(struct inside_rig *r, const struct gvr *gvr, const char *nspace,
                            const char *name, const char *path);

#endif
