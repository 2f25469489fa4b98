#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "rp/syncsets/store/migrate.h"
#include "rp/syncsets/store/quota.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define BYTES_SCHEMA 7 /* the step that brings the sums */

#define SET \
    "{'metadata':{'name':'%s','namespace':'n'},'spec':{'clusterDeploymentRefs':[],'resources':[{" \
    "'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'x'},'data':{'a':'%s'}}]}}"

static char *give_body(const char *name, size_t bytes)
{
    cleanup_free char *pad = xcalloc(1, bytes + 1);
    memset(pad, 'x', bytes);
    return xasprintf(SET, name, pad);
}

static int create(struct sets_rig *r, const char *name, size_t bytes, struct error **err)
{
    cleanup_free char *body = give_body(name, bytes);
    return sets_rig_try_create(r, TYPE_SYNCSETS, body, NULL, err);
}

static int replace(struct sets_rig *r, const char *name, size_t bytes, struct error **err)
{
    cleanup_free char *body = give_body(name, bytes);
    cleanup_json json *object = NULL;
    assert_int_equal(
        api_decode(&api_types[TYPE_SYNCSETS], "n", name, sets_rig_parse(body), &object, NULL), 0);
    const struct sets_write w = { .type = &api_types[TYPE_SYNCSETS],
                                  .nspace = "n",
                                  .name = name,
                                  .object = object,
                                  .actor = "test" };
    return sets_replace(&r->ctx, r->store, &w, NULL, NULL, err);
}

static void is_refused(struct error **err)
{
    assert_true(error_is(*err, ERR_FORBIDDEN));
    assert_non_null(strstr(error_text(*err), "may hold 10000 bytes of syncsets"));
    error_clear(err);
}

static void sets_share_the_bytes_of_their_namespace(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    json_free(sets_rig_create(&r, TYPE_NAMESPACES,
                              "{'metadata':{'name':'n'},'spec':{'maxSetBytes':10000}}"));
    assert_int_equal(create(&r, "a", 4000, NULL), 0);
    assert_int_equal(create(&r, "b", 4000, NULL), 0);
    assert_int_equal(create(&r, "c", 4000, &err), -1);
    is_refused(&err);
    assert_int_equal(replace(&r, "b", 7000, &err), -1);
    is_refused(&err);
    assert_int_equal(replace(&r, "b", 100, NULL), 0);
    assert_int_equal(create(&r, "c", 4000, NULL), 0);
    sets_rig_release(&r);
}

/* The limit was lowered behind what is there. */
static void what_shrinks_is_taken_in_a_namespace_that_is_too_full(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 20000, NULL), 0);
    assert_int_equal(create(&r, "b", 20000, NULL), 0);
    sets_rig_script(&r, "UPDATE namespaces SET data = '{\"spec\":{\"maxSetBytes\":10000}}'");
    assert_int_equal(replace(&r, "a", 19000, NULL), 0);
    assert_int_equal(replace(&r, "a", 19001, &err), -1);
    is_refused(&err);
    sets_rig_release(&r);
}

static void who_made_no_namespace_has_defaults(void **state)
{
    struct sets_rig r;
    cleanup_json json *nspace = NULL;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 1, NULL), 0);
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_NAMESPACES], "", "n", &nspace, NULL),
                     0);
    assert_int_equal(json_path_int(nspace, "spec.maxSetBytes", 0), QUOTA_SET_BYTES);
    assert_int_equal(json_path_int(nspace, "spec.maxSets", 0), QUOTA_SETS);
    assert_int_equal(json_path_int(nspace, "spec.maxClusters", 0), QUOTA_CLUSTERS);
    assert_int_equal(json_path_int(nspace, "spec.maxSecrets", 0), QUOTA_SECRETS);
    sets_rig_release(&r);
}

static int create_secret(struct sets_rig *r, const char *name, struct error **err)
{
    cleanup_free char *body =
        xasprintf("{'metadata':{'name':'%s','namespace':'n'},'spec':{'data':{'a':'Yg=='}}}", name);
    return sets_rig_try_create(r, TYPE_SECRETS, body, NULL, err);
}

static void secrets_are_limited_in_number(void **state)
{
    struct sets_rig r;
    cleanup_error struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    json_free(
        sets_rig_create(&r, TYPE_NAMESPACES, "{'metadata':{'name':'n'},'spec':{'maxSecrets':2}}"));
    assert_int_equal(create_secret(&r, "a", NULL), 0);
    assert_int_equal(create_secret(&r, "b", NULL), 0);
    assert_int_equal(create_secret(&r, "c", &err), -1);
    assert_true(error_is(err, ERR_FORBIDDEN));
    assert_string_equal(error_get_code(err), "QuotaExceeded");
    assert_non_null(strstr(error_text(err), "may hold 2 secrets"));
    const struct sets_write w = {
        .type = &api_types[TYPE_SECRETS], .nspace = "n", .name = "a", .actor = "test"
    };
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, NULL, NULL), 0);
    assert_int_equal(create_secret(&r, "c", NULL), 0);
    sets_rig_release(&r);
}

/* ---- how they are counted ---- */

static int64_t number(struct sets_rig *r, const char *text)
{
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r->ctx, c, text, NULL, 0, &n, NULL), 0);
    return n;
}

/* Sums that are not what the rows come to. */
static int64_t wrong_sums(struct sets_rig *r)
{
    static const char *const texts[SQL_DIALECTS] = {
#define WRONG_TEXT(bytes) \
    "SELECT count(*) FROM set_bytes b WHERE b.bytes <> (SELECT coalesce(sum(" bytes "), 0) FROM " \
    "syncsets s WHERE s.namespace = b.namespace) + (SELECT coalesce(sum(" bytes "), 0) FROM " \
    "selectorsyncsets s WHERE s.namespace = b.namespace)"
        [SQL_SQLITE] = WRONG_TEXT("length(CAST(s.data AS BLOB))"),
        [SQL_POSTGRESQL] = WRONG_TEXT("octet_length(s.data::text)"),
    };
    return number(r, texts[sql_dialect(r->db)]);
}

/* The sum is kept: nobody adds up 5,000 sets to write one. */
static void the_sum_is_read_and_not_made(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 100, NULL), 0);
    assert_int_equal(wrong_sums(&r), 0);
    sets_rig_script(&r, "UPDATE set_bytes SET bytes = 33554432 WHERE namespace = 'n'");
    assert_int_equal(create(&r, "b", 100, &err), -1);
    assert_non_null(strstr(error_text(err), "may hold 33554432 bytes of syncsets"));
    error_free(err);
    sets_rig_release(&r);
}

/* Also what is no spec takes its part. */
static void annotations_and_the_status_count_too(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    cleanup_json json *object = NULL, *status = json_make("{'note':'0123456789'}");
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 100, NULL), 0);
    int64_t before = number(&r, "SELECT bytes FROM set_bytes WHERE namespace = 'n'");
    assert_int_equal(sets_get(&r.ctx, r.store, &api_types[TYPE_SYNCSETS], "n", "a", &object, NULL),
                     0);
    struct sets_write w = { .type = &api_types[TYPE_SYNCSETS],
                            .nspace = "n",
                            .name = "a",
                            .object = object,
                            .status = status,
                            .actor = "test" };
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, NULL, NULL, NULL), 0);
    assert_true(number(&r, "SELECT bytes FROM set_bytes WHERE namespace = 'n'") >= before + 10);
    assert_int_equal(wrong_sums(&r), 0);
    sets_rig_script(&r, "UPDATE namespaces SET data = '{\"spec\":{\"maxSetBytes\":300}}'");
    cleanup_free char *pad = xcalloc(1, 301);
    memset(pad, 'x', 300);
    json_put(json_get(object, "metadata"), "annotations", json_make("{'k':%s}", pad));
    assert_int_equal(sets_replace(&r.ctx, r.store, &w, NULL, NULL, &err), -1);
    assert_true(error_is(err, ERR_FORBIDDEN));
    error_free(err);
    assert_int_equal(wrong_sums(&r), 0);
    sets_rig_release(&r);
}

static int try_selector(struct sets_rig *r, const char *name, size_t bytes, struct error **err)
{
    cleanup_free char *pad = xcalloc(1, bytes + 1);
    memset(pad, 'x', bytes);
    cleanup_free char *body = xasprintf(
        "{'metadata':{'name':'%s'},'spec':{'clusterDeploymentSelector':{},'resources':[{'"
        "apiVersion'"
        ":'v1','kind':'ConfigMap','metadata':{'name':'x','namespace':'y'},'data':{'a':'%s'}}]}}",
        name, pad);
    return sets_rig_try_create(r, TYPE_SELECTORSYNCSETS, body, NULL, err);
}

static void selectorsyncsets_have_a_limit_of_their_own(void **state)
{
    struct sets_rig r;
    struct error *err = NULL;
    (void)state;
    sets_rig_init(&r);
    r.store->cfg.selector_set_bytes = 10000;
    assert_int_equal(create(&r, "a", 20000, NULL), 0); /* of a namespace: another matter */
    assert_int_equal(try_selector(&r, "a", 6000, NULL), 0);
    assert_int_equal(try_selector(&r, "b", 6000, &err), -1);
    assert_true(error_is(err, ERR_FORBIDDEN));
    assert_string_equal(error_get_code(err), "QuotaExceeded");
    assert_non_null(strstr(error_text(err), "may come to 10000 bytes"));
    error_free(err);
    const struct sets_write w = {
        .type = &api_types[TYPE_SELECTORSYNCSETS], .nspace = "", .name = "a", .actor = "test"
    };
    assert_int_equal(sets_delete(&r.ctx, r.store, &w, NULL, NULL), 0);
    assert_int_equal(try_selector(&r, "b", 6000, NULL), 0);
    assert_int_equal(wrong_sums(&r), 0);
    sets_rig_release(&r);
}

#define WRITERS 4
#define TURNS 12

/* Creates, replaces and deletes one set that all fight for, and one of its own. */
static void write_sets(void *arg)
{
    struct sets_rig *r = arg;
    static atomic_int numbers;
    cleanup_free char *own = xasprintf("own%d", atomic_fetch_add(&numbers, 1));
    for (size_t i = 0; i < TURNS; i++) {
        const char *names[] = { "shared", own };
        for (size_t k = 0; k < ARRAY_LEN(names); k++) {
            const struct sets_write w = {
                .type = &api_types[TYPE_SYNCSETS], .nspace = "n", .name = names[k], .actor = "test"
            };
            (void)create(r, names[k], i * 10, NULL);
            (void)replace(r, names[k], i % 2 ? i * 100 : i, NULL);
            if (i % 3 == 2)
                (void)sets_delete(&r->ctx, r->store, &w, NULL, NULL);
        }
    }
}

static void writers_beside_one_another_lose_no_byte(void **state)
{
    struct sets_rig r;
    pthread_t threads[WRITERS];
    (void)state;
    sets_rig_init(&r);
    for (size_t i = 0; i < WRITERS; i++)
        assert_int_equal(thread_start(&threads[i], "writer", write_sets, &r, NULL), 0);
    for (size_t i = 0; i < WRITERS; i++)
        (void)pthread_join(threads[i], NULL);
    assert_true(number(&r, "SELECT bytes FROM set_bytes WHERE namespace = 'n'") >= 0);
    assert_int_equal(wrong_sums(&r), 0);
    sets_rig_release(&r);
}

static void sets_of_before_are_counted_when_the_schema_goes_up(void **state)
{
    struct sets_rig r;
    int steps;
    struct sets_schema_state s;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 300, NULL), 0);
    assert_int_equal(create(&r, "b", 200, NULL), 0);
    assert_int_equal(try_selector(&r, "c", 100, NULL), 0);
    int64_t before = number(&r, "SELECT CAST(sum(bytes) AS BIGINT) FROM set_bytes");
    assert_true(before > 600);
    assert_int_equal(sets_schema_state(&r.ctx, r.db, &s, NULL), 0);
    assert_int_equal(
        sets_migrate_down(&r.ctx, r.db, s.version - BYTES_SCHEMA + 1, true, &steps, NULL), 0);
    sets_rig_script(&r, "DELETE FROM syncsets WHERE name = 'b'"); /* as a program of then would */
    assert_int_equal(sets_migrate_up(&r.ctx, r.db, NULL, &steps, NULL), 0);
    assert_true(number(&r, "SELECT CAST(sum(bytes) AS BIGINT) FROM set_bytes") < before);
    assert_int_equal(wrong_sums(&r), 0);
    sets_rig_release(&r);
}

static void a_namespace_that_goes_leaves_no_sum(void **state)
{
    struct sets_rig r;
    (void)state;
    sets_rig_init(&r);
    assert_int_equal(create(&r, "a", 300, NULL), 0);
    const struct sets_write set = {
        .type = &api_types[TYPE_SYNCSETS], .nspace = "n", .name = "a", .actor = "test"
    };
    const struct sets_write nspace = {
        .type = &api_types[TYPE_NAMESPACES], .nspace = "", .name = "n", .actor = "test"
    };
    assert_int_equal(sets_delete(&r.ctx, r.store, &set, NULL, NULL), 0);
    assert_int_equal(number(&r, "SELECT bytes FROM set_bytes WHERE namespace = 'n'"), 0);
    assert_int_equal(sets_delete(&r.ctx, r.store, &nspace, NULL, NULL), 0);
    assert_int_equal(number(&r, "SELECT count(*) FROM set_bytes WHERE namespace = 'n'"), 0);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("sets share the bytes of their namespace", sets_share_the_bytes_of_their_namespace),
        CASE("what shrinks is taken in a namespace that is too full",
             what_shrinks_is_taken_in_a_namespace_that_is_too_full),
        CASE("who made no namespace has defaults", who_made_no_namespace_has_defaults),
        CASE("secrets are limited in number", secrets_are_limited_in_number),
        CASE("the sum is read, and not made", the_sum_is_read_and_not_made),
        CASE("annotations and the status count, too", annotations_and_the_status_count_too),
        CASE("SelectorSyncSets have a limit of their own",
             selectorsyncsets_have_a_limit_of_their_own),
        CASE("writers beside one another lose no byte", writers_beside_one_another_lose_no_byte),
        CASE("sets of before are counted when the schema goes up",
             sets_of_before_are_counted_when_the_schema_goes_up),
        CASE("a namespace that goes leaves no sum", a_namespace_that_goes_leaves_no_sum),
    };
    return RUN_CASES("quota", tests);
}
