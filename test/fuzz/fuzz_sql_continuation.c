/*
 * Continuations and positions of the store on SQL, as anybody may have made them: one is refused as invalid, or gives
 * the end of what the query gives from its beginning, in the same order, whatever the size of the pages.
 */
#include <stdio.h>

#include "pkg/base/strv.h"
#include "pkg/database/store.h"
#include "test/fuzz/fuzz.h"

#define CLUSTERS 12
#define PAGE_MAX 5

static struct opctx ctx;
static struct store *store;

static void add(enum collection coll, const char *id, const char *partition, const char *body)
{
    const struct doc_write w = {
        .id = id, .partition = partition, .body = body, .body_len = strlen(body)
    };
    must(store_create(&ctx, store, coll, &w, NULL, NULL) == 0);
}

static void add_cluster(int i)
{
    static const char *const states[] = { "Creating", "Succeeded", "Updating" };
    const char *part = i % 4 ? "p" : "o'%";
    cleanup_free char *id = xasprintf("i%d", CLUSTERS - i);
    cleanup_free char *body = xasprintf(
        "{\"id\":\"%s\",\"partitionKey\":\"%s\",\"key\":\"/k%d\",\"clusterResourceGroupIdKey\":"
        "\"g%d\",\"clientIdKey\":\"c%d\",\"openShiftCluster\":{\"properties\":"
        "{\"provisioningState\":\"%s\"}}}",
        id, part, i, i, i, states[i % 3]);
    add(COLL_OPENSHIFT_CLUSTERS, id, part, body);
}

static void add_others(int i)
{
    cleanup_free char *id = xasprintf("i%d", i);
    const char *cluster = i % 3 ? "/a" : "/b";
    cleanup_free char *manifest =
        xasprintf("{\"id\":\"%s\",\"clusterResourceID\":\"%s\",\"maintenanceManifest\":{\"state\":"
                  "\"Pending\",\"createdBySchedule\":\"s\",\"runAfter\":%s}}",
                  id, cluster, i % 2 ? "1" : "2000000000");
    cleanup_free char *subscription = xasprintf("{\"id\":\"%s\",\"deleting\":true}", id);
    cleanup_free char *worker = xasprintf("{\"id\":\"%s\",\"workerType\":\"i0\"}", id);
    cleanup_free char *schedule =
        xasprintf("{\"id\":\"%s\",\"maintenanceSchedule\":{\"state\":\"Enabled\"}}", id);
    add(COLL_MAINTENANCE_MANIFESTS, id, cluster, manifest);
    add(COLL_SUBSCRIPTIONS, id, id, subscription);
    add(COLL_POOL_WORKERS, id, "i0", worker);
    add(COLL_MAINTENANCE_SCHEDULES, id, id, schedule);
}

static void open_store(void)
{
    ctx = fuzz_context();
    must(store_open_sqlite(&ctx, "sqlite::memory:", &store, NULL) == 0);
    for (int i = 0; i < CLUSTERS; i++)
        add_cluster(i);
    for (int i = 0; i < CLUSTERS / 2; i++)
        add_others(i);
}

static void add_docs(struct strv *to, const struct doc_page *page)
{
    for (size_t i = 0; i < page->len; i++) {
        cleanup_free char *name = xasprintf("%s %s", page->docs[i].partition, page->docs[i].id);
        must(!strv_has(to, name));
        strv_add(to, name);
    }
}

/* Reads to the end; false when the continuation was refused, which only a foreign one is. */
static bool walk(struct store_query q, struct strv *ret)
{
    cleanup_free char *next = NULL;
    for (bool own = q.continuation == NULL;; own = true) {
        cleanup_doc_page struct doc_page page = { 0 };
        cleanup_error struct error *err = NULL;
        if (store_query(&ctx, store, &q, &page, &err) < 0) {
            must(!own && error_is(err, ERR_INVALID));
            return false;
        }
        must(page.len <= q.page && (!page.next || page.len == q.page));
        add_docs(ret, &page);
        free(next);
        next = take(page.next);
        if (!next)
            return true;
        q.continuation = next;
    }
}

static bool follow(const char *position, size_t max, struct strv *ret)
{
    cleanup_free char *next = xstrdup(position);
    for (bool own = position == NULL;; own = true) {
        cleanup_doc_page struct doc_page page = { 0 };
        cleanup_error struct error *err = NULL;
        if (store_changes(&ctx, store, COLL_OPENSHIFT_CLUSTERS, next, max, &page, &err) < 0) {
            must(!own && error_is(err, ERR_INVALID));
            return false;
        }
        must(page.len <= max && page.next);
        add_docs(ret, &page);
        free(next);
        next = take(page.next);
        if (!page.len)
            return true;
    }
}

static void check_end(const struct strv *all, const struct strv *part)
{
    must(part->len <= all->len);
    for (size_t i = 0; i < part->len; i++)
        must(str_eq(part->v[i], all->v[all->len - part->len + i]));
}

static const char *partition_of(const struct query_desc *d, bool wanted)
{
    if (d->partition == PARTITION_NONE || (d->partition == PARTITION_OPTIONAL && !wanted))
        return NULL;
    return d->coll == COLL_POOL_WORKERS ? "i0" : d->coll == COLL_MAINTENANCE_MANIFESTS ? "/a" : "p";
}

static void check_query(struct store_query q, const char *text)
{
    cleanup_strv struct strv all = STRV_INIT, part = STRV_INIT;
    int64_t count;
    must(walk(q, &all));
    must(queries[q.query].not_counted ||
         (store_count(&ctx, store, &q, &count, NULL) == 0 && (size_t)count == all.len));
    q.continuation = text;
    if (walk(q, &part))
        check_end(&all, &part);
}

static void check_changes(const char *text, size_t max)
{
    cleanup_strv struct strv all = STRV_INIT, part = STRV_INIT;
    must(follow(NULL, max, &all) && all.len == CLUSTERS);
    if (follow(text, max, &part))
        check_end(&all, &part);
}

/* First byte: the query, behind them the changes; second: the size of a page and whether in one partition. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const args[QUERIES] = {
        [QUERY_CLUSTERS_BY_KEY] = "/k1",      [QUERY_CLUSTERS_BY_PREFIX] = "/k",
        [QUERY_CLUSTERS_BY_CLIENT_ID] = "c1", [QUERY_CLUSTERS_BY_RESOURCE_GROUP] = "g1",
        [QUERY_MANIFESTS_FUTURE] = "s",
    };
    if (!store)
        open_store();
    struct pieces in = { (const char *)data, size };
    unsigned query = pieces_byte(&in) % (QUERIES + 1), how = pieces_byte(&in);
    cleanup_free char *text = in.left ? xmemdup(in.at, in.left) : xstrdup("");
    size_t page = 1 + how / 2 % PAGE_MAX;
    if (query == QUERIES) {
        check_changes(text, page);
        return 0;
    }
    check_query((struct store_query){ .query = query,
                                      .coll = COLL_OPENSHIFT_CLUSTERS,
                                      .partition = partition_of(&queries[query], how % 2),
                                      .args = { args[query] },
                                      .page = page },
                text);
    return 0;
}
