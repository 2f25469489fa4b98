/*
 * fake_rp.h - a scripted resource provider behind the simulated ARM: TLS, asks ARM for its certificate, answers from a
 * table, remembers what it was asked.
 */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_FAKE_RP_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_FAKE_RP_H

#include <pthread.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/pkg/net/tls_server.h"
#include "test/unit/support/test.h"

#define RIG_CLUSTERS \
    RIG_SUBSCRIPTION \
    "/resourceGroups/net-rg/providers/Microsoft.RedHatOpenShift/OpenShiftClusters"
#define RIG_RP_VERSION "?api-version=2022-04-01"

/* The first row that fits answers; without one it is 404. In headers and body a $ stands for the provider's own origin
 * ("https://127.0.0.1:PORT"), in bodies single quotes for double quotes. */
struct fake_rp_row {
    const char *method, *part; /* of the target; NULL: any */
    int status;
    const char *headers, *body; /* "A: b\r\n"; NULL: none */
};
struct fake_rp {
    pthread_mutex_t mu;
    struct tls_server *server;
    struct test_cert *ca, *cert;
    char *origin;
    const struct fake_rp_row *rows; /* guarded by mu, as what follows */
    size_t rows_len;
    json *seen; /* [{method, target, client, headers {lower-case name: value}, body}] */
};
static inline json *fake_rp_give_record_(const struct server_request *req)
{
    json *headers = json_new_object();
    for (size_t i = 0; i < req->headers.len; i++) {
        cleanup_free char *name = str_give_lower(req->headers.v[i].name);
        json_put(headers, name, json_new_str(req->headers.v[i].value));
    }
    return json_make("{'method':%s,'target':%s,'client':%s,'headers':%j,'body':%s}", req->method,
                     req->target, req->client_name, headers, buf_str(&req->body));
}

/* text with every $ replaced. */
static inline char *fake_rp_give_filled_(const char *text, const char *origin)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "");
    for (; text && *text; text++)
        if (*text == '$')
            buf_adds(&b, origin);
        else
            buf_addc(&b, *text);
    return buf_give(&b);
}

static inline const struct fake_rp_row *fake_rp_find_row_(const struct fake_rp *rp,
                                                          const struct server_request *req)
{
    for (size_t i = 0; i < rp->rows_len; i++)
        if ((!rp->rows[i].method || strcmp(rp->rows[i].method, req->method) == 0) &&
            (!rp->rows[i].part || strstr(req->target, rp->rows[i].part)))
            return &rp->rows[i];
    return NULL;
}

static inline bool fake_rp_answer_(struct server_call *call)
{
    struct fake_rp *rp = call->arg;
    pthread_mutex_lock(&rp->mu);
    json_append(rp->seen, fake_rp_give_record_(call->req));
    const struct fake_rp_row *row = fake_rp_find_row_(rp, call->req);
    pthread_mutex_unlock(&rp->mu);
    cleanup_free char *headers = fake_rp_give_filled_(row ? row->headers : NULL, rp->origin);
    cleanup_free char *body = fake_rp_give_filled_(row ? row->body : NULL, rp->origin);
    cleanup_free char *text = rig_give_json(body);
    cleanup_free char *all = xasprintf("Content-Type: application/json\r\n%s", headers);
    call_reply(call, row ? row->status : 404, all, text);
    return true;
}

static inline void fake_rp_introduce_(struct fake_rp *rp, struct rig *r)
{
    cleanup_json json *patch =
        json_make("{'rp':{'url':%s,'ca':%s},'registrations':{'microsoft.redhatopenshift':"
                  "'Registered'}}",
                  rp->origin, rp->ca->cert_pem);
    cleanup_free char *text = json_give_text(patch);
    assert_int_equal(
        rig_send(r, "PATCH", "/_devcloud/state", "application/merge-patch+json", text, NULL), 200);
}

/* Makes itself known to the rig's simulator and registers the namespace there. */
static inline void fake_rp_open(struct fake_rp *rp, struct rig *r)
{
    *rp = (struct fake_rp){ .seen = json_new_array() };
    pthread_mutex_init(&rp->mu, NULL);
    rp->ca = test_ca_new("provider authority");
    rp->cert = test_cert_new(rp->ca, "provider", "IP:127.0.0.1");
    cleanup_free char *authority = xstrdup(azure_sim_ca_pem(r->sim));
    const struct test_cert client_ca = { .cert_pem = authority };
    struct tls_server_config cfg = {
        .cert = rp->cert, .client_ca = &client_ca, .script = fake_rp_answer_, .arg = rp
    };
    rp->server = tls_server_start(&cfg);
    rp->origin = xasprintf("https://127.0.0.1:%u", tls_server_port(rp->server));
    fake_rp_introduce_(rp, r);
}

/* Before the rig's end. */
static inline void fake_rp_close(struct fake_rp *rp)
{
    tls_server_stop(rp->server);
    test_cert_free(rp->cert);
    test_cert_free(rp->ca);
    json_free(rp->seen);
    free(rp->origin);
    pthread_mutex_destroy(&rp->mu);
}

#define cleanup_fake_rp CLEANUP_WITH(fake_rp_close)

static inline void fake_rp_script(struct fake_rp *rp, const struct fake_rp_row *rows, size_t len)
{
    pthread_mutex_lock(&rp->mu);
    rp->rows = rows;
    rp->rows_len = len;
    pthread_mutex_unlock(&rp->mu);
}

/* The newest request; NULL: none. Owned by the caller. */
static inline json *fake_rp_give_last(struct fake_rp *rp)
{
    pthread_mutex_lock(&rp->mu);
    size_t len = json_len(rp->seen);
    json *last = len > 0 ? json_give_copy(json_at(rp->seen, len - 1)) : NULL;
    pthread_mutex_unlock(&rp->mu);
    return last;
}

static inline size_t fake_rp_count(struct fake_rp *rp)
{
    pthread_mutex_lock(&rp->mu);
    size_t len = json_len(rp->seen);
    pthread_mutex_unlock(&rp->mu);
    return len;
}

#endif
