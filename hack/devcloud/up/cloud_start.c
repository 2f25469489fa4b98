/* The phases of a cloud's start. Until both processes run there are no threads here. */
#include <stdlib.h>
#include <string.h>

#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/up/cloud_impl.h"
#include "hack/devcloud/up/first_user.h"
#include "hack/devcloud/up/shell.h"
#include "hack/devcloud/up/variables.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define TEXT_MAX ((size_t)16 << 20)
#define ATTEMPT_MS 10000
#define CLOUD_SYNCSETS_LOG "log/syncsets.log"

extern char **environ;

/* ---- processes ---- */

static int start_part(struct cloud *c, const struct part **ret, const char *name, const char *log,
                      const struct part_command *cmd, struct error **err)
{
    char *path = place_give_path(&c->place, log);
    struct part *p = &c->parts[c->parts_len++];
    *ret = p;
    return part_start(p, name, path, cmd, err);
}

/* The text of a file in the folder, once found in it says that it is whole. */
static int await_text(struct cloud *c, const char *name,
                      bool (*found)(struct cloud *, const char *), struct error **err)
{
    cleanup_free char *path = place_give_path(&c->place, name);
    for (;;) {
        cleanup_free char *text = NULL;
        size_t len;
        if (file_read(path, TEXT_MAX, &text, &len, NULL) == 0 && found(c, text))
            return 0;
        if (cloud_pause(c, err) < 0)
            return -1;
    }
}

/* Addresses that other clouds of the machine hardly have. */
static void put_service(json *state)
{
    unsigned a = (unsigned)rng_below(rng_system(), 64), b = (unsigned)rng_below(rng_system(), 256);
    cleanup_free char *endpoints = xasprintf("127.%u.%u.0/24", 64 + a, b);
    cleanup_free char *public_addresses = xasprintf("127.%u.%u.0/24", 128 + a, b);
    const struct azure_sim_service service = { .group = VARIABLES_RP_GROUP,
                                               .domain_group = VARIABLES_DOMAIN_GROUP,
                                               .domain = VARIABLES_DOMAIN,
                                               .endpoints = endpoints,
                                               .public_addresses = public_addresses };
    azure_sim_put_service(state, &service);
}

/* What Azure lets a registered provider do by itself, which in development it asks for; told of the subscription and not of what
 * is in it. */
#define SCOPE "/subscriptions/" AZURE_SIM_SUBSCRIPTION
#define OF_PROVIDERS \
    "['Microsoft.Resources/*','Microsoft.Network/virtualNetworks/subnets/join/action'," \
    "'Microsoft.Authorization/roleAssignments/write']"

/* The resource provider may do in customers' subscriptions what they let it, and what is its own everything but give rights. */
static void put_rights(json *state, const char *secret)
{
    static const char *const groups[] = { VARIABLES_RP_GROUP, VARIABLES_DOMAIN_GROUP };
    json *provider = json_get(json_get(state, "applications"), AZURE_SIM_PROVIDER);
    json_put(provider, "secret", json_new_str(secret));
    json_put(provider, "by_roles", json_new_bool(true));
    json_put(provider, "permissions", json_make("{%s:[{'actions':" OF_PROVIDERS "}]}", SCOPE));
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        cleanup_free char *scope = xasprintf(SCOPE "/resourceGroups/%s", groups[i]);
        azure_sim_put_role(state, scope, AZURE_SIM_CONTRIBUTOR, AZURE_SIM_PROVIDER_OBJECT);
    }
}

/* One tenant, one subscription, one service principal; nothing but what the resource provider has. */
static int write_state(struct cloud *c, struct error **err)
{
    cleanup_json json *state = azure_sim_give_default_state();
    json *application = json_get(json_get(state, "applications"), AZURE_SIM_APPLICATION);
    json_put(state, "resources", json_new_object());
    put_service(state);
    json_put(application, "secret", json_new_str(c->secret));
    put_rights(state, c->secret);
    cleanup_free char *text = json_give_text(state);
    if (place_make_dir(&c->place, "azure", err) < 0)
        return -1;
    return place_write(&c->place, "azure/state.json", text, 0600, err);
}

static bool found_url(struct cloud *c, const char *text)
{
    if (!strchr(text, '\n'))
        return false;
    c->azure_url = str_give_trimmed(text);
    return true;
}

int cloud_start_azure(struct cloud *c, struct error **err)
{
    if (write_state(c, err) < 0 || place_make_dir(&c->place, "clusters", err) < 0)
        return -1;
    cleanup_free char *dir = place_give_path(&c->place, "azure");
    cleanup_part_command struct part_command cmd = { .dir = dir };
    variables_inherit(&cmd.env, environ);
    strv_addf(&cmd.args, "%s/azuresim", c->cfg->bin);
    strv_addf(&cmd.args, "--dir=%s", dir);
    strv_addf(&cmd.args, "--state=%s/state.json", dir);
    strv_addf(&cmd.args, "--port=%d", c->cfg->ports[CLOUD_PORT_AZURE]);
    strv_addf(&cmd.args, "--clusters-dir=%s/clusters", c->place.dir);
    strv_addf(&cmd.args, "--bin=%s", c->cfg->bin);
    if (start_part(c, &c->azure_part, "the simulated Azure", "log/azure.log", &cmd, err) < 0)
        return -1;
    return await_text(c, "azure/url", found_url, err);
}

static bool find_number(const char *text, const char *before, int *ret)
{
    const char *at = strstr(text, before);
    char *end;
    if (!at)
        return false;
    long n = strtol(at + strlen(before), &end, 10);
    *ret = (int)n;
    return *end != '\0';
}

/* The ports as its log tells them, for any may be free ones. */
static bool found_ports(struct cloud *c, const char *log)
{
    return find_number(log, "listening on port ", &c->ports[CLOUD_PORT_RP]) &&
           find_number(log, "without TLS on 127.0.0.1:", &c->ports[CLOUD_PORT_PLAIN]);
}

static bool found_syncsets(struct cloud *c, const char *log)
{
    return find_number(log, "listening on 127.0.0.1 port ", &c->ports[CLOUD_PORT_SYNCSETS]);
}

/* API servers of clusters are on loopback, where SyncSets goes only if it is told to. */
int cloud_start_syncsets(struct cloud *c, struct error **err)
{
    cleanup_free char *dir = place_give_path(&c->place, "syncsets");
    cleanup_part_command struct part_command cmd = { .dir = dir };
    if (place_make_dir(&c->place, "syncsets", err) < 0)
        return -1;
    variables_inherit(&cmd.env, environ);
    strv_addf(&cmd.env, "ARO_CONNECT_TO=%s/azure/connect-to", c->place.dir);
    strv_addf(&cmd.env, "SYNCSETS_LISTEN=127.0.0.1:%d", c->cfg->ports[CLOUD_PORT_SYNCSETS]);
    strv_add(&cmd.env, "SYNCSETS_DIAL_ALLOWED=127.0.0.0/8");
    strv_addf(&cmd.args, "%s/aro-syncsets", c->cfg->bin);
    strv_add(&cmd.args, "api");
    if (start_part(c, &c->syncsets_part, "SyncSets", CLOUD_SYNCSETS_LOG, &cmd, err) < 0)
        return -1;
    return await_text(c, CLOUD_SYNCSETS_LOG, found_syncsets, err);
}

/* With the simulated Azure as its Azure, which is much faster than the real one: so it looks more often. What its surroundings
 * say counts before that. */
static void make_rp_command(const struct cloud *c, struct part_command *cmd)
{
    variables_inherit(&cmd->env, environ);
    strv_add(&cmd->env, "ARO_RP_STEP_POLL_MS=500");
    strv_add(&cmd->env, "ARO_RP_STEP_RETRY_MS=1000");
    strv_add(&cmd->env, "ARO_RP_BACKEND_TICK_MS=500");
    variables_add(&cmd->env, c->secret);
    strv_addf(&cmd->env, "SSL_CERT_FILE=%s/azure/ca.crt", c->place.dir);
    strv_addf(&cmd->env, "ARO_CONNECT_TO=%s/azure/connect-to", c->place.dir);
    strv_add(&cmd->env, "ARO_RP_AZURE_CHECKS=true");
    /* Certificates of clusters are in a vault; its own secrets stay in its folder. */
    strv_add(&cmd->env, "KEYVAULT_PREFIX=devcloud");
    strv_add(&cmd->env, "ARO_RP_SECRETS_DIR=secrets");
    if (c->syncsets_part) {
        strv_addf(&cmd->env, "SYNCSETS_API_URL=http://127.0.0.1:%d", c->ports[CLOUD_PORT_SYNCSETS]);
        strv_add(&cmd->env, "ARO_ADOPT_BY_HIVE=true");
    }
    strv_addf(&cmd->args, "%s/%s", c->cfg->bin, c->cfg->rp);
    strv_addf(&cmd->args, "--port=%d", c->cfg->ports[CLOUD_PORT_RP]);
    strv_addf(&cmd->args, "--plain-port=%d", c->cfg->ports[CLOUD_PORT_PLAIN]);
}

int cloud_start_rp(struct cloud *c, struct error **err)
{
    cleanup_free char *dir = place_give_path(&c->place, "rp");
    cleanup_part_command struct part_command cmd = { .dir = dir };
    if (place_make_dir(&c->place, "rp", err) < 0)
        return -1;
    make_rp_command(c, &cmd);
    if (start_part(c, &c->rp_part, "the resource provider", "log/rp.log", &cmd, err) < 0)
        return -1;
    return await_text(c, "log/rp.log", found_ports, err);
}

/* ---- requests; from here on there is the client's thread ---- */

static int open_client(struct cloud *c, struct error **err)
{
    cleanup_free char *path = place_give_path(&c->place, "azure/ca.crt");
    cleanup_free char *ca = NULL;
    size_t len;
    const struct http_client_config cfg = { .clock = clock_system(), .env = env_process() };
    c->ctx = opctx_root(clock_system(), rng_system(), NULL, NULL);
    if (file_read(path, TEXT_MAX, &ca, &len, err) < 0 || http_client_new(&cfg, &c->client, err) < 0)
        return -1;
    const struct http_peer_config peer = { .ca_pem = ca, .disable_http2 = true };
    return http_peer_new(c->client, &peer, &c->azure, err);
}

/* The certificates of a file that holds a key, too. */
static int read_certificates(const struct cloud *c, const char *name, char **ret,
                             struct error **err)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    static const char end[] = "-----END CERTIFICATE-----";
    cleanup_free char *path = place_give_path(&c->place, name);
    cleanup_free char *text = NULL;
    cleanup_buf struct buf b = BUF_INIT(TEXT_MAX);
    size_t len;
    if (file_read(path, TEXT_MAX, &text, &len, err) < 0)
        return -1;
    for (const char *at = text; (at = strstr(at, begin));) {
        const char *last = strstr(at, end);
        if (!last)
            break;
        last += sizeof(end) - 1;
        buf_add(&b, at, (size_t)(last - at));
        buf_addc(&b, '\n');
        at = last;
    }
    return buf_take(&b, ret, err);
}

static int tell_azure(struct cloud *c, const json *patch, struct error **err)
{
    cleanup_free char *url = xasprintf("%s/_devcloud/state", c->azure_url);
    cleanup_free char *text = json_give_text(patch);
    cleanup_request struct http_request req = { .method = "PATCH",
                                                .url = url,
                                                .body = text,
                                                .body_len = strlen(text),
                                                .timeout_ms = ATTEMPT_MS,
                                                .ignore_proxy = true };
    cleanup_response struct http_response resp = { 0 };
    if (http_send(http_peer_transport(c->azure), &c->ctx, &req, &resp, err) < 0)
        return -1;
    if (resp.status != 200)
        return error_set(err, ERR_INTERNAL, "%s: %s", url, buf_str(&resp.body));
    return 0;
}

static bool is_ready(struct cloud *c, struct http_peer *peer, const char *url)
{
    cleanup_request struct http_request req = {
        .method = "GET", .url = url, .timeout_ms = ATTEMPT_MS, .ignore_proxy = true
    };
    cleanup_response struct http_response resp = { 0 };
    return http_send(http_peer_transport(peer), &c->ctx, &req, &resp, NULL) == 0 &&
           resp.status == 200;
}

static int await_rp(struct cloud *c, const char *ca, struct error **err)
{
    const struct http_peer_config cfg = { .ca_pem = ca };
    cleanup_http_peer struct http_peer *peer = NULL;
    cleanup_free char *url =
        xasprintf("https://localhost:%d/healthz/ready", c->ports[CLOUD_PORT_RP]);
    if (http_peer_new(c->client, &cfg, &peer, err) < 0)
        return -1;
    while (!is_ready(c, peer, url))
        if (cloud_pause(c, err) < 0)
            return error_wrap(err, "GET %s", url);
    return 0;
}

int cloud_connect(struct cloud *c, struct error **err)
{
    cleanup_free char *ca = NULL;
    cleanup_free char *url = xasprintf("https://localhost:%d", c->ports[CLOUD_PORT_RP]);
    if (open_client(c, err) < 0 || read_certificates(c, "rp/secrets/rp-server", &ca, err) < 0 ||
        await_rp(c, ca, err) < 0)
        return -1;
    cleanup_json json *patch = json_make("{'rp':{'url':%s,'ca':%s}}", url, ca);
    return tell_azure(c, patch, err);
}

struct cloud_user cloud_user_of(struct cloud *c)
{
    return (struct cloud_user){ .transport = http_peer_transport(c->azure),
                                .ctx = &c->ctx,
                                .azure_url = c->azure_url,
                                .secret = c->secret,
                                .pause = cloud_pause,
                                .arg = c };
}

int cloud_prepare_user(struct cloud *c, struct error **err)
{
    const struct cloud_user u = cloud_user_of(c);
    return first_user_prepare(&u, err);
}

/* ---- files ---- */

static int write_status(const struct cloud *c, struct error **err)
{
    const struct part *sets = c->syncsets_part;
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&b, "azure  pid %d  %s  log %s\n", (int)c->azure_part->pid, c->azure_url,
             c->azure_part->log_path);
    buf_addf(&b, "rp     pid %d  https://localhost:%d http://localhost:%d  %s  log %s\n",
             (int)c->rp_part->pid, c->ports[CLOUD_PORT_RP], c->ports[CLOUD_PORT_PLAIN], c->cfg->rp,
             c->rp_part->log_path);
    if (sets)
        buf_addf(&b, "syncsets  pid %d  http://127.0.0.1:%d  log %s\n", (int)sets->pid,
                 c->ports[CLOUD_PORT_SYNCSETS], sets->log_path);
    return place_write(&c->place, CLOUD_STATUS, buf_str(&b), 0600, err);
}

static struct shell shell_of(const struct cloud *c)
{
    return (struct shell){ .place = &c->place,
                           .azure_url = c->azure_url,
                           .secret = c->secret,
                           .rp = c->cfg->rp,
                           .command = c->cfg->command,
                           .plain_port = c->ports[CLOUD_PORT_PLAIN],
                           .syncsets_port = c->syncsets_part ? c->ports[CLOUD_PORT_SYNCSETS] : 0 };
}

void cloud_tell(const struct cloud *c)
{
    const struct shell shell = shell_of(c);
    shell_tell(&shell, c->cfg->out);
    fflush(c->cfg->out);
}

int cloud_write_files(struct cloud *c, struct error **err)
{
    const struct shell shell = shell_of(c);
    if (shell_write(&shell, err) < 0 || write_status(c, err) < 0)
        return -1;
    if (!c->cfg->tells_last)
        cloud_tell(c);
    return place_set_ready(&c->place, err);
}

void cloud_release(struct cloud *c)
{
    http_peer_unref(c->azure);
    http_client_free(c->client);
    free(c->azure_url);
    place_release(&c->place);
}
