/* vault_rig.h - the rig signed in for key vaults. */
#ifndef TEST_UNIT_HACK_DEVCLOUD_AZURE_VAULT_RIG_H
#define TEST_UNIT_HACK_DEVCLOUD_AZURE_VAULT_RIG_H

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/hack/devcloud/azure_rig.h"
#include "test/unit/support/test.h"

#define VAULT_VERSION "?api-version=7.3"
#define VAULT_FORM "&scope=https%3A%2F%2Fvault.azure.net%2F.default"

static inline void vault_rig_open(struct rig *r)
{
    cleanup_reply struct rig_reply reply = { 0 };
    rig_open(r);
    assert_int_equal(rig_sign_in(r, "/oauth2/v2.0/token", RIG_SECRET_FORM VAULT_FORM, &reply), 200);
    free(r->token);
    r->token = xstrdup(json_path_str(reply.body, "access_token"));
}

/* A new version of a secret; its name, owned by the caller. */
static inline char *vault_rig_set(struct rig *r, const char *name, const char *value)
{
    cleanup_reply struct rig_reply reply = { 0 };
    cleanup_free char *path = xasprintf("/secrets/%s" VAULT_VERSION, name);
    cleanup_free char *body = xasprintf("{'value':'%s'}", value);
    assert_int_equal(rig_call(r, "PUT", path, body, &reply), 200);
    return xstrdup(strrchr(json_path_str(reply.body, "id"), '/') + 1);
}

#define VAULT_POLICY(issuer, x509) \
    "{'policy':{'issuer':{'name':'" issuer "'},'key_props':{'exportable':true,'kty':'EC'}," \
    "'secret_props':{'contentType':'application/x-pem-file'},'x509_props':{" x509 "}}}"
#define VAULT_WISH \
    VAULT_POLICY("OneCertV2-PublicCA", "'subject':'CN=api.example.com','sans':{'dns_names':[" \
                                       "'api.example.com']},'validity_months':3")

/* Asks for a certificate and looks once: it is there. */
static inline void vault_rig_issue(struct rig *r, const char *name, const char *wish)
{
    cleanup_reply struct rig_reply reply = { 0 };
    cleanup_free char *create = xasprintf("/certificates/%s/create" VAULT_VERSION, name);
    cleanup_free char *pending = xasprintf("/certificates/%s/pending" VAULT_VERSION, name);
    assert_int_equal(rig_call(r, "POST", create, wish, NULL), 202);
    assert_int_equal(rig_call(r, "GET", pending, NULL, &reply), 200);
    assert_string_equal(json_path_str(reply.body, "status"), "completed");
}

#endif
