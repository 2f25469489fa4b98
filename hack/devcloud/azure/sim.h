/* sim.h - the parts of the simulated Azure for each other. */
#ifndef HACK_DEVCLOUD_AZURE_SIM_H
#define HACK_DEVCLOUD_AZURE_SIM_H

#include <pthread.h>

#include "hack/devcloud/azure/azure.h"
#include "pkg/net/server.h"

struct azure_sim {
    struct azure_sim_config cfg;
    struct http_server *http;
    char *ca_pem;
    pthread_mutex_t mu;
    json *state, *requests, *faults, *operations; /* guarded by mu */
};

/* One request below the front door; the simulator's lock is held. */
struct sim_call {
    struct azure_sim *sim;
    struct http_call *http;
    const char *method, *host;    /* borrowed */
    char *path;                   /* decoded, doubled and trailing slashes removed */
    json *body;                   /* NULL: none */
    json *caller;                 /* application whose token came; borrowed; NULL: none */
    char *api_version;            /* as asked, well-formed; NULL outside ARM */
    char operation[UUID_LEN + 1]; /* set by operation_begin */
};
const char *sim_host(const struct sim_call *c); /* as the client dialled, with the port; borrowed */

/* Answers, all with ARM's headers. */
void sim_reply(struct sim_call *c, int status, const json *body);
void sim_reply_error(struct sim_call *c, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* {"value": values}, in pages of the state's page_size. values (an array) is consumed. */
void sim_reply_list(struct sim_call *c, json *values);

/* directory.c: sign-in hosts. true: answered. */
bool directory_serve(struct sim_call *c);
/* directory_token.c: the application that a bearer token was given to, for ARM; NULL after answering 401. */
json *directory_authenticate(struct sim_call *c);

/* permissions.c, network.c: routes of ARM. true: answered. */
bool permissions_serve(struct sim_call *c);
bool network_serve(struct sim_call *c);

/* control.c: /_devcloud. true: answered. faults: true when a fault answered instead. */
bool control_serve(struct sim_call *c);
bool control_apply_fault(struct azure_sim *sim, struct http_call *http, const char *host,
                         const char *path, int64_t *ret_delay_ms);
void control_record(struct azure_sim *sim, struct http_call *http, const char *host,
                    const char *path);

/* operations.c: a write that takes its time. Sets the headers of the first answer. When it ends, the resource is Succeeded,
 * or gone with all its parts. Fails as the state's operation_error says. */
enum operation_kind { OPERATION_PUT, OPERATION_DELETE };
void operation_begin(struct sim_call *c, const char *resource_key, enum operation_kind kind);
/* Another resource that is written by the operation begun in this call. */
void operation_adopt(struct sim_call *c, const char *resource_key);
bool operation_serve(struct sim_call *c);
/* Ends what is due. */
void operations_advance(struct azure_sim *sim);

/* default_state.c: that the state has the shape that azure.h describes; ERR_INVALID. */
int azure_state_check(const json *state, struct error **err);

/* Text with * for anything, letter case ignored. */
bool pattern_matches(const char *pattern, const char *text);

#endif
