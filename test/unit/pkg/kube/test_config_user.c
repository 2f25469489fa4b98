/* Users whose certificates, keys and plugins are files; the rest is in test_config_build.c. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/config_impl.h"
#include "test/unit/support/pkg/kube/config_text.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

static char *give_user(const char *dir, const char *text, struct error **err)
{
    cleanup_json json *body = NULL;
    assert_int_equal(json_parse(text, strlen(text), &body, NULL), 0);
    struct problems problems = { 0 };
    struct config_source user = {
        .problems = &problems, .body = body, .dir = dir, .what = "user", .name = "u"
    };
    cleanup_kube_config struct kube_config *c = xnew(struct kube_config);
    config_read_user(&user, c);
    if (problems.all) {
        error_move(err, &problems.all);
        return NULL;
    }
    return give_config_text(c);
}

static void test_files_are_read(void **state)
{
    (void)state;
    char *dir = temp_dir_give();
    cleanup_free char *cert = temp_dir_write(dir, "pki/cert", "CERT");
    cleanup_free char *key = temp_dir_write(dir, "key", "KEY");

    cleanup_free char *got =
        give_user(dir, "{\"client-certificate\":\"pki/cert\",\"client-key\":\"key\"}", NULL);

    cleanup_free char *want =
        xasprintf("cert=CERT\ncert_file=%s\nkey=KEY\nkey_file=%s\n", cert, key);
    assert_string_equal(got, want);
    temp_dir_free(dir);
}

static void test_data_and_file_may_be_mixed(void **state)
{
    (void)state;
    char *dir = temp_dir_give();
    cleanup_free char *key = temp_dir_write(dir, "key", "KEY");

    cleanup_free char *got =
        give_user(dir, "{\"client-certificate-data\":\"QQ==\",\"client-key\":\"key\"}", NULL);

    cleanup_free char *want = xasprintf("cert=A\nkey=KEY\nkey_file=%s\n", key);
    assert_string_equal(got, want);
    temp_dir_free(dir);
}

static void test_commands(void **state)
{
    (void)state;
#define EXEC(command) \
    "{\"exec\":{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"command\":\"" command \
    "\"}}"
#define WANT(command) \
    "exec=" command "\nexec.version=client.authentication.k8s.io/v1beta1\nexec.mode=IfAvailable\n"
    cleanup_free char *on_path = give_user("/dir", EXEC("get-token"), NULL);
    cleanup_free char *relative = give_user("/dir", EXEC("bin/get-token"), NULL);
    cleanup_free char *absolute = give_user("/dir", EXEC("/bin/get-token"), NULL);
    assert_string_equal(on_path, WANT("get-token"));
    assert_string_equal(relative, WANT("/dir/bin/get-token"));
    assert_string_equal(absolute, WANT("/bin/get-token"));
}

static void test_unreadable_files(void **state)
{
    (void)state;
    cleanup_error struct error *err = NULL;
    assert_null(
        give_user("/nonexistent", "{\"client-certificate\":\"c\",\"client-key\":\"k\"}", &err));
    assert_non_null(strstr(error_text(err), "/nonexistent/c"));
    assert_non_null(strstr(error_text(err), "/nonexistent/k"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("certificate and key are read from beside the kubeconfig", test_files_are_read),
        CASE("a certificate may be data and its key a file", test_data_and_file_may_be_mixed),
        CASE("a command with a slash is relative to the kubeconfig, one without is on PATH",
             test_commands),
        CASE("every unreadable file is told", test_unreadable_files),
    };
    return RUN_CASES("config_user", tests);
}
