/* Operations that go on after the reply. */
#include "pkg/base/mem.h"
#include "pkg/client/client_impl.h"

struct aro_poller {
    struct arm_operation *operation;
    const struct client_type *type; /* of what it shows; NULL: nothing */
    uint32_t version;
    void *shown;
};

void aro_poller_free(struct aro_poller *p)
{
    if (!p)
        return;
    client_free(p->shown);
    arm_operation_free(p->operation);
    free(p);
}

/* Decodes what the operation shows. */
static int refresh(struct aro_poller *p, struct error **err)
{
    const json *object = arm_operation_object(p->operation);
    void *shown = NULL;
    if (p->type && object && client_decode(p->type, p->version, object, &shown, err) < 0)
        return error_wrap(err, "the operation goes on, but shows what cannot be read");
    client_free(p->shown);
    p->shown = shown;
    return 0;
}

int client_begin(const struct aro_client *c, const struct opctx *ctx,
                 const struct client_operation *op, const char *const *args, const void *body,
                 struct aro_poller **ret, struct error **err)
{
    cleanup_free char *path = NULL;
    cleanup_json_wiped json *tree = NULL;
    if (client_make_path(c, op, args, &path, err) < 0)
        return -1;
    if (body && client_encode_request(op->request, c->version->bit, body, &tree, err) < 0)
        return -1;
    const struct arm_call call = {
        .method = op->method, .path = path, .api_version = c->version->name, .body = tree
    };
    cleanup_aro_poller struct aro_poller *p = xnew(struct aro_poller);
    *p = (struct aro_poller){ .type = op->reply, .version = c->version->bit };
    if (arm_begin(c->arm, ctx, &call, &p->operation, err) < 0 || refresh(p, err) < 0)
        return -1;
    *ret = take(p);
    return 0;
}

int aro_poller_poll(struct aro_poller *p, const struct opctx *ctx, struct error **err)
{
    return arm_operation_poll(p->operation, ctx, err) < 0 ? -1 : refresh(p, err);
}

int aro_poller_wait(struct aro_poller *p, const struct opctx *ctx, struct error **err)
{
    return arm_operation_wait(p->operation, ctx, err) < 0 ? -1 : refresh(p, err);
}

bool aro_poller_is_done(const struct aro_poller *p)
{
    return arm_operation_is_done(p->operation);
}

int64_t aro_poller_pause_ms(const struct aro_poller *p)
{
    return arm_operation_pause_ms(p->operation);
}

int aro_poller_status(const struct aro_poller *p)
{
    return arm_operation_first_status(p->operation);
}

const struct aro_openshift_cluster *aro_poller_cluster(const struct aro_poller *p)
{
    return p->shown;
}
