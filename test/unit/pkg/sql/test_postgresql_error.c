#include "pkg/sql/postgresql_impl.h"
#include "test/unit/support/test.h"

static const struct state_case {
    const char *sqlstate;
    enum err_kind kind;
    bool ends;
} cases[] = {
    { NULL, ERR_UNAVAILABLE, true },     { "23505", ERR_EXISTS, false },
    { "40P01", ERR_CONFLICT, false },    { "40001", ERR_CONFLICT, false },
    { "08006", ERR_UNAVAILABLE, true },  { "57P01", ERR_UNAVAILABLE, true },
    { "57P03", ERR_UNAVAILABLE, true },  { "57014", ERR_UNAVAILABLE, false },
    { "25006", ERR_UNAVAILABLE, true },  { "53300", ERR_UNAVAILABLE, false },
    { "53100", ERR_UNAVAILABLE, false }, { "28P01", ERR_UNAVAILABLE, true },
    { "3D000", ERR_UNAVAILABLE, true },  { "42501", ERR_UNAVAILABLE, false },
    { "42P01", ERR_INTERNAL, false },    { "23502", ERR_INTERNAL, false },
    { "22003", ERR_INVALID, false },
};

static void check_states(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(postgresql_kind_of(cases[i].sqlstate), cases[i].kind);
        assert_int_equal(postgresql_ends_connection(cases[i].sqlstate), cases[i].ends);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("knows what an SQLSTATE means for a caller and for the connection", check_states),
    };
    return RUN_CASES("postgresql_error", tests);
}
