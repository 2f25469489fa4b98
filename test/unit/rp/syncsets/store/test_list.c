#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static const char *const values[] = { "x", "y", "z" };
static const char *const keys[] = { "a", "b", "c" };
#define OBJECTS 60
#define SELECTORS 120

/* A cluster with random labels, in the model and in the store. */
static json *make_cluster(struct sets_rig *r, int i)
{
    json *labels = json_new_object();
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (rng_below(r->ctx.rng, 3))
            json_put(labels, keys[k],
                     json_new_str(values[rng_below(r->ctx.rng, ARRAY_LEN(values))]));
    cleanup_free char *name = xasprintf("c%02d", i);
    cleanup_json json *body = json_make("{'metadata':{'name':%s,'namespace':%s,'labels':%j}}", name,
                                        i % 2 ? "m" : "n", labels);
    cleanup_free char *text = json_give_text(body);
    return sets_rig_create(r, TYPE_CLUSTERS, text);
}

static char *give_selector(const struct rng *rng)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    uint64_t n = 1 + rng_below(rng, 3);
    for (uint64_t i = 0; i < n; i++) {
        const char *k = keys[rng_below(rng, ARRAY_LEN(keys))], *v = values[rng_below(rng, 3)],
                   *u = values[rng_below(rng, 3)];
        buf_adds(&b, i ? "," : "");
        switch (rng_below(rng, 6)) {
        case 0:
            buf_addf(&b, "%s=%s", k, v);
            break;
        case 1:
            buf_addf(&b, "%s!=%s", k, v);
            break;
        case 2:
            buf_addf(&b, "%s in (%s,%s)", k, v, u);
            break;
        case 3:
            buf_addf(&b, "%s notin (%s,%s)", k, v, u);
            break;
        case 4:
            buf_adds(&b, k);
            break;
        default:
            buf_addf(&b, "!%s", k);
        }
    }
    return buf_give(&b);
}

static void selectors_agree_with_a_plain_model(void **state)
{
    (void)state;
    struct sets_rig r;
    json *objects[OBJECTS];
    sets_rig_init(&r);
    for (int i = 0; i < OBJECTS; i++)
        objects[i] = make_cluster(&r, i);
    for (int i = 0; i < SELECTORS; i++) {
        cleanup_free char *text = give_selector(r.ctx.rng);
        cleanup_selector struct selector s = { 0 };
        cleanup_page struct sets_page page = { 0 };
        size_t want = 0;
        assert_int_equal(selector_parse(text, &s, NULL), 0);
        for (int k = 0; k < OBJECTS; k++)
            want += selector_matches(&s, json_path(objects[k], "metadata.labels"));
        const struct sets_query q = {
            .type = &api_types[TYPE_CLUSTERS], .selector = &s, .failed = -1, .limit = 1000
        };
        assert_int_equal(sets_list(&r.ctx, r.store, &q, &page, NULL), 0);
        if (page.len != want)
            fail_msg("%s: %zu instead of %zu", text, page.len, want);
    }
    for (int i = 0; i < OBJECTS; i++)
        json_free(objects[i]);
    sets_rig_release(&r);
}

static void pages_join_without_gap_or_overlap(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    for (int i = 0; i < 25; i++)
        json_free(make_cluster(&r, i));
    cleanup_free char *nspace = NULL, *name = NULL;
    size_t total = 0;
    for (bool more = true; more;) {
        cleanup_page struct sets_page page = { 0 };
        const struct sets_query q = { .type = &api_types[TYPE_CLUSTERS],
                                      .failed = -1,
                                      .limit = 4,
                                      .after_nspace = nspace,
                                      .after_name = name };
        assert_int_equal(sets_list(&r.ctx, r.store, &q, &page, NULL), 0);
        total += page.len;
        more = page.more;
        free(nspace);
        free(name);
        nspace = take(page.last_nspace);
        name = take(page.last_name);
    }
    assert_int_equal(total, 25);
    sets_rig_release(&r);
}

static void a_label_is_found_by_its_index(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    bool is_sqlite = sql_dialect(r.db) == SQL_SQLITE;
    sets_rig_script(
        &r,
        is_sqlite
            ? "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 100000)"
              " INSERT INTO clusters (uid, name, namespace, generation, resource_version, "
              "created_at, labels, data)"
              " SELECT 'u' || i, 'c' || i, 'n', 1, i, 0, '{\"id\":\"v' || i || '\"}', '{}' FROM g;"
              "INSERT INTO object_labels SELECT 'clusters', uid, 'id', 'v' || substr(uid, 2) FROM "
              "clusters;"
            : "INSERT INTO clusters (uid, name, namespace, generation, resource_version, "
              "created_at, labels, data)"
              " SELECT 'u' || i, 'c' || i, 'n', 1, i, 0, jsonb_build_object('id', 'v' || i), '{}' "
              "FROM generate_series(1, 100000) i;"
              "INSERT INTO object_labels SELECT 'clusters', uid, 'id', 'v' || substr(uid, 2) FROM "
              "clusters; ANALYZE");
    static const char *const texts[] = { "id=v77", "id in (v77,v78),!x", "id!=v3,id=v77",
                                         "id=v9,other notin (a)" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cleanup_selector struct selector s = { 0 };
        cleanup_free char *plan = NULL;
        assert_int_equal(selector_parse(texts[i], &s, NULL), 0);
        const struct sets_query q = {
            .type = &api_types[TYPE_CLUSTERS], .selector = &s, .failed = -1, .limit = 500
        };
        assert_int_equal(sets_list_explain(&r.ctx, r.store, &q, &plan, NULL), 0);
        if (!strstr(plan, "object_labels_value") ||
            strstr(plan, is_sqlite ? "SCAN o" : "Seq Scan on clusters"))
            fail_msg("%s", plan);
    }
    sets_rig_release(&r);
}

static void pages_end_by_their_bytes(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    for (int i = 0; i < 3; i++) {
        cleanup_free char *body = xasprintf("{'name':'c%d','namespace':'n'}", i);
        json_free(sets_rig_create(&r, TYPE_CLUSTERS, body));
    }
    const struct sets_query q = {
        .type = &api_types[TYPE_CLUSTERS], .failed = -1, .limit = 10, .max_bytes = 1
    };
    cleanup_page struct sets_page page = { 0 };
    assert_int_equal(sets_list(&r.ctx, r.store, &q, &page, NULL), 0);
    assert_int_equal(page.len, 1);
    assert_true(page.more);
    assert_string_equal(page.last_name, "c0");
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("selectors agree with a plain model", selectors_agree_with_a_plain_model),
        CASE("pages join without gap or overlap", pages_join_without_gap_or_overlap),
        CASE("pages end by their bytes", pages_end_by_their_bytes),
        CASE("a label is found by its index among 100,000", a_label_is_found_by_its_index),
    };
    return RUN_CASES("list", tests);
}
