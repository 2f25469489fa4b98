/* What a cluster is reached with, and what is refused. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/remote/remote.h"
#include "test/unit/support/joint/syncsets/apply_rig.h"

/* The kubeconfig as JSON with a part of it replaced. */
static char *give_changed(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at)
        fail_msg("there is no %s in it", from);
    return xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

struct reach {
    const char *dial_allowed;
    bool allow_insecure;
    const char *kubeconfig, *override, *ip, *bundle;
};

/* NULL: it got an answer; else why not, owned by the rig until the next. */
static const char *reach(struct apply_rig *r, const struct reach *how)
{
    struct sets_remotes_config cfg = { .http = r->http,
                                       .clock = clock_system(),
                                       .rng = rng_system(),
                                       .env = &r->env.base,
                                       .dial_allowed = how->dial_allowed,
                                       .allow_insecure = how->allow_insecure };
    struct sets_target target;
    struct sets_remotes *all;
    struct sets_remote *remote;
    struct kube_client *k;
    rig_target(r, &target);
    target.kubeconfig = how->kubeconfig ? how->kubeconfig : r->kubeconfig;
    target.kubeconfig_len = strlen(target.kubeconfig);
    target.api_url_override = how->override;
    target.api_server_ip_override = how->ip;
    target.ca_bundle = how->bundle;
    error_clear(&r->ended);
    assert_int_equal(sets_remotes_new(&cfg, &all, NULL), 0);
    if (sets_remotes_get(all, &target, &remote, &r->ended) == 0) {
        assert_int_equal(sets_remote_begin(remote, &r->ctx, NULL, &k, NULL), 0);
        (void)kube_get(k, &r->ctx, &(struct kube_ref){ .gvr = &GVR_NAMESPACES, .name = "default" },
                       NULL, &r->ended);
        sets_remote_end(remote);
        sets_remote_put(remote);
    }
    sets_remotes_free(all);
    return r->ended ? error_text(r->ended) : NULL;
}

static void assert_refused(const char *why, const char *part)
{
    if (!why || !strstr(why, part))
        fail_msg("%s", why ? why : "it got an answer");
}

static void this_machine_is_dialled_when_allowed_alone(void **state)
{
    struct apply_rig *r = *state;
    assert_null(reach(r, &(struct reach){ .dial_allowed = "127.0.0.0/8" }));
    assert_refused(reach(r, &(struct reach){ .dial_allowed = NULL }), "may not be dialled");
    assert_refused(reach(r, &(struct reach){ .dial_allowed = "10.0.0.0/8" }), "may not be dialled");
}

static void names_are_judged_by_what_they_resolve_to(void **state)
{
    struct apply_rig *r = *state;
    cleanup_free char *named =
        give_changed(r->kubeconfig, "https://127.0.0.1", "https://localhost");
    assert_refused(reach(r, &(struct reach){ .kubeconfig = named }), "may not be dialled");
    assert_refused(reach(r, &(struct reach){ .ip = "169.254.169.254" }), "may not be dialled");
}

static void an_ip_override_changes_the_dialled_address_alone(void **state)
{
    struct apply_rig *r = *state;
    cleanup_free char *nowhere =
        give_changed(r->kubeconfig, "https://127.0.0.1", "https://no.such.name.invalid");
    const char *why = reach(
        r,
        &(struct reach){ .dial_allowed = "127.0.0.0/8", .kubeconfig = nowhere, .ip = "127.0.0.1" });
    assert_refused(why,
                   "GET https://no.such.name.invalid"); /* it got there, and looked at the name */
    assert_string_equal(error_get_code(r->ended), HTTP_ERR_TLS);
}

static void programs_and_files_are_refused(void **state)
{
    struct apply_rig *r = *state;
    static const char *const texts[] = {
        "{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":\"c\","
        "\"user\":\"u\"}}],"
        "\"clusters\":[{\"name\":\"c\",\"cluster\":{\"server\":\"https://x\"}}],"
        "\"users\":[{\"name\":\"u\",\"user\":{\"exec\":{\"command\":\"id\"}}}]}",
        "{\"clusters\":[{\"name\":\"c\",\"cluster\":{\"certificate-authority\":\"/etc/passwd\"}}]}",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_refused(reach(r, &(struct reach){ .kubeconfig = texts[i] }),
                       "runs programs or reads files");
}

static void what_is_no_kubeconfig_is_told_without_its_text(void **state)
{
    struct apply_rig *r = *state;
    const char *why = reach(r, &(struct reach){ .kubeconfig = "foobar" });
    assert_refused(why, "the kubeconfig cannot be used: ");
    assert_null(strstr(why, "foobar"));
}

static void further_authorities_must_be_certificates(void **state)
{
    struct apply_rig *r = *state;
    assert_refused(reach(r, &(struct reach){ .bundle = "x" }),
                   "spec.caBundle holds no certificate");
}

static void another_authority_is_not_trusted(void **state)
{
    struct apply_rig *r = *state;
    static const char *const groups[] = { "system:masters", NULL };
    struct cluster_config cfg = { .minor = 20, .clock = clock_system(), .rng = rng_system() };
    cleanup_cluster struct cluster *other = NULL;
    cleanup_free char *kubeconfig = NULL;
    const char *server = r->cfg->server;
    assert_int_equal(cluster_new(&cfg, &other, NULL), 0);
    assert_int_equal(cluster_give_kubeconfig(other, server, "u", groups, &kubeconfig, NULL), 0);

    assert_refused(
        reach(r, &(struct reach){ .dial_allowed = "127.0.0.0/8", .kubeconfig = kubeconfig }),
        "certificate");
    assert_string_equal(error_get_code(r->ended), HTTP_ERR_TLS);

    const char *why = reach(r, &(struct reach){ .dial_allowed = "127.0.0.0/8",
                                                .kubeconfig = kubeconfig,
                                                .bundle = cluster_ca_cert(r->cluster) });
    assert_refused(why,
                   "nauthorized"); /* trusted by the bundle; its user is of the other cluster */
}

int main(void)
{
#define FRESH(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = apply_rig_fresh \
    }
    const struct CMUnitTest tests[] = {
        FRESH("this machine is dialled when that is allowed, alone",
              this_machine_is_dialled_when_allowed_alone),
        FRESH("names are judged by what they resolve to", names_are_judged_by_what_they_resolve_to),
        FRESH("an IP override changes the dialled address alone",
              an_ip_override_changes_the_dialled_address_alone),
        FRESH("programs and files are refused", programs_and_files_are_refused),
        FRESH("what is no kubeconfig is told without its text",
              what_is_no_kubeconfig_is_told_without_its_text),
        FRESH("further authorities must be certificates", further_authorities_must_be_certificates),
        FRESH("another authority is not trusted", another_authority_is_not_trusted),
    };
    return cmocka_run_group_tests(tests, apply_rig_setup, apply_rig_teardown);
}
