/* far_rig.h - a scripted API server on loopback, and clusters of a crew_rig that are reached there. */
#ifndef TEST_UNIT_SUPPORT_RP_SYNCSETS_FAR_RIG_H
#define TEST_UNIT_SUPPORT_RP_SYNCSETS_FAR_RIG_H

#include "test/unit/support/pkg/net/tls_server.h"
#include "test/unit/support/rp/syncsets/crew_rig.h"

struct far_rig {
    struct crew_rig *c; /* its remotes may dial loopback */
    struct test_cert *ca, *cert;
    struct tls_server *server; /* NULL: nobody listens */
    unsigned port;
    bool insecure; /* clusters skip the verification of certificates */
    /* What is answered; 0: nothing, ever. probe_status: to what a probe asks for. */
    _Atomic int status, probe_status;
};
/* Answers 200 and an empty object. allow_insecure: as of sets_remotes_config. */
void far_rig_init(struct far_rig *f, struct crew_rig *c, bool allow_insecure);
void far_rig_release(struct far_rig *f); /* before the crew_rig */
void far_rig_close(struct far_rig *f);   /* from now on connections are refused */
/* Creates the cluster nspace/name with labels {'env':'prod'}, or replaces it, its kubeconfig with it; its uid, owned.
 * spec: further fields with their comma before, single quotes, "" for none; annotations: an object. */
char *far_rig_cluster(struct far_rig *f, const char *nspace, const char *name, const char *spec,
                      const char *annotations);

#endif
