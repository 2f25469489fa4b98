/* The user entry of a kubeconfig: tokens, certificates, plugins, impersonation. */
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/kube/config_impl.h"

#define EXEC_V1 "client.authentication.k8s.io/v1"
#define EXEC_V1BETA1 "client.authentication.k8s.io/v1beta1"

/* Takes text, which it wipes. */
static struct secret *to_secret(char *text)
{
    if (!text)
        return NULL;
    struct secret *s = secret_new(text, strlen(text));
    secret_wipe(text, strlen(text));
    free(text);
    return s;
}

static char *read_pem(const struct config_source *user, const char *key, const char *path)
{
    cleanup_error struct error *e = NULL;
    char *text = NULL;
    size_t len;
    if (file_read(path, CONFIG_PEM_MAX, &text, &len, &e) < 0)
        problem(user->problems, "%s '%s': %s: %s", user->what, user->name, key, error_text(e));
    return text;
}

static void read_cert(const struct config_source *user, struct kube_config *c)
{
    c->cert_pem = config_data(user, "client-certificate-data");
    c->cert_file = config_path(user, "client-certificate");
    c->key_pem = to_secret(config_data(user, "client-key-data"));
    c->key_file = config_path(user, "client-key");
    if (c->cert_pem && c->cert_file)
        problem(user->problems,
                "user '%s': client-certificate-data and client-certificate are both given",
                user->name);
    if (c->key_pem && c->key_file)
        problem(user->problems, "user '%s': client-key-data and client-key are both given",
                user->name);
    bool has_cert = c->cert_pem || c->cert_file, has_key = c->key_pem || c->key_file;
    if (has_cert && !has_key)
        problem(user->problems, "user '%s': a client certificate needs a client key", user->name);
    if (has_key && !has_cert)
        problem(user->problems, "user '%s': a client key needs a client certificate", user->name);
    if (!c->cert_pem && c->cert_file)
        c->cert_pem = read_pem(user, "client-certificate", c->cert_file);
    if (!c->key_pem && c->key_file)
        c->key_pem = to_secret(read_pem(user, "client-key", c->key_file));
}

static void read_extra(const struct config_source *user, struct kube_config *c)
{
    const json *extra = json_get(user->body, "as-user-extra");
    if (extra && !json_is_object(extra))
        problem(user->problems, "user '%s': as-user-extra is not a map", user->name);
    for (struct json_iter it = json_each(extra); json_next(&it);) {
        if (!json_is_array(it.value))
            problem(user->problems, "user '%s': as-user-extra '%s' is not a list", user->name,
                    it.key);
        for (size_t i = 0; json_is_array(it.value) && i < json_len(it.value); i++) {
            const char *value = json_str(json_at(it.value, i));
            if (!value)
                problem(user->problems, "user '%s': as-user-extra '%s' holds what is no string",
                        user->name, it.key);
            strv_add(&c->as_extra_keys, it.key);
            strv_add(&c->as_extra_values, value ? value : "");
        }
    }
}

static void read_impersonation(const struct config_source *user, struct kube_config *c)
{
    c->as_user = xstrdup(config_str(user, "as"));
    c->as_uid = xstrdup(config_str(user, "as-uid"));
    const json *groups = json_get(user->body, "as-groups");
    if (groups && !json_is_array(groups))
        problem(user->problems, "user '%s': as-groups is not a list", user->name);
    for (size_t i = 0; json_is_array(groups) && i < json_len(groups); i++) {
        const char *group = json_str(json_at(groups, i));
        if (group)
            strv_add(&c->as_groups, group);
        else
            problem(user->problems, "user '%s': as-groups holds what is no string", user->name);
    }
    read_extra(user, c);
    if (!c->as_user && (c->as_uid || c->as_groups.len > 0 || c->as_extra_keys.len > 0))
        problem(user->problems,
                "user '%s': as-uid, as-groups and as-user-extra need the user in as", user->name);
}

/* ---- exec ---- */

static void read_env(const struct config_source *user, const json *exec, struct kube_exec_config *x)
{
    const json *env = json_get(exec, "env");
    if (env && !json_is_array(env))
        problem(user->problems, "user '%s': exec: env is not a list", user->name);
    for (size_t i = 0; json_is_array(env) && i < json_len(env); i++) {
        const char *name = json_path_str(json_at(env, i), "name");
        const char *value = json_path_str(json_at(env, i), "value");
        if (!name || !*name || strchr(name, '='))
            problem(user->problems, "user '%s': exec: an environment entry has no name",
                    user->name);
        strv_add(&x->env_names, name ? name : "");
        strv_add(&x->env_values, value ? value : "");
    }
}

static void read_args(const struct config_source *user, const json *exec,
                      struct kube_exec_config *x)
{
    const json *args = json_get(exec, "args");
    if (args && !json_is_array(args))
        problem(user->problems, "user '%s': exec: args is not a list", user->name);
    for (size_t i = 0; json_is_array(args) && i < json_len(args); i++) {
        const char *arg = json_str(json_at(args, i));
        if (!arg)
            problem(user->problems, "user '%s': exec: an argument is not a string", user->name);
        strv_add(&x->args, arg ? arg : "");
    }
}

static void read_interactive_mode(const struct config_source *exec, bool mandatory,
                                  struct kube_exec_config *x)
{
    const char *mode = config_str(exec, "interactiveMode");
    x->interactive = KUBE_EXEC_IF_AVAILABLE;
    if (str_eq(mode, "Never"))
        x->interactive = KUBE_EXEC_NEVER;
    else if (str_eq(mode, "Always"))
        x->interactive = KUBE_EXEC_ALWAYS;
    else if (mode && !str_eq(mode, "IfAvailable"))
        problem(exec->problems, "exec of user '%s': interactiveMode '%s' is unknown", exec->name,
                mode);
    else if (!mode && mandatory)
        problem(exec->problems, "exec of user '%s': interactiveMode is missing", exec->name);
}

static void read_command(const struct config_source *exec, struct kube_exec_config *x)
{
    const char *command = config_str(exec, "command");
    if (!command)
        problem(exec->problems, "exec of user '%s': command is missing", exec->name);
    else if (strchr(command, '/')) /* otherwise it is looked for on PATH */
        x->command = config_path(exec, "command");
    else
        x->command = xstrdup(command);
}

void config_read_exec(const struct config_source *user, const json *exec, struct kube_config *c)
{
    struct kube_exec_config *x = c->exec = xnew(struct kube_exec_config);
    struct config_source s = *user;
    s.body = exec;
    s.what = "exec of user";
    if (!json_is_object(exec)) {
        problem(user->problems, "user '%s': exec is not a map", user->name);
        return;
    }
    read_command(&s, x);
    const char *version = config_str(&s, "apiVersion");
    bool v1 = str_eq(version, EXEC_V1);
    if (!version)
        problem(user->problems, "exec of user '%s': apiVersion is missing", user->name);
    else if (!v1 && !str_eq(version, EXEC_V1BETA1))
        problem(user->problems, "exec of user '%s': apiVersion '%s' is not supported", user->name,
                version);
    x->api_version = xstrdup(version);
    x->install_hint = xstrdup(config_str(&s, "installHint"));
    x->provide_cluster_info = config_bool(&s, "provideClusterInfo");
    read_interactive_mode(&s, v1, x);
    read_args(user, exec, x);
    read_env(user, exec, x);
}

/* ---- all of it ---- */

static void read_provider(const struct config_source *user)
{
    const json *provider = json_get(user->body, "auth-provider");
    if (!provider)
        return;
    if (json_get(user->body, "exec"))
        problem(user->problems, "user '%s': exec and auth-provider are both given", user->name);
    const char *name = json_path_str(provider, "name");
    problem(user->problems,
            "user '%s': the auth provider '%s' is not supported; use an exec plugin instead",
            user->name, name ? name : "");
}

void config_read_user(const struct config_source *user, struct kube_config *c)
{
    read_cert(user, c);
    const char *token = config_str(user, "token");
    const char *password = config_str(user, "password");
    c->token = token ? secret_new(token, strlen(token)) : NULL;
    c->token_file = config_path(user, "tokenFile");
    c->username = xstrdup(config_str(user, "username"));
    c->password = password ? secret_new(password, strlen(password)) : NULL;
    if ((c->username || c->password) && (c->token || c->token_file))
        problem(user->problems, "user '%s': basic authentication and a token are both given",
                user->name);
    read_impersonation(user, c);
    read_provider(user);
    const json *exec = json_get(user->body, "exec");
    if (exec)
        config_read_exec(user, exec, c);
}
