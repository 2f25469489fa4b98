#include <string.h>

#include "hack/devcloud/cluster/auth.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "test/unit/support/hack/devcloud/cluster_rig.h"

#define SA "/api/v1/namespaces/default/serviceaccounts"
#define PODS "/api/v1/namespaces/default/pods"

/* "NAME uid [groups]" of a user, or "" for a refusal with 401. */
static char *give_identity(struct cluster_rig *rig, const char *header, const void *der, size_t len)
{
    struct credentials cred = { .cert_der = der, .cert_len = len, .authorization = header };
    struct api_user user = { 0 };
    cleanup_error struct error *err = NULL;
    if (auth_identify(rig->c, &cred, &user, &err) < 0) {
        assert_int_equal(error_get_status(err), 401);
        assert_string_equal(error_get_code(err), "Unauthorized");
        api_user_release(&user);
        return xstrdup("");
    }
    cleanup_free char *groups = strv_give_joined(&user.groups, ",");
    char *all = xasprintf("%s [%s]", user.name, groups);
    api_user_release(&user);
    return all;
}

static void assert_identity(struct cluster_rig *rig, const char *header, const char *want)
{
    cleanup_free char *got = give_identity(rig, header, NULL, 0);
    assert_string_equal(got, want);
}

/* The DER of the first certificate in a PEM text. */
static char *give_der(const char *pem, size_t *ret_len)
{
    const char *start = strstr(pem, "-----BEGIN CERTIFICATE-----");
    assert_non_null(start);
    start += strlen("-----BEGIN CERTIFICATE-----");
    cleanup_buf struct buf letters = BUF_INIT(BUF_UNBOUNDED);
    for (const char *p = start; *p != '-'; p++)
        if (*p != '\n' && *p != '\r')
            buf_addc(&letters, *p);
    char *der = NULL;
    assert_int_equal(base64_parse(letters.data, letters.len, &der, ret_len, NULL), 0);
    return der;
}

static void nobody_without_credentials(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);

    assert_identity(&rig, NULL, "system:anonymous [system:unauthenticated]");
    assert_identity(&rig, "Basic YTpi", "system:anonymous [system:unauthenticated]");
    assert_identity(&rig, "", "system:anonymous [system:unauthenticated]");
}

static void tokens_of_users(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    const char *const groups[] = { "g", NULL };
    cluster_add_token(rig.c, "secret", "alice", groups, 0);
    cluster_add_token(rig.c, "plain", "bob", NULL, 0);

    assert_identity(&rig, "Bearer secret", "alice [g,system:authenticated]");
    assert_identity(&rig, "bearer  secret ", "alice [g,system:authenticated]");
    assert_identity(&rig, "Bearer plain", "bob [system:authenticated]");
    assert_identity(&rig, "Bearer secre", "");
    assert_identity(&rig, "Bearer ", "");
    assert_identity(&rig, "Bearer a.b.c", "");
    assert_identity(&rig, "Bearer .", "");
}

static void tokens_that_expire(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    cluster_add_token(rig.c, "short", "alice", NULL, 60);
    cluster_add_token(rig.c, "long", "bob", NULL, 120);

    fake_clock_advance_ns(&rig.clock, 59 * NS_PER_S);
    assert_identity(&rig, "Bearer short", "alice [system:authenticated]");
    fake_clock_advance_ns(&rig.clock, NS_PER_S);
    assert_identity(&rig, "Bearer short", "");
    assert_identity(&rig, "Bearer long", "bob [system:authenticated]");
}

static void certificates(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig, other;
    cluster_rig_open(&rig);
    cluster_rig_open(&other);
    const char *const groups[] = { "g", "h", NULL };
    cleanup_free char *pem = NULL;
    cleanup_secret struct secret *key = NULL;
    size_t len;
    assert_int_equal(cluster_give_client_cert(rig.c, "alice", groups, &pem, &key, NULL), 0);
    cleanup_free char *der = give_der(pem, &len);
    cluster_add_token(other.c, "secret", "bob", NULL, 0);

    cleanup_free char *known = give_identity(&rig, NULL, der, len);
    assert_string_equal(known, "alice [g,h,system:authenticated]");
    cleanup_free char *beats_token = give_identity(&rig, "Bearer nonsense", der, len);
    assert_string_equal(beats_token, "alice [g,h,system:authenticated]");
    cleanup_free char *foreign = give_identity(&other, NULL, der, len);
    assert_string_equal(foreign, "");
    cleanup_free char *with_token = give_identity(&other, "Bearer secret", der, len);
    assert_string_equal(with_token, "bob [system:authenticated]");
    cleanup_free char *broken = give_identity(&rig, NULL, der, len / 2);
    assert_string_equal(broken, "");
    fake_clock_advance_ns(&rig.clock, 2 * 365 * 24 * 3600 * NS_PER_S);
    cleanup_free char *late = give_identity(&rig, NULL, der, len);
    assert_string_equal(late, "");
}

/* ---- tokens of service accounts ---- */

#define OF_S \
    "system:serviceaccount:default:s " \
    "[system:serviceaccounts,system:serviceaccounts:default,system:authenticated]"

static char *give_bearer(struct cluster_rig *rig, const char *spec)
{
    cleanup_free char *body = xasprintf("{'spec':%s}", spec);
    assert_int_equal(cluster_rig_send(rig, "POST " SA "/s/token", body), 201);
    return xasprintf("Bearer %s", json_path_str(rig->last, "status.token"));
}

static void open_with_account(struct cluster_rig *rig)
{
    cluster_rig_open(rig);
    assert_int_equal(cluster_rig_send(rig, "POST " SA, "{'metadata':{'name':'s'}}"), 201);
}

static void end_in_time(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    open_with_account(&rig);
    cleanup_free char *bearer = give_bearer(&rig, "{'expirationSeconds':600}");

    assert_identity(&rig, bearer, OF_S);
    fake_clock_advance_ms(&rig.clock, 599000);
    assert_identity(&rig, bearer, OF_S);
    fake_clock_advance_ms(&rig.clock, 1000);
    assert_identity(&rig, bearer, "");
}

static void end_with_their_account(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    open_with_account(&rig);
    cleanup_free char *bearer = give_bearer(&rig, "{}");

    assert_int_equal(cluster_rig_send(&rig, "DELETE " SA "/s", NULL), 200);
    assert_identity(&rig, bearer, "");
    assert_int_equal(cluster_rig_send(&rig, "POST " SA, "{'metadata':{'name':'s'}}"), 201);
    assert_identity(&rig, bearer, ""); /* another one of that name */
}

static void end_with_what_they_are_bound_to(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    open_with_account(&rig);
    assert_int_equal(
        cluster_rig_send(
            &rig, "POST " PODS,
            "{'metadata':{'name':'p'},'spec':{'containers':[{'name':'c','image':'x'}]}}"),
        201);
    assert_int_equal(cluster_rig_send(&rig, "POST /api/v1/namespaces/default/secrets",
                                      "{'metadata':{'name':'t'}}"),
                     201);
    cleanup_free char *of_pod = give_bearer(&rig, "{'boundObjectRef':{'kind':'Pod','name':'p'}}");
    cleanup_free char *of_secret =
        give_bearer(&rig, "{'boundObjectRef':{'kind':'Secret','name':'t'}}");

    assert_identity(&rig, of_pod, OF_S);
    assert_identity(&rig, of_secret, OF_S);
    assert_int_equal(cluster_rig_send(&rig, "DELETE " PODS "/p", NULL), 200);
    assert_identity(&rig, of_pod, "");
    assert_identity(&rig, of_secret, OF_S);
    assert_int_equal(cluster_rig_send(&rig, "DELETE /api/v1/namespaces/default/secrets/t", NULL),
                     200);
    assert_identity(&rig, of_secret, "");
}

static void are_for_their_audience(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig;
    open_with_account(&rig);
    cleanup_free char *bearer = give_bearer(&rig, "{'audiences':['vault']}");
    struct api_user user = { 0 };

    assert_identity(&rig, bearer, "");
    assert_int_equal(auth_check_token(rig.c, bearer + strlen("Bearer "), "vault", &user, NULL), 0);
    assert_string_equal(user.name, "system:serviceaccount:default:s");
    api_user_release(&user);
}

/* Nobody else can make or change one. */
static void are_signed(void **state)
{
    (void)state;
    cleanup_cluster_rig struct cluster_rig rig, other;
    open_with_account(&rig);
    open_with_account(&other);
    fake_rng_init(&other.rng, 2);
    cleanup_free char *bearer = give_bearer(&rig, "{}");
    cleanup_free char *forged = xstrdup(bearer), *cut = xstrdup(bearer), *swapped = NULL;
    char *dot = strchr(forged, '.');
    dot[5] = dot[5] == 'A' ? 'B' : 'A';
    *strrchr(cut, '.') = '\0';
    cleanup_free char *payload = base64url_give("{\"sub\":\"root\"}", 14);
    swapped = xasprintf("Bearer eyJhbGciOiJub25lIn0.%s.", payload);

    assert_identity(&rig, forged, "");
    assert_identity(&rig, cut, "");
    assert_identity(&rig, swapped, "");
}

/* ---- impersonation ---- */

struct becoming_case {
    const char *name;
    const char *headers[8]; /* name, value, ... */
    bool as_admin;
    const char *want; /* "" and a status: refused */
    int status;
};

static struct becoming_case becomings[] = {
    { "without headers everybody is themselves",
      { NULL },
      false,
      "alice [system:authenticated]",
      0 },
    { "who may everything may be anybody",
      { "Impersonate-User", "bob" },
      true,
      "bob [system:authenticated]",
      0 },
    { "with the groups that are told",
      { "impersonate-user", "bob", "Impersonate-Group", "g" },
      true,
      "bob [g,system:authenticated]",
      0 },
    { "a service account has its groups",
      { "Impersonate-User", "system:serviceaccount:n:s" },
      true,
      "system:serviceaccount:n:s "
      "[system:serviceaccounts,system:serviceaccounts:n,system:authenticated]",
      0 },
    { "what only looks like one has not",
      { "Impersonate-User", "system:serviceaccount:n" },
      true,
      "system:serviceaccount:n [system:authenticated]",
      0 },
    { "nobody is not authenticated",
      { "Impersonate-User", "system:anonymous" },
      true,
      "system:anonymous [system:unauthenticated]",
      0 },
    { "the last name counts",
      { "Impersonate-User", "bob", "Impersonate-User", "carol" },
      true,
      "carol [system:authenticated]",
      0 },
    { "others may not", { "Impersonate-User", "bob" }, false, "", 403 },
    { "nor a group",
      { "Impersonate-User", "alice", "Impersonate-Group", "system:masters" },
      false,
      "",
      403 },
    { "a group without a user is nobody", { "Impersonate-Group", "g" }, true, "", 500 },
    { "so is an extra alone", { "Impersonate-Extra-Foo", "x" }, true, "", 500 },
};

static void check_becoming(void **state)
{
    const struct becoming_case *c = *state;
    cleanup_cluster_rig struct cluster_rig rig;
    cluster_rig_open(&rig);
    struct api_user user = { .name = xstrdup("alice") };
    strv_add(&user.groups, c->as_admin ? "system:masters" : "system:authenticated");
    cleanup_strv struct strv names = STRV_INIT, values = STRV_INIT;
    for (size_t i = 0; i + 1 < ARRAY_LEN(c->headers) && c->headers[i]; i += 2) {
        strv_add(&names, c->headers[i]);
        strv_add(&values, c->headers[i + 1]);
    }
    cleanup_error struct error *err = NULL;

    int rc = auth_impersonate(rig.c, &names, &values, &user, &err);

    cleanup_free char *groups = strv_give_joined(&user.groups, ",");
    cleanup_free char *got = xasprintf("%s [%s]", user.name, groups);
    api_user_release(&user);
    assert_int_equal(rc, c->status ? -1 : 0);
    if (c->status)
        assert_int_equal(error_get_status(err), c->status);
    else
        assert_string_equal(got, c->want);
}

int main(void)
{
    const struct CMUnitTest single[] = {
        CASE("tokens of users end when their time is over", tokens_that_expire),
        CASE("without credentials it is nobody", nobody_without_credentials),
        CASE("a token is its user's", tokens_of_users),
        CASE("a certificate is whom it names, if this cluster signed it", certificates),
        CASE("tokens of service accounts end in time", end_in_time),
        CASE("tokens end with their account", end_with_their_account),
        CASE("tokens end with what they are bound to", end_with_what_they_are_bound_to),
        CASE("tokens are for their audience", are_for_their_audience),
        CASE("tokens are signed", are_signed),
    };
    struct CMUnitTest tests[ARRAY_LEN(single) + ARRAY_LEN(becomings)];
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        tests[i] = single[i];
    for (size_t i = 0; i < ARRAY_LEN(becomings); i++)
        tests[ARRAY_LEN(single) + i] =
            (struct CMUnitTest)CASE_OF(becomings[i].name, check_becoming, &becomings[i]);
    return RUN_CASES("auth", tests);
}
