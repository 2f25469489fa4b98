/*
 * maintenanceschedules.h - schedules that make maintenance manifests (COLL_MAINTENANCE_SCHEDULES).
 * Errors, ownership, threads: database.h.
 * Source: Azure/ARO-RP, pkg/database/mimo_maintenanceschedules.go.
 */
#ifndef PKG_DATABASE_MAINTENANCESCHEDULES_H
#define PKG_DATABASE_MAINTENANCESCHEDULES_H

#include "pkg/database/database.h"

/* tree is consumed; without an `id` one is made. ERR_PRECONDITION: the id is taken. ret may be NULL, here and in patch. */
int maintenanceschedules_create(const struct opctx *ctx, struct database *db, json *tree,
                                struct document *ret, struct error **err);
int maintenanceschedules_get(const struct opctx *ctx, struct database *db, const char *id,
                             struct document *ret, struct error **err);
int maintenanceschedules_patch(const struct opctx *ctx, struct database *db, const char *id,
                               document_mutate mutate, void *arg, struct document *ret,
                               struct error **err);
int maintenanceschedules_list(const struct opctx *ctx, struct database *db, size_t page,
                              const char *continuation, struct document_page *ret,
                              struct error **err);
/* Those in Enabled or Processing. */
int maintenanceschedules_list_valid(const struct opctx *ctx, struct database *db, size_t page,
                                    const char *continuation, struct document_page *ret,
                                    struct error **err);

#endif
