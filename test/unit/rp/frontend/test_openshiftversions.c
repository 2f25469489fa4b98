#include <string.h>

#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

#define VERSIONS \
    "/subscriptions/" FRONT_SUB "/providers/Microsoft.RedHatOpenShift/locations/eastus/" \
    "openShiftVersions"

static void lists_what_can_be_installed_in_order(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_add_version(&c, "4.9.30", true, false);
    clusters_add_version(&c, "4.8.1", false, false);

    cleanup_free char *answer = front_give_answer(&c.front, "GET", VERSIONS V_LAST, NULL);

    assert_memory_equal(answer, "200", 3);
    const char *older = strstr(answer, "\"version\": \"4.9.30\"");
    const char *newer = strstr(answer, "\"version\": \"" DEFAULT_VERSION "\"");
    assert_non_null(older);
    assert_non_null(newer);
    assert_true(older < newer);
    assert_null(strstr(answer, "4.8.1"));
    assert_null(strstr(answer, "ullspec"));
    clusters_release(&c);
}

static void shows_one(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *one =
        front_give_answer(&c.front, "GET", VERSIONS "/" DEFAULT_VERSION V_LAST, NULL);
    cleanup_free char *none = front_give_error(&c.front, "GET", VERSIONS "/4.1.1" V_LAST, NULL);

    assert_non_null(strstr(one, "\"version\": \"" DEFAULT_VERSION "\""));
    assert_string_equal(none,
                        "400 ResourceNotFound: The Resource openShiftVersion with version '4.1.1' "
                        "was not found in the namespace 'microsoft.redhatopenshift' for api "
                        "version '2025-07-25'.");
    clusters_release(&c);
}

static void is_unknown_in_early_versions(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *list = front_give_error(&c.front, "GET", VERSIONS V_2020, NULL);
    cleanup_free char *one = front_give_error(&c.front, "GET", VERSIONS "/4.1.1" V_2020, NULL);

    const char *want = "400 InvalidResourceType: The endpoint could not be found in the namespace "
                       "'microsoft.redhatopenshift' for api version '2020-04-30'.";
    assert_string_equal(list, want);
    assert_string_equal(one, want);
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("lists what can be installed, in order", lists_what_can_be_installed_in_order),
        CASE("shows one by its name", shows_one),
        CASE("is unknown in early API versions", is_unknown_in_early_versions),
    };
    return RUN_CASES("OpenShift versions", tests);
}
