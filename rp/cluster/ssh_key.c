#include "rp/cluster/ssh_key.h"

#include "pkg/crypt/rsa_key.h"

#define SSH_KEY "sshKey"

int cluster_ensure_ssh_key(void *arg, const struct opctx *ctx, struct error **err)
{
    struct cluster *c = arg;
    cleanup_secret struct secret *der = NULL;
    if (*cluster_text_or_empty(c, SSH_KEY))
        return 0;
    if (rsa_make(&der, err) < 0)
        return error_wrap(err, "making the SSH key");
    return cluster_set_secret(c, ctx, SSH_KEY, der, err);
}

int cluster_give_ssh_public(struct cluster *c, const struct opctx *ctx, char **ret,
                            struct error **err)
{
    cleanup_secret struct secret *der = NULL;
    if (cluster_open_secret(c, ctx, SSH_KEY, &der, err) < 0)
        return -1;
    if (!der)
        return error_set(err, ERR_INTERNAL, "the cluster has no SSH key yet");
    if (rsa_give_ssh_public(der, ret, err) < 0)
        return error_wrap(err, "properties." SSH_KEY);
    return 0;
}
