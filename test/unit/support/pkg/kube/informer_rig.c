#include "test/unit/support/pkg/kube/informer_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static const char *version(const struct kube_object *o)
{
    return kube_object_resource_version(o);
}

static void record(struct informer_handler *h, const struct informer_event *e)
{
    struct recorder *r = container_of(h, struct recorder, handler);
    const char *space = r->text.len ? " " : "";
    switch (e->type) {
    case INFORMER_ADD:
        buf_addf(&r->text, "%s+%s:%s%s", space, kube_object_name(e->new_obj), version(e->new_obj),
                 e->initial ? "i" : "");
        break;
    case INFORMER_UPDATE:
        buf_addf(&r->text, "%s~%s:%s>%s%s", space, kube_object_name(e->new_obj),
                 version(e->old_obj), version(e->new_obj), e->resync ? "r" : "");
        break;
    case INFORMER_DELETE:
        buf_addf(&r->text, "%s-%s:%s%s", space, kube_object_name(e->old_obj), version(e->old_obj),
                 e->unknown_final_state ? "u" : "");
        break;
    }
}

static void record_synced(struct informer_handler *h)
{
    struct recorder *r = container_of(h, struct recorder, handler);
    buf_addf(&r->text, "%ssynced", r->text.len ? " " : "");
}

void recorder_init(struct recorder *r)
{
    *r = (struct recorder){
        .handler = { .on_event = record, .on_synced = record_synced, .wants_resync = true },
        .text = BUF_INIT(BUF_UNBOUNDED)
    };
}

void recorder_release(struct recorder *r)
{
    buf_release(&r->text);
}

static int timed_send(struct http_transport *t, const struct opctx *ctx,
                      const struct http_request *req, struct http_response *ret, struct error **err)
{
    struct rig *r = container_of(t, struct rig, timed);
    if (r->times_len < RIG_REQUESTS_MAX)
        r->times_ms[r->times_len++] = clock_mono_ns(&r->clock.base) / NS_PER_MS;
    if (r->script.used == r->script_len) { /* nothing more to see */
        stop_request(r->stop);
        *ret = (struct http_response){ 0 };
        return error_set(err, ERR_CANCELLED, "end of the script");
    }
    return http_send(&r->script.base, ctx, req, ret, err);
}

void rig_init(struct rig *r, const struct script_step *steps, size_t len,
              const struct rig_options *opt)
{
    static const struct rig_options defaults = { 0 };
    static const struct informer_config all = { .gvr = &GVR_CONFIGMAPS };
    /* The shortest watch (a multiple of 301), next to no jitter. */
    static const uint64_t zero[] = { 301 * 7 };
    static const char *const hidden[] = { "User-Agent", NULL };
    if (!opt)
        opt = &defaults;
    *r = (struct rig){ .script_len = len, .timed = { .send = timed_send } };
    fake_clock_init(&r->clock);
    atomic_store(&r->clock.auto_advance, true);
    fake_rng_init_values(&r->rng, zero, 1);
    log_capture_init(&r->sink, &r->clock.base);
    r->log = log_root(&r->sink.base);
    r->metrics = metrics_new();
    scripted_transport_init(&r->script, steps, len);
    r->script.hidden = hidden;
    r->config = (struct kube_config){ .server = xstrdup("https://k"), .nspace = xstrdup("n") };
    struct kube_client_options client = {
        .qps = -1, .clock = &r->clock.base, .rng = &r->rng.base, .log = &r->log
    };
    assert_int_equal(0, kube_client_new_over(&r->timed, &r->config, &client, &r->client, NULL));
    struct kube_cache_options cache = { .resync_ms = opt->resync_ms,
                                        .allow_streaming_list = opt->allow_streaming_list,
                                        .pack_above_bytes = opt->pack_above_bytes,
                                        .clock = &r->clock.base,
                                        .rng = &r->rng.base,
                                        .log = &r->log,
                                        .metrics = r->metrics };
    r->cache = kube_cache_new(r->client, &cache);
    r->informer = kube_cache_informer(r->cache, opt->informer ? opt->informer : &all);
    recorder_init(&r->recorder);
    informer_add_handler(r->informer, &r->recorder.handler);
    r->stop = stop_new(NULL);
}

void rig_release(struct rig *r)
{
    informer_remove_handler(r->informer, &r->recorder.handler);
    kube_cache_free(r->cache);
    kube_client_free(r->client);
    free(r->config.server);
    free(r->config.nspace);
    scripted_transport_release(&r->script);
    metrics_free(r->metrics);
    log_capture_release(&r->sink);
    recorder_release(&r->recorder);
    stop_unref(r->stop);
    fake_clock_release(&r->clock);
}

void rig_run(struct rig *r)
{
    struct opctx ctx = opctx_root(&r->clock.base, &r->rng.base, r->stop, &r->log);
    reflector_run(r->informer->reflector, &ctx);
    scripted_transport_check(&r->script);
}

void rig_stop(void *rig)
{
    stop_request(((struct rig *)rig)->stop);
}

void rig_pass_2s(void *rig)
{
    fake_clock_advance_ms(&((struct rig *)rig)->clock, 2000);
}

void rig_pass_5m(void *rig)
{
    fake_clock_advance_ms(&((struct rig *)rig)->clock, 300000);
}

void rig_heard(struct rig *r, const char *want)
{
    assert_string_equal(want, buf_str(&r->recorder.text));
    buf_clear(&r->recorder.text);
}

int64_t rig_gap_ms(const struct rig *r, size_t i)
{
    assert_true(i > 0 && i < r->times_len);
    return r->times_ms[i] - r->times_ms[i - 1];
}

double rig_metric(struct rig *r, const char *name)
{
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_free char *head = xasprintf("%s{resource=\"configmaps\"} ", name);
    metrics_write(r->metrics, &out);
    const char *line = strstr(buf_str(&out), head);
    return line ? strtod(line + strlen(head), NULL) : -1;
}
