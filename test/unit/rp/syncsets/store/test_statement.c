#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"
#include "rp/syncsets/store/statement.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static int64_t count(struct sets_rig *r, const char *selector_text, const char **ret_driver)
{
    cleanup_statement struct statement s = STATEMENT_INIT;
    cleanup_selector struct selector selector = { 0 };
    cleanup_sql struct sql *c = NULL;
    const struct api_type *type = &api_types[TYPE_CLUSTERS];
    const struct requirement *driver;
    int64_t n = -1;
    assert_int_equal(selector_parse(selector_text, &selector, NULL), 0);
    assert_int_equal(sql_acquire(&r->ctx, r->db, SQL_READ, &c, NULL), 0);
    assert_int_equal(statement_choose_driver(&r->ctx, r->store, c, type, &selector, &driver, NULL),
                     0);
    *ret_driver = driver && strcmp(driver->key, "env") == 0 ? "env" : driver ? "rare" : "";
    buf_adds(&s.text, "SELECT count(*) ");
    statement_from(&s, sql_dialect(r->db), type, &selector, driver);
    buf_adds(&s.text, " AND o.namespace = ");
    statement_param(&s, sql_text("n"));
    assert_int_equal(sets_number(&r->ctx, c, buf_str(&s.text), s.params, s.n, &n, NULL), 0);
    return n;
}

static void the_rarest_label_leads(void **state)
{
    (void)state;
    struct sets_rig r;
    const char *driver;
    sets_rig_init(&r);
    for (int i = 0; i < 6; i++) {
        cleanup_free char *body = xasprintf(
            "{'metadata':{'name':'c%d','namespace':'%s','labels':{'env':'%s'%s}},'spec':{}}", i,
            i < 5 ? "n" : "m", i % 2 ? "prod" : "test", i == 3 ? ",'rare':'x'" : "");
        json_free(sets_rig_create(&r, TYPE_CLUSTERS, body));
    }
    assert_int_equal(count(&r, "env=prod,rare", &driver), 1);
    assert_string_equal(driver, "rare");
    assert_int_equal(count(&r, "env in (prod,test),!rare", &driver), 4);
    assert_string_equal(driver, "env");
    assert_int_equal(count(&r, "env!=prod", &driver), 3);
    assert_string_equal(driver, "");
    assert_int_equal(count(&r, "", &driver), 5);
    sets_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the rarest label leads", the_rarest_label_leads),
    };
    return RUN_CASES("statement", tests);
}
