/*
 * The driver that runs openshift-install, in a folder of its own.
 *
 * It makes the manifests first. The installer gives the cluster an infra ID and a UUID by chance, but the service has named
 * things after its own already: they are renamed in what the installer has made so far, and in its state, where the second
 * half takes them from. What it does not know of the service's network is changed there, too. That makes the ignition
 * configurations, and its state file is the graph.
 *
 * The log of the program goes to ours, without secrets; the error says no more than which part failed.
 */
#include <string.h>

#include "pkg/base/env.h"
#include "pkg/base/file.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"
#include "rp/cluster/installer/asset.h"
#include "rp/cluster/installer/config_server.h"
#include "rp/cluster/installer/graph.h"
#include "rp/cluster/installer/ignition.h"
#include "rp/cluster/installer/inputs.h"
#include "rp/cluster/installer/installer.h"
#include "rp/cluster/installer/patch.h"
#include "rp/cluster/installer/program.h"
#include "rp/cluster/installer/redact.h"
#include "rp/cluster/installer/workdir.h"

#define TIME_LIMIT_MS 600000
#define FILE_MAX ((size_t)8 << 20)
#define STATE_MAX ((size_t)64 << 20)
#define LOG_LINES 60
#define STATE ".openshift_install_state.json"
#define STREAM "stream.json"
#define SCRATCH "tmp" /* what it leaves there goes with the folder */
#define CREDENTIALS "osServicePrincipal.json"

struct external {
    char *program, *folder;
    int64_t time_limit_ms;
    struct strv environment;
    const struct env *env;
};

/* One use of it. */
struct run {
    const struct external *ext;
    const struct opctx *ctx;
    const struct installer_inputs *in;
    struct workdir dir;
    struct strv secrets;
    json *state; /* wiped */
};

static void run_release(struct run *r)
{
    workdir_release(&r->dir);
    redact_forget(&r->secrets);
    json_free_wiped(r->state);
}
#define cleanup_run CLEANUP_WITH(run_release)

/* ---- before ---- */

static void collect_secrets(struct run *r)
{
    redact_add(&r->secrets, secret_reveal(r->in->platform.client_secret, NULL));
    redact_add_pull_secret(&r->secrets, json_path_str(r->in->install_config, "pullSecret"));
}

static int write_inputs(struct run *r, struct error **err)
{
    const struct installer_credentials *p = &r->in->platform;
    cleanup_json_wiped json *login = json_make(
        "{'subscriptionId':%s,'clientId':%s,'clientSecret':%s,'tenantId':%s}", p->subscription_id,
        p->client_id, secret_reveal(p->client_secret, NULL), p->tenant_id);
    cleanup_secret_text char *login_text = json_give_text(login);
    cleanup_secret_text char *config = yaml_give_text(r->in->install_config);
    if (workdir_make_folder(&r->dir, SCRATCH, err) < 0 ||
        workdir_write(&r->dir, "install-config.yaml", config, strlen(config), err) < 0)
        return -1;
    return workdir_write(&r->dir, CREDENTIALS, login_text, strlen(login_text), err);
}

/* Nothing of ours that it does not need: the service's own secrets are variables, too. */
static void give_common_environment(const struct external *ext, const struct workdir *dir,
                                    struct strv *ret)
{
    static const char *const passed[] = {
        "PATH",        "HTTP_PROXY", "HTTPS_PROXY",   "NO_PROXY",     "http_proxy",
        "https_proxy", "no_proxy",   "SSL_CERT_FILE", "SSL_CERT_DIR",
    };
    for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
        const char *value = env_get(ext->env, passed[i]);
        if (value)
            strv_addf(ret, "%s=%s", passed[i], value);
    }
    for (size_t i = 0; i < ext->environment.len; i++)
        strv_add(ret, ext->environment.v[i]);
    strv_addf(ret, "HOME=%s", dir->path);
}

static void give_environment(const struct run *r, struct strv *ret)
{
    give_common_environment(r->ext, &r->dir, ret);
    strv_addf(ret, "TMPDIR=%s/" SCRATCH, r->dir.path);
    strv_addf(ret, "AZURE_AUTH_LOCATION=%s/" CREDENTIALS, r->dir.path);
    strv_addf(ret, "OPENSHIFT_INSTALL_RELEASE_IMAGE_OVERRIDE=%s", r->in->release_image);
    strv_add(ret, "OPENSHIFT_INSTALL_INVOKER=aro");
}

/* ---- the program ---- */

static void log_tail(const struct run *r, const char *what, const char *tail, bool failed)
{
    cleanup_free char *text = redact_give(tail, &r->secrets);
    cleanup_strv struct strv lines = STRV_INIT;
    strv_split(&lines, text, "\r\n", false);
    size_t first = lines.len > LOG_LINES ? lines.len - LOG_LINES : 0;
    for (size_t i = first; i < lines.len; i++)
        log_at(r->ctx->log, failed ? LOG_ERROR : LOG_DEBUG, "openshift-install create %s: %s", what,
               lines.v[i]);
}

static int create(struct run *r, const struct opctx *ctx, const char *what, struct error **err)
{
    cleanup_strv struct strv arguments = STRV_INIT, environment = STRV_INIT;
    cleanup_secret_text char *tail = NULL;
    cleanup_error struct error *why = NULL;
    strv_add(&arguments, r->ext->program);
    strv_add(&arguments, "create");
    strv_add(&arguments, what);
    strv_add(&arguments, "--dir");
    strv_add(&arguments, r->dir.path);
    give_environment(r, &environment);
    struct program p = { .folder = r->dir.path,
                         .arguments = &arguments,
                         .environment = &environment };
    int rc = program_run(ctx, &p, &tail, &why);
    if (tail)
        log_tail(r, what, tail, rc < 0);
    if (rc == 0)
        return 0;
    error_move(err, &why);
    return error_wrap(err, "openshift-install create %s", what);
}

/* ---- between ---- */

static int read_state(struct run *r, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    size_t len;
    if (workdir_read(&r->dir, STATE, STATE_MAX, &text, err) < 0)
        return error_wrap(err, "the state of openshift-install");
    const char *data = secret_reveal(text, &len);
    json_free_wiped(take(r->state));
    if (json_parse_object(data, len, &r->state, err) < 0)
        return error_wrap(err, "the state of openshift-install");
    return 0;
}

static int write_state(struct run *r, struct error **err)
{
    cleanup_secret_text char *text = json_give_text(r->state);
    return workdir_write(&r->dir, STATE, text, strlen(text), err);
}

/* Names that the installer chose, as they were. */
struct chosen {
    char *infra_id, *uuid;
};

static void chosen_release(struct chosen *c)
{
    free(c->infra_id);
    free(c->uuid);
}
#define cleanup_chosen CLEANUP_WITH(chosen_release)

static int take_over_names(struct run *r, struct chosen *ret, struct error **err)
{
    const char *infra_id, *uuid;
    json *id = json_get(r->state, ASSET_CLUSTER_ID);
    if (json_need_str(id, "InfraID", &infra_id, err) < 0 ||
        json_need_str(id, "UUID", &uuid, err) < 0)
        return error_wrap(err, "the state of openshift-install, %s", ASSET_CLUSTER_ID);
    *ret = (struct chosen){ xstrdup(infra_id), xstrdup(uuid) };
    json_put(id, "InfraID", json_new_str(r->in->infra_id));
    json_put(id, "UUID", json_new_str(r->in->document_id));
    return 0;
}

static int patch_file(struct run *r, const struct chosen *chosen, const char *name,
                      struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    size_t len, infra_count, uuid_count;
    if (workdir_read(&r->dir, name, FILE_MAX, &text, err) < 0)
        return -1;
    cleanup_secret_text char *infra = patch_give_renamed(
        secret_reveal(text, &len), chosen->infra_id, r->in->infra_id, &infra_count);
    cleanup_secret_text char *renamed =
        patch_give_renamed(infra, chosen->uuid, r->in->document_id, &uuid_count);
    cleanup_secret_text char *patched = NULL;
    if (patch_manifest(r->in, r->state, renamed, strlen(renamed), &patched, err) < 0)
        return error_wrap(err, "%s", name);
    if (!patched && infra_count + uuid_count == 0)
        return 0;
    const char *made = patched ? patched : renamed;
    return workdir_write(&r->dir, name, made, strlen(made), err);
}

static int patch_folder(struct run *r, const struct chosen *chosen, const char *folder,
                        size_t *ret_count, struct error **err)
{
    cleanup_strv struct strv names = STRV_INIT;
    if (workdir_list(&r->dir, folder, &names, err) < 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        cleanup_free char *name = xasprintf("%s/%s", folder, names.v[i]);
        if (patch_file(r, chosen, name, err) < 0)
            return -1;
    }
    *ret_count = names.len;
    return 0;
}

/* Beside the installer's, or in the place of one of them. */
static int add_manifests(struct run *r, struct error **err)
{
    cleanup_strv struct strv theirs = STRV_INIT;
    if (workdir_list(&r->dir, "openshift", &theirs, err) < 0)
        return -1;
    for (struct json_iter it = json_each(r->in->manifests); json_next(&it);) {
        const char *text = json_str(it.value);
        cleanup_free char *name =
            xasprintf("%s/%s", strv_has(&theirs, it.key) ? "openshift" : "manifests", it.key);
        if (workdir_write(&r->dir, name, text, strlen(text), err) < 0)
            return -1;
    }
    return 0;
}

static int64_t now(const struct run *r)
{
    return clock_wall_ns(r->ctx->clock);
}

static int change_manifests(struct run *r, struct error **err)
{
    cleanup_chosen struct chosen chosen = { 0 };
    size_t manifests, others;
    if (read_state(r, err) < 0 || take_over_names(r, &chosen, err) < 0 ||
        config_server_certify(r->in, now(r), r->state, err) < 0 || write_state(r, err) < 0 ||
        patch_folder(r, &chosen, "manifests", &manifests, err) < 0 ||
        patch_folder(r, &chosen, "openshift", &others, err) < 0)
        return -1;
    if (manifests == 0 || others == 0)
        return error_set(err, ERR_IO, "openshift-install made no manifests");
    return add_manifests(r, err);
}

/* ---- after ---- */

/* What is changed in a file; *ret NULL: nothing. */
typedef int change_fn(const struct run *r, const char *text, size_t len, char **ret,
                      struct error **err);

static int change_bootstrap(const struct run *r, const char *text, size_t len, char **ret,
                            struct error **err)
{
    cleanup_json_wiped json *config = NULL;
    if (json_parse_object(text, len, &config, err) < 0 ||
        config_server_patch_bootstrap(r->in, r->state, config, err) < 0)
        return -1;
    ignition_add_all(config, r->in->bootstrap);
    *ret = json_give_text(config);
    return 0;
}

static int change_pointer(const struct run *r, const char *text, size_t len, char **ret,
                          struct error **err)
{
    (void)len;
    (void)err;
    *ret = config_server_give_redirected(r->in, text);
    return 0;
}

static int take_file(struct run *r, const char *name, size_t max, const char *asset,
                     change_fn *change, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    size_t len;
    if (workdir_read(&r->dir, name, max, &text, err) < 0)
        return -1;
    cleanup_secret_text char *changed = NULL;
    const char *data = secret_reveal(text, &len);
    if (change && change(r, data, len, &changed, err) < 0)
        return error_wrap(err, "%s", asset);
    if (changed) {
        data = changed;
        len = strlen(changed);
    }
    json *kept = json_get(r->state, asset);
    if (!json_is_object(kept)) {
        kept = json_new_object();
        json_put(r->state, asset, kept);
    }
    json_put(kept, "File", asset_give_file(name, data, len));
    return 0;
}

static int check_pointer(const struct run *r, const char *asset, struct error **err)
{
    cleanup_secret struct secret *text = NULL;
    size_t len;
    if (asset_need_file(r->state, asset, &text, err) < 0)
        return -1;
    (void)secret_reveal(text, &len);
    if (len > CUSTOM_DATA_MAX)
        return error_set(err, ERR_TOO_LARGE, "%s: %zu bytes are more than the %d of customData",
                         asset, len, CUSTOM_DATA_MAX);
    return 0;
}

static int check_names(const struct run *r, struct error **err)
{
    const char *infra_id;
    cleanup_secret struct secret *text = NULL;
    cleanup_json json *metadata = NULL;
    size_t len;
    if (asset_need_file(r->state, ASSET_METADATA, &text, err) < 0)
        return -1;
    const char *data = secret_reveal(text, &len);
    if (json_parse_object(data, len, &metadata, err) < 0 ||
        graph_need_infra_id(r->state, &infra_id, err) < 0)
        return error_wrap(err, "metadata.json");
    if (!str_eq(infra_id, r->in->infra_id) ||
        !str_eq(json_path_str(metadata, "infraID"), r->in->infra_id))
        return error_set(err, ERR_IO, "openshift-install did not take over the infra ID %s",
                         r->in->infra_id);
    return 0;
}

static int collect(struct run *r, struct error **err)
{
    static const struct {
        const char *file, *asset;
        size_t max;
        change_fn *change;
    } files[] = {
        { "bootstrap.ign", ASSET_BOOTSTRAP, STATE_MAX, change_bootstrap },
        { "master.ign", ASSET_MASTER, FILE_MAX, change_pointer },
        { "worker.ign", ASSET_WORKER, FILE_MAX, change_pointer },
        { "auth/kubeconfig", ASSET_ADMIN_CLIENT, FILE_MAX, NULL },
        { "auth/kubeadmin-password", ASSET_KUBEADMIN_PASSWORD, FILE_MAX, NULL },
        { "metadata.json", ASSET_METADATA, FILE_MAX, NULL },
    };
    if (read_state(r, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        if (take_file(r, files[i].file, files[i].max, files[i].asset, files[i].change, err) < 0)
            return error_wrap(err, "what openshift-install made");
    if (check_pointer(r, ASSET_MASTER, err) < 0 || check_pointer(r, ASSET_WORKER, err) < 0 ||
        check_names(r, err) < 0 || graph_check(r->state, now(r), err) < 0)
        return error_wrap(err, "what openshift-install made");
    return 0;
}

/* ---- the driver ---- */

static int generate(void *arg, const struct opctx *ctx, const struct installer_inputs *in,
                    json **ret_graph, struct error **err)
{
    const struct external *ext = arg;
    struct opctx limited = opctx_with_timeout_ms(ctx, ext->time_limit_ms);
    cleanup_run struct run r = { .ext = ext, .ctx = ctx, .in = in };
    if (inputs_check(in, err) < 0)
        return -1;
    collect_secrets(&r);
    if (workdir_make(ext->folder, in->document_id, &r.dir, err) < 0 || write_inputs(&r, err) < 0 ||
        create(&r, &limited, "manifests", err) < 0 || change_manifests(&r, err) < 0 ||
        create(&r, &limited, "ignition-configs", err) < 0 || collect(&r, err) < 0)
        return error_wrap(err, "making the install graph of %s", in->infra_id);
    *ret_graph = take(r.state);
    return 0;
}

static void give_stream_arguments(const struct external *ext, struct strv *ret)
{
    strv_add(ret, ext->program);
    strv_add(ret, "coreos");
    strv_add(ret, "print-stream-json");
}

static int print_stream(const struct external *ext, const struct opctx *ctx,
                        const struct workdir *dir, struct error **err)
{
    struct opctx limited = opctx_with_timeout_ms(ctx, ext->time_limit_ms);
    cleanup_strv struct strv arguments = STRV_INIT, environment = STRV_INIT;
    cleanup_free char *output = path_give_joined(dir->path, STREAM), *tail = NULL;
    give_stream_arguments(ext, &arguments);
    give_common_environment(ext, dir, &environment);
    const struct program p = {
        .folder = dir->path, .arguments = &arguments, .environment = &environment, .output = output
    };
    int rcode = program_run(&limited, &p, &tail, err);
    if (rcode < 0 && tail && *tail)
        log_error(ctx->log, "openshift-install coreos print-stream-json: %s", tail);
    return rcode;
}

static int find_image(void *arg, const struct opctx *ctx, const char *id, struct machine_image *ret,
                      struct error **err)
{
    const struct external *ext = arg;
    cleanup_workdir struct workdir dir = { 0 };
    cleanup_secret struct secret *text = NULL;
    cleanup_json json *stream = NULL;
    size_t len;
    if (workdir_make(ext->folder, id, &dir, err) < 0 || print_stream(ext, ctx, &dir, err) < 0 ||
        workdir_read(&dir, STREAM, FILE_MAX, &text, err) < 0)
        return error_wrap(err, "openshift-install coreos print-stream-json");
    const char *data = secret_reveal(text, &len);
    if (json_parse_object(data, len, &stream, err) < 0 || machine_image_find(stream, ret, err) < 0)
        return error_wrap(err, "openshift-install coreos print-stream-json");
    return 0;
}

static void end(void *arg)
{
    struct external *ext = arg;
    free(ext->program);
    free(ext->folder);
    strv_release(&ext->environment);
    free(ext);
}

struct installer *installer_external_new(const struct installer_external_config *cfg)
{
    static const struct installer_ops ops = { generate, find_image, end };
    struct external *ext = xnew(struct external);
    ext->env = cfg->env ? cfg->env : env_process();
    ext->program = xstrdup(cfg->program);
    ext->folder = xstrdup(cfg->folder ? cfg->folder : env_get_or(ext->env, "TMPDIR", "/tmp"));
    ext->time_limit_ms = cfg->time_limit_ms ? cfg->time_limit_ms : TIME_LIMIT_MS;
    for (size_t i = 0; cfg->environment && cfg->environment[i]; i++)
        strv_add(&ext->environment, cfg->environment[i]);
    workdir_sweep(ext->folder);
    struct installer *i = xnew(struct installer);
    *i = (struct installer){ &ops, ext };
    return i;
}
