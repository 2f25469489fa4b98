/*
 * client.h - the typed client's generated half, pkg/client/resources.[ch], from the table of fields (pkg/api/model.h) and
 * the table of operations (swagger.h). Its other half, pkg/client/codec.h and client_impl.h, says what the generated
 * tables mean. Threads: pure.
 */
#ifndef HACK_GENERATE_CLIENT_H
#define HACK_GENERATE_CLIENT_H

#include "hack/generate/client_names.h"
#include "hack/generate/swagger.h"
#include "pkg/api/model.h"
#include "pkg/base/buf.h"

/* As struct generated_file wants them. */
int client_make_header(const char *old, char **ret, struct error **err);
int client_make_source(const char *old, char **ret, struct error **err);

/* ---- the parts ---- */

/* client_types.c: structs, enumerations, and their tables. */
void client_add_type_declarations(struct buf *out);
void client_add_type_tables(struct buf *out);
/* The type of a definition: "OpenShiftClusterList" and "OpenShiftClusterUpdate" are clusters. */
const struct api_type *client_type_of(const char *definition);

/* client_operations.c */
void client_add_operation_declarations(struct buf *out);
void client_add_operations(struct buf *out);

/* client_names.c. Results are owned by the caller. Sets of public versions: "V_G | V_FROM(V_I)", and for readers "2023-07-01-preview, since 2023-11-22" ("" for all). */
char *client_give_version_set(uint32_t versions);
char *client_give_version_text(uint32_t versions);

#endif
