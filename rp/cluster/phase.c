#include "rp/cluster/phase.h"

#include "pkg/base/clock.h"
#include "pkg/base/strv.h"

#define INSTALL PROPERTIES "install"
#define PHASE INSTALL ".phase"
#define INSTALLED_BY "installedBy"
#define MTU PROPERTIES "networkProfile.mtuSize"
#define MTU_FEATURE "Microsoft.RedHatOpenShift/MTU3900"
#define MTU_DEFAULT 1500
#define MTU_LARGE 3900

/* ---- phases ---- */

static int start(json *doc, void *arg, struct error **err)
{
    const char *now = arg;
    if (json_path(doc, INSTALL))
        return 0;
    return json_path_put(doc, INSTALL, json_make("{'now':%s,'phase':0}", now), err);
}

int cluster_start_installation(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    char now[TIME_TEXT_MAX];
    if (json_path(c->doc, INSTALL))
        return 0;
    time_rfc3339(clock_wall_ns(ctx->clock), now);
    return cluster_patch(c, ctx, start, now, err);
}

struct phases {
    int64_t from;
};

static int increment(json *doc, void *arg, struct error **err)
{
    const struct phases *p = arg;
    if (!json_path(doc, INSTALL))
        return error_set(err, ERR_INTERNAL, "the document has no installation");
    return json_path_put(doc, PHASE, json_new_int(p->from + 1), err);
}

int cluster_increment_install_phase(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    /* From what was read before: a write that is repeated must not go two phases on. */
    struct phases p = { json_path_int(c->doc, PHASE, 0) };
    return cluster_patch(c, ctx, increment, &p, err);
}

/* In one write: whoever takes the operation up between this and its end must not begin a second installation. */
static int finish(json *doc, void *arg, struct error **err)
{
    const char *operation = json_path_str(doc, "asyncOperationId");
    (void)arg;
    (void)err;
    if (operation)
        json_put(doc, INSTALLED_BY, json_new_str(operation));
    (void)json_path_del(doc, INSTALL);
    return 0;
}

bool cluster_is_installed(const struct cluster *c)
{
    const char *operation = json_path_str(c->doc, "asyncOperationId");
    return !json_path(c->doc, INSTALL) && operation &&
           str_eq(json_path_str(c->doc, INSTALLED_BY), operation);
}

int cluster_finish_installation(void *arg, const struct opctx *ctx, struct error **err)
{
    return cluster_patch(arg, ctx, finish, NULL, err);
}

/* ---- packets ---- */

static bool has_feature(const json *subscription, const char *name)
{
    json *features = json_path(subscription, "subscription.properties.registeredFeatures");
    for (size_t i = 0; i < json_len(features); i++) {
        const json *feature = json_at(features, i);
        if (str_eq_nocase(json_path_str(feature, "name"), name))
            return str_eq_nocase(json_path_str(feature, "state"), "Registered");
    }
    return false;
}

static int put_mtu(json *doc, void *arg, struct error **err)
{
    const int64_t *mtu = arg;
    if (json_path_int(doc, MTU, 0) > 0)
        return 0;
    return json_path_put(doc, MTU, json_new_int(*mtu), err);
}

int cluster_populate_mtu_size(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    int64_t mtu = has_feature(c->job.subscription, MTU_FEATURE) ? MTU_LARGE : MTU_DEFAULT;
    if (json_path_int(c->doc, MTU, 0) > 0)
        return 0;
    return cluster_patch(c, ctx, put_mtu, &mtu, err);
}
