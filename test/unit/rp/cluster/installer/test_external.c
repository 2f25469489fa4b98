#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/installer.h"
#include "rp/cluster/installer/workdir.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/rp/cluster/install_inputs.h"
#include "test/unit/support/rp/cluster/installer_contract.h"
#include "test/unit/support/rp/cluster/installer_payload.h"
#include "test/unit/support/test.h"

/* What the real one would choose by chance. */
#define THEIR_INFRA_ID "short-9zvbq"
#define THEIR_UUID "99999999-6a8e-4b6e-9a3b-1c3a6a0f7e51"
#define FILE_MAX ((size_t)8 << 20)

/* Folders of one test: what the stand-in copies, where it writes what it saw, and where it works. */
struct stage {
    enum installer_layout layout;
    struct workdir dir;
    struct install_inputs s;
    struct fake_env env;
    struct log_capture log;
    struct log logger;
    struct strv environment;
    struct installer *installer;
    struct opctx ctx;
};

/* ---- what the stand-in has ---- */

/* Managed identities, which the service's clusters do not have. */
static void put_other_cloud_config(const struct stage *st)
{
    static const char text[] =
        "apiVersion: v1\nkind: ConfigMap\n"
        "metadata: {name: cloud-provider-config, namespace: openshift-config}\n"
        "data:\n  config: '{\"cloud\":\"AzurePublicCloud\",\"useManagedIdentityExtension\":true,"
        "\"securityGroupName\":\"" THEIR_INFRA_ID "-node-nsg\",\"vnetName\":\"vnet\"}'\n";
    assert_int_equal(workdir_write(&st->dir, "payload/manifests/cloud-provider-config.yaml", text,
                                   strlen(text), NULL),
                     0);
}

/* What the real one would make, with its own names; made once, since it takes a second. */
static const json *give_their_graph(const struct stage *st)
{
    static json *graphs[2];
    json **graph = &graphs[st->layout];
    if (*graph)
        return *graph;
    struct install_inputs theirs;
    install_inputs_init(&theirs, st->layout);
    theirs.in.infra_id = THEIR_INFRA_ID;
    theirs.in.document_id = THEIR_UUID;
    theirs.in.image.version = "1.2.3";
    theirs.in.manifests = theirs.in.bootstrap = NULL;
    theirs.in.api_int_ip = NULL;
    struct installer *builtin = installer_builtin_new();
    assert_int_equal(installer_generate(builtin, &st->ctx, &theirs.in, graph, NULL), 0);
    installer_free(builtin);
    install_inputs_release(&theirs);
    return *graph;
}

static void prepare_payload(const struct stage *st)
{
    assert_int_equal(installer_payload_write(&st->dir, give_their_graph(st), NULL), 0);
    put_other_cloud_config(st);
}

/* ---- a test's stage ---- */

static void make_folders(const struct stage *st)
{
    static const char *const names[] = { "record", "work" };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(workdir_make_folder(&st->dir, names[i], NULL), 0);
}

static void stage_init(struct stage *st, enum installer_layout layout, const char *mode)
{
    *st = (struct stage){ .layout = layout };
    log_capture_init(&st->log, clock_system());
    st->logger = log_root(&st->log.base);
    st->ctx = opctx_root(clock_system(), rng_system(), NULL, &st->logger);
    const char *tmp = env_get_or(env_process(), "TMPDIR", "/tmp");
    cleanup_free char *id = xasprintf("test-%d", (int)getpid());
    assert_int_equal(workdir_make(tmp, id, &st->dir, NULL), 0);
    make_folders(st);
    install_inputs_init(&st->s, layout);
    prepare_payload(st);
    fake_env_init(&st->env);
    fake_env_set(&st->env, "PATH", env_get(env_process(), "PATH"));
    fake_env_set(&st->env, "HTTPS_PROXY", "http://proxy.example:3128");
    fake_env_set(&st->env, "AZURE_CLIENT_SECRET", "the-service-s-own");
    strv_addf(&st->environment, "STANDIN_PAYLOAD=%s/payload", st->dir.path);
    strv_addf(&st->environment, "STANDIN_RECORD=%s/record", st->dir.path);
    strv_addf(&st->environment, "STANDIN_MODE=%s", mode);
}

static void start(struct stage *st, const char *program, int64_t time_limit_ms)
{
    char cwd[4096];
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    cleanup_free char *path =
        xasprintf("%s/test/unit/support/rp/cluster/standin_installer.sh", cwd);
    cleanup_free char *work = path_give_joined(st->dir.path, "work");
    struct installer_external_config cfg = { .program = program ? program : path,
                                             .folder = work,
                                             .time_limit_ms = time_limit_ms,
                                             .env = &st->env.base,
                                             .environment =
                                                 (const char *const *)st->environment.v };
    st->installer = installer_external_new(&cfg);
}

static void stage_release(struct stage *st)
{
    installer_free(st->installer);
    strv_release(&st->environment);
    fake_env_release(&st->env);
    install_inputs_release(&st->s);
    workdir_release(&st->dir);
    log_capture_release(&st->log);
}

static void assert_nothing_left(const struct stage *st)
{
    cleanup_free char *work = path_give_joined(st->dir.path, "work");
    assert_int_equal(rmdir(work), 0); /* only an empty folder can be removed */
}

static char *give_record(const struct stage *st, const char *name)
{
    cleanup_free char *path = xasprintf("%s/record/%s", st->dir.path, name);
    char *text = NULL;
    size_t len;
    assert_int_equal(file_read(path, FILE_MAX, &text, &len, NULL), 0);
    return text;
}

/* ---- cases ---- */

static void begins_with_a_sweep(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "");
    assert_int_equal(workdir_make_folder(&st.dir, "work/aro-install-killed-1", NULL), 0);
    assert_int_equal(
        workdir_write(&st.dir, "work/aro-install-killed-1/osServicePrincipal.json", "x", 1, NULL),
        0);

    start(&st, NULL, 0);

    assert_nothing_left(&st);
    stage_release(&st);
}

static enum installer_layout first = INSTALLER_V1, second = INSTALLER_V2;

static void keeps_the_contract(void **state)
{
    struct stage st;
    stage_init(&st, *(enum installer_layout *)*state, "");
    start(&st, NULL, 0);
    cleanup_json json *graph = NULL;
    cleanup_error struct error *err = NULL;

    if (installer_generate(st.installer, &st.ctx, &st.s.in, &graph, &err) < 0)
        fail_msg("%s", error_text(err));

    contract_check(&st.s.in, graph, clock_wall_ns(clock_system()));
    assert_nothing_left(&st);
    stage_release(&st);
}

/* Not one manifest has a name that the installer chose. */
static void names_are_the_service_s(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "");
    start(&st, NULL, 0);
    cleanup_json json *graph = NULL, *config = NULL;
    cleanup_secret struct secret *ignition = NULL;
    size_t len;

    assert_int_equal(installer_generate(st.installer, &st.ctx, &st.s.in, &graph, NULL), 0);

    assert_int_equal(graph_give_bootstrap_ignition(graph, &ignition, NULL), 0);
    const char *text = secret_reveal(ignition, &len);
    assert_int_equal(json_parse_object(text, len, &config, NULL), 0);
    const json *files = json_path(config, "storage.files");
    size_t seen = 0;
    for (size_t i = 0; i < json_len(files); i++) {
        const char *path = json_path_str(json_at(files, i), "path");
        if (!strstr(path, "/manifests/") && !strstr(path, "/openshift/99_"))
            continue;
        cleanup_secret struct secret *data =
            contract_give_data(json_path_str(json_at(files, i), "contents.source"));
        assert_null(strstr(secret_reveal(data, NULL), THEIR_INFRA_ID));
        assert_null(strstr(secret_reveal(data, NULL), THEIR_UUID));
        seen++;
    }
    assert_true(seen > 20);
    stage_release(&st);
}

static void keeps_secrets_to_itself(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "");
    start(&st, NULL, 0);
    cleanup_json json *graph = NULL;

    assert_int_equal(installer_generate(st.installer, &st.ctx, &st.s.in, &graph, NULL), 0);

    static const char *const wanted[] = {
        " create manifests --dir ",
        "\nOPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE=quay.io/openshift-release-dev/ocp-release@",
        "\nOPENSHIFT_INSTALL_INVOKER=aro\n",
        "\nHTTPS_PROXY=http://proxy.example:3128\n",
        "\n700 .\n",
        "\n600 install-config.yaml\n",
        "/osServicePrincipal.json\n",
    };
    cleanup_free char *record = give_record(&st, "manifests");
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        if (!strstr(record, wanted[i]))
            fail_msg("'%s' is not in: %s", wanted[i], record);
    assert_non_null(strstr(record, "\n600 /"));
    assert_null(strstr(record, SAMPLE_CLIENT_SECRET));
    assert_null(strstr(record, SAMPLE_PULL_AUTH));
    assert_null(strstr(record, "the-service-s-own"));
    stage_release(&st);
}

struct bad_case {
    const char *name, *mode, *want;
    enum err_kind kind;
};
static struct bad_case bad_cases[] = {
    { "it fails in its first half", "fail manifests", "create manifests: ", ERR_IO },
    { "it fails in its second half", "fail ignition-configs", "ended with exit code 3", ERR_IO },
    { "it is killed", "die manifests", "was ended by signal 9", ERR_IO },
    { "it does nothing at first", "nothing manifests", "the state of openshift-install",
      ERR_NOT_FOUND },
    { "it does nothing then", "nothing ignition-configs", "bootstrap.ign", ERR_NOT_FOUND },
    { "it leaves no state", "no-state manifests", "the state of openshift-install", ERR_NOT_FOUND },
    { "it leaves no state at the end", "no-state ignition-configs",
      "the state of openshift-install", ERR_NOT_FOUND },
    { "it leaves a state that is rubbish", "broken-state manifests",
      "the state of openshift-install", ERR_INVALID },
    { "it leaves a state without names", "no-names manifests", ASSET_CLUSTER_ID, ERR_INVALID },
    { "it makes a manifest that is rubbish", "broken-manifest manifests", "manifests/broken.yaml",
      ERR_INVALID },
    { "it makes no manifests", "no-manifests manifests", "made no manifests", ERR_IO },
    { "it leaves no password", "no-password ignition-configs", "kubeadmin-password",
      ERR_NOT_FOUND },
    { "it leaves no signer", "no-signer ignition-configs", ASSET_ADMIN_SIGNER, ERR_INVALID },
    { "it makes a bootstrap configuration that is rubbish", "broken-bootstrap ignition-configs",
      ASSET_BOOTSTRAP, ERR_INVALID },
    { "it makes a pointer that is too large", "large-pointer ignition-configs", "65535",
      ERR_TOO_LARGE },
    { "it keeps its own name", "own-name ignition-configs", "infra ID", ERR_IO },
};

static void check_bad(void **state)
{
    const struct bad_case *c = *state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, c->mode);
    start(&st, NULL, 0);
    cleanup_json json *graph = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(installer_generate(st.installer, &st.ctx, &st.s.in, &graph, &err), -1);

    if (!strstr(error_text(err), c->want))
        fail_msg("'%s' is not in: %s", c->want, error_text(err));
    assert_string_equal(err_kind_name(error_kind(err)), err_kind_name(c->kind));
    assert_null(strstr(error_text(err), SAMPLE_CLIENT_SECRET));
    assert_false(log_capture_has(&st.log, SAMPLE_CLIENT_SECRET));
    assert_null(graph);
    assert_nothing_left(&st);
    stage_release(&st);
}

static void logs_what_it_said(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "fail ignition-configs");
    start(&st, NULL, 0);
    cleanup_json json *graph = NULL;

    assert_int_equal(installer_generate(st.installer, &st.ctx, &st.s.in, &graph, NULL), -1);

    assert_true(log_capture_has(&st.log, "failed with [redacted]"));
    assert_true(log_capture_has(&st.log, "level=error"));
    stage_release(&st);
}

static void ends_what_takes_too_long(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "hang manifests");
    start(&st, NULL, 300);
    cleanup_json json *graph = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(installer_generate(st.installer, &st.ctx, &st.s.in, &graph, &err), -1);

    assert_true(error_is(err, ERR_TIMEOUT));
    assert_nothing_left(&st);
    stage_release(&st);
}

/* Somebody who wants the work to stop once the stand-in hangs. */
struct impatient {
    struct stop *stop;
    char *child_path;
};

static void *wait_and_stop(void *arg)
{
    const struct impatient *who = arg;
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct opctx limited = opctx_with_timeout_ms(&ctx, 60000);
    while (access(who->child_path, F_OK) < 0 && opctx_sleep_ms(&limited, 10, NULL) == 0)
        ;
    stop_request(who->stop);
    return NULL;
}

static bool is_running(const char *stat_path)
{
    cleanup_free char *text = NULL;
    size_t len;
    return file_read(stat_path, 4096, &text, &len, NULL) == 0 && !strstr(text, ") Z ") &&
           !strstr(text, ") X ");
}

/* It was killed, and has to have a processor once more to end; who reaps it, and when, is not ours to say. */
static void assert_dies(const char *pid_text)
{
    cleanup_free char *path = xasprintf("/proc/%.*s/stat", (int)strcspn(pid_text, "\n"), pid_text);
    struct opctx ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    struct opctx limited = opctx_with_timeout_ms(&ctx, 60000);
    while (is_running(path))
        if (opctx_sleep_ms(&limited, 10, NULL) < 0)
            fail_msg("process %s runs on", pid_text);
}

static void ends_with_the_work(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "hang manifests");
    start(&st, NULL, 0);
    cleanup_stop struct stop *stop = stop_new(NULL);
    struct opctx ctx = opctx_with_stop(&st.ctx, stop);
    struct impatient who = { stop, xasprintf("%s/record/child", st.dir.path) };
    pthread_t thread;
    cleanup_json json *graph = NULL;
    cleanup_error struct error *err = NULL;
    assert_int_equal(pthread_create(&thread, NULL, wait_and_stop, &who), 0);

    assert_int_equal(installer_generate(st.installer, &ctx, &st.s.in, &graph, &err), -1);
    (void)pthread_join(thread, NULL);

    cleanup_free char *child = give_record(&st, "child");
    assert_true(error_is(err, ERR_CANCELLED));
    assert_dies(child);
    assert_nothing_left(&st);
    free(who.child_path);
    stage_release(&st);
}

static void tells_of_a_missing_program(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "");
    start(&st, "no-such-openshift-install", 0);
    cleanup_json json *graph = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(installer_generate(st.installer, &st.ctx, &st.s.in, &graph, &err), -1);

    assert_true(error_is(err, ERR_NOT_FOUND));
    assert_non_null(strstr(error_text(err), "no-such-openshift-install"));
    assert_nothing_left(&st);
    stage_release(&st);
}

static void finds_the_image_of_its_release(void **state)
{
    (void)state;
    struct stage st;
    stage_init(&st, INSTALLER_V2, "");
    start(&st, NULL, 0);
    cleanup_machine_image struct machine_image image = { 0 };

    assert_int_equal(installer_find_image(st.installer, &st.ctx, SAMPLE_ID, &image, NULL), 0);

    assert_string_equal(image.sku, "aro_417");
    assert_string_equal(image.version, "417.94.20240905");
    assert_nothing_left(&st);
    stage_release(&st);
}

static void tells_why_there_is_no_image(void **state)
{
    (void)state;
    static const struct {
        const char *mode, *want;
    } wrong[] = {
        { "old stream", "openshift-install coreos print-stream-json" },
        { "broken stream", "openshift-install coreos print-stream-json" },
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct stage st;
        stage_init(&st, INSTALLER_V2, wrong[i].mode);
        start(&st, NULL, 0);
        cleanup_machine_image struct machine_image image = { 0 };
        cleanup_error struct error *err = NULL;

        assert_int_equal(installer_find_image(st.installer, &st.ctx, SAMPLE_ID, &image, &err), -1);

        assert_non_null(strstr(error_text(err), wrong[i].want));
        assert_null(image.version);
        assert_nothing_left(&st);
        stage_release(&st);
    }
}

int main(void)
{
    struct CMUnitTest tests[11 + ARRAY_LEN(bad_cases)] = {
        CASE("what killed processes left is removed when it begins", begins_with_a_sweep),
        CASE_OF("graphs of the first layout are as they have to be", keeps_the_contract, &first),
        CASE_OF("graphs of the second layout are as they have to be", keeps_the_contract, &second),
        CASE("no manifest keeps a name that the installer chose", names_are_the_service_s),
        CASE("no secret is in arguments, environment or others' reach", keeps_secrets_to_itself),
        CASE("what it said before it failed is in the log, without secrets", logs_what_it_said),
        CASE("it ends what takes too long", ends_what_takes_too_long),
        CASE("it ends when the work does, children and all", ends_with_the_work),
        CASE("a program that there is not is named", tells_of_a_missing_program),
        CASE("it finds the image of its release", finds_the_image_of_its_release),
        CASE("it tells why there is no image", tells_why_there_is_no_image),
    };
    for (size_t i = 0; i < ARRAY_LEN(bad_cases); i++)
        tests[11 + i] = (struct CMUnitTest)CASE_OF(bad_cases[i].name, check_bad, &bad_cases[i]);
    return RUN_CASES("external", tests);
}
