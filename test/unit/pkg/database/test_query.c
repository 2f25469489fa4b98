#include "pkg/database/query.h"
#include "test/unit/support/test.h"

static void check_all_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < QUERIES; i++) {
        assert_non_null(queries[i].name);
        assert_true(queries[i].coll <= COLLECTIONS);
        assert_true(queries[i].args <= QUERY_ARGS_MAX);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(queries[i].name, queries[k].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("describes every query, each by a name of its own", check_all_named),
    };
    return RUN_CASES("query", tests);
}
