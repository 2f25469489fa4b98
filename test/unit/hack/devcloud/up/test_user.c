#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/up/user.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

static struct cloud_user user_of(struct rig *r, const char *url)
{
    return (struct cloud_user){ .transport = http_peer_transport(r->peer),
                                .ctx = &r->ctx,
                                .azure_url = url,
                                .secret = "dummy-client-secret" };
}

static void who_signed_in_may_ask(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    cleanup_free char *url = xasprintf("https://%s", r.host);
    const struct cloud_user u = user_of(&r, url);
    cleanup_free char *token = NULL;
    cleanup_free char *subscription =
        xasprintf("%s" RIG_SUBSCRIPTION "?api-version=2021-04-01", url);
    cleanup_json json *reply = NULL;
    cleanup_free char *type = NULL;

    assert_int_equal(user_sign_in(&u, &token, NULL), 0);
    const struct user_question q = { "GET", subscription, token, NULL, NULL };
    assert_int_equal(user_ask_header(&u, &q, "Content-Type", &reply, &type, NULL), 0);

    assert_string_equal(json_path_str(reply, "subscriptionId"), AZURE_SIM_SUBSCRIPTION);
    assert_non_null(strstr(type, "application/json"));
    rig_close(&r);
}

static void a_refusal_is_told_with_the_reply(void **state)
{
    (void)state;
    struct rig r;
    rig_open(&r);
    cleanup_free char *url = xasprintf("https://%s", r.host);
    const struct cloud_user u = user_of(&r, url);
    cleanup_free char *subscription =
        xasprintf("%s" RIG_SUBSCRIPTION "?api-version=2021-04-01", url);
    const struct user_question q = { "GET", subscription, NULL, NULL, NULL };
    cleanup_json json *reply = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(user_ask(&u, &q, &reply, &err), -1);

    assert_true(error_is(err, ERR_UNAUTHORIZED));
    assert_non_null(strstr(error_text(err), ": 401 {"));
    rig_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("who signed in may ask", who_signed_in_may_ask),
        CASE("a refusal is told with the reply", a_refusal_is_told_with_the_reply),
    };
    return RUN_CASES("user", tests);
}
