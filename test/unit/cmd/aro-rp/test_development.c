#include "cmd/aro-rp/development.h"
#include "pkg/api/api.h"
#include "pkg/database/published.h"
#include "pkg/database/store.h"
#include "pkg/database/subscriptions.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

#define SUB "00000000-0000-0000-0000-00000000000A"
#define SUB_LOWER "00000000-0000-0000-0000-00000000000a"

struct fixture {
    struct fake_env env;
    struct rp_env *rp_env;
    struct opctx ctx;
    struct database *db;
};

static void begin(struct fixture *f)
{
    struct store *store = NULL;
    *f = (struct fixture){ .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    fake_env_init(&f->env);
    fake_env_set(&f->env, "RP_MODE", "test");
    fake_env_set(&f->env, "AZURE_SUBSCRIPTION_ID", SUB);
    fake_env_set(&f->env, "AZURE_TENANT_ID", SUB);
    assert_int_equal(rp_env_load(&f->env.base, &f->rp_env, NULL), 0);
    assert_int_equal(store_open_sqlite(&f->ctx, "sqlite::memory:", &store, NULL), 0);
    f->db = database_new(store, NULL);
}

static void end(struct fixture *f)
{
    database_close(f->db);
    rp_env_free(f->rp_env);
    fake_env_release(&f->env);
}

static void registers_and_adds_a_version(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    cleanup_document struct document d = { 0 };
    cleanup_document_page struct document_page page = { 0 };

    assert_int_equal(development_prepare(&f.ctx, f.db, f.rp_env, NULL), 0);

    assert_int_equal(subscriptions_get(&f.ctx, f.db, SUB_LOWER, &d, NULL), 0);
    assert_string_equal(json_path_str(d.tree, "subscription.state"), "Registered");
    assert_string_equal(json_path_str(d.tree, "subscription.properties.tenantId"), SUB);
    assert_int_equal(published_list(&f.ctx, f.db, PUBLISHED_VERSIONS, 10, NULL, &page, NULL), 0);
    assert_int_equal(page.len, 1);
    const json *offer = json_path(page.docs[0].tree, "openShiftVersion");
    assert_true(json_path_bool(offer, "properties.default", false));
    assert_string_equal(json_path_str(offer, "properties.machineImage.sku"), "aro_43");
    assert_int_equal(api_openshift_version_validate(offer, NULL, NULL), 0);
    end(&f);
}

static int warn(json *tree, void *arg, struct error **err)
{
    (void)arg;
    return json_set_str(tree, "subscription.state", "Warned", err);
}

static void leaves_what_is_there_alone(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    cleanup_document struct document d = { 0 };
    cleanup_document_page struct document_page page = { 0 };
    assert_int_equal(development_prepare(&f.ctx, f.db, f.rp_env, NULL), 0);
    assert_int_equal(subscriptions_patch(&f.ctx, f.db, SUB_LOWER, warn, NULL, NULL, NULL), 0);

    assert_int_equal(development_prepare(&f.ctx, f.db, f.rp_env, NULL), 0);

    assert_int_equal(subscriptions_get(&f.ctx, f.db, SUB_LOWER, &d, NULL), 0);
    assert_string_equal(json_path_str(d.tree, "subscription.state"), "Warned");
    assert_int_equal(published_list(&f.ctx, f.db, PUBLISHED_VERSIONS, 10, NULL, &page, NULL), 0);
    assert_int_equal(page.len, 1);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("registers the subscription and adds a version", registers_and_adds_a_version),
        CASE("leaves what is there alone", leaves_what_is_there_alone),
    };
    return RUN_CASES("development", tests);
}
