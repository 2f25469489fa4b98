#include <string.h>

#include "rp/cluster/install_config.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/test.h"

static struct install_inputs s;

static int set_up(void **state)
{
    (void)state;
    install_inputs_init(&s, INSTALLER_V2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    install_inputs_release(&s);
    return 0;
}

static void takes_a_good_one(void **state)
{
    (void)state;
    assert_int_equal(install_config_check(s.config, NULL), 0);
}

/* value: JSON; NULL takes the member away. */
struct bad_case {
    const char *name, *path, *value, *want;
};
static struct bad_case cases[] = {
    { "a name with a dot", "metadata.name", "\"a.b\"", "metadata.name" },
    { "a name that begins with a hyphen", "metadata.name", "\"-a\"", "metadata.name" },
    { "no name", "metadata.name", NULL, "metadata.name" },
    { "a base domain in capitals", "baseDomain", "\"Aro.Example\"", "baseDomain" },
    { "a base domain with an empty label", "baseDomain", "\"aro..example\"", "baseDomain" },
    { "a range that is none", "networking.serviceNetwork[0]", "\"172.30.0.0\"",
      "networking.serviceNetwork[0]: '172.30.0.0' is no range" },
    { "a range that begins within", "networking.serviceNetwork[0]", "\"172.30.0.1/16\"",
      "begins within" },
    { "ranges that overlap", "networking.serviceNetwork[0]", "\"10.129.0.0/16\"",
      "overlaps networking.clusterNetwork[0].cidr" },
    { "pods on the machines", "networking.clusterNetwork[0].cidr", "\"127.4.0.0/14\"",
      "overlaps networking.machineNetwork[0].cidr" },
    { "hosts that get more than there is", "networking.clusterNetwork[0].hostPrefix", "13",
      "hostPrefix: 13" },
    { "no masters", "controlPlane.replicas", "0", "controlPlane.replicas" },
    { "no workers", "compute[0].replicas", "0", "compute[0].replicas" },
    { "no pool of workers", "compute", "[]", "compute[0]: missing" },
    { "a pool with another name", "compute[0].name", "\"infra\"", "compute[0].name" },
    { "machines without a size", "compute[0].platform.azure.type", "\"\"",
      "compute[0].platform.azure.type" },
    { "a zone that is there twice", "controlPlane.platform.azure.zones[2]", "\"1\"",
      "controlPlane.platform.azure.zones[2]: '1'" },
    { "no network", "platform.azure.virtualNetwork", NULL, "platform.azure.virtualNetwork" },
    { "a pull secret that is none", "pullSecret", "\"hush\"", "pullSecret: no JSON" },
    { "a pull secret for nobody", "pullSecret", "\"{\\\"auths\\\":{}}\"", "auths is missing" },
    { "a host without a secret", "pullSecret", "\"{\\\"auths\\\":{\\\"h\\\":{}}}\"",
      "h has no auth" },
    { "an SSH key that is none", "sshKey", "\"ssh-rsa hush\"", "sshKey" },
};

static void refuses(void **state)
{
    const struct bad_case *c = *state;
    cleanup_error struct error *err = NULL;
    json *value = NULL;
    if (!c->value) {
        json_path_del(s.config, c->path);
    } else {
        assert_int_equal(json_parse(c->value, strlen(c->value), &value, NULL), 0);
        assert_int_equal(json_path_put(s.config, c->path, value, NULL), 0);
    }

    assert_int_equal(install_config_check(s.config, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    if (!strstr(error_text(err), c->want))
        fail_msg("'%s' is not in: %s", c->want, error_text(err));
    assert_null(strchr(error_text(err), '\n')); /* and nothing else */
    assert_null(strstr(error_text(err), "hush"));
}

static void tells_everything_at_once(void **state)
{
    (void)state;
    cleanup_json json *empty = json_new_object();
    cleanup_error struct error *err = NULL;

    assert_int_equal(install_config_check(empty, &err), -1);

    static const char *const wanted[] = {
        "metadata.name",
        "baseDomain",
        "networking.machineNetwork[0].cidr",
        "controlPlane: missing",
        "compute[0]: missing",
        "platform.azure.region",
        "pullSecret",
        "sshKey",
    };
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!strstr(error_text(err), wanted[i]))
            fail_msg("'%s' is not in: %s", wanted[i], error_text(err));
}

int main(void)
{
    struct CMUnitTest tests[2 + ARRAY_LEN(cases)] = {
        CASE("a good one is taken", takes_a_good_one),
        CASE("everything that is wrong is told at once", tells_everything_at_once),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[2 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, refuses, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
        tests[i].setup_func = set_up;
        tests[i].teardown_func = tear_down;
    }
    return RUN_CASES("install_config_check", tests);
}
