#include "pkg/base/mem.h"
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
    { "GET", "/subscriptions/{sub}/resourcegroups/{rg}/providers/{ns}/{type}/{name}", 0, run_act },
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

static int begin_twice(struct request *req, struct error **err)
{
    struct operation op;
    cleanup_json json *document = json_make("{'key':%s}", CLUSTER_KEY);
    cleanup_document struct document record = { 0 };
    operation_init(&op, req);
    for (int i = 0; i < 2; i++)
        if (operation_begin(&op, req, document, "Updating", err) < 0)
            return -1;
    if (asyncoperations_get(req->ctx, req->f->cfg.database, op.id, &record, err) < 0)
        return -1;
    return cluster_state_not_allowed(json_path_str(record.tree, "asyncOperation.initialStatus"),
                                     err);
}

static void records_an_operation_once(void **state)
{
    (void)state;
    cleanup_free char *got = give_error(begin_twice);
    assert_string_equal(got, "400 RequestNotAllowed: Request is not allowed in provisioningState "
                             "'Updating'.");
}

/* Whether the record is still there after a write that failed with why. */
static bool is_kept(struct request *req, const struct error *why)
{
    struct operation op;
    cleanup_json json *document = json_make("{'key':%s}", CLUSTER_KEY);
    cleanup_document struct document record = { 0 };
    operation_init(&op, req);
    if (operation_begin(&op, req, document, "Updating", NULL) < 0)
        return false;
    operation_withdraw(&op, req, why);
    return asyncoperations_get(req->ctx, req->f->cfg.database, op.id, &record, NULL) == 0;
}

static int withdraw(struct request *req, struct error **err)
{
    cleanup_error struct error *refused = NULL, *raced = NULL, *unknown = NULL;
    (void)cluster_state_not_allowed("Deleting", &refused);
    error_set(&raced, ERR_PRECONDITION, "somebody else has changed the document");
    error_set(&unknown, ERR_UNAVAILABLE, "the database went away during a commit");
    cleanup_free char *kept =
        xasprintf("%d %d %d", is_kept(req, refused), is_kept(req, raced), is_kept(req, unknown));
    return cluster_state_not_allowed(kept, err);
}

static void withdraws_what_never_began(void **state)
{
    (void)state;
    cleanup_free char *got = give_error(withdraw);
    assert_string_equal(got, "400 RequestNotAllowed: Request is not allowed in provisioningState "
                             "'0 0 1'.");
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
        CASE("records an operation once, however often it begins", records_an_operation_once),
        CASE("takes an operation back when its write was refused, and only then",
             withdraws_what_never_began),
        CASE("knows the states in which nothing runs", knows_terminal_states),
    };
    return RUN_CASES("documents", tests);
}
