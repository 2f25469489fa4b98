/*
 * The tokens of pages, through the handler of lists. A byte chooses what is sent: any text, which never opens; any text
 * that was sealed, which is a place or is refused; a right token with bytes changed, which opens only when nothing
 * changed. Sealing and opening give the same text back. A refusal is the client's; a page has only clusters of the
 * subscription that the path names, and no secret.
 */
#include "pkg/base/encoding.h"
#include "pkg/base/strv.h"
#include "pkg/database/openshiftclusters.h"
#include "pkg/database/store.h"
#include "pkg/net/url.h"
#include "rp/frontend/chain.h"
#include "rp/frontend/cloud_error.h"
#include "rp/frontend/handlers.h"
#include "test/fuzz/fuzz_call.h"

#define SUB "00000000-0000-0000-0000-00000000000a"
#define OTHER "00000000-0000-0000-0000-00000000000b"
#define TYPE "/providers/microsoft.redhatopenshift/openshiftclusters"
#define LIST "/subscriptions/" SUB TYPE
#define PREFIX "/subscriptions/" SUB "/\n"
#define SECRET "hunter2-hunter2"
#define CLUSTERS 12
#define PAGE 10

static struct opctx ctx;
static struct frontend frontend;
static struct http_route table = { .method = "GET", .pattern = "/subscriptions/{sub}" TYPE };
static const struct route row = { "GET", "", ROUTE_API_VERSION, handle_cluster_list, NULL };
static const struct route *rows = &row;
static char *right_token; /* of the second page */

static int list_keys(struct aead_source *s, const struct opctx *at, struct aead_keys *ret,
                     struct error **err)
{
    char raw[AEAD_V2_KEY_LEN] = "a key of the fuzzer";
    cleanup_free char *text = base64_give(raw, sizeof(raw));
    (void)s;
    (void)at;
    return aead_keys_add(ret, AEAD_V2, secret_new(text, strlen(text)), 1, false, err);
}

static void add_cluster(const char *sub, int i)
{
    cleanup_free char *key = xasprintf("/subscriptions/%s/resourcegroups/g" TYPE "/c%02d", sub, i);
    cleanup_free char *unique = xasprintf("%s-%d", sub, i);
    json *tree = json_make(
        "{'key':%s,'clusterResourceGroupIdKey':%s,'clientIdKey':%s,'openShiftCluster':{'id':%s,"
        "'name':'c','properties':{'provisioningState':'Succeeded','servicePrincipalProfile':{"
        "'clientSecret':'" SECRET "'}}}}",
        key, unique, unique, key);
    must(openshiftclusters_create(&ctx, frontend.cfg.database, tree, NULL, NULL) == 0);
}

/* ---- one request ---- */

static void check_page(const json *page)
{
    const json *list = json_get(page, "value");
    must(json_is_array(list) && json_len(list) <= PAGE);
    for (size_t i = 0; i < json_len(list); i++)
        must(str_starts(json_path_str(json_at(list, i), "id"), "/subscriptions/" SUB "/"));
}

/* The page, owned; NULL: refused. */
static json *give_page(const char *token)
{
    cleanup_free char *escaped = percent_give(token);
    cleanup_free char *target = xasprintf(LIST "?api-version=2020-04-30&$skipToken=%s", escaped);
    struct http_server server = { .cfg = { .clock = ctx.clock } };
    struct http_call *call = fuzz_call_new(&server, "GET", target, NULL);
    static const struct middleware *const chain[] = { &middleware_lowercase, &middleware_route,
                                                      &middleware_headers, &middleware_validate,
                                                      &middleware_apiversion };
    struct request req;
    request_init(&req, &frontend, call, &ctx, true);
    chain_run(&req, chain, ARRAY_LEN(chain));
    int status = http_call_get_status(call);
    const struct buf *out = http_call_out(call);
    cleanup_json json *reply = NULL;
    must(json_parse_object(buf_str(out), out->len, &reply, NULL) == 0);
    must(!strstr(buf_str(out), SECRET));
    must(status == 200 ||
         (status == 400 && str_eq(json_path_str(reply, "error.code"), "InvalidParameter")));
    request_release(&req);
    call_free(call);
    if (status != 200)
        return NULL;
    check_page(reply);
    return take(reply);
}

static char *give_sealed(const char *text)
{
    cleanup_secret struct secret *plain = secret_new(text, strlen(text)), *opened = NULL;
    char *token = NULL;
    must(aead_seal(frontend.cfg.page_aead, &ctx, plain, &token, NULL) == 0);
    must(aead_open(frontend.cfg.page_aead, &ctx, token, &opened, NULL) == 0);
    must(str_eq(secret_reveal(opened, NULL), text));
    return token;
}

static void open_frontend(void)
{
    static struct aead_source source = { .list = list_keys };
    const struct aead_config keys = { .source = &source };
    struct store *store = NULL;
    ctx = fuzz_context();
    frontend = (struct frontend){ .table = &table, .routes = &rows, .routes_len = 1 };
    must(aead_new(&keys, &ctx, &frontend.cfg.page_aead, NULL) == 0);
    must(store_open_sqlite(&ctx, "sqlite::memory:", &store, NULL) == 0);
    frontend.cfg.database = database_new(store, NULL);
    for (int i = 0; i < CLUSTERS; i++) {
        add_cluster(SUB, i);
        add_cluster(OTHER, i);
    }
    cleanup_json json *page = give_page("");
    must(page && json_len(json_get(page, "value")) == PAGE);
    right_token = query_give(strchr(json_path_str(page, "nextLink"), '?') + 1, "$skipToken");
    must(right_token != NULL);
}

/* ---- what is sent ---- */

static void check_forged(const char *text)
{
    cleanup_json json *page = give_page(text);
    must(!page || !*text || str_eq(text, right_token));
}

static void check_sealed(const char *text)
{
    cleanup_free char *token = give_sealed(text);
    cleanup_json json *page = give_page(token);
    must(!page || str_starts(text, PREFIX));
    /* The same behind the right beginning: a place, or nothing. */
    cleanup_free char *place = xasprintf(PREFIX "%s", text);
    cleanup_free char *second = give_sealed(place);
    json_free(give_page(second));
}

/* Pairs of bytes: where, and what is added to it. */
static void check_changed(const uint8_t *data, size_t size)
{
    size_t len;
    char *raw = NULL;
    must(base64_parse(right_token, strlen(right_token), &raw, &len, NULL) == 0);
    for (size_t i = 0; i + 1 < size; i += 2)
        raw[data[i] % len] = (char)(raw[data[i] % len] ^ data[i + 1]);
    cleanup_free char *token = base64_give(raw, len);
    free(raw);
    cleanup_json json *page = give_page(token);
    must(str_eq(token, right_token) == (page != NULL));
    must(!page || json_len(json_get(page, "value")) == CLUSTERS - PAGE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!right_token)
        open_frontend();
    fuzz_passed_ns = 0;
    struct pieces in = { (const char *)data, size };
    unsigned how = pieces_byte(&in) % 3;
    cleanup_free char *text = in.left ? xmemdup(in.at, in.left) : xstrdup("");
    if (how == 0)
        check_forged(text);
    else if (how == 1)
        check_sealed(text);
    else
        check_changed((const uint8_t *)in.at, in.left);
    return 0;
}
