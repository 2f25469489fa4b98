#include "pkg/net/tls_client.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/connect_to.h"

struct tls_client {
    struct tls_roots *roots;
    X509_STORE *store; /* NULL: the roots' */
    X509 *cert;
    STACK_OF(X509) * chain;
    EVP_PKEY *key;
    char *server_name;
    bool insecure, disable_http2;
};

/* ---- what a peer brings ---- */

static int refuse_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return -1; /* never ask the terminal */
}

static BIO *bio_of(const char *text, size_t len)
{
    BIO *bio = BIO_new_mem_buf(text, len <= INT32_MAX ? (int)len : INT32_MAX);
    if (!bio)
        abort(); /* for lack of memory only */
    return bio;
}

/* Calls add for every certificate; at least one, no broken one. */
static int each_cert(const char *pem, int (*add)(struct tls_client *t, X509 *cert),
                     struct tls_client *t, const char *what, struct error **err)
{
    BIO *bio = bio_of(pem, strlen(pem));
    int status = 0;
    size_t n = 0;
    for (X509 *cert; status == 0 && (cert = PEM_read_bio_X509(bio, NULL, refuse_password, NULL));) {
        status = add(t, cert);
        X509_free(cert);
        n++;
    }
    BIO_free(bio);
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (status < 0 || !at_end)
        return tls_fail(err, what);
    ERR_clear_error();
    if (n == 0) {
        (void)error_set(err, ERR_INVALID, "%s: no certificate in it", what);
        error_code(err, HTTP_ERR_TLS);
        return -1;
    }
    return 0;
}

static int add_anchor(struct tls_client *t, X509 *cert)
{
    return X509_STORE_add_cert(t->store, cert) == 1 ? 0 : -1;
}

static int add_own(struct tls_client *t, X509 *cert)
{
    X509_up_ref(cert);
    if (!t->cert)
        t->cert = cert;
    else if (sk_X509_push(t->chain, cert) == 0)
        abort(); /* for lack of memory only */
    return 0;
}

static int load_identity(struct tls_client *t, const struct http_peer_config *cfg,
                         struct error **err)
{
    if (!cfg->client_cert_pem && !cfg->client_key_pem)
        return 0;
    if (!cfg->client_cert_pem || !cfg->client_key_pem)
        return error_set(err, ERR_INVALID, "client certificate and key belong together");
    t->chain = sk_X509_new_null();
    if (each_cert(cfg->client_cert_pem, add_own, t, "client certificate", err) < 0)
        return -1;

    size_t len;
    const char *pem = secret_reveal(cfg->client_key_pem, &len);
    BIO *bio = bio_of(pem, len);
    t->key = PEM_read_bio_PrivateKey(bio, NULL, refuse_password, NULL);
    BIO_free(bio);
    if (!t->key)
        return tls_fail(err, "client key");
    if (X509_check_private_key(t->cert, t->key) != 1)
        return tls_fail(err, "client key and certificate");
    return 0;
}

int tls_client_new(const struct http_peer_config *cfg, struct tls_roots *roots,
                   struct tls_client **ret, struct error **err)
{
    if (cfg->ca_pem && cfg->insecure)
        return error_set(err, ERR_INVALID, "a CA bundle and no verification exclude each other");
    cleanup_tls_client struct tls_client *t = xnew(struct tls_client);
    t->roots = roots;
    t->server_name = xstrdup(cfg->server_name);
    t->insecure = cfg->insecure;
    t->disable_http2 = cfg->disable_http2;
    if (cfg->ca_pem) {
        t->store = tls_store_new();
        if (each_cert(cfg->ca_pem, add_anchor, t, "CA bundle", err) < 0)
            return -1;
    }
    if (load_identity(t, cfg, err) < 0)
        return -1;
    *ret = take(t);
    return 0;
}

void tls_client_free(struct tls_client *t)
{
    if (!t)
        return;
    X509_STORE_free(t->store);
    X509_free(t->cert);
    sk_X509_pop_free(t->chain, X509_free);
    EVP_PKEY_free(t->key); /* zeroes it */
    free(t->server_name);
    free(t);
}

bool tls_client_needs_roots(const struct tls_client *t, bool proxy_is_tls)
{
    return proxy_is_tls || (!t->store && !t->insecure);
}

unsigned tls_client_generation(const struct tls_client *t)
{
    return tls_client_needs_roots(t, false) ? tls_roots_generation(t->roots) : 0;
}

/* ---- on the connection ---- */

/* Of the peer's own bundle or the roots. X509_STORE has its own lock and count: many contexts share one. */
static bool use_store(SSL_CTX *ctx, const struct tls_client *t, bool own)
{
    X509_STORE *store = NULL;
    if (!own || !t->store)
        store = tls_roots_give_store(t->roots);
    else if (X509_STORE_up_ref(t->store) == 1)
        store = t->store;
    if (!store)
        return false;
    SSL_CTX_set_cert_store(ctx, store); /* it keeps the reference */
    return true;
}

static bool use_identity(SSL_CTX *ctx, const struct tls_client *t)
{
    if (!t->cert)
        return true;
    if (SSL_CTX_use_certificate(ctx, t->cert) != 1 || SSL_CTX_use_PrivateKey(ctx, t->key) != 1)
        return false;
    for (int i = 0; i < sk_X509_num(t->chain); i++) {
        if (SSL_CTX_add1_chain_cert(ctx, sk_X509_value(t->chain, i)) != 1)
            return false;
    }
    return true;
}

static bool is_ip(const char *host)
{
    cleanup_free char *ip = NULL;
    uint16_t port = 0;
    return address_parse(host, &ip, &port) && port == 0;
}

static bool verify_name(SSL_CTX *ctx, const char *host)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    if (is_ip(host))
        return X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    size_t len = strlen(host);
    return X509_VERIFY_PARAM_set1_host(param, host, len - (len > 1 && host[len - 1] == '.')) == 1;
}

/* curl has put the URL's host into the server name extension by now; the ClientHello is not made yet. */
static void replace_sni(const SSL *ssl, int where, int ret)
{
    (void)ret;
    if (!(where & SSL_CB_HANDSHAKE_START))
        return;
    SSL *own = (SSL *)(uintptr_t)ssl;
    char *name = SSL_CTX_get_app_data(SSL_get_SSL_CTX(own));
    SSL_set_tlsext_host_name(own, is_ip(name) ? NULL : name);
}

static CURLcode on_ssl_ctx(CURL *easy, void *raw_ctx, void *arg)
{
    (void)easy;
    struct tls_session *s = arg;
    const struct tls_client *t = s->client;
    SSL_CTX *ctx = raw_ctx;
    s->handshaking = true;
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER); /* the WebSocket client's may move */
    if (s->proxy_is_tls && !s->proxy_done_) {
        s->proxy_done_ = true; /* curl itself verifies the proxy's name */
        return use_store(ctx, t, false) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
    }
    bool ok = use_identity(ctx, t);
    if (ok && !t->insecure)
        ok = use_store(ctx, t, true) && verify_name(ctx, t->server_name ? t->server_name : s->host);
    if (ok && t->server_name) {
        SSL_CTX_set_app_data(ctx, t->server_name);
        SSL_CTX_set_info_callback(ctx, replace_sni);
    }
    ERR_clear_error();
    return ok ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

void tls_session_new_socket(struct tls_session *s)
{
    s->proxy_done_ = false;
}

void tls_session_apply(struct tls_session *s, CURL *easy)
{
    const struct tls_client *t = s->client;
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    /* Names are checked by verify_name: curl would look at the common name and at the URL's host. */
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, t->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
    /* curl sets trust up once more when the first bytes arrive, after on_ssl_ctx: from its cache it would put one
     * connection's store into the next one's context, a TLS proxy's into the origin's. */
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    /* Each handle would keep its own session cache. */
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, s);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
}
