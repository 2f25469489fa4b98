/* reply.h - bodies of replies: JSON indented by four spaces with a line end behind it. */
#ifndef RP_FRONTEND_REPLY_H
#define RP_FRONTEND_REPLY_H

#include "rp/frontend/request.h"

/* body is borrowed. */
void reply_json(struct request *req, int status, const json *body);
/* The same with the text that an earlier reply wrote. */
void reply_json_text(struct request *req, int status, const char *text);
/* Status without a body. */
void reply_status(struct request *req, int status);
/* The CloudError; what is not meant for clients is logged and told as an internal error (to
 * administrators with its text). */
void reply_error(struct request *req, const struct error *e);
/* The same without a request: refusals of the server itself, whose text is meant for clients. */
void reply_bare_error(struct http_call *call, const struct error *e);

#endif
