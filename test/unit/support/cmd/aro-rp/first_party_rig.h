/* first_party_rig.h - a first-party application "fp" with the secret "verysecret", and a script of what Azure answers it. */
#ifndef TEST_UNIT_SUPPORT_CMD_ARO_RP_FIRST_PARTY_RIG_H
#define TEST_UNIT_SUPPORT_CMD_ARO_RP_FIRST_PARTY_RIG_H

#include "cmd/aro-rp/first_party.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

#define FIRST_PARTY_TOKEN "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t\"}"

struct first_party_rig {
    struct scripted_transport transport;
    struct fake_clock clock;
    struct first_party *first_party;
    struct opctx ctx;
};
void first_party_rig_init(struct first_party_rig *r, const struct script_step *steps, size_t n);
/* Fails the test when the script was not followed to its end. */
void first_party_rig_finish(struct first_party_rig *r);

#endif
