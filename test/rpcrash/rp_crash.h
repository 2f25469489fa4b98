/*
 * rp_crash.h - backends that are killed, frozen and told to end at random instants, while clusters are created, updated and
 * deleted.
 *
 *   worker.c   one backend, and the processes that it starts for single clusters
 *   herd.c     eight of them, and what happens to them
 *   scene.c    the clusters: what a frontend would write, and what has to hold
 *   main.c     the run
 */
#ifndef TEST_RPCRASH_RP_CRASH_H
#define TEST_RPCRASH_RP_CRASH_H

#include <sys/types.h>

#include "pkg/base/strv.h"
#include "pkg/database/database.h"
#include "test/rpcrash/fast_clock.h"

/* "rpcrash WORD DSN SPEED MONO WALL": what every process of a run is given. */
struct setup {
    const char *dsn;
    struct fast_clock clock;
    char *speed_text, *mono_text, *wall_text;
};
#define SETUP_ARGS 6
int setup_parse(char **argv, struct setup *ret);
int setup_open(const struct opctx *ctx, const struct setup *s, struct database **ret,
               struct error **err);

/* ---- worker.c ---- (exit codes) */
int worker_main(const struct setup *s);
int worker_child_main(const struct setup *s, const char *key, const char *lease);

/* What the names of clusters mean to the steps. */
#define NAME_POISON "poison" /* installing it crashes the process */
#define NAME_BAD "bad"       /* updating it fails */
/* Each step writes {lease, step} at the end of this list, under its lease. */
#define JOURNAL "openShiftCluster.properties.journal"
#define STEPS 3

/* ---- herd.c ---- */
struct herd;
struct herd *herd_start(const struct setup *s, const char *log_path, size_t backends);
/* Something happens to somebody; what died is started again. */
void herd_stir(struct herd *h, const struct rng *rng);
void herd_calm(struct herd *h); /* nothing happens any more; all run */
/* All end, by themselves. What is wrong with that is added to faults. */
void herd_end(struct herd *h, struct strv *faults);
void herd_print(const struct herd *h);
void herd_free(struct herd *h);

/* ---- scene.c ---- */
struct scene;
struct scene *scene_new(const struct opctx *ctx, struct database *db);
/* Looks at every cluster, and begins what comes next. more: new clusters in the place of those that are gone. */
void scene_play(struct scene *s, size_t clusters, bool more, struct strv *faults);
bool scene_is_over(const struct scene *s);
void scene_print(const struct scene *s);
void scene_list_left(const struct scene *s, struct strv *faults);
/* How many operations succeeded. */
size_t scene_successes(const struct scene *s);
void scene_free(struct scene *s);

#endif
