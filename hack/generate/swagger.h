/*
 * swagger.h - the public description of every API version, made from the table of fields (pkg/api/model.h):
 * one OpenAPI 2.0 document and an example of each operation a version, and the types that they share with
 * other resource providers. Threads: pure.
 */
#ifndef HACK_GENERATE_SWAGGER_H
#define HACK_GENERATE_SWAGGER_H

#include <stddef.h>
#include <stdint.h>

#include "pkg/api/versions.h"
#include "pkg/base/json.h"

enum swagger_verb { SWAGGER_GET, SWAGGER_PUT, SWAGGER_PATCH, SWAGGER_DELETE, SWAGGER_POST };

enum swagger_flag {
    SWAGGER_SUBSCRIPTION = 1, /* parameters */
    SWAGGER_GROUP = 2,
    SWAGGER_NAME = 4,
    SWAGGER_LOCATION = 8,
    SWAGGER_PAGED = 16,
    SWAGGER_LONG = 32,    /* goes on after the reply */
    SWAGGER_CREATES = 64, /* 201, too */
};

struct swagger_operation {
    const char *id, *tag, *summary, *doc;
    enum swagger_verb verb;
    const char *path;
    uint32_t versions;
    unsigned flags;
    const char *request; /* definition of the body; NULL: none */
    const char *reply;   /* definition of the reply; NULL: 202 and 204 without one */
    const char *selector, *selector_doc; /* a parameter of the path's own; NULL: none */
};
extern const struct swagger_operation swagger_operations[];
extern const size_t swagger_operations_len;
const char *swagger_verb_name(enum swagger_verb verb); /* "get" */

/* All are owned by the caller. */
json *swagger_give_document(const struct api_version *v);
json *swagger_give_paths(const struct api_version *v);
json *swagger_give_definitions(const struct api_version *v);
json *swagger_give_example(const struct api_version *v, const struct swagger_operation *op);
/* Shared types, as "v3" has them: files types.json and, since v6, managedidentity.json. */
json *swagger_give_common(const char *set);
json *swagger_give_managed_identity(void);

/* The text of every file: path below the repository's root, text borrowed. Ends when visit fails. */
typedef int (*swagger_visit)(void *arg, const char *path, const char *text, struct error **err);
int swagger_each(swagger_visit visit, void *arg, struct error **err);

#endif
