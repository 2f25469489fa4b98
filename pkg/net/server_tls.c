#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/net/server_impl.h"

/* Everything that may go into one chain; more is a mistake or an attack. */
#define CHAIN_MAX 16

struct server_tls {
    bool request_client_cert;
    pthread_mutex_t mu;
    /* Under mu: taken anew by every handshake, so that a change needs no restart. */
    X509 *cert;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
};

static int set_ssl_error(struct error **err, const char *what)
{
    char reason[256] = "unknown";
    unsigned long code = ERR_get_error();
    if (code)
        ERR_error_string_n(code, reason, sizeof(reason));
    ERR_clear_error();
    return error_set(err, ERR_INVALID, "%s: %s", what, reason);
}

static void free_chain(STACK_OF(X509) * chain)
{
    sk_X509_pop_free(chain, X509_free);
}
DEFINE_RELEASE(X509 *, X509_free)
DEFINE_RELEASE(EVP_PKEY *, EVP_PKEY_free)
DEFINE_RELEASE(STACK_OF(X509) *, free_chain)
DEFINE_RELEASE(BIO *, BIO_vfree)

static int parse_certs(const char *pem, X509 **ret_cert, STACK_OF(X509) * *ret_chain,
                       struct error **err)
{
    CLEANUP_WITH(BIO_vfree_slot) BIO *bio = BIO_new_mem_buf(pem, -1);
    CLEANUP_WITH(X509_free_slot) X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    CLEANUP_WITH(free_chain_slot) STACK_OF(X509) *chain = sk_X509_new_null();

    if (!leaf)
        return set_ssl_error(err, "reading the certificate");
    for (X509 *next; (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL;)
        sk_X509_push(chain, next);
    unsigned long code = ERR_peek_last_error();
    if (ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
        return set_ssl_error(err, "reading the certificate's chain");
    ERR_clear_error();
    *ret_cert = take(leaf);
    *ret_chain = take(chain);
    return 0;
}

int server_tls_set(struct server_tls *t, const char *cert_pem, const struct secret *key_pem,
                   struct error **err)
{
    X509 *cert = NULL;
    STACK_OF(X509) *chain = NULL;
    size_t key_len = 0;

    const char *key_text = key_pem ? secret_reveal(key_pem, &key_len) : "";
    CLEANUP_WITH(BIO_vfree_slot) BIO *bio = BIO_new_mem_buf(key_text, (int)key_len);
    CLEANUP_WITH(EVP_PKEY_free_slot) EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
    if (!key)
        return set_ssl_error(err, "reading the private key");
    if (parse_certs(cert_pem, &cert, &chain, err) < 0)
        return -1;
    if (X509_check_private_key(cert, key) != 1) {
        X509_free(cert);
        free_chain(chain);
        return set_ssl_error(err, "the private key does not fit the certificate");
    }

    pthread_mutex_lock(&t->mu);
    X509 *old_cert = t->cert;
    EVP_PKEY *old_key = t->key;
    STACK_OF(X509) *old_chain = t->chain;
    t->cert = cert;
    t->key = take(key);
    t->chain = chain;
    pthread_mutex_unlock(&t->mu);
    X509_free(old_cert);
    EVP_PKEY_free(old_key);
    free_chain(old_chain);
    return 0;
}

int server_tls_new(const char *cert_pem, const struct secret *key_pem, bool request_client_cert,
                   struct server_tls **ret, struct error **err)
{
    struct server_tls *t = xnew(struct server_tls);
    t->request_client_cert = request_client_cert;
    mutex_init(&t->mu);
    if (server_tls_set(t, cert_pem, key_pem, err) < 0) {
        server_tls_free(t);
        return -1;
    }
    *ret = t;
    return 0;
}

void server_tls_free(struct server_tls *t)
{
    if (!t)
        return;
    X509_free(t->cert);
    EVP_PKEY_free(t->key);
    free_chain(t->chain);
    pthread_mutex_destroy(&t->mu);
    free(t);
}

/* Runs in every handshake. */
static int give_cert(SSL *ssl, void *arg)
{
    struct server_tls *t = arg;
    pthread_mutex_lock(&t->mu);
    int ok = SSL_use_cert_and_key(ssl, t->cert, t->key, t->chain, 1);
    pthread_mutex_unlock(&t->mu);
    return ok;
}

/* Who the client is gets decided by the handler, which knows the authority to check against. */
static int accept_any_client(X509_STORE_CTX *store, void *arg)
{
    (void)arg;
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl;
    (void)arg;
    unsigned char *chosen;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

void server_tls_configure(struct server_tls *t, void *ssl_ctx)
{
    SSL_CTX *ctx = ssl_ctx;

    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set1_groups_list(ctx, "X25519:P-256:P-384");
    SSL_CTX_set_cert_cb(ctx, give_cert, t);
    SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, NULL);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* Idle connections give their buffers back; half the memory of a connection. */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    /* A resumed session would bring a client certificate without its chain. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx, 0);
    if (t->request_client_cert) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
        SSL_CTX_set_cert_verify_callback(ctx, accept_any_client, NULL);
    }
}

static struct bytes *give_der(X509 *cert)
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    if (len < 0)
        return NULL;
    struct bytes *b = bytes_new(der, (size_t)len);
    OPENSSL_free(der);
    return b;
}

void server_tls_read_peer(void *ssl, struct server_peer *p)
{
    CLEANUP_WITH(X509_free_slot) X509 *leaf = SSL_get1_peer_certificate(ssl);
    if (!leaf)
        return;
    p->leaf = give_der(leaf);
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl); /* a server's does not hold the leaf */
    int n = chain ? sk_X509_num(chain) : 0;
    if (n > CHAIN_MAX)
        n = CHAIN_MAX;
    p->chain = xcalloc((size_t)n + 1, sizeof(struct bytes *));
    for (int i = 0; i < n; i++) {
        struct bytes *der = give_der(sk_X509_value(chain, i));
        if (der)
            p->chain[p->chain_len++] = der;
    }
}

void server_tls_say_goodbye(void *ssl)
{
    (void)SSL_shutdown(ssl); /* the answer is not awaited */
    ERR_clear_error();
}
