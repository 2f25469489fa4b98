#include "hack/devcloud/kubelet/container.h"
#include "pkg/base/mem.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define GET(resource, name) \
    "GET https://api.test:6443/api/v1/namespaces/n/" resource "/" name \
    "\nAccept: application/json\n"
#define ABSENT \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"m\"," \
    "\"reason\":\"NotFound\",\"code\":404}"
#define POD \
    "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"},\"spec\":{\"nodeName\":\"worker\"}," \
    "\"status\":{\"podIP\":\"10.1.2.3\"}}"
/* The base64 of "pass word". */
#define SECRET "{\"kind\":\"Secret\",\"data\":{\"key\":\"cGFzcyB3b3Jk\"}}"
#define FROM(kind, name, key, more) \
    "{\"name\":\"A\",\"valueFrom\":{\"" kind "\":{\"name\":\"" name "\",\"key\":\"" key "\"" more \
    "}}}"

/* What a table expects of a call that succeeds. */
#define NONE ERR_KINDS

/* ---- environment ---- */

struct env_case {
    const char *name;
    const char *env;         /* entries of the list */
    struct script_step step; /* of the one request that it makes */
    size_t requests;
    const char *want; /* joined by blanks; of a failure, the message's beginning */
    enum err_kind fails;
};

/* clang-format off */
static struct env_case env_cases[] = {
    { "no entries give no variables", "", { 0 }, 0, "", NONE },
    { "a literal is taken as it is", "{\"name\":\"A\",\"value\":\"b=c\"}", { 0 }, 0, "A=b=c", NONE },
    { "an entry without value is empty", "{\"name\":\"A\"}", { 0 }, 0, "A=", NONE },
    { "a literal refers to entries before it",
        "{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"$(A)$(C)$$(A)\"},{\"name\":\"C\",\"value\":\"2\"}",
        { 0 }, 0, "A=1 B=1$(C)$(A) C=2", NONE },
    { "a field of the pod", "{\"name\":\"A\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"spec.nodeName\"}}}",
        { 0 }, 0, "A=worker", NONE },
    { "a field that the pod lacks is empty", "{\"name\":\"A\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.uid\"}}}",
        { 0 }, 0, "A=", NONE },
    { "the pod's address is where the process lives, not what the status shows",
        "{\"name\":\"A\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIP\"}}}", { 0 }, 0, "A=127.9.9.9", NONE },
    { "a secret's key is decoded", FROM("secretKeyRef", "s", "key", ""),
        { .request = GET("secrets", "s"), .reply = SECRET }, 1, "A=pass word", NONE },
    { "a dollar sign in a secret means nothing", FROM("secretKeyRef", "s", "key", ""),
        { .request = GET("secrets", "s"), .reply = "{\"data\":{\"key\":\"JCQoQSk=\"}}" }, 1, "A=$$(A)", NONE },
    { "a config map's key is text", FROM("configMapKeyRef", "c", "key", ""),
        { .request = GET("configmaps", "c"), .reply = "{\"data\":{\"key\":\"cGFzcw==\"}}" }, 1, "A=cGFzcw==", NONE },
    { "a secret without the key", FROM("secretKeyRef", "s", "other", ""),
        { .request = GET("secrets", "s"), .reply = SECRET }, 1, "environment variable A: Secret s has no key other", ERR_NOT_FOUND },
    { "a config map without the key", FROM("configMapKeyRef", "c", "other", ""),
        { .request = GET("configmaps", "c"), .reply = "{}" }, 1, "environment variable A: ConfigMap c has no key other", ERR_NOT_FOUND },
    { "a secret that does not exist", FROM("secretKeyRef", "s", "key", ""),
        { .request = GET("secrets", "s"), .status = 404, .reply = ABSENT }, 1, "environment variable A: ", ERR_NOT_FOUND },
    { "an optional key that is absent is left out", FROM("secretKeyRef", "s", "other", ",\"optional\":true") ",{\"name\":\"B\",\"value\":\"1\"}",
        { .request = GET("secrets", "s"), .reply = SECRET }, 1, "B=1", NONE },
    { "an optional secret that does not exist is left out", FROM("secretKeyRef", "s", "key", ",\"optional\":true"),
        { .request = GET("secrets", "s"), .status = 404, .reply = ABSENT }, 1, "", NONE },
    { "an optional config map that does not exist is left out", FROM("configMapKeyRef", "c", "key", ",\"optional\":true"),
        { .request = GET("configmaps", "c"), .status = 404, .reply = ABSENT }, 1, "", NONE },
    { "optional does not excuse a failure", FROM("secretKeyRef", "s", "key", ",\"optional\":true"),
        { .request = GET("secrets", "s"), .status = 403, .reply = "{}" }, 1, "environment variable A: ", ERR_FORBIDDEN },
    { "a secret that is no base64", FROM("secretKeyRef", "s", "key", ""),
        { .request = GET("secrets", "s"), .reply = "{\"data\":{\"key\":\"%\"}}" }, 1, "environment variable A: ", ERR_INVALID },
    { "a reference without a key", "{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\"}}}",
        { 0 }, 0, "environment variable A: a reference without name or key", ERR_INVALID },
    { "an entry without name", "{\"value\":\"1\"}", { 0 }, 0, "a variable without name", ERR_INVALID },
};
/* clang-format on */

static void check_env(void **state)
{
    const struct env_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, &c->step, c->requests);
    kube_fixture_start(&f);
    struct kubelet_config cfg = { .kube = f.client };
    cleanup_free char *text = xasprintf("{\"env\":[%s]}", c->env);
    cleanup_json json *pod = give_tree(POD), *container = give_tree(text);
    cleanup_strv struct strv env = STRV_INIT;
    cleanup_error struct error *err = NULL;

    int rc = container_give_env(&cfg, &f.ctx, pod, container, "127.9.9.9", &env, &err);

    if (c->fails == NONE) {
        assert_int_equal(rc, 0);
        cleanup_free char *joined = strv_give_joined(&env, " ");
        assert_string_equal(joined, c->want);
    } else {
        assert_int_equal(rc, -1);
        assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->fails));
        assert_true(str_starts(error_text(err), c->want));
    }
    kube_fixture_finish(&f);
}

/* ---- arguments ---- */

struct args_case {
    const char *name, *container, *want; /* joined by "|" */
};

/* clang-format off */
static struct args_case args_cases[] = {
    { "the command comes before the arguments", "{\"args\":[\"b\",\"c d\"],\"command\":[\"a\"]}", "a|b|c d" },
    { "a container may have arguments only", "{\"args\":[\"b\"]}", "b" },
    { "a container without both has none", "{}", "" },
    { "a variable is replaced", "{\"command\":[\"x-$(A)-$(LONG)\"]}", "x-1-two words" },
    { "a variable may be empty", "{\"command\":[\"x$(EMPTY)y\"]}", "xy" },
    { "a name that begins like another is not that", "{\"command\":[\"$(LO)$(LONGER)\"]}", "$(LO)$(LONGER)" },
    { "an unknown variable stays", "{\"command\":[\"$(NO)\"]}", "$(NO)" },
    { "no name is no variable", "{\"command\":[\"$()\"]}", "$()" },
    { "two dollar signs keep a reference from being one", "{\"command\":[\"$$(A)\"]}", "$(A)" },
    { "three dollar signs are one and a reference", "{\"command\":[\"$$$(A)\"]}", "$1" },
    { "a lone dollar sign and an open parenthesis stay", "{\"command\":[\"$A $(A $\"]}", "$A $(A $" },
    { "a value is not expanded again", "{\"command\":[\"$(REF)\"]}", "$(A)" },
};
/* clang-format on */

static void check_args(void **state)
{
    const struct args_case *c = *state;
    cleanup_strv struct strv env = STRV_INIT;
    strv_split(&env, "A=1;LONG=two words;EMPTY=;REF=$(A)", ";", false);
    cleanup_json json *container = give_tree(c->container);
    cleanup_strv struct strv args = STRV_INIT;

    container_give_args(container, &env, &args);

    cleanup_free char *joined = strv_give_joined(&args, "|");
    assert_string_equal(joined, c->want);
}

static void test_lookup(void **state)
{
    (void)state;
    cleanup_strv struct strv env = STRV_INIT;
    strv_split(&env, "AB=1;A=2;EMPTY=", ";", false);

    assert_string_equal(env_lookup(&env, "A", 1), "2");
    assert_string_equal(env_lookup(&env, "AB)", 2), "1");
    assert_string_equal(env_lookup(&env, "EMPTY", 5), "");
    assert_null(env_lookup(&env, "EMPT", 4));
    assert_null(env_lookup(&env, "C", 1));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(env_cases) + ARRAY_LEN(args_cases) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(env_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(env_cases[i].name, check_env, &env_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(args_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(args_cases[i].name, check_args, &args_cases[i]);
    tests[n] = (struct CMUnitTest)CASE("a variable is found by its whole name", test_lookup);
    return RUN_CASES("container", tests);
}
