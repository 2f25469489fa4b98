/* Whether a cluster answers, and at which of its URLs. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/remote/remote_impl.h"
#include "rp/syncsets/remote/scrub.h"

#define PLACE_MS 10000 /* that workers leave to a probe */
#define VERSIONS_MAX ((size_t)4 << 20)

/* What a reply to the probe means, when it is no success. */
static const struct {
    int status;
    enum sets_probe_access access;
} answers[] = {
    { 401, SETS_ACCESS_UNAUTHORIZED },
    { 403, SETS_ACCESS_FORBIDDEN },
    { 429, SETS_ACCESS_OK }, /* busy, but there */
};

bool sets_is_unreachable(const struct error *e)
{
    bool by_context = error_is(e, ERR_TIMEOUT) && !error_get_body(e);
    return error_is(e, ERR_CONN) || by_context || str_eq(error_get_code(e), HTTP_ERR_BARRED);
}

static int refuse(void *arg, struct error **err)
{
    (void)arg;
    return error_set(err, ERR_INTERNAL, "a probe changes nothing");
}

const struct sets_guard remote_probing = { .may_mutate = refuse };

/* What is asked for are a few hundred bytes: whoever has not begun to answer by now will not soon, and others are waiting for their
 * look. */
static struct opctx give_patience(const struct sets_remote *r, const struct opctx *ctx)
{
    return opctx_with_timeout_ms(ctx, r->all->cfg.probe_answer_ms);
}

/* guard: of who asks; NULL: a worker. */
static int ask(struct sets_remote *r, const struct opctx *ctx, const struct sets_guard *guard,
               int url, enum sets_probe_access *ret, struct error **err)
{
    struct kube_raw raw = { .method = "GET", .path = "/api", .max_body = VERSIONS_MAX };
    cleanup_response struct http_response reply = { 0 };
    struct opctx until_in = opctx_with_timeout_ms(ctx, PLACE_MS);
    if (turnstile_enter(&r->gate, &until_in, guard, err) < 0)
        return error_wrap(err, "waiting for other requests to the cluster");
    struct opctx limited = give_patience(r, ctx);
    int rc = kube_send_raw(r->urls[url].client, &limited, &raw, &reply, err);
    turnstile_leave(&r->gate);
    *ret = SETS_ACCESS_OK;
    for (size_t i = 0; rc < 0 && i < ARRAY_LEN(answers); i++) {
        if (answers[i].status != reply.status)
            continue;
        *ret = answers[i].access;
        return 0;
    }
    return rc;
}

/* The version of OpenShift that runs; NULL where there is none, or it may not be seen. */
static char *give_version(struct sets_remote *r, const struct opctx *ctx)
{
    cleanup_json json *version = NULL;
    struct kube_client *k;
    struct opctx until_in = opctx_with_timeout_ms(ctx, PLACE_MS);
    if (sets_remote_begin(r, &until_in, &remote_probing, &k, NULL) < 0)
        return NULL;
    struct opctx limited = give_patience(r, ctx);
    (void)kube_get(k, &limited, KUBE_REF(&GVR_CLUSTERVERSIONS, NULL, "version"), &version, NULL);
    sets_remote_end(r);
    const json *history = json_path(version, "status.history");
    for (size_t i = 0; json_is_array(history) && i < json_len(history); i++)
        if (str_eq(json_path_str(json_at(history, i), "state"), "Completed"))
            return xstrdup(json_path_str(json_at(history, i), "version"));
    return xstrdup(json_path_str(version, "status.desired.version"));
}

/* Whoever tries a cluster on a machine of its own meets that first. */
static char *give_text(const struct error *e)
{
    bool barred = str_eq(error_get_code(e), HTTP_ERR_BARRED);
    return xasprintf("%s%s", error_text(e),
                     barred ? " unless SYNCSETS_DIAL_ALLOWED has its range" : "");
}

static char *give_message(const struct error *primary, const struct error *secondary)
{
    cleanup_free char *first = give_text(primary);
    cleanup_free char *second = secondary ? give_text(secondary) : NULL;
    cleanup_free char *both = second ? xasprintf("%s; %s", first, second) : xstrdup(first);
    return sets_give_scrubbed(both);
}

static void note_reachable(struct sets_probe *p, enum sets_probe_access access)
{
    static const char *const words[] = {
        [SETS_ACCESS_OK] = "cluster is reachable",
        [SETS_ACCESS_UNAUTHORIZED] = "cluster is reachable, but knows no such user (401)",
        [SETS_ACCESS_FORBIDDEN] = "cluster is reachable, but the user may do nothing (403)",
    };
    p->reachable = true;
    p->access = access;
    p->reason = SETS_REASON_REACHABLE;
    p->message = xstrdup(words[access]);
}

void sets_probe_release(struct sets_probe *p)
{
    free(p->message);
    free(p->version);
}

int sets_remote_probe(struct sets_remote *r, const struct opctx *ctx, struct sets_probe *ret,
                      struct error **err)
{
    struct error *failed[REMOTE_URLS] = { NULL };
    int url = 0;
    *ret =
        (struct sets_probe){ .has_override = r->urls_len > 1, .reason = SETS_REASON_UNREACHABLE };
    if (r->fake) {
        note_reachable(ret, SETS_ACCESS_OK);
        return 0;
    }
    enum sets_probe_access access = SETS_ACCESS_OK;
    while (url < r->urls_len && ask(r, ctx, &remote_probing, url, &access, &failed[url]) < 0)
        url++;
    if (url < r->urls_len) {
        note_reachable(ret, access);
        ret->override_answers = ret->has_override && url == 0;
        atomic_store(&r->active, url);
        if (access == SETS_ACCESS_OK)
            ret->version = give_version(r, ctx);
    } else {
        ret->message = give_message(failed[0], failed[1]);
    }
    for (int i = 0; i < REMOTE_URLS; i++)
        error_free(failed[i]);
    if (opctx_check(ctx, err) == 0)
        return 0;
    sets_probe_release(ret);
    *ret = (struct sets_probe){ 0 };
    return -1;
}

/* What it answers with, a refusal or not, is an answer. */
int sets_remote_knock(struct sets_remote *r, const struct opctx *ctx, struct error **err)
{
    enum sets_probe_access access;
    cleanup_error struct error *why = NULL;
    if (r->fake || ask(r, ctx, NULL, atomic_load(&r->active), &access, &why) == 0 ||
        !sets_is_unreachable(why))
        return 0;
    return error_move(err, &why);
}
