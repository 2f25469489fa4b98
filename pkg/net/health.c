#include "pkg/net/health.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/strv.h"

static int pass(void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    return 0;
}

/* An endpoint without checks still answers that the process does. */
static const struct health_check ping = { .name = "ping", .check = pass };

/* What the query asks for. */
struct wish {
    bool verbose;
    struct strv excluded;
};

/* "a=b&c" into wish; other parameters are not ours. */
static void read_query(const char *query, struct wish *w)
{
    cleanup_strv struct strv parts = STRV_INIT;

    if (query)
        strv_split(&parts, query, "&", false);
    for (size_t i = 0; i < parts.len; i++) {
        cleanup_free char *value = NULL;
        if (str_eq(parts.v[i], "verbose") || str_starts(parts.v[i], "verbose="))
            w->verbose = true;
        else if (str_starts(parts.v[i], "exclude=") &&
                 percent_parse(parts.v[i] + strlen("exclude="), &value))
            strv_add_unique(&w->excluded, value);
    }
}

static void begin_reply(struct http_call *call)
{
    http_call_set_header(call, "Content-Type", "text/plain; charset=utf-8");
    http_call_set_header(call, "X-Content-Type-Options", "nosniff");
    http_call_set_header(call, "Cache-Control", "no-cache, no-store");
}

/* One line a check. */
static bool run_check(const struct health_check *c, struct buf *lines)
{
    cleanup_error struct error *e = NULL;
    bool ok = c->check(c->arg, &e) == 0;

    if (ok)
        buf_addf(lines, "[+]%s ok\n", c->name);
    else
        buf_addf(lines, "[-]%s failed: %s\n", c->name, e ? error_text(e) : "no reason given");
    return ok;
}

static void answer_all(struct http_call *call, const char *root, const struct health_check *checks,
                       size_t len)
{
    cleanup_buf struct buf lines = BUF_INIT(BUF_UNBOUNDED);
    struct wish w = { 0 };
    bool healthy = true;

    read_query(http_call_query(call), &w);
    for (size_t i = 0; i < len; i++) {
        if (strv_has(&w.excluded, checks[i].name))
            buf_addf(&lines, "[+]%s excluded: ok\n", checks[i].name);
        else if (!run_check(&checks[i], &lines))
            healthy = false;
    }
    for (size_t i = 0; i < w.excluded.len; i++) {
        bool known = false;
        for (size_t k = 0; k < len; k++)
            known = known || str_eq(checks[k].name, w.excluded.v[i]);
        if (!known)
            buf_addf(&lines, "warn: some health checks cannot be excluded: no matches for \"%s\"\n",
                     w.excluded.v[i]);
    }

    const char *name = *root == '/' ? root + 1 : root;
    struct buf *out = http_call_out(call);
    http_call_set_status(call, healthy ? 200 : 500);
    if (healthy && !w.verbose) {
        buf_adds(out, "ok");
    } else {
        buf_add(out, lines.data, lines.len);
        buf_addf(out, "%s check %s\n", name, healthy ? "passed" : "failed");
    }
    strv_release(&w.excluded);
}

int health_answer(struct http_call *call, const struct health_set *set, struct error **err)
{
    const struct health_check *checks = set->len ? set->checks : &ping;
    size_t len = set->len ? set->len : 1;
    const char *path = http_call_path(call);
    size_t root_len = strlen(set->root);

    if (strncmp(path, set->root, root_len) != 0)
        return error_set(err, ERR_NOT_FOUND, "no such path");
    const char *name = path + root_len;
    begin_reply(call);
    if (*name == '\0' || strcmp(name, "/") == 0) {
        answer_all(call, set->root, checks, len);
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        if (*name == '/' && str_eq(name + 1, checks[i].name)) {
            answer_all(call, path, &checks[i], 1);
            return 0;
        }
    }
    return error_set(err, ERR_NOT_FOUND, "no such check");
}
