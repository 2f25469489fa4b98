/* The storage client, as the lifecycle of clusters uses it. */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/azuritecheck/check.h"

#define LARGE ((size_t)3 << 20)

static int expect(bool truth, const char *what, struct error **err)
{
    return truth ? 0 : error_set(err, ERR_INTERNAL, "not so: %s", what);
}

static int open_container(struct check *c, const char *account, const char *name,
                          struct error **err)
{
    cleanup_free char *sas = check_give_sas(c, account, "rwdlac", "sco");
    cleanup_free char *query = xasprintf("restype=container&%s", sas);
    cleanup_free char *path = xasprintf("/%s", name);
    cleanup_response struct http_response res = { 0 };
    if (check_send(c, account, "PUT", path, query, NULL, "", &res, err) < 0)
        return -1;
    return expect(res.status == 201, "the container was made", err);
}

static struct blobs *open_client(struct check *c, const char *account, const char *permissions,
                                 const char *types)
{
    cleanup_free char *text = check_give_sas(c, account, permissions, types);
    cleanup_secret struct secret *sas = secret_new(text, strlen(text));
    const struct blobs_config cfg = { .transport = c->transport,
                                      .cloud = azure_cloud_find("AzurePublicCloud"),
                                      .account = account,
                                      .sas = sas,
                                      .user_agent = "azuritecheck",
                                      .clock = clock_system(),
                                      .rng = rng_system() };
    return blobs_new(&cfg);
}

static int check_life(struct check *c, const char *account, struct error **err)
{
    cleanup_blobs struct blobs *b = open_client(c, account, "rwdlac", "sco");
    cleanup_free char *text = NULL;
    size_t len = 0;
    bool there = true, made = false;
    if (open_container(c, account, "life", err) < 0 ||
        blobs_exists(b, &c->ctx, "life", "a/b c&d", &there, err) < 0 ||
        blobs_put(b, &c->ctx, "life", "a/b c&d", "one", 3, NULL, err) < 0 ||
        blobs_put(b, &c->ctx, "life", "a/b c&d", "two", 3, "application/json", err) < 0 ||
        blobs_exists(b, &c->ctx, "life", "a/b c&d", &made, err) < 0 ||
        blobs_get(b, &c->ctx, "life", "a/b c&d", 100, &text, &len, err) < 0 ||
        blobs_delete(b, &c->ctx, "life", "a/b c&d", err) < 0 ||
        blobs_delete(b, &c->ctx, "life", "a/b c&d", err) < 0 ||
        blobs_delete_container(b, &c->ctx, "life", err) < 0 ||
        blobs_delete_container(b, &c->ctx, "life", err) < 0)
        return -1;
    return expect(!there && made && len == 3 && strcmp(text, "two") == 0,
                  "the blob was absent, then there with its second text", err);
}

static int check_large(struct check *c, const char *account, struct error **err)
{
    cleanup_blobs struct blobs *b = open_client(c, account, "rwdlac", "sco");
    cleanup_free char *sent = xmalloc(LARGE), *text = NULL, *again = NULL;
    size_t len = 0;
    for (size_t i = 0; i < LARGE; i++)
        sent[i] = (char)(i * 31);
    if (open_container(c, account, "large", err) < 0 ||
        blobs_put(b, &c->ctx, "large", "graph", sent, LARGE, NULL, err) < 0 ||
        blobs_get(b, &c->ctx, "large", "graph", LARGE, &text, &len, err) < 0 ||
        expect(len == LARGE && memcmp(sent, text, LARGE) == 0, "all bytes came back", err) < 0)
        return -1;
    cleanup_error struct error *why = NULL;
    int rcode = blobs_get(b, &c->ctx, "large", "graph", LARGE - 1, &again, &len, &why);
    return expect(rcode < 0 && error_is(why, ERR_TOO_LARGE), "more than asked for is refused", err);
}

static int check_absence(struct check *c, const char *account, struct error **err)
{
    cleanup_blobs struct blobs *b = open_client(c, account, "rwdlac", "sco");
    cleanup_free char *text = NULL;
    size_t len = 0;
    bool there = true;
    cleanup_error struct error *why = NULL, *put = NULL;
    int got = blobs_get(b, &c->ctx, "none", "x", 100, &text, &len, &why);
    int sent = blobs_put(b, &c->ctx, "none", "x", "1", 1, NULL, &put);
    if (blobs_exists(b, &c->ctx, "none", "x", &there, err) < 0)
        return -1;
    return expect(!there && got < 0 && error_is(why, ERR_NOT_FOUND) && sent < 0 &&
                      error_is(put, ERR_NOT_FOUND),
                  "what is not there is not found", err);
}

static int check_permissions(struct check *c, const char *account, struct error **err)
{
    cleanup_blobs struct blobs *writes = open_client(c, account, "cw", "o");
    cleanup_blobs struct blobs *reads = open_client(c, account, "r", "o");
    cleanup_free char *text = NULL;
    size_t len = 0;
    cleanup_error struct error *why = NULL;
    if (open_container(c, account, "rights", err) < 0 ||
        blobs_put(writes, &c->ctx, "rights", "x", "1", 1, NULL, err) < 0 ||
        blobs_get(reads, &c->ctx, "rights", "x", 100, &text, &len, err) < 0)
        return -1;
    int rcode = blobs_put(reads, &c->ctx, "rights", "x", "2", 1, NULL, &why);
    return expect(rcode < 0 && error_is(why, ERR_FORBIDDEN) &&
                      str_eq(error_get_code(why), "AuthorizationPermissionMismatch"),
                  "who may read may not write", err);
}

static int check_signature(struct check *c, const char *account, struct error **err)
{
    struct check wrong = *c;
    wrong.key = "d3Jvbmc=";
    cleanup_blobs struct blobs *b = open_client(&wrong, account, "r", "o");
    cleanup_free char *text = NULL;
    size_t len = 0;
    cleanup_error struct error *why = NULL;
    int rcode = blobs_get(b, &c->ctx, "none", "x", 100, &text, &len, &why);
    return expect(rcode < 0 && error_get_status(why) == 403, "a wrong signature is refused", err);
}

const struct check_case client_cases[] = {
    { "a blob is put, put again, read and deleted with its container", check_life },
    { "a large blob comes back as it went", check_large },
    { "what is not there is told so", check_absence },
    { "a signature allows what it says", check_permissions },
    { "a wrong signature opens nothing", check_signature },
    { NULL, NULL },
};
