#include "test/unit/support/operator/operator_fixture.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/informer_impl.h"
#include "test/unit/support/test.h"

static const char *const azure_hidden[] = { "User-Agent", "x-ms-client-request-id",
                                            "x-ms-return-client-request-id", NULL };

void operator_fixture_put(struct operator_fixture *f, const struct watch *w, const char *text)
{
    struct informer *i = watch_informer(&f->sv, w);
    struct json_scan s;
    struct draft d;
    draft_init(&d);
    json_scan_init(&s, text, strlen(text));
    assert_int_equal(draft_scan(&d, &s, PROJECT_FULL, NULL, NULL), 0);
    assert_int_equal(draft_check(&d, NULL), 0);
    informer_apply(i, WATCH_ADDED, &d);
    draft_release(&d);
}

void operator_fixture_init(struct operator_fixture *f, enum operator_role role,
                           const char *cluster_text)
{
    *f = (struct operator_fixture){ 0 };
    kube_fixture_init(&f->kube, NULL, 0);
    kube_fixture_start(&f->kube);
    scripted_transport_init(&f->azure, NULL, 0);
    f->azure.hidden = azure_hidden;
    scripted_transport_init(&f->internet, NULL, 0);
    assert_int_equal(
        settings_load(operator_settings, SETTING_COUNT, &f->kube.env.base, f->settings, NULL), 0);
    struct kube_cache_options cache = { .clock = &f->kube.clock.base,
                                        .rng = &f->kube.rng.base,
                                        .log = &f->kube.log };
    f->sv = (struct services){
        .role = role,
        .version = "abc1234",
        .kube = f->kube.client,
        .cache = kube_cache_new(f->kube.client, &cache),
        .internet = &f->internet.base,
        .azure = &f->azure.base,
        .clock = &f->kube.clock.base,
        .rng = &f->kube.rng.base,
        .env = &f->kube.env.base,
        .log = &f->kube.log,
        .metrics = f->kube.metrics,
        .settings = f->settings,
    };
    const struct watch cluster = WATCH_CLUSTER;
    if (cluster_text)
        operator_fixture_put(f, &cluster, cluster_text);
}

void operator_fixture_expect(struct scripted_transport *t, const struct script_step *steps,
                             size_t len)
{
    t->steps = steps;
    t->len = len;
}

int operator_fixture_run(struct operator_fixture *f, const struct controller_desc *desc,
                         const char *key)
{
    error_clear(&f->err);
    f->result = (struct result){ 0 };
    return operator_reconcile_once(desc, &f->sv, &f->kube.ctx, key, &f->result, &f->err);
}

void operator_fixture_finish(struct operator_fixture *f)
{
    scripted_transport_check(&f->azure);
    scripted_transport_check(&f->internet);
    kube_cache_free(f->sv.cache);
    scripted_transport_release(&f->azure);
    scripted_transport_release(&f->internet);
    error_free(f->err);
    kube_fixture_finish(&f->kube);
}

char *operator_fixture_give_cluster(const char *spec, const char *conditions)
{
    char *text = xasprintf(
        "{'apiVersion':'aro.openshift.io/v1alpha1','kind':'Cluster','metadata':{'name':'cluster',"
        "'uid':'u1','resourceVersion':'7','generation':1},'spec':{%s},'status':{'conditions':[%s]}"
        "}",
        spec, conditions);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return text;
}
