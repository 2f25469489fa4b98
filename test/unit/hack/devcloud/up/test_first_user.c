#include <string.h>

#include "hack/devcloud/up/first_user.h"
#include "pkg/base/mem.h"
#include "test/unit/hack/devcloud/azure/fake_rp.h"
#include "test/unit/support/test.h"

#define NETWORK \
    RIG_SUBSCRIPTION "/resourceGroups/dev/providers/Microsoft.Network/virtualNetworks/vnet"
#define CLUSTER_NETWORK \
    RIG_SUBSCRIPTION \
    "/resourceGroups/cluster/providers/Microsoft.Network/virtualNetworks/dev-vnet"
#define TRUST \
    "/providers/Microsoft.Authorization/roleAssignments/4d97b98b-0000-4000-8000-00000000000a" \
    "?api-version=2022-04-01"
#define GROUPS "?api-version=2021-04-01"

static int go_on(void *arg, struct error **err)
{
    (void)arg;
    (void)err;
    return 0;
}

static int give_up(void *arg, struct error **err)
{
    (void)arg;
    return error_set(err, ERR_TIMEOUT, "it takes too long");
}

struct user {
    struct rig rig;
    struct fake_rp rp;
    struct cloud_user first;
    char *url;
};

static const struct fake_rp_row subscription_taken[] = { { "PUT", NULL, 200, NULL, "{}" } };

static int set_up(void **state)
{
    struct user *u = xnew(struct user);
    rig_open(&u->rig);
    fake_rp_open(&u->rp, &u->rig);
    fake_rp_script(&u->rp, subscription_taken, 1);
    cleanup_free char *none = rig_give_json("{'registrations':null}");
    assert_int_equal(
        rig_send(&u->rig, "PATCH", "/_devcloud/state", "application/merge-patch+json", none, NULL),
        200);
    u->url = xasprintf("https://%s", u->rig.host);
    u->first = (struct cloud_user){ .transport = http_peer_transport(u->rig.peer),
                                    .ctx = &u->rig.ctx,
                                    .azure_url = u->url,
                                    .secret = "dummy-client-secret",
                                    .pause = go_on };
    *state = u;
    return 0;
}

static int tear_down(void **state)
{
    struct user *u = *state;
    fake_rp_close(&u->rp);
    rig_close(&u->rig);
    free(u->url);
    free(u);
    return 0;
}

static void makes_what_is_needed(void **state)
{
    struct user *u = *state;

    assert_int_equal(first_user_prepare(&u->first, NULL), 0);

    static const char *const there[] = {
        RIG_SUBSCRIPTION "/resourceGroups/dev" GROUPS,
        RIG_SUBSCRIPTION "/resourceGroups/cluster" GROUPS,
        RIG_SUBSCRIPTION "/resourceGroups/rp" GROUPS,
        RIG_SUBSCRIPTION "/resourceGroups/dns" GROUPS,
        NETWORK "/subnets/master" RIG_VERSION,
        NETWORK "/subnets/worker" RIG_VERSION,
        CLUSTER_NETWORK "/subnets/cluster-master" RIG_VERSION,
        CLUSTER_NETWORK "/subnets/cluster-worker" RIG_VERSION,
        NETWORK TRUST,
        CLUSTER_NETWORK TRUST,
    };
    for (size_t i = 0; i < ARRAY_LEN(there); i++)
        assert_int_equal(rig_call(&u->rig, "GET", there[i], NULL, NULL), 200);
    cleanup_json json *told = fake_rp_give_last(&u->rp);
    assert_string_equal(json_path_str(told, "target"), RIG_SUBSCRIPTION "?api-version=2.0");
    assert_non_null(strstr(json_path_str(told, "body"), "\"state\":\"Registered\""));
}

static void finds_all_there_again(void **state)
{
    struct user *u = *state;
    assert_int_equal(first_user_prepare(&u->first, NULL), 0);
    assert_int_equal(first_user_prepare(&u->first, NULL), 0);
}

static void says_what_it_waits_for(void **state)
{
    struct user *u = *state;
    cleanup_error struct error *err = NULL;
    static const struct fake_rp_row refused[] = { { "PUT", NULL, 500, NULL, "{}" } };
    fake_rp_script(&u->rp, refused, 1);
    u->first.pause = give_up;

    assert_int_equal(first_user_prepare(&u->first, &err), -1);

    assert_string_equal(error_text(err), "waiting for " RIG_SUBSCRIPTION
                                         "/providers/Microsoft.RedHatOpenShift: it takes too long");
}

static void says_that_it_cannot_sign_in(void **state)
{
    struct user *u = *state;
    cleanup_error struct error *err = NULL;
    u->first.secret = "wrong";

    assert_int_equal(first_user_prepare(&u->first, &err), -1);

    assert_true(str_starts(error_text(err), "signing in: POST https://"));
    assert_non_null(strstr(error_text(err), "AADSTS7000215"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "makes what is needed", makes_what_is_needed, set_up, tear_down, NULL },
        { "finds all there again", finds_all_there_again, set_up, tear_down, NULL },
        { "says what it waits for", says_what_it_waits_for, set_up, tear_down, NULL },
        { "says that it cannot sign in", says_that_it_cannot_sign_in, set_up, tear_down, NULL },
    };
    return RUN_CASES("first user", tests);
}
