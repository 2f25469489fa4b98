/* Where a configuration comes from. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/config.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

#define CONFIG(server) \
    "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n" \
    "clusters: [{name: k, cluster: {server: 'https://" server "'}}]\n"

struct fixture {
    struct fake_env env;
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    char *dir;
    struct kube_config_options opt;
};

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    fake_env_init(&f->env);
    fake_clock_init(&f->clock);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->dir = temp_dir_give();
    f->opt = (struct kube_config_options){ .env = &f->env.base, .log = &f->log };
    fake_env_set(&f->env, "HOME", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    temp_dir_free(f->dir);
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
    fake_env_release(&f->env);
    free(f);
    return 0;
}

static void write_file(struct fixture *f, const char *name, const char *text)
{
    free(temp_dir_write(f->dir, name, text));
}

/* KUBECONFIG, with a percent sign for the folder. */
static void set_list(struct fixture *f, const char *list)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, list, "%", true);
    cleanup_free char *text = strv_give_joined(&parts, f->dir);
    fake_env_set(&f->env, "KUBECONFIG", text);
}

static void assert_server(struct fixture *f, const char *want)
{
    cleanup_kube_config struct kube_config *cfg = NULL;
    cleanup_error struct error *err = NULL;
    if (kube_config_load(&f->opt, &cfg, &err) < 0)
        fail_msg("%s", error_text(err));
    assert_string_equal(cfg->server, want);
}

static void assert_failure(struct fixture *f, const char *text)
{
    struct kube_config *cfg = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(kube_config_load(&f->opt, &cfg, &err), -1);
    if (!strstr(error_text(err), text))
        fail_msg("no '%s' in: %s", text, error_text(err));
}

static void test_explicit(void **state)
{
    struct fixture *f = *state;
    write_file(f, "one", CONFIG("one"));
    write_file(f, "two", CONFIG("two"));
    set_list(f, "%/two");
    cleanup_free char *path = xasprintf("%s/one", f->dir);
    f->opt.path = path;
    assert_server(f, "https://one");
}

static void test_explicit_missing(void **state)
{
    struct fixture *f = *state;
    write_file(f, ".kube/config", CONFIG("home"));
    f->opt.path = "/nonexistent/config";
    assert_failure(f, "/nonexistent/config");
}

static void test_list(void **state)
{
    struct fixture *f = *state;
    write_file(f, "one", "current-context: c\n");
    write_file(f, "two", CONFIG("two"));
    set_list(f, "::%/missing:%/one:%/two:%/one:");
    assert_server(f, "https://two");
    assert_int_equal(log_capture_len(&f->capture), 0);
}

static void test_list_faults(void **state)
{
    struct fixture *f = *state;
    write_file(f, "bad", "[");
    write_file(f, "good", CONFIG("good"));
    write_file(f, "worse", "kind: Pod");
    set_list(f, "%/bad:%/good:%/worse");
    assert_failure(f, "/bad");
    assert_failure(f, "/worse");
}

static void test_directory_in_list(void **state)
{
    struct fixture *f = *state;
    write_file(f, "good", CONFIG("good"));
    set_list(f, "%:%/good");
    assert_failure(f, f->dir);
}

static void test_all_missing(void **state)
{
    struct fixture *f = *state;
    write_file(f, ".kube/config", CONFIG("home"));
    set_list(f, "%/a:%/b");
    assert_failure(f, "no configuration"); /* home is not meant */
    assert_int_equal(log_capture_len(&f->capture), 1);
    assert_true(log_capture_has(&f->capture, "level=warning"));
}

static void test_home(void **state)
{
    struct fixture *f = *state;
    write_file(f, ".kube/config", CONFIG("home"));
    assert_server(f, "https://home");
    fake_env_set(&f->env, "KUBECONFIG", "");
    assert_server(f, "https://home");
}

static void test_nothing(void **state)
{
    struct fixture *f = *state;
    assert_failure(f, "no configuration");
    fake_env_set(&f->env, "HOME", NULL);
    assert_failure(f, "no configuration");
    assert_int_equal(log_capture_len(&f->capture), 0);
}

static void test_broken_home(void **state)
{
    struct fixture *f = *state;
    write_file(f, ".kube/config", "[");
    assert_failure(f, ".kube/config");
}

static void test_cluster_before_home(void **state)
{
    struct fixture *f = *state;
    write_file(f, ".kube/config", CONFIG("home"));
    fake_env_set(&f->env, "KUBERNETES_SERVICE_HOST", "10.0.0.1");
    fake_env_set(&f->env, "KUBERNETES_SERVICE_PORT", "443");
    assert_failure(f, "token"); /* in a cluster, but not in a pod of ours */
    f->opt.server = "https://mine";
    assert_server(f, "https://mine");
}

static void test_kubeconfig_before_cluster(void **state)
{
    struct fixture *f = *state;
    write_file(f, "one", CONFIG("one"));
    set_list(f, "%/one");
    fake_env_set(&f->env, "KUBERNETES_SERVICE_HOST", "10.0.0.1");
    fake_env_set(&f->env, "KUBERNETES_SERVICE_PORT", "443");
    assert_server(f, "https://one");
}

static void test_overrides(void **state)
{
    struct fixture *f = *state;
    write_file(f, ".kube/config", CONFIG("home"));
    f->opt.nspace = "mine";
    f->opt.token = "t";
    cleanup_kube_config struct kube_config *cfg = NULL;
    assert_int_equal(kube_config_load(&f->opt, &cfg, NULL), 0);
    assert_string_equal(cfg->nspace, "mine");
    assert_string_equal(secret_reveal(cfg->token, NULL), "t");
    f->opt.context = "other";
    assert_failure(f, "context 'other' does not exist");
}

#define DIR_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        DIR_CASE("an explicit path beats KUBECONFIG", test_explicit),
        DIR_CASE("an explicit path that is missing is an error", test_explicit_missing),
        DIR_CASE("KUBECONFIG is a list; empty, repeated and missing members are skipped",
                 test_list),
        DIR_CASE("faults of several members are told together", test_list_faults),
        DIR_CASE("a folder among the members is an error", test_directory_in_list),
        DIR_CASE("one warning when all members are missing", test_all_missing),
        DIR_CASE("without KUBECONFIG the file at home is read", test_home),
        DIR_CASE("without any source there is no configuration, and no warning", test_nothing),
        DIR_CASE("a broken file at home is an error", test_broken_home),
        DIR_CASE("the cluster around us comes before the file at home, unless a server is given",
                 test_cluster_before_home),
        DIR_CASE("KUBECONFIG comes before the cluster around us", test_kubeconfig_before_cluster),
        DIR_CASE("overrides apply to what was loaded", test_overrides),
    };
    return RUN_CASES("config", tests);
}
