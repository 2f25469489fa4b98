#include "test/unit/support/pkg/net/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

/* ---- certificates ---- */

static char *give_pem(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = xstrndup(data, (size_t)len);
    BIO_free(bio);
    return text;
}

static X509 *give_cert(const struct wire_pair *p)
{
    BIO *bio = BIO_new_mem_buf(p->cert_pem, -1);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return cert;
}

static EVP_PKEY *give_key(const struct wire_pair *p)
{
    size_t len;
    const char *pem = secret_reveal(p->key_pem, &len);
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return key;
}

struct wire_pair wire_pair_make(const char *common_name, const struct wire_pair *issuer)
{
    static long serial = 1;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    EVP_PKEY *issuer_key = issuer ? give_key(issuer) : key;
    X509 *issuer_cert = issuer ? give_cert(issuer) : NULL;
    X509 *cert = X509_new();

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1,
                               -1, 0);
    X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer_cert) : name);
    assert_true(X509_sign(cert, issuer_key, EVP_sha256()) > 0);

    BIO *cert_bio = BIO_new(BIO_s_mem()), *key_bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(cert_bio, cert);
    PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL);
    cleanup_free char *key_text = give_pem(key_bio);
    struct wire_pair p = { give_pem(cert_bio), secret_new(key_text, strlen(key_text)) };
    X509_free(cert);
    X509_free(issuer_cert);
    if (issuer)
        EVP_PKEY_free(issuer_key);
    EVP_PKEY_free(key);
    return p;
}

void wire_pair_release(struct wire_pair *p)
{
    free(p->cert_pem);
    secret_unref(p->key_pem);
}

/* ---- connecting ---- */

struct wire wire_connect(const char *address, uint16_t port)
{
    struct wire w = { .in = BUF_INIT(BUF_UNBOUNDED) };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };

    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    w.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(w.fd >= 0);
    assert_int_equal(connect(w.fd, (struct sockaddr *)&to, sizeof(to)), 0);
    struct timeval limit = { .tv_sec = WIRE_TIMEOUT_MS / 1000 };
    (void)setsockopt(w.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    (void)setsockopt(w.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    return w;
}

struct wire wire_connect_tls(uint16_t port, const struct wire_pair *identity,
                             const struct wire_pair *intermediate)
{
    struct wire w = wire_connect("127.0.0.1", port);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

    if (identity) {
        X509 *cert = give_cert(identity);
        EVP_PKEY *key = give_key(identity);
        SSL_CTX_use_certificate(ctx, cert);
        SSL_CTX_use_PrivateKey(ctx, key);
        X509_free(cert);
        EVP_PKEY_free(key);
    }
    if (intermediate)
        SSL_CTX_add_extra_chain_cert(ctx, give_cert(intermediate));
    w.ssl = SSL_new(ctx);
    SSL_CTX_free(ctx);
    SSL_set_fd(w.ssl, w.fd);
    if (SSL_connect(w.ssl) != 1) {
        ERR_print_errors_fp(stdout);
        fail_msg("no TLS");
    }
    return w;
}

char *wire_give_server_name(const struct wire *w)
{
    char name[256] = "";
    X509 *cert = SSL_get1_peer_certificate(w->ssl);
    assert_non_null(cert);
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
    X509_free(cert);
    return xstrdup(name);
}

void wire_close(struct wire *w)
{
    SSL_free(w->ssl);
    w->ssl = NULL;
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
    buf_release(&w->in);
}

void wire_half_close(struct wire *w)
{
    assert_int_equal(shutdown(w->fd, SHUT_WR), 0);
}

/* ---- bytes ---- */

void wire_send_n(struct wire *w, const void *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        const char *p = (const char *)data + at;
        ssize_t n =
            w->ssl ? SSL_write(w->ssl, p, (int)(len - at)) : send(w->fd, p, len - at, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server refused and closed; the test reads why */
        at += (size_t)n;
    }
}

void wire_send(struct wire *w, const char *text)
{
    wire_send_n(w, text, strlen(text));
}

/* False at the end of the stream; a timeout fails the test. */
static bool read_more(struct wire *w)
{
    char *room = buf_reserve(&w->in, 65536);
    ssize_t n;

    if (w->ssl) {
        n = SSL_read(w->ssl, room, 65536);
    } else {
        do {
            n = recv(w->fd, room, 65536, 0);
        } while (n < 0 && errno == EINTR);
    }
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        fail_msg("nothing came within %d ms; so far: %s", WIRE_TIMEOUT_MS, buf_str(&w->in));
    buf_advance(&w->in, n > 0 ? (size_t)n : 0);
    return n > 0;
}

static char *give_front(struct wire *w, size_t n)
{
    char *text = xmemdup(w->in.data, n);
    buf_consume(&w->in, n);
    return text;
}

char *wire_give_bytes(struct wire *w, size_t n)
{
    while (w->in.len < n)
        if (!read_more(w))
            fail_msg("closed after: %s", buf_str(&w->in));
    return give_front(w, n);
}

char *wire_give_until(struct wire *w, const char *end)
{
    const char *at;
    while (!w->in.data || !(at = memmem(w->in.data, w->in.len, end, strlen(end))))
        if (!read_more(w))
            fail_msg("closed before '%s': %s", end, buf_str(&w->in));
    return give_front(w, (size_t)(at - w->in.data) + strlen(end));
}

char *wire_give_reply(struct wire *w)
{
    cleanup_free char *head = wire_give_until(w, "\r\n\r\n");
    const char *length = strcasestr(head, "\r\nContent-Length:");
    size_t n = length ? strtoul(strchr(length, ':') + 1, NULL, 10) : 0;
    cleanup_free char *body = wire_give_bytes(w, n);
    return xasprintf("%s%s", head, body);
}

char *wire_give_answer(struct wire *w, const char *request)
{
    wire_send(w, request);
    char *reply = wire_give_reply(w);
    char *date = strstr(reply, "\r\nDate: ");
    if (date) {
        const char *line_end = strstr(date + 2, "\r\n");
        memmove(date, line_end, strlen(line_end) + 1);
    }
    return reply;
}

char *wire_give_rest(struct wire *w)
{
    while (read_more(w))
        ;
    return give_front(w, w->in.len);
}

bool wire_is_closed(struct wire *w)
{
    cleanup_free char *rest = wire_give_rest(w);
    return *rest == '\0';
}
