#include <string.h>

#include "operator/controllers/internetchecker.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/operator_fixture.h"
#include "test/unit/support/test.h"

#define ON "'operatorflags':{'aro.checker.enabled':'true'},"
#define OFF "'operatorflags':{'aro.checker.enabled':'false'},"
#define GET_CLUSTER \
    "GET https://api.test:6443/apis/aro.openshift.io/v1alpha1/clusters/cluster\nAccept: " \
    "application/json\n"

/* What the last request, the PUT of the status, says about a condition: "status reason message". */
static char *give_written(struct operator_fixture *f, const char *type)
{
    const char *body =
        strstr(f->kube.transport.requests.v[f->kube.transport.requests.len - 1], "\n\n");
    assert_non_null(body);
    cleanup_json json *cluster = give_tree(body + 2);
    json *c = condition_find(cluster, type);
    assert_non_null(c);
    const char *reason = json_path_str(c, "reason"), *message = json_path_str(c, "message");
    return xasprintf("%s|%s|%s", json_path_str(c, "status"), reason ? reason : "",
                     message ? message : "");
}

static void run(struct operator_fixture *f, int want)
{
    assert_int_equal(operator_fixture_run(f, &internetchecker_controller, "cluster"), want);
}

static void check_reachable(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster(ON "'internetChecker':{'urls':['https://a/']}", "");
    const struct script_step kube[] = { { .request = GET_CLUSTER, .reply = cluster },
                                        { .reply = "{}" } };
    static const struct script_step internet[] = {
        { .status = 404 }
    }; /* any status proves the connection */
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.internet, internet, ARRAY_LEN(internet));

    run(&f, 0);

    cleanup_free char *written = give_written(&f, "InternetReachableFromMaster");
    assert_string_equal(written, "True|CheckDone|Outgoing connection successful");
    assert_int_equal(f.result.requeue_after_ms, 3600 * 1000);
    assert_non_null(strstr(f.internet.requests.v[0], "HEAD https://a/"));
    assert_non_null(strstr(f.internet.requests.v[0], "@fresh"));
    assert_non_null(strstr(f.internet.requests.v[0], "@no_proxy"));
    operator_fixture_finish(&f);
}

static void check_unreachable(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster(ON "'internetChecker':{'urls':['https://dead/']}", "");
    const struct script_step kube[] = { { .request = GET_CLUSTER, .reply = cluster },
                                        { .reply = "{}" } };
    static const struct script_step internet[] = { { .fail = ERR_CONN }, { .fail = ERR_CONN },
                                                   { .fail = ERR_CONN }, { .fail = ERR_CONN },
                                                   { .fail = ERR_CONN }, { .fail = ERR_CONN } };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_WORKER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.internet, internet, ARRAY_LEN(internet));
    int64_t begin_ns = clock_mono_ns(&f.kube.clock.base);

    run(&f, -1);

    cleanup_free char *written = give_written(&f, "InternetReachableFromWorker");
    assert_non_null(strstr(written, "False|CheckFailed|https://dead/: "));
    assert_int_equal((clock_mono_ns(&f.kube.clock.base) - begin_ns) / NS_PER_S,
                     60); /* failures wait their time out */
    operator_fixture_finish(&f);
}

static void check_recovery(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster(ON "'internetChecker':{'urls':['https://flaky/']}", "");
    const struct script_step kube[] = { { .request = GET_CLUSTER, .reply = cluster },
                                        { .reply = "{}" } };
    static const struct script_step internet[] = { { .fail = ERR_TIMEOUT }, { .status = 200 } };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));
    operator_fixture_expect(&f.internet, internet, ARRAY_LEN(internet));

    run(&f, 0);

    operator_fixture_finish(&f);
}

static void check_no_urls(void **state)
{
    (void)state;
    static const char *const specs[] = { ON "'internetChecker':{'urls':[]}",
                                         ON "'internetChecker':null",
                                         ON "'internetChecker':{'urls':[7,null]}", ON "'x':1" };
    for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
        cleanup_free char *cluster = operator_fixture_give_cluster(specs[i], "");
        const struct script_step kube[] = { { .request = GET_CLUSTER, .reply = cluster },
                                            { .reply = "{}" } };
        struct operator_fixture f;
        operator_fixture_init(&f, ROLE_MASTER, cluster);
        operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));

        run(&f, 0);

        operator_fixture_finish(&f);
    }
}

static void check_disabled(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster(OFF "'internetChecker':{'urls':['https://a/']}", "");
    const struct script_step kube[] = { { .request = GET_CLUSTER, .reply = cluster },
                                        { .reply = "{}" } };
    struct operator_fixture f;
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.kube.transport, kube, ARRAY_LEN(kube));

    run(&f, 0);

    cleanup_free char *written = give_written(&f, "InternetReachableFromMaster");
    assert_string_equal(written, "Unknown||");
    assert_int_equal(f.result.requeue_after_ms, 0);
    operator_fixture_finish(&f);
}

/* While the first attempt fails, the list of the Cluster changes. */
static void change_list(void *arg)
{
    struct operator_fixture *f = arg;
    cleanup_free char *changed =
        operator_fixture_give_cluster(ON "'internetChecker':{'urls':['https://new/']}", "");
    const struct watch cluster = WATCH_CLUSTER;
    operator_fixture_put(f, &cluster, changed);
}

static void check_changed_list(void **state)
{
    (void)state;
    cleanup_free char *cluster =
        operator_fixture_give_cluster(ON "'internetChecker':{'urls':['https://old/']}", "");
    struct operator_fixture f;
    const struct script_step internet[] = {
        { .fail = ERR_CONN, .hook = change_list, .hook_arg = &f }
    };
    operator_fixture_init(&f, ROLE_MASTER, cluster);
    operator_fixture_expect(&f.internet, internet, ARRAY_LEN(internet));

    run(&f, 0); /* ends at once, and says nothing about the old list */

    assert_int_equal(f.kube.transport.requests.len, 0);
    assert_true(f.result.requeue_after_ms > 0 && f.result.requeue_after_ms < 1000);
    operator_fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("any HTTP status proves that a URL is reachable", check_reachable),
        CASE("a URL that fails six times is told, sorted, after a minute", check_unreachable),
        CASE("one good attempt is enough", check_recovery),
        CASE("without URLs everything is reachable", check_no_urls),
        CASE("with the flag off the condition is unknown", check_disabled),
        CASE("a change of the list ends the round", check_changed_list),
    };
    return RUN_CASES("internetchecker", tests);
}
