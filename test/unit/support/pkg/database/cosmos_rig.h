/*
 * cosmos_rig.h - the driver for Cosmos DB against a scripted server; its clock jumps over pauses, chance always gives 0.
 *
 * Requests are compared as scripted_transport.h says, without Accept, Authorization, x-ms-date and x-ms-version (one test
 * looks at those). Fails the test when it cannot.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_DATABASE_COSMOS_RIG_H
#define TEST_UNIT_SUPPORT_PKG_DATABASE_COSMOS_RIG_H

#include "pkg/database/cosmos.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

#define COSMOS_URL "https://aro.documents.azure.com/dbs/ARO/colls/"
/* What every write carries when chance gives 0. */
#define COSMOS_TOKEN "00000000-0000-4000-8000-000000000000"
#define COSMOS_END "@timeout_ms: 30000\n"
#define COSMOS_RANGES_REQUEST(coll) "GET " COSMOS_URL coll "/pkranges\n" COSMOS_END

struct cosmos_rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct scripted_transport transport;
    struct opctx ctx;
    struct store *store;
};
void cosmos_rig_open(struct cosmos_rig *r, const struct script_step *steps, size_t len);
/* Checks the script, too. */
void cosmos_rig_finish(struct cosmos_rig *r);
int64_t cosmos_rig_paused_ms(struct cosmos_rig *r);

#endif
