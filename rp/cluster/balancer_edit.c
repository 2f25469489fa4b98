#include "rp/cluster/balancer_edit.h"

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "rp/cluster/transient.h"

#define TRIES 5

static int try_edit(struct arm *arm, const struct opctx *ctx, const char *id, balancer_edit_fn edit,
                    void *arg, struct error **err)
{
    const struct arm_call get = { .method = "GET", .path = id, .api_version = API_VERSION_NETWORK };
    cleanup_json json *live = NULL;
    if (transient_send(arm, ctx, &get, &live, err) < 0)
        return -1;
    cleanup_json json *resource = json_give_copy(live);
    if (edit(resource, arg, err) < 0)
        return -1;
    if (json_equal(resource, live))
        return 0;
    const struct arm_call put = { .method = "PUT",
                                  .path = id,
                                  .api_version = API_VERSION_NETWORK,
                                  .body = resource,
                                  .if_match = json_path_str(live, "etag"),
                                  .wait = true };
    log_info(ctx->log, "changing %s", arm_id_last(id));
    return transient_send(arm, ctx, &put, NULL, err);
}

int balancer_edit(struct arm *arm, const struct opctx *ctx, const char *id, balancer_edit_fn edit,
                  void *arg, struct error **err)
{
    for (int i = 1;; i++) {
        struct error *e = NULL;
        if (try_edit(arm, ctx, id, edit, arg, &e) == 0)
            return 0;
        if (!error_is(e, ERR_PRECONDITION) || i == TRIES) {
            error_move(err, &e);
            return error_wrap(err, "changing %s", arm_id_last(id));
        }
        error_free(e);
    }
}
