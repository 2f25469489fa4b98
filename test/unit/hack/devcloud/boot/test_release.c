#include <string.h>

#include "hack/devcloud/boot/release.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/boot_files.h"

static const json *find(const json *list, const char *api_version, const char *kind,
                        const char *name)
{
    for (size_t i = 0; i < json_len(list); i++) {
        const json *o = json_at(list, i);
        if (strcmp(json_path_str(o, "apiVersion"), api_version) == 0 &&
            strcmp(json_path_str(o, "kind"), kind) == 0 &&
            strcmp(json_path_str(o, "metadata.name"), name) == 0)
            return o;
    }
    return NULL;
}

static struct bootstrap *give_bootstrap(void)
{
    cleanup_boot_files struct boot_files f;
    boot_files_init(&f);
    return boot_files_give_bootstrap(&f);
}

static void kinds(void **state)
{
    (void)state;
    cleanup_json json *all = release_give_kinds();

    static const char *const names[] = { "machines.machine.openshift.io",
                                         "clusteroperators.config.openshift.io",
                                         "users.user.openshift.io", "routes.route.openshift.io" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_non_null(find(all, "apiextensions.k8s.io/v1", "CustomResourceDefinition", names[i]));
}

static void names_are_the_clusters(void **state)
{
    (void)state;
    cleanup_bootstrap struct bootstrap *b = give_bootstrap();
    cleanup_json json *all = release_give_objects(b);
    cleanup_free char *text = json_give_text(all);

    const json *console = find(all, "config.openshift.io/v1", "Console", "cluster");
    assert_string_equal(json_path_str(console, "status.consoleURL"),
                        "https://console-openshift-console.apps." BOOT_DOMAIN);
    const json *version = find(all, "config.openshift.io/v1", "ClusterVersion", "version");
    assert_string_equal(json_path_str(version, "status.desired.version"), "4.15.9");
    assert_null(strstr(text, "aro-x7k2p"));
    assert_null(strstr(text, "eastus.aroapp.io"));
}

static void the_installer_comes_first(void **state)
{
    (void)state;
    cleanup_bootstrap struct bootstrap *b = give_bootstrap();

    cleanup_json json *all = release_give_all(b);

    const json *version = find(all, "config.openshift.io/v1", "ClusterVersion", "version");
    assert_string_equal(json_path_str(version, "spec.channel"), "stable-4.16");
    assert_string_equal(json_path_str(version, "status.desired.version"), "4.15.9");
    const json *infra = find(all, "config.openshift.io/v1", "Infrastructure", "cluster");
    assert_string_equal(json_path_str(infra, "status.infrastructureName"), BOOT_INFRA);
    assert_non_null(find(all, "operator.openshift.io/v1", "DNS", "default"));
    assert_string_equal(json_path_str(json_at(all, 0), "kind"),
                        json_path_str(json_at(b->manifests, 0), "kind"));
    for (size_t i = 0, machines = 0; i < json_len(all); i++) {
        machines += strcmp(json_path_str(json_at(all, i), "kind"), "Machine") == 0;
        assert_true(machines <= 3); /* those of the installer, not those of the fixture */
    }
}

/* Otherwise a router would seem to have one that nobody gave it. */
static void addresses_are_the_clouds_to_give(void **state)
{
    (void)state;
    cleanup_bootstrap struct bootstrap *b = give_bootstrap();
    cleanup_json json *all = release_give_objects(b);

    const json *router = find(all, "v1", "Service", "router-default");

    assert_string_equal(json_path_str(router, "spec.type"), "LoadBalancer");
    assert_false(json_has(router, "status"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the kinds of OpenShift come with a release", kinds),
        CASE("objects have the names of the cluster", names_are_the_clusters),
        CASE("Services have no address yet", addresses_are_the_clouds_to_give),
        CASE("the installer's manifests are kept, and completed", the_installer_comes_first),
    };
    return RUN_CASES("release", tests);
}
