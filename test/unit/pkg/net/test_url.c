#include <stdlib.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/net/url.h"
#include "test/unit/support/test.h"

struct parse_case {
    const char *text; /* also the case's name */
    const char *scheme, *host;
    uint16_t port;
    bool port_given;
    const char *path, *query;
};
static struct parse_case parse_cases[] = {
    { "https://api.example.com", "https", "api.example.com", 443, false, "/", NULL },
    { "HTTP://Api.Example.COM/A%2Fb", "http", "api.example.com", 80, false, "/A%2Fb", NULL },
    { "https://h:6443/p/q?a=b&c=d#frag", "https", "h", 6443, true, "/p/q", "a=b&c=d" },
    { "https://h?x=1", "https", "h", 443, false, "/", "x=1" },
    { "https://h/?", "https", "h", 443, false, "/", "" },
    { "https://h#f?x", "https", "h", 443, false, "/", NULL },
    { "https://h:443", "https", "h", 443, true, "/", NULL },
    { "https://[::1]:8443/x", "https", "::1", 8443, true, "/x", NULL },
    { "https://[FE80::A]", "https", "fe80::a", 443, false, "/", NULL },
    { "socks5://127.0.0.1", "socks5", "127.0.0.1", 1080, false, "/", NULL },
    { "https://h/a/../b//c", "https", "h", 443, false, "/a/../b//c", NULL },
    { "https://h/a@b", "https", "h", 443, false, "/a@b", NULL },
};

static void check_parse(void **state)
{
    const struct parse_case *c = *state;
    struct url u;

    assert_int_equal(url_parse(c->text, &u, NULL), 0);

    assert_string_equal(u.scheme, c->scheme);
    assert_string_equal(u.host, c->host);
    assert_int_equal(u.port, c->port);
    assert_int_equal(u.port_given, c->port_given);
    assert_string_equal(u.path, c->path);
    assert_true(str_eq(u.query, c->query));
    url_release(&u);
}

static const char *bad_urls[] = {
    "",
    "h",
    "/path",
    "https:/h",
    "https://",
    "https:///p",
    "https://:443/",
    "gopher://h",
    "https://user@h",
    "https://user:hunter2@h/",
    "https://h:0",
    "https://h:65536",
    "https://h:",
    "https://h:4x",
    "https://h:-1",
    "https://[::1",
    "https://[::g]",
    "https://[::1]443",
    "https://h h/",
    "https://h/a b",
    "https://h/a\r\nX: y",
    "https://h/\x80",
    "https://h\\.evil/",
    "https://h,g/",
};

static void check_refused(void **state)
{
    struct url u;
    struct error *err = NULL;

    assert_int_equal(url_parse(*state, &u, &err), -1);

    assert_int_equal(error_kind(err), ERR_INVALID);
    assert_null(strstr(error_text(err), "hunter2"));
    error_free(err);
}

static void test_queries_are_escaped_and_joined(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "https://h/p");

    url_add_query(&b, "labelSelector", "a in (b,c)");
    url_add_query(&b, "absent", NULL);
    url_add_query(&b, "x y", "");

    assert_string_equal(buf_str(&b), "https://h/p?labelSelector=a%20in%20%28b%2Cc%29&x%20y=");
    buf_release(&b);
}

static void test_query_goes_on_behind_a_bare_question_mark(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "/p?");

    url_add_query(&b, "a", "1");
    buf_adds(&b, "&");
    url_add_query(&b, "b", "2");

    assert_string_equal(buf_str(&b), "/p?a=1&b=2");
    buf_release(&b);
}

struct query_case {
    const char *sentence, *query, *name, *want;
};
static struct query_case query_cases[] = {
    { "finds the first value", "a=1&b=2&a=3", "a", "1" },
    { "finds the last parameter", "a=1&b=2", "b", "2" },
    { "decodes name and value", "%61pi%2Dversion=2024%2D01+x", "api-version", "2024-01 x" },
    { "gives an empty value for a bare name", "watch&x=1", "watch", "" },
    { "keeps further equals signs", "a=b=c", "a", "b=c" },
    { "passes over a broken escape", "a=%zz&a=2", "a", "2" },
    { "gives NULL when absent", "aa=1", "a", NULL },
    { "gives NULL without a query", NULL, "a", NULL },
};

static void check_query(void **state)
{
    const struct query_case *c = *state;

    cleanup_free char *value = query_give(c->query, c->name);

    assert_true(str_eq(value, c->want));
}

static const struct {
    const char *query, *broken; /* NULL: none */
} sound_cases[] = {
    { NULL, NULL },           { "", NULL },
    { "a=1&&b&=c", NULL },    { "%24skipToken=%41+x", NULL },
    { "a=1&b=%zz&c=%", "b" }, { "%24skipToken=%00%ff", "$skipToken" },
    { "a=1&%zz=1", "%zz" },   { "a=%4&1=2", "a" },
};

static void test_a_parameter_that_does_not_decode_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sound_cases); i++) {
        cleanup_free char *broken = NULL;
        assert_int_equal(query_is_sound(sound_cases[i].query, &broken), !sound_cases[i].broken);
        assert_true(str_eq(broken, sound_cases[i].broken));
    }
}

static void test_names_come_one_after_the_other(void **state)
{
    const char *at = "a=1&&b&=c&%24skip+x=%41=&%zz=1&a=2";
    static const char *const want[] = { "a", "b", "", "$skip x", "a", NULL };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        cleanup_free char *name = query_give_name(&at);
        assert_true(str_eq(name, want[i]));
    }
    at = NULL;
    assert_null(query_give_name(&at));
}

static void test_origin_is_scheme_host_and_port(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } pairs[] = {
        { "https://h/a", "HTTPS://H:443/b", true },
        { "https://h", "http://h", false },
        { "https://h", "https://h:444", false },
        { "https://h", "https://g", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        struct url a, b;
        assert_int_equal(url_parse(pairs[i].a, &a, NULL), 0);
        assert_int_equal(url_parse(pairs[i].b, &b, NULL), 0);
        assert_int_equal(url_same_origin(&a, &b), pairs[i].same);
        url_release(&a);
        url_release(&b);
    }
}

int main(void)
{
    enum {
        PARSE = ARRAY_LEN(parse_cases),
        BAD = ARRAY_LEN(bad_urls),
        QUERY = ARRAY_LEN(query_cases)
    };
    struct CMUnitTest tests[5 + PARSE + BAD + QUERY] = {
        CASE("query parameters are escaped and joined", test_queries_are_escaped_and_joined),
        CASE("a query goes on behind a bare question mark or ampersand",
             test_query_goes_on_behind_a_bare_question_mark),
        CASE("a parameter that does not decode is told",
             test_a_parameter_that_does_not_decode_is_told),
        CASE("names come one after the other", test_names_come_one_after_the_other),
        CASE("an origin is scheme, host and port", test_origin_is_scheme_host_and_port),
    };
    struct CMUnitTest *t = tests + 5;
    for (size_t i = 0; i < PARSE; i++)
        *t++ = (struct CMUnitTest)CASE_OF(parse_cases[i].text, check_parse, &parse_cases[i]);
    for (size_t i = 0; i < BAD; i++)
        *t++ = (struct CMUnitTest){ "a bad URL is refused", check_refused, NULL, NULL,
                                    (void *)(uintptr_t)bad_urls[i] };
    for (size_t i = 0; i < QUERY; i++)
        *t++ = (struct CMUnitTest)CASE_OF(query_cases[i].sentence, check_query, &query_cases[i]);
    return RUN_CASES("url", tests);
}
