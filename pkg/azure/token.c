/*
 * The cache of tokens, whatever they are fetched with.
 *
 * Callers that need the same token wait for the one fetch instead of starting their own; other scopes are not held up. A
 * token that is nearly over is good enough meanwhile, and stays in use when Azure cannot give another.
 */
#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/azure/token_impl.h"
#include "pkg/base/flight.h"
#include "pkg/base/map.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/crypt/crypt.h"

#define EXPIRY_MARGIN_NS (INT64_C(300) * NS_PER_S)
#define REFRESH_PAUSE_NS (INT64_C(30) * NS_PER_S)
/* What a caller with a good token may lose to a silent Azure. */
#define RENEWAL_MS 5000

/* Of one scope; stays while the source lives: scopes are few. */
struct cached_token {
    struct flight flight;
    struct secret *token; /* NULL: none */
    int64_t expires_wall_ns;
    int64_t tried_mono_ns; /* when the last fetch ended */
    struct error *failure; /* of the last fetch; NULL: it succeeded */
    bool gave_up;          /* the last fetch ended with its caller's context */
};

struct azure_tokens {
    struct azure_tokens_config cfg;
    pthread_mutex_t mu;
    struct map *by_scope; /* struct cached_token; with what they hold guarded by mu */
};

static void cached_token_free(void *p)
{
    struct cached_token *t = p;
    secret_unref(t->token);
    error_free(t->failure);
    free(t);
}

struct azure_tokens *azure_tokens_new(const struct azure_tokens_config *cfg)
{
    struct azure_tokens *t = xnew(struct azure_tokens);
    t->cfg = *cfg;
    mutex_init(&t->mu);
    t->by_scope = map_new(cached_token_free);
    return t;
}

void azure_tokens_free(struct azure_tokens *t)
{
    if (!t)
        return;
    map_free(t->by_scope);
    pthread_mutex_destroy(&t->mu);
    free(t);
}

/* ---- one fetch for all ---- */

/* With the lock held. */
static struct cached_token *entry(struct azure_tokens *t, const char *scope)
{
    struct cached_token *c = map_get(t->by_scope, scope);
    if (!c) {
        c = xnew(struct cached_token);
        map_set(t->by_scope, scope, c);
    }
    return c;
}

static bool is_valid(const struct azure_tokens *t, const struct cached_token *c, int64_t margin_ns)
{
    return c->token && c->expires_wall_ns - margin_ns > clock_wall_ns(t->cfg.clock);
}

static int fetch(const struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                 struct fetched_token *ret, struct error **err)
{
    return t->cfg.credential->type == AZURE_MANAGED_IDENTITY
               ? token_fetch_imds(&t->cfg, ctx, scope, ret, err)
               : token_fetch_aad(&t->cfg, ctx, scope, ret, err);
}

/* In flight, with the lock held on entry and return: fetches for all who wait. */
static void lead(struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                 struct cached_token *c)
{
    struct fetched_token fetched = { 0 };
    struct error *e = NULL;
    pthread_mutex_unlock(&t->mu);
    int rcode = fetch(t, ctx, scope, &fetched, &e);
    pthread_mutex_lock(&t->mu);

    c->tried_mono_ns = clock_mono_ns(t->cfg.clock);
    error_free(c->failure);
    c->failure = e;
    c->gave_up = rcode < 0 && opctx_check(ctx, NULL) < 0;
    if (rcode == 0) {
        secret_unref(c->token);
        c->token = fetched.token;
        c->expires_wall_ns = fetched.expires_wall_ns;
    }
    flight_end(&c->flight);
}

/* With the lock held on entry and return: c holds a token when 0. */
static int refresh(struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                   struct cached_token *c, struct error **err)
{
    for (;;) {
        bool led = flight_begin(&c->flight);
        if (led)
            lead(t, ctx, scope, c);
        else if (flight_wait(&c->flight, &t->mu, ctx, err) < 0)
            return -1;
        /* Who gave up speaks for itself only: the next one takes over. */
        if (c->failure && (led || !c->gave_up)) {
            struct error *copy = error_give_copy(c->failure);
            return error_move(err, &copy);
        }
        if (!c->failure && c->token) /* even when it expires at once */
            return 0;
    }
}

/* The token is nearly over: whoever comes first tries for another, which may fail, but not for as long as its context allows:
 * that time is for what the token is wanted for. With the lock held. */
static void renew(struct azure_tokens *t, const struct opctx *ctx, const char *scope,
                  struct cached_token *c)
{
    bool due = clock_mono_ns(t->cfg.clock) - c->tried_mono_ns >= REFRESH_PAUSE_NS;
    struct opctx brief = opctx_with_timeout_ms(ctx, RENEWAL_MS);
    if (due && flight_begin(&c->flight))
        lead(t, &brief, scope, c);
}

int azure_token_get(struct azure_tokens *t, const struct opctx *ctx, const char *scope, bool fresh,
                    struct secret **ret, struct error **err)
{
    int rcode = 0;
    pthread_mutex_lock(&t->mu);
    struct cached_token *c = entry(t, scope);
    if (!fresh && is_valid(t, c, 0) && !is_valid(t, c, EXPIRY_MARGIN_NS))
        renew(t, ctx, scope, c);
    if (fresh || !is_valid(t, c, 0))
        rcode = refresh(t, ctx, scope, c, err);
    if (rcode == 0)
        *ret = secret_ref(c->token);
    pthread_mutex_unlock(&t->mu);
    return rcode < 0 ? error_wrap(err, "getting a token for %s", scope) : 0;
}

void azure_token_drop(struct azure_tokens *t, const char *scope)
{
    pthread_mutex_lock(&t->mu);
    struct cached_token *c = map_get(t->by_scope, scope);
    if (c)
        secret_unref(take(c->token));
    pthread_mutex_unlock(&t->mu);
}

int azure_token_claims(const struct secret *token, json **ret, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (jwt_give_payload(secret_reveal(token, NULL), &text, &len, err) < 0)
        return -1;
    return json_parse_object(text, len, ret, err);
}
