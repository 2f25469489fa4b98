/*
 * operations.h - what can be done with which type, as a table: the routes of actions, the published description and the client
 * are made from it.
 * Threads: constants.
 */
#ifndef RP_SYNCSETS_TYPES_OPERATIONS_H
#define RP_SYNCSETS_TYPES_OPERATIONS_H

#include "rp/syncsets/types/types.h"

enum api_place { API_AT_LIST, API_AT_NAMESPACE, API_AT_OBJECT, API_AT_ACTION };
enum api_body { API_BODY_NONE, API_BODY_OBJECT, API_BODY_PATCH, API_BODY_OPTIONAL };
enum api_reply {
    API_REPLY_OBJECT,
    API_REPLY_LIST,
    API_REPLY_STATUS,
    API_REPLY_SET_STATUS, /* api_set_status */
    API_REPLY_PREVIEW     /* api_preview */
};

#define API_PARAMS_MAX 10
struct api_operation {
    const char *verb; /* with the type's kind behind it: its id */
    const char *method, *doc;
    enum api_place place; /* of namespaced types */
    enum api_body body;
    const char *params[API_PARAMS_MAX]; /* of the query, and headers */
    int success[2];
    enum api_reply reply;
    bool writes;
    const char *action; /* behind the name and ':'; NULL: none */
    unsigned types;     /* bits of those that have it; 0: all */
};
extern const struct api_operation api_operations[];
extern const size_t api_operations_len;

bool api_param_is_header(const char *name); /* of params */
bool api_operation_applies(const struct api_operation *op, const struct api_type *type);
const char *api_operation_verb(const struct api_operation *op, const struct api_type *type);
/* "/v1/clusters/{namespace}/{name}:pause"; owned. */
char *api_operation_give_path(const struct api_operation *op, const struct api_type *type);
/* The action of a type; NULL: it has none of that name. */
const struct api_operation *api_operation_find(const struct api_type *type, const char *action);

/* What the two actions of sets answer, and how much of it. */
#define SET_STATUS_FAILING_MAX 500
#define PREVIEW_CLUSTERS_MAX 500
extern const struct api_shape api_set_status, api_preview;

#endif
