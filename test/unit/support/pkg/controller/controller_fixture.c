#include "test/unit/support/pkg/controller/controller_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/test.h"

static int source_start(struct source *s, struct workqueue *q, const struct opctx *ctx,
                        struct error **err)
{
    struct test_source *t = container_of(s, struct test_source, base);
    (void)ctx;
    if (t->fails)
        return error_set(err, ERR_FORBIDDEN, "not allowed");
    atomic_fetch_add(&t->starts, 1);
    for (size_t i = 0; i < ARRAY_LEN(t->keys) && t->keys[i]; i++)
        workqueue_add_priority(q, t->keys[i], PRIORITY_LOW);
    if (!t->never_syncs)
        atomic_store(&t->synced, true);
    return 0;
}

static bool source_has_synced(struct source *s)
{
    return atomic_load(&container_of(s, struct test_source, base)->synced);
}

static void source_stop(struct source *s)
{
    atomic_fetch_add(&container_of(s, struct test_source, base)->stops, 1);
}

struct test_source controller_test_source(const char *name)
{
    return (struct test_source){ .base = { .name = name,
                                           .start = source_start,
                                           .has_synced = source_has_synced,
                                           .stop = source_stop } };
}

static int reconcile(void *arg, const struct opctx *ctx, const char *key, struct result *ret,
                     struct error **err)
{
    struct controller_fixture *f = arg;
    pthread_mutex_lock(&f->mu);
    f->same_key_twice |= strv_has(&f->active_keys, key);
    strv_add(&f->active_keys, key);
    strv_add(&f->runs, key);
    int run = (int)f->runs.len;
    if (++f->active > f->most_active)
        f->most_active = f->active;
    pthread_cond_broadcast(&f->cv);
    while (f->hold && !stop_is_set(ctx->stop))
        pthread_cond_wait(&f->cv, &f->mu);
    f->active--;
    for (size_t i = 0; i < f->active_keys.len; i++) {
        if (strcmp(f->active_keys.v[i], key) == 0) {
            free(f->active_keys.v[i]);
            f->active_keys.v[i] = xstrdup("");
        }
    }
    pthread_mutex_unlock(&f->mu);
    return f->act ? f->act(f, ctx, run, ret, err) : 0;
}

void controller_set_up(struct controller_fixture *f)
{
    *f = (struct controller_fixture){ .metrics = metrics_new(),
                                      .source = controller_test_source("clusters") };
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    pthread_mutex_init(&f->mu, NULL);
    pthread_cond_init(&f->cv, NULL);
    f->sources[0] = &f->source.base;
    f->stop = stop_new(NULL);
    f->cfg = (struct controller_config){
        .name = "Banner",
        .reconcile = reconcile,
        .arg = f,
        .sources = f->sources,
        .sources_len = 1,
        .clock = &f->clock.base,
        .rng = &f->rng.base,
        .metrics = f->metrics,
        .log = &f->log,
    };
}

static void run(void *arg)
{
    struct controller_fixture *f = arg;
    const struct opctx ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, NULL);
    f->rcode = controller_run(f->c, &ctx, &f->err);
}

void controller_start(struct controller_fixture *f)
{
    if (!f->c)
        f->c = controller_new(&f->cfg);
    assert_int_equal(thread_start(&f->thread, "run", run, f, NULL), 0);
}

void controller_await_idle(struct controller_fixture *f)
{
    fake_clock_await(&f->clock, f->cfg.max_concurrent > 1 ? (size_t)f->cfg.max_concurrent : 1);
}

void controller_finish(struct controller_fixture *f)
{
    stop_request(f->stop);
    pthread_mutex_lock(&f->mu);
    f->hold = false;
    pthread_cond_broadcast(&f->cv);
    pthread_mutex_unlock(&f->mu);
    pthread_join(f->thread, NULL);
}

void controller_tear_down(struct controller_fixture *f)
{
    controller_free(f->c);
    stop_unref(f->stop);
    error_free(f->err);
    metrics_free(f->metrics);
    strv_release(&f->runs);
    strv_release(&f->active_keys);
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
    pthread_cond_destroy(&f->cv);
    pthread_mutex_destroy(&f->mu);
}

void controller_await_runs(struct controller_fixture *f, size_t n)
{
    pthread_mutex_lock(&f->mu);
    while (f->runs.len < n)
        pthread_cond_wait(&f->cv, &f->mu);
    pthread_mutex_unlock(&f->mu);
}

double controller_counter(struct controller_fixture *f, const char *family, const char *result)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    metrics_write(f->metrics, &b);
    cleanup_free char *line =
        result ? xasprintf("\n%s{controller=\"Banner\",result=\"%s\"} ", family, result)
               : xasprintf("\n%s{controller=\"Banner\"} ", family);
    const char *at = strstr(buf_str(&b), line);
    return at ? strtod(at + strlen(line), NULL) : -1;
}
