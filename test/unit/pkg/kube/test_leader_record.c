#include <string.h>

#include "pkg/base/clock.h"
#include "pkg/kube/leader_record.h"
#include "test/unit/support/test.h"

#define NOW_NS INT64_C(1706933106123456789)
#define NOW "2024-02-03T04:05:06.123456Z"

static json *give(const char *text)
{
    json *j = NULL;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}

struct claim_case {
    const char *name;
    const char *lease; /* NULL: none */
    const char *want;
};
static struct claim_case claim_cases[] = {
    { "a first claim makes the Lease", NULL,
      "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":"
      "\"lock\",\"namespace\":\"ns\"},\"spec\":{\"acquireTime\":\"" NOW
      "\",\"holderIdentity\":\"me\",\"leaseDurationSeconds\":137,\"leaseTransitions\":0,"
      "\"renewTime\":\"" NOW "\"}}" },
    { "a renewal keeps acquireTime and transitions",
      "{\"metadata\":{\"name\":\"lock\",\"resourceVersion\":\"7\"},\"spec\":{\"acquireTime\":"
      "\"old\","
      "\"holderIdentity\":\"me\",\"leaseDurationSeconds\":15,\"leaseTransitions\":4,\"renewTime\":"
      "\"old\"}}",
      "{\"metadata\":{\"name\":\"lock\",\"resourceVersion\":\"7\"},\"spec\":{\"acquireTime\":"
      "\"old\","
      "\"holderIdentity\":\"me\",\"leaseDurationSeconds\":137,\"leaseTransitions\":4,\"renewTime\":"
      "\"" NOW "\"}}" },
    { "a take-over counts one more transition",
      "{\"metadata\":{\"name\":\"lock\"},\"spec\":{\"acquireTime\":\"old\",\"holderIdentity\":"
      "\"you\",\"leaseDurationSeconds\":15,\"leaseTransitions\":4,\"renewTime\":\"old\"}}",
      "{\"metadata\":{\"name\":\"lock\"},\"spec\":{\"acquireTime\":\"" NOW
      "\",\"holderIdentity\":\"me\",\"leaseDurationSeconds\":137,\"leaseTransitions\":5,"
      "\"renewTime\":\"" NOW "\"}}" },
    { "labels, annotations and unknown fields survive, nulls too",
      "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"annotations\":null,\"name\":\"lock\"},\"spec\":{"
      "\"holderIdentity\":null,\"strategy\":\"OldestEmulationVersion\",\"leaseTransitions\":null},"
      "\"x\":12345678901234567890123}",
      "{\"metadata\":{\"annotations\":null,\"labels\":{\"a\":\"b\"},\"name\":\"lock\"},\"spec\":{"
      "\"acquireTime\":\"" NOW "\",\"holderIdentity\":\"me\",\"leaseDurationSeconds\":137,"
      "\"leaseTransitions\":1,\"renewTime\":\"" NOW
      "\",\"strategy\":\"OldestEmulationVersion\"},\"x\":12345678901234567890123}" },
    { "a Lease without a record gets one", "{\"metadata\":{\"name\":\"lock\"},\"spec\":null}",
      "{\"metadata\":{\"name\":\"lock\"},\"spec\":{\"acquireTime\":\"" NOW
      "\",\"holderIdentity\":\"me\",\"leaseDurationSeconds\":137,\"leaseTransitions\":1,"
      "\"renewTime\":\"" NOW "\"}}" },
};

static void check_claim(void **state)
{
    const struct claim_case *c = *state;
    cleanup_json json *lease = c->lease ? give(c->lease) : NULL;
    const struct lease_claim claim = {
        .nspace = "ns", .name = "lock", .identity = "me", .duration_ms = 136001, .wall_ns = NOW_NS
    };
    cleanup_free char *before = json_give_text(lease);

    cleanup_json json *claimed = lease_record_give_claimed(lease, &claim);

    cleanup_free char *text = json_give_sorted(claimed), *after = json_give_text(lease);
    assert_string_equal(text, c->want);
    assert_string_equal(after, before);
}

static void check_release(void **state)
{
    (void)state;
    cleanup_json json *lease =
        give("{\"metadata\":{\"labels\":{\"a\":\"b\"},\"resourceVersion\":\"9\"},\"spec\":{"
             "\"acquireTime\":\"old\",\"holderIdentity\":\"me\",\"leaseDurationSeconds\":137,"
             "\"leaseTransitions\":4,\"renewTime\":\"old\",\"strategy\":\"s\"}}");

    cleanup_json json *released = lease_record_give_released(lease, NOW_NS);

    cleanup_free char *text = json_give_sorted(released);
    assert_string_equal(text,
                        "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"resourceVersion\":\"9\"},"
                        "\"spec\":{\"acquireTime\":\"" NOW
                        "\",\"holderIdentity\":\"\",\"leaseDurationSeconds\":1,"
                        "\"leaseTransitions\":4,\"renewTime\":\"" NOW "\",\"strategy\":\"s\"}}");
}

struct read_case {
    const char *name, *lease, *holder;
    int64_t duration_ms;
};
static struct read_case read_cases[] = {
    { "reads holder and duration",
      "{\"spec\":{\"holderIdentity\":\"you\",\"leaseDurationSeconds\":15}}", "you", 15000 },
    { "an empty Lease has no holder and the default duration", "{}", "", 99 },
    { "nulls are absent", "{\"spec\":{\"holderIdentity\":null,\"leaseDurationSeconds\":null}}", "",
      99 },
    { "a duration that is no use is the default",
      "{\"spec\":{\"holderIdentity\":\"\",\"leaseDurationSeconds\":-3}}", "", 99 },
    { "an absurd duration is the default",
      "{\"spec\":{\"holderIdentity\":\"\",\"leaseDurationSeconds\":9223372036854775807}}", "", 99 },
};

static void check_read(void **state)
{
    const struct read_case *c = *state;
    cleanup_json json *lease = give(c->lease);

    assert_string_equal(lease_record_holder(lease), c->holder);
    assert_int_equal(lease_record_duration_ms(lease, 99), c->duration_ms);
}

static void check_text(void **state)
{
    (void)state;
    cleanup_json json *a = give("{\"metadata\":{\"resourceVersion\":\"1\"},\"spec\":{\"renewTime\":"
                                "\"t1\",\"holderIdentity\":\"you\"}}");
    cleanup_json json *same =
        give("{\"metadata\":{\"resourceVersion\":\"2\",\"labels\":{}},\"spec\":"
             "{\"holderIdentity\":\"you\",\"renewTime\":\"t1\"}}");
    cleanup_json json *renewed =
        give("{\"spec\":{\"holderIdentity\":\"you\",\"renewTime\":\"t2\"}}");

    cleanup_free char *text = lease_record_give_text(a), *text_same = lease_record_give_text(same),
                      *text_renewed = lease_record_give_text(renewed);

    assert_string_equal(text, text_same);
    assert_string_not_equal(text, text_renewed);
}

int main(void)
{
    struct CMUnitTest tests[20] = {
        CASE("a release empties the holder and keeps the rest", check_release),
        CASE("the record's text changes with a renewal, not with labels", check_text),
    };
    size_t n = 2;
    for (size_t i = 0; i < ARRAY_LEN(claim_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(claim_cases[i].name, check_claim, &claim_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(read_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(read_cases[i].name, check_read, &read_cases[i]);
    return _cmocka_run_group_tests("leader_record", tests, n, NULL, NULL);
}
