#include <string.h>

#include "rp/validate/azure_create.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define ARM "https://management.azure.com/subscriptions/s/providers/"
#define ASKS(path) \
    "GET " ARM path "\nAuthorization: Bearer t1\nAccept: application/json\n@gzip: true\n"
#define SKUS \
    { \
        .request = ASKS("Microsoft.Compute/skus?$filter=location%20eq%20%27eastus%27&api-version=" \
                        "2021-07-01"), \
        .reply = "{\"value\":[{\"resourceType\":\"virtualMachines\",\"name\":\"Standard_D8s_v3\"," \
                 "\"capabilities\":[{\"name\":\"EncryptionAtHostSupported\",\"value\":\"True\"}]}" \
                 "]}" \
    }
#define FEATURE(state) \
    { \
        .request = ASKS("Microsoft.Features/providers/Microsoft.Compute/features/EncryptionAtHost" \
                        "?api-version=2021-07-01"), \
        .reply = "{\"properties\":{\"state\":\"" state "\"}}" \
    }
#define COMPUTE(limit) \
    { \
        .request = ASKS("Microsoft.Compute/locations/eastus/usages?api-version=2020-06-01"), \
        .reply = "{\"value\":[{\"name\":{\"value\":\"cores\"},\"limit\":" limit \
                 ",\"currentValue\":0}]}" \
    }
#define NETWORK(limit) \
    { \
        .request = ASKS("Microsoft.Network/locations/eastus/usages?api-version=2020-08-01"), \
        .reply = "{\"value\":[{\"name\":{\"value\":\"PublicIPAddresses\"},\"limit\":" limit \
                 ",\"currentValue\":0}]}" \
    }
#define PROVIDER(name, state) \
    { \
        .request = ASKS(name "?api-version=2021-04-01"), \
        .reply = "{\"registrationState\":\"" state "\"}" \
    }

struct create_case {
    const char *name;
    bool encrypts;
    struct script_step steps[9];
    size_t len;
    const char *want_code, *want; /* NULL: passes; code NULL: none */
};
static struct create_case cases[] = {
    { "passes when Azure allows everything",
      true,
      { TOKEN_STEP, SKUS, FEATURE("Registered"), COMPUTE("48"), NETWORK("3"),
        PROVIDER("Microsoft.Authorization", "Registered"),
        PROVIDER("Microsoft.Compute", "Registered"), PROVIDER("Microsoft.Network", "Registered"),
        PROVIDER("Microsoft.Storage", "Registered") },
      9,
      NULL,
      NULL },
    { "needs the feature for encryption",
      true,
      { TOKEN_STEP, SKUS, FEATURE("NotRegistered") },
      3,
      "InvalidParameter",
      "The feature 'Microsoft.Compute/EncryptionAtHost' is not registered in the subscription." },
    { "needs cores",
      false,
      { TOKEN_STEP, SKUS, COMPUTE("47") },
      3,
      "ResourceQuotaExceeded",
      "Resource quota of cores exceeded. Maximum allowed: 47, Current in use: 0, Additional "
      "requested: 48." },
    { "needs addresses",
      false,
      { TOKEN_STEP, SKUS, COMPUTE("48"), NETWORK("2.0") },
      4,
      "ResourceQuotaExceeded",
      "Resource quota of PublicIPAddresses exceeded. Maximum allowed: 2, Current in use: 0, "
      "Additional requested: 3." },
    { "needs providers",
      false,
      { TOKEN_STEP, SKUS, COMPUTE("48"), NETWORK("3"),
        PROVIDER("Microsoft.Authorization", "Registered"),
        PROVIDER("Microsoft.Compute", "Unregistered") },
      6,
      "ResourceProviderNotRegistered",
      "The resource provider 'Microsoft.Compute' is not registered." },
    { "passes no code of Azure's on",
      false,
      { TOKEN_STEP,
        { .request = NULL,
          .status = 404,
          .reply = "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"x\"}}" } },
      2,
      NULL,
      "asking Azure before a create: " },
};

static void check(void **state)
{
    const struct create_case *c = *state;
    struct azure_fixture f;
    azure_fixture_init(&f, c->steps, c->len);
    const char *encryption = c->encrypts ? "Enabled" : "Disabled";
    cleanup_json json *cluster = json_make(
        "{'properties':{'architectureVersion':1,'masterProfile':{'vmSize':'Standard_D8s_v3',"
        "'encryptionAtHost':%s},"
        "'workerProfiles':[{'vmSize':'Standard_D8s_v3','encryptionAtHost':%s,'count':2}]}}",
        encryption, encryption);
    cleanup_error struct error *err = NULL;

    int result = azure_create_check(f.arm, &f.ctx, cluster, "s", "eastus", &err);

    assert_int_equal(result, c->want ? -1 : 0);
    if (c->want) {
        assert_memory_equal(error_text(err), c->want, strlen(c->want));
        if (c->want_code)
            assert_string_equal(error_get_code(err), c->want_code);
        else
            assert_null(error_get_code(err));
    }
    azure_fixture_finish(&f);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("Azure before a create", tests);
}
