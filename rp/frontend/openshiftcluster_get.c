#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/reply.h"
#include "rp/frontend/reply_cache.h"

int handle_cluster_get(struct request *req, struct error **err)
{
    cleanup_document struct document d = { 0 };
    cleanup_cached_reply struct cached_reply cached = { 0 };
    cleanup_free char *key = cluster_give_key(req);
    const char *version = api_version_name(req->version);
    /* What an enricher adds changes without the document. */
    struct reply_cache *cache = req->f->cfg.enricher ? NULL : req->f->replies;

    if (cache)
        (void)reply_cache_find(cache, key, version, &cached);
    if (cluster_find_changed(req, key, cached.etag, &d, err) < 0)
        return -1;
    if (!d.tree) {
        reply_json_text(req, 200, cached.text);
        return 0;
    }
    json *cluster = json_get(d.tree, "openShiftCluster");
    clusters_enrich(req, &cluster, 1);
    if (cluster_reply(req, 200, cluster, err) < 0)
        return -1;
    if (cache)
        reply_cache_put(cache, key, version, d.etag, buf_str(http_call_out(req->call)));
    return 0;
}
