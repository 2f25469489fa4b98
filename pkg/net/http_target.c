#include "pkg/net/http_target.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/http_impl.h"

/* The address that replaces the URL's host; the peer's own override beats the process's map. */
static void find_dial(struct http_target *t, struct http_peer *peer, char **ret_ip)
{
    uint16_t port = t->url.port;
    if (peer->dial_ip) {
        *ret_ip = xstrdup(peer->dial_ip);
        if (peer->dial_port)
            port = peer->dial_port;
    } else {
        cleanup_free char *mapped =
            connect_to_give(peer->client->connect_to, t->url.host, t->url.port);
        if (!mapped || !address_parse(mapped, ret_ip, &port))
            return;
    }
    /* An empty host and port before it: for whatever the URL says. */
    t->connect_to = xasprintf(strchr(*ret_ip, ':') ? "::[%s]:%u" : "::%s:%u", *ret_ip, port);
}

int http_target_init(struct http_target *t, struct http_peer *peer, const char *url,
                     bool ignore_proxy, struct error **err)
{
    *t = (struct http_target){ 0 };
    if (url_parse(url, &t->url, err) < 0)
        return -1;
    if (strcmp(t->url.scheme, "https") != 0 && strcmp(t->url.scheme, "http") != 0) {
        url_release(&t->url);
        return error_set(err, ERR_INVALID, "not an http or https URL");
    }
    t->origin = xasprintf(strchr(t->url.host, ':') ? "%s://[%s]:%u" : "%s://%s:%u", t->url.scheme,
                          t->url.host, t->url.port);
    cleanup_free char *dial_ip = NULL;
    find_dial(t, peer, &dial_ip);

    const char *proxy = peer->proxy_url;
    if (!proxy)
        proxy = proxy_find(peer->client->proxies, &t->url, dial_ip);
    t->proxy = xstrdup(proxy && !ignore_proxy ? proxy : "");
    t->proxy_is_tls = str_starts(t->proxy, "https:");
    return 0;
}

static bool is_address(const char *host)
{
    cleanup_free char *ip = NULL;
    uint16_t port;
    return address_parse(host, &ip, &port);
}

bool http_target_resolves(const struct http_target *t)
{
    cleanup_url struct url proxy = { 0 };
    if (*t->proxy)
        return url_parse(t->proxy, &proxy, NULL) == 0 && !is_address(proxy.host);
    return !t->connect_to && !is_address(t->url.host);
}

void http_target_release(struct http_target *t)
{
    url_release(&t->url);
    free(t->origin);
    free(t->connect_to);
    free(t->proxy);
    *t = (struct http_target){ 0 };
}

void http_target_apply(const struct http_target *t, CURL *easy, struct curl_slist **ret_list)
{
    /* An empty proxy also keeps curl from looking into the environment. */
    curl_easy_setopt(easy, CURLOPT_PROXY, t->proxy);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    if (t->connect_to) {
        *ret_list = curl_slist_append(NULL, t->connect_to);
        if (!*ret_list)
            abort(); /* memory ended */
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, *ret_list);
    }
}
