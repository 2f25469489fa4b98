#include "cmd/aro-rp/development.h"

#include "pkg/base/strv.h"
#include "pkg/database/published.h"
#include "pkg/database/subscriptions.h"

/* The release of the first quick starts. */
#define RELEASE "4.3.18"
#define PULLSPEC "quay.io/openshift-release-dev/ocp-release:" RELEASE "-x86_64"
#define IMAGE "{'sku':'aro_43','version':'43.81.20191122'}"
/* Fixed, so that a second start finds what the first one made. */
#define VERSION_ID "00000000-0000-0000-0000-000000000418"

static int register_subscription(const struct opctx *ctx, struct database *db,
                                 const struct rp_env *env, struct error **err)
{
    cleanup_free char *id = str_give_lower(rp_env_text(env, ENV_SUBSCRIPTION_ID));
    cleanup_error struct error *e = NULL;
    json *tree = json_make("{'id':%s,'subscription':{'state':'Registered','properties':{"
                           "'tenantId':%s}}}",
                           id, rp_env_text(env, ENV_TENANT_ID));
    if (subscriptions_create(ctx, db, tree, NULL, &e) < 0 && !error_is(e, ERR_PRECONDITION))
        return error_move(err, &e);
    return 0;
}

static int add_version(const struct opctx *ctx, struct database *db, struct error **err)
{
    cleanup_document_page struct document_page page = { 0 };
    cleanup_error struct error *e = NULL;

    if (published_list(ctx, db, PUBLISHED_VERSIONS, 1, NULL, &page, err) < 0)
        return -1;
    if (page.len > 0)
        return 0;
    json *tree = json_make(
        "{'id':%s,'openShiftVersion':{'properties':{'version':%s,'openShiftPullspec':%s,"
        "'installerPullspec':%s,'machineImage':" IMAGE ",'enabled':true,'default':true}}}",
        VERSION_ID, RELEASE, PULLSPEC, PULLSPEC);
    if (published_create(ctx, db, PUBLISHED_VERSIONS, tree, NULL, &e) < 0 &&
        !error_is(e, ERR_EXISTS))
        return error_move(err, &e);
    return 0;
}

int development_prepare(const struct opctx *ctx, struct database *db, const struct rp_env *env,
                        struct error **err)
{
    if (rp_env_text(env, ENV_SUBSCRIPTION_ID) && register_subscription(ctx, db, env, err) < 0)
        return error_wrap(err, "registering the subscription");
    if (add_version(ctx, db, err) < 0)
        return error_wrap(err, "adding an OpenShift version");
    return 0;
}
