#include <string.h>

#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define SETS \
    "/subscriptions/" FRONT_SUB "/providers/Microsoft.RedHatOpenShift/locations/eastus/" \
    "platformWorkloadIdentityRoleSets"

static void shows_all_and_one_without_what_is_internal(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_add_role_set(&c, "4.14");

    cleanup_free char *all = front_give_answer(&c.front, "GET", SETS V_LAST, NULL);
    cleanup_free char *one = front_give_answer(&c.front, "GET", SETS "/4.14" V_LAST, NULL);

    assert_memory_equal(all, "200", 3);
    assert_non_null(strstr(all, "\"operatorName\": \"ccm\""));
    assert_memory_equal(one, "200", 3);
    assert_non_null(strstr(one, "\"openShiftVersion\": \"4.14\""));
    assert_null(strstr(one, "serviceAccounts"));
    assert_null(strstr(one, "secretLocation"));
    clusters_release(&c);
}

static void does_not_find_what_is_not_there(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *none = front_give_error(&c.front, "GET", SETS "/4.99" V_LAST, NULL);
    cleanup_free char *early =
        front_give_error(&c.front, "GET", SETS "?api-version=2023-11-22", NULL);

    assert_string_equal(none,
                        "400 ResourceNotFound: The Resource platformWorkloadIdentityRoleSet with "
                        "version '4.99' was not found in the namespace "
                        "'microsoft.redhatopenshift' for api version '2025-07-25'.");
    assert_string_equal(early, "400 InvalidResourceType: The endpoint could not be found in the "
                               "namespace 'microsoft.redhatopenshift' for api version "
                               "'2023-11-22'.");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("shows all and one, without what is internal",
             shows_all_and_one_without_what_is_internal),
        CASE("does not find what is not there", does_not_find_what_is_not_there),
    };
    return RUN_CASES("role sets", tests);
}
