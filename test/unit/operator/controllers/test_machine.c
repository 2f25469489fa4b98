#include <string.h>

#include "operator/controllers/machine.h"
#include "pkg/base/mem.h"
#include "test/unit/support/operator/fake_cluster.h"
#include "test/unit/support/test.h"

#define NS "openshift-machine-api"

static json *put_machine(struct fake_cluster *f, const char *name, const char *role)
{
    fake_cluster_put(
        f, json_make("{'apiVersion':'machine.openshift.io/v1beta1','kind':'Machine','metadata':"
                     "{'name':%s,'namespace':%s,'labels':"
                     "{'machine.openshift.io/cluster-api-machine-role':%s}},'spec':{'providerSpec':"
                     "{'value':{'osDisk':{'diskSizeGB':128},'image':"
                     "{'publisher':'azureopenshift','offer':'aro4'},'managedIdentity':''}}}}",
                     name, NS, role));
    return fake_cluster_get(f, &GVR_MACHINES, NS, name);
}

static void put_set(struct fake_cluster *f, const char *name, int replicas)
{
    fake_cluster_put(f, json_make("{'apiVersion':'machine.openshift.io/v1beta1',"
                                  "'kind':'MachineSet','metadata':{'name':%s,'namespace':%s},"
                                  "'spec':{'replicas':%d}}",
                                  name, NS, replicas));
}

static void start(struct fake_cluster *f)
{
    fake_cluster_put(f, fake_cluster_give_cluster());
    put_machine(f, "m0", "master");
    put_machine(f, "m1", "master");
    put_machine(f, "m2", "master");
    put_machine(f, "w0", "worker");
    put_machine(f, "w1", "infra"); /* any other role works */
    put_set(f, "a", 1);
    put_set(f, "b", 1);
}

struct finding_case {
    const char *name, *machine, *path, *value; /* value: JSON; NULL removes */
    const char *message;                       /* NULL: all is well */
};
static struct finding_case cases[] = {
    { "is content with valid machines", "w0", NULL, NULL, NULL },
    { "finds a small disk of a worker", "w0", "spec.providerSpec.value.osDisk.diskSizeGB", "127",
      "machine w0: invalid disk size" },
    { "finds a missing disk of a worker", "w0", "spec.providerSpec.value.osDisk", NULL,
      "machine w0: invalid disk size" },
    { "does not mind the disk of a master", "m0", "spec.providerSpec.value.osDisk.diskSizeGB", "64",
      NULL },
    { "finds a foreign image", "m1", "spec.providerSpec.value.image.offer", "\"other\"",
      "machine m1: invalid image" },
    { "finds a foreign publisher", "w1", "spec.providerSpec.value.image.publisher", "\"x\"",
      "machine w1: invalid image" },
    { "finds a managed identity", "w1", "spec.providerSpec.value.managedIdentity", "\"id\"",
      "machine w1: invalid managedIdentity" },
    { "takes an absent managed identity", "w1", "spec.providerSpec.value.managedIdentity", NULL,
      NULL },
    { "finds a missing provider spec", "w0", "spec.providerSpec.value", NULL,
      "machine w0: provider spec missing or unreadable" },
    { "finds a provider spec of another shape", "w0", "spec.providerSpec.value", "[1]",
      "machine w0: provider spec missing or unreadable" },
    { "finds a missing role and does not count that machine", "m2", "metadata.labels", NULL,
      "machine m2: cluster-api-machine-role label not found\n"
      "invalid number of master machines 2, expected 3" },
};

static void check_finding(void **state)
{
    const struct finding_case *c = *state;
    struct fake_cluster f;
    fake_cluster_init(&f);
    start(&f);
    json *machine = fake_cluster_get(&f, &GVR_MACHINES, NS, c->machine);
    json *value = NULL;
    if (c->value)
        assert_int_equal(json_parse(c->value, strlen(c->value), &value, NULL), 0);
    if (c->value)
        json_path_put(machine, c->path, value, NULL);
    else if (c->path)
        assert_true(json_path_del(machine, c->path));

    fake_cluster_must(&f, &machine_controller);

    assert_string_equal(fake_cluster_condition(&f, "MachineValid"), c->message ? "False" : "True");
    assert_string_equal(fake_cluster_message(&f, "MachineValid"),
                        c->message ? c->message : "All machines valid");
    fake_cluster_release(&f);
}

static void counts_follow_all_machine_sets(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    put_set(f, "c", 2);
    fake_cluster_del(f, &GVR_MACHINES, NS, "m0");

    fake_cluster_must(f, &machine_controller);

    assert_string_equal(fake_cluster_message(f, "MachineValid"),
                        "invalid number of worker machines 2, expected 4\n"
                        "invalid number of master machines 2, expected 3");
}

static void the_message_does_not_depend_on_the_order_of_machines(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    json_path_del(put_machine(f, "z", "worker"), "metadata.labels");
    json_path_del(put_machine(f, "a", "worker"), "metadata.labels");

    fake_cluster_must(f, &machine_controller);

    assert_string_equal(fake_cluster_message(f, "MachineValid"),
                        "machine a: cluster-api-machine-role label not found\n"
                        "machine z: cluster-api-machine-role label not found");
}

static void it_runs_again_in_an_hour(void **state)
{
    struct fake_cluster *f = *state;
    struct result result = { 0 };
    start(f);

    assert_int_equal(fake_cluster_reconcile(f, &machine_controller, NULL, &result, NULL), 0);

    assert_int_equal(result.requeue_after_ms, 3600000);
}

static void a_hostile_cluster_cannot_blow_the_message_up(void **state)
{
    struct fake_cluster *f = *state;
    start(f);
    for (int i = 0; i < 600; i++) {
        cleanup_free char *name = xasprintf("machine-without-role-%d", i);
        json_path_del(put_machine(f, name, "worker"), "metadata.labels");
    }

    fake_cluster_must(f, &machine_controller);

    assert_in_range(strlen(fake_cluster_message(f, "MachineValid")), 1 << 13, (1 << 14) + 256);
}

int main(void)
{
    struct CMUnitTest findings[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        findings[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_finding, &cases[i]);
    const struct CMUnitTest tests[] = {
        FAKE_CASE("expects as many workers as all sets ask for", counts_follow_all_machine_sets),
        FAKE_CASE("tells machines in order", the_message_does_not_depend_on_the_order_of_machines),
        FAKE_CASE("runs again in an hour", it_runs_again_in_an_hour),
        FAKE_CASE("limits its message", a_hostile_cluster_cannot_blow_the_message_up),
    };
    return RUN_CASES("machine_findings", findings) + RUN_CASES("machine", tests);
}
