#include "pkg/azure/dns.h"
#include "test/unit/support/pkg/azure/torture.h"
#include "test/unit/support/test.h"

#define ZONE "/subscriptions/s/resourceGroups/dns/providers/Microsoft.Network/dnsZones/aro.example"
#define URL "https://management.azure.com" ZONE "/A/api.c1?api-version=2018-05-01"
#define COMMON "\nAuthorization: Bearer t1\nAccept: application/json\n"
#define SET "{\"properties\":{\"TTL\":300}}"

static const struct dns_name api = { ZONE, "api.c1" };

static const struct script_step life[] = {
    TOKEN_STEP,
    { .request =
          "PUT " URL COMMON "Content-Type: application/json\nIf-None-Match: *\n@gzip: true\n\n" SET,
      .status = 201,
      .reply = SET },
    { .request = "GET " URL COMMON "@gzip: true\n", .reply = "{\"etag\":\"e1\"}" },
    { .request =
          "PUT " URL COMMON "Content-Type: application/json\nIf-Match: e1\n@gzip: true\n\n" SET,
      .reply = SET },
    { .request =
          "PUT https://management.azure.com" ZONE "/A/*.apps.c1?api-version=2018-05-01" COMMON
          "Content-Type: application/json\n@gzip: true\n\n" SET,
      .reply = SET },
    { .request = "DELETE " URL COMMON "If-Match: e1\n@gzip: true\n", .status = 200 },
};

static void live(struct azure_fixture *f)
{
    const struct dns_name apps = { ZONE, "*.apps.c1" };
    cleanup_json json *set = json_make("{'properties':{'TTL':300}}");
    cleanup_json json *found = NULL;

    assert_int_equal(dns_a_create(f->arm, &f->ctx, &api, set, NULL), 0);
    assert_int_equal(dns_a_get(f->arm, &f->ctx, &api, &found, NULL), 0);
    const char *etag = json_path_str(found, "etag");
    assert_int_equal(dns_a_put(f->arm, &f->ctx, &api, set, etag, NULL), 0);
    assert_int_equal(dns_a_put(f->arm, &f->ctx, &apps, set, NULL, NULL), 0);
    assert_int_equal(dns_a_delete(f->arm, &f->ctx, &api, etag, NULL), 0);
}

static void check_life(void **state)
{
    (void)state;
    struct azure_fixture f;
    azure_fixture_init(&f, life, ARRAY_LEN(life));

    live(&f);

    azure_fixture_finish(&f);
}

static void check_torture(void **state)
{
    (void)state;
    torture(life, ARRAY_LEN(life), live);
}

static void check_refusals(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .status = 404, .reply = "{\"code\":\"NotFound\",\"message\":\"gone\"}" },
        { .status = 412, .reply = "{\"code\":\"PreconditionFailed\",\"message\":\"there\"}" },
        { .status = 412, .reply = "{\"code\":\"PreconditionFailed\",\"message\":\"other\"}" },
        { .status = 404, .reply = "{\"code\":\"NotFound\",\"message\":\"gone\"}" },
        { .status = 204 },
        { .reply = "" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_json json *set = json_make("{'properties':{'TTL':300}}");
    json *found = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(dns_a_get(f.arm, &f.ctx, &api, &found, &err), -1);
    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_int_equal(dns_a_create(f.arm, &f.ctx, &api, set, &err), -1);
    assert_true(error_is(err, ERR_PRECONDITION));
    assert_int_equal(dns_a_delete(f.arm, &f.ctx, &api, "e1", &err), -1);
    assert_true(error_is(err, ERR_PRECONDITION));
    assert_int_equal(dns_a_delete(f.arm, &f.ctx, &api, "e1", NULL), 0);
    assert_int_equal(dns_a_delete(f.arm, &f.ctx, &api, NULL, NULL), 0);
    assert_int_equal(dns_a_get(f.arm, &f.ctx, &api, &found, &err), -1);

    assert_null(found);
    azure_fixture_finish(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a set is made, read, changed and deleted, each under its condition", check_life),
        CASE("each exchange may fail once", check_torture),
        CASE("what is gone, taken or changed by others is told apart", check_refusals),
    };
    return RUN_CASES("dns", tests);
}
