#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "hack/devcloud/up/cloud.h"
#include "pkg/base/strv.h"
#include "test/unit/hack/devcloud/up/cloud_rig.h"

/* Nothing of it is left: its parent has collected it. */
static void check_gone(const struct cloud_rig *r, const char *name)
{
    cleanup_free char *text = cloud_rig_give_text(r, name);
    long pid = strtol(text, NULL, 10);
    assert_true(pid > 0);
    assert_int_equal(kill((pid_t)pid, 0), -1);
}

static void tells_why_azure_ended(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", "echo no memory >&2; exit 5\n");

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    cleanup_free char *want = xasprintf("the simulated Azure ended with status 5; the end of its "
                                        "log, %s/log/azure.log:\nno memory\n",
                                        r->place);
    assert_string_equal(r->said, want);
}

static void tells_why_the_provider_ended(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", AZURE_STARTS);
    cloud_rig_put(r, "rp", "echo port taken; exit 1\n");

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    assert_true(str_starts(r->said, "the resource provider ended with status 1; the end of"));
    assert_non_null(strstr(r->said, "log/rp.log:\nport taken\n"));
    check_gone(r, "cloud/azure/pid");
}

static void says_what_is_missing(void **state)
{
    struct cloud_rig *r = *state;

    cloud_rig_start(r, 0);

    assert_int_equal(cloud_rig_await(r), 1);
    cleanup_free char *want =
        xasprintf("the simulated Azure: running %s/azuresim: No such file or directory", r->bin);
    assert_string_equal(r->said, want);
}

static void ends_before_it_was_ready(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", AZURE_STARTS);
    cloud_rig_put(r, "rp", STAY);
    cloud_rig_start(r, 0);
    free(cloud_rig_await_text(r, "cloud/rp/pid"));

    assert_int_equal(place_end_holder(r->place, 60000, NULL), 0);

    assert_int_equal(cloud_rig_await(r), 2);
    check_gone(r, "cloud/azure/pid");
    check_gone(r, "cloud/rp/pid");
    assert_int_equal(place_holder(r->place), 0);
}

/* Whoever asks twice does not want to wait. */
static void ends_at_once_when_asked_again(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim", AZURE_STARTS);
    cloud_rig_put(r, "rp", "trap 'echo >told' TERM; echo >ready; while :; do sleep 1; done\n");
    cloud_rig_start(r, 0);
    free(cloud_rig_await_text(r, "cloud/rp/ready"));

    (void)kill(r->pid, SIGINT);
    free(cloud_rig_await_text(r, "cloud/rp/told"));
    (void)kill(r->pid, SIGINT);

    assert_int_equal(cloud_rig_await(r), 2);
    check_gone(r, "cloud/rp/pid");
}

/* What the resource provider hands over it needs Azure for. */
static void ends_azure_last(void **state)
{
    struct cloud_rig *r = *state;
    cloud_rig_put(r, "azuresim",
                  "trap 'ls ../rp/ended >order 2>&1; exit' TERM\n"
                  "echo ca >ca.crt; echo https://127.0.0.1:1 >url; while :; do sleep 0.05; done\n");
    cloud_rig_put(r, "rp",
                  "trap 'sleep 0.5; echo >ended; exit' TERM\n"
                  "echo >ready; while :; do sleep 0.05; done\n");
    cloud_rig_start(r, 0);
    free(cloud_rig_await_text(r, "cloud/rp/ready"));

    (void)kill(r->pid, SIGINT);

    assert_int_equal(cloud_rig_await(r), 2);
    cleanup_free char *order = cloud_rig_give_text(r, "cloud/azure/order");
    assert_string_equal(order, "../rp/ended\n");
}

static void looks_at_ports_first(void **state)
{
    struct cloud_rig *r = *state;
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);

    cloud_rig_start(r, ntohs(at.sin_port));

    assert_int_equal(cloud_rig_await(r), 1);
    assert_non_null(strstr(r->said, "is in use: choose another with --plain-port PORT"));
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "tells why the simulated Azure ended", tells_why_azure_ended, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "tells why the resource provider ended", tells_why_the_provider_ended, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "says what is missing", says_what_is_missing, cloud_rig_set_up, cloud_rig_tear_down,
          NULL },
        { "ends before it was ready", ends_before_it_was_ready, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "ends at once when asked again", ends_at_once_when_asked_again, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "ends Azure after the resource provider", ends_azure_last, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
        { "looks at ports before anything starts", looks_at_ports_first, cloud_rig_set_up,
          cloud_rig_tear_down, NULL },
    };
    return RUN_CASES("cloud", tests);
}
