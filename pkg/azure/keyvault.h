/*
 * keyvault.h - secrets and certificates in an Azure key vault.
 *
 * The token is sent at once: no challenge is waited for. Retries, throttling and errors are ARM's (azure.h); an error's code
 * is the vault's ("SecretNotFound", "Forbidden"), its body the vault's document. Values never appear in errors.
 *
 * Threads: safe from any. Source: Microsoft's "Azure Key Vault REST API reference", version 7.3.
 */
#ifndef PKG_AZURE_KEYVAULT_H
#define PKG_AZURE_KEYVAULT_H

#include "pkg/azure/azure.h"

struct key_vault;
struct key_vault_config {
    struct http_transport *transport; /* borrowed, as all that follow */
    struct azure_tokens *tokens;
    const struct azure_cloud *cloud;
    const char *name; /* "aro-svc"; copied */
    const char *user_agent;
    const struct clock *clock;
    const struct rng *rng;
};
struct key_vault *key_vault_new(const struct key_vault_config *cfg);
void key_vault_free(struct key_vault *v); /* accepts NULL */
DEFINE_RELEASE(struct key_vault *, key_vault_free)
#define cleanup_key_vault CLEANUP_WITH(key_vault_free_slot)

/* One version of a secret. */
struct vault_secret {
    char *version;
    struct secret *value; /* NULL in lists */
    char *content_type;   /* NULL: none */
    int64_t created_s;    /* Unix time */
    bool enabled;
};
void vault_secret_release(struct vault_secret *s);
#define cleanup_vault_secret CLEANUP_WITH(vault_secret_release)

struct vault_secrets { /* in no order */
    struct vault_secret *v;
    size_t len;
};
void vault_secrets_release(struct vault_secrets *l);
#define cleanup_vault_secrets CLEANUP_WITH(vault_secrets_release)

/* version NULL: the newest. ERR_NOT_FOUND: there is none; ERR_FORBIDDEN: also when that version is disabled. */
int key_vault_get_secret(struct key_vault *v, const struct opctx *ctx, const char *name,
                         const char *version, struct vault_secret *ret, struct error **err);
/* All versions, without their values; none of a secret that does not exist. */
int key_vault_list_versions(struct key_vault *v, const struct opctx *ctx, const char *name,
                            struct vault_secrets *ret, struct error **err);
/* A new version. content_type may be NULL. */
int key_vault_set_secret(struct key_vault *v, const struct opctx *ctx, const char *name,
                         const struct secret *value, const char *content_type, struct error **err);

/* ---- certificates (keyvault_certificates.c) ---- */

/* What a certificate is to be: for a server, RSA 2048, exportable as PEM. */
struct vault_certificate_wish { /* borrowed */
    const char *issuer;         /* "OneCertV2-PublicCA", "Self" */
    const char *common_name;
    const char *dns_name;                   /* its only SAN; NULL: none */
    int validity_months, renew_days_before; /* the latter 0: not by itself */
};
/* Begins one. Where one is being made, or was made, under that name, it stays: ask for what is there with
 * key_vault_wait_certificate. */
int key_vault_begin_certificate(struct key_vault *v, const struct opctx *ctx, const char *name,
                                const struct vault_certificate_wish *wish, struct error **err);
/* Until what was begun is done, for 15 min: then, or when the issuer refuses, it is an error. */
int key_vault_wait_certificate(struct key_vault *v, const struct opctx *ctx, const char *name,
                               struct error **err);
/* A certificate of another issuer than the wish's is made anew, after the whole wish, and waited for; one of that issuer, or none,
 * stays as it is. */
int key_vault_correct_issuer(struct key_vault *v, const struct opctx *ctx, const char *name,
                             const struct vault_certificate_wish *wish, struct error **err);
/* With its key; none there is fine. */
int key_vault_delete_certificate(struct key_vault *v, const struct opctx *ctx, const char *name,
                                 struct error **err);

#endif
