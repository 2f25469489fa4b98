#include <string.h>

#include "pkg/azure/token_impl.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define BASE \
    "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
#define HEADERS "\nMetadata: true\nAccept: application/json\n@no_proxy: true\n\n"
/* As documented for a virtual machine. */
#define REPLY \
    "{\"access_token\":\"of-machine\",\"client_id\":\"app\",\"expires_in\":\"3599\"," \
    "\"expires_on\":\"1706936705\",\"ext_expires_in\":\"3599\",\"not_before\":\"1706933106\"," \
    "\"resource\":\"https://management.azure.com/\",\"token_type\":\"Bearer\"}"

struct imds_case {
    const char *name, *client_id, *scope;
    struct script_step steps[9];
    size_t len;
    const char *want_error; /* NULL: the token */
    int64_t want_ms;        /* time spent */
};
static char app[] = "app";
static struct imds_case cases[] = {
    { "an identity is asked for by its client ID",
      app,
      "https://vault.azure.net/.default",
      { { .request = BASE "https%3A%2F%2Fvault.azure.net&client_id=app" HEADERS, .reply = REPLY } },
      1,
      NULL,
      0 },
    { "the machine's only identity needs no name",
      NULL,
      "https://management.azure.com//.default",
      { { .request = BASE "https%3A%2F%2Fmanagement.azure.com%2F" HEADERS, .reply = REPLY } },
      1,
      NULL,
      0 },
    { "a service that is being renewed is waited for longer than 70 s",
      app,
      "https://vault.azure.net/.default",
      { { .status = 410 },
        { .status = 404 },
        { .status = 410 },
        { .status = 429 },
        { .status = 500 },
        { .status = 410 },
        { .status = 410 },
        { .reply = REPLY } },
      8,
      NULL,
      123000 },
    { "a machine without the service is found out",
      app,
      "https://vault.azure.net/.default",
      { { .status = 404 },
        { .status = 404 },
        { .status = 404 },
        { .status = 404 },
        { .status = 404 },
        { .status = 404 },
        { .status = 404 },
        { .status = 404 } },
      8,
      "the instance metadata service answered 404",
      123000 },
    { "an identity that the machine does not have is final",
      app,
      "https://vault.azure.net/.default",
      { { .status = 400,
          .reply = "{\"error\":\"invalid_request\",\"error_description\":\"Identity not "
                   "found\"}" } },
      1,
      "Identity not found",
      0 },
    { "silence is asked again soon",
      app,
      "https://vault.azure.net/.default",
      { { .hang = true }, { .reply = REPLY } },
      2,
      NULL,
      6000 },
};

static void check(void **state)
{
    const struct imds_case *c = *state;
    struct azure_fixture f;
    azure_fixture_init(&f, c->steps, c->len);
    f.credential = (struct azure_credential){ .type = AZURE_MANAGED_IDENTITY,
                                              .client_id = c->client_id ? app : NULL };
    const struct azure_tokens_config cfg = { .transport = &f.transport.base,
                                             .credential = &f.credential,
                                             .clock = &f.clock.base };
    struct fetched_token t = { 0 };
    cleanup_error struct error *err = NULL;
    int64_t begin_ns = clock_mono_ns(&f.clock.base);

    int rcode = token_fetch_imds(&cfg, &f.ctx, c->scope, &t, &err);

    assert_int_equal(rcode, c->want_error ? -1 : 0);
    assert_int_equal((clock_mono_ns(&f.clock.base) - begin_ns) / NS_PER_MS, c->want_ms);
    if (c->want_error) {
        assert_non_null(strstr(error_text(err), c->want_error));
    } else {
        assert_string_equal(secret_reveal(t.token, NULL), "of-machine");
        assert_int_equal(t.expires_wall_ns, INT64_C(1706936705) * NS_PER_S);
    }
    secret_unref(t.token);
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("token_imds", tests);
}
