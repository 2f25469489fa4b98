/*
 * swagger.h - the description of the API, made from the tables: Swagger 2.0 and OpenAPI 3. It names the routes that
 * the server has, and nothing else.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_TYPES_SWAGGER_H
#define RP_SYNCSETS_TYPES_SWAGGER_H

#include "pkg/base/json.h"

enum swagger_form { SWAGGER_2_JSON, SWAGGER_2_YAML, SWAGGER_3_JSON };
char *sets_swagger_give(enum swagger_form form); /* ends with a line end; owned by the caller */
json *sets_swagger_give_tree(bool v3);

#endif
