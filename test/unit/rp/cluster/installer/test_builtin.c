#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/crypt/password.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/rp/cluster/installer_contract.h"
#include "test/unit/support/test.h"

static struct fake_clock the_clock;
static struct fake_rng rng;
static struct installer *installer;

static json *give_graph(const struct installer_inputs *in)
{
    struct opctx ctx = opctx_root(&the_clock.base, &rng.base, NULL, NULL);
    json *graph = NULL;
    cleanup_error struct error *err = NULL;
    if (installer_generate(installer, &ctx, in, &graph, &err) < 0)
        fail_msg("%s", error_text(err));
    return graph;
}

static enum installer_layout first = INSTALLER_V1, second = INSTALLER_V2;

static void keeps_the_contract(void **state)
{
    struct install_inputs s;
    install_inputs_init(&s, *(enum installer_layout *)*state);

    cleanup_json json *graph = give_graph(&s.in);

    contract_check(&s.in, graph, FAKE_WALL_NS);
    install_inputs_release(&s);
}

static void keeps_the_password_as_bcrypt(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    cleanup_json json *graph = give_graph(&s.in);
    cleanup_secret struct secret *ignition = NULL, *password = NULL, *hash = NULL;
    assert_int_equal(graph_give_bootstrap_ignition(graph, &ignition, NULL), 0);
    assert_int_equal(graph_give_kubeadmin_password(graph, &password, NULL), 0);

    cleanup_json json *secret = contract_give_manifest(
        ignition, "/opt/openshift/openshift/99_kubeadmin-password-secret.yaml");

    assert_string_equal(json_path_str(secret, "metadata.namespace"), "kube-system");
    assert_string_equal(json_path_str(secret, "metadata.name"), "kubeadmin");
    assert_int_equal(asset_need_bytes(secret, "data", "kubeadmin", &hash, NULL), 0);
    const char *text = secret_reveal(password, NULL);
    assert_true(str_starts(secret_reveal(hash, NULL), "$2a$10$"));
    assert_true(bcrypt_matches(text, secret_reveal(hash, NULL)));
    assert_null(strpbrk(text, "lO01"));
    install_inputs_release(&s);
}

static void never_repeats_itself(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    cleanup_json json *one = give_graph(&s.in), *two = give_graph(&s.in);
    cleanup_secret struct secret *one_password = NULL, *two_password = NULL;
    cleanup_free char *one_ca = NULL, *two_ca = NULL;

    assert_int_equal(graph_give_kubeadmin_password(one, &one_password, NULL), 0);
    assert_int_equal(graph_give_kubeadmin_password(two, &two_password, NULL), 0);
    assert_int_equal(graph_give_root_ca(one, &one_ca, NULL), 0);
    assert_int_equal(graph_give_root_ca(two, &two_ca, NULL), 0);

    assert_false(secret_equal(one_password, two_password));
    assert_string_not_equal(one_ca, two_ca);
    install_inputs_release(&s);
}

static void refuses_bad_inputs(void **state)
{
    (void)state;
    struct install_inputs s;
    install_inputs_init(&s, INSTALLER_V2);
    struct opctx ctx = opctx_root(&the_clock.base, &rng.base, NULL, NULL);
    s.in.document_id = "none";
    cleanup_json json *graph = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(installer_generate(installer, &ctx, &s.in, &graph, &err), -1);

    assert_true(error_is(err, ERR_INVALID));
    assert_null(graph);
    install_inputs_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE_OF("graphs of the first layout are as they have to be", keeps_the_contract, &first),
        CASE_OF("graphs of the second layout are as they have to be", keeps_the_contract, &second),
        CASE("the cluster gets the password as bcrypt", keeps_the_password_as_bcrypt),
        CASE("no two runs give the same", never_repeats_itself),
        CASE("bad inputs are refused", refuses_bad_inputs),
    };
    fake_clock_init(&the_clock);
    fake_rng_init(&rng, 7);
    installer = installer_builtin_new();
    int failed = RUN_CASES("builtin", tests);
    installer_free(installer);
    fake_clock_release(&the_clock);
    return failed;
}
