/*
 * operator_fixture.h - the operator's services over scripted transports: one for the API server, one for Azure, one for
 * the internet check. What controllers watch comes from the cache, which the test fills itself.
 *
 *   operator_fixture_init(&f, ROLE_MASTER, CLUSTER_TEXT);
 *   operator_fixture_expect(&f.kube.transport, steps, ARRAY_LEN(steps));      requests in their order
 *   operator_fixture_put(&f, &watch, OBJECT_TEXT);                           optional
 *   operator_fixture_run(&f, &banner_controller, "cluster");                 leaves f.result, f.err
 *   operator_fixture_finish(&f);                                             checks all scripts
 */
#ifndef TEST_UNIT_SUPPORT_OPERATOR_OPERATOR_FIXTURE_H
#define TEST_UNIT_SUPPORT_OPERATOR_OPERATOR_FIXTURE_H

#include "operator/controller.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"

struct operator_fixture {
    struct kube_fixture kube;
    struct scripted_transport azure, internet;
    int64_t settings[SETTING_COUNT]; /* the defaults; a test may change them */
    struct services sv;
    struct result result;
    struct error *err; /* of the last run */
};
/* cluster_text: the Cluster in the cache; NULL: there is none. */
void operator_fixture_init(struct operator_fixture *f, enum operator_role role,
                           const char *cluster_text);
void operator_fixture_expect(struct scripted_transport *t, const struct script_step *steps,
                             size_t len);
void operator_fixture_put(struct operator_fixture *f, const struct watch *w, const char *text);
int operator_fixture_run(struct operator_fixture *f, const struct controller_desc *desc,
                         const char *key);
void operator_fixture_finish(struct operator_fixture *f);

/* A Cluster with the given members of spec and status.conditions, e.g. CLUSTER("'a':1", ""). Single quotes are doubled. */
char *operator_fixture_give_cluster(const char *spec, const char *conditions);

#endif
