/*
 * The change feed, over all key ranges of a container.
 *
 * A position is a list of pairs, range and etag: who was read last stands last, so that a busy range does not hold up the
 * others. A range that was split is replaced by its heirs, each from where the whole had come to; one that appears
 * without a known parent is read from its beginning.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

/* [["0","\"12\""],["1",null]] */
static int read_position(const char *text, json **ret, struct error **err)
{
    cleanup_json json *position = NULL;
    if (!text) {
        *ret = json_new_array();
        return 0;
    }
    bool good = json_parse(text, strlen(text), &position, NULL) == 0 && json_is_array(position);
    for (size_t i = 0; good && i < json_len(position); i++)
        good = json_len(json_at(position, i)) == 2 && json_str(json_at(json_at(position, i), 0));
    if (!good)
        return error_set(err, ERR_INVALID, "a position that is not of this store");
    *ret = take(position);
    return 0;
}

static json *new_pair(const char *range, const char *etag)
{
    json *pair = json_new_array();
    json_append(pair, json_new_str(range));
    json_append(pair, json_new_str(etag));
    return pair;
}

static bool has_range(const json *position, const char *range)
{
    for (size_t i = 0; i < json_len(position); i++)
        if (str_eq(json_str(json_at(json_at(position, i), 0)), range))
            return true;
    return false;
}

/* The position over the ranges of today. Owned by the caller. */
static json *give_current(const json *position, const json *ranges)
{
    json *current = json_new_array();
    for (size_t i = 0; i < json_len(position); i++) {
        const json *pair = json_at(position, i);
        cleanup_strv struct strv heirs = STRV_INIT;
        cosmos_range_heirs(ranges, json_str(json_at(pair, 0)), &heirs);
        for (size_t k = 0; k < heirs.len; k++)
            if (!has_range(current, heirs.v[k]))
                json_append(current, new_pair(heirs.v[k], json_str(json_at(pair, 1))));
    }
    for (size_t i = 0; i < json_len(ranges); i++) {
        const char *id = json_path_str(json_at(ranges, i), "id");
        if (id && !has_range(current, id))
            json_append(current, new_pair(id, NULL));
    }
    return current;
}

/* 1 = read, *ret_etag is the range's new place; 0 = the range is gone. */
static int read_range(const struct opctx *ctx, struct cosmos *c, enum collection coll,
                      const json *pair, size_t max, struct doc_page *ret, char **ret_etag,
                      struct error **err)
{
    const char *etag = json_str(json_at(pair, 1));
    cleanup_free char *link = cosmos_give_link(c, coll);
    cleanup_free char *count = xasprintf("%zu", max);
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    cleanup_cosmos_call struct cosmos_call call = { .verb = "GET", .type = "docs", .parent = link };
    http_headers_add(&call.headers, "A-IM", "Incremental feed");
    if (etag)
        http_headers_add(&call.headers, "If-None-Match", etag);
    http_headers_add(&call.headers, "x-ms-documentdb-partitionkeyrangeid",
                     json_str(json_at(pair, 0)));
    http_headers_add(&call.headers, "x-ms-max-item-count", count);
    if (cosmos_send(ctx, c, &call, &r, err) < 0)
        return -1;
    if (r.http.status == 410)
        return 0;
    if (r.http.status != 200 && r.http.status != 304)
        return cosmos_fail(&r, "Cosmos DB", err);
    const char *now = http_headers_get(&r.http.headers, "etag");
    if (r.http.status == 200 && (!now || cosmos_read_docs(coll, &r, ret, err) < 0))
        return now ? -1 : error_set(err, ERR_INTERNAL, "Cosmos DB's change feed has no etag");
    *ret_etag = xstrdup(now ? now : etag);
    return 1;
}

/* Reads ranges until max documents are there; moves what was read to the end of the position. 1 = done, 0 = a range is
 * gone. */
static int read_ranges(const struct opctx *ctx, struct cosmos *c, enum collection coll,
                       json *position, size_t max, struct doc_page *ret, struct error **err)
{
    size_t n = json_len(position);
    for (size_t i = 0; i < n && ret->len < max; i++) {
        cleanup_free char *etag = NULL;
        int rcode = read_range(ctx, c, coll, json_at(position, 0), max - ret->len, ret, &etag, err);
        if (rcode <= 0)
            return rcode;
        json *pair = new_pair(json_str(json_at(json_at(position, 0), 0)), etag);
        json_remove_at(position, 0);
        json_append(position, pair);
    }
    return 1;
}

int cosmos_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                   const char *position, size_t max, struct doc_page *ret, struct error **err)
{
    struct cosmos *c = container_of(s, struct cosmos, store);
    cleanup_json json *at = NULL;
    if (read_position(position, &at, err) < 0)
        return -1;
    /* A split may be seen by no more than one range at a time. What was read before it is kept. */
    for (int anew = 0; anew < 4; anew++) {
        cleanup_json json *ranges = NULL;
        if (cosmos_get_ranges(ctx, c, coll, anew, &ranges, err) < 0)
            return -1;
        json *current = give_current(at, ranges);
        json_free(at);
        at = current;
        int rcode = read_ranges(ctx, c, coll, at, max, ret, err);
        if (rcode < 0)
            return -1;
        if (rcode > 0) {
            ret->next = json_give_text(at);
            return 0;
        }
    }
    return error_set(err, ERR_UNAVAILABLE, "the key ranges of %s move all the time",
                     collections[coll].name);
}
