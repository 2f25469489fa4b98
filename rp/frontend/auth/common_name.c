#include "rp/frontend/auth/common_name.h"

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

struct common_name {
    struct authorizer base;
    char *name, *ca_pem;
};

/* What the client sent beside its own certificate may link it to an authority, no more. */
static int verify(const struct common_name *a, const struct opctx *ctx, struct http_call *call,
                  const void *leaf, size_t len, struct error **err)
{
    size_t n = http_call_client_chain_len(call);
    cleanup_free struct x509_der *chain = xcalloc(n + 1, sizeof(*chain));
    for (size_t i = 0; i < n; i++)
        chain[i].der = http_call_client_chain(call, i, &chain[i].len);
    return x509_verify_client_chain(leaf, len, chain, n, a->ca_pem, clock_wall_ns(ctx->clock), err);
}

static int check(struct authorizer *base, const struct opctx *ctx, struct http_call *call,
                 struct error **err)
{
    struct common_name *a = container_of(base, struct common_name, base);
    size_t len;
    const void *leaf = http_call_client_cert(call, &len);
    struct x509_facts facts;

    if (!leaf)
        return error_set(err, ERR_FORBIDDEN, "no client certificate");
    if (verify(a, ctx, call, leaf, len, err) < 0 || x509_read_der(leaf, len, &facts, err) < 0)
        return -1;
    int result = 0;
    if (!str_eq(facts.common_name, a->name))
        result = error_set(err, ERR_FORBIDDEN, "the client certificate is that of '%s'",
                           facts.common_name ? facts.common_name : "");
    x509_facts_release(&facts);
    return result;
}

static bool is_ready(struct authorizer *base, const struct opctx *ctx)
{
    (void)base;
    (void)ctx;
    return true;
}

static void free_common_name(struct authorizer *base)
{
    struct common_name *a = container_of(base, struct common_name, base);
    free(a->name);
    free(a->ca_pem);
    free(a);
}

int common_name_new(const char *who, const char *common_name, const char *ca_pem,
                    struct authorizer **ret, struct error **err)
{
    if (!common_name || !*common_name)
        return error_set(err, ERR_INVALID, "%s: the common name of its callers is empty", who);
    if (pem_check_certs(ca_pem, NULL, NULL, err) < 0)
        return error_wrap(err, "%s: its bundle of authorities", who);
    struct common_name *a = xnew(struct common_name);
    a->base = (struct authorizer){ check, is_ready, free_common_name };
    a->name = xstrdup(common_name);
    a->ca_pem = xstrdup(ca_pem);
    *ret = &a->base;
    return 0;
}
