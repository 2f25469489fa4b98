/* continue_token.h - where a list goes on. Threads: pure. */
#ifndef HACK_DEVCLOUD_CLUSTER_CONTINUE_TOKEN_H
#define HACK_DEVCLOUD_CLUSTER_CONTINUE_TOKEN_H

#include <stdint.h>

#include "pkg/base/error.h"

struct continue_token {
    int64_t revision;    /* of the whole list; -1: whatever is current */
    char *nspace, *name; /* of the last item before; nspace NULL: no token */
};
char *continue_token_give(const struct continue_token *t);
/* ERR_INVALID with reason BadRequest. */
int continue_token_parse(const char *text, struct continue_token *ret, struct error **err);
void continue_token_release(struct continue_token *t);

#endif
