#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"
#include "rp/env/secrets.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

/* A source with one secret, of one name, in several versions. */
struct fake_version {
    const char *id, *value;
    int64_t created_s;
    bool disabled;
};
struct fake_source {
    struct rp_secrets base;
    const char *name;
    const struct fake_version *versions; /* the last is the newest */
    size_t len;
};

static int fake_get(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                    const char *version, struct secret **ret, struct error **err)
{
    const struct fake_source *f = container_of(s, struct fake_source, base);
    (void)ctx;
    for (size_t i = f->len; str_eq(name, f->name) && i-- > 0;) {
        if (version && !str_eq(version, f->versions[i].id))
            continue;
        assert_false(f->versions[i].disabled); /* nobody asks for it */
        *ret = secret_new(f->versions[i].value, strlen(f->versions[i].value));
        return 0;
    }
    return error_set(err, ERR_NOT_FOUND, "the place of %s", name);
}

static int fake_list(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                     struct rp_secret_versions *ret, struct error **err)
{
    const struct fake_source *f = container_of(s, struct fake_source, base);
    (void)ctx;
    (void)err;
    for (size_t i = 0; str_eq(name, f->name) && i < f->len; i++)
        rp_secret_versions_add(ret, xstrdup(f->versions[i].id), f->versions[i].created_s,
                               f->versions[i].disabled);
    return 0;
}

static char *fake_give_place(const struct rp_secrets *s, const char *name, const char *version)
{
    (void)s;
    return xasprintf("the place of %s, %s", name, version ? version : "newest");
}

static const struct rp_secrets_ops fake_ops = { fake_get, fake_list, fake_give_place, NULL };

#define FAKE(name_, versions_) \
    { \
        .base.ops = &fake_ops, .name = name_, .versions = versions_, .len = ARRAY_LEN(versions_) \
    }

static char *give_key_text(unsigned char byte, size_t len)
{
    unsigned char key[AEAD_V2_KEY_LEN];
    memset(key, byte, sizeof(key));
    return base64_give(key, len);
}

static void gives_a_pair(void **state)
{
    (void)state;
    struct pair p = pair_make("server", NULL, false, false);
    cleanup_free char *bundle = xasprintf("%s%s", secret_reveal(p.key, NULL), p.cert);
    const struct fake_version versions[] = { { "1", "older", 0, false },
                                             { "2", bundle, 0, false } };
    struct fake_source f = FAKE(SECRET_RP_SERVER, versions);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;

    assert_int_equal(rp_secrets_get_pair(&f.base, &ctx, SECRET_RP_SERVER, &cert, &key, NULL), 0);

    assert_int_equal(pem_check_key_matches(cert, key, NULL), 0);
    assert_string_equal(cert, p.cert);
    pair_release(&p);
}

static void names_the_place_of_what_is_no_pair(void **state)
{
    (void)state;
    const struct fake_version versions[] = { { "1", "verysecret", 0, false } };
    struct fake_source f = FAKE(SECRET_RP_SERVER, versions);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    char *cert = NULL;
    struct secret *key = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_secrets_get_pair(&f.base, &ctx, SECRET_RP_SERVER, &cert, &key, &err), -1);

    assert_non_null(strstr(error_text(err), "the place of rp-server, newest"));
    assert_null(strstr(error_text(err), "verysecret"));
    assert_null(cert);
    assert_null(key);
}

static void lists_the_enabled_versions_of_both_formats(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum aead_format format;
        size_t key_len;
    } formats[] = {
        { "encryption-key-v2", AEAD_V2, AEAD_V2_KEY_LEN },
        { "encryption-key", AEAD_LEGACY, AEAD_LEGACY_KEY_LEN },
    };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        cleanup_free char *one = give_key_text(1, formats[i].key_len);
        cleanup_free char *two = give_key_text(2, formats[i].key_len);
        const struct fake_version versions[] = {
            { "a", one, 100, false },
            { "b", "no key", 150, true },
            { "c", two, 200, false },
        };
        struct fake_source f = FAKE(formats[i].name, versions);
        struct rp_key_source source;
        struct aead_keys keys = { 0 };
        rp_key_source_init(&source, &f.base, SECRET_ENCRYPTION_KEY);

        assert_int_equal(source.base.list(&source.base, &ctx, &keys, NULL), 0);

        assert_int_equal(keys.len, 2);
        assert_int_equal(keys.v[0].format, formats[i].format);
        assert_int_equal(keys.v[0].created_s, 100);
        assert_int_equal(keys.v[1].created_s, 200);
        aead_keys_release(&keys);
    }
}

static void names_the_place_of_a_bad_key(void **state)
{
    (void)state;
    const struct fake_version versions[] = { { "a", "bW9vbg==", 100, false } };
    struct fake_source f = FAKE("encryption-key-v2", versions);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct rp_key_source source;
    struct aead_keys keys = { 0 };
    cleanup_error struct error *err = NULL;
    rp_key_source_init(&source, &f.base, SECRET_ENCRYPTION_KEY);

    assert_int_equal(source.base.list(&source.base, &ctx, &keys, &err), -1);

    assert_non_null(strstr(error_text(err), "the place of encryption-key-v2, a"));
    assert_null(strstr(error_text(err), "bW9v"));
    aead_keys_release(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("gives certificate and key of the newest version", gives_a_pair),
        CASE("names the place of what is no certificate with its key",
             names_the_place_of_what_is_no_pair),
        CASE("lists the enabled versions of a key in both formats",
             lists_the_enabled_versions_of_both_formats),
        CASE("names the place of a bad key", names_the_place_of_a_bad_key),
    };
    return RUN_CASES("secrets of the service", tests);
}
