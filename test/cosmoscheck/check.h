/* check.h - the cases that run against a server of Cosmos DB's interface, and what they work with. */
#ifndef TEST_COSMOSCHECK_CHECK_H
#define TEST_COSMOSCHECK_CHECK_H

#include "pkg/database/database.h"
#include "pkg/database/store.h"
#include "pkg/net/http.h"

struct check {
    const char *url;
    struct opctx ctx;
    struct http_transport *transport;
    struct store *store; /* the database's */
    struct database *db;
};

/* 0, or -1 with what was not as it should be. */
struct check_case {
    const char *name;
    int (*run)(struct check *c, struct error **err);
};
extern const struct check_case store_cases[], document_cases[]; /* name NULL behind the last */

/* ERR_INTERNAL with the text, unless truth. */
int expect(bool truth, const char *what, struct error **err);
/* A call failed (rcode) and with that kind; consumes *why. */
int expect_kind(int rcode, struct error **why, enum err_kind kind, const char *what,
                struct error **err);
/* The next writes are lost ("lose"), throttled ("throttle") or refused ("away"). */
int break_writes(struct check *c, const char *kind, int times, struct error **err);
/* JSON with single quotes, as a document to be created. */
json *check_tree(const char *quoted);

#endif
