#include "pkg/syncsets/operations.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

#define AT "https://sets.test:443/v1/"
#define HEAD "\nAccept: application/json\n"

/* One of each form; what each of them means is told by a test against the server. */
static void an_operation_is_one_request(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "GET " AT "clusters/a/b" HEAD "@gzip: true\n", .reply = "{}" },
        { .request = "GET " AT "selectorsyncsets/b" HEAD "@gzip: true\n", .reply = "{}" },
        { .request = "GET " AT "syncsets?limit=2" HEAD "@gzip: true\n", .reply = "{}" },
        { .request = "POST " AT "secrets" HEAD "Content-Type: application/json\n@gzip: true\n\n{}",
          .reply = "{}" },
        { .request = "POST " AT "clusters/a/b:resync" HEAD "@gzip: true\n", .reply = "{}" },
        { .request = "GET " AT "syncsets/a/b:status" HEAD "@gzip: true\n", .reply = "{}" },
        { .request = "DELETE " AT "namespaces/b" HEAD "@gzip: true\n", .reply = "{}" },
    };
    struct scripted_transport t;
    cleanup_syncsets struct syncsets *c = NULL;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    const struct syncsets_options page = { .limit = 2 };
    cleanup_json json *body = json_new_object();
    json *got[7] = { 0 };
    scripted_transport_init(&t, steps, ARRAY_LEN(steps));
    const struct syncsets_config cfg = { .url = "https://sets.test", .transport = &t.base };
    assert_int_equal(syncsets_new(&cfg, &c, NULL), 0);

    assert_int_equal(syncsets_get_cluster(c, &ctx, "a", "b", &got[0], NULL), 0);
    assert_int_equal(syncsets_get_selector_sync_set(c, &ctx, "b", &got[1], NULL), 0);
    assert_int_equal(syncsets_list_sync_set(c, &ctx, NULL, &page, &got[2], NULL), 0);
    assert_int_equal(syncsets_create_secret(c, &ctx, body, NULL, &got[3], NULL), 0);
    assert_int_equal(syncsets_resync_cluster(c, &ctx, "a", "b", &got[4], NULL), 0);
    assert_int_equal(syncsets_status_sync_set(c, &ctx, "a", "b", &got[5], NULL), 0);
    assert_int_equal(syncsets_delete_namespace(c, &ctx, "b", NULL, &got[6], NULL), 0);

    for (size_t i = 0; i < ARRAY_LEN(got); i++)
        json_free(got[i]);
    scripted_transport_check(&t);
    scripted_transport_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("an operation is one request", an_operation_is_one_request),
    };
    return RUN_CASES("operations", tests);
}
