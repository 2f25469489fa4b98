#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/database/cosmos.h"
#include "test/unit/support/test.h"

static struct cosmos_reply reply_of(const char *text)
{
    struct cosmos_reply r = { .http = { .status = 200 } };
    buf_init(&r.http.body, BUF_UNBOUNDED);
    buf_adds(&r.http.body, text);
    return r;
}

static void check_doc(void **state)
{
    (void)state;
    cleanup_cosmos_reply struct cosmos_reply r =
        reply_of("{\"id\":\"i\",\"workerType\":\"p\",\"_rid\":\"r\",\"_self\":\"s\",\"_etag\":"
                 "\"\\\"e\\\"\",\"_ts\":1700000000,\"_attachments\":\"a\",\"_lsn\":9,\"_metadata\":"
                 "{},\"_writeToken\":\"t\",\"x\":[1.50,{\"_ts\":1}],\"_own\":null}");
    cleanup_doc struct doc d = { 0 };
    cleanup_free char *token = NULL;

    assert_int_equal(cosmos_read_doc(COLL_POOL_WORKERS, &r, &d, &token, NULL), 0);

    assert_string_equal(d.id, "i");
    assert_string_equal(d.partition, "p");
    assert_string_equal(d.etag, "\"e\"");
    assert_int_equal(d.ts_s, 1700000000);
    assert_string_equal(token, "t");
    assert_string_equal(d.body, "{\"id\":\"i\",\"workerType\":\"p\",\"x\":[1.50,{\"_ts\":1}],"
                                "\"_own\":null}");
    assert_int_equal(d.body_len, strlen(d.body));
}

static void check_nonsense(void **state)
{
    (void)state;
    static const char *const texts[] = { "", "[]", "{\"id\":1}", "{\"id\":\"i\"}",
                                         "{\"id\":\"i\"" };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cleanup_cosmos_reply struct cosmos_reply r = reply_of(texts[i]);
        struct doc d = { 0 };
        assert_int_equal(cosmos_read_doc(COLL_BILLING, &r, &d, NULL, NULL), -1);
        assert_null(d.body);
    }
}

static void check_list(void **state)
{
    (void)state;
    cleanup_cosmos_reply struct cosmos_reply r =
        reply_of("{\"_rid\":\"r\",\"Documents\":[{\"id\":\"a\",\"_etag\":\"1\"},{\"clusterResource"
                 "ID\":\"/c\"}],\"_count\":2}");
    cleanup_cosmos_reply struct cosmos_reply none = reply_of("{\"_count\":0}");
    cleanup_cosmos_reply struct cosmos_reply odd = reply_of("{\"Documents\":[7]}");
    cleanup_doc_page struct doc_page p = { 0 };

    assert_int_equal(cosmos_read_docs(COLL_MAINTENANCE_MANIFESTS, &r, &p, NULL), 0);

    assert_int_equal(p.len, 2);
    assert_string_equal(p.docs[0].id, "a");
    assert_string_equal(p.docs[1].partition, "/c"); /* a projection has no id */
    assert_string_equal(p.docs[1].id, "");
    assert_int_equal(cosmos_read_docs(COLL_BILLING, &none, &p, NULL), -1);
    assert_int_equal(cosmos_read_docs(COLL_BILLING, &odd, &p, NULL), -1);
}

static void check_body(void **state)
{
    (void)state;
    static const char text[] = "{\"id\":\"i\",\"_etag\":\"old\",\"n\":1.50}";
    const struct doc_write w = { "i", "i", text, sizeof(text) - 1, 0 };

    cleanup_free char *body = cosmos_give_body(&w, "t");

    assert_string_equal(body, "{\"id\":\"i\",\"n\":1.50,\"_writeToken\":\"t\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a document comes without what is the server's", check_doc),
        CASE("an answer that is no document is an error", check_nonsense),
        CASE("a list has documents and projections", check_list),
        CASE("a body carries its token and no system fields", check_body),
    };
    return RUN_CASES("cosmos_doc", tests);
}
