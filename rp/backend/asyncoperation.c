#include "rp/backend/asyncoperation.h"

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "rp/backend/outcome.h"

struct ending {
    const json *outcome;
    json *snapshot; /* `openShiftCluster` */
};

static int put_end(json *record, void *arg, struct error **err)
{
    const struct ending *e = arg;
    json *operation = json_get(record, "asyncOperation");
    if (!json_is_object(operation))
        return error_set(err, ERR_INTERNAL, "the record has no asyncOperation");
    if (state_is_terminal(json_path_str(operation, "status")))
        return 0;
    json_put(operation, "status", json_new_str(json_path_str(e->outcome, "status")));
    json_put(operation, "endTime", json_new_str(json_path_str(e->outcome, "endTime")));
    json *error = json_get(e->outcome, "error");
    if (error)
        json_put(operation, "error", json_give_copy(error));
    asyncoperations_put_snapshot(record, e->snapshot);
    return 0;
}

/* The cluster as it will be once the operation is over. */
static int make_snapshot(const json *cluster, const json *outcome, json **ret, struct error **err)
{
    static const char *const states[] = { "provisioningState", "failedProvisioningState" };
    cleanup_json json *snapshot = json_give_copy(json_get(cluster, "openShiftCluster"));
    if (!json_is_object(snapshot))
        return error_set(err, ERR_INTERNAL, "the document has no openShiftCluster");
    json *properties = json_get(snapshot, "properties");
    for (size_t i = 0; json_is_object(properties) && i < ARRAY_LEN(states); i++) {
        const char *state = json_path_str(outcome, states[i]);
        if (state)
            json_put(properties, states[i], json_new_str(state));
        else if (i > 0)
            (void)json_del(properties, states[i]);
    }
    *ret = take(snapshot);
    return 0;
}

/* Of an operation that has none: its frontend ended before it made one, or it took longer than records are kept. */
static int create_ended(const struct opctx *ctx, struct database *db, const json *cluster,
                        struct ending *e, struct error **err)
{
    const char *location = json_path_str(cluster, "openShiftCluster.location");
    cleanup_free char *lower_location = str_give_lower(location ? location : "");
    const struct asyncoperation_begin begin = {
        .id = json_path_str(cluster, "asyncOperationId"),
        .key = json_path_str(cluster, "key"),
        .subscription_id = json_path_str(cluster, "partitionKey"),
        .location = lower_location,
        .status = json_path_str(cluster, "openShiftCluster.properties.provisioningState"),
        .start_time = json_path_str(cluster, "correlationData.requestTime"),
    };
    cleanup_json json *record = asyncoperations_make(&begin);
    if (put_end(record, e, err) < 0)
        return -1;
    log_info(ctx->log, "the asynchronous operation %s has no record: it gets one", begin.id);
    return asyncoperations_create(ctx, db, take(record), NULL, err);
}

static int tell_end(const struct opctx *ctx, struct database *db, const json *cluster,
                    struct ending *e, struct error **err)
{
    const char *id = json_path_str(cluster, "asyncOperationId");
    cleanup_error struct error *why = NULL;
    if (asyncoperations_patch(ctx, db, id, put_end, e, NULL, &why) == 0)
        return 0;
    if (!error_is(why, ERR_NOT_FOUND))
        return error_move(err, &why);
    error_clear(&why);
    if (create_ended(ctx, db, cluster, e, &why) == 0)
        return 0;
    if (!error_is(why, ERR_PRECONDITION))
        return error_move(err, &why);
    return asyncoperations_patch(ctx, db, id, put_end, e, NULL, err); /* it was made meanwhile */
}

int asyncoperation_end(const struct opctx *ctx, struct database *db, const json *cluster,
                       struct error **err)
{
    const char *id = json_path_str(cluster, "asyncOperationId");
    const json *outcome = outcome_of(cluster);
    cleanup_json json *snapshot = NULL;
    if (!id || !*id)
        return 0;
    if (make_snapshot(cluster, outcome, &snapshot, err) < 0)
        return -1;
    struct ending e = { outcome, snapshot };
    if (tell_end(ctx, db, cluster, &e, err) < 0)
        return error_wrap(err, "ending the asynchronous operation");
    return 0;
}
