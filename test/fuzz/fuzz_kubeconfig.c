/* A kubeconfig's text becomes a usable configuration or an error that says why, never both. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/kube/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check(const struct kube_config *c)
{
    must(c->server && c->nspace);
    must(str_starts(c->server, "https://") || str_starts(c->server, "http://"));
    must(!str_ends(c->server, "/") && !strpbrk(c->server, "?#"));
    must(!c->insecure || !c->ca_pem);
    must(!c->cert_pem == !c->key_pem);
    must(c->as_extra_keys.len == c->as_extra_values.len);
    must(c->as_user || (!c->as_uid && c->as_groups.len == 0 && c->as_extra_keys.len == 0));
    bool tls = str_starts(c->server, "https://") || c->ca_pem || c->cert_pem || c->insecure;
    must(tls || (!c->token && !c->username && !c->token_file && !c->exec));
    if (c->exec) {
        must(c->exec->command && c->exec->api_version);
        must(c->exec->env_names.len == c->exec->env_values.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_kube_config struct kube_config *c = NULL;
    cleanup_error struct error *e = NULL;
    int rc = kube_config_parse((const char *)data, size, NULL, &c, &e);
    must(rc == 0 ? c && !e : !c && e && *error_text(e));
    if (c)
        check(c);
    return 0;
}
