/* The types say what the replies are: no member more, none less. */
#include "pkg/api/model_types.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

/* Every member is a field of the version, and every field is there unless the list says that it may miss. */
static void check_object(const struct api_type *t, uint32_t version, const json *object,
                         const char *may_miss)
{
    const struct api_field *f;
    for (struct json_iter it = json_each(object); json_next(&it);)
        if (!api_field_find(t, version, it.key))
            fail_msg("%s has no field %s", t->name, it.key);
    for (size_t i = 0; (f = api_field_next(t, version, &i));) {
        const json *value = json_get(object, f->name);
        if (!value && !strstr(may_miss, f->name))
            fail_msg("%s: no member %s", t->name, f->name);
        if (f->kind == KIND_VALUE)
            check_object(f->type, version, value, may_miss);
        for (size_t k = 0; f->kind == KIND_LIST && k < json_len(value); k++)
            check_object(f->type, version, json_at(value, k), may_miss);
    }
}

static void versions_that_can_be_installed(void **state)
{
    (void)state;
    cleanup_json json *internal =
        rig_give_json("{'id':'/v','name':'4.1.2','type':'t','properties':{'version':'4.1.2',"
                      "'openShiftPullspec':'p'}}");
    for (char letter = 'E'; letter <= 'K'; letter++) {
        const struct api_version *v = rig_version(letter);
        cleanup_json json *ext = api_openshift_version_to_external(v, internal);
        check_object(&openshift_version_type, v->bit, ext, "");
    }
}

static void role_sets(void **state)
{
    (void)state;
    cleanup_json json *internal = rig_give_json(
        "{'id':'/r','name':'4.1','type':'t','properties':{'openShiftVersion':'4.1',"
        "'platformWorkloadIdentityRoles':[{'operatorName':'o','roleDefinitionName':'n',"
        "'roleDefinitionId':'/d','serviceAccounts':['a']}]}}");
    for (char letter = 'J'; letter <= 'K'; letter++) {
        const struct api_version *v = rig_version(letter);
        cleanup_json json *ext = api_role_set_to_external(v, internal);
        check_object(&role_set_type, v->bit, ext, "");
    }
}

static void operations(void **state)
{
    (void)state;
    cleanup_json json *list = api_operations_list();
    const json *values = json_get(list, "value");
    assert_true(json_len(values) > 0);
    for (size_t i = 0; i < json_len(values); i++)
        check_object(&operation_type, V_A, json_at(values, i), "description");
}

/* An error may hold errors, as deep as it likes. */
static void errors(void **state)
{
    (void)state;
    cleanup_json json *error = rig_give_json(
        "{'error':{'code':'a','message':'b','target':'c','details':[{'code':'d','message':'e',"
        "'target':'f','details':[]}]}}");
    check_object(&cloud_error_type, V_K, error, "");
}

struct secret_case {
    const char *name;
    const struct api_type *type;
    const char *field;
    const char *versions; /* first and last */
};
static struct secret_case cases[] = {
    { "a password is handed out in every public version", &credentials_type, "kubeadminPassword",
      "AK" },
    { "a kubeconfig since 2021-09-01-preview", &admin_kubeconfig_type, "kubeconfig", "CK" },
};

static void check_secret(void **state)
{
    const struct secret_case *c = *state;
    for (size_t i = 0; i < RIG_VERSIONS; i++) {
        const struct api_field *f =
            api_field_find(c->type, rig_version(RIG_LETTERS[i])->bit, c->field);
        bool has = RIG_LETTERS[i] >= c->versions[0] && RIG_LETTERS[i] <= c->versions[1];
        assert_int_equal(f != NULL, has);
        assert_true(!f || (f->flags & FIELD_HANDED_OUT));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 4] = {
        CASE("versions are as their type says", versions_that_can_be_installed),
        CASE("role sets are as their type says", role_sets),
        CASE("operations are as their type says", operations),
        CASE("errors hold errors", errors),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 4] = (struct CMUnitTest)CASE_OF(cases[i].name, check_secret, &cases[i]);
    return RUN_CASES("model_replies", tests);
}
