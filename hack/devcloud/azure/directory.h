/* directory.h - the parts of the simulated directory (sign-in) for each other. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_DIRECTORY_H
#define HACK_DEVCLOUD_AZURE_DIRECTORY_H

#include "hack/devcloud/azure/sim.h"

/* One request for a token. */
struct grant {
    struct sim_call *call;
    const char *form;  /* the body, a query in its encoding */
    char *client_id;   /* NULL: not given */
    json *application; /* borrowed; NULL: there is none of that name */
    bool by_assertion; /* set by grant_proof_holds */
};
char *grant_give_field(const struct grant *g, const char *name); /* NULL when absent */

/* Answers with an error of the directory: {error, error_description "AADSTS<code>: ...", ...}. */
void directory_refuse(struct sim_call *c, int status, const char *error, int code, const char *fmt,
                      ...) PRINTF_LIKE(5, 6);

/* directory_proof.c: whether the client proved who it is; answers when it did not. */
bool grant_proof_holds(struct grant *g);

/* directory_token.c: the application that a token was given to, for the service; NULL after answering 401. */
json *directory_check_token(struct sim_call *c, enum sim_service service, const char *token);
/* directory_token.c: an access token for the resource; its signature is this simulator's own. */
char *directory_give_token(const struct grant *g, const char *resource, int64_t life_s);

#endif
