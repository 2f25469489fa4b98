#include "rp/hive/hive.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/hive/hive_impl.h"

#define PEM_MAX ((size_t)1 << 20)
#define PAGE "5000"

/* ---- the manager ---- */

/* What stands in them; NULL: none is named. */
struct files {
    char *ca, *cert;
    struct secret *key;
};
static void files_release(struct files *f)
{
    free(f->ca);
    free(f->cert);
    secret_unref(f->key);
}
#define cleanup_files CLEANUP_WITH(files_release)

static int read_file(const struct rp_env *env, enum rp_variable v, char **ret, struct error **err)
{
    const char *path = rp_env_text(env, v);
    size_t len;
    if (path && file_read(path, PEM_MAX, ret, &len, err) < 0)
        return error_wrap(err, "%s", rp_variables[v].name);
    return 0;
}

static int read_files(const struct rp_env *env, struct files *f, struct error **err)
{
    cleanup_secret_text char *key = NULL;
    if (read_file(env, ENV_SYNCSETS_CA, &f->ca, err) < 0 ||
        read_file(env, ENV_SYNCSETS_CLIENT_CERT, &f->cert, err) < 0 ||
        read_file(env, ENV_SYNCSETS_CLIENT_KEY, &key, err) < 0)
        return -1;
    if (!f->cert != !key)
        return error_set(err, ERR_INVALID,
                         "SYNCSETS_CLIENT_CERT and SYNCSETS_CLIENT_KEY belong together: one is "
                         "missing");
    if (key)
        f->key = secret_new(key, strlen(key));
    return 0;
}

static int connect_to(struct hive *h, const struct hive_config *cfg, struct error **err)
{
    cleanup_files struct files f = { 0 };
    struct syncsets_config client = { .url = rp_env_text(cfg->env, ENV_SYNCSETS_URL),
                                      .transport = cfg->transport };
    if (read_files(cfg->env, &f, err) < 0)
        return -1;
    const struct http_peer_config peer = { .ca_pem = f.ca,
                                           .client_cert_pem = f.cert,
                                           .client_key_pem = f.key };
    if (!client.transport) {
        if (http_peer_new(cfg->http, &peer, &h->peer, err) < 0)
            return error_wrap(err, "the client of SyncSets");
        client.transport = http_peer_transport(h->peer);
    }
    return syncsets_new(&client, &h->client, err) < 0 ? error_wrap(err, "SYNCSETS_API_URL") : 0;
}

int hive_open(const struct hive_config *cfg, struct hive **ret, struct error **err)
{
    *ret = NULL;
    if (!rp_env_text(cfg->env, ENV_SYNCSETS_URL))
        return 0;
    struct hive *h = xnew(struct hive);
    h->adopts = str_eq_nocase(rp_env_text(cfg->env, ENV_ADOPT_BY_HIVE), "true");
    if (connect_to(h, cfg, err) < 0) {
        hive_close(h);
        return -1;
    }
    *ret = h;
    return 0;
}

void hive_close(struct hive *h)
{
    if (!h)
        return;
    syncsets_free(h->client);
    http_peer_unref(h->peer);
    free(h);
}

bool hive_adopts(const struct hive *h)
{
    return h && h->adopts;
}

/* ---- for administrators ---- */

static const char *plural_of(const char *nspace)
{
    return nspace ? "syncsets" : "selectorsyncsets";
}

int hive_list_sets(struct hive *h, const struct opctx *ctx, const char *nspace,
                   const char *label_selector, json **ret, struct error **err)
{
    cleanup_json json *all = NULL;
    cleanup_free char *next = NULL;
    do {
        cleanup_json json *page = NULL;
        const struct syncsets_call call = { .method = "GET",
                                            .plural = plural_of(nspace),
                                            .nspace = nspace,
                                            .query = { { "limit", PAGE },
                                                       { "labelSelector", label_selector },
                                                       { "continue", next } } };
        if (syncsets_send(h->client, ctx, &call, &page, NULL, err) < 0)
            return -1;
        free(next);
        next = xstrdup(json_path_str(page, "metadata.continue"));
        const json *items = json_get(page, "items");
        for (size_t i = 0; all && i < json_len(items); i++)
            json_append(json_get(all, "items"), json_ref(json_at(items, i)));
        if (!all)
            all = take(page);
    } while (next && *next);
    (void)json_path_del(all, "metadata.continue");
    *ret = take(all);
    return 0;
}

int hive_get_set(struct hive *h, const struct opctx *ctx, const char *nspace, const char *name,
                 json **ret, struct error **err)
{
    const struct syncsets_call call = {
        .method = "GET", .plural = plural_of(nspace), .nspace = nspace, .name = name
    };
    return syncsets_send(h->client, ctx, &call, ret, NULL, err);
}

int hive_get_cluster_sync(struct hive *h, const struct opctx *ctx, const char *nspace, json **ret,
                          struct error **err)
{
    const struct syncsets_call call = {
        .method = "GET", .plural = "clustersyncs", .nspace = nspace, .name = HIVE_CLUSTER
    };
    return syncsets_send(h->client, ctx, &call, ret, NULL, err);
}
