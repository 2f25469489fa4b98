/*
 * access.h - who calls, and what they may do: identities by token, client certificate or an issuer's token, roles by
 * namespace.
 *
 * The configuration is a file, read again when it changes:
 *   {"identities": [{"name", "tokenSHA256"}, {"name", "certificateCommonName"}],
 *    "oidc": {...} (oidc.h),
 *    "bindings": [{"identity", "namespace" ("*": everywhere, and the global types), "role": viewer|editor|admin}]}
 * Threads: safe from any.
 */
#ifndef RP_SYNCSETS_API_ACCESS_H
#define RP_SYNCSETS_API_ACCESS_H

#include "pkg/base/strv.h"
#include "pkg/net/server.h"
#include "rp/syncsets/types/types.h"

enum sets_role { ROLE_NONE, ROLE_VIEWER, ROLE_EDITOR, ROLE_ADMIN };

struct sets_access_config {
    const char *path; /* of the file */
    const char
        *client_ca; /* PEM of the authorities of client certificates; NULL: none is believed */
    double rate;    /* requests a second of one identity; 0: 50 */
    int burst;      /* 0: 100 */
    struct http_transport *transport; /* to an issuer's keys; NULL: only files are read */
    const struct clock *clock;
};
struct sets_access;
int sets_access_open(const struct sets_access_config *cfg, struct sets_access **ret,
                     struct error **err);
void sets_access_free(struct sets_access *a);
/* Reads the file again if it changed; a broken one leaves what was. */
int sets_access_refresh(struct sets_access *a, struct error **err);

/* Reads the keys of the issuer, when there are none or they are a minute old; what cannot be read leaves what was. Waits: for a
 * thread that serves nobody. */
int sets_access_refresh_keys(struct sets_access *a, const struct opctx *ctx, struct error **err);

/* Other authorities of client certificates; NULL: none is believed. */
void sets_access_set_client_ca(struct sets_access *a, const char *client_ca);

/* Names the caller: *ret owned. ERR_UNAUTHORIZED; ERR_THROTTLED with Retry-After. access NULL: "anonymous". */
int sets_access_identify(struct sets_access *a, const struct http_call *call, char **ret,
                         struct error **err);
/* nspace NULL: the global role. access NULL: admin. */
enum sets_role sets_access_role(struct sets_access *a, const char *who, const char *nspace);
/* The namespaces that who may see; false: all of them. */
bool sets_access_namespaces(struct sets_access *a, const char *who, struct strv *ret);

#endif
