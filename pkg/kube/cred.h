/*
 * cred.h - the credentials that a request carries: token, token file, basic, exec plugin. Private to
 * pkg/kube.
 *
 * A token file is read again when the copy is older than 50 s; a failing read keeps the last good
 * token. The plugin's answer is kept until it expires. Threads: safe from any.
 */
#ifndef PKG_KUBE_CRED_H
#define PKG_KUBE_CRED_H

#include "pkg/base/clock.h"
#include "pkg/kube/config.h"
#include "pkg/net/http.h"

struct kube_cred;

/* Which credential a request carried: enough to tell whether a 401 says anything about today's. */
struct kube_cred_stamp {
    int64_t started_ns;
    uint64_t generation; /* of the plugin's answer; 0 none */
};

struct kube_cred_config {
    const struct kube_config *cfg; /* borrowed for the credentials' life */
    const struct clock *clock;
    const struct log *log; /* may be NULL */
};
struct kube_cred *kube_cred_new(const struct kube_cred_config *cfg);
void kube_cred_free(struct kube_cred *c);

/* Adds Authorization unless it is there already, and the Impersonate headers. */
int kube_cred_authorize(struct kube_cred *c, const struct opctx *ctx, struct http_headers *headers,
                        struct kube_cred_stamp *ret, struct error **err);
/* The server answered 401 to a request of that stamp: what is older is not used again. */
void kube_cred_reject(struct kube_cred *c, const struct kube_cred_stamp *stamp);
/* The plugin's client certificate and key; both NULL when it gives none. */
int kube_cred_give_cert(struct kube_cred *c, const struct opctx *ctx, char **ret_cert,
                        struct secret **ret_key, struct error **err);

DEFINE_RELEASE(struct kube_cred *, kube_cred_free)
#define cleanup_kube_cred CLEANUP_WITH(kube_cred_free_slot)

#endif
