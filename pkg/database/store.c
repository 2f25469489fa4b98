#include "pkg/database/store.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/database/body.h"
#include "pkg/database/store_impl.h"

/* ---- documents and pages ---- */

void doc_release(struct doc *d)
{
    free(d->id);
    free(d->partition);
    free(d->etag);
    free(d->body);
    *d = (struct doc){ 0 };
}

void doc_page_release(struct doc_page *p)
{
    for (size_t i = 0; i < p->len; i++)
        doc_release(&p->docs[i]);
    free(p->docs);
    free(p->next);
    *p = (struct doc_page){ 0 };
}

struct doc *doc_page_add(struct doc_page *p)
{
    /* A page doubles: its length says when. */
    if ((p->len & (p->len - 1)) == 0)
        p->docs = xreallocarray(p->docs, p->len ? p->len * 2 : 1, sizeof(*p->docs));
    struct doc *d = &p->docs[p->len++];
    *d = (struct doc){ 0 };
    return d;
}

/* ---- checks that hold for every driver ---- */

static int check_text(const char *what, const char *text, size_t max, const char *forbidden,
                      struct error **err)
{
    size_t len = text ? strlen(text) : 0;
    if (len == 0)
        return error_set(err, ERR_INVALID, "the %s is empty", what);
    if (len > max)
        return error_set(err, ERR_INVALID, "the %s has %zu bytes, more than %zu", what, len, max);
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || strchr(forbidden, *p))
            return error_set(err, ERR_INVALID, "the %s has a character that it may not have (%d)",
                             what, *p);
    return 0;
}

static int check_key(const char *partition, const char *id, struct error **err)
{
    if (check_text("id", id, STORE_ID_MAX, "/\\?#", err) < 0)
        return -1;
    return check_text("partition key", partition, STORE_PARTITION_MAX, "", err);
}

static int check_etag(const char *etag, struct error **err)
{
    if (!etag || !*etag)
        return error_set(err, ERR_INVALID,
                         "no etag: a write that may overwrite says so (STORE_ANY_ETAG)");
    return 0;
}

static int check_member(const struct body_member *m, const char *want, struct error **err)
{
    cleanup_free char *is = span_give_text(m->value);
    if (!is)
        return error_set(err, ERR_INVALID, "%s: missing or not a string", m->path[0]);
    if (!str_eq(is, want))
        return error_set(err, ERR_INVALID, "%s: the document says otherwise than its header",
                         m->path[0]);
    return 0;
}

static int check_write(enum collection coll, const struct doc_write *w, struct error **err)
{
    const struct collection_desc *desc = &collections[coll];
    if (check_key(w->partition, w->id, err) < 0)
        return -1;
    if (w->body_len > STORE_BODY_MAX_BYTES)
        return error_set(err, ERR_TOO_LARGE, "the document has %zu bytes, more than %zu",
                         w->body_len, STORE_BODY_MAX_BYTES);
    if (w->triggers & ~desc->triggers)
        return error_set(err, ERR_INVALID, "the collection has no such trigger (%#x)", w->triggers);
    struct body_member members[] = { { .path = { "id" } }, { .path = { desc->partition_key } } };
    if (body_find(w->body, w->body_len, members, ARRAY_LEN(members), err) < 0 ||
        check_member(&members[0], w->id, err) < 0)
        return -1;
    return check_member(&members[1], w->partition, err);
}

static int check_partition(const struct store_query *q, const struct query_desc *desc,
                           struct error **err)
{
    static const char *const words[] = {
        [PARTITION_NEEDED] = "needs one partition", [PARTITION_NONE] = "takes no partition"
    };
    if (desc->partition != PARTITION_OPTIONAL &&
        (desc->partition == PARTITION_NEEDED) != (q->partition != NULL))
        return error_set(err, ERR_INVALID, "the query %s", words[desc->partition]);
    return q->partition ? check_text("partition key", q->partition, STORE_PARTITION_MAX, "", err)
                        : 0;
}

/* A copy of q with its collection and page size resolved. */
static int check_query(const struct store_query *q, struct store_query *ret, struct error **err)
{
    if ((unsigned)q->query >= QUERIES)
        return error_set(err, ERR_INVALID, "no such query: %d", (int)q->query);
    const struct query_desc *desc = &queries[q->query];
    *ret = *q;
    if (desc->coll != COLLECTIONS)
        ret->coll = desc->coll;
    if ((unsigned)ret->coll >= COLLECTIONS)
        return error_set(err, ERR_INVALID, "no such collection: %d", (int)ret->coll);
    for (size_t i = 0; i < QUERY_ARGS_MAX; i++)
        if ((q->args[i] != NULL) != (i < desc->args))
            return error_set(err, ERR_INVALID, "the query takes %zu arguments", desc->args);
    if (!ret->page)
        ret->page = STORE_PAGE_DEFAULT;
    if (ret->page > STORE_PAGE_MAX)
        ret->page = STORE_PAGE_MAX;
    return check_partition(q, desc, err);
}

/* ---- the calls ---- */

static int fail_write(enum collection coll, const char *verb, const char *id, struct error **err)
{
    return error_wrap(err, "%s: %s document '%s'", collections[coll].name, verb, id ? id : "");
}

/* Portal documents have a secret for an id. */
static const char *shown_id(enum collection coll, const char *id)
{
    return coll == COLL_PORTAL ? "..." : id;
}

int store_create(const struct opctx *ctx, struct store *s, enum collection coll,
                 const struct doc_write *w, struct doc *ret, struct error **err)
{
    struct doc d = { 0 };
    if (check_write(coll, w, err) < 0 || s->ops->create(ctx, s, coll, w, ret ? &d : NULL, err) < 0)
        return fail_write(coll, "creating", shown_id(coll, w->id), err);
    store_hint_give(s, coll);
    if (ret)
        *ret = d;
    return 0;
}

int store_get(const struct opctx *ctx, struct store *s, enum collection coll, const char *partition,
              const char *id, struct doc *ret, struct error **err)
{
    struct doc d = { 0 };
    if (check_key(partition, id, err) < 0 || s->ops->get(ctx, s, coll, partition, id, &d, err) < 0)
        return fail_write(coll, "reading", shown_id(coll, id), err);
    *ret = d;
    return 0;
}

static const char *etag_or_null(const char *etag)
{
    return str_eq(etag, STORE_ANY_ETAG) ? NULL : etag;
}

int store_replace(const struct opctx *ctx, struct store *s, enum collection coll,
                  const struct doc_write *w, const char *etag, struct doc *ret, struct error **err)
{
    struct doc d = { 0 };
    if (check_etag(etag, err) < 0 || check_write(coll, w, err) < 0 ||
        s->ops->replace(ctx, s, coll, w, etag_or_null(etag), ret ? &d : NULL, err) < 0)
        return fail_write(coll, "replacing", shown_id(coll, w->id), err);
    store_hint_give(s, coll);
    if (ret)
        *ret = d;
    return 0;
}

int store_delete(const struct opctx *ctx, struct store *s, enum collection coll,
                 const char *partition, const char *id, const char *etag, struct error **err)
{
    if (check_etag(etag, err) < 0 || check_key(partition, id, err) < 0 ||
        s->ops->remove(ctx, s, coll, partition, id, etag_or_null(etag), err) < 0)
        return fail_write(coll, "deleting", shown_id(coll, id), err);
    return 0;
}

int store_query(const struct opctx *ctx, struct store *s, const struct store_query *q,
                struct doc_page *ret, struct error **err)
{
    struct store_query checked = { 0 };
    struct doc_page page = { 0 };
    if (check_query(q, &checked, err) < 0)
        return error_wrap(err, "querying documents");
    if (s->ops->query(ctx, s, &checked, &page, err) < 0) {
        doc_page_release(&page);
        return error_wrap(err, "%s: query %s", collections[checked.coll].name,
                          queries[checked.query].name);
    }
    *ret = page;
    return 0;
}

int store_count(const struct opctx *ctx, struct store *s, const struct store_query *q, int64_t *ret,
                struct error **err)
{
    struct store_query checked = { 0 };
    if (check_query(q, &checked, err) < 0)
        return error_wrap(err, "counting documents");
    const struct query_desc *desc = &queries[checked.query];
    if (desc->not_counted)
        return error_set(err, ERR_INVALID, "the query %s cannot be counted", desc->name);
    if (s->ops->count(ctx, s, &checked, ret, err) < 0)
        return error_wrap(err, "%s: counting %s", collections[checked.coll].name, desc->name);
    return 0;
}

int store_changes(const struct opctx *ctx, struct store *s, enum collection coll,
                  const char *position, size_t max, struct doc_page *ret, struct error **err)
{
    struct doc_page page = { 0 };
    if (max == 0)
        max = STORE_PAGE_DEFAULT;
    if (max > STORE_PAGE_MAX)
        max = STORE_PAGE_MAX;
    if (s->ops->changes(ctx, s, coll, position, max, &page, err) < 0) {
        doc_page_release(&page);
        return error_wrap(err, "%s: reading changes", collections[coll].name);
    }
    *ret = page;
    return 0;
}

int store_now_s(const struct opctx *ctx, struct store *s, int64_t *ret, struct error **err)
{
    if (s->ops->now_s(ctx, s, ret, err) < 0)
        return error_wrap(err, "reading the clock of the document store");
    return 0;
}

void store_close(struct store *s)
{
    if (s)
        s->ops->close(s);
}

/* ---- hints ---- */

void store_init(struct store *s, const struct store_ops *ops)
{
    *s = (struct store){ .ops = ops, .leases = { STORE_LEASE_S, STORE_RETRY_LATER_S } };
    mutex_init(&s->hint_mu);
}

void store_set_leases(struct store *s, const struct store_leases *leases)
{
    s->leases = *leases;
}

void store_release(struct store *s)
{
    pthread_mutex_destroy(&s->hint_mu);
}

static void wake(struct hint_waiter *w)
{
    waker_lock(&w->waker);
    w->given = true;
    pthread_cond_broadcast(&w->waker.cv);
    waker_unlock(&w->waker);
}

void store_hint_give(struct store *s, enum collection coll)
{
    pthread_mutex_lock(&s->hint_mu);
    s->hints[coll]++;
    for (struct hint_waiter *w = s->waiters[coll]; w; w = w->next)
        wake(w);
    pthread_mutex_unlock(&s->hint_mu);
}

uint64_t store_hint(struct store *s, enum collection coll)
{
    pthread_mutex_lock(&s->hint_mu);
    uint64_t n = s->hints[coll];
    pthread_mutex_unlock(&s->hint_mu);
    return n;
}

/* Adds the waiter, unless the hint came before. */
static bool join_waiters(struct store *s, enum collection coll, uint64_t seen,
                         struct hint_waiter *w)
{
    pthread_mutex_lock(&s->hint_mu);
    bool waits = s->hints[coll] == seen;
    if (waits) {
        w->next = s->waiters[coll];
        s->waiters[coll] = w;
    }
    pthread_mutex_unlock(&s->hint_mu);
    return waits;
}

static void leave_waiters(struct store *s, enum collection coll, struct hint_waiter *w)
{
    pthread_mutex_lock(&s->hint_mu);
    struct hint_waiter **at = &s->waiters[coll];
    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    pthread_mutex_unlock(&s->hint_mu);
}

int store_hint_wait(const struct opctx *ctx, struct store *s, enum collection coll, uint64_t seen,
                    int64_t timeout_ms, struct error **err)
{
    if (opctx_check(ctx, err) < 0)
        return -1;
    int64_t until = clock_mono_ns(ctx->clock) + timeout_ms * NS_PER_MS;
    struct hint_waiter w = { 0 };
    waker_init(&w.waker, ctx);
    int status = 0;
    if (join_waiters(s, coll, seen, &w)) {
        waker_lock(&w.waker);
        while (status == 0 && !w.given && clock_mono_ns(ctx->clock) < until)
            status = waker_wait(&w.waker, until, err);
        waker_unlock(&w.waker);
        leave_waiters(s, coll, &w);
    }
    waker_release(&w.waker);
    return status;
}
