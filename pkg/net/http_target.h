/* http_target.h - where a URL is reached: origin, dial address, proxy. Private to pkg/net. */
#ifndef PKG_NET_HTTP_TARGET_H
#define PKG_NET_HTTP_TARGET_H

#include <curl/curl.h>

#include "pkg/net/http_client.h"
#include "pkg/net/url.h"

struct http_target {
    struct url url;
    char *origin;     /* "https://host:port": for messages (no path, no query) and to compare */
    char *connect_to; /* as CURLOPT_CONNECT_TO wants it; NULL: the URL's own address */
    char *proxy;      /* never NULL; "" = none */
    bool proxy_is_tls;
};
/* On failure there is nothing to release. ERR_INVALID: not an http or https URL. */
int http_target_init(struct http_target *t, struct http_peer *peer, const char *url,
                     bool ignore_proxy, struct error **err);
/* Whether a name has to be resolved for a connection to it: its own or its proxy's. */
bool http_target_resolves(const struct http_target *t);
void http_target_release(struct http_target *t);
/* Sets the options for address and proxy. *ret_list has to be freed after the handle. */
void http_target_apply(const struct http_target *t, CURL *easy, struct curl_slist **ret_list);

#endif
