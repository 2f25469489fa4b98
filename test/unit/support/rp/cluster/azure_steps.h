/* azure_steps.h - what the tests of steps in Azure share: requests as they are compared, and steps that must go well. */
#ifndef TEST_UNIT_SUPPORT_RP_CLUSTER_AZURE_STEPS_H
#define TEST_UNIT_SUPPORT_RP_CLUSTER_AZURE_STEPS_H

#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

/* url: whole. */
#define REQUEST(method, url) method " " url "\nAccept: application/json\n@gzip: true\n"
#define REQUEST_BODY(method, url, headers, body) \
    method " " url "\nAccept: application/json\nContent-Type: application/json\n" headers \
           "@gzip: true\n\n" body
#define ARM_ERROR(status_, code, message) \
    { \
        .status = status_, \
        .reply = "{\"error\":{\"code\":\"" code "\",\"message\":\"" message "\"}}" \
    }

static inline void run_step(struct cluster_rig *r,
                            int (*step)(void *, const struct opctx *, struct error **))
{
    struct error *err = NULL;
    if (step(r->c, &r->ctx, &err) < 0)
        fail_msg("%s", error_text(err));
}

static inline struct error *fail_step(struct cluster_rig *r,
                                      int (*step)(void *, const struct opctx *, struct error **))
{
    struct error *err = NULL;
    assert_int_equal(step(r->c, &r->ctx, &err), -1);
    return err;
}

#endif
