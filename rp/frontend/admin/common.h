/* common.h - what the handlers of administrators share. Errors: cloud_error.h. */
#ifndef RP_FRONTEND_ADMIN_COMMON_H
#define RP_FRONTEND_ADMIN_COMMON_H

#include "pkg/api/object.h"
#include "rp/frontend/paging.h"
#include "rp/frontend/request.h"

/* Of upserts whose document comes and goes meanwhile. */
#define ADMIN_TRIES 5

const struct api_version *admin_version(void);
/* The request's body as an external object of that type; owned by the caller. InvalidRequestContent. */
int admin_decode(const struct request *req, const struct api_type *t, json **ret,
                 struct error **err);
/* A document's member as an external object, with the document's id in front; owned by the caller. */
json *admin_give_external(const struct api_type *t, const json *document, const char *member);
/* A parameter of the query, "" when absent; owned by the caller. */
char *admin_give_text(const struct request *req, const char *name);
/* Documents a page, as the query's `limit` says: 100 when it says nothing that can be. */
size_t admin_limit(const struct request *req);
/* Go's spellings of a boolean ("true", "1", "F"), in which callers write it; false, and *ret as it was, for any other text and
 * NULL. */
bool admin_bool(const char *text, bool *ret);
/* What the store says (consumed) about the document of an id that a client named: 404 NotFound also for one that no document can
 * have. Returns -1. */
int admin_not_read(struct error **e, const char *what, const char *id, struct error **err);
/* The document of the subscription that the route names. 404 ResourceNotFound when there is none. */
int admin_find_subscription(struct request *req, struct document *ret, struct error **err);

#endif
