/*
 * secrets.h - the service's own secrets, by their names in the key vault, from one of two sources: the key vaults
 * themselves (secrets_vault.h), or a folder with one file for each (secrets_folder.h).
 *
 * Threads: safe from any.
 */
#ifndef RP_ENV_SECRETS_H
#define RP_ENV_SECRETS_H

#include "pkg/crypt/aead.h"

#define SECRET_RP_SERVER "rp-server"
#define SECRET_FIRST_PARTY "rp-firstparty"     /* of the application AZURE_FP_CLIENT_ID */
#define SECRET_ENCRYPTION_KEY "encryption-key" /* and -v2: documents */
#define SECRET_FRONTEND_ENCRYPTION_KEY "fe-encryption-key" /* and -v2: tokens of pages */
#define SECRET_CLUSTER_LOGGING \
    "cluster-mdsd" /* certificate and key with which clusters ship their logs */
#define SECRET_PORTAL_SERVER "portal-server"
#define SECRET_PORTAL_SSH_KEY "portal-sshkey" /* RSA, PKCS #1, base64 */

#define SECRET_MAX_BYTES ((size_t)64 << 10)

struct rp_secret_version {
    char *id;          /* for get */
    int64_t created_s; /* Unix time */
    bool disabled;
};
struct rp_secret_versions { /* in no order */
    struct rp_secret_version *v;
    size_t len, cap;
};
/* id is consumed. */
void rp_secret_versions_add(struct rp_secret_versions *l, char *id, int64_t created_s,
                            bool disabled);
void rp_secret_versions_release(struct rp_secret_versions *l);
#define cleanup_secret_versions CLEANUP_WITH(rp_secret_versions_release)

struct rp_secrets;
struct rp_secrets_ops {
    /* version NULL: the newest. ERR_NOT_FOUND names the place. */
    int (*get)(struct rp_secrets *s, const struct opctx *ctx, const char *name, const char *version,
               struct secret **ret, struct error **err);
    /* ret comes empty; a secret that does not exist has none. */
    int (*list)(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                struct rp_secret_versions *ret, struct error **err);
    /* Where it lies, for errors. version may be NULL. Owned by the caller. */
    char *(*give_place)(const struct rp_secrets *s, const char *name, const char *version);
    void (*free)(struct rp_secrets *s);
};
struct rp_secrets { /* first member of each source */
    const struct rp_secrets_ops *ops;
};

void rp_secrets_free(struct rp_secrets *s); /* accepts NULL */
DEFINE_RELEASE(struct rp_secrets *, rp_secrets_free)
#define cleanup_rp_secrets CLEANUP_WITH(rp_secrets_free_slot)

/* The newest version. ERR_NOT_FOUND names the place. Up to SECRET_MAX_BYTES. */
int rp_secrets_get(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                   struct secret **ret, struct error **err);
/* A certificate with its chain, and its key, from a bundle in PEM. */
int rp_secrets_get_pair(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                        char **ret_cert_pem, struct secret **ret_key_pem, struct error **err);

/* The versions of a sealing key: of NAME-v2, and of NAME in the older format. */
struct rp_key_source {
    struct aead_source base;
    struct rp_secrets *secrets;
    const char *name;
};
void rp_key_source_init(struct rp_key_source *k, struct rp_secrets *s, const char *name);

#endif
