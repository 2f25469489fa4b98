/* plugin_reply.h - the ExecCredential that a credential plugin prints. Private to pkg/kube. Threads:
 * pure. */
#ifndef PKG_KUBE_PLUGIN_REPLY_H
#define PKG_KUBE_PLUGIN_REPLY_H

#include <stdint.h>

#include "pkg/base/error.h"
#include "pkg/base/secret.h"

struct plugin_reply { /* owned; a token, or a certificate with its key, or both */
    struct secret *token, *key_pem;
    char *cert_pem;
    int64_t expires_wall_ns; /* INT64_MAX: never */
};
/* ERR_INVALID: not JSON, another kind or version than asked for, no status, no credential, half a
 * pair, a bad time. */
int plugin_reply_parse(const char *text, size_t len, const char *api_version,
                       struct plugin_reply *ret, struct error **err);
void plugin_reply_release(struct plugin_reply *r);

#endif
