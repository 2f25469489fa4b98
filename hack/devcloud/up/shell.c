#include "hack/devcloud/up/shell.h"

#include <string.h>

#include "hack/devcloud/up/variables.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CLOUD "Devcloud"
#define LOOPBACK "127.0.0.1,localhost"
/* What means itself in a shell without quotes. */
#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:,@%"

/* Between single quotes a shell takes everything but them as it is. */
static void add_quoted(struct buf *b, const char *text)
{
    buf_addc(b, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_adds(b, "'\\'");
        buf_addc(b, *text);
    }
    buf_addc(b, '\'');
}

char *shell_give_word(const char *text)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    if (*text && text[strspn(text, PLAIN)] == '\0')
        return xstrdup(text);
    add_quoted(&b, text);
    return xstrdup(buf_str(&b));
}

static void add_export(struct buf *b, const char *variable)
{
    const char *value = strchr(variable, '=') + 1;
    buf_addf(b, "export %.*s", (int)(value - variable), variable);
    add_quoted(b, value);
    buf_addc(b, '\n');
}

/* Everything is on loopback, which no proxy reaches. Some clients read only one of the two names; so each has what the other
 * had alone. "*" needs no more. */
static void add_no_proxy(struct buf *b)
{
    static const char *const names[] = { "no_proxy", "NO_PROXY" };
    buf_adds(b, "no_proxy=${no_proxy:-${NO_PROXY-}}\nNO_PROXY=${NO_PROXY:-$no_proxy}\n");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *n = names[i];
        buf_addf(b,
                 "case ,$%s, in ,\\*, | *," LOOPBACK ",*) ;; *) %s=${%s:+$%s,}" LOOPBACK
                 " ;; esac\nexport %s\n",
                 n, n, n, n, n);
    }
}

/* The Azure CLI and other clients find their way by these, scripts for administrators the documents; PATH gets its place once, however often the file is sourced. */
static int write_env(const struct shell *s, struct error **err)
{
    cleanup_strv struct strv env = STRV_INIT;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    const char *dir = s->place->dir;
    variables_add(&env, s->secret);
    strv_addf(&env, "AZURE_URL=%s", s->azure_url);
    strv_addf(&env, "AZURE_CONFIG_DIR=%s/az", dir);
    strv_addf(&env, "REQUESTS_CA_BUNDLE=%s/azure/ca.crt", dir);
    strv_addf(&env, "NODE_EXTRA_CA_CERTS=%s/azure/ca.crt", dir);
    strv_add(&env, "AZURE_CORE_COLLECT_TELEMETRY=0");
    strv_addf(&env, "ARO_RP_DATABASE=sqlite:%s/rp/aro.db", dir);
    strv_addf(&env, "ARO_RP_SECRETS_DIR=%s/rp/secrets", dir);
    strv_addf(&env, "SSH_CONFIG=%s/clusters/ssh_config", dir);
    for (size_t i = 0; i < env.len; i++)
        add_export(&b, env.v[i]);
    cleanup_free char *bin = place_give_path(s->place, "bin");
    buf_adds(&b, "unset COSMOSDB_KEY\ncase :$PATH: in *:");
    add_quoted(&b, bin);
    buf_adds(&b, ":*) ;; *) export PATH=");
    add_quoted(&b, bin);
    buf_adds(&b, ":\"$PATH\" ;; esac\n");
    add_no_proxy(&b);
    return place_write(s->place, "env", buf_str(&b), 0600, err);
}

/* The sign-in address has to end with /adfs: the CLI's library asks the public cloud about every other. */
static int write_az_config(const struct shell *s, struct error **err)
{
    cleanup_free char *clouds = xasprintf("[" CLOUD "]\n"
                                          "endpoint_management = %s\n"
                                          "endpoint_resource_manager = %s\n"
                                          "endpoint_active_directory = %s/adfs\n"
                                          "endpoint_active_directory_resource_id = %s/arm\n"
                                          "endpoint_active_directory_graph_resource_id = %s/\n"
                                          "endpoint_microsoft_graph_resource_id = %s/\n",
                                          s->azure_url, s->azure_url, s->azure_url, s->azure_url,
                                          s->azure_url, s->azure_url);
    if (place_make_dir(s->place, "az", err) < 0 ||
        place_write(s->place, "az/clouds.config", clouds, 0600, err) < 0)
        return -1;
    return place_write(s->place, "az/config", "[cloud]\nname = " CLOUD "\n", 0600, err);
}

/* Debian's CLI pins a version of the network API that its own SDK lacks: `az aro create`, `update` and `delete` would fail
 * before their first request. Everything else is the CLI itself, and another CLI is left alone. */
static const char az_script[] =
    "#!/bin/sh\n"
    "# The Azure CLI, that of Debian with one pin mended.\n"
    "az=\n"
    "IFS=:\n"
    "for dir in $PATH; do\n"
    "    if [ -z \"$az\" ] && [ -x \"$dir/az\" ] && ! [ \"$dir/az\" -ef \"$0\" ]; then az=$dir/az; "
    "fi\n"
    "done\n"
    "unset IFS\n"
    "if [ -z \"$az\" ]; then\n"
    "    echo 'az: there is no Azure CLI on PATH; on Debian: apt-get install azure-cli' >&2\n"
    "    exit 127\n"
    "fi\n"
    "if ! [ \"$az\" -ef /usr/bin/az ] || ! [ -d /usr/lib/python3/dist-packages/azure/cli ]; then\n"
    "    exec \"$az\" \"$@\"\n"
    "fi\n"
    "exec /usr/bin/python3 -W ignore -c '\n"
    "import importlib.util, runpy\n"
    "from azure.cli.core.profiles import ResourceType, _shared\n"
    "latest = _shared.AZURE_API_PROFILES[\"latest\"]\n"
    "pinned = \"v\" + latest[ResourceType.MGMT_NETWORK].replace(\"-\", \"_\")\n"
    "if not importlib.util.find_spec(\"azure.mgmt.network.\" + pinned):\n"
    "    latest[ResourceType.MGMT_NETWORK] = \"2022-07-01\"\n"
    "runpy.run_module(\"azure.cli\", run_name=\"__main__\")\n"
    "' \"$@\"\n";

static int write_az(const struct shell *s, struct error **err)
{
    if (place_make_dir(s->place, "bin", err) < 0)
        return -1;
    return place_write(s->place, "bin/az", az_script, 0700, err);
}

int shell_write(const struct shell *s, struct error **err)
{
    if (write_env(s, err) < 0 || write_az_config(s, err) < 0)
        return -1;
    return write_az(s, err);
}

/* For all clusters of the resource provider: a ConfigMap. */
static void tell_syncsets(const struct shell *s, FILE *out)
{
    if (s->syncsets_port == 0) {
        fputs("With --syncsets each cluster is registered with SyncSets, which configures all of "
              "them.\n\n",
              out);
        return;
    }
    fprintf(
        out,
        "SyncSets, which configures all clusters (http://localhost:%d/docs):\n\n"
        "  curl -H 'Content-Type: application/json' localhost:%d/v1/selectorsyncsets -d "
        "'{\"metadata\": {\"name\": \"hello\"}, \"spec\": {\"clusterDeploymentSelector\": "
        "{\"matchLabels\": {\"hive.openshift.io/cluster-platform\": \"azure\"}}, \"resources\": "
        "[{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"hello\", "
        "\"namespace\": \"default\"}, \"data\": {\"from\": \"SyncSets\"}}]}}'\n"
        "  curl localhost:%d/v1/selectorsyncsets/hello:status\n\n",
        s->syncsets_port, s->syncsets_port, s->syncsets_port);
}

void shell_tell(const struct shell *s, FILE *out)
{
    const char *dir = s->place->dir;
    cleanup_free char *env = place_give_path(s->place, "env");
    cleanup_free char *env_word = shell_give_word(env);
    cleanup_free char *clusters =
        xasprintf("localhost:%d/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$CLUSTER/"
                  "providers/Microsoft.RedHatOpenShift/OpenShiftClusters",
                  s->plain_port);
    fprintf(out,
            "\n"
            "In bash:\n\n"
            "  . %s\n\n"
            "The REST API, as in the first quick start:\n\n"
            "  curl -X PUT \"%s/$CLUSTER?api-version=2019-12-31-preview\" "
            "-H 'Content-Type: application/json' -d '{\"location\":\"'\"$LOCATION\"'\", "
            "\"properties\": {\"pullSecret\": \"'\"$(base64 -w0 <<<$PULL_SECRET)\"'\"}}'\n"
            "  curl \"%s/$CLUSTER?api-version=2019-12-31-preview\"\n\n"
            "The Azure CLI:\n\n"
            "  az login --service-principal -u \"$AZURE_CLIENT_ID\" -p \"$AZURE_CLIENT_SECRET\" "
            "-t \"$AZURE_TENANT_ID\"\n"
            "  az aro create -g " VARIABLES_NETWORK_GROUP
            " -n mine --vnet vnet --master-subnet master "
            "--worker-subnet worker --worker-vm-size Standard_D2s_v3\n"
            "  az aro list -o table\n\n",
            env_word, clusters, clusters);
    tell_syncsets(s, out);
    fprintf(out, "Logs: %s/log/*.log. To end it:\n\n  %s\n\n", dir, s->command);
    fprintf(out, "%s\n",
            str_eq(s->rp, "rp-scripted")
                ? "Clusters exist in documents only: frontend and backend are those of 'aro rp'."
                : "Clusters are made in the simulated Azure, with the operator in them.");
}
