#include <string.h>

#include "operator/deploy/ignition.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void a_file(void **state)
{
    (void)state;
    cleanup_json json *file = ignition_give_file("/etc/x", 0644, "a b\n", 4);
    cleanup_json json *want =
        json_make("{'path':'/etc/x','mode':420,'overwrite':true,'user':{'name':'root'},"
                  "'contents':{'source':'data:text/plain;charset=utf-8;base64,YSBiCg=='}}");

    assert_true(json_equal(file, want));
}

static void a_script(void **state)
{
    (void)state;
    json *made = NULL;

    assert_int_equal(
        ignition_give_script("/usr/local/bin/x", "dnsmasq/aro-dnsmasq-pre.sh", &made, NULL), 0);

    cleanup_json json *script = made;
    assert_string_equal(json_path_str(script, "path"), "/usr/local/bin/x");
    assert_int_equal(json_path_int(script, "mode", 0), 0744);
}

static void a_config(void **state)
{
    (void)state;
    cleanup_json json *files = json_make("[{'path':'/etc/x'}]");
    json *made = NULL;

    assert_int_equal(
        ignition_give_config(files, "x.service", "dnsmasq/dnsmasq.service", &made, NULL), 0);

    cleanup_json json *all = ignition_take_machineconfig("99-a-x", "a", made);
    assert_string_equal(json_path_str(all, "metadata.name"), "99-a-x");
    assert_string_equal(
        json_path_str(all, "metadata.labels[\"machineconfiguration.openshift.io/role\"]"), "a");
    assert_string_equal(json_path_str(all, "spec.config.ignition.version"), "3.2.0");
    assert_string_equal(json_path_str(all, "spec.config.storage.files[0].path"), "/etc/x");
    assert_string_equal(json_path_str(all, "spec.config.systemd.units[0].name"), "x.service");
    assert_true(json_path_bool(all, "spec.config.systemd.units[0].enabled", false));
    assert_non_null(strstr(json_path_str(all, "spec.config.systemd.units[0].contents"), "[Unit]"));
    assert_int_equal(json_len(files), 1);
}

static void what_is_not_there(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    cleanup_json json *files = json_new_array();
    json *made = NULL;

    assert_int_equal(ignition_give_script("/x", "no/such", &made, &err), -1);
    assert_string_equal(error_text(err), "no/such is not part of this build");
    error_clear(&err);
    assert_int_equal(ignition_give_config(files, "x.service", "no/such", &made, &err), -1);
    assert_null(made);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a file is root's, and whole", a_file),
        CASE("a script may run", a_script),
        CASE("a MachineConfig has files and a unit", a_config),
        CASE("what is not part of the build is told", what_is_not_there),
    };
    return RUN_CASES("ignition", tests);
}
