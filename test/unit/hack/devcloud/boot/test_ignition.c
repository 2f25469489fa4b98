#include <string.h>

#include "hack/devcloud/boot/ignition.h"
#include "pkg/base/mem.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

static char *give_json(const char *loose)
{
    char *text = xstrdup(loose);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}

/* ---- data URLs ---- */

struct url_case {
    const char *name, *url, *want; /* want NULL: refused */
};
static struct url_case urls[] = {
    { "plain text is taken as it is", "data:,hello", "hello" },
    { "escapes are decoded", "data:,a%20b%0A", "a b\n" },
    { "a media type may stand before", "data:text/plain;charset=utf-8,x", "x" },
    { "base64 is decoded", "data:text/plain;charset=utf-8;base64,aGVsbG8=", "hello" },
    { "base64 without padding is decoded", "data:;base64,aGVsbG8", "hello" },
    { "base64 may be escaped", "data:;base64,Pz8%2FPw%3D%3D", "????" },
    { "an empty one is empty", "data:,", "" },
    { "a URL of another kind is refused", "https://example.com/", NULL },
    { "one without a comma is refused", "data:text/plain", NULL },
    { "a broken escape is refused", "data:,%zz", NULL },
    { "broken base64 is refused", "data:;base64,!!!", NULL },
};

static void check_url(void **state)
{
    const struct url_case *c = *state;
    cleanup_free char *data = NULL;
    size_t len = 0;

    int rcode = ignition_data_url(c->url, &data, &len, NULL);

    assert_int_equal(rcode, c->want ? 0 : -1);
    if (c->want) {
        assert_int_equal(len, strlen(c->want));
        assert_memory_equal(data, c->want, len);
    }
}

/* ---- configurations ---- */

#define V2 "{'ignition':{'version':'2.2.0'},'storage':{'files':["
#define V3 "{'ignition':{'version':'3.2.0'},'storage':{'files':["
#define FILE_A "{'filesystem':'root','path':'/a','contents':{'source':'data:,one'}}"

struct config_case {
    const char *name, *text;
    const char *a; /* the content of /a; NULL: the configuration is refused */
};
static struct config_case configs[] = {
    { "a file of spec 2.2.0", V2 FILE_A "]}}", "one" },
    { "a file of spec 3.2.0", V3 FILE_A "]}}", "one" },
    { "a file without contents is empty", V3 "{'path':'/a'}]}}", "" },
    { "content is appended in 2.2.0",
      V2 FILE_A ",{'path':'/a','append':true,'contents':{'source':'data:,%20two'}}]}}", "one two" },
    { "content is appended in 3.2.0",
      V3 "{'path':'/a','contents':{'source':'data:,1'},'append':[{'source':'data:,2'},{'source':"
         "'data:,3'}]}]}}",
      "123" },
    { "a file that is there twice is refused", V3 FILE_A "," FILE_A "]}}", NULL },
    { "a relative path is refused", V3 "{'path':'a'}]}}", NULL },
    { "a path that climbs is refused", V3 "{'path':'/x/../a'}]}}", NULL },
    { "compressed content is refused",
      V3 "{'path':'/a','contents':{'source':'data:,x','compression':'gzip'}}]}}", NULL },
    { "content from elsewhere is refused",
      V3 "{'path':'/a','contents':{'source':'https://example.com/a'}}]}}", NULL },
    { "another version is refused", "{'ignition':{'version':'3.1.0'}}", NULL },
    { "a missing version is refused", "{'ignition':{}}", NULL },
    { "files that are no list are refused",
      "{'ignition':{'version':'3.2.0'},'storage':{'files':{}}}", NULL },
    { "what is no JSON is refused", "#cloud-config", NULL },
};

static void check_config(void **state)
{
    const struct config_case *c = *state;
    cleanup_free char *text = give_json(c->text);
    cleanup_ignition struct ignition *i = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = ignition_parse(text, strlen(text), &i, &err);

    assert_int_equal(rcode, c->a ? 0 : -1);
    if (c->a)
        assert_string_equal(ignition_text(i, "/a"), c->a);
    else
        assert_true(error_is(err, ERR_INVALID) || error_is(err, ERR_UNSUPPORTED));
}

/* ---- pointers ---- */

struct source {
    struct http_transport base;
    int status;
    const char *body; /* loose */
    char *asked;
};

static int send_source(struct http_transport *t, const struct opctx *ctx,
                       const struct http_request *req, struct http_response *ret,
                       struct error **err)
{
    struct source *s = container_of(t, struct source, base);
    cleanup_free char *text = give_json(s->body);
    (void)ctx;
    (void)err;
    free(s->asked);
    s->asked = xstrdup(req->url);
    *ret = (struct http_response){ .status = s->status, .body = BUF_INIT(BUF_UNBOUNDED) };
    buf_adds(&ret->body, text);
    return 0;
}

#define REPLACE(version, url) \
    "{'ignition':{'version':'" version "','config':{'replace':{'source':'" url "'}}}}"
#define SOURCE "https://sa.blob.core.windows.net/ignition/bootstrap.ign?sig=s3cret"

struct pointer_case {
    const char *name, *pointer;
    int status;
    const char *body;
    const char *a;   /* content of /a in the end; NULL: it fails */
    const char *why; /* in the error */
};
static struct pointer_case pointers[] = {
    { "a pointer of 2.2.0 is followed", REPLACE("2.2.0", SOURCE), 200, V2 FILE_A "]}}", "one",
      NULL },
    { "a pointer of 3.2.0 is followed", REPLACE("3.2.0", SOURCE), 200, V3 FILE_A "]}}", "one",
      NULL },
    { "what is merged counts more",
      "{'ignition':{'version':'3.2.0','config':{'merge':[{'source':'" SOURCE
      "'}]}},'storage':{'files':[{'path':'/a'}]}}",
      200, V3 FILE_A "]}}", "one", NULL },
    { "a whole configuration needs no source", V3 FILE_A "]}}", 500, "", "one", NULL },
    { "a source that refuses is an error with its answer", REPLACE("3.2.0", SOURCE), 403,
      "AuthenticationFailed", NULL, "status 403: AuthenticationFailed" },
    { "a source that is no configuration is refused", REPLACE("3.2.0", SOURCE), 200, "<html>", NULL,
      "Ignition configuration" },
    { "a pointer to a pointer is refused", REPLACE("3.2.0", SOURCE), 200, REPLACE("3.2.0", SOURCE),
      NULL, "a pointer to a pointer" },
    { "a source without TLS is refused", REPLACE("3.2.0", "http://sa/x"), 200, V3 "]}}", NULL,
      "no https URL" },
};

static void check_pointer(void **state)
{
    const struct pointer_case *c = *state;
    struct source source = { { send_source }, c->status, c->body, NULL };
    struct fake_clock clock;
    struct fake_rng rng;
    fake_clock_init(&clock);
    fake_rng_init(&rng, 1);
    struct opctx ctx = opctx_root(&clock.base, &rng.base, NULL, NULL);
    cleanup_free char *pointer = give_json(c->pointer);
    cleanup_ignition struct ignition *i = NULL;
    cleanup_error struct error *err = NULL;

    int rcode = ignition_fetch(&source.base, &ctx, pointer, strlen(pointer), &i, &err);

    assert_int_equal(rcode, c->a ? 0 : -1);
    if (c->a)
        assert_string_equal(ignition_text(i, "/a"), c->a);
    else
        assert_non_null(strstr(error_text(err), c->why));
    assert_null(strstr(error_text(err), "s3cret"));
    free(source.asked);
    fake_clock_release(&clock);
}

static void limit_of_custom_data(void **state)
{
    (void)state;
    struct source source = { { send_source }, 200, "", NULL };
    cleanup_free char *text = xcalloc(1, IGNITION_CUSTOM_DATA_MAX + 2);
    memset(text, ' ', IGNITION_CUSTOM_DATA_MAX + 1);
    cleanup_ignition struct ignition *i = NULL;
    cleanup_error struct error *err = NULL;
    struct opctx ctx = { 0 };

    assert_int_equal(
        ignition_fetch(&source.base, &ctx, text, IGNITION_CUSTOM_DATA_MAX + 1, &i, &err), -1);

    assert_true(error_is(err, ERR_TOO_LARGE));
}

/* ---- users ---- */

static void check_keys(void **state)
{
    (void)state;
    cleanup_ignition struct ignition *i = NULL;
    cleanup_error struct error *err = NULL;
    cleanup_free char *text =
        give_json("{'ignition':{'version':'3.2.0'},'passwd':{'users':[{'name':'other',"
                  "'sshAuthorizedKeys':['no']},{'name':'core','sshAuthorizedKeys':['one','two',"
                  "'one']}]}}");
    cleanup_free char *bad = give_json("{'ignition':{'version':'3.2.0'},'passwd':{'users':["
                                       "{'name':'core','sshAuthorizedKeys':['a\\nb']}]}}");

    assert_int_equal(ignition_parse(text, strlen(text), &i, NULL), 0);

    assert_int_equal(i->core_keys.len, 2);
    assert_string_equal(i->core_keys.v[1], "two");
    ignition_free(take(i));
    assert_int_equal(ignition_parse(bad, strlen(bad), &i, &err), -1);
    assert_non_null(strstr(error_text(err), "passwd.users[0].sshAuthorizedKeys[0]"));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(urls) + ARRAY_LEN(configs) + ARRAY_LEN(pointers) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(urls); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(urls[i].name, check_url, &urls[i]);
    for (size_t i = 0; i < ARRAY_LEN(configs); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(configs[i].name, check_config, &configs[i]);
    for (size_t i = 0; i < ARRAY_LEN(pointers); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(pointers[i].name, check_pointer, &pointers[i]);
    tests[n++] = (struct CMUnitTest)CASE("more customData than Azure takes is refused",
                                         limit_of_custom_data);
    tests[n++] = (struct CMUnitTest)CASE("keys of user core are kept, once each", check_keys);
    return RUN_CASES("ignition", tests);
}
