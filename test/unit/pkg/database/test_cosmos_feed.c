#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

#define FEED(range, from, count) \
    "GET " COSMOS_URL "Gateway/docs\nA-IM: Incremental feed\n" from \
    "x-ms-documentdb-partitionkeyrangeid: " range "\nx-ms-max-item-count: " count "\n" COSMOS_END
#define FROM(etag) "If-None-Match: " etag "\n"
#define TWO "{\"PartitionKeyRanges\":[{\"id\":\"0\"},{\"id\":\"1\"}]}"
#define SPLIT \
    "{\"PartitionKeyRanges\":[{\"id\":\"2\",\"parents\":[\"0\"]},{\"id\":\"3\",\"parents\":[" \
    "\"0\"]}" \
    ",{\"id\":\"1\",\"parents\":[]}]}"
#define DOC(id) "{\"id\":\"" id "\",\"_etag\":\"e\",\"_lsn\":1}"
#define DOCS(list) "{\"Documents\":[" list "]}"

/* One call; the ids it gave, and *position moves on. */
static char *feed(struct cosmos_rig *r, char **position, size_t max)
{
    cleanup_doc_page struct doc_page p = { 0 };
    cleanup_strv struct strv ids = STRV_INIT;
    assert_int_equal(store_changes(&r->ctx, r->store, COLL_GATEWAY, *position, max, &p, NULL), 0);
    for (size_t i = 0; i < p.len; i++)
        strv_add(&ids, p.docs[i].id);
    free(*position);
    *position = take(p.next);
    assert_non_null(*position);
    return strv_give_joined(&ids, " ");
}

static void expect(struct cosmos_rig *r, char **position, size_t max, const char *want)
{
    cleanup_free char *ids = feed(r, position, max);
    assert_string_equal(ids, want);
}

static void check_poll(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = COSMOS_RANGES_REQUEST("Gateway"), .reply = TWO },
        { .request = FEED("0", "", "50"),
          .headers = "etag: \"5\"",
          .reply = DOCS(DOC("a") "," DOC("b")) },
        { .request = FEED("1", "", "48"), .status = 304, .headers = "etag: \"9\"" },
        /* Nothing new, and the position moves all the same. */
        { .request = FEED("0", FROM("\"5\""), "50"), .status = 304, .headers = "etag: \"6\"" },
        { .request = FEED("1", FROM("\"9\""), "50"), .status = 304 },
        { .request = FEED("0", FROM("\"6\""), "50"), .status = 304, .headers = "etag: \"6\"" },
        { .request = FEED("1", FROM("\"9\""), "50"),
          .headers = "etag: \"10\"",
          .reply = DOCS(DOC("c")) },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_free char *position = NULL;

    expect(&r, &position, 50, "a b");
    expect(&r, &position, 50, "");
    expect(&r, &position, 50, "c");

    cosmos_rig_finish(&r);
}

/* A busy range comes last the next time. */
static void check_fair(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TWO },
        { .request = FEED("0", "", "1"), .headers = "etag: \"1\"", .reply = DOCS(DOC("a")) },
        { .request = FEED("1", "", "1"), .headers = "etag: \"1\"", .reply = DOCS(DOC("x")) },
        { .request = FEED("0", FROM("\"1\""), "1"),
          .headers = "etag: \"2\"",
          .reply = DOCS(DOC("b")) },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_free char *position = NULL;

    expect(&r, &position, 1, "a");
    expect(&r, &position, 1, "x");
    expect(&r, &position, 1, "b");

    cosmos_rig_finish(&r);
}

/* Both halves go on from where the whole had come to; what was read before the split is noticed is kept. */
static void check_split(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TWO },
        { .request = FEED("0", "", "100"), .headers = "etag: \"5\"", .reply = DOCS(DOC("a")) },
        { .request = FEED("1", "", "99"), .status = 304, .headers = "etag: \"1\"" },
        { .request = FEED("0", FROM("\"5\""), "100"), .status = 410 },
        { .request = COSMOS_RANGES_REQUEST("Gateway"), .reply = SPLIT },
        { .request = FEED("2", FROM("\"5\""), "100"),
          .headers = "etag: \"6\"",
          .reply = DOCS(DOC("b")) },
        { .request = FEED("3", FROM("\"5\""), "99"),
          .headers = "etag: \"7\"",
          .reply = DOCS(DOC("c")) },
        { .request = FEED("1", FROM("\"1\""), "98"), .status = 304 },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_free char *position = NULL;

    expect(&r, &position, 0, "a");
    expect(&r, &position, 0, "b c");
    assert_string_equal(position,
                        "[[\"2\",\"\\\"6\\\"\"],[\"3\",\"\\\"7\\\"\"],[\"1\",\"\\\"1\\\"\"]]");

    cosmos_rig_finish(&r);
}

static void check_restless(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TWO }, { .status = 410 }, { .reply = TWO }, { .status = 410 },
        { .reply = TWO }, { .status = 410 }, { .reply = TWO }, { .status = 410 },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    cleanup_error struct error *err = NULL;
    struct doc_page p = { 0 };

    assert_int_equal(store_changes(&r.ctx, r.store, COLL_GATEWAY, NULL, 0, &p, &err), -1);

    assert_int_equal(error_kind(err), ERR_UNAVAILABLE);
    cosmos_rig_finish(&r);
}

static void check_bad(void **state)
{
    (void)state;
    static const char *const positions[] = { "12", "{}", "x", "[[]]", "[[1,2]]" };
    static const struct script_step steps[] = { { .reply = TWO }, { .reply = DOCS("") } };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    struct doc_page p = { 0 };
    for (size_t i = 0; i < ARRAY_LEN(positions); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(store_changes(&r.ctx, r.store, COLL_GATEWAY, positions[i], 0, &p, &err),
                         -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
    }
    assert_int_equal(store_changes(&r.ctx, r.store, COLL_GATEWAY, NULL, 0, &p, NULL), -1);
    cosmos_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every range is polled from its position", check_poll),
        CASE("a busy range does not hold up the others", check_fair),
        CASE("a split range goes on in its heirs", check_split),
        CASE("ranges that move all the time end the call", check_restless),
        CASE("a position of something else is refused, and so is a feed without one", check_bad),
    };
    return RUN_CASES("cosmos_feed", tests);
}
