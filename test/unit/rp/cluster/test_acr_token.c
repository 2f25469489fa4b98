#include <string.h>

#include "pkg/base/mem.h"
#include "rp/cluster/acr_token.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define REGISTRY \
    "/subscriptions/1/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/arosvc"
#define HOST "arosvc.azurecr.io"
#define VERSION "?api-version=2020-11-01-preview"
#define SENDS(verb, path, body) \
    verb " https://management.azure.com" REGISTRY path VERSION \
         "\nAccept: application/json\nContent-Type: application/json\n@gzip: true\n\n" body
#define READS(path) \
    "GET https://management.azure.com" REGISTRY path VERSION \
    "\nAccept: application/json\n@gzip: true\n"
#define TOKEN "token-00000000-0000-4000-8000-000000000000"
#define MAKES_TOKEN(name) \
    SENDS("PUT", "/tokens/" name, \
          "{\"properties\":{\"scopeMapId\":\"" REGISTRY \
          "/scopeMaps/_repositories_pull\",\"status\":\"enabled\"}}")
#define MAKES_PASSWORD(token, name) \
    SENDS("POST", "/generateCredentials", \
          "{\"tokenId\":\"" REGISTRY "/tokens/" token "\",\"name\":\"" name "\"}")
#define GIVES(name, value) \
    .reply = "{\"username\":\"u\",\"passwords\":[{\"name\":\"other\",\"value\":\"x\"},{\"name\":" \
             "\"" name "\",\"value\":\"" value "\"}]}"
#define SUCCEEDED "{\"properties\":{\"provisioningState\":\"Succeeded\"}}"
#define BROKEN .status = 400, .reply = "{\"error\":{\"code\":\"x\",\"message\":\"no\"}}"
#define PROFILE(more) "{'registryProfiles':[{'name':'other'},{'name':'" HOST "'" more "}]}"
#define NAMED ",'username':'" TOKEN "'"
#define NOW "2024-02-03T04:05:06Z"

static const char *const env[] = { "ACR_RESOURCE_ID=" REGISTRY, NULL };

static void open_rig(struct inside_rig *r, const char *properties, const struct script_step *script,
                     size_t len)
{
    inside_rig_open_env(r, properties, env, script, len);
}

/* ---- the token ---- */

static void is_made_once(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    static const struct script_step script[] = {
        RIG_TOKEN_STEP,
        { .reply = SUCCEEDED },
        { GIVES("password1", "pass") },
    };
    open_rig(&r, "{}", script, ARRAY_LEN(script));

    inside_rig_must(&r, cluster_ensure_acr_token);

    cleanup_free char *username = cluster_rig_give_text(&r.outer, "registryProfiles[0].username");
    cleanup_free char *put = xasprintf(MAKES_TOKEN("%s"), username);
    cleanup_free char *post = xasprintf(MAKES_PASSWORD("%s", "password1"), username);
    cleanup_free char *password = cluster_rig_give_secret(&r.outer, "registryProfiles[0].password");
    assert_memory_equal(username, "token-", 6);
    assert_int_equal(strlen(username), strlen(TOKEN));
    assert_string_equal(r.outer.transport.requests.v[1], put);
    assert_string_equal(r.outer.transport.requests.v[2], post);
    assert_string_equal(password, "pass");
    cluster_rig_assert(&r.outer, "registryProfiles[0].name", HOST);
    cluster_rig_assert(&r.outer, "registryProfiles[0].issueDate", NOW);
    inside_rig_reopen(&r);
    inside_rig_must(&r, cluster_ensure_acr_token); /* asks nobody */
}

struct step_case {
    const char *name;
    int (*step)(void *arg, const struct opctx *ctx, struct error **err);
    const char *properties, *password; /* sealed; NULL: none */
    struct script_step script[5];
    size_t len;
    const char *want_password, *want_issued, *want_renewing, *want_error; /* of profile 1 */
};
static struct step_case cases[] = {
    { "who was cut off before the password makes it for the token that was named",
      cluster_ensure_acr_token,
      PROFILE(NAMED),
      NULL,
      { RIG_TOKEN_STEP,
        { .request = MAKES_TOKEN(TOKEN), .reply = SUCCEEDED },
        { .request = MAKES_PASSWORD(TOKEN, "password1"), GIVES("password1", "new") } },
      3,
      "new",
      NOW,
      NULL,
      NULL },
    { "a token that is there already is fine",
      cluster_ensure_acr_token,
      PROFILE(NAMED),
      NULL,
      { RIG_TOKEN_STEP,
        { .status = 409, .reply = "{\"error\":{\"code\":\"Conflict\",\"message\":\"m\"}}" },
        { .request = MAKES_PASSWORD(TOKEN, "password1"), GIVES("password1", "new") } },
      3,
      "new",
      NOW,
      NULL,
      NULL },
    { "one that cannot be made is told",
      cluster_ensure_acr_token,
      PROFILE(NAMED),
      NULL,
      { RIG_TOKEN_STEP, { BROKEN } },
      2,
      NULL,
      NULL,
      NULL,
      "making the token of the registry: " REGISTRY "/tokens/" TOKEN ": x: no" },
    { "an answer without the password is told",
      cluster_ensure_acr_token,
      PROFILE(NAMED),
      NULL,
      { RIG_TOKEN_STEP, { .reply = SUCCEEDED }, { GIVES("password2", "x") } },
      3,
      NULL,
      NULL,
      NULL,
      "making a password of the registry: the registry answered no password1" },
    { "a password that is young is not renewed",
      cluster_rotate_acr_token,
      PROFILE(NAMED ",'issueDate':'2023-09-16T05:00:00Z'"),
      "old",
      { { 0 } },
      0,
      "old",
      "2023-09-16T05:00:00Z",
      NULL,
      NULL },
    { "one of 140 days is, by the one that is not in use",
      cluster_rotate_acr_token,
      PROFILE(NAMED ",'issueDate':'2023-09-16T04:05:06Z'"),
      "old",
      { RIG_TOKEN_STEP,
        { .request = READS("/tokens/" TOKEN),
          .reply =
              "{\"properties\":{\"credentials\":{\"passwords\":[{\"name\":\"password1\"}]}}}" },
        { .request = MAKES_PASSWORD(TOKEN, "password2"), GIVES("password2", "new") } },
      3,
      "new",
      NOW,
      NULL,
      NULL },
    { "one without a date is",
      cluster_rotate_acr_token,
      PROFILE(NAMED),
      "old",
      { RIG_TOKEN_STEP,
        { .reply = "{}" },
        { .request = MAKES_PASSWORD(TOKEN, "password1"), GIVES("password1", "new") } },
      3,
      "new",
      NOW,
      NULL,
      NULL },
    { "which of them is known before it is made",
      cluster_rotate_acr_token,
      PROFILE(NAMED),
      "old",
      { RIG_TOKEN_STEP, { .reply = "{}" }, { BROKEN } },
      3,
      "old",
      NULL,
      "password1",
      "making a password of the registry: " REGISTRY "/generateCredentials: x: no" },
    { "so that who was cut off does not renew the one in use",
      cluster_rotate_acr_token,
      PROFILE(NAMED ",'renewing':'password2'"),
      "old",
      { RIG_TOKEN_STEP,
        { .request = MAKES_PASSWORD(TOKEN, "password2"), GIVES("password2", "new") } },
      2,
      "new",
      NOW,
      NULL,
      NULL },
    { "a cluster without a password is given one",
      cluster_rotate_acr_token,
      PROFILE(NAMED),
      NULL,
      { RIG_TOKEN_STEP,
        { .request = MAKES_TOKEN(TOKEN), .reply = SUCCEEDED },
        { .request = MAKES_PASSWORD(TOKEN, "password1"), GIVES("password1", "new") } },
      3,
      "new",
      NOW,
      NULL,
      NULL },
};

static void assert_secret(struct inside_rig *r, const char *want)
{
    cleanup_free char *is = cluster_rig_give_secret(&r->outer, "registryProfiles[1].password");
    if (want)
        assert_string_equal(is, want);
    else
        assert_null(is);
}

static void check(void **state)
{
    const struct step_case *c = *state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    open_rig(&r, c->properties, c->script, c->len);
    if (c->password) {
        cleanup_secret struct secret *old = secret_new(c->password, strlen(c->password));
        assert_int_equal(cluster_set_secret(r.c, r.ctx, "registryProfiles[1].password", old, NULL),
                         0);
    }

    int result = c->step(r.c, r.ctx, &err);

    assert_int_equal(result, c->want_error ? -1 : 0);
    if (c->want_error)
        assert_string_equal(error_text(err), c->want_error);
    assert_secret(&r, c->want_password);
    cluster_rig_assert(&r.outer, "registryProfiles[1].issueDate", c->want_issued);
    cluster_rig_assert(&r.outer, "registryProfiles[1].renewing", c->want_renewing);
    cluster_rig_assert(&r.outer, "registryProfiles[2].name", NULL);
}

static void without_a_registry_nothing_is_done(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    inside_rig_open(&r, "{}");

    inside_rig_must(&r, cluster_ensure_acr_token);
    inside_rig_must(&r, cluster_rotate_acr_token);

    cluster_rig_assert(&r.outer, "registryProfiles[0].name", NULL);
}

static void a_renewed_password_reaches_the_cluster(void **state)
{
    (void)state;
    static const struct script_step script[] = { RIG_TOKEN_STEP,
                                                 { .reply = "{}" },
                                                 { GIVES("password1", "pass") } };
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r, "{'registryProfiles':[{'name':'" HOST "','username':'user'}]}", script,
             ARRAY_LEN(script));

    inside_rig_must(&r, cluster_rotate_acr_token);

    /* {"auths":{"arosvc.azurecr.io":{"auth":"dXNlcjpwYXNz"}}} */
    assert_string_equal(
        inside_rig_text(&r, &GVR_SECRETS, "openshift-config", "pull-secret",
                        "data[\".dockerconfigjson\"]"),
        "eyJhdXRocyI6eyJhcm9zdmMuYXp1cmVjci5pbyI6eyJhdXRoIjoiZFhObGNqcHdZWE56In19fQ==");
}

/* ---- which password ---- */

struct renew_case {
    const char *name, *passwords, *want;
};
static struct renew_case renew_cases[] = {
    { "the one that is not there is made", "[{'name':'password1'}]", "password2" },
    { "whichever that is", "[{'name':'password2'}]", "password1" },
    { "of none the first", "[]", "password1" },
    { "of two the older",
      "[{'name':'password2','creationTime':'2023-01-01T00:00:00Z'},"
      "{'name':'password1','creationTime':'2023-02-01T00:00:00Z'}]",
      "password2" },
    { "in whatever order they are listed",
      "[{'name':'password1','creationTime':'2023-01-01T00:00:00Z'},"
      "{'name':'password2','creationTime':'2023-02-01T00:00:00Z'}]",
      "password1" },
};

static void check_renew(void **state)
{
    const struct renew_case *c = *state;
    cleanup_json json *token =
        json_make("{'properties':{'credentials':{'passwords':%j}}}", json_make(c->passwords));

    assert_string_equal(acr_token_password_to_renew(token), c->want);
}

int main(void)
{
    static const struct CMUnitTest more[] = {
        CASE("a token is made once", is_made_once),
        CASE("without a registry nothing is done", without_a_registry_nothing_is_done),
        CASE("a renewed password reaches the cluster", a_renewed_password_reaches_the_cluster),
    };
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(renew_cases) + ARRAY_LEN(more)];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(renew_cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(renew_cases[i].name, check_renew, &renew_cases[i]);
    memcpy(&tests[n], more, sizeof(more));
    return RUN_CASES("token of the registry", tests);
}
