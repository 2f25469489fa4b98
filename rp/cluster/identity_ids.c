#include "rp/cluster/identity_ids.h"

#include "pkg/api/refuse.h"
#include "pkg/azure/api_versions.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Where a document has identities, and how it calls what is looked up. */
struct place {
    const char *path;
    const char *id;     /* member with the resource ID; NULL: the key is it */
    const char *object; /* member of the object ID */
    const char *target; /* for the customer */
};
static const struct place own = { "openShiftCluster.managedServiceIdentity.userAssignedIdentities",
                                  NULL, "principalId", "identity.userAssignedIdentities" };
static const struct place workload = {
    PROPERTIES "platformWorkloadIdentityProfile.platformWorkloadIdentities", "resourceId",
    "objectId", "properties.platformWorkloadIdentityProfile.platformWorkloadIdentities"
};

static int look_up(struct arm *arm, const struct opctx *ctx, const struct place *p, const char *id,
                   json **ret, struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = id,
                                   .api_version = API_VERSION_IDENTITIES };
    cleanup_error struct error *e = NULL;
    cleanup_json json *identity = NULL;
    const char *client_id, *object_id;
    if (arm_send(arm, ctx, &call, &identity, &e) < 0) {
        if (error_is(e, ERR_NOT_FOUND))
            return api_refuse_value(err, p->target, "The identity '%s' could not be found.", id);
        return error_move(err, &e);
    }
    if (json_need_str(identity, "properties.clientId", &client_id, err) < 0 ||
        json_need_str(identity, "properties.principalId", &object_id, err) < 0)
        return error_wrap(err, "reading the identity %s", id);
    *ret = json_make("{'clientId':%s,%s:%s}", client_id, p->object, object_id);
    return 0;
}

struct change {
    const struct place *place;
    const json *found; /* key to members */
};

static int put_found(json *tree, void *arg, struct error **err)
{
    const struct change *ch = arg;
    json *identities = json_path(tree, ch->place->path);
    (void)err;
    for (struct json_iter it = json_each(ch->found); json_next(&it);) {
        json *known = json_get(identities, it.key);
        json *merged = json_give_merged(known ? json_give_copy(known) : NULL, it.value);
        json_put(identities, it.key, merged);
    }
    return 0;
}

static int look_up_all(struct cluster *c, const struct opctx *ctx, const struct place *p,
                       json *found, struct error **err)
{
    struct arm *arm;
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0)
        return -1;
    for (struct json_iter it = json_each(json_path(c->doc, p->path)); json_next(&it);) {
        const char *id = it.key;
        json *members = NULL;
        if ((p->id && json_need_str(it.value, p->id, &id, err) < 0) ||
            look_up(arm, ctx, p, id, &members, err) < 0)
            return -1;
        json_put(found, it.key, members);
    }
    return 0;
}

static int ensure(struct cluster *c, const struct opctx *ctx, const struct place *p,
                  struct error **err)
{
    cleanup_json json *found = json_new_object();
    if (look_up_all(c, ctx, p, found, err) < 0)
        return -1;
    struct change ch = { p, found };
    cleanup_json json *after = json_give_copy(c->doc);
    if (put_found(after, &ch, err) < 0 || json_equal(after, c->doc))
        return 0;
    return cluster_patch(c, ctx, put_found, &ch, err);
}

int cluster_ensure_identity_ids(void *arg, const struct opctx *ctx, struct error **err)
{
    return ensure(arg, ctx, &own, err);
}

int cluster_ensure_workload_identity_ids(void *arg, const struct opctx *ctx, struct error **err)
{
    return ensure(arg, ctx, &workload, err);
}
