#include "test/unit/support/hack/devcloud/cluster_rig.h"

#include <string.h>

#include "hack/devcloud/cluster/serve.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/trees.h"

static const struct {
    const char *mark, *path;
} known[RIG_KNOWN] = {
    { "$rv", "metadata.resourceVersion" }, { "$uid", "metadata.uid" },
    { "$name", "metadata.name" },          { "$next", "metadata.continue" },
    { "$token", "status.token" },
};

void cluster_rig_init(struct cluster_rig *r)
{
    *r = (struct cluster_rig){ 0 };
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    r->cfg =
        (struct cluster_config){ .minor = RIG_MINOR, .clock = &r->clock.base, .rng = &r->rng.base };
}

void cluster_rig_start(struct cluster_rig *r)
{
    cleanup_error struct error *err = NULL;
    if (cluster_new(&r->cfg, &r->c, &err) < 0)
        fail_msg("%s", error_text(err));
}

void cluster_rig_open(struct cluster_rig *r)
{
    cluster_rig_init(r);
    cluster_rig_start(r);
}

static void forget_reply(struct cluster_rig *r)
{
    json_free(r->last);
    free(r->text);
    free(r->content_type);
    r->last = NULL;
    r->text = r->content_type = NULL;
}

void cluster_rig_close(struct cluster_rig *r)
{
    forget_reply(r);
    for (size_t i = 0; i < RIG_KNOWN; i++)
        free(r->known[i]);
    cluster_free(r->c);
    fake_clock_release(&r->clock);
}

/* ---- requests ---- */

static char *give_filled(const struct cluster_rig *r, const char *text)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = text; *p;) {
        size_t i = 0;
        while (i < RIG_KNOWN && !(r->known[i] && str_starts(p, known[i].mark)))
            i++;
        if (i < RIG_KNOWN) {
            buf_adds(&b, r->known[i]);
            p += strlen(known[i].mark);
        } else {
            buf_addc(&b, *p++);
        }
    }
    return buf_give(&b);
}

static char *give_quoted(const struct cluster_rig *r, const char *loose)
{
    char *text = give_filled(r, loose);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

static void add_user(struct api_request *rq, const char *as)
{
    const char *name = !as ? "admin" : *as ? as : "system:anonymous";
    rq->user.name = xstrdup(name);
    if (!as)
        strv_add(&rq->user.groups, "system:masters");
    strv_add(&rq->user.groups, as && !*as ? "system:unauthenticated" : "system:authenticated");
}

static void start_request(struct api_request *rq, const char *line, const char *as)
{
    cleanup_strv struct strv words = STRV_INIT;
    cleanup_error struct error *err = NULL;
    strv_split(&words, line, " ", false);
    assert_int_equal(words.len, 2);
    char *query = strchr(words.v[1], '?');
    if (query)
        *query++ = '\0';
    /* The verb says what the method was. */
    static const char *const methods[] = { "GET",    "PUT",  "POST",   "PATCH",
                                           "DELETE", "HEAD", "OPTIONS" };
    const char *method = NULL;
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_eq(methods[i], words.v[0]))
            method = methods[i];
    assert_non_null(method);
    if (api_request_init(rq, method, words.v[1], query, &err) < 0)
        fail_msg("%s: %s", line, error_text(err));
    rq->user_agent = "unit/1";
    rq->content_type = "application/json";
    add_user(rq, as);
}

static void keep_reply(struct cluster_rig *r, struct api_reply *reply)
{
    forget_reply(r);
    r->text = xstrndup(reply->body.len ? reply->body.data : "", reply->body.len);
    r->content_type = xstrdup(reply->content_type);
    (void)json_parse(r->text, reply->body.len, &r->last, NULL);
    for (size_t i = 0; i < RIG_KNOWN; i++) {
        const char *value = json_path_str(r->last, known[i].path);
        if (!value)
            continue;
        free(r->known[i]);
        r->known[i] = xstrdup(value);
    }
}

static int send(struct cluster_rig *r, struct api_request *rq, char **ret_warnings)
{
    cleanup_api_reply struct api_reply reply;
    api_reply_init(&reply);
    serve(r->c, rq, &reply);
    watch_free(reply.watch);
    keep_reply(r, &reply);
    if (ret_warnings)
        *ret_warnings = reply.warnings.len ? strv_give_joined(&reply.warnings, "\n") : NULL;
    return reply.status;
}

int cluster_rig_send_raw(struct cluster_rig *r, const char *line, const char *type,
                         const char *body, size_t len)
{
    cleanup_api_request struct api_request rq = { 0 };
    start_request(&rq, line, NULL);
    rq.content_type = type;
    rq.body = body;
    rq.body_len = len;
    return send(r, &rq, NULL);
}

int cluster_rig_send(struct cluster_rig *r, const char *line, const char *body)
{
    cleanup_free char *filled = give_filled(r, line), *text = give_quoted(r, body ? body : "");
    bool patch = str_starts(line, "PATCH");
    return cluster_rig_send_raw(
        r, filled, patch ? "application/merge-patch+json" : "application/json", text, strlen(text));
}

/* ---- expectations ---- */

static bool contains(const json *got, const json *want, struct strv *path);

static bool contains_members(const json *got, const json *want, struct strv *path)
{
    for (struct json_iter it = json_each(want); json_next(&it);) {
        strv_add(path, it.key);
        if (!contains(json_get(got, it.key), it.value, path))
            return false;
        free(path->v[--path->len]);
        path->v[path->len] = NULL;
    }
    return true;
}

static bool contains(const json *got, const json *want, struct strv *path)
{
    const char *text = json_str(want);
    if (text && *text == '~')
        return json_str(got) && strstr(json_str(got), text + 1);
    if (json_is_object(want))
        return json_is_object(got) && contains_members(got, want, path);
    if (!json_is_array(want))
        return json_equal(got, want);
    for (size_t i = 0; i < json_len(want); i++)
        if (!contains(json_at(got, i), json_at(want, i), path))
            return false;
    return json_is_array(got) && json_len(got) == json_len(want);
}

static void need(const json *got, const json *want, const char *of)
{
    cleanup_strv struct strv path = STRV_INIT;
    if (contains(got, want, &path))
        return;
    cleanup_free char *a = json_give_text(got), *b = json_give_text(want);
    cleanup_free char *at = strv_give_joined(&path, ".");
    fail_msg("%s\nat   %s\ngot  %s\nwant %s", of, at, a, b);
}

void assert_contains(const json *got, const char *want_loose)
{
    cleanup_json json *want = loose_tree(want_loose);
    need(got, want, "");
}

void cluster_rig_ask(struct cluster_rig *r, const struct ask *a)
{
    cleanup_free char *line = give_filled(r, a->line),
                      *body = give_quoted(r, a->body ? a->body : "");
    cleanup_free char *filled = give_quoted(r, a->want ? a->want : "null"), *warnings = NULL;
    cleanup_api_request struct api_request rq = { 0 };
    start_request(&rq, line, a->as);
    rq.content_type = a->type ? a->type : rq.content_type;
    rq.accept = a->accept;
    rq.user_agent = a->agent ? a->agent : rq.user_agent;
    rq.body = body;
    rq.body_len = strlen(body);
    int status = send(r, &rq, &warnings);
    if (status != a->status)
        fail_msg("%s\n%s\nanswered %d %s", line, body, status, r->text);
    if (!str_eq(warnings, a->warning))
        fail_msg("%s warned: %s", line, warnings ? warnings : "nothing");
    cleanup_json json *want = loose_tree(filled);
    if (a->want)
        need(r->last, want, line);
}

/* ---- single steps ---- */

void rig_op_init(struct rig_op *o, struct cluster_rig *r, const char *line, const char *body)
{
    *o = (struct rig_op){ 0 };
    start_request(&o->rq, line, NULL);
    o->rq.body = body ? body : "";
    o->rq.body_len = strlen(o->rq.body);
    api_reply_init(&o->reply);
    o->kinds = cluster_give_kinds(r->c);
    const struct resource *kind = kinds_find(o->kinds, o->rq.group, o->rq.version, o->rq.resource);
    assert_non_null(kind);
    op_init(&o->op, r->c, &o->rq, o->kinds, kind, &o->reply);
}

void rig_op_release(struct rig_op *o)
{
    op_release(&o->op);
    kinds_unref(o->kinds);
    api_reply_release(&o->reply);
    api_request_release(&o->rq);
}

/* ---- watches ---- */

static int write_line(struct watch_sink *sink, const char *data, size_t len)
{
    struct rig_watch *w = container_of(sink, struct rig_watch, sink);
    if (w->max && w->lines.len + len > w->max)
        return -1;
    buf_add(&w->lines, data, len);
    return 0;
}

static void end_lines(struct watch_sink *sink)
{
    container_of(sink, struct rig_watch, sink)->ended = true;
}

void rig_watch_open(struct rig_watch *w, struct cluster_rig *r, const char *path_and_query)
{
    cleanup_free char *filled = give_filled(r, path_and_query), *line = xasprintf("GET %s", filled);
    cleanup_api_request struct api_request rq = { 0 };
    cleanup_api_reply struct api_reply reply;
    size_t max = w->max;
    *w = (struct rig_watch){ .sink = { write_line, end_lines },
                             .lines = BUF_INIT(BUF_UNBOUNDED),
                             .max = max };
    start_request(&rq, line, NULL);
    api_reply_init(&reply);
    serve(r->c, &rq, &reply);
    if (!reply.watch)
        fail_msg("%s is no watch: %.*s", line, (int)reply.body.len, reply.body.data);
    w->watch = reply.watch;
    watch_start(w->watch, &w->sink);
}

void rig_watch_close(struct rig_watch *w)
{
    watch_free(w->watch);
    buf_release(&w->lines);
}

json *rig_watch_give(struct rig_watch *w)
{
    json *event = NULL;
    const char *start = w->lines.data + w->taken;
    size_t left = w->lines.len - w->taken;
    const char *end = left ? memchr(start, '\n', left) : NULL;
    if (!end)
        return NULL;
    w->taken += (size_t)(end + 1 - start);
    assert_int_equal(json_parse(start, (size_t)(end - start), &event, NULL), 0);
    return event;
}

void rig_watch_expect(struct rig_watch *w, const char *want)
{
    cleanup_json json *event = rig_watch_give(w);
    cleanup_json json *wanted = loose_tree(want ? want : "null");
    need(event, wanted, "an event");
}

/* ---- tables ---- */

void cluster_rig_check(void **state)
{
    const struct rig_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.minor = c->minor ? c->minor : RIG_MINOR;
    rig.cfg.service_accounts = c->accounts;
    rig.cfg.owner_enforcement = c->owners;
    cluster_rig_start(&rig);
    for (size_t i = 0; i < ARRAY_LEN(c->asks) && c->asks[i].line; i++)
        cluster_rig_ask(&rig, &c->asks[i]);
}

int cluster_rig_run(const char *group, struct rig_case *cases, size_t len,
                    const struct CMUnitTest *more, size_t more_len)
{
    struct CMUnitTest *tests = xcalloc(len + more_len + 1, sizeof(*tests));
    for (size_t i = 0; i < len; i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, cluster_rig_check, &cases[i]);
    for (size_t i = 0; i < more_len; i++)
        tests[len + i] = more[i];
    int failed = _cmocka_run_group_tests(group, tests, len + more_len, NULL, NULL);
    free(tests);
    return failed;
}
