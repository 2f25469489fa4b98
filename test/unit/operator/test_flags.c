#include <string.h>

#include "operator/flags.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/test.h"

static json *give_cluster(const char *spec)
{
    cleanup_free char *text = xasprintf("{spec: %s}", spec);
    json *cluster = NULL;
    assert_int_equal(yaml_parse(text, strlen(text), &cluster, NULL), 0);
    return cluster;
}

struct flag_case {
    const char *name, *spec;
    enum operator_flag flag;
    bool on, set;
};
#define MAP(entries) "{operatorflags: {" entries "}}"
#define BANNER "aro.banner.enabled"
static struct flag_case cases[] = {
    { "is on when true", MAP(BANNER ": 'true'"), FLAG_BANNER_ENABLED, true, true },
    { "is on in any letter case", MAP(BANNER ": 'tRuE'"), FLAG_BANNER_ENABLED, true, true },
    { "is on for TRUE", MAP(BANNER ": 'TRUE'"), FLAG_BANNER_ENABLED, true, true },
    { "is off when false", MAP(BANNER ": 'false'"), FLAG_BANNER_ENABLED, false, true },
    { "is off for garbage", MAP(BANNER ": 'yes'"), FLAG_BANNER_ENABLED, false, true },
    { "is off when empty", MAP(BANNER ": ''"), FLAG_BANNER_ENABLED, false, true },
    { "is off when absent", MAP("x: y"), FLAG_BANNER_ENABLED, false, false },
    { "is off without a map", "{}", FLAG_BANNER_ENABLED, false, false },
    { "is off with a map of another shape", "{operatorflags: [1]}", FLAG_BANNER_ENABLED, false,
      false },
    { "is off for a boolean, which the map cannot hold", MAP(BANNER ": true"), FLAG_BANNER_ENABLED,
      false, true },
    { "is on where no flag rules", "{}", FLAG_NONE, true, false },
    { "takes the key of January 2022", MAP("aro.azuresubnets.nsg.enabled: 'true'"),
      FLAG_AZURESUBNETS_NSG_MANAGED, true, true },
    { "takes the newer key before that of January 2022",
      MAP("aro.azuresubnets.nsg.enabled: 'true', aro.azuresubnets.nsg.managed: 'false'"),
      FLAG_AZURESUBNETS_NSG_MANAGED, false, true },
    { "takes a feature of 2021", "{features: {reconcileBanner: true}}", FLAG_BANNER_ENABLED, true,
      true },
    { "takes a feature of 2021 that is off", "{features: {reconcileGenevaLogging: false}}",
      FLAG_GENEVALOGGING_ENABLED, false, true },
    { "spells the feature of dnsmasq as 2021 did", "{features: {reconcileDNSMasq: true}}",
      FLAG_DNSMASQ_ENABLED, true, true },
    { "takes the flag before the feature",
      "{features: {reconcileBanner: true}, operatorflags: {" BANNER ": 'false'}}",
      FLAG_BANNER_ENABLED, false, true },
    { "lets reconcileNSGs turn subnets on", "{features: {reconcileNSGs: true}}",
      FLAG_AZURESUBNETS_ENABLED, true, true },
    { "lets reconcileNSGs turn security groups on", "{features: {reconcileNSGs: true}}",
      FLAG_AZURESUBNETS_NSG_MANAGED, true, true },
    { "does not let reconcileNSGs turn endpoints on", "{features: {reconcileNSGs: true}}",
      FLAG_AZURESUBNETS_ENDPOINT_MANAGED, false, false },
    { "lets reconcileSubnets turn subnets on", "{features: {reconcileSubnets: true}}",
      FLAG_AZURESUBNETS_ENABLED, true, true },
    { "ignores reconcileNSGs once one of its two flags is set",
      "{features: {reconcileNSGs: true}, operatorflags: {aro.azuresubnets.nsg.managed: 'true'}}",
      FLAG_AZURESUBNETS_ENABLED, false, false },
    { "ignores reconcileNSGs once the other one is set",
      "{features: {reconcileNSGs: true}, operatorflags: {aro.azuresubnets.enabled: 'false'}}",
      FLAG_AZURESUBNETS_NSG_MANAGED, false, false },
};

static void check_flag(void **state)
{
    const struct flag_case *c = *state;
    cleanup_json json *cluster = give_cluster(c->spec);

    assert_int_equal(flag_is_on(cluster, c->flag), c->on);
    assert_int_equal(flag_is_set(cluster, c->flag), c->set);
}

static void a_text_has_a_default_only_when_absent(void **state)
{
    (void)state;
    cleanup_json json *cluster = give_cluster(
        MAP("aro.genevalogging.otel.profile: '', aro.genevalogging.mdsd.pullSpec: r/x"));

    assert_string_equal(flag_text(cluster, FLAG_GENEVALOGGING_PROFILE, "d"), "");
    assert_string_equal(flag_text_or(cluster, FLAG_GENEVALOGGING_PROFILE, "d"), "d");
    assert_string_equal(flag_text(cluster, FLAG_GENEVALOGGING_MDSD_PULLSPEC, "d"), "r/x");
    assert_string_equal(flag_text(cluster, FLAG_GENEVALOGGING_OTEL_PULLSPEC, "d"), "d");
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("gives a text its default", a_text_has_a_default_only_when_absent),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[1 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_flag, &cases[i]);
    return RUN_CASES("flags", tests);
}
