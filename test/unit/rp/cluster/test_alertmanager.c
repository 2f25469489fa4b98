#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/alertmanager.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define NS "openshift-monitoring"
#define NAME "alertmanager-main"
#define CONFIG "data[\"alertmanager.yaml\"]"

static void add_config(struct inside_rig *r, const char *yaml)
{
    cleanup_free char *encoded = base64_give(yaml, strlen(yaml));
    fake_cluster_put(&r->inside, json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                                           "%s,'namespace':%s},'data':{'alertmanager.yaml':%s}}",
                                           NAME, NS, encoded));
}

static json *give_config(struct inside_rig *r)
{
    const char *encoded = inside_rig_text(r, &GVR_SECRETS, NS, NAME, CONFIG);
    cleanup_free char *text = NULL;
    json *config = NULL;
    size_t len;
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    assert_int_equal(yaml_parse(text, len, &config, NULL), 0);
    return config;
}

static void the_empty_receiver_gets_an_address(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'architectureVersion':0}");
    add_config(&r, "global:\n  resolve_timeout: 5m\nreceivers:\n- name: \"null\"\n- name: mine\n");

    inside_rig_must(&r, cluster_disable_alertmanager_warning);
    inside_rig_must(&r, cluster_disable_alertmanager_warning);

    cleanup_json json *config = give_config(&r);
    assert_string_equal(json_path_str(config, "receivers[0].name"), "null");
    assert_string_equal(json_path_str(config, "receivers[0].webhook_configs[0].url"),
                        "http://localhost:1234/");
    assert_null(json_path(config, "receivers[1].webhook_configs"));
    assert_string_equal(json_path_str(config, "global.resolve_timeout"), "5m");
    assert_int_equal(fake_cluster_writes(&r.inside, "PUT"), 1);
}

static void what_has_no_such_receiver_stays(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    add_config(&r, "receivers:\n- name: Default\n");

    inside_rig_must(&r, cluster_disable_alertmanager_warning);

    fake_cluster_must_not_write(&r.inside);
}

static void what_cannot_be_read_is_named(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    inside_rig_open(&r, "{}");
    add_config(&r, "receivers: [");

    assert_int_equal(cluster_disable_alertmanager_warning(r.c, r.ctx, &err), -1);

    assert_non_null(strstr(error_text(err), "alertmanager.yaml"));
    fake_cluster_must_not_write(&r.inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the empty receiver gets an address", the_empty_receiver_gets_an_address),
        CASE("what has no such receiver stays", what_has_no_such_receiver_stays),
        CASE("what cannot be read is named", what_cannot_be_read_is_named),
    };
    return RUN_CASES("alertmanager", tests);
}
