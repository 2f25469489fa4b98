#include "test/unit/hack/devcloud/azure/fake_rp.h"

/* The bytes 0 to 63, and the signature that is published for them. */
#define KEY \
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw=="
#define DOCUMENT "/dbs/aro/colls/OpenShiftClusters/docs/0001"
#define DATE "Thu, 27 Apr 2017 00:51:12 GMT"
#define SIGNATURE "type%3Dmaster%26ver%3D1.0%26sig%3D7MmzcXLMr6HjEiNAR1u1b4orG7DSx2KIAzplC792iJE%3D"
#define ACCOUNT_FORM "&scope=https%3A%2F%2Facct.documents.azure.com%2F.default"
#define ROLE_ID \
    "/subscriptions/s/resourcegroups/g/providers/microsoft.documentdb/databaseaccounts/acct/" \
    "sqlroleassignments/r"
#define ROLE \
    "{'resources':{'" ROLE_ID "':{'id':'" ROLE_ID \
    "','name':'r','properties':{'principalId':'" RIG_OBJECT "'}}}}"

static const struct fake_rp_row rows[] = {
    { "GET", DOCUMENT, 200, "ETag: \"1\"\r\nx-ms-request-charge: 1\r\n", "{'id':'0001'}" },
    { "POST", "/docs", 201, NULL, "{}" },
};

struct scene {
    struct rig rig;
    struct fake_rp server;
};

/* A server of documents behind the simulator; the rig's token is for the account. */
static void begin(struct scene *s)
{
    cleanup_reply struct rig_reply reply = { 0 };
    rig_open(&s->rig);
    fake_rp_open(&s->server, &s->rig);
    fake_rp_script(&s->server, rows, ARRAY_LEN(rows));
    cleanup_free char *patch =
        xasprintf("{'cosmos':{'endpoint':'%s/','key':'" KEY "'}}", s->server.origin);
    rig_patch(&s->rig, patch);
    /* Tokens are for the host that was dialled. */
    assert_int_equal(
        rig_sign_in(&s->rig, "/oauth2/v2.0/token", RIG_SECRET_FORM ACCOUNT_FORM, &reply), 200);
    free(s->rig.token);
    s->rig.token = xstrdup(json_path_str(reply.body, "access_token"));
}

static void end(struct scene *s)
{
    fake_rp_close(&s->server);
    rig_close(&s->rig);
}

/* authorization NULL: the token. */
static int call(struct scene *s, const char *method, const char *path, const char *authorization,
                const char *body, struct rig_reply *ret)
{
    cleanup_free char *token = take(s->rig.token);
    cleanup_free char *value = xasprintf("type%%3Daad%%26ver%%3D1.0%%26sig%%3D%s", token);
    http_headers_set(&s->rig.extra, "Host", "acct.documents.azure.com");
    http_headers_set(&s->rig.extra, "Authorization", authorization ? authorization : value);
    http_headers_set(&s->rig.extra, "x-ms-date", DATE);
    http_headers_set(&s->rig.extra, "x-ms-documentdb-partitionkey", "[\"p\"]");
    http_headers_set(&s->rig.extra, "Secret-Header", "stays");
    int status = rig_call(&s->rig, method, path, body, ret);
    s->rig.token = take(token);
    return status;
}

static void check_no_role(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(call(&s, "GET", DOCUMENT, NULL, NULL, &reply), 403);

    assert_string_equal(json_path_str(reply.body, "code"), "Forbidden");
    assert_int_equal(fake_rp_count(&s.server), 0);
    end(&s);
}

static void check_role(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    rig_patch(&s.rig, ROLE);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(call(&s, "GET", DOCUMENT, NULL, NULL, &reply), 200);

    assert_string_equal(json_path_str(reply.body, "id"), "0001");
    assert_string_equal(http_headers_get(&reply.headers, "ETag"), "\"1\"");
    assert_string_equal(http_headers_get(&reply.headers, "x-ms-request-charge"), "1");
    cleanup_json json *seen = fake_rp_give_last(&s.server);
    assert_string_equal(json_path_str(seen, "headers.authorization"), SIGNATURE);
    assert_string_equal(json_path_str(seen, "headers[\"x-ms-date\"]"), DATE);
    assert_string_equal(json_path_str(seen, "headers[\"x-ms-documentdb-partitionkey\"]"),
                        "[\"p\"]");
    assert_false(json_path_has(seen, "headers[\"secret-header\"]"));
    end(&s);
}

static void check_body(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    rig_patch(&s.rig, ROLE);

    assert_int_equal(call(&s, "POST", "/dbs/aro/colls/Billing/docs", NULL, "{'id':'b'}", NULL),
                     201);

    cleanup_json json *seen = fake_rp_give_last(&s.server);
    assert_string_equal(json_path_str(seen, "body"), "{\"id\":\"b\"}");
    assert_string_equal(json_path_str(seen, "target"), "/dbs/aro/colls/Billing/docs");
    end(&s);
}

static void check_key(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);

    assert_int_equal(call(&s, "GET", DOCUMENT, "type%3Dmaster%26ver%3D1.0%26sig%3Dx", NULL, NULL),
                     200);

    cleanup_json json *seen = fake_rp_give_last(&s.server);
    assert_string_equal(json_path_str(seen, "headers.authorization"),
                        "type%3Dmaster%26ver%3D1.0%26sig%3Dx");
    end(&s);
}

static void check_strangers(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);

    assert_int_equal(call(&s, "GET", DOCUMENT, "type%3Daad%26ver%3D1.0%26sig%3Dx", NULL, NULL),
                     401);
    assert_int_equal(call(&s, "GET", DOCUMENT, "%", NULL, NULL), 401);
    rig_patch(&s.rig, "{'cosmos':null}");
    assert_int_equal(call(&s, "GET", DOCUMENT, NULL, NULL, NULL), 503);

    assert_int_equal(fake_rp_count(&s.server), 0);
    end(&s);
}

static void check_away(void **state)
{
    (void)state;
    struct scene s;
    begin(&s);
    rig_patch(&s.rig, "{'cosmos':{'endpoint':'http://127.0.0.1:1'}}");

    assert_int_equal(call(&s, "GET", DOCUMENT, "type%3Dmaster%26ver%3D1.0%26sig%3Dx", NULL, NULL),
                     503);

    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token without a role on the account does not enter", check_no_role),
        CASE("a token with a role goes on under the key's signature", check_role),
        CASE("a document goes on as it came", check_body),
        CASE("a signature of a key is judged where the documents are", check_key),
        CASE("strangers stay outside", check_strangers),
        CASE("a server that is away is told so", check_away),
    };
    return RUN_CASES("documents", tests);
}
