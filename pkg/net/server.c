#include "pkg/net/server.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/server_impl.h"

/* Beside connections: the listener, lws' own pipe, some air. */
#define EXTRA_FDS 16
/* How many connections one wake-up accepts before the others get their turn. */
#define ACCEPT_BURST 64
/* When the process has no descriptors left, accepting rests this long. */
#define ACCEPT_REST_US 100000
/* A whole TLS record is read at once. */
#define READ_BYTES 16384

static const int64_t default_header_timeout_ms = 32000;
static const int64_t default_body_timeout_ms = 60000;
static const int64_t default_idle_timeout_ms = 90000;

/* lws creates and destroys contexts with process-wide state that it does not lock. */
static pthread_mutex_t lws_global_mu = PTHREAD_MUTEX_INITIALIZER;

/* ---- the listener (protocol "listen") ---- */

static void pause_listener(struct http_server *s, bool pause)
{
    if (s->listener && s->listener_paused != pause) {
        s->listener_paused = pause;
        lws_rx_flow_control(s->listener, pause ? 0 : 1);
    }
}

void server_go_on_accepting(struct http_server *s)
{
    pause_listener(s, false);
}

static bool is_full(const struct http_server *s)
{
    return s->conns_len >= (size_t)s->cfg.max_connections;
}

/* Slow clients cannot keep others out: a new one takes the place of the one that has waited longest
 * for its request. Who came in this burst is let alone until its bytes had a chance to be read. */
static int accept_some(struct http_server *s, struct lws *wsi)
{
    int type = LWS_ADOPT_SOCKET | (s->tls ? LWS_ADOPT_ALLOW_SSL : 0);

    if (is_full(s)) {
        server_conn_cut_longest_waiting(s);
        pause_listener(s, true); /* until a connection is closed, or waits for a request again */
        return 0;
    }
    for (int i = 0; i < ACCEPT_BURST && !is_full(s); i++) {
        lws_sock_file_fd_type fd = {
            .sockfd = accept4(lws_get_socket_fd(wsi), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC),
        };
        if (fd.sockfd >= 0) {
            (void)lws_adopt_descriptor_vhost(s->vhost, (lws_adoption_type)type, fd, "http", NULL);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            log_warning(s->cfg.log, "no descriptors or memory left: accepting rests");
            pause_listener(s, true);
            lws_set_timer_usecs(wsi, ACCEPT_REST_US);
            return 0;
        }
        if (errno == EAGAIN)
            return 0;
    }
    return 0;
}

static int on_listener(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                       size_t len)
{
    struct http_server *s = lws_context_user(lws_get_context(wsi));
    (void)user;
    (void)in;
    (void)len;

    switch (reason) {
    case LWS_CALLBACK_RAW_RX_FILE:
        return s->closing ? -1 : accept_some(s, wsi);
    case LWS_CALLBACK_TIMER:
        pause_listener(s, false);
        return 0;
    case LWS_CALLBACK_RAW_CLOSE_FILE:
        s->listener = NULL;
        return 0;
    default:
        return 0;
    }
}

/* ---- what other threads gave us ---- */

struct server_grace {
    lws_sorted_usec_list_t timer;
    struct http_server *server;
};

static void on_grace_over(lws_sorted_usec_list_t *timer)
{
    struct http_server *s = container_of(timer, struct server_grace, timer)->server;
    s->grace_over = true;
    lws_cancel_service(s->cx); /* else lws would poll on with nothing to wait for */
}

static void begin_stop(struct http_server *s, int64_t grace_ms)
{
    s->closing = true;
    s->grace_over = grace_ms == 0;
    if (s->listener)
        lws_set_timeout(s->listener, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
    for (int i = 0; i < s->cfg.max_connections; i++)
        if (s->slots[i].conn)
            server_conn_begin_stop(s->slots[i].conn);
    if (grace_ms > 0)
        lws_sul_schedule(s->cx, 0, &s->grace->timer, on_grace_over, grace_ms * 1000);
}

static void on_wake(struct http_server *s)
{
    int64_t grace_ms;

    for (struct http_call *call; (call = server_hub_pop_done(s->hub)) != NULL;) {
        struct server_conn *c = server_conn_find(s, call->conn_id);
        if (c)
            server_conn_reply(c, call);
        else
            call_free(call); /* the client did not wait */
    }
    for (struct outlet *o; (o = server_hub_pop_woken(s->hub)) != NULL;) {
        struct server_conn *c = server_conn_find(s, o->conn_id);
        if (c)
            server_conn_on_wake(c, o);
        outlet_unref(o);
    }
    if (!s->closing && server_hub_is_stopping(s->hub, &grace_ms))
        begin_stop(s, grace_ms);
}

/* ---- connections (protocol "http") ---- */

static int on_adopt(struct http_server *s, struct lws *wsi, struct server_conn **slot)
{
    *slot = s->closing ? NULL : server_conn_new(s, wsi);
    if (!*slot)
        return -1;
    /* Without this lws ends every connection after timeout_secs. */
    lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
    return 0;
}

static int on_connection(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                         size_t len)
{
    struct http_server *s = lws_context_user(lws_get_context(wsi));
    struct server_conn **slot = user;

    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
        if (s->tls)
            server_tls_configure(s->tls, user);
        return 0;
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        on_wake(s);
        return 0;
    case LWS_CALLBACK_RAW_ADOPT:
        return on_adopt(s, wsi, slot);
    case LWS_CALLBACK_RAW_RX:
        if (!*slot)
            return -1;
        lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0); /* the handshake set it again */
        return server_conn_on_rx(*slot, in, len);
    case LWS_CALLBACK_RAW_WRITEABLE:
        return *slot ? server_conn_on_writable(*slot) : -1;
    case LWS_CALLBACK_TIMER:
        return slot && *slot ? server_conn_on_timer(*slot) : -1;
    case LWS_CALLBACK_RAW_CLOSE:
        if (slot && *slot) {
            server_conn_free(take(*slot));
            server_go_on_accepting(s);
            if (s->closing && s->conns_len == 0)
                lws_cancel_service(s->cx); /* the loop is to look up from its poll */
        }
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "http",
      .callback = on_connection,
      .per_session_data_size = sizeof(struct server_conn *) },
    { .name = "listen", .callback = on_listener },
    { 0 },
};

/* ---- start and stop ---- */

static void service(void *arg)
{
    struct http_server *s = arg;

    while (!s->closing || (s->conns_len > 0 && !s->grace_over))
        (void)lws_service(s->cx, 0);

    server_pool_start_nothing(s->pool);
    stop_request(s->stop); /* handlers that still run had their time */
    lws_sul_cancel(&s->grace->timer);
    server_hub_close(s->hub);
    pthread_mutex_lock(&lws_global_mu);
    lws_context_destroy(s->cx);
    pthread_mutex_unlock(&lws_global_mu);
}

static void set_defaults(struct http_server_config *cfg)
{
    if (!cfg->name)
        cfg->name = "http";
    if (!cfg->workers)
        cfg->workers = 4;
    if (!cfg->queue_max)
        cfg->queue_max = 256;
    if (!cfg->max_header_bytes)
        cfg->max_header_bytes = (size_t)64 << 10;
    if (!cfg->max_body_bytes)
        cfg->max_body_bytes = (size_t)1 << 20;
    if (!cfg->header_timeout_ms)
        cfg->header_timeout_ms = default_header_timeout_ms;
    if (!cfg->body_timeout_ms)
        cfg->body_timeout_ms = default_body_timeout_ms;
    if (!cfg->idle_timeout_ms)
        cfg->idle_timeout_ms = default_idle_timeout_ms;
    if (!cfg->max_connections)
        cfg->max_connections = 4096;
    if (!cfg->clock)
        cfg->clock = clock_system();
    if (!cfg->rng)
        cfg->rng = rng_system();
}

static void copy_routes(struct http_server_config *cfg)
{
    struct http_route *routes = xcalloc(cfg->routes_len + 1, sizeof(*routes));
    for (size_t i = 0; i < cfg->routes_len; i++) {
        routes[i] = cfg->routes[i];
        routes[i].method = xstrdup(routes[i].method);
        routes[i].pattern = xstrdup(routes[i].pattern);
    }
    cfg->routes = routes;
}

static void free_text(const char *text)
{
    free((void *)(uintptr_t)text);
}

static void server_free(struct http_server *s)
{
    server_pool_stop(s->pool);
    for (size_t i = 0; i < s->cfg.routes_len; i++) {
        free_text(s->cfg.routes[i].method);
        free_text(s->cfg.routes[i].pattern);
    }
    free((void *)(uintptr_t)s->cfg.routes);
    free_text(s->cfg.name);
    server_tls_free(s->tls);
    stop_unref(s->stop);
    server_hub_unref(s->hub);
    free(s->grace);
    free(s->slots);
    free(s);
}
DEFINE_RELEASE(struct http_server *, server_free)

static struct http_server *server_new(const struct http_server_config *cfg)
{
    struct http_server *s = xnew(struct http_server);

    s->cfg = *cfg;
    set_defaults(&s->cfg);
    copy_routes(&s->cfg);
    s->cfg.name = xstrdup(s->cfg.name);
    s->cfg.bind_address = NULL; /* these three serve the start only */
    s->cfg.cert_pem = NULL;
    s->cfg.key_pem = NULL;
    s->limits = (struct framer_limits){ s->cfg.max_header_bytes, s->cfg.max_body_bytes,
                                        s->cfg.give_cut_bodies };
    s->hub = server_hub_new();
    s->stop = stop_new(NULL);
    s->slots = xcalloc((size_t)s->cfg.max_connections, sizeof(*s->slots));
    s->grace = xnew(struct server_grace);
    s->grace->server = s;
    return s;
}

static unsigned int whole_seconds(int64_t ms)
{
    int64_t s = (ms + 999) / 1000;
    return s < 1 ? 1 : s > 20 ? 20 : (unsigned int)s;
}

static int create_vhost(struct http_server *s, int listen_fd, struct error **err)
{
    struct lws_context_creation_info info = {
        .port = s->tls ? CONTEXT_PORT_NO_LISTEN_SERVER : CONTEXT_PORT_NO_LISTEN,
        .protocols = protocols,
        .vhost_name = s->cfg.name,
        .alpn = "http/1.1", /* left out, lws would agree to HTTP/2 and serve it itself */
        /* The last one keeps lws from loading the system's authorities for a client's context. */
        .options = s->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                                LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
                                LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG
                          : 0,
        .ka_time = 60, /* a client whose machine died is found by TCP */
        .ka_probes = 4,
        .ka_interval = 15,
        .timeout_secs = whole_seconds(s->cfg.header_timeout_ms),
    };
    s->vhost = lws_create_vhost(s->cx, &info);
    if (!s->vhost)
        return error_set(err, ERR_INTERNAL, "libwebsockets made no virtual host");
    lws_sock_file_fd_type fd = { .filefd = listen_fd };
    s->listener = lws_adopt_descriptor_vhost(s->vhost, LWS_ADOPT_RAW_FILE_DESC, fd, "listen", NULL);
    if (!s->listener)
        return error_set(err, ERR_INTERNAL, "libwebsockets did not take the listening socket");
    return 0;
}

static int create_context(struct http_server *s, int listen_fd, struct error **err)
{
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options =
            LWS_SERVER_OPTION_EXPLICIT_VHOSTS | (s->tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .user = s,
        .fd_limit_per_thread = (unsigned int)s->cfg.max_connections + EXTRA_FDS,
        .pt_serv_buf_size = READ_BYTES,
        .timeout_secs = whole_seconds(s->cfg.header_timeout_ms),
    };
    int result = -1;

    pthread_mutex_lock(&lws_global_mu);
    lws_set_log_level(0, NULL); /* libraries do not log */
    s->cx = lws_create_context(&info);
    if (!s->cx)
        error_set(err, ERR_INTERNAL, "libwebsockets made no context");
    else
        result = create_vhost(s, listen_fd, err);
    if (!s->listener)
        (void)close(listen_fd);
    if (result < 0 && s->cx)
        lws_context_destroy(s->cx);
    pthread_mutex_unlock(&lws_global_mu);
    return result;
}

int http_server_start(const struct http_server_config *cfg, struct http_server **ret,
                      struct error **err)
{
    CLEANUP_WITH(server_free_slot) struct http_server *s = server_new(cfg);
    int listen_fd = -1;

    if (cfg->cert_pem &&
        server_tls_new(cfg->cert_pem, cfg->key_pem, cfg->request_client_cert, &s->tls, err) < 0)
        return error_wrap(err, "starting server %s", s->cfg.name);
    if (server_listen(cfg->bind_address, cfg->port, &listen_fd, &s->port, err) < 0 ||
        create_context(s, listen_fd, err) < 0)
        return error_wrap(err, "starting server %s", s->cfg.name);
    server_hub_open(s->hub, s->cx);
    if (server_pool_start(s->cfg.name, s->cfg.workers, s->cfg.queue_max, s->hub, &s->pool, err) <
            0 ||
        thread_start(&s->thread, s->cfg.name, service, s, err) < 0) {
        server_hub_close(s->hub);
        lws_context_destroy(s->cx);
        return error_wrap(err, "starting server %s", s->cfg.name);
    }
    *ret = take(s);
    return 0;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

void http_server_stop(struct http_server *s, int64_t grace_ms)
{
    if (!s)
        return;
    server_hub_stop(s->hub, grace_ms);
    pthread_join(s->thread, NULL);
    server_free(s);
}

int http_server_set_cert(struct http_server *s, const char *cert_pem, const struct secret *key_pem,
                         struct error **err)
{
    if (!s->tls)
        return error_set(err, ERR_INVALID, "server %s does not speak TLS", s->cfg.name);
    return server_tls_set(s->tls, cert_pem, key_pem, err);
}
