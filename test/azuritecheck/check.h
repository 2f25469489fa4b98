/* check.h - two accounts of storage, one of each service, and what is done with them. */
#ifndef TEST_AZURITECHECK_CHECK_H
#define TEST_AZURITECHECK_CHECK_H

#include "pkg/azure/storage.h"
#include "pkg/net/http.h"

struct check {
    struct opctx ctx;
    struct http_transport *transport;
    const char *reference, *simulated; /* names of accounts: Azurite's, and the simulated Azure's */
    const char *key;                   /* base64; of both */
};

/* A signature of the account with its key, good for ten minutes. Owned. */
char *check_give_sas(const struct check *c, const char *account, const char *permissions,
                     const char *types);
/* A request as it is written; headers: "Name: value" lines, or NULL. */
int check_send(struct check *c, const char *account, const char *method, const char *path,
               const char *query, const char *headers, const char *body, struct http_response *ret,
               struct error **err);

/* client_cases.c: the storage client against one account. 0, or -1 with what was not as it should be. */
struct check_case {
    const char *name;
    int (*run)(struct check *c, const char *account, struct error **err);
};
extern const struct check_case client_cases[]; /* name NULL behind the last */
/* literal_cases.c: each request is sent to both; adds to the counts, prints what differs. */
void check_compare(struct check *c, int *passed, int *failed);

#endif
