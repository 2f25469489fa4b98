#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/cluster/user_data.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define NS "openshift-machine-api"
#define NAME "https://api-int.a." RIG_ZONE ":22623/config/worker"
#define ADDRESS "https://10.0.0.4:22623/config/worker"
#define POINTER(url) "{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"" url "\"}]}}}"
#define KNOWN "{'apiserverProfile':{'intIp':'10.0.0.4'}}"

static void add_secret(struct inside_rig *r, const char *name, const char *text)
{
    cleanup_free char *encoded = base64_give(text, strlen(text));
    fake_cluster_put(&r->inside,
                     json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,"
                               "'namespace':%s},'data':{'userData':%s,'disableTemplating':"
                               "'dHJ1ZQo='}}",
                               name, NS, encoded));
    fake_cluster_forget_writes(&r->inside);
}

/* For the address 10.0.0.4. */
static void add_server_cert(struct inside_rig *r)
{
    cleanup_free char *pem = cert_give_own_issuer();
    cleanup_free char *encoded = base64_give(pem, strlen(pem));
    fake_cluster_put(&r->inside,
                     json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                               "'machine-config-server-tls','namespace':"
                               "'openshift-machine-config-operator'},'data':{'tls.crt':%s}}",
                               encoded));
    fake_cluster_forget_writes(&r->inside);
}

static void add_set(struct inside_rig *r, const char *secret)
{
    fake_cluster_put(&r->inside,
                     json_make("{'apiVersion':'machine.openshift.io/v1beta1','kind':'MachineSet',"
                               "'metadata':{'name':%s,'namespace':%s},'spec':{'template':{'spec':{"
                               "'providerSpec':{'value':{'userDataSecret':{'name':%s}}}}}}}",
                               secret, NS, secret));
}

static void add_machine(struct inside_rig *r, const char *secret)
{
    fake_cluster_put(&r->inside,
                     json_make("{'apiVersion':'machine.openshift.io/v1beta1','kind':'Machine',"
                               "'metadata':{'name':%s,'namespace':%s},'spec':{'providerSpec':{"
                               "'value':{'userDataSecret':{'name':%s}}}}}",
                               secret, NS, secret));
}

static void assert_told(struct inside_rig *r, const char *name, const char *want)
{
    const char *encoded = inside_rig_text(r, &GVR_SECRETS, NS, name, "data.userData");
    cleanup_free char *text = NULL;
    size_t len;
    assert_non_null(encoded);
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    assert_string_equal(text, want);
}

static void machines_are_led_to_the_address(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, KNOWN);
    add_server_cert(&r);
    add_set(&r, "worker-user-data");
    add_machine(&r, "master-user-data");
    add_secret(&r, "worker-user-data", POINTER(NAME));
    add_secret(&r, "master-user-data", POINTER(NAME));
    add_secret(&r, "not-of-machines", POINTER(NAME));

    inside_rig_must(&r, cluster_ensure_user_data);

    assert_told(&r, "worker-user-data", POINTER(ADDRESS));
    assert_told(&r, "master-user-data", POINTER(ADDRESS));
    assert_told(&r, "not-of-machines", POINTER(NAME));
    assert_string_equal(
        inside_rig_text(&r, &GVR_SECRETS, NS, "worker-user-data", "data.disableTemplating"),
        "dHJ1ZQo=");
    fake_cluster_forget_writes(&r.inside);
    inside_rig_must(&r, cluster_ensure_user_data);
    fake_cluster_must_not_write(&r.inside);
}

static void other_servers_are_the_customers(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, KNOWN);
    add_server_cert(&r);
    add_set(&r, "worker-user-data");
    add_set(&r, "gone");
    add_secret(&r, "worker-user-data", POINTER("https://api-int.b.example:22623/config/worker"));

    inside_rig_must(&r, cluster_ensure_user_data);

    fake_cluster_must_not_write(&r.inside);
}

/* No machine would come up. */
static void without_a_certificate_for_it_nobody_is_led_there(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{'apiserverProfile':{'intIp':'10.0.0.5'}}");
    add_set(&r, "worker-user-data");
    add_secret(&r, "worker-user-data", POINTER(NAME));

    inside_rig_must(&r, cluster_ensure_user_data);
    add_server_cert(&r);
    inside_rig_must(&r, cluster_ensure_user_data);

    fake_cluster_must_not_write(&r.inside);
}

static void without_an_address_nothing_is_changed(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");
    add_set(&r, "worker-user-data");
    add_secret(&r, "worker-user-data", POINTER(NAME));

    inside_rig_must(&r, cluster_ensure_user_data);

    fake_cluster_must_not_write(&r.inside);
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    inside_rig_open(&r, KNOWN);
    add_server_cert(&r);
    add_set(&r, "worker-user-data");
    fake_cluster_add(&r.inside, "{'apiVersion':'v1','kind':'Secret','metadata':{'name':"
                                "'worker-user-data','namespace':'" NS "'},'data':{'userData':"
                                "'*'}}");

    assert_int_equal(cluster_ensure_user_data(r.c, r.ctx, &err), -1);

    assert_non_null(strstr(error_text(err), "worker-user-data"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("machines are led to the address", machines_are_led_to_the_address),
        CASE("other servers are the customer's", other_servers_are_the_customers),
        CASE("without a certificate for it nobody is led there",
             without_a_certificate_for_it_nobody_is_led_there),
        CASE("without an address nothing is changed", without_an_address_nothing_is_changed),
        CASE("what cannot be read is told", what_cannot_be_read_is_told),
    };
    return RUN_CASES("user_data", tests);
}
