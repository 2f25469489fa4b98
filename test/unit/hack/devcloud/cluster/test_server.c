#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"
#include "pkg/net/http.h"
#include "pkg/net/server.h"
#include "test/unit/support/certs.h"
#include "test/unit/support/hack/devcloud/served_cluster.h"
#include "test/unit/support/test.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define DEPRECATED \
    "{'apiVersion':'apiextensions.k8s.io/" \
    "v1','kind':'CustomResourceDefinition','metadata':{'name':'ts.x.y'},'spec':{'group':'x.y'," \
    "'scope':'Cluster','names':{'plural':'ts','kind':'T'},'versions':[{'name':'v1','served':true," \
    "'storage':true,'deprecated':true," \
    "'deprecationWarning':'say \\'no\\' to it','schema':{'openAPIV3Schema':{'type':'object'}}}]}}"

static const char *header(const struct served_cluster *s, const char *name)
{
    const char *value = http_headers_get(&s->reply.headers, name);
    return value ? value : "";
}

static void answers_like_an_api_server(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);

    assert_int_equal(served_cluster_ask(&s, "POST", MAPS, "{'metadata':{'name':'a'}}"), 201);
    assert_string_equal(header(&s, "Content-Type"), "application/json");
    assert_string_equal(header(&s, "Cache-Control"), "no-cache, private");
    assert_int_equal(served_cluster_ask(&s, "GET", MAPS "/a", NULL), 200);
    assert_non_null(strstr(buf_str(&s.reply.body), "\"name\":\"a\""));
    assert_int_equal(served_cluster_ask(&s, "GET", "/healthz", NULL), 200);
    assert_string_equal(buf_str(&s.reply.body), "ok");
    assert_int_equal(served_cluster_ask(&s, "DELETE", MAPS "/a", NULL), 200);
    assert_int_equal(served_cluster_ask(&s, "GET", MAPS "/a", NULL), 404);
}

static void knows_who_asks(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    const char *const good[] = { "Authorization: Bearer letmein", NULL };
    const char *const bad[] = { "Authorization: Bearer nonsense", NULL };
    const char *const groups[] = { "system:masters", NULL };
    cluster_add_token(s.cluster, "letmein", "root", groups, 0);

    assert_int_equal(served_cluster_send(&s, s.nobody, "GET", MAPS, NULL, NULL), 403);
    assert_non_null(strstr(buf_str(&s.reply.body), "system:anonymous"));
    assert_int_equal(served_cluster_send(&s, s.nobody, "GET", MAPS, good, NULL), 200);
    assert_int_equal(served_cluster_send(&s, s.nobody, "GET", MAPS, bad, NULL), 401);
    assert_non_null(strstr(buf_str(&s.reply.body), "\"reason\":\"Unauthorized\""));
}

/* ---- given certificates ---- */

static struct http_peer *give_peer(struct served_cluster *s, const char *ca, const struct pair *own)
{
    struct http_peer_config cfg = { .ca_pem = ca,
                                    .client_cert_pem = own->cert,
                                    .client_key_pem = own->key,
                                    .server_name = "api.demo.example.com" };
    struct http_peer *peer = NULL;
    assert_int_equal(http_peer_new(s->client, &cfg, &peer, NULL), 0);
    return peer;
}

static int ask_at(struct served_cluster *s, struct http_peer *peer, uint16_t port, const char *path)
{
    cleanup_free char *url = xasprintf("https://127.0.0.1:%u%s", port, path);
    struct http_request rq = { .method = "GET", .url = url, .timeout_ms = 60000 };
    http_response_release(&s->reply);
    s->reply = (struct http_response){ 0 };
    return http_send(http_peer_transport(peer), &s->ctx, &rq, &s->reply, NULL) < 0
               ? -1
               : s->reply.status;
}

static struct pair make_leaf(const char *name, const struct pair *issuer, bool server)
{
    static const char *const dns[] = { "api.demo.example.com", NULL };
    static const char *const masters[] = { "system:masters", NULL };
    int64_t now = clock_wall_ns(clock_system());
    struct x509_request rq = { .common_name = name,
                               .is_ca = !issuer,
                               .is_server = server,
                               .is_client = issuer && !server,
                               .dns_names = server ? dns : NULL,
                               .organizations = issuer && !server ? masters : NULL,
                               .not_before_wall_ns = now - DAY_NS,
                               .not_after_wall_ns = now + DAY_NS,
                               .issuer_cert_pem = issuer ? issuer->cert : NULL,
                               .issuer_key_pem = issuer ? issuer->key : NULL };
    struct pair p = { NULL, NULL };
    assert_int_equal(x509_make(&rq, &p.cert, &p.key, NULL), 0);
    return p;
}

static void has_the_certificates_that_it_is_given(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    struct pair authority = make_leaf("authority", NULL, false);
    struct pair signer = make_leaf("signer", NULL, false);
    struct pair leaf = make_leaf("kube-apiserver", &authority, true);
    struct pair admin = make_leaf("admin", &signer, false);
    struct pair other = make_leaf("admin", &authority, false);
    struct cluster_config cfg = { .client_ca_pem = signer.cert,
                                  .clock = clock_system(),
                                  .rng = rng_system() };
    struct cluster_server_config server = {
        .address = "127.0.0.1", .cert_pem = leaf.cert, .key_pem = leaf.key, .workers = 2
    };
    struct cluster *c = NULL;
    struct cluster_server *at = NULL;
    assert_int_equal(cluster_new(&cfg, &c, NULL), 0);
    assert_int_equal(cluster_server_start(c, &server, &at, NULL), 0);
    struct http_peer *good = give_peer(&s, authority.cert, &admin);
    struct http_peer *bad = give_peer(&s, authority.cert, &other);
    struct http_peer *lost = give_peer(&s, cluster_ca_cert(c), &admin);

    assert_int_equal(ask_at(&s, good, cluster_server_port(at), MAPS), 200);
    assert_int_equal(ask_at(&s, bad, cluster_server_port(at), MAPS), 401);
    assert_int_equal(ask_at(&s, lost, cluster_server_port(at), MAPS), -1);

    http_peer_unref(good);
    http_peer_unref(bad);
    http_peer_unref(lost);
    cluster_server_stop(at);
    cluster_free(c);
    struct pair *const all[] = { &authority, &signer, &leaf, &admin, &other };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        pair_release(all[i]);
}

/* ---- who sees requests first ---- */

static bool answer_first(void *arg, struct http_call *call)
{
    struct cluster *c = *(struct cluster **)arg;
    cleanup_json json *caller = NULL;
    if (strcmp(http_call_path(call), "/whoami") != 0)
        return false;
    int rcode = cluster_give_caller(c, call, &caller, NULL);
    http_call_reply(call, rcode < 0 ? 401 : 200, "text/plain",
                    rcode < 0 ? "" : json_path_str(caller, "username"));
    return true;
}

static void lets_others_answer_first(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    struct cluster_server_config cfg = {
        .address = "127.0.0.1", .workers = 2, .intercept = answer_first, .intercept_arg = &s.cluster
    };
    struct cluster_server *at = NULL;
    assert_int_equal(cluster_server_start(s.cluster, &cfg, &at, NULL), 0);

    assert_int_equal(ask_at(&s, s.admin, cluster_server_port(at), "/whoami"), 200);
    assert_string_equal(buf_str(&s.reply.body), "admin");
    assert_int_equal(ask_at(&s, s.nobody, cluster_server_port(at), "/whoami"), 200);
    assert_string_equal(buf_str(&s.reply.body), "system:anonymous");
    assert_int_equal(ask_at(&s, s.admin, cluster_server_port(at), MAPS), 200);

    cluster_server_stop(at);
}

static void lets_administrators_become_others(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    const char *const alice[] = { "Impersonate-User: alice", NULL };
    const char *const masters[] = { "Impersonate-User: alice", "Impersonate-Group: x",
                                    "impersonate-group: system:masters", NULL };
    const char *const nobody[] = { "Impersonate-Group: x", NULL };

    assert_int_equal(served_cluster_send(&s, s.admin, "GET", MAPS, alice, NULL), 403);
    assert_non_null(strstr(buf_str(&s.reply.body), "alice"));
    assert_int_equal(served_cluster_send(&s, s.admin, "GET", MAPS, masters, NULL), 200);
    assert_int_equal(served_cluster_send(&s, s.admin, "GET", MAPS, nobody, NULL), 500);
    assert_int_equal(served_cluster_send(&s, s.nobody, "GET", MAPS, alice, NULL), 403);
}

static void warns_in_headers(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    assert_int_equal(served_cluster_ask(&s, "POST",
                                        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                                        DEPRECATED),
                     201);
    assert_string_equal(header(&s, "Warning"), "");

    assert_int_equal(served_cluster_ask(&s, "GET", "/apis/x.y/v1/ts", NULL), 200);

    assert_string_equal(header(&s, "Warning"), "299 - \"say \\\"no\\\" to it\"");
}

static void tells_when_to_come_back(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);

    assert_int_equal(served_cluster_ask(&s, "GET", MAPS "?resourceVersion=99999999", NULL), 504);

    assert_string_equal(header(&s, "Retry-After"), "1");
}

/* What hostile clients send ends in a refusal, and the next one is served. */
static void survives_hostile_requests(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    size_t len = (size_t)4 << 20;
    cleanup_free char *huge = xmalloc(len + 1);
    memset(huge, 'x', len);
    huge[len] = '\0';
    cleanup_free char *name = xasprintf(MAPS "/%.*s", 8000, huge);

    assert_int_equal(served_cluster_ask(&s, "GET", "/api/v1/%zz", NULL), 400);
    assert_int_equal(served_cluster_ask(&s, "GET", MAPS "?labelSelector=%", NULL), 400);
    assert_int_equal(
        served_cluster_ask(&s, "GET", "/api/v1/namespaces/..%2f..%2fx/configmaps", NULL), 200);
    assert_int_equal(served_cluster_ask(&s, "GET", name, NULL), 404);
    int status = served_cluster_ask(&s, "POST", MAPS, huge);
    assert_true(status == 413 || status == -1);
    assert_int_equal(served_cluster_ask(&s, "OPTIONS", MAPS, NULL), 405);
    assert_int_equal(served_cluster_ask(&s, "GET", MAPS, NULL), 200);
}

static void streams_watches_until_it_stops(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    cleanup_served_stream struct served_stream w;
    served_stream_start(&w, &s, MAPS "?watch=true");
    assert_int_equal(served_cluster_ask(&s, "POST", MAPS, "{'metadata':{'name':'a'}}"), 201);
    served_stream_await(&w, "{\"type\":\"ADDED\"");
    assert_int_equal(served_cluster_ask(&s, "DELETE", MAPS "/a", NULL), 200);
    served_stream_await(&w, "{\"type\":\"DELETED\"");

    cluster_server_stop(s.server);
    s.server = NULL;

    assert_int_equal(served_stream_join(&w), 0);
    assert_int_equal(w.status, 200);
}

/* A cluster may have several; clients of the others notice nothing. */
static void leaves_the_watches_of_other_servers(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    cleanup_served_stream struct served_stream w;
    struct cluster_server_config cfg = { .address = "127.0.0.1", .workers = 2 };
    struct cluster_server *other = NULL;
    assert_int_equal(cluster_server_start(s.cluster, &cfg, &other, NULL), 0);
    served_stream_start(&w, &s, MAPS "?watch=true");
    assert_int_equal(served_cluster_ask(&s, "POST", MAPS, "{'metadata':{'name':'a'}}"), 201);
    served_stream_await(&w, "\"name\":\"a\"");

    cluster_server_stop(other);

    served_stream_leave(&w);
    assert_int_equal(served_cluster_ask(&s, "POST", MAPS, "{'metadata':{'name':'b'}}"), 201);
    served_stream_await(&w, "\"name\":\"b\"");
    assert_int_equal(served_stream_join(&w), -1);
}

static void lets_clients_leave(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    cleanup_served_stream struct served_stream w;
    served_stream_start(&w, &s, MAPS "?watch=true");
    assert_int_equal(served_cluster_ask(&s, "POST", MAPS, "{'metadata':{'name':'a'}}"), 201);
    served_stream_await(&w, "ADDED");

    served_stream_leave(&w);
    assert_int_equal(served_cluster_ask(&s, "POST", MAPS, "{'metadata':{'name':'b'}}"), 201);
    assert_int_equal(served_stream_join(&w), -1);

    for (int i = 0; i < 20; i++)
        assert_int_equal(served_cluster_ask(&s, "PUT", MAPS "/a",
                                            i % 2 ? "{'metadata':{'name':'a'},'data':{'k':'v'}}"
                                                  : "{'metadata':{'name':'a'}}"),
                         200);
}

static void tells_watches_of_a_past_that_is_forgotten(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    cluster_compact(s.cluster);

    assert_int_equal(served_cluster_ask(&s, "GET", MAPS "?watch=true&resourceVersion=1", NULL),
                     200);

    assert_non_null(strstr(buf_str(&s.reply.body), "{\"type\":\"ERROR\""));
}

static void a_port_that_is_taken_is_an_error(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    struct cluster_server_config cfg = { .address = "127.0.0.1",
                                         .port = cluster_server_port(s.server) };
    struct cluster_server *second = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(cluster_server_start(s.cluster, &cfg, &second, &err), -1);

    assert_non_null(strstr(error_text(err), "starting an API server"));
    assert_null(second);
}

/* Its names are in the certificate. */
static void has_the_names_it_is_given(void **state)
{
    (void)state;
    cleanup_served_cluster struct served_cluster s;
    served_cluster_open(&s, false);
    const char *const names[] = { "api.example", NULL };
    struct cluster_server_config cfg = { .address = "127.0.0.1", .dns_names = names };
    struct cluster_server *second = NULL;
    assert_int_equal(cluster_server_start(s.cluster, &cfg, &second, NULL), 0);
    const char *const hosts[] = { "api.example", "kubernetes.default.svc", "other.example" };
    const int wanted[] = { 200, 200, -1 };

    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        struct http_peer_config peer = { .ca_pem = cluster_ca_cert(s.cluster),
                                         .server_name = hosts[i] };
        cleanup_http_peer struct http_peer *p = NULL;
        assert_int_equal(http_peer_new(s.client, &peer, &p, NULL), 0);
        cleanup_free char *url =
            xasprintf("https://127.0.0.1:%u/healthz", (unsigned)cluster_server_port(second));
        struct http_request rq = { .method = "GET", .url = url, .timeout_ms = 60000 };
        cleanup_response struct http_response response = { 0 };
        cleanup_error struct error *err = NULL;
        int rc = http_send(http_peer_transport(p), &s.ctx, &rq, &response, &err);
        assert_int_equal(rc < 0 ? -1 : response.status, wanted[i]);
    }
    cluster_server_stop(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("requests are answered as by an API server", answers_like_an_api_server),
        CASE("certificates and tokens tell who asks", knows_who_asks),
        CASE("a given certificate is shown, and given authorities sign the clients'",
             has_the_certificates_that_it_is_given),
        CASE("somebody else may answer first, and learn who asks", lets_others_answer_first),
        CASE("a server that stops leaves the watches of others alone",
             leaves_the_watches_of_other_servers),
        CASE("administrators may become others", lets_administrators_become_others),
        CASE("warnings stand in headers, quoted", warns_in_headers),
        CASE("a client is told when to come back", tells_when_to_come_back),
        CASE("hostile requests are refused and survived", survives_hostile_requests),
        CASE("watches are streams until the server stops", streams_watches_until_it_stops),
        CASE("clients may leave their watch", lets_clients_leave),
        CASE("a forgotten past ends a watch at once", tells_watches_of_a_past_that_is_forgotten),
        CASE("a port that is taken is an error", a_port_that_is_taken_is_an_error),
        CASE("the certificate has the names of the server", has_the_names_it_is_given),
    };
    return RUN_CASES("server", tests);
}
