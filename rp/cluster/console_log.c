#include "rp/cluster/console_log.h"

#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/names.h"

#define MACHINES "Microsoft.Compute/virtualMachines"
#define LINK "serialConsoleLogBlobUri"
#define CONSOLE_MAX_BYTES ((size_t)4 << 20)
#define LINE_MAX_BYTES 512
#define FETCH_MS 10000

/* ---- fetching ---- */

/* *ret: a URL that opens the log by itself. */
static int fetch_link(struct arm *arm, const struct opctx *ctx, const char *id, char **ret,
                      struct error **err)
{
    cleanup_free char *path = xasprintf("%s/retrieveBootDiagnosticsData", id);
    const struct arm_call call = { .method = "POST",
                                   .path = path,
                                   .api_version = API_VERSION_COMPUTE };
    cleanup_json json *links = NULL;
    const char *link;
    if (arm_send(arm, ctx, &call, &links, err) < 0 || json_need_str(links, LINK, &link, err) < 0)
        return -1;
    *ret = xstrdup(link);
    return 0;
}

static int fetch_log(const struct cluster *c, const struct opctx *ctx, const char *link,
                     struct http_response *ret, struct error **err)
{
    cleanup_request struct http_request req = {
        .method = "GET", .url = link, .max_body = CONSOLE_MAX_BYTES, .timeout_ms = FETCH_MS
    };
    if (http_send(c->cfg->transport, ctx, &req, ret, err) < 0)
        return -1;
    if (ret->status != 200)
        return error_set(err, err_kind_from_http_status(ret->status),
                         "the link of the serial console answers %d", ret->status);
    return 0;
}

/* ---- writing ---- */

/* Where the last lines begin. */
static const char *find_tail(const char *text, size_t len)
{
    const char *at = text + len;
    for (int lines = 0; at > text; at--)
        if (at[-1] == '\n' && at != text + len && ++lines == CONSOLE_LOG_LINES)
            break;
    return at;
}

/* Without what stands behind a question mark in a URL. Owned. */
static char *give_readable(const char *line, size_t len)
{
    cleanup_buf struct buf b = BUF_INIT(LINE_MAX_BYTES + 1);
    bool in_url = false, in_query = false;
    for (size_t i = 0; i < len && b.len < LINE_MAX_BYTES; i++) {
        unsigned char ch = (unsigned char)line[i];
        bool ends = ch <= ' ' || ch == '"' || ch == '\'';
        if (len - i > 3 && memcmp(line + i, "://", 3) == 0)
            in_url = true;
        if (ends)
            in_url = in_query = false;
        if (in_query)
            continue;
        in_query = in_url && ch == '?';
        if (ch >= ' ' && ch < 0x7f)
            buf_addc(&b, (char)ch);
    }
    return xstrdup(buf_str(&b));
}

static void write_lines(const struct opctx *ctx, const char *machine, const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *at = find_tail(text, len); at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t line_len = (size_t)((newline ? newline : end) - at);
        cleanup_free char *line = give_readable(at, line_len);
        if (*line)
            log_info(ctx->log, "after the failure: console of %s: %s", machine, line);
        at += line_len + 1;
    }
}

static int write_console(const struct cluster *c, struct arm *arm, const struct opctx *ctx,
                         const char *machine, struct error **err)
{
    cleanup_free char *id = name_give_resource_id(c, MACHINES, machine), *link = NULL;
    cleanup_response struct http_response response = { 0 };
    if (fetch_link(arm, ctx, id, &link, err) < 0 || fetch_log(c, ctx, link, &response, err) < 0)
        return -1;
    write_lines(ctx, machine, buf_str(&response.body), response.body.len);
    return 0;
}

void console_log_write(struct cluster *c, const struct opctx *ctx)
{
    static const char *const machines[] = { "-bootstrap", "-master-0", "-master-1", "-master-2" };
    cleanup_error struct error *no_arm = NULL;
    struct arm *arm;
    if (!*cluster_text_or_empty(c, "infraId"))
        return;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, &no_arm) < 0) {
        log_info(ctx->log, "after the failure: no serial consoles: %s", error_text(no_arm));
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(machines) && opctx_check(ctx, NULL) == 0; i++) {
        cleanup_free char *name = name_give(c, machines[i]);
        cleanup_error struct error *e = NULL;
        if (write_console(c, arm, ctx, name, &e) < 0 && !error_is(e, ERR_NOT_FOUND))
            log_info(ctx->log, "after the failure: no console of %s: %s", name, error_text(e));
    }
}
