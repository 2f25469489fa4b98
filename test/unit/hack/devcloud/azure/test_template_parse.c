#include "hack/devcloud/azure/template.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

static void write_expr(const struct expr *e, struct buf *b)
{
    if (e->kind == EXPR_STR)
        buf_addf(b, "'%s'", e->text);
    else if (e->kind == EXPR_INT)
        buf_addf(b, "%lld", (long long)e->number);
    else
        buf_addf(b, "(%s", e->kind == EXPR_INDEX ? "index" : e->text);
    for (size_t i = 0; i < e->args_len; i++) {
        buf_addc(b, ' ');
        write_expr(e->args[i], b);
    }
    if (e->kind != EXPR_STR && e->kind != EXPR_INT)
        buf_addc(b, ')');
}

static void check_shapes(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "parameters('p')", "(parameters 'p')" },
        { " concat( 'a' , 'it''s' , -5 ) ", "(concat 'a' 'it's' -5)" },
        { "f()", "(f)" },
        { "f().a.b", "(b (a (f)))" },
        { "f()[0].x", "(x (index (f) 0))" },
        { "f(g('x'))[add(1, 2)]", "(index (f (g 'x')) (add 1 2))" },
        { "sys.concat('a')", "(concat 'a')" },
        { "f() [ 'x' ] . y", "(y (index (f) 'x'))" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_expr struct expr *e = NULL;
        cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
        assert_int_equal(expr_parse(rows[i][0], &e, NULL), 0);
        write_expr(e, &b);
        assert_string_equal(buf_str(&b), rows[i][1]);
    }
}

static void check_broken(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",     "f",     "f(",   "f('a'",   "f('a)", "f('a' 'b')",           "f(,)", "f() x",
        "f().", "f()[0", "f()[", "'a' 'b'", "-",     "99999999999999999999", "f()]", "#",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct expr *e = NULL;
        cleanup_error struct error *err = NULL;
        assert_int_equal(expr_parse(rows[i], &e, &err), -1);
        assert_true(error_is(err, ERR_INVALID));
        assert_null(e);
    }
}

static void check_depth(void **state)
{
    (void)state;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (int i = 0; i < 10000; i++)
        buf_adds(&b, "f(");
    struct expr *e = NULL;

    assert_int_equal(expr_parse(buf_str(&b), &e, NULL), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("calls, members and indexes are read", check_shapes),
        CASE("broken expressions are refused", check_broken),
        CASE("nesting has an end", check_depth),
    };
    return RUN_CASES("template_parse", tests);
}
