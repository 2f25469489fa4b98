#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "rp/syncsets/api/access.h"
#include "rp/syncsets/api/oidc.h"
#include "test/unit/support/pkg/crypt/issuer.h"
#include "test/unit/support/pkg/net/scripted_transport.h"
#include "test/unit/support/rp/syncsets/sets_rig.h"
#include "test/unit/support/test.h"

#define NOW_S 1700000000
#define GOOD "'iss':'https://i','aud':'sets','exp':1700000100"

struct claims_case {
    const char *name, *claims, *want; /* want: who, or what is told */
    bool fine;
};
static struct claims_case cases[] = {
    { "is called by its subject", "{" GOOD ",'sub':'ann'}", "oidc:ann", true },
    { "may be for several", "{'iss':'https://i','aud':['x','sets'],'exp':1700000100,'sub':'ann'}",
      "oidc:ann", true },
    { "may be a little late", "{'iss':'https://i','aud':'sets','exp':1699999950,'sub':'ann'}",
      "oidc:ann", true },
    { "ends", "{'iss':'https://i','aud':'sets','exp':1699999900,'sub':'ann'}", "has expired",
      false },
    { "has an end", "{'iss':'https://i','aud':'sets','sub':'ann'}", "has expired", false },
    { "begins", "{" GOOD ",'nbf':1700000090,'sub':'ann'}", "not valid yet", false },
    { "is of one issuer", "{'iss':'https://j','aud':'sets','exp':1700000100,'sub':'ann'}",
      "another issuer", false },
    { "is for somebody", "{'iss':'https://i','exp':1700000100,'sub':'ann'}", "another audience",
      false },
    { "is for us", "{'iss':'https://i','aud':['x'],'exp':1700000100,'sub':'ann'}",
      "another audience", false },
    { "says who shows it", "{" GOOD "}", "does not say who", false },
    { "says so in words", "{" GOOD ",'sub':7}", "does not say who", false },
};

static json *give_config(void)
{
    return json_make("{'issuer':'https://i','audience':'sets','keysURL':'https://i/keys'}");
}

static void check_claims(void **state)
{
    const struct claims_case *c = *state;
    struct issuer i;
    cleanup_json json *config = give_config();
    cleanup_jwks struct jwks *keys = NULL;
    cleanup_error struct error *err = NULL;
    cleanup_free char *who = NULL;
    issuer_init(&i, "a");
    cleanup_free char *set = issuer_give_set(&i), *token = issuer_give_token(&i, "a", c->claims);
    assert_int_equal(jwks_parse(set, strlen(set), &keys, NULL), 0);

    int status = oidc_identify(config, keys, token, NOW_S * NS_PER_S, &who, &err);

    assert_int_equal(status, c->fine ? 0 : -1);
    if (c->fine)
        assert_string_equal(who, c->want);
    else
        assert_non_null(strstr(error_text(err), c->want));
    assert_true(c->fine || error_is(err, ERR_UNAUTHORIZED));
    issuer_release(&i);
}

static void names_are_as_configured(void **state)
{
    (void)state;
    struct issuer i;
    cleanup_json json *config = give_config();
    cleanup_jwks struct jwks *keys = NULL;
    cleanup_free char *who = NULL;
    issuer_init(&i, "a");
    cleanup_free char *set = issuer_give_set(&i),
                      *token = issuer_give_token(&i, NULL, "{" GOOD ",'sub':'1','email':'a@b'}");
    assert_int_equal(jwks_parse(set, strlen(set), &keys, NULL), 0);
    json_put(config, "nameClaim", json_new_str("email"));
    json_put(config, "namePrefix", json_new_str(""));

    assert_int_equal(oidc_identify(config, keys, token, NOW_S * NS_PER_S, &who, NULL), 0);

    assert_string_equal(who, "a@b");
    free(take(who));
    assert_int_equal(oidc_identify(config, NULL, token, NOW_S * NS_PER_S, &who, NULL), -1);
    issuer_release(&i);
}

static void an_issuer_is_told_in_full(void **state)
{
    (void)state;
    static const struct {
        const char *config;
        int want;
    } configs[] = {
        { "{'issuer':'i','audience':'a','keysFile':'/f'}", 0 },
        { "{'issuer':'i','audience':'a','keysURL':'https://h/k'}", 0 },
        { "{'issuer':'i','audience':'a','keysURL':'http://h/k'}", -1 },
        { "{'issuer':'i','audience':'a','keysURL':'https://h/k','keysFile':'/f'}", -1 },
        { "{'issuer':'i','audience':'a'}", -1 },
        { "{'issuer':'i','keysFile':'/f'}", -1 },
        { "{'audience':'a','keysFile':'/f'}", -1 },
    };
    for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
        cleanup_json json *config = sets_rig_parse(configs[i].config);
        if (oidc_check(config, NULL) != configs[i].want)
            fail_msg("%s", configs[i].config);
    }
    assert_int_equal(oidc_check(NULL, NULL), 0);
}

static void keys_come_from_where_they_are_published(void **state)
{
    (void)state;
    struct issuer i;
    issuer_init(&i, "a");
    cleanup_free char *set = issuer_give_set(&i);
    const struct script_step steps[] = {
        { .request = "GET https://i/keys\nAccept: application/json\n@gzip: true\n"
                     "@timeout_ms: 10000\n",
          .reply = set },
        { .status = 503 },
        { .reply = "{}" },
    };
    struct scripted_transport t;
    const struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    cleanup_json json *config = give_config();
    cleanup_jwks struct jwks *keys = NULL;
    struct jwks *none = NULL;
    scripted_transport_init(&t, steps, ARRAY_LEN(steps));

    assert_int_equal(oidc_read_keys(config, &t.base, &ctx, &keys, NULL), 0);
    assert_non_null(keys);
    assert_int_equal(oidc_read_keys(config, &t.base, &ctx, &none, NULL), -1);
    assert_int_equal(oidc_read_keys(config, &t.base, &ctx, &none, NULL), -1);
    assert_int_equal(oidc_read_keys(config, NULL, &ctx, &none, NULL), -1);

    scripted_transport_check(&t);
    scripted_transport_release(&t);
    issuer_release(&i);
}

/* ---- with the server ---- */

static void write_access(const struct sets_rig *r, const char *issuer, char **ret_path)
{
    cleanup_free char *keys = path_give_joined(r->dir, "keys.json");
    cleanup_json json *access =
        json_make("{'oidc':{'issuer':%s,'audience':'sets','keysFile':%s},'bindings':[{'identity':"
                  "'oidc:ann','namespace':'a','role':'viewer'}]}",
                  issuer, keys);
    cleanup_free char *text = json_give_text(access);
    *ret_path = path_give_joined(r->dir, "access.json");
    assert_int_equal(file_write_atomic(*ret_path, text, strlen(text), 0600, NULL), 0);
}

static int ask(struct sets_rig *r, const char *path, const char *token)
{
    int status;
    cleanup_free char *header = xasprintf("Authorization: Bearer %s\r\n", token);
    free(sets_rig_ask(r, "GET", path, header, "", &status));
    return status;
}

static void a_callers_token_is_his_name(void **state)
{
    (void)state;
    struct sets_rig r;
    struct issuer i;
    struct sets_access *a = NULL;
    sets_rig_init(&r);
    issuer_init(&i, "a");
    cleanup_free char *path = NULL, *set = issuer_give_set(&i),
                      *keys = path_give_joined(r.dir, "keys.json");
    cleanup_free char *token =
        issuer_give_token(&i, "a", "{'iss':'https://i','aud':'sets','exp':9000000000,'sub':'ann'}");
    cleanup_free char *moved =
        issuer_give_token(&i, "a", "{'iss':'https://j','aud':'sets','exp':9000000000,'sub':'ann'}");
    write_access(&r, "https://i", &path);
    const struct sets_access_config cfg = { .path = path, .clock = clock_system() };
    assert_int_equal(sets_access_open(&cfg, &a, NULL), 0);
    sets_rig_serve(&r, a);

    assert_int_equal(sets_access_refresh_keys(a, &r.ctx, NULL), -1); /* there is no file yet */
    assert_int_equal(ask(&r, "/v1/clusters/a", token), 401);
    assert_int_equal(file_write_atomic(keys, set, strlen(set), 0600, NULL), 0);
    assert_int_equal(sets_access_refresh_keys(a, &r.ctx, NULL), 0);
    assert_int_equal(ask(&r, "/v1/clusters/a", token), 200);
    assert_int_equal(ask(&r, "/v1/clusters/b", token), 403);
    assert_int_equal(ask(&r, "/v1/clusters/a", moved), 401);

    /* Keys of the former issuer are nobody's. */
    free(take(path));
    write_access(&r, "https://j", &path);
    assert_int_equal(sets_access_refresh(a, NULL), 0);
    assert_int_equal(ask(&r, "/v1/clusters/a", moved), 401);
    assert_int_equal(sets_access_refresh_keys(a, &r.ctx, NULL), 0);
    assert_int_equal(ask(&r, "/v1/clusters/a", moved), 200);

    sets_rig_release(&r);
    sets_access_free(a);
    issuer_release(&i);
}

/* Asks for somebody's role whenever it is asked for the time of day, as a token's end is judged by. */
struct asking_clock {
    struct clock base;
    struct sets_access *access;
    enum sets_role role;
};

static int64_t asking_mono(const struct clock *c)
{
    (void)c;
    return clock_mono_ns(clock_system());
}

static int64_t asking_wall(const struct clock *c)
{
    struct asking_clock *a = (struct asking_clock *)(uintptr_t)c;
    a->role = sets_access_role(a->access, "oidc:ann", "a");
    return clock_wall_ns(clock_system());
}

static void who_shows_a_token_keeps_nobody_waiting(void **state)
{
    (void)state;
    struct sets_rig r;
    struct issuer i;
    struct asking_clock clock = { .base = { asking_mono, asking_wall, NULL } };
    sets_rig_init(&r);
    issuer_init(&i, "a");
    cleanup_free char *path = NULL, *set = issuer_give_set(&i),
                      *keys = path_give_joined(r.dir, "keys.json");
    cleanup_free char *token =
        issuer_give_token(&i, "a", "{'iss':'https://i','aud':'sets','exp':9000000000,'sub':'ann'}");
    write_access(&r, "https://i", &path);
    assert_int_equal(file_write_atomic(keys, set, strlen(set), 0600, NULL), 0);
    const struct sets_access_config cfg = { .path = path, .clock = &clock.base };
    assert_int_equal(sets_access_open(&cfg, &clock.access, NULL), 0);
    assert_int_equal(sets_access_refresh_keys(clock.access, &r.ctx, NULL), 0);
    sets_rig_serve(&r, clock.access);

    assert_int_equal(ask(&r, "/v1/clusters/a", token), 200);

    assert_int_equal(clock.role, ROLE_VIEWER);
    sets_rig_release(&r);
    sets_access_free(clock.access);
    issuer_release(&i);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 5] = {
        CASE("names are as configured", names_are_as_configured),
        CASE("an issuer is told in full", an_issuer_is_told_in_full),
        CASE("keys come from where they are published", keys_come_from_where_they_are_published),
        CASE("a caller's token is his name", a_callers_token_is_his_name),
        CASE("who shows a token keeps nobody waiting", who_shows_a_token_keeps_nobody_waiting),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[5 + i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_claims, &cases[i]);
    return RUN_CASES("oidc", tests);
}
