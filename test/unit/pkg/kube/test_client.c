#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/version.h"
#include "pkg/kube/client.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#if defined(__x86_64__)
#define PLATFORM "(linux/amd64)"
#elif defined(__aarch64__)
#define PLATFORM "(linux/arm64)"
#else
#define PLATFORM "(linux/"
#endif

static char *give_user_agent(const char *name, const char *suffix)
{
    const struct script_step step = { 0 };
    struct kube_fixture f;
    kube_fixture_init(&f, &step, 1);
    f.transport.hidden = NULL;
    f.options.user_agent = name;
    f.options.user_agent_suffix = suffix;
    kube_fixture_start(&f);
    cleanup_response struct http_response r = { 0 };
    assert_int_equal(kube_send_raw(f.client, &f.ctx,
                                   &(struct kube_raw){ .method = "GET", .path = "/x" }, &r, NULL),
                     0);
    const char *line = strstr(f.transport.requests.v[0], "User-Agent: ");
    assert_non_null(line);
    char *text = xstrndup(line + 12, strcspn(line + 12, "\n"));
    kube_fixture_finish(&f);
    return text;
}

static void test_user_agent(void **state)
{
    (void)state;
    cleanup_free char *got = give_user_agent("aro-operator-master", NULL);
    cleanup_free char *want = xasprintf("aro-operator-master/%s " PLATFORM " kubernetes/%.7s",
                                        version_commit(), version_commit());
    assert_string_equal(got, want);
}

static void test_user_agent_suffix(void **state)
{
    (void)state;
    cleanup_free char *got = give_user_agent(NULL, "leader-election");
    cleanup_free char *want = xasprintf("aro/%s " PLATFORM " kubernetes/%.7s/leader-election",
                                        version_commit(), version_commit());
    assert_string_equal(got, want);
}

static void test_namespace(void **state)
{
    (void)state;
    struct kube_fixture f;
    kube_fixture_init(&f, NULL, 0);
    kube_fixture_start(&f);
    assert_string_equal(kube_client_namespace(f.client), "default");
    kube_fixture_finish(&f);
}

static void test_bad_server(void **state)
{
    (void)state;
    char *const servers[] = { NULL, (char[]){ "" }, (char[]){ "api.test:6443" },
                              (char[]){ "ftp://api.test" } };
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        struct kube_fixture f;
        kube_fixture_init(&f, NULL, 0);
        f.cfg.server = servers[i];
        cleanup_error struct error *err = NULL;
        assert_int_equal(
            kube_client_new_over(&f.transport.base, &f.cfg, &f.options, &f.client, &err), -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
        assert_null(f.client);
        kube_fixture_finish(&f);
    }
}

static void test_default_limit(void **state)
{
    (void)state;
    struct script_step steps[101] = { { 0 } };
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.options.qps = 0;
    kube_fixture_start(&f);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        cleanup_response struct http_response r = { 0 };
        kube_send_raw(f.client, &f.ctx, &(struct kube_raw){ .method = "GET", .path = "/x" }, &r,
                      NULL);
        int64_t waited_ms = (clock_mono_ns(&f.clock.base) - FAKE_MONO_NS) / NS_PER_MS;
        assert_int_equal(waited_ms, i < 100 ? 0 : 20);
    }
    kube_fixture_finish(&f);
}

static void test_free_null(void **state)
{
    (void)state;
    kube_client_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("the user agent names program, version, platform and commit", test_user_agent),
        CASE("the user agent of the leader election has a suffix", test_user_agent_suffix),
        CASE("a client knows its namespace", test_namespace),
        CASE("a server that is no HTTP URL is refused", test_bad_server),
        CASE("the default limit is 50 a second, 100 at once", test_default_limit),
        CASE("freeing nothing is allowed", test_free_null),
    };
    return RUN_CASES("client", tests);
}
