/*
 * cloud.h - a development cloud: the simulated Azure and a resource provider behind it as processes, beside them SyncSets if
 * wanted; made ready for a first user, watched until somebody asks for the end.
 */
#ifndef HACK_DEVCLOUD_UP_CLOUD_H
#define HACK_DEVCLOUD_UP_CLOUD_H

#include <stdbool.h>
#include <stdio.h>

#include "hack/devcloud/up/user.h"

enum cloud_port {
    CLOUD_PORT_AZURE,
    CLOUD_PORT_RP,
    CLOUD_PORT_PLAIN,
    CLOUD_PORT_SYNCSETS,
    CLOUD_PORTS
};

/* A cloud that is ready, for who goes on with it; borrowed. */
struct cloud_session {
    const struct cloud_user *user;
    const char *rp_url; /* the resource provider's own port, without TLS */
};

struct cloud_config {
    const char *dir;        /* where it keeps everything (place.h) */
    const char *bin;        /* folder of the executables */
    const char *rp;         /* that of the resource provider */
    const char *command;    /* what ends it, for a hint */
    bool syncsets;          /* runs, too: the resource provider registers its clusters there */
    int ports[CLOUD_PORTS]; /* 0: a free one */
    FILE *out;              /* progress, and what to do next */
    /* May be NULL; -1 ends the cloud. Its pauses end it after ready_s (0: a minute), and when a part of the cloud ends. */
    int (*on_ready)(void *arg, const struct cloud_session *session, struct error **err);
    void *arg;
    int ready_s;
    bool tells_last; /* what to do next: behind on_ready, not before it */
};

/* The option that chooses the port. */
const char *cloud_port_option(enum cloud_port port);

/* From a process without threads, whose signals it takes. 0: it was ready and ended by SIGTERM, SIGINT or SIGHUP, which is
 * regular. ERR_CANCELLED: they came before it was ready. */
int cloud_run(const struct cloud_config *cfg, struct error **err);

/* What of a cloud is told to others, below its folder. */
#define CLOUD_STATUS "status"
#define CLOUD_ENV "env"

#endif
