/* One document at a time: what is written comes back, etags, unique keys. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/pkg/database/store_suite.h"

static int get(struct suite *s, enum collection coll, const char *part, const char *id,
               struct doc *ret)
{
    return store_get(&s->ctx, s->store, coll, part, id, ret, &s->err);
}

static void check_create_and_get(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc made = { 0 }, got = { 0 };
    int64_t before, after;
    suite_ok(&s, store_now_s(&s.ctx, s.store, &before, &s.err));

    suite_ok(&s, suite_create(&s, COLL_POOL_WORKERS,
                              "{\"id\":\"a\",\"workerType\":\"monitor\",\"x\":[1,{}]}", &made));
    suite_ok(&s, get(&s, COLL_POOL_WORKERS, "monitor", "a", &got));

    suite_ok(&s, store_now_s(&s.ctx, s.store, &after, &s.err));
    assert_string_equal(got.id, "a");
    assert_string_equal(got.partition, "monitor");
    assert_string_equal(got.etag, made.etag);
    assert_string_not_equal(got.etag, "");
    assert_true(before <= got.ts_s && got.ts_s <= after);
    assert_int_equal(made.ts_s, got.ts_s);
    assert_int_equal(got.body_len, strlen(got.body));
    assert_string_equal(got.body, made.body);
    suite_expect(&s, get(&s, COLL_POOL_WORKERS, "other", "a", &got), ERR_NOT_FOUND);
    suite_expect(&s, get(&s, COLL_PORTAL, "a", "a", &got), ERR_NOT_FOUND);
    suite_end(&s);
}

static void check_create_twice(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 };
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\",\"v\":1}", NULL));

    suite_expect(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\",\"v\":2}", NULL), ERR_EXISTS);

    suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));
    assert_non_null(strstr(got.body, "\"v\":1"));
    suite_ok(&s, suite_create(&s, COLL_GATEWAY, "{\"id\":\"a\"}", NULL));
    suite_end(&s);
}

static void check_etags(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc one = { 0 }, two = { 0 }, three = { 0 }, other = { 0 }, got = { 0 };
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\",\"v\":1}", &one));
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"b\"}", &other));
    suite_ok(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\",\"v\":2}", one.etag, &two));
    assert_string_not_equal(one.etag, two.etag);

    const char *const wrong[] = { one.etag, other.etag, "\"nonsense\"", "nonsense" };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        suite_expect(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\",\"v\":3}", wrong[i], NULL),
                     ERR_PRECONDITION);
        suite_expect(&s, store_delete(&s.ctx, s.store, COLL_BILLING, "a", "a", wrong[i], &s.err),
                     ERR_PRECONDITION);
    }
    suite_expect(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\"}", "", NULL), ERR_INVALID);
    suite_expect(&s, store_delete(&s.ctx, s.store, COLL_BILLING, "a", "a", "", &s.err),
                 ERR_INVALID);
    suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));
    assert_string_equal(got.etag, two.etag);

    suite_ok(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\",\"v\":4}", STORE_ANY_ETAG, &three));
    suite_expect(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\"}", two.etag, NULL),
                 ERR_PRECONDITION);
    suite_ok(&s, store_delete(&s.ctx, s.store, COLL_BILLING, "a", "a", three.etag, &s.err));
    suite_end(&s);
}

static void check_absent(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc one = { 0 }, again = { 0 };
    suite_expect(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\"}", STORE_ANY_ETAG, NULL),
                 ERR_NOT_FOUND);
    suite_expect(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\"}", "e", NULL), ERR_NOT_FOUND);
    suite_expect(&s, store_delete(&s.ctx, s.store, COLL_BILLING, "a", "a", STORE_ANY_ETAG, &s.err),
                 ERR_NOT_FOUND);
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\"}", &one));
    suite_ok(&s, store_delete(&s.ctx, s.store, COLL_BILLING, "a", "a", STORE_ANY_ETAG, &s.err));

    /* A document that is made anew is another one. */
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\"}", &again));
    suite_expect(&s, suite_replace(&s, COLL_BILLING, "{\"id\":\"a\"}", one.etag, NULL),
                 ERR_PRECONDITION);
    suite_end(&s);
}

/* ---- unique keys ---- */

/* Clusters a and b are there; c takes one key of a's. */
static char *cluster_with(const char *partition, const char *id, const char *key, const char *group,
                          const char *client)
{
    return xasprintf("{\"id\":\"%s\",\"partitionKey\":\"%s\",\"key\":\"%s\","
                     "\"clusterResourceGroupIdKey\":\"%s\",\"clientIdKey\":\"%s\"}",
                     id, partition, key, group, client);
}

static const char *const stolen[][3] = {
    { "key-a", "group-c", "client-c" },
    { "key-c", "group-a", "client-c" },
    { "key-c", "group-c", "client-a" },
};

static int create_cluster(struct suite *s, const char *partition, const char *id,
                          const char *const *keys)
{
    cleanup_free char *body = cluster_with(partition, id, keys[0], keys[1], keys[2]);
    return suite_create(s, COLL_OPENSHIFT_CLUSTERS, body, NULL);
}

static int replace_cluster(struct suite *s, const char *partition, const char *id,
                           const char *const *keys)
{
    cleanup_free char *body = cluster_with(partition, id, keys[0], keys[1], keys[2]);
    return suite_replace(s, COLL_OPENSHIFT_CLUSTERS, body, STORE_ANY_ETAG, NULL);
}

static void check_unique_keys(void **state)
{
    static const char *const a[] = { "key-a", "group-a", "client-a" };
    static const char *const b[] = { "key-b", "group-b", "client-b" };
    struct suite s;
    suite_begin(&s, state);
    suite_ok(&s, create_cluster(&s, "p", "a", a));
    suite_ok(&s, create_cluster(&s, "p", "b", b));

    for (size_t i = 0; i < ARRAY_LEN(stolen); i++) {
        suite_expect(&s, create_cluster(&s, "p", "c", stolen[i]), ERR_EXISTS);
        suite_expect(&s, replace_cluster(&s, "p", "b", stolen[i]), ERR_EXISTS);
    }
    suite_ok(&s, replace_cluster(&s, "p", "a", a)); /* its own keys are no obstacle */
    suite_ok(&s, create_cluster(&s, "q", "a", a));  /* nor are those of another partition */

    suite_ok(&s, store_delete(&s.ctx, s.store, COLL_OPENSHIFT_CLUSTERS, "p", "a", STORE_ANY_ETAG,
                              &s.err));
    suite_ok(&s, replace_cluster(&s, "p", "b", stolen[0]));
    suite_end(&s);
}

static void check_absent_unique_keys(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    suite_ok(&s, suite_create(&s, COLL_OPENSHIFT_CLUSTERS,
                              "{\"id\":\"a\",\"partitionKey\":\"p\",\"key\":\"k\","
                              "\"clusterResourceGroupIdKey\":\"g\"}",
                              NULL));

    suite_expect(&s,
                 suite_create(&s, COLL_OPENSHIFT_CLUSTERS,
                              "{\"id\":\"b\",\"partitionKey\":\"p\",\"key\":\"l\","
                              "\"clusterResourceGroupIdKey\":\"h\"}",
                              NULL),
                 ERR_EXISTS);
    suite_end(&s);
}

/* ---- what comes back ---- */

static const char unknown_members[] =
    "{\"id\":\"a\",\"future\":{\"list\":[1,null,true,{\"deep\":[[[]]]}],\"\":\"empty key\"},"
    "\"sealed\":\"AAECAwQF+/==\",\"text\":\"gr\\u00fcn \\ud83d\\ude00 \\\\ \\\" \\/\","
    "\"nul\":\"a\\u0000b\",\"none\":null,\"zero\":0,\"no\":false,\"small\":1.5}";

static void check_unknown_members(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 }, again = { 0 };
    cleanup_json json *want = NULL, *is = NULL;
    suite_ok(&s, suite_create(&s, COLL_BILLING, unknown_members, NULL));

    suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));

    assert_int_equal(json_parse(unknown_members, strlen(unknown_members), &want, NULL), 0);
    assert_int_equal(json_parse(got.body, got.body_len, &is, NULL), 0);
    assert_true(json_equal(want, is));
    assert_non_null(strstr(got.body, "\"AAECAwQF+/==\""));

    suite_ok(&s, suite_replace(&s, COLL_BILLING, got.body, got.etag, &again));
    assert_string_equal(again.body, got.body);
    suite_end(&s);
}

static void check_numbers(void **state)
{
    static const char body[] =
        "{\"id\":\"a\",\"big\":9223372036854775808,\"exp\":1e400,\"dec\":1.50}";
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 };
    if (s.subject->keeps_numbers) {
        suite_ok(&s, suite_create(&s, COLL_BILLING, body, NULL));
        suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));
        assert_string_equal(got.body, body);
    } else {
        suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\",\"n\":9007199254740991}", NULL));
        suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));
        assert_non_null(strstr(got.body, "9007199254740991"));
    }
    suite_end(&s);
}

static void check_system_fields(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 };
    suite_ok(&s, suite_create(&s, COLL_BILLING,
                              "{\"_etag\":\"mine\",\"_ts\":1,\"id\":\"a\",\"_rid\":\"x\"}", NULL));

    suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));

    cleanup_json json *is = NULL;
    static const char *const names[] = { "_rid",         "_self", "_etag",    "_ts",
                                         "_attachments", "_lsn",  "_metadata" };
    assert_int_equal(json_parse(got.body, got.body_len, &is, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_false(json_has(is, names[i]));
    assert_string_not_equal(got.etag, "mine");
    suite_end(&s);
}

static void check_sizes(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_doc struct doc got = { 0 };
    size_t len = STORE_BODY_MAX_BYTES + 1;
    cleanup_free char *body = xmalloc(len + 1);
    memset(body, 'x', len);
    memcpy(body, "{\"id\":\"a\",\"x\":\"", 15);
    memcpy(body + len - 2, "\"}", 3);
    suite_expect(&s, suite_create(&s, COLL_BILLING, body, NULL), ERR_TOO_LARGE);

    memcpy(body + len / 2, "\"}", 3);
    suite_ok(&s, suite_create(&s, COLL_BILLING, body, NULL));
    suite_ok(&s, get(&s, COLL_BILLING, "a", "a", &got));
    assert_string_equal(got.body, body);
    suite_end(&s);
}

/* Ids that would end a statement, a path or a header. */
static void check_strange_ids(void **state)
{
    static const char *const ids[] = { "a'b", "a\"b", "a b", "a%20b", "grün", "a;--", "$1", "ID" };
    struct suite s;
    suite_begin(&s, state);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        cleanup_json json *tree = json_make("{'id':%s}", ids[i]);
        cleanup_free char *body = json_give_text(tree);
        cleanup_doc struct doc got = { 0 };
        suite_ok(&s, suite_create(&s, COLL_BILLING, body, NULL));
        suite_ok(&s, get(&s, COLL_BILLING, ids[i], ids[i], &got));
        assert_string_equal(got.id, ids[i]);
    }
    cleanup_doc struct doc none = { 0 };
    suite_expect(&s, get(&s, COLL_BILLING, "id", "id", &none), ERR_NOT_FOUND);
    suite_end(&s);
}

static void check_second_handle(void **state)
{
    struct suite s;
    suite_begin(&s, state);
    cleanup_store struct store *second = NULL;
    cleanup_doc struct doc got = { 0 };
    suite_ok(&s, s.subject->open(s.subject->arg, &s.ctx, &second, &s.err));
    suite_ok(&s, suite_create(&s, COLL_BILLING, "{\"id\":\"a\"}", NULL));

    suite_ok(&s, store_get(&s.ctx, second, COLL_BILLING, "a", "a", &got, &s.err));
    suite_ok(&s, store_delete(&s.ctx, second, COLL_BILLING, "a", "a", got.etag, &s.err));

    suite_expect(&s, get(&s, COLL_BILLING, "a", "a", &got), ERR_NOT_FOUND);
    suite_end(&s);
}

const struct suite_case store_suite_basic[] = {
    { "reads a document as it was created", check_create_and_get, false, false },
    { "creates an id once in a collection", check_create_twice, false, false },
    { "replaces and deletes only what has the right etag", check_etags, false, false },
    { "tells an absent document from a changed one", check_absent, false, false },
    { "keeps unique keys unique within a partition", check_unique_keys, false, false },
    { "lets documents without a unique key collide", check_absent_unique_keys, false, false },
    { "keeps members that nobody knows", check_unknown_members, false, false },
    { "keeps numbers as they are spelt", check_numbers, false, false },
    { "keeps the server's fields to itself", check_system_fields, false, false },
    { "takes large documents, and refuses too large ones", check_sizes, false, false },
    { "takes ids of every kind", check_strange_ids, false, false },
    { "shows one handle what another one wrote", check_second_handle, true, false },
    { 0 },
};
