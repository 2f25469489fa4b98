#include <string.h>

#include "hack/devcloud/boot/bootstrap.h"
#include "pkg/base/clock.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/boot_files.h"

#define TLS "/opt/openshift/tls/"
#define MANIFESTS "/opt/openshift/manifests/"

/* 0 or -1 with the error, owned by the caller. */
static int read_files(const struct boot_files *f, int64_t ahead_ns, struct bootstrap **ret,
                      struct error **err)
{
    cleanup_free char *text = boot_files_give_config(f, "2.2.0");
    cleanup_ignition struct ignition *i = NULL;
    assert_int_equal(ignition_parse(text, strlen(text), &i, NULL), 0);
    return bootstrap_read(i, clock_wall_ns(clock_system()) + ahead_ns, ret, err);
}

static void what_it_knows(void **state)
{
    (void)state;
    cleanup_boot_files struct boot_files f;
    boot_files_init(&f);
    cleanup_bootstrap struct bootstrap *b = NULL;

    assert_int_equal(read_files(&f, 0, &b, NULL), 0);

    assert_string_equal(b->infra, BOOT_INFRA);
    assert_string_equal(b->domain, BOOT_DOMAIN);
    assert_string_equal(b->resource_group, "demo-rg");
    assert_string_equal(b->region, "eastus");
    assert_string_equal(b->version, "4.15.9");
    assert_string_equal(b->serving_ca_pem, f.serving_ca_pem);
    assert_null(b->mcs.cert_pem);
    assert_non_null(bootstrap_find(b, "Secret", "pull-secret"));
    assert_non_null(bootstrap_find(b, "MachineSet", NULL));
    assert_null(bootstrap_find(b, "Secret", "nothing"));
}

static void who_may_sign(void **state)
{
    (void)state;
    cleanup_boot_files struct boot_files f;
    boot_files_init(&f);
    boot_files_set(&f, TLS "kubelet-signer.crt", f.serving_ca_pem);
    cleanup_bootstrap struct bootstrap *b = NULL;

    assert_int_equal(read_files(&f, 0, &b, NULL), 0);

    const char *admin = json_str(json_get(f.files, TLS "admin-kubeconfig-signer.crt"));
    assert_non_null(strstr(b->client_ca_pem, admin));
    assert_non_null(strstr(b->client_ca_pem, f.serving_ca_pem));
}

static void version_by_digest(void **state)
{
    (void)state;
    cleanup_boot_files struct boot_files f;
    boot_files_init(&f);
    boot_files_set(&f, "/usr/local/bin/release-image-download.sh",
                   "quay.io/openshift-release-dev/ocp-release@sha256:1234\n");
    cleanup_bootstrap struct bootstrap *b = NULL;

    assert_int_equal(read_files(&f, 0, &b, NULL), 0);

    assert_string_equal(b->version, "4.16.30");
}

struct fault {
    const char *name, *path, *text; /* text NULL: the file is missing */
    const char *why;
};
static struct fault faults[] = {
    { "a missing certificate", TLS "kube-apiserver-lb-server.crt", NULL, "there is no such file" },
    { "a missing key", TLS "kube-apiserver-lb-server.key", NULL, "there is no such file" },
    { "a missing signer of administrators", TLS "admin-kubeconfig-signer.crt", NULL,
      "there is no such file" },
    { "a missing authority of the API server", TLS "kube-apiserver-lb-signer.crt", NULL,
      "there is no such file" },
    { "a signer that is none", TLS "kubelet-signer.crt", "x", "kubelet-signer.crt" },
    { "a machine config server's certificate without a key", TLS "machine-config-server.crt", "x",
      "machine-config-server.key" },
    { "no Infrastructure", MANIFESTS "cluster-infrastructure-02-config.yml", NULL,
      "no manifest of a Infrastructure cluster" },
    { "no DNS", MANIFESTS "cluster-dns-02-config.yml", NULL, "no manifest of a DNS cluster" },
    { "another domain than that of the certificate", MANIFESTS "cluster-dns-02-config.yml",
      "apiVersion: config.openshift.io/v1\nkind: DNS\nmetadata: {name: cluster}\nspec: "
      "{baseDomain: "
      "other.example.com}\n",
      "not one of api.other.example.com" },
    { "a manifest that is no YAML", MANIFESTS "x.yaml", "a: [", MANIFESTS "x.yaml" },
    { "a manifest without a kind", MANIFESTS "x.yaml", "apiVersion: v1\nmetadata: {name: a}\n",
      "kind" },
    { "a manifest without a name", MANIFESTS "x.yaml", "apiVersion: v1\nkind: Secret\n",
      "metadata.name" },
};

static void check_fault(void **state)
{
    const struct fault *c = *state;
    cleanup_boot_files struct boot_files f;
    boot_files_init(&f);
    boot_files_set(&f, c->path, c->text);
    cleanup_bootstrap struct bootstrap *b = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(read_files(&f, 0, &b, &err), -1);

    if (!strstr(error_text(err), c->why))
        fail_msg("%s", error_text(err));
}

static void too_late(void **state)
{
    (void)state;
    cleanup_boot_files struct boot_files f;
    boot_files_init(&f);
    cleanup_bootstrap struct bootstrap *b = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(read_files(&f, 25 * 3600 * NS_PER_S, &b, &err), -1);

    assert_non_null(strstr(error_text(err), "not valid now"));
}

static void wrong_key(void **state)
{
    (void)state;
    cleanup_boot_files struct boot_files f, other;
    boot_files_init(&f);
    boot_files_init(&other);
    boot_files_set(&f, TLS "kube-apiserver-lb-server.key",
                   json_str(json_get(other.files, TLS "kube-apiserver-lb-server.key")));
    cleanup_bootstrap struct bootstrap *b = NULL;

    assert_int_equal(read_files(&f, 0, &b, NULL), -1);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(faults) + 5];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(faults[i].name, check_fault, &faults[i]);
    tests[n++] =
        (struct CMUnitTest)CASE("names, version and certificates are found", what_it_knows);
    tests[n++] = (struct CMUnitTest)CASE("every signer that is there may sign", who_may_sign);
    tests[n++] = (struct CMUnitTest)CASE("a digest tells no version", version_by_digest);
    tests[n++] =
        (struct CMUnitTest)CASE("a day later the certificates are worth nothing", too_late);
    tests[n++] = (struct CMUnitTest)CASE("a key of another certificate is refused", wrong_key);
    return RUN_CASES("bootstrap", tests);
}
