/* A request taken apart. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"
#include "rp/syncsets/api/impl.h"

/* ---- the path ---- */

static int give_part(const struct http_call *call, const char *param, char **ret,
                     struct error **err)
{
    const char *raw = http_call_param(call, param);
    *ret = NULL;
    if (raw && (!percent_parse(raw, ret) || **ret == '\0' || !utf8_is_valid(*ret, strlen(*ret))))
        return error_set(err, ERR_INVALID, "the path is malformed");
    return 0;
}

/* "name:action" */
static void split_action(struct sets_request *r)
{
    char *colon = r->name ? strchr(r->name, ':') : NULL;
    if (!colon)
        return;
    r->action = xstrdup(colon + 1);
    *colon = '\0';
}

static int read_path(struct sets_request *r, struct error **err)
{
    cleanup_free char *plural = NULL, *first = NULL, *second = NULL;
    if (give_part(r->call, "plural", &plural, err) < 0 ||
        give_part(r->call, "first", &first, err) < 0 ||
        give_part(r->call, "second", &second, err) < 0)
        return -1;
    r->type = api_type_find(plural);
    if (!r->type || (r->type->global && second))
        return error_set(err, ERR_NOT_FOUND, "there is no such path");
    if (r->type->global) {
        r->nspace = xstrdup("");
        r->name = take(first);
    } else {
        r->nspace = take(first);
        r->name = take(second);
    }
    split_action(r);
    return 0;
}

int sets_request_init(struct sets_request *r, struct sets_api *api, struct http_call *call,
                      const struct opctx *ctx, struct error **err)
{
    *r = (struct sets_request){ .api = api, .call = call, .ctx = ctx };
    if (sets_access_identify(api->cfg.access, call, &r->who, err) < 0)
        return -1;
    return read_path(r, err);
}

void sets_request_release(struct sets_request *r)
{
    free(r->nspace);
    free(r->name);
    free(r->action);
    free(r->who);
}

int sets_request_allow(const struct sets_request *r, enum sets_role role, const char *nspace,
                       struct error **err)
{
    static const char *const words[] = { "nothing", "viewer", "editor", "admin" };
    const char *place = r->type->global ? NULL : nspace;
    if (sets_access_role(r->api->cfg.access, r->who, place) >= role)
        return 0;
    return error_set(err, ERR_FORBIDDEN, "%s needs the role %s %s%s for %s", r->who, words[role],
                     place ? "in namespace " : "everywhere", place ? place : "", r->type->plural);
}

/* ---- the query ---- */

int sets_request_text(const struct sets_request *r, const char *name, char **ret,
                      struct error **err)
{
    cleanup_free char *text = query_give(http_call_query(r->call), name);
    if (text && !utf8_is_valid(text, strlen(text)))
        return error_set(err, ERR_INVALID, "%s: the value is no UTF-8", name);
    *ret = take(text);
    return 0;
}

int sets_request_bool(const struct sets_request *r, const char *name, bool *ret, struct error **err)
{
    cleanup_free char *text = NULL;
    if (sets_request_text(r, name, &text, err) < 0)
        return -1;
    *ret = text && (str_eq(text, "true") || str_eq(text, "1") || *text == '\0');
    if (!text || *ret || str_eq(text, "false") || str_eq(text, "0"))
        return 0;
    return error_set(err, ERR_INVALID, "%s: '%.80s' is neither true nor false", name, text);
}

int sets_request_int(const struct sets_request *r, const char *name, int64_t min, int64_t max,
                     int64_t dflt, int64_t *ret, struct error **err)
{
    cleanup_free char *text = NULL;
    long long n = dflt;
    if (sets_request_text(r, name, &text, err) < 0)
        return -1;
    if (text && *text && !str_to_int(text, min, max, &n))
        return error_set(err, ERR_INVALID, "%s: '%.80s' is no number from %" PRId64 " to %" PRId64,
                         name, text, min, max);
    *ret = n;
    return 0;
}

int sets_request_selector(const struct sets_request *r, struct selector *ret, struct error **err)
{
    cleanup_free char *text = NULL;
    return sets_request_text(r, "labelSelector", &text, err) < 0 ? -1
                                                                 : selector_parse(text, ret, err);
}

/* ---- the body ---- */

bool sets_is_media(const char *header, const char *type)
{
    size_t len = strlen(type);
    return strncasecmp(header, type, len) == 0 &&
           (header[len] == '\0' || header[len] == ';' || header[len] == ' ');
}

int sets_request_body(const struct sets_request *r, json **ret, struct error **err)
{
    const char *type = http_call_header(r->call, "Content-Type");
    size_t len;
    const char *body = http_call_body(r->call, &len);
    bool patches = str_eq(http_call_method(r->call), "PATCH");
    bool known = !type || sets_is_media(type, "application/json");
    if (patches)
        known = type && (sets_is_media(type, "application/json-patch+json") ||
                         sets_is_media(type, "application/merge-patch+json"));
    if (!known)
        return error_set(err, ERR_UNSUPPORTED, "the media type '%.80s' is not understood: send %s",
                         type ? type : "",
                         patches ? "application/json-patch+json or application/merge-patch+json"
                                 : "application/json");
    if (len == 0)
        return error_set(err, ERR_INVALID, "the body is empty: a JSON document is needed");
    if (json_check_room(body, len, BODY_ROOM_MAX, err) < 0)
        return error_wrap(err, "the body");
    return json_parse(body, len, ret, err);
}

int sets_request_if_match(const struct sets_request *r, int64_t *ret, struct error **err)
{
    const char *header = http_call_header(r->call, "If-Match");
    long long n = 0;
    *ret = 0;
    if (!header || str_eq(header, "*"))
        return 0;
    cleanup_free char *bare = xstrdup(header);
    size_t len = strlen(bare);
    if (len >= 2 && bare[0] == '"' && bare[len - 1] == '"') {
        bare[len - 1] = '\0';
        memmove(bare, bare + 1, len - 1);
    }
    if (!str_to_int(bare, 1, INT64_MAX, &n))
        return error_set(err, ERR_INVALID, "If-Match: '%.80s' is no ETag of this service", header);
    *ret = n;
    return 0;
}
