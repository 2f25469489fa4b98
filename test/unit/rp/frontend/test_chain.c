#include <string.h>

#include "pkg/base/strv.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/frontend_rig.h"
#include "test/unit/support/test.h"

/* Requirement of the first versions, kept: these, in this order, whatever stands between. */
static void keeps_the_order_of_old(void **state)
{
    static const char *const names[] = { "Lowercase",
                                         "CleanPath",
                                         "Route",
                                         "Log",
                                         "Metrics",
                                         "Headers",
                                         "Validate",
                                         "Body",
                                         "SystemData",
                                         "Authenticate",
                                         "Miss",
                                         "ValidateAPIVersion",
                                         "UnplannedMaintenance",
                                         "MockMSI" };
    (void)state;
    size_t found = 0;
    for (size_t i = 0; i < frontend_chain_len; i++)
        if (found < ARRAY_LEN(names) && str_eq(frontend_chain[i]->name, names[found]))
            found++;
    assert_int_equal(found, ARRAY_LEN(names));
}

static int fail_within(struct request *req, struct error **err)
{
    (void)req;
    return error_set(err, ERR_CONN, "no database at db.internal");
}
static const struct route routes[] = {
    { "GET", "/fails", 0, fail_within, NULL },
    { "GET", "/admin/fails", ROUTE_ADMIN, fail_within, NULL },
};

static void hides_its_own_failures(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = front_give_error(&r, "GET", "/fails", NULL);

    assert_string_equal(got, "500 InternalServerError: Internal server error.");
    assert_true(log_capture_has(&r.capture, "no database at db.internal"));
    assert_true(log_capture_has(&r.capture, "response_status_code=500"));
    front_release(&r);
}

static void tells_administrators(void **state)
{
    (void)state;
    struct front r;
    front_init(&r);
    front_serve(&r, routes, ARRAY_LEN(routes));

    cleanup_free char *got = front_give_error(&r, "GET", "/admin/fails", NULL);

    assert_string_equal(got, "500 InternalServerError: no database at db.internal");
    front_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("keeps the order of the first versions", keeps_the_order_of_old),
        CASE("hides its own failures from clients, not from the log", hides_its_own_failures),
        CASE("tells administrators what failed", tells_administrators),
    };
    return RUN_CASES("chain", tests);
}
