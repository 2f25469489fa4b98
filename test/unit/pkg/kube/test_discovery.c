#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/kube/discovery.h"
#include "pkg/kube/discovery_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define SERVER "https://api.test:6443"
#define LIST_TYPE(version) \
    "application/json;g=apidiscovery.k8s.io;v=" version ";as=APIGroupDiscoveryList"
#define ASK(path) \
    "GET " SERVER path "\nAccept: " LIST_TYPE("v2") "," LIST_TYPE("v2beta1") ",application/json\n" \
                                                                             "@gzip: true\n"
#define ASK_VERSION(path) "GET " SERVER path "\nAccept: application/json\n@gzip: true\n"
#define AS_LIST .headers = "Content-Type: " LIST_TYPE("v2")
#define AS_JSON .headers = "Content-Type: application/json"

#define RESOURCES(items) "{\"kind\":\"APIResourceList\",\"resources\":[" items "]}"
#define PLAIN(name, kind, shorts) \
    "{\"name\":\"" name "\",\"kind\":\"" kind \
    "\",\"namespaced\":true,\"verbs\":[\"get\"],\"shortNames\":[" shorts "]}"
#define AGGREGATED(name, kind, shorts) \
    "{\"resource\":\"" name "\",\"responseKind\":{\"kind\":\"" kind \
    "\"},\"scope\":\"Namespaced\",\"verbs\":[\"get\"],\"shortNames\":[" shorts "]}"
#define VERSION(v, more) "{\"version\":\"" v "\"," more "}"
#define GROUP(name, versions) "{\"metadata\":{\"name\":\"" name "\"},\"versions\":[" versions "]}"
#define GROUPS(groups) "{\"kind\":\"APIGroupDiscoveryList\",\"items\":[" groups "]}"
#define DEPLOYMENTS "\"resources\":[" AGGREGATED("deployments", "Deployment", "\"deploy\"") "]"
#define PODS "\"resources\":[" AGGREGATED("pods", "Pod", "\"po\"") "]"

#define AGG_CORE \
    { \
        .request = ASK("/api"), AS_LIST, .reply = GROUPS(GROUP("", VERSION("v1", PODS))) \
    }
#define AGG_APPS \
    { \
        .request = ASK("/apis"), AS_LIST, \
        .reply = GROUPS(GROUP("apps", VERSION("v1", DEPLOYMENTS))) \
    }
#define OLD_CORE \
    { \
        .request = ASK("/api"), AS_JSON, \
        .reply = "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}" \
    }
#define OLD_APPS \
    { \
        .request = ASK("/apis"), AS_JSON, \
        .reply = "{\"groups\":[{\"name\":\"apps\",\"versions\":[{\"version\":\"v1\"}]}]}" \
    }
#define OLD_V1 \
    { \
        .request = ASK_VERSION("/api/v1"), .reply = RESOURCES(PLAIN("pods", "Pod", "\"po\"")) \
    }
#define OLD_APPS_V1 \
    { \
        .request = ASK_VERSION("/apis/apps/v1"), \
        .reply = RESOURCES(PLAIN("deployments", "Deployment", "\"deploy\"")) \
    }

struct resolve_case {
    const char *name, *word;
    struct script_step steps[8];
    size_t len;
    const char *want; /* "group/version resource" of each candidate; NULL: fails */
    enum err_kind fails;
};

#define STEPS(...) \
    .steps = { __VA_ARGS__ }, \
    .len = sizeof((struct script_step[]){ __VA_ARGS__ }) / sizeof(struct script_step)

/* clang-format off */
static struct resolve_case resolve_cases[] = {
    { "both halves aggregated need two requests", "deploy", STEPS(AGG_CORE, AGG_APPS), "apps/v1 deployments", 0 },
    { "only the groups aggregated", "po", STEPS(OLD_CORE, AGG_APPS, OLD_V1), "/v1 pods", 0 },
    { "only the core group aggregated", "deploy", STEPS(AGG_CORE, OLD_APPS, OLD_APPS_V1), "apps/v1 deployments", 0 },
    { "nothing aggregated: a request for each version", "deployments", STEPS(OLD_CORE, OLD_APPS, OLD_V1, OLD_APPS_V1), "apps/v1 deployments", 0 },
    { "a kind in any letter case is a word, too", "DePloyMent", STEPS(AGG_CORE, AGG_APPS), "apps/v1 deployments", 0 },
    { "a word may name its group", "deployments.apps", STEPS(AGG_CORE, AGG_APPS), "apps/v1 deployments", 0 },
    { "a word may name version and group", "deployments.v1.apps", STEPS(AGG_CORE, AGG_APPS), "apps/v1 deployments", 0 },
    { "another group does not match", "deployments.batch", STEPS(AGG_CORE, AGG_APPS), NULL, ERR_NOT_FOUND },
    { "another version does not match", "deployments.v2.apps", STEPS(AGG_CORE, AGG_APPS), NULL, ERR_NOT_FOUND },
    { "an unknown word is told as such", "nonsense", STEPS(AGG_CORE, AGG_APPS), NULL, ERR_NOT_FOUND },
    { "an empty word is refused", "", .len = 0, .fails = ERR_INVALID },
    { "all candidates, preferred versions first", "things",
      STEPS({ .request = ASK("/api"), .status = 404 }, { AS_LIST, .reply = GROUPS(
          GROUP("a", VERSION("v2", "\"resources\":[" AGGREGATED("things", "Thing", "") "]") "," VERSION("v1", "\"resources\":[" AGGREGATED("things", "Thing", "") "]")) ","
          GROUP("b", VERSION("v1", "\"resources\":[" AGGREGATED("things", "Thing", "") "]"))) }),
      "a/v2 things,b/v1 things,a/v1 things", 0 },
    { "a name beats a short name", "po",
      STEPS(AGG_CORE, { AS_LIST, .reply = GROUPS(GROUP("g", VERSION("v1", "\"resources\":[" AGGREGATED("po", "Po", "") "]"))) }), "g/v1 po", 0 },
    { "a server without a core group is accepted", "deploy", STEPS({ .request = ASK("/api"), .status = 404 }, AGG_APPS), "apps/v1 deployments", 0 },
    { "a core group that fails is an error", "deploy", STEPS({ .request = ASK("/api"), .status = 403 }), NULL, ERR_FORBIDDEN },
    { "groups that fail are an error", "deploy", STEPS(AGG_CORE, { .request = ASK("/apis"), .status = 404 }), NULL, ERR_NOT_FOUND },
    { "a stale version is left out, and the first fresh one preferred", "things",
      STEPS(AGG_CORE, { AS_LIST, .reply = GROUPS(GROUP("g", VERSION("v3", "\"freshness\":\"Stale\"") ","
          VERSION("v2", "\"resources\":[" AGGREGATED("things", "Thing", "") "]") "," VERSION("v1", "\"resources\":[" AGGREGATED("things", "Thing", "") "]"))) }),
      "g/v2 things,g/v1 things", 0 },
    { "a version that fails twice does not hide the others", "deploy",
      STEPS(OLD_CORE, OLD_APPS, { .request = ASK_VERSION("/api/v1"), .status = 503 }, OLD_APPS_V1, { .request = ASK_VERSION("/api/v1"), .status = 503 }),
      "apps/v1 deployments", 0 },
    { "a version that fails once is asked again", "po",
      STEPS(OLD_CORE, OLD_APPS, { .request = ASK_VERSION("/api/v1"), .status = 503 }, OLD_APPS_V1, OLD_V1), "/v1 pods", 0 },
    { "a reply that is no JSON is an error", "po", STEPS({ .request = ASK("/api"), .reply = "<html>" }), NULL, ERR_INVALID },
};
/* clang-format on */

static char *give_candidates(const json *list)
{
    cleanup_strv struct strv all = STRV_INIT;
    for (size_t i = 0; i < json_len(list); i++) {
        const json *c = json_at(list, i);
        assert_true(json_path_bool(c, "namespaced", false));
        assert_string_equal(json_path_str(c, "verbs[0]"), "get");
        strv_addf(&all, "%s/%s %s", json_path_str(c, "group"), json_path_str(c, "version"),
                  json_path_str(c, "resource"));
    }
    return strv_give_joined(&all, ",");
}

static void check_resolve(void **state)
{
    const struct resolve_case *c = *state;
    struct kube_fixture f;
    kube_fixture_init(&f, c->steps, c->len);
    kube_fixture_start(&f);
    struct discovery *d = discovery_new_with(f.client, &f.clock.base, 1);
    cleanup_json json *list = NULL;
    cleanup_error struct error *err = NULL;

    int rc = discovery_resolve(d, &f.ctx, c->word, &list, &err);

    if (c->want) {
        assert_int_equal(rc, 0);
        cleanup_free char *text = give_candidates(list);
        assert_string_equal(text, c->want);
    } else {
        assert_int_equal(rc, -1);
        assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->fails));
    }
    discovery_free(d);
    kube_fixture_finish(&f);
}

/* ---- over time ---- */

struct fixture {
    struct kube_fixture kube;
    struct discovery *d;
};

static void start(struct fixture *f, const struct script_step *steps, size_t len)
{
    kube_fixture_init(&f->kube, steps, len);
    kube_fixture_start(&f->kube);
    f->d = discovery_new_with(f->kube.client, &f->kube.clock.base, 1);
}

static void finish(struct fixture *f)
{
    discovery_free(f->d);
    kube_fixture_finish(&f->kube);
}

static const struct gvr *find(struct fixture *f, const char *api_version, const char *kind)
{
    const struct gvr *row = NULL;
    cleanup_error struct error *err = NULL;
    if (discovery_find(f->d, &f->kube.ctx, api_version, kind, &row, &err) < 0)
        fail_msg("%s", error_text(err));
    return row;
}

static void assert_no_match(struct fixture *f, const char *api_version, const char *kind)
{
    const struct gvr *row = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(discovery_find(f->d, &f->kube.ctx, api_version, kind, &row, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_string_equal(error_get_code(err), "NoMatch");
}

#define THINGS_V1 ASK_VERSION("/apis/g/v1")
#define ABSENT \
    { \
        .request = THINGS_V1, .status = 404 \
    }
#define EMPTY \
    { \
        .request = THINGS_V1, .reply = RESOURCES("") \
    }
#define THINGS \
    { \
        .request = THINGS_V1, .reply = RESOURCES(PLAIN("things", "Thing", "")) \
    }
#define CLUSTER_THINGS \
    { \
        .request = THINGS_V1, \
        .reply = RESOURCES("{\"name\":\"things\",\"kind\":\"Thing\",\"namespaced\":false}") \
    }

static void test_find_asks_for_one_version(void **state)
{
    (void)state;
    const struct script_step steps[] = { THINGS, OLD_V1 };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));

    const struct gvr *thing = find(&f, "g/v1", "Thing");
    const struct gvr *pod = find(&f, "v1", "Pod");

    assert_string_equal(thing->group, "g");
    assert_string_equal(thing->version, "v1");
    assert_string_equal(thing->resource, "things");
    assert_string_equal(thing->kind, "Thing");
    assert_true(thing->namespaced);
    assert_string_equal(pod->group, "");
    assert_ptr_equal(find(&f, "g/v1", "Thing"), thing); /* kept */
    finish(&f);
}

static void test_definition_added_later(void **state)
{
    (void)state;
    const struct script_step steps[] = { ABSENT, EMPTY, THINGS };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    assert_no_match(&f, "g/v1", "Thing");
    assert_no_match(&f, "g/v1", "Thing"); /* not asked again within 10 s */
    fake_clock_advance_ms(&f.kube.clock, 10000);
    assert_no_match(&f, "g/v1", "Thing");
    fake_clock_advance_ms(&f.kube.clock, 10000);
    find(&f, "g/v1", "Thing");
    finish(&f);
}

static void test_failure_is_not_kept(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .request = THINGS_V1, .status = 503 }, THINGS };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    const struct gvr *row = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(discovery_find(f.d, &f.kube.ctx, "g/v1", "Thing", &row, &err), -1);
    assert_int_equal(error_kind(err), ERR_UNAVAILABLE);
    find(&f, "g/v1", "Thing");
    finish(&f);
}

static void test_knowledge_ages(void **state)
{
    (void)state;
    const struct script_step steps[] = { THINGS, CLUSTER_THINGS };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    const struct gvr *first = find(&f, "g/v1", "Thing");
    fake_clock_advance_ms(&f.kube.clock, 599999);
    assert_ptr_equal(find(&f, "g/v1", "Thing"), first);
    fake_clock_advance_ms(&f.kube.clock, 1);
    const struct gvr *second = find(&f, "g/v1", "Thing");
    assert_false(second->namespaced);
    assert_true(first->namespaced); /* rows given out stay as they are */
    finish(&f);
}

static void test_forget(void **state)
{
    (void)state;
    const struct script_step steps[] = { THINGS, CLUSTER_THINGS };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    assert_true(find(&f, "g/v1", "Thing")->namespaced);
    discovery_forget(f.d); /* somebody met a 404: the definition was made again */
    assert_false(find(&f, "g/v1", "Thing")->namespaced);
    finish(&f);
}

static void test_resolve_again(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        AGG_CORE, AGG_APPS, AGG_CORE, AGG_APPS, AGG_CORE, AGG_APPS
    };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    for (int i = 0; i < 2; i++) {
        cleanup_json json *list = NULL;
        assert_int_equal(discovery_resolve(f.d, &f.kube.ctx, "po", &list, NULL), 0);
    }
    json *list = NULL;
    assert_int_equal(discovery_resolve(f.d, &f.kube.ctx, "none", &list, NULL), -1);
    fake_clock_advance_ms(&f.kube.clock, 10000); /* a miss now asks the server once more */
    assert_int_equal(discovery_resolve(f.d, &f.kube.ctx, "none", &list, NULL), -1);
    fake_clock_advance_ms(&f.kube.clock, 600000);
    cleanup_json json *third = NULL;
    assert_int_equal(discovery_resolve(f.d, &f.kube.ctx, "po", &third, NULL), 0);
    assert_null(list);
    finish(&f);
}

static void test_failed_index_is_not_kept(void **state)
{
    (void)state;
    const struct script_step steps[] = { AGG_CORE, { .status = 500 }, AGG_CORE, AGG_APPS };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    cleanup_json json *list = NULL;
    assert_int_equal(discovery_resolve(f.d, &f.kube.ctx, "po", &list, NULL), -1);
    assert_int_equal(discovery_resolve(f.d, &f.kube.ctx, "po", &list, NULL), 0);
    finish(&f);
}

static void test_request_timeout(void **state)
{
    (void)state;
    const struct script_step steps[] = { { .request = THINGS_V1, .hang = true } };
    struct fixture f;
    start(&f, steps, ARRAY_LEN(steps));
    const struct gvr *row = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(discovery_find(f.d, &f.kube.ctx, "g/v1", "Thing", &row, &err), -1);

    assert_int_equal(error_kind(err), ERR_TIMEOUT);
    assert_int_equal((clock_mono_ns(&f.kube.clock.base) - FAKE_MONO_NS) / NS_PER_S, 32);
    finish(&f);
}

struct version_case {
    const char *name;
    struct script_step step;
    int rc;
    bool has;
};

static struct version_case version_cases[] = {
    { "a version that is served", THINGS, 0, true },
    { "a version that is not", ABSENT, 0, false },
    { "a server that does not tell", { .request = THINGS_V1, .status = 503 }, -1, false },
};

static void check_version(void **state)
{
    const struct version_case *c = *state;
    struct fixture f;
    start(&f, &c->step, 1);
    bool has = !c->has;

    int rc = discovery_has_version(f.d, &f.kube.ctx, "g", "v1", &has, NULL);

    assert_int_equal(rc, c->rc);
    if (rc == 0)
        assert_int_equal(has, c->has);
    finish(&f);
}

static void test_bad_arguments(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, NULL, 0);
    static const char *const bad[] = { NULL, "", "/", "g/", "/v1", "a/b/c" };
    const struct gvr *row = NULL;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        cleanup_error struct error *err = NULL;
        assert_int_equal(discovery_find(f.d, &f.kube.ctx, bad[i], "Kind", &row, &err), -1);
        assert_int_equal(error_kind(err), ERR_INVALID);
    }
    assert_int_equal(discovery_find(f.d, &f.kube.ctx, "v1", "", &row, NULL), -1);
    assert_int_equal(discovery_find(f.d, &f.kube.ctx, "v1", NULL, &row, NULL), -1);
    discovery_free(NULL);
    finish(&f);
}

static void ask(void *arg)
{
    struct fixture *f = arg;
    cleanup_json json *list = NULL;
    const struct gvr *row;
    if (discovery_resolve(f->d, &f->kube.ctx, "po", &list, NULL) < 0 ||
        discovery_find(f->d, &f->kube.ctx, "v1", "Pod", &row, NULL) < 0)
        abort();
}

static void test_threads(void **state)
{
    (void)state;
    /* The same reply to whatever is asked, in whatever order. */
    static const char everything[] =
        "{\"versions\":[\"v1\"],\"groups\":[{\"name\":\"g\",\"versions\":[{\"version\":\"v1\"},"
        "{\"version\":\"v2\"},{\"version\":\"v3\"}]}],\"resources\":[" PLAIN("pods", "Pod",
                                                                             "\"po\"") "]}";
    struct script_step steps[200];
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        steps[i] = (struct script_step){ .reply = everything };
    struct fixture f;
    kube_fixture_init(&f.kube, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f.kube);
    f.d = discovery_new(f.kube.client, &f.kube.clock.base);
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(thread_start(&threads[i], "ask", ask, &f, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    assert_in_range(f.kube.transport.requests.len, 6, 60);
    f.kube.transport.used = ARRAY_LEN(steps); /* not all are needed */
    finish(&f);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        CASE("a kind needs its version's resources only, once", test_find_asks_for_one_version),
        CASE("a definition that is added later is found, at most 10 s later",
             test_definition_added_later),
        CASE("a failure is not kept", test_failure_is_not_kept),
        CASE("knowledge is believed for 10 minutes", test_knowledge_ages),
        CASE("a definition made again with another scope is seen after forgetting", test_forget),
        CASE("words are resolved from memory, a miss asks once more", test_resolve_again),
        CASE("an index that failed is not kept", test_failed_index_is_not_kept),
        CASE("a request takes 32 s at most", test_request_timeout),
        CASE("what is no apiVersion or kind is refused", test_bad_arguments),
        CASE("many threads may ask at once", test_threads),
    };
    struct CMUnitTest
        tests[ARRAY_LEN(single) + ARRAY_LEN(resolve_cases) + ARRAY_LEN(version_cases)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(resolve_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(resolve_cases[i].name, check_resolve, &resolve_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(version_cases); i++)
        tests[n++] =
            (struct CMUnitTest)CASE_OF(version_cases[i].name, check_version, &version_cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[n++] = single[i];
    return RUN_CASES("discovery", tests);
}
