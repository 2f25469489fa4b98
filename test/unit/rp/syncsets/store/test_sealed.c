#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

static void secrets_are_nowhere_in_the_clear(void **state)
{
    (void)state;
    struct sets_rig r;
    sets_rig_init(&r);
    cleanup_json json *o =
        sets_rig_create(&r, TYPE_CLUSTERS,
                        "{'metadata':{'name':'a','namespace':'n'},'spec':{'kubeconfig':'s3cret'}}");
    cleanup_free char *text = json_give_text(o);
    assert_null(strstr(text, "s3cret"));
    cleanup_sql struct sql *c = NULL;
    int64_t n = -1;
    assert_int_equal(sql_acquire(&r.ctx, r.db, SQL_READ, &c, NULL), 0);
    assert_int_equal(sets_number(&r.ctx, c,
                                 "SELECT (SELECT count(*) FROM clusters WHERE CAST(data AS TEXT) "
                                 "LIKE '%s3cret%' OR kubeconfig_enc LIKE '%s3cret%')"
                                 " + (SELECT count(*) FROM events WHERE object LIKE '%s3cret%')",
                                 NULL, 0, &n, NULL),
                     0);
    assert_int_equal(n, 0);
    sql_release(take(c));
    sets_rig_release(&r);
}

static void status_tells_what_is_wrong_and_since_when(void **state)
{
    (void)state;
    const struct api_type *type = &api_types[TYPE_CLUSTERS];
    cleanup_json json *secrets = sets_rig_parse("{'kubeconfig':'foobar'}");
    json *status = sets_give_status(type, NULL, NULL, NULL, 0);
    assert_string_equal(json_path_str(status, "conditions[0].reason"), "Missing");
    status = sets_give_status(type, status, secrets, "f", 60 * NS_PER_S);
    assert_string_equal(json_path_str(status, "conditions[0].reason"), "Invalid");
    assert_string_equal(json_path_str(status, "conditions[0].lastTransitionTime"),
                        "1970-01-01T00:00:00Z");
    assert_string_equal(json_path_str(status, "kubeconfigFingerprint"), "f");
    assert_int_equal(json_len(json_get(status, "conditions")), 1);
    json_free(status);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("secrets are nowhere in the clear", secrets_are_nowhere_in_the_clear),
        CASE("status tells what is wrong and since when",
             status_tells_what_is_wrong_and_since_when),
    };
    return RUN_CASES("sealed", tests);
}
