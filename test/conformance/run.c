#include "test/conformance/run.h"

#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "test/conformance/normal.h"

#define AWAIT_TRIES 300
#define AWAIT_MS 100

struct running {
    struct server *server;
    struct normal normal;
    char *nspace;
    struct map *captured; /* name -> text */
    struct map *streams;  /* name -> struct stream */
    struct buf report;
    bool record;
};

static void free_stream(void *p)
{
    stream_close(p);
}

bool run_can(const struct suite_case *c, const struct server *s)
{
    for (size_t i = 0; i < c->needs.len; i++) {
        const char *need = c->needs.v[i];
        if ((str_eq(need, "compact") && !s->compact) || (str_eq(need, "newer") && s->minor < 21) ||
            (str_eq(need, "older") && s->minor > 20))
            return false;
    }
    return true;
}

/* {NAME} by what was captured; {ns} is the namespace. Other braces stay. */
static char *give_filled(const struct running *r, const char *text)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    while (*text) {
        size_t len = *text == '{' ? strcspn(text, "}") : 0;
        const char *value =
            len > 1 && text[len] == '}' ? map_get_n(r->captured, text + 1, len - 1) : NULL;
        if (value) {
            buf_adds(&b, value);
            text += len + 1;
        } else {
            buf_addc(&b, *text++);
        }
    }
    return buf_give(&b);
}

/* ---- comparing ---- */

static void compare(struct running *r, struct step *s, struct strv *got, const char *what)
{
    if (r->record) {
        strv_release(&s->want);
        s->want = *got;
        *got = (struct strv)STRV_INIT;
        return;
    }
    for (size_t i = 0; i < s->want.len || i < got->len; i++) {
        const char *want = i < s->want.len ? s->want.v[i] : "(nothing)";
        const char *have = i < got->len ? got->v[i] : "(nothing)";
        if (strcmp(want, have) == 0)
            continue;
        buf_addf(&r->report, "    %s\n      want %s\n      got  %s\n", what, want, have);
        return;
    }
}

/* Documents of a body, each on a line of its own, comparable. */
static void add_documents(struct running *r, const struct step *s, const char *body, size_t len,
                          struct strv *out)
{
    cleanup_json json *doc = NULL;
    if (len && json_parse(body, len, &doc, NULL) == 0) {
        cleanup_json json *plain = normal_give(&r->normal, doc, &s->ignored);
        strv_take(out, json_give_sorted(plain));
        return;
    }
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, body, "\n", false);
    for (size_t i = 0; i < lines.len; i++) {
        json *line = NULL;
        if (json_parse(lines.v[i], strlen(lines.v[i]), &line, NULL) < 0) {
            strv_take(out, normal_give_text(&r->normal, lines.v[i]));
            continue;
        }
        cleanup_json json *plain = normal_give(&r->normal, line, &s->ignored);
        json_free(line);
        strv_take(out, json_give_sorted(plain));
    }
}

/* ---- steps ---- */

static void capture(struct running *r, const struct step *s, const char *body, size_t len)
{
    cleanup_json json *doc = NULL;
    (void)json_parse(body, len, &doc, NULL);
    for (size_t i = 0; i < s->captures.len; i++) {
        const char *space = strchr(s->captures.v[i], ' ');
        if (!space)
            continue;
        cleanup_free char *name = xstrndup(s->captures.v[i], (size_t)(space - s->captures.v[i]));
        const char *text = json_path_str(doc, space + 1);
        map_set(r->captured, name, xstrdup(text ? text : ""));
    }
}

static int send_once(struct running *r, const struct step *s, struct http_response *ret)
{
    cleanup_free char *path = give_filled(r, s->path);
    cleanup_free char *joined = strv_give_joined(&s->body, "\n");
    cleanup_free char *body = give_filled(r, joined);
    cleanup_strv struct strv headers = STRV_INIT;
    cleanup_error struct error *err = NULL;
    if (*body)
        strv_add(&headers, "Content-Type: application/json");
    for (size_t i = 0; i < s->headers.len; i++)
        strv_take(&headers, give_filled(r, s->headers.v[i]));
    struct exchange x = { s->method, path, *body ? body : NULL, &headers };
    if (server_send(r->server, &x, ret, &err) == 0)
        return 0;
    buf_addf(&r->report, "    %s %s: %s\n", s->method, path, error_text(err));
    return -1;
}

static int run_request(struct running *r, struct step *s)
{
    cleanup_strv struct strv got = STRV_INIT;
    long long want = 0;
    if (s->want.len)
        (void)str_to_int(s->want.v[0], 0, 999, &want);
    for (int i = 0;; i++) {
        cleanup_response struct http_response response = { 0 };
        if (send_once(r, s, &response) < 0)
            return -1;
        if (s->await && i < AWAIT_TRIES && response.status != want) {
            (void)opctx_sleep_ms(&r->server->ctx, AWAIT_MS, NULL);
            continue;
        }
        strv_addf(&got, "%d", response.status);
        add_documents(r, s, buf_str(&response.body), response.body.len, &got);
        capture(r, s, buf_str(&response.body), response.body.len);
        break;
    }
    cleanup_free char *what = xasprintf("%s %s", s->method, s->path);
    compare(r, s, &got, what);
    return 0;
}

static int run_open(struct running *r, const struct step *s)
{
    cleanup_free char *path = give_filled(r, s->path);
    cleanup_error struct error *err = NULL;
    struct stream *st = NULL;
    if (stream_open(r->server, path, &st, &err) < 0) {
        buf_addf(&r->report, "    OPEN %s: %s\n", path, error_text(err));
        return -1;
    }
    map_set(r->streams, s->name, st);
    return 0;
}

static int run_read(struct running *r, struct step *s)
{
    struct stream *st = map_get(r->streams, s->name);
    cleanup_strv struct strv got = STRV_INIT;
    cleanup_buf struct buf last = BUF_INIT(BUF_UNBOUNDED);
    for (int i = 0; st && i < s->count; i++) {
        cleanup_free char *line = stream_give_line(st);
        if (!line)
            break;
        add_documents(r, s, line, strlen(line), &got);
        buf_clear(&last);
        buf_adds(&last, line);
    }
    capture(r, s, buf_str(&last), last.len);
    cleanup_free char *what = xasprintf("READ %s", s->name);
    compare(r, s, &got, what);
    return 0;
}

static int run_step(struct running *r, struct step *s)
{
    cleanup_error struct error *err = NULL;
    switch (s->kind) {
    case STEP_REQUEST:
        return run_request(r, s);
    case STEP_OPEN:
        return run_open(r, s);
    case STEP_READ:
        return run_read(r, s);
    case STEP_CLOSE:
        (void)map_del(r->streams, s->name);
        return 0;
    default:
        if (server_compact(r->server, &err) == 0)
            return 0;
        buf_addf(&r->report, "    COMPACT: %s\n", error_text(err));
        return -1;
    }
}

/* ---- cases ---- */

static void send_plain(struct running *r, const char *method, const char *path, const char *body)
{
    cleanup_strv struct strv headers = STRV_INIT;
    cleanup_response struct http_response response = { 0 };
    strv_add(&headers, "Content-Type: application/json");
    struct exchange x = { method, path, body, &headers };
    (void)server_send(r->server, &x, &response, NULL);
}

static void make_namespace(struct running *r)
{
    cleanup_free char *body = xasprintf(
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}", r->nspace);
    send_plain(r, "POST", "/api/v1/namespaces", body);
}

/* Nobody empties the namespace where no controller runs. */
static void drop_namespace(struct running *r)
{
    cleanup_free char *path = xasprintf("/api/v1/namespaces/%s", r->nspace);
    cleanup_free char *finalize = xasprintf("%s/finalize", path);
    cleanup_free char *body = xasprintf(
        "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"},\"spec\":{}}",
        r->nspace);
    send_plain(r, "DELETE", path, NULL);
    send_plain(r, "PUT", finalize, body);
}

int run_case(struct suite_case *c, struct server *s, bool record, char **ret_report)
{
    char id[UUID_LEN + 1];
    rng_uuid(rng_system(), id);
    struct running r = { .server = s,
                         .nspace = xasprintf("c%.8s", id),
                         .captured = map_new(free),
                         .streams = map_new(free_stream),
                         .report = BUF_INIT(BUF_UNBOUNDED),
                         .record = record };
    r.normal.nspace = r.nspace;
    map_set(r.captured, "ns", xstrdup(r.nspace));
    make_namespace(&r);
    for (size_t i = 0; i < c->len; i++)
        if (run_step(&r, &c->steps[i]) < 0)
            break;
    map_free(r.streams);
    drop_namespace(&r);
    map_free(r.captured);
    normal_release(&r.normal);
    free(r.nspace);
    bool failed = r.report.len > 0;
    *ret_report = buf_give(&r.report);
    return failed ? -1 : 0;
}
