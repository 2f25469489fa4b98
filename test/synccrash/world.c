#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/syncsets/client.h"
#include "test/synccrash/synccrash.h"

#define PAUSE_MS 50
/* One write in so many finds its server killed, soon after it was sent. */
#define STRIKE_ONE_IN 250
#define STRIKE_MAX_MS 30

void world_fault(struct world *w, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = xvasprintf(fmt, args);
    va_end(args);
    (void)pthread_mutex_lock(&w->mu);
    if (!w->faults.len)
        printf("  the first fault: %s\n", text);
    strv_take(&w->faults, text);
    (void)pthread_mutex_unlock(&w->mu);
}

size_t world_faults(struct world *w)
{
    (void)pthread_mutex_lock(&w->mu);
    size_t n = w->faults.len;
    (void)pthread_mutex_unlock(&w->mu);
    return n;
}

void world_pause(const struct world *w)
{
    (void)opctx_sleep_ms(w->ctx, PAUSE_MS, NULL);
}

/* ---- requests ---- */

static void strike_some(struct world *w, struct chance *chance, const char *method, unsigned port)
{
    if (!str_eq(method, "GET") && chance_one_in(chance, STRIKE_ONE_IN))
        herd_strike(w->herd, port, (int64_t)rng_below(&chance->rng, STRIKE_MAX_MS * NS_PER_MS));
}

/* The status; that of no answer is above 500. Without a deadline: a request that a frozen server still has could otherwise be carried out behind
 * later ones. */
static int ask_once(struct world *w, struct chance *chance, const struct syncsets_call *call,
                    json **ret, struct error **err)
{
    unsigned port = herd_port(w->herd, &chance->rng);
    cleanup_free char *url = xasprintf("http://127.0.0.1:%u", port);
    const struct syncsets_config cfg = { .url = url, .transport = w->transport };
    cleanup_syncsets struct syncsets *c = NULL;
    int status = 0;
    if (!port)
        (void)error_set(err, ERR_CONN, "no server is there");
    else if (syncsets_new(&cfg, &c, err) == 0) {
        strike_some(w, chance, call->method, port);
        (void)syncsets_send(c, w->ctx, call, ret, &status, err);
    }
    return status ? status : error_get_status(*err);
}

static bool is_unanswered(const struct syncsets_call *call, int status)
{
    return status == 429 || status >= 500 ||
           (status == 409 && str_eq(call->method, "PATCH")); /* others wrote at the same time */
}

json *world_ask(struct world *w, struct chance *chance, const struct ask *a)
{
    struct syncsets_call call = { .method = a->method,
                                  .plural = a->plural,
                                  .nspace = a->nspace,
                                  .name = a->name,
                                  .action = a->action,
                                  .body = a->body };
    if (a->upsert)
        call.query[0] = (struct syncsets_param){ "upsert", "true" };
    if (str_eq(a->method, "PATCH"))
        call.media_type = "application/merge-patch+json";
    for (;;) {
        cleanup_error struct error *e = NULL;
        cleanup_json json *reply = NULL;
        int status = ask_once(w, chance, &call, &reply, &e);
        if (is_unanswered(&call, status)) {
            atomic_fetch_add(&w->unanswered, 1);
            world_pause(w);
            continue;
        }
        if (status >= 300 && !(status == 404 && str_eq(a->method, "DELETE")))
            world_fault(w, "%s %s/%s is refused with %d: %s", a->method, a->plural,
                        a->name ? a->name : "", status, error_text(e));
        atomic_fetch_add(&w->writes, !str_eq(a->method, "GET"));
        return status < 300 ? take(reply) : NULL;
    }
}
