#include <string.h>
#include <sys/stat.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"
#include "rp/env/secrets_folder.h"
#include "test/unit/support/test.h"

static char *make_folder(void)
{
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    char *path = xasprintf("%s/secrets-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(path));
    return path;
}

static void makes_what_is_missing_once(void **state)
{
    (void)state;
    cleanup_free char *parent = make_folder();
    cleanup_free char *dir = path_give_joined(parent, "secrets");
    cleanup_rp_secrets struct rp_secrets *s = NULL, *again = NULL;
    cleanup_free char *cert = NULL, *cert_again = NULL;
    cleanup_secret struct secret *key = NULL, *key_again = NULL;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);

    assert_int_equal(rp_secrets_open_folder(dir, true, &s, NULL), 0);
    assert_int_equal(rp_secrets_get_pair(s, &ctx, SECRET_RP_SERVER, &cert, &key, NULL), 0);
    assert_int_equal(rp_secrets_open_folder(dir, true, &again, NULL), 0);
    assert_int_equal(
        rp_secrets_get_pair(again, &ctx, SECRET_RP_SERVER, &cert_again, &key_again, NULL), 0);

    assert_int_equal(pem_check_key_matches(cert, key, NULL), 0);
    assert_string_equal(cert, cert_again);
    struct stat st;
    cleanup_free char *file = path_give_joined(dir, "encryption-key-v2");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

struct opener {
    const char *dir;
    pthread_barrier_t *together;
    char *cert; /* as it found it, right after */
    pthread_t thread;
};

static void open_and_read(void *arg)
{
    struct opener *o = arg;
    cleanup_rp_secrets struct rp_secrets *s = NULL;
    cleanup_secret struct secret *key = NULL;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    (void)pthread_barrier_wait(o->together);
    if (rp_secrets_open_folder(o->dir, true, &s, NULL) < 0 ||
        rp_secrets_get_pair(s, &ctx, SECRET_RP_SERVER, &o->cert, &key, NULL) < 0)
        o->cert = xstrdup("none");
}

static void makes_one_for_all_that_start_together(void **state)
{
    (void)state;
    cleanup_free char *parent = make_folder();
    cleanup_free char *dir = path_give_joined(parent, "secrets");
    struct opener openers[16];
    pthread_barrier_t together;
    assert_int_equal(pthread_barrier_init(&together, NULL, ARRAY_LEN(openers)), 0);
    for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
        openers[i] = (struct opener){ .dir = dir, .together = &together };
        assert_int_equal(
            thread_start(&openers[i].thread, "opener", open_and_read, &openers[i], NULL), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(openers); i++)
        pthread_join(openers[i].thread, NULL);
    pthread_barrier_destroy(&together);

    for (size_t i = 0; i < ARRAY_LEN(openers); i++) {
        assert_string_equal(openers[i].cert, openers[0].cert);
        assert_string_not_equal(openers[i].cert, "none");
    }
    for (size_t i = 0; i < ARRAY_LEN(openers); i++)
        free(openers[i].cert);
}

static void makes_nothing_in_production(void **state)
{
    (void)state;
    cleanup_free char *dir = make_folder();
    cleanup_rp_secrets struct rp_secrets *s = NULL;
    cleanup_error struct error *err = NULL;
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);

    assert_int_equal(rp_secrets_open_folder(dir, false, &s, NULL), 0);
    assert_int_equal(rp_secrets_get_pair(s, &ctx, SECRET_RP_SERVER, &cert, &key, &err), -1);

    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(err), "/rp-server"));
}

static void opens_what_an_older_key_sealed(void **state)
{
    (void)state;
    cleanup_free char *dir = make_folder();
    cleanup_rp_secrets struct rp_secrets *s = NULL;
    assert_int_equal(rp_secrets_open_folder(dir, true, &s, NULL), 0);
    struct rp_key_source source;
    rp_key_source_init(&source, s, SECRET_FRONTEND_ENCRYPTION_KEY);
    struct aead_config cfg = { .source = &source.base };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_aead struct aead *before = NULL, *after = NULL;
    cleanup_secret struct secret *plain = secret_new("token", 5), *opened = NULL;
    cleanup_free char *sealed = NULL;
    cleanup_error struct error *err = NULL;
    cleanup_free char *now = path_give_joined(dir, "fe-encryption-key-v2");
    cleanup_free char *then = path_give_joined(dir, "fe-encryption-key-v2.2024");

    if (aead_new(&cfg, &ctx, &before, &err) < 0 ||
        aead_seal(before, &ctx, plain, &sealed, &err) < 0)
        fail_msg("%s", error_text(err));
    assert_int_equal(rename(now, then), 0);
    rp_secrets_free(take(s));
    assert_int_equal(rp_secrets_open_folder(dir, true, &s, NULL), 0);
    rp_key_source_init(&source, s, SECRET_FRONTEND_ENCRYPTION_KEY);
    if (aead_new(&cfg, &ctx, &after, &err) < 0 || aead_open(after, &ctx, sealed, &opened, &err) < 0)
        fail_msg("%s", error_text(err));

    assert_true(secret_equal(opened, plain));
}

static void names_the_file_of_a_bad_key(void **state)
{
    (void)state;
    cleanup_free char *dir = make_folder();
    cleanup_free char *file = path_give_joined(dir, "encryption-key-v2");
    assert_int_equal(file_write_atomic(file, "bW9vbg==", 8, 0600, NULL), 0);
    cleanup_rp_secrets struct rp_secrets *s = NULL;
    assert_int_equal(rp_secrets_open_folder(dir, false, &s, NULL), 0);
    struct rp_key_source source;
    rp_key_source_init(&source, s, SECRET_ENCRYPTION_KEY);
    struct aead_config cfg = { .source = &source.base };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct aead *a = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(aead_new(&cfg, &ctx, &a, &err), -1);

    assert_non_null(strstr(error_text(err), file));
    assert_null(strstr(error_text(err), "bW9v"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("makes what is missing in development, once", makes_what_is_missing_once),
        CASE("makes one for all that start together", makes_one_for_all_that_start_together),
        CASE("makes nothing in production", makes_nothing_in_production),
        CASE("opens what an older version of a key sealed", opens_what_an_older_key_sealed),
        CASE("names the file of a bad key", names_the_file_of_a_bad_key),
    };
    return RUN_CASES("secrets in a folder", tests);
}
