#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"

/*
 * One record for each request that needs authentication, also for those that fail, in the schema of
 * the Ifx audit pipeline: the log line's field payload is what the agent picks up.
 */
#define SCHEMA_VERSION "2.1"
#define SCHEMA_FLAGS 257

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
    buf_addf(&operation, "%s %s", http_call_method(req->call), req->path);

    buf_addf(b,
             "{\"env_ver\":%s,\"env_name\":\"#Ifx.AuditSchema\",\"env_time\":\"%s\","
             "\"env_epoch\":\"%s\",\"env_seqNum\":%llu,\"env_flags\":%d,\"env_appId\":\"%s\"",
             SCHEMA_VERSION, now, f->process_id,
             (unsigned long long)atomic_fetch_add(&f->audit_number, 1) + 1, SCHEMA_FLAGS,
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
    buf_addf(b, "}],\"Result\":{\"ResultType\":\"%s\",\"ResultDescription\":\"Status code: %d\"}",
             status >= 400 ? "Fail" : "Success", status);
    buf_addf(b, ",\"TargetResources\":[{\"TargetResourceType\":\"%s\"",
             req->resource_id ? API_NAMESPACE "/" API_CLUSTER_TYPE : "");
    add(b, ",\"TargetResourceName\":", req->path);
    buf_adds(b, "}]}");
}

static void audit(struct request *req)
{
    if (!log_enabled(req->log, LOG_INFO) || (req->route && (req->route->flags & ROUTE_OPEN)))
        return;
    cleanup_buf struct buf record = BUF_INIT(BUF_UNBOUNDED);
    write_record(req, &record);
    struct log kind = log_with(req->f->cfg.log, "logkind", "ifxaudit");
    struct log payload = log_with(&kind, "payload", buf_str(&record));
    log_info(&payload, "audit event");
}

const struct middleware middleware_audit = { .name = "Audit", .after = audit };
