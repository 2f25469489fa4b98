#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"

static int ask(const struct opctx *ctx, struct cosmos *c, enum collection coll,
               struct cosmos_reply *ret, struct error **err)
{
    cleanup_free char *link = cosmos_give_link(c, coll);
    cleanup_cosmos_call struct cosmos_call call = { .verb = "GET",
                                                    .type = "pkranges",
                                                    .parent = link };
    if (cosmos_send(ctx, c, &call, ret, err) < 0)
        return -1;
    return ret->http.status == 200 ? 0 : cosmos_fail(ret, "listing key ranges", err);
}

/* A reference to the last answer, or NULL. */
static struct bytes *give_known(struct cosmos *c, enum collection coll)
{
    (void)pthread_mutex_lock(&c->mu);
    struct bytes *known = bytes_ref(c->ranges[coll]);
    (void)pthread_mutex_unlock(&c->mu);
    return known;
}

/* Consumes the reference; the old one goes. */
static void remember(struct cosmos *c, enum collection coll, struct bytes *answer)
{
    (void)pthread_mutex_lock(&c->mu);
    struct bytes *old = c->ranges[coll];
    c->ranges[coll] = answer;
    (void)pthread_mutex_unlock(&c->mu);
    bytes_unref(old);
}

int cosmos_get_ranges(const struct opctx *ctx, struct cosmos *c, enum collection coll, bool anew,
                      json **ret, struct error **err)
{
    cleanup_bytes struct bytes *text = anew ? NULL : give_known(c, coll);
    cleanup_json json *answer = NULL;
    if (!text) {
        cleanup_cosmos_reply struct cosmos_reply r = { 0 };
        if (ask(ctx, c, coll, &r, err) < 0)
            return -1;
        text = bytes_new(buf_str(&r.http.body), r.http.body.len);
    }
    if (json_parse_object(text->data, text->len, &answer, err) < 0)
        return error_wrap(err, "reading Cosmos DB's key ranges");
    json *ranges = json_get(answer, "PartitionKeyRanges");
    if (!json_is_array(ranges) || !json_len(ranges))
        return error_set(err, ERR_INTERNAL, "Cosmos DB names no key ranges of %s",
                         collections[coll].name);
    remember(c, coll, bytes_ref(text));
    *ret = json_ref(ranges);
    return 0;
}

void cosmos_range_heirs(const json *ranges, const char *id, struct strv *ret)
{
    for (size_t i = 0; i < json_len(ranges); i++) {
        const json *r = json_at(ranges, i);
        const char *its_id = json_path_str(r, "id");
        const json *parents = json_get(r, "parents");
        bool heir = str_eq(its_id, id);
        for (size_t k = 0; k < json_len(parents) && !heir; k++)
            heir = str_eq(json_str(json_at(parents, k)), id);
        if (its_id && heir)
            strv_add(ret, its_id);
    }
}

int cosmos_now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err)
{
    struct cosmos *c = container_of(s, struct cosmos, store);
    cleanup_cosmos_reply struct cosmos_reply r = { 0 };
    int64_t now_ns;
    if (ask(ctx, c, COLL_SUBSCRIPTIONS, &r, err) < 0)
        return -1;
    const char *date = http_headers_get(&r.http.headers, "Date");
    if (!date || !time_parse_http(date, &now_ns))
        return error_set(err, ERR_INTERNAL, "Cosmos DB's answer has no Date");
    *ret = now_ns / NS_PER_S;
    return 0;
}
