/* What nobody may read, wherever it may show: replies, the log, changes. */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/store/impl.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"

#define JSON "Content-Type: application/json\r\n"
#define MERGE "Content-Type: application/merge-patch+json\r\n"
#define OPERATIONS "Content-Type: application/json-patch+json\r\n"

/* As they are, and what base64 makes of the word at the beginning of a value. */
#define PLAIN "MARK3Rxx"
#define CODED "TUFSSzNSeHg="
static const char *const marks[] = { "MARK3R", "TUFSSzNS" };

#define CONFIG(user) \
    "apiVersion: v1\\nkind: Config\\ncurrent-context: c\\ncontexts: [{name: c, context: " \
    "{cluster: " \
    "c, user: u}}]\\nclusters: [{name: c, cluster: {server: 'https://10.0.0.1:6443'}}]\\nusers: " \
    "[{name: u, user: {" user "}}]"
#define CLUSTER(kubeconfig) \
    "{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\"},\"spec\":{\"kubeconfig\":" kubeconfig "}}"
#define SECRET(data) \
    "{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\"},\"spec\":{\"data\":{\"k\":" data "}}}"

struct request {
    const char *name, *method, *path, *headers, *body;
    int status;
};
static const struct request requests[] = {
    { "a cluster", "POST", "/v1/clusters", JSON, CLUSTER("\"" CONFIG("token: " PLAIN) "\""), 201 },
    { "one that is there", "POST", "/v1/clusters", JSON, CLUSTER("\"" PLAIN "\""), 409 },
    { "a kubeconfig that is none", "PUT", "/v1/clusters/n/x?upsert=true", JSON,
      CLUSTER("\": " PLAIN "\""), 200 },
    { "a merge patch", "PATCH", "/v1/clusters/n/x", MERGE,
      "{\"spec\":{\"kubeconfig\":\"" CONFIG("password: " PLAIN) "\"}}", 200 },
    { "a JSON patch", "PATCH", "/v1/clusters/n/x", OPERATIONS,
      "[{\"op\":\"add\",\"path\":\"/spec/kubeconfig\",\"value\":\"" CONFIG("token: " PLAIN) "\"}]",
      200 },
    { "a JSON patch that tests", "PATCH", "/v1/clusters/n/x", OPERATIONS,
      "[{\"op\":\"test\",\"path\":\"/spec/kubeconfig\",\"value\":\"" PLAIN "\"}]", 422 },
    { "what runs programs", "PUT", "/v1/clusters/n/x?upsert=true", JSON,
      CLUSTER("\"" CONFIG("exec: {command: " PLAIN "}") "\""), 422 },
    { "an object", "PUT", "/v1/clusters/n/x?upsert=true", JSON,
      CLUSTER("{\"token\":\"" PLAIN "\"}"), 422 },
    { "half a body", "PUT", "/v1/clusters/n/x?upsert=true", JSON,
      "{\"spec\":{\"kubeconfig\":\"" PLAIN "\"", 400 },
    { "a secret", "POST", "/v1/secrets", JSON, SECRET("\"" CODED "\""), 201 },
    { "a secret that is no base64", "PUT", "/v1/secrets/n/x?upsert=true", JSON,
      SECRET("\"" PLAIN "!\""), 422 },
    { "a patch of it", "PATCH", "/v1/secrets/n/x", MERGE,
      "{\"spec\":{\"data\":{\"other\":\"" CODED "\"}}}", 200 },
    { "the cluster", "GET", "/v1/clusters/n/x", "", "", 200 },
    { "all clusters", "GET", "/v1/clusters", "", "", 200 },
    { "the secret", "GET", "/v1/secrets/n/x", "", "", 200 },
    { "what is measured", "GET", "/metrics", "", "", 200 },
};

struct hidden {
    struct sets_rig r;
    struct log_capture capture;
    struct log log;
};

static void start(struct hidden *h)
{
    sets_rig_init(&h->r);
    log_capture_init(&h->capture, clock_system());
    h->log = log_root(&h->capture.base);
    h->r.metrics = metrics_new();
    const struct sets_api_config cfg = { .db = h->r.db,
                                         .keys = h->r.keys,
                                         .bind_address = "127.0.0.1",
                                         .metrics = h->r.metrics,
                                         .clock = clock_system(),
                                         .rng = rng_system(),
                                         .log = &h->log };
    assert_int_equal(sets_api_start(&cfg, &h->r.api, NULL), 0);
}

static void credentials_show_nowhere(void **state)
{
    struct hidden h;
    (void)state;
    start(&h);
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        const struct request *q = &requests[i];
        int status;
        cleanup_free char *reply =
            sets_rig_ask(&h.r, q->method, q->path, q->headers, q->body, &status);
        if (status != q->status)
            fail_msg("%s: %d %s", q->name, status, reply);
        for (size_t m = 0; m < ARRAY_LEN(marks); m++)
            if (strstr(reply, marks[m]))
                fail_msg("%s: %s", q->name, reply);
    }
    assert_true(log_capture_len(&h.capture) >= ARRAY_LEN(requests));
    for (size_t m = 0; m < ARRAY_LEN(marks); m++) {
        cleanup_sql struct sql *c = NULL;
        cleanup_free char *like = xasprintf("%%%s%%", marks[m]);
        const struct sql_param param = sql_text(like);
        int64_t n;
        assert_false(log_capture_has(&h.capture, marks[m]));
        assert_int_equal(sql_acquire(&h.r.ctx, h.r.db, SQL_READ, &c, NULL), 0);
        assert_int_equal(sets_number(&h.r.ctx, c,
                                     "SELECT count(*) FROM events WHERE object LIKE $1", &param, 1,
                                     &n, NULL),
                         0);
        assert_int_equal(n, 0);
    }
    sets_rig_release(&h.r);
    log_capture_release(&h.capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("credentials show nowhere", credentials_show_nowhere),
    };
    return RUN_CASES("write_hidden", tests);
}
