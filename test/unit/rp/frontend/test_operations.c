#include <string.h>

#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

static void lists_operations_whatever_the_version(void **state)
{
    static const char *const queries[] = { "", "?api-version=moon", V_LAST };
    (void)state;
    struct clusters c;
    clusters_init(&c);
    for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
        cleanup_buf struct buf target = BUF_INIT(BUF_UNBOUNDED);
        buf_addf(&target, "/providers/Microsoft.RedHatOpenShift/operations%s", queries[i]);

        cleanup_free char *answer = front_give_answer(&c.front, "GET", buf_str(&target), NULL);

        assert_memory_equal(answer, "200", 3);
        assert_non_null(strstr(
            answer, "\"name\": \"Microsoft.RedHatOpenShift/locations/operationresults/read\""));
    }
    clusters_release(&c);
}

static void refuses_another_namespace(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);

    cleanup_free char *got =
        front_give_error(&c.front, "GET", "/providers/Microsoft.Moon/operations", NULL);

    assert_string_equal(got, "400 InvalidResourceNamespace: The resource namespace "
                             "'microsoft.moon' is invalid.");
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("lists operations, whatever the API version", lists_operations_whatever_the_version),
        CASE("refuses another namespace", refuses_another_namespace),
    };
    return RUN_CASES("operations", tests);
}
