/* What rp/syncsets/manifests gives the program is what the program takes: commands, settings, files, ports, probes. Up to the database;
 * `make syncsets-check` goes on from there. */
#include <string.h>

#include "cmd/aro-syncsets/commands.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/pkg/net/wire.h"
#include "test/unit/support/pkg/sql/sql_fixture.h"
#include "test/unit/support/test.h"

#define IMAGE "SYNCSETS_IMAGE" /* stands for it in the files */
#define FILE_MAX ((size_t)1 << 20)

static const char *const files[] = { "namespace", "postgresql",  "rabbitmq",
                                     "api",       "controllers", "route" };

/* ---- what there is ---- */

static json *give_objects(void)
{
    json *all = json_new_array();
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        cleanup_free char *path = xasprintf("rp/syncsets/manifests/%s.yaml", files[i]);
        cleanup_free char *text = NULL;
        cleanup_json json *objects = NULL;
        size_t len;
        assert_int_equal(file_read(path, FILE_MAX, &text, &len, NULL), 0);
        assert_int_equal(yaml_parse_all(text, len, &objects, NULL), 0);
        for (size_t k = 0; k < json_len(objects); k++)
            json_append(all, json_ref(json_at(objects, k)));
    }
    return all;
}

static bool is_a(const json *object, const char *kind)
{
    return str_eq(json_path_str(object, "kind"), kind);
}

/* Runs fn for each container of each pod. */
static void for_each_container(const json *objects,
                               void (*fn)(const json *pod, const json *container, void *arg),
                               void *arg)
{
    static const char *const lists[] = { "initContainers", "containers" };
    for (size_t i = 0; i < json_len(objects); i++) {
        const json *pod = json_path(json_at(objects, i), "spec.template.spec");
        for (size_t l = 0; l < ARRAY_LEN(lists); l++) {
            const json *list = json_get(pod, lists[l]);
            for (size_t k = 0; k < json_len(list); k++)
                fn(pod, json_at(list, k), arg);
        }
    }
}

static bool is_ours(const json *container)
{
    return str_eq(json_path_str(container, "image"), IMAGE);
}

/* ---- a pod's surroundings ---- */

struct watched_env {
    struct env base;
    struct fake_env values;
    struct strv *asked;
};
static const char *watched_get(const struct env *env, const char *name)
{
    const struct watched_env *w = (const void *)env; /* its first member */
    strv_add(w->asked, name);
    return env_get(&w->values.base, name);
}

struct rig {
    struct sql_fixture f;
    struct watched_env env;
    struct strv asked;
    struct wire_pair pair;
    char *key;
    size_t commands;
    const json *probed; /* the container whose probes are tried */
};

/* Secrets as hack/deploy-syncsets.sh makes them, but nobody listens where the database would be. */
static const char *secret_of(const struct rig *r, const char *secret, const char *key)
{
    const struct {
        const char *secret, *key, *value;
    } rows[] = {
        { "syncsets", "postgres-params",
          "user=syncsets password=p dbname=syncsets host=127.0.0.1 port=1 sslmode=disable" },
        { "syncsets", "encryption-keys", "first:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" },
        { "syncsets", "amqp-url", "amqp://syncsets:p@rabbitmq-server:5672/" },
        { "syncsets-tls", "tls.crt", r->pair.cert_pem },
        { "syncsets-tls", "tls.key", r->key },
        { "syncsets-access", "access.json", "{\"identities\":[],\"bindings\":[]}" },
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(rows[i].secret, secret) && str_eq(rows[i].key, key))
            return rows[i].value;
    fail_msg("there is no '%s' in the Secret '%s'", key, secret);
    return NULL;
}

static void rig_open(struct rig *r)
{
    size_t len;
    *r = (struct rig){ 0 };
    sql_fixture_init(&r->f);
    r->pair = wire_pair_make("syncsets-api.syncsets.svc", NULL);
    const char *key = secret_reveal(r->pair.key_pem, &len);
    r->key = xstrndup(key, len);
}
static void rig_close(struct rig *r)
{
    wire_pair_release(&r->pair);
    free(r->key);
    strv_release(&r->asked);
    sql_fixture_release(&r->f);
}

/* The Secret that a pod has mounted where the path is; the file's name is in *ret_key. NULL: none. */
static const char *find_mounted(const json *pod, const json *container, const char *path,
                                const char **ret_key)
{
    const json *mounts = json_path(container, "volumeMounts"), *volumes = json_get(pod, "volumes");
    for (size_t i = 0; i < json_len(mounts); i++) {
        const char *mount = json_path_str(json_at(mounts, i), "mountPath");
        size_t len = strlen(mount);
        if (!str_starts(path, mount) || path[len] != '/')
            continue;
        *ret_key = path + len + 1;
        for (size_t v = 0; v < json_len(volumes); v++)
            if (str_eq(json_path_str(json_at(volumes, v), "name"),
                       json_path_str(json_at(mounts, i), "name")))
                return json_path_str(json_at(volumes, v), "secret.secretName");
    }
    return NULL;
}

/* As the kubelet does: the value itself, the Secret's, or the path of a file that is mounted. Owned. */
static char *give_value(const struct rig *r, const json *pod, const json *container,
                        const json *variable)
{
    const char *value = json_path_str(variable, "value"), *key = NULL;
    const json *ref = json_path(variable, "valueFrom.secretKeyRef");
    if (ref)
        return xstrdup(secret_of(r, json_path_str(ref, "name"), json_path_str(ref, "key")));
    assert_non_null(value);
    if (*value != '/')
        return xstrdup(value);
    const char *secret = find_mounted(pod, container, value, &key);
    if (!secret)
        fail_msg("nothing is mounted for %s", value);
    const char *content = secret_of(r, secret, key);
    char *path = xasprintf("%s/%s", r->f.dir, key);
    assert_int_equal(file_write_atomic(path, content, strlen(content), 0600, NULL), 0);
    return path;
}

static void set_env(struct rig *r, const json *pod, const json *container)
{
    const json *variables = json_get(container, "env");
    strv_release(&r->asked);
    fake_env_init(&r->env.values);
    r->env.base.get = watched_get;
    r->env.asked = &r->asked;
    for (size_t i = 0; i < json_len(variables); i++) {
        cleanup_free char *value = give_value(r, pod, container, json_at(variables, i));
        fake_env_set(&r->env.values, json_path_str(json_at(variables, i), "name"), value);
    }
}

/* ---- commands and settings ---- */

static const struct {
    const char *name;
    int (*run)(const struct command_options *opt, struct error **err);
} commands[] = { { "api", command_api },
                 { "controller", command_controller },
                 { "migrate", command_migrate } };

static int run_command(const struct rig *r, const json *container, struct error **err)
{
    const json *words = json_get(container, "args");
    const char *args[4];
    size_t n = json_len(words);
    assert_true(n >= 2 && n <= ARRAY_LEN(args) + 2);
    assert_string_equal(json_str(json_at(words, 0)), "syncsets");
    for (size_t i = 2; i < n; i++)
        args[i - 2] = json_str(json_at(words, i));
    const struct command_options opt = { .env = &r->env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system(),
                                         .stop = r->f.stop,
                                         .args = args,
                                         .args_len = n - 2 };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (str_eq(commands[i].name, json_str(json_at(words, 1))))
            return commands[i].run(&opt, err);
    fail_msg("there is no command %s", json_str(json_at(words, 1)));
    return -1;
}

static void start_container(const json *pod, const json *container, void *arg)
{
    struct rig *r = arg;
    cleanup_error struct error *err = NULL;
    if (!is_ours(container))
        return;
    set_env(r, pod, container);

    assert_int_equal(run_command(r, container, &err), -1);

    if (!error_is(err, ERR_UNAVAILABLE)) /* the database, and nothing before */
        fail_msg("%s: %s", json_path_str(container, "name"), error_text(err));
    for (size_t i = 0; i < json_len(json_get(container, "env")); i++) {
        const char *name = json_path_str(json_at(json_get(container, "env"), i), "name");
        if (!strv_has(&r->asked, name))
            fail_msg("%s: nobody reads %s", json_path_str(container, "name"), name);
    }
    r->commands++;
    fake_env_release(&r->env.values);
}

static void commands_take_what_they_are_given(void **state)
{
    (void)state;
    cleanup_json json *objects = give_objects();
    struct rig r;
    rig_open(&r);

    for_each_container(objects, start_container, &r);

    assert_int_equal(r.commands, ARRAY_LEN(commands));
    rig_close(&r);
}

/* ---- ports ---- */

static const json *find_port(const json *container, const char *name)
{
    const json *ports = json_get(container, "ports");
    for (size_t i = 0; i < json_len(ports); i++)
        if (str_eq(json_path_str(json_at(ports, i), "name"), name))
            return json_at(ports, i);
    return NULL;
}

/* They listen where their variable says. */
static void check_ports(const json *pod, const json *container, void *arg)
{
    static const char *const probes[] = { "readinessProbe", "livenessProbe" };
    const json *variables = json_get(container, "env");
    size_t *ret_listening = arg;
    (void)pod;
    if (!is_ours(container) || !json_get(container, "ports"))
        return;
    for (size_t i = 0; i < json_len(variables); i++) {
        if (!str_ends(json_path_str(json_at(variables, i), "name"), "_LISTEN"))
            continue;
        cleanup_free char *want =
            xasprintf(":%lld", (long long)json_path_int(json_path(container, "ports[0]"),
                                                        "containerPort", 0));
        assert_string_equal(json_path_str(json_at(variables, i), "value"), want);
        ++*ret_listening;
    }
    for (size_t i = 0; i < ARRAY_LEN(probes); i++)
        assert_non_null(
            find_port(container, json_path_str(json_get(container, probes[i]), "httpGet.port")));
}

/* The container that a Service leads to; NULL: none. */
static const json *find_target(const json *objects, const json *service)
{
    const json *selector = json_path(service, "spec.selector");
    for (size_t i = 0; i < json_len(objects); i++)
        if (json_equal(json_path(json_at(objects, i), "spec.template.metadata.labels"), selector))
            return json_path(json_at(objects, i), "spec.template.spec.containers[0]");
    return NULL;
}

static void services_lead_to_ports_that_are_listened_on(void **state)
{
    (void)state;
    cleanup_json json *objects = give_objects();
    size_t listening = 0, services = 0;

    for_each_container(objects, check_ports, &listening);

    assert_int_equal(listening, 2);
    for (size_t i = 0; i < json_len(objects); i++) {
        const json *service = json_at(objects, i);
        if (!is_a(service, "Service"))
            continue;
        const json *container = find_target(objects, service), *port;
        assert_non_null(container);
        const char *name = json_path_str(service, "spec.ports[0].targetPort");
        port = name ? find_port(container, name) : json_path(container, "ports[0]");
        assert_int_equal(json_path_int(port, "containerPort", 0),
                         json_path_int(service, "spec.ports[0].port", -1));
        services++;
    }
    assert_int_equal(services, 3);
}

/* ---- probes ---- */

static void find_probed(const json *pod, const json *container, void *arg)
{
    struct rig *r = arg;
    if (is_ours(container) && json_get(container, "ports") && json_get(pod, "volumes"))
        r->probed = container;
}

static void answer_probes(void *arg, unsigned port)
{
    struct rig *r = arg;
    static const char *const probes[] = { "readinessProbe", "livenessProbe" };
    for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
        const json *get = json_path(json_get(r->probed, probes[i]), "httpGet");
        cleanup_wire struct wire w = wire_connect_tls((uint16_t)port, NULL, NULL);
        cleanup_free char *request =
            xasprintf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", json_path_str(get, "path"));
        assert_string_equal(json_path_str(get, "scheme"), "HTTPS");
        wire_send(&w, request);
        cleanup_free char *reply = wire_give_reply(&w);
        if (!str_starts(reply, "HTTP/1.1 200 "))
            fail_msg("%s: %s", json_path_str(get, "path"), reply);
        r->commands++;
    }
    stop_request(r->f.stop);
}

static void give_pod(const json *pod, const json *container, void *arg)
{
    struct rig *r = arg;
    if (container == r->probed)
        set_env(r, pod, container);
}

/* With a database in a file, and on another port, as the test is not alone here. */
static void probes_are_answered_to_strangers(void **state)
{
    (void)state;
    cleanup_json json *objects = give_objects();
    struct rig r;
    rig_open(&r);
    for_each_container(objects, find_probed, &r);
    for_each_container(objects, give_pod, &r);
    fake_env_set(&r.env.values, "POSTGRES_PARAMS", NULL);
    fake_env_set(&r.env.values, "AMQP_URL", NULL);
    cleanup_free char *folder = xasprintf("%s/data", r.f.dir);
    fake_env_set(&r.env.values, "SYNCSETS_DATA_DIR", folder);
    fake_env_set(&r.env.values, "SYNCSETS_LISTEN", "127.0.0.1:0");
    const struct command_options opt = { .env = &r.env.base,
                                         .clock = clock_system(),
                                         .rng = rng_system(),
                                         .stop = r.f.stop,
                                         .on_listening = answer_probes,
                                         .arg = &r };

    assert_int_equal(command_api(&opt, NULL), 0);

    assert_int_equal(r.commands, 2);
    fake_env_release(&r.env.values);
    rig_close(&r);
}

/* ---- rights ---- */

static void check_container_rights(const json *pod, const json *container, void *arg)
{
    size_t *n = arg;
    const json *context = json_get(container, "securityContext");
    assert_false(json_path_bool(pod, "automountServiceAccountToken", true));
    assert_false(json_path_bool(context, "allowPrivilegeEscalation", true));
    assert_true(json_path_bool(context, "runAsNonRoot", false));
    assert_string_equal(json_path_str(context, "capabilities.drop[0]"), "ALL");
    if (is_ours(container))
        assert_true(json_path_bool(context, "readOnlyRootFilesystem", false));
    ++*n;
}

/* Clusters are reached with the kubeconfigs that they were registered with: the one they run in has nothing to grant. */
static void pods_have_no_rights(void **state)
{
    (void)state;
    static const char *const kinds[] = { "Namespace", "Service", "Deployment", "StatefulSet",
                                         "Route" };
    cleanup_json json *objects = give_objects();
    size_t containers = 0;
    for (size_t i = 0; i < json_len(objects); i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
            known = known || is_a(json_at(objects, i), kinds[k]);
        assert_true(known);
    }

    for_each_container(objects, check_container_rights, &containers);

    assert_int_equal(containers, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("commands take what they are given", commands_take_what_they_are_given),
        CASE("Services lead to ports that are listened on",
             services_lead_to_ports_that_are_listened_on),
        CASE("probes are answered to strangers", probes_are_answered_to_strangers),
        CASE("pods have no rights", pods_have_no_rights),
    };
    return RUN_CASES("manifests", tests);
}
