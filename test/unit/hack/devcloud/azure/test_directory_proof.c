#include <string.h>

#include "hack/devcloud/azure/directory.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define ENDPOINT "/oauth2/v2.0/token"
#define SCOPE "&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
#define TYPE \
    "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
#define FORM "grant_type=client_credentials&client_id=" RIG_APPLICATION SCOPE

static int code_of(const struct rig_reply *reply)
{
    return (int)json_path_int(reply->body, "error_codes[0]", 0);
}

/* ---- secrets ---- */

static void check_secret(void **state)
{
    (void)state;
    static const struct {
        const char *patch, *proof;
        int status, code;
    } rows[] = {
        { "{}", "&client_secret=dummy-client-secret", 200, 0 },
        { "{}", "&client_secret=wrong", 401, 7000215 },
        { "{}", "&client_secret=", 401, 7000215 },
        { "{}", "", 401, 7000216 },
        { "{'applications':{'" RIG_APPLICATION "':{'secretExpired':true}}}",
          "&client_secret=dummy-client-secret", 401, 7000222 },
        { "{'applications':{'" RIG_APPLICATION "':{'secretExpired':null,'secret':'a+b c/d='}}}",
          "&client_secret=a%2Bb+c%2Fd%3D", 200, 0 },
        { "{'applications':{'" RIG_APPLICATION "':{'secret':null}}}", "&client_secret=x", 401,
          7000215 },
    };
    cleanup_rig struct rig r;
    rig_open(&r);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        cleanup_free char *form = xasprintf("%s%s", FORM, rows[i].proof);
        rig_patch(&r, rows[i].patch);
        assert_int_equal(rig_sign_in(&r, ENDPOINT, form, &reply), rows[i].status);
        assert_int_equal(code_of(&reply), rows[i].code);
    }
}

/* ---- assertions ---- */

struct assertion {
    const char *issuer, *subject, *audience; /* NULL: as it should be */
    int64_t expires_in_s, begins_in_s;
    bool pss, unregistered, no_type;
};

static int64_t now_s(void)
{
    return clock_wall_ns(clock_system()) / NS_PER_S;
}

static char *give_claims(const struct rig *r, const struct assertion *a)
{
    cleanup_free char *endpoint = xasprintf("https://%s/" RIG_TENANT ENDPOINT, r->host);
    cleanup_json json *claims = json_make(
        "{'iss':%s,'sub':%s,'aud':%s,'jti':'j','nbf':%ld,'exp':%ld}",
        a->issuer ? a->issuer : RIG_APPLICATION, a->subject ? a->subject : RIG_APPLICATION,
        a->audience ? a->audience : endpoint, now_s() + a->begins_in_s, now_s() + a->expires_in_s);
    return json_give_text(claims);
}

static void register_certificate(struct rig *r, const char *pem)
{
    cleanup_json json *patch =
        json_make("{'applications':{%s:{'certificates':[7,%s]}}}", RIG_APPLICATION, pem);
    cleanup_free char *text = json_give_text(patch);
    assert_int_equal(rig_send(r, "PATCH", "/_devcloud/state", "application/json", text, NULL), 200);
}

static int present(struct rig *r, const char *jwt, bool no_type, struct rig_reply *reply)
{
    cleanup_free char *form = xasprintf("%s%s&client_assertion=%s", FORM, no_type ? "" : TYPE, jwt);
    return rig_sign_in(r, ENDPOINT, form, reply);
}

static int sign_in_by_certificate(const struct assertion *a, struct rig_reply *reply)
{
    cleanup_rig struct rig r;
    rig_open(&r);
    struct pair cert = pair_make("app", NULL, false, true);
    struct pair other = pair_make("app", NULL, false, true);
    register_certificate(&r, a->unregistered ? other.cert : cert.cert);
    cleanup_free char *claims = give_claims(&r, a);
    struct jwt_assertion signing = { cert.cert, cert.key, a->pss, true, claims };
    cleanup_free char *jwt = NULL;
    assert_int_equal(jwt_give_assertion(&signing, &jwt, NULL), 0);
    int status = present(&r, jwt, a->no_type, reply);
    pair_release(&cert);
    pair_release(&other);
    return status;
}

static void check_certificate(void **state)
{
    static const struct {
        struct assertion a;
        int status, code;
    } rows[] = {
        { { .expires_in_s = 600 }, 200, 0 },
        { { .expires_in_s = 600, .pss = true }, 200, 0 },
        { { .expires_in_s = 600, .unregistered = true }, 401, 700027 },
        { { .expires_in_s = 600, .unregistered = true, .pss = true }, 401, 700027 },
        { { .expires_in_s = -10 }, 401, 700024 },
        { { .expires_in_s = 1200, .begins_in_s = 600 }, 401, 700024 },
        { { .expires_in_s = 600, .audience = "https://elsewhere/token" }, 401, 700023 },
        { { .expires_in_s = 600, .subject = "somebody" }, 401, 700021 },
        { { .expires_in_s = 600, .no_type = true }, 400, 900144 },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(sign_in_by_certificate(&rows[i].a, &reply), rows[i].status);
        assert_int_equal(code_of(&reply), rows[i].code);
    }
}

static void check_no_certificate(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    cleanup_free char *claims = give_claims(&r, &(struct assertion){ .expires_in_s = 600 });
    cleanup_free char *payload = base64url_give(claims, strlen(claims));
    cleanup_free char *jwt = xasprintf("e30.%s.c2ln", payload);
    cleanup_reply struct rig_reply reply = { 0 };

    assert_int_equal(present(&r, jwt, false, &reply), 401);
    assert_int_equal(code_of(&reply), 700027);
    assert_int_equal(present(&r, "no.jwt.atall", false, &reply), 401);
    assert_int_equal(code_of(&reply), 50027);
    assert_int_equal(present(&r, "", false, &reply), 401);
    assert_int_equal(code_of(&reply), 50027);
}

/* ---- federation ---- */

#define ISSUER "https://oidc.example/cluster"
#define SUBJECT "system:serviceaccount:openshift-azure-operator:aro-operator-master"

static int sign_in_federated(struct rig *r, const char *issuer, const char *subject,
                             const char *audience, struct rig_reply *reply)
{
    cleanup_json json *claims =
        json_make("{'iss':%s,'sub':%s,'exp':%ld}", issuer, subject, now_s() + 600);
    cleanup_free char *quoted = rig_give_json(audience);
    json *aud = NULL;
    assert_int_equal(json_parse(quoted, strlen(quoted), &aud, NULL), 0);
    json_put(claims, "aud", aud);
    cleanup_free char *text = json_give_text(claims);
    cleanup_free char *payload = base64url_give(text, strlen(text));
    cleanup_free char *jwt = xasprintf("e30.%s.c2ln", payload);
    return present(r, jwt, false, reply);
}

static void check_federated(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    rig_patch(&r, "{'applications':{'" RIG_APPLICATION "':{'federated':["
                  "{'issuer':'" ISSUER "','subject':'" SUBJECT "','audience':'openshift'},"
                  "{'issuer':'" ISSUER "','subject':'other'},7,{}]}}}");
    static const struct {
        const char *issuer, *subject, *audience;
        int status;
    } rows[] = {
        { ISSUER, SUBJECT, "'openshift'", 200 },
        { ISSUER, SUBJECT, "['x','openshift']", 200 },
        { ISSUER, SUBJECT, "['x']", 401 },
        { ISSUER, SUBJECT, "'api://AzureADTokenExchange'", 401 },
        { ISSUER, "other", "'api://AzureADTokenExchange'", 200 },
        { ISSUER, "nobody", "'openshift'", 401 },
        { NULL, NULL, "'api://AzureADTokenExchange'", 401 },
        { "https://oidc.example/", SUBJECT, "'openshift'", 401 },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cleanup_reply struct rig_reply reply = { 0 };
        assert_int_equal(
            sign_in_federated(&r, rows[i].issuer, rows[i].subject, rows[i].audience, &reply),
            rows[i].status);
        assert_int_equal(code_of(&reply), rows[i].status == 200 ? 0 : 70021);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a secret has to be there, right and in its time", check_secret),
        CASE("an assertion has to be signed with a registered certificate", check_certificate),
        CASE("an application without certificates takes no assertion", check_no_certificate),
        CASE("a foreign token has to match a federated credential", check_federated),
    };
    return RUN_CASES("directory_proof", tests);
}
