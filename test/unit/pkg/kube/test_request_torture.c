/*
 * Every scenario again with its 1st, 2nd ... nth exchange failing in each way. It ends, with a
 * result or an error, nothing leaks (under the sanitizer), and the client still works.
 */
#include <string.h>

#include "pkg/kube/discovery_impl.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/test.h"

#define STEPS_MAX 8

struct scenario {
    const char *name;
    int (*run)(struct kube_fixture *f, struct error **err);
    const char *replies[STEPS_MAX]; /* all 200 */
};

static const struct script_step faults[] = {
    { .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET },
    { .fail = ERR_CONN, .fail_code = HTTP_ERR_REFUSED },
    { .fail = ERR_TIMEOUT },
    { .fail = ERR_TOO_LARGE },
    { .status = 200, .reply = "{\"kind\":\"Li", .fail = ERR_CONN, .fail_code = HTTP_ERR_EOF },
    { .status = 200, .reply = "{\"kind\":\"Li" },
    { .status = 200, .reply = "" },
    { .status = 200,
      .reply = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":500}" },
    { .status = 401 },
    { .status = 404 },
    { .status = 409 },
    { .status = 410 },
    { .status = 429, .headers = "Retry-After: 1" },
    { .status = 500 },
    { .status = 503, .headers = "Retry-After: 0" },
};

static const struct kube_ref maps = { .gvr = &GVR_CONFIGMAPS, .nspace = "a" };
static const struct kube_ref map = { .gvr = &GVR_CONFIGMAPS, .nspace = "a", .name = "b" };

static int run_get(struct kube_fixture *f, struct error **err)
{
    cleanup_json json *got = NULL;
    return kube_get(f->client, &f->ctx, &map, &got, err);
}

static int run_list(struct kube_fixture *f, struct error **err)
{
    cleanup_json json *got = NULL;
    return kube_list(f->client, &f->ctx, &maps, NULL, &got, err);
}

static int ignore(void *arg, const json *item, struct error **err)
{
    (void)arg;
    (void)item;
    (void)err;
    return 0;
}

static int run_each(struct kube_fixture *f, struct error **err)
{
    return kube_list_each(f->client, &f->ctx, &maps, NULL, ignore, NULL, err);
}

static int read_and_write(void *arg, const struct opctx *ctx, int attempt, struct error **err)
{
    (void)attempt;
    struct kube_fixture *f = arg;
    cleanup_json json *got = NULL;
    if (kube_get(f->client, ctx, &map, &got, err) < 0)
        return -1;
    return kube_update(f->client, ctx, &map, got, NULL, NULL, err);
}

static int run_update(struct kube_fixture *f, struct error **err)
{
    return kube_retry_on_conflict(&f->ctx, read_and_write, f, err);
}

static int run_evict(struct kube_fixture *f, struct error **err)
{
    return kube_evict(f->client, &f->ctx, "a", "p", err);
}

static int run_delete(struct kube_fixture *f, struct error **err)
{
    return kube_delete_if_present(f->client, &f->ctx, &map, err);
}

static int run_discovery(struct kube_fixture *f, struct error **err)
{
    struct discovery *d = discovery_new_with(f->client, &f->clock.base, 1);
    cleanup_json json *list = NULL;
    int rc = discovery_resolve(d, &f->ctx, "things", &list, err);
    discovery_free(d);
    return rc;
}

#define PAGE(token) \
    "{\"metadata\":{\"continue\":\"" token "\"},\"items\":[{\"metadata\":{\"name\":\"x\"}}]}"
#define THINGS "{\"resources\":[{\"name\":\"things\",\"kind\":\"Thing\"}]}"

static struct scenario scenarios[] = {
    { "get", run_get, { "{}" } },
    { "a list of three pages", run_list, { PAGE("1"), PAGE("2"), PAGE("") } },
    { "a list of three pages, by items", run_each, { PAGE("1"), PAGE("2"), PAGE("") } },
    { "read, change, write", run_update, { "{}", "{}" } },
    { "evict", run_evict, { "{}" } },
    { "delete", run_delete, { "{}" } },
    { "discovery",
      run_discovery,
      { "{\"versions\":[\"v1\"]}",
        "{\"groups\":[{\"name\":\"g\",\"versions\":[{\"version\":\"v1\"}]}]}", THINGS, THINGS } },
};

static size_t count_replies(const struct scenario *s)
{
    size_t n = 0;
    while (n < STEPS_MAX && s->replies[n])
        n++;
    return n;
}

/* The scenario's replies with the nth (from 0) replaced by a fault; what is asked beyond them is
 * answered with the replies again, in order. */
static void check_fault(const struct scenario *s, size_t nth, const struct script_step *fault)
{
    struct script_step steps[64];
    size_t replies = count_replies(s), len = 0;
    for (size_t i = 0; i < nth; i++)
        steps[len++] = (struct script_step){ .reply = s->replies[i] };
    steps[len++] = *fault;
    while (len < ARRAY_LEN(steps)) {
        for (size_t i = nth; i < replies && len < ARRAY_LEN(steps); i++)
            steps[len++] = (struct script_step){ .reply = s->replies[i] };
    }
    struct kube_fixture f;
    kube_fixture_init(&f, steps, ARRAY_LEN(steps));
    kube_fixture_start(&f);
    cleanup_error struct error *err = NULL;

    int rc = s->run(&f, &err);

    assert_int_equal(rc == 0, err == NULL);
    assert_true(rc == 0 || *error_text(err));
    assert_in_range(f.transport.used, 1, 16); /* no storm */
    f.transport.used = ARRAY_LEN(steps);
    kube_fixture_finish(&f);
}

static void check_scenario(void **state)
{
    const struct scenario *s = *state;
    for (size_t nth = 0; nth < count_replies(s); nth++) {
        for (size_t i = 0; i < ARRAY_LEN(faults); i++)
            check_fault(s, nth, &faults[i]);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(scenarios)];
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(scenarios[i].name, check_scenario, &scenarios[i]);
    return RUN_CASES("request_torture", tests);
}
