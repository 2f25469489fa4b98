/*
 * secrets.h - the service's own secrets: a folder with one file for each, named as in the key vault
 * ("rp-server": certificate, chain and key in PEM; "encryption-key-v2": base64). Whatever mounts a
 * vault into a machine writes such a folder. In development the resource provider makes what is
 * missing, readable by its user only, so that a restart opens what was sealed before.
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

struct rp_secrets;

/* make_missing: development. dir is made, too, then. */
int rp_secrets_open(const char *dir, bool make_missing, struct rp_secrets **ret,
                    struct error **err);
void rp_secrets_free(struct rp_secrets *s);
/* ERR_NOT_FOUND names the file. Up to 64 KiB; a last line end is dropped. */
int rp_secrets_get(const struct rp_secrets *s, const char *name, struct secret **ret,
                   struct error **err);
/* A certificate with its chain, and its key. */
int rp_secrets_get_pair(const struct rp_secrets *s, const char *name, char **ret_cert_pem,
                        struct secret **ret_key_pem, struct error **err);
/*
 * The versions of a sealing key: NAME-v2 and NAME, and older ones beside them with anything behind a
 * dot (NAME-v2.2024). A version is as old as its file.
 */
struct rp_key_source {
    struct aead_source base;
    const struct rp_secrets *secrets;
    const char *name;
};
void rp_key_source_init(struct rp_key_source *k, const struct rp_secrets *s, const char *name);

DEFINE_RELEASE(struct rp_secrets *, rp_secrets_free)
#define cleanup_rp_secrets CLEANUP_WITH(rp_secrets_free_slot)

#endif
