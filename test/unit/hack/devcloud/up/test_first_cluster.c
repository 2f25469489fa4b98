#include <string.h>

#include "hack/devcloud/up/first_cluster.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/test.h"

#define SIGNED_IN \
    { \
        .reply = "{\"access_token\":\"t\"}" \
    }
#define ACCEPTED \
    { \
        .status = 201, .headers = "Azure-AsyncOperation: https://arm/operation\n", .reply = "{}" \
    }
#define PROGRESS(text) \
    { \
        .reply = "{" text "}" \
    }
#define STEP(name) "{\"step\":\"" name "\",\"tookMs\":1500}"
#define CONDITIONS(status) \
    { \
        .reply = \
            "{\"status\":{\"conditions\":[{\"type\":\"InternetReachable\",\"status\":\"" status \
            "\",\"message\":\"well\"}]}}" \
    }

struct scene {
    struct fake_clock clock;
    struct fake_rng rng;
    struct opctx ctx;
    struct scripted_transport transport;
    struct cloud_user user;
    struct first_cluster first;
    char *told;
    size_t told_len;
    int patience; /* pauses until somebody gives up */
};

static int wait_a_little(void *arg, struct error **err)
{
    struct scene *s = arg;
    fake_clock_advance_ms(&s->clock, 20000);
    return s->patience-- > 0 ? 0 : error_set(err, ERR_TIMEOUT, "it takes too long");
}

static void open_scene(struct scene *s, const struct script_step *steps, size_t len, int patience)
{
    *s = (struct scene){ .patience = patience };
    fake_clock_init(&s->clock);
    fake_rng_init(&s->rng, 1);
    s->ctx = opctx_root(&s->clock.base, &s->rng.base, NULL, NULL);
    scripted_transport_init(&s->transport, steps, len);
    s->user = (struct cloud_user){ .transport = &s->transport.base,
                                   .ctx = &s->ctx,
                                   .azure_url = "https://azure",
                                   .secret = "secret",
                                   .pause = wait_a_little,
                                   .arg = s };
    s->first = (struct first_cluster){ .user = &s->user,
                                       .rp_url = "http://rp",
                                       .pull_secret = "{}",
                                       .out = open_memstream(&s->told, &s->told_len) };
}

static void close_scene(struct scene *s)
{
    scripted_transport_check(&s->transport);
    scripted_transport_release(&s->transport);
    fake_clock_release(&s->clock);
    free(s->told);
}

/* What it said; nothing more is said afterwards. */
static int make(struct scene *s, struct error **err)
{
    int rcode = first_cluster_make(&s->first, err);
    fclose(s->first.out);
    return rcode;
}

static void each_step_and_the_conditions_are_told(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        SIGNED_IN,
        ACCEPTED,
        PROGRESS("\"log\":[],\"provisioningState\":\"Creating\""),
        PROGRESS("\"log\":[" STEP("createDNS") "],\"step\":\"deploy\",\"provisioningState\":"
                                               "\"Creating\""),
        PROGRESS("\"log\":[" STEP("createDNS") "],\"step\":\"deploy\",\"provisioningState\":"
                                               "\"Creating\""),
        PROGRESS("\"log\":[" STEP("createDNS") "," STEP("deploy") "],\"provisioningState\":"
                                                                  "\"Succeeded\""),
        { .reply = "{}" },
        CONDITIONS("False"),
        CONDITIONS("True"),
    };
    struct scene s;
    open_scene(&s, script, ARRAY_LEN(script), 100);

    assert_int_equal(make(&s, NULL), 0);

    assert_non_null(strstr(s.told, "  done      1.5 s  createDNS\n"));
    assert_non_null(strstr(s.told, "  at it    20.0 s  deploy\n"));
    assert_non_null(strstr(s.told, "  done      1.5 s  deploy\n"));
    assert_non_null(strstr(s.told, "InternetReachable  True  well\n"));
    assert_null(strstr(s.told, "InternetReachable  False"));
    close_scene(&s);
}

static void the_first_request_asks_for_a_whole_cluster(void **state)
{
    (void)state;
    static const struct script_step script[] = { SIGNED_IN,
                                                 { .status = 400, .reply = "{\"no\":1}" } };
    struct scene s;
    cleanup_error struct error *err = NULL;
    open_scene(&s, script, ARRAY_LEN(script), 100);

    assert_int_equal(make(&s, &err), -1);

    const char *put = s.transport.requests.v[1];
    assert_true(str_starts(put, "PUT https://azure/subscriptions/"));
    assert_non_null(strstr(put, "\"count\":3"));
    assert_non_null(strstr(error_text(err), ": 400 {\"no\":1}"));
    close_scene(&s);
}

static void a_failure_is_told_in_azures_words(void **state)
{
    (void)state;
    static const struct script_step script[] = {
        SIGNED_IN,
        ACCEPTED,
        PROGRESS("\"log\":[{\"step\":\"deploy\",\"tookMs\":100,\"error\":\"no quota\"}],"
                 "\"provisioningState\":\"Failed\""),
        { .request = "GET https://arm/operation\nAuthorization: Bearer t\n@timeout_ms: 10000\n"
                     "@no_proxy: true\n\n",
          .reply = "{\"error\":{\"code\":\"DeploymentFailed\",\"message\":\"No quota.\"}}" },
    };
    struct scene s;
    cleanup_error struct error *err = NULL;
    open_scene(&s, script, ARRAY_LEN(script), 100);

    assert_int_equal(make(&s, &err), -1);

    assert_non_null(strstr(s.told, "  FAILED    0.1 s  deploy: no quota\n"));
    assert_string_equal(error_text(err), "the creation failed: DeploymentFailed: No quota.");
    close_scene(&s);
}

/* What somebody hears who gives up after that progress. */
static void check_whereabouts(const struct script_step *progress, const char *want)
{
    const struct script_step script[] = { SIGNED_IN, ACCEPTED, *progress };
    struct scene s;
    cleanup_error struct error *err = NULL;
    open_scene(&s, script, ARRAY_LEN(script), 0);

    assert_int_equal(make(&s, &err), -1);

    assert_string_equal(error_text(err), want);
    close_scene(&s);
}

static void who_waits_in_vain_learns_for_what(void **state)
{
    (void)state;
    static const struct script_step beginning = PROGRESS("\"log\":[]");
    static const struct script_step amid =
        PROGRESS("\"log\":[" STEP("createDNS") "],\"step\":\"deploy\"");
    static const struct script_step between =
        PROGRESS("\"log\":[" STEP("createDNS") "," STEP("deploy") "]");

    check_whereabouts(&beginning,
                      "waiting for the cluster, which is at its beginning: it takes too long");
    check_whereabouts(&amid, "waiting for the cluster, which is at deploy: it takes too long");
    check_whereabouts(&between,
                      "waiting for the cluster, which is behind deploy: it takes too long");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each step and the conditions are told", each_step_and_the_conditions_are_told),
        CASE("the first request asks for a whole cluster",
             the_first_request_asks_for_a_whole_cluster),
        CASE("a failure is told in Azure's words", a_failure_is_told_in_azures_words),
        CASE("who waits in vain learns for what", who_waits_in_vain_learns_for_what),
    };
    return RUN_CASES("first cluster", tests);
}
