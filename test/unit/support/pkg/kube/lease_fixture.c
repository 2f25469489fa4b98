#include "test/unit/support/pkg/kube/lease_fixture.h"

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static char server_url[] = "https://api.test:6443";
static char nspace[] = "default";

static void keep_change(void *arg, const char *message)
{
    struct lease_fixture *f = arg;
    strv_add(&f->changes, message);
}

void lease_fixture_init(struct lease_fixture *f)
{
    *f = (struct lease_fixture){ .kube = { .server = server_url, .nspace = nspace } };
    fake_clock_init(&f->clock);
    fake_rng_init(&f->rng, 1);
    fake_env_init(&f->env);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->metrics = metrics_new();
    lease_server_init(&f->server);
    f->stop = stop_new(NULL);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, &f->log);
    const struct kube_client_options opt = {
        .qps = -1,
        .traffic = HTTP_CLASS_LEASE,
        .clock = &f->clock.base,
        .rng = &f->rng.base,
        .env = &f->env.base,
        .log = &f->log,
    };
    assert_int_equal(kube_client_new_over(&f->server.base, &f->kube, &opt, &f->client, NULL), 0);
    f->cfg = (struct lease_config){
        .client = f->client,
        .nspace = "ns",
        .name = "lock",
        .identity = "me",
        .duration_ms = LEASE_DURATION_MS,
        .renew_deadline_ms = LEASE_DEADLINE_MS,
        .retry_ms = LEASE_RETRY_MS,
        .release_on_exit = true,
        .clock = &f->clock.base,
        .rng = &f->rng.base,
        .log = &f->log,
        .metrics = f->metrics,
        .on_change = keep_change,
        .on_change_arg = f,
    };
}

void lease_fixture_start(struct lease_fixture *f)
{
    assert_int_equal(lease_new(&f->cfg, &f->lease, NULL), 0);
    f->leader = lease_leader(f->lease);
}

void lease_fixture_finish(struct lease_fixture *f)
{
    lease_free(f->lease);
    kube_client_free(f->client);
    lease_server_release(&f->server);
    strv_release(&f->changes);
    stop_unref(f->stop);
    metrics_free(f->metrics);
    log_capture_release(&f->capture);
    fake_env_release(&f->env);
    fake_clock_release(&f->clock);
}

char *lease_fixture_give_foreign(struct lease_fixture *f, int64_t renewed_ago_ms,
                                 int64_t duration_s)
{
    char renewed[TIME_TEXT_MAX];
    time_rfc3339_micro(clock_wall_ns(&f->clock.base) - renewed_ago_ms * NS_PER_MS, renewed);
    return xasprintf("{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{"
                     "\"name\":\"lock\",\"namespace\":\"ns\"},\"spec\":{\"holderIdentity\":\"you\","
                     "\"leaseDurationSeconds\":%lld,\"acquireTime\":\"%s\",\"renewTime\":\"%s\","
                     "\"leaseTransitions\":3}}",
                     (long long)duration_s, renewed, renewed);
}
