#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"

static int check_feature(const struct request *req, enum api_feature feature, struct error **err)
{
    if (api_version_has(req->version, feature))
        return 0;
    return cloud_error(err, "InvalidResourceType", NULL,
                       "The resource type '%s' could not be found in the namespace '%s' for api "
                       "version '%s'.",
                       request_param(req, "type"), request_param(req, "ns"),
                       api_version_name(req->version));
}

/* There may be none; what there is has to be JSON. */
static int check_body(const struct request *req, struct error **err)
{
    size_t len;
    const char *body = http_call_body(req->call, &len);
    cleanup_json json *tree = NULL;
    cleanup_error struct error *why = NULL;
    if (len == 0 || json_parse(body, len, &tree, &why) == 0)
        return 0;
    return cloud_error(err, "InvalidRequestContent", NULL,
                       "The request content was invalid and could not be deserialized: \"%s\".",
                       error_text(why));
}

/* Credentials of what is not there yet, or no more, are nobody's. */
static int check_state(const json *cluster, struct error **err)
{
    const char *state = json_path_str(cluster, "properties.provisioningState");
    const char *failed = json_path_str(cluster, "properties.failedProvisioningState");
    const char *counts = str_eq(state, "Failed") ? failed : state;
    if (str_eq(counts, "Creating") || str_eq(counts, "Deleting"))
        return cluster_state_not_allowed(state, err);
    return 0;
}

/* The opened secret at path; empty when there is none. */
static int find_secret(struct request *req, const char *path, struct secret **ret,
                       struct error **err)
{
    cleanup_document struct document d = { 0 };
    if (check_body(req, err) < 0 ||
        subscription_check(req, SUBSCRIPTION_REGISTERED, NULL, err) < 0 ||
        cluster_find(req, &d, err) < 0)
        return -1;
    const json *cluster = json_get(d.tree, "openShiftCluster");
    if (check_state(cluster, err) < 0)
        return -1;
    const char *sealed = json_path_str(cluster, path);
    if (!sealed || !*sealed) {
        *ret = secret_new("", 0);
        return 0;
    }
    return database_open_sealed(req->ctx, req->f->cfg.database, sealed, ret, err);
}

int handle_cluster_credentials(struct request *req, struct error **err)
{
    cleanup_secret struct secret *password = NULL;
    if (check_feature(req, API_FEATURE_LIST_CREDENTIALS, err) < 0 ||
        find_secret(req, "properties.kubeadminPassword", &password, err) < 0)
        return -1;
    cleanup_json json *reply = json_make("{'kubeadminUsername':'kubeadmin','kubeadminPassword':%s}",
                                         secret_reveal(password, NULL));
    reply_json(req, 200, reply);
    return 0;
}

int handle_cluster_admin_credentials(struct request *req, struct error **err)
{
    cleanup_secret struct secret *kubeconfig = NULL;
    if (check_feature(req, API_FEATURE_LIST_ADMIN_CREDENTIALS, err) < 0 ||
        find_secret(req, "properties.userAdminKubeconfig", &kubeconfig, err) < 0)
        return -1;
    size_t len;
    const char *plain = secret_reveal(kubeconfig, &len);
    cleanup_free char *text = base64_give(plain, len);
    cleanup_json json *reply = json_make("{'kubeconfig':%s}", text);
    reply_json(req, 200, reply);
    secret_wipe(text, strlen(text));
    return 0;
}
