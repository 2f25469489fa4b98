#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/thread.h"
#include "test/unit/support/pkg/azure/azure_fixture.h"
#include "test/unit/support/pkg/net/gate.h"
#include "test/unit/support/test.h"

#define SCOPE "https://management.azure.com//.default"

static void check_cache(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":\"3599\",\"access_token\":\"t2\"}" },
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":60,\"access_token\":\"t3\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *t[4] = { 0 };

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &t[0], NULL), 0);
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &t[1], NULL), 0); /* cached */
    fake_clock_advance_ms(&f.clock, (3599 - 299) * 1000); /* within the margin */
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &t[2], NULL), 0);
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, true, &t[3], NULL),
                     0); /* asked for a new one */

    static const char *const want[] = { "t1", "t1", "t2", "t3" };
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        assert_string_equal(secret_reveal(t[i], NULL), want[i]);
        secret_unref(t[i]);
    }
    azure_fixture_finish(&f);
}

/* Asks once; the token's text. */
static const char *ask(struct azure_fixture *f, struct secret **ret)
{
    cleanup_error struct error *err = NULL;
    if (azure_token_get(f->tokens, &f->ctx, SCOPE, false, ret, &err) < 0)
        fail_msg("%s", error_text(err));
    return secret_reveal(*ret, NULL);
}

#define REFUSAL \
    { \
        .request = TOKEN_REQUEST, .status = 400, .reply = "{\"error\":\"invalid_request\"}" \
    }

static void check_late(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        REFUSAL,
        REFUSAL,
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":3599,\"access_token\":\"t2\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *t[5] = { 0 };

    (void)ask(&f, &t[0]);
    fake_clock_advance_ms(&f.clock, (3599 - 300) * 1000);
    assert_string_equal(ask(&f, &t[1]), "t1"); /* refused */
    assert_string_equal(ask(&f, &t[2]), "t1"); /* not tried so soon again */
    fake_clock_advance_ms(&f.clock, 30000);
    assert_string_equal(ask(&f, &t[3]), "t1"); /* refused once more */
    fake_clock_advance_ms(&f.clock, 30000);
    assert_string_equal(ask(&f, &t[4]), "t2");

    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        secret_unref(t[i]);
    azure_fixture_finish(&f);
}

static void check_silence(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = TOKEN_REQUEST, .hang = true },
        { .request = TOKEN_REQUEST, .reply = "{\"expires_in\":3599,\"access_token\":\"t2\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *t[4] = { 0 };
    (void)ask(&f, &t[0]);
    fake_clock_advance_ms(&f.clock, (3599 - 300) * 1000);
    f.clock.auto_advance = true;
    f.ctx = opctx_with_timeout_ms(&f.ctx, 50000);
    int64_t before_ns = clock_mono_ns(&f.clock.base);

    assert_string_equal(ask(&f, &t[1]), "t1");
    assert_int_equal(clock_mono_ns(&f.clock.base) - before_ns, 5 * NS_PER_S);
    fake_clock_advance_ms(&f.clock, 29999);
    assert_string_equal(ask(&f, &t[2]), "t1"); /* the pause begins where the try has ended */
    fake_clock_advance_ms(&f.clock, 1);
    assert_string_equal(ask(&f, &t[3]), "t2");

    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        secret_unref(t[i]);
    azure_fixture_finish(&f);
}

static void check_over(void **state)
{
    (void)state;
    static const struct script_step steps[] = { TOKEN_STEP, REFUSAL };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *first = NULL, *none = NULL;
    (void)ask(&f, &first);
    fake_clock_advance_ms(&f.clock, 3599 * 1000);

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &none, NULL), -1);

    assert_null(none);
    secret_unref(first);
    azure_fixture_finish(&f);
}

static void check_identity(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version="
                     "2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=app\n"
                     "Metadata: true\n"
                     "Accept: application/json\n"
                     "@no_proxy: true\n\n",
          .reply = "{\"access_token\":\"of-machine\",\"expires_in\":\"86399\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.credential.type = AZURE_MANAGED_IDENTITY;
    struct secret *first = NULL, *second = NULL;

    assert_string_equal(ask(&f, &first), "of-machine");
    assert_string_equal(ask(&f, &second), "of-machine");

    secret_unref(first);
    secret_unref(second);
    azure_fixture_finish(&f);
}

static void check_claims(void **state)
{
    (void)state;
    cleanup_secret struct secret *token = secret_new("e30.eyJvaWQiOiJ4In0.", 20); /* {"oid":"x"} */
    cleanup_secret struct secret *opaque = secret_new("opaque", 6);
    cleanup_json json *claims = NULL;

    assert_int_equal(azure_token_claims(token, &claims, NULL), 0);
    assert_string_equal(json_path_str(claims, "oid"), "x");
    assert_int_equal(azure_token_claims(opaque, &claims, NULL), -1);
}

/* ---- callers beside one another ---- */

#define OTHER_SCOPE "https://graph.microsoft.com//.default"

struct caller {
    struct azure_fixture *f;
    struct opctx ctx;
    pthread_t thread;
    struct secret *token;
    enum err_kind failed;
};

static void call(void *arg)
{
    struct caller *c = arg;
    cleanup_error struct error *err = NULL;
    if (azure_token_get(c->f->tokens, &c->ctx, SCOPE, false, &c->token, &err) < 0)
        c->failed = error_kind(err);
}

static void call_in_thread(struct caller *c, struct azure_fixture *f, struct stop *stop)
{
    *c = (struct caller){ .f = f, .ctx = f->ctx };
    c->ctx.stop = stop;
    assert_int_equal(thread_start(&c->thread, "caller", call, c, NULL), 0);
}

static void pass_gate(void *arg)
{
    gate_pass(arg);
}

static void check_one_fetch_for_all(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    const struct script_step steps[] = {
        { .request = TOKEN_REQUEST, .reply = TOKEN_REPLY, .hook = pass_gate, .hook_arg = &gate },
    };
    struct azure_fixture f;
    struct caller callers[5];
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    for (size_t i = 0; i < ARRAY_LEN(callers); i++)
        call_in_thread(&callers[i], &f, NULL);
    gate_await(&gate, 1);
    fake_clock_await(&f.clock, ARRAY_LEN(callers) - 1);

    gate_open(&gate);

    for (size_t i = 0; i < ARRAY_LEN(callers); i++) {
        pthread_join(callers[i].thread, NULL);
        assert_string_equal(secret_reveal(callers[i].token, NULL), "t1");
        secret_unref(callers[i].token);
    }
    azure_fixture_finish(&f);
    gate_release(&gate);
}

static void check_who_waits_is_free(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    const struct script_step steps[] = {
        { .request = TOKEN_REQUEST, .reply = TOKEN_REPLY, .hook = pass_gate, .hook_arg = &gate },
        { .reply = "{\"expires_in\":3599,\"access_token\":\"of-graph\"}" },
    };
    struct azure_fixture f;
    struct caller leader;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    call_in_thread(&leader, &f, NULL);
    gate_await(&gate, 1);
    cleanup_stop struct stop *stop = stop_new(NULL);
    stop_request(stop);
    struct caller stopped = { .f = &f, .ctx = f.ctx };
    stopped.ctx.stop = stop;
    cleanup_secret struct secret *other = NULL;

    call(&stopped);
    assert_int_equal(azure_token_get(f.tokens, &f.ctx, OTHER_SCOPE, false, &other, NULL), 0);
    azure_token_drop(f.tokens, OTHER_SCOPE);

    assert_null(stopped.token);
    assert_int_equal(stopped.failed, ERR_CANCELLED);
    assert_string_equal(secret_reveal(other, NULL), "of-graph");
    gate_open(&gate);
    pthread_join(leader.thread, NULL);
    assert_string_equal(secret_reveal(leader.token, NULL), "t1");
    secret_unref(leader.token);
    azure_fixture_finish(&f);
    gate_release(&gate);
}

static void check_stopped_fetch(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    const struct script_step steps[] = {
        { .request = TOKEN_REQUEST, .hang = true, .hook = pass_gate, .hook_arg = &gate },
        { .request = TOKEN_REQUEST, .reply = TOKEN_REPLY },
    };
    struct azure_fixture f;
    struct caller leader, other;
    cleanup_stop struct stop *stop = stop_new(NULL);
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    call_in_thread(&leader, &f, stop);
    gate_await(&gate, 1);
    call_in_thread(&other, &f, NULL);
    fake_clock_await(&f.clock, 1);
    gate_open(&gate);

    stop_request(stop);
    pthread_join(leader.thread, NULL);
    pthread_join(other.thread, NULL);

    assert_int_equal(leader.failed, ERR_CANCELLED);
    assert_string_equal(secret_reveal(other.token, NULL), "t1");
    secret_unref(other.token);
    azure_fixture_finish(&f);
    gate_release(&gate);
}

static void check_renewal_is_alone(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate);
    const struct script_step steps[] = {
        TOKEN_STEP,
        { .request = TOKEN_REQUEST,
          .reply = "{\"expires_in\":3599,\"access_token\":\"t2\"}",
          .hook = pass_gate,
          .hook_arg = &gate },
    };
    struct azure_fixture f;
    struct caller renewing;
    struct secret *first = NULL, *meanwhile = NULL;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    (void)ask(&f, &first);
    fake_clock_advance_ms(&f.clock, (3599 - 300) * 1000);
    call_in_thread(&renewing, &f, NULL);
    gate_await(&gate, 1);

    assert_string_equal(ask(&f, &meanwhile), "t1");

    gate_open(&gate);
    pthread_join(renewing.thread, NULL);
    assert_string_equal(secret_reveal(renewing.token, NULL), "t2");
    secret_unref(first);
    secret_unref(meanwhile);
    secret_unref(renewing.token);
    azure_fixture_finish(&f);
    gate_release(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token is kept until five minutes before its end, or until a new one is asked for",
             check_cache),
        CASE("a token that is nearly over serves on while Azure has no other", check_late),
        CASE("renewing costs a caller with a good token little of its time", check_silence),
        CASE("a token that is over is an error when Azure has no other", check_over),
        CASE("one caller renews while the others go on with the old token", check_renewal_is_alone),
        CASE("the machine's identity is cached like any other", check_identity),
        CASE("one fetch serves all who ask meanwhile", check_one_fetch_for_all),
        CASE("a fetch holds up neither who gives up waiting nor another scope",
             check_who_waits_is_free),
        CASE("who waited fetches itself when the fetching one is stopped", check_stopped_fetch),
        CASE("claims are read without verification", check_claims),
    };
    return RUN_CASES("token", tests);
}
