#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/rsa_key.h"
#include "test/unit/support/test.h"

/* A key that openssl genrsa made for this test, and what openssl rsa -pubout and ssh-keygen -y say of it. */
static const char *const known_der =
    "MIICXgIBAAKBgQDgoesWEpVqU0m7rrLj0k1Ufucgpn16vLAfv0sRPJpm7WsWPhoft0mCYV9eJ5ZqSSWIpklQMroixM1a"
    "llMA1GPhEKmBO+S6ZaB/DYmbZ2ViKE8aU+N7aAZ6K2jAdSrGCTX3IJcfCdpPB5TjZVskcC0AN81WRHqY3cH+SNgR3q6y"
    "uwIDAQABAoGBAJoYuYp0yScdZ7FmkLWUqRPT0n4leGLgWfoNYlO6vTjqmdGyXH1xYO4eGiwfACJ9d1AcsqJfii0b0LvZ"
    "76rcCH8tux5kd7Qk5pT51FgmrmyGQfz6cdVYqGKhLe1nffqqecDB61WmY5R3T43oYMy0OE8MemBqO9/EGAfF9avppwoh"
    "AkEA9Eq9NeexII769ecSpv0kArD8lkxLpdl2aIVi9OJrK10itnZOEwc1CTEQkCJsgoCqxcf77L010X58ywt/qcMJkwJB"
    "AOtl+U/mDQkyB9TBMR+Tq9j7bP1zvzz9bTWCYNRvYdKDXTbG/5QXbVcjwcAr9/t+MS4jTKCrZKpNQUuFv1HuyzkCQQC/"
    "eumuG+o5c/j/z9xN6bNVLLb/c9QDrl1iddLn0aVg+wKfdEGkJo0KpFuwLltRO1sf5a3wlSpfB773RA8P2GFjAkAlIPt2"
    "98E8nxCPJT27Tk5/tgCV5YjXdN2h4AOn3j2et6ufNTogwKU1ZmVsC0Nc/qWBMn4mpYIGPpM690ibAsA5AkEAj3+Z7wSZ"
    "f6nwBrK8ARRg11wlB9r8yCf9w+d5jozAHKavnlrfDkZX4bRZW7zxWTFRodHzPHOwfsVO4fIYQk9X2Q==";
static const char *const known_ssh =
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDgoesWEpVqU0m7rrLj0k1Ufucgpn16vLAfv0sRPJpm7WsWPhoft0mCYV9eJ5Zq"
    "SSWIpklQMroixM1allMA1GPhEKmBO+S6ZaB/DYmbZ2ViKE8aU+N7aAZ6K2jAdSrGCTX3IJcfCdpPB5TjZVskcC0AN81W"
    "RHqY3cH+SNgR3q6yuw==";
static const char *const known_public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDgoesWEpVqU0m7rrLj0k1Ufucg\n"
    "pn16vLAfv0sRPJpm7WsWPhoft0mCYV9eJ5ZqSSWIpklQMroixM1allMA1GPhEKmB\n"
    "O+S6ZaB/DYmbZ2ViKE8aU+N7aAZ6K2jAdSrGCTX3IJcfCdpPB5TjZVskcC0AN81W\n"
    "RHqY3cH+SNgR3q6yuwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

static struct secret *give_known(void)
{
    cleanup_free char *der = NULL;
    size_t len;
    assert_int_equal(base64_parse(known_der, strlen(known_der), &der, &len, NULL), 0);
    return secret_new(der, len);
}

static void gives_public_forms(void **state)
{
    (void)state;
    cleanup_secret struct secret *der = give_known();
    cleanup_free char *ssh = NULL, *pem = NULL;

    assert_int_equal(rsa_give_ssh_public(der, &ssh, NULL), 0);
    assert_int_equal(rsa_give_public_pem(der, &pem, NULL), 0);

    assert_string_equal(ssh, known_ssh);
    assert_string_equal(pem, known_public);
}

/* PEM is the same bytes in lines of base64. */
static void gives_the_private_form(void **state)
{
    (void)state;
    cleanup_secret struct secret *der = give_known(), *pem = NULL;

    assert_int_equal(rsa_give_pem(der, &pem, NULL), 0);

    const char *text = secret_reveal(pem, NULL);
    assert_true(str_starts(text, "-----BEGIN RSA PRIVATE KEY-----\n"));
    cleanup_free char *body = xstrdup(strchr(text, '\n') + 1);
    *strstr(body, "-----END RSA PRIVATE KEY-----") = '\0';
    size_t out = 0;
    for (size_t i = 0; body[i]; i++)
        if (body[i] != '\n')
            body[out++] = body[i];
    body[out] = '\0';
    assert_string_equal(body, known_der);
}

static void makes_keys(void **state)
{
    (void)state;
    cleanup_secret struct secret *one = NULL, *two = NULL;
    cleanup_free char *ssh = NULL;

    assert_int_equal(rsa_make(&one, NULL), 0);
    assert_int_equal(rsa_make(&two, NULL), 0);
    assert_int_equal(rsa_give_ssh_public(one, &ssh, NULL), 0);

    assert_int_equal(ssh_public_check(ssh, NULL), 0);
    assert_int_equal(strlen(ssh),
                     strlen("ssh-rsa ") + 372); /* 279 bytes: 2048 bits and two heads */
    assert_false(secret_equal(one, two));
}

static void refuses_other_keys(void **state)
{
    (void)state;
    cleanup_secret struct secret *der = secret_new("no key", 6), *pem = NULL;
    cleanup_free char *text = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(rsa_give_pem(der, &pem, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    assert_int_equal(rsa_give_public_pem(der, &text, &err), -1);
    assert_int_equal(rsa_give_ssh_public(der, &text, &err), -1);
}

struct line_case {
    const char *name, *text;
    bool good;
};
static struct line_case lines[] = {
    { "takes a key with a comment",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEyo0ZQJTDvxKzTzdZpDhF3XKHJtxT8VWp3Io7Kb2wCj me@here",
      true },
    { "refuses a type alone", "ssh-rsa", false },
    { "refuses what is no base64", "ssh-rsa AAAA!", false },
    { "refuses a key of another type",
      "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIEyo0ZQJTDvxKzTzdZpDhF3XKHJt", false },
    { "refuses a type without a key", "ssh-rsa AAAAB3NzaC1yc2E=", false },
    { "refuses two lines", "ssh-rsa AAAA\nssh-rsa AAAA", false },
    { "refuses an empty text", "", false },
};

static void check_line(void **state)
{
    const struct line_case *c = *state;
    cleanup_error struct error *err = NULL;

    assert_int_equal(ssh_public_check(c->text, &err), c->good ? 0 : -1);
    assert_true(c->good || error_is(err, ERR_INVALID));
}

int main(void)
{
    struct CMUnitTest tests[4 + ARRAY_LEN(lines)] = {
        CASE("public forms are those of openssl and ssh-keygen", gives_public_forms),
        CASE("the private form is the key's own bytes", gives_the_private_form),
        CASE("a new key is one of 2048 bits, and no two are the same", makes_keys),
        CASE("what is no RSA key is refused", refuses_other_keys),
    };
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(lines[i].name, check_line, &lines[i]);
    return RUN_CASES("rsa_key", tests);
}
