/* GET of objects and lists. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"

#define LIMIT_DEFAULT 500
#define LIMIT_MAX 5000

int sets_verb_get(struct sets_request *r, struct error **err)
{
    cleanup_json json *object = NULL;
    if (sets_request_allow(r, ROLE_VIEWER, r->nspace, err) < 0 ||
        sets_get(r->ctx, r->api->store, r->type, r->nspace, r->name, &object, err) < 0)
        return -1;
    const char *version = json_path_str(object, "metadata.resourceVersion");
    cleanup_free char *etag = xasprintf("\"%s\"", version);
    const char *known = http_call_header(r->call, "If-None-Match");
    if (known && (str_eq(known, etag) || str_eq(known, "*"))) {
        http_call_set_header(r->call, "ETag", etag);
        http_call_set_status(r->call, 304);
        return 0;
    }
    sets_reply_object(r->call, 200, object);
    return 0;
}

/* ---- lists ---- */

struct list {
    struct sets_query q;
    struct selector selector;
    struct strv namespaces;
    struct sets_token token;
    struct sets_fields fields;
    char *asked;
};
static void list_release(struct list *l)
{
    selector_release(&l->selector);
    strv_release(&l->namespaces);
    sets_token_release(&l->token);
    sets_fields_release(&l->fields);
    free(l->asked);
}
#define cleanup_list CLEANUP_WITH(list_release)

/* What was asked, in one text that a continue token is bound to. */
static char *give_asked(const struct list *l, const struct sets_request *r)
{
    cleanup_free char *selector = selector_give_text(&l->selector);
    return xasprintf("%s|%s|%s|%s|%d|%s", r->type->plural, r->nspace ? r->nspace : "*",
                     l->fields.nspace ? l->fields.nspace : "*",
                     l->fields.name ? l->fields.name : "*", l->q.failed, selector);
}

static int go_on(const struct sets_request *r, struct list *l, struct error **err)
{
    cleanup_free char *text = NULL;
    l->asked = give_asked(l, r);
    if (sets_request_text(r, "continue", &text, err) < 0)
        return -1;
    if (!text || !*text)
        return 0;
    if (sets_token_parse(r->api->cfg.keys, text, l->asked, &l->token, err) < 0)
        return -1;
    l->q.after_nspace = l->token.nspace;
    l->q.after_name = l->token.name;
    return 0;
}

static int read_list(const struct sets_request *r, struct list *l, struct error **err)
{
    int64_t limit;
    l->q = (struct sets_query){
        .type = r->type, .nspace = r->nspace, .selector = &l->selector, .failed = -1
    };
    if (sets_request_selector(r, &l->selector, err) < 0 ||
        sets_request_int(r, "limit", 0, INT64_MAX, LIMIT_DEFAULT, &limit, err) < 0)
        return -1;
    l->q.limit = limit == 0 ? LIMIT_DEFAULT : limit > LIMIT_MAX ? LIMIT_MAX : (size_t)limit;
    if (r->nspace && sets_request_allow(r, ROLE_VIEWER, r->nspace, err) < 0)
        return -1;
    if (!r->nspace && sets_access_namespaces(r->api->cfg.access, r->who, &l->namespaces))
        l->q.namespaces = &l->namespaces;
    if (sets_request_fields(r, &l->fields, err) < 0)
        return -1;
    l->q.name = l->fields.name;
    l->q.failed = l->fields.failed;
    if (l->fields.nspace)
        l->q.nspace = l->fields.nspace;
    return go_on(r, l, err);
}

static void reply_list(const struct sets_request *r, const struct list *l,
                       const struct sets_page *page)
{
    int64_t revision = l->token.name ? l->token.revision : page->revision;
    cleanup_free char *version = xasprintf("%" PRId64, revision);
    cleanup_json json *metadata = json_make("{'resourceVersion':%s}", version);
    if (page->more) {
        const struct sets_token t = { revision, page->last_nspace, page->last_name };
        cleanup_free char *token = sets_token_give(r->api->cfg.keys, &t, l->asked);
        json_put(metadata, "continue", json_new_str(token));
    }
    struct buf *out = http_call_out(r->call);
    buf_addf(out, "{\"apiVersion\":\"" API_VERSION "\",\"kind\":\"%sList\",\"metadata\":",
             r->type->kind);
    json_write(out, metadata);
    buf_adds(out, ",\"items\":[");
    buf_add(out, buf_str(&page->items), page->items.len);
    buf_adds(out, "]}\n");
    http_call_set_header(r->call, "Content-Type", "application/json");
    http_call_set_status(r->call, 200);
}

/* A list is of the newest state, which may be older than what its caller has seen, where a database was put back. */
static int check_age(const struct sets_request *r, int64_t revision, struct error **err)
{
    int64_t asked;
    if (sets_request_int(r, "resourceVersion", 0, INT64_MAX, 0, &asked, err) < 0)
        return -1;
    if (asked <= revision)
        return 0;
    return error_set(err, ERR_TIMEOUT,
                     "resourceVersion %" PRId64 " is in the future: it is %" PRId64, asked,
                     revision);
}

int sets_verb_list(struct sets_request *r, struct error **err)
{
    bool watches;
    if (sets_request_bool(r, "watch", &watches, err) < 0)
        return -1;
    if (watches)
        return sets_verb_watch(r, err);
    cleanup_list struct list l = { 0 };
    cleanup_page struct sets_page page = { 0 };
    if (read_list(r, &l, err) < 0)
        return -1;
    bool nothing = l.fields.nothing || (l.q.namespaces && l.namespaces.len == 0);
    if (nothing ? sets_revision(r->ctx, r->api->store, &page.revision, err) < 0
                : sets_list(r->ctx, r->api->store, &l.q, &page, err) < 0)
        return -1;
    if (check_age(r, page.revision, err) < 0)
        return -1;
    reply_list(r, &l, &page);
    return 0;
}
