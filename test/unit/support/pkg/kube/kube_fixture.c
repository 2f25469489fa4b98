#include "test/unit/support/pkg/kube/kube_fixture.h"

#include <string.h>

#include "test/unit/support/test.h"

static char server[] = "https://api.test:6443";
static char nspace[] = "default";
static const char *const hidden[] = { "User-Agent", NULL };

void kube_fixture_init(struct kube_fixture *f, const struct script_step *steps, size_t len)
{
    *f = (struct kube_fixture){ .cfg = { .server = server, .nspace = nspace } };
    fake_clock_init(&f->clock);
    atomic_store(&f->clock.auto_advance, true);
    fake_rng_init(&f->rng, 1);
    fake_env_init(&f->env);
    log_capture_init(&f->capture, &f->clock.base);
    f->log = log_root(&f->capture.base);
    f->metrics = metrics_new();
    scripted_transport_init(&f->transport, steps, len);
    f->transport.hidden = hidden;
    f->stop = stop_new(NULL);
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, f->stop, &f->log);
    f->options = (struct kube_client_options){
        .qps = -1,
        .clock = &f->clock.base,
        .rng = &f->rng.base,
        .env = &f->env.base,
        .log = &f->log,
        .metrics = f->metrics,
    };
}

void kube_fixture_start(struct kube_fixture *f)
{
    assert_int_equal(
        kube_client_new_over(&f->transport.base, &f->cfg, &f->options, &f->client, NULL), 0);
}

void kube_fixture_finish(struct kube_fixture *f)
{
    scripted_transport_check(&f->transport);
    kube_client_free(f->client);
    scripted_transport_release(&f->transport);
    stop_unref(f->stop);
    metrics_free(f->metrics);
    log_capture_release(&f->capture);
    fake_env_release(&f->env);
    fake_clock_release(&f->clock);
}

int kube_fixture_send(struct kube_fixture *f, const struct kube_raw *raw, int *ret_status,
                      struct error **err)
{
    cleanup_response struct http_response r = { 0 };
    int rc = kube_send_raw(f->client, &f->ctx, raw, &r, err);
    *ret_status = r.status;
    return rc;
}

int64_t kube_fixture_elapsed_ms(const struct kube_fixture *f)
{
    return (clock_mono_ns(&f->clock.base) - FAKE_MONO_NS) / NS_PER_MS;
}

json *give_tree(const char *text)
{
    json *j = NULL;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    return j;
}
