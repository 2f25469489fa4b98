#include "rp/cluster/installer/redact.h"
#include "test/unit/support/test.h"

struct redact_case {
    const char *name, *text, *want;
};
static struct redact_case cases[] = {
    { "a text without secrets stays", "level=info msg=\"all is well\"",
      "level=info msg=\"all is well\"" },
    { "a secret goes, wherever it is", "hush~1 and x-hush~1,hush~1",
      "[redacted] and x-[redacted],[redacted]" },
    { "of two that begin alike the longer one goes", "hush~1-longer hush~1-lo",
      "[redacted] [redacted]-lo" },
    { "a host's login goes, also decoded", "auth aHVzaDpwdWxsLXNlY3JldA== is hush:pull-secret",
      "auth [redacted] is [redacted]" },
    { "its password alone goes, too", "with pull-secret", "with [redacted]" },
    { "a private key goes",
      "a -----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY----- b", "a [redacted] b" },
    { "so does one that is cut off", "a -----BEGIN PRIVATE KEY-----\nMHcC", "a [redacted]" },
    { "a certificate stays", "-----BEGIN CERTIFICATE-----\nMI\n-----END CERTIFICATE-----",
      "-----BEGIN CERTIFICATE-----\nMI\n-----END CERTIFICATE-----" },
    { "a certificate stays, a key behind it goes",
      "-----BEGIN CERTIFICATE-----\nMI\n-----BEGIN PRIVATE KEY-----\nMC\n-----END PRIVATE KEY-----",
      "-----BEGIN CERTIFICATE-----\nMI\n[redacted]" },
};

static void check_redacted(void **state)
{
    const struct redact_case *c = *state;
    struct strv secrets = STRV_INIT;
    redact_add(&secrets, "hush~1");
    redact_add(&secrets, "hush~1-longer");
    redact_add(&secrets, "a"); /* would leave nothing to read */
    redact_add(&secrets, NULL);
    redact_add_pull_secret(&secrets,
                           "{\"auths\":{\"h\":{\"auth\":\"aHVzaDpwdWxsLXNlY3JldA==\"},\"i\":{}}}");
    redact_add_pull_secret(&secrets, "no JSON");
    redact_add_pull_secret(&secrets, NULL);

    cleanup_free char *text = redact_give(c->text, &secrets);

    assert_string_equal(text, c->want);
    redact_forget(&secrets);
    assert_int_equal(secrets.len, 0);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_redacted, &cases[i]);
    return RUN_CASES("redact", tests);
}
