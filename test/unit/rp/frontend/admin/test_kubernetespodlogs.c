#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/admin/kube_rig.h"
#include "test/unit/support/test.h"

#define TARGET ADMIN_CLUSTER "/kubernetespodlogs?podname=p&container=c&namespace="
#define ASKED "GET /api/v1/namespaces/openshift-etcd/pods/p/log?container=c&limitBytes=52428800 \n"

static void are_text(void **state)
{
    static const struct script_step steps[] = { { .reply = "one\ntwo\n", .piece = 3 } };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    cleanup_free char *reply =
        front_give_reply(&r.c.front, "GET", TARGET "openshift-etcd", NULL, NULL);

    cleanup_free char *type = reply_give_header(reply, "Content-Type");
    assert_non_null(strstr(reply, " 200 "));
    assert_string_equal(type, "text/plain");
    assert_string_equal(strstr(reply, "\r\n\r\n") + 4, "one\ntwo\n");
    kube_rig_asked(&r, ASKED);
    kube_rig_release(&r);
}

static void of_a_pod_that_is_not_there_are_an_error(void **state)
{
    static const struct script_step steps[] = {
        { .status = 404,
          .reply = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":"
                   "\"NotFound\",\"code\":404,\"message\":\"no p\","
                   "\"details\":{\"kind\":\"pods\",\"name\":\"p\"}}" }
    };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    admin_rig_refused(&r.c, "GET", TARGET "openshift-etcd", NULL, "404 NotFound: no p @pods/p");

    kube_rig_release(&r);
}

static void of_customers_are_refused(void **state)
{
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, NULL, 0);

    admin_rig_refused(&r.c, "GET", TARGET "customer", NULL,
                      "403 Forbidden: Access to the provided namespace 'customer' is forbidden.");

    kube_rig_asked(&r, "");
    kube_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("are text", are_text),
        CASE("of a pod that is not there are an error", of_a_pod_that_is_not_there_are_an_error),
        CASE("of customers are refused", of_customers_are_refused),
    };
    return RUN_CASES("logs of pods", tests);
}
