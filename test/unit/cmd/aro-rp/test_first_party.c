#include "cmd/aro-rp/first_party.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/test.h"

static void shows_its_secret(void **state)
{
    (void)state;
    cleanup_secret struct secret *secret = secret_new("s", 1);
    struct first_party *f = first_party_new("fp", secret);

    cleanup_azure_credential struct azure_credential *c =
        first_party_give_credential(f, "customer");

    assert_int_equal(c->type, AZURE_CLIENT_SECRET);
    assert_string_equal(c->tenant_id, "customer");
    assert_string_equal(c->client_id, "fp");
    assert_true(secret_equal(c->client_secret, secret));
    first_party_free(f);
}

static void shows_its_newest_certificate(void **state)
{
    (void)state;
    struct pair pairs[] = { pair_make("one", NULL, true, false),
                            pair_make("two", NULL, true, false) };
    struct first_party *f = first_party_new("fp", NULL);

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        first_party_set_cert(f, pairs[i].cert, pairs[i].key);
        cleanup_azure_credential struct azure_credential *c =
            first_party_give_credential(f, "customer");
        assert_int_equal(c->type, AZURE_CLIENT_CERTIFICATE);
        assert_true(c->send_chain);
        assert_string_equal(c->certificate_pem, pairs[i].cert);
        assert_true(secret_equal(c->key_pem, pairs[i].key));
    }

    first_party_free(f);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        pair_release(&pairs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("shows its secret where it has one", shows_its_secret),
        CASE("shows its newest certificate, with the chain", shows_its_newest_certificate),
    };
    return RUN_CASES("first-party application", tests);
}
