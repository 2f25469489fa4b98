#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hack/devcloud/kubelet/process.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/config.h"
#include "test/unit/support/pkg/kube/kube_fixture.h"
#include "test/unit/support/pkg/kube/temp_dir.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/test.h"

#define TOKEN_OF(account, token) \
    { \
        .request = "POST https://api.test:6443/api/v1/namespaces/n/serviceaccounts/" account \
                   "/token\nAccept: application/json\nContent-Type: application/json\n\n" \
                   "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\"," \
                   "\"spec\":{\"expirationSeconds\":3600}}", \
        .status = 201, .reply = "{\"status\":{\"token\":\"" token "\"}}" \
    }
#define TOKEN(token) TOKEN_OF("sa", token)
#define CONTAINER(container) \
    "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"}," \
    "\"spec\":{\"serviceAccountName\":\"sa\",\"containers\":[" container "]}}"

/* Tells all that it got, and fails. */
#define TELL \
    "#!/bin/sh\n/usr/bin/env >\"$HOME/env\"\nprintf '%s\\n' \"$@\" >\"$HOME/args\"\n" \
    "echo to stdout\necho to stderr >&2\ncat\nexit 3\n"
#define WAIT "#!/bin/sh\nexec /usr/bin/tail -f /dev/null\n"

struct rig {
    struct kube_fixture f;
    char *dir, *bin, *pods;
    struct kubelet_config cfg;
    struct process *p; /* of the pod "p" */
};

static void write_script(const struct rig *r, const char *name, const char *text)
{
    cleanup_free char *path = temp_dir_write(r->bin, name, text);
    assert_int_equal(chmod(path, 0700), 0);
}

static char *make_dir(const struct rig *r, const char *name)
{
    char *path = path_give_joined(r->dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static const char *const pod_env[] = { "GIVEN=to all pods", "ARO_TEST_OWN=of all pods", NULL };

static void rig_init(struct rig *r, const struct script_step *steps, size_t len)
{
    *r = (struct rig){ .dir = temp_dir_give() };
    r->bin = make_dir(r, "bin");
    r->pods = make_dir(r, "pods");
    write_script(r, "tell", TELL);
    write_script(r, "wait", WAIT);
    free(temp_dir_write(r->bin, "plain", "no program"));
    kube_fixture_init(&r->f, steps, len);
    kube_fixture_start(&r->f);
    r->cfg = (struct kubelet_config){ .kube = r->f.client,
                                      .pod_config = &r->f.cfg,
                                      .bin_dir = r->bin,
                                      .dir = r->pods,
                                      .pod_env = pod_env,
                                      .token_period_ms = 1000,
                                      .clock = &r->f.clock.base,
                                      .rng = &r->f.rng.base,
                                      .env = &r->f.env.base,
                                      .log = &r->f.log };
    r->p = process_new(&r->cfg, "p", NULL);
    assert_non_null(r->p);
}

static void rig_finish(struct rig *r)
{
    process_free(r->p);
    kube_fixture_finish(&r->f);
    free(r->bin);
    free(r->pods);
    temp_dir_free(r->dir);
}

static int rig_start(struct rig *r, const char *pod_text, struct error **err)
{
    cleanup_json json *pod = give_tree(pod_text);
    return process_start(r->p, &r->cfg, &r->f.ctx, pod, err);
}

static int rig_refresh(struct rig *r)
{
    cleanup_json json *pod = give_tree(CONTAINER("{}"));
    return process_refresh_token(r->p, &r->cfg, &r->f.ctx, pod, NULL);
}

/* Until it has ended; its exit is still to be collected. */
static void rig_await_exit(const struct rig *r)
{
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)r->p->pid, &info, WEXITED | WNOWAIT), 0);
}

static char *give_file(const struct rig *r, const char *name)
{
    cleanup_free char *path = path_give_joined(r->p->dir, name);
    char *text = NULL;
    size_t len;
    assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
    return text;
}

static void assert_file(const struct rig *r, const char *name, const char *want)
{
    cleanup_free char *got = give_file(r, name);
    assert_string_equal(got, want);
}

static void assert_private(const struct rig *r, const char *name)
{
    cleanup_free char *path = path_give_joined(r->p->dir, name);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, S_ISDIR(st.st_mode) ? 0700 : 0600);
}

static int64_t now_ns(const struct rig *r)
{
    return clock_mono_ns(&r->f.clock.base);
}

/* ---- before the start ---- */

static void test_new(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r, NULL, 0);
    unsigned a, b, c, d;

    assert_private(&r, "");
    assert_int_equal(r.p->pid, 0);
    assert_int_equal(sscanf(r.p->address, "127.%u.%u.%u", &a, &b, &c), 3);
    cleanup_free char *shown = xasprintf("10.%u.%u.%u", a, b, c);
    assert_string_equal(r.p->shown_ip, shown);
    assert_in_range(a, 2, 251);
    assert_int_equal(sscanf(r.p->address, "127.%u.%u.%u.%u", &a, &b, &c, &d), 3);

    rig_finish(&r);
}

static void test_new_again(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r, NULL, 0);
    free(temp_dir_write(r.p->dir, "log", "said before\n"));

    struct process *again = process_new(&r.cfg, "p", NULL);

    assert_non_null(again);
    assert_string_equal(again->dir, r.p->dir);
    assert_file(&r, "log", "said before\n");
    process_free(again);
    rig_finish(&r);
}

/* Tokens, above all, are not left lying about. */
static void test_end_without_trace(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r, NULL, 0);
    free(temp_dir_write(r.p->dir, "token", "s3cret"));
    cleanup_free char *dir = xstrdup(r.p->dir);

    process_free(take(r.p));

    assert_int_equal(access(dir, F_OK), -1);
    assert_int_equal(access(r.pods, F_OK), 0);
    rig_finish(&r);
}

static void test_new_without_folder(void **state)
{
    (void)state;
    struct rig r;
    rig_init(&r, NULL, 0);
    cleanup_error struct error *err = NULL;

    assert_null(process_new(&r.cfg, "no/such/folder", &err));

    assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(ERR_NOT_FOUND));
    rig_finish(&r);
}

/* ---- start ---- */

#define TELLER \
    "{\"command\":[\"/usr/local/bin/tell\",\"on $(COLOUR)\"],\"args\":[\"b c\",\"\"]," \
    "\"env\":[{\"name\":\"COLOUR\",\"value\":\"red\"}," \
    "{\"name\":\"ARO_TEST_OWN\",\"value\":\"of the pod\"}," \
    "{\"name\":\"POD_IP\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIP\"}}}]}"

static void test_start(void **state)
{
    (void)state;
    const struct script_step steps[] = { TOKEN("t1") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(rig_start(&r, CONTAINER(TELLER), NULL), 0);
    assert_true(r.p->pid > 0);
    assert_int_equal(r.p->started_wall_ns, FAKE_WALL_NS);
    rig_await_exit(&r);

    assert_file(&r, "args", "on red\nb c\n\n");
    assert_file(&r, "log", "to stdout\nto stderr\n");
    assert_private(&r, "log");
    cleanup_free char *text = give_file(&r, "env");
    cleanup_strv struct strv env = STRV_INIT;
    strv_split(&env, text, "\n", false);
    cleanup_free char *address = xasprintf("POD_IP=%s", r.p->address);
    cleanup_free char *home = xasprintf("HOME=%s", r.p->dir);
    cleanup_free char *kubeconfig = xasprintf("KUBECONFIG=%s/kubeconfig", r.p->dir);
    assert_true(strv_has(&env, "COLOUR=red"));
    assert_true(strv_has(&env, address));
    assert_true(strv_has(&env, home));
    assert_true(strv_has(&env, kubeconfig));
    assert_true(strv_has(&env, "HOSTNAME=p"));
    assert_true(strv_has(&env, "GIVEN=to all pods"));
    assert_true(strv_has(&env, "ARO_TEST_INHERITED=1"));
    assert_true(strv_has(&env, "ARO_TEST_OWN=of the pod"));
    assert_false(strv_has(&env, "TEST_NOT_INHERITED=1"));
    rig_finish(&r);
}

static void test_credentials(void **state)
{
    (void)state;
    static char name[] = "kubernetes";
    const struct script_step steps[] = { TOKEN("t1") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));
    struct wire_pair ca = wire_pair_make("ca", NULL);
    r.f.cfg.ca_pem = ca.cert_pem;
    r.f.cfg.server_name = name;

    assert_int_equal(rig_start(&r, CONTAINER("{\"command\":[\"wait\"]}"), NULL), 0);

    assert_file(&r, "token", "t1");
    assert_private(&r, "token");
    assert_private(&r, "kubeconfig");
    cleanup_free char *path = path_give_joined(r.p->dir, "kubeconfig");
    cleanup_free char *token = path_give_joined(r.p->dir, "token");
    struct kube_config_options load = { .path = path, .env = &r.f.env.base };
    cleanup_kube_config struct kube_config *config = NULL;
    assert_int_equal(kube_config_load(&load, &config, NULL), 0);
    assert_string_equal(config->server, "https://api.test:6443");
    assert_string_equal(config->ca_pem, ca.cert_pem);
    assert_string_equal(config->server_name, "kubernetes");
    assert_string_equal(config->token_file, token);
    wire_pair_release(&ca);
    rig_finish(&r);
}

static void test_default_account(void **state)
{
    (void)state;
    const struct script_step steps[] = { TOKEN_OF("default", "t1") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));

    assert_int_equal(rig_start(&r,
                               "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"},\"spec\":{"
                               "\"containers\":[{\"command\":[\"wait\"]}]}}",
                               NULL),
                     0);

    assert_file(&r, "token", "t1");
    rig_finish(&r);
}

struct refusal {
    const char *name, *container;
    struct script_step step;
    size_t requests;
    enum err_kind kind;
};

/* clang-format off */
static struct refusal refusals[] = {
    { "a secret that is not there yet keeps a process from starting",
        "{\"command\":[\"wait\"],\"env\":[{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\"}}}]}",
        { .status = 404, .reply = "{}" }, 1, ERR_NOT_FOUND },
    { "a container without command does not start", "{}", { 0 }, 0, ERR_INVALID },
    { "a program that is not there does not start", "{\"command\":[\"none\"]}", TOKEN("t1"), 1, ERR_NOT_FOUND },
    { "a file that is no program does not start", "{\"command\":[\"plain\"]}", TOKEN("t1"), 1, ERR_FORBIDDEN },
    { "without a token nothing starts", "{\"command\":[\"wait\"]}", { .status = 403, .reply = "{}" }, 1, ERR_FORBIDDEN },
    { "a reply without a token is refused", "{\"command\":[\"wait\"]}", { .status = 201, .reply = "{}" }, 1, ERR_INVALID },
};
/* clang-format on */

static void check_refusal(void **state)
{
    const struct refusal *c = *state;
    struct rig r;
    rig_init(&r, &c->step, c->requests);
    cleanup_free char *pod = xasprintf(CONTAINER("%s"), c->container);
    cleanup_error struct error *err = NULL;

    assert_int_equal(rig_start(&r, pod, &err), -1);

    assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->kind));
    assert_int_equal(r.p->pid, 0);
    rig_finish(&r);
}

/* ---- tokens ---- */

static void test_refresh(void **state)
{
    (void)state;
    const struct script_step steps[] = { TOKEN("t1"), TOKEN("t2"), TOKEN("t3") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));
    assert_int_equal(rig_start(&r, CONTAINER("{\"command\":[\"wait\"]}"), NULL), 0);

    fake_clock_advance_ms(&r.f.clock, 999);
    assert_int_equal(rig_refresh(&r), 0);
    assert_file(&r, "token", "t1");
    fake_clock_advance_ms(&r.f.clock, 1);
    assert_int_equal(rig_refresh(&r), 0);
    assert_file(&r, "token", "t2");
    assert_int_equal(rig_refresh(&r), 0);
    assert_file(&r, "token", "t2");
    fake_clock_advance_ms(&r.f.clock, 1000);
    assert_int_equal(rig_refresh(&r), 0);

    assert_file(&r, "token", "t3");
    assert_private(&r, "token");
    rig_finish(&r);
}

static void test_refresh_failed(void **state)
{
    (void)state;
    const struct script_step steps[] = {
        TOKEN("t1"), { .status = 403, .reply = "{}" }, TOKEN("t2"), TOKEN("t3")
    };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));
    cleanup_free char *away = path_give_joined(r.dir, "away");
    assert_int_equal(rig_start(&r, CONTAINER("{\"command\":[\"wait\"]}"), NULL), 0);
    fake_clock_advance_ms(&r.f.clock, 1000);

    assert_int_equal(rig_refresh(&r), -1);
    assert_file(&r, "token", "t1");
    assert_int_equal(rename(r.p->dir, away), 0); /* nowhere to write it */
    assert_int_equal(rig_refresh(&r), -1);
    assert_int_equal(rename(away, r.p->dir), 0);
    assert_int_equal(rig_refresh(&r), 0); /* still due */

    assert_file(&r, "token", "t3");
    rig_finish(&r);
}

/* ---- end ---- */

static void test_exit_code(void **state)
{
    (void)state;
    const struct script_step steps[] = { TOKEN("t1"), TOKEN("t2") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));
    assert_int_equal(rig_start(&r, CONTAINER(TELLER), NULL), 0);
    r.p->ready = true;
    rig_await_exit(&r);

    process_poll(r.p, &r.f.clock.base);

    assert_int_equal(r.p->pid, 0);
    assert_true(r.p->has_exited);
    assert_false(r.p->ready);
    assert_int_equal(r.p->last_exit, 3);
    process_poll(r.p, &r.f.clock.base); /* nothing more to collect */
    assert_int_equal(r.p->last_exit, 3);

    assert_int_equal(rig_start(&r, CONTAINER(TELLER), NULL), 0);
    rig_await_exit(&r);
    assert_file(&r, "log", "to stdout\nto stderr\nto stdout\nto stderr\n");
    rig_finish(&r);
}

static void test_exit_signal(void **state)
{
    (void)state;
    const struct script_step steps[] = { TOKEN("t1") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));
    assert_int_equal(rig_start(&r, CONTAINER("{\"command\":[\"wait\"]}"), NULL), 0);
    int pid = (int)r.p->pid;
    process_poll(r.p, &r.f.clock.base);
    assert_int_equal(r.p->pid, pid); /* it runs */
    assert_false(r.p->has_exited);

    process_signal(r.p, SIGTERM);
    rig_await_exit(&r);
    process_poll(r.p, &r.f.clock.base);

    assert_int_equal(r.p->pid, 0);
    assert_int_equal(r.p->last_exit, 128 + SIGTERM);
    process_signal(r.p, SIGKILL); /* nobody is there: no harm */
    rig_finish(&r);
}

static void test_restart_pause(void **state)
{
    (void)state;
    static const struct {
        int restarts;
        int64_t pause_s;
    } rows[] = { { 0, 1 }, { 1, 2 }, { 9, 10 }, { 10, 10 }, { 1000, 10 } };
    const struct script_step steps[ARRAY_LEN(rows)] = { TOKEN("t"), TOKEN("t"), TOKEN("t"),
                                                        TOKEN("t"), TOKEN("t") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        r.p->restarts = rows[i].restarts;
        assert_int_equal(rig_start(&r, CONTAINER("{\"command\":[\"tell\"]}"), NULL), 0);
        rig_await_exit(&r);
        process_poll(r.p, &r.f.clock.base);
        assert_int_equal(r.p->restart_due_ns - now_ns(&r), rows[i].pause_s * NS_PER_S);
    }
    rig_finish(&r);
}

static void test_free_kills(void **state)
{
    (void)state;
    const struct script_step steps[] = { TOKEN("t1") };
    struct rig r;
    rig_init(&r, steps, ARRAY_LEN(steps));
    assert_int_equal(rig_start(&r, CONTAINER("{\"command\":[\"wait\"]}"), NULL), 0);
    pid_t pid = r.p->pid;

    process_free(take(r.p));

    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1); /* ended, and collected */
    assert_int_equal(errno, ECHILD);
    process_free(NULL);
    rig_finish(&r);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        CASE("a pod's folder goes with it", test_end_without_trace),
        CASE("a process has a private folder and an address of its own", test_new),
        CASE("a pod of the same name goes on with its folder", test_new_again),
        CASE("a folder that cannot be made is an error", test_new_without_folder),
        CASE("a process gets its arguments, its environment and a log", test_start),
        CASE("a process gets a kubeconfig that refers to its token", test_credentials),
        CASE("a pod without service account uses the default one", test_default_account),
        CASE("a token is replaced when it is due", test_refresh),
        CASE("a token that could not be replaced stays due", test_refresh_failed),
        CASE("an exit is collected with its code", test_exit_code),
        CASE("a death by signal is collected with the signal", test_exit_signal),
        CASE("the pause before a restart grows up to ten seconds", test_restart_pause),
        CASE("what is freed runs no more", test_free_kills),
    };
    struct CMUnitTest tests[ARRAY_LEN(refusals) + ARRAY_LEN(others)];
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(refusals[i].name, check_refusal, &refusals[i]);
    memcpy(tests + ARRAY_LEN(refusals), others, sizeof(others));
    if (setenv("ARO_TEST_INHERITED", "1", 1) < 0 || setenv("ARO_TEST_OWN", "of ours", 1) < 0 ||
        setenv("TEST_NOT_INHERITED", "1", 1) < 0)
        return 1;
    return RUN_CASES("process", tests);
}
