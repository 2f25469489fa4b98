/*
 * kube-client - drives the Kubernetes client against a real API server, 1.20 or later:
 *
 *   kube-client [--kubeconfig FILE]      exit 0 when all checks pass
 *
 * Makes a namespace, works in it, deletes it. Prints a line per check.
 */
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/conformance/kube-client/check.h"

int want_text(const char *got, const char *want, struct error **err)
{
    if (str_eq(got, want))
        return 0;
    return error_set(err, ERR_INTERNAL, "want '%s', got '%s'", want ? want : "(none)",
                     got ? got : "(none)");
}

int want_int(int64_t got, int64_t want, struct error **err)
{
    if (got == want)
        return 0;
    return error_set(err, ERR_INTERNAL, "want %lld, got %lld", (long long)want, (long long)got);
}

int want_error(int rc, struct error **got, enum err_kind kind, const char *code, struct error **err)
{
    cleanup_error struct error *e = take(*got);
    if (rc == 0)
        return error_set(err, ERR_INTERNAL, "want an error of kind '%s', got none",
                         err_kind_name(kind));
    if (error_kind(e) == kind && (!code || str_eq(error_get_code(e), code)))
        return 0;
    const char *got_code = error_get_code(e);
    return error_set(err, ERR_INTERNAL, "want '%s' %s, got '%s' %s: %s", err_kind_name(kind),
                     code ? code : "", err_kind_name(error_kind(e)), got_code ? got_code : "",
                     error_text(e));
}

static int make_namespace(struct world *w, struct error **err)
{
    char id[UUID_LEN + 1];
    rng_uuid(w->ctx.rng, id);
    (void)snprintf(w->nspace, sizeof(w->nspace), "kube-client-%.8s", id);
    cleanup_json json *ns =
        json_make("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':%s}}", w->nspace);
    return kube_create(w->client, &w->ctx, KUBE_REF(&GVR_NAMESPACES, NULL, NULL), ns, NULL, NULL,
                       err);
}

static size_t run_checks(struct world *w, const struct check *checks, size_t len)
{
    size_t failed = 0;
    for (size_t i = 0; i < len; i++) {
        cleanup_error struct error *e = NULL;
        if (checks[i].run(w, &e) == 0) {
            printf("ok      %s\n", checks[i].name);
            continue;
        }
        failed++;
        printf("FAILED  %s\n        %s\n", checks[i].name, error_text(e));
    }
    return failed;
}

static int start(struct world *w, const char *path, const struct log *log, struct error **err)
{
    const struct kube_config_options from = { .path = path, .env = env_process(), .log = log };
    const struct http_client_config http = { .clock = clock_system(),
                                             .env = env_process(),
                                             .log = log };
    const struct kube_client_options opt = { .user_agent = "kube-client",
                                             .clock = clock_system(),
                                             .rng = rng_system(),
                                             .env = env_process(),
                                             .log = log,
                                             .request_timeout_ms = 30000 };
    if (kube_config_load(&from, &w->cfg, err) < 0 || http_client_new(&http, &w->http, err) < 0 ||
        kube_client_new(w->http, w->cfg, &opt, &w->client, err) < 0)
        return -1;
    w->discovery = discovery_new(w->client, clock_system());
    return make_namespace(w, err);
}

static void end(struct world *w)
{
    if (w->nspace[0])
        (void)kube_delete(w->client, &w->ctx, KUBE_REF(&GVR_NAMESPACES, NULL, w->nspace), NULL,
                          NULL);
    discovery_free(w->discovery);
    kube_client_free(w->client);
    http_client_free(w->http);
    kube_config_free(w->cfg);
}

int main(int argc, char **argv)
{
    bool has_path = argc == 3 && strcmp(argv[1], "--kubeconfig") == 0;
    if (argc != 1 && !has_path) {
        (void)fprintf(stderr, "usage: kube-client [--kubeconfig FILE]\n");
        return 2;
    }
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, STDERR_FILENO, LOG_INFO, LOG_TEXT, clock_system());
    struct log log = log_root(&sink.base);
    struct opctx root = opctx_root(clock_system(), rng_system(), NULL, &log);
    struct world w = { .ctx = opctx_with_timeout_ms(&root, 300000) };
    cleanup_error struct error *e = NULL;
    size_t failed = 1;
    if (start(&w, has_path ? argv[2] : NULL, &log, &e) < 0)
        (void)fprintf(stderr, "kube-client: %s\n", error_text(e));
    else
        failed = run_checks(&w, object_checks, object_checks_len) +
                 run_checks(&w, server_checks, server_checks_len);
    end(&w);
    if (!e)
        printf("%zu failed\n", failed);
    return failed > 0;
}
