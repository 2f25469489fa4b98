#include "cmd/aro-rp/lifecycle.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

struct scene {
    struct fake_env env;
    struct rp_env *rp_env;
    struct first_party *first_party;
    struct lifecycle *lifecycle;
};

static int open_scene(struct scene *s, const char *mode, const char *installer, struct error **err)
{
    *s = (struct scene){ 0 };
    fake_env_init(&s->env);
    fake_env_set(&s->env, "RP_MODE", mode);
    fake_env_set(&s->env, "ARO_RP_INSTALLER", installer);
    assert_int_equal(rp_env_load(&s->env.base, &s->rp_env, NULL), 0);
    s->first_party = first_party_new("app", NULL);
    const struct lifecycle_config cfg = { .env = s->rp_env, .first_party = s->first_party };
    return lifecycle_new(&cfg, &s->lifecycle, err);
}

static void close_scene(struct scene *s)
{
    lifecycle_free(s->lifecycle);
    first_party_free(s->first_party);
    rp_env_free(s->rp_env);
    fake_env_release(&s->env);
}

static void development_makes_graphs_itself(void **state)
{
    (void)state;
    struct scene s;
    assert_int_equal(open_scene(&s, "test", NULL, NULL), 0);
    assert_non_null(lifecycle_clusters(s.lifecycle)->installer);
    close_scene(&s);
}

static void without_an_installer_there_is_none(void **state)
{
    (void)state;
    struct scene s;
    assert_int_equal(open_scene(&s, "test", "none", NULL), 0);
    assert_null(lifecycle_clusters(s.lifecycle)->installer);
    close_scene(&s);
}

static void a_program_that_cannot_be_run_is_refused(void **state)
{
    (void)state;
    struct scene s;
    cleanup_error struct error *err = NULL;
    assert_int_equal(open_scene(&s, "test", "/nowhere/openshift-install", &err), -1);
    assert_string_equal(error_text(err),
                        "ARO_RP_INSTALLER: /nowhere/openshift-install cannot be run");
    close_scene(&s);
}

static void the_first_party_is_asked_for_in_a_tenant(void **state)
{
    (void)state;
    struct scene s;
    assert_int_equal(open_scene(&s, "test", "none", NULL), 0);
    const struct cluster_config *cfg = lifecycle_clusters(s.lifecycle);

    struct azure_credential *c = cfg->give_first_party(cfg->first_party_arg, "tenant");

    assert_string_equal(c->tenant_id, "tenant");
    assert_string_equal(c->client_id, "app");
    azure_credential_free(c);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("development makes install graphs itself", development_makes_graphs_itself),
        CASE("without an installer there is none", without_an_installer_there_is_none),
        CASE("a program that cannot be run is refused", a_program_that_cannot_be_run_is_refused),
        CASE("the first party is asked for in a tenant", the_first_party_is_asked_for_in_a_tenant),
    };
    return RUN_CASES("lifecycle", tests);
}
