/*
 * Outbound connectivity, measured as new connections: HEAD on a fresh connection, proxy settings ignored. Any HTTP status
 * is success; what fails is DNS, TCP, TLS, time.
 *
 * All URLs are checked in parallel, each up to six times; a failed attempt waits out its time, so that a dead URL costs
 * the same whatever its failure. When the URL list changes during a round, the round ends at once and starts again.
 */
#include "operator/controllers/internetchecker.h"

#include <stdatomic.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

#define ATTEMPTS 6
#define REDIRECTS 10
#define PARALLEL_MAX 8

struct round {
    struct reconcile *rc;
    struct opctx ctx; /* ends when the list changes, too */
    struct stop *stop;
    const char **list;       /* borrowed from the run's Cluster */
    const char *urls_text;   /* the list as text: trees do not cross threads */
    struct error **failures; /* one slot a URL */
    size_t len;
    atomic_size_t next;
};

static const struct watch watches[] = {
    WATCH_CLUSTER,
};

/* ---- one URL ---- */

static int attempt(const struct round *r, const char *url, int64_t attempt_ms, struct error **err)
{
    struct opctx ctx = opctx_with_timeout_ms(&r->ctx, attempt_ms);
    struct http_request req = {
        .method = "HEAD",
        .url = url,
        .timeout_ms = attempt_ms,
        .connect_timeout_ms = attempt_ms,
        .max_redirects = REDIRECTS,
        .fresh_connection = true,
        .ignore_proxy = true,
    };
    cleanup_response struct http_response response = { 0 };
    return http_send(r->rc->sv->internet, &ctx, &req, &response, err);
}

static int check_url(const struct round *r, const char *url, struct error **err)
{
    int64_t attempt_ms = r->rc->sv->settings[SETTING_INTERNET_ATTEMPT_MS];
    struct error *last = NULL;
    for (int i = 0; i < ATTEMPTS; i++) {
        error_clear(&last);
        int64_t begin_ns = clock_mono_ns(r->ctx.clock);
        if (attempt(r, url, attempt_ms, &last) == 0)
            return 0;
        int64_t spent_ms = (clock_mono_ns(r->ctx.clock) - begin_ns) / NS_PER_MS;
        if (spent_ms < attempt_ms && opctx_sleep_ms(&r->ctx, attempt_ms - spent_ms, NULL) < 0)
            break;
    }
    error_move(err, &last);
    return error_wrap(err, "%s", url);
}

static void check_some(void *arg)
{
    struct round *r = arg;
    for (size_t i; (i = atomic_fetch_add(&r->next, 1)) < r->len;)
        check_url(r, r->list[i], &r->failures[i]);
}

/* ---- the round ---- */

/* Ends the round when the Cluster's list is no longer the one being checked. */
struct list_guard {
    struct informer_handler handler;
    struct round *round;
};

static void guard_event(struct informer_handler *h, const struct informer_event *e)
{
    struct list_guard *g = container_of(h, struct list_guard, handler);
    if (!e->new_obj)
        return;
    cleanup_json json *cluster = kube_object_give_json(e->new_obj);
    cleanup_free char *urls = json_give_text(json_path(cluster, "spec.internetChecker.urls"));
    if (strcmp(urls, g->round->urls_text) != 0)
        stop_request(g->round->stop);
}

static int run_threads(struct round *r, struct error **err)
{
    pthread_t threads[PARALLEL_MAX];
    size_t n = r->len < PARALLEL_MAX ? r->len : PARALLEL_MAX, started = 0;
    int rcode = 0;
    for (; started < n && rcode == 0; started += rcode == 0)
        rcode = thread_start(&threads[started], "internet-check", check_some, r, err);
    if (rcode < 0)
        stop_request(r->stop);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return rcode;
}

static void give_failures(const struct round *r, struct strv *lines)
{
    for (size_t i = 0; i < r->len; i++)
        if (r->failures[i])
            strv_add(lines, error_text(r->failures[i]));
    strv_sort(lines); /* the order of completion would make the message flap */
}

static int tell(struct round *r, struct error **err)
{
    cleanup_strv struct strv lines = STRV_INIT;
    give_failures(r, &lines);
    const char *type = r->rc->sv->role == ROLE_MASTER ? COND_INTERNET_REACHABLE_FROM_MASTER
                                                      : COND_INTERNET_REACHABLE_FROM_WORKER;
    if (lines.len == 0)
        return reconcile_check(r->rc, type, STATUS_TRUE, "CheckDone",
                               "Outgoing connection successful", err);
    cleanup_free char *message = strv_give_joined(&lines, "\n");
    if (reconcile_check(r->rc, type, STATUS_FALSE, "CheckFailed", message, err) < 0)
        return -1;
    return error_set(err, ERR_CONN, "%s", message);
}

static int run_round(struct round *r, struct result *ret, struct error **err)
{
    struct informer *clusters = watch_informer(r->rc->sv, &watches[0]);
    struct list_guard guard = { .handler = { .on_event = guard_event }, .round = r };
    informer_add_handler(clusters, &guard.handler);
    int rcode = run_threads(r, err);
    informer_remove_handler(clusters, &guard.handler);
    if (rcode < 0 || opctx_check(r->rc->ctx, err) < 0)
        return -1;
    if (stop_is_set(r->stop)) {
        ret->requeue_after_ms =
            1; /* the list changed: its event has queued us, this only makes sure */
        return 0;
    }
    return tell(r, err);
}

static int internet_reconcile(struct reconcile *rc, struct result *ret, struct error **err)
{
    json *urls = json_path(rc->cluster, "spec.internetChecker.urls");
    size_t n = json_len(urls);
    cleanup_free char *text = json_give_text(urls);
    cleanup_stop struct stop *stop = stop_new(rc->ctx->stop);
    cleanup_free const char **list = xcalloc(n + 1, sizeof(*list));
    cleanup_free struct error **failures = xcalloc(n + 1, sizeof(struct error *));
    struct round r = {
        .rc = rc,
        .ctx = opctx_with_stop(rc->ctx, stop),
        .stop = stop,
        .urls_text = text,
        .list = list,
        .failures = failures,
    };
    for (size_t i = 0; i < n; i++)
        if (json_str(json_at(urls, i)))
            list[r.len++] = json_str(json_at(urls, i));
    int rcode = run_round(&r, ret, err);
    for (size_t i = 0; i < r.len; i++)
        error_free(failures[i]);
    return rcode;
}

static int internet_disabled(struct reconcile *rc, struct error **err)
{
    return reconcile_check(rc,
                           rc->sv->role == ROLE_MASTER ? COND_INTERNET_REACHABLE_FROM_MASTER
                                                       : COND_INTERNET_REACHABLE_FROM_WORKER,
                           STATUS_UNKNOWN, NULL, NULL, err);
}

const struct controller_desc internetchecker_controller = {
    .name = "InternetChecker",
    .doc = "Checks outbound internet connectivity from the master and the worker nodes.",
    .roles = ROLE_MASTER | ROLE_WORKER,
    .flag = FLAG_CHECKER_ENABLED,
    DESC_WATCHES(watches),
    .is_check = true,
    .checks = { COND_INTERNET_REACHABLE_FROM_MASTER, COND_INTERNET_REACHABLE_FROM_WORKER },
    .periodic = true,
    .reconcile = internet_reconcile,
    .disabled = internet_disabled,
};
