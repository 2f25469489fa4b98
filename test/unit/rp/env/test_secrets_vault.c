#include <string.h>

#include "rp/env/secrets_vault.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/test.h"

#define TOKEN \
    { \
        .reply = TOKEN_REPLY \
    }
#define GET(vault, path) \
    "GET https://aro-" vault ".vault.azure.net/secrets/" path "?api-version=7.3\n" \
    "Authorization: Bearer t1\nAccept: application/json\n@gzip: true\n"
#define SECRET(vault, name, version, value) \
    "{\"value\":\"" value "\",\"id\":\"https://aro-" vault ".vault.azure.net/secrets/" name \
    "/" version "\",\"attributes\":{\"enabled\":true,\"created\":100}}"
#define LISTED(name, version, created, enabled) \
    "{\"id\":\"https://aro-svc.vault.azure.net/secrets/" name "/" version \
    "\",\"attributes\":{\"enabled\":" enabled ",\"created\":" created "}}"
#define NONE "{\"value\":[],\"nextLink\":null}"

static struct rp_secrets *open_vaults(struct azure_fixture *f)
{
    const struct rp_vaults_config cfg = { .transport = &f->transport.base,
                                          .tokens = f->tokens,
                                          .cloud = azure_cloud_find("AzurePublicCloud"),
                                          .prefix = "aro",
                                          .clock = &f->clock.base,
                                          .rng = &f->rng.base };
    return rp_secrets_new_vaults(&cfg);
}

static void each_secret_has_its_vault(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN,
        { .request = GET("svc", "rp-server"), .reply = SECRET("svc", "rp-server", "1", "of svc") },
        { .request = GET("por", "portal-sshkey"),
          .reply = SECRET("por", "portal-sshkey", "1", "of por") },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_rp_secrets struct rp_secrets *s = open_vaults(&f);
    cleanup_secret struct secret *server = NULL, *key = NULL;

    assert_int_equal(rp_secrets_get(s, &f.ctx, SECRET_RP_SERVER, &server, NULL), 0);
    assert_int_equal(rp_secrets_get(s, &f.ctx, SECRET_PORTAL_SSH_KEY, &key, NULL), 0);

    assert_string_equal(secret_reveal(server, NULL), "of svc");
    assert_string_equal(secret_reveal(key, NULL), "of por");
    azure_fixture_finish(&f);
}

static void names_vault_and_secret(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN,
        { .status = 404,
          .reply = "{\"error\":{\"code\":\"SecretNotFound\",\"message\":\"gone\"}}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_rp_secrets struct rp_secrets *s = open_vaults(&f);
    struct secret *none = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_secrets_get(s, &f.ctx, SECRET_RP_SERVER, &none, &err), -1);

    assert_int_equal(error_kind(err), ERR_NOT_FOUND);
    assert_non_null(strstr(error_text(err), "key vault aro-svc: rp-server"));
    azure_fixture_finish(&f);
}

/* 64 bytes of zeros, in base64. */
#define ZEROS \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

/* What was read of a version stays true, whatever is asked later. */
static void reads_each_version_once(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN,
        { .request = GET("svc", "encryption-key-v2/versions"),
          .reply = "{\"value\":[" LISTED("encryption-key-v2", "a", "100", "true") "]}" },
        { .request = GET("svc", "encryption-key-v2/a"),
          .reply = SECRET("svc", "encryption-key-v2", "a", ZEROS) },
        { .request = GET("svc", "encryption-key/versions"), .reply = NONE },
        { .request = GET("svc", "encryption-key-v2/versions"),
          .reply = "{\"value\":[" LISTED("encryption-key-v2", "a", "100", "true") "," LISTED(
              "encryption-key-v2", "b", "200", "true") "," LISTED("encryption-key-v2", "c", "300",
                                                                  "false") "]}" },
        { .request = GET("svc", "encryption-key-v2/b"),
          .reply = SECRET("svc", "encryption-key-v2", "b", ZEROS) },
        { .request = GET("svc", "encryption-key/versions"), .reply = NONE },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_rp_secrets struct rp_secrets *s = open_vaults(&f);
    struct rp_key_source source;
    rp_key_source_init(&source, s, SECRET_ENCRYPTION_KEY);

    for (size_t i = 1; i <= 2; i++) {
        struct aead_keys keys = { 0 };
        cleanup_error struct error *err = NULL;
        if (source.base.list(&source.base, &f.ctx, &keys, &err) < 0)
            fail_msg("%s", error_text(err));
        assert_int_equal(keys.len, i);
        assert_int_equal(keys.v[i - 1].created_s, i * 100);
        aead_keys_release(&keys);
    }

    azure_fixture_finish(&f);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    cleanup_buf struct buf reply = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&reply,
             "{\"id\":\"https://aro-svc.vault.azure.net/secrets/rp-server/1\",\"value\":\"");
    for (size_t i = 0; i <= SECRET_MAX_BYTES; i++)
        buf_addc(&reply, 'x');
    buf_adds(&reply, "\"}");
    const struct script_step steps[] = { TOKEN, { .reply = buf_str(&reply) } };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    cleanup_rp_secrets struct rp_secrets *s = open_vaults(&f);
    struct secret *none = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rp_secrets_get(s, &f.ctx, SECRET_RP_SERVER, &none, &err), -1);

    assert_int_equal(error_kind(err), ERR_TOO_LARGE);
    azure_fixture_finish(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("each secret is looked for in its vault", each_secret_has_its_vault),
        CASE("an error names vault and secret", names_vault_and_secret),
        CASE("versions are listed each time and read once", reads_each_version_once),
        CASE("a secret beyond all measure is refused", refuses_what_is_too_long),
    };
    return RUN_CASES("secrets in key vaults", tests);
}
