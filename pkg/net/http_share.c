/* Peers that are shared by those who ask for the same. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
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
    add_bytes(md, &cfg->dial_rules, sizeof(cfg->dial_rules));
    (void)EVP_DigestFinal_ex(md, key, NULL);
    EVP_MD_CTX_free(md);
}

/* With the lock held: another share of the peer with this key; NULL: there is none. */
static struct http_peer *find(const struct http_client *c, const unsigned char key[SHARE_KEY_LEN])
{
    struct http_peer *p = c->shared;
    while (p && memcmp(p->share_key, key, SHARE_KEY_LEN) != 0)
        p = p->share_next;
    return p ? http_peer_ref(p) : NULL;
}

/* Another share of an equal peer, or fresh (consumed) from now on; NULL: neither. */
static struct http_peer *find_or_add(struct http_client *c, const unsigned char key[SHARE_KEY_LEN],
                                     struct http_peer *fresh)
{
    pthread_mutex_lock(&c->share_mu);
    struct http_peer *p = find(c, key);
    if (!p && fresh) {
        p = take(fresh);
        memcpy(p->share_key, key, SHARE_KEY_LEN);
        p->is_shared = true;
        p->share_next = c->shared;
        c->shared = p;
    }
    pthread_mutex_unlock(&c->share_mu);
    http_peer_unref(fresh);
    return p;
}

int http_peer_share(struct http_client *c, const struct http_peer_config *cfg,
                    struct http_peer **ret, struct error **err)
{
    unsigned char key[SHARE_KEY_LEN];
    make_key(cfg, key);
    struct http_peer *p = find_or_add(c, key, NULL);
    if (!p) {
        /* Making one waits for the I/O thread, so not under the lock. Of two that are made at once,
         * one is dropped again. */
        struct http_peer *fresh = NULL;
        if (http_peer_new(c, cfg, &fresh, err) < 0)
            return -1;
        p = find_or_add(c, key, fresh);
    }
    *ret = p;
    return 0;
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
