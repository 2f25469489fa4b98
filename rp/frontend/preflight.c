#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/change.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/handlers.h"

/* What a template would do, tried on copies; nothing is written and nothing asked of Azure. */

static int try_create(struct request *req, const char *id, const struct api_version *v, json *ext,
                      struct error **err)
{
    cleanup_json json *cluster = json_make("{'properties':{'architectureVersion':1}}");
    struct api_rules rules = change_rules(req, id, cluster);
    struct api_sealer sealer = request_sealer(req);
    if (change_fill_version(req, ext, err) < 0 ||
        api_cluster_validate(v, ext, NULL, &rules, err) < 0 ||
        api_cluster_to_internal(v, ext, NULL, cluster, &sealer, err) < 0 ||
        change_refuse_identities(cluster, err) < 0 || change_check_version(req, cluster, err) < 0)
        return -1;
    return change_match_role_sets(req, cluster, err);
}

static int try_update(struct request *req, const char *id, const struct api_version *v,
                      const json *ext, json *cluster, struct error **err)
{
    struct api_rules rules = change_rules(req, id, cluster);
    struct api_sealer sealer = request_sealer(req);
    cleanup_json json *base = NULL;
    if (api_cluster_to_external(v, cluster, &sealer, &base, err) < 0 ||
        api_cluster_validate(v, ext, base, &rules, err) < 0 ||
        api_cluster_to_internal(v, ext, base, cluster, &sealer, err) < 0)
        return -1;
    return change_match_role_sets(req, cluster, err);
}

/* The caller may write where the URL points: what he can learn of clusters elsewhere is not his. */
static int check_place(const struct request *req, const char *id, const char *key,
                       struct error **err)
{
    const char *subscription = request_param(req, "sub"), *group = request_param(req, "rg");
    cleanup_free char *place =
        xasprintf("/subscriptions/%s/resourcegroups/%s/", subscription, group);
    if (!id || !*id)
        return cloud_error(err, "InvalidParameter", "id", "The resource has no id.");
    if (!str_starts(key, place))
        return cloud_error(err, "InvalidParameter", "id",
                           "The provided id '%s' is not in resource group '%s' of subscription "
                           "'%s'.",
                           id, group, subscription);
    return 0;
}

static int try_one(struct request *req, const json *resource, struct error **err)
{
    const char *id = json_path_str(resource, "id");
    cleanup_free char *key = str_give_lower(id ? id : "");
    const struct api_version *v;
    cleanup_json json *ext = NULL;
    cleanup_document struct document d = { 0 };
    cleanup_error struct error *e = NULL;

    if (check_place(req, id, key, err) < 0 || api_preflight_decode(resource, &v, &ext, err) < 0)
        return -1;
    if (openshiftclusters_get(req->ctx, req->f->cfg.database, key, &d, &e) == 0)
        return try_update(req, id, v, ext, json_get(d.tree, "openShiftCluster"), err);
    /* An ID that is none cannot be that of a cluster; validation will say so. */
    if (!error_is(e, ERR_NOT_FOUND) && !error_is(e, ERR_INVALID))
        return error_move(err, &e);
    return try_create(req, id, v, ext, err);
}

static int try_all(struct request *req, struct error **err)
{
    size_t len;
    const char *body = http_call_body(req->call, &len);
    cleanup_json json *resources = NULL;
    if (api_preflight_parse(body, len, &resources, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(resources); i++) {
        const json *resource = json_at(resources, i);
        if (api_preflight_is_cluster(resource) && try_one(req, resource, err) < 0)
            return -1;
    }
    return 0;
}

int handle_preflight(struct request *req, struct error **err)
{
    cleanup_error struct error *failure = NULL;

    (void)err;
    (void)try_all(req, &failure);
    if (failure)
        log_info(req->log, "preflight: %s", error_text(failure));
    if (failure && !cloud_error_is(failure))
        (void)cloud_error_internal(&failure);
    cleanup_json json *reply = api_preflight_give_reply(failure);
    json_write(http_call_out(req->call), reply);
    return 0;
}
