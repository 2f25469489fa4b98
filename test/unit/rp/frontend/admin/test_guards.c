#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/admin/guards.h"
#include "test/unit/support/test.h"

#define FORBIDDEN(text) "403 Forbidden: " text
#define NS(name) FORBIDDEN("Access to the provided namespace '" name "' is forbidden.")
#define SCOPE(gvr) FORBIDDEN("Access to cluster-scoped object '" gvr "' is forbidden.")
#define SECRETS FORBIDDEN("Access to secrets is forbidden.")
#define RIGHTS FORBIDDEN("Write access to RBAC is forbidden.")
#define INVALID(what, text) "400 InvalidParameter: The provided " what " '" text "' is invalid."

static const struct gvr oauths = { "oauth.openshift.io", "v1", "oauthaccesstokens",
                                   "OAuthAccessToken", false };
static const struct gvr volumes = { "", "v1", "persistentvolumes", "PersistentVolume", false };

static const char *describe(const struct error *e, char out[512])
{
    if (!e)
        return "";
    (void)snprintf(out, 512, "%d %s: %s", error_get_status(e), error_get_code(e), error_text(e));
    return out;
}

struct object_case {
    const char *name;
    struct guarded g;
    const char *want; /* "": allowed */
};
static struct object_case cases[] = {
    { "lets pods of the platform be listed",
      { &GVR_PODS, "openshift-etcd", "", false, false },
      "" },
    { "lets one be deleted", { &GVR_PODS, "openshift-etcd", "etcd-0", true, false }, "" },
    { "keeps customers' pods from view",
      { &GVR_PODS, "customer", "", false, false },
      NS("customer") },
    { "knows whole names only",
      { &GVR_PODS, "openshift-etcd-mine", "", false, false },
      NS("openshift-etcd-mine") },
    { "keeps the namespace of logins closed",
      { &GVR_PODS, "openshift-authentication", "", false, false },
      NS("openshift-authentication") },
    { "keeps kube-system closed",
      { &GVR_PODS, "kube-system", "", false, false },
      NS("kube-system") },
    { "shows customers' pods to who may see all", { &GVR_PODS, "customer", "", false, true }, "" },
    { "keeps all pods at once from view",
      { &GVR_PODS, "", "", false, false },
      SCOPE("/v1, Resource=pods") },
    { "shows nodes", { &GVR_NODES, "", "n", false, false }, "" },
    { "shows the version", { &GVR_CLUSTERVERSIONS, "", "version", false, false }, "" },
    { "keeps volumes from view",
      { &volumes, "", "v", false, false },
      SCOPE("/v1, Resource=persistentvolumes") },
    { "is not deceived by a namespace that does not matter",
      { &volumes, "openshift-etcd", "v", false, false },
      INVALID("namespace", "") },
    { "keeps secrets from view", { &GVR_SECRETS, "openshift-etcd", "s", false, false }, SECRETS },
    { "keeps them from who may see all", { &GVR_SECRETS, "customer", "s", false, true }, SECRETS },
    { "keeps tokens from who may see all", { &oauths, "", "t", false, true }, SECRETS },
    { "shows roles", { &GVR_CLUSTERROLES, "", "admin", false, false }, "" },
    { "lets nobody write roles", { &GVR_CLUSTERROLES, "", "admin", true, false }, RIGHTS },
    { "lets nobody write rights in a namespace",
      { &GVR_ROLEBINDINGS, "openshift-etcd", "r", true, false },
      RIGHTS },
    { "needs a name to write",
      { &GVR_PODS, "openshift-etcd", "", true, false },
      INVALID("name", "") },
    { "refuses a name that is a path",
      { &GVR_PODS, "openshift-etcd", "a/b", false, false },
      INVALID("name", "a/b") },
    { "refuses a namespace that is a path",
      { &GVR_PODS, "../x", "p", false, true },
      INVALID("namespace", "../x") },
};

static void check_object(void **state)
{
    const struct object_case *c = *state;
    cleanup_error struct error *err = NULL;
    char text[512];

    int result = guard_object(&c->g, &err);

    assert_string_equal(describe(err, text), c->want);
    assert_int_equal(result, *c->want ? -1 : 0);
}

static void names_have_a_length(void **state)
{
    (void)state;
    cleanup_free char *longest = xasprintf("%0255d", 1), *longer = xasprintf("%0256d", 1);

    assert_int_equal(guard_vm_name(longest, NULL), 0);
    assert_int_equal(guard_vm_name(longer, NULL), -1);
    assert_int_equal(guard_vm_name("Master-0.x", NULL), 0);
    assert_int_equal(guard_vm_name("-a", NULL), -1);
    assert_int_equal(guard_vm_name(".a", NULL), -1);
    assert_int_equal(guard_vm_name("", NULL), -1);
    assert_int_equal(guard_vm_name("a_b", NULL), -1);
}

struct logs_case {
    const char *nspace, *pod, *container, *want;
};
static struct logs_case logs[] = {
    { "openshift-etcd", "p", "c", "" },
    { "customer", "p", "c", NS("customer") },
    { "", "p", "c", INVALID("namespace", "") },
    { "openshift-etcd", "", "c", INVALID("pod name", "") },
    { "openshift-etcd", "p/exec", "c", INVALID("pod name", "p/exec") },
    { "openshift-etcd", "p", "", INVALID("container name", "") },
};

static void logs_are_of_the_platform(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
        cleanup_error struct error *err = NULL;
        char text[512];
        (void)guard_logs(logs[i].nspace, logs[i].pod, logs[i].container, &err);
        assert_string_equal(describe(err, text), logs[i].want);
    }
}

static const struct {
    const char *kind, *nspace;
    bool unrestricted;
    const char *code; /* NULL: may go on */
} words[] = {
    { "Pod", "openshift-etcd", false, NULL },
    { "Pod", "customer", true, NULL },
    { "Pod", "", false, NULL },
    { "Pod", "customer", false, "Forbidden" },
    { "Pod", "a/b", true, "InvalidParameter" },
    { "", "", true, "InvalidParameter" },
    { "sEcRet", "openshift-etcd", true, "Forbidden" },
    { "secrets", "", true, "Forbidden" },
};

static void words_are_judged_without_the_cluster(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        cleanup_error struct error *err = NULL;
        int got = guard_words(words[i].kind, words[i].nspace, words[i].unrestricted, &err);
        assert_int_equal(got, words[i].code ? -1 : 0);
        if (words[i].code)
            assert_string_equal(error_get_code(err), words[i].code);
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 3];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_object, &cases[i]);
    tests[ARRAY_LEN(cases)] = (struct CMUnitTest)CASE("names have a length", names_have_a_length);
    tests[ARRAY_LEN(cases) + 1] =
        (struct CMUnitTest)CASE("logs are of the platform", logs_are_of_the_platform);
    tests[ARRAY_LEN(cases) + 2] = (struct CMUnitTest)CASE("words are judged without the cluster",
                                                          words_are_judged_without_the_cluster);
    return RUN_CASES("guards", tests);
}
