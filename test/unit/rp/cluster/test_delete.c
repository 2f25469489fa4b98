#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/tables.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/rp/cluster/table_check.h"
#include "test/unit/support/test.h"

static void every_row_can_be_run(void **state)
{
    (void)state;
    table_check(&delete_table);
}

/* Nobody is asked about a cluster whose creation failed before anything was made. */
static void nothing_made_needs_no_step(void **state)
{
    (void)state;
    static const struct {
        const char *properties;
        bool has_steps;
    } cases[] = {
        { "{'provisioningState':'Deleting'}", false },
        { "{'provisioningState':'Deleting','infraId':'a-12345'}", true },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct cluster_rig r;
        cluster_rig_open(&r, cases[i].properties, NULL, 0);

        assert_int_equal(r.c->steps_len > 0, cases[i].has_steps);

        cluster_rig_close(&r);
    }
}

static bool has_step(const struct cluster_rig *r, const char *name)
{
    for (size_t i = 0; i < r->c->steps_len; i++)
        if (str_eq(r->c->steps[i].name, name))
            return true;
    return false;
}

/* A feature that is switched off between creation and deletion leaves nothing in the vault. */
static void certificates_go_whether_or_not_new_ones_are_made(void **state)
{
    (void)state;
    static const struct {
        const char *env[3], *properties;
        bool want;
    } cases[] = {
        { { "KEYVAULT_PREFIX=dev", "RP_FEATURES=DisableSignedCertificates" },
          "'infraId':'a'",
          true },
        { { "KEYVAULT_PREFIX=dev", "RP_FEATURES=-DisableSignedCertificates" },
          "'infraId':'a'",
          true },
        { { "KEYVAULT_PREFIX=dev" },
          "'infraId':'a','clusterProfile':{'domain':'a.example.org'}",
          false }, /* not in the service's zone */
        { { NULL }, "'infraId':'a'", false },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        cleanup_free char *properties =
            xasprintf("{'provisioningState':'Deleting',%s}", cases[i].properties);
        struct cluster_rig r;
        cluster_rig_open_env(&r, properties, cases[i].env, NULL, 0);

        assert_int_equal(has_step(&r, "deleteCertificates"), cases[i].want);

        cluster_rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every row has a name of its own and something to do", every_row_can_be_run),
        CASE("what was never begun needs no step", nothing_made_needs_no_step),
        CASE("certificates go whether or not new ones are made",
             certificates_go_whether_or_not_new_ones_are_made),
    };
    return RUN_CASES("delete", tests);
}
