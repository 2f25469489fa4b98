/*
 * leader.h - leader election on a coordination.k8s.io/v1 Lease, for the manager.
 *
 * Another's lease is judged only by "unchanged for a full duration on my monotonic clock"; clocks
 * are never compared.
 */
#ifndef PKG_KUBE_LEADER_H
#define PKG_KUBE_LEADER_H

#include "pkg/controller/manager.h"
#include "pkg/kube/client.h"

struct lease_config {
    struct kube_client *client; /* its own: HTTP_CLASS_LEASE */
    const char *nspace, *name;
    const char *identity;                             /* NULL = hostname_uuid */
    int64_t duration_ms, renew_deadline_ms, retry_ms; /* 0 = 137 s, 107 s, 26 s */
    bool release_on_exit;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
    struct metrics *metrics;
    /* Tells "x became leader" / "x stopped leading"; may be NULL. */
    void (*on_change)(void *arg, const char *message);
    void *on_change_arg;
};
struct lease;
int lease_new(const struct lease_config *cfg, struct lease **ret,
              struct error **err); /* validates timings */
void lease_free(struct lease *l);
struct leader *lease_leader(struct lease *l); /* for manager_config.leader; borrowed */
/* The last moment up to which a write of ours cannot meet another leader's; monotonic; 0 = not
 * leader. Any thread. */
int64_t lease_leader_until_ns(const struct lease *l);
/* 0, or why the process should be restarted: believes it leads, but the last renewal is too old. */
int lease_check_health(const struct lease *l, struct error **err);

DEFINE_RELEASE(struct lease *, lease_free)
#define cleanup_lease CLEANUP_WITH(lease_free_slot)

#endif
