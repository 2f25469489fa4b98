/* user.h - a user of the development cloud who asks over HTTP, as anybody would: Azure Resource Manager with a token, the
 * resource provider's own port without. */
#ifndef HACK_DEVCLOUD_UP_USER_H
#define HACK_DEVCLOUD_UP_USER_H

#include "pkg/base/json.h"
#include "pkg/net/http.h"

struct cloud_user { /* all borrowed */
    struct http_transport *transport;
    const struct opctx *ctx;
    const char *azure_url;
    const char *secret; /* of the service principal */
    /* Called between looks at what is not done yet; -1 ends it. */
    int (*pause)(void *arg, struct error **err);
    void *arg;
};

/* A token for Azure Resource Manager. Owned by the caller. */
int user_sign_in(const struct cloud_user *u, char **ret, struct error **err);

struct user_question {
    const char *method, *url, *token, *type, *body; /* token, type and body: NULL: none */
};
/* *ret: the reply, which has to be an object. Any status but 2xx is an error with the reply in its text. */
int user_ask(const struct cloud_user *u, const struct user_question *q, json **ret,
             struct error **err);
/* The same; *ret_header is that header of the reply, owned by the caller, or NULL. */
int user_ask_header(const struct cloud_user *u, const struct user_question *q, const char *header,
                    json **ret, char **ret_header, struct error **err);

#endif
