#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/published.h"
#include "rp/frontend/feeds.h"
#include "test/unit/support/rp/frontend/admin/admin_rig.h"
#include "test/unit/support/test.h"

#define VERSIONS "/admin/versions"
#define ROLE_SETS "/admin/platformworkloadidentityrolesets"
#define VERSION(v, more) \
    "{'properties':{'version':'" v "','openShiftPullspec':'o','installerPullspec':'i'" more "}}"
#define ROLE \
    "{'operatorName':'ccm','roleDefinitionName':'R','roleDefinitionId':'/r','serviceAccounts':[" \
    "'a'],'secretLocation':{'namespace':'n','name':'s'}}"
#define ROLE_SET(v) \
    "{'properties':{'openShiftVersion':'" v "','platformWorkloadIdentityRoles':[" ROLE "]}}"

/* How many documents there are of a kind. */
static size_t count(struct clusters *c, enum published kind)
{
    cleanup_document_page struct document_page page = { 0 };
    assert_int_equal(published_list(&c->ctx, c->db, kind, 100, NULL, &page, NULL), 0);
    return page.len;
}

static void a_version_is_added_and_replaced(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_json json *added =
        admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.1", ",'enabled':true"), 201);
    cleanup_json json *replaced =
        admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.1", ",'new':1"), 200);

    admin_rig_is(added, VERSION("4.11.1", ",'enabled':true,'default':false"));
    admin_rig_is(replaced, VERSION("4.11.1", ",'enabled':false,'default':false"));
    assert_int_equal(count(&c, PUBLISHED_VERSIONS), 2);
    clusters_release(&c);
}

static void versions_are_listed_by_number(void **state)
{
    static const char *const want[] = { "4.9.30", DEFAULT_VERSION, "4.11.1" };
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.1", ""), 201));
    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.9.30", ""), 201));

    cleanup_json json *list = admin_rig_ask(&c, "GET", VERSIONS, NULL, 200);

    for (size_t i = 0; i < ARRAY_LEN(want); i++)
        assert_string_equal(
            json_path_str(json_at(json_get(list, "value"), i), "properties.version"), want[i]);
    assert_int_equal(json_len(json_get(list, "value")), ARRAY_LEN(want));
    clusters_release(&c);
}

/* The end of the way: customers can install it. */
static void customers_see_what_was_added(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.1", ",'enabled':true"), 201));
    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.2", ""), 201));
    json_free(admin_rig_ask(&c, "PUT", ROLE_SETS, ROLE_SET("4.14"), 201));
    assert_int_equal(feeds_drain(c.front.f.feeds, &c.ctx, NULL), 0);

    cleanup_json json *on = feeds_give_one(c.front.f.feeds, FEED_VERSIONS, "4.11.1");
    cleanup_json json *off = feeds_give_one(c.front.f.feeds, FEED_VERSIONS, "4.11.2");
    cleanup_json json *set = feeds_give_one(c.front.f.feeds, FEED_ROLE_SETS, "4.14");

    assert_non_null(on);
    assert_null(off);
    assert_non_null(set);
    clusters_release(&c);
}

static void role_sets_are_added_replaced_and_listed(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_json json *added = admin_rig_ask(&c, "PUT", ROLE_SETS, ROLE_SET("4.14"), 201);
    json_free(admin_rig_ask(&c, "PUT", ROLE_SETS, ROLE_SET("4.14"), 200));
    cleanup_json json *list = admin_rig_ask(&c, "GET", ROLE_SETS, NULL, 200);

    admin_rig_is(added, ROLE_SET("4.14"));
    admin_rig_is(list, "{'value':[" ROLE_SET("4.14") "]}");
    clusters_release(&c);
}

struct refusal {
    const char *name, *target, *body, *want;
};
static struct refusal refusals[] = {
    { "wants a version", VERSIONS, "{}",
      "400 InvalidParameter: Must be provided @properties.version" },
    { "wants a version that is one", VERSIONS, VERSION("moon", ""),
      "400 InvalidParameter: The provided OpenShift version 'moon' is invalid. "
      "@properties.version" },
    { "wants pullspecs", VERSIONS, "{'properties':{'version':'4.1.1','openShiftPullspec':'o'}}",
      "400 InvalidParameter: Must be provided @properties.installerPullspec" },
    { "keeps the default enabled", VERSIONS, VERSION("4.1.1", ",'default':true"),
      "400 InvalidParameter: You cannot disable the default installation version. "
      "@properties.enabled" },
    { "keeps the default enabled that is stored", VERSIONS, VERSION(DEFAULT_VERSION, ""),
      "400 InvalidParameter: You cannot disable the default installation version. "
      "@properties.enabled" },
    { "wants roles", ROLE_SETS, "{'properties':{'openShiftVersion':'4.14'}}",
      "400 InvalidParameter: Must be provided and must be non-empty "
      "@properties.platformWorkloadIdentityRoles" },
    { "names all that roles lack", ROLE_SETS,
      "{'properties':{'openShiftVersion':'4.14','platformWorkloadIdentityRoles':[{"
      "'operatorName':'a','roleDefinitionName':'b','serviceAccounts':['c'],'secretLocation':{"
      "'namespace':'d'}}]}}",
      "400 InvalidParameter: Must be provided "
      "@properties.platformWorkloadIdentityRoles[0].roleDefinitionId, "
      "properties.platformWorkloadIdentityRoles[0].secretLocation.name" },
    { "wants JSON", VERSIONS, "{",
      "400 InvalidRequestContent: The request content was invalid and could not be deserialized: "
      "\"" },
};

static void check_refusal(void **state)
{
    const struct refusal *r = *state;
    struct clusters c;
    admin_rig_init(&c);

    cleanup_free char *got = admin_rig_error(&c, "PUT", r->target, r->body);

    assert_memory_equal(got, r->want, strlen(r->want));
    assert_int_equal(count(&c, PUBLISHED_VERSIONS), 1);
    assert_int_equal(count(&c, PUBLISHED_ROLE_SETS), 0);
    clusters_release(&c);
}

static void what_was_withdrawn_comes_back(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    cleanup_document_page struct document_page page = { 0 };
    assert_int_equal(published_list(&c.ctx, c.db, PUBLISHED_VERSIONS, 1, NULL, &page, NULL), 0);
    const char *id = json_path_str(page.docs[0].tree, "id");
    assert_int_equal(published_withdraw(&c.ctx, c.db, PUBLISHED_VERSIONS, id, NULL, NULL), 0);
    cleanup_json json *none = admin_rig_ask(&c, "GET", VERSIONS, NULL, 200);

    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION(DEFAULT_VERSION, ",'enabled':true"), 200));

    cleanup_json json *list = admin_rig_ask(&c, "GET", VERSIONS, NULL, 200);
    cleanup_document struct document d = { 0 };
    assert_int_equal(published_get(&c.ctx, c.db, PUBLISHED_VERSIONS, id, &d, NULL), 0);
    assert_int_equal(json_len(json_get(none, "value")), 0);
    assert_int_equal(json_len(json_get(list, "value")), 1);
    assert_false(json_has(d.tree, "ttl"));
    clusters_release(&c);
}

/* ---- two at once ---- */

/* The id of the document of 4.11.1, which then goes. */
static char *give_id_and_delete(struct clusters *c)
{
    cleanup_document_page struct document_page page = { 0 };
    char *id = NULL;
    assert_int_equal(published_list(&c->ctx, c->db, PUBLISHED_VERSIONS, 10, NULL, &page, NULL), 0);
    for (size_t i = 0; i < page.len; i++)
        if (strcmp(json_path_str(page.docs[i].tree, "openShiftVersion.properties.version"),
                   "4.11.1") == 0)
            id = xstrdup(json_path_str(page.docs[i].tree, "id"));
    assert_non_null(id);
    assert_int_equal(published_delete(&c->ctx, c->db, PUBLISHED_VERSIONS, id, NULL), 0);
    return id;
}

/* So that the store lets only one of two in. */
static void its_id_is_always_the_same(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.1", ""), 201));
    cleanup_free char *first = give_id_and_delete(&c);
    json_free(admin_rig_ask(&c, "PUT", VERSIONS, VERSION("4.11.1", ""), 201));

    cleanup_free char *second = give_id_and_delete(&c);

    assert_string_equal(first, second);
    clusters_release(&c);
}

#define WRITERS 8

struct writer {
    struct clusters *c;
    pthread_t thread;
    char *answer;
};

static void write_version(void *arg)
{
    struct writer *w = arg;
    w->answer = front_give_answer(&w->c->front, "PUT", VERSIONS,
                                  "{\"properties\":{\"version\":\"4.11.1\",\"openShiftPullspec\":"
                                  "\"o\",\"installerPullspec\":\"i\"}}");
}

static void many_who_add_it_add_it_once(void **state)
{
    (void)state;
    struct clusters c;
    admin_rig_init(&c);
    struct writer writers[WRITERS];
    int created = 0;

    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .c = &c };
        assert_int_equal(
            thread_start(&writers[i].thread, "writer", write_version, &writers[i], NULL), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        created += strncmp(writers[i].answer, "201", 3) == 0;
        free(writers[i].answer);
    }

    assert_int_equal(created, 1);
    assert_int_equal(count(&c, PUBLISHED_VERSIONS), 2);
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(refusals) + 7] = {
        CASE("a version is added and replaced", a_version_is_added_and_replaced),
        CASE("versions are listed by number", versions_are_listed_by_number),
        CASE("customers see what was added", customers_see_what_was_added),
        CASE("role sets are added, replaced and listed", role_sets_are_added_replaced_and_listed),
        CASE("what was withdrawn comes back", what_was_withdrawn_comes_back),
        CASE("many who add it add it once", many_who_add_it_add_it_once),
        CASE("its id is always the same", its_id_is_always_the_same),
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[7 + i] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    return RUN_CASES("versions and role sets", tests);
}
