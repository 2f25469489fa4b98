#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/remote/remote_impl.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

static void probe(struct apply_rig *r, const struct sets_target *target, struct sets_probe *ret)
{
    struct sets_remote *remote;
    struct error *err = NULL;
    if (sets_remotes_get(r->remotes, target, &remote, &err) < 0 ||
        sets_remote_probe(remote, &r->ctx, ret, &err) < 0)
        fail_msg("%s", error_text(err));
    sets_remote_put(remote);
}

static void a_cluster_that_answers_is_reachable(void **state)
{
    struct apply_rig *r = *state;
    struct sets_target target;
    cleanup_sets_probe struct sets_probe p;
    rig_target(r, &target);
    probe(r, &target, &p);
    assert_true(p.reachable);
    assert_int_equal(p.access, SETS_ACCESS_OK);
    assert_string_equal(p.reason, SETS_REASON_REACHABLE);
    assert_false(p.has_override);
}

/* The first that somebody tries often is. */
static void one_of_this_machine_tells_how_to_reach_it(void **state)
{
    struct apply_rig *r = *state;
    const struct sets_remotes_config cfg = {
        .http = r->http, .clock = clock_system(), .rng = rng_system(), .env = &r->env.base
    };
    struct sets_remotes *all, *others = r->remotes;
    struct sets_target target;
    cleanup_sets_probe struct sets_probe p;
    rig_target(r, &target);
    assert_int_equal(sets_remotes_new(&cfg, &all, NULL), 0);
    r->remotes = all;
    probe(r, &target, &p);
    r->remotes = others;
    sets_remotes_free(all);
    assert_false(p.reachable);
    assert_non_null(strstr(p.message, "may not be dialled unless SYNCSETS_DIAL_ALLOWED has its"));
}

static void refusals_are_answers(void **state)
{
    struct apply_rig *r = *state;
    static const struct {
        int status;
        enum sets_probe_access access;
        bool reachable;
    } cases[] = { { 401, SETS_ACCESS_UNAUTHORIZED, true },
                  { 403, SETS_ACCESS_FORBIDDEN, true },
                  { 500, SETS_ACCESS_OK, false } };
    struct sets_target target;
    rig_target(r, &target);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_sets_probe struct sets_probe p;
        rig_fail_requests(r, "GET", "/api", cases[i].status, 1);
        probe(r, &target, &p);
        assert_int_equal(p.reachable, cases[i].reachable);
        assert_int_equal(p.access, cases[i].access);
    }
}

static void the_override_comes_first_and_its_failure_second(void **state)
{
    struct apply_rig *r = *state;
    struct sets_target target;
    cleanup_sets_probe struct sets_probe good, bad;
    const char *host = r->cfg->server + strlen("https://");
    rig_target(r, &target);
    target.uid = "good";
    target.api_url_override = host;
    probe(r, &target, &good);
    assert_true(good.has_override && good.override_answers && good.reachable);

    target.uid = "bad";
    target.api_url_override = "127.0.0.1:1";
    probe(r, &target, &bad);
    assert_true(bad.has_override && bad.reachable);
    assert_false(bad.override_answers);

    struct sets_remote *remote; /* what was found out is told again with the target */
    target.use_secondary = true;
    assert_int_equal(sets_remotes_get(r->remotes, &target, &remote, NULL), 0);
    assert_string_equal(remote_active(remote)->cfg->server, r->cfg->server);
    sets_remote_put(remote);
}

static void who_does_not_answer_is_told_without_what_varies(void **state)
{
    struct apply_rig *r = *state;
    struct sets_target target;
    cleanup_sets_probe struct sets_probe p;
    const char *at = strstr(r->kubeconfig, r->cfg->server);
    cleanup_free char *nobody = xasprintf("%.*shttps://127.0.0.1:1%s", (int)(at - r->kubeconfig),
                                          r->kubeconfig, at + strlen(r->cfg->server));
    rig_target(r, &target);
    target.uid = "nobody";
    target.kubeconfig = nobody;
    target.kubeconfig_len = strlen(nobody);
    probe(r, &target, &p);
    assert_false(p.reachable);
    assert_string_equal(p.reason, SETS_REASON_UNREACHABLE);
    assert_non_null(strstr(p.message, "https://127.0.0.1:1"));
    assert_null(strstr(p.message, " ms"));
}

static void a_knock_wants_an_answer_of_any_kind(void **state)
{
    struct apply_rig *r = *state;
    struct sets_target target;
    struct sets_remote *remote;
    cleanup_error struct error *err = NULL;
    rig_target(r, &target);
    assert_int_equal(sets_remotes_get(r->remotes, &target, &remote, NULL), 0);
    assert_int_equal(sets_remote_knock(remote, &r->ctx, NULL), 0);
    rig_fail_requests(r, "GET", "/api", 403, 1);
    assert_int_equal(sets_remote_knock(remote, &r->ctx, NULL), 0);
    sets_remote_put(remote);

    target.uid = "nobody"; /* where nothing listens */
    target.api_url_override = "127.0.0.1:1";
    assert_int_equal(sets_remotes_get(r->remotes, &target, &remote, NULL), 0);
    assert_int_equal(sets_remote_knock(remote, &r->ctx, &err), -1);
    assert_true(sets_is_unreachable(err));
    sets_remote_put(remote);
}

static void a_fake_cluster_needs_no_network(void **state)
{
    struct apply_rig *r = *state;
    struct sets_target target = {
        .uid = "fake", .kubeconfig = "foobar", .kubeconfig_len = 6, .fake = true
    };
    cleanup_sets_probe struct sets_probe p;
    probe(r, &target, &p);
    assert_true(p.reachable);
    assert_int_equal(rig_count(r).gets, 0);
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("a cluster that answers is reachable", a_cluster_that_answers_is_reachable),
        FRESH("one of this machine tells how to reach it",
              one_of_this_machine_tells_how_to_reach_it),
        FRESH("refusals are answers", refusals_are_answers),
        FRESH("the override comes first, and its failure second",
              the_override_comes_first_and_its_failure_second),
        FRESH("who does not answer is told without what varies",
              who_does_not_answer_is_told_without_what_varies),
        FRESH("a knock wants an answer of any kind", a_knock_wants_an_answer_of_any_kind),
        FRESH("a fake cluster needs no network", a_fake_cluster_needs_no_network),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
