/*
 * azure_rig.h - a simulated Azure on a free port, a client that trusts it, and a clock that a test can move. Bodies are
 * JSON text in which single quotes stand for double quotes. All fail the test when they cannot.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_AZURE_RIG_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_AZURE_RIG_H

#include <stdatomic.h>

#include "hack/devcloud/azure/azure.h"
#include "pkg/net/http_client.h"
#include "test/unit/support/fake_env.h"

/* The default state's. */
#define RIG_TENANT "22222222-2222-2222-2222-222222222222"
#define RIG_APPLICATION "11111111-1111-1111-1111-111111111111"
#define RIG_OBJECT "33333333-3333-3333-3333-333333333333"
#define RIG_SUBSCRIPTION "/subscriptions/00000000-0000-0000-0000-000000000000"
#define RIG_VNETS \
    RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Network/virtualNetworks"
#define RIG_VNET RIG_VNETS "/dev-vnet"
#define RIG_NSGS \
    RIG_SUBSCRIPTION "/resourceGroups/net-rg/providers/Microsoft.Network/networkSecurityGroups"
#define RIG_CLUSTER_NSGS \
    RIG_SUBSCRIPTION \
    "/resourceGroups/aro-cluster/providers/Microsoft.Network/networkSecurityGroups"
#define RIG_VERSION "?api-version=2020-08-01"
#define RIG_SECRET_FORM \
    "grant_type=client_credentials&client_id=" RIG_APPLICATION "&client_secret=dummy-client-" \
    "secret"

struct moving_clock { /* the system's clock and what the test added */
    struct clock base;
    _Atomic int64_t ahead_ns;
};

struct rig_reply {
    int status;
    struct http_headers headers;
    json *body; /* NULL: none, or no JSON */
};
void rig_reply_release(struct rig_reply *r);
#define cleanup_reply CLEANUP_WITH(rig_reply_release)

struct rig {
    struct moving_clock clock;
    struct fake_env env;
    struct http_client *client;
    struct http_peer *peer;
    struct azure_sim *sim;
    struct opctx ctx;
    char *token;               /* sent as bearer; NULL: none */
    struct http_headers extra; /* of the next request, then gone */
    char host[sizeof("127.0.0.1:65535")];
};
void rig_open(struct rig *r);  /* signed in for ARM; writes take no time */
void rig_close(struct rig *r); /* also through cleanup_rig */
#define cleanup_rig CLEANUP_WITH(rig_close)
void rig_advance_s(struct rig *r, int64_t s);

/* One request; body may be NULL. -1 = the connection was cut, else the status. ret may be NULL. */
int rig_send(struct rig *r, const char *method, const char *path_and_query, const char *type,
             const char *body, struct rig_reply *ret);
int rig_call(struct rig *r, const char *method, const char *path_and_query, const char *body,
             struct rig_reply *ret);
/* As rig_call, and the error's code has to be this. */
void rig_refused(struct rig *r, const char *method, const char *path_and_query, const char *body,
                 int status, const char *code);
/* A form to the token endpoint of the rig's tenant: "/oauth2/token" or "/oauth2/v2.0/token". */
int rig_sign_in(struct rig *r, const char *endpoint, const char *form, struct rig_reply *ret);
void rig_patch(struct rig *r, const char *state);
void rig_faults(struct rig *r, const char *faults);

/* {'a':1} as JSON. Owned by the caller. */
char *rig_give_json(const char *quoted);

#endif
