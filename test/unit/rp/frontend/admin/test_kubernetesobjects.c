#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/admin/kube_rig.h"
#include "test/unit/support/test.h"

#define OBJECTS ADMIN_CLUSTER "/kubernetesobjects"
#define ETCD "&namespace=openshift-etcd"
#define PODS "/api/v1/namespaces/openshift-etcd/pods"
#define POD "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"p\"}}"
#define CONFIGMAP \
    "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\",\"namespace\":" \
    "\"openshift-etcd\"}}"
#define ABSENT \
    .status = 404, \
    .reply = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":" \
             "\"NotFound\",\"code\":404," \
             "\"message\":\"pods \\\"p\\\" not found\",\"details\":{\"kind\":\"pods\",\"name\":" \
             "\"p\"}}"

struct object_case {
    const char *name, *method, *query, *body;
    struct script_step steps[4];
    size_t len;
    const char *want; /* the reply begins so */
    const char *asked;
};
#define STEPS(...) \
    .steps = { KUBE_RIG_KINDS, __VA_ARGS__ }, \
    .len = \
        sizeof((struct script_step[]){ KUBE_RIG_KINDS, __VA_ARGS__ }) / sizeof(struct script_step)
#define STEPS_V1(...) \
    .steps = { KUBE_RIG_V1, __VA_ARGS__ }, \
    .len = sizeof((struct script_step[]){ KUBE_RIG_V1, __VA_ARGS__ }) / sizeof(struct script_step)
#define ASKED(...) KUBE_RIG_ASKED_KINDS __VA_ARGS__ "\n"

#define ASKED_V1(...) KUBE_RIG_ASKED_V1 __VA_ARGS__ "\n"

static struct object_case cases[] = {
    { "shows an object", "GET", "?kind=Pod&name=p" ETCD, NULL, STEPS({ .reply = POD }),
      "200 {\n    \"kind\": \"Pod\",", ASKED("GET " PODS "/p ") },
    { "lists objects", "GET", "?kind=pods" ETCD, NULL,
      STEPS({ .reply = "{\"kind\":\"PodList\",\"metadata\":{},\"items\":[" POD "]}" }),
      "200 {\n    \"kind\": \"PodList\",", ASKED("GET " PODS "?limit=1000 ") },
    { "lists no more than can be held", "GET", "?kind=pods" ETCD, NULL,
      STEPS({ .reply = "{\"kind\":\"PodList\",\"metadata\":{\"continue\":\"x\"},\"items\":[]}" }),
      "500 {\n    \"error\": {\n        \"code\": \"InternalServerError\",\n        \"message\": "
      "\"Too many items returned.\",\n        \"target\": \"pods\"",
      ASKED("GET " PODS "?limit=1000 ") },
    { "tells what the server says", "GET", "?kind=Pod&name=p" ETCD, NULL, STEPS({ ABSENT }),
      "404 {\n    \"error\": {\n        \"code\": \"NotFound\",\n        \"message\": \"pods "
      "\\\"p\\\" not found\",\n        \"target\": \"pods/p\"\n    }\n}\n",
      ASKED("GET " PODS "/p ") },
    { "shows what lies outside of namespaces", "GET", "?kind=node&name=n", NULL,
      STEPS({ .reply = "{\"kind\":\"Node\"}" }), "200 {\n    \"kind\": \"Node\"",
      ASKED("GET /api/v1/nodes/n ") },
    { "shows customers' objects to who may see all", "GET",
      "?kind=Pod&name=p&namespace=customer&unrestricted=true", NULL, STEPS({ .reply = POD }),
      "200 {\n    \"kind\": \"Pod\",", ASKED("GET /api/v1/namespaces/customer/pods/p ") },
    { "deletes an object", "DELETE", "?kind=Pod&name=p" ETCD, NULL, STEPS({ .reply = "{}" }),
      "200 ", ASKED("DELETE " PODS "/p ") },
    { "deletes a pod at once", "DELETE", "?kind=Pod&name=p&force=true" ETCD, NULL,
      STEPS({ .reply = "{}" }), "200 ",
      ASKED("DELETE " PODS "/p {\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\","
            "\"gracePeriodSeconds\":0}") },
    { "updates an object", "POST", "", CONFIGMAP, STEPS_V1({ .reply = CONFIGMAP }), "200 ",
      ASKED_V1("PUT /api/v1/namespaces/openshift-etcd/configmaps/m " CONFIGMAP) },
    { "creates one that is not there", "POST", "", CONFIGMAP,
      STEPS_V1({ ABSENT }, { .status = 201, .reply = CONFIGMAP }), "200 ",
      ASKED_V1("PUT /api/v1/namespaces/openshift-etcd/configmaps/m " CONFIGMAP
               "\nPOST /api/v1/namespaces/openshift-etcd/configmaps " CONFIGMAP) },
};

static void check(void **state)
{
    const struct object_case *o = *state;
    struct kube_rig r;
    kube_rig_init(&r, o->steps, o->len);
    cleanup_free char *target = xasprintf(OBJECTS "%s", o->query);

    cleanup_free char *got = front_give_answer(&r.c.front, o->method, target, o->body);

    if (strncmp(got, o->want, strlen(o->want)) != 0)
        fail_msg("%s", got);
    kube_rig_asked(&r, o->asked);
    kube_rig_release(&r);
}

static void does_not_hold_a_list_that_is_too_large(void **state)
{
    (void)state;
    size_t len = (size_t)8 << 20;
    cleanup_free char *list = xasprintf("{\"items\":[]%*s}", (int)len, "");
    const struct script_step steps[] = { KUBE_RIG_KINDS, { .reply = list } };
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    admin_rig_refused(&r.c, "GET", OBJECTS "?kind=pods" ETCD, NULL,
                      "500 InternalServerError: The list is too large: name an object. @pods");

    kube_rig_release(&r);
}

/* ---- refusals: nothing but kinds is asked for ---- */

struct refusal {
    const char *name, *method, *query, *body, *want;
};
static struct refusal refusals[] = {
    { "does not show all objects at once", "GET", "?kind=Pod", NULL,
      "403 Forbidden: Access to cluster-scoped object '/v1, Resource=pods' is forbidden." },
    { "knows no such kind", "GET", "?kind=Moon" ETCD, NULL,
      "400 InvalidParameter: The provided resource is invalid. @kind" },
    { "deletes nothing without a name", "DELETE", "?kind=Pod" ETCD, NULL,
      "400 InvalidParameter: The provided name '' is invalid." },
    { "deletes no rights", "DELETE", "?kind=ClusterRole&name=admin", NULL,
      "403 Forbidden: Write access to RBAC is forbidden." },
    { "deletes only pods at once", "DELETE", "?kind=ConfigMap&name=m&force=true" ETCD, NULL,
      "403 Forbidden: Force deleting groupKind 'ConfigMap' is forbidden." },
    { "writes no secrets", "POST", "",
      "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"s\",\"namespace\":"
      "\"openshift-etcd\"}}",
      "403 Forbidden: Access to secrets is forbidden." },
    { "writes nothing without a name", "POST", "",
      "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"openshift-etcd\"}}",
      "400 InvalidParameter: The provided name '' is invalid." },
    { "writes no kind that is none", "POST", "", "{\"apiVersion\":\"v1\",\"kind\":\"Moon\"}",
      "400 InvalidParameter: The provided resource is invalid. @kind" },
};

static void check_refusal(void **state)
{
    static const struct script_step words[] = { KUBE_RIG_KINDS }, kinds[] = { KUBE_RIG_V1 };
    const struct refusal *f = *state;
    bool posts = f->body != NULL; /* an object names its kind exactly */
    struct kube_rig r;
    kube_rig_init(&r, posts ? kinds : words, posts ? ARRAY_LEN(kinds) : ARRAY_LEN(words));
    cleanup_free char *target = xasprintf(OBJECTS "%s", f->query);

    cleanup_free char *got = front_give_error(&r.c.front, f->method, target, f->body);

    assert_string_equal(got, f->want);
    kube_rig_asked(&r, posts ? KUBE_RIG_ASKED_V1 : KUBE_RIG_ASKED_KINDS);
    kube_rig_release(&r);
}

/* ---- refusals that ask for nothing at all ---- */

static struct refusal early[] = {
    { "wants to understand unrestricted", "GET", "?kind=Pod&unrestricted=maybe", NULL,
      "400 InvalidParameter: The provided unrestricted 'maybe' is invalid. @unrestricted" },
    { "does not show secrets", "GET", "?kind=Secret" ETCD, NULL,
      "403 Forbidden: Access to secrets is forbidden." },
    { "does not show them by another word", "GET", "?kind=sEcReTs&unrestricted=1&namespace=x", NULL,
      "403 Forbidden: Access to secrets is forbidden." },
    { "does not show customers' objects", "GET", "?kind=Pod&namespace=customer", NULL,
      "403 Forbidden: Access to the provided namespace 'customer' is forbidden." },
    { "deletes nothing of customers", "DELETE", "?kind=Pod&name=p&namespace=c&unrestricted=true",
      NULL, "403 Forbidden: Access to the provided namespace 'c' is forbidden." },
    { "wants a kind", "GET", "?namespace=openshift-etcd", NULL,
      "400 InvalidParameter: The provided resource is invalid. @kind" },
    { "wants an object", "POST", "", "[]",
      "400 InvalidRequestContent: The request content was invalid and could not be deserialized: "
      "\"" },
    { "wants an object with an apiVersion", "POST", "", "{\"kind\":\"Pod\"}",
      "400 InvalidRequestContent: The request content was invalid and could not be deserialized: "
      "\"apiVersion: missing or not a string\"." },
};

static void check_early(void **state)
{
    const struct refusal *f = *state;
    struct kube_rig r;
    kube_rig_init(&r, NULL, 0);
    cleanup_free char *target = xasprintf(OBJECTS "%s", f->query);

    cleanup_free char *got = front_give_error(&r.c.front, f->method, target, f->body);

    assert_memory_equal(got, f->want, strlen(f->want));
    kube_rig_asked(&r, "");
    kube_rig_release(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(refusals) + ARRAY_LEN(early) + 1];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    for (size_t i = 0; i < ARRAY_LEN(early); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(early[i].name, check_early, &early[i]);
    tests[n++] = (struct CMUnitTest)CASE("does not hold a list that is too large",
                                         does_not_hold_a_list_that_is_too_large);
    return RUN_CASES("objects of a cluster", tests);
}
