#include "rp/cluster/console_log.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "rp/cluster/log_tail.h"
#include "rp/cluster/names.h"

#define MACHINES "Microsoft.Compute/virtualMachines"
#define LINK "serialConsoleLogBlobUri"
#define CONSOLE_MAX_BYTES ((size_t)4 << 20)
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

static int write_console(const struct cluster *c, struct arm *arm, const struct opctx *ctx,
                         const char *machine, struct error **err)
{
    cleanup_free char *id = name_give_resource_id(c, MACHINES, machine), *link = NULL;
    cleanup_response struct http_response response = { 0 };
    if (fetch_link(arm, ctx, id, &link, err) < 0 || fetch_log(c, ctx, link, &response, err) < 0)
        return -1;
    cleanup_free char *what = xasprintf("console of %s", machine);
    log_tail_write(ctx, what, buf_str(&response.body), response.body.len);
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
