/*
 * rp_crash.h - processes of the resource provider that are killed, frozen and told to end at random instants, while clients
 * create, update and delete clusters through them.
 *
 *   steps.c    what the processes do with clusters: they write down each step, under its lease
 *   client.c   requests to any of them
 *   life.c     one client: the life of one cluster after another
 *   cascade.c  another: subscriptions that end, and their clusters with them
 *   check.c    what has to hold
 *   main.c     the run
 *
 * What happens to the processes is the affair of test/harness/herd.h.
 *
 * Nothing here waits for a time that a slow machine could miss: processes come to harm only while most of them serve,
 * clients wait for an answer or the end of the connection, and operations are given up when none ended for ten minutes.
 */
#ifndef TEST_RPCRASH_RP_CRASH_H
#define TEST_RPCRASH_RP_CRASH_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/base/strv.h"
#include "pkg/database/database.h"
#include "pkg/net/http.h"
#include "rp/cluster/manager.h"
#include "test/harness/herd.h"

/* ---- steps.c ---- */
extern const struct cluster_manager_ops rp_crash_steps;
/* What names of clusters mean to the steps. */
#define NAME_POISON "poison" /* installing it crashes the process */
#define NAME_BAD "bad"       /* updating it fails */
/* Each step appends {operation, lease, step} to this list. */
#define PROPERTIES "openShiftCluster.properties."
#define JOURNAL PROPERTIES "journal"
#define STEPS 3

/* ---- the world of the clients: their own threads, one database beside the frontends ---- */
struct world {
    const struct opctx *ctx;
    struct database *db;
    struct http_transport *transport;
    struct herd *herd;
    const char *subscription;
    atomic_bool more; /* lives begin */
    atomic_size_t lives, subscriptions, succeeded, failed, unknown, retries;
    _Atomic int64_t took_ns; /* how long the last change took to be answered */
    pthread_mutex_t mu;      /* guards the faults */
    struct strv faults;      /* "NAME: what" */
};
void world_fault(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
size_t world_faults(struct world *w);
void world_pause(const struct world *w);

/* ---- client.c ---- */
enum answer {
    ANSWER_DONE,    /* 2xx: it must not be lost any more */
    ANSWER_REFUSED, /* 4xx: nothing may come of it */
    ANSWER_UNKNOWN, /* the connection ended, 429 or 5xx: anything may come of it */
};
struct reply {
    enum answer answer;
    int status;
    char *operation; /* whose id the header Azure-AsyncOperation gave, or NULL */
    char *text;      /* of the body or of the failure */
};
void reply_release(struct reply *r);
/* To any frontend that can be reached. path: behind the host; without a query it gets the version of clusters. */
void client_send(struct world *w, const char *method, const char *path, const char *body,
                 struct reply *ret);

/* ---- life.c ---- */
/* Until world->more ends and the last cluster is gone. */
void life_run(struct world *w);
/* A cluster of another subscription, made, and asked for a change whose end nobody awaits. */
struct life;
struct life *life_begin(struct world *w, const char *subscription);
/* Others have deleted it. Consumes it. */
void life_end_gone(struct life *l);

/* ---- cascade.c ---- */
/* Until world->more ends and the last subscription is done. */
void cascade_run(struct world *w);

/* ---- check.c ---- */
/* 0 = it is gone, 1 = it is there. Waits for the database. */
bool check_read_cluster(struct world *w, const char *key, struct document *ret);
void check_read_record(struct world *w, const char *id, struct document *ret);
/* The operation is told to be over: so says everything else. gone: the cluster is. status: what a frontend told. */
void check_ended(struct world *w, const char *name, const json *cluster, const json *record,
                 const char *status);
/* The cluster is gone: it is not billed any more. id: of its document. was_there: it had been installed, so it was billed. */
void check_billing(struct world *w, const char *name, const char *id, bool was_there);
/* At the end of the run: what the database holds. */
void check_left(struct world *w);

#endif
