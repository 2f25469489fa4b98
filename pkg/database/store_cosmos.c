#include "pkg/database/store_cosmos.h"

#include <stdlib.h>
#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/database/cosmos.h"
#include "pkg/net/url.h"

static void cosmos_close(struct store *s)
{
    struct cosmos *c = container_of(s, struct cosmos, store);
    for (size_t i = 0; i < COLLECTIONS; i++)
        bytes_unref(c->ranges[i]);
    (void)pthread_mutex_destroy(&c->mu);
    secret_unref(c->key);
    free(c->endpoint);
    free(c->database);
    store_release(&c->store);
    free(c);
}

static const struct store_ops cosmos_ops = {
    .name = "cosmos",
    .create = cosmos_create,
    .get = cosmos_get,
    .replace = cosmos_replace,
    .remove = cosmos_remove,
    .query = cosmos_query,
    .count = cosmos_count,
    .changes = cosmos_changes,
    .now_s = cosmos_now_s,
    .close = cosmos_close,
};

static int read_key(const struct secret *text, struct secret **ret, struct error **err)
{
    size_t len;
    const char *base64 = secret_reveal(text, &len);
    cleanup_free char *raw = NULL;
    if (base64_parse(base64, len, &raw, &len, NULL) < 0 || len == 0)
        return error_set(err, ERR_INVALID, "the key of the Cosmos DB account is not base64");
    *ret = secret_new(raw, len);
    secret_wipe(raw, len);
    return 0;
}

int store_open_cosmos(const struct cosmos_config *cfg, struct store **ret, struct error **err)
{
    cleanup_url struct url url = { 0 };
    cleanup_secret struct secret *key = NULL;
    if (url_parse(cfg->endpoint, &url, err) < 0)
        return error_wrap(err, "the endpoint of the Cosmos DB account");
    if (cfg->key && read_key(cfg->key, &key, err) < 0)
        return -1;
    if (!cfg->key && !cfg->tokens)
        return error_set(err, ERR_INVALID, "Cosmos DB needs an account key or a source of tokens");

    struct cosmos *c = xnew(struct cosmos);
    store_init(&c->store, &cosmos_ops);
    mutex_init(&c->mu);
    size_t len = strlen(cfg->endpoint);
    c->endpoint = xstrndup(cfg->endpoint, cfg->endpoint[len - 1] == '/' ? len - 1 : len);
    c->database = xstrdup(cfg->database);
    c->key = take(key);
    c->tokens = cfg->tokens;
    c->transport = cfg->transport;
    *ret = &c->store;
    return 0;
}
