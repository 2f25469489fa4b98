#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/openshiftclusters.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/documents.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/referer.h"
#include "rp/frontend/reply.h"

#define PAGE 10
#define SKIP_TOKEN "$skipToken"

static int bad_token(struct error **err)
{
    return cloud_error(err, "InvalidParameter", SKIP_TOKEN, "The provided %s is invalid.",
                       SKIP_TOKEN);
}

/* Sealed, since where a page begins is nobody's to read or to forge; with the list that it is of, since
 * it is good for no other. */
static int open_token(struct request *req, const char *prefix, char **ret, struct error **err)
{
    cleanup_free char *token = request_give_query(req, SKIP_TOKEN);
    cleanup_secret struct secret *plain = NULL;
    cleanup_error struct error *why = NULL;
    size_t len = strlen(prefix);

    *ret = NULL;
    if (!token || !*token)
        return 0;
    if (aead_open(req->f->cfg.page_aead, req->ctx, token, &plain, &why) < 0)
        return error_is(why, ERR_INVALID) ? bad_token(err) : error_move(err, &why);
    const char *text = secret_reveal(plain, NULL);
    if (strncmp(text, prefix, len) != 0 || text[len] != '\n')
        return bad_token(err);
    *ret = xstrdup(text + len + 1);
    return 0;
}

static int add_next_link(struct request *req, json *reply, const char *prefix, const char *next,
                         struct error **err)
{
    if (!next)
        return 0;
    cleanup_free char *text = xasprintf("%s\n%s", prefix, next);
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    cleanup_free char *token = NULL;
    if (aead_seal(req->f->cfg.page_aead, req->ctx, plain, &token, err) < 0)
        return -1;
    cleanup_free char *link = referer_give_with_parameter(req->referer, SKIP_TOKEN, token);
    json_put(reply, "nextLink", json_new_str(link));
    return 0;
}

static void enrich_page(struct request *req, const struct document_page *page)
{
    cleanup_free json **clusters = xcalloc(page->len + 1, sizeof(json *));
    for (size_t i = 0; i < page->len; i++)
        clusters[i] = json_get(page->docs[i].tree, "openShiftCluster");
    clusters_enrich(req, clusters, page->len);
}

static int give_page(struct request *req, const char *prefix, const struct document_page *page,
                     json **ret, struct error **err)
{
    cleanup_json json *reply = json_make("{'value':[]}");
    for (size_t i = 0; i < page->len; i++) {
        json *ext;
        const json *cluster = json_get(page->docs[i].tree, "openShiftCluster");
        if (api_cluster_to_external(req->version, cluster, NULL, &ext, err) < 0)
            return -1;
        json_append(json_get(reply, "value"), ext);
    }
    if (add_next_link(req, reply, prefix, page->next, err) < 0)
        return -1;
    *ret = take(reply);
    return 0;
}

int handle_cluster_list(struct request *req, struct error **err)
{
    const char *group = http_call_param(req->call, "rg");
    cleanup_free char *prefix =
        group ? xasprintf("/subscriptions/%s/resourcegroups/%s/", request_param(req, "sub"), group)
              : xasprintf("/subscriptions/%s/", request_param(req, "sub"));
    cleanup_free char *continuation = NULL;
    cleanup_document_page struct document_page page = { 0 };
    cleanup_json json *reply = NULL;
    cleanup_error struct error *e = NULL;

    if (open_token(req, prefix, &continuation, err) < 0)
        return -1;
    if (openshiftclusters_list(req->ctx, req->f->cfg.database, prefix, PAGE, continuation, &page,
                               &e) < 0)
        /* One of an older release, say. */
        return continuation && error_is(e, ERR_INVALID) ? bad_token(err) : error_move(err, &e);
    for (size_t i = 0; i < page.corrupt.len; i++)
        log_error(req->log, "document %s cannot be read", page.corrupt.v[i]);
    enrich_page(req, &page);
    if (give_page(req, prefix, &page, &reply, err) < 0)
        return -1;
    reply_json(req, 200, reply);
    return 0;
}
