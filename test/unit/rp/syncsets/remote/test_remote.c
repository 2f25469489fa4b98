/* The pool of remotes, and who may change what. */
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/remote/remote_impl.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

static struct sets_remote *get(struct apply_rig *r, const char *uid, const char *ip)
{
    struct sets_target target;
    struct sets_remote *remote = NULL;
    struct error *err = NULL;
    rig_target(r, &target);
    target.uid = uid;
    target.api_server_ip_override = ip;
    if (sets_remotes_get(r->remotes, &target, &remote, &err) < 0)
        fail_msg("%s", error_text(err));
    return remote;
}

static void the_same_is_given_again(void **state)
{
    struct apply_rig *r = *state;
    struct sets_remote *a = get(r, "x", NULL), *b = get(r, "x", NULL);
    assert_ptr_equal(a, b);
    sets_remote_put(b);
    sets_remote_put(a);
    b = get(r, "x", NULL);
    assert_ptr_equal(a, b);
    sets_remote_put(b);
}

static void another_is_made_of_other_facts(void **state)
{
    struct apply_rig *r = *state;
    struct sets_remote *a = get(r, "y", NULL);
    struct sets_remote *b = get(r, "y", "127.0.0.1");
    assert_ptr_not_equal(a, b);
    assert_false(a->listed);
    assert_true(b->listed);
    sets_remote_put(a); /* the last user of what left the list frees it */
    sets_remote_put(b);
}

static void what_nobody_uses_goes_when_memory_is_short(void **state)
{
    struct apply_rig *r = *state;
    struct sets_remotes_config cfg = { .http = r->http,
                                       .clock = clock_system(),
                                       .rng = rng_system(),
                                       .env = &r->env.base,
                                       .max_bytes = 1 };
    struct sets_remotes *small;
    assert_int_equal(sets_remotes_new(&cfg, &small, NULL), 0);
    struct sets_target target;
    struct sets_remote *a, *b;
    rig_target(r, &target);
    target.uid = "a";
    assert_int_equal(sets_remotes_get(small, &target, &a, NULL), 0);
    target.uid = "b";
    assert_int_equal(sets_remotes_get(small, &target, &b, NULL), 0);
    assert_true(sets_remotes_bytes(small) > 1);

    sets_remote_put(b);
    assert_int_equal(sets_remotes_bytes(small), a->bytes);
    sets_remote_put(a);

    assert_int_equal(sets_remotes_bytes(small), 0);
    sets_remotes_free(small);
}

static int refuse(void *arg, struct error **err)
{
    ++*(int *)arg;
    return error_set(err, ERR_CONFLICT, "not now");
}

static void changes_are_asked_for(void **state)
{
    struct apply_rig *r = *state;
    int asked = 0;
    struct sets_guard guard = { refuse, &asked };
    cleanup_free char *path = xasprintf("/api/v1/namespaces/%s", r->ns);
    struct kube_ref ref = { .gvr = &GVR_NAMESPACES, .name = r->ns };
    const struct sets_guard *const guards[] = { &guard, NULL };
    for (size_t i = 0; i < ARRAY_LEN(guards); i++) {
        struct kube_client *k;
        cleanup_error struct error *err = NULL;
        assert_int_equal(sets_remote_begin(r->remote, &r->ctx, guards[i], &k, NULL), 0);
        assert_int_equal(kube_get(k, &r->ctx, &ref, NULL, NULL), 0);
        assert_int_equal(asked, i);
        assert_int_equal(kube_delete(k, &r->ctx, &ref, NULL, &err), -1);
        assert_string_equal(error_text(err),
                            i == 0 ? "not now" : "a change of a cluster that nobody answers for");
        sets_remote_end(r->remote);
        assert_int_equal(asked, 1);
    }
    cleanup_json json *still = rig_get(r, path);
    assert_non_null(still);
}

static double answered(struct metrics *metrics, const char *controller, const char *resource,
                       const char *status)
{
    struct remote_requests q;
    remote_requests_init(&q, metrics);
    return metric_get(q.all, METRIC_LABELS(controller, "GET", resource, "true", status));
}

static void requests_count_as_of_who_sends_them(void **state)
{
    struct apply_rig *r = *state;
    cleanup_metrics struct metrics *metrics = metrics_new();
    const struct sets_remotes_config cfg = { .http = r->http,
                                             .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = &r->env.base,
                                             .metrics = metrics,
                                             .dial_allowed = "127.0.0.0/8, ::1" };
    struct sets_remotes *counted;
    struct sets_remote *remote;
    struct sets_target target;
    struct kube_client *k;
    cleanup_sets_probe struct sets_probe p;
    assert_int_equal(sets_remotes_new(&cfg, &counted, NULL), 0);
    rig_target(r, &target);
    assert_int_equal(sets_remotes_get(counted, &target, &remote, NULL), 0);

    assert_int_equal(sets_remote_begin(remote, &r->ctx, NULL, &k, NULL), 0);
    assert_int_equal(kube_get(k, &r->ctx, KUBE_REF(&GVR_NAMESPACES, NULL, r->ns), NULL, NULL), 0);
    sets_remote_end(remote);
    assert_int_equal(sets_remote_probe(remote, &r->ctx, &p, NULL), 0);

    const char *versions = "config.openshift.io/v1/clusterversions";
    assert_true(answered(metrics, "clustersync", "core/v1/namespaces", "200 OK") == 1);
    assert_true(answered(metrics, "unreachable", "core/v1/namespaces", "200 OK") == 0);
    assert_true(answered(metrics, "unreachable", versions, "200 OK") +
                    answered(metrics, "unreachable", versions, "404 Not Found") ==
                1);
    sets_remote_put(remote);
    sets_remotes_free(counted);
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("the same is given again", the_same_is_given_again),
        FRESH("another is made of other facts", another_is_made_of_other_facts),
        FRESH("what nobody uses goes when memory is short",
              what_nobody_uses_goes_when_memory_is_short),
        FRESH("changes are asked for", changes_are_asked_for),
        FRESH("requests count as of who sends them", requests_count_as_of_who_sends_them),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
