#include <string.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/kube/tls_files.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/pkg/net/pki.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct log_capture capture;
    struct log log;
    struct metrics *metrics;
    struct metric *family;
    char *dir;
    struct test_cert *ca, *ca2, *one, *two;
    struct kube_config cfg;
    struct tls_files files;
};

static void write_file(struct fixture *f, const char *name, const char *text)
{
    free(temp_dir_write(f->dir, name, text));
}

static int setup(void **state)
{
    struct fixture *f = xnew(struct fixture);
    fake_clock_init(&f->clock);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->metrics = metrics_new();
    f->family = tls_files_metric(f->metrics);
    f->dir = temp_dir_give();
    f->ca = test_ca_new("one");
    f->ca2 = test_ca_new("two");
    f->one = test_cert_new(f->ca, "one", NULL);
    f->two = test_cert_new(f->ca, "two", NULL);
    f->cfg.ca_file = temp_dir_write(f->dir, "ca", f->ca->cert_pem);
    f->cfg.cert_file = temp_dir_write(f->dir, "cert", f->one->cert_pem);
    f->cfg.key_file = temp_dir_write(f->dir, "key", f->one->key_pem);
    if (tls_files_load(&f->files, &f->cfg, NULL) < 0)
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    tls_files_release(&f->files);
    free(f->cfg.ca_file);
    free(f->cfg.cert_file);
    free(f->cfg.key_file);
    test_cert_free(f->ca);
    test_cert_free(f->ca2);
    test_cert_free(f->one);
    test_cert_free(f->two);
    temp_dir_free(f->dir);
    metrics_free(f->metrics);
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
    free(f);
    return 0;
}

static void reload(struct fixture *f)
{
    tls_files_reload(&f->files, &f->cfg, f->family, &f->log);
}

static void assert_counted(struct fixture *f, const char *material, const char *result,
                           const char *cause, int want)
{
    assert_int_equal((int)metric_get(f->family, METRIC_LABELS(material, result, cause)), want);
}

static void assert_in_use(struct fixture *f, const struct test_cert *ca,
                          const struct test_cert *pair)
{
    assert_string_equal(f->files.ca_pem, ca->cert_pem);
    assert_string_equal(f->files.cert_pem, pair->cert_pem);
    assert_string_equal(secret_reveal(f->files.key_pem, NULL), pair->key_pem);
}

static void test_load(void **state)
{
    struct fixture *f = *state;
    assert_in_use(f, f->ca, f->one);
}

static void test_data_beats_files(void **state)
{
    struct fixture *f = *state;
    struct kube_config cfg = f->cfg;
    cfg.ca_pem = (char[]){ "data" };
    struct tls_files files = { 0 };
    assert_int_equal(tls_files_load(&files, &cfg, NULL), 0);
    assert_string_equal(files.ca_pem, "data");
    tls_files_release(&files);
}

static void test_load_failure(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(unlink(f->cfg.key_file), 0);
    struct tls_files files = { 0 };
    cleanup_error struct error *err = NULL;
    assert_int_equal(tls_files_load(&files, &f->cfg, &err), -1);
    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_null(files.ca_pem);
}

static void test_unchanged(void **state)
{
    struct fixture *f = *state;
    write_file(f, "ca", f->ca->cert_pem); /* written again, the same bytes */
    reload(f);
    assert_in_use(f, f->ca, f->one);
    assert_int_equal(log_capture_len(&f->capture), 0);
    assert_counted(f, "ca", "success", "", 0);
}

static void test_ca_changes(void **state)
{
    struct fixture *f = *state;
    write_file(f, "ca", f->ca2->cert_pem);
    reload(f);
    assert_in_use(f, f->ca2, f->one);
    assert_counted(f, "ca", "success", "", 1);
}

struct bad_ca {
    const char *text, *cause;
};

static void test_bad_ca(void **state)
{
    struct fixture *f = *state;
    static const struct bad_ca bad[] = { { "", "empty" }, { "nonsense", "unparsable" } };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        write_file(f, "ca", bad[i].text);
        reload(f);
        assert_in_use(f, f->ca, f->one);
        assert_counted(f, "ca", "failure", bad[i].cause, 1);
    }
    assert_int_equal(unlink(f->cfg.ca_file), 0);
    reload(f);
    assert_in_use(f, f->ca, f->one);
    assert_counted(f, "ca", "failure", "missing", 1);
    write_file(f, "ca", f->ca2->cert_pem);
    reload(f);
    assert_in_use(f, f->ca2, f->one);
}

static void test_pair_changes(void **state)
{
    struct fixture *f = *state;
    write_file(f, "cert", f->two->cert_pem);
    reload(f); /* the key is yet to come */
    assert_in_use(f, f->ca, f->one);
    assert_counted(f, "client", "failure", "mismatch", 1);
    write_file(f, "key", f->two->key_pem);
    reload(f);
    assert_in_use(f, f->ca, f->two);
    assert_counted(f, "client", "success", "", 1);
}

static void test_bad_pair(void **state)
{
    struct fixture *f = *state;
    write_file(f, "cert", "nonsense");
    reload(f);
    assert_in_use(f, f->ca, f->one);
    assert_counted(f, "client", "failure", "unparsable", 1);
    assert_int_equal(unlink(f->cfg.key_file), 0);
    reload(f);
    assert_in_use(f, f->ca, f->one);
    assert_counted(f, "client", "failure", "missing", 1);
}

static void test_key_stays_out_of_log(void **state)
{
    struct fixture *f = *state;
    write_file(f, "key", "s3cret");
    reload(f);
    assert_in_use(f, f->ca, f->one);
    assert_int_equal(log_capture_len(&f->capture), 1);
    assert_false(log_capture_has(&f->capture, "s3cret"));
}

static void test_comparison(void **state)
{
    struct fixture *f = *state;
    struct tls_files copy;
    tls_files_copy(&copy, &f->files);
    assert_true(tls_files_same_ca(&copy, &f->files));
    assert_true(tls_files_same_cert(&copy, &f->files));
    free(take(copy.ca_pem));
    assert_false(tls_files_same_ca(&copy, &f->files));
    secret_unref(take(copy.key_pem));
    assert_false(tls_files_same_cert(&copy, &f->files));
    tls_files_release(&copy);
    struct tls_files none = { 0 };
    assert_true(tls_files_same_cert(&copy, &none));
}

#define FILES_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        FILES_CASE("forms that are files are read", test_load),
        FILES_CASE("data beats a file", test_data_beats_files),
        FILES_CASE("a file that cannot be read is an error at first", test_load_failure),
        FILES_CASE("unchanged bytes do nothing", test_unchanged),
        FILES_CASE("a changed authority is used", test_ca_changes),
        FILES_CASE("an authority that is empty, corrupt or gone keeps the former, until restored",
                   test_bad_ca),
        FILES_CASE("certificate and key are used when they fit each other", test_pair_changes),
        FILES_CASE("a certificate that is corrupt or a key that is gone keep the former",
                   test_bad_pair),
        FILES_CASE("a bad key is not shown in the log", test_key_stays_out_of_log),
        FILES_CASE("authorities and pairs are compared apart", test_comparison),
    };
    return RUN_CASES("tls_files", tests);
}
