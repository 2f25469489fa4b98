/* Peers that are shared by those who ask for the same. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/net/http_impl.h"

/* NULL and "" are different; the length keeps neighbours apart. */
static void add_bytes(EVP_MD_CTX *md, const void *data, size_t len)
{
    uint64_t n = data ? len + 1 : 0;
    (void)EVP_DigestUpdate(md, &n, sizeof(n));
    if (data)
        (void)EVP_DigestUpdate(md, data, len);
}

static void add_text(EVP_MD_CTX *md, const char *text)
{
    add_bytes(md, text, text ? strlen(text) : 0);
}

static void make_key(const struct http_peer_config *cfg, unsigned char key[SHARE_KEY_LEN])
{
    size_t secret_len = 0;
    const char *secret =
        cfg->client_key_pem ? secret_reveal(cfg->client_key_pem, &secret_len) : NULL;
    int64_t numbers[] = { cfg->idle_ms, cfg->ping_ms, cfg->insecure, cfg->disable_http2 };
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        abort(); /* for lack of memory only */
    add_text(md, cfg->ca_pem);
    add_text(md, cfg->client_cert_pem);
    add_bytes(md, secret, secret_len);
    add_text(md, cfg->server_name);
    add_text(md, cfg->proxy_url);
    add_text(md, cfg->dial_address);
    add_text(md, cfg->probe_path);
    add_bytes(md, numbers, sizeof(numbers));
    (void)EVP_DigestFinal_ex(md, key, NULL);
    EVP_MD_CTX_free(md);
}

int http_peer_share(struct http_client *c, const struct http_peer_config *cfg,
                    struct http_peer **ret, struct error **err)
{
    unsigned char key[SHARE_KEY_LEN];
    int status = 0;
    make_key(cfg, key);
    pthread_mutex_lock(&c->share_mu);
    struct http_peer *p = c->shared;
    while (p && memcmp(p->share_key, key, sizeof(key)) != 0)
        p = p->share_next;
    if (p) {
        *ret = http_peer_ref(p);
    } else if ((status = http_peer_new(c, cfg, &p, err)) == 0) {
        memcpy(p->share_key, key, sizeof(key));
        p->is_shared = true;
        p->share_next = c->shared;
        c->shared = p;
        *ret = p;
    }
    pthread_mutex_unlock(&c->share_mu);
    return status;
}

bool share_unref(struct http_peer *peer)
{
    struct http_client *c = peer->client;
    pthread_mutex_lock(&c->share_mu);
    bool last = atomic_fetch_sub_explicit(&peer->refs, 1, memory_order_acq_rel) == 1;
    if (last) {
        struct http_peer **at = &c->shared;
        while (*at != peer)
            at = &(*at)->share_next;
        *at = peer->share_next;
    }
    pthread_mutex_unlock(&c->share_mu);
    return last;
}
