/*
 * What the frontend makes of a URL: lowering, cleaning, routing, judging its parts, links. A byte for the method, a line
 * for the target, one for the Referer. Claims: a cleaned path has no empty and no dot segments; what keys are made of is
 * in lower case and is the client's own text but for its letters; who passes has a path whose parts are what they are
 * called; refusals are for the client and can be written; a link leads to the same place twice.
 */
#include "pkg/api/names.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/handlers.h"
#include "rp/frontend/referer.h"
#include "test/fuzz/fuzz_call.h"

static struct frontend frontend;
static struct http_route *table;
static const struct route **rows;

static void open_frontend(void)
{
    table = xcalloc(frontend_routes_len, sizeof(*table));
    rows = xcalloc(frontend_routes_len, sizeof(*rows));
    for (size_t i = 0; i < frontend_routes_len; i++) {
        rows[i] = &frontend_routes[i];
        table[i] = (struct http_route){ .method = rows[i]->method, .pattern = rows[i]->pattern };
    }
    frontend = (struct frontend){ .location = "eastus",
                                  .environment = "test",
                                  .table = table,
                                  .routes = rows,
                                  .routes_len = frontend_routes_len };
}

static int pass(const struct middleware *m, struct request *req, struct error **err)
{
    return m->before(req, err);
}

/* ---- paths ---- */

static void check_is_clean(const char *path)
{
    cleanup_strv struct strv parts = STRV_INIT;
    must(path[0] == '/' && !strstr(path, "//"));
    strv_split(&parts, path, "/", false);
    must(!strv_has(&parts, ".") && !strv_has(&parts, ".."));
}

static void check_paths(struct request *req)
{
    cleanup_error struct error *err = NULL;
    must(pass(&middleware_lowercase, req, &err) == 0 &&
         pass(&middleware_cleanpath, req, &err) == 0);
    cleanup_free char *lower = str_give_lower(req->path);
    cleanup_free char *original_lower = str_give_lower(req->original_path);
    must(str_eq(lower, req->path) && str_eq(original_lower, req->path));
    check_is_clean(req->path);
    check_is_clean(req->original_path);
    must(pass(&middleware_cleanpath, req, &err) == 0);
    must(str_eq(lower, req->path)); /* once is enough */
}

/* ---- parts ---- */

static void check_parts(struct request *req)
{
    const char *sub = http_call_param(req->call, "sub"), *name = http_call_param(req->call, "name");
    must(!sub || (uuid_is_valid(sub) && str_eq(sub, req->subscription_id)));
    for (size_t i = 0; i < req->call->params_len; i++)
        must(*req->call->params[i].value && !strchr(req->call->params[i].value, '/'));
    if (!name)
        return;
    cleanup_resource_id struct resource_id id = { 0 };
    must(resource_id_parse(req->resource_id, &id, NULL) == 0);
    must(str_eq(id.subscription_id, sub) && str_eq(id.name, name) &&
         str_eq(id.resource_group, http_call_param(req->call, "rg")));
    must(str_eq(id.name, req->resource_name) && str_starts(req->path, req->resource_id));
}

static void check_refusal(const struct error *err)
{
    int status = cloud_error_status(err);
    must(cloud_error_is(err) && status >= 400 && status < 500);
    cleanup_json json *body = cloud_error_give_body(err), *again = NULL;
    cleanup_free char *text = json_give_text(body);
    must(json_parse_object(text, strlen(text), &again, NULL) == 0);
    cleanup_free char *text_again = json_give_text(again);
    must(str_eq(text, text_again)); /* bytes that are not UTF-8 went on the way out */
}

/* ---- links ---- */

static void check_links(const char *referer, const char *value)
{
    cleanup_free char *link = referer_give_with_parameter(referer, "$skipToken", value);
    cleanup_free char *again = referer_give_with_parameter(link, "$skipToken", value);
    cleanup_free char *read = query_give(strchr(link, '?') + 1, "$skipToken");
    must(str_eq(read, value) && str_eq(again, link) && !strchr(link, '#'));
    cleanup_free char *there = referer_give_with_path(referer, "/a/b");
    cleanup_free char *twice = referer_give_with_path(there, "/a/b");
    must(strstr(there, "/a/b") && str_eq(twice, there) && !strchr(there, '#'));
    const char *query = strchr(referer, '?'), *fragment = strchr(referer, '#');
    must(!query || (fragment && fragment < query) || !fragment == str_ends(there, query));
}

static void check_request(struct request *req)
{
    cleanup_error struct error *err = NULL, *why = NULL;
    check_paths(req);
    must(pass(&middleware_route, req, &err) == 0 && pass(&middleware_log, req, &err) == 0 &&
         pass(&middleware_headers, req, &err) == 0 && *req->referer);
    must(!req->route == (req->route_error != NULL));
    check_links(req->referer, req->original_path);
    if (pass(&middleware_validate, req, &why) < 0) {
        must(req->route != NULL);
        check_refusal(why);
        return;
    }
    if (!req->route)
        return;
    check_parts(req);
    if (pass(&middleware_apiversion, req, &why) < 0)
        check_refusal(why);
    else
        must(!(req->route->flags & ROUTE_API_VERSION) || req->version);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const methods[] = { "GET", "PUT", "PATCH", "DELETE", "POST", "HEAD" };
    if (!table)
        open_frontend();
    fuzz_restart();
    struct opctx ctx = fuzz_context();
    struct pieces in = { (const char *)data, size };
    const char *method = methods[pieces_byte(&in) % ARRAY_LEN(methods)];
    cleanup_free char *target = pieces_give_line(&in), *referer = pieces_give_line(&in);
    struct http_server server = { .cfg = { .clock = ctx.clock } };
    struct http_call *call = fuzz_call_new(&server, method, target, referer);
    struct request req;
    request_init(&req, &frontend, call, &ctx, size % 2);
    check_request(&req);
    request_release(&req);
    call_free(call);
    return 0;
}
