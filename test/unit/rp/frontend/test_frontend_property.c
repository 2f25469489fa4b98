/*
 * Clients that do what comes to their mind, many at once, against the whole frontend. What each was told is held against
 * what became of the clusters: every success is work that is done exactly once, nothing that was written is lost, nobody
 * sees another subscription's clusters, and nobody sees a secret.
 *
 * The backend's part is played by the clients themselves, between their requests. What they do follows from the seed,
 * which every failure names (ARO_TEST_SEED sets it); how they meet does not.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define CLIENTS 6
#define STEPS 400
#define SUBSCRIPTIONS 2
#define CLUSTERS 3 /* of each subscription; the first is never put again and never deleted */
#define KEPT 0

static const char *const subs[SUBSCRIPTIONS] = { FRONT_SUB,
                                                 "00000000-0000-0000-0000-00000000000b" };

enum work { CREATING, UPDATING, DELETING, WORKS };
static const char *const states[WORKS] = { "Creating", "Updating", "Deleting" };

struct model {
    struct clusters rig;
    uint64_t seed;
    /* What clients were told, and what was found to be done. */
    atomic_int promised[SUBSCRIPTIONS][CLUSTERS][WORKS], done[SUBSCRIPTIONS][CLUSTERS][WORKS];
};

struct client {
    struct model *m;
    pthread_t thread;
    int id, step;
    uint64_t chance;
    int written[SUBSCRIPTIONS]; /* what it wrote last into the kept cluster; 0: nothing */
    char *complaint;            /* the first; NULL: none */
};

static size_t below(struct client *c, size_t bound)
{
    c->chance ^= c->chance << 13;
    c->chance ^= c->chance >> 7;
    c->chance ^= c->chance << 17;
    return (size_t)(c->chance >> 11) % bound;
}

static void complain(struct client *c, const char *what, const char *answer)
{
    if (!c->complaint)
        c->complaint = xasprintf("client %d, step %d: %s: %s", c->id, c->step, what, answer);
}

/* ---- requests ---- */

static char *give_target(size_t sub, size_t cluster)
{
    return xasprintf("/subscriptions/%s/resourceGroups/Group%s/c%zu" V_2020, subs[sub], FRONT_TYPE,
                     cluster);
}

/* The valid body, of another subscription and with an identity of the cluster's own. */
static char *give_body(size_t sub, size_t cluster)
{
    cleanup_free char *identity = xasprintf("11111111-1111-1111-1111-%012zu", cluster);
    cleanup_free char *group = xasprintf("%s%zu", MANAGED_GROUP, cluster);
    char *body = clusters_give_body(identity, group);
    for (char *p = body; (p = strstr(p, FRONT_SUB)) != NULL; p += strlen(subs[sub]))
        memcpy(p, subs[sub], strlen(subs[sub]));
    return body;
}

/* The answer, "STATUS body"; owned. Complains of what no answer may hold. */
static char *give_answer(struct client *c, const char *method, size_t sub, const char *target,
                         const char *body, const char *allowed)
{
    static const char *const secrets[] = { "verysecret", "auths", "passw0rd", "kind: Config" };
    char *answer = front_give_answer(&c->m->rig.front, method, target, body);
    cleanup_free char *status = xasprintf(" %.3s ", answer);
    if (!strstr(allowed, status))
        complain(c, method, answer);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        if (strstr(answer, secrets[i]))
            complain(c, "a secret is shown", answer);
    if (strstr(answer, subs[1 - sub]))
        complain(c, "another subscription is shown", answer);
    return answer;
}

static void promise(struct client *c, size_t sub, size_t cluster, const char *answer, enum work ok,
                    const char *status)
{
    if (str_starts(answer, status))
        atomic_fetch_add(&c->m->promised[sub][cluster][ok], 1);
}

static void put(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *target = give_target(sub, cluster), *body = give_body(sub, cluster);
    cleanup_free char *answer = give_answer(c, "PUT", sub, target, body, " 200 201 400 ");
    promise(c, sub, cluster, answer, CREATING, "201");
    promise(c, sub, cluster, answer, UPDATING, "200");
}

static void patch(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *target = give_target(sub, cluster);
    cleanup_free char *body = xasprintf("{\"tags\":{\"w%d\":\"%d\"}}", c->id, c->step);
    cleanup_free char *answer = give_answer(c, "PATCH", sub, target, body, " 200 400 404 ");
    promise(c, sub, cluster, answer, UPDATING, "200");
    if (cluster == KEPT && str_starts(answer, "200"))
        c->written[sub] = c->step;
}

static void remove_cluster(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *target = give_target(sub, cluster);
    cleanup_free char *answer = give_answer(c, "DELETE", sub, target, NULL, " 202 204 400 ");
    promise(c, sub, cluster, answer, DELETING, "202");
}

/* A write replaces all tags. So of a client's writes the last one is there, or one of somebody else. */
static bool shows_own(struct client *c, size_t sub, const char *answer)
{
    cleanup_free char *name = xasprintf("\"w%d\": ", c->id);
    cleanup_free char *tag = xasprintf("%s\"%d\"", name, c->written[sub]);
    if (!strstr(answer, name))
        return false;
    if (!strstr(answer, tag))
        complain(c, tag, answer);
    return true;
}

static void get(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *target = give_target(sub, cluster);
    cleanup_free char *answer =
        give_answer(c, "GET", sub, target, NULL, cluster == KEPT ? " 200 " : " 200 404 ");
    if (cluster == KEPT)
        (void)shows_own(c, sub, answer);
}

static void list(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *target =
        xasprintf("/subscriptions/%s%s%s%s", subs[sub], cluster ? "/resourceGroups/GROUP" : "",
                  FRONT_TYPE, V_2020);
    cleanup_free char *answer = give_answer(c, "GET", sub, target, NULL, " 200 ");
    cleanup_free char *kept = xasprintf("/c%d\"", KEPT);
    if (!strstr(answer, kept))
        complain(c, "the list is not whole", answer);
}

/* ---- the backend's part ---- */

static void note_done(struct model *m, const struct document *d)
{
    const char *key = json_path_str(d->tree, "key");
    const char *state = json_path_str(d->tree, "openShiftCluster.properties.provisioningState");
    size_t sub = strstr(key, subs[1]) != NULL;
    size_t cluster = (size_t)(key[strlen(key) - 1] - '0');
    for (size_t i = 0; i < WORKS; i++)
        if (str_eq(state, states[i]))
            atomic_fetch_add(&m->done[sub][cluster][i], 1);
}

/* Ends one operation; 1 = it did, 0 = there is none. */
static int work(struct model *m, struct error **err)
{
    static const struct cluster_end end = { .provisioning_state = "Succeeded" };
    struct database *db = m->rig.db;
    cleanup_document struct document d = { 0 };
    cleanup_free char *lease = NULL;
    if (openshiftclusters_dequeue(&m->rig.ctx, db, &lease, &d, err) < 0)
        return -1;
    if (!d.tree)
        return 0;
    note_done(m, &d);
    bool deletes = str_eq(json_path_str(d.tree, "openShiftCluster.properties.provisioningState"),
                          states[DELETING]);
    int rcode = deletes ? openshiftclusters_delete(&m->rig.ctx, db, &d, err)
                        : openshiftclusters_end_lease(&m->rig.ctx, db, json_path_str(d.tree, "key"),
                                                      lease, &end, NULL, err);
    return rcode < 0 ? -1 : 1;
}

static void work_once(struct client *c, size_t sub, size_t cluster)
{
    cleanup_error struct error *err = NULL;
    (void)sub;
    (void)cluster;
    if (work(c->m, &err) < 0)
        complain(c, "ending an operation", error_text(err));
}

/* ---- the run ---- */

static void *live(void *arg)
{
    static void (*const deeds[])(struct client * c, size_t sub, size_t cluster) = {
        put, patch, patch, remove_cluster, get, get, list, work_once, work_once, work_once,
    };
    struct client *c = arg;
    for (c->step = 1; c->step <= STEPS && !c->complaint; c->step++) {
        size_t deed = below(c, ARRAY_LEN(deeds)), sub = below(c, SUBSCRIPTIONS);
        size_t cluster = below(c, CLUSTERS);
        if (cluster == KEPT && (deeds[deed] == put || deeds[deed] == remove_cluster))
            cluster++;
        deeds[deed](c, sub, cluster);
    }
    return NULL;
}

static void drain(struct model *m)
{
    int more;
    do {
        cleanup_error struct error *err = NULL;
        more = work(m, &err);
        if (more < 0)
            fail_msg("%s", error_text(err));
    } while (more);
}

static uint64_t choose_seed(void)
{
    const char *text = getenv("ARO_TEST_SEED"); /* NOLINT(concurrency-mt-unsafe) */
    uint64_t seed = text ? strtoull(text, NULL, 0) : rng_system()->next(rng_system());
    return seed ? seed : 1;
}

static void begin(struct model *m)
{
    *m = (struct model){ .seed = choose_seed() };
    print_message("seed 0x%" PRIx64 "\n", m->seed);
    clusters_begin(&m->rig);
    m->rig.front.cfg.workers = CLIENTS;
    clusters_serve(&m->rig);
    clusters_set_subscription(&m->rig, "Registered");
    clusters_add_version(&m->rig, DEFAULT_VERSION, true, true);
    cleanup_free char *other = xasprintf("/subscriptions/%s?api-version=2.0", subs[1]);
    cleanup_free char *answer =
        front_give_answer(&m->rig.front, "PUT", other,
                          "{\"state\":\"Registered\",\"properties\":{\"tenantId\":\"t\"}}");
    assert_memory_equal(answer, "20", 2);
    struct client first = { .m = m };
    for (size_t sub = 0; sub < SUBSCRIPTIONS; sub++)
        put(&first, sub, KEPT);
    assert_null(first.complaint);
    drain(m);
}

/* What was promised is done, once, and the clusters that were made and not deleted are there. */
static void check_cluster(struct model *m, size_t sub, size_t cluster)
{
    int n[WORKS];
    for (size_t i = 0; i < WORKS; i++) {
        n[i] = atomic_load(&m->promised[sub][cluster][i]);
        int done = atomic_load(&m->done[sub][cluster][i]);
        if (n[i] != done)
            fail_msg("seed 0x%" PRIx64 ": cluster %zu of %zu: %s promised %d times, done %d times",
                     m->seed, cluster, sub, states[i], n[i], done);
    }
    cleanup_free char *target = give_target(sub, cluster);
    cleanup_free char *answer = front_give_answer(&m->rig.front, "GET", target, NULL);
    int lives = n[CREATING] - n[DELETING];
    if (lives != str_starts(answer, "200"))
        fail_msg("seed 0x%" PRIx64 ": cluster %zu of %zu: %d created, %d deleted, %s", m->seed,
                 cluster, sub, n[CREATING], n[DELETING], answer);
}

/* The tag of the kept cluster is the last write of somebody, if there was any. */
static void check_tag(struct model *m, struct client *clients, size_t sub)
{
    cleanup_free char *target = give_target(sub, KEPT);
    cleanup_free char *answer = front_give_answer(&m->rig.front, "GET", target, NULL);
    int shown = 0, written = 0;
    for (int i = 0; i < CLIENTS; i++) {
        shown += shows_own(&clients[i], sub, answer);
        written += clients[i].written[sub] > 0;
    }
    if (shown != (written > 0))
        fail_msg("seed 0x%" PRIx64 ": %d wrote, %d are shown: %s", m->seed, written, shown, answer);
}

static void run(struct model *m, struct client *clients)
{
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){
            .m = m, .id = i, .chance = m->seed ^ (UINT64_C(0x9e3779b97f4a7c15) * (unsigned)(i + 1))
        };
        assert_int_equal(pthread_create(&clients[i].thread, NULL, live, &clients[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(clients[i].thread, NULL);
    drain(m);
}

static void every_success_is_work_that_is_done_once(void **state)
{
    (void)state;
    struct model m;
    struct client clients[CLIENTS];
    begin(&m);
    run(&m, clients);
    int tried[WORKS] = { 0 };
    for (size_t sub = 0; sub < SUBSCRIPTIONS; sub++) {
        check_tag(&m, clients, sub);
        for (size_t cluster = 0; cluster < CLUSTERS; cluster++) {
            check_cluster(&m, sub, cluster);
            for (size_t i = 0; i < WORKS; i++)
                tried[i] += atomic_load(&m.promised[sub][cluster][i]);
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i].complaint)
            fail_msg("seed 0x%" PRIx64 ": %s", m.seed, clients[i].complaint);
        free(clients[i].complaint);
    }
    for (size_t i = 0; i < WORKS; i++)
        assert_true(tried[i] > 0); /* or the run was about nothing */
    clusters_release(&m.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every success is work that is done once, whoever asks at once",
             every_success_is_work_that_is_done_once),
    };
    return RUN_CASES("clients at random", tests);
}
