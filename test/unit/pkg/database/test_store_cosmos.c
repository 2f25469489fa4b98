#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/store_cosmos.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

struct open_case {
    const char *name, *endpoint, *key;
    const char *want; /* in the error; NULL: it opens */
};
static struct open_case cases[] = {
    { "an account opens with its key", "https://aro.documents.azure.com/", "a2V5", NULL },
    { "an address that is none is refused", "aro", "a2V5",
      "the endpoint of the Cosmos DB account" },
    { "a key that is not base64 is refused, and not told", "https://aro.documents.azure.com",
      "no key!", "the key of the Cosmos DB account is not base64" },
    { "an empty key is refused", "https://aro.documents.azure.com", "",
      "the key of the Cosmos DB account is not base64" },
    { "an account needs a key or tokens", "https://aro.documents.azure.com", NULL,
      "needs an account key or a source of tokens" },
};

static void check_open(void **state)
{
    const struct open_case *c = *state;
    cleanup_secret struct secret *key = c->key ? secret_new(c->key, strlen(c->key)) : NULL;
    const struct cosmos_config cfg = { .endpoint = c->endpoint, .database = "ARO", .key = key };
    cleanup_store struct store *s = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = store_open_cosmos(&cfg, &s, &err);

    assert_int_equal(rcode, c->want ? -1 : 0);
    if (c->want)
        assert_non_null(strstr(error_text(err), c->want));
    assert_null(c->key && *c->key && err ? strstr(error_text(err), c->key) : NULL);
}

/* What was documented of one document's life: create, read, replace, delete. */
static void check_life(void **state)
{
    (void)state;
    static const char body[] = "{\"id\":\"b\",\"billing\":{}}";
    static const struct script_step steps[] = {
        { .status = 201,
          .headers = "x-ms-request-charge: 6.29",
          .reply = "{\"id\":\"b\",\"billing\":{\"creationTime\":7},\"_writeToken\":\"t\",\"_rid\":"
                   "\"r\",\"_self\":\"dbs/r/\",\"_etag\":\"\\\"1\\\"\",\"_attachments\":"
                   "\"attachments/\",\"_ts\":7}" },
        { .status = 200,
          .reply = "{\"id\":\"b\",\"billing\":{\"creationTime\":7},\"_writeToken\":\"t\",\"_rid\":"
                   "\"r\",\"_self\":\"dbs/r/\",\"_etag\":\"\\\"1\\\"\",\"_attachments\":"
                   "\"attachments/\",\"_ts\":7}" },
        { .status = 204 },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    const struct doc_write w = { "b", "b", body, sizeof(body) - 1, TRIGGER_CREATION_TIME };
    cleanup_doc struct doc made = { 0 }, read = { 0 };

    assert_int_equal(store_create(&r.ctx, r.store, COLL_BILLING, &w, &made, NULL), 0);
    assert_int_equal(store_get(&r.ctx, r.store, COLL_BILLING, "b", "b", &read, NULL), 0);
    assert_int_equal(store_delete(&r.ctx, r.store, COLL_BILLING, "b", "b", read.etag, NULL), 0);

    assert_string_equal(made.body, "{\"id\":\"b\",\"billing\":{\"creationTime\":7}}");
    assert_string_equal(made.body, read.body);
    assert_string_equal(made.etag, "\"1\"");
    assert_int_equal(made.ts_s, 7);
    cosmos_rig_finish(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("a document lives from create to delete", check_life),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(cases[i].name, check_open, &cases[i]);
    return RUN_CASES("store_cosmos", tests);
}
