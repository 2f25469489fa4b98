#include <pthread.h>

#include "hack/devcloud/azure/machines.h"
#include "pkg/base/thread.h"
#include "test/unit/hack/devcloud/azure/compute_rig.h"

#define M CLUSTER_MACHINES "/m0"

/* What a watcher heard: "provisioned m0 hello 10.0.0.4". */
struct heard {
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct strv lines;
};

static void hear(void *arg, enum machine_event what, const struct azure_machine *m)
{
    static const char *const names[] = { "provisioned", "started", "stopped", "deleted" };
    struct heard *h = arg;
    pthread_mutex_lock(&h->mu);
    strv_addf(&h->lines, "%s %s %s %s", names[what], m->name, m->custom_data ? m->custom_data : "",
              m->addresses.len > 0 ? m->addresses.v[0] : "");
    pthread_cond_broadcast(&h->cv);
    pthread_mutex_unlock(&h->mu);
}

static void heard_init(struct heard *h)
{
    *h = (struct heard){ 0 };
    mutex_init(&h->mu);
    clock_cond_init(&h->cv);
}

/* Waits until there are n lines. */
static void await(struct heard *h, size_t n)
{
    int64_t until = clock_mono_ns(clock_system()) + 30 * NS_PER_S;
    pthread_mutex_lock(&h->mu);
    while (h->lines.len < n && clock_wait(clock_system(), &h->cv, &h->mu, until))
        ;
    pthread_mutex_unlock(&h->mu);
    assert_true(h->lines.len >= n);
}

static void heard_release(struct heard *h)
{
    strv_release(&h->lines);
    pthread_cond_destroy(&h->cv);
    pthread_mutex_destroy(&h->mu);
}

static void check_events(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct heard h;
    heard_init(&h);
    MAKE_MACHINE(&r, "m0");
    compute_call(&r, "GET", M, NULL, NULL); /* its operation ends */
    const struct machine_watcher watcher = { hear, &h };
    cleanup_error struct error *err = NULL;

    assert_int_equal(machines_watch(r.sim, &watcher, NULL), 0);
    assert_int_equal(machines_watch(r.sim, &watcher, &err), -1);
    await(&h, 1);
    MAKE_MACHINE(&r, "m1"); /* from now on nobody asks */
    await(&h, 2);
    rig_call(&r, "PUT", MASTER_SUBNET RIG_VERSION, "{'properties':{'addressPrefix':'10.0.0.0/23'}}",
             NULL);
    rig_call(&r, "PUT", WORKER_SUBNET RIG_VERSION, "{'properties':{'addressPrefix':'10.0.2.0/23'}}",
             NULL);
    rig_call(&r, "DELETE", CLUSTER_GROUP RIG_VERSION, NULL, NULL);
    await(&h, 4);
    machines_unwatch(r.sim);

    assert_true(error_is(err, ERR_EXISTS));
    assert_string_equal(h.lines.v[0], "provisioned m0 hello 10.0.0.4");
    assert_string_equal(h.lines.v[1], "provisioned m1 hello 10.0.0.5");
    assert_true(str_starts(h.lines.v[2], "deleted m"));
    assert_true(str_starts(h.lines.v[3], "deleted m"));
    assert_int_equal(machines_watch(r.sim, &watcher, NULL), 0);
    machines_unwatch(r.sim);
    heard_release(&h);
}

static void check_failed(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    struct heard h;
    heard_init(&h);
    const struct machine_watcher watcher = { hear, &h };
    rig_patch(&r, "{'machine_failures':[{'name':'m0'}]}");
    assert_int_equal(machines_watch(r.sim, &watcher, NULL), 0);
    MAKE_MACHINE(&r, "m0");
    MAKE_MACHINE(&r, "m1");
    await(&h, 1);

    compute_call(&r, "PUT", M, MACHINE_OF("m0", "Standard_D8s_v3", "aGVsbG8=", ""), NULL);
    await(&h, 2);
    machines_unwatch(r.sim);

    assert_string_equal(h.lines.v[0], "provisioned m1 hello 10.0.0.5");
    assert_string_equal(h.lines.v[1], "provisioned m0 hello 10.0.0.4");
    heard_release(&h);
}

static void check_ask(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    MAKE_MACHINE(&r, "m1");
    cleanup_strv struct strv ids = STRV_INIT;

    cleanup_machine struct azure_machine *m =
        machines_give_one(r.sim, RIG_SUBSCRIPTION "/resourceGroups/ARO-CLUSTER/providers/"
                                                  "Microsoft.Compute/virtualMachines/M0");
    machines_list(r.sim, CLUSTER_GROUP, &ids);

    assert_string_equal(m->id, M);
    assert_string_equal(m->group_id, CLUSTER_GROUP);
    assert_string_equal(m->size, "Standard_D8s_v3");
    assert_null(m->zone);
    assert_int_equal(m->custom_data_len, 5);
    assert_true(m->runs);
    assert_null(machines_give_one(r.sim, CLUSTER_NICS "/m0"));
    assert_int_equal(ids.len, 2);
    assert_string_equal(ids.v[0], M);
}

static void check_log(void **state)
{
    (void)state;
    cleanup_rig struct rig r;
    rig_open(&r);
    MAKE_MACHINE(&r, "m0");
    cleanup_free char *long_text = xmalloc(70000);
    memset(long_text, 'x', 69999);
    long_text[69999] = '\0';

    machines_append_log(r.sim, M, "begin\n");
    machines_append_log(r.sim, CLUSTER_MACHINES "/none", "lost\n");
    machines_append_log(r.sim, M, long_text);
    machines_append_log(r.sim, M, "\nend\n");

    cleanup_reply struct rig_reply reply = { 0 };
    rig_call(&r, "GET", "/_devcloud/state", NULL, &reply);
    cleanup_free char *key = str_give_lower(M);
    const char *serial =
        json_path_str(json_get(json_get(reply.body, "resources"), key), "inside.serial");
    assert_int_equal(strlen(serial), 65536);
    assert_true(str_ends(serial, "x\nend\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a watcher hears of machines old and new, and of their end", check_events),
        CASE("a machine that failed is heard of when it is made at last", check_failed),
        CASE("machines are found by their IDs and groups", check_ask),
        CASE("the serial log forgets its beginning", check_log),
    };
    return RUN_CASES("machines", tests);
}
