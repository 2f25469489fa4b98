/* The service principal that the cluster uses. */
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/database/database.h"
#include "rp/enrich/task.h"

#define PROFILE "properties.servicePrincipalProfile"

static bool concerns(const json *cluster)
{
    return json_path(cluster, PROFILE) &&
           !json_path(cluster, "properties.platformWorkloadIdentityProfile");
}

static int fetch(struct kube_client *k, const struct opctx *ctx, json **ret, struct error **err)
{
    return kube_get(k, ctx, KUBE_REF(&GVR_SECRETS, "kube-system", "azure-credentials"), ret, err);
}

static int read_value(const json *found, const char *path, struct secret **ret, struct error **err)
{
    const char *text;
    size_t len;
    if (json_need_str(found, path, &text, err) < 0)
        return -1;
    cleanup_secret_text char *plain = NULL;
    if (base64_parse(text, strlen(text), &plain, &len, err) < 0)
        return error_wrap(err, "%s", path);
    *ret = secret_new(plain, len);
    return 0;
}

static int apply(const struct enrich_config *cfg, const struct opctx *ctx, json *cluster,
                 const json *found, struct error **err)
{
    cleanup_secret struct secret *id = NULL, *secret = NULL;
    if (read_value(found, "data.azure_client_id", &id, err) < 0 ||
        read_value(found, "data.azure_client_secret", &secret, err) < 0 ||
        database_put_sealed(ctx, cfg->db, cluster, PROFILE ".clientSecret", secret, err) < 0)
        return -1;
    return json_set_str(cluster, PROFILE ".clientId", secret_reveal(id, NULL), err);
}

const struct enrich_task enrich_principal = {
    .name = "servicePrincipal", .concerns = concerns, .fetch = fetch, .apply = apply
};
