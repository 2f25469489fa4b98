/*
 * The data plane of storage accounts: containers and block blobs. A caller is known first, then what it asks has to be
 * allowed, then the container and the blob have to be there.
 */
#include "hack/devcloud/azure/blob.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

static const struct blob_operation operations[] = {
    { "GET", 's', "list", "l", blob_list_containers },
    { "GET", 's', "properties", "r", blob_show_service },
    { "PUT", 'c', NULL, "cw", blob_create_container },
    { "GET", 'c', NULL, "r", blob_show_container },
    { "HEAD", 'c', NULL, "r", blob_show_container },
    { "DELETE", 'c', NULL, "d", blob_delete_container },
    { "GET", 'c', "list", "l", blob_list_blobs },
    { "GET", 'c', "metadata", "r", blob_show_container },
    { "HEAD", 'c', "metadata", "r", blob_show_container },
    { "PUT", 'c', "metadata", "w", blob_set_container_metadata },
    { "GET", 'c', "acl", "", blob_show_access },
    { "PUT", 'c', "acl", "", blob_set_access },
    { "PUT", 'o', NULL, "cw", blob_put },
    { "GET", 'o', NULL, "r", blob_get },
    { "HEAD", 'o', NULL, "r", blob_get },
    { "DELETE", 'o', NULL, "d", blob_delete },
    { "PUT", 'o', "metadata", "w", blob_change_metadata },
    { "GET", 'o', "metadata", "r", blob_get },
    { "HEAD", 'o', "metadata", "r", blob_get },
    { "PUT", 'o', "properties", "w", blob_change_properties },
    { "PUT", 'o', "block", "cw", blob_put_block },
    { "PUT", 'o', "blocklist", "cw", blob_put_blocks },
    { "GET", 'o', "blocklist", "r", blob_list_blocks },
};

static const struct blob_operation *find_operation(const struct blob_call *b)
{
    char level = b->blob ? 'o' : b->container ? 'c' : 's';
    if (level == 'c' && !blob_query_is(b, "restype", "container"))
        level = 'o'; /* of the root container, which nobody makes here */
    for (size_t i = 0; i < ARRAY_LEN(operations); i++)
        if (operations[i].level == level && blob_is(b, operations[i].method) &&
            blob_query_is(b, "comp", operations[i].comp))
            return &operations[i];
    return NULL;
}

/* ---- the place ---- */

/* "/container/blob/with/slashes", each part decoded. */
static bool read_path(struct blob_call *b)
{
    const char *at = b->path + (b->path[0] == '/');
    size_t len = strcspn(at, "/");
    cleanup_free char *raw = xstrndup(at, len);
    if (len > 0 && !percent_parse(raw, &b->container))
        return false;
    return !at[len] || !at[len + 1] || percent_parse(at + len + 1, &b->blob);
}

static bool find_place(struct blob_call *b)
{
    b->account = xstrndup(b->host, strcspn(b->host, "."));
    b->object = storage_find_account(b->sim, b->account);
    if (!b->object) { /* elsewhere its name would not even resolve */
        blob_refuse(b, 404, "AccountNotFound", "There is no storage account %s.", b->account);
        return false;
    }
    if (!read_path(b)) {
        blob_refuse(b, 400, "InvalidUri",
                    "The requested URI does not represent any resource on the server.");
        return false;
    }
    b->containers = json_get(b->object, "containers");
    b->in = b->container ? json_get(b->containers, b->container) : NULL;
    b->entry = b->blob ? json_get(json_get(b->in, "blobs"), b->blob) : NULL;
    if (json_path_bool(b->entry, "fresh", false)) /* blocks alone are no blob */
        b->entry = NULL;
    return true;
}

static bool place_exists(struct blob_call *b, const struct blob_operation *op)
{
    bool makes = blob_is(b, "PUT") && !op->comp;
    if (op->level == 's' || b->in || (op->level == 'c' && makes))
        return true;
    blob_refuse(b, 404, "ContainerNotFound", "The specified container does not exist.");
    return false;
}

static void serve(struct blob_call *b)
{
    operations_advance(b->sim); /* an account whose group is gone is gone, too */
    if (!find_place(b) || !blob_authenticate(b))
        return;
    const struct blob_operation *op = find_operation(b);
    if (!op)
        blob_refuse(b, 405, "UnsupportedHttpVerb",
                    "The resource doesn't support specified Http Verb.");
    else if (blob_authorize(b, op) && place_exists(b, op))
        op->serve(b);
}

static void release(struct blob_call *b)
{
    free(b->account);
    free(b->container);
    free(b->blob);
    free(b->principal);
    storage_sas_release(&b->sas);
    http_headers_release(&b->out);
    buf_release(&b->text);
}

/* ---- who asks ---- */

bool blob_is_host(const char *host)
{
    return str_matches_nocase("*.blob.core.*", host);
}

bool blob_serve(struct sim_call *c)
{
    if (!blob_is_host(c->host))
        return false;
    struct blob_call b = { .sim = c->sim,
                           .host = c->host,
                           .peer = http_call_peer_address(c->http),
                           .method = c->method,
                           .path = http_call_path(c->http),
                           .query = sim_query(c),
                           .headers = http_call_headers(c->http),
                           .text = BUF_INIT(BUF_UNBOUNDED) };
    b.body = http_call_body(c->http, &b.body_len);
    serve(&b);
    http_call_set_status(c->http, b.status);
    for (size_t i = 0; i < b.out.len; i++)
        http_call_set_header(c->http, b.out.v[i].name, b.out.v[i].value);
    buf_add(http_call_out(c->http), b.text.data, b.text.len);
    release(&b);
    return true;
}
