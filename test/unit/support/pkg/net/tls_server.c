#include "test/unit/support/pkg/net/tls_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"

struct server_conn {
    struct tls_server *server;
    struct server_conn *next;
    pthread_t thread;
    int fd;
    bool open; /* with the server's lock: fd may be shut down */
    SSL *ssl;
    struct buf in;
    unsigned id;
};

struct tls_server {
    struct tls_server_config cfg;
    SSL_CTX *ctx;
    int fd;
    unsigned port;
    pthread_t acceptor;
    pthread_mutex_t mu; /* guards the rest */
    struct server_conn *conns;
    unsigned accepted;
    bool stopping;
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* ---- bytes ---- */

void call_write(struct server_call *c, const void *data, size_t len)
{
    struct server_conn *conn = c->conn;
    const char *p = data;
    while (len > 0) {
        ssize_t n =
            conn->ssl ? SSL_write(conn->ssl, p, (int)len) : send(conn->fd, p, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        p += n;
        len -= (size_t)n;
    }
}

void call_writes(struct server_call *c, const char *text)
{
    call_write(c, text, strlen(text));
}

void call_reply(struct server_call *c, int status, const char *headers, const char *body)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&b, "HTTP/1.1 %d Scripted\r\n%sContent-Length: %zu\r\n\r\n", status, headers,
             strlen(body));
    if (strcmp(c->req->method, "HEAD") != 0)
        buf_adds(&b, body);
    call_write(c, b.data, b.len);
    buf_release(&b);
}

static bool read_more(struct server_conn *conn)
{
    char *room = buf_reserve(&conn->in, 4096);
    if (!room)
        return false;
    ssize_t n = conn->ssl ? SSL_read(conn->ssl, room, 4096) : recv(conn->fd, room, 4096, 0);
    if (n <= 0)
        return false;
    buf_advance(&conn->in, (size_t)n);
    return true;
}

bool call_read(struct server_call *c, void *data, size_t len)
{
    while (c->conn->in.len < len) {
        if (!read_more(c->conn))
            return false;
    }
    memcpy(data, buf_str(&c->conn->in), len);
    buf_consume(&c->conn->in, len);
    return true;
}

void call_stall(struct server_call *c)
{
    while (read_more(c->conn))
        ;
}

bool call_reset(struct server_call *c)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };
    (void)setsockopt(c->conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    return call_cut(c);
}

bool call_cut(struct server_call *c)
{
    if (c->conn->ssl)
        SSL_set_quiet_shutdown(c->conn->ssl, 1);
    return false;
}

bool call_die(struct server_call *c)
{
    (void)shutdown(c->conn->server->fd, SHUT_RDWR);
    return call_cut(c);
}

/* ---- requests ---- */

static void request_release(struct server_request *r)
{
    free(r->method);
    free(r->target);
    free(r->sni);
    free(r->client_name);
    http_headers_release(&r->headers);
    buf_release(&r->body);
}

static char *give_client_name(SSL *ssl)
{
    char name[128] = "";
    X509 *cert = ssl ? SSL_get1_peer_certificate(ssl) : NULL;
    if (cert)
        X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
    X509_free(cert);
    return xstrdup(name);
}

static bool parse_head(struct server_request *r, const char *text, size_t len)
{
    cleanup_free char *head = xstrndup(text, len);
    cleanup_strv struct strv lines = STRV_INIT, words = STRV_INIT;
    strv_split(&lines, head, "\r\n", false);
    if (lines.len == 0)
        return false;
    strv_split(&words, lines.v[0], " ", false);
    if (words.len != 3)
        return false;
    r->method = xstrdup(words.v[0]);
    r->target = xstrdup(words.v[1]);
    for (size_t i = 1; i < lines.len; i++) {
        char *colon = strchr(lines.v[i], ':');
        if (!colon)
            return false;
        *colon = '\0';
        cleanup_free char *value = str_give_trimmed(colon + 1);
        http_headers_add(&r->headers, lines.v[i], value);
    }
    return true;
}

static bool read_request(struct server_conn *conn, struct server_request *r)
{
    const char *end;
    while (!(end = strstr(buf_str(&conn->in), "\r\n\r\n"))) {
        if (!read_more(conn))
            return false;
    }
    size_t head_len = (size_t)(end - conn->in.data) + 4;
    if (!parse_head(r, conn->in.data, head_len))
        return false;
    buf_consume(&conn->in, head_len);

    long long len = 0;
    (void)str_to_int(http_headers_get(&r->headers, "Content-Length"), 0, 1 << 30, &len);
    while (conn->in.len < (size_t)len) {
        if (!read_more(conn))
            return false;
    }
    buf_init(&r->body, BUF_UNBOUNDED);
    buf_add(&r->body, buf_str(&conn->in), (size_t)len);
    buf_consume(&conn->in, (size_t)len);
    return true;
}

static bool serve_one(struct server_conn *conn, unsigned nth)
{
    struct server_request req = { .connection = conn->id, .nth = nth };
    const char *sni = conn->ssl ? SSL_get_servername(conn->ssl, TLSEXT_NAMETYPE_host_name) : NULL;
    req.sni = xstrdup(sni ? sni : "");
    req.client_name = give_client_name(conn->ssl);
    struct server_call call = { .req = &req, .arg = conn->server->cfg.arg, .conn = conn };
    bool go_on = read_request(conn, &req) && conn->server->cfg.script(&call);
    request_release(&req);
    return go_on;
}

static void serve(void *arg)
{
    struct server_conn *conn = arg;
    if (!conn->ssl || SSL_accept(conn->ssl) == 1) {
        for (unsigned nth = 1; serve_one(conn, nth); nth++)
            ;
        if (conn->ssl)
            (void)SSL_shutdown(conn->ssl);
    }
    ERR_clear_error();
    SSL_free(conn->ssl);
    buf_release(&conn->in);
    pthread_mutex_lock(&conn->server->mu);
    conn->open = false;
    (void)close(conn->fd);
    pthread_mutex_unlock(&conn->server->mu);
}

/* ---- the server ---- */

static void add_conn(struct tls_server *s, int fd)
{
    struct server_conn *conn = xnew(struct server_conn);
    conn->server = s;
    conn->fd = fd;
    conn->open = true;
    buf_init(&conn->in, BUF_UNBOUNDED);
    if (s->ctx) {
        conn->ssl = SSL_new(s->ctx);
        must(conn->ssl && SSL_set_fd(conn->ssl, fd) == 1);
    }
    pthread_mutex_lock(&s->mu);
    conn->id = ++s->accepted;
    if (s->stopping)
        (void)shutdown(fd, SHUT_RDWR);
    must(thread_start(&conn->thread, "scripted", serve, conn, NULL) == 0);
    conn->next = s->conns;
    s->conns = conn;
    pthread_mutex_unlock(&s->mu);
}

static void accept_all(void *arg)
{
    struct tls_server *s = arg;
    for (int fd; (fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0 || errno == ECONNABORTED ||
                 errno == EINTR;) {
        if (fd >= 0)
            add_conn(s, fd);
    }
}

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                     const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char h2[] = "\x02h2";
    (void)ssl;
    (void)arg;
    return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, h2, sizeof(h2) - 1, in,
                                 in_len) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_NOACK;
}

static SSL_CTX *give_context(const struct tls_server_config *cfg)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    BIO *bio = BIO_new_mem_buf(cfg->cert->cert_pem, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    bio = BIO_new_mem_buf(cfg->cert->key_pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    must(SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1);
    X509_free(cert);
    EVP_PKEY_free(key);
    if (cfg->http2)
        SSL_CTX_set_alpn_select_cb(ctx, choose_h2, NULL);
    if (cfg->client_ca) {
        bio = BIO_new_mem_buf(cfg->client_ca->cert_pem, -1);
        X509 *ca = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        BIO_free(bio);
        must(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), ca) == 1);
        X509_free(ca);
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    }
    return ctx;
}

struct tls_server *tls_server_start(const struct tls_server_config *cfg)
{
    struct tls_server *s = xnew(struct tls_server);
    s->cfg = *cfg;
    if (cfg->cert)
        s->ctx = give_context(cfg);
    pthread_mutex_init(&s->mu, NULL);
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(s->fd >= 0 && bind(s->fd, (struct sockaddr *)&addr, len) == 0 && listen(s->fd, 256) == 0 &&
         getsockname(s->fd, (struct sockaddr *)&addr, &len) == 0);
    s->port = ntohs(addr.sin_port);
    must(thread_start(&s->acceptor, "acceptor", accept_all, s, NULL) == 0);
    return s;
}

unsigned tls_server_port(const struct tls_server *s)
{
    return s->port;
}

unsigned tls_server_connections(struct tls_server *s)
{
    pthread_mutex_lock(&s->mu);
    unsigned n = s->accepted;
    pthread_mutex_unlock(&s->mu);
    return n;
}

char *tls_server_give_url(const struct tls_server *s, const char *host, const char *path)
{
    return xasprintf("%s://%s:%u%s", s->ctx ? "https" : "http", host, s->port, path);
}

void tls_server_stop(struct tls_server *s)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->mu);
    s->stopping = true;
    for (struct server_conn *c = s->conns; c; c = c->next) {
        if (c->open)
            (void)shutdown(c->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&s->mu);
    (void)shutdown(s->fd, SHUT_RDWR);
    pthread_join(s->acceptor, NULL);
    for (struct server_conn *c = s->conns, *next; c; c = next) {
        next = c->next;
        pthread_join(c->thread, NULL);
        free(c);
    }
    (void)close(s->fd);
    SSL_CTX_free(s->ctx);
    pthread_mutex_destroy(&s->mu);
    free(s);
}
