/* Signing in as `oc login -u kubeadmin` does, through a server. */
#include <string.h>

#include "hack/devcloud/boot/sign_in.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/password.h"
#include "test/unit/support/hack/devcloud/served_cluster.h"
#include "test/unit/support/hack/devcloud/view_rig.h"

#define AUTHORIZE "/oauth/authorize?response_type=token&client_id=openshift-challenging-client"
#define PASSWORD "abcde-fghij-kmnop-qrstu"

struct rig {
    struct view_rig view;
    struct http_client *http;
    struct http_peer *peer;
    struct sign_in *s;
    struct cluster_server *server;
    struct http_response reply;
};

static void open_rig(struct rig *r)
{
    *r = (struct rig){ 0 };
    view_rig_open(&r->view);
    cleanup_free char *hash = NULL;
    assert_int_equal(bcrypt_give_hash(PASSWORD, 4, &hash, NULL), 0);
    cleanup_free char *secret =
        xasprintf("{'metadata':{'name':'kubeadmin','namespace':'kube-system'},"
                  "'stringData':{'kubeadmin':'%s'}}",
                  hash);
    view_rig_make(&r->view, &GVR_SECRETS, secret);
    r->s = sign_in_new(r->view.cluster, r->view.kube, &r->view.clock.base, rng_system());
    struct cluster_server_config cfg = { .address = "127.0.0.1",
                                         .cert_pem = r->view.boot->serving.cert_pem,
                                         .key_pem = r->view.boot->serving.key_pem,
                                         .workers = 2,
                                         .intercept = sign_in_intercept,
                                         .intercept_arg = r->s };
    struct http_client_config http = { .clock = clock_system(), .env = &r->view.env.base };
    struct http_peer_config peer = { .ca_pem = r->view.boot->serving_ca_pem,
                                     .server_name = "api." BOOT_DOMAIN };
    assert_int_equal(cluster_server_start(r->view.cluster, &cfg, &r->server, NULL), 0);
    assert_int_equal(http_client_new(&http, &r->http, NULL), 0);
    assert_int_equal(http_peer_new(r->http, &peer, &r->peer, NULL), 0);
}

static void close_rig(struct rig *r)
{
    http_response_release(&r->reply);
    http_peer_unref(r->peer);
    http_client_free(r->http);
    cluster_server_stop(r->server);
    sign_in_free(r->s);
    view_rig_close(&r->view);
}

/* authorization: the header's value; NULL: none. */
static int get(struct rig *r, const char *path, const char *authorization, bool csrf)
{
    cleanup_free char *url =
        xasprintf("https://127.0.0.1:%u%s", cluster_server_port(r->server), path);
    cleanup_request struct http_request rq = { .method = "GET", .url = url, .timeout_ms = 60000 };
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    if (authorization)
        http_headers_add(&rq.headers, "Authorization", authorization);
    if (csrf)
        http_headers_add(&rq.headers, "X-CSRF-Token", "1");
    http_response_release(&r->reply);
    r->reply = (struct http_response){ 0 };
    return http_send(http_peer_transport(r->peer), &ctx, &rq, &r->reply, NULL) < 0
               ? -1
               : r->reply.status;
}

static char *give_basic(const char *pair)
{
    cleanup_free char *text = base64_give(pair, strlen(pair));
    return xasprintf("Basic %s", text);
}

static void the_way_in(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    cleanup_free char *basic = give_basic("kubeadmin:" PASSWORD);

    assert_int_equal(get(&r, "/.well-known/oauth-authorization-server", NULL, false), 200);
    assert_non_null(strstr(buf_str(&r.reply.body), "/oauth/authorize\""));
    assert_int_equal(get(&r, AUTHORIZE, NULL, true), 401);
    assert_string_equal(http_headers_get(&r.reply.headers, "Www-Authenticate"),
                        "Basic realm=\"openshift\"");
    assert_int_equal(get(&r, AUTHORIZE, basic, true), 302);
    const char *location = http_headers_get(&r.reply.headers, "Location");
    const char *from = strstr(location, "#access_token=") + strlen("#access_token=");
    cleanup_free char *escaped = xstrndup(from, strcspn(from, "&")), *token = NULL;
    assert_true(percent_parse(escaped, &token));
    assert_non_null(strstr(location, "&token_type=Bearer"));
    cleanup_free char *bearer = xasprintf("Bearer %s", token);

    assert_int_equal(get(&r, "/apis/user.openshift.io/v1/users/~", bearer, false), 200);
    assert_non_null(strstr(buf_str(&r.reply.body), "\"name\":\"kube:admin\""));
    assert_int_equal(get(&r, "/api/v1/nodes", bearer, false), 200);
    close_rig(&r);
}

struct refusal {
    const char *name, *path, *pair; /* pair: user and password; NULL: none */
    bool csrf;
    int status;
};
static struct refusal refusals[] = {
    { "a wrong password is refused", AUTHORIZE, "kubeadmin:wrong", true, 401 },
    { "another user is refused", AUTHORIZE, "admin:" PASSWORD, true, 401 },
    { "no challenge without the header against forgery", AUTHORIZE, "kubeadmin:" PASSWORD, false,
      401 },
    { "another client is refused", "/oauth/authorize?response_type=token&client_id=x",
      "kubeadmin:" PASSWORD, true, 401 },
    { "another flow is refused",
      "/oauth/authorize?response_type=code&client_id=openshift-challenging-client",
      "kubeadmin:" PASSWORD, true, 400 },
    { "who has no token is nobody", "/apis/user.openshift.io/v1/users/~", NULL, false, 401 },
};

static void check_refusal(void **state)
{
    const struct refusal *c = *state;
    struct rig r;
    open_rig(&r);
    cleanup_free char *basic = c->pair ? give_basic(c->pair) : NULL;

    assert_int_equal(get(&r, c->path, basic, c->csrf), c->status);

    assert_null(http_headers_get(&r.reply.headers, "Location"));
    close_rig(&r);
}

static void kubeadmin_is_removed(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r);
    cleanup_free char *basic = give_basic("kubeadmin:" PASSWORD);
    assert_int_equal(kube_delete_if_present(r.view.kube, &r.view.ctx,
                                            KUBE_REF(&GVR_SECRETS, "kube-system", "kubeadmin"),
                                            NULL),
                     0);

    assert_int_equal(get(&r, AUTHORIZE, basic, true), 401);
    close_rig(&r);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(refusals) + 2];
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    tests[n++] =
        (struct CMUnitTest)CASE("a password becomes a token that the API takes", the_way_in);
    tests[n++] =
        (struct CMUnitTest)CASE("without the Secret nobody signs in", kubeadmin_is_removed);
    return RUN_CASES("sign_in", tests);
}
