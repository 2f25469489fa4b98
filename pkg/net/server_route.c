#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/net/server_impl.h"

static void forget_params(struct http_call *c)
{
    for (size_t i = 0; i < c->params_len; i++) {
        free(c->params[i].name);
        free(c->params[i].value);
    }
    c->params_len = 0;
}

/* Segment by segment; "{name}" takes one that is not empty, a last "*" takes the rest. */
static bool match_pattern(struct http_call *c, const char *pattern, const char *path)
{
    for (;;) {
        if (strcmp(pattern, "*") == 0) {
            call_add_param(c, "*", path, strlen(path));
            return true;
        }
        size_t pattern_len = strcspn(pattern, "/");
        size_t path_len = strcspn(path, "/");
        if (pattern_len >= 2 && pattern[0] == '{' && pattern[pattern_len - 1] == '}') {
            if (path_len == 0)
                return false;
            cleanup_free char *name = strndup(pattern + 1, pattern_len - 2);
            call_add_param(c, name, path, path_len);
        } else if (pattern_len != path_len || memcmp(pattern, path, path_len) != 0) {
            return false;
        }
        pattern += pattern_len;
        path += path_len;
        if (*pattern != *path)
            return false;
        if (*pattern == '\0')
            return true;
        pattern++;
        path++;
    }
}

static bool takes_head(const struct http_call *c, const struct http_route *r)
{
    return str_eq(r->method, "GET") && !c->server->cfg.head_apart;
}

static bool match_method(const struct http_call *c, const struct http_route *r)
{
    return !r->method || str_eq(r->method, c->req.method) || (call_is_head(c) && takes_head(c, r));
}

int http_call_route(struct http_call *c, const char *path, const struct http_route *routes,
                    size_t len, const struct http_route **ret, struct error **err)
{
    cleanup_strv struct strv allowed = STRV_INIT;

    for (size_t i = 0; i < len; i++) {
        const struct http_route *r = &routes[i];
        forget_params(c);
        if (r->pattern && !match_pattern(c, r->pattern, path))
            continue;
        if (match_method(c, r)) {
            *ret = r;
            return 0;
        }
        strv_add_unique(&allowed, r->method);
        if (takes_head(c, r))
            strv_add_unique(&allowed, "HEAD");
    }
    forget_params(c);
    if (allowed.len == 0)
        return error_set(err, ERR_NOT_FOUND, "no such path");
    cleanup_free char *allow = strv_give_joined(&allowed, ", ");
    http_call_set_header(c, "Allow", allow);
    return error_set(err, ERR_METHOD, "method %s is not supported here", c->req.method);
}

int server_route(struct http_call *c, struct error **err)
{
    const struct http_server_config *cfg = &c->server->cfg;
    return http_call_route(c, c->path, cfg->routes, cfg->routes_len, &c->route, err);
}
