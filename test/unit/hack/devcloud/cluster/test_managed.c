#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/managed.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

/* Each case is a sequence of steps on one ConfigMap. */
enum how { UPDATE, APPLY, FORCE };

struct step {
    enum how how;
    const char *manager;
    const char *object;   /* without apiVersion and kind; NULL ends the steps */
    const char *conflict; /* expected message of the refusal */
};

struct managed_case {
    const char *name;
    struct step steps[6];
    const char *data;   /* of the result */
    const char *owners; /* {"manager Operation": FieldsV1} */
};

static struct managed_case cases[] = {
    { "a create owns what it set, parents included",
      { { UPDATE, "a", "{'data':{'k':'v'}}", NULL } },
      "{'k':'v'}",
      "{'a Update':{'f:data':{'.':{},'f:k':{}}}}" },
    { "an update owns only what it changed",
      { { UPDATE, "a", "{'data':{'k':'v'}}", NULL },
        { UPDATE, "b", "{'data':{'k':'v','l':'w'}}", NULL } },
      "{'k':'v','l':'w'}",
      "{'a Update':{'f:data':{'.':{},'f:k':{}}},'b Update':{'f:data':{'f:l':{}}}}" },
    { "a changed field moves to who changed it",
      { { UPDATE, "a", "{'data':{'k':'v','l':'w'}}", NULL },
        { UPDATE, "b", "{'data':{'k':'x','l':'w'}}", NULL } },
      "{'k':'x','l':'w'}",
      "{'a Update':{'f:data':{'.':{},'f:l':{}}},'b Update':{'f:data':{'f:k':{}}}}" },
    { "a removed field is owned by nobody",
      { { UPDATE, "a", "{'data':{'k':'v','l':'w'}}", NULL },
        { UPDATE, "b", "{'data':{'l':'w'}}", NULL } },
      "{'l':'w'}",
      "{'a Update':{'f:data':{'.':{},'f:l':{}}}}" },
    { "an apply owns what it sets",
      { { APPLY, "a", "{'data':{'k':'v'}}", NULL } },
      "{'k':'v'}",
      "{'a Apply':{'f:data':{'f:k':{}}}}" },
    { "what is no longer applied goes",
      { { APPLY, "a", "{'data':{'k':'v','l':'w'}}", NULL },
        { APPLY, "a", "{'data':{'l':'w'}}", NULL } },
      "{'l':'w'}",
      "{'a Apply':{'f:data':{'f:l':{}}}}" },
    { "what another manager owns too stays",
      { { APPLY, "a", "{'data':{'k':'v','l':'w'}}", NULL },
        { APPLY, "b", "{'data':{'k':'v'}}", NULL },
        { APPLY, "a", "{'data':{'l':'w'}}", NULL } },
      "{'k':'v','l':'w'}",
      "{'a Apply':{'f:data':{'f:l':{}}},'b Apply':{'f:data':{'f:k':{}}}}" },
    { "a different value is a conflict and changes nothing",
      { { APPLY, "a", "{'data':{'k':'v'}}", NULL },
        { APPLY, "b", "{'data':{'k':'x'}}",
          "Apply failed with 1 conflict: conflict with \"a\": .data.k" } },
      "{'k':'v'}",
      "{'a Apply':{'f:data':{'f:k':{}}}}" },
    { "conflicts are grouped by manager",
      { { UPDATE, "z", "{'data':{'k':'v','l':'w'}}", NULL },
        { APPLY, "a", "{'data':{'l':'w'}}", NULL },
        { APPLY, "b", "{'data':{'k':'1','l':'2'}}",
          "Apply failed with 3 conflicts: conflicts with \"a\":\n- .data.l\n"
          "conflicts with \"z\" using v1:\n- .data.k\n- .data.l" } },
      "{'k':'v','l':'w'}",
      "{'z Update':{'f:data':{'.':{},'f:k':{},'f:l':{}}},'a Apply':{'f:data':{'f:l':{}}}}" },
    { "force takes fields over",
      { { APPLY, "a", "{'data':{'k':'v','l':'w'}}", NULL },
        { FORCE, "b", "{'data':{'k':'x'}}", NULL } },
      "{'k':'x','l':'w'}",
      "{'a Apply':{'f:data':{'f:l':{}}},'b Apply':{'f:data':{'f:k':{}}}}" },
    { "a manager without fields leaves",
      { { APPLY, "a", "{'data':{'k':'v'}}", NULL }, { FORCE, "b", "{'data':{'k':'x'}}", NULL } },
      "{'k':'x'}",
      "{'b Apply':{'f:data':{'f:k':{}}}}" },
    { "an emptied list of managers stays empty until somebody applies",
      { { UPDATE, "a", "{'data':{'k':'v'}}", NULL },
        { UPDATE, "b", "{'metadata':{'managedFields':[{}]},'data':{'k':'v','l':'w'}}", NULL },
        { UPDATE, "b", "{'data':{'k':'v','l':'x'}}", NULL } },
      "{'k':'v','l':'x'}",
      "{}" },
    { "an apply on what nobody owned tells who did",
      { { UPDATE, "a", "{'metadata':{'uid':'u'},'data':{'k':'v'}}", NULL },
        { UPDATE, "a", "{'metadata':{'uid':'u','managedFields':[{}]},'data':{'k':'v'}}", NULL },
        { APPLY, "b", "{'data':{'k':'v'}}", NULL } },
      "{'k':'v'}",
      "{'before-first-apply Update':{'f:data':{'.':{},'f:k':{}}},'b "
      "Apply':{'f:data':{'f:k':{}}}}" },
    { "apply and update of one manager are apart",
      { { APPLY, "a", "{'data':{'k':'v'}}", NULL },
        { UPDATE, "a", "{'data':{'k':'x'}}", NULL },
        { APPLY, "a", "{'data':{'k':'v'}}",
          "Apply failed with 1 conflict: conflict with \"a\" using v1: .data.k" } },
      "{'k':'x'}",
      "{'a Update':{'f:data':{'f:k':{}}}}" },
};

static json *give_config_map(const char *loose)
{
    json *obj = loose_tree(loose);
    json_put(obj, "apiVersion", json_new_str("v1"));
    json_put(obj, "kind", json_new_str("ConfigMap"));
    if (!json_get(obj, "metadata"))
        json_put(obj, "metadata", json_new_object());
    assert_int_equal(json_set_str(obj, "metadata.name", "x", NULL), 0);
    return obj;
}

static void run_step(const struct step *s, const struct schema *schema, json **live)
{
    struct managed_op op = {
        .schema = schema, .manager = s->manager, .api_version = "v1", .force = s->how == FORCE
    };
    json *obj = give_config_map(s->object);
    cleanup_json json *blank = give_config_map("{}");
    cleanup_error struct error *err = NULL;
    if (s->how == UPDATE) {
        managed_update(&op, *live, blank, obj);
        json_free(*live);
        *live = obj;
        return;
    }
    cleanup_json json *config = obj;
    json *result = NULL;
    int rc = managed_apply(&op, *live ? *live : blank, config, &result, &err);
    if (s->conflict) {
        assert_int_equal(rc, -1);
        assert_string_equal(error_text(err), s->conflict);
        assert_string_equal(error_get_code(err), "Conflict");
        return;
    }
    assert_int_equal(rc, 0);
    json_free(*live);
    *live = result;
}

static void check(void **state)
{
    const struct managed_case *c = *state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    const struct schema *schema = catalog_type(catalog, "core.v1.ConfigMap");
    cleanup_json json *live = NULL;

    for (size_t i = 0; c->steps[i].object; i++)
        run_step(&c->steps[i], schema, &live);

    assert_tree(json_get(live, "data"), c->data);
    cleanup_json json *owners = json_new_object();
    const json *list = json_path(live, "metadata.managedFields");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *e = json_at(list, i);
        cleanup_free char *who =
            xasprintf("%s %s", json_path_str(e, "manager"), json_path_str(e, "operation"));
        json_put(owners, who, json_give_copy(json_get(e, "fieldsV1")));
    }
    assert_tree(owners, c->owners);
}

static void keeps_the_time(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *catalog = catalog_new();
    struct managed_op op = { .schema = catalog_type(catalog, "core.v1.ConfigMap"),
                             .manager = "a",
                             .api_version = "v1",
                             .wall_ns = 0 };
    cleanup_json json *blank = give_config_map("{}"),
                      *config = give_config_map("{'data':{'k':'v'}}");
    cleanup_json json *first = NULL, *second = NULL;

    assert_int_equal(managed_apply(&op, blank, config, &first, NULL), 0);
    op.wall_ns = 60 * INT64_C(1000000000);
    assert_int_equal(managed_apply(&op, first, config, &second, NULL), 0);

    assert_true(json_equal(first, second));
}

static void default_manager(void **state)
{
    (void)state;
    cleanup_free char *a = managed_give_default_manager("kubectl/v1.20 (linux)");
    cleanup_free char *b = managed_give_default_manager("curl");
    cleanup_free char *c = managed_give_default_manager(NULL);
    assert_string_equal(a, "kubectl");
    assert_string_equal(b, "curl");
    assert_string_equal(c, "unknown");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 2];
    size_t n = 0;
    for (; n < ARRAY_LEN(cases); n++)
        tests[n] = (struct CMUnitTest)CASE_OF(cases[n].name, check, &cases[n]);
    tests[n++] = (struct CMUnitTest)CASE("applying the same again changes nothing", keeps_the_time);
    tests[n++] = (struct CMUnitTest)CASE("the user agent names the manager", default_manager);
    return RUN_CASES("managed", tests);
}
