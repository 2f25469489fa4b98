/*
 * Answers of Cosmos DB: documents, pages, changes, key ranges, counts, errors. Whatever the server says, a call ends; it
 * fails with a reason, or what it gives is whole: documents without system fields, places from which one can go on.
 *
 * The input: a byte for the call, one for the query or collection, a line for the continuation, then answers: a line for
 * the status, lines of headers, an empty line, a line of body. Behind the last one every connection is refused.
 */
#include "pkg/base/json.h"
#include "pkg/base/strv.h"
#include "pkg/database/store.h"
#include "pkg/database/store_cosmos.h"
#include "test/fuzz/fuzz.h"

struct script {
    struct http_transport base;
    struct pieces *in;
};

static void read_headers(struct pieces *in, struct http_headers *ret)
{
    for (;;) {
        cleanup_free char *line = pieces_give_line(in);
        char *colon = strchr(line, ':');
        if (!*line)
            return;
        if (!colon)
            continue;
        *colon = '\0';
        cleanup_free char *value = str_give_trimmed(colon + 1);
        http_headers_add(ret, line, value);
    }
}

static int answer(struct http_transport *t, const struct opctx *ctx, const struct http_request *req,
                  struct http_response *ret, struct error **err)
{
    struct script *s = container_of(t, struct script, base);
    (void)ctx;
    *ret = (struct http_response){ .version = 11 };
    buf_init(&ret->body, req->max_body);
    if (!s->in->left) {
        (void)error_set(err, ERR_CONN, "refused");
        error_code(err, HTTP_ERR_REFUSED);
        return -1;
    }
    cleanup_free char *status = pieces_give_line(s->in);
    long long n = 200;
    (void)str_to_int(status, 100, 599, &n);
    ret->status = (int)n;
    read_headers(s->in, &ret->headers);
    cleanup_free char *body = pieces_give_line(s->in);
    buf_adds(&ret->body, body);
    return 0;
}

/* ---- claims ---- */

static void check_doc(const struct doc *d)
{
    static const char *const hidden[] = { "_etag", "_ts", "_rid", COSMOS_WRITE_TOKEN };
    cleanup_json json *tree = NULL;
    must(d->id && d->partition && d->etag && d->body && strlen(d->body) == d->body_len);
    must(json_parse_object(d->body, d->body_len, &tree, NULL) == 0);
    for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
        must(!json_get(tree, hidden[i]));
}

static void check_page(const struct doc_page *page)
{
    for (size_t i = 0; i < page->len; i++)
        check_doc(&page->docs[i]);
}

/* Where a page ended, one can go on: the transport may fail, or the server, but the place is understood. */
static void check_place(int rcode, const struct error *err)
{
    must(rcode == 0 || error_get_status(err) || !error_is(err, ERR_INVALID));
}

/* ---- calls ---- */

struct call {
    const struct opctx *ctx;
    struct store *store;
    enum collection coll;
    enum query query;
    const char *place; /* NULL: the beginning */
};

static int call_get(const struct call *c, struct error **err)
{
    cleanup_doc struct doc d = { 0 };
    int rcode = store_get(c->ctx, c->store, c->coll, "p", "i", &d, err);
    if (rcode == 0)
        check_doc(&d);
    return rcode;
}

/* A body for any collection: its header says "i" and "p" where the two differ. */
static int write_doc(const struct call *c, bool create, struct error **err)
{
    const char *key = collections[c->coll].partition_key;
    bool same = str_eq(key, "id");
    cleanup_json json *tree = json_make("{'id':'i','_etag':'x','key':'k',"
                                        "'clusterResourceGroupIdKey':'g','clientIdKey':'c'}");
    if (!same)
        json_put(tree, key, json_new_str("p"));
    cleanup_free char *body = json_give_text(tree);
    const struct doc_write w = {
        .id = "i", .partition = same ? "i" : "p", .body = body, .body_len = strlen(body)
    };
    cleanup_doc struct doc d = { 0 };
    int rcode = create ? store_create(c->ctx, c->store, c->coll, &w, &d, err)
                       : store_replace(c->ctx, c->store, c->coll, &w, "\"e\"", &d, err);
    if (rcode == 0)
        check_doc(&d);
    return rcode;
}

static int call_create(const struct call *c, struct error **err)
{
    return write_doc(c, true, err);
}

static int call_replace(const struct call *c, struct error **err)
{
    return write_doc(c, false, err);
}

static int call_delete(const struct call *c, struct error **err)
{
    return store_delete(c->ctx, c->store, c->coll, "p", "i", "\"e\"", err);
}

static struct store_query query_of(const struct call *c)
{
    const struct query_desc *d = &queries[c->query];
    return (struct store_query){ .query = c->query,
                                 .coll = c->coll,
                                 .partition = d->partition == PARTITION_NEEDED ? "p" : NULL,
                                 .args = { d->args ? "a" : NULL },
                                 .page = 3,
                                 .continuation = c->place };
}

static int call_query(const struct call *c, struct error **err)
{
    struct store_query q = query_of(c);
    cleanup_doc_page struct doc_page page = { 0 }, more = { 0 };
    cleanup_error struct error *why = NULL;
    if (store_query(c->ctx, c->store, &q, &page, err) < 0)
        return -1;
    check_page(&page);
    q.continuation = page.next;
    if (page.next)
        check_place(store_query(c->ctx, c->store, &q, &more, &why), why);
    return 0;
}

static int call_count(const struct call *c, struct error **err)
{
    const struct store_query q = query_of(c);
    int64_t n = -1;
    if (queries[c->query].not_counted)
        return error_set(err, ERR_INVALID, "not counted");
    if (store_count(c->ctx, c->store, &q, &n, err) < 0)
        return -1;
    must(n >= 0);
    return 0;
}

static int call_changes(const struct call *c, struct error **err)
{
    cleanup_doc_page struct doc_page page = { 0 }, more = { 0 };
    cleanup_error struct error *why = NULL;
    if (store_changes(c->ctx, c->store, c->coll, c->place, 3, &page, err) < 0)
        return -1;
    check_page(&page);
    must(page.next);
    check_place(store_changes(c->ctx, c->store, c->coll, page.next, 3, &more, &why), why);
    return 0;
}

static int call_now(const struct call *c, struct error **err)
{
    int64_t now;
    return store_now_s(c->ctx, c->store, &now, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int (*const calls[])(const struct call *c, struct error **err) = {
        call_get,   call_create, call_replace, call_delete,
        call_query, call_count,  call_changes, call_now,
    };
    fuzz_restart();
    struct opctx ctx = fuzz_context();
    struct pieces in = { (const char *)data, size };
    struct script script = { .base = { answer }, .in = &in };
    cleanup_secret struct secret *key = secret_new("a2V5", 4);
    const struct cosmos_config cfg = {
        .endpoint = "https://a", .database = "D", .key = key, .transport = &script.base
    };
    cleanup_store struct store *store = NULL;
    cleanup_error struct error *err = NULL;
    must(store_open_cosmos(&cfg, &store, NULL) == 0);
    unsigned which = pieces_byte(&in) % ARRAY_LEN(calls), what = pieces_byte(&in);
    cleanup_free char *place = pieces_give_line(&in);
    const struct call c = { .ctx = &ctx,
                            .store = store,
                            .coll = what % COLLECTIONS,
                            .query = what % QUERIES,
                            .place = *place ? place : NULL };
    int rcode = calls[which](&c, &err);
    must(rcode == 0 || (rcode == -1 && err && *error_text(err)));
    return 0;
}
