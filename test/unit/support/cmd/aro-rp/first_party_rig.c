#include "test/unit/support/cmd/aro-rp/first_party_rig.h"

void first_party_rig_init(struct first_party_rig *r, const struct script_step *steps, size_t n)
{
    cleanup_secret struct secret *secret = secret_new("verysecret", 10);
    scripted_transport_init(&r->transport, steps, n);
    fake_clock_init(&r->clock);
    r->first_party = first_party_new("fp", secret);
    r->ctx = opctx_root(&r->clock.base, rng_system(), NULL, NULL);
}

void first_party_rig_finish(struct first_party_rig *r)
{
    first_party_free(r->first_party);
    scripted_transport_check(&r->transport);
    scripted_transport_release(&r->transport);
    fake_clock_release(&r->clock);
}
