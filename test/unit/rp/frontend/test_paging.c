#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/database/billing.h"
#include "rp/frontend/paging.h"
#include "rp/frontend/reply.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

static int read_billing(struct request *req, const struct paging *p, const char *continuation,
                        struct document_page *ret, struct error **err)
{
    if (p->arg) {
        strv_add(&ret->corrupt, p->arg);
        return 0;
    }
    return billing_list(req->ctx, req->f->cfg.database, p->size, continuation, ret, err);
}

static void mark(struct request *req, const struct document_page *page)
{
    (void)req;
    for (size_t i = 0; i < page->len; i++)
        json_put(page->docs[i].tree, "marked", json_new_bool(true));
}

static int show(struct request *req, const struct paging *p, const struct document *d, json **ret,
                struct error **err)
{
    (void)req;
    (void)p;
    (void)err;
    *ret = json_make("{'id':%s,'marked':%b}", json_path_str(d->tree, "id"),
                     json_path_bool(d->tree, "marked", false));
    return 0;
}

static struct paging list = { "scope", 2, read_billing, mark, show, NULL };
static const struct paging other = { "other", 2, read_billing, NULL, show, NULL };

static int handle_list(struct request *req, struct error **err)
{
    return paging_reply(req, &list, err);
}

static int handle_other(struct request *req, struct error **err)
{
    return paging_reply(req, &other, err);
}

static int add_id(struct request *req, const struct document *d, void *arg, struct error **err)
{
    struct buf *out = arg;
    buf_addf(out, "%s ", json_path_str(d->tree, "id"));
    if (http_call_query(req->call) && str_eq(json_path_str(d->tree, "id"), "b2"))
        return error_set(err, ERR_NOT_FOUND, "enough");
    return 0;
}

static int handle_each(struct request *req, struct error **err)
{
    return paging_each(req, &list, add_id, http_call_out(req->call), err);
}

static const struct route routes[] = { { "GET", "/list", 0, handle_list, NULL },
                                       { "GET", "/other", 0, handle_other, NULL },
                                       { "GET", "/each", 0, handle_each, NULL } };

static void begin(struct clusters *c)
{
    clusters_begin(c);
    front_serve(&c->front, routes, ARRAY_LEN(routes));
    for (int i = 1; i <= 3; i++) {
        cleanup_free char *id = xasprintf("b%d", i);
        json *tree = json_make("{'id':%s,'key':%s,'billing':{}}", id, id);
        assert_int_equal(billing_create(&c->ctx, c->db, tree, NULL, NULL), 0);
    }
}

static json *give_page(struct clusters *c, const char *target)
{
    cleanup_free char *answer = front_give_answer(&c->front, "GET", target, NULL);
    json *page = NULL;
    assert_memory_equal(answer, "200", 3);
    assert_int_equal(json_parse(answer + 4, strlen(answer + 4), &page, NULL), 0);
    return page;
}

static const char *token_of(const json *page)
{
    return strstr(json_path_str(page, "nextLink"), "$skipToken=");
}

static void goes_from_page_to_page(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);

    cleanup_json json *first = give_page(&c, "/list");
    cleanup_free char *target = xasprintf("/list?%s", token_of(first));
    cleanup_json json *second = give_page(&c, target);

    assert_int_equal(json_len(json_get(first, "value")), 2);
    assert_int_equal(json_len(json_get(second, "value")), 1);
    assert_string_equal(json_path_str(second, "value[0].id"), "b3");
    assert_true(json_path_bool(second, "value[0].marked", false));
    assert_false(json_has(second, "nextLink"));
    clusters_release(&c);
}

static void a_token_is_good_for_its_list_only(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    cleanup_json json *first = give_page(&c, "/list");
    cleanup_free char *target = xasprintf("/other?%s", token_of(first));

    cleanup_free char *got = front_give_error(&c.front, "GET", target, NULL);

    assert_string_equal(got,
                        "400 InvalidParameter: The provided $skipToken is invalid. @$skipToken");
    clusters_release(&c);
}

static void visits_the_documents_of_all_pages(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);

    cleanup_free char *all = front_give_answer(&c.front, "GET", "/each", NULL);
    cleanup_free char *some = front_give_answer(&c.front, "GET", "/each?enough", NULL);

    assert_string_equal(all, "200 b1 b2 b3 ");
    assert_memory_equal(some, "500", 3);
    assert_true(log_capture_has(&c.front.capture, "enough"));
    clusters_release(&c);
}

static void says_what_it_passes_over(void **state)
{
    (void)state;
    struct clusters c;
    begin(&c);
    list.arg = "damaged";

    cleanup_json json *page = give_page(&c, "/list");
    list.arg = NULL;

    assert_int_equal(json_len(json_get(page, "value")), 0);
    assert_true(log_capture_has(&c.front.capture, "document damaged cannot be read"));
    clusters_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("goes from page to page", goes_from_page_to_page),
        CASE("a token is good for its list only", a_token_is_good_for_its_list_only),
        CASE("visits the documents of all pages", visits_the_documents_of_all_pages),
        CASE("says what it passes over", says_what_it_passes_over),
    };
    return RUN_CASES("paging", tests);
}
