#include "rp/frontend/paging.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/referer.h"
#include "rp/frontend/reply.h"

#define SKIP_TOKEN "$skipToken"

/* ---- tokens ---- */

static int bad_token(struct error **err)
{
    return cloud_error(err, "InvalidParameter", SKIP_TOKEN, "The provided %s is invalid.",
                       SKIP_TOKEN);
}

/* Sealed, since where a page begins is nobody's to read or to forge; with the list that it is of, since
 * it is good for no other. */
static int open_token(struct request *req, const char *scope, char **ret, struct error **err)
{
    cleanup_free char *token = request_give_query(req, SKIP_TOKEN);
    cleanup_secret struct secret *plain = NULL;
    cleanup_error struct error *why = NULL;
    size_t len = strlen(scope);

    *ret = NULL;
    if (!token || !*token)
        return 0;
    if (aead_open(req->f->cfg.page_aead, req->ctx, token, &plain, &why) < 0)
        return error_is(why, ERR_INVALID) ? bad_token(err) : error_move(err, &why);
    const char *text = secret_reveal(plain, NULL);
    if (strncmp(text, scope, len) != 0 || text[len] != '\n')
        return bad_token(err);
    *ret = xstrdup(text + len + 1);
    return 0;
}

static int add_next_link(struct request *req, json *reply, const char *scope, const char *next,
                         struct error **err)
{
    if (!next)
        return 0;
    cleanup_free char *text = xasprintf("%s\n%s", scope, next);
    cleanup_secret struct secret *plain = secret_new(text, strlen(text));
    cleanup_free char *token = NULL;
    if (aead_seal(req->f->cfg.page_aead, req->ctx, plain, &token, err) < 0)
        return -1;
    cleanup_free char *link = referer_give_with_parameter(req->referer, SKIP_TOKEN, token);
    json_put(reply, "nextLink", json_new_str(link));
    return 0;
}

/* ---- pages ---- */

static int read_page(struct request *req, const struct paging *p, const char *continuation,
                     struct document_page *ret, struct error **err)
{
    if (p->read(req, p, continuation, ret, err) < 0)
        return -1;
    for (size_t i = 0; i < ret->corrupt.len; i++)
        log_error(req->log, "document %s cannot be read", ret->corrupt.v[i]);
    return 0;
}

static int give_body(struct request *req, const struct paging *p, const struct document_page *page,
                     json **ret, struct error **err)
{
    cleanup_json json *body = json_make("{'value':[]}");
    for (size_t i = 0; i < page->len; i++) {
        json *item;
        if (p->show(req, p, &page->docs[i], &item, err) < 0)
            return -1;
        json_append(json_get(body, "value"), item);
    }
    if (add_next_link(req, body, p->scope, page->next, err) < 0)
        return -1;
    *ret = take(body);
    return 0;
}

int paging_reply(struct request *req, const struct paging *p, struct error **err)
{
    cleanup_free char *continuation = NULL;
    cleanup_document_page struct document_page page = { 0 };
    cleanup_json json *body = NULL;
    cleanup_error struct error *e = NULL;

    if (open_token(req, p->scope, &continuation, err) < 0)
        return -1;
    if (read_page(req, p, continuation, &page, &e) < 0)
        /* One of an older release, say. */
        return continuation && error_is(e, ERR_INVALID) ? bad_token(err) : error_move(err, &e);
    if (p->prepare)
        p->prepare(req, &page);
    if (give_body(req, p, &page, &body, err) < 0)
        return -1;
    reply_json(req, 200, body);
    return 0;
}

int paging_each(struct request *req, const struct paging *p, paging_visit visit, void *arg,
                struct error **err)
{
    cleanup_free char *continuation = NULL;
    do {
        cleanup_document_page struct document_page page = { 0 };
        if (read_page(req, p, continuation, &page, err) < 0)
            return -1;
        for (size_t i = 0; i < page.len; i++)
            if (visit(req, &page.docs[i], arg, err) < 0)
                return -1;
        free(continuation);
        continuation = take(page.next);
    } while (continuation);
    return 0;
}
