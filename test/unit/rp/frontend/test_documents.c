#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/asyncoperations.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

/* A handler that does what the case says, with a request of a cluster. */
static int (*act)(struct request *req, struct error **err);

static int run_act(struct request *req, struct error **err)
{
    return act(req, err);
}
static const struct route routes[] = {
    { "GET", "/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}", 0, run_act,
      NULL },
};

static char *give_error(int (*fn)(struct request *req, struct error **err))
{
    struct clusters c;
    clusters_begin(&c);
    act = fn;
    front_serve(&c.front, routes, 1);
    char *got = front_give_error(&c.front, "GET", FRONT_CLUSTER, NULL);
    clusters_release(&c);
    return got;
}

static int tell_key(struct request *req, struct error **err)
{
    cleanup_free char *key = cluster_give_key(req);
    (void)cluster_state_not_allowed(key, err);
    return -1;
}

static void knows_the_key(void **state)
{
    (void)state;
    cleanup_free char *got = give_error(tell_key);
    assert_string_equal(got, "400 RequestNotAllowed: Request is not allowed in provisioningState "
                             "'" CLUSTER_KEY "'.");
}

static json *give_document(const struct operation *op, struct request *req)
{
    json *document =
        json_make("{'key':%s,'openShiftCluster':{'properties':{'provisioningState':'Updating'}}}",
                  CLUSTER_KEY);
    operation_begin(op, req, document);
    return document;
}

static char *give_status(const struct operation *op, struct request *req)
{
    cleanup_document struct document record = { 0 };
    if (asyncoperations_get(req->ctx, req->f->cfg.database, op->id, &record, NULL) < 0)
        return xstrdup("none");
    return xasprintf("%s of %s", json_path_str(record.tree, "asyncOperation.status"),
                     json_path_str(record.tree, "openShiftClusterKey"));
}

static int begin_and_record(struct request *req, struct error **err)
{
    struct operation op;
    operation_init(&op, req);
    cleanup_json json *document = give_document(&op, req);
    cleanup_free char *before = give_status(&op, req);
    if (!str_eq(json_path_str(document, "asyncOperationId"), op.id) ||
        operation_record(&op, req, document, err) < 0)
        return error_set(err, ERR_INTERNAL, "not recorded");
    cleanup_free char *after = give_status(&op, req);
    cleanup_free char *both = xasprintf("%s, then %s", before, after);
    return cluster_state_not_allowed(both, err);
}

static void records_an_operation_behind_the_document(void **state)
{
    (void)state;
    cleanup_free char *got = give_error(begin_and_record);
    assert_string_equal(got, "400 RequestNotAllowed: Request is not allowed in provisioningState "
                             "'none, then Updating of " CLUSTER_KEY "'.");
}

static int record_what_ended(struct request *req, struct error **err)
{
    struct operation op;
    operation_init(&op, req);
    cleanup_json json *document = give_document(&op, req);
    json *ended = json_make("{'id':%s,'openShiftClusterKey':'k','asyncOperation':{'status':"
                            "'Succeeded'}}",
                            op.id);
    if (asyncoperations_create(req->ctx, req->f->cfg.database, ended, NULL, err) < 0 ||
        operation_record(&op, req, document, err) < 0)
        return -1;
    cleanup_free char *status = give_status(&op, req);
    return cluster_state_not_allowed(status, err);
}

static void an_end_that_came_first_stays(void **state)
{
    (void)state;
    cleanup_free char *got = give_error(record_what_ended);
    assert_string_equal(got, "400 RequestNotAllowed: Request is not allowed in provisioningState "
                             "'Succeeded of k'.");
}

static int check_states(struct request *req, struct error **err)
{
    cleanup_json json *ended = json_make("{'properties':{'provisioningState':'Failed'}}");
    cleanup_json json *other = json_make("{'properties':{'provisioningState':'Canceled'}}");
    (void)req;
    if (cluster_check_terminal(ended, err) < 0)
        return -1;
    return cluster_check_terminal(other, err);
}

static void knows_terminal_states(void **state)
{
    (void)state;
    cleanup_free char *got = give_error(check_states);
    assert_string_equal(got, "400 RequestNotAllowed: Request is not allowed in provisioningState "
                             "'Canceled'.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("knows the key of the cluster that is asked for", knows_the_key),
        CASE("records an operation behind the document", records_an_operation_behind_the_document),
        CASE("keeps the record of an operation that ended first", an_end_that_came_first_stays),
        CASE("knows the states in which nothing runs", knows_terminal_states),
    };
    return RUN_CASES("documents", tests);
}
