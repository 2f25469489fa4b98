/*
 * Named queries.
 *
 * The gateway passes a query without aggregates from one key range to the next by itself, with a continuation of its own.
 * Aggregates and groups it refuses over several ranges: those are asked range by range. Where a range has been split, its
 * first half begins where the whole began, so a continuation names where a range begins, not which one it is.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

#define NOW "GetCurrentTimestamp() / 1000"
#define EXPIRED "(doc.leaseExpires ?? 0) < " NOW
#define CLUSTER_STATE "doc.openShiftCluster.properties.provisioningState"
#define MANIFEST "doc.maintenanceManifest."
#define DUE \
    MANIFEST "state IN (\"Pending\", \"InProgress\") AND " EXPIRED " AND (" MANIFEST \
             "runAfter ?? 0) < " NOW

const struct cosmos_query_text cosmos_queries[QUERIES] = {
    [QUERY_ALL] = { "*", NULL, NULL, false },
    [QUERY_CLUSTERS_DEQUEUE] = { "*",
                                 CLUSTER_STATE " IN (\"Creating\", \"Deleting\", \"Updating\", "
                                               "\"AdminUpdating\") AND " EXPIRED,
                                 NULL, true },
    [QUERY_CLUSTERS_BY_KEY] = { "*", "doc.key = @arg0", NULL, false },
    [QUERY_CLUSTERS_BY_PREFIX] = { "*", "STARTSWITH(doc.key, @arg0)", NULL, false },
    [QUERY_CLUSTERS_BY_CLIENT_ID] = { "*", "doc.clientIdKey = @arg0", NULL, false },
    [QUERY_CLUSTERS_BY_RESOURCE_GROUP] = { "*", "doc.clusterResourceGroupIdKey = @arg0", NULL,
                                           false },
    [QUERY_CLUSTERS_FOR_MAINTENANCE] = { "doc.id, doc.key, doc.bucket",
                                         "NOT (" CLUSTER_STATE " IN (\"Creating\", \"Deleting\"))",
                                         NULL, false },
    [QUERY_SUBSCRIPTIONS_DEQUEUE] = { "*", "(doc.deleting ?? false) AND " EXPIRED, NULL, true },
    [QUERY_POOL_FREE_MASTER] = { "*", "doc.id = doc.workerType AND " EXPIRED, NULL, false },
    [QUERY_POOL_WORKERS] = { "*", "doc.id != doc.workerType", NULL, false },
    [QUERY_MANIFESTS_DUE] = { "*", DUE, NULL, false },
    [QUERY_MANIFESTS_DUE_CLUSTERS] = { "doc.clusterResourceID", DUE, "doc.clusterResourceID",
                                       false },
    [QUERY_MANIFESTS_OF_CLUSTER] = { "*", NULL, NULL, false },
    [QUERY_MANIFESTS_QUEUED] = { "*", MANIFEST "state = \"Pending\" AND " EXPIRED, NULL, false },
    [QUERY_MANIFESTS_FUTURE] = { "*",
                                 MANIFEST "state = \"Pending\" AND " MANIFEST
                                          "createdBySchedule = @arg0 AND " MANIFEST
                                          "runAfter > " NOW,
                                 NULL, false },
    [QUERY_SCHEDULES_VALID] = { "*",
                                "doc.maintenanceSchedule.state IN (\"Enabled\", \"Processing\")",
                                NULL, false },
};

/* ---- requests ---- */

static char *give_body(const struct store_query *q, const char *select)
{
    const struct cosmos_query_text *t = &cosmos_queries[q->query];
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&text, "SELECT %s FROM %s doc", select, collections[q->coll].name);
    if (t->where)
        buf_addf(&text, " WHERE %s", t->where);
    if (t->group)
        buf_addf(&text, " GROUP BY %s", t->group);
    cleanup_json json *args = json_new_array();
    for (size_t i = 0; i < QUERY_ARGS_MAX && q->args[i]; i++) {
        cleanup_free char *name = xasprintf("@arg%zu", i);
        json_append(args, json_make("{'name':%s,'value':%s}", name, q->args[i]));
    }
    cleanup_json json *body = json_make("{'query':%s,'parameters':%j}", buf_str(&text), take(args));
    return json_give_text(body);
}

struct ask {
    const struct store_query *query;
    const char *select;
    const char *range;        /* id; NULL: the partition, or all */
    const char *continuation; /* the gateway's */
    size_t page;              /* 0: as many as the server likes */
};

/* The status of *ret is 200 or 410 (the range is gone). */
static int send_ask(const struct opctx *ctx, struct cosmos *c, const struct ask *a,
                    struct cosmos_reply *ret, struct error **err)
{
    const struct store_query *q = a->query;
    cleanup_free char *link = cosmos_give_link(c, q->coll);
    cleanup_free char *body = give_body(q, a->select);
    cleanup_free char *count = a->page ? xasprintf("%zu", a->page) : xstrdup("-1");
    cleanup_cosmos_call struct cosmos_call call = { .verb = "POST",
                                                    .type = "docs",
                                                    .parent = link,
                                                    .body = body,
                                                    .content_type = "application/query+json" };
    http_headers_add(&call.headers, "x-ms-documentdb-isquery", "True");
    if (q->partition)
        cosmos_set_partition(&call, q->partition);
    else
        http_headers_add(&call.headers, "x-ms-documentdb-query-enablecrosspartition", "True");
    if (a->range)
        http_headers_add(&call.headers, "x-ms-documentdb-partitionkeyrangeid", a->range);
    http_headers_add(&call.headers, "x-ms-max-item-count", count);
    if (a->continuation)
        http_headers_add(&call.headers, "x-ms-continuation", a->continuation);
    if (cosmos_send(ctx, c, &call, ret, err) < 0)
        return -1;
    if (ret->http.status == 200 || (ret->http.status == 410 && a->range))
        return 0;
    cleanup_error struct error *why = NULL;
    (void)cosmos_fail(ret, "Cosmos DB", &why);
    /* Of a query, 404 would mean the container. */
    return error_is(why, ERR_NOT_FOUND) ? error_set(err, ERR_INTERNAL, "%s", error_text(why))
                                        : error_move(err, &why);
}

static const char *next_of(const struct cosmos_reply *r)
{
    return http_headers_get(&r->http.headers, "x-ms-continuation");
}

/* ---- through the gateway ---- */

static int by_age(const void *a, const void *b)
{
    const struct doc *x = a, *y = b;
    return (x->ts_s > y->ts_s) - (x->ts_s < y->ts_s);
}

static int query_gateway(const struct opctx *ctx, struct cosmos *c, const struct store_query *q,
                         struct doc_page *ret, struct error **err)
{
    const struct cosmos_query_text *t = &cosmos_queries[q->query];
    const struct ask a = {
        .query = q, .select = t->select, .continuation = q->continuation, .page = q->page
    };
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    if (send_ask(ctx, c, &a, &r, err) < 0 || cosmos_read_docs(q->coll, &r, ret, err) < 0)
        return -1;
    if (t->oldest && ret->len)
        qsort(ret->docs, ret->len, sizeof(*ret->docs), by_age);
    ret->next = xstrdup(next_of(&r));
    return 0;
}

/* ---- range by range ---- */

#define RANGES_END "FF" /* where the last one ends */

/* The place of a query among the ranges: where the range begins, and the gateway's continuation in it. */
struct place {
    char *from, *continuation;
};
static void place_release(struct place *p)
{
    free(p->from);
    free(p->continuation);
}
#define cleanup_place CLEANUP_WITH(place_release)

static int place_read(const char *text, struct place *ret, struct error **err)
{
    cleanup_json json *list = NULL;
    if (text && (json_parse(text, strlen(text), &list, NULL) < 0 || json_len(list) != 2 ||
                 !json_str(json_at(list, 0))))
        return error_set(err, ERR_INVALID, "a continuation that is not of this query");
    ret->from = xstrdup(text ? json_str(json_at(list, 0)) : "");
    ret->continuation = text ? xstrdup(json_str(json_at(list, 1))) : NULL;
    return 0;
}

/* continuation NULL: the beginning of the range at from. */
static char *place_give(const char *from, const char *continuation)
{
    cleanup_json json *list = json_new_array();
    json_append(list, json_new_str(from));
    json_append(list, json_new_str(continuation));
    return json_give_text(list);
}

static const char *begin_of(const json *range)
{
    const char *text = json_path_str(range, "minInclusive");
    return text ? text : "";
}

static const char *end_of(const json *range)
{
    const char *text = json_path_str(range, "maxExclusive");
    return text ? text : RANGES_END;
}

/* The range that holds the place; NULL: there is none behind it. */
static const json *range_at(const json *ranges, const char *from)
{
    const json *best = NULL;
    for (size_t i = 0; i < json_len(ranges); i++) {
        const json *r = json_at(ranges, i);
        if (strcmp(end_of(r), from) > 0 && (!best || strcmp(begin_of(r), begin_of(best)) < 0))
            best = r;
    }
    return best;
}

/* Asks the range at a place; once more with the ranges of today when it has gone. *ret_range is borrowed from *ranges. */
static int ask_range(const struct opctx *ctx, struct cosmos *c, const struct ask *a,
                     const struct place *at, json **ranges, const json **ret_range,
                     struct cosmos_reply *ret, struct error **err)
{
    for (int anew = 0;; anew++) {
        json_free(*ranges);
        *ranges = NULL;
        if (cosmos_get_ranges(ctx, c, a->query->coll, anew, ranges, err) < 0)
            return -1;
        *ret_range = range_at(*ranges, at->from);
        struct ask here = *a;
        here.range = json_path_str(*ret_range, "id");
        here.continuation = at->continuation;
        if (!here.range)
            return error_set(err, ERR_INTERNAL, "Cosmos DB names no key range from '%s' on",
                             at->from);
        if (send_ask(ctx, c, &here, ret, err) < 0)
            return -1;
        if (ret->http.status == 200)
            return 0;
        if (anew == 2)
            return cosmos_fail(ret, "Cosmos DB", err);
        cosmos_reply_release(ret);
        *ret = (struct cosmos_reply){ 0 };
    }
}

/* Where to go on behind this answer; NULL: that was all. Owned by the caller. */
static char *give_next(const struct cosmos_reply *r, const json *range)
{
    if (next_of(r))
        return place_give(begin_of(range), next_of(r));
    return strcmp(end_of(range), RANGES_END) < 0 ? place_give(end_of(range), NULL) : NULL;
}

/* An answer may name a group more than once, for each part of the index that was looked at. */
static void drop_repeated(struct doc_page *p)
{
    cleanup_strv struct strv seen = STRV_INIT;
    size_t kept = 0;
    for (size_t i = 0; i < p->len; i++) {
        if (strv_has(&seen, p->docs[i].partition)) {
            doc_release(&p->docs[i]);
            continue;
        }
        strv_add(&seen, p->docs[i].partition);
        struct doc d = p->docs[i];
        p->docs[i] = (struct doc){ 0 };
        p->docs[kept++] = d;
    }
    p->len = kept;
}

static int query_ranges(const struct opctx *ctx, struct cosmos *c, const struct store_query *q,
                        struct doc_page *ret, struct error **err)
{
    cleanup_place struct place at = { 0 };
    cleanup_json json *ranges = NULL;
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    const json *range = NULL;
    const struct ask a = { .query = q, .select = cosmos_queries[q->query].select, .page = q->page };
    if (place_read(q->continuation, &at, err) < 0 ||
        ask_range(ctx, c, &a, &at, &ranges, &range, &r, err) < 0 ||
        cosmos_read_docs(q->coll, &r, ret, err) < 0)
        return -1;
    drop_repeated(ret);
    ret->next = give_next(&r, range);
    return 0;
}

int cosmos_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                 struct doc_page *ret, struct error **err)
{
    struct cosmos *c = container_of(s, struct cosmos, store);
    return cosmos_queries[q->query].group ? query_ranges(ctx, c, q, ret, err)
                                          : query_gateway(ctx, c, q, ret, err);
}

/* ---- counting ---- */

/* Sums the numbers of an answer; a count may come in parts. */
static int add_counts(const struct cosmos_reply *r, int64_t *sum, struct error **err)
{
    cleanup_json json *list = NULL;
    if (json_parse_object(buf_str(&r->http.body), r->http.body.len, &list, err) < 0)
        return error_wrap(err, "reading Cosmos DB's answer");
    const json *docs = json_get(list, "Documents");
    if (!json_is_array(docs))
        return error_set(err, ERR_INTERNAL,
                         "Cosmos DB's answer makes no sense: a count without Documents");
    for (size_t i = 0; i < json_len(docs); i++) {
        int64_t n;
        if (!json_int(json_at(docs, i), &n) || n < 0 || n > INT64_MAX - *sum)
            return error_set(err, ERR_INTERNAL,
                             "Cosmos DB's answer makes no sense: a count that is no number of "
                             "documents");
        *sum += n;
    }
    return 0;
}

int cosmos_count(const struct opctx *ctx, struct store *s, const struct store_query *q,
                 int64_t *ret, struct error **err)
{
    struct cosmos *c = container_of(s, struct cosmos, store);
    const struct ask a = { .query = q, .select = "VALUE COUNT(1)" };
    cleanup_place struct place at = { .from = xstrdup("") };
    int64_t sum = 0;
    for (;;) {
        cleanup_json json *ranges = NULL;
        cleanup_cosmos_reply struct cosmos_reply r = { 0 };
        const json *range = NULL;
        struct ask in_partition = a;
        in_partition.continuation = at.continuation;
        int rcode = q->partition ? send_ask(ctx, c, &in_partition, &r, err)
                                 : ask_range(ctx, c, &a, &at, &ranges, &range, &r, err);
        if (rcode < 0 || add_counts(&r, &sum, err) < 0)
            return -1;
        cleanup_free char *next = q->partition ? (next_of(&r) ? place_give("", next_of(&r)) : NULL)
                                               : give_next(&r, range);
        if (!next)
            break;
        place_release(&at);
        at = (struct place){ 0 };
        if (place_read(next, &at, err) < 0)
            return -1;
    }
    *ret = sum;
    return 0;
}
