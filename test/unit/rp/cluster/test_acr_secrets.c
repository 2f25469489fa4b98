#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "rp/cluster/acr_secrets.h"
#include "test/unit/support/rp/cluster/inside_rig.h"
#include "test/unit/support/test.h"

#define CONFIG "openshift-config"
#define OPERATOR "openshift-azure-operator"
#define COPY "pull-secret-aro-copy"
#define DOCKER "kubernetes.io/dockerconfigjson"
#define PROFILE "{'registryProfiles':[{'name':'reg','username':'user'}]}"
#define OURS "\"reg\":{\"auth\":\"dXNlcjpwYXNz\"}" /* user:pass */
#define THEIRS "\"quay.io\":{\"auth\":\"Yg==\",\"email\":\"e\"}"
#define AUTHS(hosts) "{\"auths\":{" hosts "}}"

static void open_rig(struct inside_rig *r)
{
    cleanup_secret struct secret *password = secret_new("pass", 4);
    inside_rig_open(r, PROFILE);
    assert_int_equal(
        cluster_set_secret(r->c, r->ctx, "registryProfiles[0].password", password, NULL), 0);
}

static void add(struct inside_rig *r, const char *nspace, const char *name, const char *type,
                const char *content, bool immutable)
{
    cleanup_free char *encoded = base64_give(content, strlen(content));
    json *object = json_make("{'apiVersion':'v1','kind':'Secret','metadata':{'name':%s,"
                             "'namespace':%s},'type':%s,'data':{'.dockerconfigjson':%s}}",
                             name, nspace, type, encoded);
    if (immutable)
        json_put(object, "immutable", json_new_bool(true));
    fake_cluster_put(&r->inside, object);
    fake_cluster_forget_writes(&r->inside);
}

static void must(struct inside_rig *r)
{
    struct error *err = NULL;
    if (acr_secrets_ensure(r->c, r->ctx, 0, &err) < 0)
        fail_msg("%s", error_text(err));
}

/* want NULL: there is no such Secret. */
static void assert_content(struct inside_rig *r, const char *nspace, const char *name,
                           const char *want)
{
    const char *encoded =
        inside_rig_text(r, &GVR_SECRETS, nspace, name, "data[\".dockerconfigjson\"]");
    cleanup_free char *text = NULL;
    size_t len;
    if (!want) {
        assert_null(fake_cluster_get(&r->inside, &GVR_SECRETS, nspace, name));
        return;
    }
    assert_non_null(encoded);
    assert_int_equal(base64_parse(encoded, strlen(encoded), &text, &len, NULL), 0);
    assert_string_equal(text, want);
}

static void assert_type(struct inside_rig *r)
{
    assert_string_equal(inside_rig_text(r, &GVR_SECRETS, CONFIG, "pull-secret", "type"), DOCKER);
}

static void a_pull_secret_keeps_what_else_it_has(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    add(&r, CONFIG, "pull-secret", DOCKER, AUTHS(THEIRS), false);

    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(THEIRS "," OURS));
    assert_int_equal(fake_cluster_writes(&r.inside, "DELETE"), 0);
}

static void where_it_is_there_nothing_is_written(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    add(&r, OPERATOR, "cluster", "Opaque", AUTHS(OURS), false);
    add(&r, CONFIG, "pull-secret", DOCKER, AUTHS(OURS "," THEIRS), false);

    must(&r);

    fake_cluster_must_not_write(&r.inside);
}

static void a_missing_one_is_made(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);

    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(OURS));
    assert_type(&r);
    assert_content(&r, OPERATOR, "cluster", NULL); /* it comes with the operator */
}

static void the_operators_has_it_too(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    add(&r, OPERATOR, "cluster", "Opaque", AUTHS("\"reg\":{\"auth\":\"b2xk\"}"), false);

    must(&r);

    assert_content(&r, OPERATOR, "cluster", AUTHS(OURS));
}

static void what_cannot_be_read_is_replaced(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    add(&r, CONFIG, "pull-secret", DOCKER, "auths", false);

    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(OURS));
}

static void check_anew(const char *type, bool immutable)
{
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    add(&r, CONFIG, "pull-secret", type, AUTHS(THEIRS), immutable);

    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(THEIRS "," OURS));
    assert_content(&r, CONFIG, COPY, NULL);
    assert_type(&r);
    assert_null(inside_rig_text(&r, &GVR_SECRETS, CONFIG, "pull-secret", "immutable"));
}

static void one_of_another_type_is_made_anew(void **state)
{
    (void)state;
    check_anew("Opaque", false);
}

static void so_is_one_that_cannot_be_changed(void **state)
{
    (void)state;
    check_anew(DOCKER, true);
}

/* The API server is gone behind the n-th write. */
static void check_cut(const char *request)
{
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    open_rig(&r);
    add(&r, CONFIG, "pull-secret", "Opaque", AUTHS(THEIRS), false);
    fake_cluster_fail(&r.inside, request, 403, "Forbidden", 1);

    assert_int_equal(acr_secrets_ensure(r.c, r.ctx, 0, &err), -1);
    inside_rig_reopen(&r);
    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(THEIRS "," OURS));
    assert_content(&r, CONFIG, COPY, NULL);
    assert_type(&r);
}

static void whoever_is_cut_off_loses_none_of_the_customers(void **state)
{
    (void)state;
    check_cut("POST /api/v1/namespaces/openshift-config/secrets");
    check_cut("DELETE /api/v1/namespaces/openshift-config/secrets/pull-secret");
    check_cut("PATCH /api/v1/namespaces/openshift-config/secrets/pull-secret");
    check_cut("DELETE /api/v1/namespaces/openshift-config/secrets/" COPY);
}

static void what_others_wrote_meanwhile_stays(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    add(&r, CONFIG, COPY, "Opaque", AUTHS(THEIRS), false);
    add(&r, CONFIG, "pull-secret", DOCKER, AUTHS("\"x\":{\"auth\":\"eA==\"}"), false);

    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(THEIRS ",\"x\":{\"auth\":\"eA==\"}," OURS));
    assert_content(&r, CONFIG, COPY, NULL);
}

static void a_busy_server_is_asked_again(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    open_rig(&r);
    fake_cluster_fail(&r.inside, "PATCH", 500, "InternalError", 9);

    must(&r);

    assert_content(&r, CONFIG, "pull-secret", AUTHS(OURS));
}

static void but_not_for_ever(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    open_rig(&r);
    fake_cluster_fail(&r.inside, "PATCH", 500, "InternalError", 10);

    assert_int_equal(acr_secrets_ensure(r.c, r.ctx, 0, &err), -1);

    assert_memory_equal(error_text(err), "writing Secret openshift-config/pull-secret: ", 45);
}

static void without_a_password_nothing_is_written(void **state)
{
    (void)state;
    cleanup_inside_rig struct inside_rig r;
    cleanup_error struct error *err = NULL;
    inside_rig_open(&r, PROFILE);

    assert_int_equal(acr_secrets_ensure(r.c, r.ctx, 0, &err), -1);

    assert_string_equal(error_text(err),
                        "properties.registryProfiles[0].password is not there yet");
    fake_cluster_must_not_write(&r.inside);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        CASE("a pull secret keeps what else it has", a_pull_secret_keeps_what_else_it_has),
        CASE("where it is there nothing is written", where_it_is_there_nothing_is_written),
        CASE("a missing one is made", a_missing_one_is_made),
        CASE("the operator's has it, too", the_operators_has_it_too),
        CASE("what cannot be read is replaced", what_cannot_be_read_is_replaced),
        CASE("one of another type is made anew", one_of_another_type_is_made_anew),
        CASE("so is one that cannot be changed", so_is_one_that_cannot_be_changed),
        CASE("whoever is cut off loses none of the customer's",
             whoever_is_cut_off_loses_none_of_the_customers),
        CASE("what others wrote meanwhile stays", what_others_wrote_meanwhile_stays),
        CASE("a busy server is asked again", a_busy_server_is_asked_again),
        CASE("but not for ever", but_not_for_ever),
        CASE("without a password nothing is written", without_a_password_nothing_is_written),
    };
    return RUN_CASES("password of the registry in a cluster", tests);
}
