/*
 * synccrash.h - SyncSets under kills: servers, controllers, database and broker come to harm at random instants while clients
 * change what is wanted, and virtual clusters keep a record of all that is done to them.
 *
 *   chance.c    random numbers that a seed repeats
 *   fleet.c     the clusters: each process reaches them through doors of its own, so that they know who comes
 *   record.c    what is judged of each change when it comes
 *   world.c     what all threads share: faults, and requests that are sent until they are answered
 *   load.c      clients; each has sets and labels of its own
 *   wanted.c    what the clients asked for last, and what the clusters have to hold by that
 *   rollout.c   a set whose changes go to one cluster at a time
 *   watch.c     watchers that go on behind the last revision that they saw
 *   servers.c   the database and the broker are killed
 *   main.c      the run
 *
 * Nothing is judged by the clock: a slow machine makes a run longer. What never comes is given up after ten minutes.
 * What the clusters recorded counts, and what clients were told; no table of the product is read.
 */
#ifndef TEST_SYNCCRASH_SYNCCRASH_H
#define TEST_SYNCCRASH_SYNCCRASH_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/base/json.h"
#include "pkg/base/map.h"
#include "pkg/base/opctx.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/http_client.h"
#include "test/harness/herd.h"

#define CLUSTERS 4
#define MEMBERS_MAX 5
#define STALL_S 600
#define LEASE_S 6      /* of work on a cluster: the shortest that is allowed */
#define NSPACE "fleet" /* of clusters and SyncSets */

/* ---- chance.c: one thread at a time ---- */
struct chance {
    struct rng rng;
    struct chance *self;
    uint64_t state;
};
/* Streams of one seed differ by their number. */
void chance_init(struct chance *c, uint64_t seed, uint64_t stream);
bool chance_one_in(struct chance *c, uint64_t n);

/* ---- record.c ---- */
struct world;
/* One change of an object, as its cluster saw it. */
struct deed {
    unsigned member; /* of the herd: whose door it came through */
    char *method, *name;
    int status; /* 0: under way */
    int64_t revision;
    char *uid, *serial; /* of the object afterwards; NULL: it has none */
};
struct record {
    struct world *w;
    size_t cluster;
    pthread_mutex_t mu;
    struct deed *deeds;
    size_t len, cap, under_way;
    struct map *objects; /* of struct object, by name */
    unsigned holder;     /* who changed something last; MEMBERS_MAX: nobody did */
    /* Of each member the number of its last knock that belongs to no change yet; 0: there is none. */
    uint64_t knocks[MEMBERS_MAX], last_knock;
};
void record_init(struct record *r, struct world *w, size_t cluster);
void record_release(struct record *r);
/* That member asks whether the cluster answers, as who begins to work on it does. */
void record_knock(struct record *r, unsigned member);
/* The change begins; its number is for record_end. Two at once are a fault: a cluster belongs to one worker. */
size_t record_begin(struct record *r, unsigned member, const char *method, const char *name);
/* object: as the answer has it; NULL: there is none. */
void record_end(struct record *r, size_t number, int status, const json *object);
size_t record_len(struct record *r);
/* The last changes of that object. */
void record_print(struct record *r, const char *name, size_t max);

/* ---- fleet.c ---- */
struct fleet;
struct fleet *fleet_open(struct world *w, size_t members, struct error **err);
/* One answer in so many never comes, the change having been made or not; 0: all come. */
void fleet_break(struct fleet *f, unsigned one_in);
const char *fleet_kubeconfig(const struct fleet *f, size_t cluster);
/* The file that leads a member through its doors (ARO_CONNECT_TO). */
char *fleet_give_ways(const struct fleet *f, size_t member);
/* All ConfigMaps of the namespace that sets write to: {name: data}. */
json *fleet_give_state(struct fleet *f, size_t cluster);
/* As a user of the cluster would. */
void fleet_make(struct fleet *f, size_t cluster, const char *name);
size_t fleet_deeds(struct fleet *f);
void fleet_print(struct fleet *f, size_t cluster, const char *name, size_t max);
void fleet_close(struct fleet *f);
/* How objects are called: */
#define KEPT "keep-"  /* what is made of it is never deleted */
#define BRIEF "brief" /* of a set, and before "-": its names never come again */
#define SERIAL "serial"

/* ---- rollout.c: any thread ---- */
/* A SelectorSyncSet of that name for all clusters, with objects NAME-0 and on, all of which change with each serial. */
#define RING "ring"
#define RING_OBJECTS 8
#define RING_CANARY 0 /* the cluster; the only one with this label: */
#define RING_LABEL "ring"
#define RING_MAX 1 /* clusters at a time */
struct rollout;
struct rollout *rollout_new(struct world *w);
/* The service may soon be asked for that change. */
void rollout_ask(struct rollout *r, long long serial);
/* An object was written. */
void rollout_note(struct rollout *r, size_t cluster, const char *name, long long serial);
/* A request of somebody who works there failed, or is about to. */
void rollout_excuse(struct rollout *r, size_t cluster);
/* Clusters that have all of that change. */
size_t rollout_reached(struct rollout *r, long long serial);
void rollout_print(struct rollout *r);

/* ---- world.c ---- */
struct world {
    const struct opctx *ctx;
    uint64_t seed;
    struct http_transport *transport;
    struct herd *herd;
    struct fleet *fleet;
    struct wanted *wanted;
    struct rollout *rollout;
    atomic_bool more;   /* clients go on */
    atomic_bool follow; /* watchers do */
    atomic_size_t writes, unanswered, resumed, events, lifted;
    pthread_mutex_t mu; /* guards the faults */
    struct strv faults;
};
void world_fault(struct world *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
size_t world_faults(struct world *w);
void world_pause(const struct world *w);
struct ask {
    const char *method, *plural, *nspace, *name;
    const json *body;
    bool upsert;
    const char *action; /* NULL: none */
};
/* Until it is answered with a success, or a 404 for a deletion. The reply's tree, the caller's; NULL: none, or a fault ended
 * it. */
json *world_ask(struct world *w, struct chance *chance, const struct ask *a);

/* ---- wanted.c: any thread ---- */
struct wanted *wanted_new(void);
void wanted_free(struct wanted *m);
/* A client was told that this stands. body: a set, or a cluster with its labels; NULL: it is gone. reply: of the request. */
void wanted_tell(struct wanted *m, const char *plural, const char *name, const json *body,
                 const json *reply);
/* {uid: {"plural", "revisions": {revision: true}, "gone": bool}} of all that clients were told. */
json *wanted_give_told(struct wanted *m);
/* What is wrong in the clusters and in what the service says of them; one line each. Empty: all is as wanted. *ret_forgotten:
 * objects among that which no waiting ends. */
void wanted_compare(struct world *w, struct strv *ret_wrong, struct strv *ret_forgotten);

/* ---- load.c ---- */
#define LOAD_CLIENTS 8
/* Registers the clusters. */
void load_register(struct world *w);
/* Clusters whose workers came to harm so often that they were set aside for an hour are no longer. */
void load_lift_all(struct world *w);
/* Until world->more ends. number below LOAD_CLIENTS. */
void load_run(struct world *w, size_t number);

/* ---- watch.c ---- */
#define WATCHERS 4
struct watcher;
struct watcher *watcher_start(struct world *w, size_t number);
/* What is told to clients before it has its list may never be seen by it. */
void watcher_await_list(struct watcher *x);
/* Waits until it has seen what a list says, then judges. */
void watcher_judge(struct watcher *x, const json *told);
void watcher_end(struct watcher *x);

/* ---- servers.c ---- */
struct servers;
/* NULL files: there is no such server. */
struct servers *servers_start(struct world *w, const char *database_pid, const char *broker_pid);
void servers_calm(struct servers *s);
void servers_print(const struct servers *s);

#endif
