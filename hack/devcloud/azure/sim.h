/* sim.h - the parts of the simulated Azure for each other. */
#ifndef HACK_DEVCLOUD_AZURE_SIM_H
#define HACK_DEVCLOUD_AZURE_SIM_H

#include <pthread.h>

#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/azure/sim_clock.h"
#include "pkg/base/strv.h"
#include "pkg/net/server.h"

struct machine_room;

struct azure_sim {
    struct azure_sim_config cfg;
    struct http_server *http;
    struct http_client *client;
    char *ca_pem, *arm_cert_pem; /* the authority; ARM's own certificate as a client */
    struct secret *arm_key_pem, *ca_key_pem;
    struct sim_clock clock; /* cfg.clock is this one */
    pthread_mutex_t mu;
    json *state, *requests, *faults, *operations; /* guarded by mu */
    json *before;  /* fault.c: resources as they were before their latest write; guarded by mu */
    json *buckets; /* throttle.c; guarded by mu */
    json *asked;   /* forward_inside.c; guarded by mu */
    struct machine_room *room; /* machines.c; NULL: nobody watches; guarded by mu */
};

/* What the simulator gets when it asks itself (arm_ask). */
struct sim_answer {
    int status;
    json *body;                   /* NULL: none */
    char operation[UUID_LEN + 1]; /* that the write began; "": none */
};
void sim_answer_release(struct sim_answer *a);
static inline void sim_answer_release_slot(struct sim_answer *a)
{
    sim_answer_release(a);
}
#define cleanup_answer CLEANUP_WITH(sim_answer_release_slot)

/* One request below the front door; the simulator's lock is held. */
struct sim_call {
    struct azure_sim *sim;
    struct http_call *http;       /* NULL: the simulator asks itself, and answer takes the reply */
    struct sim_answer *answer;    /* borrowed */
    const char *method, *host;    /* borrowed */
    char *path;                   /* decoded, doubled and trailing slashes removed */
    json *body;                   /* NULL: none */
    json *caller;                 /* application whose token came; borrowed; NULL: none */
    char *caller_id;              /* its application ID */
    char *api_version;            /* as asked, well-formed; NULL outside ARM */
    char operation[UUID_LEN + 1]; /* set by operation_begin */
    char left[INT_TEXT_MAX];      /* of the caller's budget, set by throttle_admits; "": unknown */
    struct documents *documents;  /* what has to be asked of the server of documents first */
    struct forward *forward;      /* what the resource provider has to be asked before the answer */
};
const char *sim_host(const struct sim_call *c); /* as the client dialled, with the port; borrowed */
const char *sim_header(const struct sim_call *c, const char *name); /* borrowed; NULL: absent */
const char *sim_query(const struct sim_call *c);                    /* raw; NULL: none */
bool sim_is(const struct sim_call *c, const char *method);

/* reply.c: answers, all with ARM's headers. */
void sim_set_header(struct sim_call *c, const char *name, const char *value);
void sim_reply(struct sim_call *c, int status, const json *body);
void sim_reply_text(struct sim_call *c, int status, const char *type, const char *text);
void sim_reply_error(struct sim_call *c, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* {"value": values}, in pages of the state's page_size. values (an array) is consumed. */
void sim_reply_list(struct sim_call *c, json *values);

/* directory.c: sign-in hosts. true: answered. */
bool directory_serve(struct sim_call *c);
/* directory_token.c: the application that a bearer token was given to, for the service; NULL after answering 401. */
enum sim_service { SERVICE_ARM, SERVICE_GRAPH, SERVICE_VAULT, SERVICE_COSMOS, SERVICE_STORAGE };
json *directory_authenticate(struct sim_call *c, enum sim_service service);

/* graph.c: the directory's applications and service principals. true: answered. */
bool graph_serve(struct sim_call *c);

/* machine_identity.c: tokens of managed identities, as machines get them at 169.254.169.254. true: answered. */
bool machine_identity_serve(struct sim_call *c);

/* compute_log.c: serial consoles of machines. true: answered. */
bool compute_log_serve(struct sim_call *c);

/* blob.c: the data plane of storage accounts. true: answered. */
bool blob_serve(struct sim_call *c);

/* vault.c: the data plane of key vaults. true: answered. */
bool vault_serve(struct sim_call *c);

/* arm.c: the front door of ARM; false: no path of ARM. */
bool arm_serve(struct sim_call *c);
/* A request of the simulator's own, in the name of an application. path is decoded; body is borrowed. */
void arm_ask(struct azure_sim *sim, const char *application, const char *method, const char *path,
             const char *api_version, json *body, struct sim_answer *ret);
void arm_refuse_method(struct sim_call *c);
/* throttle.c: whether the caller may ask now; answers when not. */
bool throttle_admits(struct sim_call *c);

/* Routes of ARM, each in the file of its name. true: answered. */
bool forward_serve(struct sim_call *c);
bool subscriptions_serve(struct sim_call *c);
bool groups_serve(struct sim_call *c);
bool providers_serve(struct sim_call *c);
bool permissions_serve(struct sim_call *c);
bool network_serve(struct sim_call *c);
bool deployments_serve(struct sim_call *c);
bool roles_serve(struct sim_call *c);
bool quota_serve(struct sim_call *c);
bool cosmos_serve(struct sim_call *c);
bool storage_serve(struct sim_call *c);         /* storage_account.c */
bool vault_name_serve(struct sim_call *c);      /* vault_resource.c */
bool registry_result_serve(struct sim_call *c); /* registry_credentials.c */
bool resource_serve(struct sim_call *c);
bool network_connections_serve(struct sim_call *c); /* network_pls_connection.c */

/* groups.c: the resource group of a path ("/subscriptions/S/resourceGroups/G/..."); NULL: there is none. Borrowed. */
json *group_find(struct azure_sim *sim, const char *path);
/* Also true of a group that a test did not make but put resources into. */
bool group_exists(struct azure_sim *sim, const char *path);
/* false: the group of the call's path is being deleted, and the call, which would write, is answered. name: as it is told. */
bool group_stays(struct sim_call *c, const char *name);
/* group_removal.c: the end of an operation that removes a group fails when what it holds is used from outside. */
void group_judge_removal(struct azure_sim *sim, json *operation);
/* providers.c: whether resources of the namespace may be made; answers when not. */
bool provider_is_registered(struct sim_call *c, const char *ns);
void provider_set_registration(struct azure_sim *sim, const char *ns, const char *value);
const char *provider_registration(const struct azure_sim *sim, const char *ns); /* "Registered" */
/* [{name "NS/F", state}] of what was ever asked for. Owned by the caller. */
json *provider_give_features(const struct azure_sim *sim, const char *ns);

/* control.c: /_devcloud. true: answered. */
bool control_serve(struct sim_call *c);
/* What the state says of the simulator itself takes effect. */
void control_adopt_state(struct azure_sim *sim);
void control_record(struct azure_sim *sim, struct http_call *http, const char *host,
                    const char *path);

/* operations.c: a write that takes its time. Sets the headers of the first answer: an operation of the provider in the
 * call's path, or of the subscription when there is none. When it ends, the resource is Succeeded, or gone with all its
 * parts. Fails as the state's operation_error says. */
enum operation_kind { OPERATION_PUT, OPERATION_DELETE, OPERATION_ACTION };
void operation_begin(struct sim_call *c, const char *resource_key, enum operation_kind kind);
/* Another resource that is written by the operation begun in this call. */
void operation_adopt(struct sim_call *c, const char *resource_key);
/* The resource is gone: what is still under way must not touch the next one of its ID. */
void operations_forget(struct azure_sim *sim, const char *resource_key);
/* The operation begun in this call will fail. error ({"code", "message"}) is consumed. */
void operation_fail(struct sim_call *c, json *error);
/* Retry-After, as the state wants it. */
void operation_set_retry_after(struct sim_call *c);
bool operation_serve(struct sim_call *c);
/* Ends what is due, and takes deployments as far as they get. */
void operations_advance(struct azure_sim *sim);

/* quota.c: a size of machines, as the list of sizes has it; NULL: there is none. Owned. */
json *quota_give_size(const struct azure_sim *sim, const char *name);
/* Whether the machine (key) of a size may be made, or take it on; answers when not. */
bool quota_allows(struct sim_call *c, const char *key, const char *size);
/* Whether one more of a usage ("PublicIPAddresses") may be had, and how many in all. */
bool quota_has_one(struct azure_sim *sim, const char *name);
int64_t quota_limit(struct azure_sim *sim, const char *name);

/* default_state.c: that the state has the shape that azure.h describes; ERR_INVALID. */
int azure_state_check(const json *state, struct error **err);

#endif
