#include <string.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/kube/config.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/test.h"

#define ACCOUNT "var/run/secrets/kubernetes.io/serviceaccount/"

struct fixture {
    struct fake_env env;
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    char *root, *ca;
    struct kube_config *cfg;
};

static void write_account(struct fixture *f, const char *name, const char *text)
{
    cleanup_free char *path = xasprintf(ACCOUNT "%s", name);
    free(temp_dir_write(f->root, path, text));
}

static void remove_account(struct fixture *f, const char *name)
{
    cleanup_free char *path = xasprintf("%s/" ACCOUNT "%s", f->root, name);
    assert_int_equal(unlink(path), 0);
}

static char *give_authority(void)
{
    char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    struct x509_request req = { .common_name = "ca",
                                .is_ca = true,
                                .not_before_wall_ns = FAKE_WALL_NS,
                                .not_after_wall_ns = FAKE_WALL_NS + 3600 * NS_PER_S };
    assert_int_equal(x509_make(&req, &cert, &key, NULL), 0);
    return cert;
}

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    fake_env_init(&f->env);
    fake_clock_init(&f->clock);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->root = temp_dir_give();
    f->ca = give_authority();
    fake_env_set(&f->env, "KUBERNETES_SERVICE_HOST", "10.0.0.1");
    fake_env_set(&f->env, "KUBERNETES_SERVICE_PORT", "443");
    write_account(f, "token", " t0ken\n");
    write_account(f, "ca.crt", f->ca);
    write_account(f, "namespace", "openshift-azure-operator\n");
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    kube_config_free(f->cfg);
    free(f->ca);
    temp_dir_free(f->root);
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
    fake_env_release(&f->env);
    free(f);
    return 0;
}

static int load(struct fixture *f, struct error **err)
{
    cleanup_free char *root = xasprintf("%s/", f->root);
    root[strlen(root) - 1] = '\0';
    return kube_config_in_cluster(&f->env.base, root, &f->log, &f->cfg, err);
}

static void test_all_there(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(load(f, NULL), 0);
    assert_string_equal(f->cfg->server, "https://10.0.0.1:443");
    assert_string_equal(f->cfg->nspace, "openshift-azure-operator");
    assert_string_equal(f->cfg->ca_pem, f->ca);
    assert_string_equal(secret_reveal(f->cfg->token, NULL), "t0ken");
    assert_true(f->cfg->in_cluster);
    cleanup_free char *token_file = xasprintf("%s/" ACCOUNT "token", f->root);
    cleanup_free char *ca_file = xasprintf("%s/" ACCOUNT "ca.crt", f->root);
    assert_string_equal(f->cfg->token_file, token_file);
    assert_string_equal(f->cfg->ca_file, ca_file);
}

static void test_not_in_cluster(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = { "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT" };
    static const char *const values[] = { NULL, "" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        for (size_t j = 0; j < ARRAY_LEN(values); j++) {
            cleanup_error struct error *err = NULL;
            fake_env_set(&f->env, "KUBERNETES_SERVICE_HOST", "h");
            fake_env_set(&f->env, "KUBERNETES_SERVICE_PORT", "1");
            fake_env_set(&f->env, names[i], values[j]);
            assert_int_equal(load(f, &err), -1);
            assert_int_equal(error_kind(err), ERR_NOT_FOUND);
        }
    }
}

static void test_ipv6(void **state)
{
    struct fixture *f = *state;
    fake_env_set(&f->env, "KUBERNETES_SERVICE_HOST", "fd00::1");
    assert_int_equal(load(f, NULL), 0);
    assert_string_equal(f->cfg->server, "https://[fd00::1]:443");
}

static void test_no_token(void **state)
{
    struct fixture *f = *state;
    remove_account(f, "token");
    cleanup_error struct error *err = NULL;
    assert_int_equal(load(f, &err), -1);
    assert_int_equal(error_kind(err), ERR_IO); /* not "not in a cluster" */
    assert_non_null(strstr(error_text(err), "token"));
}

static void test_empty_token(void **state)
{
    struct fixture *f = *state;
    write_account(f, "token", " \n");
    assert_int_equal(load(f, NULL), -1);
}

static void test_no_authority(void **state)
{
    struct fixture *f = *state;
    remove_account(f, "ca.crt");
    assert_int_equal(load(f, NULL), 0);
    assert_null(f->cfg->ca_pem);
    assert_null(f->cfg->ca_file);
    assert_true(log_capture_has(&f->capture, "level=warning"));
}

static void test_bad_authority(void **state)
{
    struct fixture *f = *state;
    write_account(f, "ca.crt", "nonsense");
    assert_int_equal(load(f, NULL), 0);
    assert_null(f->cfg->ca_pem);
    assert_int_equal(log_capture_len(&f->capture), 1);
}

static void test_pod_namespace(void **state)
{
    struct fixture *f = *state;
    fake_env_set(&f->env, "POD_NAMESPACE", "from-env");
    assert_int_equal(load(f, NULL), 0);
    assert_string_equal(f->cfg->nspace, "from-env");
}

static void test_no_namespace(void **state)
{
    struct fixture *f = *state;
    remove_account(f, "namespace");
    fake_env_set(&f->env, "POD_NAMESPACE", "");
    assert_int_equal(load(f, NULL), 0);
    assert_string_equal(f->cfg->nspace, "default");
}

#define POD_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        POD_CASE("server, token, authority and namespace of a pod", test_all_there),
        POD_CASE("without host or port we are not in a cluster", test_not_in_cluster),
        POD_CASE("an IPv6 address gets brackets", test_ipv6),
        POD_CASE("a missing token is an error of another kind", test_no_token),
        POD_CASE("an empty token is an error", test_empty_token),
        POD_CASE("a missing authority is logged and done without", test_no_authority),
        POD_CASE("an authority without certificates is logged and done without",
                 test_bad_authority),
        POD_CASE("POD_NAMESPACE beats the file", test_pod_namespace),
        POD_CASE("without any namespace it is default", test_no_namespace),
    };
    return RUN_CASES("config_pod", tests);
}
