#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/client/client_impl.h"

#define PATH_MAX_BYTES ((size_t)4 << 10)
#define OWN_ARGUMENT "{subscriptionId}"

int aro_client_new(const struct aro_client_config *cfg, struct aro_client **ret, struct error **err)
{
    const struct api_version *version = NULL;
    if (client_version_find(cfg->api_version, &version, err) < 0)
        return -1;
    struct aro_client *c = xnew(struct aro_client);
    *c = (struct aro_client){ cfg->arm, version, xstrdup(cfg->subscription_id) };
    *ret = c;
    return 0;
}

void aro_client_free(struct aro_client *c)
{
    if (!c)
        return;
    free(c->subscription_id);
    free(c);
}

/* ---- paths ---- */

static int check_version(const struct aro_client *c, const struct client_operation *op,
                         struct error **err)
{
    if (op->versions & c->version->bit)
        return 0;
    return error_set(err, ERR_UNSUPPORTED, "%s: API version %s has no such operation", op->id,
                     c->version->name);
}

/* The argument of the placeholder "{name}" at hole. */
static int add_argument(struct buf *path, const char *hole, const char *value, struct error **err)
{
    if (!value || !*value)
        return error_set(err, ERR_INVALID, "%.*s: no value", (int)strcspn(hole + 1, "}"), hole + 1);
    cleanup_free char *escaped = percent_give(value);
    buf_adds(path, escaped);
    return 0;
}

int client_make_path(const struct aro_client *c, const struct client_operation *op,
                     const char *const *args, char **ret, struct error **err)
{
    cleanup_buf struct buf path = BUF_INIT(PATH_MAX_BYTES);
    if (check_version(c, op, err) < 0)
        return -1;
    for (const char *p = op->path; *p;) {
        size_t plain = strcspn(p, "{");
        buf_add(&path, p, plain);
        p += plain;
        if (!*p)
            break;
        const char *value = str_starts(p, OWN_ARGUMENT) ? c->subscription_id : *args++;
        if (add_argument(&path, p, value, err) < 0)
            return error_wrap(err, "%s", op->id);
        p += strcspn(p, "}") + 1;
    }
    return buf_take(&path, ret, err);
}

/* ---- calls ---- */

int client_call(const struct aro_client *c, const struct opctx *ctx,
                const struct client_operation *op, const char *const *args, void **ret,
                struct error **err)
{
    cleanup_free char *path = NULL;
    cleanup_json_wiped json *reply = NULL;
    if (client_make_path(c, op, args, &path, err) < 0)
        return -1;
    const struct arm_call call = { .method = op->method,
                                   .path = path,
                                   .api_version = c->version->name };
    if (arm_send(c->arm, ctx, &call, &reply, err) < 0)
        return -1;
    return client_decode(op->reply, c->version->bit, reply, ret, err);
}

struct aro_cloud_error *aro_cloud_error_of(const struct error *e)
{
    struct aro_cloud_error *got = NULL;
    const char *body = error_get_body(e);
    if (body)
        (void)aro_cloud_error_decode(NULL, body, strlen(body), &got, NULL);
    return got;
}
