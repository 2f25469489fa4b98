#include "test/unit/support/pkg/database/cosmos_rig.h"

#include <string.h>

#include "test/unit/support/test.h"

static const char *const hidden[] = { "Accept", "Authorization", "x-ms-date", "x-ms-version",
                                      NULL };

void cosmos_rig_open(struct cosmos_rig *r, const struct script_step *steps, size_t len)
{
    static const uint64_t zero[] = { 0 };
    fake_clock_init(&r->clock);
    atomic_store(&r->clock.auto_advance, true);
    fake_rng_init_values(&r->rng, zero, 1);
    scripted_transport_init(&r->transport, steps, len);
    r->transport.hidden = hidden;
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, NULL, NULL);
    cleanup_secret struct secret *key = secret_new("a2V5", 4);
    const struct cosmos_config cfg = { .endpoint = "https://aro.documents.azure.com/",
                                       .database = "ARO",
                                       .key = key,
                                       .transport = &r->transport.base };
    assert_int_equal(store_open_cosmos(&cfg, &r->store, NULL), 0);
}

void cosmos_rig_finish(struct cosmos_rig *r)
{
    store_close(r->store);
    scripted_transport_check(&r->transport);
    scripted_transport_release(&r->transport);
    fake_clock_release(&r->clock);
}

int64_t cosmos_rig_paused_ms(struct cosmos_rig *r)
{
    return (clock_mono_ns(&r->clock.base) - FAKE_MONO_NS) / NS_PER_MS;
}
