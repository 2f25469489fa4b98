#include "pkg/kube/config.h"

#include "pkg/base/mem.h"
#include "pkg/kube/config_impl.h"

/* ---- files ---- */

/* The members of KUBECONFIG in order, without empty and repeated ones; missing ones are tolerated,
 * other faults are collected. */
static int add_list(struct kubeconfig *k, const char *list, const struct log *log,
                    struct error **err)
{
    cleanup_strv struct strv paths = STRV_INIT, all = STRV_INIT;
    strv_split(&all, list, ":", false);
    for (size_t i = 0; i < all.len; i++)
        strv_add_unique(&paths, all.v[i]);
    cleanup_error struct error *faults = NULL;
    size_t missing = 0;
    for (size_t i = 0; i < paths.len; i++) {
        cleanup_error struct error *e = NULL;
        if (kubeconfig_add_file(k, paths.v[i], &e) == 0)
            continue;
        if (error_is(e, ERR_NOT_FOUND))
            missing++;
        else
            error_join(&faults, &e);
    }
    if (faults)
        return error_move(err, &faults);
    if (paths.len > 0 && missing == paths.len)
        log_warning(log, "none of the files in KUBECONFIG exists: %s", list);
    return 0;
}

static int add_home(struct kubeconfig *k, const struct env *env, struct error **err)
{
    const char *home = env_get(env, "HOME");
    if (!home || !*home)
        return 0;
    cleanup_free char *path = xasprintf("%s/.kube/config", home);
    cleanup_error struct error *e = NULL;
    if (kubeconfig_add_file(k, path, &e) == 0 || error_is(e, ERR_NOT_FOUND))
        return 0;
    return error_move(err, &e);
}

static int load_explicit(const struct kube_config_options *opt, struct kube_config **ret,
                         struct error **err)
{
    struct kubeconfig k;
    kubeconfig_init(&k);
    int rc = kubeconfig_add_file(&k, opt->path, err);
    if (rc == 0)
        rc = config_build(&k, opt, ret, err);
    kubeconfig_release(&k);
    return rc;
}

static bool is_empty_config(const struct error *e)
{
    return str_eq(error_get_code(e), CONFIG_ERR_EMPTY);
}

/* KUBECONFIG, or the file at home. */
static int load_files(const struct kube_config_options *opt, const char *list,
                      struct kube_config **ret, struct error **err)
{
    struct kubeconfig k;
    kubeconfig_init(&k);
    int rc = list ? add_list(&k, list, opt->log, err) : add_home(&k, opt->env, err);
    if (rc == 0)
        rc = config_build(&k, opt, ret, err);
    kubeconfig_release(&k);
    return rc;
}

static int load_pod(const struct kube_config_options *opt, struct kube_config **ret,
                    struct error **err)
{
    if (kube_config_in_cluster(opt->env, "", opt->log, ret, err) < 0)
        return -1;
    if (opt->nspace) {
        free((*ret)->nspace);
        (*ret)->nspace = xstrdup(opt->nspace);
    }
    return 0;
}

int kube_config_load(const struct kube_config_options *opt, struct kube_config **ret,
                     struct error **err)
{
    if (opt->path)
        return load_explicit(opt, ret, err);

    cleanup_error struct error *empty = NULL;
    const char *list = env_get(opt->env, "KUBECONFIG");
    if (list && *list) {
        if (load_files(opt, list, ret, &empty) == 0)
            return 0;
        if (!is_empty_config(empty))
            return error_move(err, &empty);
    }
    cleanup_error struct error *e = NULL;
    bool pod_may_be_meant = !opt->server && !opt->context;
    if (pod_may_be_meant && load_pod(opt, ret, &e) == 0)
        return 0;
    if (pod_may_be_meant && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    /* Who sets KUBECONFIG does not mean the file at home. */
    return empty ? error_move(err, &empty) : load_files(opt, NULL, ret, err);
}

int kube_config_set_server(struct kube_config *c, const char *server, struct error **err)
{
    char *url;
    if (config_give_server(server, true, &url, err) < 0)
        return -1;
    if (!str_starts(url, "https://")) {
        free(url);
        return error_set(err, ERR_INVALID, "the server '%s' is not https", server);
    }
    free(c->server);
    c->server = url;
    free(take(c->server_name));
    return 0;
}

int kube_config_parse(const char *text, size_t len, const char *context, struct kube_config **ret,
                      struct error **err)
{
    struct kubeconfig k;
    kubeconfig_init(&k);
    int rc = kubeconfig_add_text(&k, text, len, NULL, err);
    if (rc == 0)
        rc = config_build(&k, &(struct kube_config_options){ .context = context }, ret, err);
    kubeconfig_release(&k);
    return rc;
}
