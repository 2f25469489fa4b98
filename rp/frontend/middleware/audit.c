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

static json *give_record(struct request *req)
{
    struct frontend *f = req->f;
    const struct rp_env *env = f->cfg.env;
    bool admin = request_is_admin(req);
    int status = http_call_get_status(req->call);
    char now[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(req->ctx->clock), now);
    cleanup_buf struct buf operation = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&operation, "%s %s", http_call_method(req->call), req->path);
    cleanup_buf struct buf description = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&description, "Status code: %d", status);
    return json_make(
        "{'env_name':'#Ifx.AuditSchema','env_time':%s,'env_epoch':%s,'env_seqNum':%ld,"
        "'env_flags':%d,'env_appId':%s,'env_ver':%j,'env_cloud_name':%s,'env_cloud_role':'rp',"
        "'env_cloud_roleInstance':%s,'env_cloud_environment':%s,'env_cloud_location':%s,"
        "'env_cloud_ver':'1.0','Category':'ResourceManagement','OperationName':%s,'requestId':%s,"
        "'CallerIdentities':[{'CallerDisplayName':%s,'CallerIpAddress':%s}],"
        "'Result':{'ResultType':%s,'ResultDescription':%s},"
        "'TargetResources':[{'TargetResourceType':%s,'TargetResourceName':%s}]}",
        now, f->process_id, (int64_t)(atomic_fetch_add(&f->audit_number, 1) + 1), SCHEMA_FLAGS,
        admin ? "aro-admin" : "aro-rp", json_new_decimal(SCHEMA_VERSION),
        rp_env_text(env, ENV_AZURE_ENVIRONMENT), rp_env_text(env, ENV_HOSTNAME), f->environment,
        f->location, buf_str(&operation), req->correlation.request_id, operation_caller(req),
        http_call_peer_address(req->call), status >= 400 ? "Fail" : "Success",
        buf_str(&description), req->resource_id ? API_NAMESPACE "/" API_CLUSTER_TYPE : "",
        req->path);
}

static void audit(struct request *req)
{
    if (!log_enabled(req->log, LOG_INFO) || (req->route && (req->route->flags & ROUTE_OPEN)))
        return;
    cleanup_json json *record = give_record(req);
    cleanup_free char *text = json_give_text(record);
    struct log kind = log_with(req->f->cfg.log, "logkind", "ifxaudit");
    struct log payload = log_with(&kind, "payload", text);
    log_info(&payload, "audit event");
}

const struct middleware middleware_audit = { .name = "Audit", .after = audit };
