#include <string.h>
#include <unistd.h>

#include "hack/devcloud/kubelet/logs.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    char *dir; /* pods/NAME/log, and beside pods what nobody may read */
    char *pods;
    struct kubelet_config cfg;
    struct log_server *server;
};

static void rig_start(struct rig *r)
{
    static const char *const files[][2] = {
        { "pods/three/log", "one\ntwo\nthree\n" },
        { "pods/cut/log", "a\nb" },
        { "pods/blank/log", "\n\nx\n" },
        { "pods/silent/log", "" },
        { "pods/new/token", "t" },
        { "log", "not of a pod" },
    };
    *r = (struct rig){ .dir = temp_dir_give() };
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        free(temp_dir_write(r->dir, files[i][0], files[i][1]));
    r->pods = path_give_joined(r->dir, "pods");
    fake_clock_init(&r->clock);
    fake_rng_init(&r->rng, 1);
    r->cfg =
        (struct kubelet_config){ .dir = r->pods, .clock = &r->clock.base, .rng = &r->rng.base };
    assert_int_equal(log_server_start(&r->cfg, &r->server, NULL), 0);
}

static void rig_finish(struct rig *r)
{
    log_server_stop(r->server);
    fake_clock_release(&r->clock);
    free(r->pods);
    temp_dir_free(r->dir);
}

static struct wire rig_ask(const struct rig *r, const char *method, const char *target)
{
    struct wire w = wire_connect_tls(log_server_port(r->server), NULL, NULL);
    cleanup_free char *request = xasprintf("%s %s HTTP/1.1\r\nHost: a\r\n\r\n", method, target);
    wire_send(&w, request);
    return w;
}

/* ---- logs that end ---- */

struct log_case {
    const char *name, *target;
    int status;
    const char *body; /* NULL: any */
    const char *method;
};

#define THREE "/containerLogs/n/three/c"
/* clang-format off */
static struct log_case log_cases[] = {
    { "a log is served whole", THREE, 200, "one\ntwo\nthree\n", NULL },
    { "an empty log is served", "/containerLogs/n/silent/c", 200, "", NULL },
    { "the last line", THREE "?tailLines=1", 200, "three\n", NULL },
    { "the last two lines", THREE "?tailLines=2", 200, "two\nthree\n", NULL },
    { "as many last lines as there are", THREE "?tailLines=3", 200, "one\ntwo\nthree\n", NULL },
    { "more last lines than there are", THREE "?tailLines=4", 200, "one\ntwo\nthree\n", NULL },
    { "no last lines", THREE "?tailLines=0", 200, "", NULL },
    { "the last line may lack its end", "/containerLogs/n/cut/c?tailLines=1", 200, "b", NULL },
    { "an empty line is a line", "/containerLogs/n/blank/c?tailLines=2", 200, "\nx\n", NULL },
    { "the last line of an empty log", "/containerLogs/n/silent/c?tailLines=1", 200, "", NULL },
    { "the first bytes", THREE "?limitBytes=5", 200, "one\nt", NULL },
    { "fewer bytes than the limit", THREE "?limitBytes=100", 200, "one\ntwo\nthree\n", NULL },
    { "the first bytes of the last lines", THREE "?tailLines=2&limitBytes=3", 200, "two", NULL },
    { "follow may be refused", THREE "?follow=false&tailLines=1", 200, "three\n", NULL },
    { "a pod that is not there", "/containerLogs/n/none/c", 404, NULL, NULL },
    { "a pod that said nothing yet", "/containerLogs/n/new/c", 404, NULL, NULL },
    { "following a pod that is not there", "/containerLogs/n/none/c?follow=true", 404, NULL, NULL },
    { "the folder above is no pod", "/containerLogs/n/../c", 400, NULL, NULL },
    { "nor is it when disguised", "/containerLogs/n/%2e%2e/c", 400, NULL, NULL },
    { "a way out through a pod", "/containerLogs/n/three%2f..%2f../c", 400, NULL, NULL },
    { "a slash in a pod's name", "/containerLogs/n/..%2Fpods%2Fthree/c", 400, NULL, NULL },
    { "a hidden folder is no pod", "/containerLogs/n/.three/c", 400, NULL, NULL },
    { "a path that is too long", THREE "/log", 404, NULL, NULL },
    { "nothing else is served", "/pods", 404, NULL, NULL },
    { "logs are only read", THREE, 405, NULL, "POST" },
};
/* clang-format on */

static void check_log(void **state)
{
    const struct log_case *c = *state;
    struct rig r;
    rig_start(&r);

    cleanup_wire struct wire w = rig_ask(&r, c->method ? c->method : "GET", c->target);
    cleanup_free char *reply = wire_give_reply(&w);

    cleanup_free char *status = xasprintf("HTTP/1.1 %d ", c->status);
    assert_true(str_starts(reply, status));
    assert_null(strstr(reply, "not of a pod"));
    if (c->body)
        assert_string_equal(strstr(reply, "\r\n\r\n") + 4, c->body);
    rig_finish(&r);
}

/* ---- logs that go on ---- */

static void rig_append(const struct rig *r, const char *text)
{
    cleanup_free char *path = path_give_joined(r->pods, "three/log");
    FILE *f = fopen(path, "a");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void assert_next(struct wire *w, const char *want)
{
    cleanup_free char *got = wire_give_bytes(w, strlen(want));
    assert_string_equal(got, want);
}

static void test_follow(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r);

    cleanup_wire struct wire w = rig_ask(&r, "GET", THREE "?follow=true&tailLines=1");
    cleanup_free char *head = wire_give_until(&w, "\r\n\r\n");
    assert_true(str_starts(head, "HTTP/1.1 200 "));
    assert_next(&w, "6\r\nthree\n\r\n");
    rig_append(&r, "four\n");
    (void)fake_clock_step(&r.clock);
    assert_next(&w, "5\r\nfour\n\r\n");
    (void)fake_clock_step(&r.clock); /* nothing new: nothing is sent */
    rig_append(&r, "fi");
    (void)fake_clock_step(&r.clock);
    assert_next(&w, "2\r\nfi\r\n");

    log_server_stop(take(r.server));
    cleanup_free char *rest = wire_give_rest(&w);
    assert_string_equal(rest, "0\r\n\r\n");
    rig_finish(&r);
}

static void test_follow_until_pod_is_gone(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r);
    cleanup_free char *path = path_give_joined(r.pods, "three/log");

    cleanup_wire struct wire w = rig_ask(&r, "GET", THREE "?follow=true&tailLines=0");
    cleanup_free char *head = wire_give_until(&w, "\r\n\r\n");
    assert_true(str_starts(head, "HTTP/1.1 200 "));
    fake_clock_await(&r.clock, 1);
    assert_int_equal(unlink(path), 0);
    (void)fake_clock_step(&r.clock);

    assert_next(&w, "0\r\n\r\n");
    rig_finish(&r);
}

static void test_two_followers(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r);

    cleanup_wire struct wire a = rig_ask(&r, "GET", THREE "?follow=true");
    cleanup_wire struct wire b = rig_ask(&r, "GET", THREE "?follow=true");
    free(wire_give_until(&a, "three\n\r\n"));
    free(wire_give_until(&b, "three\n\r\n"));
    fake_clock_await(&r.clock, 2);
    rig_append(&r, "four\n");
    (void)fake_clock_step(&r.clock);
    assert_next(&a, "5\r\nfour\n\r\n");
    assert_next(&b, "5\r\nfour\n\r\n");
    wire_close(&a); /* a client that goes does not hold up the end */

    rig_finish(&r);
    free(wire_give_rest(&b));
}

static void test_certificate(void **state)
{
    (void)state;
    struct rig r;
    rig_start(&r);

    cleanup_wire struct wire w = wire_connect_tls(log_server_port(r.server), NULL, NULL);
    cleanup_free char *name = wire_give_server_name(&w);

    assert_string_equal(name, "kubelet");
    rig_finish(&r);
}

static void test_stop_accepts_null(void **state)
{
    (void)state;
    log_server_stop(NULL);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        CASE("a follower is sent what the log gains, until the server stops", test_follow),
        CASE("following ends with the pod", test_follow_until_pod_is_gone),
        CASE("a log has several followers", test_two_followers),
        CASE("the certificate names a kubelet", test_certificate),
        CASE("no server can be stopped", test_stop_accepts_null),
    };
    struct CMUnitTest tests[ARRAY_LEN(log_cases) + ARRAY_LEN(others)];
    for (size_t i = 0; i < ARRAY_LEN(log_cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(log_cases[i].name, check_log, &log_cases[i]);
    memcpy(tests + ARRAY_LEN(log_cases), others, sizeof(others));
    return RUN_CASES("logs", tests);
}
