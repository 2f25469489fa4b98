#include "test/unit/support/pkg/database/store_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

size_t store_suite_list(const struct store_subject *subject, struct CMUnitTest *tests, size_t n)
{
    static const struct suite_case *const parts[] = { store_suite_basic, store_suite_time,
                                                      store_suite_query, store_suite_feed,
                                                      store_suite_race };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        for (const struct suite_case *c = parts[i]; c->name; c++) {
            if ((c->shared && !subject->is_shared) || (c->crashes && !subject->crash))
                continue;
            if (n == STORE_SUITE_MAX)
                abort();
            tests[n++] =
                (struct CMUnitTest){ c->name, c->fn, .initial_state = (void *)(uintptr_t)subject };
        }
    }
    return n;
}

/* ---- cases ---- */

static void fail_with(const struct error *err)
{
    (void)fprintf(stderr, "%s: %s\n", err_kind_name(error_kind(err)), error_text(err));
    fail();
}

static void empty(struct suite *s, enum collection coll)
{
    for (;;) {
        cleanup_doc_page struct doc_page page = { 0 };
        const struct store_query q = { .query = QUERY_ALL, .coll = coll, .page = STORE_PAGE_MAX };
        suite_ok(s, store_query(&s->ctx, s->store, &q, &page, &s->err));
        for (size_t i = 0; i < page.len; i++)
            suite_ok(s, store_delete(&s->ctx, s->store, coll, page.docs[i].partition,
                                     page.docs[i].id, STORE_ANY_ETAG, &s->err));
        if (!page.next)
            return;
    }
}

void suite_begin(struct suite *s, void **state)
{
    *s = (struct suite){ .subject = *state,
                         .ctx = opctx_root(clock_system(), rng_system(), NULL, NULL) };
    suite_ok(s, s->subject->open(s->subject->arg, &s->ctx, &s->store, &s->err));
    for (int i = 0; i < COLLECTIONS; i++)
        empty(s, (enum collection)i);
}

void suite_end(struct suite *s)
{
    store_close(s->store);
    error_free(s->err);
}

void suite_expect(struct suite *s, int status, enum err_kind kind)
{
    assert_int_equal(status, -1);
    if (!error_is(s->err, kind))
        fail_with(s->err);
    error_clear(&s->err);
}

void suite_ok(struct suite *s, int status)
{
    if (status != 0)
        fail_with(s->err);
}

/* ---- documents ---- */

static void read_header(enum collection coll, const char *body, char **ret_id, char **ret_part)
{
    cleanup_json json *tree = NULL;
    if (json_parse_object(body, strlen(body), &tree, NULL) < 0)
        abort();
    *ret_id = xstrdup(json_str(json_get(tree, "id")));
    *ret_part = xstrdup(json_str(json_get(tree, collections[coll].partition_key)));
    if (!*ret_id || !*ret_part)
        abort();
}

int suite_create(struct suite *s, enum collection coll, const char *body, struct doc *ret)
{
    cleanup_free char *id = NULL, *part = NULL;
    read_header(coll, body, &id, &part);
    const struct doc_write w = { id, part, body, strlen(body), 0 };
    return store_create(&s->ctx, s->store, coll, &w, ret, &s->err);
}

int suite_replace(struct suite *s, enum collection coll, const char *body, const char *etag,
                  struct doc *ret)
{
    cleanup_free char *id = NULL, *part = NULL;
    read_header(coll, body, &id, &part);
    const struct doc_write w = { id, part, body, strlen(body), 0 };
    return store_replace(&s->ctx, s->store, coll, &w, etag, ret, &s->err);
}

char *suite_cluster(const char *partition, const char *id, const char *state, const char *more)
{
    return xasprintf("{\"id\":\"%s\",\"partitionKey\":\"%s\",\"key\":\"/%s/%s\","
                     "\"clusterResourceGroupIdKey\":\"rg-%s\",\"clientIdKey\":\"client-%s\","
                     "\"openShiftCluster\":{\"properties\":{\"provisioningState\":\"%s\"}}%s}",
                     id, partition, partition, id, id, id, state, more);
}

char *suite_ids(struct suite *s, struct store_query q, bool keep_order)
{
    cleanup_strv struct strv ids = STRV_INIT;
    cleanup_free char *next = NULL;
    do {
        cleanup_doc_page struct doc_page page = { 0 };
        q.continuation = next;
        suite_ok(s, store_query(&s->ctx, s->store, &q, &page, &s->err));
        assert_true(page.len <= (q.page ? q.page : STORE_PAGE_DEFAULT));
        for (size_t i = 0; i < page.len; i++)
            strv_add(&ids, *page.docs[i].id ? page.docs[i].id : page.docs[i].partition);
        free(next);
        next = take(page.next);
    } while (next);
    if (!keep_order)
        strv_sort(&ids);
    return strv_give_joined(&ids, " ");
}
