/*
 * rpcrash [SECONDS [CLIENTS]] - see rp_crash.h. The database is that of STORE_DSN or of COSMOSDB_ACCOUNT and COSMOSDB_KEY;
 * without these a SQLite file. Ends with what is wrong and "N passed, N failed".
 *
 * With other arguments it is the resource provider itself, with steps that only write documents.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/aro-rp/documents.h"
#include "cmd/aro-rp/process.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/store.h"
#include "pkg/database/store_cosmos.h"
#include "pkg/net/http_client.h"
#include "rp/env/env.h"
#include "rp/env/secrets_folder.h"
#include "test/rpcrash/rp_crash.h"

#define PROCESSES 8
#define CASCADES 3 /* of the clients */
#define PAUSE_MS 50
#define STALL_S 600
#define FAULTS_MAX 20
#define SHOWN_NAMES 3
#define SHOWN_LINES 80
#define SUBSCRIPTION "00000000-0000-0000-0000-00000000000a"

/* The intervals of the resource provider, twenty times as short. */
static const struct {
    const char *name, *value;
} surroundings[] = {
    { "RP_MODE", "development" },
    { "LOCATION", "eastus" },
    { "AZURE_TENANT_ID", "00000000-0000-0000-0000-00000000000b" },
    { "AZURE_SUBSCRIPTION_ID", SUBSCRIPTION },
    { "AZURE_CLIENT_ID", "00000000-0000-0000-0000-00000000000c" },
    { "AZURE_CLIENT_SECRET", "verysecret" },
    { "DOMAIN", "aro.example" },
    { "PULL_SECRET", "{\"auths\":{}}" },
    { "ARO_RP_LEASE_MS", "3000" },
    { "ARO_RP_RETRY_LATER_MS", "3000" },
    { "ARO_RP_BACKEND_LEASE_TRUST_MS", "2000" },
    { "ARO_RP_BACKEND_HEARTBEAT_MS", "500" },
    { "ARO_RP_BACKEND_TICK_MS", "500" },
    { "ARO_RP_BACKEND_RETRY_MS", "50" },
    { "ARO_RP_BACKEND_CHILD_GRACE_MS", "250" },
    { "ARO_RP_BACKEND_DELETE_DELAY_MS", "1000" },
    { "ARO_RP_BACKEND_QUEUE_LENGTH_MS", "3000" },
    { "ARO_RP_BACKEND_WORKERS", "6" },
};

struct run {
    char folder[32];
    struct opctx ctx;
    struct rp_env *env;
    struct http_client *client;
    struct http_peer *peer;
    struct world world;
    size_t clients;
    atomic_size_t done; /* clients that have ended */
    pthread_t *threads;
};

/* ---- the world ---- */

void world_fault(struct world *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = xvasprintf(fmt, args);
    va_end(args);
    pthread_mutex_lock(&w->mu);
    strv_take(&w->faults, text);
    pthread_mutex_unlock(&w->mu);
}

size_t world_faults(struct world *w)
{
    pthread_mutex_lock(&w->mu);
    size_t n = w->faults.len;
    pthread_mutex_unlock(&w->mu);
    return n;
}

void world_pause(const struct world *w)
{
    (void)opctx_sleep_ms(w->ctx, PAUSE_MS, NULL);
}

/* ---- the beginning ---- */

static void set(const char *name, const char *value)
{
    (void)setenv(name, value, 1); /* NOLINT(concurrency-mt-unsafe): no thread runs yet */
}

static void set_surroundings(const struct run *r)
{
    cleanup_free char *dsn = xasprintf("sqlite:%s/db", r->folder);
    cleanup_free char *secrets = xasprintf("%s/secrets", r->folder);
    for (size_t i = 0; i < ARRAY_LEN(surroundings); i++)
        set(surroundings[i].name, surroundings[i].value);
    set("ARO_RP_SECRETS_DIR", secrets);
    if (!env_get(env_process(), "COSMOSDB_KEY"))
        set("ARO_RP_DATABASE", env_get_or(env_process(), "STORE_DSN", dsn));
}

/* What every process needs is made once, by nobody who is killed over it. */
static int prepare(struct run *r, struct error **err)
{
    const struct http_client_config client_cfg = { .clock = clock_system(), .env = env_process() };
    const struct http_peer_config peer_cfg = { .proxy_url = "" };
    struct rp_secrets *secrets = NULL;
    struct store *store;
    if (rp_env_load(env_process(), &r->env, err) < 0 ||
        rp_secrets_open_folder(rp_env_text(r->env, ENV_SECRETS_DIR), true, &secrets, err) < 0)
        return -1;
    rp_secrets_free(secrets);
    if (http_client_new(&client_cfg, &r->client, err) < 0 ||
        http_peer_new(r->client, &peer_cfg, &r->peer, err) < 0)
        return -1;
    r->world.transport = http_peer_transport(r->peer);
    const struct documents_config documents = {
        .env = r->env,
        .transport = r->world.transport,
        .cloud = azure_cloud_find(rp_env_text(r->env, ENV_AZURE_ENVIRONMENT)),
    };
    if (documents_open(&r->ctx, &documents, &store, err) < 0)
        return -1;
    r->world.db = database_new(store, NULL);
    return rp_env_text(r->env, ENV_DATABASE) ? 0 : store_cosmos_create_schema(&r->ctx, store, err);
}

static void run_client(void *arg)
{
    struct run *r = arg;
    life_run(&r->world);
    atomic_fetch_add(&r->done, 1);
}

static void run_cascade(void *arg)
{
    struct run *r = arg;
    cascade_run(&r->world);
    atomic_fetch_add(&r->done, 1);
}

static void start_clients(struct run *r)
{
    r->threads = xcalloc(r->clients, sizeof(*r->threads));
    for (size_t i = 0; i < r->clients; i++)
        if (thread_start(&r->threads[i], "client", i < CASCADES ? run_cascade : run_client, r,
                         NULL) < 0)
            abort();
}

/* ---- the run ---- */

static void be_harmed(struct run *r, int64_t seconds)
{
    int64_t end_ns = clock_mono_ns(clock_system()) + seconds * NS_PER_MS * 1000;
    while (clock_mono_ns(clock_system()) < end_ns && world_faults(&r->world) < FAULTS_MAX)
        world_pause(&r->world);
}

/* The last clusters go, undisturbed. false: nothing has come to an end for a long time. */
static bool await_clients(struct run *r)
{
    struct world *w = &r->world;
    size_t last = 0;
    int64_t last_ns = clock_mono_ns(clock_system());
    atomic_store(&w->more, false);
    herd_calm(w->herd);
    for (; atomic_load(&r->done) < r->clients; world_pause(w)) {
        size_t ended = atomic_load(&w->succeeded) + atomic_load(&w->failed) + atomic_load(&r->done);
        int64_t now_ns = clock_mono_ns(clock_system());
        if (ended != last)
            last_ns = now_ns;
        else if (now_ns - last_ns > STALL_S * NS_PER_MS * 1000)
            return false;
        last = ended;
    }
    for (size_t i = 0; i < r->clients; i++)
        (void)pthread_join(r->threads[i], NULL);
    return true;
}

static void print(struct world *w)
{
    printf("%zu clusters, %zu subscriptions that ended; operations: %zu succeeded, %zu failed; %zu "
           "answers were lost, %zu requests "
           "repeated\n",
           atomic_load(&w->lives), atomic_load(&w->subscriptions), atomic_load(&w->succeeded),
           atomic_load(&w->failed), atomic_load(&w->unknown), atomic_load(&w->retries));
    herd_print(w->herd);
}

static struct herd *start_herd(const struct run *r)
{
    static const char *const names[PROCESSES] = { "0", "1", "2", "3", "4", "5", "6", "7" };
    static const char *const argv[] = {
        "/proc/self/exe", "--port", "0", "--plain-port", "0", NULL
    };
    static struct herd_post posts[PROCESSES];
    for (size_t i = 0; i < PROCESSES; i++)
        posts[i] = (struct herd_post){
            .name = names[i], .argv = argv, .mark = "without TLS on 127.0.0.1:", .serves = true
        };
    const struct herd_config cfg = {
        .folder = r->folder,
        .posts = posts,
        .len = PROCESSES,
        .harms = HERD_KILL | HERD_FREEZE | HERD_TELL | HERD_TELL_AGAIN,
        .strike_one_in = 10,
        .freeze_max_ms = 2 * rp_env_ms(r->env, INTERVAL_LEASE),
        .may_abort = true,
        .rng = rng_system(),
    };
    return herd_start(&cfg);
}

static void run(struct run *r, int64_t seconds)
{
    struct world *w = &r->world;
    w->herd = start_herd(r);
    start_clients(r);
    be_harmed(r, seconds);
    bool all_ended = await_clients(r);
    if (!all_ended)
        world_fault(w, "clients: %zu of %zu wait in vain", r->clients - atomic_load(&r->done),
                    r->clients);
    herd_end(w->herd, &w->faults);
    if (all_ended)
        check_left(w);
    print(w);
    if (atomic_load(&w->succeeded) == 0)
        world_fault(w, "not one operation succeeded");
}

/* ---- the end ---- */

static void remove_folder(const char *folder)
{
    cleanup_free char *command = xasprintf("exec rm -rf '%s'", folder);
    FILE *rm = popen(command, "re");
    if (rm)
        (void)pclose(rm);
}

/* What the processes said of the first clusters that something is wrong with, then what is wrong. */
static int conclude(struct run *r)
{
    const struct strv *faults = &r->world.faults;
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < faults->len && names.len < SHOWN_NAMES; i++) {
        cleanup_free char *name = xstrndup(faults->v[i], strcspn(faults->v[i], ":"));
        if (strv_has(&names, name))
            continue;
        strv_add(&names, name);
        printf("  of %s:\n", name);
        herd_print_log(r->world.herd, name, SHOWN_LINES);
    }
    for (size_t i = 0; i < faults->len; i++)
        printf("  FAILED %s\n", faults->v[i]);
    if (faults->len)
        printf("see %s\n", r->folder);
    else
        remove_folder(r->folder);
    printf("%d passed, %zu failed\n", faults->len == 0, faults->len);
    (void)fflush(stdout);
    /* Clients that wait in vain have no end: nothing is freed. */
    _exit(faults->len == 0 ? 0 : 1);
}

static int drive(int64_t seconds, size_t clients)
{
    static struct run r = { .folder = "/tmp/rp-crash-XXXXXX" };
    cleanup_error struct error *err = NULL;
    if (!mkdtemp(r.folder))
        return 1;
    set_surroundings(&r);
    (void)signal(SIGPIPE, SIG_IGN);
    r.ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    r.world = (struct world){ .ctx = &r.ctx, .subscription = SUBSCRIPTION, .more = true };
    mutex_init(&r.world.mu);
    r.clients = clients;
    if (prepare(&r, &err) < 0) {
        fprintf(stderr, "rpcrash: %s\n", error_text(err));
        return 1;
    }
    run(&r, seconds);
    return conclude(&r);
}

int main(int argc, char **argv)
{
    const struct process p = { .prog = "rpcrash", .manager = &rp_crash_steps, .patient = true };
    long long seconds = 60, clients = 40;
    if (argc > 1 && argv[1][0] == '-') {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a run that is broken off leaves nobody */
        return process_main(&p, argc, argv);
    }
    if ((argc > 1 && !str_to_int(argv[1], 1, 1000000, &seconds)) ||
        (argc > 2 && !str_to_int(argv[2], 1, 1000, &clients)) || argc > 3) {
        fprintf(stderr, "usage: rpcrash [SECONDS [CLIENTS]]\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    return drive(seconds, (size_t)clients);
}
