#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/pull_secret.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

/* What a registry gave to this cluster: "user:pass" is dXNlcjpwYXNz. */
struct secret_case {
    const char *name;
    const char *service;  /* PULL_SECRET; NULL: none */
    const char *customer; /* NULL: none */
    const char *registry; /* NULL: none; "": without a password yet */
    const char *want;     /* NULL: refused */
};
static struct secret_case cases[] = {
    { "nothing gives no hosts", NULL, NULL, NULL, "{\"auths\":{}}" },
    { "the service's is the base", "{\"auths\":{\"a\":{\"auth\":\"YQ==\"}}}", NULL, NULL,
      "{\"auths\":{\"a\":{\"auth\":\"YQ==\"}}}" },
    { "the customer's wins for each host",
      "{\"auths\":{\"a\":{\"auth\":\"YQ==\"},\"b\":{\"auth\":\"YQ==\"}}}",
      "{\"auths\":{\"b\":{\"auth\":\"Yg==\"},\"c\":{\"auth\":\"Yw==\"}}}", NULL,
      "{\"auths\":{\"a\":{\"auth\":\"YQ==\"},\"b\":{\"auth\":\"Yg==\"},\"c\":{\"auth\":\"Yw==\"}}"
      "}" },
    { "what else the customer's has stays", NULL,
      "{\"x\":1,\"auths\":{\"b\":{\"auth\":\"Yg==\",\"email\":\"e\"}}}", NULL,
      "{\"auths\":{\"b\":{\"auth\":\"Yg==\",\"email\":\"e\"}},\"x\":1}" },
    { "a registry's credential wins over all",
      "{\"auths\":{\"reg.azurecr.io\":{\"auth\":\"YQ==\"}}}",
      "{\"auths\":{\"reg.azurecr.io\":{\"auth\":\"Yg==\",\"email\":\"e\"}}}", "pass",
      "{\"auths\":{\"reg.azurecr.io\":{\"auth\":\"dXNlcjpwYXNz\"}}}" },
    { "one without a password is left out", NULL, NULL, "", "{\"auths\":{}}" },
    { "the cluster reports to nobody, whoever gave that", NULL,
      "{\"auths\":{\"cloud.openshift.com\":{\"auth\":\"Yg==\"},\"quay.io\":{\"auth\":\"Yw==\"}}}",
      NULL, "{\"auths\":{\"quay.io\":{\"auth\":\"Yw==\"}}}" },
    { "text that is no JSON is refused", NULL, "auths", NULL, NULL },
    { "hosts that are no object are refused", NULL, "{\"auths\":[]}", NULL, NULL },
};

static void put_sealed(struct cluster_rig *r, const char *path, const char *text)
{
    cleanup_secret struct secret *secret = secret_new(text, strlen(text));
    assert_int_equal(cluster_set_secret(r->c, &r->ctx, path, secret, NULL), 0);
}

static void check(void **state)
{
    const struct secret_case *c = *state;
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_secret struct secret *secret = NULL;
    cleanup_error struct error *err = NULL;
    cleanup_free char *line = xasprintf("PULL_SECRET=%s", c->service ? c->service : "{}");
    const char *env[] = { line, NULL };
    cluster_rig_open_env(
        &r,
        c->registry ? "{'registryProfiles':[{'name':'reg.azurecr.io','username':'user'}]}" : "{}",
        c->service ? env : NULL, NULL, 0);
    if (c->customer)
        put_sealed(&r, "clusterProfile.pullSecret", c->customer);
    if (c->registry && *c->registry)
        put_sealed(&r, "registryProfiles[0].password", c->registry);

    int result = cluster_give_pull_secret(r.c, &r.ctx, &secret, &err);

    assert_int_equal(cluster_has_pull_secret(r.c), c->customer != NULL);
    assert_int_equal(result, c->want ? 0 : -1);
    if (c->want) {
        assert_string_equal(secret_reveal(secret, NULL), c->want);
        return;
    }
    assert_string_equal(error_text(err), "The provided pull secret is invalid.");
    assert_string_equal(error_get_code(err), "InvalidParameter");
    assert_string_equal(error_get_target(err), "properties.clusterProfile.pullSecret");
}

static void the_services_own_has_nothing_of_the_customers(void **state)
{
    (void)state;
    static const char *const env[] = { "PULL_SECRET={\"auths\":{\"a\":{\"auth\":\"YQ==\"}}}",
                                       NULL };
    cleanup_cluster_rig struct cluster_rig r;
    cleanup_secret struct secret *secret = NULL;
    cluster_rig_open_env(&r, "{'registryProfiles':[{'name':'reg.azurecr.io','username':'user'}]}",
                         env, NULL, 0);
    put_sealed(&r, "clusterProfile.pullSecret", "{\"auths\":{\"b\":{\"auth\":\"Yg==\"}}}");
    put_sealed(&r, "registryProfiles[0].password", "pass");

    assert_int_equal(cluster_give_service_pull_secret(r.c, &r.ctx, &secret, NULL), 0);

    assert_string_equal(secret_reveal(secret, NULL),
                        "{\"auths\":{\"a\":{\"auth\":\"YQ==\"},"
                        "\"reg.azurecr.io\":{\"auth\":\"dXNlcjpwYXNz\"}}}");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    tests[ARRAY_LEN(cases)] =
        (struct CMUnitTest)CASE("the service's own has nothing of the customer's",
                                the_services_own_has_nothing_of_the_customers);
    return RUN_CASES("pull secret", tests);
}
