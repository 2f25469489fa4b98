#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/aead.h"
#include "pkg/database/documents.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/poolworkers.h"
#include "rp/backend/reseal.h"
#include "test/unit/support/rp/backend/backend_rig.h"
#include "test/unit/support/test.h"

#define SSH_KEY "openShiftCluster.properties.sshKey"

/* A database with keys, of which there are as many versions as the test says. */
struct vault {
    struct backend_rig rig;
    struct aead_source source;
    size_t versions;
};

static int list_keys(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                     struct error **err)
{
    const struct vault *v = container_of(source, struct vault, source);
    (void)ctx;
    for (size_t i = 0; i < v->versions; i++) {
        char raw[AEAD_V2_KEY_LEN];
        memset(raw, (int)i + 1, sizeof(raw));
        cleanup_free char *text = base64_give(raw, sizeof(raw));
        if (aead_keys_add(ret, AEAD_V2, secret_new(text, strlen(text)), (int64_t)i + 1, false,
                          err) < 0)
            return -1;
    }
    return 0;
}

static void vault_open(struct vault *v)
{
    backend_rig_open(&v->rig);
    v->source.list = list_keys;
    v->versions = 1;
    const struct aead_config cfg = { .source = &v->source };
    assert_int_equal(aead_new(&cfg, &v->rig.ctx, &v->rig.db->aead, NULL), 0);
    v->rig.cfg.settings.reseal_ms = 3600000;
}

static void vault_close(struct vault *v)
{
    backend_rig_close(&v->rig);
}
#define cleanup_vault CLEANUP_WITH(vault_close)

static char *give_sealed(struct vault *v, const char *text)
{
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    char *sealed = NULL;
    assert_int_equal(database_seal(&v->rig.ctx, v->rig.db, plain, &sealed, NULL), 0);
    return sealed;
}

/* sealed: what stands there for its key; NULL: the name, sealed as it is done now. */
static void add_cluster_in(struct vault *v, const char *state, const char *name, const char *sealed)
{
    cleanup_free char *own = sealed ? xstrdup(sealed) : give_sealed(v, name);
    cleanup_free char *key = xasprintf(RIG_KEY("%s"), name);
    json *tree = json_make("{'id':%s,'key':%s,'clusterResourceGroupIdKey':%s,'clientIdKey':%s,"
                           "'openShiftCluster':{'properties':{'provisioningState':%s,"
                           "'sshKey':%s}}}",
                           name, key, name, name, state, own);
    assert_int_equal(openshiftclusters_create(&v->rig.ctx, v->rig.db, tree, NULL, NULL), 0);
}

static void add_cluster(struct vault *v, const char *name, const char *sealed)
{
    add_cluster_in(v, "Succeeded", name, sealed);
}

static void read_cluster(struct vault *v, const char *name, struct document *ret)
{
    cleanup_free char *key = xasprintf(RIG_KEY("%s"), name);
    assert_int_equal(openshiftclusters_get(&v->rig.ctx, v->rig.db, key, ret, NULL), 0);
}

static bool is_current(struct vault *v, const char *name)
{
    cleanup_document struct document d = { 0 };
    cleanup_secret struct secret *plain = NULL;
    read_cluster(v, name, &d);
    const char *sealed = json_path_str(d.tree, SSH_KEY);
    assert_int_equal(database_open_sealed(&v->rig.ctx, v->rig.db, sealed, &plain, NULL), 0);
    assert_string_equal(secret_reveal(plain, NULL), name);
    return aead_is_current(v->rig.db->aead, &v->rig.ctx, sealed);
}

static void round_of(struct vault *v)
{
    assert_int_equal(reseal_round(&v->rig.cfg, &v->rig.ctx, NULL), 0);
}

static void seals_anew_what_an_old_key_sealed(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    cleanup_document struct document before = { 0 }, after = { 0 };
    vault_open(&v);
    add_cluster(&v, "old", NULL);
    add_cluster(&v, "older", NULL);
    v.versions = 2;
    assert_int_equal(database_refresh_keys(&v.rig.ctx, v.rig.db, NULL), 0);
    add_cluster(&v, "fresh", NULL);
    read_cluster(&v, "fresh", &before);

    round_of(&v);

    assert_true(is_current(&v, "old"));
    assert_true(is_current(&v, "older"));
    read_cluster(&v, "fresh", &after);
    assert_string_equal(after.etag, before.etag); /* not written */
    assert_true(log_capture_has(&v.rig.capture, "sealed the secrets of 2 clusters anew, of 3"));
}

/* A process that is older than the version learns of it. */
static void learns_of_new_keys(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    vault_open(&v);
    add_cluster(&v, "a", NULL);
    v.versions = 2;
    assert_true(is_current(&v, "a")); /* as far as it knows */

    round_of(&v);

    assert_true(log_capture_has(&v.rig.capture, "sealed the secrets of 1 clusters anew"));
    assert_true(is_current(&v, "a"));
}

static void a_corrupt_secret_does_not_keep_the_others(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    vault_open(&v);
    add_cluster(&v, "a", NULL);
    add_cluster(&v, "corrupt", "AAAA");
    add_cluster(&v, "z", NULL);
    v.versions = 2;

    round_of(&v);

    assert_true(is_current(&v, "a"));
    assert_true(is_current(&v, "z"));
    assert_true(log_capture_has(&v.rig.capture, "openshiftclusters/corrupt stay under an old key"));
}

static void reads_every_page(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    vault_open(&v);
    for (int i = 0; i < 45; i++) {
        cleanup_free char *name = xasprintf("c%d", i);
        add_cluster(&v, name, NULL);
    }
    v.versions = 2;

    round_of(&v);

    assert_true(log_capture_has(&v.rig.capture, "sealed the secrets of 45 clusters anew, of 45"));
}

static void a_round_is_over_for_a_while(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    vault_open(&v);
    add_cluster(&v, "a", NULL);
    round_of(&v);
    v.versions = 2;
    assert_int_equal(database_refresh_keys(&v.rig.ctx, v.rig.db, NULL), 0);

    fake_clock_advance_ms(&v.rig.clock, 3599000);
    round_of(&v);
    assert_false(is_current(&v, "a"));
    fake_clock_advance_ms(&v.rig.clock, 1000);
    round_of(&v);

    assert_true(is_current(&v, "a"));
}

static void only_one_does_it(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    cleanup_free char *lease = NULL;
    vault_open(&v);
    add_cluster(&v, "a", NULL);
    v.versions = 2;
    assert_int_equal(poolworkers_ensure_master(&v.rig.ctx, v.rig.db, RESEAL_TYPE, NULL), 0);
    assert_int_equal(poolworkers_try_master(&v.rig.ctx, v.rig.db, RESEAL_TYPE, &lease, NULL), 0);
    assert_int_equal(database_refresh_keys(&v.rig.ctx, v.rig.db, NULL), 0);

    round_of(&v);

    assert_false(is_current(&v, "a"));
}

static void take_the_lease(void *arg)
{
    struct vault *v = arg;
    cleanup_free char *lease = NULL;
    assert_int_equal(poolworkers_try_master(&v->rig.ctx, v->rig.db, RESEAL_TYPE, &lease, NULL), 0);
    assert_non_null(lease);
}

static void who_lost_the_lease_breaks_off(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    cleanup_error struct error *err = NULL;
    vault_open(&v);
    add_cluster(&v, "a", NULL);
    add_cluster(&v, "b", NULL);
    v.versions = 2;
    v.rig.store->meanwhile = take_the_lease;
    v.rig.store->arg = &v;
    atomic_store(&v.rig.store->writes, 3); /* the master is made and taken, a cluster is written */

    assert_int_equal(reseal_round(&v.rig.cfg, &v.rig.ctx, &err), -1);

    assert_string_equal(error_get_code(err), DATABASE_LOST_LEASE);
    assert_int_equal(is_current(&v, "a") + is_current(&v, "b"), 1);
}

static void an_operation_at_work_goes_on(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    cleanup_free char *lease = NULL;
    cleanup_document struct document d = { 0 };
    vault_open(&v);
    add_cluster_in(&v, "Updating", "a", NULL);
    assert_int_equal(openshiftclusters_dequeue(&v.rig.ctx, v.rig.db, &lease, &d, NULL), 0);
    v.versions = 2;

    round_of(&v);

    assert_true(is_current(&v, "a"));
    backend_rig_assert_cluster(&v.rig, "a", "leaseOwner", lease);
    backend_rig_assert_state(&v.rig, "a", "Updating");
    assert_int_equal(openshiftclusters_lease(&v.rig.ctx, v.rig.db, RIG_KEY("a"), lease, NULL, NULL),
                     0);
}

static void runs_until_the_stop(void **state)
{
    (void)state;
    cleanup_vault struct vault v;
    cleanup_backend_rig struct backend_rig without_keys;
    vault_open(&v);
    backend_rig_open(&without_keys);
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct opctx ctx = v.rig.ctx;
    ctx.stop = stop;
    stop_request(stop);

    reseal_run(&v.rig.cfg, &ctx);
    reseal_run(&without_keys.cfg, &without_keys.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("seals anew what an old key sealed, and nothing else",
             seals_anew_what_an_old_key_sealed),
        CASE("learns of new keys", learns_of_new_keys),
        CASE("a corrupt secret does not keep the others",
             a_corrupt_secret_does_not_keep_the_others),
        CASE("reads every page", reads_every_page),
        CASE("a round is over for a while", a_round_is_over_for_a_while),
        CASE("only one does it", only_one_does_it),
        CASE("who lost the lease breaks off", who_lost_the_lease_breaks_off),
        CASE("an operation at work goes on", an_operation_at_work_goes_on),
        CASE("runs until the stop, and not without keys", runs_until_the_stop),
    };
    return RUN_CASES("reseal", tests);
}
