#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/pkg/database/cosmos_rig.h"
#include "test/unit/support/test.h"

#define RANGES \
    "{\"PartitionKeyRanges\":[{\"id\":\"2\",\"parents\":[\"0\"]},{\"id\":\"3\",\"parents\":[" \
    "\"0\"," \
    "\"9\"]},{\"id\":\"1\"},{}]}"

static struct cosmos *cosmos_of(struct cosmos_rig *r)
{
    return container_of(r->store, struct cosmos, store);
}

static void check_known(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = COSMOS_RANGES_REQUEST("Billing"), .reply = RANGES },
        { .request = COSMOS_RANGES_REQUEST("Gateway"), .reply = RANGES },
        { .request = COSMOS_RANGES_REQUEST("Billing"), .reply = RANGES },
    };
    static const struct {
        enum collection coll;
        bool anew;
    } asks[] = { { COLL_BILLING, false },
                 { COLL_BILLING, false },
                 { COLL_GATEWAY, false },
                 { COLL_BILLING, true },
                 { COLL_BILLING, false } };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        cleanup_json json *ranges = NULL;
        assert_int_equal(
            cosmos_get_ranges(&r.ctx, cosmos_of(&r), asks[i].coll, asks[i].anew, &ranges, NULL), 0);
        assert_int_equal(json_len(ranges), 4);
    }
    cosmos_rig_finish(&r);
}

static void check_nonsense(void **state)
{
    (void)state;
    static const struct script_step steps[] = { { .reply = "{}" },
                                                { .reply = "{\"PartitionKeyRanges\":[]}" },
                                                { .reply = "x" },
                                                { .status = 403 } };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        json *ranges = NULL;
        assert_int_equal(
            cosmos_get_ranges(&r.ctx, cosmos_of(&r), COLL_BILLING, false, &ranges, NULL), -1);
    }
    cosmos_rig_finish(&r);
}

static void check_heirs(void **state)
{
    (void)state;
    static const struct {
        const char *id, *want;
    } asks[] = { { "0", "2 3" }, { "9", "3" }, { "1", "1" }, { "2", "2" }, { "5", "" } };
    cleanup_json json *answer = NULL;
    assert_int_equal(json_parse(RANGES, strlen(RANGES), &answer, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
        cleanup_strv struct strv heirs = STRV_INIT;
        cosmos_range_heirs(json_get(answer, "PartitionKeyRanges"), asks[i].id, &heirs);
        cleanup_free char *is = strv_give_joined(&heirs, " ");
        assert_string_equal(is, asks[i].want);
    }
}

static void check_now(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .headers = "Date: Thu, 27 Apr 2017 00:51:12 GMT", .reply = RANGES },
        { .reply = RANGES },
    };
    struct cosmos_rig r;
    cosmos_rig_open(&r, steps, ARRAY_LEN(steps));
    int64_t now_s = 0;

    assert_int_equal(store_now_s(&r.ctx, r.store, &now_s, NULL), 0);
    assert_int_equal(now_s, 1493254272);
    assert_int_equal(store_now_s(&r.ctx, r.store, &now_s, NULL), -1);

    cosmos_rig_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("ranges are asked once, until they are old", check_known),
        CASE("an answer without ranges is an error", check_nonsense),
        CASE("a range that was split has heirs", check_heirs),
        CASE("the time is the server's", check_now),
    };
    return RUN_CASES("cosmos_ranges", tests);
}
