#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

#define PARTITION "x-ms-documentdb-partitionkey: [\"b\"]\n"
#define JSON "Content-Type: application/json\n"
#define SENT "\n{\"id\":\"b\",\"_writeToken\":\"" COSMOS_TOKEN "\"}"
#define CREATE "POST " COSMOS_URL "Subscriptions/docs\n" JSON PARTITION COSMOS_END SENT
#define REPLACE(extra) \
    "PUT " COSMOS_URL "Subscriptions/docs/b\n" JSON extra PARTITION COSMOS_END SENT
#define READ "GET " COSMOS_URL "Subscriptions/docs/b\n" PARTITION COSMOS_END
#define STORED(token) \
    "{\"id\":\"b\",\"_etag\":\"\\\"2\\\"\",\"_ts\":7,\"_writeToken\":\"" token "\"}"
#define LOST \
    { \
        .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET \
    }

static const char body[] = "{\"id\":\"b\"}";

struct write_case {
    const char *name;
    enum { CREATES, REPLACES, DELETES } what;
    struct script_step steps[4];
    size_t len;
    enum err_kind kind; /* ERR_KINDS: success */
    const char *code;
};
static struct write_case cases[] = {
    { "a document is created",
      CREATES,
      { { .request = CREATE, .status = 201, .reply = STORED("t") } },
      1,
      ERR_KINDS,
      NULL },
    { "an id that is taken is told", CREATES, { { .status = 409 } }, 1, ERR_EXISTS, NULL },
    { "a container that is not there is no missing document",
      CREATES,
      { { .status = 404 } },
      1,
      ERR_INTERNAL,
      NULL },
    { "a create whose answer was lost finds its own document",
      CREATES,
      { LOST,
        { .request = CREATE, .status = 409 },
        { .request = READ, .reply = STORED(COSMOS_TOKEN) } },
      3,
      ERR_KINDS,
      NULL },
    { "a create whose answer was lost finds another's document",
      CREATES,
      { LOST, { .status = 409 }, { .request = READ, .reply = STORED("another") } },
      3,
      ERR_EXISTS,
      NULL },
    { "a create whose answer was lost was not carried out",
      CREATES,
      { LOST, { .request = CREATE, .status = 201, .reply = STORED(COSMOS_TOKEN) } },
      2,
      ERR_KINDS,
      NULL },
    { "a unique key may be taken when a lost create is repeated",
      CREATES,
      { LOST, { .status = 409 }, { .request = READ, .status = 404 } },
      3,
      ERR_EXISTS,
      NULL },
    { "a document is replaced",
      REPLACES,
      { { .request = REPLACE("If-Match: \"1\"\n"), .status = 200, .reply = STORED("t") } },
      1,
      ERR_KINDS,
      NULL },
    { "another etag is told", REPLACES, { { .status = 412 } }, 1, ERR_PRECONDITION, NULL },
    { "a document that is gone is told", REPLACES, { { .status = 404 } }, 1, ERR_NOT_FOUND, NULL },
    { "a unique key that is taken is told", REPLACES, { { .status = 409 } }, 1, ERR_EXISTS, NULL },
    { "a document that is too large is told",
      REPLACES,
      { { .status = 413 } },
      1,
      ERR_TOO_LARGE,
      NULL },
    { "a replace whose answer was lost finds its own document",
      REPLACES,
      { { .status = 503 }, { .status = 412 }, { .request = READ, .reply = STORED(COSMOS_TOKEN) } },
      3,
      ERR_KINDS,
      NULL },
    { "a replace whose answer was lost finds that another was first",
      REPLACES,
      { { .status = 503 }, { .status = 412 }, { .request = READ, .reply = STORED("another") } },
      3,
      ERR_PRECONDITION,
      NULL },
    { "a lost race without a lost answer is not looked into",
      REPLACES,
      { { .status = 449 }, { .status = 412 } },
      2,
      ERR_PRECONDITION,
      NULL },
    { "a replace stays in doubt when its document cannot be read",
      REPLACES,
      { { .status = 503 }, { .status = 412 }, { .request = READ, .status = 403 } },
      3,
      ERR_FORBIDDEN,
      STORE_CODE_UNKNOWN },
    { "a document is deleted",
      DELETES,
      { { .request = "DELETE " COSMOS_URL "Subscriptions/docs/b\n" PARTITION
                     "If-Match: \"1\"\n" COSMOS_END,
          .status = 204 } },
      1,
      ERR_KINDS,
      NULL },
    { "a delete of what is not there is told",
      DELETES,
      { { .status = 404 } },
      1,
      ERR_NOT_FOUND,
      NULL },
    { "a delete of what has changed is told",
      DELETES,
      { { .status = 412 } },
      1,
      ERR_PRECONDITION,
      NULL },
    { "a delete whose answer was lost has deleted",
      DELETES,
      { LOST, { .status = 404 } },
      2,
      ERR_KINDS,
      NULL },
};

static int perform(struct cosmos_rig *r, const struct write_case *c, struct doc *ret,
                   struct error **err)
{
    const struct doc_write w = { "b", "b", body, sizeof(body) - 1, 0 };
    switch (c->what) {
    case CREATES:
        return store_create(&r->ctx, r->store, COLL_SUBSCRIPTIONS, &w, ret, err);
    case REPLACES:
        return store_replace(&r->ctx, r->store, COLL_SUBSCRIPTIONS, &w, "\"1\"", ret, err);
    default:
        return store_delete(&r->ctx, r->store, COLL_SUBSCRIPTIONS, "b", "b", "\"1\"", err);
    }
}

static void check(void **state)
{
    const struct write_case *c = *state;
    struct cosmos_rig r;
    cosmos_rig_open(&r, c->steps, c->len);
    cleanup_error struct error *err = NULL;
    cleanup_doc struct doc d = { 0 };

    int rcode = perform(&r, c, &d, &err);

    if (c->kind == ERR_KINDS) {
        assert_int_equal(rcode, 0);
        if (c->what != DELETES) {
            assert_string_equal(d.etag, "\"2\"");
            assert_string_equal(d.body, body);
        }
    } else {
        assert_int_equal(rcode, -1);
        assert_int_equal(error_kind(err), c->kind);
        if (c->code)
            assert_string_equal(error_get_code(err), c->code);
    }
    cosmos_rig_finish(&r);
}

static void check_triggers(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "PUT " COSMOS_URL "Subscriptions/docs/b\n" JSON PARTITION
                     "x-ms-documentdb-pre-trigger-include: renewLease,retryLater\n"
                     "@traffic: lease\n" COSMOS_END SENT,
          .status = 200,
          .reply = STORED("t") },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    const struct doc_write w = { "b", "b", body, sizeof(body) - 1,
                                 TRIGGER_RENEW_LEASE | TRIGGER_RETRY_LATER };

    assert_int_equal(
        store_replace(&r.ctx, r.store, COLL_SUBSCRIPTIONS, &w, STORE_ANY_ETAG, NULL, NULL), 0);

    cosmos_rig_finish(&r);
}

/* Ids may have blanks and the like; what is signed is the id itself. */
static void check_id(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "GET " COSMOS_URL "Billing/docs/a%20b%25\n"
                     "x-ms-documentdb-partitionkey: [\"a b%\"]\n" COSMOS_END,
          .status = 404 },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    struct doc d = { 0 };

    assert_int_equal(store_get(&r.ctx, r.store, COLL_BILLING, "a b%", "a b%", &d, NULL), -1);

    cosmos_rig_finish(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2] = {
        CASE("triggers are named in order, any etag is none, a lease goes by itself",
             check_triggers),
        CASE("an id is escaped in the address", check_id),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 2] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("cosmos_write", tests);
}
