/* hive_rig.h - a manager whose server is a script; requests are compared without their constant headers. */
#ifndef TEST_UNIT_SUPPORT_RP_HIVE_HIVE_RIG_H
#define TEST_UNIT_SUPPORT_RP_HIVE_HIVE_RIG_H

#include "rp/hive/hive.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

#define HIVE_URL "https://sets.test:443/v1/"
/* As scripts compare: "METHOD URL", and a body behind an empty line. */
#define HIVE_ASKS(method, path) method " " HIVE_URL path "\n@gzip: true\n"
#define HIVE_SENDS(method, path, body) method " " HIVE_URL path "\n@gzip: true\n\n" body
#define HIVE_STATUS(reason) "{\"kind\":\"Status\",\"reason\":\"" reason "\",\"message\":\"no\"}"
#define HIVE_NONE \
    { \
        .status = 404, .reply = HIVE_STATUS("NotFound") \
    }

struct hive_rig {
    struct fake_env env;
    struct rp_env *rp_env;
    struct fake_clock clock;
    struct scripted_transport server;
    struct opctx ctx;
    struct hive *hive;
};
void hive_rig_open(struct hive_rig *r, const struct script_step *steps, size_t len);
void hive_rig_close(struct hive_rig *r); /* checks that the script was used up */

#endif
