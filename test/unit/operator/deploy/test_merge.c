/* What the object to write takes over from the live one, kind by kind. */
#include <string.h>

#include "operator/deploy/ensure.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/test.h"

static json *give_tree(const char *text)
{
    json *tree = NULL;
    struct error *err = NULL;
    if (yaml_parse(text, strlen(text), &tree, &err) < 0)
        fail_msg("%s: %s", text, error_text(err));
    return tree;
}

struct merge_case {
    const char *name, *live, *want, *merged;
};
static struct merge_case cases[] = {
    { "takes the server's identity, whatever was wanted",
      "{kind: ConfigMap, metadata: {name: a, uid: u, resourceVersion: '7', generation: 2, "
      "creationTimestamp: t, selfLink: s, managedFields: [{}]}}",
      "{kind: ConfigMap, metadata: {name: a, uid: mine, resourceVersion: '1'}}",
      "{kind: ConfigMap, metadata: {name: a, uid: u, resourceVersion: '7', generation: 2, "
      "creationTimestamp: t, selfLink: s, managedFields: [{}]}}" },
    { "drops what was added by hand",
      "{kind: ConfigMap, metadata: {labels: {x: y}, annotations: {x: y}, finalizers: [f], "
      "ownerReferences: [{uid: o}]}, data: {a: '1', b: '2'}}",
      "{kind: ConfigMap, metadata: {}, data: {a: '1'}}",
      "{kind: ConfigMap, metadata: {}, data: {a: '1'}}" },
    { "keeps the live status", "{kind: Cluster, metadata: {}, status: {a: 1}}",
      "{kind: Cluster, metadata: {}, status: {b: 2}}",
      "{kind: Cluster, metadata: {}, status: {a: 1}}" },
    { "drops a wanted status where there is none", "{kind: Cluster, metadata: {}}",
      "{kind: Cluster, metadata: {}, status: {b: 2}}", "{kind: Cluster, metadata: {}}" },
    { "keeps what the platform writes to a namespace",
      "{kind: Namespace, metadata: {labels: {kubernetes.io/metadata.name: n, x: y, "
      "olm.operatorgroup.uid/1: ''}, annotations: {openshift.io/sa.scc.mcs: m, "
      "openshift.io/sa.scc.uid-range: r, openshift.io/description: d}, finalizers: [f]}, "
      "spec: {finalizers: [kubernetes]}, status: {phase: Active}}",
      "{kind: Namespace, metadata: {labels: {a: b}, annotations: {openshift.io/node-selector: "
      "''}}}",
      "{kind: Namespace, metadata: {labels: {a: b, kubernetes.io/metadata.name: n, "
      "olm.operatorgroup.uid/1: ''}, annotations: {openshift.io/node-selector: '', "
      "openshift.io/sa.scc.mcs: m, openshift.io/sa.scc.uid-range: r}, finalizers: [f]}, "
      "spec: {finalizers: [kubernetes]}, status: {phase: Active}}" },
    { "keeps the secrets of a service account",
      "{kind: ServiceAccount, metadata: {annotations: {openshift.io/internal: i, x: y}}, secrets: "
      "[{name: s}], imagePullSecrets: [{name: p}]}",
      "{kind: ServiceAccount, metadata: {}}",
      "{kind: ServiceAccount, metadata: {annotations: {openshift.io/internal: i}}, secrets: "
      "[{name: s}], imagePullSecrets: [{name: p}]}" },
    { "keeps the addresses and node ports of a service",
      "{kind: Service, metadata: {}, spec: {clusterIP: 1.2.3.4, clusterIPs: [1.2.3.4], ipFamilies: "
      "[IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 80, nodePort: 30080}, {port: 90}]}}",
      "{kind: Service, metadata: {}, spec: {ports: [{port: 90}, {port: 80}]}}",
      "{kind: Service, metadata: {}, spec: {clusterIP: 1.2.3.4, clusterIPs: [1.2.3.4], ipFamilies: "
      "[IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 90}, {port: 80, nodePort: 30080}]}}" },
    { "keeps the revision of a deployment and a restart that was asked for",
      "{kind: Deployment, metadata: {annotations: {deployment.kubernetes.io/revision: '3', x: y}}, "
      "spec: {template: {metadata: {annotations: {kubectl.kubernetes.io/restartedAt: t, x: y}}, "
      "spec: {serviceAccount: s}}}}",
      "{kind: Deployment, metadata: {}, spec: {template: {metadata: {}, spec: {}}}}",
      "{kind: Deployment, metadata: {annotations: {deployment.kubernetes.io/revision: '3'}}, "
      "spec: {template: {metadata: {annotations: {kubectl.kubernetes.io/restartedAt: t}}, "
      "spec: {serviceAccount: s}}}}" },
    { "keeps the generation of a daemon set's template, drops a node selector",
      "{kind: DaemonSet, metadata: {annotations: {deprecated.daemonset.template.generation: '3'}}, "
      "spec: {template: {spec: {nodeSelector: {a: b}}}}}",
      "{kind: DaemonSet, metadata: {}, spec: {template: {spec: {}}}}",
      "{kind: DaemonSet, metadata: {annotations: {deprecated.daemonset.template.generation: '3'}}, "
      "spec: {template: {spec: {}}}}" },
    { "keeps the annotations of a Cluster and its banner",
      "{kind: Cluster, metadata: {annotations: {aro.openshift.io/x: y}}, spec: {banner: {content: "
      "ContactSupport}, old: 1}}",
      "{kind: Cluster, metadata: {}, spec: {new: 2}}",
      "{kind: Cluster, metadata: {annotations: {aro.openshift.io/x: y}}, spec: {banner: {content: "
      "ContactSupport}, new: 2}}" },
    { "sets a Cluster's banner that is wanted",
      "{kind: Cluster, metadata: {}, spec: {banner: {content: ContactSupport}}}",
      "{kind: Cluster, metadata: {}, spec: {banner: {content: ''}}}",
      "{kind: Cluster, metadata: {}, spec: {banner: {content: ''}}}" },
    { "keeps the owner of a Secret, replaces its data as a whole",
      "{kind: Secret, metadata: {ownerReferences: [{uid: o}]}, data: {old: eA==, a: eA==}}",
      "{kind: Secret, metadata: {}, data: {a: eQ==}}",
      "{kind: Secret, metadata: {ownerReferences: [{uid: o}]}, data: {a: eQ==}}" },
    { "compares stringData as the data that the server makes of it",
      "{kind: Secret, metadata: {}, data: {a: eA==}}",
      "{kind: Secret, metadata: {}, data: {b: eQ==}, stringData: {a: x}}",
      "{kind: Secret, metadata: {}, data: {b: eQ==, a: eA==}}" },
    { "keeps the owner of the operator's role",
      "{kind: Role, metadata: {ownerReferences: [{uid: o}]}, rules: []}",
      "{kind: Role, metadata: {}, rules: [{}]}",
      "{kind: Role, metadata: {ownerReferences: [{uid: o}]}, rules: [{}]}" },
    { "keeps certificates that the platform injects",
      "{kind: ConfigMap, metadata: {annotations: {openshift.io/owning-component: net, x: y}}, "
      "data: {ca-bundle.crt: PEM}}",
      "{kind: ConfigMap, metadata: {labels: {config.openshift.io/inject-trusted-cabundle: "
      "'true'}}}",
      "{kind: ConfigMap, metadata: {labels: {config.openshift.io/inject-trusted-cabundle: 'true'}, "
      "annotations: {openshift.io/owning-component: net}}, data: {ca-bundle.crt: PEM}}" },
    { "keeps what Hive writes to a ClusterDeployment",
      "{kind: ClusterDeployment, metadata: {finalizers: [f], labels: {hive.openshift.io/a: b, x: "
      "y}}, spec: {clusterMetadata: {infraID: i}}, status: {s: 1}}",
      "{kind: ClusterDeployment, metadata: {}, spec: {a: 1}}",
      "{kind: ClusterDeployment, metadata: {finalizers: [f], labels: {hive.openshift.io/a: b}}, "
      "spec: {a: 1, clusterMetadata: {infraID: i}}, status: {s: 1}}" },
    { "keeps the platform that Hive found out, beside wanted metadata",
      "{kind: ClusterDeployment, metadata: {}, spec: {clusterMetadata: {infraID: i, platform: "
      "{azure: "
      "{resourceGroupName: g}}}}}",
      "{kind: ClusterDeployment, metadata: {}, spec: {clusterMetadata: {infraID: j}}}",
      "{kind: ClusterDeployment, metadata: {}, spec: {clusterMetadata: {infraID: j, platform: "
      "{azure: "
      "{resourceGroupName: g}}}}}" },
};

static void check_merge(void **state)
{
    const struct merge_case *c = *state;
    cleanup_json json *live = give_tree(c->live);
    cleanup_json json *want = give_tree(c->want);
    cleanup_json json *before = json_give_copy(want);
    cleanup_json json *merged = give_tree(c->merged);

    cleanup_json json *got = ensure_give_merged(live, want);

    if (!json_equal(got, merged)) {
        cleanup_free char *text = json_give_text(got);
        fail_msg("got %s", text);
    }
    assert_true(json_equal(want, before)); /* the caller's tree stays as it was */
}

struct same_case {
    const char *name, *a, *b;
    bool same;
};
static struct same_case same_cases[] = {
    { "is the same whatever the server counts",
      "{metadata: {name: a, resourceVersion: '1', generation: 1, managedFields: [1]}, status: 1}",
      "{metadata: {name: a, resourceVersion: '2', generation: 2}, status: 2}", true },
    { "is the same in another order of keys", "{metadata: {a: 1, b: 2}}",
      "{metadata: {b: 2, a: 1}}", true },
    { "differs in a label", "{metadata: {labels: {a: b}}}", "{metadata: {labels: {a: c}}}", false },
    { "differs in the order of a list", "{spec: [1, 2]}", "{spec: [2, 1]}", false },
};

static void check_same(void **state)
{
    const struct same_case *c = *state;
    cleanup_json json *a = give_tree(c->a);
    cleanup_json json *b = give_tree(c->b);

    assert_int_equal(ensure_same(a, b), c->same);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + ARRAY_LEN(same_cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_merge, &cases[i]);
    for (size_t i = 0; i < ARRAY_LEN(same_cases); i++)
        tests[ARRAY_LEN(cases) + i] =
            (struct CMUnitTest)CASE_OF(same_cases[i].name, check_same, &same_cases[i]);
    return RUN_CASES("merge", tests);
}
