#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

static int not_found(struct error **err)
{
    return cloud_error(err, "NotFound", NULL, "The entity was not found.");
}

/* Another subscription's operation is not there. */
static bool is_of_subscription(const struct request *req, const json *record)
{
    const char *key = json_path_str(record, "openShiftClusterKey");
    cleanup_free char *prefix = xasprintf("/subscriptions/%s/", request_param(req, "sub"));
    return key && str_starts(key, prefix);
}

static int get_record(struct request *req, struct document *ret, struct error **err)
{
    cleanup_error struct error *e = NULL;
    document_release(ret);
    if (asyncoperations_get(req->ctx, req->f->cfg.database, request_param(req, "operationid"), ret,
                            &e) < 0)
        return error_is(e, ERR_NOT_FOUND) ? not_found(err) : error_move(err, &e);
    return 0;
}

/* The cluster carries the operation from before its record is made until after its end was told. */
static int is_running(struct request *req, const char *key, bool *ret, struct error **err)
{
    cleanup_document struct document cluster = { 0 };
    cleanup_error struct error *e = NULL;
    if (openshiftclusters_get(req->ctx, req->f->cfg.database, key, &cluster, &e) < 0 &&
        !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    *ret = cluster.tree && str_eq(json_path_str(cluster.tree, "asyncOperationId"),
                                  request_param(req, "operationid"));
    return 0;
}

static bool has_ended(const json *operation)
{
    const char *status = json_path_str(operation, "status");
    return str_eq(status, "Succeeded") || str_eq(status, "Failed");
}

/* A record that could not be written: whoever waits for it would wait for ever. */
static void put_lost_end(json *operation)
{
    json_put(operation, "status", json_new_str("Failed"));
    json_put(operation, "error",
             json_make("{'code':'InternalServerError','message':'Internal server error.'}"));
}

/* ret_running: the cluster still carries the operation, so that its end is not to be told yet. */
static int find(struct request *req, struct document *ret, bool *ret_running, struct error **err)
{
    cleanup_document struct document record = { 0 };

    if (get_record(req, &record, err) < 0)
        return -1;
    if (!is_of_subscription(req, record.tree))
        return not_found(err);
    if (is_running(req, json_path_str(record.tree, "openShiftClusterKey"), ret_running, err) < 0)
        return -1;
    /* It may have ended between the two reads. */
    if (!*ret_running && !has_ended(json_get(record.tree, "asyncOperation"))) {
        if (get_record(req, &record, err) < 0)
            return -1;
        json *operation = json_get(record.tree, "asyncOperation");
        if (json_is_object(operation) && !has_ended(operation))
            put_lost_end(operation);
    }
    *ret = record;
    record = (struct document){ 0 };
    return 0;
}

int handle_operation_status(struct request *req, struct error **err)
{
    cleanup_document struct document record = { 0 };
    bool running = false;
    if (find(req, &record, &running, err) < 0)
        return -1;
    cleanup_json json *reply =
        api_async_operation_to_external(json_get(record.tree, "asyncOperation"), running);
    if (!has_ended(reply))
        operation_set_retry_after(req);
    reply_json(req, 200, reply);
    return 0;
}

/* An end without a cluster: that of a deletion, or one that was lost. */
static int reply_bare_end(struct request *req, const json *operation, struct error **err)
{
    const char *code = json_path_str(operation, "error.code");
    const char *message = json_path_str(operation, "error.message");
    if (!str_eq(json_path_str(operation, "status"), "Failed")) {
        reply_status(req, 204);
        return 0;
    }
    if (!code || !message)
        return cloud_error_internal(err);
    return cloud_error(err, code, json_path_str(operation, "error.target"), "%s", message);
}

int handle_operation_result(struct request *req, struct error **err)
{
    cleanup_document struct document record = { 0 };
    bool running = false;
    if (find(req, &record, &running, err) < 0)
        return -1;
    if (running) {
        http_call_set_header(req->call, "Location", req->referer);
        operation_set_retry_after(req);
        reply_status(req, 202);
        return 0;
    }
    const json *cluster = json_get(record.tree, "openShiftCluster");
    return cluster ? cluster_reply(req, 200, cluster, err)
                   : reply_bare_end(req, json_get(record.tree, "asyncOperation"), err);
}
