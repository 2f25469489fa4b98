/*
 * synccrash [SECONDS] - see synccrash.h. The database is that of STORE_DSN, with STORE_SERVER_PID; the broker that of BROKER_URL,
 * with BROKER_SERVER_PID; without a database everything is one process with SQLite. CRASH_SEED=N makes the same choices again,
 * not the same instants. Ends with what is wrong and "N passed, N failed".
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/env.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/synccrash/synccrash.h"

#define FAULTS_MAX 20
#define STALL_FAULTY_S 30 /* nothing has to be proved any more */
#define SHOWN_DEEDS 12
#define BREAK_ONE_IN 60 /* answers of clusters */
#define MARK_API "listening on 127.0.0.1 port "
#define MARK_CONTROLLER "health and metrics on 127.0.0.1 port "

static const struct {
    const char *name, *value;
} surroundings[] = {
    { "SYNCSETS_LISTEN", "127.0.0.1:0" },
    { "SYNCSETS_CONTROLLER_LISTEN", "127.0.0.1:0" },
    { "SYNCSETS_DIAL_ALLOWED", "127.0.0.0/8" },
    { "SYNCSETS_ENCRYPTION_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" },
    { "SYNCSETS_WORKERS", "12" }, /* half of them work in one namespace at a time */
    { "SYNCSETS_PROBERS", "2" },
};

/* Which processes there are. */
static const struct mode {
    const char *name;
    struct {
        const char *name, *command;
    } members[MEMBERS_MAX + 1];
} modes[] = {
    { "embedded", { { "api", "api" } } },
    { "shared",
      { { "api-0", "api" },
        { "api-1", "api" },
        { "controller-0", "controller" },
        { "controller-1", "controller" },
        { "controller-2", "controller" } } },
};

/* So many find a change of a cluster unfinished when they move again, unless that takes longer. */
#define HELD_MIN 4
#define PATIENT_S 90

struct run {
    char folder[32];
    char *program; /* aro */
    struct opctx ctx;
    struct chance chance; /* of the herd */
    struct http_client *client;
    struct http_peer *peer;
    struct world world;
    const struct mode *mode;
    struct herd_post posts[MEMBERS_MAX];
    struct strv argv[MEMBERS_MAX];
    size_t members;
    pthread_t threads[LOAD_CLIENTS];
    struct watcher *watchers[WATCHERS];
    struct servers *servers;
};

/* ---- the beginning ---- */

static void set(const char *name, const char *value)
{
    (void)setenv(name, value, 1); /* NOLINT(concurrency-mt-unsafe): no thread runs yet */
}

static void set_surroundings(const struct run *r)
{
    cleanup_free char *data = path_give_joined(r->folder, "data");
    cleanup_free char *lease = xasprintf("%d", LEASE_S);
    const char *dsn = env_get(env_process(), "STORE_DSN"),
               *broker = env_get(env_process(), "BROKER_URL");
    for (size_t i = 0; i < ARRAY_LEN(surroundings); i++)
        set(surroundings[i].name, surroundings[i].value);
    set("SYNCSETS_DATA_DIR", data);
    set("SYNCSETS_LEASE_S", lease);
    if (dsn)
        set("POSTGRES_PARAMS", dsn);
    if (broker)
        set("AMQP_URL", broker);
}

static char *give_program(void)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    const char *slash = len > 0 ? memrchr(path, '/', (size_t)len) : NULL;
    return slash ? xasprintf("%.*s/aro", (int)(slash - path), path) : xstrdup("aro");
}

static int migrate(const struct run *r, struct error **err)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        (void)execl(r->program, "aro", "syncsets", "migrate", "up", (char *)NULL);
        _exit(127);
    }
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
        WEXITSTATUS(status) == 0)
        return 0;
    return error_set(err, ERR_INTERNAL, "'aro syncsets migrate up' failed");
}

static int open_client(struct run *r, struct error **err)
{
    const struct http_client_config client = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer = { .proxy_url = "" };
    if (http_client_new(&client, &r->client, err) < 0 ||
        http_peer_new(r->client, &peer, &r->peer, err) < 0)
        return -1;
    r->world.transport = http_peer_transport(r->peer);
    return 0;
}

/* A process that is left behind by a run that is broken off dies with it. */
static int add_member(struct run *r, size_t i, struct error **err)
{
    const char *name = r->mode->members[i].name, *command = r->mode->members[i].command;
    cleanup_free char *ways = fleet_give_ways(r->world.fleet, i);
    cleanup_free char *path = xasprintf("%s/ways.%s", r->folder, name);
    const char *const words[] = { "setpriv", "--pdeathsig", "KILL", "env" };
    const char *const more[] = { r->program, "syncsets", command };
    struct strv *argv = &r->argv[i];
    for (size_t k = 0; k < ARRAY_LEN(words); k++)
        strv_add(argv, words[k]);
    strv_addf(argv, "ARO_CONNECT_TO=%s", path);
    for (size_t k = 0; k < ARRAY_LEN(more); k++)
        strv_add(argv, more[k]);
    bool is_api = str_eq(command, "api");
    r->posts[i] = (struct herd_post){ .name = name,
                                      .argv = (const char *const *)argv->v,
                                      .mark = is_api ? MARK_API : MARK_CONTROLLER,
                                      .serves = is_api };
    return file_write_atomic(path, ways, strlen(ways), 0600, err);
}

static int prepare(struct run *r, struct error **err)
{
    bool is_shared = env_get(env_process(), "STORE_DSN") != NULL;
    r->mode = &modes[is_shared];
    while (r->mode->members[r->members].name)
        r->members++;
    r->program = give_program();
    if ((is_shared && migrate(r, err) < 0) || open_client(r, err) < 0)
        return -1;
    r->world.wanted = wanted_new();
    r->world.rollout = rollout_new(&r->world);
    r->world.fleet = fleet_open(&r->world, r->members, err);
    if (!r->world.fleet)
        return -1;
    for (size_t i = 0; i < r->members; i++)
        if (add_member(r, i, err) < 0)
            return -1;
    return 0;
}

/* ---- the run ---- */

struct client_of {
    struct world *w;
    size_t number;
};

static void run_client(void *arg)
{
    struct client_of *c = arg;
    load_run(c->w, c->number);
    free(c);
}

static void start_clients(struct run *r)
{
    for (size_t i = 0; i < LOAD_CLIENTS; i++) {
        struct client_of *c = xnew(struct client_of);
        *c = (struct client_of){ &r->world, i };
        if (thread_start(&r->threads[i], "client", run_client, c, NULL) < 0)
            abort();
    }
}

static void start(struct run *r)
{
    struct world *w = &r->world;
    const struct herd_config cfg = { .folder = r->folder,
                                     .posts = r->posts,
                                     .len = r->members,
                                     .harms = HERD_KILL | HERD_FREEZE | HERD_TELL,
                                     .strike_one_in = 80,
                                     .freeze_max_ms = INT64_C(400) * LEASE_S, /* see fleet.c */
                                     .rng = &r->chance.rng };
    w->herd = herd_start(&cfg);
    for (size_t i = 0; i < WATCHERS; i++)
        r->watchers[i] = watcher_start(w, i);
    for (size_t i = 0; i < WATCHERS; i++)
        watcher_await_list(r->watchers[i]);
    load_register(w);
    start_clients(r);
    fleet_break(w->fleet, BREAK_ONE_IN);
    r->servers = servers_start(w, env_get(env_process(), "STORE_SERVER_PID"),
                               env_get(env_process(), "BROKER_SERVER_PID"));
}

/* Short runs last longer until some were frozen amid work: whether leases and fences hold is seen by that alone. */
static void be_harmed(struct run *r, int64_t seconds)
{
    int64_t begin_ns = clock_mono_ns(clock_system());
    int64_t last_ns = (seconds > PATIENT_S ? seconds : PATIENT_S) * NS_PER_S;
    for (int64_t past_ns = 0; past_ns < last_ns && world_faults(&r->world) < FAULTS_MAX;
         past_ns = clock_mono_ns(clock_system()) - begin_ns) {
        if (past_ns >= seconds * NS_PER_S && herd_held(r->world.herd) >= HELD_MIN)
            return;
        world_pause(&r->world);
    }
}

static void calm(struct run *r)
{
    struct world *w = &r->world;
    servers_calm(r->servers);
    fleet_break(w->fleet, 0);
    herd_calm(w->herd);
    atomic_store(&w->more, false);
    for (size_t i = 0; i < LOAD_CLIENTS; i++)
        (void)pthread_join(r->threads[i], NULL);
}

/* Until all is as wanted; what is not, once nothing has changed in the clusters for very long, is a fault. */
static void await_wanted(struct run *r)
{
    struct world *w = &r->world;
    size_t last = 0;
    int64_t last_ns = clock_mono_ns(clock_system());
    for (;; world_pause(w)) {
        cleanup_strv struct strv wrong = STRV_INIT, forgotten = STRV_INIT;
        size_t deeds = fleet_deeds(w->fleet);
        load_lift_all(w);
        wanted_compare(w, &wrong, &forgotten);
        for (size_t i = 0; i < forgotten.len; i++)
            world_fault(w, "%s", forgotten.v[i]);
        if (!wrong.len || forgotten.len)
            return;
        int64_t now_ns = clock_mono_ns(clock_system());
        if (deeds != last)
            last_ns = now_ns;
        last = deeds;
        int64_t patience_s = world_faults(w) ? STALL_FAULTY_S : STALL_S;
        if (now_ns - last_ns < patience_s * NS_PER_S && world_faults(w) < FAULTS_MAX)
            continue;
        for (size_t i = 0; i < wrong.len; i++)
            world_fault(w, "%s", wrong.v[i]);
        return;
    }
}

static void judge(struct run *r)
{
    struct world *w = &r->world;
    cleanup_json json *told = wanted_give_told(w->wanted);
    await_wanted(r);
    for (size_t i = 0; i < WATCHERS; i++)
        watcher_judge(r->watchers[i], told);
    atomic_store(&w->follow, false);
    for (size_t i = 0; i < WATCHERS; i++)
        watcher_end(r->watchers[i]);
    herd_end(w->herd, &w->faults);
}

/* ---- the end ---- */

static void remove_folder(const char *folder)
{
    cleanup_free char *command = xasprintf("exec rm -rf '%s'", folder);
    FILE *rm = popen(command, "re");
    if (rm)
        (void)pclose(rm);
}

/* A fault about an object says "NAME in cN: ...": what was done to it. */
static void print_fault(struct run *r, const char *fault)
{
    cleanup_free char *name = xstrndup(fault, strcspn(fault, " :"));
    const char *cluster = fault + strlen(name);
    printf("  FAILED %s\n", fault);
    if (str_starts(cluster, " in c") && cluster[5] >= '0' && cluster[5] < '0' + CLUSTERS)
        fleet_print(r->world.fleet, (size_t)(cluster[5] - '0'), name, SHOWN_DEEDS);
}

static int conclude(struct run *r)
{
    struct world *w = &r->world;
    const struct strv *faults = &w->faults;
    size_t deeds = fleet_deeds(w->fleet), writes = atomic_load(&w->writes);
    if (!deeds || !writes)
        world_fault(w, "nothing was done: %zu writes, %zu changes of clusters", writes, deeds);
    printf(
        "%zu writes were answered, %zu requests were not; %zu changes of clusters, which were set "
        "aside %zu times; %zu events in %zu watches\n",
        writes, atomic_load(&w->unanswered), deeds, atomic_load(&w->lifted),
        atomic_load(&w->events), atomic_load(&w->resumed));
    herd_print(w->herd);
    servers_print(r->servers);
    rollout_print(w->rollout);
    for (size_t i = 0; i < faults->len; i++)
        print_fault(r, faults->v[i]);
    if (faults->len)
        printf("CRASH_SEED=%" PRIu64 "; logs are in %s\n", w->seed, r->folder);
    else
        remove_folder(r->folder);
    printf("%d passed, %zu failed\n", faults->len == 0, faults->len);
    (void)fflush(stdout);
    _exit(faults->len == 0 ? 0 : 1);
}

static int drive(int64_t seconds, uint64_t seed)
{
    static struct run r = { .folder = "/tmp/sync-crash-XXXXXX" };
    cleanup_error struct error *err = NULL;
    if (!mkdtemp(r.folder))
        return 1;
    set_surroundings(&r);
    (void)signal(SIGPIPE, SIG_IGN);
    r.ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    r.world = (struct world){ .ctx = &r.ctx, .seed = seed, .more = true, .follow = true };
    mutex_init(&r.world.mu);
    chance_init(&r.chance, seed, 7000);
    if (prepare(&r, &err) < 0) {
        fprintf(stderr, "synccrash: %s\n", error_text(err));
        return 1;
    }
    printf("%s, CRASH_SEED=%" PRIu64 "\n", r.mode->name, seed);
    start(&r);
    be_harmed(&r, seconds);
    calm(&r);
    judge(&r);
    return conclude(&r);
}

int main(int argc, char **argv)
{
    long long seconds = 60, seed = 0;
    const char *text = env_get_or(env_process(), "CRASH_SEED", NULL);
    if ((argc > 1 && !str_to_int(argv[1], 1, 1000000, &seconds)) || argc > 2 ||
        (text && !str_to_int(text, 0, INT64_MAX, &seed))) {
        fprintf(stderr, "usage: [CRASH_SEED=N] synccrash [SECONDS]\n");
        return 2;
    }
    if (!text)
        seed = (long long)rng_below(rng_system(), 1000000000);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    return drive(seconds, (uint64_t)seed);
}
