#include "rp/cluster/bootstrap_log.h"

#include <string.h>

#include "pkg/azure/api_versions.h"
#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/rsa_key.h"
#include "rp/cluster/balancer_edit.h"
#include "rp/cluster/installer/program.h"
#include "rp/cluster/log_tail.h"
#include "rp/cluster/names.h"
#include "rp/cluster/ssh_way.h"

#define PORT 2199
#define KEY_FILE "/dev/stdin" /* the key is on no disk */
#define TRIES 4 /* a load balancer leads nobody to a machine before its probe has found it */
#define ADDRESS "networkProfile.privateEndpointIp"
#define INTERFACES "Microsoft.Network/networkInterfaces"

/* ---- the way ---- */

/* arg: the way. */
static int edit_balancer(json *balancer, void *arg, struct error **err)
{
    return ssh_way_add(balancer, arg, err);
}

/* *ret false: there is no such machine any more, or not yet. */
static int find_machine(struct arm *arm, const struct opctx *ctx, const char *interface_id,
                        bool *ret, struct error **err)
{
    const struct arm_call call = { .method = "GET",
                                   .path = interface_id,
                                   .api_version = API_VERSION_NETWORK };
    struct error *e = NULL;
    *ret = arm_send(arm, ctx, &call, NULL, &e) == 0;
    if (e && !error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return 0;
}

static int open_way(struct cluster *c, const struct opctx *ctx, bool *ret, struct error **err)
{
    struct arm *arm;
    cleanup_free char *name = name_give(c, "-bootstrap-nic");
    cleanup_free char *interface_id = name_give_resource_id(c, INTERFACES, name);
    cleanup_free char *balancer_id = name_give_internal_balancer_id(c);
    struct ssh_way way = { balancer_id, "bootstrap-ssh", PORT };
    if (cluster_arm(c, ctx, AS_FIRST_PARTY, &arm, err) < 0 ||
        find_machine(arm, ctx, interface_id, ret, err) < 0)
        return -1;
    if (!*ret)
        return 0;
    if (balancer_edit(arm, ctx, balancer_id, edit_balancer, &way, err) < 0)
        return -1;
    return ssh_way_join(arm, ctx, &way, interface_id, err);
}

/* ---- ssh ---- */

static int open_key(struct cluster *c, const struct opctx *ctx, struct secret **ret,
                    struct error **err)
{
    cleanup_secret struct secret *der = NULL;
    if (cluster_open_secret(c, ctx, "sshKey", &der, err) < 0)
        return -1;
    if (!der)
        return error_set(err, ERR_NOT_FOUND, "the cluster has no SSH key");
    return rsa_give_pem(der, ret, err);
}

/* The machine made its own key, which nobody knows beforehand; it is given nothing that it should not have. */
static void list_arguments(struct strv *ret, const char *address)
{
    static const char *const fixed[] = {
        "ssh", "-n", /* what is at the standard input is not for the machine */
        "-F",  "/dev/null",
        "-i",  KEY_FILE,
        "-o",  "BatchMode=yes",
        "-o",  "IdentitiesOnly=yes",
        "-o",  "StrictHostKeyChecking=no",
        "-o",  "UserKnownHostsFile=/dev/null",
        "-o",  "LogLevel=ERROR",
        "-o",  "ConnectTimeout=10",
        "-o",  "ServerAliveInterval=5",
    };
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        strv_add(ret, fixed[i]);
    strv_add(ret, "-p");
    strv_addf(ret, "%d", PORT);
    strv_addf(ret, "core@%s", address);
    strv_addf(ret,
              "sudo journalctl --no-pager --lines=%d --unit=release-image --unit=bootkube "
              "--unit=kubelet",
              LOG_TAIL_LINES);
}

static int run_ssh(const struct cluster *c, const struct opctx *ctx, const struct secret *key,
                   const char *address, char **ret, struct error **err)
{
    cleanup_strv struct strv arguments = STRV_INIT, environment = STRV_INIT;
    list_arguments(&arguments, address);
    strv_addf(&environment, "PATH=%s", env_get_or(c->cfg->process_env, "PATH", "/usr/bin:/bin"));
    const struct program p = {
        .folder = "/", .arguments = &arguments, .environment = &environment, .input = key
    };
    for (int i = 1;; i++) {
        struct error *e = NULL;
        free(take(*ret));
        if (program_run(ctx, &p, ret, &e) == 0)
            return 0;
        if (error_is(e, ERR_NOT_FOUND))
            (void)error_wrap(&e, "the program ssh is missing (Debian: openssh-client)");
        if (!error_is(e, ERR_IO) || i == TRIES)
            return error_move(err, &e);
        error_free(e);
        if (opctx_sleep_ms(ctx, rp_env_ms(c->cfg->env, INTERVAL_STEP_POLL), err) < 0)
            return -1;
    }
}

/* ---- the journal ---- */

static int write_journal(struct cluster *c, const struct opctx *ctx, const char *address,
                         struct error **err)
{
    cleanup_secret struct secret *key = NULL;
    cleanup_free char *text = NULL;
    bool is_there;
    if (open_way(c, ctx, &is_there, err) < 0)
        return -1;
    if (!is_there)
        return 0;
    if (open_key(c, ctx, &key, err) < 0)
        return -1;
    int rc = run_ssh(c, ctx, key, address, &text, err);
    if (text)
        log_tail_write(ctx, "journal of the bootstrap machine", text, strlen(text));
    return rc;
}

void bootstrap_log_write(struct cluster *c, const struct opctx *ctx)
{
    cleanup_error struct error *e = NULL;
    cleanup_free char *address = xstrdup(cluster_text_or_empty(c, ADDRESS));
    if (!*address) /* nothing of it can be reached yet */
        return;
    if (write_journal(c, ctx, address, &e) < 0)
        log_info(ctx->log, "after the failure: no journal of the bootstrap machine: %s",
                 error_text(e));
}
