#include "pkg/azure/azure.h"
#include "test/unit/support/test.h"

static void check_clouds(void **state)
{
    (void)state;
    assert_string_equal(azure_cloud_find("azurepubliccloud")->arm, "https://management.azure.com/");
    assert_string_equal(azure_cloud_find("AzureUSGovernmentCloud")->aad,
                        "https://login.microsoftonline.us/");
    assert_string_equal(azure_cloud_find("AzureUSGovernmentCloud")->vaults,
                        "vault.usgovcloudapi.net");
    assert_string_equal(azure_cloud_find("AzurePublicCloud")->cosmos, "documents.azure.com");
    assert_string_equal(azure_cloud_find("AzureUSGovernmentCloud")->storage,
                        "core.usgovcloudapi.net");
    assert_null(azure_cloud_find("AzureGermanCloud"));
    assert_null(azure_cloud_find(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE("clouds are found whatever the letter case",
                                             check_clouds) };
    return RUN_CASES("cloud", tests);
}
