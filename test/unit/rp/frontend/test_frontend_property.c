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
#include "test/unit/support/pkg/client/caller.h"
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
    struct caller caller;
    struct aro_client *api[SUBSCRIPTIONS];
    size_t sub;                 /* whose clusters it deals with now */
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

/* Sees every answer as it came, also one after which the client asks again, and complains of what none may hold. */
static void see(void *arg, const char *method, const struct http_response *response)
{
    static const char *const secrets[] = { SAMPLE_SECRET, "auths", "passw0rd", "kind: Config" };
    struct client *c = arg;
    const char *body = buf_str(&response->body);
    if (response->status == 429 || response->status >= 500)
        complain(c, method, body);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        if (strstr(body, secrets[i]))
            complain(c, "a secret is shown", body);
    if (strstr(body, subs[1 - c->sub]))
        complain(c, "another subscription is shown", body);
}

static void client_init(struct client *c, struct model *m, int id)
{
    *c = (struct client){ .m = m,
                          .id = id,
                          .chance = m->seed ^ (UINT64_C(0x9e3779b97f4a7c15) * (unsigned)(id + 1)) };
    caller_init(&c->caller, http_server_port(m->rig.front.server), see, c);
    for (size_t sub = 0; sub < SUBSCRIPTIONS; sub++)
        c->api[sub] = caller_give_client(&c->caller, subs[sub], "2020-04-30");
}

static void client_release(struct client *c)
{
    for (size_t sub = 0; sub < SUBSCRIPTIONS; sub++)
        aro_client_free(c->api[sub]);
    caller_release(&c->caller);
    free(c->complaint);
}

/* The status of an answer: that of the poller, or of the refusal. Complains unless it is allowed. */
static int judge(struct client *c, const char *what, int status, const struct error *e,
                 const char *allowed)
{
    cleanup_free char *text = xasprintf(" %d ", e ? error_get_status(e) : status);
    if (!strstr(allowed, text))
        complain(c, what, e ? error_text(e) : text);
    return e ? error_get_status(e) : status;
}

static void promise(struct client *c, size_t sub, size_t cluster, enum work work)
{
    atomic_fetch_add(&c->m->promised[sub][cluster][work], 1);
}

#define NAME(cluster) ((char[]){ 'c', (char)('0' + (cluster)), '\0' })

static void put(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *identity = xasprintf("11111111-1111-1111-1111-%012zu", cluster);
    cleanup_free char *managed = xasprintf("Managed%zu", cluster);
    cleanup_aro_poller struct aro_poller *p = NULL;
    cleanup_error struct error *err = NULL;
    struct sample s;
    sample_init(&s, subs[sub], managed, identity);
    (void)aro_openshift_clusters_create_or_update(c->api[sub], &c->caller.ctx, "Group",
                                                  NAME(cluster), &s.cluster, &p, &err);
    int status = judge(c, "PUT", p ? aro_poller_status(p) : 0, err, " 200 201 400 ");
    if (status == 201 || status == 200)
        promise(c, sub, cluster, status == 201 ? CREATING : UPDATING);
    sample_release(&s);
}

static void patch(struct client *c, size_t sub, size_t cluster)
{
    cleanup_free char *key = xasprintf("w%d", c->id), *value = xasprintf("%d", c->step);
    const struct aro_text_entry tag = { key, value };
    const struct aro_openshift_cluster change = { .tags = &tag, .tags_len = 1 };
    cleanup_aro_poller struct aro_poller *p = NULL;
    cleanup_error struct error *err = NULL;
    (void)aro_openshift_clusters_update(c->api[sub], &c->caller.ctx, "Group", NAME(cluster),
                                        &change, &p, &err);
    if (judge(c, "PATCH", p ? aro_poller_status(p) : 0, err, " 200 400 404 ") != 200)
        return;
    promise(c, sub, cluster, UPDATING);
    if (cluster == KEPT)
        c->written[sub] = c->step;
}

static void remove_cluster(struct client *c, size_t sub, size_t cluster)
{
    cleanup_aro_poller struct aro_poller *p = NULL;
    cleanup_error struct error *err = NULL;
    (void)aro_openshift_clusters_delete(c->api[sub], &c->caller.ctx, "Group", NAME(cluster), &p,
                                        &err);
    if (judge(c, "DELETE", p ? aro_poller_status(p) : 0, err, " 202 204 400 ") == 202)
        promise(c, sub, cluster, DELETING);
}

/* A write replaces all tags. So of a client's writes the last one is there, or one of somebody else. */
static bool shows_own(struct client *c, size_t sub, const struct aro_openshift_cluster *got)
{
    cleanup_free char *key = xasprintf("w%d", c->id), *value = xasprintf("%d", c->written[sub]);
    for (size_t i = 0; i < got->tags_len; i++) {
        if (!str_eq(got->tags[i].key, key))
            continue;
        if (!str_eq(got->tags[i].value, value))
            complain(c, key, got->tags[i].value);
        return true;
    }
    return false;
}

/* The cluster, owned, NULL when there is none. */
static struct aro_openshift_cluster *give_cluster(struct client *c, size_t sub, size_t cluster)
{
    struct aro_openshift_cluster *got = NULL;
    cleanup_error struct error *err = NULL;
    (void)aro_openshift_clusters_get(c->api[sub], &c->caller.ctx, "Group", NAME(cluster), &got,
                                     &err);
    (void)judge(c, "GET", 200, err, cluster == KEPT ? " 200 " : " 200 404 ");
    return got;
}

static void get(struct client *c, size_t sub, size_t cluster)
{
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got = give_cluster(c, sub, cluster);
    if (got && cluster == KEPT)
        (void)shows_own(c, sub, got);
}

static void list(struct client *c, size_t sub, size_t cluster)
{
    cleanup_aro_openshift_cluster_list struct aro_openshift_cluster_list *all = NULL;
    cleanup_error struct error *err = NULL;
    const struct aro_openshift_cluster *item = NULL;
    bool is_whole = false;
    int rcode =
        cluster ? aro_openshift_clusters_list_by_resource_group(c->api[sub], "GROUP", &all, &err)
                : aro_openshift_clusters_list(c->api[sub], &all, &err);
    while (rcode == 0) {
        rcode = aro_openshift_cluster_list_next(all, &c->caller.ctx, &item, &err);
        if (!item)
            break;
        is_whole = is_whole || str_eq(item->name, NAME(KEPT));
    }
    if (rcode < 0 || !is_whole)
        complain(c, "the list is not whole", err ? error_text(err) : "");
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
        c->sub = sub;
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
    struct client first;
    client_init(&first, m, 0);
    for (first.sub = 0; first.sub < SUBSCRIPTIONS; first.sub++)
        put(&first, first.sub, KEPT);
    if (first.complaint)
        fail_msg("%s", first.complaint);
    client_release(&first);
    drain(m);
}

/* What was promised is done, once, and the clusters that were made and not deleted are there. */
static void check_cluster(struct model *m, struct client *c, size_t sub, size_t cluster)
{
    int n[WORKS];
    for (size_t i = 0; i < WORKS; i++) {
        n[i] = atomic_load(&m->promised[sub][cluster][i]);
        int done = atomic_load(&m->done[sub][cluster][i]);
        if (n[i] != done)
            fail_msg("seed 0x%" PRIx64 ": cluster %zu of %zu: %s promised %d times, done %d times",
                     m->seed, cluster, sub, states[i], n[i], done);
    }
    c->sub = sub;
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got = give_cluster(c, sub, cluster);
    if (n[CREATING] - n[DELETING] != (got != NULL))
        fail_msg("seed 0x%" PRIx64 ": cluster %zu of %zu: %d created, %d deleted, %s", m->seed,
                 cluster, sub, n[CREATING], n[DELETING], got ? "is there" : "is not there");
}

/* The tag of the kept cluster is the last write of somebody, if there was any. */
static void check_tag(struct model *m, struct client *clients, size_t sub)
{
    clients[0].sub = sub;
    cleanup_aro_openshift_cluster struct aro_openshift_cluster *got =
        give_cluster(&clients[0], sub, KEPT);
    int shown = 0, written = 0;
    assert_non_null(got);
    for (int i = 0; i < CLIENTS; i++) {
        shown += shows_own(&clients[i], sub, got);
        written += clients[i].written[sub] > 0;
    }
    if (shown != (written > 0))
        fail_msg("seed 0x%" PRIx64 ": %d wrote, %d are shown", m->seed, written, shown);
}

static void run(struct model *m, struct client *clients)
{
    for (int i = 0; i < CLIENTS; i++) {
        client_init(&clients[i], m, i);
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
            check_cluster(&m, &clients[0], sub, cluster);
            for (size_t i = 0; i < WORKS; i++)
                tried[i] += atomic_load(&m.promised[sub][cluster][i]);
        }
    }
    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i].complaint)
            fail_msg("seed 0x%" PRIx64 ": %s", m.seed, clients[i].complaint);
        client_release(&clients[i]);
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
