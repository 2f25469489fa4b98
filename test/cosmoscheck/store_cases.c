/* What the driver asks of the server, document by document. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/store_cosmos.h"
#include "test/cosmoscheck/check.h"

static int write_doc(struct check *c, const char *id, const char *etag, const char *extra,
                     unsigned triggers, struct doc *ret, struct error **err)
{
    cleanup_free char *body = xasprintf("{\"id\":\"%s\"%s}", id, extra);
    const struct doc_write w = { id, id, body, strlen(body), triggers };
    return etag ? store_replace(&c->ctx, c->store, COLL_SUBSCRIPTIONS, &w, etag, ret, err)
                : store_create(&c->ctx, c->store, COLL_SUBSCRIPTIONS, &w, ret, err);
}

static int remove_doc(struct check *c, const char *id, const char *etag, struct error **err)
{
    return store_delete(&c->ctx, c->store, COLL_SUBSCRIPTIONS, id, id, etag, err);
}

static int run_schema(struct check *c, struct error **err)
{
    return store_cosmos_create_schema(&c->ctx, c->store, err);
}

static int run_life(struct check *c, struct error **err)
{
    cleanup_doc struct doc made = { 0 }, read = { 0 }, written = { 0 };
    cleanup_error struct error *stale = NULL, *stale_delete = NULL, *gone = NULL, *taken = NULL;
    if (write_doc(c, "life", NULL, ",\"n\":1.5,\"x\":null", 0, &made, err) < 0 ||
        store_get(&c->ctx, c->store, COLL_SUBSCRIPTIONS, "life", "life", &read, err) < 0 ||
        expect(str_eq(made.etag, read.etag), "the etag of the read is that of the create", err) ||
        expect(str_eq(read.body, "{\"id\":\"life\",\"n\":1.5,\"x\":null}"), "the body", err) < 0 ||
        expect(read.ts_s > 1700000000, "the time of the write", err) < 0 ||
        write_doc(c, "life", made.etag, ",\"n\":2", 0, &written, err) < 0)
        return -1;
    int taken_rcode = write_doc(c, "life", NULL, "", 0, NULL, &taken);
    int stale_rcode = write_doc(c, "life", made.etag, "", 0, NULL, &stale);
    int stale_delete_rcode = remove_doc(c, "life", made.etag, &stale_delete);
    if (expect_kind(taken_rcode, &taken, ERR_EXISTS, "create twice", err) < 0 ||
        expect_kind(stale_rcode, &stale, ERR_PRECONDITION, "stale replace", err) < 0 ||
        expect_kind(stale_delete_rcode, &stale_delete, ERR_PRECONDITION, "stale delete", err) < 0 ||
        remove_doc(c, "life", written.etag, err) < 0)
        return -1;
    int gone_rcode = remove_doc(c, "life", STORE_ANY_ETAG, &gone);
    return expect_kind(gone_rcode, &gone, ERR_NOT_FOUND, "delete twice", err);
}

static int run_triggers(struct check *c, struct error **err)
{
    cleanup_doc struct doc made = { 0 }, later = { 0 };
    int64_t now_s;
    if (store_now_s(&c->ctx, c->store, &now_s, err) < 0 ||
        write_doc(c, "lease", NULL, "", TRIGGER_RENEW_LEASE, &made, err) < 0 ||
        write_doc(c, "lease", made.etag, "", TRIGGER_RENEW_LEASE | TRIGGER_RETRY_LATER, &later,
                  err) < 0)
        return -1;
    cleanup_json json *first = NULL, *second = NULL;
    if (json_parse_object(made.body, made.body_len, &first, err) < 0 ||
        json_parse_object(later.body, later.body_len, &second, err) < 0)
        return -1;
    int64_t lease_s = json_path_int(first, "leaseExpires", 0) - now_s;
    int64_t later_s = json_path_int(second, "leaseExpires", 0) - now_s;
    if (expect(lease_s >= 60 && lease_s < 90, "a lease lasts a minute", err) < 0 ||
        expect(later_s >= 600 && later_s < 630, "what is for later sleeps ten minutes", err) < 0)
        return -1;
    return remove_doc(c, "lease", later.etag, err);
}

static int run_pages(struct check *c, struct error **err)
{
    cleanup_strv struct strv seen = STRV_INIT;
    cleanup_free char *next = NULL;
    int64_t count = 0;
    for (int i = 0; i < 25; i++) {
        cleanup_free char *id = xasprintf("page-%02d", i);
        if (write_doc(c, id, NULL, ",\"deleting\":true", 0, NULL, err) < 0)
            return -1;
    }
    const struct store_query counted = { .query = QUERY_SUBSCRIPTIONS_DEQUEUE };
    if (store_count(&c->ctx, c->store, &counted, &count, err) < 0 ||
        expect(count == 25, "the count is 25", err) < 0)
        return -1;
    do {
        cleanup_doc_page struct doc_page p = { 0 };
        const struct store_query q = { .query = QUERY_SUBSCRIPTIONS_DEQUEUE,
                                       .page = 10,
                                       .continuation = next };
        if (store_query(&c->ctx, c->store, &q, &p, err) < 0 ||
            expect(p.len <= 10, "a page has ten documents at most", err) < 0)
            return -1;
        for (size_t i = 0; i < p.len; i++) {
            if (expect(!strv_has(&seen, p.docs[i].id), "each comes once", err) < 0 ||
                remove_doc(c, p.docs[i].id, p.docs[i].etag, err) < 0)
                return -1;
            strv_add(&seen, p.docs[i].id);
        }
        free(next);
        /* The server at hand counts what is left, so what was removed begins it anew. */
        next = NULL;
    } while (seen.len < 25 && seen.len % 10 == 0 && seen.len);
    return expect(seen.len == 25, "all come", err);
}

static int run_queries(struct check *c, struct error **err)
{
    for (int i = 0; i < QUERIES; i++) {
        cleanup_doc_page struct doc_page p = { 0 };
        struct store_query q = { .query = (enum query)i, .coll = COLL_BILLING };
        if (queries[i].partition == PARTITION_NEEDED)
            q.partition = "p";
        for (size_t k = 0; k < queries[i].args; k++)
            q.args[k] = "a";
        if (store_query(&c->ctx, c->store, &q, &p, err) < 0)
            return -1;
        if (queries[i].partition != PARTITION_OPTIONAL)
            continue;
        doc_page_release(&p);
        q.partition = "p";
        if (store_query(&c->ctx, c->store, &q, &p, err) < 0)
            return -1;
    }
    return 0;
}

/* Each write is carried out, its answer is lost, and the call tells the truth all the same. */
static int run_lost(struct check *c, struct error **err)
{
    cleanup_doc struct doc made = { 0 }, written = { 0 };
    cleanup_error struct error *why = NULL;
    if (break_writes(c, "lose", 1, err) < 0 ||
        write_doc(c, "lost", NULL, ",\"n\":1", 0, &made, err) < 0 ||
        break_writes(c, "lose", 1, err) < 0 ||
        write_doc(c, "lost", made.etag, ",\"n\":2", 0, &written, err) < 0 ||
        expect(str_eq(written.body, "{\"id\":\"lost\",\"n\":2}"), "the second body", err) < 0 ||
        break_writes(c, "lose", 1, err) < 0)
        return -1;
    int rcode = write_doc(c, "lost", made.etag, ",\"n\":3", 0, NULL, &why);
    if (expect_kind(rcode, &why, ERR_PRECONDITION, "a stale replace", err) < 0 ||
        break_writes(c, "lose", 1, err) < 0 || remove_doc(c, "lost", written.etag, err) < 0)
        return -1;
    return 0;
}

static int run_throttled(struct check *c, struct error **err)
{
    cleanup_doc struct doc made = { 0 };
    if (break_writes(c, "throttle", 5, err) < 0 ||
        write_doc(c, "busy", NULL, "", 0, &made, err) < 0 || break_writes(c, "away", 2, err) < 0)
        return -1;
    return remove_doc(c, "busy", made.etag, err);
}

static int run_wrong_key(struct check *c, struct error **err)
{
    cleanup_secret struct secret *key = secret_new("d3Jvbmc=", 8);
    const struct cosmos_config cfg = {
        .endpoint = c->url, .database = "ARO", .key = key, .transport = c->transport
    };
    cleanup_store struct store *s = NULL;
    cleanup_error struct error *why = NULL;
    struct doc d = { 0 };
    if (store_open_cosmos(&cfg, &s, err) < 0)
        return -1;
    int rcode = store_get(&c->ctx, s, COLL_BILLING, "x", "x", &d, &why);
    return expect_kind(rcode, &why, ERR_UNAUTHORIZED, "a wrong key", err);
}

const struct check_case store_cases[] = {
    { "database, containers and triggers are made", run_schema },
    { "they may be there already", run_schema },
    { "a document is made, read, replaced and deleted under its etag", run_life },
    { "triggers run on the server", run_triggers },
    { "pages and counts have every document once", run_pages },
    { "the server understands every query", run_queries },
    { "a write whose answer was lost tells the truth", run_lost },
    { "a server that is busy or away is asked again", run_throttled },
    { "a wrong key is refused", run_wrong_key },
    { NULL, NULL },
};
