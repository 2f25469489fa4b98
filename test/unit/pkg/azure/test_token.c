#include <string.h>

#include "pkg/azure/azure.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
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

static void check_refusal(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .request = TOKEN_REQUEST,
          .status = 401,
          .reply = "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid "
                   "client secret provided.\"}" },
    };
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    struct secret *token = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &token, &err), -1);

    assert_string_equal(error_get_code(err), "AADSTS7000215");
    assert_true(error_is(err, ERR_UNAUTHORIZED));
    assert_non_null(strstr(error_text(err), "Invalid client secret"));
    assert_null(strstr(error_text(err), "s&cret"));
    azure_fixture_finish(&f);
}

static void check_no_token(void **state)
{
    (void)state;
    static const char *const replies[] = {
        "{}",
        "<html>",
        "",
        "{\"access_token\":7}",
        "{\"access_token\":\"t\",\"expires_in\":9223372036854775807}",
        "{\"access_token\":\"t\",\"expires_in\":-1}",
    };
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        const struct script_step steps[] = { { .request = TOKEN_REQUEST, .reply = replies[i] } };
        struct azure_fixture f;
        azure_fixture_init(&f, steps, ARRAY_LEN(steps));
        struct secret *token = NULL;
        cleanup_error struct error *err = NULL;

        assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &token, &err), -1);

        assert_non_null(err);
        azure_fixture_finish(&f);
    }
}

static void check_federated(void **state)
{
    (void)state;
    static const struct script_step steps[] = {
        { .reply = TOKEN_REPLY },
        { .reply = TOKEN_REPLY },
    };
    char dir[] = "/tmp/azure-token-XXXXXX";
    assert_non_null(mkdtemp(dir));
    cleanup_free char *file = path_give_joined(dir, "token");
    struct azure_fixture f;
    azure_fixture_init(&f, steps, ARRAY_LEN(steps));
    f.credential.type = AZURE_FEDERATED_TOKEN;
    f.credential.federated_token_file = file;

    static const char *const contents[] = { "jwt-one\n", "jwt-two" };
    for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
        struct secret *token = NULL;
        assert_int_equal(file_write_atomic(file, contents[i], strlen(contents[i]), 0600, NULL), 0);
        assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, true, &token, NULL), 0);
        secret_unref(token);
    }

    assert_non_null(strstr(f.transport.requests.v[0], "&client_assertion=jwt-one"));
    assert_null(strstr(f.transport.requests.v[0], "%0A"));
    assert_non_null(strstr(f.transport.requests.v[1], "&client_assertion=jwt-two"));
    azure_fixture_finish(&f);
    unlink(file);
    rmdir(dir);
}

static void check_missing_file(void **state)
{
    (void)state;
    char missing[] = "/nonexistent/token";
    struct azure_fixture f;
    azure_fixture_init(&f, NULL, 0);
    f.credential.type = AZURE_FEDERATED_TOKEN;
    f.credential.federated_token_file = missing;
    struct secret *token = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(azure_token_get(f.tokens, &f.ctx, SCOPE, false, &token, &err), -1);

    assert_non_null(strstr(error_text(err), "/nonexistent/token"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a token is kept until five minutes before its end, or until a new one is asked for",
             check_cache),
        CASE("a refusal tells Azure's code and never the secret", check_refusal),
        CASE("an answer without a usable token is an error", check_no_token),
        CASE("a federated token is read anew for each request", check_federated),
        CASE("a missing federated token file is named", check_missing_file),
        CASE("one fetch serves all who ask meanwhile", check_one_fetch_for_all),
        CASE("a fetch holds up neither who gives up waiting nor another scope",
             check_who_waits_is_free),
        CASE("who waited fetches itself when the fetching one is stopped", check_stopped_fetch),
        CASE("claims are read without verification", check_claims),
    };
    return RUN_CASES("token", tests);
}
