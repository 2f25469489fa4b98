/*
 * rpcrash [SECONDS [CLUSTERS [DSN]]] - see rp_crash.h. Ends with "N passed, N failed".
 *
 * A database server has a clock of its own: then time is not made faster, and leases last their minute.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/database/store.h"
#include "test/rpcrash/rp_crash.h"

#define SPEED 20
#define BACKENDS 8
#define LOOK_MS 20
#define REST_MS 3600000 /* by the run's own clock */
#define FAULTS_MAX 20
#define LOG_MAX ((size_t)64 * 1024 * 1024)

static bool is_sqlite(const char *dsn)
{
    return str_starts(dsn, "sqlite:");
}

int setup_parse(char **argv, struct setup *ret)
{
    long long speed, mono, wall;
    if (!str_to_int(argv[3], 1, 1000, &speed) || !str_to_int(argv[4], 0, INT64_MAX, &mono) ||
        !str_to_int(argv[5], 0, INT64_MAX, &wall))
        return -1;
    *ret = (struct setup){
        .dsn = argv[2], .speed_text = argv[3], .mono_text = argv[4], .wall_text = argv[5]
    };
    fast_clock_init(&ret->clock, mono, wall, speed);
    return 0;
}

int setup_open(const struct opctx *ctx, const struct setup *s, struct database **ret,
               struct error **err)
{
    struct store *store;
    int rcode = is_sqlite(s->dsn) ? store_open_sqlite(ctx, s->dsn, &store, err)
                                  : store_open_postgresql(ctx, s->dsn, &store, err);
    if (rcode < 0)
        return -1;
    *ret = database_new(store, NULL);
    return 0;
}

/* ---- the run ---- */

static void run(const struct setup *s, struct scene *scene, struct herd *herd, int64_t seconds,
                size_t clusters, struct strv *faults)
{
    const struct opctx real = opctx_root(clock_system(), rng_system(), NULL, NULL);
    int64_t end_ns = clock_mono_ns(clock_system()) + seconds * NS_PER_S;
    int64_t give_up_ns = end_ns + REST_MS / s->clock.speed * NS_PER_MS;
    while (clock_mono_ns(clock_system()) < end_ns && faults->len < FAULTS_MAX) {
        herd_stir(herd, rng_system());
        scene_play(scene, clusters, true, faults);
        (void)opctx_sleep_ms(&real, LOOK_MS, NULL);
    }
    while (!scene_is_over(scene) && clock_mono_ns(clock_system()) < give_up_ns &&
           faults->len < FAULTS_MAX) {
        herd_calm(herd);
        scene_play(scene, clusters, false, faults);
        (void)opctx_sleep_ms(&real, LOOK_MS, NULL);
    }
    scene_list_left(scene, faults);
    herd_calm(herd);
    herd_end(herd, faults);
    scene_print(scene);
    herd_print(herd);
    if (scene_successes(scene) == 0)
        strv_add(faults, "not one operation succeeded");
}

/* What SQLite leaves, and the log. */
static void remove_folder(const char *folder)
{
    static const char *const names[] = { "db", "db-wal", "db-shm", "log" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_free char *path = path_give_joined(folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static int conclude(const struct strv *faults, const char *folder, const char *log_path)
{
    cleanup_free char *text = NULL;
    size_t len = 0;
    for (size_t i = 0; i < faults->len; i++)
        printf("  FAILED %s\n", faults->v[i]);
    if (faults->len && file_read(log_path, LOG_MAX, &text, &len, NULL) == 0)
        printf("%s", len > 20000 ? text + len - 20000 : text);
    if (faults->len)
        printf("see %s\n", folder);
    else
        remove_folder(folder);
    printf("%d passed, %zu failed\n", faults->len == 0, faults->len);
    return faults->len == 0 ? 0 : 1;
}

static int drive(int64_t seconds, size_t clusters, const char *given_dsn)
{
    char folder[] = "/tmp/rp-crash-XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    cleanup_free char *dsn = given_dsn ? xstrdup(given_dsn) : xasprintf("sqlite:%s/db", folder);
    cleanup_free char *log_path = xasprintf("%s/log", folder);
    cleanup_free char *mono = xasprintf("%lld", (long long)clock_mono_ns(clock_system()));
    cleanup_free char *wall = xasprintf("%lld", (long long)clock_wall_ns(clock_system()));
    cleanup_free char *speed = xasprintf("%d", is_sqlite(dsn) ? SPEED : 1);
    char *argv[SETUP_ARGS] = { NULL, NULL, dsn, speed, mono, wall };
    struct setup s;
    cleanup_database struct database *db = NULL;
    cleanup_error struct error *err = NULL;
    cleanup_strv struct strv faults = STRV_INIT;
    if (setup_parse(argv, &s) < 0)
        return 1;
    const struct opctx ctx = opctx_root(&s.clock.base, rng_system(), NULL, NULL);
    if (setup_open(&ctx, &s, &db, &err) < 0) {
        fprintf(stderr, "rpcrash: %s\n", error_text(err));
        return 1;
    }
    struct scene *scene = scene_new(&ctx, db);
    struct herd *herd = herd_start(&s, log_path, BACKENDS);
    run(&s, scene, herd, seconds, clusters, &faults);
    scene_free(scene);
    herd_free(herd);
    database_close(take(db));
    return conclude(&faults, folder, log_path);
}

int main(int argc, char **argv)
{
    struct setup s;
    long long seconds = 60, clusters = 20;
    if (argc == SETUP_ARGS && str_eq(argv[1], "worker"))
        return setup_parse(argv, &s) < 0 ? 2 : worker_main(&s);
    if (argc == SETUP_ARGS + 2 && str_eq(argv[1], "child"))
        return setup_parse(argv, &s) < 0
                   ? 2
                   : worker_child_main(&s, argv[SETUP_ARGS], argv[SETUP_ARGS + 1]);
    if ((argc > 1 && !str_to_int(argv[1], 1, 1000000, &seconds)) ||
        (argc > 2 && !str_to_int(argv[2], 1, 1000, &clusters)) || argc > 4) {
        fprintf(stderr, "usage: rpcrash [SECONDS [CLUSTERS [DSN]]]\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    return drive(seconds, (size_t)clusters, argc > 3 ? argv[3] : NULL);
}
