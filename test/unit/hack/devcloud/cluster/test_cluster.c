#include <string.h>

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

static void has_an_authority(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    size_t count;
    int64_t until;

    assert_int_equal(pem_check_certs(cluster_ca_cert(rig.c), &count, &until, NULL), 0);

    assert_int_equal(count, 1);
    assert_true(until > FAKE_WALL_NS + 9 * 365 * 24 * 3600 * NS_PER_S);
}

static void takes_an_authority(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig first, second;
    cluster_rig_open(&first);
    cluster_rig_init(&second);
    second.cfg.ca_cert_pem = cluster_ca_cert(first.c);
    second.cfg.ca_key_pem = first.c->ca_key_pem;
    cluster_rig_start(&second);
    const char *const groups[] = { "g", NULL };
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;

    assert_string_equal(cluster_ca_cert(second.c), cluster_ca_cert(first.c));
    assert_int_equal(cluster_give_client_cert(second.c, "u", groups, &cert, &key, NULL), 0);
    assert_int_equal(pem_check_key_matches(cert, key, NULL), 0);
}

static void a_bad_authority_signs_nothing(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.ca_cert_pem = "no certificate";
    cluster_rig_start(&rig);
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(cluster_give_client_cert(rig.c, "u", NULL, &cert, &key, &err), -1);
    assert_non_null(err);
}

static void gives_kubeconfigs(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    const char *const groups[] = { "system:masters", NULL };
    cleanup_free char *text = NULL, *ca = NULL;
    cleanup_json json *config = NULL;
    size_t len;

    assert_int_equal(
        cluster_give_kubeconfig(rig.c, "https://127.0.0.1:1", "admin", groups, &text, NULL), 0);

    assert_int_equal(yaml_parse(text, strlen(text), &config, NULL), 0);
    assert_contains(config, "{'apiVersion':'v1','kind':'Config','current-context':'devcloud','"
                            "clusters':[{'cluster':{'server':"
                            "'https://"
                            "127.0.0.1:1'}}],'users':[{'user':{'client-certificate-data':'~LS0','"
                            "client-key-data':'~LS0'}}]}");
    const char *coded = json_path_str(config, "clusters[0].cluster.certificate-authority-data");
    assert_int_equal(base64_parse(coded, strlen(coded), &ca, &len, NULL), 0);
    assert_int_equal(len, strlen(cluster_ca_cert(rig.c)));
    assert_memory_equal(ca, cluster_ca_cert(rig.c), len);
}

static void is_the_newest_unless_told(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.minor = 0;
    cluster_rig_start(&rig);

    assert_int_equal(cluster_rig_send(&rig, "GET /version", NULL), 200);

    assert_contains(rig.last, "{'minor':'32'}");
}

static void forgets_what_it_is_told_to(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    const char line[] = "GET /api/v1/namespaces?resourceVersion=3&resourceVersionMatch=Exact";
    assert_int_equal(cluster_rig_send(&rig, line, NULL), 200);

    cluster_compact(rig.c);

    assert_int_equal(cluster_rig_send(&rig, line, NULL), 410);
    assert_int_equal(cluster_rig_send(&rig, "GET /api/v1/namespaces", NULL), 200);
}

static void keeps_no_more_history_than_told(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_init(&rig);
    rig.cfg.history_max = 2;
    cluster_rig_start(&rig);

    assert_int_equal(
        cluster_rig_send(
            &rig, "GET /api/v1/namespaces?resourceVersion=3&resourceVersionMatch=Exact", NULL),
        410);
}

/* Any number of them live in one process. */
static void are_apart(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig a, b;
    cluster_rig_open(&a);
    cluster_rig_open(&b);

    assert_int_equal(cluster_rig_send(&a, "POST /api/v1/namespaces", "{'metadata':{'name':'n'}}"),
                     201);

    assert_int_equal(cluster_rig_send(&b, "GET /api/v1/namespaces/n", NULL), 404);
}

static void nothing_is_freed(void **state)
{
    (void)state;
    cluster_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a cluster has an authority of its own", has_an_authority),
        CASE("or the one that it is given", takes_an_authority),
        CASE("an authority that is none signs nothing", a_bad_authority_signs_nothing),
        CASE("a kubeconfig has all that a client needs", gives_kubeconfigs),
        CASE("a cluster is of the newest version unless told", is_the_newest_unless_told),
        CASE("a cluster forgets the past when told", forgets_what_it_is_told_to),
        CASE("a cluster keeps as much history as told", keeps_no_more_history_than_told),
        CASE("clusters in one process are apart", are_apart),
        CASE("no cluster is freed in peace", nothing_is_freed),
    };
    return RUN_CASES("cluster", tests);
}
