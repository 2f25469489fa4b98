#include "rp/cluster/privileged.h"

#include "operator/deploy/privileged.h"

#define WAIT_MS ((int64_t)30 * 60 * 1000)
#define POLL_MS 10000

/* Until then there is no such kind either. */
int privileged_wait(const struct cluster *c, const struct opctx *parent, json **ret,
                    struct error **err)
{
    const struct kube_ref *ref = KUBE_REF(&GVR_SECURITYCONTEXTCONSTRAINTS, NULL, PRIVILEGED_MODEL);
    const struct opctx ctx = opctx_with_timeout_ms(parent, WAIT_MS);
    for (;;) {
        cleanup_error struct error *e = NULL;
        if (kube_get(c->kube, &ctx, ref, ret, &e) == 0)
            return 0;
        if (opctx_sleep_ms(&ctx, POLL_MS, err) < 0)
            return error_wrap(err, "waiting for the security context of privileged pods (%s)",
                              error_text(e));
    }
}
