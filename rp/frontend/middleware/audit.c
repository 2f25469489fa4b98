#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/*
 * One record for each request that needs authentication, also for those that fail, in the schema of
 * the Ifx audit pipeline: the log line's field payload is what the agent picks up.
 */
#define SCHEMA_VERSION "2.1"
#define SCHEMA_FLAGS "257"
#define RECORD_BYTES 1536 /* of most; longer ones grow */

static const char *operation_caller(const struct request *req)
{
    const char *principal = req->correlation.client_principal_name;
    const char *agent = http_call_header(req->call, "User-Agent");
    return principal ? principal : agent ? agent : "unknown";
}

/* Without a tree: one for each request would cost more than the handlers of most of them. */
static void add(struct buf *b, const char *before, const char *value)
{
    buf_adds(b, before);
    json_write_str(b, value ? value : "", value ? strlen(value) : 0);
}

static void write_record(struct request *req, struct buf *b)
{
    struct frontend *f = req->f;
    const struct rp_env *env = f->cfg.env;
    int status = http_call_get_status(req->call);
    char now[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(req->ctx->clock), now);
    cleanup_buf struct buf operation = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&operation, http_call_method(req->call));
    buf_addc(&operation, ' ');
    buf_adds(&operation, req->path);

    add(b, "{\"env_ver\":" SCHEMA_VERSION ",\"env_name\":\"#Ifx.AuditSchema\",\"env_time\":", now);
    add(b, ",\"env_epoch\":", f->process_id);
    buf_adds(b, ",\"env_seqNum\":");
    buf_add_int(b, (int64_t)atomic_fetch_add(&f->audit_number, 1) + 1);
    add(b, ",\"env_flags\":" SCHEMA_FLAGS ",\"env_appId\":",
        request_is_admin(req) ? "aro-admin" : "aro-rp");
    add(b, ",\"env_cloud_name\":", rp_env_text(env, ENV_AZURE_ENVIRONMENT));
    add(b,
        ",\"env_cloud_role\":\"rp\",\"env_cloud_roleInstance\":", rp_env_text(env, ENV_HOSTNAME));
    add(b, ",\"env_cloud_environment\":", f->environment);
    add(b, ",\"env_cloud_location\":", f->location);
    add(b, ",\"env_cloud_ver\":\"1.0\",\"Category\":\"ResourceManagement\",\"OperationName\":",
        buf_str(&operation));
    add(b, ",\"requestId\":", req->correlation.request_id);
    add(b, ",\"CallerIdentities\":[{\"CallerDisplayName\":", operation_caller(req));
    add(b, ",\"CallerIpAddress\":", http_call_peer_address(req->call));
    add(b, "}],\"Result\":{\"ResultType\":", status >= 400 ? "Fail" : "Success");
    buf_adds(b, ",\"ResultDescription\":\"Status code: ");
    buf_add_int(b, status);
    add(b, "\"},\"TargetResources\":[{\"TargetResourceType\":",
        req->resource_id ? API_NAMESPACE "/" API_CLUSTER_TYPE : "");
    add(b, ",\"TargetResourceName\":", req->path);
    buf_adds(b, "}]}");
}

static void audit(struct request *req)
{
    if (!log_enabled(req->log, LOG_INFO) || (req->route && (req->route->flags & ROUTE_OPEN)))
        return;
    cleanup_buf struct buf record = BUF_INIT(BUF_UNBOUNDED);
    buf_reserve(&record, RECORD_BYTES);
    write_record(req, &record);
    struct log kind = log_with(req->f->cfg.log, "logkind", "ifxaudit");
    struct log payload = log_with(&kind, "payload", buf_str(&record));
    log_info(&payload, "audit event");
}

const struct middleware middleware_audit = { .name = "Audit", .after = audit };
