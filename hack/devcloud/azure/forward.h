/*
 * forward.h - ARM in front of a resource provider: requests below its namespace go on to the server that the state's "rp"
 * names, with ARM's client certificate and headers; replies come back with links that lead through ARM.
 *
 * Asking another server takes time, and the server may ask the simulator meanwhile: so it happens without the lock. A
 * route prepares (with the lock), the front door runs (without) and answers.
 */
#ifndef HACK_DEVCLOUD_AZURE_FORWARD_H
#define HACK_DEVCLOUD_AZURE_FORWARD_H

#include "hack/devcloud/azure/sim.h"
#include "pkg/net/http.h"

#define RP_NAMESPACE "Microsoft.RedHatOpenShift"

struct forward;
/* Has the provider told of the subscription's state, while its registration is under way. */
void forward_tell_subscription(struct sim_call *c);
/* Makes c->forward of the call; NULL after answering: no provider is known. */
void forward_prepare(struct sim_call *c);
/* Without the lock, which it takes for the answer. Frees. */
void forward_run(struct sim_call *c, const struct opctx *ctx);

/* forward_inside.c: questions of the simulator's own, asked again and again until the answer is there. */
#define FORWARD_NOT_YET 102
void forward_ask_inside(struct sim_call *c);
/* Asks what is wanted. Without the lock. */
void forward_run_inside(struct azure_sim *sim, const struct opctx *ctx);
/* Has what the provider keeps in the group (by the group's key) deleted; true: nothing is left. */
bool forward_drain(struct azure_sim *sim, const char *key);

/* forward_headers.c: what ARM adds to a request for the provider. outer is the URL as the client asked it. */
void forward_add_headers(struct sim_call *c, const char *outer, struct http_headers *headers);

/* forward_index.c: what ARM remembers of the provider's resources, under their IDs in the state's resources. */
struct forward_reply {
    int status;
    const struct http_headers *headers;
    const json *body;        /* NULL: no object */
    const char *system_data; /* that the request had; NULL: none */
};
void forward_remember(const struct sim_call *c, const struct forward_reply *reply);
/* x-ms-arm-resource-system-data of a write; NULL: none for this request. Owned by the caller. */
char *forward_give_system_data(struct sim_call *c);

/* metadata.c: the certificates with which ARM comes to providers, at /metadata/authentication. true: answered. */
bool metadata_serve(struct sim_call *c);

#endif
